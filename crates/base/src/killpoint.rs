//! Places at which a test may kill the process, to show that nothing is lost or doubled there.
//!
//! `TODOKE_KILL_AT=claim.committed:3` aborts the process when it passes that place for the third time.
//! Only builds with debug assertions look at the variable; a release build contains none of it.

/// Dies here if the environment names this place and this passing.
#[inline]
pub fn reached(place: &'static str) {
    #[cfg(debug_assertions)]
    debug::reached(place);
    #[cfg(not(debug_assertions))]
    let _ = place;
}

#[cfg(debug_assertions)]
mod debug {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Target {
        place: String,
        passes_left: AtomicU64,
    }

    static TARGET: OnceLock<Option<Target>> = OnceLock::new();

    fn target() -> Option<Target> {
        let wanted = std::env::var("TODOKE_KILL_AT").ok()?;
        let (place, pass) = wanted.rsplit_once(':')?;
        Some(Target {
            place: place.to_owned(),
            passes_left: AtomicU64::new(pass.parse().ok()?),
        })
    }

    pub(super) fn reached(place: &'static str) {
        if let Some(target) = TARGET.get_or_init(target)
            && target.place == place
            && target.passes_left.fetch_sub(1, Ordering::SeqCst) == 1
        {
            std::process::abort();
        }
    }
}
