//! The application after the one that somebody decides is set aside for them for a moment: their page has its pictures
//! before they ask for it. A set-aside is a hint and no lease: it keeps others away only as long as there is something
//! else for them.

use base::clock::Millis;
use base::id::{ApplicationId, DeskId, OrgId, StaffId};
use db::{Db, DbError, Row, Tx, params};

use crate::application::AHEAD;

db::statements! {
    /// As `NEXT` of the reviews, with the same parameters.
    TAKE_AHEAD = "
        UPDATE applications SET review_no = review_no + 1, reviewer = $4, reviewer_until = $5, ahead_for = NULL,
            ahead_until = NULL
        WHERE org_id = $1 AND ahead_for = $4 AND desk_id = $2 AND ahead_until > $3 AND state = 'ready'
            AND parked IS NULL AND COALESCE(reviewer_until, 0) <= $3
        RETURNING application_id, review_no";
    FORGET = "
        UPDATE applications SET ahead_for = NULL, ahead_until = NULL WHERE org_id = $1 AND ahead_for = $2";
    SET_ASIDE = "
        WITH next AS MATERIALIZED (
            SELECT a.application_id FROM applications a
            WHERE a.org_id = $1 AND a.desk_id = $2 AND a.state = 'ready' AND a.parked IS NULL
                AND COALESCE(a.reviewer_until, 0) <= $3 AND COALESCE(a.ahead_until, 0) <= $3
            ORDER BY a.priority DESC, a.received_at, a.application_id LIMIT 1 {skip_locked a})
        UPDATE applications SET ahead_for = $4, ahead_until = $5
        FROM next WHERE applications.org_id = $1 AND applications.application_id = next.application_id
        RETURNING applications.application_id";
    AHEAD_OF = "
        SELECT application_id FROM applications
        WHERE org_id = $1 AND ahead_for = $2 AND desk_id = $3 AND ahead_until > $4 AND state = 'ready'
            AND parked IS NULL";
}

/// What was set aside for somebody is theirs; the review's number.
pub(super) async fn take(
    tx: &mut Tx,
    org: OrgId,
    (desk, staff): (DeskId, StaffId),
    (now, until): (Millis, Millis),
) -> Result<Option<Row>, DbError> {
    tx.query_opt(TAKE_AHEAD, params![org, desk, now, staff, until])
        .await
}

/// Sets the next application of the desk aside for somebody who has just taken one up; what was set aside before goes
/// back to all.
pub async fn set_aside(
    tx: &mut Tx,
    org: OrgId,
    desk: DeskId,
    staff: StaffId,
    now: Millis,
) -> Result<Option<ApplicationId>, DbError> {
    tx.execute(FORGET, params![org, staff]).await?;
    let next = params![org, desk, now, staff, now + AHEAD];
    let row = tx.query_opt(SET_ASIDE, next).await?;
    row.map(|row| row.get(0)).transpose()
}

/// What is set aside for somebody at a desk.
pub async fn ahead_of(
    db: &Db,
    org: OrgId,
    desk: DeskId,
    staff: StaffId,
) -> Result<Option<ApplicationId>, DbError> {
    let row = db
        .query_opt(AHEAD_OF, params![org, staff, desk, db.now()])
        .await?;
    row.map(|row| row.get(0)).transpose()
}
