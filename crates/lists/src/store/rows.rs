//! Changes of single rows: each keeps what the row was, who changed it and when.

use std::sync::Arc;

use base::{
    clock::Millis,
    id::{ListId, OrgId, StaffId},
};
use db::{Db, DbError, OrgVault, Tx, params};

use super::sealed::{self, CellChange, Change};

db::statements! {
    ROW_TO_CHANGE = "
        SELECT r.cells_sealed, r.excluded_reason_sealed,
            (SELECT COUNT(*) FROM list_row_changes c
             WHERE c.org_id = r.org_id AND c.list_id = r.list_id AND c.line = r.line)
        FROM list_rows r JOIN line_lists l ON l.org_id = r.org_id AND l.list_id = r.list_id
        WHERE r.org_id = $1 AND r.list_id = $2 AND r.line = $3 AND l.withdrawn_at IS NULL";
    SET_CELLS = "
        UPDATE list_rows SET cells_sealed = $4 WHERE org_id = $1 AND list_id = $2 AND line = $3";
    SET_EXCLUDED = "
        UPDATE list_rows SET excluded_reason_sealed = $4
        WHERE org_id = $1 AND list_id = $2 AND line = $3";
    ADD_CHANGE = "
        INSERT INTO list_row_changes (org_id, list_id, line, change_no, change_sealed, changed_by, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    CHANGES = "
        SELECT line, change_sealed, changed_by, changed_at FROM list_row_changes
        WHERE org_id = $1 AND list_id = $2 ORDER BY changed_at, line, change_no";
}

/// One change of one row.
pub struct RowChange {
    /// The row number that Excel shows.
    pub line: u32,
    /// What was done.
    pub change: Change,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Millis,
}

/// What somebody wants to do to a row.
#[derive(Clone, PartialEq, Eq)]
pub enum RowWish {
    /// Put these values into these columns, counted from 0.
    Mend {
        /// Column and value.
        cells: Vec<(usize, String)>,
        /// How many changes the row had when the person looked at it.
        seen: u32,
    },
    /// Leave it out, for this reason.
    Exclude(String),
    /// Take it in again.
    Include,
}

/// What became of a [`RowWish`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowAnswer {
    /// It is done and kept.
    Done,
    /// The row stands like that already.
    Unchanged,
    /// Somebody changed the row after the person had looked at it; nothing was done.
    Overtaken,
    /// No such row, or the list is withdrawn.
    Gone,
}

/// Changes one row and keeps what it was, in one commit.
pub async fn change_row(
    db: &Db,
    org: OrgId,
    list: ListId,
    line: u32,
    wish: RowWish,
    by: StaffId,
) -> Result<RowAnswer, DbError> {
    let (vault, now) = (db.vault(org).await?, db.now());
    let wish = Arc::new(wish);
    db.write(move |tx| {
        let (vault, wish) = (Arc::clone(&vault), Arc::clone(&wish));
        Box::pin(async move {
            let row = RowInTx {
                tx,
                org,
                list,
                line,
                vault: &vault,
            };
            row.change(&wish, by, now).await
        })
    })
    .await
}

/// The row that a write is about.
struct RowInTx<'t> {
    tx: &'t mut Tx,
    org: OrgId,
    list: ListId,
    line: u32,
    vault: &'t OrgVault,
}

impl RowInTx<'_> {
    async fn change(mut self, wish: &RowWish, by: StaffId, now: Millis) -> Result<RowAnswer, DbError> {
        let key = params![self.org, self.list, i64::from(self.line)];
        let Some(row) = self.tx.query_opt(ROW_TO_CHANGE, key).await? else {
            return Ok(RowAnswer::Gone);
        };
        let changes: u32 = row.get(2)?;
        if matches!(wish, RowWish::Mend { seen, .. } if *seen != changes) {
            return Ok(RowAnswer::Overtaken);
        }
        let excluded = row.get::<Option<String>>(1)?.is_some();
        let change = match wish {
            RowWish::Mend { cells, .. } => self.mend(&row.get::<String>(0)?, cells).await?,
            RowWish::Exclude(reason) if !excluded => {
                let sealed = sealed::reason(self.vault, self.list, self.line, reason);
                self.set(SET_EXCLUDED, Some(sealed)).await?;
                Some(Change::Excluded {
                    reason: reason.clone(),
                })
            }
            RowWish::Include if excluded => {
                self.set(SET_EXCLUDED, None).await?;
                Some(Change::Included)
            }
            RowWish::Exclude(_) | RowWish::Include => None,
        };
        let Some(change) = change else {
            return Ok(RowAnswer::Unchanged);
        };
        let sealed = sealed::change(self.vault, self.list, self.line, &change);
        let (line, number) = (i64::from(self.line), i64::from(changes) + 1);
        let params = params![self.org, self.list, line, number, sealed, by, now];
        self.tx.execute(ADD_CHANGE, params).await?;
        Ok(RowAnswer::Done)
    }

    /// `None` if every cell says so already.
    async fn mend(&mut self, kept: &str, wanted: &[(usize, String)]) -> Result<Option<Change>, DbError> {
        let (hidden, mut cells) = sealed::open_cells(self.vault, self.list, self.line, kept)?;
        let mut changed = Vec::new();
        for (column, value) in wanted {
            if cells.len() <= *column {
                cells.resize(*column + 1, String::new());
            }
            let before = std::mem::replace(&mut cells[*column], value.clone());
            if before != *value {
                changed.push(CellChange {
                    column: *column,
                    before,
                    after: value.clone(),
                });
            }
        }
        if changed.is_empty() {
            return Ok(None);
        }
        let sealed = sealed::cells(self.vault, self.list, self.line, &(hidden, cells));
        self.set(SET_CELLS, Some(sealed)).await?;
        Ok(Some(Change::Mended { cells: changed }))
    }

    async fn set(&mut self, sql: db::Sql, sealed: Option<String>) -> Result<(), DbError> {
        let params = params![self.org, self.list, i64::from(self.line), sealed];
        self.tx.execute(sql, params).await.map(|_| ())
    }
}

/// All changes of a list's rows, oldest first.
pub async fn row_changes(db: &Db, org: OrgId, list: ListId) -> Result<Vec<RowChange>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(CHANGES, params![org, list]).await?;
    rows.iter()
        .map(|row| {
            let line: u32 = row.get(0)?;
            let change = sealed::open_change(&vault, list, line, &row.get::<String>(1)?)?;
            Ok(RowChange {
                line,
                change,
                by: row.get(2)?,
                at: row.get(3)?,
            })
        })
        .collect()
}
