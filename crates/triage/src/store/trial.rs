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
        WHERE org_id = $1 AND received_at >= $2 AND received_at < $3 AND programme_id IN ($4, 0)
            AND (CAST($5 AS {bigint}) IS NULL OR office_id = CAST($5 AS {bigint})) AND state <> 'merged'
        ORDER BY received_at, case_id LIMIT $6";
}

/// The cases of a programme and of none that came in on a day, of one office or of all, and whether there are more.
pub async fn cases_of_day(
    db: &Db,
    org: OrgId,
    programme: ProgrammeId,
    (office, day): (Option<OfficeId>, CalendarDate),
) -> Result<(Vec<Case>, bool), DbError> {
    let (from, until) = (day.begins_in_japan(), day.ends_in_japan());
    let params = params![org, from, until, programme, office, limits::TRIED_CASES + 1];
    let rows = db.query(CASES_OF_DAY, params).await?;
    let most = usize::try_from(limits::TRIED_CASES).unwrap_or(usize::MAX);
    let ids = rows
        .iter()
        .take(most)
        .map(|row| row.get(0))
        .collect::<Result<Vec<CaseId>, _>>()?;
    Ok((cases::cases(db, org, &ids).await?, rows.len() > most))
}
