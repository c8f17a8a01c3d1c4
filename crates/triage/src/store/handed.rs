//! Cases that came from another office: they wait until the office that has them now has seen them.

use base::clock::Millis;
use base::id::{CaseId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, Tx, params};

use super::changes::Hand;
use super::events::{NewEvent, add};
use crate::case::EventKind;
use crate::limits;

db::statements! {
    // The watch looks again: what the new office decides may be another way.
    ARRIVE = "
        UPDATE cases SET arrived_at = $3, watch_at = CASE WHEN state = 'open' THEN $3 ELSE watch_at END
        WHERE org_id = $1 AND case_id = $2";
    TAKEN = "
        UPDATE cases SET arrived_at = NULL WHERE org_id = $1 AND case_id = $2 AND arrived_at IS NOT NULL";
    ARRIVED = "
        SELECT case_id FROM cases
        WHERE +org_id = $1 AND office_id = $2 AND arrived_at IS NOT NULL AND state = 'open'
        ORDER BY arrived_at, case_id LIMIT $3";
    ARRIVED_COUNT = "
        SELECT COUNT(*) FROM cases
        WHERE +org_id = $1 AND office_id = $2 AND arrived_at IS NOT NULL AND state = 'open'";
}

/// A case has come to an office; its open entry of the call list goes along.
pub(super) async fn arrive(
    tx: &mut Tx,
    org: OrgId,
    case: CaseId,
    (to, by): (OfficeId, StaffId),
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(ARRIVE, params![org, case, now]).await?;
    lists::calls::hand_over_case(tx, org, case, (to, by), now).await?;
    Ok(())
}

/// The office has seen it. `false` if the case does not wait for that.
pub async fn take(db: &Db, org: OrgId, hand: Hand) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            if tx.execute(TAKEN, params![org, hand.case]).await? == 0 {
                return Ok(false);
            }
            let event = NewEvent {
                case: hand.case,
                by: Some(hand.by),
                office: Some(hand.office),
                kind: EventKind::Taken,
                detail: None,
            };
            add(tx, org, now, event).await?;
            Ok(true)
        })
    })
    .await
}

/// What an office was handed and has not seen yet, the longest waiting first; as many as stand on a page.
pub async fn arrived(db: &Db, org: OrgId, office: OfficeId) -> Result<Vec<CaseId>, DbError> {
    let most = i64::from(limits::CASES_PER_PAGE);
    let rows = db.query(ARRIVED, params![org, office, most]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// How many there are.
pub async fn arrived_count(db: &Db, org: OrgId, office: OfficeId) -> Result<u32, DbError> {
    let row = db.query_opt(ARRIVED_COUNT, params![org, office]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}
