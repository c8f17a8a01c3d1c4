//! What an organisation set of how many phone codes may be asked for. Every version is kept.

use base::id::{OrgId, StaffId};
use db::{Db, DbError, params};

use crate::code_limit::CodeLimits;

db::statements! {
    NEWEST = "SELECT limits FROM code_limits WHERE org_id = $1 ORDER BY version DESC LIMIT 1";
    SET = "
        INSERT INTO code_limits (org_id, version, limits, set_by, set_at)
        SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4 FROM code_limits WHERE org_id = $1";
}

/// What holds.
pub async fn code_limits(db: &Db, org: OrgId) -> Result<CodeLimits, DbError> {
    let Some(row) = db.query_opt(NEWEST, params![org]).await? else {
        return Ok(CodeLimits::default());
    };
    CodeLimits::from_json(&row.get::<String>(0)?)
        .ok_or_else(|| DbError::Statement("an organisation's limits of codes".to_owned()))
}

/// From now on this holds.
pub async fn set_code_limits(db: &Db, org: OrgId, limits: CodeLimits, by: StaffId) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            // Two who press at once make two versions.
            tx.take_numbers("code_limits", 0).await?;
            let row = params![org, limits.to_json(), by, now];
            tx.execute(SET, row).await.map(drop)
        })
    })
    .await
}
