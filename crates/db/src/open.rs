use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base::clock::Clock;
use base::id::{OfficeId, OrgId};

use crate::engine::{Engine, Inner};
use crate::key::InstallationKey;
use crate::migrate::{Found, batch, migrate};
use crate::postgres::{LOCK_SPACE, PgEngine, PgWriter};
use crate::sqlite::{SqliteEngine, SqliteWriter};
use crate::tx::{Tx, Writer};
use crate::vault::Vault;
use crate::{Db, DbError, Sql, params};

/// Databases that this process has opened so far.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// Where the database is: `sqlite:PATH` or a `postgres://` address.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of this machine.
    Sqlite(PathBuf),
    /// A PostgreSQL server, as its address.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = DbError;

    fn from_str(text: &str) -> Result<Self, DbError> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => {
                Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).into()))
            }
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.to_owned())),
            _ => Err(DbError::Address(text.to_owned())),
        }
    }
}

/// Shows no password.
impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://…"),
        }
    }
}

impl DatabaseUrl {
    /// Where the key file lies unless the operator says otherwise: beside a SQLite file, or in the
    /// working directory for PostgreSQL.
    pub fn default_key_file(&self) -> PathBuf {
        match self {
            Self::Sqlite(path) => {
                let mut name = path.clone().into_os_string();
                name.push(".key");
                name.into()
            }
            Self::Postgres(_) => "todoke.key".into(),
        }
    }
}

/// How to open a database.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Where it is.
    pub url: DatabaseUrl,
    /// The installation's key; made only together with the database.
    pub key_file: PathBuf,
    /// What time it is.
    pub clock: Clock,
}

const FIRST_ORG: Sql =
    Sql("INSERT INTO orgs (org_id, name, key_id, wrapped_key, created_at) VALUES ($1, $2, $3, $4, $5)");
/// The head office that every organisation has from its beginning.
pub(crate) const FIRST_OFFICE: Sql = Sql(
    "INSERT INTO offices (org_id, office_id, name, kind, created_at) VALUES ($1, $2, $3, 'head_office', $4)",
);
/// Its name until somebody gives it another.
pub(crate) const HEAD_OFFICE: &str = "本庁";
const ORG_KEY: Sql = Sql("SELECT key_id, wrapped_key FROM orgs WHERE org_id = $1");

impl Db {
    /// Opens the database, bringing its schema to this version; makes it, and its key, if there is none.
    pub async fn open(options: &OpenOptions) -> Result<Self, DbError> {
        let mut tx = Tx {
            writer: connect(&options.url).await?,
            statements: 0,
        };
        let begin = begin(&tx);
        batch(&mut tx, begin).await?;
        let vault = match prepare(&mut tx, options).await {
            Ok(vault) => {
                batch(&mut tx, "COMMIT").await?;
                vault
            }
            Err(error) => {
                let _ = batch(&mut tx, "ROLLBACK").await;
                return Err(error);
            }
        };
        let engine = match (tx.writer, &options.url) {
            (Writer::Sqlite(writer), DatabaseUrl::Sqlite(path)) => {
                Engine::Sqlite(SqliteEngine::start(path, writer)?)
            }
            (Writer::Postgres(writer), DatabaseUrl::Postgres(url)) => {
                Engine::Postgres(PgEngine::start(url, writer)?)
            }
            _ => unreachable!("connect gives the writer that the address names"),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                instance: OPENED.fetch_add(1, Ordering::Relaxed),
                engine,
                vault,
                clock: options.clock.clone(),
                statements: Arc::default(),
            }),
        })
    }
}

async fn connect(url: &DatabaseUrl) -> Result<Writer, DbError> {
    Ok(match url {
        DatabaseUrl::Sqlite(path) => Writer::Sqlite(SqliteWriter::open(path)?),
        DatabaseUrl::Postgres(url) => Writer::Postgres(PgWriter::connect(url).await?),
    })
}

fn begin(tx: &Tx) -> &'static str {
    match &tx.writer {
        Writer::Sqlite(_) => "BEGIN IMMEDIATE",
        Writer::Postgres(_) => "BEGIN",
    }
}

/// Everything that must stand before the first use, in one transaction: schema, key, first organisation.
async fn prepare(tx: &mut Tx, options: &OpenOptions) -> Result<Vault, DbError> {
    if let Writer::Postgres(writer) = &mut tx.writer {
        // Several nodes may start on an empty database at once: one of them makes it.
        writer
            .batch(&format!("SELECT pg_advisory_xact_lock({LOCK_SPACE})"))
            .await?;
    }
    let now = options.clock.now();
    match migrate(tx, now).await? {
        Found::New => create(tx, options, now).await,
        Found::Existing => unlock(tx, options).await,
    }
}

async fn create(tx: &mut Tx, options: &OpenOptions, now: i64) -> Result<Vault, DbError> {
    let key = InstallationKey::create(&options.key_file)?;
    let vault = Vault::new(&key);
    let org = OrgId::FIRST;
    let wrapped = vault.new_wrapped_key(org)?;
    tx.execute(FIRST_ORG, params![org, "届け", key.id(), wrapped, now])
        .await?;
    tx.execute(
        FIRST_OFFICE,
        params![org, OfficeId::HEADQUARTERS, HEAD_OFFICE, now],
    )
    .await?;
    Ok(vault)
}

async fn unlock(tx: &mut Tx, options: &OpenOptions) -> Result<Vault, DbError> {
    let key = InstallationKey::read(&options.key_file)?;
    let vault = Vault::new(&key);
    let row = tx.query_opt(ORG_KEY, params![OrgId::FIRST]).await?;
    let row = row.ok_or_else(|| DbError::Statement("the first organisation is missing".to_owned()))?;
    let (key_id, wrapped): (String, String) = (row.get(0)?, row.get(1)?);
    let fits = key_id == key.id() && vault.unwrap_key(OrgId::FIRST, &wrapped).is_ok();
    fits.then_some(vault)
        .ok_or_else(|| DbError::WrongKey(options.key_file.clone()))
}
