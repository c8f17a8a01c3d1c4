#![forbid(unsafe_code)]
//! The database: SQLite inside the process, or PostgreSQL, behind one small concrete [`Db`].
//!
//! * One SQL text for both ([`dialect`]): `$1` parameters, bulk rows as one JSON parameter, a handful of
//!   words in braces where the two differ. No other crate names a database driver.
//! * All writes of a process go through one place that commits everything waiting as **one** transaction,
//!   a savepoint each ([`Db::write`]): a durable one-row write costs its share of one fsync.
//! * Personal columns are sealed in the application ([`vault`]); the key lives in a file outside the
//!   database and is made only together with it ([`key`]).
//! * Who may hand messages over is owned by a lock that dies with its process ([`node`]).
//!
//! What it is not: an ORM, a repository layer, or a place for anybody's statements. Every slice keeps its
//! own in its `store.rs`.

mod companion;
pub mod dialect;
mod engine;
mod error;
pub mod key;
mod migrate;
pub mod node;
mod open;
mod organisation;
mod postgres;
mod postgres_tls;
mod reference;
mod sqlite;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;
pub mod vault;

pub use companion::Companion;
pub use dialect::Sql;
pub use engine::Db;
pub use error::DbError;
pub use open::{DatabaseUrl, OpenOptions};
pub use reference::Reference;
pub use tx::{Tx, Work};
pub use value::{FromValue, Row, Value};
pub use vault::{Field, OrgVault};
