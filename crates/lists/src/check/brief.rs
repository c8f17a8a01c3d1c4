//! What a list is checked for.

use base::{
    merge::{MergeProblem, Merged, MessageTemplate},
    phone::PhoneNumber,
    text::Counting,
};

use super::{Background, Problem};
use crate::{
    choice::Choices,
    columns::{Columns, check_columns},
    problem::FileProblem,
    sheet::{ParsedRow, Sheet},
};

/// What a list is checked for: where numbers and values stand, the texts, what is known besides, what was decided.
pub struct Brief {
    /// Column of the numbers, counted from 0.
    pub to: usize,
    /// The texts, at least one; a row gets the first unless [`Brief::language`] says otherwise.
    pub texts: Vec<RowText>,
    /// Which text a row gets.
    pub language: Option<LanguageColumn>,
    /// What is known besides the list.
    pub background: Background,
    /// What the operator decided.
    pub choices: Choices,
    /// How the carrier counts.
    pub counting: Counting,
    /// Makes links; without it no text may ask for one.
    pub links: Option<LinkMaker>,
    /// What a careful colleague would say of a merged text that cannot be seen in its template.
    pub advice: Option<RowAdvice>,
}

/// A text with the columns of its merge fields.
pub struct RowText {
    /// The text.
    pub template: MessageTemplate,
    /// Column of each of [`MessageTemplate::fields`], counted from 0; `None` for a link, which no row gives.
    pub fields: Vec<Option<usize>>,
    /// Whether it is in another language than Japanese: the phones of its readers show that language's letters.
    pub foreign: bool,
}

impl RowText {
    /// A Japanese text.
    pub fn japanese(template: MessageTemplate, fields: Vec<Option<usize>>) -> Self {
        Self {
            template,
            fields,
            foreign: false,
        }
    }
}

/// What a link is asked for.
#[derive(Clone, Copy)]
pub struct LinkAsked<'a> {
    /// Who gets it.
    pub to: PhoneNumber,
    /// The row's number in its sheet.
    pub line: u32,
    /// The field, such as `リンク 健康観察`.
    pub field: &'a str,
    /// The row's text, links standing in it as their fields.
    pub occasion: &'a str,
}

/// Makes the address that stands in the text.
pub type LinkMaker = Box<dyn Fn(LinkAsked<'_>) -> String + Send + Sync>;

/// The column that says in which language a row is written to.
pub struct LanguageColumn {
    /// Counted from 0.
    pub column: usize,
    /// From its cell to the place in [`Brief::texts`].
    pub text: Box<dyn Fn(&str) -> usize + Send + Sync>,
}

/// From a row and its merged text, and the place of its template in [`Brief::texts`], to problems of the row.
pub type RowAdvice = Box<dyn Fn(ParsedRow<'_>, &Merged, usize) -> Vec<Problem> + Send + Sync>;

/// The text of a row.
pub struct RowMerged {
    /// The place of its template in [`Brief::texts`].
    pub at: usize,
    /// The text in pieces.
    pub merged: Merged,
    /// The text with its links as their fields: what makes a link this row's own.
    pub occasion: String,
}

impl Brief {
    /// One text, its columns found by heading, nothing known besides.
    pub fn new(sheet: &Sheet, to: &str, template: MessageTemplate) -> Result<Self, Vec<FileProblem>> {
        let Columns { to, fields } = check_columns(sheet, to, &template)?;
        Ok(Self::of(to, vec![RowText::japanese(template, fields)]))
    }

    /// The text of a row before links stand in it, and with them.
    pub fn merge(&self, row: ParsedRow<'_>, to: Option<PhoneNumber>) -> Result<RowMerged, Vec<MergeProblem>> {
        let (at, text) = self.text(row);
        let RowText { template, fields, .. } = text;
        let marks: Vec<String> = template
            .fields()
            .iter()
            .map(|field| format!("{{{{{field}}}}}"))
            .collect();
        let marked = |field: usize| match fields[field] {
            Some(column) => Some(row.cell(column)),
            None => Some(marks[field].as_str()),
        };
        let merged = template.merge_row(marked)?;
        let occasion = merged.text();
        let (Some(links), Some(to), true) = (&self.links, to, fields.contains(&None)) else {
            return Ok(RowMerged { at, merged, occasion });
        };
        let asked = |(field, column): (&String, &Option<usize>)| match column {
            Some(_) => String::new(),
            None => links(LinkAsked {
                to,
                line: row.line(),
                field,
                occasion: &occasion,
            }),
        };
        let made: Vec<String> = template.fields().iter().zip(fields).map(asked).collect();
        let linked = |field: usize| match fields[field] {
            Some(column) => Some(row.cell(column)),
            None => Some(made[field].as_str()),
        };
        let merged = template.merge_row(linked)?;
        Ok(RowMerged { at, merged, occasion })
    }

    /// These texts and columns, nothing known besides.
    pub fn of(to: usize, texts: Vec<RowText>) -> Self {
        Self {
            to,
            texts,
            language: None,
            background: Background::default(),
            choices: Choices::default(),
            counting: Counting::default(),
            links: None,
            advice: None,
        }
    }

    /// The text that a row gets.
    pub fn text(&self, row: ParsedRow<'_>) -> (usize, &RowText) {
        let wanted = self.language.as_ref();
        let at = wanted.map_or(0, |language| (language.text)(row.cell(language.column)));
        let at = if at < self.texts.len() { at } else { 0 };
        (at, &self.texts[at])
    }

    pub(super) fn uses(&self, column: usize) -> bool {
        column == self.to || self.texts.iter().any(|text| text.fields.contains(&Some(column)))
    }
}
