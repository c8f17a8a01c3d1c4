//! Choices of columns, remembered: by office and layout, shared between offices, every version kept.
//!
//! An office that has not chosen for a layout gets the newest choice of any office, and is told whose it is. Beside
//! that stands the layout that each office used last, so that a list that looks different from the last one is
//! noticed before anything else.

use base::{
    clock::Millis,
    id::{MappingId, OfficeId, OrgId, StaffId},
};
use db::{Db, DbError, Field, OrgVault, Row, params};

use super::sealed::{open, seal};
use crate::layout::{Layout, LayoutKey, Mapping};

const MAPPING: Field = Field("layout_mappings.mapping");
const LAYOUT: Field = Field("last_layouts.layout");

db::statements! {
    ADD_MAPPING = "
        INSERT INTO layout_mappings (org_id, layout_index, office_id, version, mapping_id, mapping_sealed,
            chosen_by, chosen_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    NEWEST_OF_OFFICE = "
        SELECT office_id, version, mapping_id, mapping_sealed, chosen_by, chosen_at FROM layout_mappings
        WHERE org_id = $1 AND layout_index = $2 AND office_id = $3
        ORDER BY version DESC LIMIT 1";
    NEWEST_OF_ANY = "
        SELECT office_id, version, mapping_id, mapping_sealed, chosen_by, chosen_at FROM layout_mappings
        WHERE org_id = $1 AND layout_index = $2
        ORDER BY chosen_at DESC, mapping_id DESC LIMIT 1";
    VERSIONS = "
        SELECT office_id, version, mapping_id, mapping_sealed, chosen_by, chosen_at FROM layout_mappings
        WHERE org_id = $1 AND layout_index = $2
        ORDER BY chosen_at DESC, mapping_id DESC";
    SET_LAST = "
        INSERT INTO last_layouts (org_id, office_id, list_kind, layout_sealed, used_by, used_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (org_id, office_id, list_kind) DO UPDATE SET
            layout_sealed = excluded.layout_sealed, used_by = excluded.used_by, used_at = excluded.used_at";
    LAST = "
        SELECT layout_sealed, used_by, used_at FROM last_layouts
        WHERE org_id = $1 AND office_id = $2 AND list_kind = $3";
}

/// A remembered choice of columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remembered {
    /// What was chosen.
    pub mapping: Mapping,
    /// The office that chose it; another one than asked where that one has not chosen yet.
    pub office: OfficeId,
    /// Counts from 1 for each office and layout.
    pub version: i64,
    /// Who chose it.
    pub by: StaffId,
    /// When.
    pub at: Millis,
}

/// The layout that an office used last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LastLayout {
    /// Its headings.
    pub layout: Layout,
    /// Who used it.
    pub by: StaffId,
    /// When.
    pub at: Millis,
}

/// Remembers a choice for the lists of this layout. Gives its version: the present one where nothing is new.
pub async fn remember(
    db: &Db,
    org: OrgId,
    office: OfficeId,
    layout: &LayoutKey,
    mapping: Mapping,
    by: StaffId,
) -> Result<i64, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let index = index_of(&vault, layout);
    db.write(move |tx| {
        let (vault, index, mapping) = (vault.clone(), index.clone(), mapping.clone());
        Box::pin(async move {
            // Taking the number holds off whoever else wants to add a version.
            let id = MappingId::new(tx.take_numbers("layout_mappings", 1).await?);
            let newest = tx
                .query_opt(NEWEST_OF_OFFICE, params![org, index.as_str(), office])
                .await?
                .map(|row| remembered(&row, &vault))
                .transpose()?;
            let version = match newest {
                Some(newest) if newest.mapping == mapping => return Ok(newest.version),
                newest => newest.map_or(0, |newest| newest.version) + 1,
            };
            let sealed = seal(&vault, MAPPING, id.get(), &mapping);
            let row = params![org, index, office, version, id, sealed, by, now];
            tx.execute(ADD_MAPPING, row).await?;
            Ok(version)
        })
    })
    .await
}

/// What to take for a list of this layout: the office's own newest choice, else the newest of any office.
pub async fn recall(
    db: &Db,
    org: OrgId,
    office: OfficeId,
    layout: &LayoutKey,
) -> Result<Option<Remembered>, DbError> {
    let vault = db.vault(org).await?;
    let index = index_of(&vault, layout);
    let own = db
        .query_opt(NEWEST_OF_OFFICE, params![org, index.as_str(), office])
        .await?;
    let row = match own {
        Some(row) => Some(row),
        None => db.query_opt(NEWEST_OF_ANY, params![org, index]).await?,
    };
    row.map(|row| remembered(&row, &vault)).transpose()
}

/// Everything that was ever chosen for this layout by any office, newest first.
pub async fn versions(db: &Db, org: OrgId, layout: &LayoutKey) -> Result<Vec<Remembered>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(VERSIONS, params![org, index_of(&vault, layout)]).await?;
    rows.iter().map(|row| remembered(row, &vault)).collect()
}

/// Keeps the layout that an office has just used. `kind` tells apart lists that look different for good reason,
/// such as those for a first touch and those with results; it is a short word of ours and nothing personal.
pub async fn set_last_layout(
    db: &Db,
    org: OrgId,
    office: OfficeId,
    kind: &str,
    layout: &Layout,
    by: StaffId,
) -> Result<(), DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let row = params![
        org,
        office,
        kind.to_owned(),
        seal(&vault, LAYOUT, office.get(), layout),
        by,
        now
    ];
    db.write(move |tx| {
        let row = row.clone();
        Box::pin(async move { tx.execute(SET_LAST, row).await.map(|_| ()) })
    })
    .await
}

/// The layout that an office used last for lists of this kind; `None` before its first list.
pub async fn last_layout(
    db: &Db,
    org: OrgId,
    office: OfficeId,
    kind: &str,
) -> Result<Option<LastLayout>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(LAST, params![org, office, kind.to_owned()]).await?;
    row.map(|row| {
        Ok(LastLayout {
            layout: open(&vault, LAYOUT, office.get(), &row.get::<String>(0)?)?,
            by: row.get(1)?,
            at: row.get(2)?,
        })
    })
    .transpose()
}

fn index_of(vault: &OrgVault, layout: &LayoutKey) -> String {
    let headings: Vec<&[u8]> = layout.headings().iter().map(String::as_bytes).collect();
    vault.index("layout_mappings.layout", &headings)
}

fn remembered(row: &Row, vault: &OrgVault) -> Result<Remembered, DbError> {
    let id: MappingId = row.get(2)?;
    Ok(Remembered {
        office: row.get(0)?,
        version: row.get(1)?,
        mapping: open(vault, MAPPING, id.get(), &row.get::<String>(3)?)?,
        by: row.get(4)?,
        at: row.get(5)?,
    })
}
