//! What a carrier worker may do with messages: exchange answers for new work, record receipts, settle what
//! a lost connection leaves behind.
//!
//! **Claim → commit → submit → record.** [`Outbox::exchange`] records what the carrier answered and claims as
//! many parts as there is room for, in **one** commit. A part is Submitting, durably, before its first byte
//! leaves; a slot of the window is free again only in the commit that records its answer. So at no instant
//! are more parts Submitting than the windows of all binds, and that is all that a crash can leave unknown.
//!
//! Ownership dies with the process (`db::node`); whoever finds a node gone turns its Submitting parts into
//! Unconfirmed ([`Outbox::recover`]). Nothing here resends one.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base::clock::{HOUR, MINUTE, Millis, SECOND};
use base::id::{AccountId, MessageId, OfficeId, OrgId};
use base::killpoint;
use base::phone::PhoneNumber;
use base::segment::{self, Segmentation};
use db::node::{FENCE, Node};
use db::{Db, DbError, Tx};

use crate::broadcast::TEXT;
use crate::message::{Event, MessageState, Outcome};
use crate::store::outbox as store;
use crate::store::outbox::{Answered, Open};

/// A carrier keeps trying for three days at most; an hour later its silence is final.
const RECEIPT_OVERDUE: Millis = 73 * HOUR;
/// How far a receipt's submit date, in whole minutes, may be from our own time of submission.
const SUBMIT_DATE_TOLERANCE: Millis = 2 * MINUTE;
/// The lease is renewed by the first commit after this long.
const RENEW_AFTER: Millis = 5 * SECOND;

/// Why the outbox could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// This process is not the owner any more: others may have taken its work over; nothing may be sent.
    #[error("この処理はもう送信の担当ではありません。")]
    OwnershipLost,
    /// The database could not do it now; it may be tried again.
    #[error(transparent)]
    Database(DbError),
}

impl From<DbError> for OutboxError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::OwnershipLost => Self::OwnershipLost,
            other => Self::Database(other),
        }
    }
}

/// One part of one message: what is submitted and answered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PartId {
    /// Whose.
    pub org: OrgId,
    /// Which message.
    pub message: MessageId,
    /// Which part, from 1.
    pub part_no: u8,
}

/// A part to hand over now.
#[derive(Clone)]
pub struct Submission {
    /// Which.
    pub part: PartId,
    /// Whom to.
    pub to: PhoneNumber,
    /// What phones show as sender.
    pub sender: String,
    /// This part's text.
    pub text: String,
    /// Of how many.
    pub part_count: u8,
    /// How the parts are joined.
    pub segmentation: Segmentation,
}

/// Prints no personal data.
impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Submission {{ part: {:?}, to: {:?}, .. }}", self.part, self.to)
    }
}

/// What the carrier said to a submission, or that it said nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It has it, and calls it so.
    Taken {
        /// The carrier's id.
        carrier_message_id: String,
    },
    /// Not now; may be tried again from `due_at` on.
    RefusedForNow {
        /// The carrier's code.
        code: String,
        /// UTC milliseconds.
        due_at: Millis,
    },
    /// Not ever.
    RefusedForGood {
        /// The carrier's code.
        code: String,
    },
    /// Certainly not a byte of it left.
    NeverWritten,
    /// The connection ended, or patience did, without an answer.
    NoAnswer,
}

/// A delivery receipt, read.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The carrier's id of the part.
    pub carrier_message_id: String,
    /// What it says.
    pub outcome: Outcome,
    /// The carrier's code.
    pub code: Option<String>,
    /// The carrier's time of the end, as it wrote it.
    pub done_at: Option<String>,
    /// When the carrier took it, UTC milliseconds, whole minutes or seconds.
    pub submitted_at: Option<Millis>,
    /// Whose phone it was.
    pub to: Option<PhoneNumber>,
}

/// Prints no personal data.
impl std::fmt::Debug for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Receipt {{ {:?}, {:?}, {:?} }}",
            self.carrier_message_id, self.outcome, self.code
        )
    }
}

/// What may be submitted, and until when: afterwards others may already have taken it over.
#[derive(Debug, Default)]
pub struct Claimed {
    /// The parts, in order.
    pub submissions: Vec<Submission>,
    /// Not a byte may leave after this instant.
    pub submit_until: Option<Instant>,
}

/// The outbox of this process. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    shared: Arc<Shared>,
}

struct Shared {
    db: Db,
    node: Node,
    simulated: bool,
    renewed_at: AtomicI64,
    turn: AtomicUsize,
    /// Whether a receipt may be waiting for the answer that names its message.
    strays: AtomicBool,
}

impl Outbox {
    /// The outbox of `node`: real broadcasts, or simulated ones, never both.
    pub fn new(db: Db, node: Node, simulated: bool) -> Self {
        let renewed_at = AtomicI64::new(db.now());
        let (turn, strays) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self {
            shared: Arc::new(Shared {
                db,
                node,
                simulated,
                renewed_at,
                turn,
                strays,
            }),
        }
    }

    /// The number under which this process works.
    pub fn node(&self) -> base::id::NodeId {
        self.shared.node.id()
    }

    /// The present, as the database's clock has it.
    pub fn now(&self) -> Millis {
        self.shared.db.now()
    }

    /// The number of a carrier account, by its name `system_id@host:port`.
    pub async fn account(&self, name: &str) -> Result<AccountId, OutboxError> {
        let name = name.to_owned();
        self.shared
            .db
            .write(move |tx| {
                let name = name.clone();
                Box::pin(async move { store::account(tx, &name).await })
            })
            .await
            .map_err(Into::into)
    }

    /// Records answers and claims up to `room` parts, in one commit. Takes its place in the order of writes
    /// when it is called.
    pub fn exchange(
        &self,
        account: AccountId,
        answers: Vec<(PartId, Answer)>,
        room: usize,
    ) -> impl Future<Output = Result<Claimed, OutboxError>> + Send + use<> {
        let (now, started) = (self.now(), Instant::now());
        let (shared, answers) = (Arc::clone(&self.shared), Arc::new(answers));
        let db = self.shared.db.clone();
        let written = db.write(move |tx| {
            let (shared, answers) = (Arc::clone(&shared), Arc::clone(&answers));
            Box::pin(async move {
                shared.stay_owner(tx, now).await?;
                shared.record(tx, account, &answers, now).await?;
                shared.claim(tx, account, room, now).await
            })
        });
        async move {
            let taken = written.await?;
            killpoint::reached("exchange.committed");
            let mut submissions = Vec::new();
            for batch in taken {
                batch.open(&db, &mut submissions).await?;
            }
            let fence = Duration::from_millis(u64::try_from(FENCE).unwrap_or_default());
            Ok(Claimed {
                submissions,
                submit_until: Some(started + fence),
            })
        }
    }

    /// Records answers alone.
    pub async fn record(
        &self,
        account: AccountId,
        answers: Vec<(PartId, Answer)>,
    ) -> Result<(), OutboxError> {
        self.exchange(account, answers, 0).await.map(|_| ())
    }

    /// Keeps receipts, in order, and lifts the states that they settle. Ready when it is durable: only then
    /// may the carrier be told that they arrived. Takes its place in the order of writes when it is called.
    pub fn receipts(
        &self,
        account: AccountId,
        receipts: Vec<Receipt>,
    ) -> impl Future<Output = Result<(), OutboxError>> + Send + use<> {
        let (now, outbox) = (self.now(), self.clone());
        let (shared, receipts) = (Arc::clone(&self.shared), Arc::new(receipts));
        let written = self.shared.db.write(move |tx| {
            let (shared, receipts) = (Arc::clone(&shared), Arc::clone(&receipts));
            Box::pin(async move { shared.keep(tx, account, &receipts, now).await })
        });
        async move {
            let strays = written.await?;
            killpoint::reached("receipts.committed");
            if strays {
                outbox.match_strays(account).await
            } else {
                Ok(())
            }
        }
    }

    /// Looks for the parts of stray receipts: by the carrier's id, which another node may have recorded
    /// meanwhile, or, where exactly one unconfirmed message fits, by number and time.
    pub async fn match_strays(&self, account: AccountId) -> Result<(), OutboxError> {
        let (db, now) = (&self.shared.db, self.now());
        let named = store::strays_of_known_parts(db, account).await?;
        if !named.is_empty() {
            let named = Arc::new(named);
            db.write(move |tx| {
                let named = Arc::clone(&named);
                Box::pin(async move {
                    let ids: Vec<[&str; 1]> = named.iter().map(|id| [id.as_str()]).collect();
                    settle_strays(tx, account, &ids, now).await
                })
            })
            .await?;
        }
        let strays = store::strays_with_number(db, account).await?;
        if strays.is_empty() {
            return Ok(());
        }
        let named = fitting(db, &strays, &store::unconfirmed(db, account).await?).await?;
        if named.is_empty() {
            return Ok(());
        }
        let named = Arc::new(named);
        db.write(move |tx| {
            let named = Arc::clone(&named);
            Box::pin(async move {
                let mut ids = Vec::with_capacity(named.len());
                for (part, id) in named.iter() {
                    if store::name_unconfirmed(tx, *part, id).await? {
                        ids.push([id.as_str()]);
                    }
                }
                settle_strays(tx, account, &ids, now).await
            })
        })
        .await
        .map_err(Into::into)
    }

    /// Takes over from nodes that are gone or hang: what they had under way becomes unconfirmed. Also
    /// closes what came back to a discarded broadcast. Gives how many parts became unconfirmed.
    pub async fn recover(&self) -> Result<u64, OutboxError> {
        let (now, shared) = (self.now(), Arc::clone(&self.shared));
        self.shared
            .db
            .write(move |tx| {
                let shared = Arc::clone(&shared);
                Box::pin(async move {
                    shared.stay_owner(tx, now).await?;
                    shared.node.take_over(tx, now).await?;
                    store::close_discarded(tx, now).await?;
                    store::orphaned(tx, now).await
                })
            })
            .await
            .map_err(Into::into)
    }

    /// What the carrier took and never spoke of again becomes unconfirmed. Gives how many parts.
    pub async fn close_overdue(&self) -> Result<u64, OutboxError> {
        let now = self.now();
        self.shared
            .db
            .write(move |tx| Box::pin(async move { store::overdue(tx, now - RECEIPT_OVERDUE, now).await }))
            .await
            .map_err(Into::into)
    }
}

impl Shared {
    async fn stay_owner(&self, tx: &mut Tx, now: Millis) -> Result<(), DbError> {
        if now - self.renewed_at.load(Ordering::Relaxed) < RENEW_AFTER {
            return self.node.require(tx);
        }
        self.node.renew(tx, now).await?;
        self.renewed_at.store(now, Ordering::Relaxed);
        Ok(())
    }

    async fn record(
        &self,
        tx: &mut Tx,
        account: AccountId,
        answers: &[(PartId, Answer)],
        now: Millis,
    ) -> Result<(), DbError> {
        if answers.is_empty() {
            return Ok(());
        }
        let answered: Vec<Answered> = answers
            .iter()
            .map(|(part, answer)| answered(*part, answer))
            .collect();
        store::answer(tx, self.node.id(), &answered, now).await?;
        let ids: Vec<[&str; 1]> = answered
            .iter()
            .filter_map(|one| one.carrier_message_id.as_deref())
            .map(|id| [id])
            .collect();
        if !ids.is_empty() && self.strays.load(Ordering::Relaxed) {
            settle_strays(tx, account, &ids, now).await?;
        }
        if ids.len() < answered.len() {
            record_bent(tx, answered, now).await?;
        }
        Ok(())
    }

    /// Keeps receipts; says whether any found no part.
    async fn keep(
        &self,
        tx: &mut Tx,
        account: AccountId,
        receipts: &[Receipt],
        now: Millis,
    ) -> Result<bool, DbError> {
        let unknown = apply(tx, account, receipts, now).await?;
        if unknown.is_empty() {
            return Ok(false);
        }
        self.strays.store(true, Ordering::Relaxed);
        let index = |receipt: &Receipt| receipt.to.map(|to| self.db.installation_index(&to.e164()));
        let strays: Vec<_> = unknown
            .into_iter()
            .map(|receipt| (receipt, index(receipt)))
            .collect();
        let first = tx
            .take_numbers("receipts", i64::try_from(strays.len()).unwrap_or(i64::MAX))
            .await?;
        store::add_strays(tx, account, &strays, first, now).await?;
        Ok(true)
    }

    /// Fair shares: the most urgent lane first, inside it the offices in turn.
    async fn claim(
        &self,
        tx: &mut Tx,
        account: AccountId,
        room: usize,
        now: Millis,
    ) -> Result<Vec<Batch>, DbError> {
        let mut batches = Vec::new();
        if room == 0 {
            return Ok(batches);
        }
        let open = store::open_broadcasts(tx, self.simulated, now).await?;
        let mut left = room;
        for lane in lanes(open) {
            left -= self
                .claim_lane(tx, account, lane, left, now, &mut batches)
                .await?;
            if left == 0 {
                break;
            }
        }
        Ok(batches)
    }

    async fn claim_lane(
        &self,
        tx: &mut Tx,
        account: AccountId,
        mut offices: Vec<Vec<Open>>,
        room: usize,
        now: Millis,
        batches: &mut Vec<Batch>,
    ) -> Result<usize, DbError> {
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % offices.len().max(1);
        offices.rotate_left(first);
        let mut left = room;
        // Shares shrink to what each office can use, so a second round gives the rest to who has more.
        while left > 0 && !offices.is_empty() {
            let share = left.div_ceil(offices.len());
            let mut still_open = Vec::with_capacity(offices.len());
            for mut office in offices {
                let mut wanted = share.min(left);
                while wanted > 0 && !office.is_empty() {
                    let claimed =
                        store::claim(tx, &office[0], (self.node.id(), account), wanted, now).await?;
                    wanted -= claimed.len();
                    left -= claimed.len();
                    let drained = wanted > 0;
                    if drained {
                        store::mark_handed_over(tx, &office[0], now).await?;
                    }
                    if !claimed.is_empty() {
                        batches.push(Batch::load(tx, &office[0], claimed).await?);
                    }
                    if drained {
                        office.remove(0);
                    }
                }
                if !office.is_empty() {
                    still_open.push(office);
                }
            }
            offices = still_open;
        }
        Ok(room - left)
    }
}

/// Open broadcasts by lane, and inside a lane by office, oldest first.
fn lanes(open: Vec<Open>) -> Vec<Vec<Vec<Open>>> {
    let mut lanes: Vec<(i64, Vec<((OrgId, OfficeId), Vec<Open>)>)> = Vec::new();
    for broadcast in open {
        if lanes.last().is_none_or(|(lane, _)| *lane != broadcast.lane) {
            lanes.push((broadcast.lane, Vec::new()));
        }
        let Some((_, offices)) = lanes.last_mut() else {
            continue;
        };
        let key = (broadcast.org, broadcast.office);
        match offices.iter_mut().find(|(office, _)| *office == key) {
            Some((_, broadcasts)) => broadcasts.push(broadcast),
            None => offices.push((key, vec![broadcast])),
        }
    }
    lanes
        .into_iter()
        .map(|(_, offices)| offices.into_iter().map(|(_, open)| open).collect())
        .collect()
}

/// Claimed parts of one broadcast with their sealed content.
struct Batch {
    org: OrgId,
    sender: String,
    segmentation: Segmentation,
    parts: Vec<(MessageId, i64)>,
    content: Vec<(MessageId, String, String)>,
}

impl Batch {
    async fn load(tx: &mut Tx, open: &Open, parts: Vec<(MessageId, i64)>) -> Result<Self, DbError> {
        let mut messages: Vec<i64> = parts.iter().map(|(message, _)| message.get()).collect();
        messages.dedup();
        let content = store::content(tx, open.org, &messages).await?;
        let segmentation = Segmentation::from_word(&open.segmentation)
            .ok_or_else(|| DbError::Statement(format!("no segmentation is called {}", open.segmentation)))?;
        Ok(Self {
            org: open.org,
            sender: open.sender.clone(),
            segmentation,
            parts,
            content,
        })
    }

    /// Opens the numbers and texts, after the commit.
    async fn open(self, db: &Db, out: &mut Vec<Submission>) -> Result<(), DbError> {
        let vault = db.vault(self.org).await?;
        let sealed: HashMap<MessageId, (String, String)> = self
            .content
            .into_iter()
            .map(|(message, phone, text)| (message, (phone, text)))
            .collect();
        for (message, part_no) in self.parts {
            let (phone, text) = sealed.get(&message).ok_or(DbError::Sealed(TEXT.0))?;
            let to = crate::store::open_phone(&vault, message, phone)?;
            let text = vault.open(TEXT, message.get(), text)?;
            let parts = segment::split(&text, self.segmentation);
            let index = usize::try_from(part_no - 1).unwrap_or_default();
            out.push(Submission {
                part: PartId {
                    org: self.org,
                    message,
                    part_no: u8::try_from(part_no).unwrap_or(u8::MAX),
                },
                to,
                sender: self.sender.clone(),
                text: parts.get(index).copied().unwrap_or_default().to_owned(),
                part_count: u8::try_from(parts.len()).unwrap_or(u8::MAX),
                segmentation: self.segmentation,
            });
        }
        Ok(())
    }
}

/// The attempts that did not go straight: each is kept, and what follows from it is done.
async fn record_bent(tx: &mut Tx, answered: Vec<Answered>, now: Millis) -> Result<(), DbError> {
    let mut by_state: HashMap<(OrgId, MessageState), Vec<Answered>> = HashMap::new();
    for one in answered
        .into_iter()
        .filter(|one| one.carrier_message_id.is_none())
    {
        by_state.entry((one.part.org, one.state)).or_default().push(one);
    }
    for ((org, state), some) in by_state {
        let messages: Vec<i64> = some.iter().map(|one| one.part.message.get()).collect();
        match state {
            MessageState::Queued => {
                store::add_attempts(tx, "refused_for_now", &some, now).await?;
                store::reopen(tx, org, &messages).await?;
            }
            MessageState::Rejected => {
                let rest = MessageState::Queued.on(Event::Abandoned).unwrap_or(state);
                store::abandon_siblings(tx, org, &messages, rest, now).await?;
            }
            _ => store::add_attempts(tx, "no_answer", &some, now).await?,
        }
    }
    Ok(())
}

fn answered(part: PartId, answer: &Answer) -> Answered {
    let (event, code, carrier_message_id, due_at) = match answer {
        Answer::Taken { carrier_message_id } => (Event::Taken, None, Some(carrier_message_id.clone()), 0),
        Answer::RefusedForNow { code, due_at } => (Event::RefusedForNow, Some(code.clone()), None, *due_at),
        Answer::RefusedForGood { code } => (Event::RefusedForGood, Some(code.clone()), None, 0),
        Answer::NeverWritten => (Event::NeverWritten, None, None, 0),
        Answer::NoAnswer => (Event::NoAnswer, None, None, 0),
    };
    let state = MessageState::Submitting
        .on(event)
        .unwrap_or(MessageState::Unconfirmed);
    Answered {
        part,
        state,
        code,
        carrier_message_id,
        due_at,
    }
}

/// Applies receipts to the parts that carry their ids; gives those that found none.
async fn apply<'r>(
    tx: &mut Tx,
    account: AccountId,
    receipts: &'r [Receipt],
    now: Millis,
) -> Result<Vec<&'r Receipt>, DbError> {
    let ids: Vec<[&str; 1]> = receipts
        .iter()
        .map(|receipt| [receipt.carrier_message_id.as_str()])
        .collect();
    let mut parts: HashMap<String, (PartId, MessageState)> = HashMap::with_capacity(ids.len());
    for (id, part, state) in store::by_carrier_id(tx, account, &ids).await? {
        parts.insert(id, (part, state));
    }
    let (mut matched, mut unknown) = (Vec::with_capacity(receipts.len()), Vec::new());
    let mut changes: HashMap<PartId, (MessageState, Option<String>)> = HashMap::new();
    for receipt in receipts {
        let Some((part, state)) = parts.get_mut(&receipt.carrier_message_id) else {
            unknown.push(receipt);
            continue;
        };
        matched.push((*part, receipt));
        if let Some(next) = state.on(Event::Receipt(receipt.outcome)) {
            *state = next;
            changes.insert(*part, (next, receipt.code.clone()));
        }
    }
    if !matched.is_empty() {
        let first = tx
            .take_numbers("receipts", i64::try_from(matched.len()).unwrap_or(i64::MAX))
            .await?;
        store::add_receipts(tx, &matched, first, now).await?;
    }
    if !changes.is_empty() {
        let changes: Vec<_> = changes
            .into_iter()
            .map(|(part, (state, code))| (part, state, code))
            .collect();
        store::set_states(tx, &changes, now).await?;
    }
    Ok(unknown)
}

async fn settle_strays(
    tx: &mut Tx,
    account: AccountId,
    ids: &[[&str; 1]],
    now: Millis,
) -> Result<(), DbError> {
    let strays = store::take_strays(tx, account, ids).await?;
    if !strays.is_empty() {
        apply(tx, account, &strays, now).await?;
    }
    Ok(())
}

/// Which unconfirmed part each stray's number and time name, where exactly one message fits.
async fn fitting(
    db: &Db,
    strays: &[(String, String, Millis)],
    unconfirmed: &[store::Unnamed],
) -> Result<Vec<(PartId, String)>, DbError> {
    let mut by_number: HashMap<String, Vec<(PartId, Millis)>> = HashMap::new();
    for one in unconfirmed {
        let vault = db.vault(one.part.org).await?;
        let to = crate::store::open_phone(&vault, one.part.message, &one.phone_sealed)?;
        by_number
            .entry(db.installation_index(&to.e164()))
            .or_default()
            .push((one.part, one.submitted_at));
    }
    let mut named: Vec<(PartId, String)> = Vec::new();
    for (id, number, submitted_at) in strays {
        if named.iter().any(|(_, given)| given == id) {
            continue;
        }
        let fits: Vec<PartId> = by_number
            .get(number)
            .into_iter()
            .flatten()
            .filter(|(_, at)| (at - submitted_at).abs() <= SUBMIT_DATE_TOLERANCE)
            .map(|(part, _)| *part)
            .collect();
        let one_message = fits.iter().all(|part| part.message == fits[0].message);
        let free = fits
            .iter()
            .find(|part| named.iter().all(|(taken, _)| taken != *part));
        if let (true, Some(part)) = (one_message, free) {
            named.push((*part, id.clone()));
        }
    }
    Ok(named)
}
