//! An incident: somebody got what was meant for another person. From the first report on nothing more of what shares
//! the cause leaves, and everything that was done about it is kept, until it is closed.
//!
//! The commit of a report stops the broadcast and every other broadcast of its list that still has people waiting.
//! What an incident stopped goes on only after the incident has decided so, with a reason; `store::resume` does not
//! get around that. An incident shows people masked and holds none of their data; whom it concerns follows from its
//! broadcasts.

mod code;
mod draft;
mod report;

use base::clock::{DAY, Millis};
use base::id::{BroadcastId, IncidentId, MessageId, OfficeId, StaffId};

pub use self::code::MessageCode;
pub use self::draft::{Draft, Items};
pub(crate) use self::report::report_in;
pub use self::report::{
    ByHand, Decided, Decision, Marked, NewReport, Reported, decide, mark, note, open_by_hand, report,
};

/// How far the work on an incident is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IncidentState {
    /// Reported; what happened is being found out.
    Open,
    /// Nothing more goes to wrong people; those concerned are being told.
    Contained,
    /// Everything is done and decided.
    Closed,
}

/// What can happen to an incident.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum IncidentEvent {
    /// Somebody else reports the same.
    Reported,
    /// It was found out whom it concerns, and it does not grow any more.
    Contained,
    /// Nothing is left to do.
    Closed,
    /// It turned out that something is left to do.
    Reopened,
}

impl IncidentState {
    /// Every state, in the order of an incident's life.
    pub const ALL: [Self; 3] = [Self::Open, Self::Contained, Self::Closed];

    /// The state after `event`, or `None` if the event changes nothing. A report about a closed incident opens
    /// another one: its dates count from that day.
    pub const fn on(self, event: IncidentEvent) -> Option<Self> {
        use IncidentEvent as E;
        match (self, event) {
            (Self::Open, E::Contained) => Some(Self::Contained),
            (Self::Contained, E::Closed) => Some(Self::Closed),
            (Self::Contained, E::Reported | E::Reopened) | (Self::Closed, E::Reopened) => Some(Self::Open),
            _ => None,
        }
    }

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Contained => "contained",
            Self::Closed => "closed",
        }
    }

    /// The state that the database's word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// As pages show it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "対応中",
            Self::Contained => "拡大防止済み",
            Self::Closed => "終了",
        }
    }

    /// What to do now.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Open => {
                "だれに何が届いたかと原因を確かめ、止めた配信をどうするか決めてください。広がらないと分かったら「拡大を止めた」を押します。"
            }
            Self::Contained => {
                "影響を受けた人への連絡と、報告の期限を確かめてください。すべて終わったら「対応を終える」を押します。"
            }
            Self::Closed => {
                "対応は終わっています。あとから分かったことは、メモに残すか、対応を再開してください。"
            }
        }
    }
}

impl IncidentEvent {
    /// Those that a person chooses.
    pub const CHOSEN: [Self; 3] = [Self::Contained, Self::Closed, Self::Reopened];

    /// The word in the database and in forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Contained => "contained",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
        }
    }

    /// The event that a form's word names.
    pub fn chosen(word: &str) -> Option<Self> {
        Self::CHOSEN.into_iter().find(|event| event.as_str() == word)
    }

    /// What the button says.
    pub const fn button(self) -> &'static str {
        match self {
            Self::Reported => "報告する",
            Self::Contained => "拡大を止めた",
            Self::Closed => "対応を終える",
            Self::Reopened => "対応を再開する",
        }
    }
}

/// How an incident became known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Way {
    /// Somebody told a member of the staff.
    Staff,
    /// A recipient reported it on the page for residents.
    Recipient,
    /// Somebody of the staff found it and opened the incident.
    ByHand,
}

impl Way {
    const ALL: [Self; 3] = [Self::Staff, Self::Recipient, Self::ByHand];

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Recipient => "recipient",
            Self::ByHand => "by_hand",
        }
    }

    /// The way that the database's word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == word)
    }

    /// As pages say it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Staff => "職員が受けた申し出",
            Self::Recipient => "届いた人からの報告",
            Self::ByHand => "職員が気づいた",
        }
    }
}

/// An incident without its history.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Incident {
    /// Its number.
    pub id: IncidentId,
    /// Whose broadcasts it is about.
    pub office: OfficeId,
    /// How far it is.
    pub state: IncidentState,
    /// How it became known.
    pub way: Way,
    /// When: the law's dates count from here.
    pub opened_at: Millis,
    /// Who opened it; nobody for a recipient's report.
    pub opened_by: Option<StaffId>,
}

/// A broadcast that shares the cause.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Concerned {
    /// Which.
    pub broadcast: BroadcastId,
    /// When the incident stopped it; nothing if nobody waited any more.
    pub stopped_at: Option<Millis>,
    /// When it was decided whether it goes on.
    pub decided_at: Option<Millis>,
}

impl Concerned {
    /// Whether it waits for the incident's decision.
    pub const fn is_held(&self) -> bool {
        self.stopped_at.is_some() && self.decided_at.is_none()
    }
}

/// What happened in an incident, never changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncidentLine {
    /// When.
    pub at: Millis,
    /// Who; nobody for a recipient.
    pub by: Option<StaffId>,
    /// Which kind: `reported`, `opened`, `note`, a state, `released`, `discarded`.
    pub action: String,
    /// The message that was reported.
    pub message: Option<MessageId>,
    /// The broadcast that was decided about.
    pub broadcast: Option<BroadcastId>,
    /// What was written.
    pub detail: Option<String>,
}

/// The dates of the law (個人情報保護法68条, 規則44条): the day on which it became known is the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deadlines {
    /// 速報: the third day, by which it ought to have gone out.
    pub first_from: Millis,
    /// 速報: the fifth day.
    pub first_until: Millis,
    /// 確報: the thirtieth day.
    pub full: Millis,
    /// 確報 where somebody may have acted with intent: the sixtieth day.
    pub full_malicious: Millis,
}

impl Deadlines {
    /// Those of an incident that became known at `known_at`.
    pub const fn of(known_at: Millis) -> Self {
        Self {
            first_from: known_at + 2 * DAY,
            first_until: known_at + 4 * DAY,
            full: known_at + 29 * DAY,
            full_malicious: known_at + 59 * DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_state_and_event_is_decided() {
        use IncidentEvent as E;
        use IncidentState as S;
        let expected = |state, event| match (state, event) {
            (S::Open, E::Contained) => Some(S::Contained),
            (S::Contained, E::Closed) => Some(S::Closed),
            (S::Contained, E::Reported | E::Reopened) | (S::Closed, E::Reopened) => Some(S::Open),
            _ => None,
        };
        for state in S::ALL {
            for event in [E::Reported, E::Contained, E::Closed, E::Reopened] {
                assert_eq!(state.on(event), expected(state, event), "{state:?} {event:?}");
            }
            assert_eq!(S::from_word(state.as_str()), Some(state));
        }
        // Nothing is closed that was not contained, and everything that was closed can be opened again.
        assert_eq!(S::Open.on(E::Closed), None);
        assert_eq!(IncidentEvent::chosen("reported"), None);
    }

    #[test]
    fn the_day_on_which_it_became_known_is_the_first_of_the_law() {
        // 2026-11-22 14:05 in Japan.
        let dates = Deadlines::of(1_795_323_909_000);
        let day = |at| web::time::JapanTime::from_millis(at).date();
        assert_eq!(day(dates.first_from), "11月24日(火)");
        assert_eq!(day(dates.first_until), "11月26日(木)");
        assert_eq!(day(dates.full), "12月21日(月)");
        assert_eq!(day(dates.full_malicious), "1月20日(水)");
    }
}
