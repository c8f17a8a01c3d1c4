//! Statements about offices.

use base::clock::Millis;
use base::id::{OfficeId, OrgId};
use db::{Db, DbError, Row, Tx, params};

use super::{count, unreadable};
use crate::office::{OfficeKind, OfficeTerms};
use crate::{Name, Office};

db::statements! {
    OFFICES = "SELECT office_id, name, kind, contract_ends_at, closed_at FROM offices
        WHERE org_id = $1 ORDER BY office_id";
    OFFICE = "SELECT o.office_id, o.name, o.kind, o.contract_ends_at, o.closed_at FROM offices o
        WHERE o.org_id = $1 AND o.office_id = $2";
    /// Held until the commit, so that nobody moves in while it closes.
    HOLD_OFFICE = "SELECT o.office_id, o.name, o.kind, o.contract_ends_at, o.closed_at FROM offices o
        WHERE o.org_id = $1 AND o.office_id = $2 {locked o}";
    OFFICE_NAMED = "SELECT office_id FROM offices WHERE org_id = $1 AND name = $2 AND office_id <> $3 LIMIT 1";
    ADD_OFFICE = "INSERT INTO offices (org_id, office_id, name, kind, contract_ends_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6)";
    CHANGE_OFFICE = "UPDATE offices SET name = $3, kind = $4, contract_ends_at = $5
        WHERE org_id = $1 AND office_id = $2";
    CLOSE_OFFICE = "UPDATE offices SET closed_at = $3 WHERE org_id = $1 AND office_id = $2 AND closed_at IS NULL";
    REOPEN_OFFICE = "UPDATE offices SET closed_at = NULL WHERE org_id = $1 AND office_id = $2";
    /// Who is at home at each office and may come in.
    PEOPLE_OF_OFFICES = "SELECT office_id, COUNT(*) FROM staff
        WHERE org_id = $1 AND disabled_at IS NULL GROUP BY office_id";
    /// Who is at home there, or has something to do there.
    PEOPLE_AT = "SELECT COUNT(*) FROM staff p
        WHERE p.org_id = $1 AND p.disabled_at IS NULL AND (p.office_id = $2 OR EXISTS (
            SELECT 1 FROM staff_roles r WHERE r.org_id = p.org_id AND r.staff_id = p.staff_id
                AND r.office_id = $2 AND r.roles <> ''))";
}

fn office(row: &Row) -> Result<Office, DbError> {
    let kind: String = row.get(2)?;
    Ok(Office {
        id: row.get(0)?,
        name: Name::stored(row.get(1)?),
        kind: OfficeKind::from_code(&kind).ok_or_else(|| unreadable("kind"))?,
        contract_ends_at: row.get(3)?,
        closed_at: row.get(4)?,
    })
}

pub(crate) async fn all(db: &Db, org: OrgId) -> Result<Vec<Office>, DbError> {
    db.query(OFFICES, params![org])
        .await?
        .iter()
        .map(office)
        .collect()
}

pub(crate) async fn one(db: &Db, org: OrgId, id: OfficeId) -> Result<Option<Office>, DbError> {
    let row = db.query_opt(OFFICE, params![org, id]).await?;
    row.as_ref().map(office).transpose()
}

/// The office, which nobody changes until the commit.
pub(crate) async fn hold(tx: &mut Tx, org: OrgId, id: OfficeId) -> Result<Option<Office>, DbError> {
    let row = tx.query_opt(HOLD_OFFICE, params![org, id]).await?;
    row.as_ref().map(office).transpose()
}

/// Whether another office than `but` has this name.
pub(crate) async fn is_named(
    tx: &mut Tx,
    org: OrgId,
    name: &Name,
    but: Option<OfficeId>,
) -> Result<bool, DbError> {
    let but = but.map_or(0, OfficeId::get);
    let row = tx
        .query_opt(OFFICE_NAMED, params![org, name.as_str(), but])
        .await?;
    Ok(row.is_some())
}

pub(crate) async fn add(
    tx: &mut Tx,
    org: OrgId,
    name: &Name,
    terms: OfficeTerms,
    now: Millis,
) -> Result<OfficeId, DbError> {
    // Every organisation has a head office from its beginning; the numbers after it are taken here.
    let number = tx.take_numbers("offices", 1).await?;
    let id = OfficeId::new(OfficeId::HEADQUARTERS.get() + number);
    let row = params![
        org,
        id,
        name.as_str(),
        terms.kind.code(),
        terms.contract_ends_at,
        now
    ];
    tx.execute(ADD_OFFICE, row).await?;
    Ok(id)
}

pub(crate) async fn change(
    tx: &mut Tx,
    org: OrgId,
    id: OfficeId,
    name: &Name,
    terms: OfficeTerms,
) -> Result<(), DbError> {
    let row = params![org, id, name.as_str(), terms.kind.code(), terms.contract_ends_at];
    tx.execute(CHANGE_OFFICE, row).await.map(drop)
}

pub(crate) async fn close(tx: &mut Tx, org: OrgId, id: OfficeId, now: Millis) -> Result<(), DbError> {
    tx.execute(CLOSE_OFFICE, params![org, id, now]).await.map(drop)
}

pub(crate) async fn reopen(tx: &mut Tx, org: OrgId, id: OfficeId) -> Result<(), DbError> {
    tx.execute(REOPEN_OFFICE, params![org, id]).await.map(drop)
}

/// How many are at home at each office; offices with nobody are left out.
pub(crate) async fn people_of(db: &Db, org: OrgId) -> Result<Vec<(OfficeId, i64)>, DbError> {
    let rows = db.query(PEOPLE_OF_OFFICES, params![org]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

pub(crate) async fn people_at(tx: &mut Tx, org: OrgId, id: OfficeId) -> Result<i64, DbError> {
    count(tx.query_opt(PEOPLE_AT, params![org, id]).await?)
}
