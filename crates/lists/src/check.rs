//! Every row of a list judged: may it be sent, and if not, why.
//!
//! [`Checked`] is the one result behind `todoke check --json`, the check page and the sending itself. Written as
//! JSON its shape is kept stable.

mod row;

use std::collections::BTreeMap;

use base::{
    merge::MessageTemplate,
    phone::PhoneNumber,
    text::{self, Parts},
};
use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    code::{Code, Finding, Severity},
    columns::{Column, Columns, check_columns},
    problem::FileProblem,
    sheet::Sheet,
};

/// A list that was checked.
#[derive(Debug, Serialize)]
pub struct Checked {
    /// Counts.
    pub summary: Summary,
    /// Which column was taken for what; `None` when the list was refused.
    pub columns: UsedColumns,
    /// What concerns the list as a whole.
    pub findings: Vec<Finding>,
    /// Every row that holds anything, in the order of the file.
    pub rows: Vec<CheckedRow>,
}

/// Counts of rows.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct Summary {
    /// All rows.
    pub rows: usize,
    /// Rows that will be sent.
    pub sendable: usize,
    /// Rows with an error: not sent.
    pub errors: usize,
    /// Rows that say the same to the same number as an earlier one: not sent again.
    pub duplicates: usize,
    /// Rows with a warning.
    pub warnings: usize,
    /// Rows with a notice.
    pub notices: usize,
    /// Parts of all rows that will be sent, at each carrier if all were there.
    pub parts: PartTotals,
    /// Rows by code.
    pub codes: BTreeMap<&'static str, usize>,
}

/// Sums of parts at each carrier.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize)]
pub struct PartTotals {
    /// At NTT docomo.
    pub docomo: usize,
    /// At KDDI.
    pub au: usize,
    /// At `SoftBank`.
    pub softbank: usize,
    /// At Rakuten Mobile.
    pub rakuten: usize,
}

/// The columns that were used.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize)]
pub struct UsedColumns {
    /// Column of the numbers.
    pub to: Option<Column>,
    /// Column of each merge field.
    pub fields: Vec<UsedField>,
    /// All headings of the list, in order.
    pub headings: Vec<String>,
}

/// A merge field and its column.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct UsedField {
    /// As the template says it.
    pub field: String,
    /// Where its values come from.
    #[serde(flatten)]
    pub column: Column,
}

/// One row.
pub struct CheckedRow {
    /// The row number that Excel shows.
    pub line: u32,
    /// The number; `None` when the cell has none that an SMS reaches.
    pub phone: Option<PhoneNumber>,
    /// The merged text; `None` when a value is missing. It is there even when the number is not.
    pub text: Option<String>,
    /// Length of the text in UTF-16 units; 0 without a text.
    pub utf16: usize,
    /// Parts of the text; 0 without a text.
    pub parts: Parts,
    /// Everything that was found, errors first.
    pub problems: Vec<Problem>,
    /// Row number of the earlier row that says the same to the same number.
    pub repeats: Option<u32>,
}

/// One thing that was found in a row.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    /// What it is; the severity follows from it.
    pub code: Code,
    /// Heading of the column it is in; `None` when it concerns the whole row.
    pub column: Option<String>,
    /// The cell as it was typed.
    pub before: Option<String>,
    /// What it was repaired to.
    pub after: Option<String>,
    /// What happened and what to do, in Japanese.
    pub message: String,
}

/// What will happen to a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It is sent.
    Send,
    /// It has an error and is not sent.
    Blocked,
    /// An earlier row of the list, by this number, says the same to the same person; sent once.
    Repeat(u32),
}

/// A row as the sending takes it.
#[derive(Clone, Copy)]
pub struct Sendable<'a> {
    /// The row number that Excel shows.
    pub line: u32,
    /// Whom to send to.
    pub phone: PhoneNumber,
    /// What to send.
    pub text: &'a str,
    /// Parts of the text.
    pub parts: Parts,
}

/// Checks every row of a list, or says why the columns do not fit.
pub fn check(sheet: &Sheet, to: &str, template: &MessageTemplate) -> Result<Checked, Vec<FileProblem>> {
    check_columns(sheet, to, template).map(|columns| check_with(sheet, &columns, template))
}

/// Checks every row of a list whose columns were chosen, as by [`crate::layout::Mapping::apply`] for the fields of
/// this very template.
pub fn check_with(sheet: &Sheet, columns: &Columns, template: &MessageTemplate) -> Checked {
    let desk = row::Desk::new(sheet, columns, template);
    let mut rows: Vec<CheckedRow> = sheet.rows().map(|parsed| desk.check(parsed)).collect();
    row::compare(&mut rows);
    for row in &mut rows {
        row.problems
            .sort_by_key(|problem| std::cmp::Reverse(problem.severity()));
    }
    let mut findings = sheet.understood().findings.clone();
    findings.extend(failed_formulas(sheet, columns));
    let used = UsedColumns {
        to: Some(sheet.column(columns.to)),
        fields: template
            .fields()
            .iter()
            .zip(&columns.fields)
            .map(|(field, column)| UsedField {
                field: field.clone(),
                column: sheet.column(*column),
            })
            .collect(),
        headings: sheet.headings().to_vec(),
    };
    Checked {
        summary: Summary::of(&rows),
        columns: used,
        findings,
        rows,
    }
}

impl Checked {
    /// The same document for a list that cannot be checked: its findings say why, and it has no rows.
    pub fn refused(problems: &[FileProblem]) -> Self {
        Self {
            summary: Summary::default(),
            columns: UsedColumns::default(),
            findings: problems.iter().map(FileProblem::finding).collect(),
            rows: Vec::new(),
        }
    }

    /// The rows that will be sent, in the order of the file.
    pub fn sendable(&self) -> impl Iterator<Item = Sendable<'_>> {
        self.rows.iter().filter_map(CheckedRow::sendable)
    }
}

impl CheckedRow {
    /// What will happen to it.
    pub fn standing(&self) -> Standing {
        if self
            .problems
            .iter()
            .any(|problem| problem.severity() == Severity::Error)
        {
            Standing::Blocked
        } else {
            self.repeats.map_or(Standing::Send, Standing::Repeat)
        }
    }

    /// The row as the sending takes it, if it is sent.
    pub fn sendable(&self) -> Option<Sendable<'_>> {
        if self.standing() != Standing::Send {
            return None;
        }
        Some(Sendable {
            line: self.line,
            phone: self.phone?,
            text: self.text.as_deref()?,
            parts: self.parts,
        })
    }
}

impl Problem {
    /// Follows from the code.
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// The text may name somebody: the debug form gives its length.
impl std::fmt::Debug for CheckedRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckedRow")
            .field("line", &self.line)
            .field("phone", &self.phone)
            .field("utf16", &self.utf16)
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

/// Cells and messages hold what people typed: the debug form leaves them out.
impl std::fmt::Debug for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Problem")
            .field("code", &self.code)
            .field("column", &self.column)
            .finish_non_exhaustive()
    }
}

impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Problem", 6)?;
        object.serialize_field("code", &self.code)?;
        object.serialize_field("severity", &self.severity())?;
        object.serialize_field("column", &self.column)?;
        object.serialize_field("before", &self.before)?;
        object.serialize_field("after", &self.after)?;
        object.serialize_field("message", &self.message)?;
        object.end()
    }
}

impl Serialize for CheckedRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("CheckedRow", 6)?;
        object.serialize_field("line", &self.line)?;
        object.serialize_field("phone", &self.phone)?;
        object.serialize_field("text", &self.text)?;
        object.serialize_field("utf16", &self.utf16)?;
        object.serialize_field("parts", &self.parts)?;
        object.serialize_field("problems", &self.problems)?;
        object.end()
    }
}

impl Summary {
    fn of(rows: &[CheckedRow]) -> Self {
        let mut summary = Self {
            rows: rows.len(),
            ..Self::default()
        };
        for row in rows {
            match row.standing() {
                Standing::Send => {
                    summary.sendable += 1;
                    summary.parts.add(row.parts);
                }
                Standing::Blocked => summary.errors += 1,
                Standing::Repeat(_) => summary.duplicates += 1,
            }
            let has = |severity: Severity| row.problems.iter().any(|problem| problem.severity() == severity);
            summary.warnings += usize::from(has(Severity::Warning));
            summary.notices += usize::from(has(Severity::Notice));
            let mut codes: Vec<&str> = row.problems.iter().map(|problem| problem.code.code()).collect();
            codes.sort_unstable();
            codes.dedup();
            for code in codes {
                *summary.codes.entry(code).or_default() += 1;
            }
        }
        summary
    }
}

impl PartTotals {
    fn add(&mut self, parts: Parts) {
        self.docomo += usize::from(parts.docomo);
        self.au += usize::from(parts.au);
        self.softbank += usize::from(parts.softbank);
        self.rakuten += usize::from(parts.rakuten);
    }
}

/// Formulas that failed in columns that this list does not need: worth a look, no reason to stop.
fn failed_formulas(sheet: &Sheet, columns: &Columns) -> Vec<Finding> {
    let mut lines: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for parsed in sheet.rows() {
        for (column, cell) in parsed.cells().enumerate() {
            if cell.starts_with('#')
                && row::is_cell_error(cell)
                && column != columns.to
                && !columns.fields.contains(&column)
            {
                lines.entry(column).or_default().push(parsed.line());
            }
        }
    }
    lines
        .into_iter()
        .map(|(column, lines)| {
            let Column { heading, letters } = sheet.column(column);
            let message = format!(
                "{letters}列「{heading}」の{}行で数式がエラーになっています。送る文面には使わない列ですが、元の表を確かめてください。",
                lines.len()
            );
            Finding::at(Code::ColumnErrors, message, lines)
        })
        .collect()
}

/// Text and what follows from it.
fn measure(merged: Option<String>) -> (Option<String>, usize, Parts) {
    let utf16 = merged.as_deref().map_or(0, text::utf16_len);
    let parts = merged.as_deref().map_or_else(Parts::default, text::parts);
    (merged, utf16, parts)
}
