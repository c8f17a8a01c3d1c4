//! Statements of what happened to cases: rows are added and never changed.

use base::clock::Millis;
use base::id::{CallId, CaseId, MessageId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, Field, OrgVault, Tx, params};
use serde_json::json as value;

use super::cases::word;
use super::json;
use crate::case::{CaseEvent, EventDetail, EventKind};
use crate::limits;

pub(super) const DETAIL: Field = Field("case_events.detail");

db::statements! {
    ADD_FIRST = "
        INSERT INTO case_events (org_id, case_id, event_no, at, staff_id, office_id, kind, detail_sealed)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), 1, $2, CAST(each.value ->> 1 AS {bigint}),
            CAST(each.value ->> 2 AS {bigint}), each.value ->> 3, each.value ->> 4
        FROM {each $3}";
    ADD = "
        INSERT INTO case_events (org_id, case_id, event_no, at, staff_id, office_id, kind, detail_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, $4, $5, $6, $7
        FROM case_events WHERE org_id = $1 AND case_id = $2";
    EVENTS = "
        SELECT at, staff_id, office_id, kind, detail_sealed FROM case_events
        WHERE org_id = $1 AND case_id = $2 ORDER BY event_no DESC LIMIT $3";
    ADD_MESSAGES = "
        INSERT INTO case_messages (org_id, case_id, message_id, purpose, at)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}), $2, $3
        FROM {each $4} WHERE TRUE
        ON CONFLICT (org_id, case_id, message_id) DO NOTHING";
    MESSAGES = "
        SELECT message_id, purpose, at FROM case_messages
        WHERE org_id = $1 AND case_id = $2 ORDER BY at, message_id";
    CALLS = "SELECT call_id FROM case_calls WHERE org_id = $1 AND case_id = $2 ORDER BY call_id DESC LIMIT $3";
    OF_MESSAGE = "SELECT case_id FROM case_messages WHERE org_id = $1 AND message_id = $2 ORDER BY case_id";
}

/// One event about to be kept.
pub(crate) struct NewEvent {
    pub(crate) case: CaseId,
    pub(crate) by: Option<StaffId>,
    pub(crate) office: Option<OfficeId>,
    pub(crate) kind: EventKind,
    pub(crate) detail: Option<String>,
}

/// `None` where nothing is to be kept beside the kind.
pub(crate) fn sealed_detail(vault: &OrgVault, case: CaseId, detail: &EventDetail) -> Option<String> {
    (*detail != EventDetail::default()).then(|| vault.seal(DETAIL, case.get(), &json(detail)))
}

/// The first event of each of these cases.
pub(super) async fn add_first(
    tx: &mut Tx,
    org: OrgId,
    at: Millis,
    events: &[NewEvent],
) -> Result<(), DbError> {
    let rows: Vec<serde_json::Value> = events
        .iter()
        .map(|event| {
            value!([
                event.case,
                event.by,
                event.office,
                event.kind.as_str(),
                event.detail
            ])
        })
        .collect();
    tx.execute(ADD_FIRST, params![org, at, json(&rows)]).await?;
    Ok(())
}

/// One more event.
pub(crate) async fn add(tx: &mut Tx, org: OrgId, at: Millis, event: NewEvent) -> Result<(), DbError> {
    let params = params![
        org,
        event.case,
        at,
        event.by,
        event.office,
        event.kind.as_str(),
        event.detail,
    ];
    tx.execute(ADD, params).await?;
    Ok(())
}

/// What happened to a case, oldest first; the newest [`limits::TIMELINE`] of it.
pub async fn events(db: &Db, org: OrgId, case: CaseId) -> Result<Vec<CaseEvent>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(EVENTS, params![org, case, limits::TIMELINE]).await?;
    rows.iter()
        .rev()
        .map(|row| {
            let sealed: Option<String> = row.get(4)?;
            let detail = match sealed {
                None => EventDetail::default(),
                Some(sealed) => {
                    let text = vault.open(DETAIL, case.get(), &sealed)?;
                    serde_json::from_str(&text).map_err(|_| DbError::Sealed(DETAIL.0))?
                }
            };
            Ok(CaseEvent {
                at: row.get(0)?,
                by: row.get(1)?,
                office: row.get(2)?,
                kind: word(&row.get::<String>(3)?, EventKind::from_word)?,
                detail,
            })
        })
        .collect()
}

/// Which message went to which case, in the write that makes the messages.
pub async fn add_messages(
    tx: &mut Tx,
    org: OrgId,
    purpose: lists::contacts::Purpose,
    at: Millis,
    pairs: &[(CaseId, MessageId)],
) -> Result<(), DbError> {
    let params = params![org, purpose.as_str(), at, json(&pairs)];
    tx.execute(ADD_MESSAGES, params).await?;
    Ok(())
}

/// The messages to a case, oldest first: number, the word of its purpose, when it was made.
pub async fn messages(
    db: &Db,
    org: OrgId,
    case: CaseId,
) -> Result<Vec<(MessageId, String, Millis)>, DbError> {
    let rows = db.query(MESSAGES, params![org, case]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

/// The entries of the call list that were made for a case, the newest first.
pub async fn calls(db: &Db, org: OrgId, case: CaseId) -> Result<Vec<CallId>, DbError> {
    let rows = db.query(CALLS, params![org, case, limits::TIMELINE]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The cases that a message went to.
pub async fn cases_of_message(db: &Db, org: OrgId, message: MessageId) -> Result<Vec<CaseId>, DbError> {
    let rows = db.query(OF_MESSAGE, params![org, message]).await?;
    rows.iter().map(|row| row.get(0)).collect()
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
