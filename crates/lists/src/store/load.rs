//! A kept list opened again: its rows come in pages, and while the next page is asked for, the ones before are
//! deciphered on every core. At any time a few pages are in memory besides the list itself. The lists that were looked
//! at last stay open for a while (`shelf.rs`).

use std::{collections::VecDeque, sync::Arc};

use base::id::{ListId, OrgId};
use db::vault::ERASED;
use db::{Db, DbError, OrgVault, Row, params};
use tokio::task::JoinHandle;

use super::{
    ExcludedRow, KeptList, LIST, ListHead, ROW_CHANGES, ROWS, head_of, sealed,
    shelf::{self, OpenList, Place},
};
use crate::sheet::{Sheet, Table};

/// Rows that are asked for at once.
const PAGE: usize = 4_000;
/// Pages that are deciphered at the same time.
const PAGES: usize = 4;

/// One list with its rows as they stand now.
pub async fn load_list(db: &Db, org: OrgId, id: ListId) -> Result<Option<KeptList>, DbError> {
    let vault = db.vault(org).await?;
    let Some(row) = db.query_opt(LIST, params![org, id]).await? else {
        return Ok(None);
    };
    let head = head_of(&row, &vault)?;
    if row.get::<String>(13)? == ERASED {
        return Ok(None);
    }
    let reading = sealed::open_reading(&vault, id, &row.get::<String>(13)?)?;
    let headings = sealed::open_headings(&vault, id, &row.get::<String>(14)?)?;
    // Asked for before the rows: what is remembered may be newer than it says, never older.
    let row = db.query_opt(ROW_CHANGES, params![org, id]).await?;
    let changes: u32 = row.map_or(Ok(0), |row| row.get(0))?;
    let place = Place {
        database: db.instance(),
        org,
        list: id,
        changes,
    };
    if let Some(known) = shelf::take(&place) {
        return Ok(Some(kept(head, &known)));
    }
    let Opened { mut table, excluded } = rows(db, org, id, &vault).await?;
    table.close();
    let sheet = Sheet::restored(reading.understood, headings, reading.strict_width, table);
    let known = OpenList {
        sheet: Arc::new(sheet),
        excluded: Arc::new(excluded),
    };
    shelf::put(place, known.clone());
    Ok(Some(kept(head, &known)))
}

fn kept(head: ListHead, known: &OpenList) -> KeptList {
    KeptList {
        head,
        sheet: Arc::clone(&known.sheet),
        excluded: known.excluded.to_vec(),
    }
}

#[derive(Default)]
struct Opened {
    table: Table,
    excluded: Vec<ExcludedRow>,
}

async fn rows(db: &Db, org: OrgId, id: ListId, vault: &Arc<OrgVault>) -> Result<Opened, DbError> {
    let most = i64::try_from(PAGE).expect("a page is small");
    let (mut opened, mut under_way) = (Opened::default(), VecDeque::new());
    let mut after: i64 = -1;
    loop {
        let page = db.query(ROWS, params![org, id, after, most]).await?;
        let is_last = page.len() < PAGE;
        if let Some(last) = page.last() {
            after = last.get(0)?;
            let vault = Arc::clone(vault);
            under_way.push_back(tokio::task::spawn_blocking(move || open(&vault, id, &page)));
        }
        while under_way.len() >= PAGES || is_last {
            let Some(first) = under_way.pop_front() else {
                return Ok(opened);
            };
            opened.take(first).await?;
        }
    }
}

/// A row as it stands in its table, deciphered.
struct OpenRow {
    line: u32,
    hidden: bool,
    cells: Vec<String>,
    reason: Option<String>,
}

fn open(vault: &OrgVault, id: ListId, page: &[Row]) -> Result<Vec<OpenRow>, DbError> {
    let row = |row: &Row| {
        let line: u32 = row.get(0)?;
        let (hidden, cells) = sealed::open_cells(vault, id, line, &row.get::<String>(1)?)?;
        let reason: Option<String> = row.get(2)?;
        let reason = reason.map(|reason| sealed::open_reason(vault, id, line, &reason));
        Ok(OpenRow {
            line,
            hidden,
            cells,
            reason: reason.transpose()?,
        })
    };
    page.iter().map(row).collect()
}

impl Opened {
    async fn take(&mut self, page: JoinHandle<Result<Vec<OpenRow>, DbError>>) -> Result<(), DbError> {
        let page = page
            .await
            .map_err(|error| DbError::Unavailable(error.to_string()))??;
        for OpenRow {
            line,
            hidden,
            cells,
            reason,
        } in page
        {
            match reason {
                Some(reason) => self.excluded.push(ExcludedRow { line, cells, reason }),
                None => self
                    .table
                    .keep_row(line, hidden, &cells)
                    .map_err(|problem| DbError::Statement(problem.code().code().to_owned()))?,
            }
        }
        Ok(())
    }
}
