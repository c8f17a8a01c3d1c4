//! Which version of a desk holds on a day.

use base::date::CalendarDate;

use super::DeskDocument;

/// A version of a desk in force, with its first day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskInForce {
    /// Its number.
    pub version: i64,
    /// Its first day.
    pub from: CalendarDate,
    /// What it says.
    pub document: DeskDocument,
}

/// The version that holds on a day: the newest of those that had begun by then.
pub fn on(versions: &[DeskInForce], day: CalendarDate) -> Option<&DeskInForce> {
    let begun = versions.iter().filter(|one| one.from <= day);
    begun.max_by_key(|one| (one.from, one.version))
}
