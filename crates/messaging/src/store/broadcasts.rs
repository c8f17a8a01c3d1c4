//! Broadcasts with their messages: recognised, made once, counted.

use base::clock::Millis;
use base::id::{BroadcastId, ListId, MessageId, OfficeId, OrgId, StaffId, TemplateId};
use base::phone::PhoneNumber;
use db::{Db, DbError, OrgVault, Row, Tx, params};

use super::release::release_at;
use crate::broadcast::{
    Broadcast, Counts, FILE_NAME, Known, NewBroadcast, Origin, PHONE, RESEND_REASON, TEXT,
};
use crate::message::MessageState;
use crate::recognition::{Earlier, Fingerprint};
use crate::stage::BroadcastStage;

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
            last_message_id, created_by, created_at, hold_until, resend_scope, resend_reason_sealed,
            paused_at, stage)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";
    END_BROADCAST = "
        UPDATE broadcasts SET last_message_id = $3, urgent_to = $4 WHERE org_id = $1 AND broadcast_id = $2";
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
            discarded_at, resend_scope, resend_reason_sealed, origin, stage, approval, scheduled_for,
            opens_minute, closes_minute, not_after, first_wave, handed_over_at
        FROM broadcasts WHERE org_id = $1 AND broadcast_id = $2";
    // Codes that people asked for are nothing that an office sends: they would hide what is.
    BROADCASTS_BETWEEN = "
        SELECT broadcast_id, office_id, list_id, template_id, template_version, file_name_sealed, simulated,
            sender, first_message_id, last_message_id, created_by, created_at, hold_until, paused_at,
            discarded_at, resend_scope, resend_reason_sealed, origin, stage, approval, scheduled_for,
            opens_minute, closes_minute, not_after, first_wave, handed_over_at
        FROM broadcasts WHERE org_id = $1 AND (created_at >= $2 AND created_at < $3
            OR scheduled_for >= $2 AND scheduled_for < $3) AND origin <> 'code'
        ORDER BY created_at DESC, broadcast_id DESC";
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
            (new.origin == Origin::Correction).then_some(now),
            new.stage.as_str(),
        ],
    )
    .await?;
    Ok(())
}

/// Says which message is the last of a broadcast, and the last of somebody at high risk, when all are stored.
pub(crate) async fn end_broadcast(
    tx: &mut Tx,
    org: OrgId,
    id: BroadcastId,
    (last, urgent): (i64, Option<i64>),
) -> Result<(), DbError> {
    tx.execute(END_BROADCAST, params![org, id, last, urgent]).await?;
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

/// Broadcasts started in `[from, to)`, or scheduled for it, newest first.
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
        stage: stage_of(&row.get::<String>(18)?)?,
        file_name: vault.open(FILE_NAME, id.get(), &row.get::<String>(5)?)?,
        simulated: row.get(6)?,
        sender: row.get(7)?,
        messages: (row.get(8)?, row.get(9)?),
        created_by: row.get::<Option<StaffId>>(10)?,
        created_at: row.get(11)?,
        hold_until: row.get(12)?,
        paused_at: row.get(13)?,
        discarded_at: row.get(14)?,
        handed_over_at: row.get(25)?,
        resend: scope.zip(reason),
        origin: origin_of(&row.get::<String>(17)?)?,
        release: release_at(row, 19)?,
    })
}

fn origin_of(word: &str) -> Result<Origin, DbError> {
    Origin::from_word(word).ok_or_else(|| DbError::Statement(format!("no origin is called {word}")))
}

fn stage_of(word: &str) -> Result<BroadcastStage, DbError> {
    BroadcastStage::from_word(word).ok_or_else(|| DbError::Statement(format!("no stage is called {word}")))
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
