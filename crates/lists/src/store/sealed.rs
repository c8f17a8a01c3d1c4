//! The sealed columns of lists: each bound to its column, its list and its line.

use std::collections::BTreeMap;

use base::id::ListId;
use db::{DbError, Field, OrgVault};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{choice::Choice, read::Understood, sheet::Sheet};

const FILE_NAME: Field = Field("line_lists.file_name");
const UNDERSTOOD: Field = Field("line_lists.understood");
const HEADINGS: Field = Field("line_lists.headings");
const CELLS: Field = Field("list_rows.cells");
const EXCLUDED_REASON: Field = Field("list_rows.excluded_reason");
const CHANGE: Field = Field("list_row_changes.change");
const FIELDS: Field = Field("line_lists.fields");
const CHOICE: Field = Field("list_choices.choice");

/// What was done to a row.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Cells were put right.
    Mended {
        /// Each of them.
        cells: Vec<CellChange>,
    },
    /// It was left out.
    Excluded {
        /// Why, in the person's words.
        reason: String,
    },
    /// It was taken in again.
    Included,
}

/// One cell that was put right.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CellChange {
    /// Its column, counted from 0.
    pub column: usize,
    /// What stood there.
    pub before: String,
    /// What stands there now.
    pub after: String,
}

/// Whether the row was hidden in its workbook, and its cells.
pub(super) type Cells = (bool, Vec<String>);

/// How a list was read.
#[derive(Serialize, Deserialize)]
pub(super) struct Reading {
    pub(super) understood: Understood,
    pub(super) strict_width: Option<usize>,
}

/// One number for list and line together, to which a row's values are bound.
fn row_of(list: ListId, line: u32) -> i64 {
    (list.get() << 32) | i64::from(line)
}

pub(super) fn seal<T: Serialize + ?Sized>(vault: &OrgVault, field: Field, row: i64, value: &T) -> String {
    let json = serde_json::to_string(value).expect("numbers and texts always become JSON");
    vault.seal(field, row, &json)
}

pub(super) fn open<T: DeserializeOwned>(
    vault: &OrgVault,
    field: Field,
    row: i64,
    sealed: &str,
) -> Result<T, DbError> {
    let json = vault.open(field, row, sealed)?;
    // The error would quote what is sealed.
    serde_json::from_str(&json).map_err(|_| DbError::Sealed(field.0))
}

pub(super) fn file_name(vault: &OrgVault, list: ListId, name: &str) -> String {
    vault.seal(FILE_NAME, list.get(), name)
}

pub(super) fn open_file_name(vault: &OrgVault, list: ListId, sealed: &str) -> Result<String, DbError> {
    vault.open(FILE_NAME, list.get(), sealed)
}

pub(super) fn reading(vault: &OrgVault, list: ListId, sheet: &Sheet) -> String {
    let reading = Reading {
        understood: sheet.understood.clone(),
        strict_width: sheet.strict_width,
    };
    seal(vault, UNDERSTOOD, list.get(), &reading)
}

pub(super) fn open_reading(vault: &OrgVault, list: ListId, sealed: &str) -> Result<Reading, DbError> {
    open(vault, UNDERSTOOD, list.get(), sealed)
}

pub(super) fn headings(vault: &OrgVault, list: ListId, headings: &[String]) -> String {
    seal(vault, HEADINGS, list.get(), headings)
}

pub(super) fn open_headings(vault: &OrgVault, list: ListId, sealed: &str) -> Result<Vec<String>, DbError> {
    open(vault, HEADINGS, list.get(), sealed)
}

pub(super) fn cells(vault: &OrgVault, list: ListId, line: u32, cells: &Cells) -> String {
    seal(vault, CELLS, row_of(list, line), cells)
}

pub(super) fn open_cells(vault: &OrgVault, list: ListId, line: u32, sealed: &str) -> Result<Cells, DbError> {
    open(vault, CELLS, row_of(list, line), sealed)
}

pub(super) fn reason(vault: &OrgVault, list: ListId, line: u32, reason: &str) -> String {
    vault.seal(EXCLUDED_REASON, row_of(list, line), reason)
}

pub(super) fn open_reason(
    vault: &OrgVault,
    list: ListId,
    line: u32,
    sealed: &str,
) -> Result<String, DbError> {
    vault.open(EXCLUDED_REASON, row_of(list, line), sealed)
}

pub(super) fn change(vault: &OrgVault, list: ListId, line: u32, change: &Change) -> String {
    seal(vault, CHANGE, row_of(list, line), change)
}

pub(super) fn open_change(
    vault: &OrgVault,
    list: ListId,
    line: u32,
    sealed: &str,
) -> Result<Change, DbError> {
    open(vault, CHANGE, row_of(list, line), sealed)
}

pub(super) fn choice(vault: &OrgVault, list: ListId, choice: &Choice) -> String {
    seal(vault, CHOICE, list.get(), choice)
}

pub(super) fn open_choice(vault: &OrgVault, list: ListId, sealed: &str) -> Result<Choice, DbError> {
    open(vault, CHOICE, list.get(), sealed)
}

pub(super) fn fields(vault: &OrgVault, list: ListId, fields: &BTreeMap<String, String>) -> String {
    seal(vault, FIELDS, list.get(), fields)
}

pub(super) fn open_fields(
    vault: &OrgVault,
    list: ListId,
    sealed: &str,
) -> Result<BTreeMap<String, String>, DbError> {
    open(vault, FIELDS, list.get(), sealed)
}
