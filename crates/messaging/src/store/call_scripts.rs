//! Statements of what callers say to the people of a programme: texts of the organisation, in versions.

use base::clock::Millis;
use base::id::{OrgId, ProgrammeId, StaffId};
use db::{Db, DbError, Row, params};

db::statements! {
    IN_FORCE = "
        SELECT text, version, holds_from, saved_by, saved_at FROM call_scripts
        WHERE org_id = $1 AND programme_id = $2 AND language = $3 AND holds_from <= $4
        ORDER BY version DESC LIMIT 1";
    VERSIONS = "
        SELECT text, version, holds_from, saved_by, saved_at FROM call_scripts
        WHERE org_id = $1 AND programme_id = $2 AND language = $3 ORDER BY version DESC LIMIT $4";
    SAVE = "
        INSERT INTO call_scripts (org_id, programme_id, language, version, holds_from, text, saved_by, saved_at)
        SELECT $1, $2, $3, COALESCE(MAX(version), 0) + 1, $5, $6, $7, $8 FROM call_scripts
        WHERE org_id = $1 AND programme_id = $2 AND language = $3 HAVING COALESCE(MAX(version), 0) = $4";
}

/// One version of a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CallScript {
    /// What is said, a line a step. Empty: what ships holds again.
    pub text: String,
    /// From 1.
    pub version: i64,
    /// From when on.
    pub holds_from: Millis,
    /// Who wrote it.
    pub saved_by: Option<StaffId>,
    /// When.
    pub saved_at: Millis,
}

fn script_of(row: &Row) -> Result<CallScript, DbError> {
    Ok(CallScript {
        text: row.get(0)?,
        version: row.get(1)?,
        holds_from: row.get(2)?,
        saved_by: row.get(3)?,
        saved_at: row.get(4)?,
    })
}

/// The newest version whose day has come, if it says anything.
pub async fn call_script(
    db: &Db,
    org: OrgId,
    programme: ProgrammeId,
    language: &str,
) -> Result<Option<CallScript>, DbError> {
    let asked = params![org, programme, language, db.now()];
    let row = db.query_opt(IN_FORCE, asked).await?;
    let script = row.as_ref().map(script_of).transpose()?;
    Ok(script.filter(|script| !script.text.is_empty()))
}

/// The versions, newest first, at most `limit`.
pub async fn call_scripts(
    db: &Db,
    org: OrgId,
    programme: ProgrammeId,
    language: &str,
    limit: u32,
) -> Result<Vec<CallScript>, DbError> {
    let rows = db
        .query(VERSIONS, params![org, programme, language, i64::from(limit)])
        .await?;
    rows.iter().map(script_of).collect()
}

/// Saves a version made from version `seen`; `false` if somebody else saved meanwhile.
pub async fn save_call_script(
    db: &Db,
    org: OrgId,
    (programme, language): (ProgrammeId, String),
    seen: i64,
    (text, holds_from): (String, Millis),
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    let saved = db.write(move |tx| {
        let (language, text) = (language.clone(), text.clone());
        Box::pin(async move {
            let params = params![org, programme, language, seen, holds_from, text, by, now];
            Ok(tx.execute(SAVE, params).await? == 1)
        })
    });
    match saved.await {
        // Two at the same moment: the other one was first.
        Err(DbError::Constraint(_)) => Ok(false),
        other => other,
    }
}
