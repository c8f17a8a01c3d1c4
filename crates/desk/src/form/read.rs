//! From what a page sent to an [`Answer`], and back to what a page shows again.
//!
//! A field is called after its question; parts of it after a hyphen, which no name of a question holds:
//! `onset-year`, `contacts-2-phone`.

mod day;

use std::collections::{BTreeMap, BTreeSet};

use base::date::CalendarDate;
use base::phone;
use unicode_normalization::UnicodeNormalization;
use web::Language;

pub use day::{ERAS, read_day};

use super::answer::{Answer, Cell, day_in_words};
use super::key::Key;
use super::number::Decimal;
use super::texts::Shown;
use super::words::Word;
use super::{Choice, Column, ColumnKind, Kind, Question};
use crate::limits::{ROWS, TEXT_LETTERS};

/// The fields of a page as they came in, or as they are to be filled in.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Typed(Vec<(String, String)>);

/// Answers of people: not for logs.
impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(…)")
    }
}

impl From<Vec<(String, String)>> for Typed {
    fn from(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }
}

impl Typed {
    /// What stands in a field, without blanks around it; empty if there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// Every value of a field that may be there more than once.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let found = self.0.iter().filter(|(field, _)| field == name);
        found.map(|(_, value)| value.trim()).collect()
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Adds a field.
    pub fn put(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Takes all fields of a name out.
    pub fn take(&mut self, name: &str) -> Vec<String> {
        let (taken, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(field, _)| field == name);
        self.0 = rest;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// How many rows of a list were sent.
    pub fn rows(&self, question: &Key) -> usize {
        let prefix = format!("{question}-");
        let rows = self.names().filter_map(|name| {
            let (row, _) = name.strip_prefix(&prefix)?.split_once('-')?;
            row.parse::<usize>().ok()
        });
        rows.filter(|row| *row < ROWS)
            .map(|row| row + 1)
            .max()
            .unwrap_or(0)
    }

    /// Takes one row out of a list; those behind it move up.
    pub fn remove_row(&mut self, question: &Key, removed: usize) {
        let prefix = format!("{question}-");
        let moved = std::mem::take(&mut self.0)
            .into_iter()
            .filter_map(|(name, value)| {
                let place = name
                    .strip_prefix(&prefix)
                    .and_then(|rest| rest.split_once('-'))
                    .and_then(|(row, column)| Some((row.parse::<usize>().ok()?, column.to_owned())));
                match place {
                    Some((row, _)) if row == removed => None,
                    Some((row, column)) if row > removed => {
                        Some((format!("{prefix}{}-{column}", row - 1), value))
                    }
                    _ => Some((name, value)),
                }
            });
        self.0 = moved.collect();
    }
}

/// A mistake, at the field that it is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The field's name, which is the id of its control.
    pub field: String,
    /// What is wrong.
    pub problem: AnswerProblem,
}

/// Why what was typed is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AnswerProblem {
    /// Nothing was chosen.
    NothingChosen,
    /// Nothing was typed.
    NothingTyped,
    /// No day was given.
    NoDay,
    /// None of the options.
    NotAnOption,
    /// 「どれもない」 together with something else.
    AloneAndOthers,
    /// Not a number.
    NotANumber,
    /// More decimal places than these.
    TooManyPlaces(usize),
    /// Not between these.
    OutOfRange(Decimal, Decimal),
    /// More letters than these.
    TooLong(usize),
    /// Not a day.
    NotADay,
    /// A year of two digits.
    NoEra,
    /// 31 April.
    NoSuchDay,
    /// 平成32年: this was probably meant.
    OtherEra(CalendarDate),
    /// Before this day.
    TooEarly(CalendarDate),
    /// After this day.
    TooLate(CalendarDate),
    /// Not a telephone number.
    NotAPhone,
    /// A row without this column.
    RowWithout {
        /// From 1.
        row: usize,
        /// The column.
        column: super::Texts,
    },
    /// More rows than these.
    TooManyRows(usize),
}

impl AnswerProblem {
    /// What happened and what to do, in the page's language.
    pub fn shown(&self, page: Language) -> Shown {
        let day = |word: Word, day: &CalendarDate| word.shown(page).with("day", day_in_words(*day, page));
        match self {
            Self::NothingChosen => Word::ErrNothingChosen.shown(page),
            Self::NothingTyped => Word::ErrNothingTyped.shown(page),
            Self::NoDay => Word::ErrNoDay.shown(page),
            Self::NotAnOption => Word::ErrNotAnOption.shown(page),
            Self::AloneAndOthers => Word::ErrAlone.shown(page),
            Self::NotANumber => Word::ErrNotANumber.shown(page),
            Self::TooManyPlaces(0) => Word::ErrNotWhole.shown(page),
            Self::TooManyPlaces(places) => Word::ErrPlaces.shown(page).with("places", places),
            Self::OutOfRange(min, max) => Word::ErrRange.shown(page).with("min", min).with("max", max),
            Self::TooLong(max) => Word::ErrTooLong.shown(page).with("max", max),
            Self::NotADay => Word::ErrNotADay.shown(page),
            Self::NoEra => Word::ErrNoEra.shown(page),
            Self::NoSuchDay => Word::ErrNoSuchDay.shown(page),
            Self::OtherEra(meant) => Word::ErrOtherEra.shown(page).with("day", meant.wareki()),
            Self::TooEarly(first) => day(Word::ErrTooEarly, first),
            Self::TooLate(last) => day(Word::ErrTooLate, last),
            Self::NotAPhone => Word::ErrNotAPhone.shown(page),
            Self::RowWithout { row, column } => Word::ErrRowWithout
                .shown(page)
                .with("n", row)
                .with("column", column.shown(page).plain()),
            Self::TooManyRows(max) => Word::ErrTooManyRows.shown(page).with("max", max),
        }
    }
}

/// Whether a field belongs to one of these questions. Others are no answer of this page.
pub fn belongs(name: &str, questions: &[&Question]) -> bool {
    let (key, part) = name.split_once('-').unwrap_or((name, ""));
    let Some(question) = questions.iter().find(|one| one.key.as_str() == key) else {
        return false;
    };
    match (&question.kind, part) {
        (_, "unknown") => question.unknown.is_some(),
        (Kind::List { columns, .. }, part) => part.split_once('-').is_some_and(|(row, column)| {
            let in_bounds = row.parse::<usize>().is_ok_and(|row| row < ROWS);
            in_bounds && columns.iter().any(|one| one.key.as_str() == column)
        }),
        (Kind::Day { .. }, part) => ["", "era", "year", "month", "day"].contains(&part),
        (_, part) => part.is_empty(),
    }
}

/// Reads the answer to one question; `None` if it was left empty and may be. `today` is the day in Japan.
pub fn read(question: &Question, typed: &Typed, today: CalendarDate) -> Result<Option<Answer>, Mistake> {
    let key = question.key.as_str();
    let at = |field: &str, problem| Mistake {
        field: field.to_owned(),
        problem,
    };
    let wrong = |problem| at(key, problem);
    let unknown = question.unknown.is_some()
        && (typed.get(&format!("{key}-unknown")) == "yes" || typed.get(key) == "unknown");
    if unknown {
        return Ok(Some(Answer::Unknown));
    }
    let answer = match &question.kind {
        Kind::YesNo => match typed.get(key) {
            "" => None,
            "yes" => Some(Answer::YesNo(true)),
            "no" => Some(Answer::YesNo(false)),
            _ => return Err(wrong(AnswerProblem::NotAnOption)),
        },
        Kind::Choice { options } => match typed.get(key) {
            "" => None,
            chosen => Some(Answer::Choice(
                option(options, chosen).map_err(wrong)?.key.clone(),
            )),
        },
        Kind::Several { options } => several(options, &typed.all(key)).map_err(wrong)?,
        Kind::Number { min, max, places, .. } => match typed.get(key) {
            "" => None,
            text => Some(number(text, *min, *max, *places).map_err(wrong)?),
        },
        Kind::Text { max, .. } => words(typed.get(key), *max, false)
            .map_err(wrong)?
            .map(Answer::Text),
        Kind::LongText { max } => words(typed.get(key), *max, true)
            .map_err(wrong)?
            .map(Answer::Text),
        Kind::Day { back, ahead } => {
            let read = day::answered(typed, key, today, i64::from(*back), i64::from(*ahead));
            read.map_err(|(field, problem)| at(&field, problem))?
                .map(Answer::Day)
        }
        Kind::List { columns, max } => list(question, columns, *max, typed, today)?,
    };
    match answer {
        None if question.required() => Err(wrong(missing(&question.kind))),
        answer => Ok(answer),
    }
}

fn missing(kind: &Kind) -> AnswerProblem {
    match kind {
        Kind::YesNo | Kind::Choice { .. } | Kind::Several { .. } => AnswerProblem::NothingChosen,
        Kind::Day { .. } => AnswerProblem::NoDay,
        _ => AnswerProblem::NothingTyped,
    }
}

fn option<'o>(options: &'o [Choice], chosen: &str) -> Result<&'o Choice, AnswerProblem> {
    let found = options.iter().find(|one| one.key.as_str() == chosen);
    found.ok_or(AnswerProblem::NotAnOption)
}

fn several(options: &[Choice], chosen: &[&str]) -> Result<Option<Answer>, AnswerProblem> {
    let mut keys = BTreeSet::new();
    let mut alone = false;
    for text in chosen {
        let one = option(options, text)?;
        alone |= one.alone;
        keys.insert(one.key.clone());
    }
    if alone && keys.len() > 1 {
        return Err(AnswerProblem::AloneAndOthers);
    }
    Ok((!keys.is_empty()).then_some(Answer::Several(keys)))
}

fn number(text: &str, min: Decimal, max: Decimal, places: usize) -> Result<Answer, AnswerProblem> {
    let number = Decimal::read(text).map_err(|_| AnswerProblem::NotANumber)?;
    if number < min || number > max {
        return Err(AnswerProblem::OutOfRange(min, max));
    }
    if number.places() > places {
        return Err(AnswerProblem::TooManyPlaces(places));
    }
    Ok(Answer::Number(number))
}

/// One line of text as it was typed; `None` if there is nothing.
pub(crate) fn one_line(typed: &str, max: usize) -> Result<Option<String>, AnswerProblem> {
    words(typed, max, false)
}

/// Text as typed, without what cannot be seen.
fn words(typed: &str, max: usize, lines: bool) -> Result<Option<String>, AnswerProblem> {
    let typed = typed.replace("\r\n", "\n");
    let text: String = typed
        .nfc()
        .map(|c| if c == '\n' && !lines { ' ' } else { c })
        .filter(|c| *c == '\n' || !is_invisible(*c))
        .collect();
    let text = text.trim();
    if text.chars().count() > max {
        return Err(AnswerProblem::TooLong(max));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Control characters, and marks that turn the direction of what follows.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Rows that are empty are no rows.
fn list(
    question: &Question,
    columns: &[Column],
    max: usize,
    typed: &Typed,
    today: CalendarDate,
) -> Result<Option<Answer>, Mistake> {
    let key = &question.key;
    let mut rows = Vec::new();
    for row in 0..typed.rows(key) {
        let mut cells = BTreeMap::new();
        for column in columns {
            let field = format!("{key}-{row}-{}", column.key);
            let cell =
                cell(column.kind, typed.get(&field), today).map_err(|problem| Mistake { field, problem })?;
            if let Some(cell) = cell {
                cells.insert(column.key.clone(), cell);
            }
        }
        if cells.is_empty() {
            continue;
        }
        let lacking = columns
            .iter()
            .find(|column| column.required && !cells.contains_key(&column.key));
        if let Some(column) = lacking {
            return Err(Mistake {
                field: format!("{key}-{row}-{}", column.key),
                problem: AnswerProblem::RowWithout {
                    row: row + 1,
                    column: column.label.clone(),
                },
            });
        }
        rows.push(cells);
    }
    if rows.len() > max {
        return Err(Mistake {
            field: key.to_string(),
            problem: AnswerProblem::TooManyRows(max),
        });
    }
    Ok((!rows.is_empty()).then_some(Answer::List(rows)))
}

fn cell(kind: ColumnKind, typed: &str, today: CalendarDate) -> Result<Option<Cell>, AnswerProblem> {
    if typed.is_empty() {
        return Ok(None);
    }
    Ok(match kind {
        ColumnKind::Text => words(typed, TEXT_LETTERS, false)?.map(Cell::Text),
        ColumnKind::Phone => Some(Cell::Phone(telephone(typed).ok_or(AnswerProblem::NotAPhone)?)),
        ColumnKind::Day => Some(Cell::Day(day::in_one_field(typed, today)?)),
    })
}

/// A number of a phone or of a house; another person's, so nothing is sent to it by itself.
fn telephone(typed: &str) -> Option<String> {
    if let Ok(mobile) = phone::parse(typed) {
        return Some(mobile.number.national());
    }
    let digits: String = typed.nfkc().filter(char::is_ascii_digit).collect();
    let house = digits.starts_with('0') && (10..=11).contains(&digits.len());
    let abroad = typed.nfkc().next() == Some('+') && (8..=15).contains(&digits.len());
    match (house, abroad) {
        (true, _) => Some(digits),
        (_, true) => Some(format!("+{digits}")),
        _ => None,
    }
}

/// What stands in the fields of a question when its answer is shown again.
pub fn fill(question: &Question, answer: &Answer, typed: &mut Typed) {
    let key = question.key.as_str();
    match answer {
        Answer::Unknown => match question.kind {
            Kind::YesNo | Kind::Choice { .. } | Kind::Day { .. } => typed.put(key, "unknown"),
            _ => typed.put(format!("{key}-unknown"), "yes"),
        },
        Answer::YesNo(yes) => typed.put(key, if *yes { "yes" } else { "no" }),
        Answer::Choice(chosen) => typed.put(key, chosen.as_str()),
        Answer::Several(chosen) => {
            for one in chosen {
                typed.put(key, one.as_str());
            }
        }
        Answer::Number(number) => typed.put(key, number.to_string()),
        Answer::Text(text) => typed.put(key, text.as_str()),
        Answer::Day(day) => day::fill(*day, key, typed),
        Answer::List(rows) => {
            for (row, cells) in rows.iter().enumerate() {
                for (column, cell) in cells {
                    let text = match cell {
                        Cell::Text(text) | Cell::Phone(text) => text.clone(),
                        Cell::Day(day) => format!("{}/{}/{}", day.year(), day.month(), day.day()),
                    };
                    typed.put(format!("{key}-{row}-{column}"), text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
