//! Times as people in Japan read them. The product stores UTC milliseconds; pages speak Japan time.
//!
//! Japan has kept one offset since 1951, so no time zone table is needed.

use std::borrow::Borrow;
use std::fmt;

use askama::filters::HtmlSafe;
use jiff::{Timestamp, civil, tz::Offset};

const WEEKDAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];

/// An instant in Japan time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JapanTime(civil::DateTime);

impl JapanTime {
    /// From UTC milliseconds since 1970. Instants outside the years −9999 to 9999 become the nearest
    /// end of that span.
    pub fn from_millis(millis: i64) -> Self {
        let nearest_end = if millis < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        };
        let instant = Timestamp::from_millisecond(millis).unwrap_or(nearest_end);
        Self(Offset::constant(9).to_datetime(instant))
    }

    fn weekday(self) -> &'static str {
        let index = self.0.weekday().to_monday_zero_offset();
        WEEKDAYS[usize::try_from(index).expect("0 to 6")]
    }

    /// `11月22日(日)`.
    pub fn date(self) -> String {
        format!("{}月{}日({})", self.0.month(), self.0.day(), self.weekday())
    }

    /// `14:05`.
    pub fn clock(self) -> String {
        format!("{:02}:{:02}", self.0.hour(), self.0.minute())
    }

    /// `14:05:09`.
    pub fn clock_with_seconds(self) -> String {
        format!("{}:{:02}", self.clock(), self.0.second())
    }

    /// `11月22日(日) 14:05`.
    pub fn short(self) -> String {
        format!("{} {}", self.date(), self.clock())
    }

    /// `2026年11月22日(日) 14:05`.
    pub fn full(self) -> String {
        format!("{}年{}", self.0.year(), self.short())
    }

    /// `2026-11-22T14:05:09+09:00`, for machines.
    pub fn machine(self) -> String {
        format!("{}+09:00", self.0.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

/// A `<time>` element.
#[derive(Clone, Debug)]
pub struct Stamp {
    machine: String,
    text: String,
}

impl fmt::Display for Stamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, r#"<time datetime="{}">{}</time>"#, self.machine, self.text)
    }
}

// Only digits and fixed Japanese words ever stand in it.
impl HtmlSafe for Stamp {}

/// `<time>` with date, weekday and clock: `11月22日(日) 14:05`.
pub fn stamp(millis: impl Borrow<i64>) -> Stamp {
    let time = JapanTime::from_millis(*millis.borrow());
    Stamp {
        machine: time.machine(),
        text: time.short(),
    }
}

/// `<time>` with the clock only, for lists of one day: `14:05`.
pub fn clock(millis: impl Borrow<i64>) -> Stamp {
    let time = JapanTime::from_millis(*millis.borrow());
    Stamp {
        machine: time.machine(),
        text: time.clock(),
    }
}

/// `<time>` with seconds, for a log of events: `14:05:09`.
pub fn clock_with_seconds(millis: impl Borrow<i64>) -> Stamp {
    let time = JapanTime::from_millis(*millis.borrow());
    Stamp {
        machine: time.machine(),
        text: time.clock_with_seconds(),
    }
}

/// `<time>` with the year, for what is kept: `2026年11月22日(日) 14:05`.
pub fn full(millis: impl Borrow<i64>) -> Stamp {
    let time = JapanTime::from_millis(*millis.borrow());
    Stamp {
        machine: time.machine(),
        text: time.full(),
    }
}

/// A length of time as `45秒`, `2分30秒`, `1時間05分`.
pub fn duration(seconds: impl Borrow<u64>) -> String {
    match *seconds.borrow() {
        seconds @ 0..60 => format!("{seconds}秒"),
        seconds @ 60..3600 if seconds.is_multiple_of(60) => format!("{}分", seconds / 60),
        seconds @ 60..3600 => format!("{}分{:02}秒", seconds / 60, seconds % 60),
        seconds => format!("{}時間{:02}分", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2026-11-22 05:05:09 UTC
    const AFTERNOON: i64 = 1_795_323_909_000;

    #[test]
    fn japan_time_with_weekday() {
        let time = JapanTime::from_millis(AFTERNOON);
        assert_eq!(time.short(), "11月22日(日) 14:05");
        assert_eq!(time.full(), "2026年11月22日(日) 14:05");
        assert_eq!(time.machine(), "2026-11-22T14:05:09+09:00");
    }

    #[test]
    fn the_day_changes_at_midnight_in_japan() {
        let nine_hours = 9 * 3_600_000;
        assert_eq!(JapanTime::from_millis(-nine_hours).date(), "1月1日(木)");
        assert_eq!(JapanTime::from_millis(-nine_hours - 1).date(), "12月31日(水)");
    }

    #[test]
    fn no_instant_panics() {
        for millis in [i64::MIN, 0, i64::MAX] {
            assert!(!JapanTime::from_millis(millis).full().is_empty());
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration(5), "5秒");
        assert_eq!(duration(120), "2分");
        assert_eq!(duration(125), "2分05秒");
        assert_eq!(duration(3_900), "1時間05分");
    }
}
