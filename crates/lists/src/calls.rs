//! The call list: people whom an office telephones because an SMS does not reach them, or should not.
//!
//! An entry comes from a row of a list, from a message, from a case of triage, or from somebody's hand; the same row or
//! message is entered once, however often it is given, and a case once as long as its entry is open. Callers take one
//! person at a time ([`lease`](take)). Each attempt is kept. An entry is closed with what came of it, and nobody
//! disappears from the list in any other way.

mod lease;
mod number;

use base::clock::Millis;
use base::id::{CallId, CaseId, ListId, MessageId, OfficeId, ProgrammeId, StaffId};

pub use self::lease::{LEASE, Lease, Marked, TRIES, Taken, Which};
pub use self::number::dialled;
pub use crate::store::call_ends::{
    about, describe, end_of_case, end_reached, follow_case, is_open, move_on, raise_case,
};
pub use crate::store::call_figures::{CallsDone, done_by_hour, reasons};
pub use crate::store::call_work::{
    give_back, hand_over, hand_over_case, mark, renew, renumber_case, settle_case, take, wrong_number,
};
pub use crate::store::calls::{
    add, attempts, call, closed_for_cases, closed_since, counts, done_count, events, family, held_calls,
    histories, of_messages, open_calls, open_count, outcomes,
};

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
    /// The message arrived, and nobody opened the page behind it in time.
    NotOpened,
    /// The person does not answer the questions behind their link.
    NotAnswered,
    /// An answer of the person's is a sign of danger.
    Danger,
    /// An answer of the person's is to be followed by a call: they wish for one, or something worries.
    ByAnswer,
    /// Something in the row has to be asked first.
    ToBeAsked,
    /// The person wants no SMS.
    Refused,
    /// The rules of triage, or that there are none for the person.
    ByRule,
    /// An SMS was to be the first word, and nobody has sent it in time.
    NotContacted,
    /// The person asked for it, or staff decided so.
    Chosen,
}

impl CallReason {
    /// Every reason, in the order in which pages offer them.
    pub const ALL: [Self; 14] = [
        Self::Landline,
        Self::NoNumber,
        Self::KnownWrong,
        Self::NotDelivered,
        Self::Unconfirmed,
        Self::NotOpened,
        Self::NotAnswered,
        Self::Danger,
        Self::ByAnswer,
        Self::ToBeAsked,
        Self::Refused,
        Self::ByRule,
        Self::NotContacted,
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
            Self::NotOpened => "not_opened",
            Self::NotAnswered => "not_answered",
            Self::Danger => "danger",
            Self::ByAnswer => "by_answer",
            Self::ToBeAsked => "to_be_asked",
            Self::Refused => "refused",
            Self::ByRule => "by_rule",
            Self::NotContacted => "not_contacted",
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
            Self::NotOpened => "SMSの案内が開かれていない",
            Self::NotAnswered => "質問に回答していない",
            Self::Danger => "回答に緊急の症状がある",
            Self::ByAnswer => "回答に電話で確かめる内容がある",
            Self::ToBeAsked => "内容を確かめる必要がある",
            Self::Refused => "SMSの配信停止を希望している",
            Self::ByRule => "振り分けで電話に決まった",
            Self::NotContacted => "SMSが予定どおりに送られていない",
            Self::Chosen => "本人の希望・職員の判断",
        }
    }

    /// Whether the call stands for a first word that did not come by SMS: only then a message that arrives after all
    /// makes it needless. Whoever is in danger, answered so that somebody calls, or was chosen by staff or a rule, is
    /// telephoned.
    pub const fn is_first_contact(self) -> bool {
        match self {
            Self::Landline
            | Self::NoNumber
            | Self::KnownWrong
            | Self::NotDelivered
            | Self::Unconfirmed
            | Self::NotOpened
            | Self::NotContacted
            | Self::Refused => true,
            Self::NotAnswered
            | Self::Danger
            | Self::ByAnswer
            | Self::ToBeAsked
            | Self::ByRule
            | Self::Chosen => false,
        }
    }

    /// Whether somebody who has been spoken with needs no call for it any more.
    pub const fn ends_by_speaking(self) -> bool {
        self.is_first_contact() || matches!(self, Self::ByRule | Self::Chosen)
    }

    /// Whether an entry that is open for another reason is due at once for this one: whoever takes it has to know.
    pub const fn takes_over(self, open: Self) -> bool {
        match self {
            Self::Danger => true,
            Self::ByAnswer => !matches!(open, Self::Danger),
            _ => false,
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
    /// Somebody goes there: not reached yet.
    Visit,
    /// No way was found.
    GivenUp,
    /// The call was not needed.
    NotNeeded,
}

impl CallOutcome {
    /// Every outcome, in the order in which pages offer them.
    pub const ALL: [Self; 6] = [
        Self::Told,
        Self::MessageLeft,
        Self::OtherWay,
        Self::Visit,
        Self::GivenUp,
        Self::NotNeeded,
    ];

    /// The word in the database and in programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::MessageLeft => "message_left",
            Self::OtherWay => "other_way",
            Self::Visit => "visit",
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
            Self::Visit => "訪問することにした",
            Self::GivenUp => "連絡がつかなかった",
            Self::NotNeeded => "電話は不要になった",
        }
    }

    /// Whether it closes the call although the person was not reached, so that somebody has to say why.
    pub const fn needs_reason(self) -> bool {
        matches!(self, Self::Visit | Self::GivenUp)
    }
}

/// What came of an attempt that leaves a call open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CallAttempt {
    /// It rang, and nobody answered.
    NoAnswer,
    /// Somebody else was on the line.
    Busy,
    /// A machine answered.
    AnsweringMachine,
    /// The person asked to be called at another time.
    CallBack,
    /// Somebody else answered: the number is wrong.
    WrongPerson,
    /// As attempts were kept before they had words of their own.
    NotReached,
}

impl CallAttempt {
    /// Every attempt.
    pub const ALL: [Self; 6] = [
        Self::NoAnswer,
        Self::Busy,
        Self::AnsweringMachine,
        Self::CallBack,
        Self::WrongPerson,
        Self::NotReached,
    ];

    /// Those that a caller chooses, in the order in which pages offer them.
    pub const OFFERED: [Self; 4] = [Self::NoAnswer, Self::Busy, Self::AnsweringMachine, Self::CallBack];

    /// The word in the database and in programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::AnsweringMachine => "answering_machine",
            Self::CallBack => "call_back",
            Self::WrongPerson => "wrong_person",
            Self::NotReached => "not_reached",
        }
    }

    /// What [`CallAttempt::as_str`] wrote.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attempt| attempt.as_str() == word)
    }

    /// On screens.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoAnswer => "出なかった",
            Self::Busy => "話し中",
            Self::AnsweringMachine => "留守電",
            Self::CallBack => "かけ直しの希望",
            Self::WrongPerson => "別の人が出た（番号の誤り）",
            Self::NotReached => "つながらなかった",
        }
    }
}

/// Where an entry comes from. One entry for each row and each message, one open entry for each case.
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
    /// A case of triage: once as long as its entry is open.
    Case(CaseId),
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
    /// Who goes first: higher before lower, and of equals who waits longer. 0 where nobody judged.
    pub priority: u32,
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
    /// Who goes first: higher before lower.
    pub priority: u32,
    /// The next attempt not before; `None` for at once.
    pub due_at: Option<Millis>,
    /// Attempts that left it open.
    pub tries: u32,
    /// Who has it, or had it last; see [`Call::held`].
    pub lease: Option<Lease>,
    /// Who entered it; `None` if the program did.
    pub added_by: Option<StaffId>,
    /// When, UTC milliseconds.
    pub added_at: Millis,
    /// What came of it, by whom (nobody if it ended by itself), when; `None` while it is open.
    pub closed: Option<(CallOutcome, Option<StaffId>, Millis)>,
}

impl Call {
    /// Who has it to themselves at this moment.
    pub fn held(&self, now: Millis) -> Option<Lease> {
        self.lease
            .filter(|lease| lease.until > now && self.closed.is_none())
    }

    /// When it is due again, if that is still to come.
    pub fn later(&self, now: Millis) -> Option<Millis> {
        self.due_at.filter(|due| *due > now)
    }
}

/// Which open entries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    /// Whose time has come: the highest priority first, then the longest wait.
    Now,
    /// Who is called again later: the next one first.
    Later,
}

/// How many entries are open.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct CallCounts {
    /// Whose time has come.
    pub due: u32,
    /// Of these, those whom this caller may take: nobody else has them or their number.
    pub free: u32,
    /// Who is called again later.
    pub later: u32,
}

/// What came of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallResult {
    /// The matter is settled.
    Done(CallOutcome),
    /// It stays open.
    Tried {
        /// What came of the attempt.
        attempt: CallAttempt,
        /// The next one not before; `None` for at once.
        due: Option<Millis>,
    },
}

/// What somebody did about a call.
#[derive(Clone)]
pub struct Mark {
    /// What came of it.
    pub result: CallResult,
    /// In their words.
    pub note: Option<String>,
    /// Who.
    pub by: StaffId,
}

/// What happened to a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CallStep {
    /// An attempt that left it open.
    Tried(CallAttempt),
    /// It was settled.
    Done(CallOutcome),
    /// It went to another office.
    HandedOver {
        /// The office that had it until then.
        from: OfficeId,
    },
}

/// One attempt, the closing, or a hand-over of a call.
#[derive(Clone)]
pub struct CallEvent {
    /// When, UTC milliseconds.
    pub at: Millis,
    /// Who; nobody if it ended by itself.
    pub by: Option<StaffId>,
    /// What.
    pub step: CallStep,
    /// In their words.
    pub note: Option<String>,
}

/// How the call of a case ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CaseCalled {
    /// The case.
    pub case: CaseId,
    /// The entry.
    pub call: CallId,
    /// What came of it.
    pub outcome: CallOutcome,
    /// Who says so; nobody if it ended by itself.
    pub by: Option<StaffId>,
    /// When, UTC milliseconds.
    pub at: Millis,
}

/// What else is known of an entry of a case: by which words the call is made, and whether the person was reached in
/// another way while somebody had the entry.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct CallAbout {
    /// Of which programme; `None` where nobody said.
    pub programme: Option<ProgrammeId>,
    /// The code of the language that the person reads.
    pub language: Option<String>,
    /// Since when the person is reached.
    pub reached_at: Option<Millis>,
}

/// What became of the open entry of a case whose person was reached in another way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ended {
    /// It is closed, with the reason.
    Closed,
    /// Somebody is on the telephone with it: they are told, and it is asked for again.
    Held,
    /// There is none.
    Nothing,
}
