//! Whole days in Japan, and the days before them to compare with.

use base::clock::Millis;
use base::date::CalendarDate;

/// From one day to another, both of them in it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Period {
    first: CalendarDate,
    last: CalendarDate,
}

impl std::fmt::Debug for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.first, self.last)
    }
}

impl Period {
    /// So many days that end with `last`; at least one.
    pub fn ending(last: CalendarDate, days: u16) -> Self {
        let back = i32::from(days.max(1)) - 1;
        Self {
            first: last.plus_days(-back).unwrap_or(last),
            last,
        }
    }

    /// Monday to Sunday, the week in which the day lies.
    pub fn week_of(day: CalendarDate) -> Self {
        let monday = day
            .plus_days(-i32::try_from(weekday(day)).unwrap_or(0))
            .unwrap_or(day);
        Self {
            first: monday,
            last: monday.plus_days(6).unwrap_or(day),
        }
    }

    /// Its first day.
    pub const fn first(self) -> CalendarDate {
        self.first
    }

    /// Its last day.
    pub const fn last(self) -> CalendarDate {
        self.last
    }

    /// How many days it has.
    pub fn length(self) -> u16 {
        u16::try_from(self.last.days_since(self.first) + 1).unwrap_or(1)
    }

    /// As many days just before it.
    #[must_use]
    pub fn before(self) -> Self {
        let last = self.first.plus_days(-1).unwrap_or(self.first);
        Self::ending(last, self.length())
    }

    /// Its days, the first one first.
    pub fn days(self) -> impl DoubleEndedIterator<Item = CalendarDate> + use<> {
        (0..i32::from(self.length())).filter_map(move |days| self.first.plus_days(days))
    }

    /// Whether the day is one of them.
    pub fn holds(self, day: CalendarDate) -> bool {
        self.first <= day && day <= self.last
    }

    /// From its first moment to the first one after it.
    pub fn moments(self) -> (Millis, Millis) {
        (self.first.begins_in_japan(), self.last.ends_in_japan())
    }

    /// `11月1日から11月28日までの28日間`.
    pub fn label(self) -> String {
        let day = |day: CalendarDate| format!("{}月{}日", day.month(), day.day());
        match self.length() {
            1 => day(self.first),
            length => format!("{}から{}までの{length}日間", day(self.first), day(self.last)),
        }
    }
}

/// 0 for Monday to 6 for Sunday.
pub fn weekday(day: CalendarDate) -> usize {
    // 2024-01-01 was a Monday.
    let monday = CalendarDate::new(2024, 1, 1).expect("it was a day");
    usize::try_from(day.days_since(monday).rem_euclid(7)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> CalendarDate {
        base::date::parse(text)
            .ok()
            .and_then(base::date::Parsed::full)
            .expect("a day")
    }

    #[test]
    fn a_period_and_the_one_before_touch_and_are_as_long() {
        let period = Period::ending(day("2022-03-01"), 28);
        assert_eq!(
            format!("{period:?} {:?}", period.before()),
            "2022-02-02/2022-03-01 2022-01-05/2022-02-01"
        );
        assert_eq!(period.label(), "2月2日から3月1日までの28日間");
        assert_eq!(period.days().count(), 28);
    }

    #[test]
    fn weeks_begin_on_monday() {
        // A Saturday.
        assert_eq!(weekday(day("2026-11-28")), 5);
        assert_eq!(
            format!("{:?}", Period::week_of(day("2026-11-28"))),
            "2026-11-23/2026-11-29"
        );
    }

    proptest! {
        #[test]
        fn every_day_is_in_exactly_one_week(days in -20_000..20_000_i32) {
            let day = day("2024-01-01").plus_days(days).expect("1969 to 2078");
            let week = Period::week_of(day);
            prop_assert!(week.holds(day));
            prop_assert_eq!(week.length(), 7);
            prop_assert!(week.days().all(|one| Period::week_of(one) == week));
        }
    }
}
