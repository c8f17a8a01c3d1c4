//! Applications are erased: when their time is over, and when nobody finished them. What is counted stays: state,
//! decision, times, 受付番号.

use base::clock::Millis;
use base::id::{ApplicationId, OrgId};
use db::vault::ERASED;
use db::{Db, DbError, Sql, Tx, Value, params};
use messaging::retention::HeldRecords;

use super::{json, photos};
use crate::limits::{APPLICATIONS_ERASED_AT_ONCE, DRAFT_ABSOLUTE, STATUS_TRIES_KEPT};

/// Of applications `a`: the person was told, took it back or never came again, before $2, and nobody holds it ($3, $4).
macro_rules! over {
    () => {
        "a.state IN ('released', 'withdrawn', 'expired') AND a.state_at < $2
            AND a.application_id NOT IN (SELECT CAST(each.value AS {bigint}) FROM {each $3})
            AND NOT EXISTS (SELECT 1 FROM application_tellings t CROSS JOIN {each $4}
                WHERE t.org_id = $1 AND t.application_id = a.application_id AND t.message_id BETWEEN
                    CAST(each.value ->> 0 AS {bigint}) AND CAST(each.value ->> 1 AS {bigint}))"
    };
}
pub(super) use over;

macro_rules! due {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM applications a WHERE a.org_id = $1 AND a.content_sealed <> $5 AND ",
            over!(),
            $rest
        )
    };
}

db::statements! {
    HOW_MANY_DUE = due!("COUNT(*)", "");
    DUE = due!("a.application_id", " ORDER BY a.application_id LIMIT $6");
    ERASE = "
        UPDATE applications SET content_sealed = $3, birth_index = NULL,
            token_index = 'erased:' || CAST(org_id AS TEXT) || ':' || CAST(application_id AS TEXT)
        WHERE org_id = $1 AND application_id = $2";
    ERASE_EVENTS = "
        UPDATE application_events SET note_sealed = NULL WHERE org_id = $1 AND application_id = $2";
    ERASE_REVIEWS = "
        UPDATE application_reviews SET comment_sealed = NULL WHERE org_id = $1 AND application_id = $2";
    ERASE_LOOKS = "
        UPDATE application_looks SET comment_sealed = NULL WHERE org_id = $1 AND application_id = $2";
    DROP_KEYS = "DELETE FROM application_keys WHERE org_id = $1 AND application_id = $2";
    DROP_VISITS = "DELETE FROM application_visits WHERE org_id = $1 AND application_id = $2";
    DROP_TRIES = "DELETE FROM application_tries WHERE org_id = $1 AND application_id = $2";
    DROP_CODES = "DELETE FROM phone_codes WHERE org_id = $1 AND application_id = $2";
    DROP_CERTIFICATES = "DELETE FROM certificates WHERE org_id = $1 AND application_id = $2";
    /// Of applications that stay: what opens nothing any more.
    SWEEP_VISITS = "DELETE FROM application_visits WHERE org_id = $1 AND seen_at <= $2";
    SWEEP_TRIES = "DELETE FROM application_tries WHERE org_id = $1 AND way = 'status' AND last_at <= $2";
}

/// The parameters of what is over.
pub(super) fn over_before(org: OrgId, before: Millis, held: &HeldRecords) -> Vec<Value> {
    params![org, before, json(&held.applications), json(&held.messages)]
}

fn asked(org: OrgId, before: Millis, held: &HeldRecords) -> Vec<Value> {
    [over_before(org, before, held), params![ERASED]].concat()
}

/// How many applications are due: of people who were told before this moment, or who took theirs back or never came
/// again. Whoever still waits keeps theirs.
pub async fn due_applications(
    db: &Db,
    org: OrgId,
    before: Millis,
    held: &HeldRecords,
) -> Result<u64, DbError> {
    let row = db.query_opt(HOW_MANY_DUE, asked(org, before, held)).await?;
    let many: i64 = row.map_or(Ok(0), |row| row.get(0))?;
    Ok(many.unsigned_abs())
}

/// Erases them. Says how many.
pub async fn erase_applications(
    db: &Db,
    org: OrgId,
    before: Millis,
    held: &HeldRecords,
) -> Result<u64, DbError> {
    let (now, due) = (db.now(), asked(org, before, held));
    let due = [due, params![APPLICATIONS_ERASED_AT_ONCE]].concat();
    let mut erased = 0;
    loop {
        let due = due.clone();
        let step = db.write(move |tx| {
            let due = due.clone();
            Box::pin(async move {
                let found = tx.query(DUE, due).await?;
                for row in &found {
                    erase_in(tx, org, row.get(0)?, now).await?;
                }
                Ok(found.len() as u64)
            })
        });
        match step.await? {
            0 => break,
            many => erased += many,
        }
    }
    sweep(db, org, now).await?;
    Ok(erased)
}

/// Everything of one application but that it was there, in a write that may do more.
pub(super) async fn erase_in(tx: &mut Tx, org: OrgId, id: ApplicationId, now: Millis) -> Result<(), DbError> {
    const PARTS: [Sql; 8] = [
        ERASE_EVENTS,
        ERASE_REVIEWS,
        ERASE_LOOKS,
        DROP_KEYS,
        DROP_VISITS,
        DROP_TRIES,
        DROP_CODES,
        DROP_CERTIFICATES,
    ];
    photos::erase::erase_of(tx, org, id, now).await?;
    for part in PARTS {
        tx.execute(part, params![org, id]).await?;
    }
    tx.execute(ERASE, params![org, id, ERASED]).await.map(drop)
}

async fn sweep(db: &Db, org: OrgId, now: Millis) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(SWEEP_VISITS, params![org, now - DRAFT_ABSOLUTE])
                .await?;
            let tries = params![org, now - STATUS_TRIES_KEPT];
            tx.execute(SWEEP_TRIES, tries).await.map(drop)
        })
    })
    .await
}
