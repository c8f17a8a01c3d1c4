//! PostgreSQL: one writing connection that also holds this node's advisory lock, a pool for reading.

use std::collections::HashMap;

use base::killpoint;
use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use crate::dialect::Dialect;
use crate::engine::{Group, Job, Placed, Queue, RETRIES};
use crate::postgres_tls::Server;
use crate::tx::{Tx, Writer};
use crate::{DbError, Row, Sql, Value};

const READERS: usize = 8;
/// First half of every advisory lock of ours, so that we meet no other program's.
pub(crate) const LOCK_SPACE: i64 = 0x746f_646f_6b65;

pub(crate) struct PgEngine {
    jobs: UnboundedSender<Placed>,
    readers: Pool,
}

/// Own tables that changed by more than a quarter since PostgreSQL last looked at what they hold. What it counted itself is
/// lost when it dies or a database is copied; the file then still tells that the table has grown.
const OUTGROWN: &str = "
    SELECT quote_ident(s.schemaname) || '.' || quote_ident(s.relname)
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE pg_get_userbyid(c.relowner) = current_user
        AND (s.n_mod_since_analyze >= $1 AND s.n_mod_since_analyze > s.n_live_tup / 4
            OR pg_relation_size(c.oid) > (c.relpages * 5 / 4 + 4) * current_setting('block_size')::bigint)";

/// Smaller tables are read as quickly by any plan.
const CHANGES_UNNOTICED: i64 = 200;

impl PgEngine {
    /// Starts the writer task on an already migrated database.
    pub(crate) fn start(url: &str, writer: PgWriter) -> Result<Self, DbError> {
        let Server { config, tls } = Server::parse(url)?;
        let manager = Manager::from_config(
            config,
            tls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let readers = Pool::builder(manager)
            .max_size(READERS)
            .build()
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        let (jobs, inbox) = unbounded_channel();
        tokio::spawn(write_groups(
            Tx {
                writer: Writer::Postgres(writer),
                statements: 0,
            },
            inbox,
        ));
        Ok(Self { jobs, readers })
    }

    pub(crate) fn enqueue(&self, job: Placed) -> Result<(), DbError> {
        self.jobs
            .send(job)
            .map_err(|_| DbError::Unavailable("the database writer has stopped".to_owned()))
    }

    async fn reader(&self) -> Result<deadpool_postgres::Client, DbError> {
        self.readers
            .get()
            .await
            .map_err(|error| DbError::Unavailable(error.to_string()))
    }

    pub(crate) async fn query(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        let reader = self.reader().await?;
        let statement = reader.prepare_cached(&Dialect::Postgres.render(sql.0)).await?;
        rows_of(&reader.query(&statement, &borrowed(&params)).await?)
    }

    pub(crate) async fn compact(&self) -> Result<(), DbError> {
        Ok(self.reader().await?.batch_execute("VACUUM").await?)
    }

    pub(crate) async fn refresh_statistics(&self) -> Result<usize, DbError> {
        let reader = self.reader().await?;
        let outgrown = reader.query(OUTGROWN, &[&CHANGES_UNNOTICED]).await?;
        for table in &outgrown {
            let table: String = table.try_get(0)?;
            reader.batch_execute(&format!("ANALYZE {table}")).await?;
        }
        Ok(outgrown.len())
    }

    pub(crate) async fn prepare(&self, sql: Sql) -> Result<(), DbError> {
        let reader = self.reader().await?;
        reader.prepare(&Dialect::Postgres.render(sql.0)).await?;
        Ok(())
    }
}

fn borrowed(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn rows_of(rows: &[tokio_postgres::Row]) -> Result<Vec<Row>, DbError> {
    let one = |row: &tokio_postgres::Row| {
        (0..row.len())
            .map(|index| Value::from_postgres(row, index))
            .collect::<Result<_, _>>()
            .map(Row)
    };
    rows.iter().map(one).collect()
}

/// The writing connection. A lost one is replaced, and counts as another session: ownership does not
/// carry over.
pub(crate) struct PgWriter {
    url: String,
    client: Client,
    session: u64,
    statements: HashMap<&'static str, Statement>,
}

impl PgWriter {
    pub(crate) async fn connect(url: &str) -> Result<Self, DbError> {
        let client = connect(url).await?;
        Ok(Self {
            url: url.to_owned(),
            client,
            session: 0,
            statements: HashMap::new(),
        })
    }

    pub(crate) fn session(&self) -> u64 {
        self.session
    }

    async fn reconnect_if_lost(&mut self) -> Result<(), DbError> {
        if self.client.is_closed() {
            self.client = connect(&self.url).await?;
            self.statements.clear();
            self.session += 1;
        }
        Ok(())
    }

    async fn statement(&mut self, sql: Sql) -> Result<Statement, DbError> {
        if let Some(statement) = self.statements.get(sql.0) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&Dialect::Postgres.render(sql.0)).await?;
        self.statements.insert(sql.0, statement.clone());
        Ok(statement)
    }

    pub(crate) async fn query(&mut self, sql: Sql, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let statement = self.statement(sql).await?;
        rows_of(&self.client.query(&statement, &borrowed(params)).await?)
    }

    pub(crate) async fn execute(&mut self, sql: Sql, params: &[Value]) -> Result<u64, DbError> {
        let statement = self.statement(sql).await?;
        Ok(self.client.execute(&statement, &borrowed(params)).await?)
    }

    pub(crate) async fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        Ok(self.client.batch_execute(sql).await?)
    }

    /// Takes the lock that says "this node lives", for as long as this connection does.
    pub(crate) async fn lock_node(&mut self, node: i64) -> Result<u64, DbError> {
        const LOCK: Sql = Sql("SELECT pg_try_advisory_lock($1)");
        let rows = self.query(LOCK, &crate::params![node_lock(node)]).await?;
        match rows.first().map(|row| row.get(0)) {
            Some(Ok(true)) => Ok(self.session),
            _ => Err(DbError::OwnershipLost),
        }
    }

    pub(crate) async fn node_is_gone(&mut self, node: i64) -> Result<bool, DbError> {
        const TRY: Sql = Sql("SELECT pg_try_advisory_xact_lock($1)");
        let rows = self.query(TRY, &crate::params![node_lock(node)]).await?;
        rows.first().map_or(Ok(false), |row| row.get(0))
    }
}

/// The advisory lock of one node.
fn node_lock(node: i64) -> i64 {
    (LOCK_SPACE << 16) + node
}

async fn connect(url: &str) -> Result<Client, DbError> {
    let (client, connection) = Server::parse(url)?.connect().await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "connection to PostgreSQL lost");
        }
    });
    Ok(client)
}

fn writer_of(tx: &mut Tx) -> &mut PgWriter {
    match &mut tx.writer {
        Writer::Postgres(writer) => writer,
        Writer::Sqlite(_) => unreachable!("the PostgreSQL writer task holds a PostgreSQL connection"),
    }
}

async fn write_groups(mut tx: Tx, mut inbox: UnboundedReceiver<Placed>) {
    let mut queue = Queue::default();
    loop {
        if queue.is_empty() {
            let Some(first) = inbox.recv().await else { return };
            queue.put(first);
        }
        while let Ok(next) = inbox.try_recv() {
            queue.put(next);
        }
        let mut group = queue.next_group();
        let mut done = Vec::new();
        // A failed statement ends a PostgreSQL transaction, so a group of one needs no savepoint.
        let alone = group.is_one();
        let commit = if alone {
            done.extend(group.next());
            Ok(())
        } else {
            run_group(&mut tx, group, &mut done).await
        };
        // Another transaction was in the way of somebody: each goes again alone, so that one write's
        // conflict never costs another write its place.
        if alone || commit.as_ref().is_err_and(DbError::is_retryable) {
            for mut job in done {
                let outcome = run_alone(&mut tx, job.as_mut()).await;
                job.finish(outcome);
            }
            continue;
        }
        for job in done {
            job.finish(match &commit {
                Ok(()) => Ok(()),
                Err(DbError::OwnershipLost) => Err(DbError::OwnershipLost),
                Err(error) => Err(DbError::Unavailable(error.to_string())),
            });
        }
    }
}

/// What was taken from the group is in `done` afterwards, whatever came of it.
async fn run_group(tx: &mut Tx, mut group: Group<'_>, done: &mut Vec<Box<dyn Job>>) -> Result<(), DbError> {
    if let Err(error) = begin(tx).await {
        done.extend(group);
        return Err(error);
    }
    for job in group.by_ref() {
        done.push(job);
        if let Some(job) = done.last_mut() {
            run_in_savepoint(tx, job.as_mut()).await?;
        }
    }
    commit(tx, "COMMIT").await
}

async fn begin(tx: &mut Tx) -> Result<(), DbError> {
    writer_of(tx).reconnect_if_lost().await?;
    writer_of(tx).batch("BEGIN").await
}

async fn run_in_savepoint(tx: &mut Tx, job: &mut dyn Job) -> Result<(), DbError> {
    writer_of(tx).batch("SAVEPOINT job").await?;
    match job.run(tx).await {
        Ok(()) => writer_of(tx).batch("RELEASE job").await?,
        Err(error) if error.is_retryable() => {
            writer_of(tx).batch("ROLLBACK").await?;
            return Err(error);
        }
        Err(error) => {
            writer_of(tx).batch("ROLLBACK TO job; RELEASE job").await?;
            job.fail(error);
        }
    }
    Ok(())
}

async fn commit(tx: &mut Tx, end: &'static str) -> Result<(), DbError> {
    killpoint::reached("commit.before");
    let ended = writer_of(tx).batch(end).await;
    killpoint::reached("commit.after");
    ended
}

async fn run_alone(tx: &mut Tx, job: &mut dyn Job) -> Result<(), DbError> {
    let mut tries = 0;
    loop {
        writer_of(tx).reconnect_if_lost().await?;
        writer_of(tx).batch("BEGIN").await?;
        let outcome = job.run(tx).await;
        let end = if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = commit(tx, end).await;
        match outcome.and(ended) {
            Err(error) if error.is_retryable() && tries < RETRIES => tries += 1,
            outcome => return outcome,
        }
    }
}
