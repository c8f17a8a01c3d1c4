//! What is kept of photos, and their bytes.

use std::collections::HashSet;

use base::clock::Millis;
use base::id::{ApplicationId, OrgId, PhotoId, StaffId};
use db::{Db, DbError, Row, params};
use photo::Hint;

use super::super::applications::word;
use super::{PART, off_the_path};
use crate::form::Key;

/// Bits of a part's number, and of its size before it, within the number that its bytes are bound to.
const PART_BITS: u32 = 8;
const SIZE_BITS: u32 = 2;

db::statements! {
    OF_APPLICATION = "
        SELECT photo_id, rule, width, height, hints, masked_at, masked_by, added_at, removed_at, print_sealed
        FROM application_photos WHERE org_id = $1 AND application_id = $2 AND erased_at IS NULL ORDER BY photo_id";
    HINTED = "
        SELECT DISTINCT application_id FROM application_photos
        WHERE org_id = $1 AND application_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})
            AND hints <> '' AND removed_at IS NULL";
    PARTS = "
        SELECT p.part_no, p.part_sealed FROM application_photos a
        JOIN application_photo_parts p ON p.org_id = $1 AND p.photo_id = a.photo_id
        WHERE a.org_id = $1 AND a.photo_id = $2 AND a.application_id = $3 AND p.size = $4 ORDER BY p.part_no";
}

/// That something on a picture was covered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Masked {
    /// When.
    pub at: Millis,
    /// By whom; nobody for the person, who did it before sending.
    pub by: Option<StaffId>,
}

/// A picture of an application, without its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PhotoRow {
    /// Its number.
    pub id: PhotoId,
    /// Which rule of the desk's document it follows.
    pub rule: Key,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// What may be wrong with it.
    pub hints: Vec<Hint>,
    /// What was covered.
    pub masked: Option<Masked>,
    /// When it was added.
    pub added_at: Millis,
    /// When another took its place.
    pub removed_at: Option<Millis>,
    /// Pictures of other applications that look nearly the same; only [`super::photos_of`] fills it.
    pub alike: Vec<super::AlikePhoto>,
    pub(super) print: Option<String>,
}

/// Which of the two that are kept of each picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhotoSize {
    /// The picture.
    Picture,
    /// A small one.
    Preview,
}

impl PhotoSize {
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Picture => 1,
            Self::Preview => 2,
        }
    }
}

/// One number for picture, size and part together, to which the bytes are bound.
pub(super) fn part_row(photo: PhotoId, size: PhotoSize, part: i64) -> i64 {
    (photo.get() << (PART_BITS + SIZE_BITS)) | (size.number() << PART_BITS) | part
}

/// The pictures of an application in the order in which they were added, also those that another took the place of.
pub async fn kept_photos(db: &Db, org: OrgId, id: ApplicationId) -> Result<Vec<PhotoRow>, DbError> {
    let rows = db.query(OF_APPLICATION, params![org, id]).await?;
    rows.iter().map(photo_of).collect()
}

/// Those of these applications that have a picture about which something is noticed.
pub async fn photos_hinted(
    db: &Db,
    org: OrgId,
    ids: &[ApplicationId],
) -> Result<HashSet<ApplicationId>, DbError> {
    let rows = db.query(HINTED, params![org, super::super::json(&ids)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

fn photo_of(row: &Row) -> Result<PhotoRow, DbError> {
    let hints: String = row.get(4)?;
    let masked: Option<Millis> = row.get(5)?;
    let by: Option<StaffId> = row.get(6)?;
    let pixels = |at| {
        row.get::<i64>(at)
            .and_then(|pixels| word(u32::try_from(pixels).ok()))
    };
    Ok(PhotoRow {
        id: row.get(0)?,
        rule: word(Key::parse(&row.get::<String>(1)?))?,
        width: pixels(2)?,
        height: pixels(3)?,
        hints: hints.split_whitespace().filter_map(Hint::from_code).collect(),
        masked: masked.map(|at| Masked { at, by }),
        added_at: row.get(7)?,
        removed_at: row.get(8)?,
        alike: Vec::new(),
        print: row.get(9)?,
    })
}

/// The bytes of a picture of this application, as JPEG; `None` if there is none, or none any more.
pub async fn photo_bytes(
    db: &Db,
    org: OrgId,
    (application, id): (ApplicationId, PhotoId),
    size: PhotoSize,
) -> Result<Option<Vec<u8>>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db
        .query(PARTS, params![org, id, application, size.number()])
        .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    off_the_path(move || {
        let mut bytes = Vec::new();
        for row in &rows {
            let part = part_row(id, size, row.get(0)?);
            bytes.extend(vault.open_bytes(PART, part, &row.get::<String>(1)?)?);
        }
        Ok(Some(bytes))
    })
    .await?
}
