//! Every statement of this slice. The organisation comes first, except where a login name or a session's
//! key is what the organisation is found by; both are unique within the installation.

pub(crate) mod addresses;
pub(crate) mod alarms;
pub(crate) mod factors;
pub(crate) mod identity;
pub(crate) mod invitations;
pub(crate) mod offices;
pub(crate) mod organisations;
pub(crate) mod people;
pub(crate) mod pins;
pub(crate) mod resets;
pub(crate) mod seals;
pub(crate) mod sessions;
pub(crate) mod trail;

use std::collections::HashMap;

use base::clock::Millis;
use base::id::{OfficeId, OrgId, StaffId};
use base::org::{OrgMode, Roles};
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use crate::arrival::Arrival;
use crate::audit::Entry;
use crate::limits::{FAILURES_KEPT, SESSION_ABSOLUTE, SESSION_IDLE, SESSIONS_PER_PERSON};
use crate::session::{LoginSession, Secret, SessionKey, Way};
use crate::throttle::{Bucket, Subject};
use crate::{Login, Name, Staff};

pub(crate) const STAFF_NAME: Field = Field("staff.name");
/// Sealed, so that a stolen database gives nothing to guess at and a hash fits no other person's row.
pub(crate) const PASSWORD_HASH: Field = Field("staff.password_hash");
pub(crate) const AUDIT_SOURCE: Field = Field("audit_entries.source");
pub(crate) const AUDIT_DETAIL: Field = Field("audit_entries.detail");

db::statements! {
    ACCOUNT_EXISTS = "SELECT staff_id FROM staff LIMIT 1";
    LOGIN_TAKEN = "SELECT staff_id FROM staff WHERE login = $1";
    OFFICE_EXISTS = "SELECT office_id FROM offices WHERE org_id = $1 AND office_id = $2";
    ACCOUNT_COUNT = "SELECT COUNT(*) FROM staff";
    ADD_STAFF = "INSERT INTO staff
            (org_id, staff_id, office_id, login, name_sealed, password_hash, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SET_PASSWORD = "UPDATE staff SET password_hash = $3 WHERE org_id = $1 AND staff_id = $2";
    SET_ROLES = "INSERT INTO staff_roles (org_id, staff_id, office_id, roles) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, staff_id, office_id) DO UPDATE SET roles = excluded.roles";
    STAFF_BY_IDS = "SELECT p.staff_id, p.org_id, p.office_id, p.login, p.name_sealed, COALESCE(r.roles, '')
        FROM staff p
        LEFT JOIN staff_roles r
            ON r.org_id = p.org_id AND r.staff_id = p.staff_id AND r.office_id = p.office_id
        WHERE p.org_id = $1 AND p.staff_id IN (SELECT CAST(each.value ->> 0 AS {bigint}) FROM {each $2})";
    /// Finds the organisation: a login name is unique within the installation.
    ACCOUNT_BY_LOGIN = "SELECT p.org_id, p.staff_id, p.password_hash, o.contract_ends_at
        FROM staff p JOIN offices o ON o.org_id = p.org_id AND o.office_id = p.office_id
        WHERE p.login = $1 AND p.disabled_at IS NULL";

    ORG_NAME = "SELECT name FROM orgs WHERE org_id = $1";
    /// What the organisation may send is the business of the messaging slice; it begins here.
    BEGIN_IN_TRAINING = "UPDATE orgs SET mode = 'training', review = 'needed' WHERE org_id = $1";
    NAME_ORG = "UPDATE orgs SET name = $2 WHERE org_id = $1";

    /// Finds the organisation: 256 random bits name one session. It lives as long as the person may come in: a
    /// contract that ended ends it, that of the office where the person is at home and that of where they work.
    SESSION = "SELECT p.staff_id, p.org_id, o.office_id, p.login, p.name_sealed, COALESCE(r.roles, ''),
            o.name, g.name, s.csrf_secret, s.seen_at, s.created_at, s.confirmed_at, s.way,
            g.require_second_factor,
            (SELECT COUNT(*) FROM totp_devices d WHERE d.org_id = p.org_id AND d.staff_id = p.staff_id)
            + (SELECT COUNT(*) FROM passkeys k WHERE k.org_id = p.org_id AND k.staff_id = p.staff_id),
            g.mode, g.stopped_at,
            (SELECT COUNT(*) FROM staff_roles x JOIN offices y ON y.org_id = x.org_id AND y.office_id = x.office_id
                WHERE x.org_id = p.org_id AND x.staff_id = p.staff_id AND x.roles <> ''
                    AND x.office_id <> o.office_id AND y.closed_at IS NULL)
        FROM login_sessions s
        JOIN staff p ON p.org_id = s.org_id AND p.staff_id = s.staff_id
        JOIN offices h ON h.org_id = p.org_id AND h.office_id = p.office_id
        JOIN offices o ON o.org_id = p.org_id AND o.office_id = COALESCE(s.office_id, p.office_id)
        LEFT JOIN staff_roles r
            ON r.org_id = p.org_id AND r.staff_id = p.staff_id AND r.office_id = o.office_id
        JOIN orgs g ON g.org_id = p.org_id
        WHERE s.token_hash = $1 AND s.created_at > $2 AND s.seen_at > $3 AND p.disabled_at IS NULL
            AND (h.contract_ends_at IS NULL OR h.contract_ends_at > $4)
            AND (o.contract_ends_at IS NULL OR o.contract_ends_at > $4) AND o.closed_at IS NULL";
    /// Why a session is over, where it is a contract.
    CONTRACT_OF_SESSION = "SELECT o.contract_ends_at FROM login_sessions s
        JOIN staff p ON p.org_id = s.org_id AND p.staff_id = s.staff_id
        JOIN offices o ON o.org_id = p.org_id AND o.office_id IN (p.office_id, s.office_id)
        WHERE s.token_hash = $1 AND o.contract_ends_at <= $2 ORDER BY o.contract_ends_at LIMIT 1";
    SIGNED_IN = "UPDATE staff SET last_signed_in_at = $3 WHERE org_id = $1 AND staff_id = $2";
    ADD_SESSION = "INSERT INTO login_sessions (token_hash, org_id, staff_id, csrf_secret, created_at, seen_at,
            confirmed_at, session_no, way, source_sealed, browser)
        VALUES ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8, $9)";
    SEEN = "UPDATE login_sessions SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2";
    END_SESSION = "DELETE FROM login_sessions WHERE token_hash = $1";
    END_SESSIONS_OF = "DELETE FROM login_sessions WHERE org_id = $1 AND staff_id = $2";
    END_OLDEST_OF = "DELETE FROM login_sessions
        WHERE org_id = $1 AND staff_id = $2 AND token_hash NOT IN (
            SELECT token_hash FROM login_sessions WHERE org_id = $1 AND staff_id = $2
            ORDER BY created_at DESC, seen_at DESC, token_hash LIMIT $3)";
    SWEEP_SESSIONS = "DELETE FROM login_sessions WHERE created_at <= $1 OR seen_at <= $2";

    ADD_AUDIT_ENTRY = "INSERT INTO audit_entries (org_id, entry_id, at, staff_id, office_id, source_sealed,
            action, outcome, subject_kind, subject_id, detail_sealed)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

    BUCKET = "SELECT failures, window_started_at, closed_until FROM login_throttle WHERE subject = $1";
    /// Makes the row if there is none, and holds it until the commit in either case.
    HOLD_BUCKET = "INSERT INTO login_throttle (subject, failures, window_started_at, closed_until)
        VALUES ($1, 0, $2, 0)
        ON CONFLICT (subject) DO UPDATE SET failures = login_throttle.failures
        RETURNING failures, window_started_at, closed_until";
    SET_BUCKET = "UPDATE login_throttle SET failures = $2, window_started_at = $3, closed_until = $4
        WHERE subject = $1";
    FORGET_BUCKET = "DELETE FROM login_throttle WHERE subject = $1";
    TAKE_BACK_FAILURE = "UPDATE login_throttle SET failures = failures - 1, closed_until = 0
        WHERE subject = $1 AND failures > 0";
    SWEEP_BUCKETS = "DELETE FROM login_throttle WHERE window_started_at <= $1 AND closed_until <= $2";
}

/// Every statement of accounts by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    ALL.iter()
        .chain(addresses::ALL)
        .chain(alarms::ALL)
        .chain(factors::ALL)
        .chain(identity::ALL)
        .chain(resets::ALL)
        .chain(seals::ALL)
        .chain(sessions::ALL)
        .chain(trail::ALL)
        .chain(crate::glance::ALL)
        .chain(invitations::ALL)
        .chain(offices::ALL)
        .chain(organisations::ALL)
        .chain(people::ALL)
        .chain(pins::ALL)
}

/// An account as sign-in needs it.
pub(crate) struct Credentials {
    pub(crate) org: OrgId,
    pub(crate) staff: StaffId,
    pub(crate) password_hash: String,
    /// The end of the contract that the person works under.
    pub(crate) contract_ends_at: Option<Millis>,
}

/// A login session that begins.
#[derive(Clone)]
pub(crate) struct NewSession {
    pub(crate) org: OrgId,
    pub(crate) staff: StaffId,
    pub(crate) key: SessionKey,
    pub(crate) csrf: Secret,
    pub(crate) way: Way,
    pub(crate) arrival: Arrival,
}

/// A new account, its password hashed.
#[derive(Clone)]
pub(crate) struct NewStaff {
    pub(crate) office: OfficeId,
    pub(crate) login: Login,
    pub(crate) name: Name,
    pub(crate) roles: Roles,
    pub(crate) password_hash: String,
}

pub(crate) async fn has_account(db: &Db) -> Result<bool, DbError> {
    Ok(db.query_opt(ACCOUNT_EXISTS, params![]).await?.is_some())
}

pub(crate) async fn account_count(db: &Db) -> Result<i64, DbError> {
    count(db.query_opt(ACCOUNT_COUNT, params![]).await?)
}

/// The same inside a write: exact once a staff number has been taken in it.
pub(crate) async fn account_count_now(tx: &mut Tx) -> Result<i64, DbError> {
    count(tx.query_opt(ACCOUNT_COUNT, params![]).await?)
}

pub(crate) fn count(row: Option<Row>) -> Result<i64, DbError> {
    row.map_or(Ok(0), |row| row.get(0))
}

/// A number for a new account. Until the commit nobody else, on any node, gets one.
pub(crate) async fn take_staff_number(tx: &mut Tx) -> Result<StaffId, DbError> {
    Ok(StaffId::new(tx.take_numbers("staff", 1).await?))
}

pub(crate) async fn login_taken(tx: &mut Tx, login: &Login) -> Result<bool, DbError> {
    Ok(tx
        .query_opt(LOGIN_TAKEN, params![login.as_str()])
        .await?
        .is_some())
}

pub(crate) async fn office_exists(tx: &mut Tx, org: OrgId, office: OfficeId) -> Result<bool, DbError> {
    Ok(tx.query_opt(OFFICE_EXISTS, params![org, office]).await?.is_some())
}

pub(crate) async fn add_staff(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: StaffId,
    new: &NewStaff,
    now: Millis,
) -> Result<(), DbError> {
    let name = vault.seal(STAFF_NAME, id.get(), new.name.as_str());
    let hash = vault.seal(PASSWORD_HASH, id.get(), &new.password_hash);
    let row = params![org, id, new.office, new.login.as_str(), name, hash, now];
    tx.execute(ADD_STAFF, row).await?;
    set_roles(tx, org, id, new.office, new.roles).await
}

pub(crate) async fn set_roles(
    tx: &mut Tx,
    org: OrgId,
    id: StaffId,
    office: OfficeId,
    roles: Roles,
) -> Result<(), DbError> {
    tx.execute(SET_ROLES, params![org, id, office, roles.codes()])
        .await
        .map(drop)
}

pub(crate) async fn set_password(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: StaffId,
    password_hash: &str,
) -> Result<(), DbError> {
    let hash = vault.seal(PASSWORD_HASH, id.get(), password_hash);
    tx.execute(SET_PASSWORD, params![org, id, hash]).await.map(drop)
}

pub(crate) async fn credentials(db: &Db, login: &Login) -> Result<Option<Credentials>, DbError> {
    let Some(row) = db.query_opt(ACCOUNT_BY_LOGIN, params![login.as_str()]).await? else {
        return Ok(None);
    };
    let (org, staff, sealed): (OrgId, StaffId, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let password_hash = db.vault(org).await?.open(PASSWORD_HASH, staff.get(), &sealed)?;
    Ok(Some(Credentials {
        org,
        staff,
        password_hash,
        contract_ends_at: row.get(3)?,
    }))
}

pub(crate) async fn staff_by_ids(
    db: &Db,
    org: OrgId,
    ids: &[StaffId],
) -> Result<HashMap<StaffId, Staff>, DbError> {
    let ids: Vec<[StaffId; 1]> = ids.iter().map(|id| [*id]).collect();
    let json = serde_json::to_string(&ids).expect("numbers are always JSON");
    let vault = db.vault(org).await?;
    let rows = db.query(STAFF_BY_IDS, params![org, json]).await?;
    rows.iter()
        .map(|row| staff(row, &vault).map(|staff| (staff.id, staff)))
        .collect()
}

/// Reads the first six columns of a row: number, organisation, office, login, sealed name, roles.
pub(crate) fn staff(row: &Row, vault: &OrgVault) -> Result<Staff, DbError> {
    let id: StaffId = row.get(0)?;
    let (login, name, roles): (String, String, String) = (row.get(3)?, row.get(4)?, row.get(5)?);
    Ok(Staff {
        id,
        org: row.get(1)?,
        office: row.get(2)?,
        login: Login::parse(&login).map_err(|_| unreadable("login"))?,
        name: Name::stored(vault.open(STAFF_NAME, id.get(), &name)?),
        roles: Roles::from_codes(&roles).ok_or_else(|| unreadable("roles"))?,
    })
}

pub(crate) fn unreadable(column: &str) -> DbError {
    DbError::Statement(format!(
        "{column} holds something that this version does not know"
    ))
}

pub(crate) async fn org_name(db: &Db, org: OrgId) -> Result<Name, DbError> {
    let row = db.query_opt(ORG_NAME, params![org]).await?;
    let row = row.ok_or_else(|| DbError::Statement(format!("organisation {org} does not exist")))?;
    row.get(0).map(Name::stored)
}

pub(crate) async fn name_org(tx: &mut Tx, org: OrgId, name: &Name) -> Result<(), DbError> {
    tx.execute(NAME_ORG, params![org, name.as_str()]).await.map(drop)
}

/// The live session of `key`.
pub(crate) async fn session(db: &Db, key: SessionKey, now: Millis) -> Result<Option<LoginSession>, DbError> {
    let alive = params![key.0.as_str(), now - SESSION_ABSOLUTE, now - SESSION_IDLE, now];
    let Some(row) = db.query_opt(SESSION, alive).await? else {
        return Ok(None);
    };
    let vault = db.vault(row.get(1)?).await?;
    let csrf: String = row.get(8)?;
    let (began_at, confirmed_at): (Millis, Option<Millis>) = (row.get(10)?, row.get(11)?);
    let (way, required, devices): (Option<String>, bool, i64) = (row.get(12)?, row.get(13)?, row.get(14)?);
    // Whoever came in by one factor alone, and sessions of the release before.
    let by_one = way.is_none_or(|way| [Way::Password, Way::Provider].iter().any(|one| way == one.code()));
    let session = LoginSession {
        staff: staff(&row, &vault)?,
        office_name: Name::stored(row.get(6)?),
        org_name: Name::stored(row.get(7)?),
        training: row.get::<String>(15)? == OrgMode::Training.code(),
        stopped: row.get::<Option<Millis>>(16)?.is_some(),
        csrf: Secret::parse(&csrf).ok_or_else(|| unreadable("csrf_secret"))?,
        key,
        began_at,
        confirmed_at: confirmed_at.unwrap_or(began_at),
        seen_at: row.get(9)?,
        asked_at: now,
        must_set_up: required && devices == 0 && by_one,
        page: None,
        elsewhere: row.get::<i64>(17)? > 0,
    };
    Ok(Some(session))
}

/// The organisation begins in training, and needs the operator's review.
pub(crate) async fn begin_in_training(tx: &mut Tx, org: OrgId) -> Result<(), DbError> {
    tx.execute(BEGIN_IN_TRAINING, params![org]).await.map(drop)
}

/// Begins a session: the person's oldest ones make room, and what has ended by itself goes.
pub(crate) async fn begin_session(
    tx: &mut Tx,
    vault: &OrgVault,
    new: &NewSession,
    now: Millis,
) -> Result<(), DbError> {
    let (org, staff) = (new.org, new.staff);
    tx.execute(
        SWEEP_SESSIONS,
        params![now - SESSION_ABSOLUTE, now - SESSION_IDLE],
    )
    .await?;
    tx.execute(END_OLDEST_OF, params![org, staff, SESSIONS_PER_PERSON - 1])
        .await?;
    tx.execute(SIGNED_IN, params![org, staff, now]).await?;
    let number = tx.take_numbers("login_sessions", 1).await?;
    let source = new.arrival.source.0.to_canonical().to_string();
    let row = params![
        new.key.0.as_str(),
        org,
        staff,
        new.csrf.text(),
        now,
        number,
        new.way.code(),
        vault.seal(sessions::SOURCE, number, &source),
        new.arrival.browser.code()
    ];
    tx.execute(ADD_SESSION, row).await.map(drop)
}

/// When the contract ended that ended this session, if it was one.
pub(crate) async fn contract_of_session(
    db: &Db,
    key: &SessionKey,
    now: Millis,
) -> Result<Option<Millis>, DbError> {
    let row = db
        .query_opt(CONTRACT_OF_SESSION, params![key.0.as_str(), now])
        .await?;
    row.map(|row| row.get(0)).transpose()
}

pub(crate) async fn note_seen(tx: &mut Tx, key: &SessionKey, now: Millis) -> Result<(), DbError> {
    tx.execute(SEEN, params![key.0.as_str(), now]).await.map(drop)
}

pub(crate) async fn end_session(tx: &mut Tx, key: &SessionKey) -> Result<(), DbError> {
    tx.execute(END_SESSION, params![key.0.as_str()]).await.map(drop)
}

pub(crate) async fn end_sessions_of(tx: &mut Tx, org: OrgId, staff: StaffId) -> Result<(), DbError> {
    tx.execute(END_SESSIONS_OF, params![org, staff]).await.map(drop)
}

/// Keeps one entry of the audit trail under this number.
pub(crate) async fn add_audit_entry(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    number: i64,
    entry: &Entry,
    now: Millis,
) -> Result<(), DbError> {
    let source = entry.source.map(|source| source.0.to_string());
    let row = params![
        org,
        number,
        now,
        entry.staff,
        entry.office,
        source.map(|source| vault.seal(AUDIT_SOURCE, number, &source)),
        entry.action.code,
        entry.outcome.code(),
        entry.subject.map(|subject| subject.kind),
        entry.subject.map(|subject| subject.id),
        entry
            .detail
            .as_ref()
            .map(|detail| vault.seal(AUDIT_DETAIL, number, detail)),
    ];
    tx.execute(ADD_AUDIT_ENTRY, row).await.map(drop)
}

/// What is known of a subject, without holding it.
pub(crate) async fn bucket(db: &Db, subject: &Subject) -> Result<Option<Bucket>, DbError> {
    let row = db.query_opt(BUCKET, params![subject.key()]).await?;
    row.as_ref().map(read_bucket).transpose()
}

/// The bucket of a subject, held until the commit: attempts on other nodes wait for it.
pub(crate) async fn hold_bucket(tx: &mut Tx, subject: &Subject, now: Millis) -> Result<Bucket, DbError> {
    let row = tx.query_opt(HOLD_BUCKET, params![subject.key(), now]).await?;
    read_bucket(&row.ok_or_else(|| DbError::Statement("an upsert gave no row".to_owned()))?)
}

fn read_bucket(row: &Row) -> Result<Bucket, DbError> {
    Ok(Bucket {
        failures: row.get(0)?,
        window_started_at: row.get(1)?,
        closed_until: row.get(2)?,
    })
}

pub(crate) async fn set_bucket(tx: &mut Tx, subject: &Subject, bucket: Bucket) -> Result<(), DbError> {
    let row = params![
        subject.key(),
        bucket.failures,
        bucket.window_started_at,
        bucket.closed_until
    ];
    tx.execute(SET_BUCKET, row).await.map(drop)
}

/// The attempt that was counted as a failure was none.
pub(crate) async fn take_back_failure(tx: &mut Tx, subject: &Subject) -> Result<(), DbError> {
    let statement = match subject {
        // A person who knows the password has not been guessing.
        Subject::Account(_) | Subject::Confirm(_) => FORGET_BUCKET,
        Subject::Source(_) => TAKE_BACK_FAILURE,
    };
    tx.execute(statement, params![subject.key()]).await.map(drop)
}

/// Forgets failures of long ago.
pub(crate) async fn sweep_buckets(tx: &mut Tx, now: Millis) -> Result<(), DbError> {
    tx.execute(SWEEP_BUCKETS, params![now - FAILURES_KEPT, now])
        .await
        .map(drop)
}
