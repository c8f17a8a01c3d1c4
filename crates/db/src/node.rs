//! Who may hand messages over: a lock that dies with its process.
//!
//! * SQLite: an exclusive lock on a file beside the database. One process owns the database's outbox; any
//!   other follows.
//! * PostgreSQL: each node holds a session advisory lock on its writing connection. Many nodes work at once;
//!   whoever gets a node's lock knows that it is gone.
//!
//! A node that hangs but lives is covered by a lease in the `nodes` table: it renews the lease while it
//! works, and stops by itself (self-fencing) well before others may take its work over.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::clock::{Millis, SECOND};
use base::id::NodeId;

use crate::engine::Engine;
use crate::{Db, DbError, Tx, params};

/// Others take a silent node's work over after this long.
pub const LEASE: Millis = 30 * SECOND;
/// A node that could not renew its lease hands nothing more over after this long.
pub const FENCE: Millis = 20 * SECOND;

crate::statements! {
    REGISTER = "INSERT INTO nodes (node_id, started_at, lease_until) VALUES ($1, $2, $3)";
    RENEW = "UPDATE nodes SET lease_until = $2 WHERE node_id = $1";
    OTHERS = "SELECT node_id, lease_until FROM nodes WHERE node_id <> $1";
    FORGET = "DELETE FROM nodes WHERE node_id = $1";
}

/// This process as one that may hand messages over.
#[derive(Clone, Debug)]
pub struct Node {
    id: NodeId,
    session: u64,
    // Held for as long as any clone lives; the kernel lets go of it when the process dies.
    _lock: Option<Arc<File>>,
}

impl Node {
    /// Its number, new with each start.
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// Inside a write: fails if this process may no longer work as this node; otherwise renews its lease.
    pub async fn renew(&self, tx: &mut Tx, now: Millis) -> Result<(), DbError> {
        self.require(tx)?;
        match tx.execute(RENEW, params![self.id, now + LEASE]).await? {
            1 => Ok(()),
            _ => Err(DbError::OwnershipLost),
        }
    }

    /// Inside a write: fails if this process may no longer work as this node.
    pub fn require(&self, tx: &Tx) -> Result<(), DbError> {
        tx.require_session(self.session)
    }

    /// Inside a write: the nodes that are certainly gone, or silent for longer than their lease, now
    /// struck off. The caller settles what they had under way in the same transaction.
    pub async fn take_over(&self, tx: &mut Tx, now: Millis) -> Result<Vec<NodeId>, DbError> {
        self.require(tx)?;
        let mut gone = Vec::new();
        for row in tx.query(OTHERS, params![self.id]).await? {
            let (node, lease_until): (NodeId, Millis) = (row.get(0)?, row.get(1)?);
            if lease_until < now || tx.node_is_gone(node.get()).await? {
                tx.execute(FORGET, params![node]).await?;
                gone.push(node);
            }
        }
        Ok(gone)
    }
}

impl Db {
    /// Becomes a node, if that is possible now. `None`: another process owns this SQLite file.
    pub async fn join(&self) -> Result<Option<Node>, DbError> {
        let lock = match &self.inner.engine {
            Engine::Sqlite(engine) => match try_lock(&lock_path(&engine.path))? {
                Some(file) => Some(Arc::new(file)),
                None => return Ok(None),
            },
            Engine::Postgres(_) => None,
        };
        let now = self.now();
        let (id, session) = self
            .write(move |tx| {
                Box::pin(async move {
                    let id = tx.take_numbers("nodes", 1).await?;
                    let session = tx.lock_node(id).await?;
                    tx.execute(REGISTER, params![id, now, now + LEASE]).await?;
                    Ok((NodeId::new(id), session))
                })
            })
            .await?;
        Ok(Some(Node {
            id,
            session,
            _lock: lock,
        }))
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn try_lock(path: &Path) -> Result<Option<File>, DbError> {
    let unavailable = |error: std::io::Error| DbError::Unavailable(format!("{}: {error}", path.display()));
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}
