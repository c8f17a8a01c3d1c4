//! Pictures that are under way: part by part over a poor line, so that a break costs one part and nothing that was
//! typed. The browser says by what it knows its picture again, and goes on where it stopped.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{ApplicationId, OrgId, PhotoUploadId};
use db::{Db, DbError, Field, Tx, params};

use super::applications::word;
use super::photos::off_the_path;
use crate::form::Key;
use crate::limits::{UPLOAD_KEPT, UPLOAD_PART, UPLOADS_AT_ONCE};

const PART: Field = Field("application_upload_parts.part");

/// Bits of a part's number within the number that its bytes are bound to.
const PART_BITS: u32 = 8;

db::statements! {
    ADD = "
        INSERT INTO application_uploads (org_id, upload_id, application_id, rule, mark_index, bytes, masked, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    OF_APPLICATION = "
        SELECT upload_id, rule, mark_index, bytes, masked FROM application_uploads
        WHERE org_id = $1 AND application_id = $2 AND expires_at > $3 ORDER BY upload_id";
    ONE = "
        SELECT rule, bytes, masked FROM application_uploads
        WHERE org_id = $1 AND upload_id = $2 AND application_id = $3 AND expires_at > $4 {locked application_uploads}";
    ARRIVED = "SELECT part_no FROM application_upload_parts WHERE org_id = $1 AND upload_id = $2 ORDER BY part_no";
    ADD_PART = "
        INSERT INTO application_upload_parts (org_id, upload_id, part_no, part_sealed) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, upload_id, part_no) DO NOTHING";
    HEAD = "
        SELECT rule, bytes, masked FROM application_uploads
        WHERE org_id = $1 AND upload_id = $2 AND application_id = $3 AND expires_at > $4";
    PARTS = "
        SELECT part_no, part_sealed FROM application_upload_parts WHERE org_id = $1 AND upload_id = $2 ORDER BY part_no";
    DROP_PARTS = "DELETE FROM application_upload_parts WHERE org_id = $1 AND upload_id = $2";
    DROP = "DELETE FROM application_uploads WHERE org_id = $1 AND upload_id = $2";
    OVER = "SELECT upload_id FROM application_uploads WHERE org_id = $1 AND expires_at <= $2 LIMIT 1";
    DROP_PARTS_OVER = "
        DELETE FROM application_upload_parts WHERE org_id = $1
            AND upload_id IN (SELECT upload_id FROM application_uploads WHERE org_id = $1 AND expires_at <= $2)";
    DROP_OVER = "DELETE FROM application_uploads WHERE org_id = $1 AND expires_at <= $2";
}

/// A picture that is about to come.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// Which rule of the desk's document it follows.
    pub rule: Key,
    /// By what the browser knows it again: letters that say nothing of it to us.
    pub mark: String,
    /// How long it is.
    pub bytes: usize,
    /// The person covered something.
    pub masked: bool,
}

/// A picture that is under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhotoUpload {
    /// Its number.
    pub id: PhotoUploadId,
    /// The parts that arrived, from 0.
    pub arrived: Vec<usize>,
}

/// A picture of which every part arrived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrived {
    /// Which rule of the desk's document it follows.
    pub rule: Key,
    /// The person covered something.
    pub masked: bool,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// In how many parts a picture of so many bytes comes.
pub const fn upload_parts(bytes: usize) -> usize {
    bytes.div_ceil(UPLOAD_PART)
}

/// Waits for a picture, or goes on waiting for the one that the browser began before. A third one of an application
/// takes the place of the oldest; what is over goes with it.
pub async fn begin_upload(
    db: &Db,
    org: OrgId,
    application: ApplicationId,
    new: NewUpload,
) -> Result<PhotoUpload, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let number = application.get().to_be_bytes();
    let mark = vault.index("application upload", &[&number, new.mark.as_bytes()]);
    let new = Arc::new((new, mark));
    db.write(move |tx| {
        let new = Arc::clone(&new);
        Box::pin(async move {
            let (new, mark) = new.as_ref();
            drop_over(tx, org, now).await?;
            let known = tx.query(OF_APPLICATION, params![org, application, now]).await?;
            for row in &known {
                let same = row.get::<String>(1)? == new.rule.as_str()
                    && row.get::<String>(2)? == *mark
                    && usize::try_from(row.get::<i64>(3)?) == Ok(new.bytes)
                    && row.get::<bool>(4)? == new.masked;
                if same {
                    let id = row.get(0)?;
                    return Ok(PhotoUpload {
                        id,
                        arrived: arrived(tx, org, id).await?,
                    });
                }
            }
            let surplus = (known.len() + 1).saturating_sub(UPLOADS_AT_ONCE);
            for row in known.iter().take(surplus) {
                drop_one(tx, org, row.get(0)?).await?;
            }
            let id = PhotoUploadId::new(tx.take_numbers("application_uploads", 1).await?);
            let bytes = i64::try_from(new.bytes).unwrap_or(i64::MAX);
            let row = params![
                org,
                id,
                application,
                new.rule.as_str(),
                mark.as_str(),
                bytes,
                new.masked,
                now + UPLOAD_KEPT
            ];
            tx.execute(ADD, row).await?;
            Ok(PhotoUpload {
                id,
                arrived: Vec::new(),
            })
        })
    })
    .await
}

async fn arrived(tx: &mut Tx, org: OrgId, id: PhotoUploadId) -> Result<Vec<usize>, DbError> {
    let rows = tx.query(ARRIVED, params![org, id]).await?;
    rows.iter()
        .map(|row| word(usize::try_from(row.get::<i64>(0)?).ok()))
        .collect()
}

/// Keeps one part; the same part once more changes nothing. Says whether it belongs there.
pub async fn keep_part(
    db: &Db,
    org: OrgId,
    (application, id): (ApplicationId, PhotoUploadId),
    (number, part): (usize, Vec<u8>),
) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let place = i64::try_from(number).unwrap_or(i64::MAX);
    let length = part.len();
    let sealed = off_the_path(move || vault.seal_bytes(PART, part_row(id, place), &part)).await?;
    let sealed = Arc::new(sealed);
    db.write(move |tx| {
        let sealed = Arc::clone(&sealed);
        Box::pin(async move {
            let Some(row) = tx.query_opt(ONE, params![org, id, application, now]).await? else {
                return Ok(false);
            };
            let bytes = word(usize::try_from(row.get::<i64>(1)?).ok())?;
            if length == 0
                || length
                    != bytes
                        .saturating_sub(number.saturating_mul(UPLOAD_PART))
                        .min(UPLOAD_PART)
            {
                return Ok(false);
            }
            tx.execute(ADD_PART, params![org, id, place, sealed.as_str()])
                .await?;
            Ok(true)
        })
    })
    .await
}

/// How long a picture is of which parts arrive.
pub async fn upload_bytes(
    db: &Db,
    org: OrgId,
    (application, id): (ApplicationId, PhotoUploadId),
) -> Result<Option<usize>, DbError> {
    let row = db
        .query_opt(HEAD, params![org, id, application, db.now()])
        .await?;
    row.map(|row| word(usize::try_from(row.get::<i64>(1)?).ok()))
        .transpose()
}

/// The picture, if every part is there.
pub async fn arrived_whole(
    db: &Db,
    org: OrgId,
    (application, id): (ApplicationId, PhotoUploadId),
) -> Result<Option<Arrived>, DbError> {
    let vault = db.vault(org).await?;
    let head = db
        .query_opt(HEAD, params![org, id, application, db.now()])
        .await?;
    let Some(head) = head else {
        return Ok(None);
    };
    let length = word(usize::try_from(head.get::<i64>(1)?).ok())?;
    let (rule, masked) = (word(Key::parse(&head.get::<String>(0)?))?, head.get(2)?);
    let rows = db.query(PARTS, params![org, id]).await?;
    if rows.len() != upload_parts(length) {
        return Ok(None);
    }
    let bytes = off_the_path(move || {
        let mut bytes = Vec::with_capacity(length);
        for row in &rows {
            let part = part_row(id, row.get(0)?);
            bytes.extend(vault.open_bytes(PART, part, &row.get::<String>(1)?)?);
        }
        Ok::<_, DbError>(bytes)
    })
    .await??;
    Ok((bytes.len() == length).then_some(Arrived { rule, masked, bytes }))
}

/// Lets go of a picture that is under way: it is kept, or it is none.
pub async fn end_upload(
    db: &Db,
    org: OrgId,
    (application, id): (ApplicationId, PhotoUploadId),
) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            if tx
                .query_opt(ONE, params![org, id, application, now])
                .await?
                .is_some()
            {
                drop_one(tx, org, id).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Lets go of those that nobody waits for any more.
pub async fn end_overdue_uploads(db: &Db, org: OrgId) -> Result<(), DbError> {
    let now = db.now();
    if db.query_opt(OVER, params![org, now]).await?.is_none() {
        return Ok(());
    }
    db.write(move |tx| Box::pin(drop_over(tx, org, now))).await
}

async fn drop_over(tx: &mut Tx, org: OrgId, now: Millis) -> Result<(), DbError> {
    tx.execute(DROP_PARTS_OVER, params![org, now]).await?;
    tx.execute(DROP_OVER, params![org, now]).await.map(drop)
}

async fn drop_one(tx: &mut Tx, org: OrgId, id: PhotoUploadId) -> Result<(), DbError> {
    tx.execute(DROP_PARTS, params![org, id]).await?;
    tx.execute(DROP, params![org, id]).await.map(drop)
}

/// One number for picture and part together, to which the bytes are bound.
fn part_row(upload: PhotoUploadId, part: i64) -> i64 {
    (upload.get() << PART_BITS) | part
}
