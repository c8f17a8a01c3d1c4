//! Statements of alarms, and of the reveals that may raise one.

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use crate::alarms::{Alarm, Raised};

const DETAIL: Field = Field("alarms.detail");

db::statements! {
    ADD = "
        INSERT INTO alarms (org_id, alarm_id, kind, at, subject_kind, subject_id, detail_sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    LAST_OF = "
        SELECT at FROM alarms
        WHERE org_id = $1 AND kind = $2 AND subject_kind = $3 AND subject_id = $4
        ORDER BY alarm_id DESC LIMIT 1";
    OPEN = "
        SELECT alarm_id, kind, at, subject_kind, subject_id, detail_sealed, acknowledged_by, acknowledged_at
        FROM alarms WHERE org_id = $1 AND acknowledged_at IS NULL ORDER BY alarm_id DESC LIMIT $2";
    ACKNOWLEDGE = "
        UPDATE alarms SET acknowledged_by = $3, acknowledged_at = $4
        WHERE org_id = $1 AND alarm_id = $2 AND acknowledged_at IS NULL";

    REVEALS_SINCE = "SELECT COUNT(*) FROM reveals WHERE org_id = $1 AND staff_id = $2 AND at > $3";
    ADD_REVEAL = "INSERT INTO reveals (org_id, staff_id, at, reveal_id) VALUES ($1, $2, $3, $4)";
    FORGET_REVEALS = "DELETE FROM reveals WHERE org_id = $1 AND staff_id = $2 AND at <= $3";
}

pub(crate) async fn add(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    alarm: &Alarm,
    now: Millis,
) -> Result<i64, DbError> {
    let id = tx.take_numbers("alarms", 1).await?;
    let row = params![
        org,
        id,
        alarm.kind.code,
        now,
        alarm.subject.map(|(kind, _)| kind),
        alarm.subject.map(|(_, id)| id),
        alarm.detail.as_ref().map(|detail| vault.seal(DETAIL, id, detail)),
    ];
    tx.execute(ADD, row).await?;
    Ok(id)
}

pub(crate) async fn last_of(
    tx: &mut Tx,
    org: OrgId,
    kind: &'static str,
    (subject_kind, subject): (&'static str, i64),
) -> Result<Option<Millis>, DbError> {
    let row = tx
        .query_opt(LAST_OF, params![org, kind, subject_kind, subject])
        .await?;
    row.map(|row| row.get(0)).transpose()
}

/// The same beside the writer.
pub(crate) async fn last(
    db: &Db,
    org: OrgId,
    kind: &'static str,
    (subject_kind, subject): (&'static str, i64),
) -> Result<Option<Millis>, DbError> {
    let row = db
        .query_opt(LAST_OF, params![org, kind, subject_kind, subject])
        .await?;
    row.map(|row| row.get(0)).transpose()
}

pub(crate) async fn open(db: &Db, org: OrgId, limit: u32) -> Result<Vec<Raised>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(OPEN, params![org, i64::from(limit)]).await?;
    rows.iter().map(|row| raised(row, &vault)).collect()
}

fn raised(row: &Row, vault: &OrgVault) -> Result<Raised, DbError> {
    let id: i64 = row.get(0)?;
    let (subject_kind, subject): (Option<String>, Option<i64>) = (row.get(3)?, row.get(4)?);
    let detail: Option<String> = row.get(5)?;
    let (by, at): (Option<StaffId>, Option<Millis>) = (row.get(6)?, row.get(7)?);
    Ok(Raised {
        id,
        kind: row.get(1)?,
        at: row.get(2)?,
        subject: subject_kind.zip(subject),
        detail: detail.map(|sealed| vault.open(DETAIL, id, &sealed)).transpose()?,
        acknowledged: by.zip(at),
    })
}

pub(crate) async fn acknowledge(
    tx: &mut Tx,
    org: OrgId,
    alarm: i64,
    by: StaffId,
    now: Millis,
) -> Result<bool, DbError> {
    Ok(tx.execute(ACKNOWLEDGE, params![org, alarm, by, now]).await? == 1)
}

/// One more reveal of this person; gives how many there were since then, this one among them.
pub(crate) async fn add_reveal(
    tx: &mut Tx,
    org: OrgId,
    staff: StaffId,
    since: Millis,
    now: Millis,
) -> Result<i64, DbError> {
    tx.execute(FORGET_REVEALS, params![org, staff, since]).await?;
    let number = crate::audit::number(now);
    tx.execute(ADD_REVEAL, params![org, staff, now, number]).await?;
    let row = tx.query_opt(REVEALS_SINCE, params![org, staff, since]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}
