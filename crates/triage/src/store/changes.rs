//! What is done to a case: each change is one write that keeps what stood there before.
//!
//! The caller says which version it saw. Of two people who change a case at once, one is told.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{CaseId, HouseholdId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};

use super::cases::{self, Households, SetRecord};
use super::events::{NewEvent, add, sealed_detail};
use crate::case::{
    Case, CaseChange, CaseState, ContactEvent, EventDetail, EventKind, FirstContact, received_day,
};
use crate::decision::{Decided, PRIORITY_MAX, Route, Rules};
use crate::keys::CaseKey;
use crate::notification::CaseNotification;

db::statements! {
    SET_OFFICE = "
        UPDATE cases SET office_id = $3, version = version + 1 WHERE org_id = $1 AND case_id = $2";
    SET_STATE = "
        UPDATE cases SET state = $3, closed_at = $4, closed_why = $5, version = version + 1,
            contact_from = CASE WHEN $3 = 'open' AND contact = 'calling' THEN $6 ELSE contact_from END
        WHERE org_id = $1 AND case_id = $2";
    CONTACT = "SELECT contact FROM cases WHERE org_id = $1 AND case_id = $2 {locked cases}";
    SET_CONTACT = "
        UPDATE cases SET contact = $3, contact_at = $4, watch_at = $5,
            contact_from = CASE WHEN $3 = 'waiting' THEN $4 ELSE contact_from END,
            first_arrived_at = CASE WHEN $3 = 'waiting' THEN NULL
                WHEN $3 IN ('delivered', 'opened', 'answered', 'spoken') THEN COALESCE(first_arrived_at, $4)
                ELSE first_arrived_at END,
            first_opened_at = CASE WHEN $3 = 'waiting' THEN NULL
                WHEN $3 IN ('opened', 'answered', 'spoken') THEN COALESCE(first_opened_at, $4)
                ELSE first_opened_at END,
            first_answered_at = CASE WHEN $3 = 'waiting' THEN NULL
                WHEN $3 IN ('answered', 'spoken') THEN COALESCE(first_answered_at, $4)
                ELSE first_answered_at END
        WHERE org_id = $1 AND case_id = $2";
}

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
    HandOver(OfficeId),
    Correct(Box<CaseNotification>, Arc<dyn Rules>),
    Overrule(Route),
    Decide(Arc<dyn Rules>),
    Close(String),
    Reopen,
}

/// Another office takes the case over, with everything that happened before.
pub async fn hand_over(
    db: &Db,
    org: OrgId,
    hand: Hand,
    to: OfficeId,
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::HandOver(to), words).await
}

/// Corrects what was told: keys, decision and period follow. What somebody decided otherwise than the rules stays.
pub async fn correct(
    db: &Db,
    org: OrgId,
    hand: Hand,
    rules: Arc<dyn Rules>,
    told: CaseNotification,
    words: String,
) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Correct(Box::new(told), rules), words).await
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

/// Nothing is to be done any more; `why` is a code of the programme.
pub async fn close(db: &Db, org: OrgId, hand: Hand, why: String, words: String) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Close(why), words).await
}

/// Something is to be done after all.
pub async fn reopen(db: &Db, org: OrgId, hand: Hand, words: String) -> Result<Changed, DbError> {
    change(db, org, hand, Wish::Reopen, words).await
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
        match wish {
            _ if case.state == CaseState::Merged => Ok(Changed::Nothing),
            Wish::HandOver(to) => self.hand_over(tx, &case, *to).await,
            Wish::Correct(told, rules) => self.correct(tx, &case, told, rules.as_ref()).await,
            Wish::Overrule(route) => self.overrule(tx, case, *route).await,
            Wish::Decide(rules) => self.decide(tx, &case, rules.as_ref()).await,
            Wish::Close(why) => self.set_state(tx, &case, CaseChange::Close, Some(why)).await,
            Wish::Reopen => self.set_state(tx, &case, CaseChange::Reopen, None).await,
        }
    }

    async fn hand_over(&self, tx: &mut Tx, case: &Case, to: OfficeId) -> Result<Changed, DbError> {
        if case.office == to {
            return Ok(Changed::Nothing);
        }
        tx.execute(SET_OFFICE, params![self.org, case.id, to]).await?;
        let detail = EventDetail {
            offices: Some((case.office, to)),
            ..self.said()
        };
        self.keep(tx, EventKind::HandedOver, &detail).await
    }

    async fn correct(
        &self,
        tx: &mut Tx,
        case: &Case,
        told: &CaseNotification,
        rules: &dyn Rules,
    ) -> Result<Changed, DbError> {
        let Some(before) = case.notification.as_ref().filter(|before| *before != told) else {
            return Ok(Changed::Nothing);
        };
        let mut decided = rules.decide(told, case.office, received_day(case.received_at));
        if case.overruled_by.is_some() {
            decided.route = case.decided.route;
            decided.priority = case.decided.priority;
            decided.reasons.clone_from(&case.decided.reasons);
        }
        let keys = CaseKey::all(self.vault, case.programme, told);
        cases::replace_keys(tx, self.org, case.id, &keys).await?;
        let record = SetRecord {
            notification: Some(told),
            decided: &decided,
            overruled_by: case.overruled_by,
            household: self.household(tx, case, before, told).await?,
        };
        cases::set_record(tx, self.org, self.vault, case, &record).await?;
        super::twins::find_around(tx, self.org, case.id, self.now).await?;
        let detail = EventDetail {
            notifications: Some(Box::new((before.clone(), told.clone()))),
            decisions: (case.decided != decided).then(|| (case.decided.clone(), decided.clone())),
            ..self.said()
        };
        self.keep(tx, EventKind::Corrected, &detail).await
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
        let decided = rules.decide(told, case.office, received_day(case.received_at));
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
            notification: case.notification.as_ref(),
            decided: &decided,
            overruled_by,
            household: case.household,
        };
        cases::set_record(tx, self.org, self.vault, case, &record).await?;
        let detail = EventDetail {
            decisions: Some((case.decided.clone(), decided)),
            ..self.said()
        };
        self.keep(tx, kind, &detail).await
    }

    async fn set_state(
        &self,
        tx: &mut Tx,
        case: &Case,
        change: CaseChange,
        why: Option<&String>,
    ) -> Result<Changed, DbError> {
        let Some(state) = case.state.after(change) else {
            return Ok(Changed::Nothing);
        };
        let closed_at = (state == CaseState::Closed).then_some(self.now);
        let why = why.filter(|_| closed_at.is_some()).cloned();
        let params = params![self.org, case.id, state.as_str(), closed_at, why, self.now];
        tx.execute(SET_STATE, params).await?;
        if closed_at.is_some() {
            let whose = (case.id, self.hand.by);
            let why = "患者の記録を終了したため";
            lists::calls::not_needed(tx, self.org, self.vault, whose, why, self.now).await?;
        }
        let kind = match state {
            CaseState::Closed => EventKind::Closed,
            CaseState::Open | CaseState::Merged => EventKind::Reopened,
        };
        self.keep(tx, kind, &self.said()).await
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

/// Keeps a note. Notes are added and never changed; of a merged case as well.
pub async fn note(
    db: &Db,
    org: OrgId,
    case: CaseId,
    by: StaffId,
    office: OfficeId,
    words: String,
) -> Result<(), DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let detail = EventDetail {
        words: Some(words),
        ..EventDetail::default()
    };
    let detail = sealed_detail(&vault, case, &detail);
    db.write(move |tx| {
        let event = NewEvent {
            case,
            by: Some(by),
            office: Some(office),
            kind: EventKind::Noted,
            detail: detail.clone(),
        };
        Box::pin(async move { add(tx, org, now, event).await })
    })
    .await
}

/// What happened to the first word to a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contacted {
    /// To whom.
    pub case: CaseId,
    /// What.
    pub event: ContactEvent,
    /// When, UTC milliseconds.
    pub at: Millis,
    /// When somebody has to look again; `None` when nothing is to be watched any more.
    pub watch_at: Option<Millis>,
    /// By whom; `None` for the program.
    pub by: Option<StaffId>,
}

/// Writes down how far the first word has come, in the write in which it came so far. Gives where it stands now;
/// `None` without such a case. What changes nothing is not kept.
pub async fn contacted(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    what: Contacted,
) -> Result<Option<FirstContact>, DbError> {
    let Some(row) = tx.query_opt(CONTACT, params![org, what.case]).await? else {
        return Ok(None);
    };
    let before = cases::word(&row.get::<String>(0)?, FirstContact::from_word)?;
    let after = before.after(what.event);
    if after != before {
        let params = params![org, what.case, after.as_str(), what.at, what.watch_at];
        tx.execute(SET_CONTACT, params).await?;
        let detail = EventDetail {
            contact: Some(what.event),
            ..EventDetail::default()
        };
        let event = NewEvent {
            case: what.case,
            by: what.by,
            office: None,
            kind: EventKind::Contact,
            detail: sealed_detail(vault, what.case, &detail),
        };
        add(tx, org, what.at, event).await?;
    }
    Ok(Some(after))
}
