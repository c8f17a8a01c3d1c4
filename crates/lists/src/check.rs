//! Every row of a list judged: may it be sent, and if not, why.
//!
//! [`Checked`] is the one result behind `todoke check --json`, the check page and the sending itself. Written as
//! JSON its shape is kept stable.

mod background;
mod brief;
mod cores;
mod document;
mod row;
mod summary;

use std::{collections::BTreeMap, ops::Range};

use base::{merge::MessageTemplate, phone::PhoneNumber, text::Parts};
use serde::Serialize;

pub use self::background::{Background, RowBackground, needs_a_look};
pub use self::brief::{Brief, LanguageColumn, LinkAsked, LinkMaker, RowAdvice, RowMerged, RowText};
pub use self::summary::{PartTotals, Summary};
use crate::{
    code::{Code, Finding, Severity},
    columns::Column,
    integrity::{Comparison, IntegrityFinding},
    problem::FileProblem,
    sheet::Sheet,
};

/// A list that was checked.
#[derive(Debug)]
pub struct Checked {
    /// Counts.
    pub summary: Summary,
    /// Which column was taken for what; `None` when the list was refused.
    pub columns: UsedColumns,
    /// What concerns the list as a whole.
    pub findings: Vec<Finding>,
    /// What is wrong between the rows.
    pub integrity: Vec<IntegrityFinding>,
    /// How far the comparison with a reference list reached.
    pub reference: Option<Comparison>,
    /// Every row that holds anything, in the order of the file.
    pub rows: Vec<CheckedRow>,
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
    /// Row number of the earlier row that is sent for this one too.
    pub repeats: Option<u32>,
    /// The person was written to for the same purpose before, and nobody chose to do it again.
    pub contacted: bool,
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
    /// The person was written to for the same purpose before, and nobody chose to do it again.
    Contacted,
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

/// The first rows that cannot be sent, each judged by itself: what can be told before the rows are held against each
/// other and against everything that is known. At most `most`, all from the first `within` rows that have any.
pub fn first_errors(sheet: &Sheet, brief: &Brief, within: usize, most: usize) -> Vec<CheckedRow> {
    let (desk, nothing) = (row::Desk::new(sheet, brief), row::Beside::default());
    let blocked = |at| Some(desk.row(at, &nothing)).filter(|row| row.standing() == Standing::Blocked);
    let found = |from: usize| -> Vec<CheckedRow> {
        let to = (from + within).min(sheet.len());
        (from..to).filter_map(blocked).take(most).collect()
    };
    let mut parts = (0..sheet.len()).step_by(within.max(1)).map(found);
    parts.find(|errors| !errors.is_empty()).unwrap_or_default()
}

/// Checks every row of a list, or says why the columns do not fit.
pub fn check(sheet: &Sheet, to: &str, template: &MessageTemplate) -> Result<Checked, Vec<FileProblem>> {
    Ok(Checked::of(sheet, &Brief::new(sheet, to, template.clone())?))
}

/// A checked list whose rows are judged when they are asked for: it holds the file and little more, however long
/// it is. As JSON it is the same document as [`Checked`].
pub struct Check {
    sheet: Sheet,
    brief: Brief,
    beside: row::Beside,
    /// Counts.
    pub summary: Summary,
    /// Which column was taken for what.
    pub used: UsedColumns,
    /// What concerns the list as a whole.
    pub findings: Vec<Finding>,
}

impl Check {
    /// Looks at every row of a list once.
    pub fn new(sheet: Sheet, brief: Brief) -> Self {
        let beside = {
            let desk = row::Desk::new(&sheet, &brief);
            row::compare(&desk, |at| desk.check(at))
        };
        let mut check = Self {
            summary: Summary::default(),
            used: UsedColumns::of(&sheet, &brief),
            findings: findings(&sheet, &brief),
            beside,
            sheet,
            brief,
        };
        check.summary = check.summed_up();
        check
    }

    fn summed_up(&self) -> Summary {
        let desk = row::Desk::new(&self.sheet, &self.brief);
        let judged = |rows: Range<usize>| rows.map(|at| desk.row(at, &self.beside));
        let parts = desk.on_every_core(|rows| Summary::of(judged(rows), self.stopped()));
        let mut summary = Summary::default();
        for part in &parts {
            summary.join(part);
        }
        summary
    }

    /// What it was checked for.
    pub fn brief(&self) -> &Brief {
        &self.brief
    }

    /// The list and what it was checked for, to check it again with more.
    pub fn into_parts(self) -> (Sheet, Brief) {
        (self.sheet, self.brief)
    }

    /// The list itself.
    pub fn sheet(&self) -> &Sheet {
        &self.sheet
    }

    /// Every row that holds anything, in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = CheckedRow> + '_ {
        let desk = row::Desk::new(&self.sheet, &self.brief);
        (0..self.sheet.len()).map(move |at| desk.row(at, &self.beside))
    }

    /// Every row by its line and number, in the order of the file; judged are only those whose lines are asked for.
    pub fn rows_judging<'a>(
        &'a self,
        asked: impl Fn(u32) -> bool + 'a,
    ) -> impl Iterator<Item = (u32, Option<PhoneNumber>, Option<CheckedRow>)> + 'a {
        let desk = row::Desk::new(&self.sheet, &self.brief);
        self.sheet.rows().enumerate().map(move |(at, parsed)| {
            let line = parsed.line();
            let row = asked(line).then(|| desk.row(at, &self.beside));
            let number = match &row {
                Some(row) => row.phone,
                None => desk.number(at),
            };
            (line, number, row)
        })
    }

    /// Whether something stops the list as a whole: then no row is sent.
    pub fn stopped(&self) -> bool {
        self.brief.background.stops()
    }

    /// What is wrong between the rows.
    pub fn integrity(&self) -> &[IntegrityFinding] {
        &self.brief.background.integrity
    }
}

fn findings(sheet: &Sheet, brief: &Brief) -> Vec<Finding> {
    let mut findings = sheet.understood().findings.clone();
    findings.extend(failed_formulas(sheet, brief));
    findings.extend(brief.background.list_findings());
    findings
}

impl UsedColumns {
    fn of(sheet: &Sheet, brief: &Brief) -> Self {
        let mut fields: Vec<UsedField> = Vec::new();
        for text in &brief.texts {
            for (field, column) in text.template.fields().iter().zip(&text.fields) {
                let Some(column) = column else { continue };
                if !fields.iter().any(|known| known.field == *field) {
                    fields.push(UsedField {
                        field: field.clone(),
                        column: sheet.column(*column),
                    });
                }
            }
        }
        Self {
            to: Some(sheet.column(brief.to)),
            fields,
            headings: sheet.headings().to_vec(),
        }
    }
}

impl Checked {
    /// Judges every row.
    pub fn of(sheet: &Sheet, brief: &Brief) -> Self {
        let desk = row::Desk::new(sheet, brief);
        let mut rows = desk.check_all();
        let beside = row::compare(&desk, |at| &rows[at]);
        for (at, row) in rows.iter_mut().enumerate() {
            beside.tell(at, row);
        }
        Self {
            summary: Summary::of(rows.iter(), brief.background.stops()),
            columns: UsedColumns::of(sheet, brief),
            findings: findings(sheet, brief),
            integrity: brief.background.integrity.clone(),
            reference: brief.background.comparison.clone(),
            rows,
        }
    }

    /// Whether something stops the list as a whole: then no row is sent.
    pub fn stopped(&self) -> bool {
        self.integrity.iter().any(IntegrityFinding::stops)
    }

    /// The same document for a list that cannot be checked: its findings say why, and it has no rows.
    pub fn refused(problems: &[FileProblem]) -> Self {
        Self {
            summary: Summary::default(),
            columns: UsedColumns::default(),
            findings: problems.iter().map(FileProblem::finding).collect(),
            integrity: Vec::new(),
            reference: None,
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
        } else if let Some(line) = self.repeats {
            Standing::Repeat(line)
        } else if self.contacted {
            Standing::Contacted
        } else {
            Standing::Send
        }
    }

    /// The row as the sending takes it, if it is sent.
    pub fn sendable(&self) -> Option<Sendable<'_>> {
        (self.standing() == Standing::Send).then(|| self.addressed())?
    }

    /// Number and text of a row without errors that is not sent for another one's sake; also where its person was
    /// written to before.
    pub fn addressed(&self) -> Option<Sendable<'_>> {
        if !matches!(self.standing(), Standing::Send | Standing::Contacted) {
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
    /// Something about the row as a whole.
    pub fn about_row(code: Code, message: String) -> Self {
        Self {
            code,
            column: None,
            before: None,
            after: None,
            message,
        }
    }

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

/// Formulas that failed in columns that this list does not need: worth a look, no reason to stop.
fn failed_formulas(sheet: &Sheet, brief: &Brief) -> Vec<Finding> {
    let mut lines: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for parsed in sheet.rows() {
        for (column, cell) in parsed.cells().enumerate() {
            if cell.starts_with('#') && row::is_cell_error(cell) && !brief.uses(column) {
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
