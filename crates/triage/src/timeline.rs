//! One person's line of time: everything that happened, from whatever source, each of one kind.

use serde::{Deserialize, Serialize};

use crate::case::{ContactEvent, EventKind};
use crate::notification::words;

words! {
    /// What somebody looks for who looks through a line of time.
    Track {
        /// Messages, what carriers told of them, and whether the page behind them was opened.
        Message = "message", "SMS";
        /// Questions and answers.
        Form = "form", "質問と回答";
        /// Calls.
        Call = "call", "電話";
        /// Visits.
        Visit = "visit", "訪問";
        /// From one office to another.
        HandOver = "hand_over", "引き継ぎ";
        /// What was corrected, added, merged.
        Correction = "correction", "登録・訂正";
        /// What was decided: who reaches the person, closing, opening again.
        Decision = "decision", "判断";
        /// Notes.
        Note = "note", "メモ";
    }
}

impl Track {
    /// Of an event of a case.
    pub const fn of(kind: EventKind, contact: Option<ContactEvent>) -> Self {
        use ContactEvent as C;
        use EventKind as K;
        match (kind, contact) {
            (K::Visited, _) => Self::Visit,
            (K::Contact, Some(C::Written | C::Delivered | C::NotDelivered | C::Opened)) => Self::Message,
            (K::Contact, Some(C::Answered)) => Self::Form,
            (K::Contact, Some(C::PutOnCallList | C::Spoke | C::GaveUp)) => Self::Call,
            (K::HandedOver | K::Taken, _) => Self::HandOver,
            (K::Received | K::Corrected | K::Course | K::Merged | K::TakenApart | K::Distinct, _) => {
                Self::Correction
            }
            (K::Noted, _) => Self::Note,
            (K::Decided | K::Overruled | K::Closed | K::Reopened | K::Contact, _) => Self::Decision,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_found_by_some_filter() {
        let mut found = std::collections::BTreeSet::from([Track::Form]);
        for kind in EventKind::ALL {
            for contact in ContactEvent::ALL {
                found.insert(Track::of(*kind, Some(*contact)));
            }
        }
        assert_eq!(found.len(), Track::ALL.len(), "no filter is empty for ever");
    }
}
