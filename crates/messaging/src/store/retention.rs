//! Statements of retention: rules, holds, runs, and erasing messages.

use std::sync::Arc;

use base::clock::{HOUR, Millis};
use base::id::{ApplicationId, BroadcastId, ListId, MessageId, OrgId, StaffId};
use db::vault::ERASED;
use db::{Db, DbError, Field, Row, params};
use lists::store::erase::Held;

use super::broadcasts::json;
use super::link_people;
use crate::retention::{Class, Counts, Hold, HoldScope, Rules, Run};

const REASON: Field = Field("retention_holds.reason");
/// Messages of one commit.
const CHUNK: i64 = 2_000;
/// A run that has not ended by then has died with its process.
const LONGEST_RUN: Millis = HOUR;

db::statements! {
    RULES = "
        SELECT r.class, r.days FROM retention_rules r
        WHERE r.org_id = $1 AND r.version = (SELECT MAX(n.version) FROM retention_rules n
            WHERE n.org_id = r.org_id AND n.class = r.class)";
    SET_RULE = "
        INSERT INTO retention_rules (org_id, class, version, days, set_by, set_at)
        SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5
        FROM retention_rules WHERE org_id = $1 AND class = $2";
    HOLDS = "
        SELECT hold_id, scope, subject_id, reason_sealed, set_by, set_at FROM retention_holds
        WHERE org_id = $1 AND lifted_at IS NULL ORDER BY hold_id";
    ADD_HOLD = "
        INSERT INTO retention_holds (org_id, hold_id, scope, subject_id, reason_sealed, set_by, set_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Of this organisation, lifted or not.
    HOLD_EXISTS = "SELECT hold_id FROM retention_holds WHERE org_id = $1 AND hold_id = $2";
    LIFT_HOLD = "
        UPDATE retention_holds SET lifted_by = $3, lifted_at = $4
        WHERE org_id = $1 AND hold_id = $2 AND lifted_at IS NULL";
    HELD_BROADCASTS = "
        SELECT broadcast_id, list_id, first_message_id, last_message_id FROM broadcasts
        WHERE org_id = $1 AND broadcast_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";

    // What still waits to be handed over would go out without its text.
    DUE_BROADCASTS = "
        SELECT b.broadcast_id, b.first_message_id, b.last_message_id,
            (SELECT COUNT(*) FROM messages m
             WHERE m.org_id = b.org_id AND m.message_id BETWEEN b.first_message_id AND b.last_message_id)
        FROM broadcasts b
        WHERE b.org_id = $1 AND b.created_at < $2 AND b.erased_at IS NULL
            AND b.broadcast_id NOT IN (SELECT CAST(each.value AS {bigint}) FROM {each $3})
            AND NOT EXISTS (SELECT 1 FROM parts p WHERE p.broadcast_id = b.broadcast_id AND p.state = 70)
        ORDER BY b.broadcast_id";
    ERASE_MESSAGES = "
        UPDATE messages SET phone_sealed = $4, phone_index = '', text_sealed = $4,
            fingerprint = 'erased:' || CAST(message_id AS TEXT)
        WHERE org_id = $1 AND message_id BETWEEN $2 AND $3";
    ERASE_LINKS = "
        UPDATE links SET token_index = 'erased:' || CAST(message_id AS TEXT) || ':' || CAST(target_id AS TEXT)
        WHERE org_id = $1 AND message_id BETWEEN $2 AND $3";
    ERASE_EVENTS = "
        UPDATE broadcast_events SET detail_sealed = NULL WHERE org_id = $1 AND broadcast_id = $2";
    ERASE_BROADCAST = "
        UPDATE broadcasts SET file_name_sealed = $3, erased_at = $4,
            resend_reason_sealed = CASE WHEN resend_reason_sealed IS NULL THEN NULL ELSE $3 END
        WHERE org_id = $1 AND broadcast_id = $2";

    LAST_NIGHTLY = "
        SELECT started_at, ended_at FROM retention_runs
        WHERE org_id = $1 AND by_itself = 1 ORDER BY run_id DESC LIMIT 1";
    BEGIN_RUN = "
        INSERT INTO retention_runs (org_id, run_id, by_itself, started_at) VALUES ($1, $2, $3, $4)";
    END_RUN = "UPDATE retention_runs SET ended_at = $3, erased = $4 WHERE org_id = $1 AND run_id = $2";
    LAST_RUN = "
        SELECT started_at, ended_at, erased FROM retention_runs
        WHERE org_id = $1 ORDER BY run_id DESC LIMIT 1";
}

/// The organisation's rules, with what is usual where it has none.
pub async fn rules(db: &Db, org: OrgId) -> Result<Rules, DbError> {
    let mut rules = Rules::default();
    for row in db.query(RULES, params![org]).await? {
        if let Some(class) = Class::from_code(&row.get::<String>(0)?) {
            rules.set(class, row.get(1)?);
        }
    }
    Ok(rules)
}

/// From now on records of these classes are kept for so many days.
pub async fn set_rules(
    db: &Db,
    org: OrgId,
    rules: Vec<(Class, u32)>,
    by: Option<StaffId>,
) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        let rules = rules.clone();
        Box::pin(async move {
            tx.take_numbers("retention_rules", 0).await?;
            for (class, days) in rules {
                let rule = params![org, class.code(), i64::from(days), by, now];
                tx.execute(SET_RULE, rule).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Every hold that stands.
pub async fn holds(db: &Db, org: OrgId) -> Result<Vec<Hold>, DbError> {
    let vault = db.vault(org).await?;
    let hold = |row: &Row| {
        let id: i64 = row.get(0)?;
        let subject: i64 = row.get::<Option<i64>>(2)?.unwrap_or(0);
        let scope = match row.get::<String>(1)?.as_str() {
            "list" => HoldScope::List(ListId::new(subject)),
            "broadcast" => HoldScope::Broadcast(BroadcastId::new(subject)),
            "application" => HoldScope::Application(ApplicationId::new(subject)),
            // What this version does not know holds everything: nothing is erased by mistake.
            _ => HoldScope::Organisation,
        };
        Ok(Hold {
            id,
            scope,
            reason: vault.open(REASON, id, &row.get::<String>(3)?)?,
            by: row.get(4)?,
            at: row.get(5)?,
        })
    };
    db.query(HOLDS, params![org]).await?.iter().map(hold).collect()
}

/// Nothing of this is erased until the hold is lifted.
pub async fn add_hold(
    db: &Db,
    org: OrgId,
    scope: HoldScope,
    reason: String,
    by: StaffId,
) -> Result<i64, DbError> {
    let (vault, now, reason) = (db.vault(org).await?, db.now(), Arc::new(reason));
    let (word, subject) = match scope {
        HoldScope::Organisation => ("organisation", None),
        HoldScope::List(list) => ("list", Some(list.get())),
        HoldScope::Broadcast(broadcast) => ("broadcast", Some(broadcast.get())),
        HoldScope::Application(application) => ("application", Some(application.get())),
    };
    db.write(move |tx| {
        let (vault, reason) = (Arc::clone(&vault), Arc::clone(&reason));
        Box::pin(async move {
            let id = tx.take_numbers("retention_holds", 1).await?;
            let sealed = vault.seal(REASON, id, &reason);
            tx.execute(ADD_HOLD, params![org, id, word, subject, sealed, by, now])
                .await?;
            Ok(id)
        })
    })
    .await
}

/// Whether the organisation has had such a hold, lifted or not.
pub async fn hold_exists(db: &Db, org: OrgId, hold: i64) -> Result<bool, DbError> {
    Ok(db.query_opt(HOLD_EXISTS, params![org, hold]).await?.is_some())
}

/// What was held is erased again when it is due. `false` if it was lifted already.
pub async fn lift_hold(db: &Db, org: OrgId, hold: i64, by: StaffId) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move { Ok(tx.execute(LIFT_HOLD, params![org, hold, by, now]).await? == 1) })
    })
    .await
}

/// What the holds mean for lists and messages, and the broadcasts that are held.
pub(crate) async fn held(db: &Db, org: OrgId, holds: &[Hold]) -> Result<(Held, Vec<BroadcastId>), DbError> {
    let mut held = Held::default();
    let mut broadcasts = Vec::new();
    for hold in holds {
        match hold.scope {
            HoldScope::List(list) => held.lists.push(list),
            HoldScope::Broadcast(broadcast) => broadcasts.push(broadcast),
            HoldScope::Organisation | HoldScope::Application(_) => {}
        }
    }
    for row in db.query(HELD_BROADCASTS, params![org, json(&broadcasts)]).await? {
        held.lists.extend(row.get::<Option<ListId>>(1)?);
        held.messages.push((row.get(2)?, row.get(3)?));
    }
    Ok((held, broadcasts))
}

/// A broadcast whose messages are due.
#[derive(Clone, Copy)]
pub(crate) struct DueBroadcast {
    id: BroadcastId,
    first: MessageId,
    last: MessageId,
    pub(crate) messages: u64,
}

pub(crate) async fn due_broadcasts(
    db: &Db,
    org: OrgId,
    before: Millis,
    held: &[BroadcastId],
) -> Result<Vec<DueBroadcast>, DbError> {
    let rows = db
        .query(DUE_BROADCASTS, params![org, before, json(&held)])
        .await?;
    let due = |row: &Row| {
        Ok(DueBroadcast {
            id: row.get(0)?,
            first: row.get(1)?,
            last: row.get(2)?,
            messages: row.get::<u32>(3)?.into(),
        })
    };
    rows.iter().map(due).collect()
}

/// Takes numbers and texts away; the broadcast itself last, so that one that was begun is found again.
pub(crate) async fn erase_broadcast(db: &Db, org: OrgId, due: &DueBroadcast) -> Result<(), DbError> {
    let (id, last) = (due.id, due.last.get());
    let mut from = due.first.get();
    while from <= last {
        let to = last.min(from + CHUNK - 1);
        db.write(move |tx| {
            Box::pin(async move {
                tx.execute(ERASE_MESSAGES, params![org, from, to, ERASED]).await?;
                link_people::erase(tx, org, from, to).await?;
                tx.execute(ERASE_LINKS, params![org, from, to]).await.map(drop)
            })
        })
        .await?;
        from = to + 1;
    }
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(ERASE_EVENTS, params![org, id]).await?;
            tx.execute(ERASE_BROADCAST, params![org, id, ERASED, now])
                .await
                .map(drop)
        })
    })
    .await
}

pub(crate) async fn begin_run(db: &Db, org: OrgId, by_itself: bool) -> Result<i64, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let run = tx.take_numbers("retention_runs", 1).await?;
            tx.execute(BEGIN_RUN, params![org, run, by_itself, now]).await?;
            Ok(run)
        })
    })
    .await
}

/// The run of this night, unless another node has begun it.
pub(crate) async fn begin_nightly(db: &Db, org: OrgId, since: Millis) -> Result<Option<i64>, DbError> {
    let now = db.now();
    let last = db.query_opt(LAST_NIGHTLY, params![org]).await?;
    if last.is_some_and(|last| is_done(&last, since, now).unwrap_or(false)) {
        return Ok(None);
    }
    db.write(move |tx| {
        Box::pin(async move {
            // Nodes take turns from here on.
            let run = tx.take_numbers("retention_runs", 1).await?;
            if let Some(last) = tx.query_opt(LAST_NIGHTLY, params![org]).await?
                && is_done(&last, since, now)?
            {
                return Ok(None);
            }
            tx.execute(BEGIN_RUN, params![org, run, true, now]).await?;
            Ok(Some(run))
        })
    })
    .await
}

/// Whether the last run of a night is this night's, done or under way.
fn is_done(last: &Row, since: Millis, now: Millis) -> Result<bool, DbError> {
    let (started, ended): (Millis, Option<Millis>) = (last.get(0)?, last.get(1)?);
    let is_under_way = ended.is_none() && now - started < LONGEST_RUN;
    Ok(is_under_way || (ended.is_some() && started >= since))
}

pub(crate) async fn end_run(db: &Db, org: OrgId, run: i64, erased: &Counts) -> Result<(), DbError> {
    let (now, json) = (db.now(), json(erased));
    db.write(move |tx| {
        let json = json.clone();
        Box::pin(async move { tx.execute(END_RUN, params![org, run, now, json]).await.map(drop) })
    })
    .await
}

/// The last run, by night or by hand.
pub async fn last_run(db: &Db, org: OrgId) -> Result<Option<Run>, DbError> {
    let Some(row) = db.query_opt(LAST_RUN, params![org]).await? else {
        return Ok(None);
    };
    let erased: Option<String> = row.get(2)?;
    Ok(Some(Run {
        started_at: row.get(0)?,
        ended_at: row.get(1)?,
        erased: erased.and_then(|json| serde_json::from_str(&json).ok()),
    }))
}
