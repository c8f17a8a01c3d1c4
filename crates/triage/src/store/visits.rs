//! Somebody went to see a person.

use std::sync::Arc;

use base::id::OrgId;
use db::{Db, DbError, params};
use lists::calls::{CallOutcome, settle_case};

use super::changes::Hand;
use super::events::{NewEvent, add, sealed_detail};
use super::reach::standing_now;
use crate::case::{EventDetail, EventKind, Visit, VisitResult};

db::statements! {
    SET_MET = "
        UPDATE cases SET contact = $3, contact_at = $4, watch_at = NULL WHERE org_id = $1 AND case_id = $2";
}

/// Keeps a visit. Whoever was met, or will be told, is reached, and nobody has to telephone any more.
pub async fn add_visit(db: &Db, org: OrgId, hand: Hand, visit: Visit, words: String) -> Result<(), DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let shared = Arc::new((visit, words));
    db.write(move |tx| {
        let (vault, shared) = (Arc::clone(&vault), Arc::clone(&shared));
        Box::pin(async move {
            tx.take_numbers("cases", 0).await?;
            let (case, (visit, words)) = (hand.case, &*shared);
            let before = standing_now(tx, org, &[case]).await?.get(&case).copied();
            let event = visit.result.contact();
            let came_further = before.zip(event).and_then(|(before, event)| {
                let after = before.contact.after(event);
                (after != before.contact).then_some(after)
            });
            if let Some(after) = came_further {
                tx.execute(SET_MET, params![org, case, after.as_str(), now])
                    .await?;
            }
            if event.is_some() {
                let outcome = outcome_of(visit.result);
                settle_case(
                    tx,
                    org,
                    &vault,
                    (case, outcome),
                    (hand.by, "訪問で伝えたため"),
                    now,
                )
                .await?;
            }
            let detail = EventDetail {
                words: (!words.is_empty()).then(|| words.clone()),
                contact: event.filter(|_| came_further.is_some()),
                visit: Some(visit.clone()),
                ..EventDetail::default()
            };
            let event = NewEvent {
                case,
                by: Some(hand.by),
                office: Some(hand.office),
                kind: EventKind::Visited,
                detail: sealed_detail(&vault, case, &detail),
            };
            add(tx, org, now, event).await
        })
    })
    .await
}

const fn outcome_of(result: VisitResult) -> CallOutcome {
    match result {
        VisitResult::Family => CallOutcome::MessageLeft,
        _ => CallOutcome::OtherWay,
    }
}
