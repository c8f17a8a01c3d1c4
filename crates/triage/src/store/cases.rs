//! Statements that make cases and open them. The unary plus keeps SQLite from walking the organisation instead of
//! what is wanted.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, HouseholdId, ListId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Reference, Tx, params};
use serde_json::json as value;

use super::events::{NewEvent, sealed_detail};
use super::households::Households;
use super::json;
use super::opened::{DECISION, NOTIFICATION, sealed_course};
pub(super) use super::opened::{case_of, word};
use crate::case::{Case, CaseSource, EventDetail, EventKind, NewCase, received_day};
use crate::decision::{Decided, Rules, decide_now};
use crate::keys::CaseKey;
use crate::limits;
use crate::notification::CaseNotification;
use crate::period::Course;

/// Every column but the number, in the order in which [`case_of`] reads them.
macro_rules! columns {
    () => {
        "programme_id, office_id, received_at, source, list_id, line, reference, notification_sealed, version,
            household_id, route, priority, decision_sealed, overruled_by, state, contact, contact_at, watch_at,
            merged_into, closed_at, closed_why, closed_day, course_sealed, arrived_at"
    };
}

db::statements! {
    OF_ROWS = "
        SELECT c.list_id, c.line FROM {each $2} CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.list_id = CAST(each.value ->> 0 AS {bigint})
            AND c.line = CAST(each.value ->> 1 AS {bigint})";
    LINES = "
        SELECT c.line FROM {each $3} CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.list_id = $2 AND c.line = CAST(each.value AS {bigint})";
    ADD = "
        INSERT INTO cases (org_id, case_id, programme_id, office_id, received_at, source, list_id, line, reference,
            notification_sealed, version, household_id, onset_day, diagnosed_day, route, priority, decision_sealed,
            decided_version, isolation_ends_day, course_sealed, state, contact)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), $2, CAST(each.value ->> 1 AS {bigint}), $3,
            each.value ->> 2, CAST(each.value ->> 3 AS {bigint}), CAST(each.value ->> 4 AS {bigint}),
            CAST(each.value ->> 5 AS {bigint}), each.value ->> 6, 1, CAST(each.value ->> 7 AS {bigint}),
            each.value ->> 8, each.value ->> 9, each.value ->> 10, CAST(each.value ->> 11 AS {bigint}),
            each.value ->> 12, CAST(each.value ->> 13 AS {bigint}), each.value ->> 14, each.value ->> 15,
            'open', 'waiting'
        FROM {each $4}";
    ADD_KEYS = "
        INSERT INTO case_keys (org_id, key_index, case_id, kind)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}),
            CAST(each.value ->> 2 AS {bigint})
        FROM {each $2} WHERE TRUE
        ON CONFLICT (org_id, key_index, case_id) DO NOTHING";
    REMOVE_KEYS = "DELETE FROM case_keys WHERE +org_id = $1 AND case_id = $2";
    CASE = concat!("
        SELECT case_id, ", columns!(), "
        FROM cases WHERE org_id = $1 AND case_id = $2 AND office_id = COALESCE($3, office_id)");
    CASES = concat!("
        SELECT c.case_id, ", columns!(), "
        FROM {each $2} CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.case_id = CAST(each.value AS {bigint})");
    OF_HOUSEHOLD = concat!("
        SELECT case_id, ", columns!(), "
        FROM cases WHERE +org_id = $1 AND household_id = $2 ORDER BY case_id LIMIT 50");
    SET_RECORD = "
        UPDATE cases SET notification_sealed = $3, onset_day = $4, diagnosed_day = $5, route = $6, priority = $7,
            decision_sealed = $8, decided_version = $9, isolation_ends_day = $10, overruled_by = $11,
            household_id = $12, course_sealed = $13, office_id = $14, programme_id = $15, version = version + 1
        WHERE org_id = $1 AND case_id = $2";
}

/// What came of taking cases in.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Added {
    /// The new cases, in the order in which they were given.
    pub cases: Vec<CaseId>,
    /// Rows that had become cases before.
    pub known: usize,
    /// Pairs that somebody has to look at: they may be one person.
    pub twins: u64,
}

/// What is known of a new case before it has a number.
struct Prepared {
    new: NewCase,
    decided: Decided,
    keys: Vec<CaseKey>,
    household: Vec<CaseKey>,
}

/// Takes in cases of a programme: each with its decision, its household, and the cases that may be the same person.
/// A row of a list that is a case already is left as it is. In writes of [`limits::CASES_PER_WRITE`].
pub async fn add(
    db: &Db,
    org: OrgId,
    programme: i64,
    rules: &dyn Rules,
    by: Option<StaffId>,
    new: Vec<NewCase>,
) -> Result<Added, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let mut all = Added::default();
    let mut new = new.into_iter().peekable();
    while new.peek().is_some() {
        let chunk = new.by_ref().take(limits::CASES_PER_WRITE);
        let chunk = chunk
            .map(|new| prepare(&vault, programme, rules, new, now))
            .collect();
        all.join(add_chunk(db, (org, programme), &vault, chunk, by, now).await?);
    }
    Ok(all)
}

/// The same for a long list: deciding, hashing and sealing happen beside other requests, not in their way.
pub async fn add_many(
    db: &Db,
    org: OrgId,
    programme: i64,
    rules: Arc<dyn Rules>,
    by: Option<StaffId>,
    new: Vec<NewCase>,
) -> Result<Added, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let mut all = Added::default();
    let mut new = new.into_iter().peekable();
    while new.peek().is_some() {
        let chunk: Vec<NewCase> = new.by_ref().take(limits::CASES_PER_WRITE).collect();
        let (rules, kept) = (Arc::clone(&rules), Arc::clone(&vault));
        let work = move || {
            let prepare = |new| prepare(&kept, programme, rules.as_ref(), new, now);
            chunk.into_iter().map(prepare).collect()
        };
        let chunk = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        all.join(add_chunk(db, (org, programme), &vault, chunk, by, now).await?);
    }
    Ok(all)
}

impl Added {
    fn join(&mut self, more: Self) {
        self.cases.extend(more.cases);
        self.known += more.known;
        self.twins += more.twins;
    }
}

async fn add_chunk(
    db: &Db,
    (org, programme): (OrgId, i64),
    vault: &Arc<OrgVault>,
    chunk: Vec<Prepared>,
    by: Option<StaffId>,
    now: Millis,
) -> Result<Added, DbError> {
    let (vault, chunk) = (Arc::clone(vault), Arc::new(chunk));
    db.write(move |tx| {
        let (vault, chunk) = (Arc::clone(&vault), Arc::clone(&chunk));
        Box::pin(async move { add_in(tx, org, programme, &vault, &chunk, by, now).await })
    })
    .await
}

/// The same for one, in a write that keeps more in its commit.
pub(crate) async fn add_one(
    tx: &mut Tx,
    org: OrgId,
    programme: i64,
    (vault, rules): (&OrgVault, &dyn Rules),
    new: NewCase,
    now: Millis,
) -> Result<CaseId, DbError> {
    let prepared = [prepare(vault, programme, rules, new, now)];
    let added = add_in(tx, org, programme, vault, &prepared, None, now).await?;
    let case = added.cases.first().copied();
    case.ok_or_else(|| DbError::Statement("a case was not made".to_owned()))
}

fn prepare(vault: &OrgVault, programme: i64, rules: &dyn Rules, new: NewCase, now: Millis) -> Prepared {
    let at = (new.office, received_day(now));
    Prepared {
        decided: decide_now(
            rules,
            &new.notification,
            &Course::told_by(&new.notification.illness),
            at,
        ),
        keys: CaseKey::all(vault, programme, &new.notification),
        household: CaseKey::of_household(vault, &new.notification.person),
        new,
    }
}

async fn add_in(
    tx: &mut Tx,
    org: OrgId,
    programme: i64,
    vault: &OrgVault,
    prepared: &[Prepared],
    by: Option<StaffId>,
    now: Millis,
) -> Result<Added, DbError> {
    // Cases of one database take turns from here on, so that two clicks are one case and a family one household.
    tx.take_numbers("cases", 0).await?;
    let known = rows_that_are_cases(tx, org, prepared).await?;
    let fresh: Vec<&Prepared> = prepared
        .iter()
        .filter(
            |one| !matches!(one.new.source, CaseSource::Row { list, line } if known.contains(&(list, line))),
        )
        .collect();
    let count = i64::try_from(fresh.len()).expect("a chunk is short");
    if count == 0 {
        return Ok(Added {
            known: prepared.len(),
            ..Added::default()
        });
    }
    let first = tx.take_numbers("cases", count).await?;
    let cases: Vec<CaseId> = (first..first + count).map(CaseId::new).collect();
    let households = households(tx, org, &fresh, &cases, now).await?;
    let mut rows = Vec::with_capacity(fresh.len());
    let mut keys = Vec::new();
    let mut events = Vec::with_capacity(fresh.len());
    for ((one, case), household) in fresh.iter().zip(&cases).zip(&households) {
        rows.push(row_of(vault, one, *case, *household));
        keys.extend(one.keys.iter().map(|key| value!([key.index(), case, key.kind()])));
        events.push(NewEvent {
            case: *case,
            by,
            office: Some(one.new.office),
            kind: EventKind::Received,
            detail: sealed_detail(vault, *case, &EventDetail::default()),
        });
    }
    tx.execute(ADD, params![org, programme, now, json(&rows)]).await?;
    tx.execute(ADD_KEYS, params![org, json(&keys)]).await?;
    super::events::add_first(tx, org, now, &events).await?;
    let twins = super::twins::find(tx, org, &cases, now).await?;
    Ok(Added {
        known: prepared.len() - fresh.len(),
        cases,
        twins,
    })
}

async fn rows_that_are_cases(
    tx: &mut Tx,
    org: OrgId,
    prepared: &[Prepared],
) -> Result<HashSet<(ListId, u32)>, DbError> {
    let rows: Vec<(ListId, u32)> = prepared
        .iter()
        .filter_map(|one| match one.new.source {
            CaseSource::Row { list, line } => Some((list, line)),
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let found = tx.query(OF_ROWS, params![org, json(&rows)]).await?;
    found.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

fn row_of(vault: &OrgVault, one: &Prepared, case: CaseId, household: HouseholdId) -> serde_json::Value {
    let (list, line) = match one.new.source {
        CaseSource::Row { list, line } => (Some(list), Some(line)),
        _ => (None, None),
    };
    let illness = &one.new.notification.illness;
    let db::Value::Int(reference) = db::Value::from(Reference::of(vault, case)) else {
        unreachable!("a reference is a number")
    };
    value!([
        case,
        one.new.office,
        one.new.source.kind().as_str(),
        list,
        line,
        reference,
        vault.seal(NOTIFICATION, case.get(), &json(&one.new.notification)),
        household,
        illness.onset,
        illness.diagnosed,
        one.decided.route.as_str(),
        one.decided.priority,
        vault.seal(DECISION, case.get(), &json(&one.decided)),
        one.decided.rules,
        one.decided.isolation_ends,
        sealed_course(vault, case, Course::told_by(illness)),
    ])
}

/// The household of each: that of somebody earlier with the same number or address, of the database or of this very
/// list; otherwise one of its own.
async fn households(
    tx: &mut Tx,
    org: OrgId,
    fresh: &[&Prepared],
    cases: &[CaseId],
    now: Millis,
) -> Result<Vec<HouseholdId>, DbError> {
    let keys: Vec<CaseKey> = fresh
        .iter()
        .flat_map(|one| one.household.iter().copied())
        .collect();
    let mut known = Households::around(tx, org, &keys, None, now).await?;
    let mut all = Vec::with_capacity(fresh.len());
    for (one, case) in fresh.iter().zip(cases) {
        let household = known.of(&one.household).unwrap_or(HouseholdId::new(case.get()));
        known.add(&one.household, household);
        all.push(household);
    }
    Ok(all)
}

/// What a change writes.
pub(super) struct SetRecord<'a> {
    pub(super) programme: i64,
    pub(super) notification: Option<&'a CaseNotification>,
    pub(super) decided: &'a Decided,
    pub(super) overruled_by: Option<StaffId>,
    pub(super) household: HouseholdId,
    pub(super) course: Course,
    pub(super) office: OfficeId,
}

impl<'a> SetRecord<'a> {
    /// Nothing but another decision.
    pub(super) fn decided(case: &'a Case, decided: &'a Decided) -> Self {
        Self {
            programme: case.programme,
            notification: case.notification.as_ref(),
            decided,
            overruled_by: case.overruled_by,
            household: case.household,
            course: case.course,
            office: case.office,
        }
    }
}

pub(super) async fn set_record(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    case: &Case,
    record: &SetRecord<'_>,
) -> Result<(), DbError> {
    let day = |day: Option<CalendarDate>| day.map(|day| day.to_string());
    let illness = record.notification.map(|told| &told.illness);
    let params = params![
        org,
        case.id,
        record
            .notification
            .map(|told| vault.seal(NOTIFICATION, case.id.get(), &json(told))),
        day(illness.and_then(|illness| illness.onset)),
        day(illness.and_then(|illness| illness.diagnosed)),
        record.decided.route.as_str(),
        i64::from(record.decided.priority),
        vault.seal(DECISION, case.id.get(), &json(record.decided)),
        record.decided.rules,
        day(record.decided.isolation_ends),
        record.overruled_by,
        record.household,
        sealed_course(vault, case.id, record.course),
        record.office,
        record.programme,
    ];
    tx.execute(SET_RECORD, params).await?;
    Ok(())
}

pub(super) async fn replace_keys(
    tx: &mut Tx,
    org: OrgId,
    case: CaseId,
    keys: &[CaseKey],
) -> Result<(), DbError> {
    let rows: Vec<serde_json::Value> = keys
        .iter()
        .map(|key| value!([key.index(), case, key.kind()]))
        .collect();
    tx.execute(REMOVE_KEYS, params![org, case]).await?;
    tx.execute(ADD_KEYS, params![org, json(&rows)]).await?;
    Ok(())
}

pub(super) async fn case_in(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    office: Option<OfficeId>,
    id: CaseId,
) -> Result<Option<Case>, DbError> {
    let row = tx.query_opt(CASE, params![org, id, office]).await?;
    row.map(|row| case_of(&row, vault)).transpose()
}

/// Which of these rows of a list are cases.
pub async fn of_rows(
    db: &Db,
    org: OrgId,
    list: ListId,
    lines: impl Iterator<Item = u32>,
) -> Result<HashSet<u32>, DbError> {
    let lines: Vec<u32> = lines.collect();
    let mut known = HashSet::new();
    for chunk in lines.chunks(limits::CASES_PER_WRITE) {
        for row in db.query(LINES, params![org, list, json(&chunk)]).await? {
            known.insert(row.get(0)?);
        }
    }
    Ok(known)
}

/// A case, if it is of this office; `None` for an office stands for all.
pub async fn case(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: CaseId,
) -> Result<Option<Case>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(CASE, params![org, id, office]).await?;
    row.map(|row| case_of(&row, &vault)).transpose()
}

/// Cases by their numbers, in that order. What is not there is left out. The office is not asked for.
pub async fn cases(db: &Db, org: OrgId, ids: &[CaseId]) -> Result<Vec<Case>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(CASES, params![org, json(&ids)]).await?;
    let mut found = BTreeMap::new();
    for row in &rows {
        let case = case_of(row, &vault)?;
        found.insert(case.id, case);
    }
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

/// The same as [`of_household`], inside of a write.
pub(super) async fn of_household_in(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    household: HouseholdId,
) -> Result<Vec<Case>, DbError> {
    let rows = tx.query(OF_HOUSEHOLD, params![org, household]).await?;
    rows.iter().map(|row| case_of(row, vault)).collect()
}

/// The people of a household, first come first; at most fifty.
pub async fn of_household(db: &Db, org: OrgId, household: HouseholdId) -> Result<Vec<Case>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(OF_HOUSEHOLD, params![org, household]).await?;
    rows.iter().map(|row| case_of(row, &vault)).collect()
}
