//! Putting people on the call list: who they are, and what is said afterwards.

use std::collections::HashMap;
use std::sync::Arc;

use base::id::{ListId, OrgId};
use base::merge::heading_key;
use lists::calls::{NewCall, add};
use lists::sheet::Sheet;
use lists::store::{KeptList, load_list};
use web::PageError;
use web::ui::Notice;

use super::{Desk, failed};

/// Entries of one write, so that a long list does not keep messages waiting.
const CHUNK: usize = 100;

/// Headings of a column that says who somebody is, best first.
const NAMES: [&str; 8] = [
    "氏名",
    "患者氏名",
    "対象者氏名",
    "受診者氏名",
    "お名前",
    "名前",
    "姓名",
    "name",
];

/// Enters all of them. Gives how many are new, and how many were there already.
pub(super) async fn add_all(desk: &Desk, org: OrgId, new: Vec<NewCall>) -> Result<(u32, u32), PageError> {
    let vault = desk.db.vault(org).await.map_err(failed)?;
    let (new, now) = (Arc::new(new), desk.db.now());
    let (mut added, mut before) = (0, 0);
    for start in (0..new.len()).step_by(CHUNK) {
        let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
        let written = desk.db.write(move |tx| {
            let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
            Box::pin(async move {
                let mut fresh = 0;
                let chunk = &new[start..new.len().min(start + CHUNK)];
                for one in chunk {
                    fresh += u32::from(add(tx, org, &vault, one, now).await?.is_new);
                }
                Ok((fresh, u32::try_from(chunk.len()).unwrap_or(u32::MAX) - fresh))
            })
        });
        let (fresh, known) = written.await.map_err(failed)?;
        added += fresh;
        before += known;
    }
    Ok((added, before))
}

/// What was put on the list, with exact numbers.
pub(super) fn told(added: u32, before: u32) -> Notice {
    match (added, before) {
        (0, 0) => Notice::info("電話リストに入れる人はいませんでした"),
        (0, before) => Notice::info(format!("{before}人は、すでに電話リストに入っています"))
            .text("新しく入れた人はいません。済ませた電話は、もう一度は入りません。"),
        (added, 0) => Notice::success(format!("{added}人を電話リストに入れました")),
        (added, before) => Notice::success(format!("{added}人を電話リストに入れました"))
            .text(format!("ほかの{before}人は、すでに入っています。")),
    }
}

/// What a list says of its people: names by row, where it has a column of names.
pub(super) struct People {
    names: HashMap<u32, String>,
    file_name: String,
}

impl People {
    /// The people of a list, if there is one; `file_name` is how it is called otherwise.
    pub(super) async fn of(
        desk: &Desk,
        org: OrgId,
        list: Option<ListId>,
        file_name: &str,
    ) -> Result<Self, PageError> {
        let kept = match list {
            Some(list) => load_list(&desk.db, org, list).await.map_err(failed)?,
            None => None,
        };
        Ok(Self {
            names: kept.as_ref().map(names).unwrap_or_default(),
            file_name: file_name.to_owned(),
        })
    }

    /// The person's name, or file and row.
    pub(super) fn label(&self, line: u32) -> String {
        match self.names.get(&line) {
            Some(name) => name.clone(),
            None => format!("{} {line}行目", self.file_name),
        }
    }
}

fn names(kept: &KeptList) -> HashMap<u32, String> {
    let Some(column) = name_column(&kept.sheet) else {
        return HashMap::new();
    };
    let sent = kept.sheet.rows().map(|row| (row.line(), row.cell(column)));
    let excluded = kept
        .excluded
        .iter()
        .filter_map(|row| Some((row.line, row.cells.get(column)?.as_str())));
    sent.chain(excluded)
        .map(|(line, name)| (line, name.trim().to_owned()))
        .filter(|(_, name)| !name.is_empty())
        .collect()
}

/// The column that says who somebody is, if one has such a heading.
fn name_column(sheet: &Sheet) -> Option<usize> {
    let keys: Vec<String> = sheet
        .headings()
        .iter()
        .map(|heading| heading_key(heading))
        .collect();
    NAMES
        .iter()
        .find_map(|name| keys.iter().position(|key| *key == heading_key(name)))
}
