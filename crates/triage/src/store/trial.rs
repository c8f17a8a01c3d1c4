//! The cases of one day, for a draft that is tried on them.

use base::date::CalendarDate;
use base::id::{CaseId, OfficeId, OrgId, ProgrammeId};
use db::{Db, DbError, params};

use super::cases;
use crate::case::Case;
use crate::limits;

db::statements! {
    CASES_OF_DAY = "
        SELECT case_id FROM cases
        WHERE org_id = $1 AND received_at >= $2 AND received_at < $3 AND programme_id = $4
            AND (CAST($5 AS {bigint}) IS NULL OR office_id = CAST($5 AS {bigint})) AND state <> 'merged'
        ORDER BY received_at, case_id LIMIT $6";
}

/// The cases of a programme that came in on a day, of one office or of all.
pub async fn cases_of_day(
    db: &Db,
    org: OrgId,
    programme: ProgrammeId,
    (office, day): (Option<OfficeId>, CalendarDate),
) -> Result<Vec<Case>, DbError> {
    let (from, until) = (day.begins_in_japan(), day.ends_in_japan());
    let params = params![org, from, until, programme, office, limits::TRIED_CASES];
    let rows = db.query(CASES_OF_DAY, params).await?;
    let ids = rows
        .iter()
        .map(|row| row.get(0))
        .collect::<Result<Vec<CaseId>, _>>()?;
    cases::cases(db, org, &ids).await
}
