//! Photos of applications: taken in, taken away, given out, and what they have in common with others.
//!
//! Only pictures that this program made itself are kept (`photo`), sealed, in parts so that no value is large. Before
//! an application is sent, a picture that is taken away is gone. Afterwards somebody may have judged by it: it stays
//! beside its successor until both are erased.

mod alike;
pub(super) mod erase;
mod kept;

use std::sync::Arc;

use base::clock::{Millis, japan_midnight};
use base::id::{ApplicationId, OrgId, PhotoId, StaffId};
use db::{Db, DbError, Field, OrgVault, Tx, params};
use photo::Picture;

use super::applications::{NewEvent, add_event, hold};
use super::twins;
use crate::application::{Application, Change, State, applicant};
use crate::document::{Again, DeskDocument, Outcome, PhotoRule};
use crate::form::Key;
use crate::limits::{PHOTO_DAY_BYTES, PHOTO_TRIES};

pub use self::alike::{AlikePhoto, photos_of};
pub use self::erase::{due_photos, erase_photos};
pub use self::kept::{Masked, PhotoRow, PhotoSize, kept_photos, photo_bytes, photos_hinted};

const PRINT: Field = Field("application_photos.print");
const PART: Field = Field("application_photo_parts.part");

/// Bytes of one part, as list files have it.
const PART_BYTES: usize = 512 * 1024;

db::statements! {
    ADD = "
        INSERT INTO application_photos (org_id, photo_id, application_id, rule, width, height, bytes, came_key,
            print_sealed, hints, masked_at, added_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    ADD_PART = "
        INSERT INTO application_photo_parts (org_id, photo_id, size, part_no, part_sealed) VALUES ($1, $2, $3, $4, $5)";
    ADD_BAND = "
        INSERT INTO application_photo_bands (org_id, band_index, photo_id) VALUES ($1, $2, $3)
        ON CONFLICT (org_id, band_index, photo_id) DO NOTHING";
    /// Of one application, in a write that holds it.
    STANDING = "
        SELECT photo_id, rule, came_key, added_at FROM application_photos
        WHERE org_id = $1 AND application_id = $2 AND removed_at IS NULL AND erased_at IS NULL ORDER BY photo_id";
    TRIED = "SELECT COUNT(*) FROM application_photos WHERE org_id = $1 AND application_id = $2";
    DAY = "SELECT bytes FROM application_photo_days WHERE org_id = $1 AND day = $2";
    COUNT_DAY = "
        INSERT INTO application_photo_days (org_id, day, photos, bytes) VALUES ($1, $2, 1, $3)
        ON CONFLICT (org_id, day) DO UPDATE SET photos = application_photo_days.photos + 1,
            bytes = application_photo_days.bytes + excluded.bytes";
    REMOVE = "
        UPDATE application_photos SET removed_at = $3 WHERE org_id = $1 AND photo_id = $2";
    MASK = "
        UPDATE application_photos SET masked_at = $3, masked_by = $4, bytes = $5, width = $6, height = $7
        WHERE org_id = $1 AND photo_id = $2";
    DROP_PARTS = "DELETE FROM application_photo_parts WHERE org_id = $1 AND photo_id = $2";
}

/// Every statement of photos.
pub(super) fn all() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    ALL.iter().chain(alike::ALL).chain(erase::ALL).chain(kept::ALL)
}

/// A picture about to be added to an application.
pub struct NewPhoto {
    /// Which rule of the desk's document it follows.
    pub rule: Key,
    /// The picture.
    pub picture: Picture,
    /// Whose place it takes: gone in the same commit.
    pub replaces: Option<PhotoId>,
    /// The person covered something before it was sent.
    pub masked: bool,
}

/// What became of a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PhotoAdded {
    /// It was added.
    Added(PhotoId),
    /// The very same was there already: an answer that was lost on its way, or somebody who chose it twice.
    Already(PhotoId),
    /// There are as many as the rule lets.
    Enough,
    /// So many were tried with this application that no more are taken.
    TooOften,
    /// The organisation takes no more today.
    DayFull,
    /// The application stands where this picture is not asked for.
    Otherwise,
}

/// The rules whose pictures may be changed as an application stands: all of a draft, and what is asked again.
pub fn photos_asked<'d>(found: &Application, document: &'d DeskDocument) -> Vec<&'d PhotoRule> {
    let rules = document.document().photos.iter();
    if found.state == State::Draft {
        return rules.collect();
    }
    let again = again(found, document);
    rules
        .filter(|rule| again.contains(&Again::Photo(rule.key.clone())))
        .collect()
}

/// What is asked again of the person.
fn again<'d>(found: &Application, document: &'d DeskDocument) -> &'d [Again] {
    if found.state.after(Change::Submit).is_none() {
        return &[];
    }
    let sent_back = found.sent_back.clone().map(Outcome::SentBack);
    let asked = match found.state {
        State::SentBack => sent_back.as_ref(),
        _ => found.told.as_ref(),
    };
    asked.map_or(&[], |outcome| document.asked_again(outcome))
}

/// Adds a picture to an application.
pub async fn add_photo(
    db: &Db,
    org: OrgId,
    application: ApplicationId,
    document: &DeskDocument,
    new: NewPhoto,
) -> Result<PhotoAdded, DbError> {
    let id = db
        .write(|tx| Box::pin(tx.take_numbers("application_photos", 1)))
        .await
        .map(PhotoId::new)?;
    let (vault, now) = (db.vault(org).await?, db.now());
    let sealing = vault.clone();
    let sealed = off_the_path(move || Sealed::of(&sealing, id, new)).await?;
    let adding = Arc::new((sealed, document.clone()));
    db.write(move |tx| {
        let (vault, adding) = (vault.clone(), Arc::clone(&adding));
        Box::pin(async move {
            let (sealed, document) = adding.as_ref();
            let Some(found) = hold(tx, org, &vault, application).await? else {
                return Ok(PhotoAdded::Otherwise);
            };
            let standing = standing(tx, org, application).await?;
            if let Some(instead) = refused(tx, org, (&found, &standing), document, sealed, now).await? {
                return Ok(instead);
            }
            if let Some(old) = sealed.replaced(&standing) {
                take_away(tx, org, &found, (old, &standing), now).await?;
            }
            sealed.keep(tx, org, application, now).await?;
            twins::add_photo_key(tx, org, application, sealed.came_key).await?;
            Ok(PhotoAdded::Added(id))
        })
    })
    .await
}

async fn refused(
    tx: &mut Tx,
    org: OrgId,
    (found, standing): (&Application, &[Standing]),
    document: &DeskDocument,
    sealed: &Sealed,
    now: Millis,
) -> Result<Option<PhotoAdded>, DbError> {
    let asked = photos_asked(found, document);
    let Some(rule) = asked.into_iter().find(|rule| rule.key == sealed.new.rule) else {
        return Ok(Some(PhotoAdded::Otherwise));
    };
    let of_rule = || standing.iter().filter(|one| one.rule == rule.key.as_str());
    if let Some(same) = of_rule().find(|one| one.came_key == sealed.came_key) {
        return Ok(Some(PhotoAdded::Already(same.id)));
    }
    let replaced = usize::from(sealed.replaced(standing).is_some());
    if of_rule().count() - replaced >= usize::from(rule.most) {
        return Ok(Some(PhotoAdded::Enough));
    }
    if number(tx, TRIED, params![org, found.id]).await? >= PHOTO_TRIES {
        return Ok(Some(PhotoAdded::TooOften));
    }
    let today = number(tx, DAY, params![org, japan_midnight(now)]).await?;
    Ok((today + sealed.bytes > PHOTO_DAY_BYTES).then_some(PhotoAdded::DayFull))
}

async fn number(tx: &mut Tx, sql: db::Sql, given: Vec<db::Value>) -> Result<i64, DbError> {
    let row = tx.query_opt(sql, given).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// A picture that stands.
pub(super) struct Standing {
    id: PhotoId,
    rule: String,
    came_key: i64,
    added_at: Millis,
}

async fn standing(tx: &mut Tx, org: OrgId, id: ApplicationId) -> Result<Vec<Standing>, DbError> {
    let rows = tx.query(STANDING, params![org, id]).await?;
    rows.iter()
        .map(|row| {
            Ok(Standing {
                id: row.get(0)?,
                rule: row.get(1)?,
                came_key: row.get(2)?,
                added_at: row.get(3)?,
            })
        })
        .collect()
}

/// The rules that are not fulfilled: too few pictures, or none since they were asked for again.
pub async fn photos_missing(
    db: &Db,
    org: OrgId,
    found: &Application,
    document: &DeskDocument,
) -> Result<Vec<Key>, DbError> {
    let kept = kept_photos(db, org, found.id).await?;
    let kept = kept.into_iter().filter(|one| one.removed_at.is_none());
    let rows: Vec<(String, Millis)> = kept
        .map(|one| (one.rule.as_str().to_owned(), one.added_at))
        .collect();
    Ok(missing(found, document, &rows))
}

/// The same inside of the write that sends the application.
pub(super) async fn are_complete(
    tx: &mut Tx,
    org: OrgId,
    found: &Application,
    document: &DeskDocument,
) -> Result<bool, DbError> {
    let rows = standing(tx, org, found.id).await?;
    let rows: Vec<_> = rows.into_iter().map(|one| (one.rule, one.added_at)).collect();
    Ok(missing(found, document, &rows).is_empty())
}

fn missing(found: &Application, document: &DeskDocument, rows: &[(String, Millis)]) -> Vec<Key> {
    let again = again(found, document);
    let lacks = |rule: &&PhotoRule| {
        let of_rule = || rows.iter().filter(|(key, _)| key == rule.key.as_str());
        let asked_again = rule.least > 0 && again.contains(&Again::Photo(rule.key.clone()));
        let renewed = of_rule().any(|(_, added_at)| *added_at >= found.state_at);
        of_rule().count() < usize::from(rule.least) || asked_again && !renewed
    };
    let rules = document.document().photos.iter().filter(lacks);
    rules.map(|rule| rule.key.clone()).collect()
}

/// Takes a picture away, as far as its rule may be changed. Says whether it did.
pub async fn remove_photo(
    db: &Db,
    org: OrgId,
    (application, id): (ApplicationId, PhotoId),
    document: &DeskDocument,
) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let document = Arc::new(document.clone());
    db.write(move |tx| {
        let (vault, document) = (vault.clone(), Arc::clone(&document));
        Box::pin(async move {
            let Some(found) = hold(tx, org, &vault, application).await? else {
                return Ok(false);
            };
            let standing = standing(tx, org, application).await?;
            let Some(one) = standing.iter().find(|one| one.id == id) else {
                return Ok(false);
            };
            let asked = photos_asked(&found, &document);
            if !asked.iter().any(|rule| rule.key.as_str() == one.rule) {
                return Ok(false);
            }
            take_away(tx, org, &found, (one, &standing), now).await?;
            Ok(true)
        })
    })
    .await
}

/// Before it was ever sent it is gone; afterwards it stays with the one that was judged.
async fn take_away(
    tx: &mut Tx,
    org: OrgId,
    found: &Application,
    (one, standing): (&Standing, &[Standing]),
    now: Millis,
) -> Result<(), DbError> {
    if found.received_at.is_some() {
        return tx.execute(REMOVE, params![org, one.id, now]).await.map(drop);
    }
    let again = standing
        .iter()
        .any(|other| other.id != one.id && other.came_key == one.came_key);
    let key = (!again).then_some(one.came_key);
    erase::erase_one(tx, org, (found.id, one.id), key, now).await
}

/// Puts a picture on which something was covered in the place of the one that showed it, whose bytes are gone with
/// that commit.
pub async fn mask_photo(
    db: &Db,
    org: OrgId,
    (application, id): (ApplicationId, PhotoId),
    covered: Picture,
    by: StaffId,
) -> Result<bool, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let sealing = vault.clone();
    let (size, parts) = off_the_path(move || {
        let parts = sealed_parts(&sealing, id, &covered);
        ((covered.width, covered.height), parts)
    })
    .await?;
    let (bytes, parts) = (length(&parts), Arc::new(parts));
    db.write(move |tx| {
        let (vault, parts) = (vault.clone(), Arc::clone(&parts));
        Box::pin(async move {
            if hold(tx, org, &vault, application).await?.is_none() {
                return Ok(false);
            }
            let standing = standing(tx, org, application).await?;
            let Some(one) = standing.iter().find(|one| one.id == id) else {
                return Ok(false);
            };
            tx.execute(DROP_PARTS, params![org, id]).await?;
            keep_parts(tx, org, id, &parts).await?;
            let (width, height) = (i64::from(size.0), i64::from(size.1));
            let row = params![org, id, now, by, bytes, width, height];
            tx.execute(MASK, row).await?;
            let event = NewEvent {
                kind: "photo_masked",
                by: Some(by),
                detail: Some(&one.rule),
                ..NewEvent::default()
            };
            add_event(tx, org, &vault, application, event, now).await?;
            Ok(true)
        })
    })
    .await
}

/// Everything of a new picture that is made before its write.
struct Sealed {
    id: PhotoId,
    new: Small,
    came_key: i64,
    print: Option<String>,
    bands: Vec<i64>,
    parts: Vec<(i64, i64, String)>,
    bytes: i64,
}

/// A picture without its bytes.
struct Small {
    rule: Key,
    width: u32,
    height: u32,
    hints: String,
    masked: bool,
    replaces: Option<PhotoId>,
}

impl Sealed {
    fn of(vault: &OrgVault, id: PhotoId, new: NewPhoto) -> Self {
        let picture = new.picture;
        let parts = sealed_parts(vault, id, &picture);
        let hints: Vec<&str> = picture.hints.iter().map(|hint| hint.code()).collect();
        Self {
            id,
            came_key: applicant::hash(vault, "application photo", &[&picture.came_as]),
            print: picture
                .print
                .map(|print| vault.seal(PRINT, id.get(), &print.bits().to_string())),
            bands: picture
                .print
                .map(|print| alike::bands(vault, print))
                .unwrap_or_default(),
            bytes: length(&parts),
            parts,
            new: Small {
                rule: new.rule,
                width: picture.width,
                height: picture.height,
                hints: hints.join(" "),
                masked: new.masked,
                replaces: new.replaces,
            },
        }
    }

    /// The one whose place it takes, if that is of the same rule.
    fn replaced<'s>(&self, standing: &'s [Standing]) -> Option<&'s Standing> {
        let old = self.new.replaces?;
        let fits = |one: &&Standing| one.id == old && one.rule == self.new.rule.as_str();
        standing.iter().find(fits)
    }

    async fn keep(
        &self,
        tx: &mut Tx,
        org: OrgId,
        application: ApplicationId,
        now: Millis,
    ) -> Result<(), DbError> {
        let new = &self.new;
        let row = params![
            org,
            self.id,
            application,
            new.rule.as_str(),
            i64::from(new.width),
            i64::from(new.height),
            self.bytes,
            self.came_key,
            self.print.clone(),
            new.hints.as_str(),
            new.masked.then_some(now),
            now,
        ];
        tx.execute(ADD, row).await?;
        keep_parts(tx, org, self.id, &self.parts).await?;
        for band in &self.bands {
            tx.execute(ADD_BAND, params![org, *band, self.id]).await?;
        }
        tx.execute(COUNT_DAY, params![org, japan_midnight(now), self.bytes])
            .await
            .map(drop)
    }
}

fn sealed_parts(vault: &OrgVault, id: PhotoId, picture: &Picture) -> Vec<(i64, i64, String)> {
    let sizes = [
        (PhotoSize::Picture, &picture.jpeg),
        (PhotoSize::Preview, &picture.preview),
    ];
    let sizes = sizes.into_iter().flat_map(|(size, bytes)| {
        let parts = (0_i64..).zip(bytes.chunks(PART_BYTES));
        parts.map(move |(number, part)| (size, number, part))
    });
    sizes
        .map(|(size, number, part)| {
            let row = kept::part_row(id, size, number);
            (size.number(), number, vault.seal_bytes(PART, row, part))
        })
        .collect()
}

fn length(parts: &[(i64, i64, String)]) -> i64 {
    let all: usize = parts.iter().map(|(_, _, part)| part.len()).sum();
    i64::try_from(all).unwrap_or(i64::MAX)
}

async fn keep_parts(
    tx: &mut Tx,
    org: OrgId,
    id: PhotoId,
    parts: &[(i64, i64, String)],
) -> Result<(), DbError> {
    for (size, number, part) in parts {
        tx.execute(ADD_PART, params![org, id, *size, *number, part.as_str()])
            .await?;
    }
    Ok(())
}

/// Sealing half a megabyte takes longer than other requests should wait.
pub(super) async fn off_the_path<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, DbError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| DbError::Unavailable(error.to_string()))
}
