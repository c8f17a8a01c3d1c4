//! Desks and the versions of their documents.

use accounts::versions::{self as kept, Draft, VersionRow};
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{DeskId, OfficeId, OrgId, StaffId};
use db::{Db, DbError, Row, Tx, params};

use self::sql::STATEMENTS;
use crate::document::{DeskDocument, DeskInForce, on};
use crate::form::Key;
use crate::limits;

db::statements! {
    ADD_DESK = "
        INSERT INTO desks (org_id, desk_id, desk_key, name, office_id, created_by, created_at)
        VALUES ($1, $2, $3, $4, $5, CAST($6 AS {bigint}), $7)
        ON CONFLICT (org_id, desk_key) DO NOTHING";
    DESKS = "
        SELECT desk_id, desk_key, name, office_id, created_at, closed_at FROM desks
        WHERE org_id = $1 ORDER BY name, desk_id";
    DESK = "
        SELECT desk_id, desk_key, name, office_id, created_at, closed_at FROM desks
        WHERE org_id = $1 AND desk_id = $2";
    DESK_BY_KEY = "
        SELECT desk_id, desk_key, name, office_id, created_at, closed_at FROM desks
        WHERE org_id = $1 AND desk_key = $2";
    CLOSE_DESK = "UPDATE desks SET closed_at = $3 WHERE org_id = $1 AND desk_id = $2 AND closed_at IS NULL";
    OPEN_DESK = "UPDATE desks SET closed_at = NULL WHERE org_id = $1 AND desk_id = $2 AND closed_at IS NOT NULL";
    /// Applications of one desk that are counted take turns.
    HOLD_DESK = "SELECT d.closed_at FROM desks d WHERE d.org_id = $1 AND d.desk_id = $2 {locked d}";
}

pub(super) mod sql {
    accounts::version_statements!("desk");
}

/// A desk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeskRow {
    /// Its number.
    pub id: DeskId,
    /// Its word in addresses.
    pub key: Key,
    /// What staff call it.
    pub name: String,
    /// Which office runs it.
    pub office: OfficeId,
    /// When it was made.
    pub created_at: Millis,
    /// Since when it is closed by hand.
    pub closed_at: Option<Millis>,
}

/// Why no version was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotKept {
    /// The organisation has a desk of this word already.
    KeyTaken,
    /// The document is another desk's.
    OtherKey,
}

fn desk_of(row: &Row) -> Result<DeskRow, DbError> {
    let key: String = row.get(1)?;
    Ok(DeskRow {
        id: row.get(0)?,
        key: Key::parse(&key).ok_or_else(|| DbError::Statement("a desk's word is none".to_owned()))?,
        name: row.get(2)?,
        office: row.get(3)?,
        created_at: row.get(4)?,
        closed_at: row.get(5)?,
    })
}

/// A document that was found good when it was kept.
pub(super) fn stored(document: &str) -> Result<DeskDocument, DbError> {
    DeskDocument::parse(document).map_err(|problem| DbError::Statement(format!("a stored desk: {problem}")))
}

fn draft_of(title: String, from: CalendarDate, document: &DeskDocument) -> Draft {
    Draft {
        title,
        from,
        document: document.to_json(),
    }
}

/// Every desk of the organisation, by name.
pub async fn desks(db: &Db, org: OrgId) -> Result<Vec<DeskRow>, DbError> {
    let rows = db.query(DESKS, params![org]).await?;
    rows.iter().map(desk_of).collect()
}

/// One desk.
pub async fn desk(db: &Db, org: OrgId, id: DeskId) -> Result<Option<DeskRow>, DbError> {
    let row = db.query_opt(DESK, params![org, id]).await?;
    row.as_ref().map(desk_of).transpose()
}

/// The desk of this word.
pub async fn desk_by_key(db: &Db, org: OrgId, key: &Key) -> Result<Option<DeskRow>, DbError> {
    let row = db.query_opt(DESK_BY_KEY, params![org, key.as_str()]).await?;
    row.as_ref().map(desk_of).transpose()
}

/// Makes a desk with the first draft of its document; `None` if there is one of this word.
pub async fn add_desk(
    db: &Db,
    org: OrgId,
    office: OfficeId,
    (title, from, document): (String, CalendarDate, &DeskDocument),
    by: StaffId,
) -> Result<Option<DeskId>, DbError> {
    let (now, draft) = (db.now(), draft_of(title, from, document));
    let (key, name) = (document.key().clone(), name_of(document));
    db.write(move |tx| {
        let (draft, key, name) = (draft.clone(), key.clone(), name.clone());
        Box::pin(async move {
            let new = NewDesk {
                office,
                key,
                name,
                draft,
            };
            Ok(add_in(tx, org, new, Some(by), now).await?.map(|(desk, _)| desk))
        })
    })
    .await
}

fn name_of(document: &DeskDocument) -> String {
    let title = document.document().title.of(web::Language::Japanese);
    title.unwrap_or(document.key().as_str()).to_owned()
}

struct NewDesk {
    office: OfficeId,
    key: Key,
    name: String,
    draft: Draft,
}

async fn add_in(
    tx: &mut Tx,
    org: OrgId,
    new: NewDesk,
    by: Option<StaffId>,
    now: Millis,
) -> Result<Option<(DeskId, i64)>, DbError> {
    let id = DeskId::new(tx.take_numbers("desks", 1).await?);
    let row = params![org, id, new.key.as_str(), new.name, new.office, by, now];
    if tx.execute(ADD_DESK, row).await? == 0 {
        return Ok(None);
    }
    let version = kept::add_in(tx, &STATEMENTS, (org, id.get()), (None, new.draft), by, now).await?;
    Ok(Some((id, version)))
}

/// Takes a desk that ships over as the product's own, approved: in a demo, where nobody is there to do it. `None` if
/// there is one of this word.
pub async fn install(
    db: &Db,
    org: OrgId,
    office: OfficeId,
    from: CalendarDate,
    document: &DeskDocument,
) -> Result<Option<DeskId>, DbError> {
    let (now, draft) = (db.now(), draft_of("最初の版".to_owned(), from, document));
    let (key, name) = (document.key().clone(), name_of(document));
    db.write(move |tx| {
        let (draft, key, name) = (draft.clone(), key.clone(), name.clone());
        Box::pin(async move {
            let new = NewDesk {
                office,
                key,
                name,
                draft,
            };
            let Some((desk, version)) = add_in(tx, org, new, None, now).await? else {
                return Ok(None);
            };
            kept::approve_in(tx, &STATEMENTS, org, (desk.get(), version, 1), None, now).await?;
            Ok(Some(desk))
        })
    })
    .await
}

/// The versions of a desk, newest first.
pub async fn desk_versions(db: &Db, org: OrgId, desk: DeskId) -> Result<Vec<VersionRow>, DbError> {
    kept::versions(db, &STATEMENTS, org, desk.get(), limits::VERSIONS_SHOWN).await
}

/// One version.
pub async fn desk_version(
    db: &Db,
    org: OrgId,
    (desk, version): (DeskId, i64),
) -> Result<Option<VersionRow>, DbError> {
    kept::version(db, &STATEMENTS, org, (desk.get(), version)).await
}

/// Everybody who wrote on a version.
pub async fn desk_authors(
    db: &Db,
    org: OrgId,
    (desk, version): (DeskId, i64),
) -> Result<Vec<StaffId>, DbError> {
    kept::authors(db, &STATEMENTS, org, (desk.get(), version)).await
}

/// Adds a draft to a desk; gives its number.
pub async fn add_desk_version(
    db: &Db,
    org: OrgId,
    desk: &DeskRow,
    (title, from, document): (String, CalendarDate, &DeskDocument),
    by: StaffId,
) -> Result<Result<i64, NotKept>, DbError> {
    if *document.key() != desk.key {
        return Ok(Err(NotKept::OtherKey));
    }
    let (now, id) = (db.now(), desk.id.get());
    let draft = draft_of(title, from, document);
    db.write(move |tx| {
        let draft = draft.clone();
        Box::pin(async move {
            let new = (None, draft);
            kept::add_in(tx, &STATEMENTS, (org, id), new, Some(by), now)
                .await
                .map(Ok)
        })
    })
    .await
}

/// Saves a draft that was made from revision `seen`; `false` if it is none any more, or somebody saved meanwhile.
pub async fn save_desk_draft(
    db: &Db,
    org: OrgId,
    (desk, version): (&DeskRow, i64),
    (seen, title, from, document): (i64, String, CalendarDate, &DeskDocument),
    by: StaffId,
) -> Result<Result<bool, NotKept>, DbError> {
    if *document.key() != desk.key {
        return Ok(Err(NotKept::OtherKey));
    }
    let draft = (seen, draft_of(title, from, document));
    let saved = kept::save_draft(db, &STATEMENTS, org, (desk.id.get(), version), draft, by);
    saved.await.map(Ok)
}

/// Approves the revision that was read. `false` if it has changed since, is no draft any more, or if this person wrote
/// on it. What it tells becomes templates with [`crate::texts::publish`].
pub async fn approve_desk(
    db: &Db,
    org: OrgId,
    (desk, version): (DeskId, i64),
    seen: i64,
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let read = (desk.get(), version, seen);
        Box::pin(async move { kept::approve_in(tx, &STATEMENTS, org, read, Some(by), now).await })
    })
    .await
}

/// Takes a version back: nobody applies by it any more. Applications that were made with it keep it.
pub async fn withdraw_desk(
    db: &Db,
    org: OrgId,
    (desk, version): (DeskId, i64),
    reason: String,
    by: StaffId,
) -> Result<bool, DbError> {
    kept::withdraw(db, &STATEMENTS, org, (desk.get(), version), reason, by).await
}

/// Closes a desk by hand, or opens it again. `false` if it was so before.
pub async fn set_closed(db: &Db, org: OrgId, desk: DeskId, closed: bool) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let changed = if closed {
                tx.execute(CLOSE_DESK, params![org, desk, now]).await?
            } else {
                tx.execute(OPEN_DESK, params![org, desk]).await?
            };
            Ok(changed == 1)
        })
    })
    .await
}

/// The versions of a desk in force.
pub async fn in_force(db: &Db, org: OrgId, desk: DeskId) -> Result<Vec<DeskInForce>, DbError> {
    let rows = kept::in_force(db, &STATEMENTS, org, desk.get()).await?;
    rows.into_iter()
        .map(|row| {
            Ok(DeskInForce {
                version: row.version,
                from: row.from,
                document: stored(&row.document)?,
            })
        })
        .collect()
}

/// The version that holds at this moment.
pub async fn now_in_force(db: &Db, org: OrgId, desk: DeskId) -> Result<Option<DeskInForce>, DbError> {
    let all = in_force(db, org, desk).await?;
    let today = CalendarDate::in_japan(db.now());
    Ok(today.and_then(|today| on(&all, today).cloned()))
}

/// What a version says, whether it is still in force or not: an application goes on by the one that it was made with.
pub async fn document(
    db: &Db,
    org: OrgId,
    (desk, version): (DeskId, i64),
) -> Result<Option<DeskDocument>, DbError> {
    let row = kept::version(db, &STATEMENTS, org, (desk.get(), version)).await?;
    row.map(|row| stored(&row.draft.document)).transpose()
}

/// Holds a desk in a write that counts its applications; `false` if it is closed by hand, or not there.
pub(super) async fn hold(tx: &mut Tx, org: OrgId, desk: DeskId) -> Result<bool, DbError> {
    match tx.query_opt(HOLD_DESK, params![org, desk]).await? {
        Some(row) => Ok(row.get::<Option<Millis>>(0)?.is_none()),
        None => Ok(false),
    }
}
