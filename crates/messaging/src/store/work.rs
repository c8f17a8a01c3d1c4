//! Statements that count broadcasts for figures. No text and no number is read.

use base::clock::{HOUR, Millis};
use base::id::{OfficeId, OrgId, StaffId};
use db::{Db, DbError, params};

db::statements! {
    MADE_BY_HOUR = "
        SELECT office_id, created_by, (created_at - $2) / $4 AS hour,
            CAST(SUM(last_message_id - first_message_id + 1) AS {bigint})
        FROM broadcasts
        WHERE org_id = $1 AND created_at >= $2 AND created_at < $3 AND stage <> 'test'
        GROUP BY office_id, created_by, hour";
}

/// How many messages somebody made in an hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MessagesMade {
    /// At which office.
    pub office: OfficeId,
    /// Who; `None` for the program.
    pub staff: Option<StaffId>,
    /// In which hour since the beginning of what was asked for.
    pub hour: i64,
    /// How many.
    pub messages: u32,
}

/// Messages of the broadcasts that were started in `[from, to)`, by office, person and hour; tests are left out.
pub async fn made_by_hour(
    db: &Db,
    org: OrgId,
    (from, to): (Millis, Millis),
) -> Result<Vec<MessagesMade>, DbError> {
    let rows = db.query(MADE_BY_HOUR, params![org, from, to, HOUR]).await?;
    rows.iter()
        .map(|row| {
            Ok(MessagesMade {
                office: row.get(0)?,
                staff: row.get(1)?,
                hour: row.get(2)?,
                messages: row.get(3)?,
            })
        })
        .collect()
}
