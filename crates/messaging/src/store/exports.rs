//! Statements of files that leave the product: who asked for which, for what, and who agreed.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{BroadcastId, DeskId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, Field, OrgVault, Row, params};

use crate::export::{ExportForm, ExportRequest, ExportSubject, NewRequest};

const PURPOSE: Field = Field("export_requests.purpose");

db::statements! {
    RULE = "
        SELECT second_person_above FROM export_rules WHERE org_id = $1 ORDER BY version DESC LIMIT 1";
    SET_RULE = "
        INSERT INTO export_rules (org_id, version, second_person_above, set_by, set_at)
        SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4 FROM export_rules WHERE org_id = $1";
    ADD = "
        INSERT INTO export_requests (org_id, request_id, office_id, broadcast_id, form, purpose_sealed, row_count,
            asked_by, asked_at, desk_id, delivery_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    SINCE = "
        SELECT request_id, office_id, broadcast_id, form, purpose_sealed, row_count, asked_by, asked_at, agreed_by,
            agreed_at, refused_at, fetched_at, desk_id, delivery_id
        FROM export_requests
        WHERE org_id = $1 AND asked_at > $2 AND office_id = COALESCE($3, office_id)
        ORDER BY asked_at DESC, request_id DESC";
    ONE = "
        SELECT request_id, office_id, broadcast_id, form, purpose_sealed, row_count, asked_by, asked_at, agreed_by,
            agreed_at, refused_at, fetched_at, desk_id, delivery_id
        FROM export_requests WHERE org_id = $1 AND request_id = $2";
    // Never by who asked, and once.
    AGREE = "
        UPDATE export_requests SET agreed_by = $3, agreed_at = $4
        WHERE org_id = $1 AND request_id = $2 AND asked_by <> $3 AND agreed_at IS NULL AND refused_at IS NULL
            AND asked_at > $5";
    REFUSE = "
        UPDATE export_requests SET refused_at = $3
        WHERE org_id = $1 AND request_id = $2 AND agreed_at IS NULL AND refused_at IS NULL";
    FETCH = "
        UPDATE export_requests SET fetched_at = $4
        WHERE org_id = $1 AND request_id = $2 AND asked_by = $3 AND fetched_at IS NULL AND agreed_at > $5";
}

/// From how many rows on a file needs a second person; nothing means never.
pub async fn export_rule(db: &Db, org: OrgId) -> Result<Option<u32>, DbError> {
    let row = db.query_opt(RULE, params![org]).await?;
    row.map_or(Ok(None), |row| row.get(0))
}

/// Sets the rule from now on.
pub async fn set_export_rule(db: &Db, org: OrgId, above: Option<u32>, by: StaffId) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            tx.take_numbers("export_rules", 0).await?;
            tx.execute(SET_RULE, params![org, above.map(i64::from), by, now])
                .await
                .map(drop)
        })
    })
    .await
}

/// Keeps that somebody asks for a file.
pub async fn add_request(db: &Db, org: OrgId, new: NewRequest) -> Result<i64, DbError> {
    let (vault, now, new) = (db.vault(org).await?, db.now(), Arc::new(new));
    db.write(move |tx| {
        let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
        Box::pin(async move {
            let id = tx.take_numbers("export_requests", 1).await?;
            let (broadcast, desk, list) = match new.subject {
                ExportSubject::Broadcast(broadcast) => (broadcast, None, None),
                ExportSubject::Deliveries(desk, list) => (BroadcastId::new(0), Some(desk), Some(list)),
            };
            let row = params![
                org,
                id,
                new.office,
                broadcast,
                new.form.code(),
                vault.seal(PURPOSE, id, &new.purpose),
                i64::from(new.rows),
                new.by,
                now,
                desk,
                list,
            ];
            tx.execute(ADD, row).await?;
            Ok(id)
        })
    })
    .await
}

/// What was asked for since then, of one office or of all, the newest first.
pub async fn requests_since(
    db: &Db,
    org: OrgId,
    since: Millis,
    office: Option<OfficeId>,
) -> Result<Vec<ExportRequest>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(SINCE, params![org, since, office]).await?;
    rows.iter().map(|row| request_of(row, &vault)).collect()
}

/// One request.
pub async fn request(db: &Db, org: OrgId, id: i64) -> Result<Option<ExportRequest>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(ONE, params![org, id]).await?;
    row.map(|row| request_of(&row, &vault)).transpose()
}

fn request_of(row: &Row, vault: &OrgVault) -> Result<ExportRequest, DbError> {
    let id: i64 = row.get(0)?;
    let form: String = row.get(3)?;
    Ok(ExportRequest {
        id,
        office: row.get::<OfficeId>(1)?,
        subject: match row.get::<Option<DeskId>>(12)? {
            Some(desk) => ExportSubject::Deliveries(desk, row.get(13)?),
            None => ExportSubject::Broadcast(row.get(2)?),
        },
        form: ExportForm::from_code(&form)
            .ok_or_else(|| DbError::Statement(format!("no form of a file is called {form}")))?,
        purpose: vault.open(PURPOSE, id, &row.get::<String>(4)?)?,
        rows: row.get(5)?,
        by: row.get(6)?,
        at: row.get(7)?,
        agreed_by: row.get(8)?,
        agreed_at: row.get(9)?,
        refused_at: row.get(10)?,
        fetched_at: row.get(11)?,
    })
}

/// A second person agrees. `false` if it is their own, too old, or decided before.
pub async fn agree(db: &Db, org: OrgId, id: i64, by: StaffId, valid: Millis) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let row = params![org, id, by, now, now - valid];
            Ok(tx.execute(AGREE, row).await? == 1)
        })
    })
    .await
}

/// Somebody says no. `false` if it was decided before.
pub async fn refuse(db: &Db, org: OrgId, id: i64) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| Box::pin(async move { Ok(tx.execute(REFUSE, params![org, id, now]).await? == 1) }))
        .await
}

/// Whoever asked takes the file, once. `false` if nobody agreed, it is too late, or it was taken.
pub async fn fetch(db: &Db, org: OrgId, id: i64, by: StaffId, valid: Millis) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let row = params![org, id, by, now, now - valid];
            Ok(tx.execute(FETCH, row).await? == 1)
        })
    })
    .await
}
