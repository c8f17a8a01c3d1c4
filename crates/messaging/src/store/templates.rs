//! Message templates: a version is never changed, a new text is a new version.

use base::clock::Millis;
use base::id::{OrgId, StaffId, TemplateId};
use db::{Db, DbError, params};

db::statements! {
    ADD_TEMPLATE = "
        INSERT INTO message_templates (org_id, template_id, name, created_at) VALUES ($1, $2, $3, $4)";
    ADD_VERSION = "
        INSERT INTO message_template_versions (org_id, template_id, version, text, created_by, created_at)
        SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5
        FROM message_template_versions WHERE org_id = $1 AND template_id = $2
        RETURNING version";
    RENAME = "UPDATE message_templates SET name = $3 WHERE org_id = $1 AND template_id = $2";
    ARCHIVE = "
        UPDATE message_templates SET archived_at = $3
        WHERE org_id = $1 AND template_id = $2 AND archived_at IS NULL";
    TEMPLATES = "
        SELECT t.template_id, t.name, t.archived_at, v.version, v.text, v.created_by, v.created_at
        FROM message_templates t JOIN message_template_versions v
            ON v.org_id = t.org_id AND v.template_id = t.template_id
        WHERE t.org_id = $1 AND t.archived_at IS NULL AND v.version = (
            SELECT MAX(version) FROM message_template_versions n
            WHERE n.org_id = t.org_id AND n.template_id = t.template_id)
        ORDER BY t.name, t.template_id";
    TEMPLATE = "
        SELECT t.template_id, t.name, t.archived_at, v.version, v.text, v.created_by, v.created_at
        FROM message_templates t JOIN message_template_versions v
            ON v.org_id = t.org_id AND v.template_id = t.template_id
        WHERE t.org_id = $1 AND t.template_id = $2 AND v.version = (
            SELECT MAX(version) FROM message_template_versions n
            WHERE n.org_id = t.org_id AND n.template_id = t.template_id)";
    VERSIONS = "
        SELECT version, text, created_by, created_at FROM message_template_versions
        WHERE org_id = $1 AND template_id = $2 ORDER BY version DESC";
    VERSION = "
        SELECT version, text, created_by, created_at FROM message_template_versions
        WHERE org_id = $1 AND template_id = $2 AND version = $3";
}

/// One text of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateVersion {
    /// From 1.
    pub version: i64,
    /// With `{{merge fields}}`.
    pub text: String,
    /// Who wrote it.
    pub created_by: StaffId,
    /// When.
    pub created_at: Millis,
}

/// A template with its newest version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateRow {
    /// Its number.
    pub id: TemplateId,
    /// Its name for staff.
    pub name: String,
    /// Since when it is put away.
    pub archived_at: Option<Millis>,
    /// The version that new broadcasts use.
    pub current: TemplateVersion,
}

fn version_of(row: &db::Row, first: usize) -> Result<TemplateVersion, DbError> {
    Ok(TemplateVersion {
        version: row.get(first)?,
        text: row.get(first + 1)?,
        created_by: row.get(first + 2)?,
        created_at: row.get(first + 3)?,
    })
}

fn template_of(row: &db::Row) -> Result<TemplateRow, DbError> {
    Ok(TemplateRow {
        id: row.get(0)?,
        name: row.get(1)?,
        archived_at: row.get(2)?,
        current: version_of(row, 3)?,
    })
}

/// Templates in use, by name.
pub async fn templates(db: &Db, org: OrgId) -> Result<Vec<TemplateRow>, DbError> {
    db.query(TEMPLATES, params![org])
        .await?
        .iter()
        .map(template_of)
        .collect()
}

/// One template, in use or put away.
pub async fn template(db: &Db, org: OrgId, id: TemplateId) -> Result<Option<TemplateRow>, DbError> {
    db.query_opt(TEMPLATE, params![org, id])
        .await?
        .as_ref()
        .map(template_of)
        .transpose()
}

/// All texts that the template had, newest first.
pub async fn template_versions(db: &Db, org: OrgId, id: TemplateId) -> Result<Vec<TemplateVersion>, DbError> {
    db.query(VERSIONS, params![org, id])
        .await?
        .iter()
        .map(|row| version_of(row, 0))
        .collect()
}

/// The text that a broadcast was made from.
pub async fn template_version(
    db: &Db,
    org: OrgId,
    id: TemplateId,
    version: i64,
) -> Result<Option<TemplateVersion>, DbError> {
    let row = db.query_opt(VERSION, params![org, id, version]).await?;
    row.map(|row| version_of(&row, 0)).transpose()
}

/// Makes a template with its first version.
pub async fn add_template(
    db: &Db,
    org: OrgId,
    name: String,
    text: String,
    by: StaffId,
) -> Result<TemplateId, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let (name, text) = (name.clone(), text.clone());
        Box::pin(async move {
            let id = TemplateId::new(tx.take_numbers("templates", 1).await?);
            tx.execute(ADD_TEMPLATE, params![org, id, name, now]).await?;
            tx.query(ADD_VERSION, params![org, id, text, by, now]).await?;
            Ok(id)
        })
    })
    .await
}

/// Gives the template a new name and text; the text becomes a new version. Gives its number.
pub async fn add_template_version(
    db: &Db,
    org: OrgId,
    id: TemplateId,
    name: String,
    text: String,
    by: StaffId,
) -> Result<i64, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let (name, text) = (name.clone(), text.clone());
        Box::pin(async move {
            tx.execute(RENAME, params![org, id, name]).await?;
            let row = tx.query_opt(ADD_VERSION, params![org, id, text, by, now]).await?;
            row.ok_or_else(|| DbError::Statement("no version was made".to_owned()))?
                .get(0)
        })
    })
    .await
}

/// Puts a template away; broadcasts keep the version they were made from.
pub async fn archive_template(db: &Db, org: OrgId, id: TemplateId) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| Box::pin(async move { Ok(tx.execute(ARCHIVE, params![org, id, now]).await? == 1) }))
        .await
}
