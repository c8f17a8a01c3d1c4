//! Statements that read the audit trail. Each takes the same filters; `NULL` stands for any.

use base::clock::Millis;
use base::id::{OfficeId, OrgId, StaffId};
use db::{Db, DbError, OrgVault, Row, Sql, params};

use super::{AUDIT_DETAIL, AUDIT_SOURCE};
use crate::audit::Outcome;
use crate::trail::{Filter, KeptEntry};

db::statements! {
    // By person and by thing there are indexes; SQLite takes them only if their columns stand alone.
    OF_ALL = "
        SELECT entry_id, at, staff_id, office_id, source_sealed, action, outcome, subject_kind, subject_id,
            detail_sealed
        FROM audit_entries
        WHERE org_id = $1 AND entry_id >= $2 AND entry_id < $3
            AND COALESCE(office_id, 0) = COALESCE($4, office_id, 0)
            AND COALESCE(staff_id, 0) = COALESCE($5, staff_id, 0)
            AND action = COALESCE($6, action) AND outcome = COALESCE($7, outcome)
            AND COALESCE(subject_kind, '') = COALESCE($8, subject_kind, '')
            AND COALESCE(subject_id, 0) = COALESCE($9, subject_id, 0)
        ORDER BY entry_id DESC LIMIT $10";
    OF_STAFF = "
        SELECT entry_id, at, staff_id, office_id, source_sealed, action, outcome, subject_kind, subject_id,
            detail_sealed
        FROM audit_entries
        WHERE org_id = $1 AND entry_id >= $2 AND entry_id < $3
            AND COALESCE(office_id, 0) = COALESCE($4, office_id, 0)
            AND staff_id = $5
            AND action = COALESCE($6, action) AND outcome = COALESCE($7, outcome)
            AND COALESCE(subject_kind, '') = COALESCE($8, subject_kind, '')
            AND COALESCE(subject_id, 0) = COALESCE($9, subject_id, 0)
        ORDER BY entry_id DESC LIMIT $10";
    OF_SUBJECT = "
        SELECT entry_id, at, staff_id, office_id, source_sealed, action, outcome, subject_kind, subject_id,
            detail_sealed
        FROM audit_entries
        WHERE org_id = $1 AND entry_id >= $2 AND entry_id < $3
            AND COALESCE(office_id, 0) = COALESCE($4, office_id, 0)
            AND COALESCE(staff_id, 0) = COALESCE($5, staff_id, 0)
            AND action = COALESCE($6, action) AND outcome = COALESCE($7, outcome)
            AND subject_kind = $8 AND subject_id = $9
        ORDER BY entry_id DESC LIMIT $10";
    OF_SUBJECTS = "
        SELECT a.entry_id, a.at, a.staff_id, a.office_id, a.source_sealed, a.action, a.outcome, a.subject_kind,
            a.subject_id, a.detail_sealed
        FROM {each $2} CROSS JOIN audit_entries a
        WHERE a.org_id = $1 AND a.subject_kind = each.value ->> 0
            AND a.subject_id = CAST(each.value ->> 1 AS {bigint})
            AND COALESCE(a.office_id, 0) = COALESCE($3, a.office_id, 0) AND a.entry_id < $5
        ORDER BY a.entry_id DESC LIMIT $4";
    PEOPLE = "
        SELECT staff_id FROM staff
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) ORDER BY staff_id";
}

/// Entries that fit, the newest first, numbered below `before`.
pub(crate) async fn entries(
    db: &Db,
    org: OrgId,
    filter: &Filter,
    (from, before): (i64, i64),
    limit: u32,
) -> Result<Vec<KeptEntry>, DbError> {
    let statement: Sql = match (filter.subject, filter.staff) {
        (Some(_), _) if filter.kind.is_some() => OF_SUBJECT,
        (_, Some(_)) => OF_STAFF,
        _ => OF_ALL,
    };
    let asked = params![
        org,
        from,
        before,
        filter.office,
        filter.staff,
        filter.action.as_deref(),
        filter.outcome.map(Outcome::code),
        filter.kind.as_deref(),
        filter.subject,
        i64::from(limit),
    ];
    let vault = db.vault(org).await?;
    let rows = db.query(statement, asked).await?;
    rows.iter().map(|row| kept(row, &vault)).collect()
}

/// The newest entries about any of these, numbered below `before`, of one office or of all.
pub(crate) async fn entries_about(
    db: &Db,
    org: OrgId,
    subjects: &[(&'static str, i64)],
    office: Option<OfficeId>,
    (before, limit): (i64, u32),
) -> Result<Vec<KeptEntry>, DbError> {
    let json = serde_json::to_string(subjects).expect("texts and numbers always become JSON");
    let vault = db.vault(org).await?;
    let rows = db
        .query(OF_SUBJECTS, params![org, json, office, i64::from(limit), before])
        .await?;
    rows.iter().map(|row| kept(row, &vault)).collect()
}

fn kept(row: &Row, vault: &OrgVault) -> Result<KeptEntry, DbError> {
    let id: i64 = row.get(0)?;
    let opened = |field, index: usize| {
        let sealed: Option<String> = row.get(index)?;
        // An entry that was tampered with is shown all the same; verifying names it.
        Ok::<_, DbError>(sealed.map(|sealed| {
            vault
                .open(field, id, &sealed)
                .unwrap_or_else(|_| "（読めません）".to_owned())
        }))
    };
    let (kind, subject): (Option<String>, Option<i64>) = (row.get(7)?, row.get(8)?);
    Ok(KeptEntry {
        id,
        at: row.get::<Millis>(1)?,
        staff: row.get::<Option<StaffId>>(2)?,
        office: row.get::<Option<OfficeId>>(3)?,
        source: opened(AUDIT_SOURCE, 4)?,
        action: row.get(5)?,
        outcome: Outcome::from_code(&row.get::<String>(6)?),
        subject: kind.zip(subject),
        detail: opened(AUDIT_DETAIL, 9)?,
    })
}

/// Everybody who may have left an entry, of one office or of all.
pub(crate) async fn people(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<Vec<StaffId>, DbError> {
    let rows = db.query(PEOPLE, params![org, office]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}
