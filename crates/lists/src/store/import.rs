//! Long lists are read and kept in the background, by whichever process took the file in.
//!
//! Until the last row is kept, the list is not in `line_lists`: nothing can judge or send half of it. How far it is
//! stands in `list_imports`, so that every process can show it and anybody can stop it. The importing process says
//! again and again that it is there; after [`SILENCE`] it counts as gone, and the file has to be chosen once more.

use std::{
    ops::ControlFlow,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use base::{
    clock::{Millis, SECOND},
    id::{ListId, OfficeId, OrgId, StaffId},
};
use db::{Db, DbError, Field, OrgVault, Row, params};
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval};

use super::{CHUNK, INSERT_LIST, INSERT_ROWS, NewList, head_params, off_the_path, sealed, sealed_rows};
use crate::{
    problem::FileProblem,
    read::{Progress, ReadOptions, read_with},
    sheet::Sheet,
};

/// An import that said nothing for so long has died with its process.
pub const SILENCE: Millis = 30 * SECOND;
/// How often it says how far it is, and hears whether somebody stopped it.
const EVERY: Duration = Duration::from_millis(500);
/// Reading and keeping take about as long: half of the bar each.
const READING: u64 = 50;

const FILE_NAME: Field = Field("list_imports.file_name");
const PROBLEMS: Field = Field("list_imports.problems");
const REFUSAL: Field = Field("list_imports.refusal");

db::statements! {
    BEGIN = "
        INSERT INTO list_imports (org_id, list_id, office_id, file_name_sealed, bytes_total, bytes_done,
            rows_read, rows_kept, started_by, started_at, beat_at)
        VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $6, $7, $7)";
    BEAT = "
        UPDATE list_imports SET bytes_done = $3, rows_read = $4, rows_kept = $5, beat_at = $6
        WHERE org_id = $1 AND list_id = $2 AND ended IS NULL";
    FOUND = "
        UPDATE list_imports SET problems_sealed = $3 WHERE org_id = $1 AND list_id = $2 AND ended IS NULL";
    WHOLE = "DELETE FROM list_imports WHERE org_id = $1 AND list_id = $2 AND ended IS NULL";
    END = "
        UPDATE list_imports SET ended = $3, ended_at = $4, ended_by = $5, refusal_sealed = $6
        WHERE org_id = $1 AND list_id = $2 AND ended IS NULL";
    IMPORT = "
        SELECT list_id, office_id, file_name_sealed, bytes_total, bytes_done, rows_read, rows_kept,
            problems_sealed, started_by, started_at, beat_at, ended, ended_at, refusal_sealed
        FROM list_imports WHERE org_id = $1 AND list_id = $2";
    OPEN_IMPORTS = "
        SELECT list_id, office_id, file_name_sealed, bytes_total, bytes_done, rows_read, rows_kept,
            problems_sealed, started_by, started_at, beat_at, ended, ended_at, refusal_sealed
        FROM list_imports
        WHERE org_id = $1 AND office_id = COALESCE($2, office_id) AND ended IS NULL ORDER BY list_id DESC";
    // Never the rows of a whole list.
    FORGET_ROWS = "
        DELETE FROM list_rows WHERE org_id = $1 AND list_id = $2
            AND line IN (SELECT r.line FROM list_rows r WHERE r.org_id = $1 AND r.list_id = $2 LIMIT $3)
            AND NOT EXISTS (SELECT 1 FROM line_lists l WHERE l.org_id = $1 AND l.list_id = $2)";
}

/// A file about to be imported.
pub struct NewImport {
    /// Whose list it will be.
    pub office: OfficeId,
    /// The name that the file came under.
    pub file_name: String,
    /// Its length.
    pub bytes: usize,
    /// Who uploaded it.
    pub by: StaffId,
}

/// An import as it stands.
pub struct Import {
    /// The number that the list will have.
    pub id: ListId,
    /// The office that it will belong to.
    pub office: OfficeId,
    /// The name that the file came under.
    pub file_name: String,
    /// Rows that were read so far.
    pub rows_read: u64,
    /// Rows that are kept so far.
    pub rows_kept: u64,
    /// How much of the work is done, in percent; never falls.
    pub percent: u64,
    /// The first problems of the list.
    pub problems: Vec<FoundProblem>,
    /// Who uploaded it.
    pub started_by: StaffId,
    /// When.
    pub started_at: Millis,
    /// What became of it so far.
    pub state: ImportState,
}

/// What became of an import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ImportState {
    /// It is under way.
    Running,
    /// Its process is gone; the file has to be chosen once more.
    Died,
    /// A person stopped it.
    Stopped {
        /// When.
        at: Millis,
    },
    /// The file is no list.
    Refused {
        /// Why, and what to do.
        why: String,
    },
}

/// One of the first problems of a list.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundProblem {
    /// The row number that Excel shows.
    pub line: u32,
    /// Heading of its column; `None` when it concerns the whole row.
    pub column: Option<String>,
    /// What it is and what to do. May quote what is in the list.
    pub message: String,
}

/// The message may quote a cell: the debug form leaves it out.
impl std::fmt::Debug for FoundProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FoundProblem")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// A running import. Dropped before its end, it says nothing more and counts as dead after [`SILENCE`].
pub struct Importing {
    db: Db,
    org: OrgId,
    id: ListId,
    vault: Arc<OrgVault>,
    started_at: Millis,
    gauge: Arc<Gauge>,
}

/// How far it is: written where the work is done, read where it is told.
#[derive(Default)]
struct Gauge {
    bytes: AtomicU64,
    rows_read: AtomicU64,
    rows_kept: AtomicU64,
    stopped: AtomicBool,
}

impl Gauge {
    fn read(&self, progress: Progress) -> ControlFlow<()> {
        self.bytes.store(progress.bytes_done, Ordering::Relaxed);
        self.rows_read.store(progress.rows as u64, Ordering::Relaxed);
        if self.stopped.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Somebody stopped the import, or the database failed it.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A person stopped it.
    #[error("the import was stopped")]
    Stopped,
    /// The database did not take it.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Importing {
    /// Begins: from now on everybody sees how far it is.
    pub async fn begin(db: &Db, org: OrgId, new: NewImport) -> Result<Self, DbError> {
        let (vault, now) = (db.vault(org).await?, db.now());
        let id = db
            .write(|tx| Box::pin(tx.take_numbers("lists", 1)))
            .await
            .map(ListId::new)?;
        let name = vault.seal(FILE_NAME, id.get(), &new.file_name);
        let bytes = i64::try_from(new.bytes).unwrap_or(i64::MAX);
        let params = params![org, id, new.office, name, bytes, new.by, now];
        db.write(move |tx| {
            let params = params.clone();
            Box::pin(async move { tx.execute(BEGIN, params).await })
        })
        .await?;
        Ok(Self {
            db: db.clone(),
            org,
            id,
            vault,
            started_at: now,
            gauge: Arc::default(),
        })
    }

    /// The number that the list will have.
    pub fn id(&self) -> ListId {
        self.id
    }

    /// Does `work`, telling how far it is meanwhile.
    pub async fn beside<T>(&self, work: impl Future<Output = T>) -> Result<T, ImportError> {
        let mut work = pin!(work);
        let mut every = interval(EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                _ = every.tick() => self.beat().await?,
            }
        }
    }

    /// Reads the file where it holds nobody up.
    pub async fn read(
        &self,
        file_name: String,
        bytes: Arc<Vec<u8>>,
        options: ReadOptions,
    ) -> Result<Result<Sheet, FileProblem>, ImportError> {
        let gauge = Arc::clone(&self.gauge);
        let read = move || read_with(&file_name, &bytes, &options, &|progress| gauge.read(progress));
        Ok(self.beside(off_the_path(read)).await??)
    }

    /// Tells the first problems, in place of those told before.
    pub async fn tell(&self, problems: &[FoundProblem]) -> Result<(), ImportError> {
        let sealed = sealed::seal(&self.vault, PROBLEMS, self.id.get(), problems);
        let (org, id) = (self.org, self.id);
        let told = self.db.write(move |tx| {
            let params = params![org, id, sealed.as_str()];
            Box::pin(async move { Ok(tx.execute(FOUND, params).await? == 1) })
        });
        self.go_on(told.await?)
    }

    /// Keeps all rows, a bounded number with each commit, and then the list: from then on it is one like any other.
    pub async fn keep(&self, new: NewList) -> Result<ListId, ImportError> {
        let new = Arc::new(new);
        self.gauge
            .rows_read
            .store(new.sheet.len() as u64, Ordering::Relaxed);
        let mut next = self.seal_from(&new, 0);
        for from in (0..new.sheet.len()).step_by(CHUNK) {
            let rows = next
                .await
                .map_err(|error| DbError::Unavailable(error.to_string()))?;
            // While these rows are written, the next are sealed.
            next = self.seal_from(&new, from + CHUNK);
            let kept = (from + CHUNK).min(new.sheet.len());
            self.gauge.rows_kept.store(kept as u64, Ordering::Relaxed);
            self.keep_rows(rows).await?;
        }
        self.make_whole(&new).await
    }

    fn seal_from(&self, new: &Arc<NewList>, from: usize) -> tokio::task::JoinHandle<String> {
        let (new, vault, id) = (Arc::clone(new), Arc::clone(&self.vault), self.id);
        tokio::task::spawn_blocking(move || sealed_rows(&vault, id, &new.sheet, from))
    }

    async fn keep_rows(&self, rows: String) -> Result<(), ImportError> {
        let (org, id, beat) = (self.org, self.id, self.beat_params());
        let kept = self.db.write(move |tx| {
            let (beat, params) = (beat.clone(), params![org, id, rows.as_str()]);
            Box::pin(async move {
                let running = tx.execute(BEAT, beat).await? == 1;
                if running {
                    tx.execute(INSERT_ROWS, params).await?;
                }
                Ok(running)
            })
        });
        self.go_on(kept.await?)
    }

    async fn make_whole(&self, new: &NewList) -> Result<ListId, ImportError> {
        let head = head_params(&self.vault, self.org, self.id, new, self.started_at);
        let (org, id) = (self.org, self.id);
        let whole = self.db.write(move |tx| {
            let head = head.clone();
            Box::pin(async move {
                let running = tx.execute(WHOLE, params![org, id]).await? == 1;
                if running {
                    tx.execute(INSERT_LIST, head).await?;
                }
                Ok(running)
            })
        });
        self.go_on(whole.await?).map(|()| id)
    }

    /// Ends with a file that is no list; `why` says so and what to do. Nothing happens once the list is whole.
    pub async fn refuse(&self, why: &str) -> Result<(), DbError> {
        let sealed = self.vault.seal(REFUSAL, self.id.get(), why);
        if end(&self.db, self.org, self.id, "refused", None, Some(sealed)).await? {
            forget_rows(&self.db, self.org, self.id).await?;
        }
        Ok(())
    }

    async fn beat(&self) -> Result<(), ImportError> {
        let beat = self.beat_params();
        let running = self.db.write(move |tx| {
            let beat = beat.clone();
            Box::pin(async move { Ok(tx.execute(BEAT, beat).await? == 1) })
        });
        self.go_on(running.await?)
    }

    fn beat_params(&self) -> Vec<db::Value> {
        let number = |value: &AtomicU64| i64::try_from(value.load(Ordering::Relaxed)).unwrap_or(i64::MAX);
        let Gauge {
            bytes,
            rows_read,
            rows_kept,
            ..
        } = &*self.gauge;
        params![
            self.org,
            self.id,
            number(bytes),
            number(rows_read),
            number(rows_kept),
            self.db.now()
        ]
    }

    fn go_on(&self, running: bool) -> Result<(), ImportError> {
        if running {
            return Ok(());
        }
        self.gauge.stopped.store(true, Ordering::Relaxed);
        Err(ImportError::Stopped)
    }
}

/// The thread that reads hears it too.
impl Drop for Importing {
    fn drop(&mut self) {
        self.gauge.stopped.store(true, Ordering::Relaxed);
    }
}

/// Stops an import for good, whether or not its process still lives, and forgets the rows that it kept. `false` if
/// there is none that could be stopped.
pub async fn stop_import(db: &Db, org: OrgId, id: ListId, by: StaffId) -> Result<bool, DbError> {
    let stopped = end(db, org, id, "stopped", Some(by), None).await?;
    if stopped {
        forget_rows(db, org, id).await?;
    }
    Ok(stopped)
}

async fn end(
    db: &Db,
    org: OrgId,
    id: ListId,
    how: &'static str,
    by: Option<StaffId>,
    refusal: Option<String>,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        let params = params![org, id, how, now, by, refusal.clone()];
        Box::pin(async move { Ok(tx.execute(END, params).await? == 1) })
    })
    .await
}

/// A bounded number with each commit, so that other writes come in between.
async fn forget_rows(db: &Db, org: OrgId, id: ListId) -> Result<(), DbError> {
    let most = i64::try_from(CHUNK).expect("a chunk is small");
    let some = async || {
        db.write(move |tx| Box::pin(tx.execute(FORGET_ROWS, params![org, id, most])))
            .await
    };
    while some().await? > 0 {}
    Ok(())
}

/// An import that is under way or did not end well; `None` once the list is whole.
pub async fn import_of(db: &Db, org: OrgId, id: ListId) -> Result<Option<Import>, DbError> {
    let vault = db.vault(org).await?;
    let row = db.query_opt(IMPORT, params![org, id]).await?;
    row.map(|row| import(&row, &vault, db.now())).transpose()
}

/// Imports that are under way or died, newest first; of one office, or of all.
pub async fn open_imports(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<Vec<Import>, DbError> {
    let vault = db.vault(org).await?;
    let rows = db.query(OPEN_IMPORTS, params![org, office]).await?;
    rows.iter().map(|row| import(row, &vault, db.now())).collect()
}

fn import(row: &Row, vault: &OrgVault, now: Millis) -> Result<Import, DbError> {
    let id: ListId = row.get(0)?;
    let count = |column| {
        row.get::<i64>(column)
            .map(|count| u64::try_from(count).unwrap_or(0))
    };
    let (total, done) = (count(3)?.max(1), count(4)?);
    let (rows_read, rows_kept) = (count(5)?, count(6)?);
    let problems: Option<String> = row.get(7)?;
    let problems = problems.map(|sealed| sealed::open(vault, PROBLEMS, id.get(), &sealed));
    Ok(Import {
        id,
        office: row.get(1)?,
        file_name: vault.open(FILE_NAME, id.get(), &row.get::<String>(2)?)?,
        rows_read,
        rows_kept,
        percent: READING * done.min(total) / total + (100 - READING) * rows_kept / rows_read.max(1),
        problems: problems.transpose()?.unwrap_or_default(),
        started_by: row.get(8)?,
        started_at: row.get(9)?,
        state: state(row, vault, id, now)?,
    })
}

fn state(row: &Row, vault: &OrgVault, id: ListId, now: Millis) -> Result<ImportState, DbError> {
    let (beat_at, ended): (Millis, Option<String>) = (row.get(10)?, row.get(11)?);
    let refusal: Option<String> = row.get(13)?;
    Ok(match (ended, refusal) {
        (None, _) if now - beat_at > SILENCE => ImportState::Died,
        (None, _) => ImportState::Running,
        (Some(_), Some(sealed)) => ImportState::Refused {
            why: vault.open(REFUSAL, id.get(), &sealed)?,
        },
        (Some(_), None) => ImportState::Stopped { at: row.get(12)? },
    })
}
