//! The simulated carrier's own log: one JSON line for each `submit_sm` that it decided about. From it alone can be
//! recounted what became of a day.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, LineWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::UNIX_EPOCH;

use base::clock::Millis;
use serde::{Deserialize, Serialize};
use smpp::smsc::{JournalEntry, Witness};
use smpp::text::Reference;

/// One line of the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct LogLine {
    /// When it was decided, UTC milliseconds by the carrier's clock.
    pub(crate) at: Millis,
    /// The recipient, as it was submitted.
    pub(crate) to: String,
    /// The sender, as it was submitted.
    pub(crate) from: String,
    /// Which part of how many, and what the parts of one message share.
    pub(crate) part: u8,
    pub(crate) parts: u8,
    pub(crate) reference: u16,
    /// The text of the part.
    pub(crate) text: String,
    /// The carrier's number; nothing if it was refused.
    pub(crate) message_id: Option<String>,
    /// What was answered: 0 for taken.
    pub(crate) command_status: u32,
    /// What became of it, in the word of receipts; nothing if nothing is heard of it again.
    pub(crate) outcome: Option<String>,
}

impl LogLine {
    fn of(entry: &JournalEntry) -> Self {
        let since = entry.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (part, parts) = entry.place.map_or((1, 1), |place| (place.part, place.total));
        let reference = entry.place.map_or(0, |place| match place.reference {
            Reference::Eight(number) => u16::from(number),
            Reference::Sixteen(number) => number,
        });
        Self {
            at: Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX),
            to: entry.destination_addr.clone(),
            from: entry.source_addr.clone(),
            part,
            parts,
            reference,
            text: entry.text(),
            message_id: entry.message_id.clone(),
            command_status: entry.command_status.0,
            outcome: entry.outcome.map(|outcome| outcome.word().to_owned()),
        }
    }
}

/// Writes everything that a simulated carrier decides to a file that only its owner reads. Each line is written before
/// the answer leaves.
pub(crate) fn witness(path: &Path) -> io::Result<Witness> {
    let mut options = OpenOptions::new();
    let file: File = options.create(true).append(true).mode(0o600).open(path)?;
    let lines = Mutex::new(LineWriter::new(file));
    Ok(Witness::new(move |entry| {
        let Ok(mut lines) = lines.lock() else { return };
        let written = serde_json::to_string(&LogLine::of(entry)).map_err(io::Error::from);
        if let Err(error) = written.and_then(|line| writeln!(lines, "{line}")) {
            tracing::error!(%error, "the simulated carrier cannot write its log");
        }
    }))
}

/// Reads a log again.
pub(crate) fn read(path: &Path) -> io::Result<Vec<LogLine>> {
    let lines = BufReader::new(File::open(path)?).lines();
    lines
        .map(|line| serde_json::from_str(&line?).map_err(io::Error::from))
        .collect()
}
