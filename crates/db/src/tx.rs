use std::pin::Pin;

use crate::postgres::PgWriter;
use crate::sqlite::SqliteWriter;
use crate::{DbError, Row, Sql, Value};

/// What a write does: run inside the transaction, possibly more than once, so it must have no effect
/// besides its statements, and must await nothing but them.
pub type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, DbError>> + Send + 't>>;

pub(crate) const NEXT_NUMBER: Sql = Sql("SELECT next FROM sequences WHERE name = $1");

/// The one open transaction of this process, as a write sees it.
pub struct Tx {
    pub(crate) writer: Writer,
    /// Statements so far, those that open and close savepoints aside.
    pub(crate) statements: u64,
}

pub(crate) enum Writer {
    Sqlite(SqliteWriter),
    Postgres(PgWriter),
}

impl Tx {
    /// Runs a statement and gives its rows.
    pub async fn query(&mut self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        self.statements += 1;
        match &mut self.writer {
            Writer::Sqlite(writer) => writer.query(sql, &params),
            Writer::Postgres(writer) => writer.query(sql, &params).await,
        }
    }

    /// Runs a statement that gives at most one row.
    pub async fn query_opt(&mut self, sql: Sql, params: Vec<Value>) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// Runs a statement and says how many rows it touched.
    pub async fn execute(&mut self, sql: Sql, params: Vec<Value>) -> Result<u64, DbError> {
        self.statements += 1;
        match &mut self.writer {
            Writer::Sqlite(writer) => writer.execute(sql, &params),
            Writer::Postgres(writer) => writer.execute(sql, &params).await,
        }
    }

    /// Takes `count` consecutive numbers of the named sequence and gives the first.
    pub async fn take_numbers(&mut self, sequence: &'static str, count: i64) -> Result<i64, DbError> {
        const TAKE: Sql = Sql("INSERT INTO sequences (name, next) VALUES ($1, 1 + $2)
             ON CONFLICT (name) DO UPDATE SET next = sequences.next + $2
             RETURNING next - $2");
        let row = self.query_opt(TAKE, crate::params![sequence, count]).await?;
        row.ok_or_else(|| DbError::Statement("a sequence gave no number".to_owned()))?
            .get(0)
    }

    /// The number that the named sequence gives next: all before it were taken by writes that are committed, by
    /// earlier ones of this commit, or by this one.
    pub async fn next_number(&mut self, sequence: &'static str) -> Result<i64, DbError> {
        let row = self.query_opt(NEXT_NUMBER, crate::params![sequence]).await?;
        row.map_or(Ok(1), |row| row.get(0))
    }

    /// Whether the process behind `node` is certainly gone, by the lock that dies with it.
    ///
    /// On SQLite the caller must hold the file lock itself; then every other node is gone.
    pub(crate) async fn node_is_gone(&mut self, node: i64) -> Result<bool, DbError> {
        match &mut self.writer {
            Writer::Sqlite(_) => Ok(true),
            Writer::Postgres(writer) => writer.node_is_gone(node).await,
        }
    }

    /// Fails if the connection that proved our ownership has been replaced since `session`.
    pub(crate) fn require_session(&self, session: u64) -> Result<(), DbError> {
        match &self.writer {
            Writer::Sqlite(_) => Ok(()),
            Writer::Postgres(writer) if writer.session() == session => Ok(()),
            Writer::Postgres(_) => Err(DbError::OwnershipLost),
        }
    }

    pub(crate) async fn lock_node(&mut self, node: i64) -> Result<u64, DbError> {
        match &mut self.writer {
            Writer::Sqlite(_) => Ok(0),
            Writer::Postgres(writer) => writer.lock_node(node).await,
        }
    }
}
