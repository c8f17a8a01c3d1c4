//! Address lists for whoever sends parcels: each granted application stands on one list, and on one only.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{DeskId, OrgId, StaffId};
use db::vault::ERASED;
use db::{Db, DbError, Field, OrgVault, Row, params};

use super::applications::{NewEvent, add_event, applications};
use crate::application::Application;
use crate::limits::{DELIVERIES_SHOWN, DELIVERY_PEOPLE};

db::statements! {
    WAITING = "
        SELECT COUNT(*) FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND told = 'confirmed' AND outcome = 'confirmed' AND state = 'released'
            AND delivery_id IS NULL AND content_sealed <> $3";
    NEXT = "
        SELECT application_id FROM applications
        WHERE org_id = $1 AND desk_id = $2 AND told = 'confirmed' AND outcome = 'confirmed' AND state = 'released'
            AND delivery_id IS NULL AND content_sealed <> $4
        ORDER BY decided_at, application_id LIMIT $3 {locked applications}";
    HAND_OVER = "
        UPDATE applications SET delivery_id = $2
        WHERE org_id = $1 AND application_id IN (SELECT CAST(each.value AS {bigint}) FROM {each $3})";
    ADD = "
        INSERT INTO delivery_lists (org_id, delivery_id, desk_id, made_by, made_at, people, purpose_sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    LISTS = "
        SELECT delivery_id, made_by, made_at, people, purpose_sealed FROM delivery_lists
        WHERE org_id = $1 AND desk_id = $2 ORDER BY delivery_id DESC LIMIT $3";
    LIST = "
        SELECT delivery_id, made_by, made_at, people, purpose_sealed FROM delivery_lists
        WHERE org_id = $1 AND desk_id = $2 AND delivery_id = $3";
    ON_LIST = "
        SELECT application_id FROM applications
        WHERE org_id = $1 AND delivery_id = $2 AND content_sealed <> $3 ORDER BY application_id";
}

const PURPOSE: Field = Field("delivery_lists.purpose");

/// A list that was handed over.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeliveryList {
    /// Its number.
    pub id: i64,
    /// Who took it first.
    pub by: StaffId,
    /// When.
    pub at: Millis,
    /// How many people stand on it.
    pub people: u32,
    /// What for.
    pub purpose: String,
}

fn list_of(row: &Row, vault: &OrgVault) -> Result<DeliveryList, DbError> {
    let id: i64 = row.get(0)?;
    Ok(DeliveryList {
        id,
        by: row.get(1)?,
        at: row.get(2)?,
        people: row.get::<i64>(3)?.try_into().unwrap_or(u32::MAX),
        purpose: vault.open(PURPOSE, id, &row.get::<String>(4)?)?,
    })
}

/// How many people wait for a parcel and stand on no list.
pub async fn waiting_deliveries(db: &Db, org: OrgId, desk: DeskId) -> Result<i64, DbError> {
    let row = db.query_opt(WAITING, params![org, desk, ERASED]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// Puts those who wait on a new list, who waited longest first, and gives its number; nothing if nobody waits. Of two
/// who do this at once each gets people that the other does not.
pub async fn hand_over(
    db: &Db,
    org: OrgId,
    desk: DeskId,
    purpose: String,
    by: StaffId,
) -> Result<Option<i64>, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    db.write(move |tx| {
        let (vault, purpose): (Arc<OrgVault>, String) = (Arc::clone(&vault), purpose.clone());
        Box::pin(async move {
            let number = tx.take_numbers("delivery_lists", 1).await?;
            let rows = tx
                .query(NEXT, params![org, desk, DELIVERY_PEOPLE, ERASED])
                .await?;
            let people: Vec<base::id::ApplicationId> =
                rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
            if people.is_empty() {
                return Ok(None);
            }
            tx.execute(HAND_OVER, params![org, number, super::json(&people)])
                .await?;
            let count = i64::try_from(people.len()).unwrap_or(i64::MAX);
            let sealed = vault.seal(PURPOSE, number, &purpose);
            tx.execute(ADD, params![org, number, desk, by, now, count, sealed])
                .await?;
            let detail = number.to_string();
            for id in people {
                let event = NewEvent {
                    kind: "delivered",
                    by: Some(by),
                    detail: Some(&detail),
                    ..NewEvent::default()
                };
                add_event(tx, org, &vault, id, event, now).await?;
            }
            Ok(Some(number))
        })
    })
    .await
}

/// The lists of a desk, the newest first.
pub async fn delivery_lists(db: &Db, org: OrgId, desk: DeskId) -> Result<Vec<DeliveryList>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(LISTS, params![org, desk, DELIVERIES_SHOWN]).await?;
    rows.iter().map(|row| list_of(row, &vault)).collect()
}

/// Who stands on a list of this desk and was not erased since; nothing if it has no such list.
pub async fn delivered_on(
    db: &Db,
    org: OrgId,
    desk: DeskId,
    list: i64,
) -> Result<Option<(DeliveryList, Vec<Application>)>, DbError> {
    let Some(row) = db.query_opt(LIST, params![org, desk, list]).await? else {
        return Ok(None);
    };
    let kept = list_of(&row, &*db.vault(org).await?)?;
    let rows = db.query(ON_LIST, params![org, list, ERASED]).await?;
    let ids: Vec<base::id::ApplicationId> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
    Ok(Some((kept, applications(db, org, &ids).await?)))
}
