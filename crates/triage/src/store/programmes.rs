//! Programmes and their versions. Each save is a revision of its own; what was approved never changes.

use std::collections::HashMap;

use base::clock::Millis;
use base::date::{self, CalendarDate};
use base::id::{OfficeId, OrgId, ProgrammeId, StaffId};
use db::{Db, DbError, Row, Tx, params};

use crate::limits;
use crate::programme::{Content, Example, InForce, Programme, Scope};

db::statements! {
    ADD_PROGRAMME = "
        INSERT INTO programmes (org_id, programme_id, name, example, created_by, created_at)
        VALUES ($1, $2, $3, $4, CAST($5 AS {bigint}), $6)";
    PROGRAMMES = "
        SELECT programme_id, name, example, created_at FROM programmes WHERE org_id = $1 ORDER BY name, programme_id";
    PROGRAMME = "
        SELECT programme_id, name, example, created_at FROM programmes WHERE org_id = $1 AND programme_id = $2";
    ADD_VERSION = "
        INSERT INTO programme_versions (org_id, programme_id, version, office_id, revision)
        SELECT $1, $2, COALESCE(MAX(version), 0) + 1, CAST($3 AS {bigint}), 1
        FROM programme_versions WHERE org_id = $1 AND programme_id = $2
        RETURNING version";
    ADD_REVISION = "
        INSERT INTO programme_revisions (org_id, programme_id, version, revision, title, holds_from, document,
            saved_by, saved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS {bigint}), $9)";
    MOVE_ON = "
        UPDATE programme_versions SET revision = revision + 1
        WHERE org_id = $1 AND programme_id = $2 AND version = $3 AND revision = $4
            AND approved_at IS NULL AND withdrawn_at IS NULL";
    VERSIONS = "
        SELECT v.version, v.office_id, v.revision, r.title, r.holds_from, r.document, r.saved_by, r.saved_at,
            v.approved_by, v.approved_at, v.withdrawn_by, v.withdrawn_at, v.withdrawn_reason, v.programme_id
        FROM programme_versions v JOIN programme_revisions r
            ON r.org_id = v.org_id AND r.programme_id = v.programme_id AND r.version = v.version
            AND r.revision = v.revision
        WHERE v.org_id = $1 AND v.programme_id = $2 ORDER BY v.version DESC LIMIT $3";
    VERSION = "
        SELECT v.version, v.office_id, v.revision, r.title, r.holds_from, r.document, r.saved_by, r.saved_at,
            v.approved_by, v.approved_at, v.withdrawn_by, v.withdrawn_at, v.withdrawn_reason, v.programme_id
        FROM programme_versions v JOIN programme_revisions r
            ON r.org_id = v.org_id AND r.programme_id = v.programme_id AND r.version = v.version
            AND r.revision = v.revision
        WHERE v.org_id = $1 AND v.programme_id = $2 AND v.version = $3";
    IN_FORCE = "
        SELECT v.version, v.office_id, r.holds_from, r.document
        FROM programme_versions v JOIN programme_revisions r
            ON r.org_id = v.org_id AND r.programme_id = v.programme_id AND r.version = v.version
            AND r.revision = v.revision
        WHERE v.org_id = $1 AND v.programme_id = $2 AND v.approved_at IS NOT NULL AND v.withdrawn_at IS NULL";
    ALL_IN_FORCE = "
        SELECT v.version, v.office_id, r.holds_from, r.document, v.programme_id
        FROM programme_versions v JOIN programme_revisions r
            ON r.org_id = v.org_id AND r.programme_id = v.programme_id AND r.version = v.version
            AND r.revision = v.revision
        WHERE v.org_id = $1 AND v.approved_at IS NOT NULL AND v.withdrawn_at IS NULL";
    AUTHORS = "
        SELECT DISTINCT saved_by FROM programme_revisions
        WHERE org_id = $1 AND programme_id = $2 AND version = $3 AND saved_by IS NOT NULL ORDER BY saved_by";
    APPROVE = "
        UPDATE programme_versions SET approved_by = CAST($5 AS {bigint}), approved_at = $6
        WHERE org_id = $1 AND programme_id = $2 AND version = $3 AND revision = $4
            AND approved_at IS NULL AND withdrawn_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM programme_revisions r
                WHERE r.org_id = $1 AND r.programme_id = $2 AND r.version = $3 AND r.saved_by = CAST($5 AS {bigint}))";
    WITHDRAW = "
        UPDATE programme_versions SET withdrawn_by = $4, withdrawn_at = $5, withdrawn_reason = $6
        WHERE org_id = $1 AND programme_id = $2 AND version = $3 AND withdrawn_at IS NULL";
}

/// A programme.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProgrammeRow {
    /// Its number.
    pub id: ProgrammeId,
    /// What it is called.
    pub name: String,
    /// The example that it came from.
    pub example: Option<String>,
    /// When it was made.
    pub created_at: Millis,
}

/// What a version is to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Draft {
    /// What changes by it.
    pub title: String,
    /// Its first day.
    pub from: CalendarDate,
    /// What it says.
    pub content: Content,
}

/// One version as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VersionRow {
    /// From 1.
    pub version: i64,
    /// Whose.
    pub scope: Scope,
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

    /// Whether cases are decided by it from its first day on.
    pub fn is_in_force(&self) -> bool {
        self.approved.is_some() && self.withdrawn.is_none()
    }
}

fn programme_of(row: &Row) -> Result<ProgrammeRow, DbError> {
    Ok(ProgrammeRow {
        id: row.get(0)?,
        name: row.get(1)?,
        example: row.get(2)?,
        created_at: row.get(3)?,
    })
}

fn day_of(row: &Row, column: usize) -> Result<CalendarDate, DbError> {
    let text: String = row.get(column)?;
    let day = date::parse(&text).ok().and_then(date::Parsed::full);
    day.ok_or_else(|| DbError::Statement("a version's first day is no day".to_owned()))
}

fn content_of(row: &Row, column: usize) -> Result<Content, DbError> {
    // Rules that cannot be read must never be taken for none.
    Content::from_json(&row.get::<String>(column)?).map_err(DbError::Statement)
}

fn version_of(row: &Row) -> Result<VersionRow, DbError> {
    let approved_at: Option<Millis> = row.get(9)?;
    let withdrawn_by: Option<StaffId> = row.get(10)?;
    let reason: Option<String> = row.get(12)?;
    let withdrawn_at: Option<Millis> = row.get(11)?;
    let approved_by = row.get(8)?;
    Ok(VersionRow {
        version: row.get(0)?,
        scope: row.get::<Option<OfficeId>>(1)?.into(),
        revision: row.get(2)?,
        draft: Draft {
            title: row.get(3)?,
            from: day_of(row, 4)?,
            content: content_of(row, 5)?,
        },
        saved_by: row.get(6)?,
        saved_at: row.get(7)?,
        approved: approved_at.map(|at| (approved_by, at)),
        withdrawn: withdrawn_by
            .zip(withdrawn_at)
            .map(|(by, at)| (by, at, reason.unwrap_or_default())),
    })
}

fn version_in_force(row: &Row) -> Result<InForce, DbError> {
    Ok(InForce {
        version: row.get(0)?,
        scope: row.get::<Option<OfficeId>>(1)?.into(),
        from: day_of(row, 2)?,
        content: content_of(row, 3)?,
    })
}

fn in_force_of(rows: &[Row]) -> Result<Programme, DbError> {
    rows.iter()
        .map(version_in_force)
        .collect::<Result<_, DbError>>()
        .map(Programme::of)
}

/// Every programme as cases are decided by it, by number; one without a version in force is left out.
pub async fn all_in_force(db: &Db, org: OrgId) -> Result<HashMap<i64, Programme>, DbError> {
    let mut versions: HashMap<i64, Vec<InForce>> = HashMap::new();
    for row in db.query(ALL_IN_FORCE, params![org]).await? {
        versions
            .entry(row.get(4)?)
            .or_default()
            .push(version_in_force(&row)?);
    }
    let programme = |(id, versions)| (id, Programme::of(versions));
    Ok(versions.into_iter().map(programme).collect())
}

/// Every programme of the organisation, by name.
pub async fn programmes(db: &Db, org: OrgId) -> Result<Vec<ProgrammeRow>, DbError> {
    let rows = db.query(PROGRAMMES, params![org]).await?;
    rows.iter().map(programme_of).collect()
}

/// One programme.
pub async fn programme(db: &Db, org: OrgId, id: ProgrammeId) -> Result<Option<ProgrammeRow>, DbError> {
    let row = db.query_opt(PROGRAMME, params![org, id]).await?;
    row.as_ref().map(programme_of).transpose()
}

/// Its versions, newest first.
pub async fn versions(db: &Db, org: OrgId, id: ProgrammeId) -> Result<Vec<VersionRow>, DbError> {
    let rows = db
        .query(VERSIONS, params![org, id, limits::VERSIONS_SHOWN])
        .await?;
    rows.iter().map(version_of).collect()
}

/// One version.
pub async fn version(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
) -> Result<Option<VersionRow>, DbError> {
    let row = db.query_opt(VERSION, params![org, id, version]).await?;
    row.as_ref().map(version_of).transpose()
}

/// Everybody who wrote on a version.
pub async fn authors(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
) -> Result<Vec<StaffId>, DbError> {
    let rows = db.query(AUTHORS, params![org, id, version]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The programme as cases are decided by it.
pub async fn in_force(db: &Db, org: OrgId, id: ProgrammeId) -> Result<Programme, DbError> {
    in_force_of(&db.query(IN_FORCE, params![org, id]).await?)
}

/// The same inside a write that decides.
pub async fn in_force_in(tx: &mut Tx, org: OrgId, id: ProgrammeId) -> Result<Programme, DbError> {
    in_force_of(&tx.query(IN_FORCE, params![org, id]).await?)
}

/// Makes a programme with its first draft.
pub async fn add_programme(
    db: &Db,
    org: OrgId,
    name: String,
    draft: Draft,
    by: StaffId,
) -> Result<ProgrammeId, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let (name, draft) = (name.clone(), draft.clone());
        Box::pin(async move {
            let id = ProgrammeId::new(tx.take_numbers("programmes", 1).await?);
            let params = params![org, id, name, None::<String>, Some(by), now];
            tx.execute(ADD_PROGRAMME, params).await?;
            add_version_in(tx, (org, id), (Scope::Organisation, draft), Some(by), now).await?;
            Ok(id)
        })
    })
    .await
}

/// Takes an example over: every version of it as a draft that somebody else has to approve.
pub async fn install(db: &Db, org: OrgId, example: Example, by: StaffId) -> Result<ProgrammeId, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let example = example.clone();
        Box::pin(async move { install_in(tx, org, &example, Some(by), now).await })
    })
    .await
}

/// The same inside a larger write. Nobody (`None`) stands for the product: its versions are approved, as those of a
/// demo are.
pub async fn install_in(
    tx: &mut Tx,
    org: OrgId,
    example: &Example,
    by: Option<StaffId>,
    now: Millis,
) -> Result<ProgrammeId, DbError> {
    let id = ProgrammeId::new(tx.take_numbers("programmes", 1).await?);
    let params = params![org, id, example.name.clone(), Some(example.code.clone()), by, now];
    tx.execute(ADD_PROGRAMME, params).await?;
    for one in &example.versions {
        let draft = Draft {
            title: one.title.clone(),
            from: one.from,
            content: one.content.clone(),
        };
        let version = add_version_in(tx, (org, id), (Scope::Organisation, draft), by, now).await?;
        if by.is_none() {
            tx.execute(APPROVE, params![org, id, version, 1_i64, by, now])
                .await?;
        }
    }
    Ok(id)
}

/// Adds a draft; gives its number.
pub async fn add_version(
    db: &Db,
    org: OrgId,
    id: ProgrammeId,
    new: (Scope, Draft),
    by: StaffId,
) -> Result<i64, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let new = new.clone();
        Box::pin(async move { add_version_in(tx, (org, id), new, Some(by), now).await })
    })
    .await
}

async fn add_version_in(
    tx: &mut Tx,
    (org, id): (OrgId, ProgrammeId),
    (scope, draft): (Scope, Draft),
    by: Option<StaffId>,
    now: Millis,
) -> Result<i64, DbError> {
    let office = match scope {
        Scope::Organisation => None,
        Scope::Office(office) => Some(office),
    };
    let row = tx.query_opt(ADD_VERSION, params![org, id, office]).await?;
    let row = row.ok_or_else(|| DbError::Statement("no version was made".to_owned()))?;
    let version = row.get(0)?;
    add_revision(tx, (org, id), (version, 1), draft, (by, now)).await?;
    Ok(version)
}

async fn add_revision(
    tx: &mut Tx,
    (org, id): (OrgId, ProgrammeId),
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
        draft.content.to_json(),
        by,
        now
    ];
    tx.execute(ADD_REVISION, params).await.map(drop)
}

/// Saves a draft that was made from revision `seen`; `false` if it is none any more, or somebody saved meanwhile.
pub async fn save_draft(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
    (seen, draft): (i64, Draft),
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let draft = draft.clone();
        Box::pin(async move {
            if tx.execute(MOVE_ON, params![org, id, version, seen]).await? == 0 {
                return Ok(false);
            }
            add_revision(tx, (org, id), (version, seen + 1), draft, (Some(by), now)).await?;
            Ok(true)
        })
    })
    .await
}

/// Approves the revision that was read. `false` if it has changed since, is no draft any more, or if this person
/// wrote on it.
pub async fn approve(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
    seen: i64,
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            let params = params![org, id, version, seen, Some(by), now];
            Ok(tx.execute(APPROVE, params).await? == 1)
        })
    })
    .await
}

/// Takes a version back: nothing is decided by it any more. What it decided keeps its number.
pub async fn withdraw(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
    reason: String,
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let reason = reason.clone();
        Box::pin(async move {
            let params = params![org, id, version, by, now, reason];
            Ok(tx.execute(WITHDRAW, params).await? == 1)
        })
    })
    .await
}
