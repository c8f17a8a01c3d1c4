//! The rows of a start, chunk by chunk: the next one is made and hashed on a thread of its own while the one before is
//! stored. The writer hashes and measures nothing, and a long list costs no more memory than two chunks.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use base::segment::{self, Segmentation};
use base::text::parts_worst;
use db::{DbError, OrgVault};
use lists::contacts::PersonKeys;

use super::{NewBroadcast, Outgoing, OutgoingRows};
use crate::recognition::Fingerprint;
use crate::stage::BroadcastStage;

/// Rows that are stored by one statement.
const CHUNK: usize = 1_000;

/// Some rows, and what is hashed of each.
pub(super) struct Chunk {
    pub(super) rows: Vec<Outgoing>,
    pub(super) fingerprints: Vec<Fingerprint>,
    pub(super) lengths: Vec<Length>,
    /// Empty for a rehearsal or a try on one's own phone, which are no contact.
    pub(super) keys: Vec<PersonKeys>,
}

/// How long a row's text is.
pub(super) struct Length {
    /// Parts that will be handed over.
    pub(super) parts: usize,
    /// What the dearest carrier would count.
    pub(super) dearest: u16,
}

/// All chunks, in order.
pub(super) struct Chunks {
    ready: Receiver<Chunk>,
    maker: Option<JoinHandle<()>>,
}

impl Chunks {
    pub(super) fn of(new: &NewBroadcast, vault: &Arc<OrgVault>) -> Result<Self, DbError> {
        let (rows, vault) = (Arc::clone(&new.rows), Arc::clone(vault));
        let way = (new.stage, new.simulated, new.segmentation);
        let (sender, ready) = sync_channel(1);
        let maker = Builder::new()
            .name("start-rows".to_owned())
            .spawn(move || make(rows.as_ref(), &vault, way, &sender))
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        Ok(Self {
            ready,
            maker: Some(maker),
        })
    }

    /// The next chunk; nothing when all rows were given.
    pub(super) fn next(&mut self) -> Option<Chunk> {
        if let Ok(chunk) = self.ready.recv() {
            return Some(chunk);
        }
        // A panic there must not look like the end of the list.
        match self.maker.take().map(JoinHandle::join) {
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            Some(Ok(())) | None => None,
        }
    }
}

/// Ends early when nobody waits for more.
fn make(
    rows: &dyn OutgoingRows,
    vault: &OrgVault,
    (stage, simulated, segmentation): (BroadcastStage, bool, Segmentation),
    to: &SyncSender<Chunk>,
) {
    let is_contact = !simulated && stage.is_contact();
    let mut rows = rows.iter();
    loop {
        let rows: Vec<Outgoing> = rows.by_ref().take(CHUNK).collect();
        let fingerprint = |row: &Outgoing| Fingerprint::of_stage(vault, stage, simulated, row.to, &row.text);
        let length = |row: &Outgoing| Length {
            parts: segment::split(&row.text, segmentation).len(),
            dearest: parts_worst(&row.text).most(),
        };
        let recorded: &[Outgoing] = if is_contact { &rows } else { &[] };
        let chunk = Chunk {
            fingerprints: rows.as_slice().iter().map(fingerprint).collect(),
            lengths: rows.as_slice().iter().map(length).collect(),
            keys: recorded.iter().map(|row| row.keys(vault)).collect(),
            rows,
        };
        if chunk.rows.is_empty() || to.send(chunk).is_err() {
            return;
        }
    }
}
