//! What today will bring: a simple way that everybody can follow with a pencil, and never more exact than it was on
//! the days before.
//!
//! Expected is the mean of the last seven days, times how much of a week usually falls on this weekday (as far as four
//! weeks back). The same is done for each of the last seven days as if one had not known them, and how far it was off
//! then, upwards and downwards, is the range today.

/// Days that are needed: one week to begin with, and one to try it on.
pub const FEWEST: usize = 14;
/// Days that are looked at.
pub const MOST: usize = 35;
/// How many weeks tell what a weekday is like.
const WEEKS: usize = 4;

/// How many are expected today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Forecast {
    /// At least, most likely.
    pub low: u64,
    /// At most, most likely.
    pub high: u64,
}

/// From how many came in on each of the last days, yesterday the last of them. `None` if there are too few days, or
/// nobody came.
pub fn forecast(daily: &[u32]) -> Option<Forecast> {
    let daily = &daily[daily.len().saturating_sub(MOST)..];
    // Days before the first notification are no days without any.
    let first = daily.iter().position(|people| *people > 0)?;
    let daily = &daily[first..];
    if daily.len() < FEWEST {
        return None;
    }
    let expected = expected(daily).filter(|expected| *expected > 0.0)?;
    let (mut least, mut most) = (1.0_f64, 1.0_f64);
    for back in 1..=7 {
        let (before, after) = daily.split_at(daily.len() - back);
        if let (Some(thought), Some(came)) = (self::expected(before), after.first())
            && thought >= 1.0
        {
            let off = (f64::from(*came) / thought).clamp(0.2, 5.0);
            least = least.min(off);
            most = most.max(off);
        }
    }
    // Chance alone moves a number by about its root.
    let chance = 2.0 * expected.sqrt();
    Some(Forecast {
        low: coarse((expected * least).min(expected - chance).max(0.0), f64::floor),
        high: coarse((expected * most).max(expected + chance), f64::ceil),
    })
}

/// `None` without a whole week.
fn expected(daily: &[u32]) -> Option<f64> {
    let mean = |days: &[u32]| days.iter().copied().map(f64::from).sum::<f64>() / 7.0;
    let weeks: Vec<&[u32]> = daily.rchunks_exact(7).take(WEEKS).collect();
    let level = mean(weeks.first()?);
    // The same weekday stands first in each of these weeks: they end yesterday.
    let on_weekday: f64 = weeks.iter().map(|week| f64::from(week[0])).sum();
    let in_all: f64 = weeks.iter().map(|week| mean(week)).sum();
    Some(if in_all > 0.0 {
        level * on_weekday / in_all
    } else {
        0.0
    })
}

/// Two figures that count: nobody plans a day by the third.
fn coarse(number: f64, round: impl Fn(f64) -> f64) -> u64 {
    let mut width = 1.0;
    while number / width >= 100.0 {
        width *= 10.0;
    }
    whole(round(number / width) * width)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "never negative, and far below 2^53: five times the people of a day"
)]
fn whole(number: f64) -> u64 {
    number.max(0.0) as u64
}

impl Forecast {
    /// So many of a hundred of them.
    #[must_use]
    pub fn share(self, part: u64, all: u64) -> Option<Self> {
        (all > 0).then(|| Self {
            low: self.low * part / all,
            high: (self.high * part).div_ceil(all),
        })
    }

    /// `120〜180`, or one number where both are the same.
    pub fn label(self) -> String {
        let text = |number: u64| web::number::grouped(number);
        if self.low == self.high {
            text(self.low)
        } else {
            format!("{}〜{}", text(self.low), text(self.high))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_weekday_is_like_its_weekday() {
        // Nobody notifies on the last two days of these weeks; yesterday ended the third of them.
        let week = [100, 100, 100, 100, 100, 0, 0];
        let monday = week.repeat(3);
        let said = forecast(&monday).expect("three weeks are enough");
        assert!(
            said.low <= 100 && 100 <= said.high && said.high <= 130,
            "{said:?}"
        );
        let saturday = [&week.repeat(3)[..], &[100; 5]].concat();
        assert_eq!(forecast(&saturday), None, "nobody is expected");
    }

    #[test]
    fn a_wave_that_rises_makes_the_range_wide_and_not_the_number_exact() {
        let wave: Vec<u32> = (0..28).map(|day| 10 + 10 * day).collect();
        let said = forecast(&wave).expect("enough days");
        assert!(said.low < 290 && 290 <= said.high, "{said:?}");
        assert_eq!(said.high % 10, 0, "two figures: {said:?}");
    }

    #[test]
    fn without_two_weeks_nothing_is_said() {
        assert_eq!(forecast(&[5; 13]), None);
        assert_eq!(forecast(&[]), None);
        assert_eq!(forecast(&[0; 40]), None);
        let new = [&[0; 30][..], &[5; 5]].concat();
        assert_eq!(forecast(&new), None, "five days are no two weeks");
    }

    proptest! {
        #[test]
        fn the_range_is_one_and_holds_what_is_expected(daily in prop::collection::vec(0..20_000_u32, 0..60)) {
            if let Some(said) = forecast(&daily) {
                prop_assert!(said.low < said.high, "{said:?}");
                let tail = &daily[daily.len().saturating_sub(MOST)..];
                let first = tail.iter().position(|people| *people > 0).expect("somebody came");
                let expected = expected(&tail[first..]).expect("a week");
                prop_assert!(said.low <= whole(expected) && whole(expected) <= said.high);
            }
        }

        #[test]
        fn days_that_are_alike_are_expected_again(people in 1..10_000_u32, days in FEWEST..MOST) {
            let said = forecast(&vec![people; days]).expect("enough days");
            prop_assert!(said.low <= u64::from(people) && u64::from(people) <= said.high, "{said:?}");
        }
    }
}
