//! Who was told what, and the way back: whoever was not told after all, because the broadcast was discarded before
//! their message left, is on the live list again.

use std::sync::Arc;

use base::clock::{DAY, Millis};
use base::id::{ApplicationId, BroadcastId, MessageId, OrgId, OutcomeListId};
use db::{Db, DbError, OrgVault, Tx, params};
use messaging::message::MessageState;

use super::applications::{NewEvent, add_event, hold};
use crate::application::{Application, Change, State};
use crate::document::Outcome;
use crate::limits::ROWS_SHOWN;

db::statements! {
    OPEN_LISTS = "
        SELECT list_id, broadcast_id FROM outcome_lists
        WHERE org_id = $1 AND broadcast_id IS NOT NULL AND settled_at IS NULL ORDER BY list_id LIMIT $2";
    SETTLE_LIST = "UPDATE outcome_lists SET settled_at = $3 WHERE org_id = $1 AND list_id = $2";
    MESSAGES = "
        SELECT application_id, message_id FROM application_tellings
        WHERE org_id = $1 AND list_id = $2 AND message_id IS NOT NULL AND returned_at IS NULL ORDER BY application_id";
    RETURN = "
        UPDATE application_tellings SET returned_at = $4
        WHERE org_id = $1 AND list_id = $2 AND application_id = $3 AND returned_at IS NULL
        RETURNING outcome, decision_no";
    /// What the person knows besides.
    LAST_TOLD = "
        SELECT outcome FROM application_tellings
        WHERE org_id = $1 AND application_id = $2 AND returned_at IS NULL ORDER BY told_at DESC, list_id DESC LIMIT 1";
    OWES_AGAIN = "
        UPDATE applications SET state = $3, state_at = $4, changes = changes + 1, owes = $5, owes_since = $4,
            told = CAST($6 AS TEXT), corrects = CASE WHEN CAST($6 AS TEXT) IS NULL THEN 0 ELSE corrects END
        WHERE org_id = $1 AND application_id = $2";
    /// Something was decided since: what puts nothing right is no correction, and is on another list.
    KNOWS = "
        UPDATE applications SET changes = changes + 1, told = CAST($3 AS TEXT),
            list_id = CASE WHEN CAST($3 AS TEXT) IS NULL AND corrects = 1 THEN NULL ELSE list_id END,
            corrects = CASE WHEN CAST($3 AS TEXT) IS NULL THEN 0 ELSE corrects END
        WHERE org_id = $1 AND application_id = $2";
    /// The decision was not told, and later ones put right only what was.
    NOT_TOLD = "
        UPDATE application_decisions SET
            told_at = CASE WHEN decision_no = $3 THEN NULL ELSE told_at END,
            list_id = CASE WHEN decision_no = $3 THEN NULL ELSE list_id END,
            broadcast_id = CASE WHEN decision_no = $3 THEN NULL ELSE broadcast_id END,
            message_id = CASE WHEN decision_no = $3 THEN NULL ELSE message_id END,
            before_state = CASE WHEN replaces = $3 AND before_state = 'released' THEN 'final' ELSE before_state END,
            corrects = CASE WHEN CAST($4 AS TEXT) IS NULL THEN 0 ELSE corrects END
        WHERE org_id = $1 AND application_id = $2 AND decision_no >= $3";
}

/// How long a list is looked at after everything was handed over: a part can come back to the queue.
const LOOKED_AT: Millis = DAY;

/// Brings back whoever was not told because the broadcast was discarded or given back. Any number of nodes may do this
/// at once. Says how many people came back.
pub async fn not_sent(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let mut returned = 0;
    for row in db.query(OPEN_LISTS, params![org, ROWS_SHOWN]).await? {
        let (list, broadcast): (OutcomeListId, BroadcastId) = (row.get(0)?, row.get(1)?);
        let found = messaging::store::broadcast(db, org, broadcast).await?;
        let Some(found) = found else {
            settle_list(db, org, list).await?;
            continue;
        };
        let over = found.handed_over_at;
        if found.discarded_at.is_some() {
            returned += bring_back(db, org, (list, broadcast)).await?;
        }
        if over.is_some_and(|over| found.discarded_at.is_some() || over + LOOKED_AT <= db.now()) {
            settle_list(db, org, list).await?;
        }
    }
    Ok(returned)
}

async fn settle_list(db: &Db, org: OrgId, list: OutcomeListId) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move { tx.execute(SETTLE_LIST, params![org, list, now]).await.map(drop) })
    })
    .await
}

async fn bring_back(
    db: &Db,
    org: OrgId,
    (list, broadcast): (OutcomeListId, BroadcastId),
) -> Result<usize, DbError> {
    let rows = db.query(MESSAGES, params![org, list]).await?;
    let all: Vec<(ApplicationId, MessageId)> = rows
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect::<Result<_, DbError>>()?;
    let messages: Vec<MessageId> = all.iter().map(|(_, message)| *message).collect();
    // A cancelled message is that for ever: what is read here still holds in the write.
    let facts = messaging::store::message_facts(db, org, &messages).await?;
    let cancelled = |message: &MessageId| {
        facts
            .get(message)
            .is_some_and(|facts| facts.state == MessageState::Cancelled)
    };
    let people: Vec<ApplicationId> = all
        .into_iter()
        .filter(|(_, message)| cancelled(message))
        .map(|(id, _)| id)
        .collect();
    if people.is_empty() {
        return Ok(0);
    }
    let (vault, now, people) = (db.vault(org).await?, db.now(), Arc::new(people));
    db.write(move |tx| {
        let (vault, people) = (Arc::clone(&vault), Arc::clone(&people));
        Box::pin(async move {
            let mut returned = 0;
            for id in people.iter() {
                let at = (list, broadcast, now);
                returned += usize::from(one(tx, org, &vault, *id, at).await?);
            }
            Ok(returned)
        })
    })
    .await
}

async fn one(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: ApplicationId,
    (list, broadcast, now): (OutcomeListId, BroadcastId, Millis),
) -> Result<bool, DbError> {
    let Some(found) = hold(tx, org, vault, id).await? else {
        return Ok(false);
    };
    let Some(telling) = tx.query_opt(RETURN, params![org, list, id, now]).await? else {
        return Ok(false);
    };
    let (code, number): (String, i64) = (telling.get(0)?, telling.get(1)?);
    let knows = tx.query_opt(LAST_TOLD, params![org, id]).await?;
    let knows: Option<String> = knows.map(|row| row.get(0)).transpose()?;
    match owes_again(&found, &code, knows.as_deref()) {
        Some((state, owes)) => {
            let row = params![org, id, state.code(), now, owes.code(), knows.clone()];
            tx.execute(OWES_AGAIN, row).await?;
        }
        None => {
            tx.execute(KNOWS, params![org, id, knows.clone()]).await?;
        }
    }
    if matches!(Outcome::from_code(&code), Some(Outcome::Decided(_))) {
        tx.execute(NOT_TOLD, params![org, id, number, knows]).await?;
    }
    let detail = broadcast.to_string();
    let event = NewEvent {
        kind: "not_sent",
        detail: Some(&detail),
        ..NewEvent::default()
    };
    add_event(tx, org, vault, id, event, now).await?;
    Ok(true)
}

/// Where it stands and what is to be told, if the person knows something else than what stands; `None` if that is
/// told in its time anyway, or was told since.
fn owes_again(found: &Application, code: &str, knows: Option<&str>) -> Option<(State, Outcome)> {
    if found.owes.is_some() {
        return None;
    }
    let (state, stands) = match Outcome::from_code(code)? {
        Outcome::Decided(_) => {
            let decided = found.decided.as_ref()?;
            let state = found.state.after(Change::NotSent)?;
            (state, Outcome::Decided(decided.decision.clone()))
        }
        Outcome::SentBack(key) => {
            let asked = found.state == State::SentBack && found.sent_back.as_ref() == Some(&key);
            (asked.then_some(State::SentBack)?, Outcome::SentBack(key))
        }
    };
    (knows != Some(stands.code().as_str())).then_some((state, stands))
}
