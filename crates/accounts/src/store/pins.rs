//! Which person of the identity provider an account belongs to.

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};

use crate::identity::{IdentityPin, Vouched};

db::statements! {
    PIN = "SELECT issuer, pinned_at FROM identity_pins WHERE org_id = $1 AND staff_id = $2";
    PINNED_SUBJECT = "SELECT subject_index FROM identity_pins WHERE org_id = $1 AND staff_id = $2";
    /// Of two first sign-ins at the same moment one is the first.
    SET_PIN = "INSERT INTO identity_pins (org_id, staff_id, issuer, subject_index, pinned_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (org_id, staff_id) DO NOTHING";
    REMOVE_PIN = "DELETE FROM identity_pins WHERE org_id = $1 AND staff_id = $2";
    /// The people of another provider are not those of this one.
    REMOVE_PINS_OF_OTHERS = "DELETE FROM identity_pins WHERE org_id = $1 AND issuer <> $2";
}

fn index(vault: &OrgVault, vouched: &Vouched) -> String {
    let parts = [vouched.issuer.as_bytes(), vouched.subject.as_bytes()];
    vault.index("identity_pins.subject", &parts)
}

pub(crate) async fn pin(db: &Db, org: OrgId, staff: StaffId) -> Result<Option<IdentityPin>, DbError> {
    let row = db.query_opt(PIN, params![org, staff]).await?;
    row.map(|row| {
        Ok(IdentityPin {
            issuer: row.get(0)?,
            pinned_at: row.get(1)?,
        })
    })
    .transpose()
}

/// Whether the account is bound to this person; `None` if it is bound to nobody.
pub(crate) async fn fits(
    db: &Db,
    (org, staff): (OrgId, StaffId),
    vouched: &Vouched,
) -> Result<Option<bool>, DbError> {
    let Some(row) = db.query_opt(PINNED_SUBJECT, params![org, staff]).await? else {
        return Ok(None);
    };
    let pinned: String = row.get(0)?;
    Ok(Some(pinned == index(&*db.vault(org).await?, vouched)))
}

/// Binds the account; says whether it was bound to nobody.
pub(crate) async fn set(
    tx: &mut Tx,
    (org, staff): (OrgId, StaffId),
    vault: &OrgVault,
    vouched: &Vouched,
    now: Millis,
) -> Result<bool, DbError> {
    let row = params![org, staff, vouched.issuer.as_str(), index(vault, vouched), now];
    Ok(tx.execute(SET_PIN, row).await? > 0)
}

/// Says whether it was bound to anybody.
pub(crate) async fn remove(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<bool, DbError> {
    Ok(tx.execute(REMOVE_PIN, params![org, staff]).await? > 0)
}

pub(crate) async fn remove_those_of_others(tx: &mut Tx, org: OrgId, issuer: &str) -> Result<(), DbError> {
    tx.execute(REMOVE_PINS_OF_OTHERS, params![org, issuer])
        .await
        .map(drop)
}
