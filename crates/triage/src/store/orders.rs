//! Statements of standing orders. An order is given and ended, never changed.

use base::clock::{Millis, japan_midnight};
use base::id::{BroadcastId, OfficeId, OrderId, OrgId, StaffId};
use db::{Db, DbError, Row, Tx, params};
use messaging::release::Hours;

use super::cases::word;
use crate::decision::Route;
use crate::order::{NewOrder, Order};

/// Orders that a page shows: those in force, and the last ones that were ended.
const SHOWN: i64 = 100;

macro_rules! orders {
    ($which:literal) => {
        concat!(
            "SELECT order_id, office_id, programme_id, route, template_id, template_version, per_release, per_day,
                opens_minute, closes_minute, ordered_by, ordered_at, ended_by, ended_at
            FROM standing_orders WHERE org_id = $1 AND ",
            $which
        )
    };
}

db::statements! {
    ADD = "
        INSERT INTO standing_orders (org_id, order_id, office_id, programme_id, route, template_id,
            template_version, per_release, per_day, opens_minute, closes_minute, ordered_by, ordered_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    END = "
        UPDATE standing_orders SET ended_by = $3, ended_at = $4
        WHERE org_id = $1 AND order_id = $2 AND ended_at IS NULL";
    IN_FORCE = orders!("ended_at IS NULL ORDER BY order_id");
    ALL_ORDERS = orders!("office_id = COALESCE($2, office_id) ORDER BY order_id DESC LIMIT $3");
    ORDER = orders!("order_id = $2");
    HOLD_ORDER = "
        SELECT ended_at FROM standing_orders WHERE org_id = $1 AND order_id = $2 {locked standing_orders}";
    RELEASED = "
        SELECT COALESCE(CAST(SUM(people) AS {bigint}), 0) FROM standing_releases
        WHERE org_id = $1 AND order_id = $2 AND at >= $3";
    ADD_RELEASE = "
        INSERT INTO standing_releases (org_id, order_id, broadcast_id, people, at) VALUES ($1, $2, $3, $4, $5)";
    RELEASES = "
        SELECT broadcast_id, people, at FROM standing_releases
        WHERE org_id = $1 AND order_id = $2 ORDER BY broadcast_id DESC LIMIT 10";
}

/// Gives an order. `None` if the same office has one in force for the same people.
pub async fn add(db: &Db, org: OrgId, new: NewOrder) -> Result<Option<OrderId>, DbError> {
    let now = db.now();
    let added = db.write(move |tx| {
        Box::pin(async move {
            let id = OrderId::new(tx.take_numbers("standing_orders", 1).await?);
            let (template, version) = new.version;
            let params = params![
                org,
                id,
                new.office,
                new.programme,
                new.route.as_str(),
                template,
                version,
                i64::from(new.per_release),
                i64::from(new.per_day),
                i64::from(new.hours.opens()),
                i64::from(new.hours.closes()),
                new.by,
                now,
            ];
            tx.execute(ADD, params).await?;
            Ok(id)
        })
    });
    match added.await {
        Ok(id) => Ok(Some(id)),
        Err(DbError::Constraint(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Ends an order: nothing more goes out by it. `false` if it was ended before.
pub async fn end(db: &Db, org: OrgId, id: OrderId, by: StaffId) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| Box::pin(async move { Ok(tx.execute(END, params![org, id, by, now]).await? == 1) }))
        .await
}

/// Orders in force.
pub async fn orders_in_force(db: &Db, org: OrgId) -> Result<Vec<Order>, DbError> {
    let rows = db.query(IN_FORCE, params![org]).await?;
    rows.iter().map(order_of).collect()
}

/// The newest orders, ended ones too; `None` for an office stands for all.
pub async fn orders(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<Vec<Order>, DbError> {
    let rows = db.query(ALL_ORDERS, params![org, office, SHOWN]).await?;
    rows.iter().map(order_of).collect()
}

/// One order.
pub async fn order(db: &Db, org: OrgId, id: OrderId) -> Result<Option<Order>, DbError> {
    let row = db.query_opt(ORDER, params![org, id]).await?;
    row.map(|row| order_of(&row)).transpose()
}

/// How many people an order has let go since midnight in Japan.
pub async fn released_today(db: &Db, org: OrgId, id: OrderId) -> Result<u32, DbError> {
    let params = params![org, id, japan_midnight(db.now())];
    let row = db.query_opt(RELEASED, params).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// What an order has let go, the last first: broadcast, people, when.
pub async fn releases(db: &Db, org: OrgId, id: OrderId) -> Result<Vec<(BroadcastId, u32, Millis)>, DbError> {
    let rows = db.query(RELEASES, params![org, id]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

/// Whether the order still lets so many go, inside of the write that does.
pub(crate) async fn still_lets(
    tx: &mut Tx,
    org: OrgId,
    order: &Order,
    people: usize,
    now: Millis,
) -> Result<bool, DbError> {
    let held = tx.query_opt(HOLD_ORDER, params![org, order.id]).await?;
    let ended: Option<Millis> = held.map_or(Ok(Some(now)), |row| row.get(0))?;
    let params = params![org, order.id, japan_midnight(now)];
    let row = tx.query_opt(RELEASED, params).await?;
    let today: u32 = row.map_or(Ok(0), |row| row.get(0))?;
    let room = order.room(now, today) as usize;
    Ok(ended.is_none() && people <= room)
}

pub(crate) async fn add_release(
    tx: &mut Tx,
    org: OrgId,
    order: OrderId,
    broadcast: BroadcastId,
    people: usize,
    now: Millis,
) -> Result<(), DbError> {
    let people = i64::try_from(people).unwrap_or(i64::MAX);
    tx.execute(ADD_RELEASE, params![org, order, broadcast, people, now])
        .await?;
    Ok(())
}

fn order_of(row: &Row) -> Result<Order, DbError> {
    let minute = |at: i64| u16::try_from(at).unwrap_or(u16::MAX);
    let hours = Hours::new(minute(row.get(8)?), minute(row.get(9)?));
    let ended: Option<StaffId> = row.get(12)?;
    Ok(Order {
        id: row.get(0)?,
        says: NewOrder {
            office: row.get(1)?,
            programme: row.get(2)?,
            route: word(&row.get::<String>(3)?, Route::from_word)?,
            version: (row.get(4)?, row.get(5)?),
            per_release: row.get(6)?,
            per_day: row.get(7)?,
            hours: hours.ok_or_else(|| DbError::Statement("hours that never open".to_owned()))?,
            by: row.get(10)?,
        },
        ordered_at: row.get(11)?,
        ended: ended.zip(row.get(13)?),
    })
}
