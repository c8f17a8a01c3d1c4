//! Time is an argument: everything that asks "when" is given a [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// A moment: milliseconds since 1970-01-01T00:00:00Z, as every table keeps it.
pub type Millis = i64;

/// One second, one minute, one hour and one day in [`Millis`].
pub const SECOND: Millis = 1_000;
/// See [`SECOND`].
pub const MINUTE: Millis = 60 * SECOND;
/// See [`SECOND`].
pub const HOUR: Millis = 60 * MINUTE;
/// See [`SECOND`].
pub const DAY: Millis = 24 * HOUR;

/// When the day of `now` began in Japan, which is nine hours ahead of UTC and knows no summer time.
pub const fn japan_midnight(now: Millis) -> Millis {
    const AHEAD: Millis = 9 * HOUR;
    (now + AHEAD).div_euclid(DAY) * DAY - AHEAD
}

/// Where the present comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that a test turns by hand.
    Manual(Arc<AtomicI64>),
    /// The machine's clock, so many milliseconds ahead: it runs as fast as any other, and whoever plays a day skips
    /// the minutes in which nothing happens.
    Skipping(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands still at `now` until [`Clock::advance`].
    pub fn manual(now: Millis) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now)))
    }

    /// A clock that runs from `now` on, and further on with each [`Clock::advance`].
    pub fn skipping(now: Millis) -> Self {
        Self::Skipping(Arc::new(AtomicI64::new(now - machine())))
    }

    /// The present.
    pub fn now(&self) -> Millis {
        match self {
            Self::System => machine(),
            Self::Manual(now) => now.load(Ordering::SeqCst),
            Self::Skipping(ahead) => machine() + ahead.load(Ordering::SeqCst),
        }
    }

    /// Turns a clock that takes orders forward by `by` milliseconds; the system clock takes none.
    pub fn advance(&self, by: Millis) {
        if let Self::Manual(moved) | Self::Skipping(moved) = self {
            moved.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Whether hours are skipped on this clock, so that what is measured in them was not lived through.
    pub const fn skips(&self) -> bool {
        matches!(self, Self::Skipping(_))
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the product reads the wall clock"
)]
fn machine() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_skips_runs_on_from_where_it_is_set() {
        let clock = Clock::skipping(DAY);
        let before = clock.now();
        assert!(before >= DAY);
        clock.advance(HOUR);
        assert!(clock.now() >= before + HOUR);
        assert!(clock.skips() && !Clock::System.skips());
    }
}
