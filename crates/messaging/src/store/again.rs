//! Statements of lost messages that are sent once more.

use base::clock::Millis;
use base::id::{BroadcastId, MessageId, OrgId};
use base::phone::PhoneNumber;
use db::vault::ERASED;
use db::{DbError, OrgVault, Tx, params};
use lists::contacts::{PersonKeys, Purpose, of_messages};

use super::broadcasts::{json, state_of};
use super::open_phone;
use crate::broadcast::TEXT;
use crate::message::MessageState;
use crate::stage::BroadcastStage;

db::statements! {
    LOST = "
        SELECT m.message_id, m.broadcast_id, m.phone_sealed, m.text_sealed,
            (SELECT MAX(p.state) FROM parts p WHERE p.org_id = m.org_id AND p.message_id = m.message_id),
            b.sender, b.simulated, b.stage, b.template_id, b.template_version,
            (SELECT MAX(p.changed_at) FROM parts p WHERE p.org_id = m.org_id AND p.message_id = m.message_id)
        FROM {each $2} CROSS JOIN messages m
        JOIN broadcasts b ON b.org_id = m.org_id AND b.broadcast_id = m.broadcast_id
        WHERE m.org_id = $1 AND m.message_id = CAST(each.value AS {bigint}) AND b.stage <> 'test'
            AND m.phone_sealed <> $3
            AND NOT EXISTS (SELECT 1 FROM messages n CROSS JOIN parts q
                WHERE +n.org_id = m.org_id AND n.fingerprint = m.fingerprint AND n.message_id > m.message_id
                    AND q.org_id = n.org_id AND q.message_id = n.message_id AND q.state <> 30)
        ORDER BY m.message_id";
}

/// What is needed to send it once more.
#[derive(Clone)]
pub(crate) struct Lost {
    pub(crate) message: MessageId,
    pub(crate) broadcast: BroadcastId,
    pub(crate) to: PhoneNumber,
    pub(crate) text: String,
    pub(crate) state: MessageState,
    /// When something was last told of it.
    pub(crate) changed_at: Millis,
    pub(crate) sender: String,
    pub(crate) simulated: bool,
    pub(crate) stage: BroadcastStage,
    pub(crate) template: Option<(i64, i64)>,
    pub(crate) purpose: Purpose,
    pub(crate) keys: PersonKeys,
}

/// These messages, where they are still kept and were not sent once more since. What an exercise was for the history does not know: it is a notice.
pub(crate) async fn lost(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    messages: &[MessageId],
) -> Result<Vec<Lost>, DbError> {
    let contacts = of_messages(tx, org, messages).await?;
    let rows = tx.query(LOST, params![org, json(&messages), ERASED]).await?;
    rows.iter()
        .map(|row| {
            let message: MessageId = row.get(0)?;
            let contact = contacts.get(&message);
            let stage: String = row.get(7)?;
            Ok(Lost {
                message,
                broadcast: row.get(1)?,
                to: open_phone(vault, message, &row.get::<String>(2)?)?,
                text: vault.open(TEXT, message.get(), &row.get::<String>(3)?)?,
                state: state_of(row, 4)?,
                changed_at: row.get(10)?,
                sender: row.get(5)?,
                simulated: row.get(6)?,
                stage: BroadcastStage::from_word(&stage)
                    .ok_or_else(|| DbError::Statement(format!("no stage is called {stage}")))?,
                template: row.get::<Option<i64>>(8)?.zip(row.get(9)?),
                purpose: contact.map_or(Purpose::Notice, |one| one.purpose),
                keys: contact.map(|one| one.keys).unwrap_or_default(),
            })
        })
        .collect()
}
