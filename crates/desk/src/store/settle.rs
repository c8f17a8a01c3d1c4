//! From provisional to final, and what follows by itself.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{ApplicationId, CallId, DeskId, OrgId};
use db::{Db, DbError, OrgVault, Tx, params};
use lists::calls::CallReason;

use super::applications::{NewEvent, add_event, applications, hold};
use super::desks;
use super::handovers::cleared;
use super::reviews::unpark;
use crate::application::{Application, Change, SecondLook, State};
use crate::call::{Call, call};
use crate::document::{Decision, DeskDocument, Outcome, Then};
use crate::limits::SETTLED_PER_STEP;

db::statements! {
    DUE = "
        SELECT application_id FROM applications
        WHERE org_id = $1 AND state = 'provisional' AND provisional_until <= $2
        ORDER BY provisional_until, application_id LIMIT $3";
    SETTLED = "
        UPDATE applications SET state = $3, state_at = $4, changes = changes + 1, owes = $5, owes_since = $4,
            call_id = COALESCE($6, call_id)
        WHERE org_id = $1 AND application_id = $2";
    FINAL = "
        UPDATE application_decisions SET final_at = $4, call_id = $5
        WHERE org_id = $1 AND application_id = $2 AND decision_no = $3";
    CALLED_ABOUT = "
        SELECT application_id, call_id FROM applications
        WHERE org_id = $1 AND parked = 'phone' AND call_id IS NOT NULL ORDER BY parked_at LIMIT $2";
}

/// The documents that applications were made with.
pub(crate) struct Documents(HashMap<(DeskId, i64), DeskDocument>);

impl Documents {
    /// Of these applications.
    pub(crate) async fn of(db: &Db, org: OrgId, found: &[Application]) -> Result<Self, DbError> {
        let mut documents = HashMap::new();
        for one in found {
            let key = (one.desk, one.version);
            if let Entry::Vacant(place) = documents.entry(key) {
                let document = desks::document(db, org, key).await?;
                let missing = || DbError::Statement("a desk's version is not there".to_owned());
                place.insert(document.ok_or_else(missing)?);
            }
        }
        Ok(Self(documents))
    }

    /// Of one of them.
    pub(crate) fn get(&self, one: &Application) -> Option<&DeskDocument> {
        self.0.get(&(one.desk, one.version))
    }
}

/// Makes final what nobody took back in time, with what follows: the call of a reason that wants one, the hand-over of
/// a confirmed person. Any number of nodes may do this at once. Says how many became final.
pub async fn settle(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let mut settled = 0;
    loop {
        let due = db.query(DUE, params![org, db.now(), SETTLED_PER_STEP]).await?;
        let ids: Vec<ApplicationId> = due.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(settled);
        }
        let found = applications(db, org, &ids).await?;
        let documents = Arc::new(Documents::of(db, org, &found).await?);
        let (vault, now, ids) = (db.vault(org).await?, db.now(), Arc::new(ids));
        let step = db.write(move |tx| {
            let (vault, ids, documents) = (Arc::clone(&vault), Arc::clone(&ids), Arc::clone(&documents));
            Box::pin(async move {
                let mut step = 0;
                for id in ids.iter() {
                    step += usize::from(settle_one(tx, org, &vault, *id, &documents, now).await?);
                }
                Ok(step)
            })
        });
        let step = step.await?;
        settled += step;
        // Somebody else is doing it, or it was taken back: the next look comes soon.
        if step == 0 {
            return Ok(settled);
        }
    }
}

async fn settle_one(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: ApplicationId,
    documents: &Documents,
    now: Millis,
) -> Result<bool, DbError> {
    let Some(found) = hold(tx, org, vault, id).await? else {
        return Ok(false);
    };
    let decided = found
        .decided
        .as_ref()
        .filter(|decided| found.state == State::Provisional && decided.provisional_until <= now);
    let Some((decided, document)) = decided.zip(documents.get(&found)) else {
        return Ok(false);
    };
    let outcome = Outcome::Decided(decided.decision.clone());
    // A correction that leads back to what the person knows: nothing is to be told.
    let as_told = decided.corrects && found.told.as_ref() == Some(&outcome);
    let change = if as_told {
        Change::SettleAsTold
    } else {
        Change::Settle
    };
    let Some(state) = found.state.after(change) else {
        return Ok(false);
    };
    let entry = match phone_of(document, &decided.decision).filter(|_| !as_told) {
        Some((priority, why)) => {
            let asked = Call {
                about: &found,
                reason: CallReason::ToBeAsked,
                priority,
                why,
                by: None,
            };
            Some(call(tx, org, vault, &asked, now).await?)
        }
        None => None,
    };
    let owes = (!as_told).then(|| outcome.code());
    tx.execute(SETTLED, params![org, id, state.code(), now, owes, entry])
        .await?;
    tx.execute(FINAL, params![org, id, decided.number, now, entry])
        .await?;
    if decided.second_look.is_none_or(SecondLook::is_clear) {
        cleared(tx, org, &found, decided, document, now).await?;
    }
    let event = NewEvent {
        kind: "final",
        detail: Some(decided.decision.code()),
        ..NewEvent::default()
    };
    add_event(tx, org, vault, id, event, now).await?;
    Ok(true)
}

fn phone_of<'d>(document: &'d DeskDocument, decision: &Decision) -> Option<(u32, &'d str)> {
    let Decision::Refused(code) = decision else {
        return None;
    };
    let reason = document
        .reason(code)
        .filter(|reason| reason.then == Then::Phone)?;
    Some((reason.call_priority, reason.label.as_str()))
}

/// Puts applications whose call is over back into the queue. Says how many.
pub async fn called_back(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let rows = db.query(CALLED_ABOUT, params![org, SETTLED_PER_STEP]).await?;
    let waiting: Vec<(ApplicationId, CallId)> = rows
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect::<Result<_, DbError>>()?;
    let calls: Vec<CallId> = waiting.iter().map(|(_, call)| *call).collect();
    if calls.is_empty() {
        return Ok(0);
    }
    let outcomes = lists::calls::outcomes(db, org, &calls).await?;
    let mut back = 0;
    for (id, call) in waiting {
        if matches!(outcomes.get(&call), Some(Some(_))) {
            back += usize::from(unpark(db, org, id, None).await?);
        }
    }
    Ok(back)
}
