//! What is wrong with the document of a form, in words for whoever writes it.

use std::collections::BTreeSet;
use std::fmt;

use web::Language;

use super::condition::Condition;
use super::key::Key;
use super::texts::{Texts, without_reading};
use super::{Choice, Column, Document, Kind, Page, Question, Translation};
use crate::limits::{
    COLUMNS, DAYS_BACK, LONG_TEXT_LETTERS, OPTIONS, PAGES, QUESTIONS_PER_PAGE, ROWS, TEXT_LETTERS,
};

/// Why a document is no form.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DocumentProblem {
    /// More than anybody writes.
    #[error("質問の定義が長すぎます。")]
    TooLong,
    /// Not JSON, or not in the right places.
    #[error("質問の定義を読み取れません: {0}")]
    Unreadable(String),
    /// Everything that does not fit together.
    #[error("質問の定義に{}か所の誤りがあります。{}", .0.len(), .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Wrong(Vec<Problem>),
}

/// One mistake: where, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// `pages.onset.onset_date.label`
    pub at: String,
    /// The sentence.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.what)
    }
}

/// Collects mistakes, each with its place.
#[derive(Default)]
pub(crate) struct Finder {
    pub(crate) problems: Vec<Problem>,
}

/// Everything that is wrong, in the order of the document.
pub(super) fn problems(document: &Document) -> Vec<Problem> {
    let mut finder = Finder::default();
    finder.languages(&document.languages);
    for (at, texts) in [
        ("title", &document.title),
        ("purpose", &document.purpose),
        ("closing", &document.closing),
    ] {
        finder.texts(at, texts);
    }
    if document.pages.is_empty() || document.pages.len() > PAGES {
        finder.add("pages", format!("ページは1から{PAGES}までにしてください。"));
    }
    finder.unique("pages", document.pages.iter().map(|page| &page.key));
    let questions = || document.pages.iter().flat_map(|page| &page.questions);
    finder.unique("pages", questions().map(|question| &question.key));
    for (number, page) in document.pages.iter().enumerate() {
        let earlier: Vec<&Question> = document.pages[..number]
            .iter()
            .flat_map(|page| &page.questions)
            .collect();
        finder.page(page, &earlier);
    }
    finder.unique("red_flags", document.red_flags.iter().map(|flag| &flag.code));
    let all: Vec<&Question> = questions().collect();
    for flag in &document.red_flags {
        let at = format!("red_flags.{}", flag.code);
        if flag.label.trim().is_empty() {
            finder.add(&at, "職員に見せる言葉を入れてください。");
        }
        finder.condition(&at, &flag.when, &all);
    }
    finder.problems
}

impl Finder {
    pub(crate) fn add(&mut self, at: &str, what: impl Into<String>) {
        self.problems.push(Problem {
            at: at.to_owned(),
            what: what.into(),
        });
    }

    pub(crate) fn unique<'k>(&mut self, at: &str, keys: impl Iterator<Item = &'k Key>) {
        let mut known = BTreeSet::new();
        for key in keys.filter(|key| !known.insert(*key)) {
            self.problems.push(Problem {
                at: at.to_owned(),
                what: format!("「{key}」が2回使われています。名前を変えてください。"),
            });
        }
    }

    fn languages(&mut self, languages: &[Translation]) {
        let codes: Vec<&str> = languages.iter().map(|one| one.language.as_str()).collect();
        if codes.first() != Some(&"ja") {
            self.add("languages", "最初の言語は ja（日本語）にしてください。");
        }
        for code in &codes {
            if Language::from_code(code).is_none() {
                self.add("languages", format!("「{code}」という言語はありません。"));
            }
            if codes.iter().filter(|other| other == &code).count() > 1 {
                self.add("languages", format!("「{code}」が2回あります。"));
            }
        }
    }

    pub(crate) fn texts(&mut self, at: &str, texts: &Texts) {
        if texts
            .of(Language::Japanese)
            .is_none_or(|text| text.trim().is_empty())
        {
            self.add(at, "日本語（ja）の文を入れてください。");
        }
        for (language, text) in texts.iter().filter(|(_, text)| text.trim().is_empty()) {
            let _ = text;
            self.add(
                at,
                format!(
                    "{}の文が空です。なければ、項目ごと消してください。",
                    language.code()
                ),
            );
        }
        let bare = texts.of(Language::EasyJapanese).and_then(without_reading);
        if let Some(word) = bare {
            self.add(
                at,
                format!("やさしい日本語の「{word}」に、読みを「{word}（よみ）」のように書いてください。"),
            );
        }
    }

    fn page(&mut self, page: &Page, earlier: &[&Question]) {
        let at = format!("pages.{}", page.key);
        if page.questions.is_empty() || page.questions.len() > QUESTIONS_PER_PAGE {
            self.add(
                &at,
                format!("1ページの質問は1から{QUESTIONS_PER_PAGE}までにしてください。"),
            );
        }
        if page.questions.len() > 1 || !page.title.is_empty() {
            self.texts(&format!("{at}.title"), &page.title);
        }
        if let Some(condition) = &page.show_if {
            self.condition(&format!("{at}.show_if"), condition, earlier);
        }
        for question in &page.questions {
            self.question(&format!("{at}.{}", question.key), question, earlier);
        }
    }

    fn question(&mut self, at: &str, question: &Question, earlier: &[&Question]) {
        self.texts(&format!("{at}.label"), &question.label);
        if !question.help.is_empty() {
            self.texts(&format!("{at}.help"), &question.help);
        }
        if let Some(own) = question.unknown.as_ref().filter(|own| !own.is_empty()) {
            self.texts(&format!("{at}.unknown"), own);
        }
        if let Some(condition) = &question.show_if {
            self.condition(&format!("{at}.show_if"), condition, earlier);
        }
        match &question.kind {
            Kind::YesNo => {}
            Kind::Choice { options } | Kind::Several { options } => self.options(at, options),
            Kind::Number {
                unit,
                min,
                max,
                places,
            } => {
                if !unit.is_empty() {
                    self.texts(&format!("{at}.unit"), unit);
                }
                if min > max || *places > 3 || min.places() > *places || max.places() > *places {
                    self.add(at, "min は max 以下、小数は places の桁までにしてください。");
                }
            }
            Kind::Text { max, .. } => self.length(at, *max, TEXT_LETTERS),
            Kind::LongText { max } => self.length(at, *max, LONG_TEXT_LETTERS),
            Kind::Day { back, ahead } => {
                if *back > DAYS_BACK || *ahead > DAYS_BACK {
                    self.add(at, format!("日付の範囲は{DAYS_BACK}日までにしてください。"));
                }
            }
            Kind::List { columns, max } => self.list(at, columns, *max),
        }
    }

    fn length(&mut self, at: &str, max: usize, limit: usize) {
        if max == 0 || max > limit {
            self.add(at, format!("文字数は1から{limit}までにしてください。"));
        }
    }

    fn options(&mut self, at: &str, options: &[Choice]) {
        if options.is_empty() || options.len() > OPTIONS {
            self.add(at, format!("選択肢は1から{OPTIONS}までにしてください。"));
        }
        self.unique(at, options.iter().map(|one| &one.key));
        for one in options {
            // Pages use these words for answers of their own.
            if ["yes", "no", "unknown"].contains(&one.key.as_str()) {
                self.add(at, format!("「{}」は選択肢の名前に使えません。", one.key));
            }
            self.texts(&format!("{at}.options.{}", one.key), &one.label);
        }
    }

    fn list(&mut self, at: &str, columns: &[Column], max: usize) {
        if columns.is_empty() || columns.len() > COLUMNS || max == 0 || max > ROWS {
            self.add(at, format!("列は{COLUMNS}、行は{ROWS}までにしてください。"));
        }
        if !columns.iter().any(|column| column.required) {
            self.add(at, "必ず書いてもらう列（required）を1つ決めてください。");
        }
        self.unique(at, columns.iter().map(|column| &column.key));
        for column in columns {
            self.texts(&format!("{at}.columns.{}", column.key), &column.label);
        }
    }

    /// A condition that could never be asked for sensibly is a mistake, not a silent "no".
    pub(crate) fn condition(&mut self, at: &str, condition: &Condition, known: &[&Question]) {
        for leaf in condition.leaves() {
            let Some(key) = leaf.question() else { continue };
            let Some(question) = known.iter().find(|question| question.key == *key) else {
                self.add(at, format!("前のページに「{key}」という質問がありません。"));
                continue;
            };
            if !fits(leaf, question) {
                self.add(at, format!("「{key}」の答え方に合わない条件です。"));
            }
        }
    }
}

fn fits(leaf: &Condition, question: &Question) -> bool {
    let among = |options: &[Choice], wanted: &Key| options.iter().any(|one| one.key == *wanted);
    match (leaf, &question.kind) {
        (Condition::Is(_, wanted), _) if wanted.as_str() == "unknown" => question.unknown.is_some(),
        (Condition::Is(_, wanted), Kind::YesNo) => ["yes", "no"].contains(&wanted.as_str()),
        (Condition::Is(_, wanted), Kind::Choice { options })
        | (Condition::Includes(_, wanted), Kind::Several { options }) => among(options, wanted),
        (Condition::AtLeast(..) | Condition::Below(..), Kind::Number { .. })
        | (Condition::Answered(_), _) => true,
        _ => false,
    }
}
