//! The files that lists came in, sealed, for a while: so that one can be read again in another way without
//! anybody choosing it a second time.
//!
//! A file that was read is kept for [`KEPT_WITH_LIST`], one that was not understood for [`KEPT_ALONE`]. It is erased
//! earlier when its list is withdrawn. What is over is never given out; it is erased with the next file that the
//! organisation keeps.

use std::sync::Arc;

use base::{
    clock::{DAY, HOUR, Millis},
    id::{ListFileId, ListId, OfficeId, OrgId, StaffId, TemplateId},
};
use db::{Db, DbError, Field, OrgVault, Row, Tx, params};

use super::{Role, off_the_path};

const FILE_NAME: Field = Field("list_files.file_name");
const PART: Field = Field("list_file_parts.part");

/// How long the file of a list is kept: a list is dealt with on its day.
pub const KEPT_WITH_LIST: Millis = DAY;
/// How long a file is kept that was not understood: long enough to look at it and ask a colleague.
pub const KEPT_ALONE: Millis = HOUR;

/// Bytes of one part: few statements for a large file, and no large value in the log of the database.
const PART_BYTES: usize = 512 * 1024;
/// Bits of a part's number within the number that its bytes are bound to.
const PART_BITS: u32 = 16;

db::statements! {
    ADD_FILE = "
        INSERT INTO list_files (org_id, file_id, office_id, list_id, role, reference_id, template_id,
            template_version, file_name_sealed, kept_by, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    ADD_PART = "
        INSERT INTO list_file_parts (org_id, file_id, part_no, part_sealed) VALUES ($1, $2, $3, $4)";
    FILE = "
        SELECT file_id, office_id, list_id, role, reference_id, template_id, template_version, file_name_sealed,
            kept_by
        FROM list_files WHERE org_id = $1 AND file_id = $2 AND expires_at > $3";
    FILE_OF_LIST = "
        SELECT file_id, office_id, list_id, role, reference_id, template_id, template_version, file_name_sealed,
            kept_by
        FROM list_files WHERE org_id = $1 AND list_id = $2 AND expires_at > $3
        ORDER BY file_id DESC LIMIT 1";
    PARTS = "
        SELECT part_no, part_sealed FROM list_file_parts WHERE org_id = $1 AND file_id = $2 ORDER BY part_no";
    ATTACH = "
        UPDATE list_files SET list_id = $3, expires_at = $4 WHERE org_id = $1 AND file_id = $2";
    ERASE_PARTS_OF_LIST = "
        DELETE FROM list_file_parts WHERE org_id = $1
            AND file_id IN (SELECT file_id FROM list_files WHERE org_id = $1 AND list_id = $2)";
    ERASE_OF_LIST = "DELETE FROM list_files WHERE org_id = $1 AND list_id = $2";
    ERASE_PARTS_OVER = "
        DELETE FROM list_file_parts WHERE org_id = $1
            AND file_id IN (SELECT file_id FROM list_files WHERE org_id = $1 AND expires_at <= $2)";
    ERASE_OVER = "DELETE FROM list_files WHERE org_id = $1 AND expires_at <= $2";
}

/// A file about to be kept.
pub struct NewFile {
    /// What its list is, or will be, for.
    pub role: Role,
    /// The reference that was given with it.
    pub reference: Option<ListId>,
    /// Whose file it is.
    pub office: OfficeId,
    /// The template that was chosen with it.
    pub template: Option<(TemplateId, i64)>,
    /// The name that it came under.
    pub file_name: String,
    /// What it holds, at most [`base::limits::LIST_FILE_BYTES`].
    pub bytes: Arc<Vec<u8>>,
    /// Who uploaded it.
    pub by: StaffId,
}

/// A kept file without its bytes.
#[derive(Clone)]
pub struct FileHead {
    /// Its number.
    pub id: ListFileId,
    /// Whose file it is.
    pub office: OfficeId,
    /// The list it was read into; `None` while it is not understood.
    pub list: Option<ListId>,
    /// What its list is, or will be, for.
    pub role: Role,
    /// The reference that was given with it.
    pub reference: Option<ListId>,
    /// The template that was chosen with it.
    pub template: Option<(TemplateId, i64)>,
    /// The name that it came under.
    pub file_name: String,
    /// Who uploaded it.
    pub by: StaffId,
}

/// Keeps a file: with its list, or alone until somebody says how it is read. Erases those whose time is over.
pub async fn keep_file(
    db: &Db,
    org: OrgId,
    new: NewFile,
    list: Option<ListId>,
) -> Result<ListFileId, DbError> {
    let id = db
        .write(|tx| Box::pin(tx.take_numbers("list_files", 1)))
        .await
        .map(ListFileId::new)?;
    let (vault, now) = (db.vault(org).await?, db.now());
    let (template, version) = new.template.unzip();
    let head = params![
        org,
        id,
        new.office,
        list,
        new.role.as_str(),
        new.reference,
        template,
        version,
        vault.seal(FILE_NAME, id.get(), &new.file_name),
        new.by,
        now + kept_for(list),
    ];
    let bytes = Arc::clone(&new.bytes);
    let parts = off_the_path(move || sealed_parts(&vault, id, &bytes)).await?;
    let parts = Arc::new(parts);
    db.write(move |tx| {
        let (head, parts) = (head.clone(), Arc::clone(&parts));
        Box::pin(async move {
            tx.execute(ERASE_PARTS_OVER, params![org, now]).await?;
            tx.execute(ERASE_OVER, params![org, now]).await?;
            tx.execute(ADD_FILE, head).await?;
            for (number, part) in (0_i64..).zip(parts.iter()) {
                tx.execute(ADD_PART, params![org, id, number, part.as_str()])
                    .await?;
            }
            Ok(id)
        })
    })
    .await
}

fn kept_for(list: Option<ListId>) -> Millis {
    if list.is_some() {
        KEPT_WITH_LIST
    } else {
        KEPT_ALONE
    }
}

fn sealed_parts(vault: &OrgVault, id: ListFileId, bytes: &[u8]) -> Vec<String> {
    let parts = (0_i64..).zip(bytes.chunks(PART_BYTES));
    parts
        .map(|(number, part)| vault.seal_bytes(PART, part_row(id, number), part))
        .collect()
}

/// One number for file and part together, to which the bytes are bound.
fn part_row(file: ListFileId, part: i64) -> i64 {
    (file.get() << PART_BITS) | part
}

/// A kept file, if its time is not over.
pub async fn file(db: &Db, org: OrgId, id: ListFileId) -> Result<Option<FileHead>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(FILE, params![org, id, db.now()]).await?;
    row.map(|row| head_of(&row, &vault)).transpose()
}

/// The file that a list came in, if it is still kept.
pub async fn file_of_list(db: &Db, org: OrgId, list: ListId) -> Result<Option<FileHead>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(FILE_OF_LIST, params![org, list, db.now()]).await?;
    row.map(|row| head_of(&row, &vault)).transpose()
}

fn head_of(row: &Row, vault: &OrgVault) -> Result<FileHead, DbError> {
    let id: ListFileId = row.get(0)?;
    let template: Option<TemplateId> = row.get(5)?;
    Ok(FileHead {
        id,
        office: row.get(1)?,
        list: row.get(2)?,
        role: Role::from_word(&row.get::<String>(3)?),
        reference: row.get(4)?,
        template: template.zip(row.get(6)?),
        file_name: vault.open(FILE_NAME, id.get(), &row.get::<String>(7)?)?,
        by: row.get(8)?,
    })
}

/// What a kept file holds; `None` if it was erased meanwhile.
pub async fn bytes_of(db: &Db, org: OrgId, id: ListFileId) -> Result<Option<Vec<u8>>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(PARTS, params![org, id]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    off_the_path(move || {
        let mut bytes = Vec::new();
        for row in &rows {
            let part = part_row(id, row.get(0)?);
            bytes.extend(vault.open_bytes(PART, part, &row.get::<String>(1)?)?);
        }
        Ok(Some(bytes))
    })
    .await?
}

/// Makes a kept file that of this list, from now on for [`KEPT_WITH_LIST`].
pub async fn attach_file(db: &Db, org: OrgId, id: ListFileId, list: ListId) -> Result<(), DbError> {
    let until = db.now() + KEPT_WITH_LIST;
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(ATTACH, params![org, id, list, until])
                .await
                .map(|_| ())
        })
    })
    .await
}

/// Erases files whose time is over.
pub(super) async fn erase_over(db: &Db, org: OrgId) -> Result<(), DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move {
            tx.execute(ERASE_PARTS_OVER, params![org, now]).await?;
            tx.execute(ERASE_OVER, params![org, now]).await.map(drop)
        })
    })
    .await
}

/// Erases the file of a list, in the write that takes the list off the desk.
pub(super) async fn erase_of_list(tx: &mut Tx, org: OrgId, list: ListId) -> Result<(), DbError> {
    tx.execute(ERASE_PARTS_OF_LIST, params![org, list]).await?;
    tx.execute(ERASE_OF_LIST, params![org, list]).await.map(|_| ())
}
