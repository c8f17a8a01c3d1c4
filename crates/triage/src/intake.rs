//! Rows of a case list become notifications. Pure: nothing is stored here, and nothing is guessed.
//!
//! A column is meant by its heading alone, so that the order of columns does not matter; every cell is read by itself
//! and a value never leaves its row. What cannot be read stays unknown, which rules take to the careful side; it is
//! told in words, and as it was written it stands in the remarks, so that nothing of the list is lost.

mod cell;
mod columns;
mod headings;
mod illness;
mod names;
mod numbers;
mod place;
mod remarks;
#[cfg(test)]
mod tests;
mod vocabulary;

use base::date::CalendarDate;

pub use self::columns::{ColumnChoice, Columns, Meaning};
pub(crate) use self::columns::{is_unknown, spellings};
use crate::notification::{CaseNotification, RiskFactor};

/// What is to be known of a list before its rows are read.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// The day in Japan on which the list came in: a day without a year is the last such day before.
    pub received: CalendarDate,
    /// The name of the office whose list it is.
    pub office: String,
    /// Somebody typed it into the form of one person: what stands in the remarks answers no field.
    pub is_typed: bool,
}

/// What is said about one cell, or about the row as a whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Remark {
    /// The heading of the column; empty for the row as a whole.
    pub heading: String,
    /// The cell as it was written.
    pub cell: String,
    /// What is the matter, in a sentence.
    pub sentence: String,
    /// Whether the value was left unknown for it; otherwise it only is to be looked at.
    pub unread: bool,
}

impl Remark {
    /// A row that nobody sees in the file.
    pub fn hidden_row() -> Self {
        Self {
            heading: String::new(),
            cell: String::new(),
            sentence: "元のファイルで隠れている行です。登録してよい人か確かめてください。".to_owned(),
            unread: false,
        }
    }
}

/// Cells hold personal data.
impl std::fmt::Debug for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remark")
            .field("sentence", &self.sentence)
            .finish_non_exhaustive()
    }
}

/// What a row is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ReadRow {
    /// A person, and what is said about the row.
    Person(Box<CaseNotification>, Vec<Remark>),
    /// Nobody: a remark of the office, a heading in the middle, a name and nothing else.
    Nobody(&'static str),
}

impl Columns {
    /// Reads one row: `cell` gives its cell of a column, empty where there is none.
    pub fn read<'a>(&'a self, around: &Circumstances, cell: impl Fn(usize) -> &'a str) -> ReadRow {
        let columns = self.meanings().iter();
        read(
            around,
            columns.map(|(column, meaning)| (*meaning, self.heading(*column), cell(*column))),
        )
    }
}

/// Reads what was written of one person: what it means, what it was called, and what was written.
pub fn read<'a>(around: &Circumstances, cells: impl Iterator<Item = (Meaning, &'a str, &'a str)>) -> ReadRow {
    let mut reading = cell::Reading::new(around);
    for (meaning, heading, text) in cells {
        if !text.chars().all(base::merge::is_blank) {
            reading.take(meaning, heading, text);
        }
    }
    reading.end()
}

/// The words for a risk factor that are read back as that factor.
pub fn risk_words(factor: RiskFactor) -> &'static str {
    vocabulary::risk_words(factor)
}
