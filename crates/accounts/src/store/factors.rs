//! What a person shows besides the password: devices with one-time codes, passkeys, recovery codes.

use base::clock::Millis;
use base::id::{OrgId, StaffId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::unreadable;
use crate::Name;
use crate::factors::{Device, Factors, NewPasskey, TotpSecret};

const TOTP_NAME: Field = Field("totp_devices.name");
const TOTP_SECRET: Field = Field("totp_devices.secret");
const PASSKEY_NAME: Field = Field("passkeys.name");
const CREDENTIAL: Field = Field("passkeys.credential");
const PUBLIC_KEY: Field = Field("passkeys.public_key");
const CODE_HASH: Field = Field("recovery_codes.code_hash");

db::statements! {
    TOTP_OF = "SELECT totp_id, name_sealed, added_at, used_at FROM totp_devices
        WHERE org_id = $1 AND staff_id = $2 ORDER BY totp_id";
    TOTP_SECRETS_OF = "SELECT totp_id, secret_sealed, last_step FROM totp_devices
        WHERE org_id = $1 AND staff_id = $2 ORDER BY totp_id";
    ADD_TOTP = "INSERT INTO totp_devices
            (org_id, totp_id, staff_id, name_sealed, secret_sealed, last_step, added_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    /// Touches a row only if no code of this step or a later one was taken: a code works once.
    TAKE_TOTP_STEP = "UPDATE totp_devices SET last_step = $4, used_at = $5
        WHERE org_id = $1 AND staff_id = $2 AND totp_id = $3 AND last_step < $4";
    REMOVE_TOTP = "DELETE FROM totp_devices WHERE org_id = $1 AND staff_id = $2 AND totp_id = $3";
    FORGET_TOTP = "DELETE FROM totp_devices WHERE org_id = $1 AND staff_id = $2";

    PASSKEYS_OF = "SELECT passkey_id, name_sealed, added_at, used_at FROM passkeys
        WHERE org_id = $1 AND staff_id = $2 ORDER BY passkey_id";
    CREDENTIALS_OF = "SELECT passkey_id, credential_sealed FROM passkeys
        WHERE org_id = $1 AND staff_id = $2 ORDER BY passkey_id";
    /// Finds the person: a device's id is random and unique within the installation.
    PASSKEY_BY_CREDENTIAL = "SELECT k.org_id, k.passkey_id, k.staff_id, k.public_key_sealed, k.sign_count,
            p.passkey_handle
        FROM passkeys k JOIN staff p ON p.org_id = k.org_id AND p.staff_id = k.staff_id
        WHERE k.credential_index = $1 AND p.disabled_at IS NULL";
    ADD_PASSKEY = "INSERT INTO passkeys (org_id, passkey_id, staff_id, name_sealed, credential_index,
            credential_sealed, public_key_sealed, sign_count, added_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (credential_index) DO NOTHING";
    /// Touches a row only if nobody showed the passkey in between: an answer works once.
    COUNT_PASSKEY = "UPDATE passkeys SET sign_count = $5, used_at = $6
        WHERE org_id = $1 AND staff_id = $2 AND passkey_id = $3 AND sign_count = $4";
    REMOVE_PASSKEY = "DELETE FROM passkeys WHERE org_id = $1 AND staff_id = $2 AND passkey_id = $3";
    FORGET_PASSKEYS = "DELETE FROM passkeys WHERE org_id = $1 AND staff_id = $2";
    HANDLE = "SELECT passkey_handle FROM staff WHERE org_id = $1 AND staff_id = $2";
    SET_HANDLE = "UPDATE staff SET passkey_handle = COALESCE(passkey_handle, $3)
        WHERE org_id = $1 AND staff_id = $2 RETURNING passkey_handle";

    CODES_LEFT = "SELECT COUNT(*) FROM recovery_codes
        WHERE org_id = $1 AND staff_id = $2 AND used_at IS NULL";
    CODE_HASH_OF = "SELECT code_hash_sealed FROM recovery_codes
        WHERE org_id = $1 AND staff_id = $2 AND code_no = $3 AND used_at IS NULL";
    ADD_CODE = "INSERT INTO recovery_codes (org_id, staff_id, code_no, code_hash_sealed, made_at)
        VALUES ($1, $2, $3, $4, $5)";
    USE_CODE = "UPDATE recovery_codes SET used_at = $4
        WHERE org_id = $1 AND staff_id = $2 AND code_no = $3 AND used_at IS NULL";
    FORGET_CODES = "DELETE FROM recovery_codes WHERE org_id = $1 AND staff_id = $2";

    REQUIRED = "SELECT require_second_factor FROM orgs WHERE org_id = $1";
    // Whoever signs in by the organisation's own provider may have shown two there; here there is none of them.
    WITHOUT_DEVICE = "
        SELECT COUNT(*) FROM staff s
        WHERE s.org_id = $1 AND s.disabled_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM totp_devices t WHERE t.org_id = s.org_id AND t.staff_id = s.staff_id)
            AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.org_id = s.org_id AND k.staff_id = s.staff_id)";
    REQUIRE = "UPDATE orgs SET require_second_factor = $2 WHERE org_id = $1";
}

/// Everything that a person has, as its page shows it.
pub(crate) async fn factors_of(db: &Db, org: OrgId, staff: StaffId) -> Result<Factors, DbError> {
    let vault = db.vault(org).await?;
    let device = |row: &Row, field| {
        let id: i64 = row.get(0)?;
        let name: String = row.get(1)?;
        Ok::<_, DbError>(Device {
            id,
            name: Name::stored(vault.open(field, id, &name)?),
            added_at: row.get(2)?,
            used_at: row.get(3)?,
        })
    };
    let totp = db.query(TOTP_OF, params![org, staff]).await?;
    let passkeys = db.query(PASSKEYS_OF, params![org, staff]).await?;
    let codes = db.query_opt(CODES_LEFT, params![org, staff]).await?;
    Ok(Factors {
        totp: totp
            .iter()
            .map(|row| device(row, TOTP_NAME))
            .collect::<Result<_, _>>()?,
        passkeys: passkeys
            .iter()
            .map(|row| device(row, PASSKEY_NAME))
            .collect::<Result<_, _>>()?,
        codes_left: codes.map_or(Ok(0), |row| row.get(0))?,
    })
}

/// A device's number, its secret, and the step of the last code that was taken.
pub(crate) type KeptTotp = (i64, TotpSecret, i64);

pub(crate) async fn totp_secrets(db: &Db, org: OrgId, staff: StaffId) -> Result<Vec<KeptTotp>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(TOTP_SECRETS_OF, params![org, staff]).await?;
    let one = |row: &Row| {
        let (id, sealed): (i64, String) = (row.get(0)?, row.get(1)?);
        let text = vault.open(TOTP_SECRET, id, &sealed)?;
        let secret = TotpSecret::parse(&text).ok_or_else(|| unreadable("secret_sealed"))?;
        Ok((id, secret, row.get(2)?))
    };
    rows.iter().map(one).collect()
}

pub(crate) async fn add_totp(
    tx: &mut Tx,
    vault: &OrgVault,
    (org, staff): (OrgId, StaffId),
    (name, secret): (&Name, &TotpSecret),
    step: i64,
    now: Millis,
) -> Result<(), DbError> {
    let id = tx.take_numbers("totp_devices", 1).await?;
    let name = vault.seal(TOTP_NAME, id, name.as_str());
    let secret = vault.seal(TOTP_SECRET, id, &secret.text());
    let row = params![org, id, staff, name, secret, step, now];
    tx.execute(ADD_TOTP, row).await.map(drop)
}

pub(crate) async fn take_totp_step(
    tx: &mut Tx,
    (org, staff): (OrgId, StaffId),
    id: i64,
    step: i64,
    now: Millis,
) -> Result<bool, DbError> {
    let touched = tx
        .execute(TAKE_TOTP_STEP, params![org, staff, id, step, now])
        .await?;
    Ok(touched > 0)
}

/// Says whether there was one.
pub(crate) async fn remove_totp(tx: &mut Tx, org: OrgId, staff: StaffId, id: i64) -> Result<bool, DbError> {
    Ok(tx.execute(REMOVE_TOTP, params![org, staff, id]).await? > 0)
}

/// Says whether there was one.
pub(crate) async fn remove_passkey(
    tx: &mut Tx,
    org: OrgId,
    staff: StaffId,
    id: i64,
) -> Result<bool, DbError> {
    Ok(tx.execute(REMOVE_PASSKEY, params![org, staff, id]).await? > 0)
}

/// A passkey as it is verified.
pub(crate) struct KeptPasskey {
    pub(crate) org: OrgId,
    pub(crate) id: i64,
    pub(crate) staff: StaffId,
    pub(crate) key: Vec<u8>,
    pub(crate) count: i64,
    pub(crate) handle: Option<String>,
}

/// What a device's id is found by; `id` in base64url.
fn credential_index(db: &Db, id: &str) -> String {
    db.installation_index(&format!("passkey {id}"))
}

pub(crate) async fn passkey(db: &Db, id: &str) -> Result<Option<KeptPasskey>, DbError> {
    let index = credential_index(db, id);
    let Some(row) = db.query_opt(PASSKEY_BY_CREDENTIAL, params![index]).await? else {
        return Ok(None);
    };
    let (org, number, sealed): (OrgId, i64, String) = (row.get(0)?, row.get(1)?, row.get(3)?);
    let key = db.vault(org).await?.open_bytes(PUBLIC_KEY, number, &sealed)?;
    Ok(Some(KeptPasskey {
        org,
        id: number,
        staff: row.get(2)?,
        key,
        count: row.get(4)?,
        handle: row.get(5)?,
    }))
}

/// The ids of a person's passkeys in base64url, for the browser to choose from.
pub(crate) async fn credentials_of(db: &Db, org: OrgId, staff: StaffId) -> Result<Vec<String>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(CREDENTIALS_OF, params![org, staff]).await?;
    let one = |row: &Row| {
        let (id, sealed): (i64, String) = (row.get(0)?, row.get(1)?);
        vault.open(CREDENTIAL, id, &sealed)
    };
    rows.iter().map(one).collect()
}

/// Says whether it is new: an id that somebody has already is not taken.
pub(crate) async fn add_passkey(
    tx: &mut Tx,
    (db, vault): (&Db, &OrgVault),
    (org, staff): (OrgId, StaffId),
    (name, new): (&Name, &NewPasskey),
    now: Millis,
) -> Result<bool, DbError> {
    let id = tx.take_numbers("passkeys", 1).await?;
    let credential = BASE64.encode(&new.id);
    let row = params![
        org,
        id,
        staff,
        vault.seal(PASSKEY_NAME, id, name.as_str()),
        credential_index(db, &credential),
        vault.seal(CREDENTIAL, id, &credential),
        vault.seal_bytes(PUBLIC_KEY, id, &new.key),
        new.count,
        now
    ];
    Ok(tx.execute(ADD_PASSKEY, row).await? > 0)
}

pub(crate) async fn count_passkey(
    tx: &mut Tx,
    (org, staff): (OrgId, StaffId),
    id: i64,
    (before, count): (i64, i64),
    now: Millis,
) -> Result<bool, DbError> {
    let row = params![org, staff, id, before, count, now];
    Ok(tx.execute(COUNT_PASSKEY, row).await? > 0)
}

/// What devices know the person by, if one ever did.
pub(crate) async fn handle(db: &Db, org: OrgId, staff: StaffId) -> Result<Option<String>, DbError> {
    let row = db.query_opt(HANDLE, params![org, staff]).await?;
    row.map_or(Ok(None), |row| row.get(0))
}

/// The same; `fresh` becomes it if there was none.
pub(crate) async fn handle_or(
    tx: &mut Tx,
    org: OrgId,
    staff: StaffId,
    fresh: &str,
) -> Result<String, DbError> {
    let row = tx.query_opt(SET_HANDLE, params![org, staff, fresh]).await?;
    row.ok_or_else(|| unreadable("passkey_handle"))?.get(0)
}

/// The Argon2id hash of one recovery code that was not used yet.
pub(crate) async fn code_hash(
    db: &Db,
    org: OrgId,
    staff: StaffId,
    number: i64,
) -> Result<Option<String>, DbError> {
    let Some(row) = db.query_opt(CODE_HASH_OF, params![org, staff, number]).await? else {
        return Ok(None);
    };
    let sealed: String = row.get(0)?;
    let hash = db
        .vault(org)
        .await?
        .open(CODE_HASH, code_row(staff, number), &sealed)?;
    Ok(Some(hash))
}

/// The row that a code's hash is sealed for: a person's number and the code's.
fn code_row(staff: StaffId, number: i64) -> i64 {
    staff.get() * 100 + number
}

/// New codes in place of all former ones.
pub(crate) async fn set_codes(
    tx: &mut Tx,
    vault: &OrgVault,
    (org, staff): (OrgId, StaffId),
    hashes: &[String],
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(FORGET_CODES, params![org, staff]).await?;
    for (number, hash) in (0..).zip(hashes) {
        let sealed = vault.seal(CODE_HASH, code_row(staff, number), hash);
        tx.execute(ADD_CODE, params![org, staff, number, sealed, now])
            .await?;
    }
    Ok(())
}

pub(crate) async fn use_code(
    tx: &mut Tx,
    (org, staff): (OrgId, StaffId),
    number: i64,
    now: Millis,
) -> Result<bool, DbError> {
    Ok(tx.execute(USE_CODE, params![org, staff, number, now]).await? > 0)
}

/// Everything goes, as if the person never had any.
pub(crate) async fn forget_factors(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<(), DbError> {
    for statement in [FORGET_TOTP, FORGET_PASSKEYS, FORGET_CODES] {
        tx.execute(statement, params![org, staff]).await?;
    }
    Ok(())
}

/// Recovery codes alone are no factor: with the last device they go too.
pub(crate) async fn forget_codes(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<(), DbError> {
    tx.execute(FORGET_CODES, params![org, staff]).await.map(drop)
}

/// How many devices and passkeys there are, inside a write.
pub(crate) async fn device_count(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<(usize, usize), DbError> {
    let totp = tx.query(TOTP_OF, params![org, staff]).await?.len();
    let passkeys = tx.query(PASSKEYS_OF, params![org, staff]).await?.len();
    Ok((totp, passkeys))
}

pub(crate) async fn second_factor_required(db: &Db, org: OrgId) -> Result<bool, DbError> {
    let row = db.query_opt(REQUIRED, params![org]).await?;
    row.map_or(Ok(false), |row| row.get(0))
}

pub(crate) async fn require_second_factor(tx: &mut Tx, org: OrgId, required: bool) -> Result<(), DbError> {
    tx.execute(REQUIRE, params![org, required]).await.map(drop)
}

/// How many accounts that may sign in have no device of their own.
pub(crate) async fn people_without_device(db: &Db, org: OrgId) -> Result<i64, DbError> {
    let row = db.query_opt(WITHOUT_DEVICE, params![org]).await?;
    row.map_or(Ok(0), |row| row.get(0))
}
