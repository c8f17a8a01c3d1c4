//! From a number to a place between 0 and 1, and the few round numbers that are written beside it.

/// From nothing to a round number that is not below the greatest value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scale {
    step: u64,
    steps: u64,
}

/// Far above any number that is counted, and far below what a calculation could leave.
const MOST: u64 = 1_000_000_000_000_000;

impl Scale {
    /// In steps of 1, 2 or 5, 10, 20, 50, …: as few as fit.
    pub fn to(most: u64, steps: u64) -> Self {
        let widths = (0..16).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
        Self::of(most, steps, widths)
    }

    /// In minutes, in steps that one says of a clock: quarters of an hour, hours, days.
    pub fn minutes(most: u64, steps: u64) -> Self {
        let said = [15, 30, 60, 120, 240, 360, 720];
        let days = (0..40).map(|power| 1_440 << power);
        Self::of(most, steps, said.into_iter().chain(days))
    }

    fn of(most: u64, steps: u64, mut widths: impl Iterator<Item = u64>) -> Self {
        let (most, steps) = (most.clamp(1, MOST), steps.max(1));
        let step = widths
            .find(|width| most.div_ceil(*width) <= steps)
            .unwrap_or(MOST);
        Self {
            step,
            steps: most.div_ceil(step),
        }
    }

    /// The number at its end.
    pub const fn top(self) -> u64 {
        self.step * self.steps
    }

    /// The numbers that are written, nothing first.
    pub fn ticks(self) -> impl Iterator<Item = u64> {
        (0..=self.steps).map(move |step| step * self.step)
    }

    /// Where a number lies: 0 at the beginning, 1 at the end, never outside.
    pub fn share(self, number: f64) -> f64 {
        if number.is_finite() {
            (number / as_f64(self.top())).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// The same for a whole number.
    pub fn share_of(self, number: u64) -> f64 {
        self.share(as_f64(number))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a place in a picture is a tenth of a point; numbers of people are far below 2^53"
)]
pub(super) fn as_f64(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn round_numbers_as_people_write_them() {
        assert_eq!(Scale::to(0, 4).ticks().collect::<Vec<_>>(), [0, 1]);
        assert_eq!(Scale::to(37, 4).ticks().collect::<Vec<_>>(), [0, 10, 20, 30, 40]);
        assert_eq!(
            Scale::to(10_200, 4).ticks().collect::<Vec<_>>(),
            [0, 5_000, 10_000, 15_000]
        );
        assert_eq!(
            Scale::minutes(200, 4).ticks().collect::<Vec<_>>(),
            [0, 60, 120, 180, 240]
        );
        assert_eq!(
            Scale::minutes(1_500, 4).ticks().collect::<Vec<_>>(),
            [0, 720, 1_440, 2_160]
        );
    }

    proptest! {
        #[test]
        fn a_scale_holds_its_values_and_wastes_little(most in 0..MOST, steps in 1..9_u64, in_minutes: bool) {
            let scale = if in_minutes { Scale::minutes(most, steps) } else { Scale::to(most, steps) };
            let ticks: Vec<u64> = scale.ticks().collect();
            prop_assert!(scale.top() >= most);
            prop_assert!(ticks.len() >= 2 && ticks.len() as u64 <= steps + 1);
            prop_assert_eq!((ticks[0], *ticks.last().unwrap_or(&0)), (0, scale.top()));
            prop_assert!(ticks.windows(2).all(|pair| pair[1] - pair[0] == ticks[1]), "equal steps");
            prop_assert!(scale.top() - most.max(1) < ticks[1], "the last step holds something");
        }

        #[test]
        fn no_number_lies_outside(most in 0..MOST, number in proptest::num::f64::ANY) {
            let share = Scale::to(most, 4).share(number);
            prop_assert!((0.0..=1.0).contains(&share));
        }

        #[test]
        fn more_lies_further(most in 1..1_000_000_u64, one in 0..1_000_000_u64, other in 0..1_000_000_u64) {
            let scale = Scale::to(most, 5);
            prop_assert_eq!(scale.share_of(one.min(other)) <= scale.share_of(one.max(other)), true);
        }
    }
}
