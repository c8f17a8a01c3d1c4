//! One bind: its window kept full, its answers recorded, its receipts acknowledged once they are durable.
//!
//! An exchange with the outbox carries the answers that have come in; while it is written down, a second one may
//! already wait behind it. Receipts are recorded beside them. Nothing here waits for a commit before it reads on.

use std::collections::HashMap;
use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base::clock::Millis;
use base::id::AccountId;
use base::killpoint;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesOrdered, FuturesUnordered, StreamExt};
use messaging::outbox::{Answer, Claimed, Incoming, Outbox, OutboxError, PartId, Receipt};
use smpp::pdu::{CommandStatus, StatusKind};
use smpp::session::{CloseReason, Event, Session, SessionEvents};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::carriers::Pace;
use crate::profile::CarrierAccount;
use crate::receive::{answer_id, receipt, reply};
use crate::submit::submit_sm;

/// How often an idle link looks for new work.
const IDLE_LOOK: Duration = Duration::from_millis(50);
/// After a failed write to the database.
const DATABASE_PAUSE: Duration = Duration::from_millis(500);
/// How long a receipt waits for an exchange that can carry it.
const RECEIPT_PATIENCE: Duration = Duration::from_millis(2);
/// Into how many exchanges a window is spread: while one half is written down, the carrier has the other.
const NEAR_SHARE: usize = 2;
/// The same at a carrier that takes long.
const FAR_SHARE: usize = 8;
/// So many times longer than the carrier a database takes with which nothing is won by halves.
const SLOW_DATABASE: u32 = 4;
/// Exchanges that may be under way at once, in order: the next one is there when the database has written one down.
const EXCHANGES: usize = 2;
/// Groups of receipts that may wait for their commits at once; beyond that the socket is read no further.
const RECEIPT_GROUPS: usize = 8;

/// Why a link ended.
#[derive(Debug)]
pub(crate) enum LinkEnd {
    /// The connection is over; bind again.
    Closed(CloseReason),
    /// We were asked to stop, and everything outstanding is recorded.
    Stopped,
    /// This process is not the owner any more: nothing may be sent.
    OwnershipLost {
        /// Answers that could not be recorded.
        unrecorded: Vec<(PartId, Answer)>,
    },
}

/// What every link of one account shares.
#[derive(Clone)]
pub(crate) struct LinkContext {
    pub(crate) outbox: Outbox,
    pub(crate) account: AccountId,
    pub(crate) profile: Arc<CarrierAccount>,
    pub(crate) pace: Arc<Pace>,
    pub(crate) stop: watch::Receiver<bool>,
}

/// An exchange that is over.
struct Recorded {
    answers: Vec<(PartId, Answer)>,
    delivered: Vec<(u32, Option<Receipt>)>,
    outcome: Result<Claimed, OutboxError>,
    /// Slots of the window that were its own meanwhile.
    slots: usize,
    began: Instant,
}
type Delivered = (Vec<(u32, Option<Receipt>)>, bool);

/// Runs one bound session to its end. At most `first_room` parts are risked before the first answer.
pub(crate) async fn run(
    context: LinkContext,
    session: Session,
    events: SessionEvents,
    submits: bool,
    first_room: usize,
) -> LinkEnd {
    let window = if submits { context.profile.bind.window } else { 0 };
    let link = Link {
        context,
        session,
        window,
        room_cap: first_room,
        in_flight: HashMap::new(),
        answer_took: Duration::ZERO,
        exchange_took: Duration::ZERO,
        next_token: 0,
        answers: Vec::new(),
        delivered: Vec::new(),
        delivered_at: Instant::now(),
        written_back: Vec::new(),
        exchanges: FuturesOrdered::new(),
        exchange_slots: 0,
        receipts: FuturesUnordered::new(),
        look_again: Instant::now(),
        unbinding: None,
        lost: false,
    };
    link.drive(events).await
}

struct Link {
    context: LinkContext,
    session: Session,
    /// Parts that may be under way at a time; 0 for a link that only receives.
    window: usize,
    /// After an answerless session only one part is risked until the carrier answers again.
    room_cap: usize,
    in_flight: HashMap<u64, (PartId, Instant)>,
    /// How long the last answer took, and the last exchange.
    answer_took: Duration,
    exchange_took: Duration,
    next_token: u64,
    answers: Vec<(PartId, Answer)>,
    /// Receipts that wait until the answers before them are on their way to the database.
    delivered: Vec<(u32, Option<Receipt>)>,
    /// When the first of them came.
    delivered_at: Instant,
    /// Messages from phones.
    written_back: Vec<(u32, Incoming)>,
    exchanges: FuturesOrdered<BoxFuture<'static, Recorded>>,
    /// Slots of the window that belong to exchanges under way.
    exchange_slots: usize,
    receipts: FuturesUnordered<BoxFuture<'static, Delivered>>,
    look_again: Instant,
    unbinding: Option<BoxFuture<'static, ()>>,
    lost: bool,
}

impl Link {
    async fn drive(mut self, mut events: SessionEvents) -> LinkEnd {
        let mut stop = self.context.stop.clone();
        let mut closed = None;
        while closed.is_none() && !self.lost {
            while self.start_exchange(*stop.borrow()) {}
            self.start_receipts();
            self.start_replies();
            self.start_unbind(*stop.borrow());
            let may_read = self.receipts.len() < RECEIPT_GROUPS;
            let idle = self.look_again.saturating_duration_since(Instant::now());
            let patience = RECEIPT_PATIENCE.saturating_sub(self.delivered_at.elapsed());
            tokio::select! {
                batch = events.next(), if may_read => closed = self.take(batch.unwrap_or_default()),
                Some(recorded) = self.exchanges.next() => self.recorded(recorded).await,
                Some(delivered) = self.receipts.next() => self.acknowledge(delivered).await,
                () = ready(&mut self.unbinding) => {}
                _ = stop.changed() => {}
                () = sleep(idle), if self.exchanges.is_empty() => {}
                () = sleep(patience), if !self.delivered.is_empty() && self.answers.is_empty() => {}
            }
        }
        self.finish(closed).await
    }

    /// Everything that one read of the socket brought.
    fn take(&mut self, batch: Vec<Event>) -> Option<CloseReason> {
        let mut closed = None;
        for event in batch {
            match event {
                Event::Answer { token, result } => self.answered(token, result),
                Event::Deliver { sequence, pdu } => {
                    if let Some(written) = reply(&pdu) {
                        self.written_back.push((sequence, written));
                        continue;
                    }
                    if self.delivered.is_empty() {
                        self.delivered_at = Instant::now();
                    }
                    self.delivered
                        .push((sequence, receipt(&pdu, &self.context.profile)));
                }
                Event::Closed {
                    reason,
                    unanswered,
                    unwritten,
                } => {
                    self.settle(unanswered, &Answer::NoAnswer);
                    self.settle(unwritten, &Answer::NeverWritten);
                    closed = Some(reason);
                }
            }
        }
        if !self.delivered.is_empty() {
            killpoint::reached("receipts.read");
        }
        closed
    }

    fn answered(&mut self, token: u64, result: Result<String, CommandStatus>) {
        let Some((part, submitted_at)) = self.in_flight.remove(&token) else {
            return;
        };
        self.answer_took = submitted_at.elapsed();
        killpoint::reached("answer.read");
        self.room_cap = usize::MAX;
        let answer = match result {
            Ok(id) => {
                self.context.pace.went_well();
                Answer::Taken {
                    carrier_message_id: answer_id(&id, self.context.profile.ids),
                }
            }
            Err(status) => self.refused(status),
        };
        self.answers.push((part, answer));
    }

    fn refused(&self, status: CommandStatus) -> Answer {
        let code = status_code(status);
        match status.kind() {
            StatusKind::Temporary => {
                let wait = self.context.pace.slow_down();
                let wait = Millis::try_from(wait.as_millis()).unwrap_or(Millis::MAX);
                Answer::RefusedForNow {
                    code,
                    due_at: self.context.outbox.now() + wait,
                }
            }
            StatusKind::Permanent | StatusKind::Ok => Answer::RefusedForGood { code },
        }
    }

    fn settle(&mut self, tokens: Vec<u64>, answer: &Answer) {
        for token in tokens {
            if let Some((part, _)) = self.in_flight.remove(&token) {
                self.answers.push((part, answer.clone()));
            }
        }
    }

    /// Records what came in and claims for the room that there is. Behind an exchange that is under way another one
    /// waits only when it carries at least half of the answers that it may. Says whether it has begun one.
    fn start_exchange(&mut self, stopping: bool) -> bool {
        let most = self.turn();
        let behind = !self.exchanges.is_empty();
        if self.exchanges.len() >= EXCHANGES || (behind && self.answers.len() < most.div_ceil(2).max(1)) {
            return false;
        }
        // A part holds its slot until its answer is recorded, also while it waits for the next exchange.
        let turn = self.answers.len().min(most);
        let held = self.in_flight.len() + self.exchange_slots + self.answers.len() - turn;
        let free = self.window.min(self.room_cap).saturating_sub(held);
        let looking = !stopping && (!self.answers.is_empty() || self.look_again <= Instant::now());
        let room = if looking { self.context.pace.take(free) } else { 0 };
        if room == 0 && self.answers.is_empty() {
            if self.look_again <= Instant::now() {
                self.look_again = Instant::now() + IDLE_LOOK;
            }
            return false;
        }
        self.exchange(turn, room);
        true
    }

    /// Begins the exchange of the first `turn` answers for up to `room` parts.
    fn exchange(&mut self, turn: usize, room: usize) {
        let rest = self.answers.split_off(turn);
        let answers = std::mem::replace(&mut self.answers, rest);
        // Receipts follow the answers that name their messages.
        let all = self.answers.is_empty();
        let delivered = if all {
            std::mem::take(&mut self.delivered)
        } else {
            Vec::new()
        };
        // If it fails, its answers hold their slots still.
        let slots = room.max(turn);
        self.exchange_slots += slots;
        let (outbox, account) = (self.context.outbox.clone(), self.context.account);
        let (pace, began) = (Arc::clone(&self.context.pace), Instant::now());
        let exchange = outbox.exchange(account, answers.clone(), receipts_of(&delivered), room);
        self.exchanges.push_back(Box::pin(async move {
            let outcome = exchange.await;
            let claimed = outcome.as_ref().map_or(0, |claimed| claimed.submissions.len());
            pace.give_back(room - claimed.min(room));
            if outcome.is_err() {
                sleep(DATABASE_PAUSE).await;
            }
            Recorded {
                answers,
                delivered,
                outcome,
                slots,
                began,
            }
        }));
    }

    /// How many answers one exchange carries at most. Where the carrier takes long, many small exchanges spread the
    /// window over its round trip, so that slots are filled again one by one and not all at once after it.
    fn turn(&self) -> usize {
        let share = if self.answer_took > 4 * self.exchange_took {
            FAR_SHARE
        } else if SLOW_DATABASE * self.answer_took > self.exchange_took {
            NEAR_SHARE
        } else {
            1
        };
        self.window.div_ceil(share)
    }

    async fn recorded(&mut self, recorded: Recorded) {
        self.exchange_took = recorded.began.elapsed();
        self.exchange_slots -= recorded.slots;
        self.acknowledge((recorded.delivered, recorded.outcome.is_ok()))
            .await;
        match recorded.outcome {
            Ok(claimed) if claimed.submissions.is_empty() => {
                self.look_again = Instant::now() + IDLE_LOOK;
            }
            Ok(claimed) => self.submit(claimed).await,
            Err(error) => {
                tracing::error!(%error, "answers could not be recorded");
                self.lost = matches!(error, OutboxError::OwnershipLost);
                // They are tried again before anything newer.
                self.answers.splice(0..0, recorded.answers);
            }
        }
    }

    async fn submit(&mut self, claimed: Claimed) {
        let numbers = self.context.profile.numbers;
        let fenced = claimed.submit_until.is_some_and(|until| Instant::now() >= until);
        let now = Instant::now();
        let mut batch = Vec::with_capacity(claimed.submissions.len());
        for submission in &claimed.submissions {
            let token = self.next_token;
            self.next_token += 1;
            self.in_flight.insert(token, (submission.part, now));
            batch.push((token, submit_sm(submission, numbers)));
        }
        if fenced {
            // Others may already hold these for lost: not a byte of them may leave.
            self.settle(
                batch.into_iter().map(|(token, _)| token).collect(),
                &Answer::NeverWritten,
            );
            return;
        }
        killpoint::reached("submit.before");
        if let Err(over) = self.session.submit(batch).await {
            self.settle(
                over.unwritten.into_iter().map(|(token, _)| token).collect(),
                &Answer::NeverWritten,
            );
        }
        killpoint::reached("submit.after");
    }

    /// Records receipts, in the order of writes after the answers that came before them. While answers are
    /// awaited they wait a moment for the next exchange, which carries them in the same commit.
    fn start_receipts(&mut self) {
        let soon = !self.in_flight.is_empty() && self.delivered_at.elapsed() < RECEIPT_PATIENCE;
        if self.delivered.is_empty() || !self.answers.is_empty() || soon {
            return;
        }
        let delivered = std::mem::take(&mut self.delivered);
        let kept = self
            .context
            .outbox
            .receipts(self.context.account, receipts_of(&delivered));
        self.receipts.push(Box::pin(async move {
            let kept = kept.await;
            if let Err(error) = &kept {
                tracing::error!(%error, "receipts could not be recorded");
            }
            (delivered, kept.is_ok())
        }));
    }

    /// Keeps what people wrote back; acknowledged like receipts, once it is durable.
    fn start_replies(&mut self) {
        if self.written_back.is_empty() {
            return;
        }
        let (sequences, written): (Vec<_>, Vec<_>) = std::mem::take(&mut self.written_back)
            .into_iter()
            .map(|(sequence, written)| ((sequence, None), written))
            .unzip();
        let kept = self.context.outbox.replies(self.context.account, written);
        self.receipts.push(Box::pin(async move {
            let kept = kept.await;
            if let Err(error) = &kept {
                tracing::error!(%error, "messages from phones could not be recorded");
            }
            (sequences, kept.is_ok())
        }));
    }

    /// Tells the carrier that its receipts arrived; what could not be kept it shall deliver again.
    async fn acknowledge(&mut self, (delivered, kept): Delivered) {
        if delivered.is_empty() {
            return;
        }
        let status = if kept {
            CommandStatus::ESME_ROK
        } else {
            CommandStatus::ESME_RX_T_APPN
        };
        killpoint::reached("receipts.before_resp");
        let answers = delivered
            .into_iter()
            .map(|(sequence, _)| (sequence, status))
            .collect();
        // A session that is over delivers again at the next bind.
        let _ = self.session.respond(answers).await;
    }

    /// Once everything that was handed over is answered and recorded, the session ends in good order.
    fn start_unbind(&mut self, stopping: bool) {
        let quiet = self.in_flight.is_empty() && self.answers.is_empty() && self.exchanges.is_empty();
        if stopping && quiet && self.unbinding.is_none() {
            let session = self.session.clone();
            self.unbinding = Some(Box::pin(async move { session.unbind().await }));
        }
    }

    /// What is known when the session is over is recorded before anything else happens.
    async fn finish(mut self, closed: Option<CloseReason>) -> LinkEnd {
        while let Some(recorded) = self.exchanges.next().await {
            match recorded.outcome {
                Ok(claimed) => {
                    let unsent = claimed
                        .submissions
                        .iter()
                        .map(|one| (one.part, Answer::NeverWritten));
                    self.answers.extend(unsent);
                }
                Err(error) => {
                    self.lost |= matches!(error, OutboxError::OwnershipLost);
                    self.answers.splice(0..0, recorded.answers);
                }
            }
        }
        while self.receipts.next().await.is_some() {}
        while !self.lost && !self.answers.is_empty() {
            let answers = self.answers.clone();
            match self.context.outbox.record(self.context.account, answers).await {
                Ok(()) => self.answers.clear(),
                Err(OutboxError::OwnershipLost) => self.lost = true,
                Err(error) => {
                    tracing::error!(%error, "answers could not be recorded");
                    sleep(DATABASE_PAUSE).await;
                }
            }
        }
        match closed {
            _ if self.lost => LinkEnd::OwnershipLost {
                unrecorded: self.answers,
            },
            Some(CloseReason::Unbound) | None => LinkEnd::Stopped,
            Some(reason) => LinkEnd::Closed(reason),
        }
    }
}

/// What is to be kept of what was delivered; anything else is only acknowledged.
fn receipts_of(delivered: &[(u32, Option<Receipt>)]) -> Vec<Receipt> {
    delivered
        .iter()
        .filter_map(|(_, receipt)| receipt.clone())
        .collect()
}

/// The future in `slot`, taken out once it is ready; never ready where there is none.
async fn ready<T>(slot: &mut Option<BoxFuture<'static, T>>) -> T {
    let Some(future) = slot else {
        return pending().await;
    };
    let value = future.await;
    *slot = None;
    value
}

/// `0x00000058 ESME_RTHROTTLED`, shortened to what people search for.
fn status_code(status: CommandStatus) -> String {
    status.name().map_or_else(
        || format!("0x{:02X}", status.0),
        |name| format!("0x{:02X} {name}", status.0),
    )
}
