//! Resets of somebody's factors: asked for by one administrator, made by another.

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{Db, DbError, Field, OrgVault, Tx, params};

use crate::factors::FactorReset;

const REASON: Field = Field("factor_resets.reason");

db::statements! {
    RESET = "SELECT asked_by, asked_at, reason_sealed FROM factor_resets WHERE org_id = $1 AND staff_id = $2";
    ASK_RESET = "INSERT INTO factor_resets (org_id, staff_id, reason_sealed, asked_by, asked_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (org_id, staff_id) DO UPDATE SET reason_sealed = excluded.reason_sealed,
            asked_by = excluded.asked_by, asked_at = excluded.asked_at
        WHERE factor_resets.asked_at <= $6";
    /// Another administrator than the one who asked, and in time.
    CONFIRM_RESET = "DELETE FROM factor_resets
        WHERE org_id = $1 AND staff_id = $2 AND asked_by <> $3 AND asked_at > $4";
    WITHDRAW_RESET = "DELETE FROM factor_resets WHERE org_id = $1 AND staff_id = $2";
}

pub(crate) async fn reset(
    db: &Db,
    org: OrgId,
    staff: StaffId,
    since: Millis,
) -> Result<Option<FactorReset>, DbError> {
    let Some(row) = db.query_opt(RESET, params![org, staff]).await? else {
        return Ok(None);
    };
    let sealed: String = row.get(2)?;
    let reset = FactorReset {
        asked_by: row.get(0)?,
        asked_at: row.get(1)?,
        reason: db.vault(org).await?.open(REASON, staff.get(), &sealed)?,
    };
    Ok(Some(reset).filter(|reset| reset.asked_at > since))
}

/// Says whether it was taken: while one waits there is no second.
pub(crate) async fn ask_reset(
    tx: &mut Tx,
    vault: &OrgVault,
    (org, staff): (OrgId, StaffId),
    (by, reason): (StaffId, &str),
    (now, since): (Millis, Millis),
) -> Result<bool, DbError> {
    let reason = vault.seal(REASON, staff.get(), reason);
    let row = params![org, staff, reason, by, now, since];
    Ok(tx.execute(ASK_RESET, row).await? > 0)
}

/// Says whether there was one that `by` may confirm.
pub(crate) async fn confirm_reset(
    tx: &mut Tx,
    (org, staff): (OrgId, StaffId),
    by: StaffId,
    since: Millis,
) -> Result<bool, DbError> {
    Ok(tx.execute(CONFIRM_RESET, params![org, staff, by, since]).await? > 0)
}

pub(crate) async fn withdraw_reset(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<bool, DbError> {
    Ok(tx.execute(WITHDRAW_RESET, params![org, staff]).await? > 0)
}
