//! Message templates: a version is never changed, a new text is a new version.

use std::collections::HashMap;

use base::clock::Millis;
use base::id::{OrgId, StaffId, TemplateId};
use db::{Db, DbError, Row, Tx, params};
use jiff::civil::Date;

use crate::advice::Links;
use crate::template::{Content, Language, Purpose, Stage, TemplateVersion};

db::statements! {
    ADD_TEMPLATE = "
        INSERT INTO message_templates (org_id, template_id, name, folder, created_at)
        VALUES ($1, $2, $3, $4, $5)";
    ADD_VERSION = "
        INSERT INTO message_template_versions (org_id, template_id, version, text, purpose, stage, links,
            valid_from, valid_until, created_by, created_at)
        SELECT $1, $2, COALESCE(MAX(version), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10
        FROM message_template_versions WHERE org_id = $1 AND template_id = $2
        RETURNING version";
    ADD_TEXT = "
        INSERT INTO message_template_texts (org_id, template_id, version, language, text)
        VALUES ($1, $2, $3, $4, $5)";
    RENAME = "UPDATE message_templates SET name = $3, folder = $4 WHERE org_id = $1 AND template_id = $2";
    ARCHIVE = "
        UPDATE message_templates SET archived_at = $3
        WHERE org_id = $1 AND template_id = $2 AND archived_at IS NULL";
    FOLLOWS = "UPDATE message_templates SET follows = 1 WHERE org_id = $1 AND template_id = $2";
    TEMPLATES = "
        SELECT v.template_id, v.version, v.text, v.purpose, v.stage, v.links, v.valid_from, v.valid_until,
            v.created_by, v.created_at, t.name, t.folder, t.archived_at, t.follows
        FROM message_templates t JOIN message_template_versions v
            ON v.org_id = t.org_id AND v.template_id = t.template_id
        WHERE t.org_id = $1 AND t.archived_at IS NULL AND v.version = (
            SELECT MAX(version) FROM message_template_versions n
            WHERE n.org_id = t.org_id AND n.template_id = t.template_id)
        ORDER BY t.name, t.template_id";
    TEMPLATE = "
        SELECT v.template_id, v.version, v.text, v.purpose, v.stage, v.links, v.valid_from, v.valid_until,
            v.created_by, v.created_at, t.name, t.folder, t.archived_at, t.follows
        FROM message_templates t JOIN message_template_versions v
            ON v.org_id = t.org_id AND v.template_id = t.template_id
        WHERE t.org_id = $1 AND t.template_id = $2 AND v.version = (
            SELECT MAX(version) FROM message_template_versions n
            WHERE n.org_id = t.org_id AND n.template_id = t.template_id)";
    VERSIONS = "
        SELECT template_id, version, text, purpose, stage, links, valid_from, valid_until, created_by, created_at
        FROM message_template_versions
        WHERE org_id = $1 AND template_id = $2 ORDER BY version DESC";
    VERSION = "
        SELECT template_id, version, text, purpose, stage, links, valid_from, valid_until, created_by, created_at
        FROM message_template_versions
        WHERE org_id = $1 AND template_id = $2 AND version = $3";
    TEXTS_IN_USE = "
        SELECT x.template_id, x.version, x.language, x.text
        FROM message_templates t JOIN message_template_texts x
            ON x.org_id = t.org_id AND x.template_id = t.template_id
        WHERE t.org_id = $1 AND t.archived_at IS NULL AND x.version = (
            SELECT MAX(version) FROM message_template_versions n
            WHERE n.org_id = t.org_id AND n.template_id = t.template_id)";
    TEXTS = "
        SELECT template_id, version, language, text FROM message_template_texts
        WHERE org_id = $1 AND template_id = $2";
}

/// A template with its newest version.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateRow {
    /// Its number.
    pub id: TemplateId,
    /// Its name for staff.
    pub name: String,
    /// The folder it lies in; empty for none.
    pub folder: String,
    /// Since when it is put away.
    pub archived_at: Option<Millis>,
    /// What it tells follows from a decision: nobody chooses it.
    pub follows: bool,
    /// The version that new broadcasts use.
    pub current: TemplateVersion,
}

/// What a template is to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TemplateDraft {
    /// Its name for staff.
    pub name: String,
    /// The folder it lies in; empty for none.
    pub folder: String,
    /// What its next version sends.
    pub content: Content,
}

/// Texts beside the Japanese ones, by template and version.
type Texts = HashMap<(TemplateId, i64), Vec<(Language, String)>>;

fn word<T>(row: &Row, column: usize, read: impl Fn(&str) -> Option<T>) -> Result<T, DbError> {
    let code: String = row.get(column)?;
    read(&code)
        .ok_or_else(|| DbError::Statement(format!("a template's column holds the unknown word {code}")))
}

fn day(row: &Row, column: usize) -> Result<Option<Date>, DbError> {
    let text: Option<String> = row.get(column)?;
    let read = |text: String| {
        text.parse()
            .map_err(|error: jiff::Error| DbError::Statement(error.to_string()))
    };
    text.map(read).transpose()
}

fn texts_of(rows: &[Row]) -> Result<Texts, DbError> {
    let mut texts = Texts::new();
    for row in rows {
        let text = (word(row, 2, Language::from_code)?, row.get(3)?);
        texts.entry((row.get(0)?, row.get(1)?)).or_default().push(text);
    }
    for list in texts.values_mut() {
        list.sort();
    }
    Ok(texts)
}

fn version_of(row: &Row, texts: &mut Texts) -> Result<TemplateVersion, DbError> {
    let version = row.get(1)?;
    let content = Content {
        text: row.get(2)?,
        translations: texts.remove(&(row.get(0)?, version)).unwrap_or_default(),
        purpose: word(row, 3, Purpose::from_word)?,
        stage: word(row, 4, Stage::from_code)?,
        links: word(row, 5, Links::from_code)?,
        valid_from: day(row, 6)?,
        valid_until: day(row, 7)?,
    };
    Ok(TemplateVersion {
        version,
        content,
        created_by: row.get(8)?,
        created_at: row.get(9)?,
    })
}

fn template_of(row: &Row, texts: &mut Texts) -> Result<TemplateRow, DbError> {
    Ok(TemplateRow {
        id: row.get(0)?,
        name: row.get(10)?,
        folder: row.get(11)?,
        archived_at: row.get(12)?,
        follows: row.get::<i64>(13)? != 0,
        current: version_of(row, texts)?,
    })
}

/// Templates in use, by name.
pub async fn templates(db: &Db, org: OrgId) -> Result<Vec<TemplateRow>, DbError> {
    let rows = db.query(TEMPLATES, params![org]).await?;
    let mut texts = texts_of(&db.query(TEXTS_IN_USE, params![org]).await?)?;
    rows.iter().map(|row| template_of(row, &mut texts)).collect()
}

/// Those of them that somebody may choose for a list.
pub async fn choosable_templates(db: &Db, org: OrgId) -> Result<Vec<TemplateRow>, DbError> {
    let mut rows = templates(db, org).await?;
    rows.retain(|row| !row.follows);
    Ok(rows)
}

/// From now on nobody chooses this template: what it tells follows from a decision.
pub async fn follows_from_decision(db: &Db, org: OrgId, id: TemplateId) -> Result<(), DbError> {
    db.write(move |tx| Box::pin(async move { tx.execute(FOLLOWS, params![org, id]).await.map(drop) }))
        .await
}

async fn texts(db: &Db, org: OrgId, id: TemplateId) -> Result<Texts, DbError> {
    texts_of(&db.query(TEXTS, params![org, id]).await?)
}

/// One template, in use or put away.
pub async fn template(db: &Db, org: OrgId, id: TemplateId) -> Result<Option<TemplateRow>, DbError> {
    let Some(row) = db.query_opt(TEMPLATE, params![org, id]).await? else {
        return Ok(None);
    };
    template_of(&row, &mut texts(db, org, id).await?).map(Some)
}

/// All versions that the template had, newest first.
pub async fn template_versions(db: &Db, org: OrgId, id: TemplateId) -> Result<Vec<TemplateVersion>, DbError> {
    let rows = db.query(VERSIONS, params![org, id]).await?;
    let mut texts = texts(db, org, id).await?;
    rows.iter().map(|row| version_of(row, &mut texts)).collect()
}

/// The version that a broadcast was made from.
pub async fn template_version(
    db: &Db,
    org: OrgId,
    id: TemplateId,
    version: i64,
) -> Result<Option<TemplateVersion>, DbError> {
    let Some(row) = db.query_opt(VERSION, params![org, id, version]).await? else {
        return Ok(None);
    };
    version_of(&row, &mut texts(db, org, id).await?).map(Some)
}

/// Makes a template of one Japanese text, with everything else as usual.
pub async fn add_template(
    db: &Db,
    org: OrgId,
    name: String,
    text: String,
    by: StaffId,
) -> Result<TemplateId, DbError> {
    let draft = TemplateDraft {
        name,
        folder: String::new(),
        content: Content::of(text),
    };
    add_draft(db, org, draft, by).await
}

/// Makes a template with its first version.
pub async fn add_draft(
    db: &Db,
    org: OrgId,
    draft: TemplateDraft,
    by: StaffId,
) -> Result<TemplateId, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let draft = draft.clone();
        Box::pin(async move {
            let id = TemplateId::new(tx.take_numbers("templates", 1).await?);
            tx.execute(ADD_TEMPLATE, params![org, id, draft.name, draft.folder, now])
                .await?;
            add_version(tx, org, id, draft.content, (by, now)).await?;
            Ok(id)
        })
    })
    .await
}

/// Gives the template a new name, folder and content; the content becomes a new version. Gives its number.
pub async fn add_template_version(
    db: &Db,
    org: OrgId,
    id: TemplateId,
    draft: TemplateDraft,
    by: StaffId,
) -> Result<i64, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let draft = draft.clone();
        Box::pin(async move {
            tx.execute(RENAME, params![org, id, draft.name, draft.folder])
                .await?;
            add_version(tx, org, id, draft.content, (by, now)).await
        })
    })
    .await
}

/// Moves or renames a template; what it sends stays as it is.
pub async fn rename_template(
    db: &Db,
    org: OrgId,
    id: TemplateId,
    name: String,
    folder: String,
) -> Result<(), DbError> {
    db.write(move |tx| {
        let (name, folder) = (name.clone(), folder.clone());
        Box::pin(async move { tx.execute(RENAME, params![org, id, name, folder]).await.map(drop) })
    })
    .await
}

async fn add_version(
    tx: &mut Tx,
    org: OrgId,
    id: TemplateId,
    content: Content,
    (by, now): (StaffId, Millis),
) -> Result<i64, DbError> {
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let values = params![
        org,
        id,
        content.text,
        content.purpose.as_str(),
        content.stage.code(),
        content.links.code(),
        day(content.valid_from),
        day(content.valid_until),
        by,
        now
    ];
    let row = tx.query_opt(ADD_VERSION, values).await?;
    let row = row.ok_or_else(|| DbError::Statement("no version was made".to_owned()))?;
    let version = row.get(0)?;
    for (language, text) in content.translations {
        tx.execute(ADD_TEXT, params![org, id, version, language.code(), text])
            .await?;
    }
    Ok(version)
}

/// Puts a template away; broadcasts keep the version they were made from.
pub async fn archive_template(db: &Db, org: OrgId, id: TemplateId) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| Box::pin(async move { Ok(tx.execute(ARCHIVE, params![org, id, now]).await? == 1) }))
        .await
}
