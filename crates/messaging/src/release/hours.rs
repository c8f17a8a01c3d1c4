//! The hours of the day in which messages may leave. Japan keeps one offset all year, so the minute of its day is
//! plain arithmetic.

use std::fmt;

use base::clock::{DAY, MINUTE, Millis, japan_midnight};

/// Minutes of a day.
const MINUTES: u16 = 24 * 60;

/// From a minute of the day in Japan to another of the same day; the second is the first in which nothing leaves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Hours {
    opens: u16,
    closes: u16,
}

impl Hours {
    /// 8:00 to 20:00: when a message from an office frightens nobody.
    pub const DAYTIME: Self = Self {
        opens: 8 * 60,
        closes: 20 * 60,
    };

    /// Both in minutes after midnight; nothing unless the first comes before the second.
    pub const fn new(opens: u16, closes: u16) -> Option<Self> {
        if opens < closes && closes <= MINUTES {
            Some(Self { opens, closes })
        } else {
            None
        }
    }

    /// The first minute in which messages leave.
    pub const fn opens(self) -> u16 {
        self.opens
    }

    /// The first minute in which none leaves any more.
    pub const fn closes(self) -> u16 {
        self.closes
    }

    /// Whether messages may leave at that moment.
    pub fn is_open(self, now: Millis) -> bool {
        (self.opens..self.closes).contains(&minute_of_day(now))
    }

    /// The moment from which messages may leave: `now`, or the next opening.
    pub fn next_open(self, now: Millis) -> Millis {
        if self.is_open(now) {
            return now;
        }
        let today = japan_midnight(now) + Millis::from(self.opens) * MINUTE;
        if now < today { today } else { today + DAY }
    }
}

/// `8:00〜20:00`.
impl fmt::Display for Hours {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{}〜{}",
            time_in_words(self.opens),
            time_in_words(self.closes)
        )
    }
}

/// The minute of the day in Japan, as the claim compares it.
pub fn minute_of_day(now: Millis) -> u16 {
    u16::try_from((now - japan_midnight(now)) / MINUTE).unwrap_or(0)
}

/// `8:00`; the end of the day is `24:00`.
pub fn time_in_words(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

/// A time as a person types it: `8:00`, `８：３０`, `8時`, `8時半`, `0830`.
pub fn parse_time(typed: &str) -> Option<u16> {
    let folded: String = typed.trim().chars().map(fold).collect();
    let (hour, minute) = if let Some((hour, minute)) = folded.split_once(':') {
        (hour, minute)
    } else if folded.len() == 4 && folded.is_ascii() {
        folded.split_at(2)
    } else {
        (folded.as_str(), "0")
    };
    let minute = match minute {
        "" => "0",
        "半" => "30",
        other => other.trim_end_matches('分'),
    };
    let number = |text: &str| -> Option<u16> {
        let plain = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let at = hour * 60 + minute;
    (minute < 60 && at <= MINUTES).then_some(at)
}

fn fold(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '：' | '時' => ':',
        other => other,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use base::clock::HOUR;
    use proptest::prelude::*;

    /// 2026-11-22 00:00 in Japan.
    const MIDNIGHT: Millis = 1_795_273_200_000;

    #[test]
    fn the_last_moment_before_the_end_is_open_and_the_end_is_not() {
        let day = Hours::DAYTIME;
        for (at, open) in [
            (0, false),
            (8 * HOUR - 1, false),
            (8 * HOUR, true),
            (20 * HOUR - 1, true),
            (20 * HOUR, false),
            (DAY - 1, false),
        ] {
            assert_eq!(day.is_open(MIDNIGHT + at), open, "{at}");
        }
        assert_eq!(day.next_open(MIDNIGHT + 20 * HOUR), MIDNIGHT + DAY + 8 * HOUR);
        assert_eq!(day.next_open(MIDNIGHT + 7 * HOUR), MIDNIGHT + 8 * HOUR);
        assert_eq!(day.to_string(), "8:00〜20:00");
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for (typed, minute) in [
            ("8:00", 480),
            ("08:05", 485),
            ("８：３０", 510),
            ("8時", 480),
            ("8時半", 510),
            ("8時5分", 485),
            ("0830", 510),
            ("20", 1200),
            ("24:00", 1440),
            ("0:00", 0),
        ] {
            assert_eq!(parse_time(typed), Some(minute), "{typed}");
        }
        for wrong in [
            "", "8:60", "24:01", "25:00", "朝", "-1:00", "8:5:1", "8::0", "123",
        ] {
            assert_eq!(parse_time(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_waits_waits_for_the_next_opening_and_no_longer(
            opens in 0..1439_u16, length in 1..1440_u16, now in 0..4_000_000_000_000_i64
        ) {
            let hours = Hours::new(opens, (opens + length).min(MINUTES)).unwrap();
            let next = hours.next_open(now);
            prop_assert!(hours.is_open(next) && next >= now && next - now < DAY);
            prop_assert!(next == now || !hours.is_open(next - 1) || hours.opens() == 0);
        }

        #[test]
        fn a_time_is_read_back(minute in 0..=1440_u16) {
            prop_assert_eq!(parse_time(&time_in_words(minute)), Some(minute));
        }
    }
}
