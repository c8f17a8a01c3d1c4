//! The call list: people whom an office telephones because an SMS does not reach them, or should not.
//!
//! An entry comes from a row of a list, from a message, or from somebody's hand; the same row or message is entered
//! once, however often it is given. Each attempt is kept. An entry is closed with what came of it, and nobody
//! disappears from the list in any other way.

use base::clock::Millis;
use base::id::{CallId, ListId, MessageId, OfficeId, StaffId};

pub use crate::store::calls::{add, attempts, call, closed_since, events, mark, open_calls, open_count};

/// Why somebody is telephoned.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallReason {
    /// Only a landline is known.
    Landline,
    /// No number that can be read.
    NoNumber,
    /// The number is known to be somebody else's, or nobody's.
    KnownWrong,
    /// The message did not arrive.
    NotDelivered,
    /// Nobody knows whether the message arrived.
    Unconfirmed,
    /// Something in the row has to be asked first.
    ToBeAsked,
    /// The person asked for it, or staff decided so.
    Chosen,
}

impl CallReason {
    /// Every reason, in the order in which pages offer them.
    pub const ALL: [Self; 7] = [
        Self::Landline,
        Self::NoNumber,
        Self::KnownWrong,
        Self::NotDelivered,
        Self::Unconfirmed,
        Self::ToBeAsked,
        Self::Chosen,
    ];

    /// The word in the database and in programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Landline => "landline",
            Self::NoNumber => "no_number",
            Self::KnownWrong => "known_wrong",
            Self::NotDelivered => "not_delivered",
            Self::Unconfirmed => "unconfirmed",
            Self::ToBeAsked => "to_be_asked",
            Self::Chosen => "chosen",
        }
    }

    /// What [`CallReason::as_str`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// On screens.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Landline => "固定電話しか分からない",
            Self::NoNumber => "番号が読み取れない",
            Self::KnownWrong => "番号が違うと分かっている",
            Self::NotDelivered => "SMSが届かなかった",
            Self::Unconfirmed => "SMSが届いたか分からない",
            Self::ToBeAsked => "内容を確かめる必要がある",
            Self::Chosen => "本人の希望・職員の判断",
        }
    }
}

/// What came of a call that settles the matter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallOutcome {
    /// The person was told.
    Told,
    /// Somebody will tell the person.
    MessageLeft,
    /// Reached in another way: a letter, a visit, another number.
    OtherWay,
    /// No way was found.
    GivenUp,
    /// The call was not needed.
    NotNeeded,
}

impl CallOutcome {
    /// Every outcome, in the order in which pages offer them.
    pub const ALL: [Self; 5] = [
        Self::Told,
        Self::MessageLeft,
        Self::OtherWay,
        Self::GivenUp,
        Self::NotNeeded,
    ];

    /// The word in the database and in programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::MessageLeft => "message_left",
            Self::OtherWay => "other_way",
            Self::GivenUp => "given_up",
            Self::NotNeeded => "not_needed",
        }
    }

    /// What [`CallOutcome::as_str`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// On screens.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Told => "本人に伝えた",
            Self::MessageLeft => "家族などに伝言した",
            Self::OtherWay => "別の方法で連絡した",
            Self::GivenUp => "連絡がつかなかった",
            Self::NotNeeded => "電話は不要になった",
        }
    }
}

/// Where an entry comes from. One entry for each row and each message.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallSource {
    /// A row of a list, by the number that Excel shows.
    Row {
        /// The list.
        list: ListId,
        /// The row.
        line: u32,
    },
    /// A message.
    Message(MessageId),
    /// Entered by hand: never taken for another entry.
    ByHand,
}

/// An entry about to be made.
#[derive(Clone)]
pub struct NewCall {
    /// Which office calls.
    pub office: OfficeId,
    /// Who is called, as staff know them: a name, or a number of a list.
    pub person: String,
    /// The number as it was written; a landline as well.
    pub number: Option<String>,
    /// Why.
    pub reason: CallReason,
    /// In the words of whoever enters it.
    pub note: Option<String>,
    /// Where it comes from.
    pub source: CallSource,
    /// Who enters it; `None` if the program does.
    pub by: Option<StaffId>,
}

/// Where a row or message stands on the list after it was put there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Added {
    /// Its entry.
    pub call: CallId,
    /// Whether it was not there before.
    pub is_new: bool,
}

/// An entry of the call list.
#[derive(Clone)]
pub struct Call {
    /// Its number.
    pub id: CallId,
    /// Which office calls.
    pub office: OfficeId,
    /// Who is called.
    pub person: String,
    /// The number as it was written.
    pub number: Option<String>,
    /// Open calls of this office to the same number, this one included; 0 without a number. A family is called once.
    pub same_number: u32,
    /// Why.
    pub reason: CallReason,
    /// In the words of whoever entered it.
    pub note: Option<String>,
    /// Where it comes from.
    pub source: CallSource,
    /// Who entered it; `None` if the program did.
    pub added_by: Option<StaffId>,
    /// When, UTC milliseconds.
    pub added_at: Millis,
    /// What came of it, by whom, when; `None` while it is open.
    pub closed: Option<(CallOutcome, StaffId, Millis)>,
}

/// What somebody did about a call.
#[derive(Clone)]
pub struct Mark {
    /// What came of it; `None` for an attempt that leaves it open.
    pub outcome: Option<CallOutcome>,
    /// In their words.
    pub note: Option<String>,
    /// Who.
    pub by: StaffId,
}

/// One attempt, or the closing, of a call.
#[derive(Clone)]
pub struct CallEvent {
    /// When, UTC milliseconds.
    pub at: Millis,
    /// Who and what.
    pub mark: Mark,
}
