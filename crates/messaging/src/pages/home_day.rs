//! Everything of one day, as the home page needs it: loaded once, told in several ways.

use std::collections::{HashMap, HashSet};

use accounts::{Office, OfficeKind};
use base::clock::{DAY, HOUR, Millis};
use base::id::{BroadcastId, ListId, OfficeId, OrgId};
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use lists::store::ListHead;
use web::PageError;
use web::time::JapanTime;

use super::broadcast_words::Group;
use super::{Desk, failed};
use crate::broadcast::{Broadcast, Counts};
use crate::message::MessageState;
use crate::store;

/// Japan's offset from UTC.
const JAPAN: Millis = 9 * HOUR;

/// The lists and broadcasts of one day, of one office or of all.
pub(super) struct Day {
    pub(super) broadcasts: Vec<Broadcast>,
    /// As stored.
    pub(super) counts: HashMap<BroadcastId, Counts>,
    pub(super) lists: Vec<ListHead>,
    /// The lists from which something was sent.
    pub(super) sent: HashSet<ListId>,
}

impl Day {
    /// Nothing, for whoever may not see broadcasts.
    pub(super) fn empty() -> Self {
        Self {
            broadcasts: Vec::new(),
            counts: HashMap::new(),
            lists: Vec::new(),
            sent: HashSet::new(),
        }
    }

    /// `day` of `office`, or of all offices.
    pub(super) async fn load(
        desk: &Desk,
        org: OrgId,
        office: Option<OfficeId>,
        day: Date,
    ) -> Result<Self, PageError> {
        let from = start_of(day);
        let to = from + DAY;
        let mut broadcasts = store::broadcasts_between(&desk.db, org, from, to)
            .await
            .map_err(failed)?;
        broadcasts.retain(|broadcast| office.is_none_or(|office| broadcast.office == office));
        Ok(Self {
            broadcasts,
            counts: store::counts_between(&desk.db, org, from, to)
                .await
                .map_err(failed)?,
            lists: lists::store::lists_between(&desk.db, org, office, from, to)
                .await
                .map_err(failed)?,
            sent: store::lists_sent_since(&desk.db, org, from)
                .await
                .map_err(failed)?,
        })
    }

    /// One row for each office, for the head office.
    pub(super) fn offices(&self, offices: &[Office]) -> Vec<OfficeRow> {
        let nothing = Counts::default();
        offices
            .iter()
            .filter_map(|office| {
                let lists = || self.lists.iter().filter(|list| list.office == office.id);
                let broadcasts = || self.broadcasts.iter().filter(|one| one.office == office.id);
                let count = |of: &dyn Fn(&Counts) -> u32| {
                    broadcasts()
                        .map(|one| of(self.counts.get(&one.id).unwrap_or(&nothing)))
                        .sum()
                };
                let row = OfficeRow {
                    id: office.id,
                    name: office.name.to_string(),
                    received: lists().count(),
                    checked: lists()
                        .filter(|list| self.sent.contains(&list.id) || is_chosen(list))
                        .count(),
                    left: count(&|counts| counts.count(MessageState::has_left)),
                    missed: count(&|counts| Group::Failed.count(counts) + Group::Unknown.count(counts)),
                    last: lists().map(|list| list.uploaded_at).max(),
                };
                // The head office and doctors have a row only on days on which they send themselves.
                let sends = !matches!(office.kind, OfficeKind::HeadOffice | OfficeKind::Doctors);
                (sends || row.received > 0 || row.left > 0).then_some(row)
            })
            .collect()
    }
}

/// Whether a list knows its column and text, so that it was checked.
pub(super) fn is_chosen(list: &ListHead) -> bool {
    list.settings.to.is_some() && list.settings.template.is_some()
}

/// How far an office is on a day.
pub(super) struct OfficeRow {
    pub(super) id: OfficeId,
    pub(super) name: String,
    /// Lists that were uploaded.
    pub(super) received: usize,
    /// Those of them that were checked.
    pub(super) checked: usize,
    /// People whose message left.
    pub(super) left: u32,
    /// People whom it did not reach, or nobody knows.
    pub(super) missed: u32,
    /// When the last list came.
    pub(super) last: Option<Millis>,
}

/// The day in Japan.
pub(super) fn day_of(now: Millis) -> Date {
    let now = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
    Offset::constant(9).to_datetime(now).date()
}

/// When the day begins in Japan.
pub(super) fn start_of(day: Date) -> Millis {
    let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0));
    midnight.map_or(0, Timestamp::as_millisecond) - JAPAN
}

/// `11月22日(日)`.
pub(super) fn in_words(day: Date) -> String {
    JapanTime::from_millis(start_of(day)).date()
}

/// The day so many days later.
pub(super) fn neighbour(day: Date, days: i64) -> String {
    day.checked_add(days.days()).map_or(day, |day| day).to_string()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_japan() {
        let day: Date = "2026-11-22".parse().unwrap();
        let start = start_of(day);
        assert_eq!(day_of(start), day);
        assert_eq!(day_of(start - 1).to_string(), "2026-11-21");
        assert_eq!(day_of(start + DAY - 1), day);
        assert_eq!(in_words(day), "11月22日(日)");
    }

    #[test]
    fn no_day_in_an_address_panics() {
        for text in ["-009999-01-01", "9999-12-31", "0000-01-01"] {
            if let Ok(day) = text.parse::<Date>() {
                in_words(day);
                neighbour(day, 1);
            }
        }
    }
}
