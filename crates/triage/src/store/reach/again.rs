//! Messages that stand for others of the same cases: to a corrected number, or sent once more.

use std::collections::HashSet;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{CaseId, MessageId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Tx, params};
use lists::contacts::Purpose;
use messaging::store::Replacement;

use super::super::contacted::{Contacted, contacted};
use super::super::events::add_messages;
use super::super::{cases, json};
use super::{CASES_OF, PURPOSE_OF, SET_FROM, standing_now, written};
use crate::case::{ContactEvent, FirstContact};

db::statements! {
    // A message to a family is wanted as long as somebody of it wants it. Its cases stand in the index (i), its purpose
    // in the row (m): asked for both at once, SQLite reads all messages of the organisation.
    UNWANTED = "
        WITH w AS MATERIALIZED (SELECT CAST(each.value AS {bigint}) AS message_id FROM {each $2})
        SELECT w.message_id FROM w CROSS JOIN case_messages i CROSS JOIN case_messages m CROSS JOIN cases c
        WHERE i.org_id = $1 AND i.message_id = w.message_id
            AND m.org_id = i.org_id AND m.case_id = i.case_id AND m.message_id = i.message_id
            AND c.org_id = i.org_id AND c.case_id = i.case_id
        GROUP BY w.message_id
        HAVING SUM(CASE WHEN c.state = 'open' AND (m.purpose <> 'first_touch'
                OR c.contact NOT IN ('delivered', 'opened', 'answered', 'spoken', 'not_needed'))
            THEN 1 ELSE 0 END) = 0";
    NOT_SEEN_TO = "
        SELECT c.case_id FROM {each $2} CROSS JOIN cases c
        WHERE c.org_id = $1 AND c.case_id = CAST(each.value AS {bigint}) AND c.state = 'open'
            AND c.contact IN ('waiting', 'written', 'unreached')
        ORDER BY c.case_id";
}

/// Messages that nobody needs once more: their cases are closed, or their people have the first word already.
pub(crate) async fn unwanted(
    db: &Db,
    org: OrgId,
    messages: &[MessageId],
) -> Result<HashSet<MessageId>, DbError> {
    let rows = db.query(UNWANTED, params![org, json(&messages)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The same inside of a write that sends them.
pub(crate) async fn unwanted_in(
    tx: &mut Tx,
    org: OrgId,
    messages: &[MessageId],
) -> Result<HashSet<MessageId>, DbError> {
    let rows = tx.query(UNWANTED, params![org, json(&messages)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Those of these cases that wait for the first word, and whom nobody is to telephone yet.
pub(crate) async fn not_seen_to(db: &Db, org: OrgId, cases: &[CaseId]) -> Result<Vec<CaseId>, DbError> {
    let rows = db.query(NOT_SEEN_TO, params![org, json(&cases)]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Gives cases the messages that stand for theirs. Whoever was not spoken to and has not answered is written to anew
/// from the moment in which the new message was made.
pub(crate) async fn adopt(db: &Db, org: OrgId, news: Vec<(CaseId, Replacement)>) -> Result<(), DbError> {
    let (vault, news, now) = (db.vault(org).await?, Arc::new(news), db.now());
    db.write(move |tx| {
        let (vault, news) = (Arc::clone(&vault), Arc::clone(&news));
        Box::pin(async move {
            tx.take_numbers("cases", 0).await?;
            for (case, one) in news.iter() {
                adopt_one(tx, org, &vault, *case, *one, now).await?;
            }
            Ok(())
        })
    })
    .await
}

async fn adopt_one(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    case: CaseId,
    one: Replacement,
    now: Millis,
) -> Result<(), DbError> {
    use FirstContact as F;
    let Some(row) = tx.query_opt(PURPOSE_OF, params![org, case, one.old]).await? else {
        return Ok(());
    };
    // Another node may have been faster.
    if tx
        .query_opt(PURPOSE_OF, params![org, case, one.new])
        .await?
        .is_some()
    {
        return Ok(());
    }
    let purpose = cases::word(&row.get::<String>(0)?, Purpose::from_word)?;
    let stands = standing_now(tx, org, &[case]).await?;
    let Some(before) = stands.get(&case) else {
        return Ok(());
    };
    if matches!(
        before.contact,
        F::Spoken | F::Answered | F::GivenUp | F::NotNeeded
    ) {
        return add_messages(tx, org, purpose, now, &[(case, one.new)]).await;
    }
    let what = Contacted {
        case,
        event: ContactEvent::Forgotten,
        at: one.at,
        watch_at: before.watch_at,
        by: None,
    };
    contacted(tx, org, vault, what).await?;
    tx.execute(SET_FROM, params![org, case, one.at]).await?;
    written(tx, org, vault, purpose, None, &[(case, one.new)], now).await
}

/// Which messages stand for others of the same cases, in the write that makes them: sent once more.
pub(crate) async fn written_again(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    by: StaffId,
    pairs: &[(MessageId, MessageId)],
    now: Millis,
) -> Result<usize, DbError> {
    let olds: Vec<MessageId> = pairs.iter().map(|(old, _)| *old).collect();
    let mut people = 0;
    let rows = tx.query(CASES_OF, params![org, json(&olds)]).await?;
    for row in &rows {
        let (old, case): (MessageId, CaseId) = (row.get(0)?, row.get(1)?);
        let Some(row) = tx.query_opt(PURPOSE_OF, params![org, case, old]).await? else {
            continue;
        };
        let purpose = cases::word(&row.get::<String>(0)?, Purpose::from_word)?;
        let news = pairs.iter().filter(|(one, _)| *one == old);
        let news: Vec<(CaseId, MessageId)> = news.map(|(_, new)| (case, *new)).collect();
        people += news.len();
        written(tx, org, vault, purpose, Some(by), &news, now).await?;
    }
    Ok(people)
}
