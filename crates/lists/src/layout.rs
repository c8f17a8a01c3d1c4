//! The layout of a list (its headings) and which of its columns is meant by what: proposed, chosen, remembered.
//!
//! A [`Mapping`] names columns by their headings, never by their place: a column that moved is found where it
//! stands now, and a heading that is gone or stands twice is a question to a person, not a guess. What was
//! remembered and what changed since ([`changed`]) is kept by [`crate::store::layouts`].

mod change;
mod words;

use std::collections::BTreeMap;

use base::merge::heading_key;
use serde::{Deserialize, Serialize};

pub use change::{LayoutChange, Renamed, changed};
pub(crate) use words::is_usual_heading;

use crate::{
    columns::{Columns, find, phone_columns},
    problem::FileProblem,
    sheet::Sheet,
};

/// The headings of a list from its first column on; columns without a heading are left out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Layout {
    headings: Vec<String>,
}

/// What makes two layouts the same: the headings folded by [`heading_key`] and sorted. Their order makes no
/// difference, because a mapping goes by name; it is told apart by [`LayoutChange::moved`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayoutKey(Vec<String>);

impl Layout {
    /// The layout of a list that was read.
    pub fn of(sheet: &Sheet) -> Self {
        Self::new(sheet.headings().iter().cloned())
    }

    /// The layout with these headings.
    pub fn new(headings: impl IntoIterator<Item = String>) -> Self {
        Self {
            headings: headings
                .into_iter()
                .filter(|heading| !heading_key(heading).is_empty())
                .collect(),
        }
    }

    /// The headings, in their order.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// What this layout is remembered by.
    pub fn key(&self) -> LayoutKey {
        let mut keys: Vec<String> = self.headings.iter().map(|heading| heading_key(heading)).collect();
        keys.sort_unstable();
        LayoutKey(keys)
    }
}

impl LayoutKey {
    /// The folded headings, sorted.
    pub fn headings(&self) -> &[String] {
        &self.0
    }
}

/// Headings may hold what somebody typed into the first row by mistake: the debug form counts them.
impl std::fmt::Debug for Layout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Layout({} headings)", self.headings.len())
    }
}

impl std::fmt::Debug for LayoutKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LayoutKey({} headings)", self.0.len())
    }
}

/// Which column is meant by what, by heading.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Heading of the column of numbers.
    to: String,
    /// Heading for each merge field, by the folded name of the field.
    fields: BTreeMap<String, String>,
}

impl Mapping {
    /// Numbers from the column with this heading; merge fields from the columns that are called like them.
    pub fn new(to: impl Into<String>) -> Self {
        Self {
            to: to.into(),
            fields: BTreeMap::new(),
        }
    }

    /// The same with one more merge field taken from the column with this heading.
    #[must_use]
    pub fn with_field(mut self, field: &str, heading: impl Into<String>) -> Self {
        self.fields.insert(heading_key(field), heading.into());
        self
    }

    /// Heading of the column of numbers.
    pub fn to(&self) -> &str {
        &self.to
    }

    /// The heading that was chosen for a merge field; `None` where none was.
    pub fn field(&self, field: &str) -> Option<&str> {
        self.fields.get(&heading_key(field)).map(String::as_str)
    }

    /// This choice with everything that `earlier` says and this one does not. A template that uses fewer fields
    /// does not make the office forget the others.
    #[must_use]
    pub fn over(mut self, earlier: &Self) -> Self {
        for (field, heading) in &earlier.fields {
            self.fields
                .entry(field.clone())
                .or_insert_with(|| heading.clone());
        }
        self
    }

    /// The columns of this list for these merge fields, or everything that is wrong about them.
    pub fn apply(&self, sheet: &Sheet, fields: &[String]) -> Result<Columns, Vec<FileProblem>> {
        crate::columns::mapped_columns(sheet, self, fields)
    }
}

impl std::fmt::Debug for Mapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mapping({} fields)", self.fields.len())
    }
}

/// How a column was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum How {
    /// A person chose it for an earlier list.
    Remembered,
    /// The heading is the very name.
    Exact,
    /// The heading is the name but for width, case and blanks.
    Folded,
    /// The heading is another word for it.
    Synonym,
    /// The cells hold numbers.
    Content,
}

impl How {
    /// Whether nobody has to look.
    pub fn is_sure(self) -> bool {
        match self {
            Self::Remembered | Self::Exact | Self::Folded => true,
            Self::Synonym | Self::Content => false,
        }
    }

    /// How, in Japanese.
    pub fn label(self) -> &'static str {
        match self {
            Self::Remembered => "前回の選択",
            Self::Exact | Self::Folded => "見出しが同じ",
            Self::Synonym => "見出しの意味が近い",
            Self::Content => "列の中身が電話番号",
        }
    }
}

/// What one thing that is wanted may be found in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suggestion {
    /// The column, counted from 0, and how it was found. `None` where no column stands out: a person chooses.
    pub column: Option<(usize, How)>,
    /// Other columns that may be meant, the likeliest first.
    pub others: Vec<usize>,
}

impl Suggestion {
    /// Whether nobody has to look.
    pub fn is_sure(&self) -> bool {
        self.column.is_some_and(|(_, how)| how.is_sure())
    }
}

/// A column for everything that is wanted, as far as one is found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proposal {
    /// The column of numbers.
    pub to: Suggestion,
    /// For each merge field, in the order they were asked for.
    pub fields: Vec<Suggestion>,
}

impl Proposal {
    /// Whether every column was found and nobody has to look.
    pub fn is_sure(&self) -> bool {
        self.to.is_sure() && self.fields.iter().all(Suggestion::is_sure)
    }

    /// The mapping that this proposes; `None` while a column is missing.
    pub fn mapping(&self, sheet: &Sheet, fields: &[String]) -> Option<Mapping> {
        let heading = |suggestion: &Suggestion| Some(sheet.headings()[suggestion.column?.0].clone());
        let mut mapping = Mapping::new(heading(&self.to)?);
        for (field, suggestion) in fields.iter().zip(&self.fields) {
            mapping = mapping.with_field(field, heading(suggestion)?);
        }
        Some(mapping)
    }
}

/// Proposes a column for the numbers and for each merge field. `earlier` are remembered mappings, the one that
/// counts most first.
///
/// The column of numbers is never sure by its words alone: where two columns hold numbers and nobody chose before,
/// a person tells the patient's from the guardian's.
pub fn propose(sheet: &Sheet, fields: &[String], earlier: &[Mapping]) -> Proposal {
    Proposal {
        to: propose_to(sheet, earlier),
        fields: fields
            .iter()
            .map(|field| propose_field(sheet, field, earlier))
            .collect(),
    }
}

fn propose_to(sheet: &Sheet, earlier: &[Mapping]) -> Suggestion {
    let remembered = earlier.iter().find_map(|mapping| find(sheet, mapping.to()).ok());
    let mut others = phone_columns(sheet);
    let by_words = words::columns(sheet, "電話番号");
    others.extend(
        by_words
            .iter()
            .filter(|column| !others.contains(column))
            .copied()
            .collect::<Vec<_>>(),
    );
    let column = match (remembered, others.as_slice()) {
        (Some(column), _) => Some((column, How::Remembered)),
        (None, [only]) => Some((*only, How::Content)),
        (None, _) => None,
    };
    Suggestion::new(column, others)
}

fn propose_field(sheet: &Sheet, field: &str, earlier: &[Mapping]) -> Suggestion {
    let remembered = earlier
        .iter()
        .filter_map(|mapping| mapping.field(field))
        .find_map(|heading| find(sheet, heading).ok());
    let others = words::columns(sheet, field);
    let same = find(sheet, field).ok().map(|column| {
        let exact = sheet.headings()[column] == field;
        (column, if exact { How::Exact } else { How::Folded })
    });
    let column = remembered
        .map(|column| (column, How::Remembered))
        .or(same)
        .or(match others.as_slice() {
            [only] => Some((*only, How::Synonym)),
            _ => None,
        });
    Suggestion::new(column, others)
}

impl Suggestion {
    fn new(column: Option<(usize, How)>, mut others: Vec<usize>) -> Self {
        others.retain(|other| column.is_none_or(|(column, _)| column != *other));
        Self { column, others }
    }
}
