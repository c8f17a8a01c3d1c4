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

mod claim;
mod record;
mod replies;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base::clock::{HOUR, Millis, SECOND};
use base::id::{AccountId, MessageId, OrgId};
use base::killpoint;
use base::phone::PhoneNumber;
use base::segment::Segmentation;
use db::node::{FENCE, Node};
use db::{Db, DbError, Tx};

use self::record::{fitting, settle_strays};
use crate::carrier_code::UNREADABLE;
use crate::message::Outcome;
pub use crate::reply::Incoming;
use crate::store::outbox as store;
use crate::store::strays;

/// A carrier keeps trying for three days at most; an hour later its silence is final.
const RECEIPT_OVERDUE: Millis = 73 * HOUR;
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
    /// The last number given to a receipt.
    receipt_number: AtomicI64,
}

impl Outbox {
    /// The outbox of `node`: real broadcasts, or simulated ones, never both.
    pub fn new(db: Db, node: Node, simulated: bool) -> Self {
        let renewed_at = AtomicI64::new(db.now());
        let (turn, strays) = (AtomicUsize::new(0), AtomicBool::new(false));
        let receipt_number = AtomicI64::new(0);
        Self {
            shared: Arc::new(Shared {
                db,
                node,
                simulated,
                renewed_at,
                turn,
                strays,
                receipt_number,
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

    /// Records answers, with the receipts that came after them, and claims up to `room` parts, in one commit.
    /// Takes its place in the order of writes
    /// when it is called.
    pub fn exchange(
        &self,
        account: AccountId,
        answers: Vec<(PartId, Answer)>,
        receipts: Vec<Receipt>,
        room: usize,
    ) -> impl Future<Output = Result<Claimed, OutboxError>> + Send + use<> {
        let (now, started) = (self.now(), Instant::now());
        let (shared, news) = (Arc::clone(&self.shared), Arc::new((answers, receipts)));
        let (db, outbox) = (self.shared.db.clone(), self.clone());
        let written = db.write(move |tx| {
            let (shared, news) = (Arc::clone(&shared), Arc::clone(&news));
            Box::pin(async move {
                shared.stay_owner(tx, now).await?;
                shared.record(tx, account, &news.0, &news.1, now).await?;
                shared.claim(tx, account, room, now).await
            })
        });
        async move {
            let taken = written.await?;
            killpoint::reached("exchange.committed");
            let (mut submissions, mut unreadable) = (Vec::new(), Vec::new());
            for batch in taken {
                unreadable.extend(batch.open(&db, &mut submissions).await?);
            }
            if !unreadable.is_empty() {
                // Not a byte of them left, and somebody telephones.
                let code = || UNREADABLE.to_owned();
                let ends = unreadable
                    .into_iter()
                    .map(|part| (part, Answer::RefusedForGood { code: code() }));
                outbox.record(account, ends.collect()).await?;
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
        let (now, shared, answers) = (self.now(), Arc::clone(&self.shared), Arc::new(answers));
        let written = self.shared.db.write(move |tx| {
            let (shared, answers) = (Arc::clone(&shared), Arc::clone(&answers));
            Box::pin(async move {
                shared.stay_owner(tx, now).await?;
                shared.record(tx, account, &answers, &[], now).await
            })
        });
        written.await?;
        killpoint::reached("exchange.committed");
        Ok(())
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
            Box::pin(async move { shared.record(tx, account, &[], &receipts, now).await })
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
        let named = strays::strays_of_known_parts(db, account).await?;
        if !named.is_empty() {
            let (shared, named) = (Arc::clone(&self.shared), Arc::new(named));
            db.write(move |tx| {
                let (shared, named) = (Arc::clone(&shared), Arc::clone(&named));
                Box::pin(async move {
                    let ids: Vec<&str> = named.iter().map(String::as_str).collect();
                    settle_strays(&shared, tx, account, &ids, now).await
                })
            })
            .await?;
        }
        let strays = strays::strays_with_number(db, account).await?;
        if strays.is_empty() {
            return Ok(());
        }
        let named = fitting(db, &strays, &store::unconfirmed(db, account).await?).await?;
        if named.is_empty() {
            return Ok(());
        }
        let (shared, named) = (Arc::clone(&self.shared), Arc::new(named));
        db.write(move |tx| {
            let (shared, named) = (Arc::clone(&shared), Arc::clone(&named));
            Box::pin(async move {
                let mut ids = Vec::with_capacity(named.len());
                for (part, id) in named.iter() {
                    if store::name_unconfirmed(tx, *part, id).await? {
                        ids.push(id.as_str());
                    }
                }
                settle_strays(&shared, tx, account, &ids, now).await
            })
        })
        .await
        .map_err(Into::into)
    }

    /// Takes over from nodes that are gone or hang: what they had under way becomes unconfirmed. Also
    /// closes what came back to a discarded broadcast, and sees to first waves and to what may not leave any
    /// more. Gives how many parts became unconfirmed.
    pub async fn recover(&self) -> Result<u64, OutboxError> {
        let (now, shared) = (self.now(), Arc::clone(&self.shared));
        let orphaned = self
            .shared
            .db
            .write(move |tx| {
                let shared = Arc::clone(&shared);
                Box::pin(async move {
                    shared.stay_owner(tx, now).await?;
                    shared.node.take_over(tx, now).await?;
                    crate::store::discarded::close_discarded(tx, now).await?;
                    store::orphaned(tx, now).await
                })
            })
            .await?;
        crate::release::tend(&self.shared.db, now).await?;
        Ok(orphaned)
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
    /// The first of `count` consecutive numbers, later than all before and of no other node: milliseconds, ten
    /// bits of the node, twelve to count on. No row of the database has to be locked for them.
    fn receipt_numbers(&self, count: usize, now: Millis) -> i64 {
        let floor = (now << 22) | ((self.node.id().get() & 0x3ff) << 12);
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let advance = |last: i64| Some(last.max(floor) + count);
        let last = self
            .receipt_number
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, advance);
        last.unwrap_or_default().max(floor) + 1
    }

    async fn stay_owner(&self, tx: &mut Tx, now: Millis) -> Result<(), DbError> {
        if now - self.renewed_at.load(Ordering::Relaxed) < RENEW_AFTER {
            return self.node.require(tx);
        }
        self.node.renew(tx, now).await?;
        self.renewed_at.store(now, Ordering::Relaxed);
        Ok(())
    }
}
