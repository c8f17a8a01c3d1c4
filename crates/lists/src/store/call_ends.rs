//! Statements of entries of cases: by which words they are called, and how an entry ends whose person was reached in
//! another way.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{CallId, CaseId, OrgId, ProgrammeId};
use db::{Db, DbError, OrgVault, Tx, params};

use super::calls::{EVENT_NOTE, reason_of};
use crate::calls::{CallAbout, CallOutcome, CallReason, Ended};

db::statements! {
    DESCRIBE = "
        UPDATE calls SET programme_id = $3, language = CAST($4 AS TEXT) WHERE org_id = $1 AND call_id = $2";
    FOLLOW_CASE = "
        UPDATE calls SET programme_id = $3 WHERE org_id = $1 AND case_id = $2 AND closed_at IS NULL";
    RAISE_CASE = "
        UPDATE calls SET priority = $3
        WHERE org_id = $1 AND case_id = $2 AND closed_at IS NULL AND priority < $3";
    ABOUT = "SELECT programme_id, language, reached_at FROM calls WHERE org_id = $1 AND call_id = $2";
    OPEN_OF_CASE = "
        SELECT call_id, leased_until, reason FROM calls
        WHERE org_id = $1 AND case_id = $2 AND closed_at IS NULL";
    REACHED = "
        UPDATE calls SET reached_at = $3 WHERE org_id = $1 AND call_id = $2 AND reached_at IS NULL";
    END = "
        UPDATE calls SET outcome = $3, closed_by = NULL, closed_at = $4, leased_by = NULL, leased_until = NULL
        WHERE org_id = $1 AND call_id = $2 AND closed_at IS NULL";
    REACHED_AND_FREE = "
        SELECT call_id FROM calls
        WHERE org_id = $1 AND reached_at IS NOT NULL AND closed_at IS NULL AND COALESCE(leased_until, 0) <= $2
        ORDER BY call_id LIMIT 500";
    MOVES_AND_FREE = "
        SELECT call_id FROM calls
        WHERE org_id = $1 AND moves_to IS NOT NULL AND closed_at IS NULL AND COALESCE(leased_until, 0) <= $2
        LIMIT 1";
    MOVE_ON = "
        UPDATE calls SET office_id = moves_to, moves_to = NULL, leased_by = NULL, leased_until = NULL
        WHERE org_id = $1 AND moves_to IS NOT NULL AND closed_at IS NULL AND COALESCE(leased_until, 0) <= $2";
    ADD_END = "
        INSERT INTO call_events (org_id, call_id, event_no, at, staff_id, outcome, note_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, NULL, $4, $5
        FROM call_events WHERE org_id = $1 AND call_id = $2";
}

/// Keeps by which words somebody is called, in the write that puts them on the list.
pub async fn describe(
    tx: &mut Tx,
    org: OrgId,
    call: CallId,
    programme: ProgrammeId,
    language: Option<&str>,
) -> Result<(), DbError> {
    let params = params![org, call, programme, language];
    tx.execute(DESCRIBE, params).await.map(drop)
}

/// The case is of another programme now: by the words of that its person is called. In the write that changes it.
pub async fn follow_case(
    tx: &mut Tx,
    org: OrgId,
    case: CaseId,
    programme: ProgrammeId,
) -> Result<(), DbError> {
    let params = params![org, case, programme];
    tx.execute(FOLLOW_CASE, params).await.map(drop)
}

/// The open entry of a case is as urgent as the case is now, in the write that changes it.
pub async fn raise_case(tx: &mut Tx, org: OrgId, case: CaseId, priority: u32) -> Result<(), DbError> {
    tx.take_numbers("calls", 0).await?;
    let params = params![org, case, i64::from(priority)];
    tx.execute(RAISE_CASE, params).await.map(drop)
}

/// What else is known of an entry that was read for its office.
pub async fn about(db: &Db, org: OrgId, call: CallId) -> Result<CallAbout, DbError> {
    let row = db.query_opt(ABOUT, params![org, call]).await?;
    row.map_or(Ok(CallAbout::default()), |row| {
        Ok(CallAbout {
            programme: row.get(0)?,
            language: row.get(1)?,
            reached_at: row.get(2)?,
        })
    })
}

/// Whether somebody is to telephone for a case, in a write that has the case to itself.
pub async fn is_open(tx: &mut Tx, org: OrgId, case: CaseId) -> Result<bool, DbError> {
    let row = tx.query_opt(OPEN_OF_CASE, params![org, case]).await?;
    Ok(row.is_some())
}

/// The person of a case was reached in another way since `reached_at`: their open entry leaves the list, with `why`,
/// unless somebody has it at this moment, or it is there for a reason for which that is not enough. In the write that
/// finds it.
pub async fn end_of_case(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (case, is_enough): (CaseId, impl Fn(CallReason) -> bool + Send),
    (reached_at, why): (Millis, &str),
    now: Millis,
) -> Result<Ended, DbError> {
    // Callers take turns with this: nobody takes the person at the same moment.
    tx.take_numbers("calls", 0).await?;
    let Some(row) = tx.query_opt(OPEN_OF_CASE, params![org, case]).await? else {
        return Ok(Ended::Nothing);
    };
    if !is_enough(reason_of(&row.get::<String>(2)?)?) {
        return Ok(Ended::Nothing);
    }
    let call: CallId = row.get(0)?;
    if row.get::<Option<Millis>>(1)?.is_some_and(|until| until > now) {
        tx.execute(REACHED, params![org, call, reached_at]).await?;
        return Ok(Ended::Held);
    }
    end(tx, org, vault, call, why, now).await?;
    Ok(Ended::Closed)
}

async fn end(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    call: CallId,
    why: &str,
    now: Millis,
) -> Result<(), DbError> {
    let outcome = CallOutcome::NotNeeded.as_str();
    tx.execute(END, params![org, call, outcome, now]).await?;
    let note = vault.seal(EVENT_NOTE, call.get(), why);
    tx.execute(ADD_END, params![org, call, now, outcome, note])
        .await
        .map(drop)
}

/// Entries whose people were reached while somebody had them leave the list once nobody has them any more, with `why`.
/// Says how many.
pub async fn end_reached(db: &Db, org: OrgId, why: &'static str) -> Result<usize, DbError> {
    let now = db.now();
    // Most of the time there are none.
    if db.query_opt(REACHED_AND_FREE, params![org, now]).await?.is_none() {
        return Ok(0);
    }
    let vault = db.vault(org).await?;
    db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            tx.take_numbers("calls", 0).await?;
            let found = tx.query(REACHED_AND_FREE, params![org, now]).await?;
            for row in &found {
                end(tx, org, &vault, row.get(0)?, why, now).await?;
            }
            Ok(found.len())
        })
    })
    .await
}

/// Entries whose cases were handed over while somebody had them go to the office of the case once nobody has them any
/// more. Says how many.
pub async fn move_on(db: &Db, org: OrgId) -> Result<u64, DbError> {
    let now = db.now();
    // Most of the time there are none.
    if db.query_opt(MOVES_AND_FREE, params![org, now]).await?.is_none() {
        return Ok(0);
    }
    db.write(move |tx| {
        Box::pin(async move {
            tx.take_numbers("calls", 0).await?;
            tx.execute(MOVE_ON, params![org, now]).await
        })
    })
    .await
}
