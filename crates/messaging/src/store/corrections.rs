//! Calling back what waits for a number that turned out to be wrong.

use base::clock::Millis;
use base::id::{BroadcastId, ListId, MessageId, OfficeId, OrgId, TemplateId};
use base::segment::Segmentation;
use db::{DbError, OrgVault, Tx, params};

use super::broadcasts::{json, state_of};
use super::discarded::distinct;
use crate::broadcast::{FILE_NAME, Lane, TEXT};
use crate::message::{Event, MessageState};

db::statements! {
    // See LOCK_QUEUED of discarded broadcasts. An answer that is being recorded is waited for as well.
    LOCK_PARTS = "
        SELECT p.message_id FROM parts p
        WHERE p.org_id = $1 AND p.state IN (70, 80)
            AND p.message_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})
        ORDER BY p.message_id, p.part_no {locked p}";
    CALL_BACK = "
        UPDATE parts SET state = $3, changed_at = $4
        WHERE org_id = $1 AND state = 70
            AND message_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})
            AND NOT EXISTS (SELECT 1 FROM parts o WHERE o.org_id = parts.org_id
                AND o.message_id = parts.message_id AND o.state <> 70)
        RETURNING message_id";
    RECALL = "
        UPDATE messages SET recalled_at = $3
        WHERE org_id = $1 AND message_id IN (
            SELECT p.message_id FROM {each $2} CROSS JOIN parts p
            WHERE p.org_id = $1 AND p.message_id = CAST(each.value AS {bigint}) AND p.state = 80)";
    WAITING = "
        SELECT p.message_id FROM {each $2} CROSS JOIN parts p
        WHERE p.org_id = $1 AND p.message_id = CAST(each.value AS {bigint}) AND p.state IN (65, 70, 80) LIMIT 1";
    FROZEN = "
        SELECT m.message_id, m.broadcast_id, m.line, m.text_sealed,
            (SELECT MAX(p.state) FROM parts p WHERE p.org_id = m.org_id AND p.message_id = m.message_id)
        FROM {each $1} CROSS JOIN messages m
        WHERE m.org_id = CAST(each.value ->> 0 AS {bigint})
            AND m.message_id = CAST(each.value ->> 1 AS {bigint})";
    SETTINGS = "
        SELECT office_id, list_id, template_id, template_version, file_name_sealed, lane, sender, segmentation,
            last_message_id, created_at
        FROM broadcasts WHERE org_id = $1 AND broadcast_id = $2";
}

/// Cancels those of the messages of which nothing has left, and says which they are. Whoever hands messages over at
/// the same time either has one of them before, and it stays, or never gets it. One that is being handed over is
/// recalled: if the carrier does not take it, it does not leave again.
pub(crate) async fn call_back(
    tx: &mut Tx,
    org: OrgId,
    messages: &[MessageId],
    now: Millis,
) -> Result<Vec<MessageId>, DbError> {
    let wanted = json(&messages);
    tx.query(LOCK_PARTS, params![org, wanted.as_str()]).await?;
    let cancelled = MessageState::Queued
        .on(Event::Discarded)
        .unwrap_or(MessageState::Queued);
    let cancel = params![org, wanted.as_str(), cancelled.code(), now];
    let cancelled = distinct(&tx.query(CALL_BACK, cancel).await?)?;
    tx.execute(RECALL, params![org, wanted, now]).await?;
    Ok(cancelled)
}

/// Whether something of these messages has not left yet.
pub(crate) async fn any_waits(tx: &mut Tx, org: OrgId, messages: &[MessageId]) -> Result<bool, DbError> {
    let row = tx.query_opt(WAITING, params![org, json(&messages)]).await?;
    Ok(row.is_some())
}

/// What was frozen when a message was made, and where it stands now.
pub(crate) struct Frozen {
    pub(crate) message: MessageId,
    pub(crate) broadcast: BroadcastId,
    pub(crate) line: u32,
    pub(crate) text: String,
    pub(crate) state: MessageState,
}

/// The messages by their numbers, in no order.
pub(crate) async fn frozen(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    messages: &[MessageId],
) -> Result<Vec<Frozen>, DbError> {
    let wanted: Vec<(i64, i64)> = messages.iter().map(|id| (org.get(), id.get())).collect();
    let rows = tx.query(FROZEN, params![json(&wanted)]).await?;
    rows.iter()
        .map(|row| {
            let message: MessageId = row.get(0)?;
            Ok(Frozen {
                message,
                broadcast: row.get(1)?,
                line: row.get(2)?,
                text: vault.open(TEXT, message.get(), &row.get::<String>(3)?)?,
                state: state_of(row, 4)?,
            })
        })
        .collect()
}

/// How a broadcast is sent: what one that takes its place has from it.
pub(crate) struct Settings {
    pub(crate) office: OfficeId,
    pub(crate) list: Option<ListId>,
    pub(crate) template: Option<(TemplateId, i64)>,
    pub(crate) file_name: String,
    pub(crate) lane: Lane,
    pub(crate) sender: String,
    pub(crate) segmentation: Segmentation,
    pub(crate) last_message: MessageId,
    pub(crate) created_at: Millis,
}

pub(crate) async fn settings(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: BroadcastId,
) -> Result<Settings, DbError> {
    let unknown = |what: &str| DbError::Statement(format!("a broadcast with no known {what}"));
    let row = tx.query_opt(SETTINGS, params![org, id]).await?;
    let row = row.ok_or_else(|| unknown("number"))?;
    let template: Option<TemplateId> = row.get(2)?;
    Ok(Settings {
        office: row.get(0)?,
        list: row.get(1)?,
        template: template.zip(row.get(3)?),
        file_name: vault.open(FILE_NAME, id.get(), &row.get::<String>(4)?)?,
        lane: Lane::from_code(row.get(5)?).ok_or_else(|| unknown("lane"))?,
        sender: row.get(6)?,
        segmentation: Segmentation::from_word(&row.get::<String>(7)?)
            .ok_or_else(|| unknown("segmentation"))?,
        last_message: row.get(8)?,
        created_at: row.get(9)?,
    })
}
