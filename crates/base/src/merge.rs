//! Message templates: text with merge fields such as `{{HER-SYS ID}}`, and passages that not everybody gets.
//!
//! **Fields.** A field names a column by its heading. Headings are compared by [`heading_key`]: width, case and
//! every blank make no difference, so `{{ ＩＤ }}` finds the column `ID`. A field may say what it takes:
//! `{{HER-SYS ID|番号}}`, `{{発病日|日付}}`, `{{氏名|氏名}}`, `{{備考|自由}}` ([`FieldKind`]; full-width `｜` and the
//! English words do as well). Said once, it holds for that field wherever it stands; never said, the field is free.
//! The kind stands after the last `|`, so a heading that holds one is written with its kind.
//!
//! A value is put in as it stands in its row, without the blanks around it, once: braces inside a value are text.
//! An empty value is never put in: a message that lacks its one number helps nobody. Values bring no newline, no
//! control letter and no link. What is repaired on the way (full-width digits of an ID) is told as a [`Repair`].
//!
//! **Passages.** `{{もし 備考}}…{{おわり}}` is shown where the column 備考 is not empty, `{{もし 言語=英語}}…{{おわり}}`
//! where it holds that value (compared as headings are); `{{でなければ}}` between them begins what is shown
//! otherwise. `if`, `else` and `end` mean the same. The first `=` ends the heading: the value may hold more of them,
//! a heading asked about may hold none. Passages do not nest. A field in what is not shown is not needed. A mark of
//! a passage that has a line for itself takes the line with it, and newlines at the end of such a text are dropped,
//! so that a passage left out leaves no gap. A column headed `おわり` or `end` is written `{{end|自由}}`.

use std::{borrow::Cow, fmt};

use unicode_normalization::UnicodeNormalization;

pub use self::{
    link::holds_link,
    problem::{MergeProblem, TemplateProblem, ValueProblem},
    value::{FieldKind, link_name},
};

mod link;
mod problem;
mod read;
mod value;

/// A template that can be merged: it is not empty and all its braces fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageTemplate {
    source: String,
    segments: Vec<Segment>,
    fields: Vec<String>,
    kinds: Vec<Option<FieldKind>>,
}

/// A stretch of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Segment {
    /// What everybody gets.
    Plain(Piece),
    /// What depends on the row.
    Passage(Passage),
}

/// Text or a field.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// Fixed text, never empty.
    Text(String),
    /// Index into [`MessageTemplate::fields`].
    Field(usize),
}

/// Two texts of which a row gets one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passage {
    /// What decides.
    pub condition: Condition,
    /// Shown where the condition holds.
    pub shown: Vec<Piece>,
    /// Shown where it does not; mostly nothing.
    pub otherwise: Vec<Piece>,
}

/// What a passage asks of its row.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// Index into [`MessageTemplate::fields`].
    pub field: usize,
    /// The value that the column must hold; any but an empty one, if none is named.
    pub equals: Option<String>,
}

impl Condition {
    /// Whether it holds for this value of its column.
    pub fn holds(&self, value: &str) -> bool {
        match &self.equals {
            None => !value.trim_matches(is_blank).is_empty(),
            Some(wanted) => heading_key(value) == heading_key(wanted),
        }
    }
}

/// A value that was changed before it was put in.
#[derive(Clone, PartialEq, Eq)]
pub struct Repair {
    /// Index into [`MessageTemplate::fields`].
    pub field: usize,
    /// The value as it stands in its row.
    pub before: String,
    /// The value as it stands in the text.
    pub after: String,
}

impl fmt::Debug for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repair")
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

/// The text of one row.
#[derive(Clone, PartialEq, Eq)]
pub struct Merged {
    /// The text in pieces, with whether each came from the row. Joined they are the text.
    pub pieces: Vec<(String, bool)>,
    /// Every value that was changed on the way.
    pub repairs: Vec<Repair>,
}

impl Merged {
    /// The whole text.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|(piece, _)| piece.as_str()).collect()
    }
}

impl fmt::Debug for Merged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merged")
            .field("repairs", &self.repairs)
            .finish_non_exhaustive()
    }
}

impl MessageTemplate {
    /// Reads a template. Windows newlines become `\n`.
    pub fn parse(source: &str) -> Result<Self, TemplateProblem> {
        read::template(source)
    }

    /// The text as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The headings between braces, each once, in the order of the text; those of conditions too.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// What a field takes. `None` if its value is only asked about and never put in: it may be empty.
    pub fn kind(&self, field: usize) -> Option<FieldKind> {
        self.kinds.get(field).copied().flatten()
    }

    /// What the template is made of, for those who show it.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Puts in the values of one row. `value` is asked for each of [`MessageTemplate::fields`] by its index.
    pub fn merge<'v>(&self, value: impl Fn(usize) -> Option<&'v str>) -> Result<String, Vec<MergeProblem>> {
        self.merge_row(value).map(|merged| merged.text())
    }

    /// The same, with the text in pieces and every repair of a value.
    pub fn merge_row<'v>(
        &self,
        value: impl Fn(usize) -> Option<&'v str>,
    ) -> Result<Merged, Vec<MergeProblem>> {
        let value = |field| value(field).unwrap_or_default();
        let shown = self.shown(&value);
        let values = self.accept(&shown, &value)?;
        let mut pieces: Vec<(String, bool)> = Vec::with_capacity(shown.len());
        for piece in shown {
            pieces.push(match piece {
                Piece::Text(text) => (text.clone(), false),
                Piece::Field(field) => (values[*field].clone().unwrap_or_default().into_owned(), true),
            });
        }
        if let Some(field) = self.first_condition() {
            drop_last_newlines(&mut pieces);
            if pieces.iter().all(|(piece, _)| piece.chars().all(is_blank)) {
                let problem = ValueProblem::NothingShown;
                return Err(vec![MergeProblem { field, problem }]);
            }
        }
        let repairs = values.into_iter().enumerate();
        let repairs = repairs.filter_map(|(field, accepted)| match accepted {
            Some(Cow::Owned(after)) => Some(Repair {
                field,
                before: value(field).to_owned(),
                after,
            }),
            _ => None,
        });
        Ok(Merged {
            pieces,
            repairs: repairs.collect(),
        })
    }

    /// What this row gets.
    fn shown<'v>(&self, value: &impl Fn(usize) -> &'v str) -> Vec<&Piece> {
        let mut shown = Vec::with_capacity(self.segments.len());
        for segment in &self.segments {
            match segment {
                Segment::Plain(piece) => shown.push(piece),
                Segment::Passage(passage) if passage.condition.holds(value(passage.condition.field)) => {
                    shown.extend(&passage.shown);
                }
                Segment::Passage(passage) => shown.extend(&passage.otherwise),
            }
        }
        shown
    }

    /// The values that these pieces need, by field.
    fn accept<'v>(
        &self,
        pieces: &[&Piece],
        value: &impl Fn(usize) -> &'v str,
    ) -> Result<Vec<Option<Cow<'v, str>>>, Vec<MergeProblem>> {
        let mut needed = vec![false; self.fields.len()];
        for piece in pieces {
            if let Piece::Field(field) = piece {
                needed[*field] = true;
            }
        }
        let mut problems = Vec::new();
        let mut values = vec![None; self.fields.len()];
        for field in (0..needed.len()).filter(|field| needed[*field]) {
            match self.kind(field).unwrap_or_default().accept(value(field)) {
                Ok(accepted) => values[field] = Some(accepted),
                Err(problem) => problems.push(MergeProblem { field, problem }),
            }
        }
        if problems.is_empty() {
            Ok(values)
        } else {
            Err(problems)
        }
    }

    fn first_condition(&self) -> Option<usize> {
        self.segments.iter().find_map(|segment| match segment {
            Segment::Passage(passage) => Some(passage.condition.field),
            Segment::Plain(_) => None,
        })
    }
}

fn drop_last_newlines(pieces: &mut Vec<(String, bool)>) {
    while let Some((last, false)) = pieces.last_mut() {
        last.truncate(last.trim_end_matches('\n').len());
        if !last.is_empty() {
            return;
        }
        pieces.pop();
    }
}

/// Blanks of every width, newlines, and letters without width.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{0}' | '\u{1A}'
        )
}

/// The form in which headings are compared: compatibility folding (full-width letters, half-width kana), lower
/// case, no blanks at all, because spreadsheets wrap headings over two lines.
pub fn heading_key(heading: &str) -> String {
    heading
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_blank(*c))
        .collect()
}

#[cfg(test)]
mod tests;
