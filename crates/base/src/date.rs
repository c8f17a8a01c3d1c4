//! Calendar days as Japanese offices write them: 西暦, 和暦, and the serials that a spreadsheet leaves behind.
//!
//! [`parse`] is the only way from what was typed to a [`CalendarDate`]. It takes every spelling that has one sure
//! reading and refuses the others: `85/4/3` may be 1985, 昭和85年 or 平成85年, and a wrong birth date is somebody
//! else. A day that its era does not reach (平成32年) is refused together with the day that was probably meant.
//!
//! What this does not know is today: an age needs the day on which it is asked for.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::clock::{DAY, Millis};
use crate::merge::is_blank;

/// A day that exists, from 1868-01-01 to 2100-12-31. Cannot hold anything else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarDate(Date);

impl CalendarDate {
    /// The day of the Gregorian calendar, if there is one in 1868 to 2100.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        if !(1868..=2100).contains(&year) {
            return None;
        }
        let (year, month, day) = (
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
        );
        Date::new(year, month, day).ok().map(Self)
    }

    /// Day number of Excel's 1900 system: 1 is 1900-01-01 and 44606 is 2022-02-14. Excel counts a 29 February
    /// 1900, which never was: 60 is no day, and every later number is one too high.
    pub fn from_excel_serial(serial: u32) -> Option<Self> {
        let days = match serial {
            0 | 60 => return None,
            1..60 => i64::from(serial),
            61.. => i64::from(serial) - 1,
        };
        let eve = Date::constant(1899, 12, 31);
        let date = eve.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
        (date.year() <= 2100).then_some(Self(date))
    }

    /// The day in Japan at this instant; `None` outside the years that are days here.
    pub fn in_japan(at: Millis) -> Option<Self> {
        let instant = jiff::Timestamp::from_millisecond(at).ok()?;
        let date = jiff::tz::Offset::constant(9).to_datetime(instant).date();
        (1868..=2100).contains(&date.year()).then_some(Self(date))
    }

    /// The day so many days later, or, with a negative number, earlier.
    pub fn plus_days(self, days: i32) -> Option<Self> {
        let span = jiff::Span::new().try_days(days).ok()?;
        let date = self.0.checked_add(span).ok()?;
        (1868..=2100).contains(&date.year()).then_some(Self(date))
    }

    /// How many days after `earlier` this is; negative if before.
    pub fn days_since(self, earlier: Self) -> i32 {
        // Both are days of 233 years: the difference is below 86,000.
        let days = (self.begins_in_japan() - earlier.begins_in_japan()) / DAY;
        i32::try_from(days).unwrap_or(i32::MAX)
    }

    /// When the day begins in Japan.
    pub fn begins_in_japan(self) -> Millis {
        let midnight = self.0.to_datetime(jiff::civil::Time::midnight());
        let instant = jiff::tz::Offset::constant(9).to_timestamp(midnight);
        instant.expect("1868 to 2100 are instants").as_millisecond()
    }

    /// When the day has ended in Japan: the first moment of the next.
    pub fn ends_in_japan(self) -> Millis {
        self.begins_in_japan() + DAY
    }

    /// 1868 to 2100.
    pub fn year(self) -> u16 {
        u16::try_from(self.0.year()).expect("1868 to 2100")
    }

    /// 1 to 12.
    pub fn month(self) -> u8 {
        u8::try_from(self.0.month()).expect("1 to 12")
    }

    /// 1 to 31.
    pub fn day(self) -> u8 {
        u8::try_from(self.0.day()).expect("1 to 31")
    }

    /// Completed years on `day` of somebody born on this day; `None` if born later. Who was born on 29 February
    /// is a year older on 1 March of a common year.
    pub fn age_on(self, day: Self) -> Option<u8> {
        let years = day.year().checked_sub(self.year())?;
        let before_birthday = (day.month(), day.day()) < (self.month(), self.day());
        u8::try_from(years.checked_sub(u16::from(before_birthday))?).ok()
    }

    /// `昭和60年4月3日`, the first year as 元年. The days of January 1868 before the era began count as 明治.
    pub fn wareki(self) -> String {
        let era = Era::of(self);
        let (month, day) = (self.month(), self.day());
        match self.year() + 1 - era.first_year() {
            1 => format!("{}元年{month}月{day}日", era.label()),
            year => format!("{}{year}年{month}月{day}日", era.label()),
        }
    }
}

/// `1985-04-03`.
impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A day may be somebody's birth date: the debug form keeps the year only.
impl fmt::Debug for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-**-**", self.year())
    }
}

impl Serialize for CalendarDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CalendarDate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let read = || {
            let (year, rest) = text.split_once('-')?;
            let (month, day) = rest.split_once('-')?;
            Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        };
        // The refused text may be somebody's birth date: it stays out of the message.
        read().ok_or_else(|| serde::de::Error::custom("not a day as YYYY-MM-DD"))
    }
}

/// The eras in which living people were born, and the one before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Era {
    /// To 1912-07-29.
    Meiji,
    /// 1912-07-30 to 1926-12-24.
    Taisho,
    /// 1926-12-25 to 1989-01-07.
    Showa,
    /// 1989-01-08 to 2019-04-30.
    Heisei,
    /// From 2019-05-01.
    Reiwa,
}

impl Era {
    /// The latest first.
    const ALL: [Self; 5] = [Self::Reiwa, Self::Heisei, Self::Showa, Self::Taisho, Self::Meiji];

    /// The era of a day.
    pub fn of(date: CalendarDate) -> Self {
        let found = Self::ALL.into_iter().find(|era| era.first_day() <= date.0);
        found.unwrap_or(Self::Meiji)
    }

    /// `令和`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Meiji => "明治",
            Self::Taisho => "大正",
            Self::Showa => "昭和",
            Self::Heisei => "平成",
            Self::Reiwa => "令和",
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Meiji => 'm',
            Self::Taisho => 't',
            Self::Showa => 's',
            Self::Heisei => 'h',
            Self::Reiwa => 'r',
        }
    }

    fn first_day(self) -> Date {
        match self {
            Self::Meiji => Date::constant(1868, 1, 25),
            Self::Taisho => Date::constant(1912, 7, 30),
            Self::Showa => Date::constant(1926, 12, 25),
            Self::Heisei => Date::constant(1989, 1, 8),
            Self::Reiwa => Date::constant(2019, 5, 1),
        }
    }

    /// The Gregorian year that is its first.
    fn first_year(self) -> u16 {
        u16::try_from(self.first_day().year()).expect("after 1868")
    }

    /// Cuts 令和, 令 or R from the front.
    fn cut(text: &str) -> Option<(Self, &str)> {
        Self::ALL.into_iter().find_map(|era| {
            let rest = text.strip_prefix(era.label());
            let rest = rest.or_else(|| text.strip_prefix(era.label().chars().next()?));
            rest.or_else(|| Some(text.strip_prefix(era.letter())?.trim_start_matches('.')))
                .map(|rest| (era, rest))
        })
    }
}

/// What a cell says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Parsed {
    /// A day.
    Full(CalendarDate),
    /// `2/14`: a day of some year. The pair exists in a leap year.
    MonthDay {
        /// 1 to 12.
        month: u8,
        /// 1 to 31.
        day: u8,
    },
}

impl Parsed {
    /// The day, where the year was written.
    pub fn full(self) -> Option<CalendarDate> {
        match self {
            Self::Full(date) => Some(date),
            Self::MonthDay { .. } => None,
        }
    }
}

/// May be a birthday.
impl fmt::Debug for Parsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(date) => write!(f, "Full({date:?})"),
            Self::MonthDay { .. } => f.write_str("MonthDay"),
        }
    }
}

/// Why a cell is no day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DateProblem {
    /// Nothing there.
    #[error("日付がありません。日付を入れてください。")]
    Missing,
    /// Something else.
    #[error("日付として読めません。2022/2/14 や 令和4年2月14日 のように直してください。")]
    NotADate,
    /// A year of two digits without its era, or a number that may be a year.
    #[error("年が読み取れません。西暦4桁か、元号をつけて書いてください。")]
    Ambiguous,
    /// 31 April, or a year before 1868 or after 2100.
    #[error("この日付は暦にありません。元の資料を確かめてください。")]
    NoSuchDay,
    /// 平成32年: the era does not reach that day.
    #[error("{}の時代にない日付です。「{}」のことではありませんか。元の資料を確かめてください。", .era.label(), .meant.wareki())]
    OtherEra {
        /// As written.
        era: Era,
        /// The same day by the right era.
        meant: CalendarDate,
    },
}

/// Longest cell that is looked at, in bytes: no date is longer.
const MAX_CELL: usize = 120;

/// Reads one cell.
pub fn parse(cell: &str) -> Result<Parsed, DateProblem> {
    if cell.chars().all(is_blank) {
        return Err(DateProblem::Missing);
    }
    if cell.len() > MAX_CELL {
        return Err(DateProblem::NotADate);
    }
    let text = without_time(&fold(cell)).ok_or(DateProblem::NotADate)?;
    if let Some((era, rest)) = Era::cut(&text) {
        return of_era(era, rest);
    }
    match Numbers::read(&text).ok_or(DateProblem::NotADate)? {
        Numbers::One(digits) => of_digits(digits),
        Numbers::MonthDay(month, day) => of_month_day(month, day),
        Numbers::Three(year, month, day) if year.len() < 3 && month.len() < 3 && day.len() < 3 => {
            Err(DateProblem::Ambiguous)
        }
        Numbers::Three(year, month, day) => of_gregorian(year, month, day),
    }
}

/// Half-width, lower case, one kind of dash, no notes about the weekday.
fn fold(cell: &str) -> String {
    let mut text: String = cell
        .nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '‐' | '‑' | '–' | '—' | '―' | '−' | 'ー' => '-',
            '。' => '.',
            c if is_blank(c) => ' ',
            c => c,
        })
        .collect();
    for weekday in ['日', '月', '火', '水', '木', '金', '土'] {
        for note in [
            format!("({weekday})"),
            format!("({weekday}曜)"),
            format!("({weekday}曜日)"),
        ] {
            text = text.replace(&note, " ");
        }
    }
    let text = text.trim().trim_start_matches('\'');
    let text = text
        .strip_suffix("生まれ")
        .or_else(|| text.strip_suffix('生'))
        .unwrap_or(text);
    text.trim().to_owned()
}

/// Leaves out `0:00:00` or `10時30分` behind the day, and every blank. `None` for a time alone.
fn without_time(text: &str) -> Option<String> {
    let day = match text.find([':', '時']) {
        None => text,
        Some(mark) => {
            let before = text[..mark].trim_end_matches(|c: char| c.is_ascii_digit());
            let day = before.trim_end_matches(['午', '前', '後', ' ', 't']);
            if day.len() == before.len() {
                return None;
            }
            day
        }
    };
    Some(day.chars().filter(|c| *c != ' ').collect())
}

/// The numbers of a day that stand between the right signs.
enum Numbers<'a> {
    One(&'a str),
    MonthDay(&'a str, &'a str),
    Three(&'a str, &'a str, &'a str),
}

impl<'a> Numbers<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if digits(text) {
            return Some(Self::One(text));
        }
        if let Some((year, rest)) = text.split_once('年') {
            let (month, day) = rest.split_once('月')?;
            let day = day.strip_suffix('日').unwrap_or(day);
            let year_fits = digits(year) || year == "元";
            return (year_fits && digits(month) && digits(day)).then_some(Self::Three(year, month, day));
        }
        if let Some((month, day)) = text.split_once('月') {
            let day = day.strip_suffix('日').unwrap_or(day);
            return (digits(month) && digits(day)).then_some(Self::MonthDay(month, day));
        }
        let parts: Vec<&str> = text.split(['/', '.', '-']).collect();
        match parts.as_slice() {
            // "44606.5" is a day with its time; "2.14" and "2-14" may be anything.
            [whole, fraction] if text.contains('.') => {
                (digits(whole) && digits(fraction) && whole.len() >= 4).then_some(Self::One(whole))
            }
            [month, day] if text.contains('/') => {
                (digits(month) && digits(day)).then_some(Self::MonthDay(month, day))
            }
            [year, month, day] => {
                let year_fits = digits(year) || *year == "元";
                (year_fits && digits(month) && digits(day)).then_some(Self::Three(year, month, day))
            }
            _ => None,
        }
    }
}

fn of_era(era: Era, rest: &str) -> Result<Parsed, DateProblem> {
    let (year, month, day) = match Numbers::read(rest).ok_or(DateProblem::NotADate)? {
        Numbers::Three(year, month, day) => (year, month, day),
        // "S600105"
        Numbers::One(digits) if digits.len() == 6 => (&digits[..2], &digits[2..4], &digits[4..]),
        Numbers::One(_) | Numbers::MonthDay(..) => return Err(DateProblem::NotADate),
    };
    let year: u16 = match year {
        "元" => 1,
        digits if digits.len() <= 2 => digits.parse().map_err(|_| DateProblem::NotADate)?,
        _ => return Err(DateProblem::NotADate),
    };
    if year == 0 {
        return Err(DateProblem::NoSuchDay);
    }
    let date = gregorian(era.first_year() + year - 1, month, day)?;
    if Era::of(date) == era {
        Ok(Parsed::Full(date))
    } else {
        Err(DateProblem::OtherEra { era, meant: date })
    }
}

fn of_gregorian(year: &str, month: &str, day: &str) -> Result<Parsed, DateProblem> {
    if year.len() != 4 {
        return Err(DateProblem::NotADate);
    }
    gregorian(small(year)?, month, day).map(Parsed::Full)
}

fn of_month_day(month: &str, day: &str) -> Result<Parsed, DateProblem> {
    let date = gregorian(2000, month, day)?;
    Ok(Parsed::MonthDay {
        month: date.month(),
        day: date.day(),
    })
}

/// `20220214` or a serial. Numbers up to 2100 are left alone: they may be years, and as serials they are days
/// before 1905-10.
fn of_digits(digits: &str) -> Result<Parsed, DateProblem> {
    match digits.len() {
        8 => gregorian(small(&digits[..4])?, &digits[4..6], &digits[6..]).map(Parsed::Full),
        4 | 5 if !digits.starts_with('0') => match digits.parse().map_err(|_| DateProblem::NotADate)? {
            ..=2100 => Err(DateProblem::Ambiguous),
            serial => CalendarDate::from_excel_serial(serial)
                .map(Parsed::Full)
                .ok_or(DateProblem::NotADate),
        },
        _ => Err(DateProblem::NotADate),
    }
}

fn gregorian(year: u16, month: &str, day: &str) -> Result<CalendarDate, DateProblem> {
    if month.len() > 2 || day.len() > 2 {
        return Err(DateProblem::NotADate);
    }
    let part = |digits: &str| digits.parse::<u8>().map_err(|_| DateProblem::NotADate);
    CalendarDate::new(year, part(month)?, part(day)?).ok_or(DateProblem::NoSuchDay)
}

fn small(digits: &str) -> Result<u16, DateProblem> {
    digits.parse().map_err(|_| DateProblem::NotADate)
}

#[cfg(test)]
mod tests;
