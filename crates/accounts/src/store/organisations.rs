//! Statements about organisations as a whole.

use base::clock::Millis;
use base::id::OrgId;
use db::{Db, DbError, Row, Tx, params};

use crate::invitation::TokenHash;
use crate::organisations::Organisation;
use crate::{Name, PublicWord};

db::statements! {
    ORGANISATIONS = "SELECT g.org_id, g.name, (SELECT COUNT(*) FROM staff p WHERE p.org_id = g.org_id),
            (SELECT COUNT(*) FROM offices o WHERE o.org_id = g.org_id), g.public_word
        FROM orgs g ORDER BY g.org_id";
    ORG_NAMED = "SELECT org_id FROM orgs WHERE name = $1 LIMIT 1";
    WORD_OF_OTHER = "SELECT org_id FROM orgs WHERE public_word = $1 AND org_id <> $2 LIMIT 1";
    SET_WORD = "UPDATE orgs SET public_word = $2 WHERE org_id = $1";
    STAFF_OF_ORG = "SELECT staff_id FROM staff WHERE org_id = $1 LIMIT 1";
    OFFER = "INSERT INTO org_setups (org_id, token_hash, made_at, ends_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id) DO UPDATE SET token_hash = excluded.token_hash, made_at = excluded.made_at,
            ends_at = excluded.ends_at";
    /// Finds the organisation: 128 random bits name it.
    OFFERED = "SELECT org_id FROM org_setups WHERE token_hash = $1 AND ends_at > $2";
    USE_OFFER = "DELETE FROM org_setups WHERE token_hash = $1 AND ends_at > $2 RETURNING org_id";
}

pub(crate) async fn all(db: &Db) -> Result<Vec<Organisation>, DbError> {
    let organisation = |row: &Row| {
        Ok(Organisation {
            id: row.get(0)?,
            name: Name::stored(row.get(1)?),
            people: row.get(2)?,
            offices: row.get(3)?,
            word: row.get(4)?,
        })
    };
    db.query(ORGANISATIONS, params![])
        .await?
        .iter()
        .map(organisation)
        .collect()
}

pub(crate) async fn is_named(tx: &mut Tx, name: &Name) -> Result<bool, DbError> {
    Ok(tx.query_opt(ORG_NAMED, params![name.as_str()]).await?.is_some())
}

pub(crate) async fn has_word(tx: &mut Tx, word: &PublicWord, but: OrgId) -> Result<bool, DbError> {
    let row = tx.query_opt(WORD_OF_OTHER, params![word.as_str(), but]).await?;
    Ok(row.is_some())
}

pub(crate) async fn set_word(tx: &mut Tx, org: OrgId, word: &PublicWord) -> Result<(), DbError> {
    tx.execute(SET_WORD, params![org, word.as_str()]).await.map(drop)
}

pub(crate) async fn has_people(tx: &mut Tx, org: OrgId) -> Result<bool, DbError> {
    Ok(tx.query_opt(STAFF_OF_ORG, params![org]).await?.is_some())
}

pub(crate) async fn offer(
    tx: &mut Tx,
    org: OrgId,
    hash: &TokenHash,
    (now, ends_at): (Millis, Millis),
) -> Result<(), DbError> {
    tx.execute(OFFER, params![org, hash.0.as_str(), now, ends_at])
        .await
        .map(drop)
}

pub(crate) async fn offered(db: &Db, hash: &TokenHash, now: Millis) -> Result<Option<OrgId>, DbError> {
    let row = db.query_opt(OFFERED, params![hash.0.as_str(), now]).await?;
    row.map(|row| row.get(0)).transpose()
}

pub(crate) async fn use_offer(tx: &mut Tx, hash: &TokenHash, now: Millis) -> Result<Option<OrgId>, DbError> {
    let row = tx.query_opt(USE_OFFER, params![hash.0.as_str(), now]).await?;
    row.map(|row| row.get(0)).transpose()
}
