//! How long to wait before binding again.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(30);

/// Doubles from 0.5 s to 30 s, less a random part of up to half, so that many binds that were cut at once do
/// not come back at once. Pure: the caller brings the randomness and does the waiting.
#[derive(Clone, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// How long to wait after one more failure. `random` is any number, equally likely over its range.
    pub fn after_failure(&mut self, random: u32) -> Duration {
        let full = FIRST.saturating_mul(1 << self.failures.min(6)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        full.mul_f64(1.0 - f64::from(random) / (f64::from(u32::MAX) + 1.0) / 2.0)
    }

    /// The session is up: the next failure begins anew.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn waits_double_up_to_half_a_minute() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..9).map(|_| backoff.after_failure(0).as_millis()).collect();
        assert_eq!(
            waits,
            [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]
        );
        backoff.reset();
        assert_eq!(backoff.after_failure(0), FIRST);
    }

    proptest! {
        #[test]
        fn chance_takes_at_most_half(failures in 0u32..100, random: u32) {
            let full = Backoff { failures }.after_failure(0);
            let wait = Backoff { failures }.after_failure(random);
            prop_assert!(wait <= full && wait >= full / 2);
        }
    }
}
