//! The mobile numbers of the staff, for test sends: entered by themselves, confirmed by an administrator who is somebody
//! else.

use std::sync::Arc;

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use base::phone::PhoneNumber;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

const PHONE: Field = Field("staff_numbers.phone");

db::statements! {
    ENTER_NUMBER = "
        INSERT INTO staff_numbers (org_id, staff_id, phone_sealed, phone_index, entered_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (org_id, staff_id) DO UPDATE SET phone_sealed = $3, phone_index = $4, entered_at = $5,
            confirmed_by = NULL, confirmed_at = NULL";
    // Only the number that was seen: a newer one has to be seen again. Nobody confirms their own.
    CONFIRM_NUMBER = "
        UPDATE staff_numbers SET confirmed_by = $4, confirmed_at = $5
        WHERE org_id = $1 AND staff_id = $2 AND entered_at = $3 AND confirmed_at IS NULL
            AND staff_id <> $4";
    FORGET_NUMBER = "DELETE FROM staff_numbers WHERE org_id = $1 AND staff_id = $2";
    NUMBER_OF = "
        SELECT staff_id, phone_sealed, entered_at, confirmed_by, confirmed_at FROM staff_numbers
        WHERE org_id = $1 AND staff_id = $2";
    NUMBERS = "
        SELECT staff_id, phone_sealed, entered_at, confirmed_by, confirmed_at FROM staff_numbers
        WHERE org_id = $1 ORDER BY confirmed_at IS NOT NULL, entered_at";
    IS_STAFF_NUMBER = "
        SELECT staff_id FROM staff_numbers
        WHERE org_id = $1 AND phone_index = $2 AND confirmed_at IS NOT NULL";
}

/// The number of a member of the staff.
#[derive(Clone, Copy, Debug)]
pub struct StaffNumber {
    /// Whose.
    pub staff: StaffId,
    /// The number.
    pub phone: PhoneNumber,
    /// When it was entered.
    pub entered_at: Millis,
    /// Who confirmed it, and when.
    pub confirmed: Option<(StaffId, Millis)>,
}

/// Keeps the number that a person says is theirs; it has to be confirmed.
pub async fn enter_staff_number(
    db: &Db,
    org: OrgId,
    staff: StaffId,
    phone: PhoneNumber,
) -> Result<(), DbError> {
    let (vault, now): (Arc<OrgVault>, Millis) = (db.vault(org).await?, db.now());
    db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            let e164 = phone.e164();
            let (sealed, index) = (vault.seal(PHONE, staff.get(), &e164), index(&vault, phone));
            tx.execute(ENTER_NUMBER, params![org, staff, sealed, index, now])
                .await
                .map(drop)
        })
    })
    .await
}

/// An administrator says that it is that person's. `false` if it was changed, or confirmed, meanwhile, or is the
/// administrator's own.
pub async fn confirm_staff_number(
    db: &Db,
    org: OrgId,
    staff: StaffId,
    entered_at: Millis,
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let params = params![org, staff, entered_at, by, now];
        Box::pin(async move { Ok(tx.execute(CONFIRM_NUMBER, params).await? == 1) })
    })
    .await
}

/// The person takes it out again.
pub async fn forget_staff_number(db: &Db, org: OrgId, staff: StaffId) -> Result<(), DbError> {
    db.write(move |tx| {
        Box::pin(async move { tx.execute(FORGET_NUMBER, params![org, staff]).await.map(drop) })
    })
    .await
}

/// The person's number.
pub async fn staff_number(db: &Db, org: OrgId, staff: StaffId) -> Result<Option<StaffNumber>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(NUMBER_OF, params![org, staff]).await?;
    row.map(|row| number_of(&row, &vault)).transpose()
}

/// Everybody's, those first that wait to be confirmed.
pub async fn staff_numbers(db: &Db, org: OrgId) -> Result<Vec<StaffNumber>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(NUMBERS, params![org]).await?;
    rows.iter().map(|row| number_of(row, &vault)).collect()
}

/// Whether the number is a confirmed one of somebody of the staff.
pub(crate) async fn is_staff_number(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    phone: PhoneNumber,
) -> Result<bool, DbError> {
    let params = params![org, index(vault, phone)];
    Ok(tx.query_opt(IS_STAFF_NUMBER, params).await?.is_some())
}

fn index(vault: &OrgVault, phone: PhoneNumber) -> String {
    vault.index("staff phone", &[phone.e164().as_bytes()])
}

fn number_of(row: &Row, vault: &OrgVault) -> Result<StaffNumber, DbError> {
    let staff: StaffId = row.get(0)?;
    let opened = vault.open(PHONE, staff.get(), &row.get::<String>(1)?)?;
    let (by, at): (Option<StaffId>, Option<Millis>) = (row.get(3)?, row.get(4)?);
    Ok(StaffNumber {
        staff,
        phone: PhoneNumber::from_e164(&opened).ok_or(DbError::Sealed(PHONE.0))?,
        entered_at: row.get(2)?,
        confirmed: by.zip(at),
    })
}
