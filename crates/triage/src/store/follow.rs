//! What follows from another decision, or another number, in the write that keeps it: messages that wait for the old
//! number are called back, the open call goes on with the new one, and the watch looks at once.

use base::clock::Millis;
use base::id::{CaseId, HouseholdId, MessageId, OrgId, StaffId};
use db::{DbError, OrgVault, Tx, params};
use messaging::correction::call_back_waiting;

use super::cases;
use super::contacted::{Contacted, contacted};
use crate::case::{Case, CaseState, ContactEvent, FirstContact, received_day};
use crate::decision::{Decided, Route};
use crate::gather::is_child;
use crate::notification::{CaseNotification, Person};
use crate::reach::{number_to_dial, own_number};

db::statements! {
    LOOK_AT_ONCE = "
        UPDATE cases SET watch_at = $3, care_at = $3 WHERE org_id = $1 AND case_id = $2 AND state = 'open'";
    // What a message does that was made before says nothing of whether the person was spoken with.
    FROM_NOW = "UPDATE cases SET contact_from = $3 WHERE org_id = $1 AND case_id = $2";
    MESSAGES = "SELECT message_id FROM case_messages WHERE org_id = $1 AND case_id = $2";
    SHARED_WITH = "
        SELECT DISTINCT o.case_id FROM case_messages m CROSS JOIN case_messages o
        WHERE m.org_id = $1 AND m.case_id = $2 AND o.org_id = $1 AND o.message_id = m.message_id";
}

/// The watch and care look at a case at once: what they knew of it does not hold any more.
pub(super) async fn look_at_once(tx: &mut Tx, org: OrgId, case: CaseId, now: Millis) -> Result<(), DbError> {
    tx.execute(LOOK_AT_ONCE, params![org, case, now]).await.map(drop)
}

/// Another decision than before. Whom the centre is to telephone from now on, it telephones, although a message is on
/// its way or has arrived.
pub(super) async fn decision(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (before, decided): (&Case, &Decided),
    by: StaffId,
    now: Millis,
) -> Result<(), DbError> {
    use FirstContact as F;
    if before.state != CaseState::Open {
        return Ok(());
    }
    if decided.priority > before.decided.priority {
        lists::calls::raise_case(tx, org, before.id, decided.priority).await?;
    }
    let is_phone = |decided: &Decided| decided.route == Route::CentrePhone;
    let was_written_to = matches!(
        before.contact,
        F::Written | F::Unreached | F::Delivered | F::Opened | F::Calling
    );
    if was_written_to && is_phone(decided) && !is_phone(&before.decided) {
        let what = Contacted {
            case: before.id,
            event: ContactEvent::PutOnCallList,
            at: now,
            watch_at: Some(now),
            by: Some(by),
        };
        contacted(tx, org, vault, what).await?;
        tx.execute(FROM_NOW, params![org, before.id, now]).await?;
    }
    look_at_once(tx, org, before.id, now).await
}

/// Other numbers than before. A family may be written to and telephoned at the number of one of them: nothing goes to
/// the old one for any of them.
pub(super) async fn numbers(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (case, told): (&Case, &CaseNotification),
    now: Millis,
) -> Result<(), DbError> {
    let Some(before) = case.notification.as_ref() else {
        return Ok(());
    };
    let day = received_day(case.received_at);
    let dialled = |person: &Person| number_to_dial(person, own_number(person, day));
    let (old, new) = (dialled(&before.person), dialled(&told.person));
    if old != new {
        lists::calls::renumber_case(tx, org, vault, case.id, (None, new.as_deref())).await?;
    }
    let was = own_number(&before.person, day);
    if was == own_number(&told.person, day) {
        return Ok(());
    }
    call_back(tx, org, case.id, now).await?;
    if was.is_some() {
        for child in children(tx, org, vault, (case.household, case.id)).await? {
            let at = (old.as_deref(), new.as_deref());
            lists::calls::renumber_case(tx, org, vault, child, at).await?;
            call_back(tx, org, child, now).await?;
        }
    }
    Ok(())
}

/// Calls back what waits to be sent for a case; whoever it was for as well is looked at too.
async fn call_back(tx: &mut Tx, org: OrgId, case: CaseId, now: Millis) -> Result<(), DbError> {
    let messages: Vec<MessageId> = ids(&tx.query(MESSAGES, params![org, case]).await?)?;
    if call_back_waiting(tx, org, &messages, now).await? > 0 {
        let shared = tx.query(SHARED_WITH, params![org, case]).await?;
        for one in ids::<CaseId>(&shared)? {
            look_at_once(tx, org, one, now).await?;
        }
    }
    Ok(())
}

fn ids<T: db::FromValue>(rows: &[db::Row]) -> Result<Vec<T>, DbError> {
    rows.iter().map(|row| row.get(0)).collect()
}

/// The children of a household who have no number of their own.
async fn children(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    (household, but): (HouseholdId, CaseId),
) -> Result<Vec<CaseId>, DbError> {
    let family = cases::of_household_in(tx, org, vault, household).await?;
    let is_without = |case: &Case| {
        let person = case.notification.as_ref().map(|told| &told.person);
        person.is_some_and(|person| own_number(person, received_day(case.received_at)).is_none())
    };
    let children = family.iter().filter(|case| case.id != but && is_child(case));
    Ok(children
        .filter(|case| is_without(case))
        .map(|case| case.id)
        .collect())
}
