//! A form is data: pages of a few questions each, conditions, red flags, and texts in several languages.
//!
//! [`Form::parse`] is the only way from a document to a [`Form`]; what it lets through can be shown and answered
//! without a surprise. Reading what was typed is in [`read`], going through the pages in [`filling`]. All of this is
//! pure: no database, no clock, no page.
//!
//! What it is not: it does not know who is asked, why, or what follows from an answer.

mod answer;
pub(crate) mod condition;
pub mod filling;
mod key;
mod number;
pub(crate) mod problem;
pub mod read;
mod shipped;
mod slots;
mod texts;
mod words;

use serde::{Deserialize, Serialize};
use web::Language;

pub(crate) use answer::moment;
pub use answer::{Answer, Cell, day_in_words};
pub use condition::Condition;
pub use filling::{Filling, Step};
pub use key::Key;
pub use number::{Decimal, NotANumber};
pub use problem::{DocumentProblem, Problem};
pub use read::{AnswerProblem, Mistake, Typed};
pub use shipped::{SHIPPED, Shipped};
pub use slots::Slot;
#[cfg(test)]
pub(crate) use texts::without_reading;
pub use texts::{Shown, Texts};
pub use words::Word;

/// A form whose document was found good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Form {
    document: Document,
}

/// A form as it is written down.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its name, the same for ever.
    pub key: Key,
    /// What it is called.
    pub title: Texts,
    /// The languages that it has texts in, Japanese first.
    pub languages: Vec<Translation>,
    /// What it is for, who sees the answers, how long they are kept: read before the first question.
    pub purpose: Texts,
    /// What happens next, on the last page.
    pub closing: Texts,
    /// In the order in which they are asked.
    pub pages: Vec<Page>,
    /// Answers that somebody must know of at once.
    #[serde(default)]
    pub red_flags: Vec<RedFlag>,
}

/// A language of a form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// Its code.
    pub language: String,
    /// Whether somebody who knows the language and the matter has read it.
    pub reviewed: bool,
}

/// What is asked together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// Its name; stands in its address.
    pub key: Key,
    /// Its heading, where it has more than one question.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub title: Texts,
    /// When it is asked; always, if nothing is said. Looks at earlier pages only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<Condition>,
    /// The questions, normally one.
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its name, unique within the form.
    pub key: Key,
    /// The question itself.
    pub label: Texts,
    /// What helps to answer.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub help: Texts,
    /// How it is answered.
    pub kind: Kind,
    /// Whether it may be left empty.
    #[serde(default, skip_serializing_if = "is_false")]
    pub optional: bool,
    /// 「分からない」 is an answer too, with words of its own or `{}` for the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Texts>,
    /// When it is asked. Looks at earlier pages only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub show_if: Option<Condition>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// How a question is answered.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Kind {
    /// Yes or no.
    YesNo,
    /// One of these.
    Choice {
        /// What to choose from.
        options: Vec<Choice>,
    },
    /// Any of these; at least one, unless the question is optional.
    Several {
        /// What to choose from.
        options: Vec<Choice>,
    },
    /// A number.
    Number {
        /// What it counts, behind the number.
        #[serde(default)]
        unit: Texts,
        /// The least that is believed.
        min: Decimal,
        /// The most that is believed.
        max: Decimal,
        /// Decimal places; none for a whole number.
        #[serde(default)]
        places: usize,
    },
    /// One line.
    Text {
        /// Letters at most.
        max: usize,
        /// The token that lets browsers fill it in.
        #[serde(default)]
        autocomplete: Autocomplete,
    },
    /// Several lines.
    LongText {
        /// Letters at most.
        max: usize,
    },
    /// A day, also as 和暦, today or yesterday.
    Day {
        /// Days back from today at most.
        back: u16,
        /// Days ahead at most.
        #[serde(default)]
        ahead: u16,
    },
    /// A list of people or places.
    List {
        /// What is asked of each.
        columns: Vec<Column>,
        /// Rows at most.
        max: usize,
    },
}

/// What browsers may fill in (WCAG 1.3.5).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Autocomplete {
    /// Nothing.
    #[default]
    Off,
    /// The person's own name.
    Name,
    /// The person's own number.
    Tel,
    /// Where the person works.
    Organization,
    /// The person's address.
    StreetAddress,
}

impl Autocomplete {
    /// The token.
    pub fn token(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Name => "name",
            Self::Tel => "tel",
            Self::Organization => "organization",
            Self::StreetAddress => "street-address",
        }
    }
}

/// One option.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its name, unique within the question.
    pub key: Key,
    /// What is read.
    pub label: Texts,
    /// Chosen alone or not at all: 「どれもない」.
    #[serde(default, skip_serializing_if = "is_false")]
    pub alone: bool,
}

/// One thing that is asked of each row of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name, unique within the question.
    pub key: Key,
    /// What is read.
    pub label: Texts,
    /// What it holds.
    #[serde(default)]
    pub kind: ColumnKind,
    /// Whether a row without it is no row.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
}

/// What a column of a list holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Words.
    #[default]
    Text,
    /// A telephone number.
    Phone,
    /// A day of the last weeks, as one field.
    Day,
}

/// How fast somebody must know.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The person is told to call 119, before anything else.
    Emergency,
    /// Staff call the person; the form goes on.
    Call,
}

impl Level {
    /// The word in the database.
    pub fn code(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Call => "call",
        }
    }

    /// The level that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Emergency, Self::Call]
            .into_iter()
            .find(|level| level.code() == code)
    }
}

/// Answers that somebody must know of at once.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedFlag {
    /// Its name, unique within the form; this is what is kept outside of the sealed answers.
    pub code: Key,
    /// How fast.
    pub level: Level,
    /// What staff read.
    pub label: String,
    /// The answers.
    pub when: Condition,
}

impl Question {
    /// Whether leaving it empty is a mistake.
    pub fn required(&self) -> bool {
        !self.optional
    }

    /// The words of 「分からない」 here.
    pub fn unknown_label(&self, page: Language) -> Shown {
        match &self.unknown {
            Some(own) if !own.is_empty() => own.shown(page),
            _ => Word::Unknown.shown(page),
        }
    }
}

impl Form {
    /// Reads a document. The problems are told all together, each with its place.
    pub fn parse(json: &str) -> Result<Self, DocumentProblem> {
        if json.len() > crate::limits::DOCUMENT_BYTES {
            return Err(DocumentProblem::TooLong);
        }
        let document: Document =
            serde_json::from_str(json).map_err(|error| DocumentProblem::Unreadable(error.to_string()))?;
        Self::of(document).map_err(DocumentProblem::Wrong)
    }

    /// The same of a document that was read already.
    pub fn of(document: Document) -> Result<Self, Vec<Problem>> {
        let problems = problem::problems(&document);
        if problems.is_empty() {
            Ok(Self { document })
        } else {
            Err(problems)
        }
    }

    /// What was written down.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// Its name.
    pub fn key(&self) -> &Key {
        &self.document.key
    }

    /// Every page, shown or not.
    pub fn pages(&self) -> &[Page] {
        &self.document.pages
    }

    /// The page of this name.
    pub fn page(&self, key: &str) -> Option<&Page> {
        self.pages().iter().find(|page| page.key.as_str() == key)
    }

    /// Every question, with its page.
    pub fn questions(&self) -> impl Iterator<Item = (&Page, &Question)> {
        self.pages()
            .iter()
            .flat_map(|page| page.questions.iter().map(move |question| (page, question)))
    }

    /// The question of this name.
    pub fn question(&self, key: &Key) -> Option<&Question> {
        self.questions()
            .map(|(_, question)| question)
            .find(|question| question.key == *key)
    }

    /// The languages that it is offered in.
    pub fn languages(&self) -> Vec<Language> {
        let codes = self.document.languages.iter();
        codes
            .filter_map(|one| Language::from_code(&one.language))
            .collect()
    }

    /// Whether nobody who knows the language has read its texts. Japanese is what was written first.
    pub fn unreviewed(&self, language: Language) -> bool {
        let mut known = self.document.languages.iter();
        let reviewed = known.any(|one| one.reviewed && one.language == language.code());
        language != Language::Japanese && !reviewed
    }

    /// The flag of this code.
    pub fn red_flag(&self, code: &Key) -> Option<&RedFlag> {
        self.document.red_flags.iter().find(|flag| flag.code == *code)
    }
}
