//! Statements of the first contact: who waits, who is watched, what is known of them, what follows.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base::clock::Millis;
use base::id::{CallId, CaseId, MessageId, OfficeId, OrgId, ProgrammeId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};
use lists::calls::{CallReason, CallSource, NewCall};
use lists::contacts::Purpose;
use serde_json::json as value;

use super::contacted::{Contacted, contacted};
use super::events::{add_messages, sealed_detail};
use super::{cases, json};
use crate::case::{CaseState, ContactEvent, EventDetail, EventKind, FirstContact};
use crate::decision::Route;
use crate::limits;
use crate::watch::{Called, Next};

pub(super) mod again;

pub(crate) use self::again::{adopt, not_seen_to, unwanted, unwanted_in, written_again};

db::statements! {
    ARRIVALS = "
        SELECT office_id, route, COUNT(*), MIN(received_at), SUM(CASE WHEN priority >= $3 THEN 1 ELSE 0 END)
        FROM cases
        WHERE org_id = $1 AND state = 'open' AND contact = 'waiting' AND office_id = COALESCE($2, office_id)
        GROUP BY office_id, route ORDER BY office_id, route";
    PROGRAMMES_WAITING = "
        WITH hits AS MATERIALIZED (
            SELECT case_id FROM cases
            WHERE org_id = $1 AND route = $2 AND state = 'open' AND contact = 'waiting'
            ORDER BY priority DESC, received_at, case_id LIMIT $3)
        SELECT DISTINCT c.programme_id FROM hits CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.case_id = hits.case_id ORDER BY c.programme_id LIMIT 50";
    // Who may be somebody that came before is parked until a person has looked: nobody is written to twice.
    CANDIDATES = "
        SELECT case_id FROM cases
        WHERE org_id = $1 AND route = $2 AND state = 'open' AND contact = 'waiting' AND programme_id = $3
            AND office_id <> COALESCE(CAST($5 AS {bigint}), 0)
            AND NOT EXISTS (SELECT 1 FROM case_twins t
                WHERE +t.org_id = $1 AND t.later_id = cases.case_id AND t.state = 'pending')
        ORDER BY priority DESC, received_at, case_id LIMIT $4";
    CANDIDATES_AT = "
        SELECT case_id FROM cases
        WHERE org_id = $1 AND office_id = $5 AND route = $2 AND state = 'open' AND contact = 'waiting'
            AND programme_id = $3
            AND NOT EXISTS (SELECT 1 FROM case_twins t
                WHERE +t.org_id = $1 AND t.later_id = cases.case_id AND t.state = 'pending')
        ORDER BY priority DESC, received_at, case_id LIMIT $4";
    PARKED = "
        SELECT DISTINCT t.later_id FROM {each $2} CROSS JOIN case_twins t
        WHERE +t.org_id = $1 AND t.later_id = CAST(each.value AS {bigint}) AND t.state = 'pending'";
    PARKED_COUNT = "
        SELECT COUNT(DISTINCT c.case_id) FROM case_twins t CROSS JOIN cases c
        WHERE t.org_id = $1 AND t.state = 'pending' AND c.org_id = t.org_id AND c.case_id = t.later_id
            AND c.state = 'open' AND c.contact = 'waiting' AND c.route = $2 AND c.programme_id = $3
            AND c.office_id = COALESCE($4, c.office_id) AND c.office_id <> COALESCE(CAST($5 AS {bigint}), 0)";
    STANDING_NOW = "
        SELECT c.case_id, c.state, c.contact, c.watch_at, c.version FROM {each $2} CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.case_id = CAST(each.value AS {bigint}) {locked c}";
    SET_WRITTEN = "
        UPDATE cases SET contact = 'written', contact_at = $2, watch_at = $3
        WHERE org_id = $1 AND contact = 'waiting'
            AND case_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $4})";
    LOOK_AGAIN = "
        UPDATE cases SET watch_at = $2
        WHERE org_id = $1 AND case_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $3})";
    ADD_EVENTS = "
        INSERT INTO case_events (org_id, case_id, event_no, at, staff_id, kind, detail_sealed)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}),
            (SELECT COALESCE(MAX(e.event_no), 0) + 1 FROM case_events e
                WHERE e.org_id = $1 AND e.case_id = CAST(each.value ->> 0 AS {bigint})),
            $2, $3, $4, each.value ->> 1
        FROM {each $5}";
    DUE = "
        SELECT case_id FROM cases WHERE org_id = $1 AND watch_at <= $2 ORDER BY watch_at, case_id LIMIT $3";
    ADRIFT = "
        SELECT case_id FROM cases
        WHERE +org_id = $1 AND state = 'open' AND watch_at IS NULL
            AND contact IN ('waiting', 'written', 'unreached', 'calling')
        LIMIT $2";
    FROM_WHEN = "
        SELECT c.case_id, c.contact_from FROM {each $2} CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.case_id = CAST(each.value AS {bigint}) AND c.contact_from IS NOT NULL";
    MESSAGES_OF = "
        SELECT m.case_id, m.message_id FROM {each $2} CROSS JOIN case_messages m
        WHERE m.org_id = $1 AND m.case_id = CAST(each.value AS {bigint})";
    CASES_OF = "
        SELECT m.message_id, m.case_id FROM {each $2} CROSS JOIN case_messages m
        WHERE m.org_id = $1 AND m.message_id = CAST(each.value AS {bigint}) ORDER BY m.message_id, m.case_id";
    PURPOSE_OF = "
        SELECT purpose FROM case_messages WHERE org_id = $1 AND case_id = $2 AND message_id = $3";
    SET_FROM = "UPDATE cases SET contact_from = $3 WHERE org_id = $1 AND case_id = $2";
    CALLS_OF = "
        SELECT c.case_id, c.call_id FROM {each $2} CROSS JOIN case_calls c
        WHERE c.org_id = $1 AND c.case_id = CAST(each.value AS {bigint}) ORDER BY c.case_id, c.call_id";
    ADD_CALL = "
        INSERT INTO case_calls (org_id, case_id, call_id, at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, case_id, call_id) DO NOTHING";
    SET_WATCH = "
        UPDATE cases SET watch_at = (
            SELECT CAST(each.value ->> 1 AS {bigint}) FROM {each $2}
            WHERE CAST(each.value ->> 0 AS {bigint}) = cases.case_id)
        WHERE org_id = $1 AND case_id IN (SELECT CAST(each.value ->> 0 AS {bigint}) FROM {each $2})";
}

/// Who waits for the first word at an office, for what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrivals {
    /// Where.
    pub office: OfficeId,
    /// For what.
    pub route: Route,
    /// How many.
    pub people: u32,
    /// Since when the longest waits, UTC milliseconds.
    pub since: Millis,
    /// How many of them are at high risk.
    pub high_risk: u32,
}

/// Who waits, by office and way; `None` for an office stands for all.
pub async fn arrivals(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<Vec<Arrivals>, DbError> {
    let rows = db
        .query(ARRIVALS, params![org, office, i64::from(limits::HIGH_RISK)])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Arrivals {
                office: row.get(0)?,
                route: cases::word(&row.get::<String>(1)?, Route::from_word)?,
                people: row.get(2)?,
                since: row.get(3)?,
                high_risk: row.get(4)?,
            })
        })
        .collect()
}

/// Which programmes have somebody who waits for this.
pub async fn programmes_waiting(db: &Db, org: OrgId, route: Route) -> Result<Vec<i64>, DbError> {
    let rows = db
        .query(
            PROGRAMMES_WAITING,
            params![org, route.as_str(), i64::from(limits::GATHERED)],
        )
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Who is written to together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidates {
    /// Of which office; `None` stands for all.
    pub office: Option<OfficeId>,
    /// Of all offices but this one, to which the programme belongs: it writes to its people by itself.
    pub but: Option<OfficeId>,
    /// Whom triage gave to whom.
    pub route: Route,
    /// Of which programme: each has texts of its own.
    pub programme: i64,
    /// At most so many.
    pub most: u32,
}

/// Who waits, the highest risk and the longest wait first.
pub async fn candidates(db: &Db, org: OrgId, wanted: Candidates) -> Result<Vec<CaseId>, DbError> {
    let Candidates {
        office,
        but,
        route,
        programme,
        most,
    } = wanted;
    let most = i64::from(most);
    let rows = if let Some(office) = office {
        let params = params![org, route.as_str(), programme, most, office];
        db.query(CANDIDATES_AT, params).await?
    } else {
        let params = params![org, route.as_str(), programme, most, but];
        db.query(CANDIDATES, params).await?
    };
    rows.iter().map(|row| row.get(0)).collect()
}

/// How many wait who are not among the [`candidates`] because they may be somebody that came before.
pub async fn parked_count(db: &Db, org: OrgId, wanted: Candidates) -> Result<u64, DbError> {
    let but = wanted.but.filter(|_| wanted.office.is_none());
    let params = params![org, wanted.route.as_str(), wanted.programme, wanted.office, but];
    let row = db.query_opt(PARKED_COUNT, params).await?;
    let count = row.map_or(Ok(0), |row| row.get::<u32>(0))?;
    Ok(count.into())
}

/// Who of these may be somebody that came before, inside of a write.
pub(crate) async fn parked(tx: &mut Tx, org: OrgId, ids: &[CaseId]) -> Result<HashSet<CaseId>, DbError> {
    let rows = tx.query(PARKED, params![org, json(&ids)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Where cases stand inside of a write; nobody changes them before it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct StandsNow {
    pub(crate) state: CaseState,
    pub(crate) contact: FirstContact,
    pub(crate) watch_at: Option<Millis>,
    /// Which record that was decided about: with another way, or another number, something else follows.
    pub(crate) version: i64,
}

pub(crate) async fn standing_now(
    tx: &mut Tx,
    org: OrgId,
    ids: &[CaseId],
) -> Result<HashMap<CaseId, StandsNow>, DbError> {
    let mut found = HashMap::with_capacity(ids.len());
    for row in tx.query(STANDING_NOW, params![org, json(&ids)]).await? {
        let now = StandsNow {
            state: cases::word(&row.get::<String>(1)?, CaseState::from_word)?,
            contact: cases::word(&row.get::<String>(2)?, FirstContact::from_word)?,
            watch_at: row.get(3)?,
            version: row.get(4)?,
        };
        found.insert(row.get(0)?, now);
    }
    Ok(found)
}

/// Which messages went to which cases, in the write that makes them: each case is written to from now on, and looked
/// at soon.
pub(crate) async fn written(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    purpose: Purpose,
    by: Option<StaffId>,
    pairs: &[(CaseId, MessageId)],
    now: Millis,
) -> Result<(), DbError> {
    add_messages(tx, org, purpose, now, pairs).await?;
    let ids: Vec<CaseId> = pairs.iter().map(|(case, _)| *case).collect();
    let before = standing_now(tx, org, &ids).await?;
    let (waited, others): (Vec<CaseId>, Vec<CaseId>) = ids.into_iter().partition(|id| {
        before
            .get(id)
            .is_some_and(|one| one.contact == FirstContact::Waiting)
    });
    let detail = EventDetail {
        contact: Some(ContactEvent::Written),
        ..EventDetail::default()
    };
    let events: Vec<_> = waited
        .iter()
        .map(|case| value!([case, sealed_detail(vault, *case, &detail)]))
        .collect();
    let soon = now + limits::LOOKS.0;
    tx.execute(SET_WRITTEN, params![org, now, soon, json(&waited)])
        .await?;
    let kind = EventKind::Contact.as_str();
    tx.execute(ADD_EVENTS, params![org, now, by, kind, json(&events)])
        .await?;
    tx.execute(LOOK_AGAIN, params![org, soon, json(&others)]).await?;
    Ok(())
}

/// Cases to look at: those whose time has come, and those that nobody looks after.
pub async fn due(db: &Db, org: OrgId, now: Millis) -> Result<Vec<CaseId>, DbError> {
    let most = i64::from(limits::WATCHED_PER_STEP);
    let mut ids: Vec<CaseId> = Vec::new();
    for row in db.query(DUE, params![org, now, most]).await? {
        ids.push(row.get(0)?);
    }
    let rest = most - i64::try_from(ids.len()).unwrap_or(most);
    if rest > 0 {
        for row in db.query(ADRIFT, params![org, rest]).await? {
            ids.push(row.get(0)?);
        }
    }
    Ok(ids)
}

/// The cases of these messages, message by message.
pub async fn cases_of(
    db: &Db,
    org: OrgId,
    messages: &[MessageId],
) -> Result<Vec<(MessageId, CaseId)>, DbError> {
    let rows = db.query(CASES_OF, params![org, json(&messages)]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// What messages and calls there are of cases.
#[derive(Default)]
pub(crate) struct Traces {
    pub(crate) from: HashMap<CaseId, Millis>,
    pub(crate) messages: HashMap<CaseId, Vec<MessageId>>,
    pub(crate) calls: HashMap<CaseId, Called>,
}

pub(crate) async fn traces(db: &Db, org: OrgId, ids: &[CaseId]) -> Result<Traces, DbError> {
    let mut traces = Traces::default();
    for row in db.query(FROM_WHEN, params![org, json(&ids)]).await? {
        traces.from.insert(row.get(0)?, row.get(1)?);
    }
    for row in db.query(MESSAGES_OF, params![org, json(&ids)]).await? {
        traces.messages.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let mut calls: Vec<(CaseId, CallId)> = Vec::new();
    for row in db.query(CALLS_OF, params![org, json(&ids)]).await? {
        calls.push((row.get(0)?, row.get(1)?));
    }
    let entries: Vec<CallId> = calls.iter().map(|(_, call)| *call).collect();
    let outcomes = lists::calls::outcomes(db, org, &entries).await?;
    for (case, call) in calls {
        let called = match outcomes.get(&call) {
            Some(Some((outcome, at))) => Called::Closed(*outcome, *at),
            Some(None) => Called::Open,
            None => continue,
        };
        let known = traces.calls.entry(case).or_insert(called);
        if *known != Called::Open {
            *known = called;
        }
    }
    Ok(traces)
}

/// Somebody to telephone.
#[derive(Clone)]
pub(crate) struct ToCall {
    pub(crate) office: OfficeId,
    pub(crate) person: String,
    pub(crate) number: Option<String>,
    pub(crate) priority: u32,
    pub(crate) note: String,
    pub(crate) programme: i64,
    pub(crate) language: Option<String>,
}

/// What follows for one case, as it was seen.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) case: CaseId,
    pub(crate) seen: StandsNow,
    pub(crate) next: Next,
    pub(crate) call: Option<(CallReason, ToCall)>,
}

/// Carries steps out. A case that somebody else changed meanwhile is left for the next look. Says how many were.
pub(crate) async fn carry_out(db: &Db, org: OrgId, steps: Vec<Step>, now: Millis) -> Result<usize, DbError> {
    let (vault, steps) = (db.vault(org).await?, Arc::new(steps));
    db.write(move |tx| {
        let (vault, steps) = (Arc::clone(&vault), Arc::clone(&steps));
        Box::pin(async move {
            let ids: Vec<CaseId> = steps.iter().map(|step| step.case).collect();
            let stands = standing_now(tx, org, &ids).await?;
            let fresh = |step: &&Step| stands.get(&step.case) == Some(&step.seen);
            let mut watched = Vec::new();
            let mut done = HashSet::new();
            for step in steps.iter().filter(fresh) {
                if done.insert(step.case) {
                    carry_out_one(tx, org, &vault, step, now).await?;
                    watched.push(value!([step.case, step.next.watch_at]));
                }
            }
            if !watched.is_empty() {
                tx.execute(SET_WATCH, params![org, json(&watched)]).await?;
            }
            Ok(watched.len())
        })
    })
    .await
}

async fn carry_out_one(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    step: &Step,
    now: Millis,
) -> Result<(), DbError> {
    for (event, at) in &step.next.events {
        let what = Contacted {
            case: step.case,
            event: *event,
            at: *at,
            watch_at: step.next.watch_at,
            by: None,
        };
        contacted(tx, org, vault, what).await?;
    }
    if let Some((reason, to)) = &step.call {
        add_call(tx, org, vault, step.case, (*reason, to), now).await?;
    }
    if let Some((event, at)) = step.next.reached {
        let why = format!("電話する前に「{}」ため、自動で終えました。", event.label());
        // Whoever has the person at this moment is told, and the entry ends after that.
        let whose = (step.case, CallReason::is_first_contact);
        lists::calls::end_of_case(tx, org, vault, whose, (at, &why), now).await?;
    }
    Ok(())
}

/// The messages of these cases.
pub(crate) async fn messages_of(
    db: &Db,
    org: OrgId,
    ids: &[CaseId],
) -> Result<Vec<(CaseId, MessageId)>, DbError> {
    let rows = db.query(MESSAGES_OF, params![org, json(&ids)]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Puts a case on the call list; once as long as its entry is open.
pub(crate) async fn add_call(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    case: CaseId,
    (reason, to): (CallReason, &ToCall),
    now: Millis,
) -> Result<(), DbError> {
    let new = NewCall {
        office: to.office,
        person: to.person.clone(),
        number: to.number.clone(),
        reason,
        note: Some(to.note.clone()),
        source: CallSource::Case(case),
        priority: to.priority,
        by: None,
    };
    let added = lists::calls::add(tx, org, vault, &new, now).await?;
    tx.execute(ADD_CALL, params![org, case, added.call, now]).await?;
    let programme = ProgrammeId::new(to.programme);
    lists::calls::describe(tx, org, added.call, programme, to.language.as_deref())
        .await
        .map(drop)
}
