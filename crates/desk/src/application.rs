//! An application: from its first page to the message that tells its result.
//!
//! Where it stands changes through [`State::after`] and nowhere else; every pair is tested. Who has it to themselves,
//! whether it is on hold and whether somebody else still looks at it are facts beside the state.
//!
//! The promise that the whole crate keeps: what a person was told is what was finally decided at that moment. A
//! decision is [`State::Provisional`] first and can be taken back; only a [`State::Final`] one is told, in the commit
//! that makes it [`State::Released`]; from then on there are only corrections, and both stay.

pub(crate) mod applicant;
pub(crate) mod link;
mod stages;

use base::clock::{Millis, SECOND};
use base::id::{ApplicationId, CallId, DeskId, OfficeId, OutcomeListId, StaffId};
use db::Reference;
use web::Language;

pub use self::applicant::{Address, Applicant, Content, FilledIn, Given, KitChosen, Relation};
pub use self::link::ApplicationToken;
pub use self::stages::{Journey, Stage};
use crate::document::{Decision, Outcome};

/// How long a decision can be taken back by whoever took it.
pub const PROVISIONAL: Millis = 120 * SECOND;

/// How long an application belongs to whoever took it up, from the last sign of life.
pub const LEASE: Millis = 5 * 60 * SECOND;

/// How long it still belongs to whoever closed its page: a page that loads itself again is back by then.
pub const LEAVING: Millis = 20 * SECOND;

/// How long the next application is kept for whoever decides the one before it, so that its pictures are there.
pub const AHEAD: Millis = 90 * SECOND;

/// Where an application stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// It is being filled in.
    Draft,
    /// It was sent, and a clerk looks at it.
    Received,
    /// Something is asked again of the person.
    SentBack,
    /// It waits for whoever decides.
    Ready,
    /// It was decided a moment ago and can be taken back.
    Provisional,
    /// It is decided, and the person is still to be told.
    Final,
    /// The person was told, or is telephoned.
    Released,
    /// The person took it back.
    Withdrawn,
    /// It was never finished.
    Expired,
}

/// What changes where an application stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// The person sends it, for the first time or once more.
    Submit,
    /// It is complete enough to be decided.
    Pass,
    /// Something is asked again.
    SendBack,
    /// The person takes it back.
    Withdraw,
    /// Nobody finished it in time.
    Expire,
    /// Somebody decides.
    Decide,
    /// Somebody decides anew what was decided before.
    Correct,
    /// Whoever decided takes it back.
    Undo(Before),
    /// Its time to be taken back is over.
    Settle,
    /// The same, and the person knows it already: a correction that led back to what was told.
    SettleAsTold,
    /// The person is told.
    Release,
    /// The broadcast that was to tell it was discarded before the message left.
    NotSent,
}

/// Where an application stood when it was decided.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Before {
    /// It had not been decided.
    Ready,
    /// It was decided and not told.
    Final,
    /// It was told.
    Released,
}

impl Before {
    /// The state.
    pub const fn state(self) -> State {
        match self {
            Self::Ready => State::Ready,
            Self::Final => State::Final,
            Self::Released => State::Released,
        }
    }

    /// What a state is as one before a decision; `None` where nothing is decided.
    pub const fn of(state: State) -> Option<Self> {
        match state {
            State::Ready => Some(Self::Ready),
            State::Final => Some(Self::Final),
            State::Released => Some(Self::Released),
            _ => None,
        }
    }
}

impl State {
    /// Every state, in the order of an application's life.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::Received,
        Self::SentBack,
        Self::Ready,
        Self::Provisional,
        Self::Final,
        Self::Released,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Received => "received",
            Self::SentBack => "sent_back",
            Self::Ready => "ready",
            Self::Provisional => "provisional",
            Self::Final => "final",
            Self::Released => "released",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// What [`State::code`] wrote.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// For staff.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "入力中",
            Self::Received => "受付済み（事前確認待ち）",
            Self::SentBack => "差戻し中",
            Self::Ready => "判定待ち",
            Self::Provisional => "仮判定（取消できます）",
            Self::Final => "判定済み（通知待ち）",
            Self::Released => "通知済み",
            Self::Withdrawn => "取下げ",
            Self::Expired => "期限切れ",
        }
    }

    /// What staff can do about it.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Draft => "申請者が入力しています。受け付けるまで判定できません。",
            Self::Received => "内容を確かめ、判定に回すか、差し戻してください。",
            Self::SentBack => "申請者の出し直しを待っています。",
            Self::Ready => "判定する人が「次の案件」で開きます。",
            Self::Provisional => "判定した人は、2分以内なら取り消せます。",
            Self::Final => "判定別リストを確定して送ると、結果が届きます。",
            Self::Released => "直すときは、判定を訂正してください。訂正のSMSを送ります。",
            Self::Withdrawn => "申請者が取り下げました。することはありません。",
            Self::Expired => "期限までに申請されませんでした。することはありません。",
        }
    }

    /// Whether it can still be taken back: it was sent, and nobody has decided it.
    pub fn may_be_taken_back(self) -> bool {
        self != Self::Draft && self.after(Change::Withdraw).is_some()
    }

    /// Where the application stands after `change`; `None` if that cannot happen here.
    pub fn after(self, change: Change) -> Option<Self> {
        use Change as C;
        use State as S;
        Some(match (self, change) {
            // A refusal that asks for something again comes back after it was told.
            (S::Draft | S::SentBack | S::Released, C::Submit) => S::Received,
            (S::Received, C::Pass) => S::Ready,
            (S::Received | S::Ready, C::SendBack) => S::SentBack,
            (S::Draft | S::Received | S::SentBack | S::Ready, C::Withdraw) => S::Withdrawn,
            (S::Draft | S::SentBack, C::Expire) => S::Expired,
            (S::Ready, C::Decide) | (S::Final | S::Released, C::Correct) => S::Provisional,
            (S::Provisional, C::Undo(before)) => before.state(),
            (S::Provisional, C::Settle) | (S::Released, C::NotSent) => S::Final,
            (S::Provisional, C::SettleAsTold) | (S::Final, C::Release) => S::Released,
            _ => return None,
        })
    }
}

/// Why an application is out of the queue although it waits for a decision.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Parked {
    /// Somebody wants to come back to it.
    Hold,
    /// The person is telephoned first.
    Phone,
}

impl Parked {
    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Phone => "phone",
        }
    }

    /// What [`Parked::code`] wrote.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Hold, Self::Phone]
            .into_iter()
            .find(|parked| parked.code() == code)
    }

    /// For staff.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hold => "保留",
            Self::Phone => "電話で確認中",
        }
    }
}

/// What somebody else thinks of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SecondLook {
    /// It is still to be looked at, and not told before.
    Wanted,
    /// Somebody else decides alike.
    Agreed,
    /// Somebody else decides otherwise: not told before that is settled.
    Differs,
    /// It stays although somebody else decides otherwise.
    Upheld,
}

impl SecondLook {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Wanted, Self::Agreed, Self::Differs, Self::Upheld];

    /// The word in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wanted => "wanted",
            Self::Agreed => "agreed",
            Self::Differs => "differs",
            Self::Upheld => "upheld",
        }
    }

    /// What [`SecondLook::code`] wrote.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.code() == code)
    }

    /// For staff.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Wanted => "二人目の確認待ち",
            Self::Agreed => "二人目も同じ判定",
            Self::Differs => "二人目の判定が異なる",
            Self::Upheld => "判定を維持",
        }
    }

    /// Whether the person may be told.
    pub const fn is_clear(self) -> bool {
        matches!(self, Self::Agreed | Self::Upheld)
    }
}

/// Who has an application to themselves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lease {
    /// The number of the review: another one after each time that it is taken up.
    pub review: i64,
    /// Who.
    pub by: StaffId,
    /// Until when, UTC milliseconds.
    pub until: Millis,
}

/// The decision that stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// Its number, from 1.
    pub number: i64,
    /// What.
    pub decision: Decision,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Millis,
    /// Until when it can be taken back.
    pub provisional_until: Millis,
    /// What somebody else thinks of it, if somebody is asked.
    pub second_look: Option<SecondLook>,
    /// It puts right what the person was told.
    pub corrects: bool,
}

/// An application as staff see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Application {
    /// Its number.
    pub id: ApplicationId,
    /// At which desk.
    pub desk: DeskId,
    /// By which version of the desk's document.
    pub version: i64,
    /// Which office runs it.
    pub office: OfficeId,
    /// 受付番号.
    pub reference: Reference,
    /// The language that the person reads.
    pub language: Language,
    /// What was told, answered and chosen.
    pub content: Content,
    /// Where it stands.
    pub state: State,
    /// Since when.
    pub state_at: Millis,
    /// Counts up with everything that is decided about it.
    pub changes: i64,
    /// Higher goes first.
    pub priority: u32,
    /// When its first page was opened.
    pub started_at: Millis,
    /// When it was sent, last.
    pub received_at: Option<Millis>,
    /// For what it was sent back.
    pub sent_back: Option<crate::form::Key>,
    /// Why it is out of the queue.
    pub parked: Option<Parked>,
    /// The call that is to settle something.
    pub call: Option<CallId>,
    /// Who has it to themselves, or had it last.
    pub lease: Option<Lease>,
    /// The decision that stands.
    pub decided: Option<Decided>,
    /// What the person is still to be told.
    pub owes: Option<Outcome>,
    /// What the person was told last.
    pub told: Option<Outcome>,
    /// The list in which it is locked for sending.
    pub list: Option<OutcomeListId>,
}

impl Application {
    /// Whether its time is over and nothing is left of what the person told: whatever was received has a consent.
    pub fn is_erased(&self) -> bool {
        self.received_at.is_some() && self.content.consent.is_none()
    }

    /// Who has it to themselves at this moment.
    pub fn held(&self, now: Millis) -> Option<Lease> {
        self.lease.filter(|lease| now < lease.until)
    }
}

#[cfg(test)]
mod tests;
