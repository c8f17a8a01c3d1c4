//! How many applications wait for what, and since when; how many are decided, to say when the queue will be empty. What
//! one person decides is counted for that person alone.

use base::clock::{HOUR, Millis};
use base::id::{DeskId, OrgId, StaffId};
use db::{Db, DbError, Row, Sql, Value, params};

use crate::application::SecondLook;

db::statements! {
    READY_COUNT = "
        SELECT COUNT(*), MIN(received_at) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND state = 'ready' AND parked IS NULL";
    RECEIVED_COUNT = "
        SELECT COUNT(*), MIN(received_at) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND state = 'received'";
    PARKED_COUNT = "
        SELECT COUNT(*), MIN(parked_at) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND parked IS NOT NULL";
    SENT_BACK_COUNT = "
        SELECT COUNT(*), MIN(state_at) FROM applications
        WHERE org_id = $1 AND state = 'sent_back' AND desk_id = $2";
    LOOKS_COUNT = "
        SELECT COUNT(*), MIN(decided_at) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND second_look = $3 AND state = 'final'
            AND second_look IN ('wanted', 'differs')";
    DECIDED_SINCE = "
        SELECT COUNT(*), COUNT(DISTINCT decided_by) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND decided_at >= $3";
    MINE_SINCE = "
        SELECT COUNT(*) FROM application_decisions
        WHERE org_id = $1 AND decided_by = $2 AND decided_at >= $3 AND undone_at IS NULL";
    KEYS = "SELECT keys_off FROM reviewer_settings WHERE org_id = $1 AND staff_id = $2";
    SET_KEYS = "
        INSERT INTO reviewer_settings (org_id, staff_id, keys_off) VALUES ($1, $2, $3)
        ON CONFLICT (org_id, staff_id) DO UPDATE SET keys_off = excluded.keys_off";
}

/// How many wait, and since when the one that waits longest.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Waiting {
    /// How many.
    pub count: u64,
    /// Since when.
    pub oldest: Option<Millis>,
}

/// The queues of a desk.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Queues {
    /// Waits for a clerk.
    pub received: Waiting,
    /// Waits for whoever decides.
    pub ready: Waiting,
    /// On hold, or telephoned about.
    pub parked: Waiting,
    /// Waits for the person.
    pub sent_back: Waiting,
    /// Waits for somebody who looks once more.
    pub looks: Waiting,
    /// Waits for somebody who settles a disagreement.
    pub differs: Waiting,
}

fn number(row: &Row, at: usize) -> Result<u64, DbError> {
    Ok(u64::try_from(row.get::<i64>(at)?).unwrap_or(0))
}

/// How the queues of a desk stand.
pub async fn queues(db: &Db, org: OrgId, desk: DeskId) -> Result<Queues, DbError> {
    let at = || params![org, desk];
    let looked = |look: SecondLook| params![org, desk, look.code()];
    Ok(Queues {
        received: received_count(db, org, desk).await?,
        ready: ready_count(db, org, desk).await?,
        parked: waiting(db, PARKED_COUNT, at()).await?,
        sent_back: waiting(db, SENT_BACK_COUNT, at()).await?,
        looks: waiting(db, LOOKS_COUNT, looked(SecondLook::Wanted)).await?,
        differs: waiting(db, LOOKS_COUNT, looked(SecondLook::Differs)).await?,
    })
}

/// How many wait for whoever decides.
pub async fn ready_count(db: &Db, org: OrgId, desk: DeskId) -> Result<Waiting, DbError> {
    waiting(db, READY_COUNT, params![org, desk]).await
}

/// How many wait for a clerk.
pub async fn received_count(db: &Db, org: OrgId, desk: DeskId) -> Result<Waiting, DbError> {
    waiting(db, RECEIVED_COUNT, params![org, desk]).await
}

async fn waiting(db: &Db, sql: Sql, asked: Vec<Value>) -> Result<Waiting, DbError> {
    match db.query_opt(sql, asked).await? {
        Some(row) => Ok(Waiting {
            count: number(&row, 0)?,
            oldest: row.get(1)?,
        }),
        None => Ok(Waiting::default()),
    }
}

/// How fast a desk decides: of all together, for capacity, and of nobody in particular.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Pace {
    /// Decided within the last hour.
    pub last_hour: u64,
    /// By so many people.
    pub people: u64,
}

/// How fast a desk decided within the last hour.
pub async fn pace(db: &Db, org: OrgId, desk: DeskId) -> Result<Pace, DbError> {
    let since = params![org, desk, db.now() - HOUR];
    match db.query_opt(DECIDED_SINCE, since).await? {
        Some(row) => Ok(Pace {
            last_hour: number(&row, 0)?,
            people: number(&row, 1)?,
        }),
        None => Ok(Pace::default()),
    }
}

/// How many decisions somebody took since a moment; shown to nobody else.
pub async fn decided_since(db: &Db, org: OrgId, staff: StaffId, since: Millis) -> Result<u64, DbError> {
    let row = db.query_opt(MINE_SINCE, params![org, staff, since]).await?;
    row.map_or(Ok(0), |row| number(&row, 0))
}

/// Whether single keys act on somebody's pages.
pub async fn keys_on(db: &Db, org: OrgId, staff: StaffId) -> Result<bool, DbError> {
    let row = db.query_opt(KEYS, params![org, staff]).await?;
    row.map_or(Ok(true), |row| Ok(!row.get::<bool>(0)?))
}

/// Switches them on or off.
pub async fn set_keys(db: &Db, org: OrgId, staff: StaffId, on: bool) -> Result<(), DbError> {
    db.write(move |tx| {
        let row = params![org, staff, !on];
        Box::pin(async move { tx.execute(SET_KEYS, row).await.map(drop) })
    })
    .await
}
