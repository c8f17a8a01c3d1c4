//! Photos are erased: when their time is over, when nobody finished the application, when one is taken out of a draft.

use base::clock::Millis;
use base::id::{ApplicationId, OrgId, PhotoId};
use db::{Db, DbError, Tx, params};
use messaging::retention::HeldRecords;

use super::super::erase::{over, over_before};
use super::DROP_PARTS;
use crate::limits::PHOTOS_ERASED_AT_ONCE;

macro_rules! due {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM application_photos p JOIN applications a ON a.org_id = $1 AND a.application_id = p.application_id
            WHERE p.org_id = $1 AND p.added_at < $2 AND p.erased_at IS NULL AND ",
            over!(),
            $rest
        )
    };
}

db::statements! {
    HOW_MANY_DUE = due!("COUNT(*)", "");
    DUE = due!("p.photo_id, p.application_id, p.came_key", " ORDER BY p.added_at, p.photo_id LIMIT $5");
    OF_APPLICATION = "
        SELECT photo_id, came_key FROM application_photos
        WHERE org_id = $1 AND application_id = $2 AND erased_at IS NULL";
    DROP_BANDS = "DELETE FROM application_photo_bands WHERE org_id = $1 AND photo_id = $2";
    DROP_KEY = "
        DELETE FROM application_keys WHERE org_id = $1 AND key_index = $2 AND application_id = $3 AND kind = 4";
    /// What is counted stays: how many there were and when.
    ERASED = "
        UPDATE application_photos SET erased_at = $3, removed_at = COALESCE(removed_at, $3), print_sealed = NULL,
            came_key = 0, hints = '' WHERE org_id = $1 AND photo_id = $2";
    DROP_UPLOADS = "
        DELETE FROM application_upload_parts WHERE org_id = $1 AND upload_id IN (
            SELECT upload_id FROM application_uploads WHERE org_id = $1 AND application_id = $2)";
    DROP_UPLOAD_HEADS = "DELETE FROM application_uploads WHERE org_id = $1 AND application_id = $2";
}

/// How many pictures are older than this: of people who were told before it, or who took back or never finished their
/// application. Whoever still waits keeps theirs.
pub async fn due_photos(db: &Db, org: OrgId, before: Millis, held: &HeldRecords) -> Result<u64, DbError> {
    let row = db.query_opt(HOW_MANY_DUE, over_before(org, before, held)).await?;
    let many: i64 = row.map_or(Ok(0), |row| row.get(0))?;
    Ok(many.unsigned_abs())
}

/// Erases them. Says how many.
pub async fn erase_photos(db: &Db, org: OrgId, before: Millis, held: &HeldRecords) -> Result<u64, DbError> {
    let now = db.now();
    let due = [over_before(org, before, held), params![PHOTOS_ERASED_AT_ONCE]].concat();
    let mut erased = 0;
    loop {
        let due = due.clone();
        let step = db.write(move |tx| {
            let due = due.clone();
            Box::pin(async move {
                let due = tx.query(DUE, due).await?;
                for row in &due {
                    let one = (row.get(1)?, row.get(0)?);
                    erase_one(tx, org, one, Some(row.get(2)?), now).await?;
                }
                Ok(due.len())
            })
        });
        let many = step.await?;
        erased += many as u64;
        if many == 0 {
            return Ok(erased);
        }
    }
}

/// Everything of one picture but that it was there; `key`: by what its bytes were known, if nothing else needs that.
pub(super) async fn erase_one(
    tx: &mut Tx,
    org: OrgId,
    (application, id): (ApplicationId, PhotoId),
    key: Option<i64>,
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(DROP_PARTS, params![org, id]).await?;
    tx.execute(DROP_BANDS, params![org, id]).await?;
    if let Some(key) = key {
        tx.execute(DROP_KEY, params![org, key, application]).await?;
    }
    tx.execute(ERASED, params![org, id, now]).await.map(drop)
}

/// The pictures of an application that nobody finished, in the write that ends it.
pub(in crate::store) async fn erase_of(
    tx: &mut Tx,
    org: OrgId,
    application: ApplicationId,
    now: Millis,
) -> Result<(), DbError> {
    for row in &tx.query(OF_APPLICATION, params![org, application]).await? {
        erase_one(tx, org, (application, row.get(0)?), Some(row.get(1)?), now).await?;
    }
    tx.execute(DROP_UPLOADS, params![org, application]).await?;
    tx.execute(DROP_UPLOAD_HEADS, params![org, application])
        .await
        .map(drop)
}
