//! Uploaded lists: kept as they were read, mended row by row, left out row by row, withdrawn.
//!
//! What stands in a list is personal. The name of its file, its headings, its cells, what was understood of it
//! (sheets may be named after people) and the reasons for leaving rows out are sealed (`store/sealed.rs`); a row knows
//! its list and line only. A row that is changed keeps what it was: who, when, before and after.
//!
//! A list that is loaded is a [`Sheet`] again, so that kept rows go through the same check as a fresh file.

mod background;
pub mod call_ends;
pub mod call_figures;
pub mod call_work;
pub mod calls;
mod choices;
pub mod contact_of;
pub mod contacts;
pub mod erase;
pub mod files;
pub mod import;
pub mod layouts;
mod load;
pub mod numbers;
pub mod remember;
mod rows;
mod sealed;
mod shelf;
pub mod since;

use std::{collections::BTreeMap, sync::Arc};

use base::{
    clock::Millis,
    id::{ListId, OfficeId, OrgId, StaffId, TemplateId},
};
use db::{Db, DbError, OrgVault, Row, params};

pub use background::background;
pub use choices::{choices, choose};
pub use load::load_list;
pub use rows::{RowAnswer, RowChange, RowWish, change_row, row_changes};
pub use sealed::{CellChange, Change};

use crate::{layout::Mapping, sheet::Sheet};

db::statements! {
    INSERT_LIST = "
        INSERT INTO line_lists (org_id, list_id, office_id, file_name_sealed, understood_sealed,
            headings_sealed, row_count, to_column, template_id, template_version, uploaded_by, uploaded_at,
            role, reference_id, fields_sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    INSERT_ROWS = "
        INSERT INTO list_rows (org_id, list_id, line, cells_sealed)
        SELECT $1, $2, CAST(each.value ->> 0 AS {bigint}), each.value ->> 1 FROM {each $3}";
    LIST = "
        SELECT list_id, office_id, file_name_sealed, row_count, to_column, template_id, template_version,
            uploaded_by, uploaded_at, withdrawn_at, role, reference_id, fields_sealed,
            understood_sealed, headings_sealed
        FROM line_lists WHERE org_id = $1 AND list_id = $2";
    LISTS_BETWEEN = "
        SELECT list_id, office_id, file_name_sealed, row_count, to_column, template_id, template_version,
            uploaded_by, uploaded_at, withdrawn_at, role, reference_id, fields_sealed
        FROM line_lists
        WHERE org_id = $1 AND uploaded_at >= $2 AND uploaded_at < $3 AND withdrawn_at IS NULL
            AND office_id = COALESCE($4, office_id) AND role = $5
        ORDER BY uploaded_at DESC, list_id DESC";
    ROW_CHANGES = "SELECT COUNT(*) FROM list_row_changes WHERE org_id = $1 AND list_id = $2";
    ROWS = "
        SELECT line, cells_sealed, excluded_reason_sealed FROM list_rows
        WHERE org_id = $1 AND list_id = $2 AND line > $3 ORDER BY line LIMIT $4";
    SET_SETTINGS = "
        UPDATE line_lists SET to_column = $3, template_id = $4, template_version = $5, fields_sealed = $6
        WHERE org_id = $1 AND list_id = $2 AND withdrawn_at IS NULL";
    SET_REFERENCE = "
        UPDATE line_lists SET reference_id = $3
        WHERE org_id = $1 AND list_id = $2 AND withdrawn_at IS NULL";
    WITHDRAW = "
        UPDATE line_lists SET withdrawn_by = $3, withdrawn_at = $4
        WHERE org_id = $1 AND list_id = $2 AND withdrawn_at IS NULL";
}

/// Every statement of lists by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    ALL.iter()
        .chain(call_ends::ALL)
        .chain(contact_of::ALL)
        .chain(call_figures::ALL)
        .chain(calls::ALL)
        .chain(choices::ALL)
        .chain(contacts::ALL)
        .chain(erase::ALL)
        .chain(files::ALL)
        .chain(import::ALL)
        .chain(layouts::ALL)
        .chain(numbers::ALL)
        .chain(rows::ALL)
        .chain(since::ALL)
}

/// Rows that are inserted by one statement; bounds the memory of a large list.
const CHUNK: usize = 1_000;

/// What a person chose for a list.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Settings {
    /// Heading of the column of numbers; `None` until it is certain.
    pub to: Option<String>,
    /// Headings of the columns that merge fields are taken from, by field, where they are not its name.
    pub fields: BTreeMap<String, String>,
    /// Message template and its version; `None` until one is chosen.
    pub template: Option<(TemplateId, i64)>,
}

/// What an uploaded list is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Its people are written to.
    List,
    /// The source system's own export: lists are compared with it.
    Reference,
    /// Its people become cases; nobody is written to from it.
    Cases,
}

impl Role {
    /// The word in the database.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Reference => "reference",
            Self::Cases => "cases",
        }
    }

    pub(crate) fn from_word(word: &str) -> Self {
        match word {
            "reference" => Self::Reference,
            "cases" => Self::Cases,
            _ => Self::List,
        }
    }
}

impl Settings {
    /// The same as a mapping; `None` without a column of numbers.
    pub fn mapping(&self) -> Option<Mapping> {
        let mapping = Mapping::new(self.to.clone()?);
        let fields = self.fields.iter();
        Some(fields.fold(mapping, |mapping, (field, heading)| {
            mapping.with_field(field, heading)
        }))
    }
}

/// A list about to be kept.
pub struct NewList {
    /// What it is for.
    pub role: Role,
    /// The reference that was given with it.
    pub reference: Option<ListId>,
    /// Whose list it is.
    pub office: OfficeId,
    /// What was read.
    pub sheet: Sheet,
    /// What is chosen already.
    pub settings: Settings,
    /// Who uploaded it.
    pub by: StaffId,
}

/// A kept list without its rows.
#[derive(Clone)]
pub struct ListHead {
    /// Its number.
    pub id: ListId,
    /// The office it belongs to.
    pub office: OfficeId,
    /// The name that the file came under.
    pub file_name: String,
    /// Rows that were read, those that are left out included.
    pub rows: u32,
    /// What was chosen.
    pub settings: Settings,
    /// Who uploaded it.
    pub uploaded_by: StaffId,
    /// When.
    pub uploaded_at: Millis,
    /// Since when it is withdrawn.
    pub withdrawn_at: Option<Millis>,
    /// What it is for.
    pub role: Role,
    /// The reference beside it.
    pub reference: Option<ListId>,
}

/// A kept list with its rows.
pub struct KeptList {
    /// Everything but the rows.
    pub head: ListHead,
    /// The rows that are not left out, as they stand now. The same piece of memory as before, if none has changed
    /// and it is still remembered.
    pub sheet: Arc<Sheet>,
    /// The rows that a person left out.
    pub excluded: Vec<ExcludedRow>,
}

/// A row that a person left out.
#[derive(Clone)]
pub struct ExcludedRow {
    /// The row number that Excel shows.
    pub line: u32,
    /// Its cells.
    pub cells: Vec<String>,
    /// Why, in the person's words.
    pub reason: String,
}

/// Keeps a list with all its rows, or nothing of it.
pub async fn add_list(db: &Db, org: OrgId, new: NewList) -> Result<ListId, DbError> {
    let id = db
        .write(|tx| Box::pin(tx.take_numbers("lists", 1)))
        .await
        .map(ListId::new)?;
    let (vault, now) = (db.vault(org).await?, db.now());
    // Sealing a large list takes a while: not in the way of other requests, nor of other writes.
    let (head, rows) = off_the_path(move || {
        let rows = (0..new.sheet.len()).step_by(CHUNK);
        let rows: Vec<String> = rows
            .map(|from| sealed_rows(&vault, id, &new.sheet, from))
            .collect();
        (head_params(&vault, org, id, &new, now), Arc::new(rows))
    })
    .await?;
    db.write(move |tx| {
        let (head, rows) = (head.clone(), Arc::clone(&rows));
        Box::pin(async move {
            tx.execute(INSERT_LIST, head).await?;
            for chunk in rows.iter() {
                tx.execute(INSERT_ROWS, params![org, id, chunk.as_str()]).await?;
            }
            Ok(())
        })
    })
    .await?;
    Ok(id)
}

/// A list without its rows, as [`INSERT_LIST`] takes it.
fn head_params(vault: &OrgVault, org: OrgId, id: ListId, new: &NewList, at: Millis) -> Vec<db::Value> {
    let NewList {
        role,
        reference,
        office,
        sheet,
        settings,
        by,
    } = new;
    let (template, version) = settings.template.unzip();
    params![
        org,
        id,
        *office,
        sealed::file_name(vault, id, &sheet.understood.file_name),
        sealed::reading(vault, id, sheet),
        sealed::headings(vault, id, &sheet.headings),
        i64::try_from(sheet.len()).unwrap_or(i64::MAX),
        settings.to.clone(),
        template,
        version,
        *by,
        at,
        role.as_str(),
        *reference,
        sealed::fields(vault, id, &settings.fields),
    ]
}

/// [`CHUNK`] rows from this place on, as [`INSERT_ROWS`] takes them.
fn sealed_rows(vault: &OrgVault, id: ListId, sheet: &Sheet, from: usize) -> String {
    let rows = sheet.rows().skip(from).take(CHUNK);
    let sealed = rows.map(|row| {
        // Empty cells at its end tell that its values have slipped.
        let kept = sheet.strict_width.map_or(row.len(), |_| row.width());
        let cells = (0..kept).map(|column| row.cell(column).to_owned()).collect();
        let cells = sealed::cells(vault, id, row.line(), &(row.hidden(), cells));
        (row.line(), cells)
    });
    json(&sealed.collect::<Vec<_>>())
}

/// One list without its rows.
pub async fn list_head(db: &Db, org: OrgId, id: ListId) -> Result<Option<ListHead>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(LIST, params![org, id]).await?;
    row.map(|row| head_of(&row, &vault)).transpose()
}

/// Lists uploaded in `[from, to)` and not withdrawn, newest first; of one office, or of all. Which of them were
/// sent is known to whoever keeps broadcasts.
pub async fn lists_between(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    from: Millis,
    to: Millis,
) -> Result<Vec<ListHead>, DbError> {
    uploaded_between(db, org, office, from, to, Role::List).await
}

/// References uploaded in `[from, to)` and not withdrawn, newest first; of one office, or of all.
pub async fn references_between(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    from: Millis,
    to: Millis,
) -> Result<Vec<ListHead>, DbError> {
    uploaded_between(db, org, office, from, to, Role::Reference).await
}

async fn uploaded_between(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    from: Millis,
    to: Millis,
    role: Role,
) -> Result<Vec<ListHead>, DbError> {
    let vault = db.vault(org).await?;
    let params = params![org, from, to, office, role.as_str()];
    let rows = db.query(LISTS_BETWEEN, params).await?;
    rows.iter().map(|row| head_of(row, &vault)).collect()
}

fn head_of(row: &Row, vault: &OrgVault) -> Result<ListHead, DbError> {
    let id: ListId = row.get(0)?;
    let template: Option<TemplateId> = row.get(5)?;
    let version: Option<i64> = row.get(6)?;
    Ok(ListHead {
        id,
        office: row.get(1)?,
        file_name: sealed::open_file_name(vault, id, &row.get::<String>(2)?)?,
        rows: row.get(3)?,
        settings: Settings {
            to: row.get(4)?,
            fields: row
                .get::<Option<String>>(12)?
                .map(|fields| sealed::open_fields(vault, id, &fields))
                .transpose()?
                .unwrap_or_default(),
            template: template.zip(version),
        },
        uploaded_by: row.get(7)?,
        uploaded_at: row.get(8)?,
        withdrawn_at: row.get(9)?,
        role: Role::from_word(&row.get::<String>(10)?),
        reference: row.get(11)?,
    })
}

/// Chooses columns and template. `false` if there is no such list or it is withdrawn.
pub async fn set_settings(db: &Db, org: OrgId, id: ListId, settings: Settings) -> Result<bool, DbError> {
    let fields = sealed::fields(&*db.vault(org).await?, id, &settings.fields);
    db.write(move |tx| {
        let (template, version) = settings.template.unzip();
        let params = params![org, id, settings.to.clone(), template, version, fields.as_str()];
        Box::pin(async move { Ok(tx.execute(SET_SETTINGS, params).await? == 1) })
    })
    .await
}

/// Puts a reference beside a list, or takes it away. `false` if there is no such list or it is withdrawn.
pub async fn set_reference(
    db: &Db,
    org: OrgId,
    id: ListId,
    reference: Option<ListId>,
) -> Result<bool, DbError> {
    db.write(move |tx| {
        Box::pin(async move { Ok(tx.execute(SET_REFERENCE, params![org, id, reference]).await? == 1) })
    })
    .await
}

/// Takes a list off the desk; its rows and their history stay, the file it came in is erased. `false` if there is none or it was withdrawn.
pub async fn withdraw(db: &Db, org: OrgId, id: ListId, by: StaffId) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            files::erase_of_list(tx, org, id).await?;
            Ok(tx.execute(WITHDRAW, params![org, id, by, now]).await? == 1)
        })
    })
    .await
}

/// Rows and numbers as a statement takes many of them.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("numbers and texts always become JSON")
}

/// Runs work that takes a while where it holds nobody up.
async fn off_the_path<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DbError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| DbError::Unavailable(error.to_string()))
}
