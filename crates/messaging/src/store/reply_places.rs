//! Statements by which a reply comes to the office that looks after its person, wherever the message came from. Who that
//! is, another slice says: messages know no cases.

use std::sync::Arc;

use base::id::{MessageId, OfficeId, OrgId, ReplyId};
use db::{Db, DbError, Tx, params};

use super::broadcasts::json;

db::statements! {
    UNPLACED = "
        SELECT reply_id, message_id FROM replies WHERE org_id = $1 AND is_placed = 0 ORDER BY reply_id LIMIT $2";
    PLACE = "
        UPDATE replies SET is_placed = 1, office_id = COALESCE(CAST($3 AS {bigint}), office_id)
        WHERE org_id = $1 AND reply_id = $2";
    MOVE = "
        UPDATE replies SET office_id = $3
        WHERE +org_id = $1 AND message_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
}

/// Replies of which nobody has said yet whose they are, the oldest first, with the message that each answers.
pub async fn unplaced_replies(
    db: &Db,
    org: OrgId,
    most: u32,
) -> Result<Vec<(ReplyId, Option<MessageId>)>, DbError> {
    let rows = db.query(UNPLACED, params![org, i64::from(most)]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Gives each reply to an office; `None` leaves it where the message came from.
pub async fn place_replies(
    db: &Db,
    org: OrgId,
    places: Vec<(ReplyId, Option<OfficeId>)>,
) -> Result<(), DbError> {
    let places = Arc::new(places);
    db.write(move |tx| {
        let places = Arc::clone(&places);
        Box::pin(async move {
            for (reply, office) in places.iter() {
                tx.execute(PLACE, params![org, *reply, *office]).await?;
            }
            Ok(())
        })
    })
    .await
}

/// What came back to these messages is another office's from now on, inside of the write that hands their person over.
pub async fn move_replies(
    tx: &mut Tx,
    org: OrgId,
    messages: &[MessageId],
    to: OfficeId,
) -> Result<(), DbError> {
    tx.execute(MOVE, params![org, json(&messages), to])
        .await
        .map(drop)
}
