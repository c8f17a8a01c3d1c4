//! Pictures of other applications that look nearly the same: a picture sent by a whole family, or by somebody who
//! sends one picture many times. Told to staff, and never in anybody's way.

use std::collections::BTreeMap;

use base::clock::DAY;
use base::id::{ApplicationId, OrgId, PhotoId};
use db::{Db, DbError, OrgVault, params};
use photo::Print;

use super::super::applications::word;
use super::{PRINT, PhotoRow, kept_photos};
use crate::limits::{NEAR_LOOKED_AT, TWIN_DAYS};

macro_rules! near {
    ($($band:literal $name:literal),*) => {
        concat!(
            "SELECT p.photo_id, p.application_id, p.print_sealed FROM (SELECT photo_id FROM (SELECT 0 AS photo_id) AS none
                WHERE photo_id > 0",
            $(
                " UNION SELECT photo_id FROM (SELECT photo_id FROM application_photo_bands
                    WHERE org_id = $1 AND band_index = ", $band, " ORDER BY photo_id DESC LIMIT $3) AS ", $name,
            )*
            ") AS near
            JOIN application_photos p ON p.org_id = $1 AND p.photo_id = near.photo_id
            JOIN applications a ON a.org_id = $1 AND a.application_id = p.application_id
            WHERE p.application_id <> $2 AND p.added_at >= $4 AND p.print_sealed IS NOT NULL
                AND a.state NOT IN ('draft', 'expired')
            ORDER BY p.photo_id DESC"
        )
    };
}

db::statements! {
    /// So many of each quarter, the newest: however many share one, it is bounded work.
    NEAR = near!("$5" "first", "$6" "second", "$7" "third", "$8" "fourth");
}

/// A picture of another application that looks nearly the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AlikePhoto {
    /// Of which application.
    pub application: ApplicationId,
    /// Its number.
    pub photo: PhotoId,
    /// In how many bits of 64 they differ; at most [`Print::NEAR`].
    pub distance: u32,
}

/// The pictures of an application for whoever judges it, in the order in which they were added, each with those of
/// other applications of the last weeks that look nearly the same, the newest first. Pictures that another took the
/// place of are among them (`removed_at`). Bytes are served by `/applications/{id}/photos/{photo}/image` and `/preview`.
pub async fn photos_of(db: &Db, org: OrgId, application: ApplicationId) -> Result<Vec<PhotoRow>, DbError> {
    let vault = db.vault(org).await?;
    let mut photos = kept_photos(db, org, application).await?;
    for photo in &mut photos {
        if let Some(sealed) = &photo.print {
            let print = open(&vault, photo.id, sealed)?;
            photo.alike = alike(db, (org, &vault), application, print).await?;
        }
    }
    Ok(photos)
}

async fn alike(
    db: &Db,
    (org, vault): (OrgId, &OrgVault),
    application: ApplicationId,
    print: Print,
) -> Result<Vec<AlikePhoto>, DbError> {
    let mut given = params![org, application, NEAR_LOOKED_AT, db.now() - TWIN_DAYS * DAY];
    given.extend(bands(vault, print).into_iter().map(db::Value::from));
    // One of each application is enough: the one that looks most alike.
    let mut found: BTreeMap<ApplicationId, AlikePhoto> = BTreeMap::new();
    for row in &db.query(NEAR, given).await? {
        let (photo, application): (PhotoId, ApplicationId) = (row.get(0)?, row.get(1)?);
        let distance = print.distance(open(vault, photo, &row.get::<String>(2)?)?);
        if distance > Print::NEAR {
            continue;
        }
        let one = AlikePhoto {
            application,
            photo,
            distance,
        };
        let known = found.entry(application).or_insert(one);
        if distance < known.distance {
            *known = one;
        }
    }
    Ok(found.into_values().rev().collect())
}

fn open(vault: &OrgVault, id: PhotoId, sealed: &str) -> Result<Print, DbError> {
    let bits = vault.open(PRINT, id.get(), sealed)?;
    word(bits.parse().ok().map(Print::from_bits))
}

/// The quarters of a print as the table has them.
pub(super) fn bands(vault: &OrgVault, print: Print) -> Vec<i64> {
    let bands = print.bands().into_iter();
    bands
        .map(|band| vault.index_number("application photo band", &[&band.to_be_bytes()]))
        .collect()
}
