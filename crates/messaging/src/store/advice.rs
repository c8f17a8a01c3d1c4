//! What the organisation has decided about the advice on its texts: every save is a version, the newest holds.

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{Db, DbError, params};

use crate::advice::Settings;

db::statements! {
    NEWEST_ADVICE = "
        SELECT version, settings, saved_by, saved_at FROM advice_settings
        WHERE org_id = $1 ORDER BY version DESC LIMIT 1";
    SAVE_ADVICE = "
        INSERT INTO advice_settings (org_id, version, settings, saved_by, saved_at)
        SELECT $1, COALESCE(MAX(version), 0) + 1, $3, $4, $5 FROM advice_settings
        WHERE org_id = $1 HAVING COALESCE(MAX(version), 0) = $2";
}

/// The settings with who saved them.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SavedAdvice {
    /// From 1; 0 before anybody saved.
    pub version: i64,
    /// What was decided.
    pub settings: Settings,
    /// Who and when, if anybody.
    pub saved: Option<(StaffId, Millis)>,
}

/// What holds now.
pub async fn saved_advice(db: &Db, org: OrgId) -> Result<SavedAdvice, DbError> {
    let Some(row) = db.query_opt(NEWEST_ADVICE, params![org]).await? else {
        return Ok(SavedAdvice::default());
    };
    let settings = Settings::from_json(&row.get::<String>(1)?);
    Ok(SavedAdvice {
        version: row.get(0)?,
        settings: settings.map_err(|error| DbError::Statement(error.to_string()))?,
        saved: Some((row.get(2)?, row.get(3)?)),
    })
}

/// The rules' settings alone, for those who judge texts.
pub async fn advice_settings(db: &Db, org: OrgId) -> Result<Settings, DbError> {
    Ok(saved_advice(db, org).await?.settings)
}

/// Saves settings that were made from version `seen`; `false` if somebody else saved meanwhile.
pub async fn save_advice(
    db: &Db,
    org: OrgId,
    seen: i64,
    settings: &Settings,
    by: StaffId,
) -> Result<bool, DbError> {
    let (json, now) = (settings.to_json(), db.now());
    let saved = db.write(move |tx| {
        let json = json.clone();
        Box::pin(async move { Ok(tx.execute(SAVE_ADVICE, params![org, seen, json, by, now]).await? == 1) })
    });
    match saved.await {
        // Two at the same moment: the other one was first.
        Err(DbError::Constraint(_)) => Ok(false),
        other => other,
    }
}
