//! Broadcasts and messages: made once, counted, shown, stopped.

use base::clock::Millis;
use base::id::{BroadcastId, ListId, MessageId, OfficeId, OrgId, StaffId, TemplateId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use crate::broadcast::{
    Broadcast, Counts, FILE_NAME, Known, NewBroadcast, Origin, PHONE, RESEND_REASON, TEXT,
};
use crate::message::{Event, MessageState, Settlement};
use crate::recognition::{Earlier, Fingerprint};

const EVENT_DETAIL: Field = Field("broadcast_events.detail");
/// Fewer rows than this are not worth a thread.
const SEALED_ALONE: usize = 200;
/// Fingerprints that are looked up by one statement.
const LOOK_UP: usize = 2_000;

db::statements! {
    // The unary plus keeps SQLite from walking the organisation's messages instead of the fingerprints.
    RECOGNISE = "
        SELECT m.fingerprint, m.generation, m.message_id, m.broadcast_id, m.created_at,
               (SELECT MAX(p.state) FROM parts p WHERE p.org_id = m.org_id AND p.message_id = m.message_id)
        FROM {each $2} CROSS JOIN messages m
        WHERE +m.org_id = $1 AND m.fingerprint = each.value ->> 0";
    INSERT_BROADCAST = "
        INSERT INTO broadcasts (org_id, broadcast_id, office_id, list_id, template_id, template_version,
            file_name_sealed, origin, simulated, lane, sender, segmentation, first_message_id,
            last_message_id, created_by, created_at, hold_until, resend_scope, resend_reason_sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)";
    END_BROADCAST = "
        UPDATE broadcasts SET last_message_id = $3 WHERE org_id = $1 AND broadcast_id = $2";
    INSERT_MESSAGES = "
        INSERT INTO messages (org_id, message_id, broadcast_id, line, phone_sealed, phone_index,
            text_sealed, fingerprint, generation, part_count, created_at)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), $2, CAST(each.value ->> 1 AS {bigint}),
            each.value ->> 2, each.value ->> 3, each.value ->> 4, each.value ->> 5,
            CAST(each.value ->> 6 AS {bigint}), CAST(each.value ->> 7 AS {bigint}), $3
        FROM {each $4}";
    INSERT_PARTS = "
        INSERT INTO parts (org_id, message_id, part_no, broadcast_id, state, due_at, tries, changed_at)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}), $2, $3, 0, 0, $4
        FROM {each $5}";
    COUNTS = "
        SELECT state, COUNT(*) FROM (
            SELECT MAX(state) AS state FROM parts
            WHERE org_id = $1 AND message_id BETWEEN $2 AND $3 GROUP BY message_id) AS one
        GROUP BY state";
    BROADCAST = "
        SELECT broadcast_id, office_id, list_id, template_id, template_version, file_name_sealed, simulated,
            sender, first_message_id, last_message_id, created_by, created_at, hold_until, paused_at,
            discarded_at, resend_scope, resend_reason_sealed, origin
        FROM broadcasts WHERE org_id = $1 AND broadcast_id = $2";
    BROADCASTS_BETWEEN = "
        SELECT broadcast_id, office_id, list_id, template_id, template_version, file_name_sealed, simulated,
            sender, first_message_id, last_message_id, created_by, created_at, hold_until, paused_at,
            discarded_at, resend_scope, resend_reason_sealed, origin
        FROM broadcasts WHERE org_id = $1 AND created_at >= $2 AND created_at < $3
        ORDER BY created_at DESC, broadcast_id DESC";
    STANDINGS = "
        SELECT message_id, part_no, state, carrier_message_id, carrier_code
        FROM {each $1} CROSS JOIN parts
        WHERE org_id = CAST(each.value ->> 0 AS {bigint}) AND message_id = CAST(each.value ->> 1 AS {bigint})";
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
    PAUSE = "
        UPDATE broadcasts SET paused_at = $3
        WHERE org_id = $1 AND broadcast_id = $2 AND paused_at IS NULL AND discarded_at IS NULL";
    RESUME = "
        UPDATE broadcasts SET paused_at = NULL
        WHERE org_id = $1 AND broadcast_id = $2 AND paused_at IS NOT NULL AND discarded_at IS NULL";
    MARK_DISCARDED = "
        UPDATE broadcasts SET discarded_at = $3, handed_over_at = NULL
        WHERE org_id = $1 AND broadcast_id = $2 AND discarded_at IS NULL";
    ADD_EVENT = "
        INSERT INTO broadcast_events (org_id, broadcast_id, event_no, at, staff_id, action, detail_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, $4, $5, $6
        FROM broadcast_events WHERE org_id = $1 AND broadcast_id = $2";
    EVENTS = "
        SELECT at, staff_id, action, detail_sealed FROM broadcast_events
        WHERE org_id = $1 AND broadcast_id = $2 ORDER BY event_no";
    SETTLE = "
        UPDATE parts SET state = $3, changed_at = $4
        WHERE org_id = $1 AND message_id = $2 AND state = $5";
}

pub(crate) async fn recognise(tx: &mut Tx, org: OrgId, all: &[Fingerprint]) -> Result<Known, DbError> {
    let mut known = Known::new();
    for chunk in all.chunks(LOOK_UP) {
        learn(
            &mut known,
            &tx.query(RECOGNISE, params![org, wanted(chunk)]).await?,
        )?;
    }
    Ok(known)
}

/// The same outside of any write.
pub(crate) async fn recognised(db: &Db, org: OrgId, all: &[Fingerprint]) -> Result<Known, DbError> {
    let mut known = Known::new();
    for chunk in all.chunks(LOOK_UP) {
        learn(
            &mut known,
            &db.query(RECOGNISE, params![org, wanted(chunk)]).await?,
        )?;
    }
    Ok(known)
}

fn wanted(chunk: &[Fingerprint]) -> String {
    json(&chunk.iter().map(|one| [one.as_str()]).collect::<Vec<_>>())
}

fn learn(known: &mut Known, rows: &[Row]) -> Result<(), DbError> {
    for row in rows {
        let text: String = row.get(0)?;
        let earlier = Earlier {
            generation: row.get(1)?,
            state: state_of(row, 5)?,
            created_at: row.get(4)?,
        };
        let entry = (row.get(2)?, row.get(3)?, earlier);
        let newest = known.entry(Fingerprint::from_database(text)).or_insert(entry);
        if newest.2.generation < earlier.generation {
            *newest = entry;
        }
    }
    Ok(())
}

pub(crate) async fn insert_broadcast(
    tx: &mut Tx,
    new: &NewBroadcast,
    id: BroadcastId,
    messages: (i64, i64),
    vault: &OrgVault,
    now: Millis,
) -> Result<(), DbError> {
    let resend = new.resend.as_ref();
    tx.execute(
        INSERT_BROADCAST,
        params![
            new.org,
            id,
            new.office,
            new.list,
            new.template.map(|(template, _)| template),
            new.template.map(|(_, version)| version),
            vault.seal(FILE_NAME, id.get(), &new.file_name),
            new.origin.as_str(),
            new.simulated,
            new.lane.code(),
            new.sender.as_str(),
            new.segmentation.as_str(),
            messages.0,
            messages.1,
            new.created_by,
            now,
            now + new.hold,
            resend.map(|resend| resend.scope.as_str()),
            resend.map(|resend| vault.seal(RESEND_REASON, id.get(), &resend.reason)),
        ],
    )
    .await?;
    Ok(())
}

/// Says which message is the last of a broadcast, when all are stored.
pub(crate) async fn end_broadcast(
    tx: &mut Tx,
    org: OrgId,
    id: BroadcastId,
    last: i64,
) -> Result<(), DbError> {
    tx.execute(END_BROADCAST, params![org, id, last]).await?;
    Ok(())
}

/// One message about to be inserted.
pub(crate) struct NewMessage<'a> {
    pub(crate) message: MessageId,
    pub(crate) line: u32,
    pub(crate) phone: PhoneNumber,
    pub(crate) text: &'a str,
    pub(crate) fingerprint: &'a Fingerprint,
    pub(crate) generation: i64,
    pub(crate) parts: usize,
}

pub(crate) async fn insert_messages(
    tx: &mut Tx,
    org: OrgId,
    broadcast: BroadcastId,
    new: &[NewMessage<'_>],
    vault: &OrgVault,
    now: Millis,
) -> Result<(), DbError> {
    let messages = sealed(new, vault);
    let parts = new
        .iter()
        .flat_map(|one| (1..=one.parts).map(|part_no| (one.message.get(), part_no)));
    tx.execute(INSERT_MESSAGES, params![org, broadcast, now, json(&messages)])
        .await?;
    let parts: Vec<_> = parts.collect();
    tx.execute(
        INSERT_PARTS,
        params![org, broadcast, MessageState::Queued.code(), now, json(&parts)],
    )
    .await?;
    Ok(())
}

/// A message as `INSERT_MESSAGES` takes it.
type SealedRow = (i64, u32, String, String, String, String, i64, usize);

/// Seals the rows on all cores: it is most of the work of a large list.
fn sealed(new: &[NewMessage<'_>], vault: &OrgVault) -> Vec<SealedRow> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = new.len().div_ceil(cores).max(SEALED_ALONE);
    std::thread::scope(|scope| {
        let seal_share =
            |rows: &[NewMessage<'_>]| rows.iter().map(|row| seal_row(row, vault)).collect::<Vec<_>>();
        let (first, others) = new.split_at(share.min(new.len()));
        let others: Vec<_> = others
            .chunks(share)
            .map(|rows| scope.spawn(move || seal_share(rows)))
            .collect();
        let mut sealed = seal_share(first);
        for other in others {
            sealed.extend(other.join().expect("sealing does not panic"));
        }
        sealed
    })
}

fn seal_row(one: &NewMessage<'_>, vault: &OrgVault) -> SealedRow {
    let (id, e164) = (one.message.get(), one.phone.e164());
    let phone_index = vault.index("phone", &[e164.as_bytes()]);
    let (phone, text) = (vault.seal(PHONE, id, &e164), vault.seal(TEXT, id, one.text));
    let fingerprint = one.fingerprint.as_str().to_owned();
    (
        id,
        one.line,
        phone,
        phone_index,
        text,
        fingerprint,
        one.generation,
        one.parts,
    )
}

/// How many messages of a broadcast are in which state, as shown at `now`.
pub async fn counts(db: &Db, org: OrgId, broadcast: &Broadcast, now: Millis) -> Result<Counts, DbError> {
    let mut counts = Counts::default();
    let (first, last) = broadcast.messages;
    for row in db.query(COUNTS, params![org, first, last]).await? {
        counts.add(broadcast.shown(state_of(&row, 0)?, now), row.get(1)?);
    }
    Ok(counts)
}

/// One broadcast of the organisation.
pub async fn broadcast(db: &Db, org: OrgId, id: BroadcastId) -> Result<Option<Broadcast>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(BROADCAST, params![org, id]).await?;
    row.map(|row| broadcast_of(&row, &vault)).transpose()
}

/// Broadcasts started in `[from, to)`, newest first.
pub async fn broadcasts_between(
    db: &Db,
    org: OrgId,
    from: Millis,
    to: Millis,
) -> Result<Vec<Broadcast>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(BROADCASTS_BETWEEN, params![org, from, to]).await?;
    rows.iter().map(|row| broadcast_of(row, &vault)).collect()
}

fn broadcast_of(row: &Row, vault: &OrgVault) -> Result<Broadcast, DbError> {
    let id: BroadcastId = row.get(0)?;
    let template: Option<TemplateId> = row.get(3)?;
    let version: Option<i64> = row.get(4)?;
    let scope: Option<String> = row.get(15)?;
    let reason: Option<String> = row.get(16)?;
    let reason = reason
        .map(|sealed| vault.open(RESEND_REASON, id.get(), &sealed))
        .transpose()?;
    Ok(Broadcast {
        id,
        office: row.get::<OfficeId>(1)?,
        list: row.get::<Option<ListId>>(2)?,
        template: template.zip(version),
        file_name: vault.open(FILE_NAME, id.get(), &row.get::<String>(5)?)?,
        simulated: row.get(6)?,
        sender: row.get(7)?,
        messages: (row.get(8)?, row.get(9)?),
        created_by: row.get::<Option<StaffId>>(10)?,
        created_at: row.get(11)?,
        hold_until: row.get(12)?,
        paused_at: row.get(13)?,
        discarded_at: row.get(14)?,
        resend: scope.zip(reason),
        origin: Origin::from_word(&row.get::<String>(17)?),
    })
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
    /// Whom to.
    pub to: PhoneNumber,
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
                to: open_phone(&vault, id, &row.get::<String>(2)?)?,
                text: vault.open(TEXT, id.get(), &row.get::<String>(3)?)?,
                state: broadcast.shown(state_of(row, 4)?, now),
                carrier_code: row.get(5)?,
                changed_at: row.get(6)?,
            })
        })
        .collect()
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
    /// Whom to.
    pub to: PhoneNumber,
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
        to: open_phone(&vault, id, &row.get::<String>(2)?)?,
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

/// Stops a broadcast: from the commit of this on, nothing more of it is claimed. `false` if it was stopped
/// or discarded already.
pub async fn pause(db: &Db, org: OrgId, id: BroadcastId, by: Option<StaffId>) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let done = tx.execute(PAUSE, params![org, id, now]).await? == 1;
            if done {
                tx.execute(ADD_EVENT, params![org, id, now, by, "paused", None::<i64>])
                    .await?;
            }
            Ok(done)
        })
    })
    .await
}

/// Lets a stopped broadcast go on. `false` if it was not stopped.
pub async fn resume(db: &Db, org: OrgId, id: BroadcastId, by: Option<StaffId>) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let done = tx.execute(RESUME, params![org, id]).await? == 1;
            if done {
                tx.execute(ADD_EVENT, params![org, id, now, by, "resumed", None::<i64>])
                    .await?;
            }
            Ok(done)
        })
    })
    .await
}

/// Cancels everything of the broadcast that has not left; a message of which a part has left is not
/// cancelled: its rest is abandoned, and it says so. `false` if it was discarded before.
pub async fn discard(db: &Db, org: OrgId, id: BroadcastId, by: Option<StaffId>) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let done = tx.execute(MARK_DISCARDED, params![org, id, now]).await? == 1;
            if done {
                super::outbox::close_discarded(tx, now).await?;
                tx.execute(ADD_EVENT, params![org, id, now, by, "discarded", None::<i64>])
                    .await?;
            }
            Ok(done)
        })
    })
    .await
}

/// Keeps a line in the broadcast's history.
pub async fn note(
    db: &Db,
    org: OrgId,
    id: BroadcastId,
    by: Option<StaffId>,
    action: &'static str,
    detail: &str,
) -> Result<(), DbError> {
    let (now, sealed) = (
        db.now(),
        db.vault(org).await?.seal(EVENT_DETAIL, id.get(), detail),
    );
    db.write(move |tx| {
        let sealed = sealed.clone();
        Box::pin(async move {
            tx.execute(ADD_EVENT, params![org, id, now, by, action, sealed])
                .await
                .map(|_| ())
        })
    })
    .await
}

/// The broadcast's history: when, who, what, and the detail in words.
pub async fn broadcast_events(
    db: &Db,
    org: OrgId,
    id: BroadcastId,
) -> Result<Vec<(Millis, Option<StaffId>, String, Option<String>)>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(EVENTS, params![org, id]).await?;
    rows.iter()
        .map(|row| {
            let detail: Option<String> = row.get(3)?;
            let detail = detail
                .map(|sealed| vault.open(EVENT_DETAIL, id.get(), &sealed))
                .transpose()?;
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, detail))
        })
        .collect()
}

/// A person found out what became of an unconfirmed message. `false` if it is not unconfirmed any more.
pub async fn settle(
    db: &Db,
    org: OrgId,
    id: MessageId,
    broadcast: BroadcastId,
    settlement: Settlement,
    by: StaffId,
) -> Result<bool, DbError> {
    let from = MessageState::Unconfirmed;
    let Some(to) = from.on(Event::Settled(settlement)) else {
        return Ok(false);
    };
    let detail = format!("{id} {}", to.as_str());
    let (now, sealed) = (
        db.now(),
        db.vault(org).await?.seal(EVENT_DETAIL, broadcast.get(), &detail),
    );
    db.write(move |tx| {
        let sealed = sealed.clone();
        Box::pin(async move {
            let done = tx
                .execute(SETTLE, params![org, id, to.code(), now, from.code()])
                .await?
                > 0;
            if done {
                tx.execute(ADD_EVENT, params![org, broadcast, now, by, "settled", sealed])
                    .await?;
            }
            Ok(done)
        })
    })
    .await
}

pub(crate) fn state_of(row: &Row, column: usize) -> Result<MessageState, DbError> {
    let code: i64 = row.get(column)?;
    MessageState::from_code(code)
        .ok_or_else(|| DbError::Statement(format!("no message state has the code {code}")))
}

/// Bulk rows as the one JSON parameter.
pub(crate) fn json<T: serde::Serialize>(rows: &T) -> String {
    serde_json::to_string(rows).expect("numbers and texts always become JSON")
}
