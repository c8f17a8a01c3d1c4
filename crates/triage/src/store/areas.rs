//! Statements of the areas of offices, and of people of a list who are in another's.

use std::sync::Arc;

use base::id::{CaseId, ListId, OfficeId, OrgId};
use db::{Db, DbError, params};

use crate::area::Areas;

db::statements! {
    AREAS = "SELECT office_id, areas FROM office_areas WHERE org_id = $1 ORDER BY office_id";
    SET_AREAS = "
        INSERT INTO office_areas (org_id, office_id, areas) VALUES ($1, $2, $3)
        ON CONFLICT (org_id, office_id) DO UPDATE SET areas = excluded.areas";
    NEVER_MOVED = "
        SELECT c.case_id FROM cases c
        WHERE c.org_id = $1 AND c.list_id = $2 AND +c.office_id = $3 AND c.state = 'open'
            AND NOT EXISTS (SELECT 1 FROM case_events e
                WHERE e.org_id = c.org_id AND e.case_id = c.case_id AND e.kind = 'handed_over')
        ORDER BY c.line";
}

/// The areas of every office.
pub async fn areas(db: &Db, org: OrgId) -> Result<Areas, DbError> {
    let rows = db.query(AREAS, params![org]).await?;
    let lines = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?)));
    lines.collect::<Result<_, DbError>>().map(Areas::new)
}

/// Says which areas are whose.
pub async fn set_areas(db: &Db, org: OrgId, lines: Vec<(OfficeId, String)>) -> Result<(), DbError> {
    let lines = Arc::new(lines);
    db.write(move |tx| {
        let lines = Arc::clone(&lines);
        Box::pin(async move {
            for (office, areas) in lines.iter() {
                tx.execute(SET_AREAS, params![org, *office, areas.clone()])
                    .await?;
            }
            Ok(())
        })
    })
    .await
}

/// The open cases of a list that this office has, and which nobody has ever handed over.
pub async fn never_moved(
    db: &Db,
    org: OrgId,
    (list, office): (ListId, OfficeId),
) -> Result<Vec<CaseId>, DbError> {
    let rows = db.query(NEVER_MOVED, params![org, list, office]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
