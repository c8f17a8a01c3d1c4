//! Days out of an era and three boxes, or out of one field.

use base::clock::DAY;
use base::date::{self, CalendarDate, DateProblem, Era, Parsed};
use unicode_normalization::UnicodeNormalization;

use super::{AnswerProblem, Typed};

/// The eras that a box offers, with what it sends; 西暦 sends nothing.
pub const ERAS: [(&str, Era); 4] = [
    ("reiwa", Era::Reiwa),
    ("heisei", Era::Heisei),
    ("showa", Era::Showa),
    ("taisho", Era::Taisho),
];

/// Reads a day out of the fields `NAME-era`, `NAME-year`, `NAME-month` and `NAME-day`. Where the year is left out,
/// it is the last such day up to `latest`, if one is given.
pub fn read_day(
    typed: &Typed,
    name: &str,
    latest: Option<CalendarDate>,
) -> Result<Option<CalendarDate>, (String, AnswerProblem)> {
    let field = |part: &str| format!("{name}-{part}");
    let value = |part: &str| -> String {
        typed
            .get(&field(part))
            .nfkc()
            .filter(|c| !c.is_whitespace())
            .collect()
    };
    let (year, month, day) = (value("year"), value("month"), value("day"));
    if year.is_empty() && month.is_empty() && day.is_empty() {
        return Ok(None);
    }
    let at_year = |problem| (field("year"), problem);
    // Somebody typed the whole day into the first box.
    if month.is_empty() && day.is_empty() {
        let whole = date::parse(&year).ok().and_then(Parsed::full);
        return whole.map(Some).ok_or((field("month"), AnswerProblem::NotADay));
    }
    for (part, text) in [("month", &month), ("day", &day)] {
        if text.trim_end_matches(['月', '日']).parse::<u8>().is_err() {
            return Err((field(part), AnswerProblem::NotADay));
        }
    }
    let (month, day) = (month.trim_end_matches('月'), day.trim_end_matches('日'));
    if year.is_empty() {
        let latest = latest.ok_or_else(|| at_year(AnswerProblem::NotADay))?;
        let found = last_such_day(month, day, latest);
        return found.map(Some).map_err(|problem| (field("day"), problem));
    }
    let era = typed.get(&field("era"));
    let era = ERAS.iter().find(|(code, _)| *code == era).map(|(_, era)| *era);
    let year = year.trim_end_matches('年');
    let plain = year == "元" || year.bytes().all(|b| b.is_ascii_digit());
    // A year that names its era needs no other.
    let prefix = era.filter(|_| plain && year.len() < 4).map_or("", Era::label);
    match date::parse(&format!("{prefix}{year}年{month}月{day}日")) {
        Ok(Parsed::Full(date)) => Ok(Some(date)),
        Ok(Parsed::MonthDay { .. }) | Err(DateProblem::Missing) => Err(at_year(AnswerProblem::NotADay)),
        Err(DateProblem::NotADate | DateProblem::Ambiguous) => Err(at_year(if plain {
            AnswerProblem::NoEra
        } else {
            AnswerProblem::NotADay
        })),
        Err(DateProblem::NoSuchDay) => Err((field("day"), AnswerProblem::NoSuchDay)),
        Err(DateProblem::OtherEra { meant, .. }) => Err(at_year(AnswerProblem::OtherEra(meant))),
    }
}

/// 12月30日, asked in January, was last year.
fn last_such_day(month: &str, day: &str, latest: CalendarDate) -> Result<CalendarDate, AnswerProblem> {
    let (Ok(month), Ok(day)) = (month.parse(), day.parse()) else {
        return Err(AnswerProblem::NotADay);
    };
    let mut years = (latest.year() - 8..=latest.year()).rev();
    years
        .find_map(|year| CalendarDate::new(year, month, day).filter(|date| *date <= latest))
        .ok_or(AnswerProblem::NoSuchDay)
}

/// The answer to a question about a day: 今日, 昨日, or the boxes.
pub(super) fn answered(
    typed: &Typed,
    key: &str,
    today: CalendarDate,
    back: i64,
    ahead: i64,
) -> Result<Option<CalendarDate>, (String, AnswerProblem)> {
    let (first, last) = (days_from(today, -back), days_from(today, ahead));
    let (day, at) = match typed.get(key) {
        "today" => (today, key.to_owned()),
        "yesterday" => (days_from(today, -1), key.to_owned()),
        "" | "day" => match read_day(typed, key, Some(last))? {
            Some(day) => (day, format!("{key}-year")),
            None if typed.get(key) == "day" => return Err((format!("{key}-month"), AnswerProblem::NoDay)),
            None => return Ok(None),
        },
        _ => return Err((key.to_owned(), AnswerProblem::NotAnOption)),
    };
    if day < first {
        Err((at, AnswerProblem::TooEarly(first)))
    } else if day > last {
        Err((at, AnswerProblem::TooLate(last)))
    } else {
        Ok(Some(day))
    }
}

/// `11/20`, `11月20日`, `2026/11/20`, 今日: a day not after today.
pub(super) fn in_one_field(typed: &str, today: CalendarDate) -> Result<CalendarDate, AnswerProblem> {
    let day = match date::parse(typed) {
        Ok(Parsed::Full(date)) => date,
        Ok(Parsed::MonthDay { month, day }) => last_such_day(&month.to_string(), &day.to_string(), today)?,
        Err(DateProblem::NoSuchDay) => return Err(AnswerProblem::NoSuchDay),
        Err(DateProblem::OtherEra { meant, .. }) => return Err(AnswerProblem::OtherEra(meant)),
        Err(_) => match typed {
            "今日" | "きょう" => today,
            "昨日" | "きのう" => days_from(today, -1),
            _ => return Err(AnswerProblem::NotADay),
        },
    };
    if day > today {
        return Err(AnswerProblem::TooLate(today));
    }
    Ok(day)
}

/// So many days later.
fn days_from(day: CalendarDate, days: i64) -> CalendarDate {
    CalendarDate::in_japan(day.begins_in_japan() + days * DAY).unwrap_or(day)
}

pub(super) fn fill(day: CalendarDate, key: &str, typed: &mut Typed) {
    typed.put(key, "day");
    typed.put(format!("{key}-year"), day.year().to_string());
    typed.put(format!("{key}-month"), day.month().to_string());
    typed.put(format!("{key}-day"), day.day().to_string());
}
