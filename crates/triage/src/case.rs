//! A case: one person's illness, from its notification until it is closed, and how far the first word has come.
//!
//! States change through the pure functions here, and nowhere else; every pair is tested.

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, HouseholdId, ListId, OfficeId, StaffId};
use db::Reference;
use serde::{Deserialize, Serialize};

use crate::decision::Decided;
use crate::notification::{CaseNotification, words};
use crate::period::Course;

words! {
    /// Where a case stands.
    CaseState {
        /// Somebody looks after the person.
        Open = "open", "対応中";
        /// Nothing is to be done any more.
        Closed = "closed", "終了";
        /// It was the same as another, which goes on.
        Merged = "merged", "統合済み";
    }
}

words! {
    /// Why nothing is to be done any more.
    ClosedWhy {
        /// The time at home is over.
        PeriodOver = "period_over", "療養期間・健康観察の終了";
        /// In hospital: cared for there.
        Admitted = "admitted", "入院";
        /// In a facility where somebody else looks after the person.
        InFacility = "in_facility", "宿泊療養・施設への入所";
        /// Dead.
        Dead = "dead", "死亡";
        /// Lives elsewhere: another authority goes on.
        MovedAway = "moved_away", "管外に転出（他の自治体に引き継ぎ）";
        /// Not ill after all, or the notification was taken back.
        NotACase = "not_a_case", "届出の取り下げ・陽性ではなかった";
        /// The person does not want to be contacted any more.
        Declined = "declined", "本人が連絡を望まない";
        /// Every way was tried.
        NotReached = "not_reached", "連絡がつかないまま終了";
        /// Something else; the words say what.
        Other = "other", "その他";
    }
}

/// That a case was closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed {
    /// When, UTC milliseconds.
    pub at: Millis,
    /// Why.
    pub why: ClosedWhy,
    /// From which day in Japan on nothing is to be done.
    pub from: Option<CalendarDate>,
}

words! {
    /// What came of a visit.
    VisitResult {
        /// The person was spoken to.
        Met = "met", "本人に会えた";
        /// Somebody will tell the person.
        Family = "family", "家族などに伝言した";
        /// Nobody was there.
        Absent = "absent", "不在だった";
        /// The person does not live there.
        NotThere = "not_there", "そこに住んでいなかった";
    }
}

impl VisitResult {
    /// What it says of the first word.
    pub const fn contact(self) -> Option<ContactEvent> {
        match self {
            Self::Met | Self::Family => Some(ContactEvent::Spoke),
            Self::Absent | Self::NotThere => None,
        }
    }
}

/// Somebody went there.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// On which day.
    pub day: CalendarDate,
    /// Who went, as staff know them.
    pub who: String,
    /// What came of it.
    pub result: VisitResult,
}

/// What changes where a case stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CaseChange {
    /// Nothing is to be done any more.
    Close,
    /// Something is to be done after all.
    Reopen,
    /// It goes into another.
    Merge,
    /// It was somebody else after all.
    TakeApart {
        /// Whether it was closed before it was merged.
        was_closed: bool,
    },
}

impl CaseState {
    /// Where the case stands after `change`; `None` if that cannot happen to it.
    pub const fn after(self, change: CaseChange) -> Option<Self> {
        match (self, change) {
            (Self::Open, CaseChange::Close) | (Self::Merged, CaseChange::TakeApart { was_closed: true }) => {
                Some(Self::Closed)
            }
            (Self::Closed, CaseChange::Reopen)
            | (Self::Merged, CaseChange::TakeApart { was_closed: false }) => Some(Self::Open),
            (Self::Open | Self::Closed, CaseChange::Merge) => Some(Self::Merged),
            _ => None,
        }
    }
}

words! {
    /// How far the first word to a person has come. Which of them counts as reached, the programme says.
    FirstContact {
        /// Nothing was done yet.
        Waiting = "waiting", "これから";
        /// A message is on its way.
        Written = "written", "SMSを送信中";
        /// No message arrived, or nobody knows whether; somebody has to telephone.
        Unreached = "unreached", "届いていない";
        /// The person is on the call list.
        Calling = "calling", "電話リスト";
        /// A message arrived on the phone.
        Delivered = "delivered", "SMSが届いた";
        /// The page behind it was opened.
        Opened = "opened", "ページを開いた";
        /// The person answered in writing.
        Answered = "answered", "回答があった";
        /// The person was spoken to, by telephone or in person.
        Spoken = "spoken", "電話で話した";
        /// Every way was tried; whoever decided so says why.
        GivenUp = "given_up", "連絡がつかない";
        /// Nothing has to be said: in hospital, dead, told by somebody else.
        NotNeeded = "not_needed", "連絡不要";
    }
}

words! {
    /// What happens to the first word.
    ContactEvent {
        /// A message was made.
        Written = "written", "SMSを送信した";
        /// It arrived.
        Delivered = "delivered", "SMSが届いた";
        /// It did not arrive, or that stays unknown.
        NotDelivered = "not_delivered", "SMSが届かなかった";
        /// The page behind it was opened.
        Opened = "opened", "ページが開かれた";
        /// An answer came.
        Answered = "answered", "回答があった";
        /// The person was put on the call list.
        PutOnCallList = "put_on_call_list", "電話リストに入れた";
        /// Somebody spoke with the person.
        Spoke = "spoke", "電話で話した";
        /// Every way was tried.
        GaveUp = "gave_up", "連絡がつかなかった";
        /// Somebody decided that nothing has to be said.
        NotNeeded = "not_needed", "連絡は不要";
        /// What was known of the person's number was wrong: from the beginning.
        Forgotten = "forgotten", "最初からやり直す";
    }
}

impl FirstContact {
    /// How much it is: what is known for sure is not taken back by a late receipt.
    const fn strength(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::Unreached => 1,
            Self::Written => 2,
            Self::Calling => 3,
            Self::GivenUp => 4,
            Self::NotNeeded => 5,
            Self::Delivered => 6,
            Self::Opened => 7,
            Self::Answered => 8,
            Self::Spoken => 9,
        }
    }

    /// Whether the person has been told more than by `other`.
    pub const fn is_more_than(self, other: Self) -> bool {
        self.strength() > other.strength()
    }

    /// Where the first word stands after `event`.
    #[must_use]
    pub fn after(self, event: ContactEvent) -> Self {
        use ContactEvent as E;
        let now = match event {
            E::Forgotten => return Self::Waiting,
            // Undelivered means something only of a message that was on its way.
            E::NotDelivered if matches!(self, Self::Waiting | Self::Written) => return Self::Unreached,
            E::NotDelivered => return self,
            // Where the programme asks for more than has happened, somebody telephones all the same.
            E::PutOnCallList if matches!(self, Self::Delivered | Self::Opened) => return Self::Calling,
            E::Written => Self::Written,
            E::Delivered => Self::Delivered,
            E::Opened => Self::Opened,
            E::Answered => Self::Answered,
            E::PutOnCallList => Self::Calling,
            E::Spoke => Self::Spoken,
            E::GaveUp => Self::GivenUp,
            E::NotNeeded => Self::NotNeeded,
        };
        if now.strength() > self.strength() {
            now
        } else {
            self
        }
    }
}

words! {
    /// Where a case comes from.
    SourceKind {
        /// A row of a list.
        List = "list", "リスト";
        /// The form for one.
        Form = "form", "1件入力";
        /// The application desk.
        Desk = "desk", "申請窓口";
        /// Another program.
        Api = "api", "API";
    }
}

/// Where a case comes from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CaseSource {
    /// A row of a list, by the number that Excel shows; it becomes one case, however often it is given.
    Row {
        /// The list.
        list: ListId,
        /// The row.
        line: u32,
    },
    /// The form for one.
    Form,
    /// The application desk.
    Desk,
    /// Another program.
    Api,
}

impl CaseSource {
    /// Which kind it is.
    pub const fn kind(self) -> SourceKind {
        match self {
            Self::Row { .. } => SourceKind::List,
            Self::Form => SourceKind::Form,
            Self::Desk => SourceKind::Desk,
            Self::Api => SourceKind::Api,
        }
    }
}

/// A case about to be made.
#[derive(Clone)]
pub struct NewCase {
    /// Whose it is: the health centre of the place where the person is now.
    pub office: OfficeId,
    /// Where it comes from.
    pub source: CaseSource,
    /// What was told.
    pub notification: CaseNotification,
}

/// A case, opened.
#[derive(Clone)]
pub struct Case {
    /// Its number.
    pub id: CaseId,
    /// Of which programme.
    pub programme: i64,
    /// Whose it is now.
    pub office: OfficeId,
    /// When it came in, UTC milliseconds.
    pub received_at: Millis,
    /// Where it comes from.
    pub source: CaseSource,
    /// 受付番号, as staff and residents read it aloud.
    pub reference: Reference,
    /// What was told, as it was corrected since; `None` after it was erased.
    pub notification: Option<CaseNotification>,
    /// Grows with every change of the record, so that of two who change it at once one is told.
    pub version: i64,
    /// People who share a number or an address.
    pub household: HouseholdId,
    /// What was decided.
    pub decided: Decided,
    /// Who decided otherwise than the rules.
    pub overruled_by: Option<StaffId>,
    /// Where it stands.
    pub state: CaseState,
    /// How far the first word has come.
    pub contact: FirstContact,
    /// Since when, UTC milliseconds.
    pub contact_at: Option<Millis>,
    /// When somebody has to look again, UTC milliseconds.
    pub watch_at: Option<Millis>,
    /// Into which case it was merged.
    pub merged_into: Option<CaseId>,
    /// That it was closed.
    pub closed: Option<Closed>,
    /// What care found out since.
    pub course: Course,
    /// Since when it waits to be seen by the office that it was handed over to, UTC milliseconds.
    pub arrived_at: Option<Millis>,
}

words! {
    /// What happened to a case.
    EventKind {
        /// It came in.
        Received = "received", "発生届を登録";
        /// Rules decided anew.
        Decided = "decided", "ルールで振り分け";
        /// Somebody decided otherwise than the rules.
        Overruled = "overruled", "振り分けを変更";
        /// Another office took it over.
        HandedOver = "handed_over", "引き継ぎ";
        /// What was told was corrected.
        Corrected = "corrected", "記録を訂正";
        /// Somebody wrote a note.
        Noted = "noted", "メモ";
        /// The first word came further.
        Contact = "contact", "連絡";
        /// Another case was merged into it, or it into another.
        Merged = "merged", "統合";
        /// They were taken apart again.
        TakenApart = "taken_apart", "統合の取り消し";
        /// Somebody looked: another case is somebody else's.
        Distinct = "distinct", "別人と確認";
        /// Nothing is to be done any more.
        Closed = "closed", "終了";
        /// Something is to be done after all.
        Reopened = "reopened", "再開";
        /// The office that it was handed over to has seen it.
        Taken = "taken", "引き継ぎの受け取り";
        /// What care found out was written down: place, relief, a negative test.
        Course = "course", "療養の日付を記録";
        /// Somebody went there.
        Visited = "visited", "訪問";
    }
}

/// What is kept of an event beside its kind; sealed.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EventDetail {
    /// In the words of whoever did it: a reason, a note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The decision before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisions: Option<(Decided, Decided)>,
    /// What was told, before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notifications: Option<Box<(CaseNotification, CaseNotification)>>,
    /// From which office to which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offices: Option<(OfficeId, OfficeId)>,
    /// Which other case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<CaseId>,
    /// What happened to the first word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactEvent>,
    /// Why it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<ClosedWhy>,
    /// From which day on it was closed, or open again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<CalendarDate>,
    /// What care had found out, before and after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub courses: Option<(Course, Course)>,
    /// Somebody went there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visit: Option<Visit>,
    /// What it took of a case that went into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub took: Option<Box<Took>>,
}

/// How far the first word has come, and when it came so far.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    /// How far.
    pub contact: FirstContact,
    /// Since when.
    pub at: Option<Millis>,
    /// What happened before says nothing.
    pub from: Option<Millis>,
    /// When a message arrived first.
    pub arrived: Option<Millis>,
    /// When a page was opened first.
    pub opened: Option<Millis>,
    /// When an answer came first.
    pub answered: Option<Millis>,
}

impl Moments {
    /// The same for a case that came in at `received_at` and stood otherwise before: nothing happened earlier.
    #[must_use]
    pub fn since(&self, received_at: Millis, before: &Self) -> Self {
        let later = |at: Option<Millis>| at.map(|at| at.max(received_at));
        Self {
            contact: self.contact,
            at: later(self.at),
            from: before.from,
            arrived: later(self.arrived),
            opened: later(self.opened),
            answered: later(self.answered),
        }
    }
}

/// What a case took of one that went into it, and had before: taken apart, it has that again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Took {
    /// The first word before and after.
    pub moments: (Moments, Moments),
    /// Who had decided otherwise than the rules before.
    pub overruled_by: Option<StaffId>,
}

/// One thing that happened to a case.
#[derive(Clone)]
pub struct CaseEvent {
    /// When, UTC milliseconds.
    pub at: Millis,
    /// By whom; `None` for the program.
    pub by: Option<StaffId>,
    /// At which office.
    pub office: Option<OfficeId>,
    /// What.
    pub kind: EventKind,
    /// What is kept of it.
    pub detail: EventDetail,
}

/// Whom forms that are asked about a case are about.
pub fn subject(case: CaseId) -> desk::Subject {
    desk::Subject {
        kind: desk::form::Key::parse("case").expect("a word in small letters is a key"),
        id: case.get(),
    }
}

/// The day in Japan on which something came in.
pub fn received_day(at: Millis) -> CalendarDate {
    CalendarDate::in_japan(at).expect("the clock stands between 1868 and 2100")
}

#[cfg(test)]
mod tests;
