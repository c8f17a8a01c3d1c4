//! One bulk send (一斉送信, shown as 配信): made whole or not at all, held, handed over, stopped, counted.
//!
//! Whether a broadcast is held, paused, sending or finished is derived from its times and its messages'
//! states; nothing has to run for a hold window to end.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base::clock::Millis;
use base::id::{BroadcastId, ListId, MessageId, OfficeId, OrgId, StaffId, TemplateId};
use base::phone::PhoneNumber;
use base::segment::{self, Segmentation};
use db::{Db, DbError, Field, OrgVault, Tx};

use crate::message::MessageState;
use crate::recognition::{Earlier, Fingerprint, ResendScope, is_new};
use crate::store::{self, NewMessage};

pub(crate) const PHONE: Field = Field("messages.phone");
pub(crate) const TEXT: Field = Field("messages.text");
pub(crate) const FILE_NAME: Field = Field("broadcasts.file_name");
pub(crate) const RESEND_REASON: Field = Field("broadcasts.resend_reason");

/// Rows that are inserted by one statement; bounds the memory of a large list.
const CHUNK: usize = 2_000;

/// Which messages go first. Smaller is sooner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lane {
    /// Sign-in codes and test results.
    Urgent,
    /// First contact.
    FirstTouch,
    /// Surveys and the like.
    Later,
}

impl Lane {
    /// The number in the database.
    pub const fn code(self) -> i64 {
        match self {
            Self::Urgent => 0,
            Self::FirstTouch => 1,
            Self::Later => 2,
        }
    }
}

/// Where a broadcast was started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// `todoke send`.
    CommandLine,
    /// A person in the browser.
    Browser,
}

impl Origin {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CommandLine => "command_line",
            Self::Browser => "browser",
        }
    }

    /// The origin that the database's word names.
    pub(crate) fn from_word(word: &str) -> Self {
        if word == Self::CommandLine.as_str() {
            Self::CommandLine
        } else {
            Self::Browser
        }
    }
}

/// A checked row, ready to become a message. Its text is what will be sent, byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Row number in the sheet.
    pub line: u32,
    /// Whom to.
    pub to: PhoneNumber,
    /// The merged text.
    pub text: String,
}

/// Prints no personal data.
impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Outgoing {{ line: {}, to: {:?}, .. }}", self.line, self.to)
    }
}

/// The rows of a broadcast. They may be asked for more than once, and are the same each time; a long list is
/// made row by row and never held whole.
pub trait OutgoingRows: Send + Sync {
    /// Every row, in the order of the list.
    fn iter(&self) -> Box<dyn Iterator<Item = Outgoing> + Send + '_>;
}

impl OutgoingRows for Vec<Outgoing> {
    fn iter(&self) -> Box<dyn Iterator<Item = Outgoing> + Send + '_> {
        Box::new(self.as_slice().iter().cloned())
    }
}

/// Prints no rows.
impl std::fmt::Debug for dyn OutgoingRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OutgoingRows")
    }
}

/// Send once more what was done before, with the reason that is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Resend {
    /// Which of the recognised rows.
    pub scope: ResendScope,
    /// Why, in the operator's words.
    pub reason: String,
}

/// All that is needed to start a broadcast.
#[derive(Clone, Debug)]
pub struct NewBroadcast {
    /// Whose.
    pub org: OrgId,
    /// Which office sends.
    pub office: OfficeId,
    /// The list in the browser, if it came from there.
    pub list: Option<ListId>,
    /// The template and its version, if a kept one was used.
    pub template: Option<(TemplateId, i64)>,
    /// The file's name, as the operator knows it.
    pub file_name: String,
    /// Command line or browser.
    pub origin: Origin,
    /// Goes to a simulated carrier and never counts as contact.
    pub simulated: bool,
    /// How urgent.
    pub lane: Lane,
    /// The number that phones show as sender.
    pub sender: String,
    /// How long texts are joined.
    pub segmentation: Segmentation,
    /// How long it can be withdrawn before the first message leaves, in milliseconds.
    pub hold: Millis,
    /// Who pressed the button.
    pub created_by: Option<StaffId>,
    /// Override of recognition.
    pub resend: Option<Resend>,
    /// The rows to send.
    pub rows: Arc<dyn OutgoingRows>,
}

/// What became of one row when its broadcast was started.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RowFate {
    /// Row number in the sheet.
    pub line: u32,
    /// The message that does what the row asks for: a new one, or an earlier one.
    pub message: MessageId,
    /// The broadcast that the message belongs to.
    pub broadcast: BroadcastId,
    /// Whether this start made it.
    pub is_new: bool,
}

/// A started broadcast.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Started {
    /// The new broadcast, or, if every row was recognised, the one of the first row.
    pub broadcast: BroadcastId,
    /// Whether a new broadcast was made.
    pub is_new: bool,
    /// Every row that was given, in its order.
    pub fates: Vec<RowFate>,
}

/// A row was given that has no letters, or none was given at all.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Nothing to send.
    #[error("送信できる行がありません。")]
    NoRows,
    /// The database could not take it; nothing was stored.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Stores the broadcast and all its messages in one commit, or nothing.
pub async fn start(db: &Db, new: NewBroadcast) -> Result<Started, StartError> {
    if new.rows.iter().next().is_none() {
        return Err(StartError::NoRows);
    }
    let vault = db.vault(new.org).await?;
    let (new, now) = (Arc::new(new), db.now());
    let started = db
        .write(move |tx| {
            let (new, vault) = (Arc::clone(&new), Arc::clone(&vault));
            Box::pin(async move { Start::new(tx, &new, &vault, now).run().await })
        })
        .await?;
    base::killpoint::reached("broadcast.stored");
    Ok(started)
}

/// One start inside its transaction. Rows are taken chunk by chunk, so that a long list costs no more memory
/// than a short one: what earlier chunks have stored is recognised like anything else that was done before.
struct Start<'t> {
    tx: &'t mut Tx,
    new: &'t NewBroadcast,
    vault: &'t OrgVault,
    now: Millis,
    made: Option<Made>,
    fates: Vec<RowFate>,
}

/// The broadcast as far as it is stored.
struct Made {
    broadcast: BroadcastId,
    last: i64,
}

impl<'t> Start<'t> {
    fn new(tx: &'t mut Tx, new: &'t NewBroadcast, vault: &'t OrgVault, now: Millis) -> Self {
        Self {
            tx,
            new,
            vault,
            now,
            made: None,
            fates: Vec::new(),
        }
    }

    async fn run(mut self) -> Result<Started, DbError> {
        // Starts on one database take turns from here on: each recognises what the one before it has stored.
        self.tx.take_numbers("broadcasts", 0).await?;
        let mut rows = self.new.rows.iter();
        loop {
            let chunk: Vec<Outgoing> = rows.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            self.take(&chunk).await?;
        }
        let is_new = self.made.is_some();
        if let Some(made) = &self.made {
            store::end_broadcast(self.tx, self.new.org, made.broadcast, made.last).await?;
        }
        let first = self.fates.first();
        let recognised = first.map(|fate| fate.broadcast);
        let broadcast = self.made.map(|made| made.broadcast).or(recognised);
        Ok(Started {
            broadcast: broadcast.ok_or_else(|| DbError::Statement("a start without rows".to_owned()))?,
            is_new,
            fates: self.fates,
        })
    }

    async fn take(&mut self, chunk: &[Outgoing]) -> Result<(), DbError> {
        let (new, vault) = (self.new, self.vault);
        let fingerprint = |row: &Outgoing| Fingerprint::of(vault, new.simulated, row.to, &row.text);
        let fingerprints: Vec<Fingerprint> = chunk.iter().map(fingerprint).collect();
        let mut known = store::recognise(self.tx, new.org, &fingerprints).await?;
        let fresh = fresh(&fingerprints, &known, self.now, new.resend.as_ref());
        self.insert(chunk, &fingerprints, &fresh, &mut known).await?;
        let made = self.made.as_ref().map(|made| made.broadcast);
        let fate = |(row, fingerprint): (&Outgoing, &Fingerprint)| {
            let (message, broadcast, _) = known[fingerprint];
            RowFate {
                line: row.line,
                message,
                broadcast,
                is_new: made == Some(broadcast),
            }
        };
        self.fates.extend(chunk.iter().zip(&fingerprints).map(fate));
        Ok(())
    }

    async fn insert(
        &mut self,
        chunk: &[Outgoing],
        fingerprints: &[Fingerprint],
        fresh: &[Fresh],
        known: &mut Known,
    ) -> Result<(), DbError> {
        if fresh.is_empty() {
            return Ok(());
        }
        let new = self.new;
        let count = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
        let broadcast = self.broadcast().await?;
        // Nobody else takes numbers before this transaction ends: those of all chunks are consecutive.
        let first = self.tx.take_numbers("messages", count).await?;
        if self.made.is_none() {
            let messages = (first, first + count - 1);
            store::insert_broadcast(self.tx, new, broadcast, messages, self.vault, self.now).await?;
        }
        self.made = Some(Made {
            broadcast,
            last: first + count - 1,
        });
        let messages: Vec<NewMessage<'_>> = (first..)
            .zip(fresh)
            .map(|(number, one)| new_message(number, &chunk[one.row], &fingerprints[one.row], one, new))
            .collect();
        for message in &messages {
            let made = Earlier {
                generation: message.generation,
                state: MessageState::Queued,
                created_at: self.now,
            };
            known.insert(message.fingerprint.clone(), (message.message, broadcast, made));
        }
        store::insert_messages(self.tx, new.org, broadcast, &messages, self.vault, self.now).await
    }

    async fn broadcast(&mut self) -> Result<BroadcastId, DbError> {
        match &self.made {
            Some(made) => Ok(made.broadcast),
            None => Ok(BroadcastId::new(self.tx.take_numbers("broadcasts", 1).await?)),
        }
    }
}

/// A row of a chunk that becomes a message.
struct Fresh {
    /// Its place in the chunk.
    row: usize,
    generation: i64,
}

fn fresh(fingerprints: &[Fingerprint], known: &Known, now: Millis, resend: Option<&Resend>) -> Vec<Fresh> {
    let scope = resend.map(|resend| resend.scope);
    // A row that repeats an earlier row of this file is the same message.
    let mut planned: HashSet<&Fingerprint> = HashSet::new();
    let mut fresh = Vec::new();
    for (row, fingerprint) in fingerprints.iter().enumerate() {
        let generation = match known.get(fingerprint) {
            Some((_, _, earlier)) if !is_new(*earlier, now, scope) => continue,
            Some((_, _, earlier)) => earlier.generation + 1,
            None => 0,
        };
        if planned.insert(fingerprint) {
            fresh.push(Fresh { row, generation });
        }
    }
    fresh
}

fn new_message<'a>(
    number: i64,
    row: &'a Outgoing,
    fingerprint: &'a Fingerprint,
    fresh: &Fresh,
    new: &NewBroadcast,
) -> NewMessage<'a> {
    NewMessage {
        message: MessageId::new(number),
        line: row.line,
        phone: row.to,
        text: &row.text,
        fingerprint,
        generation: fresh.generation,
        parts: segment::split(&row.text, new.segmentation).len(),
    }
}

/// What was recognised, by fingerprint: message, its broadcast, where it stands.
pub(crate) type Known = HashMap<Fingerprint, (MessageId, BroadcastId, Earlier)>;

/// How many messages of a broadcast are in each state.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts([u32; MessageState::ALL.len()]);

impl Counts {
    /// Those in `state`.
    pub fn of(&self, state: MessageState) -> u32 {
        self.0[Self::index(state)]
    }

    /// Puts `count` more into `state`.
    pub fn add(&mut self, state: MessageState, count: u32) {
        self.0[Self::index(state)] += count;
    }

    /// All messages.
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    /// Those for which `rule` holds.
    pub fn count(&self, rule: impl Fn(MessageState) -> bool) -> u32 {
        MessageState::ALL
            .into_iter()
            .filter(|state| rule(*state))
            .map(|state| self.of(state))
            .sum()
    }

    /// States that have any, in the order of a message's life.
    pub fn present(&self) -> impl Iterator<Item = (MessageState, u32)> + '_ {
        MessageState::ALL
            .into_iter()
            .map(|state| (state, self.of(state)))
            .filter(|(_, count)| *count > 0)
    }

    fn index(state: MessageState) -> usize {
        MessageState::ALL
            .iter()
            .position(|one| *one == state)
            .unwrap_or(0)
    }
}

/// Where a broadcast stands as a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BroadcastState {
    /// In its hold window: can still be withdrawn whole.
    Held {
        /// When the first message leaves, UTC milliseconds.
        until: Millis,
    },
    /// Stopped by a person; what is queued waits.
    Paused,
    /// Messages are being handed over.
    Sending,
    /// All are handed over; receipts are awaited.
    AwaitingReceipts,
    /// Nothing more will happen by itself.
    Finished,
    /// The rest was discarded by a person.
    Discarded,
}

/// One broadcast as pages and reports show it.
#[derive(Clone, Debug)]
pub struct Broadcast {
    /// Its number.
    pub id: BroadcastId,
    /// Which office sends.
    pub office: OfficeId,
    /// The list in the browser, if it came from there.
    pub list: Option<ListId>,
    /// Template and version.
    pub template: Option<(TemplateId, i64)>,
    /// The file's name.
    pub file_name: String,
    /// Goes to a simulated carrier.
    pub simulated: bool,
    /// What phones show as sender.
    pub sender: String,
    /// First and last message.
    pub messages: (MessageId, MessageId),
    /// Who started it.
    pub created_by: Option<StaffId>,
    /// When, UTC milliseconds.
    pub created_at: Millis,
    /// End of the hold window.
    pub hold_until: Millis,
    /// Since when it is stopped.
    pub paused_at: Option<Millis>,
    /// Since when the rest is discarded.
    pub discarded_at: Option<Millis>,
    /// What was sent again, and why.
    pub resend: Option<(String, String)>,
    /// Where it was started.
    pub origin: Origin,
}

impl Broadcast {
    /// Where it stands, from its own times and its messages' states.
    pub fn state(&self, counts: &Counts, now: Millis) -> BroadcastState {
        let waiting = counts.count(MessageState::is_waiting);
        if self.discarded_at.is_some() && waiting == 0 {
            BroadcastState::Discarded
        } else if waiting > 0 && self.paused_at.is_some() {
            BroadcastState::Paused
        } else if waiting > 0 && now < self.hold_until {
            BroadcastState::Held {
                until: self.hold_until,
            }
        } else if waiting > 0 {
            BroadcastState::Sending
        } else if counts.of(MessageState::Accepted) > 0 {
            BroadcastState::AwaitingReceipts
        } else {
            BroadcastState::Finished
        }
    }

    /// A queued message of a broadcast in its hold window is held.
    pub fn shown(&self, stored: MessageState, now: Millis) -> MessageState {
        if stored == MessageState::Queued && now < self.hold_until {
            MessageState::Held
        } else {
            stored
        }
    }
}
