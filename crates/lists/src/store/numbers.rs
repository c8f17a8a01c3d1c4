//! Statements of the register of wrong numbers. The unary plus keeps SQLite from walking the organisation instead of
//! the number.

use std::collections::HashMap;
use std::sync::Arc;

use base::clock::Millis;
use base::id::{OfficeId, OrgId, StaffId, WrongNumberId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::json;
use crate::contacts::{Key, PersonKeys};
use crate::numbers::{KeptReport, KnownWrong, Lifted, NewWrong, Report, WrongKind};

const PHONE: Field = Field("wrong_numbers.phone");
const CORRECTED: Field = Field("wrong_numbers.corrected");
const REASON: Field = Field("wrong_numbers.reason");
const LIFT_REASON: Field = Field("wrong_numbers.lift_reason");
/// Rows that are looked up by one statement.
const CHUNK: usize = 2_000;

db::statements! {
    SAME_REPORT = "
        SELECT report_id FROM wrong_numbers
        WHERE +org_id = $1 AND phone_index = $2 AND kind = $3 AND lifted_at IS NULL
            AND COALESCE(id_index, 0) = COALESCE(CAST($4 AS {bigint}), 0)
            AND COALESCE(person_index, 0) = COALESCE(CAST($5 AS {bigint}), 0)
            AND COALESCE(corrected_index, 0) = COALESCE(CAST($6 AS {bigint}), 0)
        ORDER BY report_id LIMIT 1";
    REPORT = "
        INSERT INTO wrong_numbers (org_id, report_id, kind, phone_index, phone_sealed, id_index, person_index,
            corrected_index, corrected_sealed, reason_sealed, office_id, message_id, reported_by, reported_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    // Few rows stand for a number, and few numbers of a list are wrong.
    STANDING = "
        SELECT report_id, kind, phone_sealed, corrected_sealed, reason_sealed, office_id, message_id,
            reported_by, reported_at, lifted_by, lifted_at, lift_reason_sealed, id_index, person_index,
            phone_index
        FROM {each $2} CROSS JOIN wrong_numbers w
        WHERE +w.org_id = $1 AND w.phone_index = CAST(each.value AS {bigint}) AND w.lifted_at IS NULL
        ORDER BY report_id DESC";
    OF_NUMBER = "
        SELECT report_id, kind, phone_sealed, corrected_sealed, reason_sealed, office_id, message_id,
            reported_by, reported_at, lifted_by, lifted_at, lift_reason_sealed, id_index, person_index
        FROM wrong_numbers
        WHERE +org_id = $1 AND phone_index = $2 AND office_id = COALESCE($3, office_id)
        ORDER BY report_id";
    OF_OFFICE = "
        SELECT report_id, kind, phone_sealed, corrected_sealed, reason_sealed, office_id, message_id,
            reported_by, reported_at, lifted_by, lifted_at, lift_reason_sealed, id_index, person_index
        FROM wrong_numbers
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id)
        ORDER BY report_id DESC LIMIT $3 OFFSET $4";
    BY_ID = "
        SELECT report_id, kind, phone_sealed, corrected_sealed, reason_sealed, office_id, message_id,
            reported_by, reported_at, lifted_by, lifted_at, lift_reason_sealed, id_index, person_index
        FROM wrong_numbers
        WHERE org_id = $1 AND report_id = $2 AND office_id = COALESCE($3, office_id)";
    COUNT = "
        SELECT COUNT(*) FROM wrong_numbers WHERE org_id = $1 AND office_id = COALESCE($2, office_id)";
    LIFT = "
        UPDATE wrong_numbers SET lifted_by = $3, lifted_at = $4, lift_reason_sealed = $5
        WHERE org_id = $1 AND report_id = $2 AND lifted_at IS NULL AND office_id = COALESCE($6, office_id)";
}

/// Enters a report; see [`report_wrong_in`].
pub async fn report_wrong(db: &Db, org: OrgId, new: NewWrong) -> Result<WrongNumberId, DbError> {
    let (vault, new, now) = (db.vault(org).await?, Arc::new(new), db.now());
    db.write(move |tx| {
        let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
        Box::pin(async move { report_wrong_in(tx, org, &vault, &new, now).await })
    })
    .await
}

/// Enters a report in a write that does more, such as calling back what is queued. The same report, while it
/// stands, is entered once: its number is given again.
pub async fn report_wrong_in(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    new: &NewWrong,
    now: Millis,
) -> Result<WrongNumberId, DbError> {
    // Reports on one database take turns from here on, so that two clicks are one report.
    tx.take_numbers("wrong_numbers", 0).await?;
    let phone = Key::of_phone(vault, new.phone);
    let corrected = new.corrected.map(|number| Key::of_phone(vault, number));
    let (kind, id, person) = (new.kind.as_str(), new.person.id, new.person.person);
    let same = params![org, phone, kind, id, person, corrected];
    if let Some(row) = tx.query_opt(SAME_REPORT, same).await? {
        return row.get(0);
    }
    let report = WrongNumberId::new(tx.take_numbers("wrong_numbers", 1).await?);
    let seal = |field, text: &str| vault.seal(field, report.get(), text);
    let params = params![
        org,
        report,
        kind,
        phone,
        seal(PHONE, &new.phone.e164()),
        id,
        person,
        corrected,
        new.corrected.map(|number| seal(CORRECTED, &number.e164())),
        seal(REASON, &new.reason),
        new.office,
        new.message,
        new.by,
        now,
    ];
    tx.execute(REPORT, params).await?;
    Ok(report)
}

/// Lifts a report; it stays in the history. Of one office, or of any. `false` if there is none there that stands.
pub async fn lift(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    report: WrongNumberId,
    by: StaffId,
    reason: &str,
) -> Result<bool, DbError> {
    let sealed = db.vault(org).await?.seal(LIFT_REASON, report.get(), reason);
    let now = db.now();
    db.write(move |tx| {
        let params = params![org, report, by, now, sealed.as_str(), office];
        Box::pin(async move { Ok(tx.execute(LIFT, params).await? == 1) })
    })
    .await
}

/// For each row, in the order of the rows: why its number is closed, by the newest report that says so; one that
/// knows the right number goes before one that does not.
pub async fn known_wrong(
    db: &Db,
    org: OrgId,
    rows: &[PersonKeys],
) -> Result<Vec<Option<KnownWrong>>, DbError> {
    let vault = db.vault(org).await?;
    let mut all = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(CHUNK) {
        let mut phones: Vec<Key> = chunk.iter().filter_map(|keys| keys.phone).collect();
        phones.sort_unstable();
        phones.dedup();
        let mut standing: HashMap<Key, Vec<KeptReport>> = HashMap::new();
        for row in db.query(STANDING, params![org, json(&phones)]).await? {
            let reports = standing.entry(row.get(14)?).or_default();
            reports.push(report_of(&row, &vault)?);
        }
        all.extend(chunk.iter().map(|row| {
            let reports = row.phone.and_then(|phone| standing.get(&phone))?;
            let closing = || reports.iter().filter_map(|kept| KnownWrong::for_row(kept, row));
            closing()
                .find(|wrong| wrong.corrected.is_some())
                .or_else(|| closing().next())
        }));
    }
    Ok(all)
}

/// Every report of a number, lifted ones too, oldest first; of one office, or of all.
pub async fn reports_of_number(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    phone: PhoneNumber,
) -> Result<Vec<Report>, DbError> {
    let vault = db.vault(org).await?;
    let params = params![org, Key::of_phone(&vault, phone), office];
    opened(&db.query(OF_NUMBER, params).await?, &vault)
}

/// Reports of one office, or of all, lifted ones too, newest first.
pub async fn reports(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    limit: u32,
    offset: u32,
) -> Result<Vec<Report>, DbError> {
    let vault = db.vault(org).await?;
    let params = params![org, office, i64::from(limit), i64::from(offset)];
    opened(&db.query(OF_OFFICE, params).await?, &vault)
}

/// How many reports one office, or all, have entered, lifted ones too.
pub async fn report_count(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<u32, DbError> {
    let row = db.query_opt(COUNT, params![org, office]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}

/// One report of one office, or of any.
pub async fn report(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    id: WrongNumberId,
) -> Result<Option<Report>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(BY_ID, params![org, id, office]).await?;
    row.map(|row| report_of(&row, &vault).map(|kept| kept.report))
        .transpose()
}

fn opened(rows: &[Row], vault: &OrgVault) -> Result<Vec<Report>, DbError> {
    rows.iter()
        .map(|row| report_of(row, vault).map(|kept| kept.report))
        .collect()
}

fn report_of(row: &Row, vault: &OrgVault) -> Result<KeptReport, DbError> {
    let id: WrongNumberId = row.get(0)?;
    let open = |field, sealed: String| vault.open(field, id.get(), &sealed);
    let number = |field: Field, sealed: String| {
        PhoneNumber::from_e164(&open(field, sealed)?).ok_or(DbError::Sealed(field.0))
    };
    let kind: String = row.get(1)?;
    let lifted = match row.get::<Option<StaffId>>(9)? {
        Some(by) => Some(Lifted {
            by,
            at: row.get(10)?,
            reason: open(LIFT_REASON, row.get(11)?)?,
        }),
        None => None,
    };
    let report = Report {
        id,
        phone: number(PHONE, row.get(2)?)?,
        kind: WrongKind::from_word(&kind)
            .ok_or_else(|| DbError::Statement(format!("no wrong number is called {kind}")))?,
        corrected: row
            .get::<Option<String>>(3)?
            .map(|sealed| number(CORRECTED, sealed))
            .transpose()?,
        reason: open(REASON, row.get(4)?)?,
        office: row.get(5)?,
        message: row.get(6)?,
        by: row.get(7)?,
        at: row.get(8)?,
        lifted,
    };
    let person = PersonKeys {
        id: row.get(12)?,
        person: row.get(13)?,
        ..PersonKeys::default()
    };
    Ok(KeptReport { report, person })
}
