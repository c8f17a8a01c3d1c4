//! Databases for tests: real ones, empty, thrown away afterwards.
//!
//! Making the schema takes PostgreSQL a second, so it is done once in each process, and what a test gets is a copy.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{fs, thread};

use base::clock::Clock;
use base::id::OrgId;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio_postgres::{Client, NoTls};

use crate::key::InstallationKey;
use crate::vault::Vault;
use crate::{DatabaseUrl, Db, DbError, OpenOptions};

/// One empty database of either kind and its key file; the directory goes with it.
pub struct TestDatabase {
    /// What to open it with.
    pub options: OpenOptions,
    /// Its directory: key file, lock file, SQLite file.
    pub directory: TempDir,
}

impl TestDatabase {
    /// A new SQLite file.
    pub fn sqlite(clock: Clock) -> Self {
        let database = Self::not_made(clock);
        let path = sqlite_in(&database.directory);
        fs::write(&path, &*SQLITE).expect("the directory can be written to");
        Connection::open(&path)
            .and_then(|file| file.execute_batch(&begin(&database.directory, &database.options.clock)))
            .expect("a copy is a database");
        database
    }

    /// Where a SQLite file can be, and neither file nor key is: whoever opens it first makes them.
    pub fn not_made(clock: Clock) -> Self {
        let directory = TempDir::new().expect("a temporary directory can be made");
        let url = DatabaseUrl::Sqlite(sqlite_in(&directory));
        Self::new(url, directory, clock)
    }

    /// A new database on the server that `TEST_PG_URL` names; `None` if it names none.
    pub async fn postgres(clock: Clock) -> Option<Self> {
        let server = std::env::var("TEST_PG_URL").ok()?;
        let database = Self::on(&server, &POSTGRES, clock).await;
        let begun = begin(&database.directory, &database.options.clock);
        let made = connect(&database.address()).await;
        made.batch_execute(&begun).await.expect("a copy is a database");
        Some(database)
    }

    /// The same, in which nothing is yet: whoever opens it first makes schema and key.
    pub async fn postgres_not_made(clock: Clock) -> Option<Self> {
        let server = std::env::var("TEST_PG_URL").ok()?;
        Some(Self::on(&server, "template1", clock).await)
    }

    async fn on(server: &str, template: &str, clock: Clock) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::SeqCst);
        let name = format!("{}_{count}", template_name());
        recreate(&connect(server).await, &name, template).await;
        let directory = TempDir::new().expect("a temporary directory can be made");
        let url = DatabaseUrl::Postgres(with_database(server, &name));
        Self::new(url, directory, clock)
    }

    fn new(url: DatabaseUrl, directory: TempDir, clock: Clock) -> Self {
        let key_file = key_file(&directory);
        Self {
            options: OpenOptions { url, key_file, clock },
            directory,
        }
    }

    /// One of each kind that is there.
    pub async fn each(clock: &Clock) -> Vec<Self> {
        let mut all = vec![Self::sqlite(clock.clone())];
        match Self::postgres(clock.clone()).await {
            Some(database) => all.push(database),
            None => eprintln!("TEST_PG_URL is not set: tested on SQLite only (bin/test runs both)"),
        }
        all
    }

    /// Opens it.
    pub async fn open(&self) -> Result<Db, DbError> {
        Db::open(&self.options).await
    }

    /// Its address in the words of `--database`.
    pub fn address(&self) -> String {
        match &self.options.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }
}

/// The SQLite file that all are copies of.
static SQLITE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let path = sqlite_in(&directory);
    make(DatabaseUrl::Sqlite(path.clone()), &directory);
    let is_busy = Connection::open(&path)
        .and_then(|file| file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)));
    assert_eq!(is_busy, Ok(0), "everything is in the file");
    fs::read(path).expect("what was made can be read")
});

/// The name of the PostgreSQL database that all are copies of.
static POSTGRES: LazyLock<String> = LazyLock::new(|| {
    let server = std::env::var("TEST_PG_URL").expect("whoever makes a copy has looked");
    let url = DatabaseUrl::Postgres(with_database(&server, &template_name()));
    run(async move { recreate(&connect(&server).await, &template_name(), "template1").await });
    make(url, &TempDir::new().expect("a temporary directory can be made"));
    template_name()
});

fn template_name() -> String {
    format!("todoke_{}", std::process::id())
}

/// Makes the schema.
fn make(url: DatabaseUrl, directory: &TempDir) {
    let options = OpenOptions {
        url,
        key_file: key_file(directory),
        clock: Clock::System,
    };
    run(async move { Db::open(&options).await.map(drop) }).expect("an empty database can be opened");
}

/// Gives a copy a key of its own, as if the installation had begun at this moment.
fn begin(directory: &TempDir, clock: &Clock) -> String {
    let key = InstallationKey::create(&key_file(directory)).expect("the directory can be written to");
    let wrapped = Vault::new(&key).new_wrapped_key(OrgId::FIRST);
    let (id, wrapped, now) = (key.id(), wrapped.expect("there are random numbers"), clock.now());
    format!(
        "UPDATE orgs SET key_id = '{id}', wrapped_key = '{wrapped}', created_at = {now};
        UPDATE offices SET created_at = {now};"
    )
}

/// Runs it to its end on a thread of its own: a template may be needed first inside of any runtime, or of none.
fn run<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let ended = thread::spawn(|| {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(work)
    });
    ended.join().expect("what it expects holds")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("TEST_PG_URL names a running server");
    tokio::spawn(connection);
    client
}

async fn recreate(server: &Client, name: &str, template: &str) {
    for statement in [
        format!("DROP DATABASE IF EXISTS {name}"),
        format!("CREATE DATABASE {name} TEMPLATE {template}"),
    ] {
        server
            .batch_execute(&statement)
            .await
            .expect("a database can be made");
    }
}

fn sqlite_in(directory: &TempDir) -> PathBuf {
    directory.path().join("todoke.db")
}

fn key_file(directory: &TempDir) -> PathBuf {
    directory.path().join("test.key")
}

/// `postgres://user@host/anything?x` with another database name.
fn with_database(server: &str, name: &str) -> String {
    let (address, query) = server
        .split_once('?')
        .map_or((server, None), |(a, q)| (a, Some(q)));
    let host_at = address.find("://").map_or(0, |at| at + 3);
    let authority_end = address[host_at..]
        .find('/')
        .map_or(address.len(), |at| host_at + at);
    let base = &address[..authority_end];
    query.map_or_else(
        || format!("{base}/{name}"),
        |query| format!("{base}/{name}?{query}"),
    )
}
