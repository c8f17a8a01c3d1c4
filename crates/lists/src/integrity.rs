//! Row integrity: a value never leaves its row.
//!
//! A column that slipped by one row in a spreadsheet sends everybody somebody else's ID, and every single row still
//! looks right. Three means find it, none of which knows the others:
//!
//! - [`against_reference`] compares the list with the source system's own export, row by row.
//! - [`against_known`] compares it with who was seen with which number and ID in earlier lists.
//! - [`inner_evidence`] has nothing but the list itself.
//!
//! **Sign of an offset**: positive when values stand that many rows *below* where they belong (the third person's ID
//! beside the fourth person's number is +1), negative when above. It always speaks of the columns in
//! [`IntegrityFinding::columns`]; of two columns that contradict each other and nothing else, the telephone number is
//! taken to stand where it should, because it decides who gets the message.
//!
//! What this is not: it does not know whether a value is true, only whether it stands beside the values that it stood
//! beside in the source. A reference that is wrong in the same way is not noticed.

mod explain;
mod grid;
mod inner;
mod known;
mod pairing;
mod readings;
mod reference;
mod rows;
mod value;
mod words;

use serde::{Deserialize, Serialize};

pub use inner::inner_evidence;
pub use known::{KnownHeadings, against_known};
pub use reference::against_reference;

use crate::code::{Code, Finding, Severity};

/// One thing that is wrong with the rows.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IntegrityFinding {
    /// What it is.
    pub code: Code,
    /// Follows from the code.
    pub severity: Severity,
    /// What happened and what to do, in Japanese.
    pub message: String,
    /// Whether the whole list stops or only [`IntegrityFinding::lines`].
    pub scope: Scope,
    /// Headings of the columns whose values stand in the wrong rows.
    pub columns: Vec<String>,
    /// Rows that the values stand below where they belong; negative if above. Only of `integrity.shifted`.
    pub offset: Option<i32>,
    /// The first wrong row, by the number that Excel shows.
    pub from_line: Option<u32>,
    /// The last wrong row, counted the same way.
    #[serde(default)]
    pub to_line: Option<u32>,
    /// The wrong rows, at most [`Finding::MAX_LINES`] of them. Pairs of swapped rows stand one after the other.
    pub lines: Vec<u32>,
    /// How many rows are wrong.
    pub count: usize,
    /// How well the columns would fit if they were moved.
    pub rates: Vec<Rate>,
    /// Share of rows, 0 to 1, that would fit if the sorted column stood in the order of the source again. Only of
    /// `integrity.sorted`.
    #[serde(default)]
    pub sorted_rate: Option<f64>,
    /// Headings of the values in [`IntegrityFinding::examples`].
    pub shown: Vec<String>,
    /// Up to five of the rows beside what the source says.
    pub examples: Vec<SideBySide>,
}

/// What a finding stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everything.
    List,
    /// The rows it names.
    Rows,
}

/// Share of rows that would fit.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Rate {
    /// If the columns were moved up by so many rows (down if negative); 0 is the list as it stands.
    pub shift: i32,
    /// 0 to 1, of the rows that could be compared.
    pub rate: f64,
}

/// One row of the list and the same person in the source.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideBySide {
    /// The row number that Excel shows.
    pub line: u32,
    /// Cells of the list.
    pub list: Vec<String>,
    /// Cells of the source; empty strings where it has none.
    pub reference: Vec<String>,
}

/// A list beside its source.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Compared {
    /// What could be compared.
    pub comparison: Comparison,
    /// What is wrong, errors first. Empty for a clean list.
    pub findings: Vec<IntegrityFinding>,
}

/// How far the comparison reached.
#[derive(Clone, PartialEq, Default, Debug, Serialize)]
pub struct Comparison {
    /// Rows of the list.
    pub rows: usize,
    /// Rows whose person was found in the source.
    pub matched: usize,
    /// Rows in which at least two columns could be held against the source.
    pub compared: usize,
    /// Rows with no contradiction, as a share of those compared; 1 if none was.
    pub match_rate: f64,
    /// Columns of the list and of the source that hold the same values.
    pub columns: Vec<PairedColumn>,
    /// Rows that are not in the source, at most [`Finding::MAX_LINES`] of them.
    pub unmatched_lines: Vec<u32>,
}

/// A column of the list and its partner in the source.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PairedColumn {
    /// Heading in the list.
    pub list: String,
    /// Heading in the source.
    pub reference: String,
}

impl IntegrityFinding {
    fn new(code: Code, scope: Scope, message: String) -> Self {
        Self {
            code,
            severity: code.severity(),
            message,
            scope,
            columns: Vec::new(),
            offset: None,
            from_line: None,
            to_line: None,
            lines: Vec::new(),
            count: 0,
            rates: Vec::new(),
            sorted_rate: None,
            shown: Vec::new(),
            examples: Vec::new(),
        }
    }

    /// Sets the wrong rows and what follows from them.
    fn at(mut self, lines: &[u32]) -> Self {
        self.count = lines.len();
        self.from_line = lines.iter().min().copied();
        self.to_line = lines.iter().max().copied();
        self.lines = lines.iter().copied().take(Finding::MAX_LINES).collect();
        // Rows that are not named are not stopped by their line: then everything stops.
        if self.severity == Severity::Error && lines.len() > Finding::MAX_LINES {
            self.scope = Scope::List;
        }
        self
    }

    fn of(mut self, columns: Vec<String>) -> Self {
        self.columns = columns;
        self
    }

    /// Whether nothing of the list may be sent.
    pub fn stops(&self) -> bool {
        self.scope == Scope::List && self.severity == Severity::Error
    }

    /// What happened, without what follows for a list that is to be sent: the first sentence of the message.
    pub fn happened(&self) -> &str {
        let end = self.message.find('。').map(|at| at + '。'.len_utf8());
        end.map_or(self.message.as_str(), |end| &self.message[..end])
    }

    /// The same as a finding about the list, for places that show no tables.
    pub fn finding(&self) -> Finding {
        Finding::at(self.code, self.message.clone(), self.lines.iter().copied())
    }
}

/// Cells hold what people typed: the debug form leaves them out.
impl std::fmt::Debug for IntegrityFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IntegrityFinding")
            .field("code", &self.code.code())
            .field("columns", &self.columns)
            .field("offset", &self.offset)
            .field("lines", &self.lines)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}
