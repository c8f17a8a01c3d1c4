//! The day of a desk by the clock: how fast applications are decided, when the last one will be, whether the promise of
//! the same day holds. Pure: counts in, words and moments out.
//!
//! The pace is that of the last hour, of everybody together. It says how many people are needed, and nothing of any of
//! them.

use base::clock::{DAY, HOUR, MINUTE, Millis};

use crate::document::{Hours, Opening};
use crate::store::Counted;

/// When what waits will have been decided if the pace stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Forecast {
    /// Nothing waits.
    Done,
    /// At this moment.
    At(Millis),
    /// Nobody decided anything within the last hour.
    Unknown,
}

/// When `waiting` applications will have been decided, at `per_hour`.
pub fn forecast(waiting: u32, per_hour: u32, now: Millis) -> Forecast {
    match (waiting, per_hour) {
        (0, _) => Forecast::Done,
        (_, 0) => Forecast::Unknown,
        (waiting, pace) => {
            // To the next minute: nobody is told an end that is too early.
            let minutes = up(i64::from(waiting) * 60, i64::from(pace));
            Forecast::At(now + minutes * MINUTE)
        }
    }
}

/// `part / of`, rounded up; both are above zero.
const fn up(part: i64, of: i64) -> i64 {
    (part + of - 1) / of
}

/// How many an hour have to be decided so that `waiting` are done by `by`; `None` if that moment is over.
pub fn needed_per_hour(waiting: u32, now: Millis, by: Millis) -> Option<u32> {
    let left = by - now;
    if waiting == 0 {
        return Some(0);
    }
    if left <= 0 {
        return None;
    }
    let needed = up(i64::from(waiting) * HOUR, left);
    Some(u32::try_from(needed).unwrap_or(u32::MAX))
}

/// Why the promise of the same day is in danger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Danger {
    /// At the present pace the last one is decided only then.
    Late {
        /// How many came by the cut-off and wait.
        due: u32,
        /// When the last of them is decided.
        at: Millis,
    },
    /// They wait, and nobody has decided anything for an hour.
    NobodyDecides {
        /// How many.
        due: u32,
    },
    /// The desk is closed for today, and they still wait.
    Over {
        /// How many.
        due: u32,
    },
}

/// The day of a desk as a page shows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Day {
    /// When it is read.
    pub now: Millis,
    /// Whether applications are taken.
    pub opening: Opening,
    /// By when an application has its result the same day.
    pub cut_off: Millis,
    /// When the desk closes, or closed, today.
    pub closes: Millis,
    /// When it opened today.
    pub opens: Millis,
    /// What was counted.
    pub counted: Counted,
}

impl Day {
    /// Of a desk with these hours. A desk that was closed by hand takes nothing, and still owes what came.
    pub fn of(hours: &Hours, closed_by_hand: bool, now: Millis, counted: Counted) -> Self {
        let opening = if closed_by_hand {
            Opening::Closed { opens_at: None }
        } else {
            hours.at(now)
        };
        let (opens, closes) = hours.today(now);
        Self {
            now,
            opening,
            cut_off: hours.cut_off_at(now),
            closes,
            opens,
            counted,
        }
    }

    /// When everything that waits will have been decided.
    pub fn ends(&self) -> Forecast {
        forecast(self.counted.waiting, self.counted.lately, self.now)
    }

    /// When everything will have been decided that has to be today.
    pub fn due_ends(&self) -> Forecast {
        forecast(self.counted.due, self.counted.lately, self.now)
    }

    /// Decisions of an hour for each of those who decide; `None` where so few decide that it would be somebody's own
    /// figure.
    pub fn each(&self) -> Option<u32> {
        let people = self.counted.people;
        (people >= FEW).then(|| self.counted.lately.div_ceil(people))
    }

    /// Why the promise of the same day is in danger, if it is.
    pub fn danger(&self) -> Option<Danger> {
        let due = self.counted.due;
        if due == 0 {
            return None;
        }
        if self.now >= self.closes {
            return Some(Danger::Over { due });
        }
        match self.due_ends() {
            Forecast::At(at) if at > self.closes => Some(Danger::Late { due, at }),
            // In the first hour nobody can have decided for an hour.
            Forecast::Unknown if self.now >= self.opens + HOUR => Some(Danger::NobodyDecides { due }),
            _ => None,
        }
    }
}

/// Of so many people a figure for each is nobody's.
const FEW: u32 = 3;

/// How long somebody who applies now will wait for the result, for the page of the desk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Estimate {
    /// About so many minutes, in steps that keep a promise nobody has made: 30 minutes up to two hours, then hours.
    Minutes(u32),
    /// Tomorrow, or when the desk opens again.
    NextDay,
    /// Nothing can be said; the promise of the desk's document holds.
    Unknown,
}

/// From counts that change: an estimate that is rounded up, and that says nothing rather than something wrong. With
/// `Unknown` a page shows the document's `review.within_hours`.
pub fn waiting_estimate(hours: &Hours, closed_by_hand: bool, now: Millis, counted: &Counted) -> Estimate {
    let day = Day::of(hours, closed_by_hand, now, counted.clone());
    if !matches!(day.opening, Opening::Open { .. }) || now > day.cut_off {
        return Estimate::NextDay;
    }
    match forecast(counted.waiting.saturating_add(1), counted.lately, now) {
        Forecast::At(at) if at > day.closes || at - now > DAY => Estimate::NextDay,
        Forecast::At(at) => Estimate::Minutes(rounded((at - now) / MINUTE)),
        Forecast::Done | Forecast::Unknown => Estimate::Unknown,
    }
}

fn rounded(minutes: Millis) -> u32 {
    let step = if minutes <= 120 { 30 } else { 60 };
    let rounded = up(minutes.max(1), step) * step;
    u32::try_from(rounded).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::ClockTime;

    fn hours() -> Hours {
        let time = |text: &str| ClockTime::parse(text).expect("a time");
        Hours {
            opens: time("09:00"),
            closes: time("21:00"),
            cut_off: time("15:00"),
            capacity: None,
            closed_on: Vec::new(),
            last_day: None,
        }
    }

    /// 2026-11-22 00:00 in Japan.
    const MIDNIGHT: Millis = 1_795_273_200_000;

    fn day(at: Millis, counted: Counted) -> Day {
        Day::of(&hours(), false, MIDNIGHT + at, counted)
    }

    fn waits(due: u32, lately: u32) -> Counted {
        Counted {
            waiting: due,
            due,
            lately,
            people: 4,
            ..Counted::default()
        }
    }

    #[test]
    fn the_same_day_is_in_danger_when_the_pace_does_not_reach() {
        assert_eq!(day(14 * HOUR, waits(100, 50)).danger(), None);
        let late = Danger::Late {
            due: 400,
            at: MIDNIGHT + 22 * HOUR,
        };
        assert_eq!(day(14 * HOUR, waits(400, 50)).danger(), Some(late));
        assert_eq!(
            day(9 * HOUR + MINUTE, waits(4, 0)).danger(),
            None,
            "it has just opened"
        );
        let nobody = Danger::NobodyDecides { due: 4 };
        assert_eq!(day(10 * HOUR, waits(4, 0)).danger(), Some(nobody));
        assert_eq!(
            day(21 * HOUR, waits(1, 9)).danger(),
            Some(Danger::Over { due: 1 })
        );
        assert_eq!(day(21 * HOUR, waits(0, 0)).danger(), None);
    }

    #[test]
    fn the_figure_of_a_few_people_is_nobodys() {
        let mut counted = waits(10, 31);
        assert_eq!(day(14 * HOUR, counted.clone()).each(), Some(8));
        counted.people = 2;
        assert_eq!(day(14 * HOUR, counted).each(), None);
    }

    #[test]
    fn residents_hear_no_promise_that_the_clock_breaks() {
        let estimate = |at, counted| waiting_estimate(&hours(), false, MIDNIGHT + at, &counted);
        assert_eq!(estimate(14 * HOUR, waits(0, 60)), Estimate::Minutes(30));
        assert_eq!(estimate(14 * HOUR, waits(119, 60)), Estimate::Minutes(120));
        assert_eq!(estimate(14 * HOUR, waits(120, 60)), Estimate::Minutes(180));
        assert_eq!(estimate(14 * HOUR, waits(600, 60)), Estimate::NextDay);
        assert_eq!(estimate(15 * HOUR + 1, waits(0, 60)), Estimate::NextDay);
        assert_eq!(estimate(8 * HOUR, waits(0, 60)), Estimate::NextDay);
        assert_eq!(estimate(10 * HOUR, waits(9, 0)), Estimate::Unknown);
        let by_hand = waiting_estimate(&hours(), true, MIDNIGHT + 10 * HOUR, &waits(0, 60));
        assert_eq!(by_hand, Estimate::NextDay);
    }

    proptest! {
        /// At the forecast moment, and not a minute earlier, the pace has done the work.
        #[test]
        fn a_forecast_is_as_late_as_the_work(waiting in 1_u32..5_000, pace in 1_u32..2_000) {
            let Forecast::At(at) = forecast(waiting, pace, MIDNIGHT) else { panic!("it is known") };
            let done = |at: Millis| (at - MIDNIGHT) * i64::from(pace) / HOUR;
            prop_assert!(done(at) >= i64::from(waiting));
            prop_assert!(done(at - MINUTE) < i64::from(waiting));
        }

        /// More work is never done earlier, a faster pace never later.
        #[test]
        fn a_forecast_follows_work_and_pace(waiting in 1_u32..5_000, pace in 1_u32..2_000) {
            let at = |waiting, pace| match forecast(waiting, pace, MIDNIGHT) {
                Forecast::At(at) => at,
                other => panic!("{other:?}"),
            };
            prop_assert!(at(waiting + 1, pace) >= at(waiting, pace));
            prop_assert!(at(waiting, pace + 1) <= at(waiting, pace));
        }

        /// The pace that is said to be needed is enough, and one less is not.
        #[test]
        fn what_is_needed_is_enough(waiting in 1_u32..5_000, left in 1_i64..(12 * 60)) {
            let by = MIDNIGHT + left * MINUTE;
            let needed = needed_per_hour(waiting, MIDNIGHT, by).expect("there is time");
            prop_assert!(i64::from(needed) * (by - MIDNIGHT) >= i64::from(waiting) * HOUR);
            prop_assert!(i64::from(needed - 1) * (by - MIDNIGHT) < i64::from(waiting) * HOUR);
        }

        /// No estimate lies before the end of the work, none beyond the closing time.
        #[test]
        fn an_estimate_keeps_to_the_clock(
            minute in 0_i64..(24 * 60), waiting in 0_u32..2_000, pace in 0_u32..500,
        ) {
            let now = MIDNIGHT + minute * MINUTE;
            if let Estimate::Minutes(minutes) = waiting_estimate(&hours(), false, now, &waits(waiting, pace)) {
                let Forecast::At(at) = forecast(waiting + 1, pace, now) else { panic!("it is known") };
                prop_assert!(now + i64::from(minutes) * MINUTE >= at);
                prop_assert!(at <= MIDNIGHT + 21 * HOUR && minute >= 9 * 60);
            }
        }
    }
}
