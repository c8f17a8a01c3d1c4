//! SQLite: one writer thread, a few reading connections, WAL, every commit fsynced.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread;

use base::killpoint;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use tokio::sync::Semaphore;

use crate::dialect::Dialect;
use crate::engine::{Group, Job, Placed, Queue, RETRIES};
use crate::tx::{Tx, Work, Writer};
use crate::{DbError, Row, Sql, Value};

/// Enough for the pages of a busy office while the writer works; each costs about 2 MB of cache.
const READERS: usize = 4;
/// How long a statement waits for another process that writes, in milliseconds.
const BUSY_TIMEOUT_MS: u32 = 30_000;

pub(crate) struct SqliteEngine {
    jobs: Sender<Placed>,
    readers: Arc<Readers>,
    pub(crate) path: PathBuf,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<SqliteConnection>>,
    permits: Semaphore,
}

impl SqliteEngine {
    /// Starts the writer thread on an already migrated database.
    pub(crate) fn start(path: &Path, writer: SqliteWriter) -> Result<Self, DbError> {
        let (jobs, inbox) = channel();
        thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                let writer = Writer::Sqlite(writer);
                write_groups(
                    Tx {
                        writer,
                        statements: 0,
                    },
                    &inbox,
                );
            })
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        let readers = Readers {
            path: path.to_owned(),
            idle: Mutex::new(Vec::new()),
            permits: Semaphore::new(READERS),
        };
        Ok(Self {
            jobs,
            readers: Arc::new(readers),
            path: path.to_owned(),
        })
    }

    pub(crate) fn enqueue(&self, job: Placed) -> Result<(), DbError> {
        self.jobs
            .send(job)
            .map_err(|_| DbError::Unavailable("the database writer has stopped".to_owned()))
    }

    pub(crate) async fn query(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        self.with_reader(move |connection| connection.query(sql, &params))
            .await
    }

    pub(crate) async fn prepare(&self, sql: Sql) -> Result<(), DbError> {
        self.with_reader(move |connection| connection.prepare(sql)).await
    }

    pub(crate) async fn compact(&self) -> Result<(), DbError> {
        let path = self.path.clone();
        let work = move || {
            let connection = Connection::open(path)?;
            connection.execute_batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};"))?;
            // A row comes back: whether somebody was in the way. The next night tries again.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| DbError::Unavailable(error.to_string()))?
    }

    #[cfg(feature = "testing")]
    pub(crate) async fn plan(&self, sql: Sql) -> Result<Vec<String>, DbError> {
        self.with_reader(move |connection| {
            let text = format!("EXPLAIN QUERY PLAN {}", Dialect::Sqlite.render(sql.0));
            let mut statement = connection.connection.prepare(&text)?;
            let unbound = statement.parameter_count();
            let steps =
                statement.query_map(params_from_iter(vec![Value::Null; unbound]), |row| row.get(3))?;
            Ok(steps.collect::<Result<_, _>>()?)
        })
        .await
    }

    async fn with_reader<T, F>(&self, read: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut SqliteConnection) -> Result<T, DbError> + Send + 'static,
    {
        let readers = Arc::clone(&self.readers);
        let _permit = self.readers.permits.acquire().await;
        let answer = tokio::task::spawn_blocking(move || {
            let taken = readers.idle.lock().ok().and_then(|mut idle| idle.pop());
            let mut connection = match taken {
                Some(connection) => connection,
                None => SqliteConnection::open_reader(&readers.path)?,
            };
            let outcome = read(&mut connection);
            if let Ok(mut idle) = readers.idle.lock() {
                idle.push(connection);
            }
            outcome
        });
        answer
            .await
            .map_err(|error| DbError::Unavailable(error.to_string()))?
    }
}

/// A connection with the rendered text of every statement it has seen.
struct SqliteConnection {
    connection: Connection,
    rendered: HashMap<&'static str, String>,
}

impl SqliteConnection {
    fn new(connection: Connection) -> Result<Self, DbError> {
        connection.set_prepared_statement_cache_capacity(256);
        // Plans go by the statement alone: SQLite would prepare each one whose LIMIT is a parameter anew, whenever
        // that is bound.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self {
            connection,
            rendered: HashMap::new(),
        })
    }

    fn open_reader(path: &Path) -> Result<Self, DbError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.execute_batch(&format!("PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};"))?;
        Self::new(connection)
    }

    fn statement(&mut self, sql: Sql) -> Result<rusqlite::CachedStatement<'_>, DbError> {
        let text = self
            .rendered
            .entry(sql.0)
            .or_insert_with(|| Dialect::Sqlite.render(sql.0));
        Ok(self.connection.prepare_cached(text)?)
    }

    fn query(&mut self, sql: Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let mut statement = self.statement(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(params))?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|index| Value::from_sqlite(row.get_ref(index)?));
            answer.push(Row(values.collect::<Result<_, DbError>>()?));
        }
        Ok(answer)
    }

    fn execute(&mut self, sql: Sql, params: &[Value]) -> Result<u64, DbError> {
        let mut statement = self.statement(sql)?;
        Ok(statement.execute(params_from_iter(params))? as u64)
    }

    fn prepare(&mut self, sql: Sql) -> Result<(), DbError> {
        self.statement(sql).map(|_| ())
    }
}

/// The writing connection, inside or outside of a transaction.
pub(crate) struct SqliteWriter(SqliteConnection);

impl SqliteWriter {
    /// Opens the database file, making it if it is not there.
    pub(crate) fn open(path: &Path) -> Result<Self, DbError> {
        let connection = Connection::open(path)?;
        // recursive_triggers: a row that is replaced counts as deleted, so append-only tables hold.
        // secure_delete: what was erased is overwritten, not left in the free parts of the file.
        connection.execute_batch(&format!(
            "PRAGMA busy_timeout = {BUSY_TIMEOUT_MS};
             PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA foreign_keys = ON;
             PRAGMA recursive_triggers = ON;
             PRAGMA secure_delete = ON;
             PRAGMA temp_store = MEMORY;
             PRAGMA cache_size = -8192;
             PRAGMA wal_autocheckpoint = 16384;"
        ))?;
        Ok(Self(SqliteConnection::new(connection)?))
    }

    pub(crate) fn query(&mut self, sql: Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.0.query(sql, params)
    }

    pub(crate) fn execute(&mut self, sql: Sql, params: &[Value]) -> Result<u64, DbError> {
        self.0.execute(sql, params)
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        Ok(self.0.connection.execute_batch(sql)?)
    }

    fn control(&mut self, sql: &'static str) -> Result<(), DbError> {
        self.0.execute(Sql(sql), &[]).map(|_| ())
    }
}

fn writer_of(tx: &mut Tx) -> &mut SqliteWriter {
    match &mut tx.writer {
        Writer::Sqlite(writer) => writer,
        Writer::Postgres(_) => unreachable!("the SQLite writer thread holds a SQLite connection"),
    }
}

fn write_groups(mut tx: Tx, inbox: &Receiver<Placed>) {
    let mut queue = Queue::default();
    loop {
        if queue.is_empty() {
            let Ok(first) = inbox.recv() else { return };
            queue.put(first);
        }
        for next in inbox.try_iter() {
            queue.put(next);
        }
        let mut done = Vec::new();
        let commit = run_group(&mut tx, queue.next_group(), &mut done);
        for job in done {
            job.finish(copy_of(&commit));
        }
    }
}

fn copy_of(commit: &Result<(), DbError>) -> Result<(), DbError> {
    match commit {
        Ok(()) => Ok(()),
        Err(error) => Err(DbError::Unavailable(error.to_string())),
    }
}

/// What was taken from the group is in `done` afterwards, whatever came of it.
fn run_group(tx: &mut Tx, mut group: Group<'_>, done: &mut Vec<Box<dyn Job>>) -> Result<(), DbError> {
    if let Err(error) = writer_of(tx).control("BEGIN IMMEDIATE") {
        done.extend(group);
        return Err(error);
    }
    for mut job in group.by_ref() {
        if let Err(error) = run_in_savepoint(tx, job.as_mut()) {
            job.fail(error);
        }
        done.push(job);
    }
    killpoint::reached("commit.before");
    let commit = writer_of(tx).control("COMMIT");
    killpoint::reached("commit.after");
    if commit.is_err() {
        // Nothing of this group stands; the next group starts clean.
        let _ = writer_of(tx).control("ROLLBACK");
    }
    commit
}

fn run_in_savepoint(tx: &mut Tx, job: &mut dyn Job) -> Result<(), DbError> {
    let mut tries = 0;
    loop {
        writer_of(tx).control("SAVEPOINT job")?;
        let outcome = at_once(job.run(tx));
        if outcome.is_err() {
            writer_of(tx).control("ROLLBACK TO job")?;
        }
        writer_of(tx).control("RELEASE job")?;
        match outcome {
            Err(error) if error.is_retryable() && tries < RETRIES => tries += 1,
            outcome => return outcome,
        }
    }
}

/// Statements on SQLite answer at once, so a write that awaits nothing else is ready when first asked.
fn at_once(work: Work<'_, ()>) -> Result<(), DbError> {
    let mut work = pin!(work);
    match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(DbError::Statement(
            "a write awaited something besides its statements".to_owned(),
        )),
    }
}
