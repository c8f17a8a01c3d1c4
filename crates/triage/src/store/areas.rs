//! Statements of the areas of offices, and of people of a list who are in another's.

use std::sync::Arc;

use base::id::{CaseId, ListId, OfficeId, OrgId};
use db::{Db, DbError, params};

use super::json;
use crate::area::Areas;
use crate::limits;

db::statements! {
    AREAS = "SELECT office_id, areas FROM office_areas WHERE org_id = $1 ORDER BY office_id";
    SET_AREAS = "
        INSERT INTO office_areas (org_id, office_id, areas) VALUES ($1, $2, $3)
        ON CONFLICT (org_id, office_id) DO UPDATE SET areas = excluded.areas";
    STILL_AT = "
        SELECT c.case_id FROM {each $4} CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.list_id = $2 AND c.line = CAST(each.value AS {bigint}) AND c.office_id = $3
            AND c.state = 'open'";
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

/// The open cases of these rows of a list that this office still has.
pub async fn still_at(
    db: &Db,
    org: OrgId,
    (list, office): (ListId, OfficeId),
    lines: &[u32],
) -> Result<Vec<CaseId>, DbError> {
    let mut found = Vec::new();
    for chunk in lines.chunks(limits::CASES_PER_WRITE) {
        for row in db
            .query(STILL_AT, params![org, list, office, json(&chunk)])
            .await?
        {
            found.push(row.get(0)?);
        }
    }
    Ok(found)
}
