//! Statements about people: who they are, what they may do where, whether they may come in.

use base::clock::Millis;
use base::id::{OfficeId, OrgId, StaffId};
use base::org::Roles;
use db::{Db, DbError, OrgVault, Row, Tx, params};

use super::{PASSWORD_HASH, STAFF_NAME, count, staff, unreadable};
use crate::hash::NOBODY;
use crate::people::{Grant, NewPerson, Person, Presence};
use crate::session::SessionKey;
use crate::{Login, Office};

db::statements! {
    PEOPLE = "SELECT p.staff_id, p.org_id, p.office_id, p.login, p.name_sealed, COALESCE(r.roles, ''),
            p.created_at, p.invited_at, p.disabled_at, p.last_signed_in_at
        FROM staff p
        LEFT JOIN staff_roles r
            ON r.org_id = p.org_id AND r.staff_id = p.staff_id AND r.office_id = p.office_id
        WHERE p.org_id = $1 AND COALESCE(CAST($2 AS {bigint}), p.office_id) = p.office_id
        ORDER BY p.office_id, p.login LIMIT $3 OFFSET $4";
    PEOPLE_COUNT = "SELECT COUNT(*) FROM staff p
        WHERE p.org_id = $1 AND COALESCE(CAST($2 AS {bigint}), p.office_id) = p.office_id";
    PERSON = "SELECT p.staff_id, p.org_id, p.office_id, p.login, p.name_sealed, COALESCE(r.roles, ''),
            p.created_at, p.invited_at, p.disabled_at, p.last_signed_in_at
        FROM staff p
        LEFT JOIN staff_roles r
            ON r.org_id = p.org_id AND r.staff_id = p.staff_id AND r.office_id = p.office_id
        WHERE p.org_id = $1 AND p.staff_id = $2";
    /// A login name is unique within the installation.
    STAFF_BY_LOGIN = "SELECT org_id, staff_id FROM staff WHERE login = $1";
    GRANTS = "SELECT staff_id, office_id, roles FROM staff_roles
        WHERE org_id = $1 AND roles <> ''
            AND staff_id IN (SELECT CAST(each.value ->> 0 AS {bigint}) FROM {each $2})
        ORDER BY staff_id, office_id";
    PRESENCES = "SELECT created_at, seen_at FROM login_sessions
        WHERE org_id = $1 AND staff_id = $2 AND created_at > $3 AND seen_at > $4 ORDER BY created_at DESC";
    OFFICES_OF = "SELECT o.office_id, COALESCE(r.roles, '')
        FROM offices o
        JOIN staff p ON p.org_id = o.org_id AND p.staff_id = $2
        LEFT JOIN staff_roles r
            ON r.org_id = o.org_id AND r.staff_id = $2 AND r.office_id = o.office_id
        WHERE o.org_id = $1 AND o.closed_at IS NULL
            AND (o.contract_ends_at IS NULL OR o.contract_ends_at > $3)
            AND (o.office_id = p.office_id OR COALESCE(r.roles, '') <> '')
        ORDER BY o.office_id";

    /// Whoever changes who may do what waits here for whoever else does.
    HOLD_ORG = "SELECT g.org_id FROM orgs g WHERE g.org_id = $1 {locked g}";
    OTHER_ADMINISTRATORS = "SELECT COUNT(*) FROM staff p
        JOIN staff_roles r ON r.org_id = p.org_id AND r.staff_id = p.staff_id
        WHERE p.org_id = $1 AND p.staff_id <> $2 AND r.office_id = $3
            AND p.disabled_at IS NULL AND p.invited_at IS NULL
            AND ' ' || r.roles || ' ' LIKE '% administrator %'";
    INVITE = "INSERT INTO staff
            (org_id, staff_id, office_id, login, name_sealed, password_hash, created_at, invited_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
    JOIN_ORG = "UPDATE staff SET password_hash = $3, invited_at = NULL
        WHERE org_id = $1 AND staff_id = $2 AND disabled_at IS NULL";
    MOVE = "UPDATE staff SET office_id = $3 WHERE org_id = $1 AND staff_id = $2";
    DISABLE = "UPDATE staff SET disabled_at = $3 WHERE org_id = $1 AND staff_id = $2 AND disabled_at IS NULL";
    ENABLE = "UPDATE staff SET disabled_at = NULL WHERE org_id = $1 AND staff_id = $2 AND disabled_at IS NOT NULL";
    /// Whoever works at present where there is nothing left to do for them goes home.
    GO_HOME = "UPDATE login_sessions SET office_id = NULL
        WHERE org_id = $1 AND staff_id = $2 AND office_id = $3";
    WORK_AT = "UPDATE login_sessions SET office_id = $2 WHERE token_hash = $1";
}

fn person(row: &Row, vault: &OrgVault) -> Result<Person, DbError> {
    Ok(Person {
        staff: staff(row, vault)?,
        grants: Vec::new(),
        made_at: row.get(6)?,
        invited_at: row.get(7)?,
        disabled_at: row.get(8)?,
        last_signed_in_at: row.get(9)?,
    })
}

/// The people of an organisation, or of one office of it.
pub(crate) async fn some(
    db: &Db,
    org: OrgId,
    office: Option<OfficeId>,
    (limit, offset): (i64, i64),
) -> Result<Vec<Person>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(PEOPLE, params![org, office, limit, offset]).await?;
    let people: Result<Vec<_>, _> = rows.iter().map(|row| person(row, &vault)).collect();
    with_grants(db, org, people?).await
}

pub(crate) async fn how_many(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<i64, DbError> {
    count(db.query_opt(PEOPLE_COUNT, params![org, office]).await?)
}

pub(crate) async fn one(db: &Db, org: OrgId, id: StaffId) -> Result<Option<Person>, DbError> {
    let vault = db.vault(org).await?;
    let Some(row) = db.query_opt(PERSON, params![org, id]).await? else {
        return Ok(None);
    };
    let people = with_grants(db, org, vec![person(&row, &vault)?]).await?;
    Ok(people.into_iter().next())
}

async fn with_grants(db: &Db, org: OrgId, mut people: Vec<Person>) -> Result<Vec<Person>, DbError> {
    let ids: Vec<[StaffId; 1]> = people.iter().map(|person| [person.staff.id]).collect();
    let json = serde_json::to_string(&ids).expect("numbers are always JSON");
    for row in db.query(GRANTS, params![org, json]).await? {
        let (id, office, roles): (StaffId, OfficeId, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let roles = Roles::from_codes(&roles).ok_or_else(|| unreadable("roles"))?;
        if let Some(person) = people.iter_mut().find(|person| person.staff.id == id) {
            person.grants.push(Grant { office, roles });
        }
    }
    Ok(people)
}

pub(crate) async fn by_login(db: &Db, login: &Login) -> Result<Option<(OrgId, StaffId)>, DbError> {
    let row = db.query_opt(STAFF_BY_LOGIN, params![login.as_str()]).await?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// The sessions that are neither idle nor old.
pub(crate) async fn presences(
    db: &Db,
    org: OrgId,
    id: StaffId,
    (begun_after, seen_after): (Millis, Millis),
) -> Result<Vec<Presence>, DbError> {
    let rows = db
        .query(PRESENCES, params![org, id, begun_after, seen_after])
        .await?;
    let presence = |row: &Row| {
        Ok(Presence {
            began_at: row.get(0)?,
            seen_at: row.get(1)?,
        })
    };
    rows.iter().map(presence).collect()
}

/// Where a person may work now, and as what.
pub(crate) async fn offices_of(db: &Db, org: OrgId, id: StaffId, now: Millis) -> Result<Vec<Grant>, DbError> {
    let rows = db.query(OFFICES_OF, params![org, id, now]).await?;
    let grant = |row: &Row| {
        let roles: String = row.get(1)?;
        Ok(Grant {
            office: row.get(0)?,
            roles: Roles::from_codes(&roles).ok_or_else(|| unreadable("roles"))?,
        })
    };
    rows.iter().map(grant).collect()
}

/// Waits for whoever else changes who may do what in this organisation.
pub(crate) async fn hold_org(tx: &mut Tx, org: OrgId) -> Result<(), DbError> {
    tx.query_opt(HOLD_ORG, params![org]).await.map(drop)
}

/// How many others administer the organisation and can sign in. Exact after [`hold_org`].
pub(crate) async fn other_administrators(tx: &mut Tx, org: OrgId, but: StaffId) -> Result<i64, DbError> {
    count(
        tx.query_opt(OTHER_ADMINISTRATORS, params![org, but, OfficeId::HEADQUARTERS])
            .await?,
    )
}

/// A person as the write sees them.
pub(crate) async fn seen_by(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: StaffId,
) -> Result<Option<Person>, DbError> {
    let Some(row) = tx.query_opt(PERSON, params![org, id]).await? else {
        return Ok(None);
    };
    let mut person = person(&row, vault)?;
    let json = format!("[[{id}]]");
    for row in tx.query(GRANTS, params![org, json]).await? {
        let roles: String = row.get(2)?;
        person.grants.push(Grant {
            office: row.get(1)?,
            roles: Roles::from_codes(&roles).ok_or_else(|| unreadable("roles"))?,
        });
    }
    Ok(Some(person))
}

/// An account that nobody can sign in with yet.
pub(crate) async fn invite(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: StaffId,
    new: &NewPerson,
    now: Millis,
) -> Result<(), DbError> {
    let name = vault.seal(STAFF_NAME, id.get(), new.name.as_str());
    let hash = vault.seal(PASSWORD_HASH, id.get(), NOBODY);
    let row = params![org, id, new.office, new.login.as_str(), name, hash, now];
    tx.execute(INVITE, row).await?;
    super::set_roles(tx, org, id, new.office, new.roles).await
}

/// The person has chosen a password. Whether they may still come in.
pub(crate) async fn join(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    id: StaffId,
    password_hash: &str,
) -> Result<bool, DbError> {
    let hash = vault.seal(PASSWORD_HASH, id.get(), password_hash);
    Ok(tx.execute(JOIN_ORG, params![org, id, hash]).await? > 0)
}

pub(crate) async fn move_to(tx: &mut Tx, org: OrgId, id: StaffId, office: OfficeId) -> Result<(), DbError> {
    tx.execute(MOVE, params![org, id, office]).await.map(drop)
}

pub(crate) async fn disable(tx: &mut Tx, org: OrgId, id: StaffId, now: Millis) -> Result<(), DbError> {
    tx.execute(DISABLE, params![org, id, now]).await.map(drop)
}

pub(crate) async fn enable(tx: &mut Tx, org: OrgId, id: StaffId) -> Result<(), DbError> {
    tx.execute(ENABLE, params![org, id]).await.map(drop)
}

pub(crate) async fn go_home(tx: &mut Tx, org: OrgId, id: StaffId, from: OfficeId) -> Result<(), DbError> {
    tx.execute(GO_HOME, params![org, id, from]).await.map(drop)
}

pub(crate) async fn work_at(tx: &mut Tx, key: &SessionKey, office: &Office) -> Result<(), DbError> {
    tx.execute(WORK_AT, params![key.0.as_str(), office.id])
        .await
        .map(drop)
}
