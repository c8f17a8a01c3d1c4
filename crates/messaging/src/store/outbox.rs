//! What the outbox does to parts, inside its writes.

use std::collections::HashSet;

use base::clock::{Millis, japan_midnight};
use base::id::{AccountId, BroadcastId, MessageId, NodeId, OfficeId, OrgId};
use db::{Db, DbError, Row, Tx, params};

use super::broadcasts::{json, state_of};
use super::strays::drop_old;
use crate::carrier_code::RECALLED;
use crate::message::{Event, MessageState};
use crate::outbox::{PartId, Receipt};
use crate::release::{FirstWave, members, minute_of_day};

db::statements! {
    // What is counted on an earlier day waits until it is counted on this one.
    OPEN_BROADCASTS = "
        SELECT org_id, broadcast_id, office_id, lane, sender, segmentation, first_wave, first_message_id,
            last_message_id, urgent_to
        FROM broadcasts
        WHERE handed_over_at IS NULL AND paused_at IS NULL AND discarded_at IS NULL
            AND simulated = $1 AND hold_until <= $2
            AND NOT EXISTS (SELECT 1 FROM orgs
                WHERE orgs.org_id = broadcasts.org_id AND orgs.stopped_at IS NOT NULL)
            AND (opens_minute IS NULL OR opens_minute <= $3 AND closes_minute > $3)
            AND (not_after IS NULL OR not_after > $2)
            AND NOT EXISTS (SELECT 1 FROM part_reservations r
                WHERE r.org_id = broadcasts.org_id AND r.broadcast_id = broadcasts.broadcast_id AND r.day < $4)
        ORDER BY lane, broadcast_id LIMIT 500";
    // The attempt: committed before a byte of its submit_sm leaves. Here and below, a unary plus keeps SQLite
    // from walking the organisation's parts where a narrower index serves.
    CLAIM = "
        WITH c AS MATERIALIZED (
            SELECT p.message_id, p.part_no FROM parts p
            WHERE +p.org_id = $1 AND p.broadcast_id = $2 AND p.state = 70 AND p.due_at <= $3
                AND p.message_id <= $7
            ORDER BY p.message_id, p.part_no LIMIT $4 {skip_locked p})
        UPDATE parts SET state = 80, node_id = $5, account_id = $6, submitted_at = $3, changed_at = $3,
            tries = tries + 1
        FROM c
        WHERE parts.org_id = $1 AND parts.message_id = c.message_id AND parts.part_no = c.part_no
        RETURNING parts.message_id, parts.part_no";
    // The same of a first wave, whose messages are named.
    CLAIM_NAMED = "
        WITH c AS MATERIALIZED (
            SELECT p.org_id, p.message_id, p.part_no FROM {each $2} CROSS JOIN parts p
            WHERE p.org_id = $1 AND p.message_id = CAST(each.value AS {bigint}) AND p.state = 70
                AND p.due_at <= $3
            ORDER BY p.message_id, p.part_no LIMIT $4 {skip_locked p})
        UPDATE parts SET state = 80, node_id = $5, account_id = $6, submitted_at = $3, changed_at = $3,
            tries = tries + 1
        FROM c
        WHERE parts.org_id = c.org_id AND parts.message_id = c.message_id AND parts.part_no = c.part_no
        RETURNING parts.message_id, parts.part_no";
    CONTENT = "
        SELECT message_id, phone_sealed, text_sealed
        FROM {each $1} CROSS JOIN messages
        WHERE org_id = CAST(each.value ->> 0 AS {bigint}) AND message_id = CAST(each.value ->> 1 AS {bigint})";
    ANSWER = "
        UPDATE parts SET state = CAST(each.value ->> 3 AS {bigint}), changed_at = $1,
            carrier_code = each.value ->> 4, carrier_message_id = each.value ->> 5,
            due_at = CAST(each.value ->> 6 AS {bigint})
        FROM {each $3}
        WHERE parts.org_id = CAST(each.value ->> 0 AS {bigint})
            AND parts.message_id = CAST(each.value ->> 1 AS {bigint})
            AND parts.part_no = CAST(each.value ->> 2 AS {bigint})
            AND +parts.state = 80 AND +parts.node_id = $2
        RETURNING parts.org_id, parts.message_id, parts.part_no";
    // The answer came after others had taken our work over: what we learned is kept for the receipt.
    LATE_ANSWER = "
        UPDATE parts SET carrier_message_id = each.value ->> 5
        FROM {each $1}
        WHERE parts.org_id = CAST(each.value ->> 0 AS {bigint})
            AND parts.message_id = CAST(each.value ->> 1 AS {bigint})
            AND parts.part_no = CAST(each.value ->> 2 AS {bigint})
            AND +parts.state = 90 AND parts.carrier_message_id IS NULL";
    ADD_ATTEMPTS = "
        INSERT INTO attempts (org_id, message_id, part_no, try_no, account_id, submitted_at, ended_at, outcome,
            carrier_code)
        SELECT p.org_id, p.message_id, p.part_no, p.tries, p.account_id, p.submitted_at, $1, $2,
            each.value ->> 4
        FROM {each $3} CROSS JOIN parts p
        WHERE p.org_id = CAST(each.value ->> 0 AS {bigint})
            AND p.message_id = CAST(each.value ->> 1 AS {bigint})
            AND p.part_no = CAST(each.value ->> 2 AS {bigint})
            AND p.account_id IS NOT NULL AND p.submitted_at IS NOT NULL
        ON CONFLICT (org_id, message_id, part_no, try_no) DO NOTHING";
    REOPEN = "
        UPDATE broadcasts SET handed_over_at = NULL
        WHERE handed_over_at IS NOT NULL AND org_id = $1 AND broadcast_id IN (
            SELECT m.broadcast_id FROM {each $2} CROSS JOIN messages m
            WHERE m.org_id = $1 AND m.message_id = CAST(each.value AS {bigint}))";
    ABANDON_SIBLINGS = "
        UPDATE parts SET state = $3, changed_at = $4
        WHERE org_id = $1 AND state = 70
            AND message_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
    ABANDON_RECALLED = "
        UPDATE parts SET state = $3, changed_at = $4, carrier_code = $5
        WHERE org_id = $1 AND state = 70 AND message_id IN (
            SELECT m.message_id FROM {each $2} CROSS JOIN messages m
            WHERE m.org_id = $1 AND m.message_id = CAST(each.value AS {bigint}) AND m.recalled_at IS NOT NULL)";
    MARK_HANDED_OVER = "
        UPDATE broadcasts SET handed_over_at = $3
        WHERE org_id = $1 AND broadcast_id = $2 AND NOT EXISTS (
            SELECT 1 FROM parts WHERE +parts.org_id = $1 AND parts.broadcast_id = $2 AND state = 70)";
    URGENT_HANDED_OVER = "
        UPDATE broadcasts SET urgent_to = NULL
        WHERE org_id = $1 AND broadcast_id = $2 AND NOT EXISTS (
            SELECT 1 FROM parts WHERE +parts.org_id = $1 AND parts.broadcast_id = $2 AND state = 70
                AND parts.message_id <= broadcasts.urgent_to)";
    BY_CARRIER_ID = "
        SELECT each.value ->> 1, p.org_id, p.message_id, p.part_no, p.state
        FROM {each $1} CROSS JOIN parts p
        WHERE p.account_id = CAST(each.value ->> 0 AS {bigint}) AND p.carrier_message_id = each.value ->> 1
        ORDER BY p.message_id";
    ADD_RECEIPTS = "
        INSERT INTO receipts (org_id, message_id, part_no, receipt_id, received_at, carrier_state,
            carrier_code, carrier_done_at)
        SELECT CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}),
            CAST(each.value ->> 2 AS {bigint}), CAST(each.value ->> 3 AS {bigint}), $1,
            each.value ->> 4, each.value ->> 5, each.value ->> 6
        FROM {each $2}";
    SET_STATES = "
        UPDATE parts SET state = CAST(each.value ->> 3 AS {bigint}), changed_at = $1,
            carrier_code = COALESCE(each.value ->> 4, parts.carrier_code)
        FROM {each $2}
        WHERE parts.org_id = CAST(each.value ->> 0 AS {bigint})
            AND parts.message_id = CAST(each.value ->> 1 AS {bigint})
            AND parts.part_no = CAST(each.value ->> 2 AS {bigint})";
    UNCONFIRMED_OF_ACCOUNT = "
        SELECT p.org_id, p.message_id, p.part_no, p.submitted_at, m.phone_sealed
        FROM parts p JOIN messages m ON m.org_id = p.org_id AND m.message_id = p.message_id
        WHERE p.account_id = $1 AND p.state = 90 AND p.carrier_message_id IS NULL
        ORDER BY p.message_id, p.part_no";
    NAME_UNCONFIRMED = "
        UPDATE parts SET carrier_message_id = $4
        WHERE org_id = $1 AND message_id = $2 AND part_no = $3 AND state = 90 AND carrier_message_id IS NULL";
    ORPHANED = "
        UPDATE parts SET state = 90, changed_at = $1
        WHERE state = 80 AND node_id NOT IN (SELECT node_id FROM nodes)";
    OVERDUE = "UPDATE parts SET state = 90, changed_at = $1 WHERE state = 20 AND submitted_at < $2";
    FIND_ACCOUNT = "SELECT account_id FROM carrier_accounts WHERE name = $1";
    ADD_ACCOUNT = "INSERT INTO carrier_accounts (account_id, name) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
}

/// A broadcast that may still have something to hand over.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) org: OrgId,
    pub(crate) broadcast: BroadcastId,
    pub(crate) office: OfficeId,
    pub(crate) lane: i64,
    pub(crate) sender: String,
    pub(crate) segmentation: String,
    pub(crate) portion: Portion,
}

/// Which messages of a broadcast may be claimed.
#[derive(Clone)]
pub(crate) enum Portion {
    Whole,
    /// Its urgent people: up to this message.
    Urgent(MessageId),
    /// The first wave, while that is out.
    Wave(Vec<MessageId>),
}

pub(crate) async fn open_broadcasts(tx: &mut Tx, simulated: bool, now: Millis) -> Result<Vec<Open>, DbError> {
    let minute = i64::from(minute_of_day(now));
    let params = params![simulated, now, minute, japan_midnight(now)];
    let rows = tx.query(OPEN_BROADCASTS, params).await?;
    rows.iter()
        .map(|row| {
            let wave: Option<String> = row.get(6)?;
            let urgent: Option<MessageId> = row.get(9)?;
            let portion = match wave.as_deref().map(FirstWave::from_code) {
                None | Some(Some(FirstWave::Over)) => urgent.map_or(Portion::Whole, Portion::Urgent),
                Some(_) => Portion::Wave(members((row.get(7)?, row.get(8)?))),
            };
            Ok(Open {
                org: row.get(0)?,
                broadcast: row.get(1)?,
                office: row.get(2)?,
                lane: row.get(3)?,
                sender: row.get(4)?,
                segmentation: row.get(5)?,
                portion,
            })
        })
        .collect()
}

/// Claims up to `limit` parts of one broadcast for this node and account: message and part number.
pub(crate) async fn claim(
    tx: &mut Tx,
    open: &Open,
    (node, account): (NodeId, AccountId),
    limit: usize,
    now: Millis,
) -> Result<Vec<(MessageId, i64)>, DbError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = match &open.portion {
        Portion::Whole | Portion::Urgent(_) => {
            let last = match open.portion {
                Portion::Urgent(last) => last,
                _ => MessageId::new(i64::MAX),
            };
            let params = params![open.org, open.broadcast, now, limit, node, account, last];
            tx.query(CLAIM, params).await?
        }
        Portion::Wave(messages) => {
            let params = params![open.org, json(messages), now, limit, node, account];
            tx.query(CLAIM_NAMED, params).await?
        }
    };
    let mut claimed = Vec::with_capacity(rows.len());
    for row in rows {
        claimed.push((row.get::<MessageId>(0)?, row.get::<i64>(1)?));
    }
    claimed.sort_unstable();
    Ok(claimed)
}

/// Nothing more could be claimed of it: where nothing is queued any more, no claim looks there again.
pub(crate) async fn drained(tx: &mut Tx, open: &Open, now: Millis) -> Result<(), DbError> {
    match open.portion {
        Portion::Urgent(_) => {
            let params = params![open.org, open.broadcast];
            tx.execute(URGENT_HANDED_OVER, params).await.map(drop)
        }
        Portion::Whole | Portion::Wave(_) => mark_handed_over(tx, open.org, open.broadcast, now).await,
    }
}

/// Marks a broadcast of which nothing is queued, so that no claim looks at it again.
pub(crate) async fn mark_handed_over(
    tx: &mut Tx,
    org: OrgId,
    broadcast: BroadcastId,
    now: Millis,
) -> Result<(), DbError> {
    let params = params![org, broadcast, now];
    tx.execute(MARK_HANDED_OVER, params).await.map(drop)
}

/// Sealed number and text of each claimed message.
pub(crate) async fn content(
    tx: &mut Tx,
    org: OrgId,
    messages: &[i64],
) -> Result<Vec<(MessageId, String, String)>, DbError> {
    let keys: Vec<(i64, i64)> = messages.iter().map(|message| (org.get(), *message)).collect();
    let rows = tx.query(CONTENT, params![json(&keys)]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

/// What an answer does to a part: its new state, the carrier's code and id, when it may be tried again.
pub(crate) struct Answered {
    pub(crate) part: PartId,
    pub(crate) state: MessageState,
    pub(crate) code: Option<String>,
    pub(crate) carrier_message_id: Option<String>,
    pub(crate) due_at: Millis,
}

/// A part, its new state's code, the carrier's code and id, when it is due again.
type AnsweredRow<'a> = (i64, i64, u8, i64, Option<&'a str>, Option<&'a str>, Millis);

fn answered_rows(answered: &[Answered]) -> Vec<AnsweredRow<'_>> {
    let mut rows = Vec::with_capacity(answered.len());
    for one in answered {
        let PartId {
            org,
            message,
            part_no,
        } = one.part;
        let (code, id) = (one.code.as_deref(), one.carrier_message_id.as_deref());
        rows.push((
            org.get(),
            message.get(),
            part_no,
            one.state.code(),
            code,
            id,
            one.due_at,
        ));
    }
    rows
}

/// Records answers to what this node submitted. Gives the parts that others took over meanwhile: those keep
/// their state, and what the carrier calls them is kept for the receipt.
pub(crate) async fn answer(
    tx: &mut Tx,
    node: NodeId,
    answered: &[Answered],
    now: Millis,
) -> Result<HashSet<PartId>, DbError> {
    let rows = json(&answered_rows(answered));
    let done = tx.query(ANSWER, params![now, node, rows.as_str()]).await?;
    if done.len() == answered.len() {
        return Ok(HashSet::new());
    }
    let mut late: HashSet<PartId> = answered.iter().map(|one| one.part).collect();
    for row in done {
        late.remove(&part_at(&row, 0)?);
    }
    tx.execute(LATE_ANSWER, params![rows]).await?;
    Ok(late)
}

/// Organisation, message and part number in three columns.
fn part_at(row: &Row, first: usize) -> Result<PartId, DbError> {
    let part_no = u8::try_from(row.get::<u32>(first + 2)?)
        .map_err(|_| DbError::Statement("a part number above 255".to_owned()))?;
    Ok(PartId {
        org: row.get(first)?,
        message: row.get(first + 1)?,
        part_no,
    })
}

/// Keeps the attempts that did not go straight.
pub(crate) async fn add_attempts(
    tx: &mut Tx,
    outcome: &'static str,
    answered: &[Answered],
    now: Millis,
) -> Result<(), DbError> {
    let params = params![now, outcome, json(&answered_rows(answered))];
    tx.execute(ADD_ATTEMPTS, params).await.map(drop)
}

/// Broadcasts of these messages have something queued again.
pub(crate) async fn reopen(tx: &mut Tx, org: OrgId, messages: &[i64]) -> Result<(), DbError> {
    let params = params![org, json(&messages)];
    tx.execute(REOPEN, params).await.map(drop)
}

/// The other parts of these messages are not sent any more.
pub(crate) async fn abandon_siblings(
    tx: &mut Tx,
    org: OrgId,
    messages: &[i64],
    now: Millis,
) -> Result<(), DbError> {
    let params = params![org, json(&messages), abandoned().code(), now];
    tx.execute(ABANDON_SIBLINGS, params).await.map(drop)
}

/// How a part ends that waited and is not sent any more.
fn abandoned() -> MessageState {
    MessageState::Queued
        .on(Event::Abandoned)
        .unwrap_or(MessageState::Undelivered)
}

/// Of these messages, which came back from the carrier, those that were recalled meanwhile do not leave again.
pub(crate) async fn abandon_recalled(
    tx: &mut Tx,
    org: OrgId,
    messages: &[i64],
    now: Millis,
) -> Result<(), DbError> {
    let params = params![org, json(&messages), abandoned().code(), now, RECALLED];
    tx.execute(ABANDON_RECALLED, params).await.map(drop)
}

/// Carrier ids with their account. Keys of an index come from one place, so that neither database takes the
/// account for the narrow one.
pub(super) fn named(account: AccountId, ids: &[&str]) -> String {
    json(&ids.iter().map(|id| (account.get(), *id)).collect::<Vec<_>>())
}

/// The parts that the carrier calls by these ids: id, part, state. Of a reused id, the newest part is last.
pub(crate) async fn by_carrier_id(
    tx: &mut Tx,
    account: AccountId,
    ids: &[&str],
) -> Result<Vec<(String, PartId, MessageState)>, DbError> {
    let rows = tx.query(BY_CARRIER_ID, params![named(account, ids)]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, part_at(row, 1)?, state_of(row, 4)?)))
        .collect()
}

/// Keeps receipts of known parts. `first` is the number of the first.
pub(crate) async fn add_receipts(
    tx: &mut Tx,
    matched: &[(PartId, &Receipt)],
    first: i64,
    now: Millis,
) -> Result<(), DbError> {
    let row = |(offset, (part, receipt)): (usize, &(PartId, &Receipt))| {
        let PartId {
            org,
            message,
            part_no,
        } = *part;
        let id = first + i64::try_from(offset).unwrap_or(i64::MAX);
        let (outcome, code, done) = (
            receipt.outcome.as_str(),
            receipt.code.clone(),
            receipt.done_at.clone(),
        );
        (org.get(), message.get(), part_no, id, outcome, code, done)
    };
    let rows: Vec<_> = matched.iter().enumerate().map(row).collect();
    let params = params![now, json(&rows)];
    tx.execute(ADD_RECEIPTS, params).await.map(drop)
}

/// Writes the states that the transition function gave.
pub(crate) async fn set_states(
    tx: &mut Tx,
    changes: &[(PartId, MessageState, Option<String>)],
    now: Millis,
) -> Result<(), DbError> {
    let row = |(part, state, code): &(PartId, MessageState, Option<String>)| {
        (
            part.org.get(),
            part.message.get(),
            part.part_no,
            state.code(),
            code.clone(),
        )
    };
    let rows: Vec<_> = changes.iter().map(row).collect();
    let params = params![now, json(&rows)];
    tx.execute(SET_STATES, params).await.map(drop)
}

/// An unconfirmed part without the carrier's id: who, when, to which (sealed) number.
pub(crate) struct Unnamed {
    pub(crate) part: PartId,
    pub(crate) submitted_at: Millis,
    pub(crate) phone_sealed: String,
}

/// Unconfirmed parts of the account whose carrier id is unknown.
pub(crate) async fn unconfirmed(db: &Db, account: AccountId) -> Result<Vec<Unnamed>, DbError> {
    let rows = db.query(UNCONFIRMED_OF_ACCOUNT, params![account]).await?;
    rows.iter()
        .map(|row| {
            Ok(Unnamed {
                part: part_at(row, 0)?,
                submitted_at: row.get(3)?,
                phone_sealed: row.get(4)?,
            })
        })
        .collect()
}

/// Gives an unconfirmed part the carrier's id. `false` if it has one or is not unconfirmed any more.
pub(crate) async fn name_unconfirmed(tx: &mut Tx, part: PartId, id: &str) -> Result<bool, DbError> {
    let named = tx
        .execute(
            NAME_UNCONFIRMED,
            params![part.org, part.message, i64::from(part.part_no), id],
        )
        .await?;
    Ok(named == 1)
}

/// What nodes that are gone had under way becomes unconfirmed. Gives how many parts.
pub(crate) async fn orphaned(tx: &mut Tx, now: Millis) -> Result<u64, DbError> {
    tx.execute(ORPHANED, params![now]).await
}

/// What was accepted before `before` and never heard of again becomes unconfirmed.
pub(crate) async fn overdue(tx: &mut Tx, before: Millis, now: Millis) -> Result<u64, DbError> {
    drop_old(tx, before).await?;
    tx.execute(OVERDUE, params![now, before]).await
}

/// The number of the carrier account with this name, made if it is new.
pub(crate) async fn account(tx: &mut Tx, name: &str) -> Result<AccountId, DbError> {
    if let Some(row) = tx.query_opt(FIND_ACCOUNT, params![name]).await? {
        return row.get(0);
    }
    let id = tx.take_numbers("accounts", 1).await?;
    tx.execute(ADD_ACCOUNT, params![id, name]).await?;
    let row = tx.query_opt(FIND_ACCOUNT, params![name]).await?;
    row.ok_or_else(|| DbError::Statement("a carrier account was not made".to_owned()))?
        .get(0)
}
