//! Documents of an organisation that hold from a day on, in versions: one person writes, somebody else approves, and
//! what was approved is never changed, only withdrawn.
//!
//! Whoever has such documents keeps them in two tables, `X_versions` and `X_revisions` (`programme`, `desk`), and names
//! them once with [`version_statements!`](crate::version_statements). What a document says is nothing to this module.

use base::clock::Millis;
use base::date::{self, CalendarDate};
use base::id::{OfficeId, OrgId, StaffId};
use db::{Db, DbError, Row, Sql, Tx, params};

/// The statements on one pair of tables.
#[derive(Clone, Copy, Debug)]
pub struct Statements {
    /// Adds a version.
    pub add_version: Sql,
    /// Adds what was saved of one.
    pub add_revision: Sql,
    /// A draft was saved once more.
    pub move_on: Sql,
    /// All versions.
    pub versions: Sql,
    /// One version.
    pub version: Sql,
    /// Versions that hold.
    pub in_force: Sql,
    /// Who wrote on one.
    pub authors: Sql,
    /// Approves one.
    pub approve: Sql,
    /// Withdraws one.
    pub withdraw: Sql,
}

/// Declares `ALL` and `STATEMENTS` for the tables `X_versions` and `X_revisions`, in a module of their own:
///
/// ```text
/// pub(super) mod versions {
///     accounts::version_statements!("desk");
/// }
/// ```
#[macro_export]
macro_rules! version_statements {
    ($of:literal) => {
        ::db::statements! {
            ADD_VERSION = concat!(
                "INSERT INTO ", $of, "_versions (org_id, ", $of, "_id, version, office_id, revision)
                SELECT $1, $2, COALESCE(MAX(version), 0) + 1, CAST($3 AS {bigint}), 1
                FROM ", $of, "_versions WHERE org_id = $1 AND ", $of, "_id = $2
                RETURNING version");
            ADD_REVISION = concat!(
                "INSERT INTO ", $of, "_revisions (org_id, ", $of, "_id, version, revision, title, holds_from,
                    document, saved_by, saved_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS {bigint}), $9)");
            MOVE_ON = concat!(
                "UPDATE ", $of, "_versions SET revision = revision + 1
                WHERE org_id = $1 AND ", $of, "_id = $2 AND version = $3 AND revision = $4
                    AND approved_at IS NULL AND withdrawn_at IS NULL");
            VERSIONS = concat!(
                "SELECT v.version, v.office_id, v.revision, r.title, r.holds_from, r.document, r.saved_by, r.saved_at,
                    v.approved_by, v.approved_at, v.withdrawn_by, v.withdrawn_at, v.withdrawn_reason
                FROM ", $of, "_versions v JOIN ", $of, "_revisions r
                    ON r.org_id = v.org_id AND r.", $of, "_id = v.", $of, "_id AND r.version = v.version
                    AND r.revision = v.revision
                WHERE v.org_id = $1 AND v.", $of, "_id = $2 ORDER BY v.version DESC LIMIT $3");
            VERSION = concat!(
                "SELECT v.version, v.office_id, v.revision, r.title, r.holds_from, r.document, r.saved_by, r.saved_at,
                    v.approved_by, v.approved_at, v.withdrawn_by, v.withdrawn_at, v.withdrawn_reason
                FROM ", $of, "_versions v JOIN ", $of, "_revisions r
                    ON r.org_id = v.org_id AND r.", $of, "_id = v.", $of, "_id AND r.version = v.version
                    AND r.revision = v.revision
                WHERE v.org_id = $1 AND v.", $of, "_id = $2 AND v.version = $3");
            IN_FORCE = concat!(
                "SELECT v.version, v.office_id, r.holds_from, r.document
                FROM ", $of, "_versions v JOIN ", $of, "_revisions r
                    ON r.org_id = v.org_id AND r.", $of, "_id = v.", $of, "_id AND r.version = v.version
                    AND r.revision = v.revision
                WHERE v.org_id = $1 AND v.", $of, "_id = $2 AND v.approved_at IS NOT NULL
                    AND v.withdrawn_at IS NULL");
            AUTHORS = concat!(
                "SELECT DISTINCT saved_by FROM ", $of, "_revisions
                WHERE org_id = $1 AND ", $of, "_id = $2 AND version = $3 AND saved_by IS NOT NULL ORDER BY saved_by");
            APPROVE = concat!(
                "UPDATE ", $of, "_versions SET approved_by = CAST($5 AS {bigint}), approved_at = $6
                WHERE org_id = $1 AND ", $of, "_id = $2 AND version = $3 AND revision = $4
                    AND approved_at IS NULL AND withdrawn_at IS NULL
                    AND NOT EXISTS (SELECT 1 FROM ", $of, "_revisions r
                        WHERE r.org_id = $1 AND r.", $of, "_id = $2 AND r.version = $3
                            AND r.saved_by = CAST($5 AS {bigint}))");
            WITHDRAW = concat!(
                "UPDATE ", $of, "_versions SET withdrawn_by = $4, withdrawn_at = $5, withdrawn_reason = $6
                WHERE org_id = $1 AND ", $of, "_id = $2 AND version = $3 AND withdrawn_at IS NULL");
        }

        /// The same as a value.
        pub const STATEMENTS: $crate::versions::Statements = $crate::versions::Statements {
            add_version: ADD_VERSION,
            add_revision: ADD_REVISION,
            move_on: MOVE_ON,
            versions: VERSIONS,
            version: VERSION,
            in_force: IN_FORCE,
            authors: AUTHORS,
            approve: APPROVE,
            withdraw: WITHDRAW,
        };
    };
}

/// What a version is to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// What changes by it.
    pub title: String,
    /// Its first day.
    pub from: CalendarDate,
    /// What it says, as it is kept.
    pub document: String,
}

/// One version as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionRow {
    /// From 1.
    pub version: i64,
    /// Whose, if it is one office's.
    pub office: Option<OfficeId>,
    /// How often it was saved.
    pub revision: i64,
    /// What it says.
    pub draft: Draft,
    /// Who saved it last; nobody if it came with the product.
    pub saved_by: Option<StaffId>,
    /// When.
    pub saved_at: Millis,
    /// Who approved it, and when.
    pub approved: Option<(Option<StaffId>, Millis)>,
    /// Who withdrew it, when and why.
    pub withdrawn: Option<(StaffId, Millis, String)>,
}

impl VersionRow {
    /// Whether it may still be changed.
    pub fn is_draft(&self) -> bool {
        self.approved.is_none() && self.withdrawn.is_none()
    }

    /// Whether it holds from its first day on.
    pub fn is_in_force(&self) -> bool {
        self.approved.is_some() && self.withdrawn.is_none()
    }
}

/// A version in force: approved, not withdrawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce {
    /// Its number.
    pub version: i64,
    /// Whose, if it is one office's.
    pub office: Option<OfficeId>,
    /// Its first day.
    pub from: CalendarDate,
    /// What it says, as it is kept.
    pub document: String,
}

/// A version's first day, as it is kept.
pub fn day_of(row: &Row, column: usize) -> Result<CalendarDate, DbError> {
    let text: String = row.get(column)?;
    let day = date::parse(&text).ok().and_then(date::Parsed::full);
    day.ok_or_else(|| DbError::Statement("a version's first day is no day".to_owned()))
}

fn version_of(row: &Row) -> Result<VersionRow, DbError> {
    let approved_at: Option<Millis> = row.get(9)?;
    let withdrawn_by: Option<StaffId> = row.get(10)?;
    let withdrawn = match withdrawn_by {
        Some(by) => Some((
            by,
            row.get(11)?,
            row.get::<Option<String>>(12)?.unwrap_or_default(),
        )),
        None => None,
    };
    Ok(VersionRow {
        version: row.get(0)?,
        office: row.get(1)?,
        revision: row.get(2)?,
        draft: Draft {
            title: row.get(3)?,
            from: day_of(row, 4)?,
            document: row.get(5)?,
        },
        saved_by: row.get(6)?,
        saved_at: row.get(7)?,
        approved: match approved_at {
            Some(at) => Some((row.get(8)?, at)),
            None => None,
        },
        withdrawn,
    })
}

fn in_force_of(rows: &[Row]) -> Result<Vec<InForce>, DbError> {
    let version = |row: &Row| {
        Ok(InForce {
            version: row.get(0)?,
            office: row.get(1)?,
            from: day_of(row, 2)?,
            document: row.get(3)?,
        })
    };
    rows.iter().map(version).collect()
}

/// The versions of document `id`, newest first.
pub async fn versions(
    db: &Db,
    sql: &Statements,
    org: OrgId,
    id: i64,
    most: i64,
) -> Result<Vec<VersionRow>, DbError> {
    let rows = db.query(sql.versions, params![org, id, most]).await?;
    rows.iter().map(version_of).collect()
}

/// One version.
pub async fn version(
    db: &Db,
    sql: &Statements,
    org: OrgId,
    (id, version): (i64, i64),
) -> Result<Option<VersionRow>, DbError> {
    let row = db.query_opt(sql.version, params![org, id, version]).await?;
    row.as_ref().map(version_of).transpose()
}

/// The same inside a write.
pub async fn version_in(
    tx: &mut Tx,
    sql: &Statements,
    org: OrgId,
    (id, version): (i64, i64),
) -> Result<Option<VersionRow>, DbError> {
    let row = tx.query_opt(sql.version, params![org, id, version]).await?;
    row.as_ref().map(version_of).transpose()
}

/// Everybody who wrote on a version.
pub async fn authors(
    db: &Db,
    sql: &Statements,
    org: OrgId,
    (id, version): (i64, i64),
) -> Result<Vec<StaffId>, DbError> {
    let rows = db.query(sql.authors, params![org, id, version]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Versions that are approved and not withdrawn.
pub async fn in_force(db: &Db, sql: &Statements, org: OrgId, id: i64) -> Result<Vec<InForce>, DbError> {
    in_force_of(&db.query(sql.in_force, params![org, id]).await?)
}

/// The same inside a write.
pub async fn in_force_in(
    tx: &mut Tx,
    sql: &Statements,
    org: OrgId,
    id: i64,
) -> Result<Vec<InForce>, DbError> {
    in_force_of(&tx.query(sql.in_force, params![org, id]).await?)
}

/// Adds a draft in a larger write; gives its number.
pub async fn add_in(
    tx: &mut Tx,
    sql: &Statements,
    (org, id): (OrgId, i64),
    (office, draft): (Option<OfficeId>, Draft),
    by: Option<StaffId>,
    now: Millis,
) -> Result<i64, DbError> {
    let row = tx.query_opt(sql.add_version, params![org, id, office]).await?;
    let row = row.ok_or_else(|| DbError::Statement("no version was made".to_owned()))?;
    let version = row.get(0)?;
    add_revision(tx, sql, (org, id), (version, 1), draft, (by, now)).await?;
    Ok(version)
}

async fn add_revision(
    tx: &mut Tx,
    sql: &Statements,
    (org, id): (OrgId, i64),
    (version, revision): (i64, i64),
    draft: Draft,
    (by, now): (Option<StaffId>, Millis),
) -> Result<(), DbError> {
    let params = params![
        org,
        id,
        version,
        revision,
        draft.title,
        draft.from.to_string(),
        draft.document,
        by,
        now
    ];
    tx.execute(sql.add_revision, params).await.map(drop)
}

/// Saves a draft that was made from revision `seen`; `false` if it is none any more, or somebody saved meanwhile.
pub async fn save_draft(
    db: &Db,
    sql: &'static Statements,
    org: OrgId,
    (id, version): (i64, i64),
    (seen, draft): (i64, Draft),
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let draft = draft.clone();
        Box::pin(async move {
            if tx.execute(sql.move_on, params![org, id, version, seen]).await? == 0 {
                return Ok(false);
            }
            add_revision(tx, sql, (org, id), (version, seen + 1), draft, (Some(by), now)).await?;
            Ok(true)
        })
    })
    .await
}

/// Approves the revision that was read, in a larger write. `false` if it has changed since, is no draft any more, or
/// if this person wrote on it. Nobody (`None`) stands for the product.
pub async fn approve_in(
    tx: &mut Tx,
    sql: &Statements,
    org: OrgId,
    (id, version, seen): (i64, i64, i64),
    by: Option<StaffId>,
    now: Millis,
) -> Result<bool, DbError> {
    let params = params![org, id, version, seen, by, now];
    Ok(tx.execute(sql.approve, params).await? == 1)
}

/// Takes a version back: nothing is decided by it any more. What it decided keeps its number.
pub async fn withdraw(
    db: &Db,
    sql: &'static Statements,
    org: OrgId,
    (id, version): (i64, i64),
    reason: String,
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let reason = reason.clone();
        Box::pin(async move {
            let params = params![org, id, version, by, now, reason];
            Ok(tx.execute(sql.withdraw, params).await? == 1)
        })
    })
    .await
}
