//! How long people wait until they are reached: counted in steps, so that a day keeps a few numbers and not one for
//! each person, and days can be added up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A day, in minutes.
pub const DAY: u32 = 24 * 60;

/// The end of the last step: 60 days.
const LONGEST: u32 = 60 * DAY;

/// Of those for whom a day has gone by since they came in: when they were reached, and who was not.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Latency {
    /// How many were reached within so many minutes, by the end of their step.
    reached: BTreeMap<u32, u32>,
    /// How many were not.
    missed: u32,
}

impl Latency {
    /// One more person, reached after so many minutes, or not.
    pub fn add(&mut self, minutes: Option<u32>) {
        match minutes {
            Some(minutes) => *self.reached.entry(step(minutes)).or_default() += 1,
            None => self.missed += 1,
        }
    }

    /// Everybody of another one as well.
    pub fn join(&mut self, other: &Self) {
        for (end, people) in &other.reached {
            *self.reached.entry(*end).or_default() += people;
        }
        self.missed += other.missed;
    }

    /// Everybody who was waited for.
    pub fn people(&self) -> u64 {
        self.reached
            .values()
            .map(|people| u64::from(*people))
            .sum::<u64>()
            + u64::from(self.missed)
    }

    /// How many were reached within a day.
    pub fn within_a_day(&self) -> u64 {
        self.reached
            .range(..=DAY)
            .map(|(_, people)| u64::from(*people))
            .sum()
    }

    /// Within how many minutes so many of a hundred were reached; `None` if so many never were, or nobody is counted.
    /// Who was not reached waits longest of all, so that giving up does not make anybody look fast.
    pub fn percentile(&self, percent: u64) -> Option<u32> {
        let wanted = (self.people() * percent.min(100)).div_ceil(100).max(1);
        let mut seen = 0;
        for (end, people) in &self.reached {
            seen += u64::from(*people);
            if seen >= wanted {
                return Some(*end);
            }
        }
        None
    }
}

/// The end of the step in which so many minutes lie: five minutes wide in the first four hours, a quarter of an hour
/// in the first day, an hour in the first week, then a day. A day ends a step exactly.
fn step(minutes: u32) -> u32 {
    let width = match minutes {
        0..=240 => 5,
        241..=DAY => 15,
        1_441..=10_080 => 60,
        _ => DAY,
    };
    (minutes.max(1).div_ceil(width) * width).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(all: &[Option<u32>]) -> Latency {
        let mut latency = Latency::default();
        for one in all {
            latency.add(*one);
        }
        latency
    }

    #[test]
    fn who_was_never_reached_waits_longest() {
        let latency = of(&[Some(7), Some(100), Some(DAY), Some(DAY + 1), None]);
        assert_eq!((latency.people(), latency.within_a_day()), (5, 3));
        assert_eq!(latency.percentile(50), Some(DAY));
        assert_eq!(latency.percentile(90), None);
        assert_eq!(Latency::default().percentile(50), None);
    }

    proptest! {
        #[test]
        fn a_step_is_never_shorter_than_what_lies_in_it(minutes in 0..LONGEST) {
            let end = step(minutes);
            prop_assert!(end >= minutes);
            prop_assert_eq!(end <= DAY, minutes <= DAY, "a day is never cut in two");
            let width = if minutes > 10_080 { DAY } else { 60 };
            prop_assert!(end - minutes < width || minutes == 0);
            prop_assert!(step(end) == end, "a step's end stays in it");
        }

        #[test]
        fn a_percentile_is_that_of_the_people_themselves(
            all in prop::collection::vec(prop::option::of(0..20_000_u32), 1..80),
            percent in 1..=100_u64,
        ) {
            let mut sorted: Vec<u32> = all.iter().map(|one| one.map_or(u32::MAX, step)).collect();
            sorted.sort_unstable();
            let at = (all.len() * usize::try_from(percent).unwrap_or(100)).div_ceil(100).max(1) - 1;
            let expected = (sorted[at] != u32::MAX).then_some(sorted[at]);
            prop_assert_eq!(of(&all).percentile(percent), expected);
        }

        #[test]
        fn parts_add_up_to_the_whole(
            one in prop::collection::vec(prop::option::of(0..20_000_u32), 0..40),
            other in prop::collection::vec(prop::option::of(0..20_000_u32), 0..40),
        ) {
            let mut joined = of(&one);
            joined.join(&of(&other));
            let all: Vec<_> = one.into_iter().chain(other).collect();
            prop_assert_eq!(joined, of(&all));
        }
    }
}
