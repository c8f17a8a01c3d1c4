//! Statements of care: who is looked at, what care found out, and how a case ends by itself.

use std::collections::HashSet;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, OrgId, ProgrammeId};
use db::{Db, DbError, OrgVault, Tx, params};
use serde_json::json as value;

use super::cases::{self, SetRecord};
use super::closing::{self, CloseCase};
use super::events::{NewEvent, add, sealed_detail};
use super::json;
use crate::case::{CaseState, ClosedWhy, EventDetail, EventKind, received_day};
use crate::decision::Decided;
use crate::limits;
use crate::questions::subject;

/// What the history of a case says whose end rules moved.
const RULES_CHANGED: &str =
    "規則が変わったため、療養の終わりを計算し直しました。振り分けは変わっていません。";

db::statements! {
    DUE = "
        SELECT case_id FROM cases
        WHERE org_id = $1 AND state = 'open' AND care_at IS NOT NULL AND care_at <= $2
        ORDER BY care_at, case_id LIMIT $3";
    NEVER_LOOKED_AT = "
        SELECT case_id FROM cases WHERE +org_id = $1 AND case_id > 0 AND state = 'open' AND care_at IS NULL LIMIT $2";
    /// Whoever looks has them for a while; if it dies, others look again.
    TAKE = "
        UPDATE cases SET care_at = $3
        WHERE org_id = $1 AND state = 'open' AND (care_at IS NULL OR care_at <= $2)
            AND case_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $4})
        RETURNING case_id";
    /// Whoever was to be looked at once meanwhile is.
    SET_CARE = "
        UPDATE cases SET care_at = (
            SELECT CAST(each.value ->> 1 AS {bigint}) FROM {each $2}
            WHERE CAST(each.value ->> 0 AS {bigint}) = cases.case_id)
        WHERE org_id = $1 AND care_at = $3
            AND case_id IN (SELECT CAST(each.value ->> 0 AS {bigint}) FROM {each $2})";
    /// Of one programme, the next to be looked at first.
    PROGRAMME_NOW = "
        UPDATE cases SET care_at = $2
        WHERE org_id = $1 AND case_id IN (
            SELECT case_id FROM cases
            WHERE org_id = $1 AND state = 'open' AND care_at IS NOT NULL AND care_at > $2 AND programme_id = $3
            ORDER BY care_at, case_id LIMIT $4)";
    CARE_NOW = "
        UPDATE cases SET care_at = $3 WHERE org_id = $1 AND case_id = $2 AND state = 'open'";
    REOPENED = "
        SELECT DISTINCT e.case_id FROM {each $2} CROSS JOIN case_events e
        WHERE e.org_id = $1 AND e.case_id = CAST(each.value AS {bigint}) AND e.kind = 'reopened'";
}

/// Takes the cases whose time to be looked at has come, as many as one step may; nobody else looks at them before
/// [`limits::CARE_AGAIN`] is over.
pub(crate) async fn take_due(db: &Db, org: OrgId, now: Millis) -> Result<Vec<CaseId>, DbError> {
    let most = i64::from(limits::CARED_PER_STEP);
    let mut ids: Vec<CaseId> = Vec::new();
    for row in db.query(DUE, params![org, now, most]).await? {
        ids.push(row.get(0)?);
    }
    let rest = most - i64::try_from(ids.len()).unwrap_or(most);
    if rest > 0 {
        for row in db.query(NEVER_LOOKED_AT, params![org, rest]).await? {
            ids.push(row.get(0)?);
        }
    }
    if ids.is_empty() {
        return Ok(ids);
    }
    let ids = json(&ids);
    db.write(move |tx| {
        let ids = ids.clone();
        Box::pin(async move {
            let taken = params![org, now, now + limits::CARE_AGAIN, ids];
            let rows = tx.query(TAKE, taken).await?;
            let mut taken: Vec<CaseId> = Vec::with_capacity(rows.len());
            for row in &rows {
                taken.push(row.get(0)?);
            }
            taken.sort_unstable();
            Ok(taken)
        })
    })
    .await
}

/// When each of them is looked at next, of those that were taken at a moment.
pub(crate) async fn set_looks(
    db: &Db,
    org: OrgId,
    looks: &[(CaseId, Option<Millis>)],
    taken_at: Millis,
) -> Result<(), DbError> {
    if looks.is_empty() {
        return Ok(());
    }
    let looks: Vec<_> = looks.iter().map(|(case, at)| value!([case, at])).collect();
    let looks = json(&looks);
    db.write(move |tx| {
        let looks = looks.clone();
        let taken = taken_at + limits::CARE_AGAIN;
        Box::pin(async move { tx.execute(SET_CARE, params![org, looks, taken]).await.map(drop) })
    })
    .await
}

/// Something changed that may be waited for: somebody looks at once.
pub(crate) async fn look_now(tx: &mut Tx, org: OrgId, case: CaseId, now: Millis) -> Result<(), DbError> {
    tx.execute(CARE_NOW, params![org, case, now]).await.map(drop)
}

/// The rules of a programme changed: its open cases are looked at at once, for the end of isolation may be another.
/// What is interrupted here is looked at tomorrow, as every case is.
pub(super) async fn look_at_programme(db: &Db, org: OrgId, programme: ProgrammeId) -> Result<(), DbError> {
    let (now, most) = (db.now(), i64::from(limits::LOOKED_AT_PER_WRITE));
    loop {
        let looked = db
            .write(move |tx| {
                Box::pin(async move {
                    tx.execute(PROGRAMME_NOW, params![org, now, programme, most])
                        .await
                })
            })
            .await?;
        if looked < u64::from(limits::LOOKED_AT_PER_WRITE) {
            return Ok(());
        }
    }
}

/// Writes down the last day at home where rules that changed say another. Whoever changed the case since it was seen
/// computed it anew.
pub(crate) async fn set_end(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (id, seen): (CaseId, i64),
    ends: Option<CalendarDate>,
    now: Millis,
) -> Result<(), DbError> {
    let found = cases::case_in(tx, org, vault, None, id).await?;
    let Some(case) = found.filter(|case| case.version == seen && case.state == CaseState::Open) else {
        return Ok(());
    };
    let decided = Decided {
        isolation_ends: ends,
        ..case.decided.clone()
    };
    cases::set_record(tx, org, vault, &case, &SetRecord::decided(&case, &decided)).await?;
    let detail = EventDetail {
        words: Some(RULES_CHANGED.to_owned()),
        decisions: Some((case.decided, decided)),
        ..EventDetail::default()
    };
    let event = NewEvent {
        case: id,
        by: None,
        office: None,
        kind: EventKind::Decided,
        detail: sealed_detail(vault, id, &detail),
    };
    add(tx, org, now, event).await
}

/// Those of these cases that somebody opened again.
pub(crate) async fn reopened(db: &Db, org: OrgId, ids: &[CaseId]) -> Result<HashSet<CaseId>, DbError> {
    let rows = db.query(REOPENED, params![org, json(&ids)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Whether a case may end by itself, in a write that has the case to itself: nothing came that somebody has to look at
/// first, nobody is to telephone, and no message is still to leave.
pub(crate) async fn may_close(tx: &mut Tx, org: OrgId, case: CaseId) -> Result<bool, DbError> {
    if super::alerts::is_held(tx, org, case).await? || lists::calls::is_open(tx, org, case).await? {
        return Ok(false);
    }
    let messages = closing::messages_in(tx, org, case).await?;
    Ok(!messaging::correction::any_waits(tx, org, &messages).await?)
}

/// Closes a case that [may](may_close) end by itself, in the write that tells the person. `false` if it is not open.
pub(crate) async fn close(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    case: CaseId,
    words: &str,
    now: Millis,
) -> Result<bool, DbError> {
    let closing = CloseCase {
        why: ClosedWhy::PeriodOver,
        from: received_day(now),
        by: None,
        words: Some(words.to_owned()),
    };
    closing::close_in(tx, org, vault, case, &closing, now).await
}

/// Nobody asks the person anything any more: links close, questions end.
pub(crate) async fn leave(tx: &mut Tx, org: OrgId, case: CaseId, now: Millis) -> Result<(), DbError> {
    desk::store::withdraw(tx, org, &subject(case), now).await?;
    super::questions::end_all(tx, org, case, now).await
}
