//! When a desk takes applications, and until when the result comes the same day. All of it in Japan's time.

use std::fmt;

use base::clock::{DAY, MINUTE, Millis, japan_midnight};
use base::date::CalendarDate;
use serde::{Deserialize, Serialize};

/// A time of day, to the minute; 24:00 is the end of the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClockTime(u16);

const DAY_MINUTES: u16 = 24 * 60;

impl ClockTime {
    /// Reads `17:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (hours, minutes) = text.split_once(':')?;
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(hours) || !digits(minutes) {
            return None;
        }
        let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
        let all = hours * 60 + minutes;
        (minutes < 60 && all <= DAY_MINUTES).then_some(Self(all))
    }

    /// How long after midnight, in milliseconds.
    fn after_midnight(self) -> Millis {
        Millis::from(self.0) * MINUTE
    }
}

impl fmt::Display for ClockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl TryFrom<String> for ClockTime {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
            .ok_or_else(|| format!("「{text}」は時刻ではありません。\"17:00\" のように書いてください"))
    }
}

impl From<ClockTime> for String {
    fn from(time: ClockTime) -> Self {
        time.to_string()
    }
}

/// When applications are taken.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// From when in the day.
    pub opens: ClockTime,
    /// Until when.
    pub closes: ClockTime,
    /// Whoever applied by then has the result on the same day.
    pub cut_off: ClockTime,
    /// So many applications a day; `None` for as many as come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// Days on which nothing is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_on: Vec<CalendarDate>,
    /// The last day of the desk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_day: Option<CalendarDate>,
}

/// Whether applications are taken at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    /// They are, until this moment.
    Open {
        /// When it closes.
        until: Millis,
    },
    /// They are not.
    Closed {
        /// When it opens again; `None` if it does not.
        opens_at: Option<Millis>,
    },
}

/// So many days are looked at for the next one that is open.
const LOOK_AHEAD: i32 = 366;

impl Hours {
    /// Whether they are taken at this moment, by the clock alone.
    pub fn at(&self, now: Millis) -> Opening {
        let midnight = japan_midnight(now);
        let Some(today) = CalendarDate::in_japan(now) else {
            return Opening::Closed { opens_at: None };
        };
        let since = now - midnight;
        if self.takes_on(today) && since < self.closes.after_midnight() {
            return if since >= self.opens.after_midnight() {
                Opening::Open {
                    until: midnight + self.closes.after_midnight(),
                }
            } else {
                Opening::Closed {
                    opens_at: Some(midnight + self.opens.after_midnight()),
                }
            };
        }
        let mut days = (1..=LOOK_AHEAD).filter_map(|ahead| today.plus_days(ahead));
        let next = days.find(|day| self.takes_on(*day));
        Opening::Closed {
            opens_at: next.map(|day| day.begins_in_japan() + self.opens.after_midnight()),
        }
    }

    fn takes_on(&self, day: CalendarDate) -> bool {
        !self.closed_on.contains(&day) && self.last_day.is_none_or(|last| day <= last)
    }

    /// Until when on the day of `now` an application has its result the same day.
    pub fn cut_off_at(&self, now: Millis) -> Millis {
        japan_midnight(now) + self.cut_off.after_midnight()
    }

    /// From when until when applications are taken on the day of `now`, if they are at all.
    pub fn today(&self, now: Millis) -> (Millis, Millis) {
        let midnight = japan_midnight(now);
        let at = |time: ClockTime| midnight + time.after_midnight();
        (at(self.opens), at(self.closes))
    }

    /// When the day of `now` ends.
    pub fn day_ends_at(now: Millis) -> Millis {
        japan_midnight(now) + DAY
    }
}

#[cfg(test)]
mod tests {
    use base::clock::HOUR;

    use super::*;

    fn hours() -> Hours {
        let time = |text: &str| ClockTime::parse(text).expect("a time");
        Hours {
            opens: time("09:00"),
            closes: time("21:00"),
            cut_off: time("17:00"),
            capacity: None,
            closed_on: CalendarDate::new(2022, 9, 10).into_iter().collect(),
            last_day: CalendarDate::new(2022, 9, 30),
        }
    }

    #[test]
    fn a_closed_desk_says_when_it_opens() {
        let day = |day: u8| CalendarDate::new(2022, 9, day).expect("a day").begins_in_japan();
        let hours = hours();
        let closed = |opens_at| Opening::Closed { opens_at };
        assert_eq!(hours.at(day(8) + 8 * HOUR), closed(Some(day(8) + 9 * HOUR)));
        let open = Opening::Open {
            until: day(8) + 21 * HOUR,
        };
        assert_eq!(hours.at(day(8) + 9 * HOUR), open);
        assert_eq!(hours.at(day(8) + 21 * HOUR), closed(Some(day(9) + 9 * HOUR)));
        // The tenth is closed.
        assert_eq!(hours.at(day(9) + 22 * HOUR), closed(Some(day(11) + 9 * HOUR)));
        assert_eq!(hours.at(day(30) + 21 * HOUR), closed(None));
        assert_eq!(hours.cut_off_at(day(8) + HOUR), day(8) + 17 * HOUR);
    }

    #[test]
    fn a_time_is_read_as_it_is_written() {
        for text in ["00:00", "09:05", "24:00"] {
            assert_eq!(
                ClockTime::parse(text).map(|time| time.to_string()).as_deref(),
                Some(text)
            );
        }
        for wrong in ["9:00", "24:01", "12:60", "１２:00", "12", ""] {
            assert_eq!(ClockTime::parse(wrong), None, "{wrong}");
        }
    }
}
