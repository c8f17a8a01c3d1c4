//! Statements that count calls for figures. No person's name or number is read.

use std::collections::HashMap;

use base::clock::{HOUR, Millis};
use base::id::{CallId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, params};
use serde_json::to_string;

use crate::calls::CallReason;

db::statements! {
    REASONS = "
        SELECT c.call_id, c.reason FROM {each $2} CROSS JOIN calls c
        WHERE c.org_id = $1 AND c.call_id = CAST(each.value AS {bigint})";
    DONE_BY_HOUR = "
        SELECT office_id, closed_by, (closed_at - $2) / $4 AS hour, COUNT(*) FROM calls
        WHERE org_id = $1 AND closed_at >= $2 AND closed_at < $3 AND closed_by IS NOT NULL
        GROUP BY office_id, closed_by, hour";
}

/// Why each of these people is telephoned. Whose they are is not asked.
pub async fn reasons(db: &Db, org: OrgId, calls: &[CallId]) -> Result<HashMap<CallId, CallReason>, DbError> {
    let ids = to_string(calls).expect("numbers always become JSON");
    let rows = db.query(REASONS, params![org, ids]).await?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in &rows {
        let word: String = row.get(1)?;
        let reason = CallReason::from_word(&word)
            .ok_or_else(|| DbError::Statement(format!("no reason of a call is called {word}")))?;
        found.insert(row.get(0)?, reason);
    }
    Ok(found)
}

/// How many people somebody was done with in an hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallsDone {
    /// At which office.
    pub office: OfficeId,
    /// Who.
    pub staff: StaffId,
    /// In which hour since the beginning of what was asked for.
    pub hour: i64,
    /// How many.
    pub calls: u32,
}

/// Entries of the call list that people settled in `[from, to)`, by office, person and hour.
pub async fn done_by_hour(
    db: &Db,
    org: OrgId,
    (from, to): (Millis, Millis),
) -> Result<Vec<CallsDone>, DbError> {
    let rows = db.query(DONE_BY_HOUR, params![org, from, to, HOUR]).await?;
    rows.iter()
        .map(|row| {
            Ok(CallsDone {
                office: row.get(0)?,
                staff: row.get(1)?,
                hour: row.get(2)?,
                calls: row.get(3)?,
            })
        })
        .collect()
}
