//! Databases for tests: real ones, empty, thrown away afterwards.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use base::clock::Clock;
use tempfile::TempDir;
use tokio_postgres::NoTls;

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
        let directory = TempDir::new().expect("a temporary directory can be made");
        let url = DatabaseUrl::Sqlite(directory.path().join("todoke.db"));
        Self {
            options: OpenOptions {
                url,
                key_file: key_file(&directory),
                clock,
            },
            directory,
        }
    }

    /// A new database on the server that `TEST_PG_URL` names; `None` if it names none.
    pub async fn postgres(clock: Clock) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("TEST_PG_URL").ok()?;
        let name = format!(
            "todoke_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::SeqCst)
        );
        let (client, connection) = tokio_postgres::connect(&server, NoTls)
            .await
            .expect("TEST_PG_URL names a running server");
        tokio::spawn(connection);
        client
            .batch_execute(&format!("DROP DATABASE IF EXISTS {name}"))
            .await
            .expect("an old database can be dropped");
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .expect("a database can be made");
        let directory = TempDir::new().expect("a temporary directory can be made");
        let url = DatabaseUrl::Postgres(with_database(&server, &name));
        Some(Self {
            options: OpenOptions {
                url,
                key_file: key_file(&directory),
                clock,
            },
            directory,
        })
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
