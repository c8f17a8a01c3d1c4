//! Who has the form of a record open, so that two people do not write over each other unknowingly. A hint and no lock:
//! what really keeps them apart is the version of the record.

use base::clock::Millis;
use base::id::{CaseId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, Tx, params};

use crate::limits;

db::statements! {
    OPEN = "
        INSERT INTO case_openings (org_id, case_id, staff_id, office_id, opened_at, seen_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        ON CONFLICT (org_id, case_id, staff_id) DO UPDATE SET office_id = $4, seen_at = $5,
            opened_at = CASE WHEN case_openings.seen_at < $6 THEN $5 ELSE case_openings.opened_at END";
    FORGET = "DELETE FROM case_openings WHERE org_id = $1 AND case_id = $2 AND staff_id = $3";
    FORGET_OLD = "DELETE FROM case_openings WHERE seen_at < $1";
    OPENINGS = "
        SELECT staff_id, office_id, opened_at FROM case_openings
        WHERE org_id = $1 AND case_id = $2 AND staff_id <> $3 AND seen_at >= $4
        ORDER BY opened_at, staff_id LIMIT 5";
}

/// Somebody else who has the record open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opening {
    /// Who.
    pub staff: StaffId,
    /// Where they work.
    pub office: OfficeId,
    /// Since when, UTC milliseconds.
    pub since: Millis,
}

/// Writes down that somebody opens the form, and forgets whom nobody has seen for a while.
pub async fn open(
    db: &Db,
    org: OrgId,
    case: CaseId,
    (staff, office): (StaffId, OfficeId),
) -> Result<(), DbError> {
    let now = db.now();
    let old = now - limits::OPEN_FOR;
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(FORGET_OLD, params![old]).await?;
            tx.execute(OPEN, params![org, case, staff, office, now, old])
                .await?;
            Ok(())
        })
    })
    .await
}

/// They have saved.
pub(super) async fn forget(tx: &mut Tx, org: OrgId, case: CaseId, staff: StaffId) -> Result<(), DbError> {
    tx.execute(FORGET, params![org, case, staff]).await?;
    Ok(())
}

/// Who else has it open.
pub async fn others(db: &Db, org: OrgId, case: CaseId, staff: StaffId) -> Result<Vec<Opening>, DbError> {
    let since = db.now() - limits::OPEN_FOR;
    let rows = db.query(OPENINGS, params![org, case, staff, since]).await?;
    rows.iter()
        .map(|row| {
            Ok(Opening {
                staff: row.get(0)?,
                office: row.get(1)?,
                since: row.get(2)?,
            })
        })
        .collect()
}
