//! Statements of the call list: who is put on it, and how it is read. Working through it is in `call_work.rs`. `None`
//! for an office stands for all offices. The unary plus keeps SQLite from walking the organisation instead of the
//! number.

use std::collections::HashMap;

use base::clock::Millis;
use base::id::{CallId, CaseId, ListId, MessageId, OfficeId, OrgId, StaffId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::json;
use crate::calls::{
    Added, Call, CallAttempt, CallCounts, CallEvent, CallOutcome, CallReason, CallSource, CallStep,
    CaseCalled, Due, Lease, NewCall,
};
use crate::contacts::Key;

const PERSON: Field = Field("calls.person");
pub(super) const NUMBER: Field = Field("calls.number");
const NOTE: Field = Field("calls.note");
pub(super) const EVENT_NOTE: Field = Field("call_events.note");

/// Other people with one number that are shown: a family, a small institution.
const FAMILY: i64 = 20;

macro_rules! columns {
    () => {
        "call_id, office_id, person_sealed, number_sealed, reason, note_sealed, list_id, line, message_id, added_by,
            added_at, outcome, closed_by, closed_at, case_id, priority, due_at, tries, leased_by, leased_until"
    };
}

/// Open entries of the same office with the same number.
macro_rules! same_number {
    () => {
        "(SELECT COUNT(*) FROM calls o WHERE +o.org_id = c.org_id AND o.number_index = c.number_index
                AND o.closed_at IS NULL AND o.office_id = c.office_id)"
    };
}

db::statements! {
    OF_ROW = "SELECT call_id, priority, reason FROM calls WHERE org_id = $1 AND list_id = $2 AND line = $3";
    OF_MESSAGE = "SELECT call_id, priority, reason FROM calls WHERE org_id = $1 AND message_id = $2";
    OF_CASE = "
        SELECT call_id, priority, reason FROM calls WHERE org_id = $1 AND case_id = $2 AND closed_at IS NULL";
    ADD = "
        INSERT INTO calls (org_id, call_id, office_id, person_sealed, number_sealed, number_index, reason,
            note_sealed, list_id, line, message_id, case_id, priority, added_by, added_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    RAISE = "UPDATE calls SET priority = $3 WHERE org_id = $1 AND call_id = $2 AND closed_at IS NULL";
    TAKE_OVER = "
        UPDATE calls SET reason = $3, note_sealed = $4, due_at = NULL, reached_at = NULL
        WHERE org_id = $1 AND call_id = $2 AND closed_at IS NULL";
    CALL = concat!("
        SELECT ", columns!(), ", ", same_number!(), "
        FROM calls c WHERE org_id = $1 AND call_id = $2 AND office_id = COALESCE($3, office_id)");
    OPEN_NOW = concat!("
        SELECT ", columns!(), ", ", same_number!(), "
        FROM calls c WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND closed_at IS NULL
            AND COALESCE(due_at, 0) <= $5
        ORDER BY priority DESC, added_at, call_id LIMIT $3 OFFSET $4");
    OPEN_LATER = concat!("
        SELECT ", columns!(), ", ", same_number!(), "
        FROM calls c WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND closed_at IS NULL
            AND due_at > $5
        ORDER BY due_at, call_id LIMIT $3 OFFSET $4");
    HELD_NOW = concat!("
        SELECT ", columns!(), ", 0
        FROM calls c WHERE org_id = $1 AND leased_by IS NOT NULL AND leased_until > $3 AND closed_at IS NULL
            AND office_id = COALESCE($2, office_id)
        ORDER BY leased_until DESC, call_id LIMIT $4");
    FAMILY_OF = concat!("
        SELECT ", columns!(), ", 0
        FROM calls c WHERE +org_id = $1 AND closed_at IS NULL AND office_id = COALESCE($3, office_id)
            AND number_index = (SELECT k.number_index FROM calls k WHERE k.org_id = $1 AND k.call_id = $2)
            AND call_id <> $2
        ORDER BY priority DESC, added_at, call_id LIMIT $4");
    CLOSED_SINCE = concat!("
        SELECT ", columns!(), ", 0
        FROM calls WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND closed_at >= $3
        ORDER BY closed_at DESC, call_id DESC LIMIT $4");
    CLOSED_FOR_CASES = "
        SELECT case_id, call_id, outcome, closed_by, closed_at FROM calls
        WHERE org_id = $1 AND case_id IS NOT NULL AND closed_at IS NOT NULL
            AND (closed_at, call_id) > ($2, $3)
        ORDER BY closed_at, call_id LIMIT $4";
    // Seldom asked, by whoever reads the audit trail; an organisation has some thousand calls.
    WITH_NUMBER = "SELECT call_id FROM calls WHERE org_id = $1 AND number_index = $2 ORDER BY call_id";
    OPEN_COUNT = "
        SELECT COUNT(*) FROM calls
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND closed_at IS NULL";
    COUNTS = "
        SELECT COUNT(CASE WHEN COALESCE(c.due_at, 0) <= $3 THEN 1 END),
            COUNT(CASE WHEN COALESCE(c.due_at, 0) <= $3
                AND (COALESCE(c.leased_until, 0) <= $3 OR c.leased_by = $4)
                AND NOT EXISTS (SELECT 1 FROM calls o
                    WHERE +o.org_id = c.org_id AND o.number_index = c.number_index AND o.closed_at IS NULL
                        AND o.leased_until > $3 AND o.leased_by <> $4) THEN 1 END),
            COUNT(CASE WHEN c.due_at > $3 THEN 1 END)
        FROM calls c WHERE c.org_id = $1 AND c.office_id = COALESCE($2, c.office_id) AND c.closed_at IS NULL";
    DONE_COUNT = "SELECT COUNT(*) FROM calls WHERE org_id = $1 AND closed_by = $2 AND closed_at >= $3";
    OUTCOMES = "
        SELECT c.call_id, c.outcome, c.closed_at FROM {each $2} CROSS JOIN calls c
        WHERE c.org_id = $1 AND c.call_id = CAST(each.value AS {bigint})";
    EVENTS = "
        SELECT e.call_id, e.at, e.staff_id, e.outcome, e.attempt, e.from_office_id, e.note_sealed
        FROM call_events e JOIN calls c ON c.org_id = e.org_id AND c.call_id = e.call_id
        WHERE e.org_id = $1 AND e.call_id = $2 AND c.office_id = COALESCE($3, c.office_id)
        ORDER BY e.event_no";
    HISTORIES = "
        SELECT e.call_id, e.at, e.staff_id, e.outcome, e.attempt, e.from_office_id, e.note_sealed
        FROM {each $2} CROSS JOIN call_events e
        WHERE e.org_id = $1 AND e.call_id = CAST(each.value AS {bigint})
        ORDER BY e.at DESC, e.call_id, e.event_no DESC LIMIT $3";
    OF_MESSAGES = "
        SELECT c.call_id FROM {each $2} CROSS JOIN calls c
        WHERE c.org_id = $1 AND c.message_id = CAST(each.value AS {bigint})";
    ATTEMPTS = "
        SELECT e.call_id, e.at, e.staff_id, e.outcome, e.attempt, e.from_office_id, e.note_sealed
        FROM {each $2} CROSS JOIN call_events e
        WHERE e.org_id = $1 AND e.call_id = CAST(each.value AS {bigint}) AND e.outcome IS NULL
            AND e.from_office_id IS NULL
        ORDER BY e.call_id, e.event_no";
}

/// Puts somebody on the call list, in the write that decides it. A row or message that is on the list, open or
/// closed, is not put there again, and neither is a case whose entry is open: its entry is given, and as urgent as
/// whoever asks last says, if that is more. A sign of danger, or an answer to be called for, becomes its reason, and it
/// is due at once.
pub async fn add(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    new: &NewCall,
    now: Millis,
) -> Result<Added, DbError> {
    // Entries of one database take turns from here on, so that two clicks are one entry.
    tx.take_numbers("calls", 0).await?;
    let source = Columns::of(new.source);
    let known = match new.source {
        CallSource::Row { .. } => {
            tx.query_opt(OF_ROW, params![org, source.list, source.line])
                .await?
        }
        CallSource::Message(message) => tx.query_opt(OF_MESSAGE, params![org, message]).await?,
        CallSource::Case(case) => tx.query_opt(OF_CASE, params![org, case]).await?,
        CallSource::ByHand => None,
    };
    if let Some(row) = known {
        let call: CallId = row.get(0)?;
        if row.get::<u32>(1)? < new.priority {
            let raised = params![org, call, i64::from(new.priority)];
            tx.execute(RAISE, raised).await?;
        }
        if new.reason.takes_over(reason_of(&row.get::<String>(2)?)?) {
            let note = new.note.as_deref().map(|note| vault.seal(NOTE, call.get(), note));
            let taken = params![org, call, new.reason.as_str(), note];
            tx.execute(TAKE_OVER, taken).await?;
        }
        return Ok(Added { call, is_new: false });
    }
    let call = CallId::new(tx.take_numbers("calls", 1).await?);
    let seal = |field, text: &str| vault.seal(field, call.get(), text);
    let number = new.number.as_deref();
    let params = params![
        org,
        call,
        new.office,
        seal(PERSON, &new.person),
        number.map(|number| seal(NUMBER, number)),
        number.and_then(|number| Key::of_call(vault, number)),
        new.reason.as_str(),
        new.note.as_deref().map(|note| seal(NOTE, note)),
        source.list,
        source.line,
        source.message,
        source.case,
        i64::from(new.priority),
        new.by,
        now,
    ];
    tx.execute(ADD, params).await?;
    Ok(Added { call, is_new: true })
}

/// Where an entry comes from, as the table keeps it.
#[derive(Default)]
struct Columns {
    list: Option<ListId>,
    line: Option<i64>,
    message: Option<MessageId>,
    case: Option<CaseId>,
}

impl Columns {
    fn of(source: CallSource) -> Self {
        let none = Self::default();
        match source {
            CallSource::Row { list, line } => Self {
                list: Some(list),
                line: Some(i64::from(line)),
                ..none
            },
            CallSource::Message(message) => Self {
                message: Some(message),
                ..none
            },
            CallSource::Case(case) => Self {
                case: Some(case),
                ..none
            },
            CallSource::ByHand => none,
        }
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

/// Open entries, in the order in which they are worked on.
pub async fn open_calls(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    due: Due,
    (limit, offset): (u32, u32),
) -> Result<Vec<Call>, DbError> {
    let vault = db.vault(org).await?;
    let sql = match due {
        Due::Now => OPEN_NOW,
        Due::Later => OPEN_LATER,
    };
    let params = params![org, office, i64::from(limit), i64::from(offset), db.now()];
    let rows = db.query(sql, params).await?;
    rows.iter().map(|row| call_of(row, &vault)).collect()
}

/// Who is telephoned at this moment, and by whom.
pub async fn held_calls(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    limit: u32,
) -> Result<Vec<Call>, DbError> {
    let vault = db.vault(org).await?;
    let params = params![org, office, db.now(), i64::from(limit)];
    let rows = db.query(HELD_NOW, params).await?;
    rows.iter().map(|row| call_of(row, &vault)).collect()
}

/// Other open entries with the number of this one: one call may settle them all.
pub async fn family(db: &Db, org: OrgId, office: Option<OfficeId>, id: CallId) -> Result<Vec<Call>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(FAMILY_OF, params![org, id, office, FAMILY]).await?;
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

/// How the calls of cases ended, oldest first: those closed after `after`, the moment and entry of the last one that
/// was read. Moments are taken before their commit, so whoever follows begins a minute before where they stood, and
/// takes what they know already as known.
pub async fn closed_for_cases(
    db: &Db,
    org: OrgId,
    after: (Millis, CallId),
    limit: u32,
) -> Result<Vec<CaseCalled>, DbError> {
    let params = params![org, after.0, after.1, i64::from(limit)];
    let rows = db.query(CLOSED_FOR_CASES, params).await?;
    rows.iter()
        .map(|row| {
            Ok(CaseCalled {
                case: row.get(0)?,
                call: row.get(1)?,
                outcome: outcome_of(&row.get::<String>(2)?)?,
                by: row.get(3)?,
                at: row.get(4)?,
            })
        })
        .collect()
}

/// How many entries are open.
pub async fn open_count(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u32, DbError> {
    let row = db.query_opt(OPEN_COUNT, params![org, office]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// What came of these entries and when; `None` while one is open. Whose they are is not asked.
pub async fn outcomes(
    db: &Db,
    org: OrgId,
    calls: &[CallId],
) -> Result<HashMap<CallId, Option<(CallOutcome, Millis)>>, DbError> {
    let rows = db.query(OUTCOMES, params![org, json(&calls)]).await?;
    let mut found = HashMap::with_capacity(calls.len());
    for row in &rows {
        let outcome = row.get::<Option<String>>(1)?.as_deref().map(outcome_of);
        let closed = outcome.transpose()?.zip(row.get(2)?);
        found.insert(row.get(0)?, closed);
    }
    Ok(found)
}

/// How many entries are open, as they are worked on by this caller.
pub async fn counts(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    staff: StaffId,
) -> Result<CallCounts, DbError> {
    let row = db
        .query_opt(COUNTS, params![org, office, db.now(), staff])
        .await?;
    row.map_or(Ok(CallCounts::default()), |row| {
        Ok(CallCounts {
            due: row.get(0)?,
            free: row.get(1)?,
            later: row.get(2)?,
        })
    })
}

/// How many entries this caller has closed at or after `since`.
pub async fn done_count(db: &Db, org: OrgId, staff: StaffId, since: Millis) -> Result<u32, DbError> {
    let row = db.query_opt(DONE_COUNT, params![org, staff, since]).await?;
    row.map_or(Ok(0), |row| row.get(0))
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
    rows.iter().map(|row| event_of(row, &vault)).collect()
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
        all.entry(row.get(0)?).or_default().push(event_of(&row, &vault)?);
    }
    Ok(all)
}

/// What was done about these entries, the newest first. For entries of somebody whose record is shown; whose they are
/// is not asked.
pub async fn histories(
    db: &Db,
    org: OrgId,
    calls: &[CallId],
    limit: i64,
) -> Result<Vec<(CallId, CallEvent)>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(HISTORIES, params![org, json(&calls), limit]).await?;
    let one = |row: &Row| Ok((row.get(0)?, event_of(row, &vault)?));
    rows.iter().map(one).collect()
}

/// The entries of these messages, whosever they are.
pub async fn of_messages(db: &Db, org: OrgId, messages: &[MessageId]) -> Result<Vec<CallId>, DbError> {
    let rows = db.query(OF_MESSAGES, params![org, json(&messages)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

fn event_of(row: &Row, vault: &OrgVault) -> Result<CallEvent, DbError> {
    let outcome: Option<String> = row.get(3)?;
    let (attempt, from): (Option<String>, Option<OfficeId>) = (row.get(4)?, row.get(5)?);
    let step = match (outcome, attempt, from) {
        (Some(outcome), ..) => CallStep::Done(outcome_of(&outcome)?),
        (None, _, Some(from)) => CallStep::HandedOver { from },
        (None, Some(attempt), None) => CallStep::Tried(attempt_of(&attempt)?),
        (None, None, None) => CallStep::Tried(CallAttempt::NotReached),
    };
    Ok(CallEvent {
        at: row.get(1)?,
        by: row.get(2)?,
        step,
        note: opened(vault, EVENT_NOTE, row.get(0)?, row.get(6)?)?,
    })
}

fn call_of(row: &Row, vault: &OrgVault) -> Result<Call, DbError> {
    let id: CallId = row.get(0)?;
    let reason: String = row.get(4)?;
    let closed = match row.get::<Option<String>>(11)? {
        Some(outcome) => Some((
            outcome_of(&outcome)?,
            row.get::<Option<StaffId>>(12)?,
            row.get::<Millis>(13)?,
        )),
        None => None,
    };
    let lease = row
        .get::<Option<StaffId>>(18)?
        .zip(row.get::<Option<Millis>>(19)?);
    Ok(Call {
        id,
        office: row.get(1)?,
        person: vault.open(PERSON, id.get(), &row.get::<String>(2)?)?,
        number: opened(vault, NUMBER, id, row.get(3)?)?,
        same_number: row.get(20)?,
        reason: reason_of(&reason)?,
        note: opened(vault, NOTE, id, row.get(5)?)?,
        source: source_of(row)?,
        priority: row.get(15)?,
        due_at: row.get(16)?,
        tries: row.get(17)?,
        lease: lease.map(|(by, until)| Lease { by, until }),
        added_by: row.get(9)?,
        added_at: row.get(10)?,
        closed,
    })
}

fn source_of(row: &Row) -> Result<CallSource, DbError> {
    let (list, message, case) = (row.get(6)?, row.get(8)?, row.get(14)?);
    Ok(match (list, message, case) {
        (Some(list), ..) => CallSource::Row {
            list,
            line: row.get(7)?,
        },
        (None, Some(message), _) => CallSource::Message(message),
        (None, None, Some(case)) => CallSource::Case(case),
        (None, None, None) => CallSource::ByHand,
    })
}

/// The calls, open and closed, to a number.
pub async fn calls_to(db: &Db, org: OrgId, phone: PhoneNumber) -> Result<Vec<CallId>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db
        .query(WITH_NUMBER, params![org, Key::of_phone(&vault, phone)])
        .await?;
    rows.iter().map(|row| row.get(0)).collect()
}

pub(super) fn opened(
    vault: &OrgVault,
    field: Field,
    id: CallId,
    sealed: Option<String>,
) -> Result<Option<String>, DbError> {
    sealed
        .map(|sealed| vault.open(field, id.get(), &sealed))
        .transpose()
}

pub(super) fn reason_of(word: &str) -> Result<CallReason, DbError> {
    CallReason::from_word(word)
        .ok_or_else(|| DbError::Statement(format!("no reason for a call is called {word}")))
}

fn outcome_of(word: &str) -> Result<CallOutcome, DbError> {
    CallOutcome::from_word(word)
        .ok_or_else(|| DbError::Statement(format!("no outcome of a call is called {word}")))
}

fn attempt_of(word: &str) -> Result<CallAttempt, DbError> {
    CallAttempt::from_word(word)
        .ok_or_else(|| DbError::Statement(format!("no attempt at a call is called {word}")))
}
