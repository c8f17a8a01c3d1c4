//! Answers as values, and as they are shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use base::clock::Millis;
use base::date::CalendarDate;
use serde::{Deserialize, Serialize};
use web::Language;
use web::time::JapanTime;

use super::key::Key;
use super::number::Decimal;
use super::texts::Shown;
use super::words::Word;
use super::{Kind, Question};

/// What was answered to one question.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// 「分からない」
    Unknown,
    /// Yes or no.
    YesNo(bool),
    /// One option.
    Choice(Key),
    /// One or more options.
    Several(BTreeSet<Key>),
    /// A number in the question's unit.
    Number(Decimal),
    /// Words.
    Text(String),
    /// A day.
    Day(CalendarDate),
    /// Rows, each with the cells that were filled in.
    List(Vec<BTreeMap<Key, Cell>>),
}

/// One cell of a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Words.
    Text(String),
    /// A telephone number as people write it, of a phone or a house.
    Phone(String),
    /// A day.
    Day(CalendarDate),
}

/// Answers are health data and names: the debug form says only of what kind they are.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "Unknown",
            Self::YesNo(_) => "YesNo(…)",
            Self::Choice(_) => "Choice(…)",
            Self::Several(_) => "Several(…)",
            Self::Number(_) => "Number(…)",
            Self::Text(_) => "Text(…)",
            Self::Day(_) => "Day(…)",
            Self::List(_) => "List(…)",
        })
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cell(…)")
    }
}

impl Answer {
    /// Whether it is an answer that this question can have. Stored answers of an earlier version may not be.
    pub(crate) fn fits(&self, question: &Question) -> bool {
        match (self, &question.kind) {
            (Self::Unknown, _) => question.unknown.is_some(),
            (Self::Choice(key), Kind::Choice { options }) => options.iter().any(|one| one.key == *key),
            (Self::Several(keys), Kind::Several { options }) => {
                keys.iter().all(|key| options.iter().any(|one| one.key == *key))
            }
            (Self::YesNo(_), Kind::YesNo)
            | (Self::Number(_), Kind::Number { .. })
            | (Self::Text(_), Kind::Text { .. } | Kind::LongText { .. })
            | (Self::Day(_), Kind::Day { .. })
            | (Self::List(_), Kind::List { .. }) => true,
            _ => false,
        }
    }

    /// The answer in words, one line each, for a page in this language.
    pub fn lines(&self, question: &Question, page: Language) -> Vec<Shown> {
        let as_is = |text: String| vec![Shown::as_is(text, page)];
        match (self, &question.kind) {
            (Self::Unknown, _) => vec![question.unknown_label(page)],
            (Self::YesNo(true), _) => vec![Word::Yes.shown(page)],
            (Self::YesNo(false), _) => vec![Word::No.shown(page)],
            (Self::Choice(key), Kind::Choice { options }) => {
                let chosen = options.iter().filter(|one| one.key == *key);
                chosen.map(|one| one.label.shown(page)).collect()
            }
            (Self::Several(keys), Kind::Several { options }) => {
                let chosen = options.iter().filter(|one| keys.contains(&one.key));
                chosen.map(|one| one.label.shown(page)).collect()
            }
            (Self::Number(number), Kind::Number { unit, .. }) => {
                as_is(format!("{number}{}", unit.shown(page).plain()))
            }
            (Self::Day(day), _) => as_is(day_in_words(*day, page)),
            (Self::List(rows), Kind::List { columns, .. }) => rows
                .iter()
                .map(|row| {
                    let cells = columns.iter().filter_map(|column| row.get(&column.key));
                    let cells: Vec<String> = cells.map(|cell| cell.in_words(page)).collect();
                    Shown::as_is(cells.join(" / "), page)
                })
                .collect(),
            (Self::Text(text), _) => as_is(text.clone()),
            // Of another version of the form: shown by nobody.
            (Self::Choice(_) | Self::Several(_) | Self::Number(_) | Self::List(_), _) => Vec::new(),
        }
    }
}

impl Cell {
    fn in_words(&self, page: Language) -> String {
        match self {
            Self::Text(text) | Self::Phone(text) => text.clone(),
            Self::Day(day) => day_in_words(*day, page),
        }
    }
}

/// A day as readers of the language write it; in Japanese with its 和暦.
pub fn day_in_words(day: CalendarDate, page: Language) -> String {
    let (year, month, date) = (day.year(), day.month(), day.day());
    match page {
        Language::Japanese => {
            let wareki = day.wareki();
            let era_year = wareki.split('年').next().unwrap_or_default();
            format!("{year}年{month}月{date}日（{era_year}年）")
        }
        Language::EasyJapanese | Language::Chinese => format!("{year}年{month}月{date}日"),
        Language::Korean => format!("{year}년 {month}월 {date}일"),
        _ => day.to_string(),
    }
}

/// `11月22日(日) 14:05`, or as readers of the language write it.
pub(crate) fn moment(at: Millis, page: Language) -> String {
    let time = JapanTime::from_millis(at);
    if page == Language::Japanese {
        return time.short();
    }
    let day = CalendarDate::in_japan(at);
    let day = day.map(|day| day_in_words(day, page)).unwrap_or_default();
    format!("{day} {}", time.clock())
}
