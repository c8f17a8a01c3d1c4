//! Messages: where they stand, what is shown of them, all that happened to one.

use base::clock::Millis;
use base::id::{BroadcastId, MessageId, OfficeId, OrgId};
use base::phone::PhoneNumber;
use db::vault::ERASED;
use db::{Db, DbError, OrgVault, Row, params};

use super::broadcasts::{json, state_of};
use crate::broadcast::{Broadcast, PHONE, TEXT};
use crate::message::MessageState;

/// Messages that are looked up by one statement.
const LOOK_UP: usize = 2_000;

db::statements! {
    STANDINGS = "
        SELECT message_id, part_no, state, carrier_message_id, carrier_code
        FROM {each $1} CROSS JOIN parts
        WHERE org_id = CAST(each.value ->> 0 AS {bigint}) AND message_id = CAST(each.value ->> 1 AS {bigint})";
    FACTS = "
        WITH wanted AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS id FROM {each $2} LIMIT (SELECT 50000))
        SELECT m.message_id,
            (SELECT MAX(state) FROM parts p WHERE p.org_id = $1 AND p.message_id = w.id),
            (SELECT MAX(changed_at) FROM parts p WHERE p.org_id = $1 AND p.message_id = w.id),
            m.created_at, m.broadcast_id,
            (SELECT MIN(opened_at) FROM links l WHERE l.org_id = $1 AND l.message_id = w.id),
            (SELECT MAX(expires_at) FROM links l WHERE l.org_id = $1 AND l.message_id = w.id),
            COALESCE((SELECT b.office_id FROM broadcasts b
                WHERE b.org_id = $1 AND b.broadcast_id = m.broadcast_id), 0)
        FROM wanted w CROSS JOIN messages m WHERE m.org_id = $1 AND m.message_id = w.id";
    MESSAGES = "
        SELECT m.message_id, m.line, m.phone_sealed, m.text_sealed, s.state, s.carrier_code, s.changed_at
        FROM (SELECT message_id, MAX(state) AS state, MAX(carrier_code) AS carrier_code,
                MAX(changed_at) AS changed_at
            FROM parts WHERE org_id = $1 AND message_id BETWEEN $2 AND $3 GROUP BY message_id) AS s
        CROSS JOIN messages m
        WHERE m.org_id = $1 AND m.message_id = s.message_id
            AND s.state IN (SELECT CAST(each.value AS {bigint}) FROM {each $4})
            AND (CAST($5 AS TEXT) IS NULL OR COALESCE(s.carrier_code, '') = $5)
        ORDER BY m.line, m.message_id LIMIT $6 OFFSET $7";
    MESSAGE = "
        SELECT broadcast_id, line, phone_sealed, text_sealed, part_count, created_at
        FROM messages WHERE org_id = $1 AND message_id = $2";
    PARTS = "
        SELECT p.part_no, p.state, p.tries, p.changed_at, p.submitted_at, p.carrier_message_id,
            p.carrier_code, a.name
        FROM parts p LEFT JOIN carrier_accounts a ON a.account_id = p.account_id
        WHERE p.org_id = $1 AND p.message_id = $2 ORDER BY p.part_no";
    ATTEMPTS = "
        SELECT t.part_no, t.submitted_at, t.ended_at, t.outcome, t.carrier_code, a.name
        FROM attempts t JOIN carrier_accounts a ON a.account_id = t.account_id
        WHERE t.org_id = $1 AND t.message_id = $2 ORDER BY t.part_no, t.try_no";
    RECEIPTS = "
        SELECT part_no, received_at, carrier_state, carrier_code, carrier_done_at
        FROM receipts WHERE org_id = $1 AND message_id = $2 ORDER BY receipt_id";
    RECEIPTS_OF = "
        SELECT r.part_no, r.received_at, r.carrier_state, r.carrier_code, r.carrier_done_at, r.message_id
        FROM {each $2} CROSS JOIN receipts r
        WHERE r.org_id = $1 AND r.message_id = CAST(each.value AS {bigint})
        ORDER BY r.received_at DESC, r.receipt_id DESC LIMIT $3";
}

/// Where a message stands, for the report: its state, and what the carrier called it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageStanding {
    /// The greatest state of its parts.
    pub state: MessageState,
    /// The carrier's ids of its parts, in order, joined by commas.
    pub carrier_message_id: Option<String>,
    /// The carrier's last code.
    pub carrier_code: Option<String>,
}

/// Where the given messages stand, in the order in which they are given.
pub async fn standings(db: &Db, org: OrgId, messages: &[MessageId]) -> Result<Vec<MessageStanding>, DbError> {
    let mut found = std::collections::HashMap::with_capacity(messages.len());
    for chunk in messages.chunks(LOOK_UP) {
        let wanted: Vec<(i64, i64)> = chunk.iter().map(|id| (org.get(), id.get())).collect();
        let mut rows = db.query(STANDINGS, params![json(&wanted)]).await?;
        rows.sort_by_key(|row| row.get::<i64>(1).unwrap_or(0));
        for row in rows {
            let part = MessageStanding {
                state: state_of(&row, 2)?,
                carrier_message_id: row.get(3)?,
                carrier_code: row.get(4)?,
            };
            let message: MessageId = row.get(0)?;
            found
                .entry(message)
                .and_modify(|whole: &mut MessageStanding| whole.join(&part))
                .or_insert(part);
        }
    }
    let missing = || DbError::Statement("a message of this broadcast is missing".to_owned());
    messages
        .iter()
        .map(|id| found.get(id).cloned().ok_or_else(missing))
        .collect()
}

impl MessageStanding {
    fn join(&mut self, part: &Self) {
        if part.state.code() > self.state.code() {
            self.state = part.state;
        }
        match (&mut self.carrier_message_id, &part.carrier_message_id) {
            (Some(ids), Some(id)) => {
                ids.push(',');
                ids.push_str(id);
            }
            (ids @ None, id) => ids.clone_from(id),
            (Some(_), None) => {}
        }
        if part.carrier_code.is_some() {
            self.carrier_code.clone_from(&part.carrier_code);
        }
    }
}

/// Which messages of a broadcast to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageFilter {
    /// Only those in these states.
    pub states: Vec<MessageState>,
    /// Only those with this code of the carrier's; the empty text stands for those without a code.
    pub code: Option<String>,
    /// How many.
    pub limit: i64,
    /// After how many.
    pub offset: i64,
}

/// One message in a list.
#[derive(Clone, Debug)]
pub struct MessageRow {
    /// Its number.
    pub id: MessageId,
    /// Row number in the sheet.
    pub line: u32,
    /// Whom to; nothing once that was erased.
    pub to: Option<PhoneNumber>,
    /// What was or will be sent.
    pub text: String,
    /// Where it stands, as shown.
    pub state: MessageState,
    /// The carrier's last code.
    pub carrier_code: Option<String>,
    /// When it last changed.
    pub changed_at: Millis,
}

/// Messages of a broadcast by sheet row.
pub async fn messages(
    db: &Db,
    org: OrgId,
    broadcast: &Broadcast,
    filter: MessageFilter,
    now: Millis,
) -> Result<Vec<MessageRow>, DbError> {
    let vault = db.vault(org).await?;
    // A held message is stored as queued.
    let stored = |state: &MessageState| match state {
        MessageState::Held => MessageState::Queued.code(),
        other => other.code(),
    };
    let states = json(&filter.states.iter().map(stored).collect::<Vec<_>>());
    let (first, last) = broadcast.messages;
    let asked = params![org, first, last, states, filter.code, filter.limit, filter.offset];
    let rows = db.query(MESSAGES, asked).await?;
    rows.iter()
        .map(|row| {
            let id: MessageId = row.get(0)?;
            Ok(MessageRow {
                id,
                line: row.get(1)?,
                to: kept_phone(&vault, id, &row.get::<String>(2)?)?,
                text: vault.open(TEXT, id.get(), &row.get::<String>(3)?)?,
                state: broadcast.shown(state_of(row, 4)?, now),
                carrier_code: row.get(5)?,
                changed_at: row.get(6)?,
            })
        })
        .collect()
}

fn kept_phone(vault: &OrgVault, id: MessageId, sealed: &str) -> Result<Option<PhoneNumber>, DbError> {
    if sealed == ERASED {
        return Ok(None);
    }
    open_phone(vault, id, sealed).map(Some)
}

pub(crate) fn open_phone(vault: &OrgVault, id: MessageId, sealed: &str) -> Result<PhoneNumber, DbError> {
    let e164 = vault.open(PHONE, id.get(), sealed)?;
    PhoneNumber::from_e164(&e164).ok_or(DbError::Sealed(PHONE.0))
}

/// All that is known of one message.
#[derive(Clone, Debug)]
pub struct MessageHistory {
    /// Its broadcast.
    pub broadcast: BroadcastId,
    /// Row number in the sheet.
    pub line: u32,
    /// Whom to; nothing once that was erased.
    pub to: Option<PhoneNumber>,
    /// The frozen text.
    pub text: String,
    /// When it was made.
    pub created_at: Millis,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Attempts that did not go straight.
    pub attempts: Vec<Attempt>,
    /// Receipts in order of arrival.
    pub receipts: Vec<ReceiptRow>,
}

/// One part of a message, as it stands.
#[derive(Clone, Debug)]
pub struct Part {
    /// From 1.
    pub part_no: i64,
    /// Where it stands.
    pub state: MessageState,
    /// How often it was handed over or tried to be.
    pub tries: i64,
    /// When it last changed.
    pub changed_at: Millis,
    /// When it was last handed over.
    pub submitted_at: Option<Millis>,
    /// What the carrier calls it.
    pub carrier_message_id: Option<String>,
    /// The carrier's last code.
    pub carrier_code: Option<String>,
    /// Which account at which carrier.
    pub account: Option<String>,
}

/// An attempt that was refused for a while, or never answered.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Which part.
    pub part_no: i64,
    /// When it was handed over.
    pub submitted_at: Millis,
    /// When it ended.
    pub ended_at: Millis,
    /// How it ended.
    pub outcome: String,
    /// What the carrier said.
    pub carrier_code: Option<String>,
    /// Which account.
    pub account: String,
}

/// A receipt.
#[derive(Clone, Debug)]
pub struct ReceiptRow {
    /// Which part.
    pub part_no: i64,
    /// When it came.
    pub received_at: Millis,
    /// What it says: the word of [`crate::message::Outcome`].
    pub outcome: String,
    /// The carrier's code.
    pub carrier_code: Option<String>,
    /// The carrier's own time of the end, in its time zone, as it wrote it.
    pub done_at: Option<String>,
}

/// One message with all that happened to it.
pub async fn message(db: &Db, org: OrgId, id: MessageId) -> Result<Option<MessageHistory>, DbError> {
    let vault = db.vault(org).await?;
    let Some(row) = db.query_opt(MESSAGE, params![org, id]).await? else {
        return Ok(None);
    };
    let parts = db.query(PARTS, params![org, id]).await?;
    let attempts = db.query(ATTEMPTS, params![org, id]).await?;
    let receipts = db.query(RECEIPTS, params![org, id]).await?;
    Ok(Some(MessageHistory {
        broadcast: row.get(0)?,
        line: row.get(1)?,
        to: kept_phone(&vault, id, &row.get::<String>(2)?)?,
        text: vault.open(TEXT, id.get(), &row.get::<String>(3)?)?,
        created_at: row.get(5)?,
        parts: parts.iter().map(part_of).collect::<Result<_, _>>()?,
        attempts: attempts.iter().map(attempt_of).collect::<Result<_, _>>()?,
        receipts: receipts.iter().map(receipt_of).collect::<Result<_, _>>()?,
    }))
}

fn part_of(row: &Row) -> Result<Part, DbError> {
    Ok(Part {
        part_no: row.get(0)?,
        state: state_of(row, 1)?,
        tries: row.get(2)?,
        changed_at: row.get(3)?,
        submitted_at: row.get(4)?,
        carrier_message_id: row.get(5)?,
        carrier_code: row.get(6)?,
        account: row.get(7)?,
    })
}

fn attempt_of(row: &Row) -> Result<Attempt, DbError> {
    Ok(Attempt {
        part_no: row.get(0)?,
        submitted_at: row.get(1)?,
        ended_at: row.get(2)?,
        outcome: row.get(3)?,
        carrier_code: row.get(4)?,
        account: row.get(5)?,
    })
}

fn receipt_of(row: &Row) -> Result<ReceiptRow, DbError> {
    Ok(ReceiptRow {
        part_no: row.get(0)?,
        received_at: row.get(1)?,
        outcome: row.get(2)?,
        carrier_code: row.get(3)?,
        done_at: row.get(4)?,
    })
}

/// What carriers told of these messages, the newest first.
pub async fn receipts_of(
    db: &Db,
    org: OrgId,
    messages: &[MessageId],
    limit: i64,
) -> Result<Vec<(MessageId, ReceiptRow)>, DbError> {
    let rows = db
        .query(RECEIPTS_OF, params![org, json(&messages), limit])
        .await?;
    let one = |row: &Row| Ok((row.get(5)?, receipt_of(row)?));
    rows.iter().map(one).collect()
}

/// What is known of a message, for whoever asked for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessageFacts {
    /// Where it stands.
    pub state: MessageState,
    /// Since when, UTC milliseconds.
    pub changed_at: Millis,
    /// When it was made, UTC milliseconds.
    pub created_at: Millis,
    /// Its broadcast.
    pub broadcast: BroadcastId,
    /// Which office wrote it.
    pub office: OfficeId,
    /// Whether a page stands behind it, and since when that is opened.
    pub link: Option<Option<Millis>>,
}

/// What is known of these messages. One that is not there is left out.
pub async fn message_facts(
    db: &Db,
    org: OrgId,
    messages: &[MessageId],
) -> Result<std::collections::HashMap<MessageId, MessageFacts>, DbError> {
    let mut found = std::collections::HashMap::with_capacity(messages.len());
    for chunk in messages.chunks(LOOK_UP) {
        for row in db.query(FACTS, params![org, json(&chunk)]).await? {
            let opened: Option<Millis> = row.get(5)?;
            let facts = MessageFacts {
                state: state_of(&row, 1)?,
                changed_at: row.get(2)?,
                created_at: row.get(3)?,
                broadcast: row.get(4)?,
                office: row.get(7)?,
                link: row.get::<Option<i64>>(6)?.map(|_| opened),
            };
            found.insert(row.get(0)?, facts);
        }
    }
    Ok(found)
}
