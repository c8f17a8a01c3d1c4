//! Limits, and what broadcasts have reserved of them.

use std::collections::HashMap;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{BroadcastId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, Row, Tx, Value, params};

use crate::allowance::{Limit, LimitKind, Limits, Used, Wanted, month_of};

db::statements! {
    LIMITS = "
        SELECT office_id, kind, amount, from_day, set_by, set_at FROM send_limits
        WHERE org_id = $1 ORDER BY limit_no";
    ADD_LIMIT = "
        INSERT INTO send_limits (org_id, limit_no, office_id, kind, amount, from_day, set_by, set_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    // Who reserves holds this row until the commit: the sums below are nobody else's meanwhile.
    HOLD_ORG = "SELECT orgs.org_id FROM orgs WHERE orgs.org_id = $1 {locked orgs}";
    USED = "
        SELECT CAST(COALESCE(SUM(CASE WHEN day = $4 THEN parts - given_back - left_before ELSE 0 END), 0) AS {bigint}),
            CAST(COALESCE(SUM(CASE WHEN day = $4 AND office_id = $5 THEN parts - given_back - left_before
                ELSE 0 END), 0) AS {bigint}),
            CAST(COALESCE(SUM(parts - given_back), 0) AS {bigint}),
            CAST(COALESCE(SUM(cost - cost * given_back / parts), 0) AS {bigint})
        FROM part_reservations WHERE org_id = $1 AND day >= $2 AND day < $3 AND training = $6";
    USED_BY_OFFICE = "
        SELECT office_id, CAST(SUM(parts - given_back - left_before) AS {bigint})
        FROM part_reservations WHERE org_id = $1 AND day = $2 AND training = $3 GROUP BY office_id";
    RESERVE = "
        INSERT INTO part_reservations (org_id, broadcast_id, office_id, training, day, parts, cost)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    RESERVED_DAY = "SELECT day FROM part_reservations WHERE org_id = $1 AND broadcast_id = $2";
    // What is neither waiting nor given back has left.
    RESERVATION = "
        SELECT r.office_id, r.training, r.day, r.parts, r.cost, r.given_back, (
            SELECT COUNT(*) FROM broadcasts b JOIN parts p ON p.org_id = b.org_id
                AND p.message_id BETWEEN b.first_message_id AND b.last_message_id
            WHERE b.org_id = r.org_id AND b.broadcast_id = r.broadcast_id
                AND p.state <> 70 AND p.state <> 30 AND (p.state <> 40 OR p.submitted_at IS NOT NULL))
        FROM part_reservations r WHERE r.org_id = $1 AND r.broadcast_id = $2";
    MOVE_RESERVATION = "
        UPDATE part_reservations SET day = $3, left_before = $4 WHERE org_id = $1 AND broadcast_id = $2";
    // The unary plus keeps SQLite from walking the organisation's reservations in their order.
    OF_DAY = "
        SELECT broadcast_id FROM part_reservations
        WHERE org_id = $1 AND day = $2 AND training = $3 AND given_back < parts ORDER BY +broadcast_id";
    HOLD_RESERVATIONS = "
        SELECT r.broadcast_id FROM part_reservations r
        WHERE r.org_id = $1 AND r.broadcast_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})
        ORDER BY r.broadcast_id {locked r}";
    // What never left: cancelled whole (30), or given up before anybody tried (40 without an attempt). Counted
    // anew each time, so it comes back once, whoever cancelled it and however often this is called.
    GIVE_BACK = "
        UPDATE part_reservations SET given_back = (
            SELECT COUNT(*) FROM broadcasts b JOIN parts p ON p.org_id = b.org_id
                AND p.message_id BETWEEN b.first_message_id AND b.last_message_id
            WHERE b.org_id = part_reservations.org_id AND b.broadcast_id = part_reservations.broadcast_id
                AND (p.state = 30 OR (p.state = 40 AND p.submitted_at IS NULL)))
        WHERE org_id = $1 AND broadcast_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $2})";
    BROADCASTS_OF = "
        SELECT DISTINCT m.broadcast_id FROM {each $2} CROSS JOIN messages m
        WHERE m.org_id = $1 AND m.message_id = CAST(each.value AS {bigint})";
}

/// Every limit of the organisation.
pub async fn limits(db: &Db, org: OrgId) -> Result<Limits, DbError> {
    limits_of(&db.query(LIMITS, params![org]).await?)
}

/// The same inside a write.
pub(crate) async fn limits_in(tx: &mut Tx, org: OrgId) -> Result<Limits, DbError> {
    limits_of(&tx.query(LIMITS, params![org]).await?)
}

fn limits_of(rows: &[Row]) -> Result<Limits, DbError> {
    let limit = |row: &Row| {
        let word: String = row.get(1)?;
        Ok(Limit {
            office: row.get(0)?,
            kind: LimitKind::from_word(&word)
                .ok_or_else(|| DbError::Statement(format!("no limit is called {word}")))?,
            amount: row.get(2)?,
            from_day: row.get(3)?,
            set_by: row.get(4)?,
            set_at: row.get(5)?,
        })
    };
    rows.iter().map(limit).collect::<Result<_, _>>().map(Limits)
}

/// A limit about to be set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NewLimit {
    /// Of which office; of the whole organisation if none.
    pub office: Option<OfficeId>,
    /// What is limited.
    pub kind: LimitKind,
    /// How much; no limit if none.
    pub amount: Option<i64>,
    /// The midnight in Japan from which on it is in force.
    pub from_day: Millis,
}

/// Sets limits, all of them or none. Who starts a broadcast at the same moment comes wholly before or after.
pub async fn set_limits(db: &Db, org: OrgId, new: Vec<NewLimit>, by: Option<StaffId>) -> Result<(), DbError> {
    let (new, now) = (Arc::new(new), db.now());
    db.write(move |tx| {
        let new = Arc::clone(&new);
        Box::pin(async move {
            tx.query(HOLD_ORG, params![org]).await?;
            let count = i64::try_from(new.len()).unwrap_or(i64::MAX);
            let first = tx.take_numbers("send_limits", count).await?;
            for (number, one) in (first..).zip(new.iter()) {
                let (kind, from) = (one.kind.as_str(), one.from_day);
                let params = params![org, number, one.office, kind, one.amount, from, by, now];
                tx.execute(ADD_LIMIT, params).await?;
            }
            Ok(())
        })
    })
    .await
}

fn asked(org: OrgId, office: OfficeId, day: Millis, training: bool) -> Vec<Value> {
    let (from, to) = month_of(day);
    params![org, from, to, day, office, training]
}

fn used_of(rows: &[Row]) -> Result<Used, DbError> {
    let Some(row) = rows.first() else {
        return Ok(Used::default());
    };
    Ok(Used {
        day: row.get(0)?,
        office: row.get(1)?,
        month: row.get(2)?,
        cost: row.get(3)?,
    })
}

/// What is reserved on the day and in its month, in training or for real.
pub async fn used(
    db: &Db,
    org: OrgId,
    office: OfficeId,
    day: Millis,
    training: bool,
) -> Result<Used, DbError> {
    used_of(&db.query(USED, asked(org, office, day, training)).await?)
}

/// Parts that each office has reserved on the day.
pub async fn used_by_office(
    db: &Db,
    org: OrgId,
    day: Millis,
    training: bool,
) -> Result<HashMap<OfficeId, i64>, DbError> {
    let rows = db.query(USED_BY_OFFICE, params![org, day, training]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// The same as [`used`] inside a write that holds the organisation; with `anew` what came back on that day is counted
/// once more, so that no way of cancelling is forgotten when it matters.
pub(crate) async fn used_in(
    tx: &mut Tx,
    org: OrgId,
    office: OfficeId,
    day: Millis,
    training: bool,
    anew: bool,
) -> Result<Used, DbError> {
    if anew {
        let rows = tx.query(OF_DAY, params![org, day, training]).await?;
        let broadcasts = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<_>, _>>()?;
        give_back(tx, org, &broadcasts).await?;
    }
    used_of(&tx.query(USED, asked(org, office, day, training)).await?)
}

/// Holds the organisation until the commit.
pub(crate) async fn hold_org(tx: &mut Tx, org: OrgId) -> Result<(), DbError> {
    tx.query(HOLD_ORG, params![org]).await.map(drop)
}

/// A broadcast that reserves.
pub(crate) struct Reserving {
    pub(crate) org: OrgId,
    pub(crate) broadcast: BroadcastId,
    pub(crate) office: OfficeId,
    pub(crate) training: bool,
    pub(crate) day: Millis,
}

pub(crate) async fn reserve(tx: &mut Tx, one: &Reserving, wanted: Wanted) -> Result<(), DbError> {
    let params = params![
        one.org,
        one.broadcast,
        one.office,
        one.training,
        one.day,
        wanted.parts,
        wanted.cost,
    ];
    tx.execute(RESERVE, params).await.map(drop)
}

/// The day on which a broadcast's parts count, if they do.
pub(crate) async fn reserved_day(
    tx: &mut Tx,
    org: OrgId,
    broadcast: BroadcastId,
) -> Result<Option<Millis>, DbError> {
    let row = tx.query_opt(RESERVED_DAY, params![org, broadcast]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// What a broadcast has reserved, and how much of it has left.
pub(crate) struct Reservation {
    pub(crate) office: OfficeId,
    pub(crate) training: bool,
    pub(crate) day: Millis,
    parts: i64,
    cost: i64,
    given_back: i64,
    pub(crate) left: i64,
}

impl Reservation {
    /// What it still asks for.
    pub(crate) fn waiting(&self) -> Wanted {
        let parts = self.parts - self.given_back - self.left;
        Wanted {
            parts,
            cost: self.cost * parts / self.parts.max(1),
        }
    }

    /// Whether it is counted in the month of that day already.
    pub(crate) fn is_of_month(&self, day: Millis) -> bool {
        month_of(self.day) == month_of(day)
    }

    /// What others, and what has left of it, use on another day and in its month.
    pub(crate) fn without(&self, used: &Used, day: Millis) -> Used {
        let waiting = self.waiting();
        let whole = (
            self.parts - self.given_back,
            self.cost - self.cost * self.given_back / self.parts.max(1),
        );
        // In its own month it is in the sums already.
        let own = if self.is_of_month(day) {
            (-waiting.parts, -waiting.cost)
        } else {
            (whole.0 - waiting.parts, whole.1 - waiting.cost)
        };
        Used {
            month: used.month + own.0,
            cost: used.cost + own.1,
            ..*used
        }
    }
}

pub(crate) async fn reservation(
    tx: &mut Tx,
    org: OrgId,
    broadcast: BroadcastId,
) -> Result<Option<Reservation>, DbError> {
    let row = tx.query_opt(RESERVATION, params![org, broadcast]).await?;
    row.as_ref().map(reserved).transpose()
}

/// The same, read beside the writer.
pub(crate) async fn reservation_as_it_stands(
    db: &Db,
    org: OrgId,
    broadcast: BroadcastId,
) -> Result<Option<Reservation>, DbError> {
    let row = db.query_opt(RESERVATION, params![org, broadcast]).await?;
    row.as_ref().map(reserved).transpose()
}

fn reserved(row: &Row) -> Result<Reservation, DbError> {
    Ok(Reservation {
        office: row.get(0)?,
        training: row.get(1)?,
        day: row.get(2)?,
        parts: row.get(3)?,
        cost: row.get(4)?,
        given_back: row.get(5)?,
        left: row.get(6)?,
    })
}

/// From now on it counts on that day, but for what had left before.
pub(crate) async fn move_reservation(tx: &mut Tx, one: &Reserving, left: i64) -> Result<(), DbError> {
    let params = params![one.org, one.broadcast, one.day, left];
    tx.execute(MOVE_RESERVATION, params).await.map(drop)
}

/// Gives back what of these broadcasts was cancelled before it left. Belongs into every write that cancels, and may be
/// called as often as one likes.
pub(crate) async fn give_back(tx: &mut Tx, org: OrgId, broadcasts: &[BroadcastId]) -> Result<(), DbError> {
    if broadcasts.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = broadcasts.iter().map(|id| id.get()).collect();
    let ids = super::broadcasts::json(&ids);
    tx.query(HOLD_RESERVATIONS, params![org, ids.as_str()]).await?;
    tx.execute(GIVE_BACK, params![org, ids]).await.map(drop)
}

/// The same by messages.
pub(crate) async fn give_back_of(
    tx: &mut Tx,
    org: OrgId,
    messages: &[base::id::MessageId],
) -> Result<(), DbError> {
    if messages.is_empty() {
        return Ok(());
    }
    let ids = super::broadcasts::json(&messages);
    let rows = tx.query(BROADCASTS_OF, params![org, ids]).await?;
    let broadcasts = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<_>, _>>()?;
    give_back(tx, org, &broadcasts).await
}
