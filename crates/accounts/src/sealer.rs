//! The sealer: chains the entries of the audit trail, and writes signed checkpoints into a file outside of the
//! database.
//!
//! Any node seals; the sealing write holds a row, so that they take turns. An entry is written in the commit of its
//! action and sealed within seconds: nobody waits for the chain.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::clock::Millis;
use base::id::OrgId;
use db::{Db, DbError};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::audit::first_number;
use crate::chain::{Break, Broken, Checkpoint, Walk};
use crate::limits::{CHECKPOINT_EVERY, SEAL_LOOK, SEAL_WIDE_LOOK, SEALS_AT_ONCE};
use crate::store::seals as store;

/// How often it looks for new entries.
const EVERY: Duration = Duration::from_secs(5);
/// Links that are read at once while the chain is verified.
const LINKS: i64 = 1_000;

/// What seals, and where its checkpoints go.
pub struct Sealer {
    db: Db,
    checkpoints: PathBuf,
    /// The last wide look and checkpoint; nothing before the first.
    last_wide: Option<Millis>,
    /// Up to which seal this process has signed.
    signed: HashMap<OrgId, i64>,
}

impl Sealer {
    /// `checkpoints` is the file that signed lines are appended to.
    pub fn new(db: Db, checkpoints: PathBuf) -> Self {
        Self {
            db,
            checkpoints,
            last_wide: None,
            signed: HashMap::new(),
        }
    }

    /// Seals every few seconds until told to stop, and once more then.
    pub async fn keep(mut self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.look().await;
            let _ = timeout(EVERY, stop.wait_for(|stop| *stop)).await;
        }
        self.end().await;
    }

    /// Seals what is there, once an hour further back, with a checkpoint.
    pub async fn look(&mut self) {
        let now = self.db.now();
        let wide = self.last_wide.is_none_or(|last| now - last >= CHECKPOINT_EVERY);
        if let Err(error) = self.seal_all(wide).await {
            // Entries wait; the next look finds them.
            tracing::warn!(%error, "the audit trail could not be sealed");
            return;
        }
        if wide {
            self.last_wide = Some(now);
            self.sign_all().await;
        }
    }

    /// Everything sealed and signed, as at the end of the process.
    pub async fn end(&mut self) {
        if let Err(error) = self.seal_all(true).await {
            tracing::error!(%error, "the audit trail could not be sealed at the end");
        }
        self.sign_all().await;
    }

    async fn seal_all(&self, wide: bool) -> Result<(), DbError> {
        let back = if wide { SEAL_WIDE_LOOK } else { SEAL_LOOK };
        for org in store::orgs(&self.db).await? {
            let from = store::head(&self.db, org).await?.map_or(0, |head| {
                // A clock that was wrong for a while must not hide what came after.
                let newest = head.entry.min(first_number(self.db.now()));
                newest - first_number(back)
            });
            while store::any_unsealed(&self.db, org, from).await? {
                let write = self
                    .db
                    .write(move |tx| Box::pin(store::seal(tx, org, from, SEALS_AT_ONCE)));
                write.await?;
            }
        }
        Ok(())
    }

    async fn sign_all(&mut self) {
        let orgs = match store::orgs(&self.db).await {
            Ok(orgs) => orgs,
            Err(error) => {
                tracing::error!(%error, "no checkpoint of the audit trail was written");
                return;
            }
        };
        for org in orgs {
            if let Err(error) = self.sign(org).await {
                let file = self.checkpoints.display();
                tracing::error!(%error, %file, "no checkpoint of the audit trail was written");
            }
        }
    }

    async fn sign(&mut self, org: OrgId) -> Result<(), CheckpointError> {
        let Some(head) = store::head(&self.db, org).await? else {
            return Ok(());
        };
        if self.signed.get(&org) == Some(&head.seq) {
            return Ok(());
        }
        let checkpoint = Checkpoint {
            org,
            seq: head.seq,
            hash: head.hash,
            at: self.db.now(),
        };
        let (line, file) = (checkpoint.line(&self.db), self.checkpoints.clone());
        tokio::task::spawn_blocking(move || append(&file, &line))
            .await
            .map_err(io::Error::other)??;
        self.signed.insert(org, head.seq);
        store::note_checkpoint(&self.db, org, head.seq, checkpoint.at).await?;
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
enum CheckpointError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    File(#[from] io::Error),
}

/// One line, on the disk when this returns.
fn append(file: &Path, line: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_all()
}

/// What verifying the trail of an organisation came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verified {
    /// The last seal that is whole.
    pub reached: i64,
    /// Entries that wait for the sealer.
    pub waiting: i64,
    /// Checkpoints that the chain was held against.
    pub checkpoints: usize,
    /// The first thing that is broken.
    pub broken: Option<Broken>,
}

/// The organisations of this database, each with a trail of its own.
pub async fn organisations(db: &Db) -> Result<Vec<OrgId>, DbError> {
    store::orgs(db).await
}

/// Goes through the whole chain, and holds it against the checkpoints.
pub async fn verify(db: &Db, org: OrgId, checkpoints: &[Checkpoint]) -> Result<Verified, DbError> {
    let mut marks: Vec<&Checkpoint> = checkpoints.iter().filter(|mark| mark.org == org).collect();
    marks.sort_by_key(|mark| mark.seq);
    walk(db, org, Walk::from_the_beginning(org), &marks).await
}

/// Goes through the last links of the chain.
pub async fn verify_last(db: &Db, org: OrgId, count: i64) -> Result<Verified, DbError> {
    let head = store::head(db, org).await?.map_or(0, |head| head.seq);
    let before = (head - count).max(0);
    let walk_from = match store::seal_at(db, org, before).await? {
        Some(seal) => Walk::after(org, seal.seq, seal.hash),
        None => Walk::from_the_beginning(org),
    };
    walk(db, org, walk_from, &[]).await
}

async fn walk(db: &Db, org: OrgId, mut walk: Walk, marks: &[&Checkpoint]) -> Result<Verified, DbError> {
    let mut verified = Verified {
        reached: 0,
        waiting: 0,
        checkpoints: marks.len(),
        broken: None,
    };
    let mut marks = marks.iter().peekable();
    let mut newest = 0;
    while verified.broken.is_none() {
        let links = store::links(db, org, walk.reached().0, LINKS).await?;
        if links.is_empty() {
            break;
        }
        verified.broken = walk.along(&links).err();
        let reached = walk.reached().0;
        while let Some(mark) = marks.next_if(|mark| mark.seq <= reached) {
            let seal = links.iter().find(|link| link.seq == mark.seq);
            if let Some(seal) = seal.filter(|seal| seal.hash != mark.hash) {
                let rewritten = Broken {
                    seq: mark.seq,
                    entry_id: Some(seal.entry_id),
                    what: Break::Rewritten,
                };
                // What comes first in the chain is told.
                let first = verified.broken.take().filter(|broken| broken.seq < mark.seq);
                verified.broken = Some(first.unwrap_or(rewritten));
            }
        }
        newest = links.iter().map(|link| link.entry_id).fold(newest, i64::max);
    }
    verified.reached = walk.reached().0;
    let (waiting, first) = store::waiting(db, org, 0).await?;
    verified.waiting = waiting;
    if verified.broken.is_none() && marks.peek().is_some() {
        verified.broken = Some(Broken {
            seq: verified.reached,
            entry_id: None,
            what: Break::CutOff,
        });
    }
    // The sealer looks back a day: what is older than that beside its neighbours came in another way.
    let old = first.filter(|first| *first < newest - first_number(SEAL_WIDE_LOOK));
    if let (None, Some(entry)) = (&verified.broken, old) {
        verified.broken = Some(Broken {
            seq: 0,
            entry_id: Some(entry),
            what: Break::Inserted,
        });
    }
    Ok(verified)
}

/// A line in a file of checkpoints that is none, or whose signature does not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unsigned {
    /// Which line, from 1.
    pub number: usize,
    /// What it says.
    pub text: String,
}

/// Every checkpoint of a file, and the lines that are none.
pub fn read_checkpoints(db: &Db, text: &str) -> (Vec<Checkpoint>, Vec<Unsigned>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        match Checkpoint::read(db, line) {
            Some(checkpoint) => good.push(checkpoint),
            None if line.trim().is_empty() => {}
            None => bad.push(Unsigned {
                number,
                text: line.to_owned(),
            }),
        }
    }
    (good, bad)
}
