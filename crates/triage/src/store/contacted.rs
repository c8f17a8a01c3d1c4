//! Statements by which the first word to a person comes further.

use base::clock::Millis;
use base::id::{CaseId, OrgId, StaffId};
use db::{DbError, OrgVault, Tx, params};

use super::cases;
use super::events::{NewEvent, add, sealed_detail};
use crate::case::{ContactEvent, EventDetail, EventKind, FirstContact};

db::statements! {
    CONTACT = "SELECT contact FROM cases WHERE org_id = $1 AND case_id = $2 {locked cases}";
    SET_CONTACT = "
        UPDATE cases SET contact = $3, contact_at = $4, watch_at = $5,
            contact_from = CASE WHEN $3 = 'waiting' THEN $4 ELSE contact_from END,
            first_arrived_at = CASE WHEN $3 = 'waiting' THEN NULL
                WHEN $3 IN ('delivered', 'opened', 'answered', 'spoken') THEN COALESCE(first_arrived_at, $4)
                ELSE first_arrived_at END,
            first_opened_at = CASE WHEN $3 = 'waiting' THEN NULL
                WHEN $3 IN ('opened', 'answered', 'spoken') THEN COALESCE(first_opened_at, $4)
                ELSE first_opened_at END,
            first_answered_at = CASE WHEN $3 = 'waiting' THEN NULL
                WHEN $3 IN ('answered', 'spoken') THEN COALESCE(first_answered_at, $4)
                ELSE first_answered_at END
        WHERE org_id = $1 AND case_id = $2";
}

/// What happened to the first word to a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contacted {
    /// To whom.
    pub case: CaseId,
    /// What.
    pub event: ContactEvent,
    /// When, UTC milliseconds.
    pub at: Millis,
    /// When somebody has to look again; `None` when nothing is to be watched any more.
    pub watch_at: Option<Millis>,
    /// By whom; `None` for the program.
    pub by: Option<StaffId>,
}

/// Writes down how far the first word has come, in the write in which it came so far. Gives where it stands now;
/// `None` without such a case. What changes nothing is not kept.
pub async fn contacted(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    what: Contacted,
) -> Result<Option<FirstContact>, DbError> {
    let Some(row) = tx.query_opt(CONTACT, params![org, what.case]).await? else {
        return Ok(None);
    };
    let before = cases::word(&row.get::<String>(0)?, FirstContact::from_word)?;
    let after = before.after(what.event);
    if after != before {
        let params = params![org, what.case, after.as_str(), what.at, what.watch_at];
        tx.execute(SET_CONTACT, params).await?;
        let detail = EventDetail {
            contact: Some(what.event),
            ..EventDetail::default()
        };
        let event = NewEvent {
            case: what.case,
            by: what.by,
            office: None,
            kind: EventKind::Contact,
            detail: sealed_detail(vault, what.case, &detail),
        };
        add(tx, org, what.at, event).await?;
    }
    Ok(Some(after))
}
