//! Statements of messages that take the place of called-back ones.

use base::clock::Millis;
use base::id::{MessageId, OrgId};
use db::{Db, DbError, Row, Tx, params};

use super::broadcasts::json;

db::statements! {
    ADD = "
        INSERT INTO message_replacements (org_id, message_id, replaced_by, at)
        SELECT $1, CAST(each.value ->> 0 AS {bigint}), CAST(each.value ->> 1 AS {bigint}), $2
        FROM {each $3} WHERE TRUE
        ON CONFLICT (org_id, message_id) DO NOTHING";
    // What stands for a message may have been called back itself.
    OF = "
        WITH RECURSIVE chain (asked, called_back, made, made_at) AS (
            SELECT r.message_id, r.message_id, r.replaced_by, r.at
            FROM {each $2} CROSS JOIN message_replacements r
            WHERE r.org_id = $1 AND r.message_id = CAST(each.value AS {bigint})
            UNION
            SELECT c.asked, r.message_id, r.replaced_by, r.at FROM chain c CROSS JOIN message_replacements r
            WHERE r.org_id = $1 AND r.message_id = c.made)
        SELECT asked, called_back, made, made_at FROM chain ORDER BY called_back, asked";
}

/// Keeps which message takes the place of which, in the write that makes the new ones.
pub(crate) async fn add(
    tx: &mut Tx,
    org: OrgId,
    pairs: &[(MessageId, MessageId)],
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(ADD, params![org, now, json(&pairs)]).await.map(drop)
}

/// A message that was called back, and the one for the right number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replacement {
    /// The message at the beginning, that was asked about.
    pub asked: MessageId,
    /// The message that was called back.
    pub old: MessageId,
    /// The one that stands for it.
    pub new: MessageId,
    /// When it was made, UTC milliseconds.
    pub at: Millis,
}

/// What stands for these messages, where something does, and what stands for that; the earlier first.
pub async fn replacements_of(
    db: &Db,
    org: OrgId,
    messages: &[MessageId],
) -> Result<Vec<Replacement>, DbError> {
    let rows = db.query(OF, params![org, json(&messages)]).await?;
    rows.iter().map(replacement).collect()
}

/// The same in a write that depends on it.
pub async fn replacements_in(
    tx: &mut Tx,
    org: OrgId,
    messages: &[MessageId],
) -> Result<Vec<Replacement>, DbError> {
    let rows = tx.query(OF, params![org, json(&messages)]).await?;
    rows.iter().map(replacement).collect()
}

fn replacement(row: &Row) -> Result<Replacement, DbError> {
    Ok(Replacement {
        asked: row.get(0)?,
        old: row.get(1)?,
        new: row.get(2)?,
        at: row.get(3)?,
    })
}
