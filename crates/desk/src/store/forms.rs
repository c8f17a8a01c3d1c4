//! Forms and their versions.

use base::clock::Millis;
use base::id::{FormId, OrgId, StaffId};
use db::{Db, DbError, Tx, params};

use crate::form::{Form, Key, Shipped};

db::statements! {
    FORM_BY_KEY = "SELECT form_id FROM forms WHERE org_id = $1 AND form_key = $2";
    ADD_FORM = "
        INSERT INTO forms (org_id, form_id, form_key, created_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (org_id, form_key) DO NOTHING";
    VERSION_AT = "
        SELECT version, document, origin FROM form_versions
        WHERE org_id = $1 AND form_id = $2 AND valid_from <= $3 AND withdrawn_at IS NULL
        ORDER BY valid_from DESC, version DESC LIMIT 1";
    ADD_VERSION = "
        INSERT INTO form_versions (org_id, form_id, version, document, valid_from, origin, created_by, created_at,
            draft)
        SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5, CAST($6 AS {bigint}), $7, CAST($8 AS {bigint})
        FROM form_versions WHERE org_id = $1 AND form_id = $2
        RETURNING version";
    VERSIONS = "
        SELECT v.version, v.valid_from, v.origin, v.created_by, v.created_at
        FROM forms f JOIN form_versions v ON v.org_id = f.org_id AND v.form_id = f.form_id
        WHERE f.org_id = $1 AND f.form_key = $2 ORDER BY v.version DESC";
}

const SHIPPED: &str = "shipped";
pub(super) const OWN: &str = "own";

/// A version, without its document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormVersion {
    /// From 1.
    pub version: i64,
    /// From when it is asked with.
    pub valid_from: Millis,
    /// Whether the organisation wrote it itself.
    pub is_own: bool,
    /// Who entered it; nobody for what came with the program.
    pub created_by: Option<StaffId>,
    /// When.
    pub created_at: Millis,
}

/// The form that is asked with at this moment. What comes with the program is taken in when it is first asked with,
/// and again when the program brings another document; not after the organisation wrote one itself.
pub(super) async fn current(
    tx: &mut Tx,
    org: OrgId,
    key: &Key,
    now: Millis,
) -> Result<Option<(FormId, i64)>, DbError> {
    let shipped = Shipped::of(key.as_str());
    let id = match form_id(tx, org, key).await? {
        Some(id) => id,
        None if shipped.is_some() => found(tx, org, key, now).await?,
        None => return Ok(None),
    };
    let row = tx.query_opt(VERSION_AT, params![org, id, now]).await?;
    let known = match row {
        Some(row) => Some((row.get::<i64>(0)?, row.get::<String>(1)?, row.get::<String>(2)?)),
        None => None,
    };
    let Some(shipped) = shipped else {
        return Ok(known.map(|(version, _, _)| (id, version)));
    };
    match known {
        Some((version, document, origin)) if origin == OWN || document == shipped.document => {
            Ok(Some((id, version)))
        }
        _ => {
            let version = params![
                org,
                id,
                shipped.document,
                now,
                SHIPPED,
                None::<StaffId>,
                now,
                None::<i64>
            ];
            add(tx, version).await.map(|version| Some((id, version)))
        }
    }
}

pub(super) async fn form_id(tx: &mut Tx, org: OrgId, key: &Key) -> Result<Option<FormId>, DbError> {
    let row = tx.query_opt(FORM_BY_KEY, params![org, key.as_str()]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Another node may be doing the same: the form that stands in the end is the one.
pub(super) async fn found(tx: &mut Tx, org: OrgId, key: &Key, now: Millis) -> Result<FormId, DbError> {
    let id = FormId::new(tx.take_numbers("forms", 1).await?);
    tx.execute(ADD_FORM, params![org, id, key.as_str(), now]).await?;
    let stands = form_id(tx, org, key).await?;
    stands.ok_or_else(|| DbError::Statement("a form that was added is not there".to_owned()))
}

pub(super) async fn add(tx: &mut Tx, version: Vec<db::Value>) -> Result<i64, DbError> {
    let row = tx.query_opt(ADD_VERSION, version).await?;
    row.ok_or_else(|| DbError::Statement("a version gave no number".to_owned()))?
        .get(0)
}

/// The form of this name, if somebody was asked with it or wrote on it.
pub async fn form_named(db: &Db, org: OrgId, key: &Key) -> Result<Option<FormId>, DbError> {
    let row = db.query_opt(FORM_BY_KEY, params![org, key.as_str()]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// The form that would be asked with at this moment, for whoever wants to read it.
pub async fn current_form(db: &Db, org: OrgId, key: &Key) -> Result<Option<Form>, DbError> {
    let now = db.now();
    let known = match db.query_opt(FORM_BY_KEY, params![org, key.as_str()]).await? {
        Some(row) => {
            let id: FormId = row.get(0)?;
            db.query_opt(VERSION_AT, params![org, id, now]).await?
        }
        None => None,
    };
    let own = match known {
        Some(row) if row.get::<String>(2)? == OWN => Some(row.get::<String>(1)?),
        Some(row) if Shipped::of(key.as_str()).is_none() => Some(row.get::<String>(1)?),
        _ => None,
    };
    if let Some(document) = own {
        return stored(&document).map(Some);
    }
    let mut shipped = Shipped::forms().iter();
    Ok(shipped.find(|form| form.key() == key).cloned())
}

/// Enters a version of the organisation's own, to be asked with from `valid_from` on. Gives its number.
pub async fn add_version(
    db: &Db,
    org: OrgId,
    form: &Form,
    valid_from: Millis,
    by: StaffId,
) -> Result<i64, DbError> {
    let document = serde_json::to_string(form.document()).expect("a form becomes JSON");
    let (key, now) = (form.key().clone(), db.now());
    db.write(move |tx| {
        let (key, document) = (key.clone(), document.clone());
        Box::pin(async move {
            let id = match form_id(tx, org, &key).await? {
                Some(id) => id,
                None => found(tx, org, &key, now).await?,
            };
            let version = params![org, id, document, valid_from, OWN, by, now, None::<i64>];
            add(tx, version).await
        })
    })
    .await
}

/// Every version of a form, newest first.
pub async fn versions(db: &Db, org: OrgId, key: &Key) -> Result<Vec<FormVersion>, DbError> {
    let rows = db.query(VERSIONS, params![org, key.as_str()]).await?;
    rows.iter()
        .map(|row| {
            Ok(FormVersion {
                version: row.get(0)?,
                valid_from: row.get(1)?,
                is_own: row.get::<String>(2)? == OWN,
                created_by: row.get(3)?,
                created_at: row.get(4)?,
            })
        })
        .collect()
}

/// A document that was found good when it was stored.
pub(super) fn stored(document: &str) -> Result<Form, DbError> {
    Form::parse(document).map_err(|problem| DbError::Statement(format!("a stored form: {problem}")))
}
