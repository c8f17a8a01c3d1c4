//! One caller, one person at a time: what a lease is, and what may be answered to whoever asks for one.
//!
//! A lease is of the entry and of its number: as long as it lasts, nobody else is given the same person, or somebody
//! who is reached by the same number. It ends with a result, by giving back, by taking somebody else, or by itself.

use base::clock::{MINUTE, Millis};
use base::id::{CallId, StaffId};

/// How long an entry stays with a caller who gives no sign: a call of some minutes and its notes. Whoever went away
/// keeps nobody waiting for longer than that; whoever types has it renewed.
pub const LEASE: Millis = 10 * MINUTE;

/// Attempts after which somebody decides how to go on. A person who did not answer five times over a day or two is
/// not reached by a sixth; a visit may.
pub const TRIES: u32 = 5;

/// Who has an entry to themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The caller.
    pub by: StaffId,
    /// Until when, UTC milliseconds.
    pub until: Millis,
}

/// Whom a caller asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which {
    /// The most urgent who is due and whom nobody else has. Whoever has somebody already gets that person again.
    Next,
    /// This one, due or not.
    This(CallId),
}

/// What a caller is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// The entry, from now on theirs alone.
    Yours {
        /// The entry.
        call: CallId,
        /// Whether they had it already.
        again: bool,
    },
    /// Somebody else has the entry, or one with the same number.
    Held(Lease),
    /// It is done already.
    Closed,
    /// This office has no such entry.
    Missing,
    /// Nobody is due whom nobody else has.
    Nobody,
}

/// What became of a result, a hand-over, a renewal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Marked {
    /// It is kept.
    Kept,
    /// Somebody else has the person; nothing was kept.
    Held(Lease),
    /// It was done already; nothing was kept.
    Closed,
    /// This office has no such entry.
    Missing,
}
