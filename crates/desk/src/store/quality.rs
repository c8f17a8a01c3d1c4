//! How decisions stand up to a second look: figures of a period, of a desk, never of a person.

use base::clock::Millis;
use base::id::{DeskId, OrgId};
use db::{Db, DbError, params};

use super::deciding::decision_of;
use crate::document::Decision;

db::statements! {
    BY_OUTCOME = "
        SELECT d.outcome, COUNT(*),
            CAST(SUM(CASE WHEN d.second_look IS NOT NULL THEN 1 ELSE 0 END) AS {bigint}),
            CAST(SUM(CASE WHEN d.second_look = 'wanted' THEN 1 ELSE 0 END) AS {bigint}),
            CAST(SUM(CASE WHEN d.second_look = 'agreed' THEN 1 ELSE 0 END) AS {bigint}),
            CAST(SUM(CASE WHEN d.second_look IN ('differs', 'upheld') THEN 1 ELSE 0 END) AS {bigint}),
            CAST(SUM(CASE WHEN d.undone_at IS NOT NULL THEN 1 ELSE 0 END) AS {bigint}),
            CAST(SUM(CASE WHEN d.undone_at IS NULL AND d.before_state <> 'ready' THEN 1 ELSE 0 END) AS {bigint}),
            CAST(SUM(CASE WHEN d.undone_at IS NULL AND d.corrects = 1 THEN 1 ELSE 0 END) AS {bigint})
        FROM application_decisions d
            JOIN applications a ON a.org_id = d.org_id AND a.application_id = d.application_id
        WHERE d.org_id = $1 AND d.decided_at >= $2 AND d.decided_at < $3 AND a.desk_id = $4
        GROUP BY d.outcome ORDER BY d.outcome";
}

/// The decisions of one kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QualityLine {
    /// What was decided.
    pub decision: Decision,
    /// How often.
    pub decided: u32,
    /// Of these, how many somebody else was to look at.
    pub sampled: u32,
    /// Still to be looked at.
    pub wanted: u32,
    /// Decided alike.
    pub agreed: u32,
    /// Decided otherwise.
    pub differed: u32,
    /// Taken back by whoever decided, within the two minutes.
    pub undone: u32,
    /// Decided anew what was decided before.
    pub reopened: u32,
    /// Of these, how many put right what the person was told.
    pub corrected: u32,
}

/// The decisions of a period.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Quality {
    /// By what was decided.
    pub lines: Vec<QualityLine>,
}

impl Quality {
    /// All of them together, by one of the numbers of a line.
    pub fn sum(&self, of: impl Fn(&QualityLine) -> u32) -> u32 {
        self.lines.iter().map(of).sum()
    }
}

/// The decisions of a desk from `from` on and before `to`.
pub async fn quality(
    db: &Db,
    org: OrgId,
    desk: DeskId,
    (from, to): (Millis, Millis),
) -> Result<Quality, DbError> {
    let rows = db.query(BY_OUTCOME, params![org, from, to, desk]).await?;
    let lines = rows.iter().map(|row| {
        Ok(QualityLine {
            decision: decision_of(&row.get::<String>(0)?)?,
            decided: row.get(1)?,
            sampled: row.get(2)?,
            wanted: row.get(3)?,
            agreed: row.get(4)?,
            differed: row.get(5)?,
            undone: row.get(6)?,
            reopened: row.get(7)?,
            corrected: row.get(8)?,
        })
    });
    Ok(Quality {
        lines: lines.collect::<Result<_, DbError>>()?,
    })
}
