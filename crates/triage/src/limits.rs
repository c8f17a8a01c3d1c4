//! The limits of this slice, each with its reason.

use base::clock::{DAY, Millis};

/// Cases that one write takes in; bounds its memory and how long others wait for it (some tenths of a second).
pub const CASES_PER_WRITE: usize = 1_000;

/// How far back somebody who shares a number or an address is taken for the same household: a wave in a family is
/// over by then, and numbers change hands.
pub const HOUSEHOLD_FOR: Millis = 60 * DAY;

/// How far back the same person's case is taken for the same illness; later it is another infection, as the national
/// definition of reinfection had it.
pub const TWIN_FOR: Millis = 90 * DAY;

/// Cases on one page: what one looks through without losing one's place.
pub const CASES_PER_PAGE: u32 = 50;

/// Hits of a search that are shown; who finds more gives more of the name.
pub const HITS: u32 = 50;

/// Longest note, reason or other words of staff, in letters: a page of a paper record.
pub const NOTE_LETTERS: usize = 2_000;

/// How far back a day without its year is looked for: nobody is notified later, and no two years are meant.
pub const DAY_WITHOUT_YEAR_FOR: Millis = 60 * DAY;

/// Remarks of one kind on a list's check, in rows: what one reads before it is done; how many more there are is said.
pub const REMARKS_SHOWN: usize = 100;

/// Largest form, in bytes: every field of a notification as long as it may be, each letter of three bytes written as
/// nine, would be a book; a page for each long field is plenty.
pub const FORM_BYTES: usize = 256 * 1024;
