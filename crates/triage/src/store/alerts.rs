//! Statements of signs of danger in answers: each is open until somebody says that it was handled.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{CaseId, FormRequestId, OfficeId, OrgId};
use db::{Db, DbError, Field, Row, Tx, params};
use desk::form::Level;

use super::json;
use super::questions::{Looked, known_to, sealed};
use crate::limits;

const NOTE: Field = Field("case_alerts.note");

db::statements! {
    LAST_ALERT = "
        SELECT raised_at FROM case_alerts WHERE org_id = $1 AND raised_at > 0 ORDER BY raised_at DESC LIMIT 1";
    /// Raised again after somebody handled it, it is open again.
    ADD_ALERT = "
        INSERT INTO case_alerts (org_id, request_id, code, case_id, level, label, raised_at, cleared_at)
        SELECT $1, $2, $3, c.case_id, $5, $6, $7, $8 FROM cases c WHERE c.org_id = $1 AND c.case_id = $4
        ON CONFLICT (org_id, request_id, code) DO UPDATE SET raised_at = excluded.raised_at,
            cleared_at = excluded.cleared_at, handled_at = NULL, handled_by = NULL
        WHERE case_alerts.raised_at < excluded.raised_at";
    CLEAR_ALERT = "
        UPDATE case_alerts SET cleared_at = $4
        WHERE org_id = $1 AND request_id = $2 AND code = $3 AND cleared_at IS NULL";
    NOT_CLEARED = "
        SELECT request_id, code FROM case_alerts
        WHERE +org_id = $1 AND handled_at IS NULL AND raised_at > 0 AND cleared_at IS NULL
        ORDER BY raised_at, case_id LIMIT $2";
    CASE_OFFICE = "SELECT office_id, state, merged_into FROM cases WHERE org_id = $1 AND case_id = $2";
    OPEN_ALERTS = "
        SELECT a.request_id, a.code, a.case_id, a.level, a.label, a.raised_at, a.cleared_at
        FROM case_alerts a JOIN cases c ON c.org_id = a.org_id AND c.case_id = a.case_id
        WHERE +a.org_id = $1 AND a.handled_at IS NULL AND a.raised_at > 0
            AND c.office_id = COALESCE($2, c.office_id)
        ORDER BY a.raised_at, a.request_id, a.code LIMIT $3";
    COUNT_ALERTS = "
        SELECT COUNT(*), MIN(a.raised_at) FROM case_alerts a
        JOIN cases c ON c.org_id = a.org_id AND c.case_id = a.case_id
        WHERE +a.org_id = $1 AND a.handled_at IS NULL AND a.raised_at > 0
            AND c.office_id = COALESCE($2, c.office_id)";
    ALERTS_OF_CASE = "
        SELECT request_id, code, case_id, level, label, raised_at, cleared_at FROM case_alerts
        WHERE +org_id = $1 AND case_id = $2 AND handled_at IS NULL ORDER BY raised_at, code";
    CASES_HELD = "
        SELECT DISTINCT a.case_id FROM {each $2} CROSS JOIN case_alerts a
        WHERE +a.org_id = $1 AND a.case_id = CAST(each.value AS {bigint}) AND a.handled_at IS NULL";
    HANDLE = "
        UPDATE case_alerts SET handled_by = $4, handled_at = $5, note_sealed = $6
        WHERE org_id = $1 AND case_id = $2 AND request_id = $3 AND code = $7 AND handled_at IS NULL";
    ERASE_ALERT_NOTES = "
        UPDATE case_alerts SET note_sealed = NULL
        WHERE +org_id = $1 AND handled_at < $2 AND note_sealed IS NOT NULL";
}

/// Of these cases: those with a sign of danger that nobody has handled, or a worrying answer that nobody has read.
pub(crate) async fn held(db: &Db, org: OrgId, ids: &[CaseId]) -> Result<Vec<CaseId>, DbError> {
    let mut held = super::questions::all_unread(db, org, ids).await?;
    for row in db.query(CASES_HELD, params![org, json(&ids)]).await? {
        held.push(row.get(0)?);
    }
    Ok(held)
}

/// The same inside of the write that would close one of them.
pub(crate) async fn is_held(tx: &mut Tx, org: OrgId, case: CaseId) -> Result<bool, DbError> {
    let flagged = tx.query_opt(CASES_HELD, params![org, json(&[case])]).await?;
    Ok(flagged.is_some() || super::questions::unread(tx, org, case).await?)
}

/// From when on signs of danger may not be known yet.
pub(crate) async fn alerts_known_to(db: &Db, org: OrgId) -> Result<Millis, DbError> {
    known_to(db, org, LAST_ALERT).await
}

/// A sign of danger.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alert {
    /// The request in whose answers it stands.
    pub request: FormRequestId,
    /// Its name in the form.
    pub code: String,
    /// Whose.
    pub case: CaseId,
    /// How fast somebody must know.
    pub level: Level,
    /// What staff read.
    pub label: String,
    /// When the answer was given.
    pub raised_at: Millis,
    /// When the person changed it to another.
    pub cleared_at: Option<Millis>,
}

/// What a sign of danger changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Raised {
    /// It is new, or there again.
    New,
    /// It was known.
    Known,
}

/// Takes a sign of danger over. `None` if it is about nobody who is there.
pub(crate) async fn raise(tx: &mut Tx, org: OrgId, alert: &Alert) -> Result<Raised, DbError> {
    let row = params![
        org,
        alert.request,
        alert.code.as_str(),
        alert.case,
        alert.level.code(),
        alert.label.as_str(),
        alert.raised_at,
        alert.cleared_at
    ];
    if tx.execute(ADD_ALERT, row).await? == 1 {
        return Ok(Raised::New);
    }
    if let Some(at) = alert.cleared_at {
        let cleared = params![org, alert.request, alert.code.as_str(), at];
        tx.execute(CLEAR_ALERT, cleared).await?;
    }
    Ok(Raised::Known)
}

/// Marks signs of danger that nobody has handled and whose answers were changed since, however long after they were
/// raised: whoever calls the person knows it.
pub(crate) async fn mark_cleared(db: &Db, org: OrgId) -> Result<(), DbError> {
    let rows = db.query(NOT_CLEARED, params![org, desk::limits::FOUND]).await?;
    let open: Vec<(FormRequestId, String)> = rows
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect::<Result<_, DbError>>()?;
    if open.is_empty() {
        return Ok(());
    }
    let requests: Vec<FormRequestId> = open.iter().map(|(request, _)| *request).collect();
    let mut cleared = desk::store::cleared_flags(db, org, &requests).await?;
    cleared.retain(|(request, code, _)| open.iter().any(|(one, name)| one == request && name == code));
    if cleared.is_empty() {
        return Ok(());
    }
    let cleared = Arc::new(cleared);
    db.write(move |tx| {
        let cleared = Arc::clone(&cleared);
        Box::pin(async move {
            for (request, code, at) in cleared.iter() {
                tx.execute(CLEAR_ALERT, params![org, *request, code.as_str(), *at])
                    .await?;
            }
            Ok(())
        })
    })
    .await
}

/// The case that goes on for this one: where it was merged into another, that one.
pub(crate) async fn standing_case(db: &Db, org: OrgId, case: CaseId) -> Result<Option<CaseId>, DbError> {
    let mut at = case;
    // A chain of merges is short: each needs a person.
    for _ in 0..10 {
        let Some(row) = db.query_opt(CASE_OFFICE, params![org, at]).await? else {
            return Ok(None);
        };
        match row.get::<Option<CaseId>>(2)? {
            Some(into) => at = into,
            None => return Ok(Some(at)),
        }
    }
    Ok(Some(at))
}

fn alert_of(row: &Row) -> Result<Alert, DbError> {
    Ok(Alert {
        request: row.get(0)?,
        code: row.get(1)?,
        case: row.get(2)?,
        // What this version does not know is the worst.
        level: Level::from_code(&row.get::<String>(3)?).unwrap_or(Level::Emergency),
        label: row.get(4)?,
        raised_at: row.get(5)?,
        cleared_at: row.get(6)?,
    })
}

/// Signs of danger that nobody has handled, oldest first; `None` for an office stands for all.
pub async fn open_alerts(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<Vec<Alert>, DbError> {
    let most = i64::from(limits::OBSERVED_SHOWN);
    let rows = db.query(OPEN_ALERTS, params![org, office, most]).await?;
    rows.iter().map(alert_of).collect()
}

/// How many there are, and since when the oldest waits.
pub async fn count_alerts(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
) -> Result<(u32, Option<Millis>), DbError> {
    let row = db.query_opt(COUNT_ALERTS, params![org, office]).await?;
    row.map_or(Ok((0, None)), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Those of one case.
pub async fn alerts_of(db: &Db, org: OrgId, case: CaseId) -> Result<Vec<Alert>, DbError> {
    let rows = db.query(ALERTS_OF_CASE, params![org, case]).await?;
    rows.iter().map(alert_of).collect()
}

/// A sign of danger was handled. `false` if there is none, or somebody said so before.
pub async fn handle(db: &Db, org: OrgId, looked: Looked, code: String) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let note = sealed(&vault, NOTE, &looked);
    db.write(move |tx| {
        let row = params![
            org,
            looked.case,
            looked.request,
            looked.by,
            now,
            note.clone(),
            code.as_str()
        ];
        let case = looked.case;
        Box::pin(async move {
            let handled = tx.execute(HANDLE, row).await? == 1;
            // What was held may be over.
            super::care::look_now(tx, org, case, now).await?;
            Ok(handled)
        })
    })
    .await
}

pub(super) async fn erase_notes_in(tx: &mut Tx, org: OrgId, before: Millis) -> Result<(), DbError> {
    tx.execute(ERASE_ALERT_NOTES, params![org, before])
        .await
        .map(drop)
}
