//! What an organisation writes itself of its forms: one person writes, another approves, and from the first day on
//! people are asked by it. Whoever was asked before goes on with the version by which they were asked.

use accounts::versions::{self as kept, Draft, VersionRow};
use base::date::CalendarDate;
use base::id::{FormId, OrgId, StaffId};
use db::{Db, DbError, params};

use self::sql::STATEMENTS;
use super::forms::{self, form_id, found};
use crate::form::{Form, Key};
use crate::limits;

db::statements! {
    FORM = "SELECT form_key FROM forms WHERE org_id = $1 AND form_id = $2";
    WITHDRAW_VERSION = "
        UPDATE form_versions SET withdrawn_at = $4
        WHERE org_id = $1 AND form_id = $2 AND draft = $3 AND withdrawn_at IS NULL";
}

pub(super) mod sql {
    accounts::version_statements!("form_draft");
}

/// The name of a form of this organisation.
pub async fn form_of(db: &Db, org: OrgId, id: FormId) -> Result<Option<Key>, DbError> {
    let row = db.query_opt(FORM, params![org, id]).await?;
    row.map(|row| {
        Key::parse(&row.get::<String>(0)?).ok_or_else(|| DbError::Statement("a form has no name".to_owned()))
    })
    .transpose()
}

/// A draft that says what is asked now. `None` if there is no such form.
pub async fn add_form_draft(
    db: &Db,
    org: OrgId,
    key: &Key,
    (title, from): (String, CalendarDate),
    by: StaffId,
) -> Result<Option<(FormId, i64)>, DbError> {
    let Some(form) = forms::current_form(db, org, key).await? else {
        return Ok(None);
    };
    let draft = Draft {
        title,
        from,
        document: written(&form),
    };
    let (key, now) = (key.clone(), db.now());
    db.write(move |tx| {
        let (key, draft) = (key.clone(), draft.clone());
        Box::pin(async move {
            let id = match form_id(tx, org, &key).await? {
                Some(id) => id,
                None => found(tx, org, &key, now).await?,
            };
            let version =
                kept::add_in(tx, &STATEMENTS, (org, id.get()), (None, draft), Some(by), now).await?;
            Ok(Some((id, version)))
        })
    })
    .await
}

/// A form as it is kept.
pub fn written(form: &Form) -> String {
    serde_json::to_string(form.document()).expect("a form becomes JSON")
}

/// Every version that was written, newest first.
pub async fn form_drafts(db: &Db, org: OrgId, id: FormId) -> Result<Vec<VersionRow>, DbError> {
    kept::versions(db, &STATEMENTS, org, id.get(), limits::VERSIONS_SHOWN).await
}

/// One of them.
pub async fn form_draft(
    db: &Db,
    org: OrgId,
    (id, version): (FormId, i64),
) -> Result<Option<VersionRow>, DbError> {
    kept::version(db, &STATEMENTS, org, (id.get(), version)).await
}

/// Everybody who wrote on it.
pub async fn form_draft_authors(
    db: &Db,
    org: OrgId,
    (id, version): (FormId, i64),
) -> Result<Vec<StaffId>, DbError> {
    kept::authors(db, &STATEMENTS, org, (id.get(), version)).await
}

/// Saves a draft that was made from revision `seen`; `false` if it is none any more, or somebody saved meanwhile.
pub async fn save_form_draft(
    db: &Db,
    org: OrgId,
    (id, version): (FormId, i64),
    (seen, draft): (i64, Draft),
    by: StaffId,
) -> Result<bool, DbError> {
    kept::save_draft(db, &STATEMENTS, org, (id.get(), version), (seen, draft), by).await
}

/// Approves the revision that was read, and people are asked by it from its first day on, at once if that has come.
/// `false` if it has changed since, is no draft any more, or if this person wrote on it.
pub async fn approve_form(
    db: &Db,
    org: OrgId,
    (id, version): (FormId, i64),
    seen: i64,
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let read = (id.get(), version, seen);
            if !kept::approve_in(tx, &STATEMENTS, org, read, Some(by), now).await? {
                return Ok(false);
            }
            let row = kept::version_in(tx, &STATEMENTS, org, (id.get(), version)).await?;
            let row = row.ok_or_else(|| DbError::Statement("an approved version is gone".to_owned()))?;
            let from = row.draft.from.begins_in_japan().max(now);
            let own = params![
                org,
                id,
                row.draft.document,
                from,
                forms::OWN,
                row.saved_by,
                now,
                version
            ];
            forms::add(tx, own).await?;
            Ok(true)
        })
    })
    .await
}

/// Takes a version back: nobody is asked by it any more. `false` if it was taken back before.
pub async fn withdraw_form(
    db: &Db,
    org: OrgId,
    (id, version): (FormId, i64),
    reason: String,
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let withdrawing = params![org, id, version, by, now, reason.clone()];
        Box::pin(async move {
            let done = tx.execute(STATEMENTS.withdraw, withdrawing).await?;
            tx.execute(WITHDRAW_VERSION, params![org, id, version, now])
                .await?;
            Ok(done == 1)
        })
    })
    .await
}
