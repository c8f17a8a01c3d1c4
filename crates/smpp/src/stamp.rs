//! Dates as SMSCs write them into receipts.

/// A date and time of day in a time zone that only the carrier's profile knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalStamp {
    /// Full year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59; 0 where the SMSC tells minutes only.
    pub second: u8,
}

impl LocalStamp {
    /// Reads `YYMMDDhhmm`, `YYMMDDhhmmss` or `YYYYMMDDhhmmss`.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let (year, rest) = match text.len() {
            10 | 12 => (2000 + text[..2].parse::<u16>().ok()?, &text[2..]),
            14 => (text[..4].parse().ok()?, &text[4..]),
            _ => return None,
        };
        let two = |at: usize| {
            rest.get(at..at + 2)
                .map_or(Some(0), |digits| digits.parse::<u8>().ok())
        };
        let stamp = Self {
            year,
            month: two(0)?,
            day: two(2)?,
            hour: two(4)?,
            minute: two(6)?,
            second: two(8)?,
        };
        stamp.is_possible().then_some(stamp)
    }

    /// The stamp of a clock that shows so many seconds since the beginning of 1970; the caller has already
    /// added the offset of the time zone.
    pub fn from_local_seconds(seconds: u64) -> Self {
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        let (mut year, mut day) = (1970_u16, days);
        while day >= days_of_year(year) {
            day -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while day >= u64::from(days_of_month(year, month)) {
            day -= u64::from(days_of_month(year, month));
            month += 1;
        }
        let small = |value: u64| u8::try_from(value).expect("parts of a day and a month are below 60");
        Self {
            year,
            month,
            day: small(day + 1),
            hour: small(rest / 3600),
            minute: small(rest / 60 % 60),
            second: small(rest % 60),
        }
    }

    /// As `YYMMDDhhmm`, the form of appendix B.
    pub fn to_minutes(self) -> String {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            ..
        } = self;
        format!("{:02}{month:02}{day:02}{hour:02}{minute:02}", year % 100)
    }

    fn is_possible(self) -> bool {
        (1..=12).contains(&self.month)
            && (1..=days_of_month(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_of_year(year: u16) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of_month(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stamps_of_a_clock() {
        let stamp = LocalStamp::from_local_seconds(1_709_210_096); // 2024-02-29 12:34:56
        let wanted = LocalStamp {
            year: 2024,
            month: 2,
            day: 29,
            hour: 12,
            minute: 34,
            second: 56,
        };
        assert_eq!(stamp, wanted);
        assert_eq!(stamp.to_minutes(), "2402291234");
        assert_eq!(LocalStamp::parse("20240229123456"), Some(wanted));
        assert_eq!(LocalStamp::parse("2302291234"), None);
    }

    proptest! {
        #[test]
        fn a_stamp_reads_itself(seconds in 946_684_800u64..4_102_444_800) {
            let stamp = LocalStamp::from_local_seconds(seconds);
            let again = LocalStamp::parse(&stamp.to_minutes());
            prop_assert_eq!(again, Some(LocalStamp { second: 0, ..stamp }));
        }
    }
}
