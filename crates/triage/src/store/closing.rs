//! Closing a case and opening it again, and what follows from it for messages, links and calls.

use std::collections::BTreeMap;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, MessageId, OfficeId, OrgId, StaffId};
use db::{DbError, OrgVault, Tx, params};
use lists::calls::{CallOutcome, settle_case};
use lists::contacts::Purpose;
use messaging::correction::call_back_waiting;
use messaging::store::replacements_in;

use super::events::{NewEvent, add, add_messages, sealed_detail};
use super::{care, cases};
use crate::case::{Case, CaseChange, ClosedWhy, EventDetail, EventKind};

db::statements! {
    SET_STATE = "
        UPDATE cases SET state = $3, closed_at = $4, closed_why = $5, closed_day = $6, watch_at = $7,
            arrived_at = NULL, version = version + 1,
            care_at = CASE WHEN $3 = 'open' THEN care_at END,
            contact_from = CASE WHEN $3 = 'open' AND contact = 'calling' THEN $8 ELSE contact_from END
        WHERE org_id = $1 AND case_id = $2";
    MESSAGES = "SELECT message_id, purpose FROM case_messages WHERE org_id = $1 AND case_id = $2";
    // A message to a family is still another's as long as that one's case is open.
    ONLY_THEIRS = "
        SELECT m.message_id FROM case_messages m
        WHERE m.org_id = $1 AND m.case_id = $2 AND NOT EXISTS (
            SELECT 1 FROM case_messages o CROSS JOIN cases c
            WHERE o.org_id = $1 AND o.message_id = m.message_id AND o.case_id <> $2
                AND c.org_id = $1 AND c.case_id = o.case_id AND c.state = 'open')";
}

/// How a case is closed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloseCase {
    /// Why.
    pub why: ClosedWhy,
    /// From which day in Japan on.
    pub from: CalendarDate,
    /// Who decides it, and at which office; `None` for a rule.
    pub by: Option<(StaffId, OfficeId)>,
    /// In their words.
    pub words: Option<String>,
}

/// A case is closed in the write of whoever decides it, a person or a rule. `false` if it is not open.
///
/// What follows is done here, for everybody: personal links close and questions end; if a person closes it, messages
/// that have not left are called back, and its entry of the call list is settled. A rule must not close whom somebody
/// still telephones, or to whom something other than its own notice is still to leave.
pub async fn close_in(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    case: CaseId,
    closing: &CloseCase,
    now: Millis,
) -> Result<bool, DbError> {
    // Changes of one database take turns from here on.
    tx.take_numbers("cases", 0).await?;
    let found = cases::case_in(tx, org, vault, None, case).await?;
    let Some(state) = found.and_then(|found| found.state.after(CaseChange::Close)) else {
        return Ok(false);
    };
    let params = params![
        org,
        case,
        state.as_str(),
        Some(now),
        Some(closing.why.as_str()),
        Some(closing.from.to_string()),
        None::<Millis>,
        now,
    ];
    tx.execute(SET_STATE, params).await?;
    care::leave(tx, org, case, now).await?;
    if let Some((by, _)) = closing.by {
        call_back_theirs(tx, org, case, now).await?;
        let note = format!("患者の記録を終了したため（{}）", closing.why.label());
        settle_case(tx, org, vault, (case, CallOutcome::NotNeeded), (by, &note), now).await?;
    }
    add(tx, org, now, event(vault, case, closing)).await?;
    Ok(true)
}

/// The messages of a case, with those that stand for them, for a corrected number.
pub(super) async fn messages_in(tx: &mut Tx, org: OrgId, case: CaseId) -> Result<Vec<MessageId>, DbError> {
    let known = with_replacements(tx, org, case).await?;
    Ok(known.into_keys().collect())
}

/// Calls back what waits to be sent for a case, and for nobody else whose case is open: with what stands for it, for a
/// corrected number.
pub(super) async fn call_back_theirs(
    tx: &mut Tx,
    org: OrgId,
    case: CaseId,
    now: Millis,
) -> Result<(), DbError> {
    // The watch has not looked yet, or does not look any more: what stands for a message of the case is the case's too.
    for (message, purpose) in with_replacements(tx, org, case).await? {
        add_messages(tx, org, purpose, now, &[(case, message)]).await?;
    }
    let theirs = tx.query(ONLY_THEIRS, params![org, case]).await?;
    let theirs = theirs.iter().map(|row| row.get(0));
    let theirs = theirs.collect::<Result<Vec<MessageId>, _>>()?;
    call_back_waiting(tx, org, &theirs, now).await.map(drop)
}

/// The messages of a case and those that stand for them, each with its purpose.
async fn with_replacements(
    tx: &mut Tx,
    org: OrgId,
    case: CaseId,
) -> Result<BTreeMap<MessageId, Purpose>, DbError> {
    let mut known = BTreeMap::new();
    for row in tx.query(MESSAGES, params![org, case]).await? {
        let purpose = cases::word(&row.get::<String>(1)?, Purpose::from_word)?;
        known.insert(row.get::<MessageId>(0)?, purpose);
    }
    let asked: Vec<MessageId> = known.keys().copied().collect();
    for one in replacements_in(tx, org, &asked).await? {
        if let Some(purpose) = known.get(&one.asked).copied() {
            known.entry(one.new).or_insert(purpose);
        }
    }
    Ok(known)
}

/// What the history of a case says of its closing.
fn event(vault: &OrgVault, case: CaseId, closing: &CloseCase) -> NewEvent {
    let detail = EventDetail {
        words: closing.words.clone(),
        closed: Some(closing.why),
        from: Some(closing.from),
        ..EventDetail::default()
    };
    NewEvent {
        case,
        by: closing.by.map(|(by, _)| by),
        office: closing.by.map(|(_, office)| office),
        kind: EventKind::Closed,
        detail: sealed_detail(vault, case, &detail),
    }
}

/// Something is to be done after all; the watch looks at once. `false` if the case is not closed.
pub(super) async fn reopen_in(tx: &mut Tx, org: OrgId, case: &Case, now: Millis) -> Result<bool, DbError> {
    let Some(state) = case.state.after(CaseChange::Reopen) else {
        return Ok(false);
    };
    let (never, nothing) = (None::<Millis>, None::<&str>);
    let params = params![
        org,
        case.id,
        state.as_str(),
        never,
        nothing,
        nothing,
        Some(now),
        now
    ];
    tx.execute(SET_STATE, params).await?;
    Ok(true)
}
