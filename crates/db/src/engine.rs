use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base::clock::Clock;
use base::id::OrgId;
use tokio::sync::oneshot;

use crate::companion::{Carried, Companion};
use crate::postgres::PgEngine;
use crate::sqlite::SqliteEngine;
use crate::tx::{NEXT_NUMBER, Tx, Work};
use crate::vault::{OrgVault, Vault};
use crate::{DbError, Row, Sql, Value};

/// The database of this process. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) instance: u64,
    pub(crate) engine: Engine,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
    /// Statements so far, of readers and of writes that ran.
    pub(crate) statements: Arc<AtomicU64>,
}

pub(crate) enum Engine {
    Sqlite(SqliteEngine),
    Postgres(PgEngine),
}

impl Db {
    /// Runs `work` inside the next group's transaction; the future is ready when it is durable.
    ///
    /// The write takes its place in the order of writes when this is called, not when the future is first
    /// awaited. Everything that waits is committed together, each in a savepoint of its own: one that fails
    /// is undone alone. `work` may run a second time if another transaction was in the way.
    pub fn write<T, W>(&self, work: W) -> impl Future<Output = Result<T, DbError>> + Send + use<T, W>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut Tx) -> Work<'t, T> + Send + Sync + 'static,
    {
        self.place(Turn::InOrder, work)
    }

    /// The same for a small write that somebody waits for at a page and that depends on no other: it goes before the
    /// writes that wait, in a commit with its like. For what takes many rows, or has to keep the order of writes, it is
    /// not meant.
    pub fn write_ahead<T, W>(&self, work: W) -> impl Future<Output = Result<T, DbError>> + Send + use<T, W>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut Tx) -> Work<'t, T> + Send + Sync + 'static,
    {
        self.place(Turn::Ahead, work)
    }

    fn place<T, W>(&self, turn: Turn, work: W) -> impl Future<Output = Result<T, DbError>> + Send + use<T, W>
    where
        T: Send + 'static,
        W: for<'t> Fn(&'t mut Tx) -> Work<'t, T> + Send + Sync + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Pending {
            work,
            companion: Companion::of_this_task(),
            outcome: None,
            reply,
            statements: Arc::clone(&self.inner.statements),
        });
        let placed = match &self.inner.engine {
            Engine::Sqlite(engine) => engine.enqueue((turn, job)),
            Engine::Postgres(engine) => engine.enqueue((turn, job)),
        };
        async move {
            placed?;
            answer
                .await
                .map_err(|_| DbError::Unavailable("the database writer has stopped".to_owned()))?
        }
    }

    /// Reads outside of any write.
    pub async fn query(&self, sql: Sql, params: Vec<Value>) -> Result<Vec<Row>, DbError> {
        self.inner.statements.fetch_add(1, Ordering::Relaxed);
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.query(sql, params).await,
            Engine::Postgres(engine) => engine.query(sql, params).await,
        }
    }

    /// Reads at most one row outside of any write.
    pub async fn query_opt(&self, sql: Sql, params: Vec<Value>) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The number that the named sequence gives next: whatever bears an earlier one is committed and can be read.
    pub async fn next_number(&self, sequence: &'static str) -> Result<i64, DbError> {
        let row = self.query_opt(NEXT_NUMBER, crate::params![sequence]).await?;
        row.map_or(Ok(1), |row| row.get(0))
    }

    /// Which of the databases that this process has opened it is: what is remembered of one is not told of another.
    pub fn instance(&self) -> u64 {
        self.inner.instance
    }

    /// How many statements were carried out since it was opened: what a page asks must not grow with what it shows.
    pub fn statements(&self) -> u64 {
        self.inner.statements.load(Ordering::Relaxed)
    }

    /// What seals and opens the personal columns of `org`.
    pub async fn vault(&self, org: OrgId) -> Result<Arc<OrgVault>, DbError> {
        self.inner.vault.of(self, org).await
    }

    /// A keyed hash for things that belong to no organisation yet, such as a stray receipt's number.
    pub fn installation_index(&self, value: &str) -> String {
        self.inner.vault.installation_index(value)
    }

    /// A signature of `text` that only who has the installation's key can make or check.
    pub fn signature(&self, purpose: &str, text: &str) -> String {
        self.inner.vault.signature(purpose, text)
    }

    /// The clock that everything in this process goes by.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The present, in UTC milliseconds.
    pub fn now(&self) -> base::clock::Millis {
        self.inner.clock.now()
    }

    /// Lets go of what was erased: the log of SQLite is written back and emptied, dead rows of PostgreSQL are cleared.
    /// Takes a while; nobody waits for it.
    pub async fn compact(&self) -> Result<(), DbError> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.compact().await,
            Engine::Postgres(engine) => engine.compact().await,
        }
    }

    /// Tells PostgreSQL how large its tables have become, where that has changed much; says of how many. Its own look
    /// comes once a minute, and until then a table that has just been filled is read as if it were empty: on a new
    /// installation the first seventeen lists would take seconds a page. SQLite's order is written in each statement.
    pub async fn refresh_statistics(&self) -> Result<usize, DbError> {
        match &self.inner.engine {
            Engine::Sqlite(_) => Ok(0),
            Engine::Postgres(engine) => engine.refresh_statistics().await,
        }
    }

    /// How SQLite would carry a statement out, step by step; nothing on PostgreSQL, which decides by its
    /// statistics.
    #[cfg(feature = "testing")]
    pub async fn plan(&self, sql: Sql) -> Result<Vec<String>, DbError> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.plan(sql).await,
            Engine::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Prepares a statement on this database: the whole check of its names and types.
    pub async fn prepare(&self, sql: Sql) -> Result<(), DbError> {
        match &self.inner.engine {
            Engine::Sqlite(engine) => engine.prepare(sql).await,
            Engine::Postgres(engine) => engine.prepare(sql).await,
        }
    }
}

/// One write that waits for its group.
pub(crate) trait Job: Send {
    /// Runs inside the transaction, in a savepoint of its own. Says whether its statements stand.
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Work<'t, ()>;
    /// Called once, after the commit: `Err` if the group did not commit.
    fn finish(self: Box<Self>, commit: Result<(), DbError>);
    /// Replaces whatever came of it by this error.
    fn fail(&mut self, error: DbError);
}

struct Pending<T, W> {
    work: W,
    companion: Option<Carried>,
    outcome: Option<Result<T, DbError>>,
    reply: oneshot::Sender<Result<T, DbError>>,
    statements: Arc<AtomicU64>,
}

impl<T, W> Job for Pending<T, W>
where
    T: Send + 'static,
    W: for<'t> Fn(&'t mut Tx) -> Work<'t, T> + Send + Sync + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> Work<'t, ()> {
        Box::pin(async move {
            let before = tx.statements;
            let value = (self.work)(tx).await?;
            if let Some(companion) = &mut self.companion {
                companion.run(tx).await?;
            }
            self.statements
                .fetch_add(tx.statements - before, Ordering::Relaxed);
            self.outcome = Some(Ok(value));
            Ok(())
        })
    }

    fn finish(self: Box<Self>, commit: Result<(), DbError>) {
        let Pending {
            work,
            companion,
            outcome,
            reply,
            ..
        } = *self;
        // What the write held, a node's lock perhaps, is let go before its caller goes on.
        drop(work);
        if let Some(companion) = companion {
            companion.finish(commit.is_ok() && matches!(outcome, Some(Ok(_))));
        }
        let outcome = match (commit, outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Ok(()), None) => Err(DbError::Statement("a write ended without an outcome".to_owned())),
            (Err(error), _) => Err(error),
        };
        // The caller may have gone away; what is committed stays.
        let _ = reply.send(outcome);
    }

    fn fail(&mut self, error: DbError) {
        self.outcome = Some(Err(error));
    }
}

/// Which of the writes that wait comes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Turn {
    /// Small, and depends on no other.
    Ahead,
    /// In the order in which they were asked for.
    InOrder,
}

/// A write with its turn.
pub(crate) type Placed = (Turn, Box<dyn Job>);

/// The writes that wait.
#[derive(Default)]
pub(crate) struct Queue {
    ahead: VecDeque<Box<dyn Job>>,
    in_order: VecDeque<Box<dyn Job>>,
    /// The last commit was of those that go ahead.
    went_ahead: bool,
}

impl Queue {
    pub(crate) fn put(&mut self, (turn, job): Placed) {
        match turn {
            Turn::Ahead => self.ahead.push_back(job),
            Turn::InOrder => self.in_order.push_back(job),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ahead.is_empty() && self.in_order.is_empty()
    }

    /// The writes of which the next commit is made. Those that go ahead share one among themselves, so that they wait for
    /// no others; after it comes one of the others, so that those are never kept for good.
    pub(crate) fn next_group(&mut self) -> Group<'_> {
        let may = !self.went_ahead || self.in_order.is_empty();
        self.went_ahead = may && !self.ahead.is_empty();
        let from = if self.went_ahead {
            &mut self.ahead
        } else {
            &mut self.in_order
        };
        Group {
            from,
            begun: Instant::now(),
            taken: 0,
        }
    }
}

/// The writes of one commit, taken one after the other as long as there is time.
pub(crate) struct Group<'q> {
    from: &'q mut VecDeque<Box<dyn Job>>,
    begun: Instant,
    taken: usize,
}

impl Group<'_> {
    /// Whether there is only one to take.
    pub(crate) fn is_one(&self) -> bool {
        self.taken == 0 && self.from.len() == 1
    }
}

impl Iterator for Group<'_> {
    type Item = Box<dyn Job>;

    fn next(&mut self) -> Option<Box<dyn Job>> {
        let is_full = self.taken >= GROUP_MAX || (self.taken > 0 && self.begun.elapsed() >= GROUP_TIME);
        if is_full {
            return None;
        }
        self.taken += 1;
        self.from.pop_front()
    }
}

/// At most so many writes share one commit, so that the first never waits long for the last.
pub(crate) const GROUP_MAX: usize = 256;
/// When a commit has gathered writes for so long it is made, and the others wait for the next: a small write never waits
/// for a whole morning's lists, and a disk that takes ten milliseconds for a commit still has two thirds of its time.
const GROUP_TIME: Duration = Duration::from_millis(20);
/// How often a write is run again after another transaction was in its way.
pub(crate) const RETRIES: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    struct Named(&'static str);

    impl Job for Named {
        fn run<'t>(&'t mut self, _: &'t mut Tx) -> Work<'t, ()> {
            Box::pin(async { Ok(()) })
        }

        fn finish(self: Box<Self>, _: Result<(), DbError>) {}

        fn fail(&mut self, _: DbError) {
            self.0 = "";
        }
    }

    fn queue(ahead: usize, in_order: usize) -> Queue {
        let mut queue = Queue::default();
        for _ in 0..in_order {
            queue.put((Turn::InOrder, Box::new(Named("list"))));
        }
        for _ in 0..ahead {
            queue.put((Turn::Ahead, Box::new(Named("look"))));
        }
        queue
    }

    #[test]
    fn small_writes_go_before_what_waits_and_keep_nothing_for_good() {
        let mut queue = queue(2, 3);
        assert_eq!(queue.next_group().count(), 2, "the looks");
        queue.put((Turn::Ahead, Box::new(Named("look"))));
        assert_eq!(queue.next_group().count(), 3, "then what waited before");
        assert_eq!(queue.next_group().count(), 1);
        assert!(queue.is_empty());
    }

    #[test]
    fn a_commit_gathers_so_many_and_always_one() {
        let mut queue = queue(0, GROUP_MAX + 1);
        assert!(!queue.next_group().is_one());
        assert_eq!(queue.next_group().count(), GROUP_MAX);
        let mut rest = queue.next_group();
        assert!(rest.is_one());
        // However long ago it was begun.
        rest.begun -= GROUP_TIME * 2;
        assert!(rest.next().is_some() && rest.next().is_none());
    }
}
