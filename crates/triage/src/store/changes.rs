//! What is done to a case: each change is one write that keeps what stood there before.
//!
//! The caller says which version it saw. Of two people who change a case at once, one is told.

use std::sync::Arc;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, HouseholdId, OfficeId, OrgId, ProgrammeId, StaffId};
use db::{Db, DbError, OrgVault, Tx};

use super::cases::{self, SetRecord};
use super::closing::{self, CloseCase};
use super::events::{NewEvent, add, sealed_detail};
use super::handed::Giver;
use super::households::Households;
use super::take_over::Taking;
use super::{follow, handed, openings};
use crate::case::{Case, CaseState, ClosedWhy, EventDetail, EventKind, received_day};
use crate::decision::{Decided, PRIORITY_MAX, Route, Rules, decide_now};
use crate::keys::CaseKey;
use crate::notification::CaseNotification;
use crate::overrule::decide_again as judged;
use crate::period::Course;

/// Who changes which case, as they saw it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hand {
    /// Whose cases they work on; `None` stands for all.
    pub scope: Option<OfficeId>,
    /// Which case.
    pub case: CaseId,
    /// The version that they saw.
    pub version: i64,
    /// Who.
    pub by: StaffId,
    /// At which office they work.
    pub office: OfficeId,
}

/// What became of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Changed {
    /// It was made.
    Done,
    /// Somebody else changed the case in between; nothing was changed.
    Overtaken,
    /// It is that already.
    Nothing,
}

/// What somebody wants to change.
enum Wish {
    HandOver(OfficeId, Arc<dyn Rules>),
    Correct(Box<CaseNotification>, Taking),
    Overrule(Route),
    Decide(Arc<dyn Rules>),
    Course(Course, Arc<dyn Rules>),
    Close(ClosedWhy, CalendarDate),
    Reopen(CalendarDate),
}

/// Another office takes the case over, with everything that happened before, and decides anew by its own rules; what
/// somebody decided otherwise than the rules stays. An open entry of the call list goes along.
pub async fn hand_over(
    db: &Db,
    org: OrgId,
    hand: Hand,
    to: OfficeId,
    rules: Arc<dyn Rules>,
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::HandOver(to, rules), words).await
}

/// Writes down what care found out; the period is computed again.
pub async fn set_course(
    db: &Db,
    org: OrgId,
    hand: Hand,
    course: Course,
    rules: Arc<dyn Rules>,
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Course(course, rules), words).await
}

/// Corrects what was told: keys, decision and period follow, by the programme that takes the person with what is told
/// now. What somebody decided otherwise than the rules stays, unless the person is worse than was told. With another
/// number, nothing goes to the old one any more.
pub async fn correct(
    db: &Db,
    org: OrgId,
    hand: Hand,
    into: Taking,
    told: CaseNotification,
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Correct(Box::new(told), into), words).await
}

/// Somebody decides otherwise than the rules, and says why.
pub async fn overrule(
    db: &Db,
    org: OrgId,
    hand: Hand,
    route: Route,
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Overrule(route), words).await
}

/// The rules decide again: they changed, or what somebody decided otherwise is taken back.
pub async fn decide_again(
    db: &Db,
    org: OrgId,
    hand: Hand,
    rules: Arc<dyn Rules>,
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Decide(rules), words).await
}

/// Nothing is to be done any more, from this day on.
pub async fn close(
    db: &Db,
    org: OrgId,
    hand: Hand,
    (why, from): (ClosedWhy, CalendarDate),
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Close(why, from), words).await
}

/// Something is to be done after all, from this day on.
pub async fn reopen(
    db: &Db,
    org: OrgId,
    hand: Hand,
    from: CalendarDate,
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Reopen(from), words).await
}

async fn change(db: &Db, org: OrgId, hand: Hand, wish: Wish, words: String) -> Result<Changed, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let shared = Arc::new((wish, words));
    db.write(move |tx| {
        let (vault, shared) = (Arc::clone(&vault), Arc::clone(&shared));
        Box::pin(async move {
            let change = Change {
                org,
                hand,
                vault: &vault,
                words: &shared.1,
                now,
            };
            change.make(tx, &shared.0).await
        })
    })
    .await
}

struct Change<'a> {
    org: OrgId,
    hand: Hand,
    vault: &'a OrgVault,
    words: &'a str,
    now: Millis,
}

impl Change<'_> {
    async fn make(&self, tx: &mut Tx, wish: &Wish) -> Result<Changed, DbError> {
        // Changes of one database take turns from here on, and the one that comes second sees the first.
        tx.take_numbers("cases", 0).await?;
        let found = cases::case_in(tx, self.org, self.vault, self.hand.scope, self.hand.case).await?;
        let Some(case) = found.filter(|case| case.version == self.hand.version) else {
            return Ok(Changed::Overtaken);
        };
        openings::forget(tx, self.org, case.id, self.hand.by).await?;
        match wish {
            _ if case.state == CaseState::Merged => Ok(Changed::Nothing),
            Wish::HandOver(to, rules) => {
                let over = handed::over(tx, &self.giver(), &case, *to, rules.as_ref()).await?;
                Ok(if over { Changed::Done } else { Changed::Nothing })
            }
            Wish::Correct(told, into) => self.correct(tx, &case, told, into).await,
            Wish::Overrule(route) => self.overrule(tx, case, *route).await,
            Wish::Decide(rules) => self.decide(tx, &case, rules.as_ref()).await,
            Wish::Course(course, rules) => self.course(tx, &case, *course, rules.as_ref()).await,
            Wish::Close(why, from) => self.close(tx, &case, *why, *from).await,
            Wish::Reopen(from) => self.reopen(tx, &case, *from).await,
        }
    }

    async fn course(
        &self,
        tx: &mut Tx,
        case: &Case,
        course: Course,
        rules: &dyn Rules,
    ) -> Result<Changed, DbError> {
        // Who reaches the person was decided when they came in; care moves the end, and nothing else.
        let (ends, _) = judged(case, case.notification.as_ref(), &course, case.office, rules);
        let decided = Decided {
            isolation_ends: ends.isolation_ends,
            ..case.decided.clone()
        };
        if case.course == course && case.decided == decided {
            return Ok(Changed::Nothing);
        }
        let record = SetRecord {
            course,
            ..SetRecord::decided(case, &decided)
        };
        cases::set_record(tx, self.org, self.vault, case, &record).await?;
        super::care::look_now(tx, self.org, case.id, self.now).await?;
        let detail = EventDetail {
            courses: Some((case.course, course)),
            decisions: (case.decided != decided).then(|| (case.decided.clone(), decided.clone())),
            ..self.said()
        };
        self.keep(tx, EventKind::Course, &detail).await
    }

    async fn correct(
        &self,
        tx: &mut Tx,
        case: &Case,
        told: &CaseNotification,
        into: &Taking,
    ) -> Result<Changed, DbError> {
        let Some(before) = case.notification.as_ref().filter(|before| *before != told) else {
            return Ok(Changed::Nothing);
        };
        let rules = into.rules.as_ref();
        let (decided, overruled_by) = judged(case, Some(told), &case.course, case.office, rules);
        let keys = CaseKey::all(self.vault, into.programme, told);
        cases::replace_keys(tx, self.org, case.id, &keys).await?;
        let record = SetRecord {
            programme: into.programme,
            notification: Some(told),
            household: self.household(tx, case, before, told).await?,
            overruled_by,
            ..SetRecord::decided(case, &decided)
        };
        cases::set_record(tx, self.org, self.vault, case, &record).await?;
        follow::numbers(tx, self.org, self.vault, (case, told), self.now).await?;
        self.follow(tx, case, &decided).await?;
        super::twins::find_around(tx, self.org, case.id, self.now).await?;
        let detail = EventDetail {
            notifications: Some(Box::new((before.clone(), told.clone()))),
            decisions: (case.decided != decided).then(|| (case.decided.clone(), decided.clone())),
            ..self.said()
        };
        self.keep(tx, EventKind::Corrected, &detail).await?;
        if into.programme != case.programme {
            self.enter(tx, case.id, into).await?;
        }
        Ok(Changed::Done)
    }

    /// With another programme, whoever telephones has its words, care looks by its rules, and twins are others.
    async fn enter(&self, tx: &mut Tx, case: CaseId, into: &Taking) -> Result<(), DbError> {
        lists::calls::follow_case(tx, self.org, case, ProgrammeId::new(into.programme)).await?;
        super::care::look_now(tx, self.org, case, self.now).await?;
        super::twins::apart::forget_strangers(tx, self.org, case, None).await?;
        let detail = EventDetail {
            words: Some(into.words.clone()),
            ..EventDetail::default()
        };
        self.keep(tx, EventKind::Decided, &detail).await.map(drop)
    }

    /// With another number or address the person belongs to whoever has that one; nobody else's household changes.
    async fn household(
        &self,
        tx: &mut Tx,
        case: &Case,
        before: &CaseNotification,
        told: &CaseNotification,
    ) -> Result<HouseholdId, DbError> {
        let keys = CaseKey::of_household(self.vault, &told.person);
        if keys == CaseKey::of_household(self.vault, &before.person) {
            return Ok(case.household);
        }
        let others = Households::around(tx, self.org, &keys, Some(case.id), self.now).await?;
        match others.of(&keys) {
            Some(household) => Ok(household),
            // A number of its own, which no case has: its old one may stand for others.
            None => Ok(HouseholdId::new(tx.take_numbers("cases", 1).await?)),
        }
    }

    async fn overrule(&self, tx: &mut Tx, case: Case, route: Route) -> Result<Changed, DbError> {
        if case.decided.route == route {
            return Ok(Changed::Nothing);
        }
        let decided = Decided {
            route,
            // Whoever looked at the person and wants somebody to speak with them has a reason to hurry.
            priority: match route {
                Route::CentrePhone | Route::Physician => PRIORITY_MAX,
                Route::CentreSms | Route::HeadOfficeSms => case.decided.priority,
            },
            reasons: vec![format!("職員が変更: {}", self.words)],
            ..case.decided.clone()
        };
        self.set_decision(tx, &case, decided, Some(self.hand.by), EventKind::Overruled)
            .await
    }

    async fn decide(&self, tx: &mut Tx, case: &Case, rules: &dyn Rules) -> Result<Changed, DbError> {
        let Some(told) = &case.notification else {
            return Ok(Changed::Nothing);
        };
        let at = (case.office, received_day(case.received_at));
        let decided = decide_now(rules, told, &case.course, at);
        if case.overruled_by.is_none() && decided == case.decided {
            return Ok(Changed::Nothing);
        }
        self.set_decision(tx, case, decided, None, EventKind::Decided)
            .await
    }

    async fn set_decision(
        &self,
        tx: &mut Tx,
        case: &Case,
        decided: Decided,
        overruled_by: Option<StaffId>,
        kind: EventKind,
    ) -> Result<Changed, DbError> {
        let record = SetRecord {
            overruled_by,
            ..SetRecord::decided(case, &decided)
        };
        cases::set_record(tx, self.org, self.vault, case, &record).await?;
        self.follow(tx, case, &decided).await?;
        let detail = EventDetail {
            decisions: Some((case.decided.clone(), decided)),
            ..self.said()
        };
        self.keep(tx, kind, &detail).await
    }

    async fn follow(&self, tx: &mut Tx, case: &Case, decided: &Decided) -> Result<(), DbError> {
        let by = self.hand.by;
        follow::decision(tx, self.org, self.vault, (case, decided), by, self.now).await
    }

    async fn close(
        &self,
        tx: &mut Tx,
        case: &Case,
        why: ClosedWhy,
        from: CalendarDate,
    ) -> Result<Changed, DbError> {
        let closing = CloseCase {
            why,
            from,
            by: Some((self.hand.by, self.hand.office)),
            words: self.said().words,
        };
        let closed = closing::close_in(tx, self.org, self.vault, case.id, &closing, self.now).await?;
        Ok(if closed { Changed::Done } else { Changed::Nothing })
    }

    async fn reopen(&self, tx: &mut Tx, case: &Case, from: CalendarDate) -> Result<Changed, DbError> {
        if !closing::reopen_in(tx, self.org, case, self.now).await? {
            return Ok(Changed::Nothing);
        }
        let detail = EventDetail {
            from: Some(from),
            ..self.said()
        };
        self.keep(tx, EventKind::Reopened, &detail).await
    }

    const fn giver(&self) -> Giver<'_> {
        Giver {
            org: self.org,
            vault: self.vault,
            by: (self.hand.by, self.hand.office),
            words: self.words,
            now: self.now,
        }
    }

    fn said(&self) -> EventDetail {
        EventDetail {
            words: (!self.words.is_empty()).then(|| self.words.to_owned()),
            ..EventDetail::default()
        }
    }

    async fn keep(&self, tx: &mut Tx, kind: EventKind, detail: &EventDetail) -> Result<Changed, DbError> {
        let event = NewEvent {
            case: self.hand.case,
            by: Some(self.hand.by),
            office: Some(self.hand.office),
            kind,
            detail: sealed_detail(self.vault, self.hand.case, detail),
        };
        add(tx, self.org, self.now, event).await?;
        Ok(Changed::Done)
    }
}
