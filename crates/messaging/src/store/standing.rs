//! What an organisation may send at the moment: its mode, the operator's reviews, the stop of everything. These
//! columns of `orgs` belong to this file; `accounts` writes them when an organisation is made and shows the mode.

use std::sync::Arc;

use accounts::audit::Action;
use base::clock::Millis;
use base::id::{OrgId, StaffId};
use base::org::OrgMode;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};
use lists::contacts::Purpose;

use crate::audit_actions::{REVIEW_CLOSE, REVIEW_OPEN};
use crate::stage::{Standing, Stopped};

const STOP_REASON: Field = Field("orgs.stop_reason");
const OPENED_NOTE: Field = Field("send_reviews.opened_note");
const CLOSED_NOTE: Field = Field("send_reviews.closed_note");

db::statements! {
    STANDING = "
        SELECT o.mode, o.review, o.stopped_at, o.stopped_by, o.stop_reason_sealed, r.purpose
        FROM orgs o LEFT JOIN send_reviews r ON r.org_id = o.org_id AND r.closed_at IS NULL
        WHERE o.org_id = $1";
    SET_MODE = "UPDATE orgs SET mode = $2 WHERE org_id = $1 AND mode <> $2";
    STOP_ALL = "
        UPDATE orgs SET stopped_at = $2, stopped_by = $3, stop_reason_sealed = $4
        WHERE org_id = $1 AND stopped_at IS NULL";
    RELEASE_ALL = "
        UPDATE orgs SET stopped_at = NULL, stopped_by = NULL, stop_reason_sealed = NULL
        WHERE org_id = $1 AND stopped_at IS NOT NULL";
    ADD_REVIEW = "
        INSERT INTO send_reviews (org_id, review_id, purpose, opened_at, opened_note_sealed)
        VALUES ($1, $2, $3, $4, $5)";
    CLOSE_REVIEW = "
        UPDATE send_reviews SET closed_at = $3, closed_note_sealed = $4
        WHERE org_id = $1 AND purpose = $2 AND closed_at IS NULL";
    REVIEWS = "
        SELECT review_id, purpose, opened_at, opened_note_sealed, closed_at, closed_note_sealed
        FROM send_reviews WHERE org_id = $1 ORDER BY review_id";
}

/// What the organisation may send at the moment.
pub async fn standing(db: &Db, org: OrgId) -> Result<Standing, DbError> {
    let vault = db.vault(org).await?;
    standing_of(&db.query(STANDING, params![org]).await?, org, &vault)
}

/// The same inside a write.
pub(crate) async fn standing_in(tx: &mut Tx, org: OrgId, vault: &OrgVault) -> Result<Standing, DbError> {
    standing_of(&tx.query(STANDING, params![org]).await?, org, vault)
}

fn standing_of(rows: &[Row], org: OrgId, vault: &OrgVault) -> Result<Standing, DbError> {
    let unknown = |what: &str| DbError::Statement(format!("an organisation with no known {what}"));
    let first = rows.first().ok_or_else(|| unknown("number"))?;
    let stopped = match first.get::<Option<Millis>>(2)? {
        None => None,
        Some(at) => Some(Stopped {
            at,
            by: first.get(3)?,
            reason: vault.open(STOP_REASON, org.get(), &first.get::<String>(4)?)?,
        }),
    };
    let mut open = Vec::new();
    for row in rows {
        if let Some(word) = row.get::<Option<String>>(5)? {
            open.push(Purpose::from_word(&word).ok_or_else(|| unknown("purpose"))?);
        }
    }
    Ok(Standing {
        mode: OrgMode::from_code(&first.get::<String>(0)?).ok_or_else(|| unknown("mode"))?,
        needs_review: first.get::<String>(1)? == "needed",
        open,
        stopped,
    })
}

/// Training or live from now on. `false` if it was that before.
pub async fn set_mode(db: &Db, org: OrgId, mode: OrgMode) -> Result<bool, DbError> {
    db.write(move |tx| {
        Box::pin(async move { Ok(tx.execute(SET_MODE, params![org, mode.code()]).await? == 1) })
    })
    .await
}

/// From the commit of this on nothing of the organisation is claimed, on any node. `false` if it stood still before.
pub async fn stop_all(db: &Db, org: OrgId, by: StaffId, reason: &str) -> Result<bool, DbError> {
    let sealed = db.vault(org).await?.seal(STOP_REASON, org.get(), reason);
    let now = db.now();
    db.write(move |tx| {
        let sealed = sealed.clone();
        Box::pin(async move { Ok(tx.execute(STOP_ALL, params![org, now, by, sealed]).await? == 1) })
    })
    .await
}

/// Everything goes on. `false` if nothing stood still.
pub async fn release_all(db: &Db, org: OrgId) -> Result<bool, DbError> {
    db.write(move |tx| Box::pin(async move { Ok(tx.execute(RELEASE_ALL, params![org]).await? == 1) }))
        .await
}

/// One review of a purpose.
#[derive(Clone, Debug)]
pub struct Review {
    /// Of what.
    pub purpose: Purpose,
    /// When it was opened.
    pub opened_at: Millis,
    /// What the operator looked at.
    pub opened_note: String,
    /// When it was closed.
    pub closed_at: Option<Millis>,
    /// Why.
    pub closed_note: Option<String>,
}

/// Opens live sending for a purpose, with what the operator looked at. `false` if it is open already.
///
/// An organisation that waited for its first review goes live with it.
pub async fn open_review(db: &Db, org: OrgId, purpose: Purpose, note: &str) -> Result<bool, DbError> {
    let (vault, now, note): (Arc<OrgVault>, Millis, Arc<str>) = (db.vault(org).await?, db.now(), note.into());
    db.write(move |tx| {
        let (vault, note) = (Arc::clone(&vault), Arc::clone(&note));
        Box::pin(async move {
            // Its number first: two at once take turns.
            let id = tx.take_numbers("send_reviews", 1).await?;
            let standing = standing_in(tx, org, &vault).await?;
            if standing.open.contains(&purpose) {
                return Ok(false);
            }
            if standing.needs_review && standing.open.is_empty() {
                tx.execute(SET_MODE, params![org, OrgMode::Live.code()]).await?;
            }
            let sealed = vault.seal(OPENED_NOTE, id, &note);
            tx.execute(ADD_REVIEW, params![org, id, purpose.as_str(), now, sealed])
                .await?;
            let entry = entry(REVIEW_OPEN, purpose, &note);
            accounts::audit::record(tx, org, &vault, &entry, now).await?;
            Ok(true)
        })
    })
    .await
}

/// Closes live sending for a purpose. `false` if it is not open.
pub async fn close_review(db: &Db, org: OrgId, purpose: Purpose, note: &str) -> Result<bool, DbError> {
    let (vault, now, note): (Arc<OrgVault>, Millis, Arc<str>) = (db.vault(org).await?, db.now(), note.into());
    db.write(move |tx| {
        let (vault, note) = (Arc::clone(&vault), Arc::clone(&note));
        Box::pin(async move {
            let sealed = vault.seal(CLOSED_NOTE, org.get(), &note);
            let params = params![org, purpose.as_str(), now, sealed];
            if tx.execute(CLOSE_REVIEW, params).await? == 0 {
                return Ok(false);
            }
            let entry = entry(REVIEW_CLOSE, purpose, &note);
            accounts::audit::record(tx, org, &vault, &entry, now).await?;
            Ok(true)
        })
    })
    .await
}

fn entry(action: Action, purpose: Purpose, note: &str) -> accounts::audit::Entry {
    accounts::audit::Entry::of(action).with(format!("{}: {note}", purpose.label()))
}

/// Every review of the organisation, oldest first.
pub async fn reviews(db: &Db, org: OrgId) -> Result<Vec<Review>, DbError> {
    let vault = db.vault(org).await?;
    let review = |row: &Row| {
        let (id, word): (i64, String) = (row.get(0)?, row.get(1)?);
        let closed: Option<String> = row.get(5)?;
        Ok(Review {
            purpose: Purpose::from_word(&word)
                .ok_or_else(|| DbError::Statement(format!("no purpose is called {word}")))?,
            opened_at: row.get(2)?,
            opened_note: vault.open(OPENED_NOTE, id, &row.get::<String>(3)?)?,
            closed_at: row.get(4)?,
            closed_note: closed
                .map(|sealed| vault.open(CLOSED_NOTE, org.get(), &sealed))
                .transpose()?,
        })
    };
    db.query(REVIEWS, params![org])
        .await?
        .iter()
        .map(review)
        .collect()
}
