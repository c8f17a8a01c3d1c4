//! The sealed trail as a file, so that an auditor can recount every seal without this program.
//!
//! Each row has the entry as the database holds it, sealed columns and all, the seal before it and its own; behind them
//! stands in clear what the sealed columns say.

use std::io::{self, Write};

use base::clock::Millis;
use base::id::OrgId;
use db::{Db, DbError, OrgVault};
use web::download::Csv;
use web::time::JapanTime;

use crate::chain::{BEGINNING, Link, SealHash, hex};
use crate::store::{AUDIT_DETAIL, AUDIT_SOURCE, seals};

/// Links that are read at once.
const LINKS: i64 = 1_000;

const HEADINGS: [&str; 16] = [
    "順",
    "封印",
    "前の封印",
    "記録の番号",
    "時刻（UTCのミリ秒）",
    "職員の番号",
    "部署の番号",
    "接続元（暗号文）",
    "したこと",
    "結果",
    "対象の種類",
    "対象の番号",
    "内容（暗号文）",
    "日時（日本時間）",
    "接続元",
    "内容",
];

/// Why no file came of it.
#[derive(Debug, thiserror::Error)]
pub enum TrailFileError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The file.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// Writes every sealed entry from the first moment on and before the second. Says how many.
pub async fn write(
    db: &Db,
    org: OrgId,
    (from, until): (Millis, Millis),
    file: &mut (impl Write + Send),
) -> Result<u64, TrailFileError> {
    let vault = db.vault(org).await?;
    let (mut after, mut before, mut rows) = (0, BEGINNING, 0);
    file.write_all(&Csv::begin(HEADINGS).end())?;
    loop {
        let links = seals::links(db, org, after, LINKS).await?;
        let Some(last) = links.last() else { break };
        after = last.seq;
        let mut csv = Csv::empty();
        for link in &links {
            // Where the entry is gone its seal is told all the same, so that the next one can be recounted.
            let is_asked = link
                .entry
                .as_ref()
                .is_none_or(|entry| (from..until).contains(&entry.at));
            if is_asked {
                let cells = cells(link, &before, &vault);
                csv.row(cells.iter().map(String::as_str));
                rows += 1;
            }
            before = link.hash;
        }
        file.write_all(&csv.end())?;
    }
    file.flush()?;
    Ok(rows)
}

fn cells(link: &Link, before: &SealHash, vault: &OrgVault) -> [String; HEADINGS.len()] {
    let mut cells: [String; HEADINGS.len()] = Default::default();
    cells[0] = link.seq.to_string();
    cells[1] = hex(&link.hash);
    cells[2] = hex(before);
    cells[3] = link.entry_id.to_string();
    let Some(entry) = &link.entry else {
        cells[15].push_str("（消されています）");
        return cells;
    };
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let open = |field, sealed: &Option<String>| {
        let opened = |sealed: &String| vault.open(field, entry.id, sealed);
        let opened = sealed.as_ref().map(opened);
        opened
            .map(|text| text.unwrap_or_else(|_| "（読めません）".to_owned()))
            .unwrap_or_default()
    };
    cells[4] = entry.at.to_string();
    cells[5] = number(entry.staff);
    cells[6] = number(entry.office);
    cells[7] = entry.source_sealed.clone().unwrap_or_default();
    cells[8].clone_from(&entry.action);
    cells[9].clone_from(&entry.outcome);
    cells[10] = entry.subject_kind.clone().unwrap_or_default();
    cells[11] = number(entry.subject);
    cells[12] = entry.detail_sealed.clone().unwrap_or_default();
    cells[13] = JapanTime::from_millis(entry.at).machine();
    cells[14] = open(AUDIT_SOURCE, &entry.source_sealed);
    cells[15] = open(AUDIT_DETAIL, &entry.detail_sealed);
    cells
}
