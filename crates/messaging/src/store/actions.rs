//! What people do to broadcasts and messages, each with its line in the broadcast's history.

use base::clock::Millis;
use base::id::{BroadcastId, MessageId, OrgId, StaffId};
use db::{Db, DbError, Field, OrgVault, Tx, params};

use crate::allowance::OverLimit;
use crate::message::{Event, MessageState, Settlement};

const EVENT_DETAIL: Field = Field("broadcast_events.detail");

db::statements! {
    PAUSE = "
        UPDATE broadcasts SET paused_at = $3
        WHERE org_id = $1 AND broadcast_id = $2 AND paused_at IS NULL AND discarded_at IS NULL";
    RESUME = "
        UPDATE broadcasts SET paused_at = NULL,
            first_wave = CASE WHEN first_wave = 'failed' THEN 'over' ELSE first_wave END
        WHERE org_id = $1 AND broadcast_id = $2 AND paused_at IS NOT NULL AND discarded_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM incident_broadcasts i
                WHERE +i.org_id = $1 AND i.broadcast_id = $2 AND i.stopped_at IS NOT NULL AND i.decided_at IS NULL)";
    MARK_DISCARDED = "
        UPDATE broadcasts SET discarded_at = $3, handed_over_at = NULL
        WHERE org_id = $1 AND broadcast_id = $2 AND discarded_at IS NULL";
    ADD_EVENT = "
        INSERT INTO broadcast_events (org_id, broadcast_id, event_no, at, staff_id, action, detail_sealed)
        SELECT $1, $2, COALESCE(MAX(event_no), 0) + 1, $3, $4, $5, $6
        FROM broadcast_events WHERE org_id = $1 AND broadcast_id = $2";
    EVENTS = "
        SELECT at, staff_id, action, detail_sealed FROM broadcast_events
        WHERE org_id = $1 AND broadcast_id = $2 ORDER BY event_no";
    SETTLE = "
        UPDATE parts SET state = $3, changed_at = $4
        WHERE org_id = $1 AND message_id = $2 AND state = $5";
}

/// Stops a broadcast: from the commit of this on, nothing more of it is claimed. `false` if it was stopped
/// or discarded already.
pub async fn pause(db: &Db, org: OrgId, id: BroadcastId, by: Option<StaffId>) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let done = pause_in(tx, org, id, now).await?;
            if done {
                tx.execute(ADD_EVENT, params![org, id, now, by, "paused", None::<i64>])
                    .await?;
            }
            Ok(done)
        })
    })
    .await
}

/// The same in a write that does more, and writes the history itself.
pub(crate) async fn pause_in(tx: &mut Tx, org: OrgId, id: BroadcastId, now: Millis) -> Result<bool, DbError> {
    Ok(tx.execute(PAUSE, params![org, id, now]).await? == 1)
}

/// Lets a stopped broadcast go on; after a first wave that did not arrive, with everybody else. `false` if it was not
/// stopped, or an incident holds it; refused if it would leave another day than it was counted on, which has no room.
pub async fn resume(
    db: &Db,
    org: OrgId,
    id: BroadcastId,
    by: Option<StaffId>,
) -> Result<Result<bool, OverLimit>, DbError> {
    let (now, vault) = (db.now(), db.vault(org).await?);
    db.write(move |tx| {
        let vault = std::sync::Arc::clone(&vault);
        Box::pin(async move {
            let room = match super::leaving::standing(tx, org, id).await? {
                Some(standing) => standing.move_in(tx, (org, &vault), id, now).await?,
                None => Ok(()),
            };
            if let Err(over) = room {
                return Ok(Err(over));
            }
            let done = tx.execute(RESUME, params![org, id]).await? == 1;
            if done {
                tx.execute(ADD_EVENT, params![org, id, now, by, "resumed", None::<i64>])
                    .await?;
            }
            Ok(Ok(done))
        })
    })
    .await
}

/// Cancels everything of the broadcast that has not left; a message of which a part has left is not
/// cancelled: its rest is abandoned, and it says so. `false` if it was discarded before.
pub async fn discard(db: &Db, org: OrgId, id: BroadcastId, by: Option<StaffId>) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| Box::pin(discard_in(tx, org, id, by, now)))
        .await
}

/// The same in a write that does more.
pub(crate) async fn discard_in(
    tx: &mut Tx,
    org: OrgId,
    id: BroadcastId,
    by: Option<StaffId>,
    now: Millis,
) -> Result<bool, DbError> {
    let done = tx.execute(MARK_DISCARDED, params![org, id, now]).await? == 1;
    if done {
        super::discarded::close_discarded(tx, now).await?;
        tx.execute(ADD_EVENT, params![org, id, now, by, "discarded", None::<i64>])
            .await?;
    }
    Ok(done)
}

/// The broadcast's history: when, who, what, and the detail in words.
pub async fn broadcast_events(
    db: &Db,
    org: OrgId,
    id: BroadcastId,
) -> Result<Vec<(Millis, Option<StaffId>, String, Option<String>)>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(EVENTS, params![org, id]).await?;
    rows.iter()
        .map(|row| {
            let detail: Option<String> = row.get(3)?;
            let detail = detail
                .map(|sealed| vault.open(EVENT_DETAIL, id.get(), &sealed))
                .transpose()?;
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, detail))
        })
        .collect()
}

/// A person found out what became of an unconfirmed message. `false` if it is not unconfirmed any more.
pub async fn settle(
    db: &Db,
    org: OrgId,
    id: MessageId,
    broadcast: BroadcastId,
    settlement: Settlement,
    by: StaffId,
) -> Result<bool, DbError> {
    let from = MessageState::Unconfirmed;
    let Some(to) = from.on(Event::Settled(settlement)) else {
        return Ok(false);
    };
    let detail = format!("{id} {}", to.as_str());
    let (now, sealed) = (
        db.now(),
        db.vault(org).await?.seal(EVENT_DETAIL, broadcast.get(), &detail),
    );
    db.write(move |tx| {
        let sealed = sealed.clone();
        Box::pin(async move {
            let done = tx
                .execute(SETTLE, params![org, id, to.code(), now, from.code()])
                .await?
                > 0;
            if done {
                tx.execute(ADD_EVENT, params![org, broadcast, now, by, "settled", sealed])
                    .await?;
            }
            Ok(done)
        })
    })
    .await
}

/// Keeps a line that its action says whole.
pub(super) async fn add_plain_event(
    tx: &mut Tx,
    org: OrgId,
    id: BroadcastId,
    (by, action): (Option<StaffId>, &'static str),
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(ADD_EVENT, params![org, id, now, by, action, None::<i64>])
        .await?;
    Ok(())
}

/// A line of a broadcast's history.
pub(crate) struct NewEvent<'a> {
    pub(crate) broadcast: BroadcastId,
    /// Nobody, where it came about by itself.
    pub(crate) by: Option<StaffId>,
    pub(crate) action: &'static str,
    pub(crate) detail: &'a str,
}

/// Keeps a line of a broadcast's history in a write that does more.
pub(crate) async fn add_event(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    event: &NewEvent<'_>,
    now: Millis,
) -> Result<(), DbError> {
    let sealed = vault.seal(EVENT_DETAIL, event.broadcast.get(), event.detail);
    let params = params![org, event.broadcast, now, event.by, event.action, sealed];
    tx.execute(ADD_EVENT, params).await?;
    Ok(())
}
