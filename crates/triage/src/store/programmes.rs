//! Programmes and their versions. Each save is a revision of its own; what was approved never changes.

use std::collections::HashMap;

use accounts::versions as kept;
use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, ProgrammeId, StaffId};
use db::{Db, DbError, Row, Tx, params};

use self::sql::STATEMENTS;
use super::care;
use crate::limits;
use crate::programme::{Content, Example, InForce, Programme, Scope};

db::statements! {
    ADD_PROGRAMME = "
        INSERT INTO programmes (org_id, programme_id, name, example, created_by, created_at, diseases)
        VALUES ($1, $2, $3, $4, CAST($5 AS {bigint}), $6, $7)";
    PROGRAMMES = "
        SELECT programme_id, name, example, created_at, diseases, is_default FROM programmes
        WHERE org_id = $1 ORDER BY name, programme_id";
    PROGRAMME = "
        SELECT programme_id, name, example, created_at, diseases, is_default FROM programmes
        WHERE org_id = $1 AND programme_id = $2";
    SET_DISEASES = "
        UPDATE programmes SET diseases = $3, is_default = $4 WHERE org_id = $1 AND programme_id = $2";
    NO_OTHER_DEFAULT = "
        UPDATE programmes SET is_default = 0 WHERE org_id = $1 AND programme_id <> $2 AND is_default <> 0";
    ALL_IN_FORCE = "
        SELECT v.version, v.office_id, r.holds_from, r.document, v.programme_id
        FROM programme_versions v JOIN programme_revisions r
            ON r.org_id = v.org_id AND r.programme_id = v.programme_id AND r.version = v.version
            AND r.revision = v.revision
        WHERE v.org_id = $1 AND v.approved_at IS NOT NULL AND v.withdrawn_at IS NULL";
}

pub(super) mod sql {
    accounts::version_statements!("programme");
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
    /// For which diseases it is: names, as somebody wrote them down ([`crate::disease`]).
    pub diseases: String,
    /// Whether those belong to it of whom nobody says of which disease they are notified.
    pub is_default: bool,
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
        diseases: row.get(4)?,
        is_default: row.get::<i64>(5)? != 0,
    })
}

// Rules that cannot be read must never be taken for none.
fn content_of(document: &str) -> Result<Content, DbError> {
    Content::from_json(document).map_err(DbError::Statement)
}

fn version_of(row: kept::VersionRow) -> Result<VersionRow, DbError> {
    Ok(VersionRow {
        version: row.version,
        scope: row.office.into(),
        revision: row.revision,
        draft: Draft {
            content: content_of(&row.draft.document)?,
            title: row.draft.title,
            from: row.draft.from,
        },
        saved_by: row.saved_by,
        saved_at: row.saved_at,
        approved: row.approved,
        withdrawn: row.withdrawn,
    })
}

fn version_in_force(row: &Row) -> Result<InForce, DbError> {
    Ok(InForce {
        version: row.get(0)?,
        scope: row.get::<Option<OfficeId>>(1)?.into(),
        from: kept::day_of(row, 2)?,
        content: content_of(&row.get::<String>(3)?)?,
    })
}

fn in_force_of(versions: Vec<kept::InForce>) -> Result<Programme, DbError> {
    let version = |row: kept::InForce| {
        Ok(InForce {
            version: row.version,
            scope: row.office.into(),
            from: row.from,
            content: content_of(&row.document)?,
        })
    };
    let versions = versions.into_iter().map(version);
    versions.collect::<Result<_, DbError>>().map(Programme::of)
}

fn kept_draft(draft: &Draft) -> kept::Draft {
    kept::Draft {
        title: draft.title.clone(),
        from: draft.from,
        document: draft.content.to_json(),
    }
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
    let rows = kept::versions(db, &STATEMENTS, org, id.get(), limits::VERSIONS_SHOWN).await?;
    rows.into_iter().map(version_of).collect()
}

/// One version.
pub async fn version(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
) -> Result<Option<VersionRow>, DbError> {
    let row = kept::version(db, &STATEMENTS, org, (id.get(), version)).await?;
    row.map(version_of).transpose()
}

/// Everybody who wrote on a version.
pub async fn authors(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
) -> Result<Vec<StaffId>, DbError> {
    kept::authors(db, &STATEMENTS, org, (id.get(), version)).await
}

/// The programme as cases are decided by it.
pub async fn in_force(db: &Db, org: OrgId, id: ProgrammeId) -> Result<Programme, DbError> {
    in_force_of(kept::in_force(db, &STATEMENTS, org, id.get()).await?)
}

/// The same inside a write that decides.
pub async fn in_force_in(tx: &mut Tx, org: OrgId, id: ProgrammeId) -> Result<Programme, DbError> {
    in_force_of(kept::in_force_in(tx, &STATEMENTS, org, id.get()).await?)
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
            let params = params![org, id, name, None::<String>, Some(by), now, ""];
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
    let params = params![
        org,
        id,
        example.name.clone(),
        Some(example.code.clone()),
        by,
        now,
        example.diseases.join("、"),
    ];
    tx.execute(ADD_PROGRAMME, params).await?;
    for one in &example.versions {
        let draft = Draft {
            title: one.title.clone(),
            from: one.from,
            content: one.content.clone(),
        };
        let version = add_version_in(tx, (org, id), (Scope::Organisation, draft), by, now).await?;
        if by.is_none() {
            kept::approve_in(tx, &STATEMENTS, org, (id.get(), version, 1), by, now).await?;
        }
    }
    Ok(id)
}

/// Says for which diseases a programme is, and whether it is the organisation's default: there is one at most.
pub async fn set_diseases(
    db: &Db,
    org: OrgId,
    id: ProgrammeId,
    (diseases, is_default): (String, bool),
) -> Result<(), DbError> {
    db.write(move |tx| {
        let diseases = diseases.clone();
        Box::pin(async move {
            // Changes of one database take turns from here on.
            tx.take_numbers("programmes", 0).await?;
            let params = params![org, id, diseases, i64::from(is_default)];
            tx.execute(SET_DISEASES, params).await?;
            if is_default {
                tx.execute(NO_OTHER_DEFAULT, params![org, id]).await?;
            }
            Ok(())
        })
    })
    .await
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
    let new = (office, kept_draft(&draft));
    kept::add_in(tx, &STATEMENTS, (org, id.get()), new, by, now).await
}

/// Saves a draft that was made from revision `seen`; `false` if it is none any more, or somebody saved meanwhile.
pub async fn save_draft(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
    (seen, draft): (i64, Draft),
    by: StaffId,
) -> Result<bool, DbError> {
    let draft = (seen, kept_draft(&draft));
    kept::save_draft(db, &STATEMENTS, org, (id.get(), version), draft, by).await
}

/// Approves the revision that was read, and has people under care looked at: their time at home may be another.
/// `false` if it has changed since, is no draft any more, or if this person wrote on it.
pub async fn approve(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
    seen: i64,
    by: StaffId,
) -> Result<bool, DbError> {
    let now = db.now();
    let approved = db
        .write(move |tx| {
            let read = (id.get(), version, seen);
            Box::pin(async move { kept::approve_in(tx, &STATEMENTS, org, read, Some(by), now).await })
        })
        .await?;
    if approved {
        care::look_at_programme(db, org, id).await?;
    }
    Ok(approved)
}

/// Takes a version back: nothing is decided by it any more. What it decided keeps its number; people under care are
/// looked at.
pub async fn withdraw(
    db: &Db,
    org: OrgId,
    (id, version): (ProgrammeId, i64),
    reason: String,
    by: StaffId,
) -> Result<bool, DbError> {
    let withdrawn = kept::withdraw(db, &STATEMENTS, org, (id.get(), version), reason, by).await?;
    if withdrawn {
        care::look_at_programme(db, org, id).await?;
    }
    Ok(withdrawn)
}
