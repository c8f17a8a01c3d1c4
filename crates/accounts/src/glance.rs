//! What pages of other slices may say of the trail and the throttle, in few bounded questions.

use base::clock::{DAY, Millis};
use base::id::{OrgId, StaffId};
use db::{DbError, Row, params};

use crate::Accounts;
use crate::audit::Outcome;
use crate::limits::ACCOUNT_FREE_FAILURES;

db::statements! {
    ABOUT = "SELECT entry_id, at, staff_id, action, outcome FROM audit_entries
        WHERE org_id = $1 AND subject_kind = $2 AND subject_id = $3 ORDER BY entry_id LIMIT $4";
    // Buckets of strangers on the page for residents are no sign-ins.
    FAILED_SIGN_INS = "SELECT COUNT(*), COALESCE(SUM(CASE WHEN failures >= $2 THEN 1 ELSE 0 END), 0)
        FROM login_throttle
        WHERE window_started_at >= $1 AND failures > 0 AND subject NOT LIKE 'public:%'";
    NEWEST_ENTRY = "SELECT at FROM audit_entries WHERE org_id = $1 ORDER BY entry_id DESC LIMIT 1";
    KEY_MADE_AT = "SELECT created_at FROM orgs WHERE org_id = $1";
}

/// An entry of the audit trail about one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryAbout {
    /// When.
    pub at: Millis,
    /// Who.
    pub staff: Option<StaffId>,
    /// What, in words; the code where no route of this version is called so.
    pub label: String,
    /// Whether it was refused.
    pub refused: bool,
}

/// Sign-ins that failed of late.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct FailedSignIns {
    /// Login names and source addresses with failures since.
    pub subjects: u32,
    /// Those of them that failed so often that they have to wait.
    pub waiting: u32,
}

impl Accounts {
    /// The first entries about one thing, oldest first.
    pub async fn entries_about(
        &self,
        org: OrgId,
        kind: &'static str,
        id: i64,
        limit: i64,
    ) -> Result<Vec<EntryAbout>, DbError> {
        let rows = self.db.query(ABOUT, params![org, kind, id, limit]).await?;
        rows.iter().map(|row| self.entry_about(row)).collect()
    }

    fn entry_about(&self, row: &Row) -> Result<EntryAbout, DbError> {
        let (code, outcome): (String, String) = (row.get(3)?, row.get(4)?);
        let mut actions = self.routes.iter().filter_map(crate::Route::action);
        let label = actions
            .find(|action| action.code == code)
            .map(|action| action.label);
        Ok(EntryAbout {
            at: row.get(1)?,
            staff: row.get(2)?,
            label: label.map_or(code, str::to_owned),
            refused: outcome == Outcome::Refused.code(),
        })
    }

    /// Whose sign-in failed in the last 24 hours, in the whole installation.
    pub async fn failed_sign_ins(&self) -> Result<FailedSignIns, DbError> {
        let since = self.db.now() - DAY;
        let row = self
            .db
            .query_opt(FAILED_SIGN_INS, params![since, ACCOUNT_FREE_FAILURES])
            .await?;
        row.map_or(Ok(FailedSignIns::default()), |row| {
            Ok(FailedSignIns {
                subjects: row.get(0)?,
                waiting: row.get(1)?,
            })
        })
    }

    /// When the newest entry of the audit trail was written.
    pub async fn newest_audit_entry(&self, org: OrgId) -> Result<Option<Millis>, DbError> {
        let row = self.db.query_opt(NEWEST_ENTRY, params![org]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Since when the organisation's key is used: it is made with the organisation.
    pub async fn key_made_at(&self, org: OrgId) -> Result<Millis, DbError> {
        let row = self.db.query_opt(KEY_MADE_AT, params![org]).await?;
        row.ok_or_else(|| DbError::Statement(format!("organisation {org} does not exist")))?
            .get(0)
    }
}
