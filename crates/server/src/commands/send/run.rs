//! From stored messages to settled ones: own the outbox or follow its owner, show how it goes, know when to
//! end.

use std::time::{Duration, Instant};

use base::id::{BroadcastId, MessageId, OrgId};
use carrier::carriers::{Health, LateAnswers, LinkState};
use carrier::{CarrierAccount, Carriers};
use db::Db;
use messaging::broadcast::{Broadcast, BroadcastState, Counts, Origin};
use messaging::message::MessageState;
use messaging::outbox::Outbox;
use messaging::store;
use tokio::sync::watch;
use tokio::time::sleep;

use super::progress::Progress;
use super::rows::SentRows;
use crate::cli::SendOptions;
use crate::commands::{Failure, Farewell};

/// Looking at the counts takes at most about a thirtieth of the time, whatever the length of the list.
const LOOK_SHARE: u32 = 30;
const LOOK_MIN: Duration = Duration::from_millis(20);
const LOOK_MAX: Duration = Duration::from_secs(1);
/// Where the end is expected sooner than the next look, it is looked for then, but no earlier than after so long.
const LOOK_END: Duration = Duration::from_millis(5);
/// A follower whose rows do not move for so long gives up.
const STANDSTILL: Duration = Duration::from_mins(1);
/// Without any link to a carrier for so long, the command gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs until nothing of these rows waits and their receipts are there, or `--wait` is over. Gives what the
/// operator should know besides the report.
pub(super) async fn until_settled(
    db: &Db,
    options: &SendOptions,
    accounts: &[CarrierAccount],
    sent: &SentRows,
) -> Result<Option<String>, Failure> {
    let mut farewell = Farewell::expected()?;
    let watch = Watch {
        db,
        org: sent.org,
        broadcasts: load(db, sent.org, &sent.broadcasts).await?,
        recognised: recognised(sent),
    };
    let mut worker = Worker {
        db,
        simulated: options.carrier.simulate,
        accounts,
        carriers: None,
        late: Vec::new(),
    };
    let mut progress = Progress::new(sent.recognised);
    let mut handed_over_at = None;
    let mut told = None;
    let mut follower = Follower { last: None };
    let mut ending = Ending { last: None };
    loop {
        worker.tend().await?;
        let asked = Instant::now();
        let counts = watch.counts().await?;
        let pause = (asked.elapsed() * LOOK_SHARE).clamp(LOOK_MIN, LOOK_MAX);
        let pause = ending
            .expected(&counts)
            .map_or(pause, |end| pause.min(end.max(LOOK_END)));
        progress.show(&counts, worker.is_owner());
        if counts.count(MessageState::is_waiting) > 0 {
            handed_over_at = None;
        } else {
            let since = *handed_over_at.get_or_insert_with(Instant::now);
            let settled = counts.of(MessageState::Accepted) == 0;
            if settled || told.is_some() || since.elapsed() >= options.wait {
                break;
            }
        }
        let standstill = follower.standstill(worker.is_owner(), &counts, watch.held(db.now()));
        if told.is_none()
            && let Some(words) = worker.hopeless().or(standstill)
        {
            watch.cancel_waiting().await?;
            told = Some(words);
        }
        if told.is_none()
            && let Some(words) = watch.kept_back(&counts).await?
        {
            told = Some(words.to_owned());
            break;
        }
        tokio::select! {
            () = sleep(pause) => {}
            () = farewell.said(), if told.is_none() => {
                watch.cancel_waiting().await?;
                told = Some(INTERRUPTED.to_owned());
            }
        }
    }
    worker.stop().await;
    progress.finish();
    Ok(told)
}

const FOLLOWS_IN_VAIN: &str = "別の todoke がこのデータベースを使っていて、この送信は進みません（本番と模擬の送信は同時にできません）。まだ渡していなかった分は取り消しました。相手が終わってから、同じ命令をもう一度実行してください。";
const PAUSED: &str = "この配信は停止されているため、残りは送っていません。画面で再開すると続きが送られます。";
const NOT_APPROVED: &str =
    "この配信は承認を待っているため、まだ送っていません。画面で承認されると送られます。";
const NOT_YET: &str = "いまは送る時間ではないため、残りはまだ送っていません。時間になってからもう一度同じ命令を実行するか、todoke serve を動かしておくと送られます。";
const INTERRUPTED: &str =
    "中断しました。まだ渡していなかった分は取り消しました。同じ命令をもう一度実行すると、残りが送られます。";

async fn load(db: &Db, org: OrgId, ids: &[BroadcastId]) -> Result<Vec<Broadcast>, Failure> {
    let mut all = Vec::with_capacity(ids.len());
    for id in ids {
        all.extend(store::broadcast(db, org, *id).await?);
    }
    Ok(all)
}

/// Messages outside of the rows' own new broadcast are looked at one by one.
fn recognised(sent: &SentRows) -> Option<Vec<MessageId>> {
    (sent.recognised > 0).then(|| sent.messages())
}

/// How fast messages are settled, from one look to the next.
struct Ending {
    last: Option<(Instant, u32)>,
}

impl Ending {
    /// In what time the last one is settled, if it goes on as between the last two looks.
    fn expected(&mut self, counts: &Counts) -> Option<Duration> {
        let left = counts.count(MessageState::is_waiting) + counts.of(MessageState::Accepted);
        let (since, before) = self.last.replace((Instant::now(), left))?;
        let settled = before.checked_sub(left).filter(|settled| *settled > 0)?;
        Some(since.elapsed().mul_f64(f64::from(left) / f64::from(settled)))
    }
}

/// Watches another process do this command's work.
struct Follower {
    last: Option<(Counts, Instant)>,
}

impl Follower {
    /// Why going on is of no use: the owner of the database does nothing for these rows, because it sends to
    /// another kind of carrier, real or simulated.
    fn standstill(&mut self, is_owner: bool, counts: &Counts, held: bool) -> Option<String> {
        let moved = self.last.is_none_or(|(before, _)| before != *counts);
        if is_owner || held || moved {
            self.last = Some((*counts, Instant::now()));
            return None;
        }
        let (_, since) = self.last?;
        (since.elapsed() >= STANDSTILL).then(|| FOLLOWS_IN_VAIN.to_owned())
    }
}

/// What the command looks at.
struct Watch<'a> {
    db: &'a Db,
    org: OrgId,
    broadcasts: Vec<Broadcast>,
    recognised: Option<Vec<MessageId>>,
}

impl Watch<'_> {
    async fn counts(&self) -> Result<Counts, Failure> {
        let mut counts = Counts::default();
        if let Some(messages) = &self.recognised {
            for standing in store::standings(self.db, self.org, messages).await? {
                counts.add(standing.state, 1);
            }
            return Ok(counts);
        }
        for broadcast in &self.broadcasts {
            let some = store::counts(self.db, self.org, broadcast, self.db.now()).await?;
            some.present().for_each(|(state, count)| counts.add(state, count));
        }
        Ok(counts)
    }

    /// Whether some broadcast is in its hold window or stopped by a person: then nothing has to move.
    fn held(&self, now: base::clock::Millis) -> bool {
        self.broadcasts
            .iter()
            .any(|one| now < one.hold_until || one.paused_at.is_some())
    }

    /// What waits is cancelled, where a command line began it; what a browser began is the browser's.
    async fn cancel_waiting(&self) -> Result<(), Failure> {
        for broadcast in self
            .broadcasts
            .iter()
            .filter(|one| one.origin == Origin::CommandLine)
        {
            store::discard(self.db, self.org, broadcast.id, None).await?;
        }
        Ok(())
    }

    /// What to say if something waits, and all of it for a person, or for an hour that is not now.
    async fn kept_back(&self, counts: &Counts) -> Result<Option<&'static str>, Failure> {
        if counts.count(MessageState::is_waiting) == 0 || counts.of(MessageState::Submitting) > 0 {
            return Ok(None);
        }
        let mut words = None;
        for broadcast in load(
            self.db,
            self.org,
            &self.broadcasts.iter().map(|one| one.id).collect::<Vec<_>>(),
        )
        .await?
        {
            let now = self.db.now();
            let counts = store::counts(self.db, self.org, &broadcast, now).await?;
            if counts.count(MessageState::is_waiting) == 0 {
                continue;
            }
            words = Some(match broadcast.state(&counts, now) {
                BroadcastState::Paused | BroadcastState::FirstWaveFailed | BroadcastState::AwaitingCheck => {
                    PAUSED
                }
                BroadcastState::AwaitingApproval => NOT_APPROVED,
                BroadcastState::Scheduled { .. } | BroadcastState::OutsideHours { .. } => NOT_YET,
                _ => return Ok(None),
            });
        }
        Ok(words)
    }
}

/// The carrier links of this process, as long as it owns the outbox.
struct Worker<'a> {
    db: &'a Db,
    simulated: bool,
    accounts: &'a [CarrierAccount],
    carriers: Option<Running>,
    late: LateAnswers,
}

struct Running {
    carriers: Carriers,
    health: watch::Receiver<Health>,
    lost: watch::Receiver<bool>,
    bound_at: Instant,
}

impl Worker<'_> {
    fn is_owner(&self) -> bool {
        self.carriers.is_some()
    }

    /// Becomes the owner if nobody is; lets go if somebody else has become it.
    async fn tend(&mut self) -> Result<(), Failure> {
        if self
            .carriers
            .as_ref()
            .is_some_and(|running| *running.lost.borrow())
        {
            self.stop().await;
        }
        if self.carriers.is_none()
            && let Some(node) = self.db.join().await?
        {
            let outbox = Outbox::new(self.db.clone(), node, self.simulated);
            let carriers =
                Carriers::start(outbox.clone(), self.accounts, std::mem::take(&mut self.late)).await?;
            let (health, lost) = (carriers.health(), carriers.lost());
            self.carriers = Some(Running {
                carriers,
                health,
                lost,
                bound_at: Instant::now(),
            });
        }
        if let Some(running) = &mut self.carriers
            && running
                .health
                .borrow()
                .iter()
                .any(|(_, state)| *state == LinkState::Bound)
        {
            running.bound_at = Instant::now();
        }
        Ok(())
    }

    /// Why going on is of no use, if it is: every link refused, or none bound for too long.
    fn hopeless(&self) -> Option<String> {
        let running = self.carriers.as_ref()?;
        let health = running.health.borrow();
        let refused = health
            .iter()
            .all(|(_, state)| matches!(state, LinkState::Refused(_)));
        if !refused && running.bound_at.elapsed() < PATIENCE {
            return None;
        }
        let words = health.iter().find_map(|(name, state)| match state {
            LinkState::Refused(words) | LinkState::Down(words) => Some(format!("{name}: {words}")),
            LinkState::Connecting | LinkState::Bound => None,
        });
        let why = words.unwrap_or_else(|| "携帯電話会社の接続先が応答しません。".to_owned());
        Some(format!(
            "{why}\nまだ渡していなかった分は取り消しました。接続先を直して同じ命令をもう一度実行すると、残りが送られます。"
        ))
    }

    async fn stop(&mut self) {
        if let Some(running) = self.carriers.take() {
            self.late = running.carriers.stop().await;
        }
    }
}
