//! Statements of the call list. `None` for an office stands for all offices. The unary plus keeps SQLite from walking
//! the organisation instead of the number.

use std::collections::HashMap;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{CallId, ListId, MessageId, OfficeId, OrgId, StaffId};
use base::phone::{self, PhoneNumber};
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::json;
use crate::calls::{Added, Call, CallEvent, CallOutcome, CallReason, CallSource, Mark, NewCall};
use crate::contacts::Key;

const PERSON: Field = Field("calls.person");
const NUMBER: Field = Field("calls.number");
const NOTE: Field = Field("calls.note");
const EVENT_NOTE: Field = Field("call_events.note");

db::statements! {
    OF_ROW = "SELECT call_id FROM calls WHERE org_id = $1 AND list_id = $2 AND line = $3";
    OF_MESSAGE = "SELECT call_id FROM calls WHERE org_id = $1 AND message_id = $2";
    ADD = "
        INSERT INTO calls (org_id, call_id, office_id, person_sealed, number_sealed, number_index, reason,
            note_sealed, list_id, line, message_id, added_by, added_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    CALL = "
        SELECT call_id, office_id, person_sealed, number_sealed, reason, note_sealed, list_id, line, message_id,
            added_by, added_at, outcome, closed_by, closed_at,
            (SELECT COUNT(*) FROM calls o WHERE +o.org_id = c.org_id AND o.number_index = c.number_index
                AND o.closed_at IS NULL AND o.office_id = c.office_id)
        FROM calls c WHERE org_id = $1 AND call_id = $2 AND office_id = COALESCE($3, office_id)";
    OPEN = "
        SELECT call_id, office_id, person_sealed, number_sealed, reason, note_sealed, list_id, line, message_id,
            added_by, added_at, outcome, closed_by, closed_at,
            (SELECT COUNT(*) FROM calls o WHERE +o.org_id = c.org_id AND o.number_index = c.number_index
                AND o.closed_at IS NULL AND o.office_id = c.office_id)
        FROM calls c WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND closed_at IS NULL
        ORDER BY call_id LIMIT $3 OFFSET $4";
    CLOSED_SINCE = "
        SELECT call_id, office_id, person_sealed, number_sealed, reason, note_sealed, list_id, line, message_id,
            added_by, added_at, outcome, closed_by, closed_at, 0
        FROM calls WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND closed_at >= $3
        ORDER BY closed_at DESC, call_id DESC LIMIT $4";
    // Seldom asked, by whoever reads the audit trail; an organisation has some thousand calls.
    WITH_NUMBER = "SELECT call_id FROM calls WHERE org_id = $1 AND number_index = $2 ORDER BY call_id";
    OPEN_COUNT = "
        SELECT COUNT(*) FROM calls
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND closed_at IS NULL";
    CLOSE = "
        UPDATE calls SET outcome = $4, closed_by = $5, closed_at = $6
        WHERE org_id = $1 AND call_id = $2 AND office_id = COALESCE($3, office_id) AND closed_at IS NULL";
    IS_OPEN = "
        SELECT 1 FROM calls
        WHERE org_id = $1 AND call_id = $2 AND office_id = COALESCE($3, office_id) AND closed_at IS NULL";
    ADD_EVENT = "
        INSERT INTO call_events (org_id, call_id, event_no, at, staff_id, outcome, note_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, $4, $5, $6
        FROM call_events WHERE org_id = $1 AND call_id = $2";
    EVENTS = "
        SELECT e.at, e.staff_id, e.outcome, e.note_sealed
        FROM call_events e JOIN calls c ON c.org_id = e.org_id AND c.call_id = e.call_id
        WHERE e.org_id = $1 AND e.call_id = $2 AND c.office_id = COALESCE($3, c.office_id)
        ORDER BY e.event_no";
    ATTEMPTS = "
        SELECT e.call_id, e.at, e.staff_id, e.note_sealed
        FROM {each $2} CROSS JOIN call_events e
        WHERE e.org_id = $1 AND e.call_id = CAST(each.value AS {bigint}) AND e.outcome IS NULL
        ORDER BY e.call_id, e.event_no";
}

/// Puts somebody on the call list, in the write that decides it. A row or message that is on the list, open or
/// closed, is not put there again: its entry is given.
pub async fn add(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    new: &NewCall,
    now: Millis,
) -> Result<Added, DbError> {
    // Entries of one database take turns from here on, so that two clicks are one entry.
    tx.take_numbers("calls", 0).await?;
    let (list, line, message) = columns_of(new.source);
    let known = match new.source {
        CallSource::Row { .. } => tx.query_opt(OF_ROW, params![org, list, line]).await?,
        CallSource::Message(_) => tx.query_opt(OF_MESSAGE, params![org, message]).await?,
        CallSource::ByHand => None,
    };
    if let Some(row) = known {
        let call = row.get(0)?;
        return Ok(Added { call, is_new: false });
    }
    let call = CallId::new(tx.take_numbers("calls", 1).await?);
    let seal = |field, text: &str| vault.seal(field, call.get(), text);
    let number = new.number.as_deref();
    let mobile = number.and_then(|number| phone::parse(number).ok());
    let params = params![
        org,
        call,
        new.office,
        seal(PERSON, &new.person),
        number.map(|number| seal(NUMBER, number)),
        mobile.map(|parsed| Key::of_phone(vault, parsed.number)),
        new.reason.as_str(),
        new.note.as_deref().map(|note| seal(NOTE, note)),
        list,
        line,
        message,
        new.by,
        now,
    ];
    tx.execute(ADD, params).await?;
    Ok(Added { call, is_new: true })
}

fn columns_of(source: CallSource) -> (Option<ListId>, Option<i64>, Option<MessageId>) {
    match source {
        CallSource::Row { list, line } => (Some(list), Some(i64::from(line)), None),
        CallSource::Message(message) => (None, None, Some(message)),
        CallSource::ByHand => (None, None, None),
    }
}

/// One entry, open or closed, of this office.
pub async fn call(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: CallId,
) -> Result<Option<Call>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(CALL, params![org, id, office]).await?;
    row.map(|row| call_of(&row, &vault)).transpose()
}

/// Open entries, oldest first.
pub async fn open_calls(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    limit: u32,
    offset: u32,
) -> Result<Vec<Call>, DbError> {
    let vault = db.vault(org).await?;
    let params = params![org, office, i64::from(limit), i64::from(offset)];
    let rows = db.query(OPEN, params).await?;
    rows.iter().map(|row| call_of(row, &vault)).collect()
}

/// Entries that were closed at or after `since`, the last one first.
pub async fn closed_since(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    since: Millis,
    limit: u32,
) -> Result<Vec<Call>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db
        .query(CLOSED_SINCE, params![org, office, since, i64::from(limit)])
        .await?;
    rows.iter().map(|row| call_of(row, &vault)).collect()
}

/// How many entries are open.
pub async fn open_count(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u32, DbError> {
    let row = db.query_opt(OPEN_COUNT, params![org, office]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// Keeps an attempt, or closes the entry. `false` if this office has no such open entry; then nothing is kept.
pub async fn mark(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: CallId,
    mark: Mark,
) -> Result<bool, DbError> {
    let (vault, mark, now) = (db.vault(org).await?, Arc::new(mark), db.now());
    db.write(move |tx| {
        let (vault, mark) = (Arc::clone(&vault), Arc::clone(&mark));
        Box::pin(async move {
            let outcome = mark.outcome.map(CallOutcome::as_str);
            let is_open = match outcome {
                Some(outcome) => {
                    let params = params![org, id, office, outcome, mark.by, now];
                    tx.execute(CLOSE, params).await? == 1
                }
                None => tx.query_opt(IS_OPEN, params![org, id, office]).await?.is_some(),
            };
            if is_open {
                let note = mark.note.as_deref();
                let note = note.map(|note| vault.seal(EVENT_NOTE, id.get(), note));
                tx.execute(ADD_EVENT, params![org, id, now, mark.by, outcome, note])
                    .await?;
            }
            Ok(is_open)
        })
    })
    .await
}

/// What was done about an entry of this office, oldest first.
pub async fn events(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: CallId,
) -> Result<Vec<CallEvent>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(EVENTS, params![org, id, office]).await?;
    rows.iter()
        .map(|row| {
            let outcome = row.get::<Option<String>>(2)?.as_deref().map(outcome_of);
            Ok(CallEvent {
                at: row.get(0)?,
                mark: Mark {
                    outcome: outcome.transpose()?,
                    note: opened(&vault, EVENT_NOTE, id, row.get(3)?)?,
                    by: row.get(1)?,
                },
            })
        })
        .collect()
}

/// The attempts that left these entries open, oldest first. For entries that were read for this office.
pub async fn attempts(
    db: &Db,
    org: OrgId,
    calls: &[CallId],
) -> Result<HashMap<CallId, Vec<CallEvent>>, DbError> {
    let vault = db.vault(org).await?;
    let mut all: HashMap<CallId, Vec<CallEvent>> = HashMap::new();
    for row in db.query(ATTEMPTS, params![org, json(&calls)]).await? {
        let id: CallId = row.get(0)?;
        let mark = Mark {
            outcome: None,
            note: opened(&vault, EVENT_NOTE, id, row.get(3)?)?,
            by: row.get(2)?,
        };
        let at = row.get(1)?;
        all.entry(id).or_default().push(CallEvent { at, mark });
    }
    Ok(all)
}

fn call_of(row: &Row, vault: &OrgVault) -> Result<Call, DbError> {
    let id: CallId = row.get(0)?;
    let reason: String = row.get(4)?;
    let (list, message): (Option<ListId>, Option<MessageId>) = (row.get(6)?, row.get(8)?);
    let source = match (list, message) {
        (Some(list), _) => CallSource::Row {
            list,
            line: row.get(7)?,
        },
        (None, Some(message)) => CallSource::Message(message),
        (None, None) => CallSource::ByHand,
    };
    let closed = match row.get::<Option<String>>(11)? {
        Some(outcome) => Some((
            outcome_of(&outcome)?,
            row.get::<StaffId>(12)?,
            row.get::<Millis>(13)?,
        )),
        None => None,
    };
    Ok(Call {
        id,
        office: row.get(1)?,
        person: vault.open(PERSON, id.get(), &row.get::<String>(2)?)?,
        number: opened(vault, NUMBER, id, row.get(3)?)?,
        same_number: row.get(14)?,
        reason: CallReason::from_word(&reason)
            .ok_or_else(|| DbError::Statement(format!("no reason for a call is called {reason}")))?,
        note: opened(vault, NOTE, id, row.get(5)?)?,
        source,
        added_by: row.get(9)?,
        added_at: row.get(10)?,
        closed,
    })
}

fn opened(
    vault: &OrgVault,
    field: Field,
    id: CallId,
    sealed: Option<String>,
) -> Result<Option<String>, DbError> {
    sealed
        .map(|sealed| vault.open(field, id.get(), &sealed))
        .transpose()
}

fn outcome_of(word: &str) -> Result<CallOutcome, DbError> {
    CallOutcome::from_word(word)
        .ok_or_else(|| DbError::Statement(format!("no outcome of a call is called {word}")))
}

/// The calls, open and closed, to a number.
pub async fn calls_to(db: &Db, org: OrgId, phone: PhoneNumber) -> Result<Vec<CallId>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db
        .query(WITH_NUMBER, params![org, Key::of_phone(&vault, phone)])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}
