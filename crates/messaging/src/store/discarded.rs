//! The end of what is queued of discarded broadcasts.

use base::clock::Millis;
use base::id::{BroadcastId, MessageId, OrgId};
use db::{DbError, Row, Tx, params};
use lists::contacts;

use super::allowances::give_back;
use super::outbox::mark_handed_over;
use crate::message::{Event, MessageState};

db::statements! {
    DISCARDED_OPEN = "
        SELECT org_id, broadcast_id, first_message_id, last_message_id FROM broadcasts
        WHERE handed_over_at IS NULL AND discarded_at IS NOT NULL";
    // A worker that is claiming one part of a message must be done before anybody says that nothing of it left.
    LOCK_QUEUED = "
        SELECT p.message_id FROM parts p
        WHERE +p.org_id = $1 AND p.broadcast_id = $2 AND p.state = 70
        ORDER BY p.message_id, p.part_no {locked p}";
    CANCEL_WHOLE = "
        UPDATE parts SET state = $3, changed_at = $4
        WHERE +org_id = $1 AND broadcast_id = $2 AND state = 70
            AND NOT EXISTS (SELECT 1 FROM parts o WHERE o.org_id = parts.org_id
                AND o.message_id = parts.message_id AND o.state <> 70)
        RETURNING message_id";
    ABANDON_REST = "
        UPDATE parts SET state = $3, changed_at = $4
        WHERE +org_id = $1 AND broadcast_id = $2 AND state = 70";
    WAITING = "
        SELECT COUNT(*) FROM parts WHERE org_id = $1 AND message_id BETWEEN $2 AND $3 AND state IN (70, 80)";
}

/// Ends what is queued of discarded broadcasts, also what came back to the queue afterwards. A message of which
/// nothing left is cancelled, and was no contact; of one of which a part left, the rest is given up.
pub(crate) async fn close_discarded(tx: &mut Tx, now: Millis) -> Result<(), DbError> {
    let after = |event| MessageState::Queued.on(event).unwrap_or(MessageState::Queued);
    let (cancelled, abandoned) = (after(Event::Discarded), after(Event::Abandoned));
    for row in tx.query(DISCARDED_OPEN, params![]).await? {
        let (org, id): (OrgId, BroadcastId) = (row.get(0)?, row.get(1)?);
        let (first, last): (MessageId, MessageId) = (row.get(2)?, row.get(3)?);
        tx.query(LOCK_QUEUED, params![org, id]).await?;
        let params = params![org, id, cancelled.code(), now];
        let messages = distinct(&tx.query(CANCEL_WHOLE, params).await?)?;
        contacts::withdraw(tx, org, &messages).await?;
        tx.execute(ABANDON_REST, params![org, id, abandoned.code(), now])
            .await?;
        give_back(tx, org, &[id]).await?;
        let waiting = tx.query_opt(WAITING, params![org, first, last]).await?;
        if waiting.is_some_and(|row| row.get::<i64>(0).is_ok_and(|count| count == 0)) {
            mark_handed_over(tx, org, id, now).await?;
        }
    }
    Ok(())
}

/// The messages of these parts, each once.
pub(super) fn distinct(parts: &[Row]) -> Result<Vec<MessageId>, DbError> {
    let mut messages: Vec<MessageId> = parts.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    messages.sort_unstable();
    messages.dedup();
    Ok(messages)
}
