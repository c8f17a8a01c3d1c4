//! Statements about one-time links. A link is found by the hash of its letters, and with it the organisation.

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{Db, DbError, Tx, params};

use super::unreadable;
use crate::invitation::{InvitationKind, OpenInvitation, TokenHash};

db::statements! {
    /// At most one a person: a new one takes the place of the last.
    MAKE = "INSERT INTO invitations (org_id, staff_id, token_hash, kind, made_by, made_at, ends_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (org_id, staff_id) DO UPDATE SET token_hash = excluded.token_hash, kind = excluded.kind,
            made_by = excluded.made_by, made_at = excluded.made_at, ends_at = excluded.ends_at";
    OF_PERSON = "SELECT kind, made_at, ends_at FROM invitations WHERE org_id = $1 AND staff_id = $2";
    /// Finds the organisation: 128 random bits name one invitation.
    BY_TOKEN = "SELECT i.org_id, i.staff_id, i.kind, i.ends_at FROM invitations i
        JOIN staff p ON p.org_id = i.org_id AND p.staff_id = i.staff_id
        JOIN offices o ON o.org_id = p.org_id AND o.office_id = p.office_id
        WHERE i.token_hash = $1 AND i.ends_at > $2 AND p.disabled_at IS NULL AND o.closed_at IS NULL
            AND (o.contract_ends_at IS NULL OR o.contract_ends_at > $2)";
    /// Once: whoever comes second finds nothing.
    USE_UP = "DELETE FROM invitations WHERE token_hash = $1 AND ends_at > $2 RETURNING org_id, staff_id, kind";
    WITHDRAW = "DELETE FROM invitations WHERE org_id = $1 AND staff_id = $2";
}

/// Who is invited, and to what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    pub(crate) org: OrgId,
    pub(crate) staff: StaffId,
    pub(crate) kind: InvitationKind,
}

fn kind(code: &str) -> Result<InvitationKind, DbError> {
    InvitationKind::from_code(code).ok_or_else(|| unreadable("kind"))
}

pub(crate) async fn make(
    tx: &mut Tx,
    (org, staff): (OrgId, StaffId),
    (hash, kind): (&TokenHash, InvitationKind),
    by: Option<StaffId>,
    (now, ends_at): (Millis, Millis),
) -> Result<(), DbError> {
    let row = params![org, staff, hash.0.as_str(), kind.code(), by, now, ends_at];
    tx.execute(MAKE, row).await.map(drop)
}

pub(crate) async fn of(db: &Db, org: OrgId, staff: StaffId) -> Result<Option<OpenInvitation>, DbError> {
    let Some(row) = db.query_opt(OF_PERSON, params![org, staff]).await? else {
        return Ok(None);
    };
    Ok(Some(OpenInvitation {
        kind: kind(&row.get::<String>(0)?)?,
        made_at: row.get(1)?,
        ends_at: row.get(2)?,
    }))
}

pub(crate) async fn by_token(db: &Db, hash: &TokenHash, now: Millis) -> Result<Option<Found>, DbError> {
    let Some(row) = db.query_opt(BY_TOKEN, params![hash.0.as_str(), now]).await? else {
        return Ok(None);
    };
    Ok(Some(Found {
        org: row.get(0)?,
        staff: row.get(1)?,
        kind: kind(&row.get::<String>(2)?)?,
    }))
}

pub(crate) async fn use_up(tx: &mut Tx, hash: &TokenHash, now: Millis) -> Result<Option<Found>, DbError> {
    let Some(row) = tx.query_opt(USE_UP, params![hash.0.as_str(), now]).await? else {
        return Ok(None);
    };
    Ok(Some(Found {
        org: row.get(0)?,
        staff: row.get(1)?,
        kind: kind(&row.get::<String>(2)?)?,
    }))
}

pub(crate) async fn withdraw(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<(), DbError> {
    tx.execute(WITHDRAW, params![org, staff]).await.map(drop)
}
