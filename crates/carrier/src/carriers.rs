//! All binds of this process, and the housekeeping beside them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base::id::AccountId;
use messaging::outbox::{Answer, Outbox, OutboxError, PartId};
use smpp::session::{Backoff, BindError, BindMode, CloseReason, bind};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::link::{LinkContext, LinkEnd, run};
use crate::profile::CarrierAccount;

/// How often dead nodes are looked for and discarded broadcasts closed.
const HOUSEKEEPING: Duration = Duration::from_millis(500);
/// How often carriers' silence is closed.
const OVERDUE_LOOK: Duration = Duration::from_hours(1);
/// First pause after a throttled answer; doubles up to the longest.
const THROTTLE_PAUSE: Duration = Duration::from_millis(250);
const THROTTLE_PAUSE_MAX: Duration = Duration::from_secs(8);
/// A bind that was refused for good is tried again this rarely: a person has to look first.
const REFUSED_PAUSE: Duration = Duration::from_secs(30);

/// Where one link stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkState {
    /// Not bound yet.
    Connecting,
    /// Bound.
    Bound,
    /// Cannot be reached, or was cut; the words are for the operator.
    Down(String),
    /// The carrier refuses us: wrong name or password.
    Refused(String),
}

/// Where all links stand, by account name.
pub type Health = Vec<(String, LinkState)>;

/// Answers that could not be recorded while this process was no owner, by account name.
pub type LateAnswers = Vec<(String, Vec<(PartId, Answer)>)>;

/// Every carrier link of this process. Ends with [`Carriers::stop`]; dropping it cuts the lines.
pub struct Carriers {
    links: JoinSet<LateAnswers>,
    chores: JoinSet<()>,
    stop: watch::Sender<bool>,
    health: watch::Receiver<Health>,
    lost: watch::Receiver<bool>,
}

impl Carriers {
    /// Starts all binds of `accounts` for `outbox`. `late` are answers that this process could not record
    /// while it was no owner: what they tell of unconfirmed parts is kept.
    pub async fn start(
        outbox: Outbox,
        accounts: &[CarrierAccount],
        late: LateAnswers,
    ) -> Result<Self, OutboxError> {
        let (stop, stop_rx) = watch::channel(false);
        let (health_tx, health) = watch::channel(Vec::new());
        let (lost_tx, lost) = watch::channel(false);
        let (health_tx, lost_tx) = (Arc::new(health_tx), Arc::new(lost_tx));
        outbox.recover().await?;
        let (mut links, mut numbers) = (JoinSet::new(), Vec::new());
        for profile in accounts {
            let account = outbox.account(&profile.name()).await?;
            if let Some((_, answers)) = late.iter().find(|(name, _)| *name == profile.name()) {
                outbox.record(account, answers.clone()).await?;
            }
            numbers.push(account);
            let context = LinkContext {
                outbox: outbox.clone(),
                account,
                profile: Arc::new(profile.clone()),
                pace: Arc::new(Pace::new(profile.rate)),
                stop: stop_rx.clone(),
            };
            for mode in (0..profile.binds).flat_map(|_| modes(profile)) {
                let slot = health_tx.borrow().len();
                health_tx.send_modify(|all| all.push((profile.name(), LinkState::Connecting)));
                let report = Report {
                    health: Arc::clone(&health_tx),
                    slot,
                };
                links.spawn(keep_bound(context.clone(), *mode, report, Arc::clone(&lost_tx)));
            }
        }
        let mut chores = JoinSet::new();
        chores.spawn(housekeeping(outbox, numbers, lost_tx));
        Ok(Self {
            links,
            chores,
            stop,
            health,
            lost,
        })
    }

    /// Where every link stands.
    pub fn health(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    /// Becomes `true` when this process is not the owner any more.
    pub fn lost(&self) -> watch::Receiver<bool> {
        self.lost.clone()
    }

    /// Claims nothing more, waits for outstanding answers, unbinds. Gives the answers that could not be
    /// recorded because the ownership was lost: the next outbox of this process records them.
    pub async fn stop(mut self) -> LateAnswers {
        self.stop.send_replace(true);
        let mut unrecorded = Vec::new();
        while let Some(ended) = self.links.join_next().await {
            unrecorded.extend(ended.unwrap_or_default());
        }
        self.chores.shutdown().await;
        unrecorded
    }
}

fn modes(profile: &CarrierAccount) -> &'static [BindMode] {
    if profile.apart {
        &[BindMode::Transmitter, BindMode::Receiver]
    } else {
        &[BindMode::Transceiver]
    }
}

struct Report {
    health: Arc<watch::Sender<Health>>,
    slot: usize,
}

impl Report {
    fn set(&self, state: LinkState) {
        self.health.send_modify(|all| all[self.slot].1 = state);
    }
}

/// Binds, runs, and binds again after every fall, until stopped.
async fn keep_bound(
    context: LinkContext,
    mode: BindMode,
    report: Report,
    lost: Arc<watch::Sender<bool>>,
) -> LateAnswers {
    let mut config = context.profile.bind.clone();
    config.mode = mode;
    let submits = mode != BindMode::Receiver;
    let (mut backoff, mut first_room) = (Backoff::default(), usize::MAX);
    let mut stop = context.stop.clone();
    while !*stop.borrow() {
        let bound = tokio::select! {
            bound = bind(&config) => bound,
            _ = stop.changed() => continue,
        };
        let pause = match bound {
            Ok((session, events)) => {
                report.set(LinkState::Bound);
                backoff.reset();
                match run(context.clone(), session, events, submits, first_room).await {
                    LinkEnd::Stopped => break,
                    LinkEnd::OwnershipLost { unrecorded } => {
                        lost.send_replace(true);
                        return vec![(context.profile.name(), unrecorded)];
                    }
                    LinkEnd::Closed(reason) => {
                        tracing::warn!(account = %context.profile.name(), ?reason, "carrier link closed");
                        let silent = reason == CloseReason::NoAnswer;
                        first_room = if silent { 1 } else { usize::MAX };
                        report.set(LinkState::Down(closed_words(&reason)));
                        backoff.after_failure(random())
                    }
                }
            }
            Err(error) => {
                tracing::warn!(account = %context.profile.name(), %error, "carrier bind failed");
                report.set(failed_state(&error));
                if is_refusal(&error) {
                    REFUSED_PAUSE
                } else {
                    backoff.after_failure(random())
                }
            }
        };
        let _ = timeout(pause, stop.changed()).await;
    }
    Vec::new()
}

/// Only a wrong name or password is hopeless. "Already bound" passes: after a crash the carrier may hold
/// the dead connection for bound a while longer.
fn is_refusal(error: &BindError) -> bool {
    error.is_permanent() && !matches!(error, BindError::Refused(smpp::pdu::CommandStatus::ESME_RALYBND))
}

fn failed_state(error: &BindError) -> LinkState {
    let words = match error {
        BindError::Unreachable(source) => {
            format!(
                "携帯電話会社の接続先につながりません（{source}）。ホスト名、ポート、回線を確かめてください。"
            )
        }
        BindError::NoAnswer => {
            "携帯電話会社の接続先が応答しません。相手の状態を確かめ、しばらくしてからもう一度お試しください。"
                .to_owned()
        }
        BindError::Refused(status) => format!(
            "携帯電話会社が接続を断りました（{status}）。利用者名とパスワード、契約の同時接続数を確かめてください。"
        ),
        BindError::Tls(source) => {
            format!(
                "携帯電話会社との暗号化した接続ができません（{source}）。証明書の設定を確かめてください。"
            )
        }
        BindError::Protocol(what) => {
            format!("接続先が SMPP で応答しません（{what}）。ホスト名とポートを確かめてください。")
        }
        BindError::Config(source) => format!("接続先の設定が SMPP で送れる形ではありません（{source}）。"),
    };
    if is_refusal(error) {
        LinkState::Refused(words)
    } else {
        LinkState::Down(words)
    }
}

fn closed_words(reason: &CloseReason) -> String {
    match reason {
        CloseReason::NoAnswer => "携帯電話会社が応答しなくなりました。つなぎ直しています。",
        CloseReason::UnboundBySmsc => "携帯電話会社が接続を終えました。つなぎ直しています。",
        CloseReason::Protocol(_) => "携帯電話会社から読めないデータが届きました。つなぎ直しています。",
        CloseReason::Disconnected(_) | CloseReason::Unbound | CloseReason::Abandoned => {
            "携帯電話会社との接続が切れました。つなぎ直しています。"
        }
    }
    .to_owned()
}

fn random() -> u32 {
    getrandom::u32().unwrap_or_default()
}

async fn housekeeping(outbox: Outbox, accounts: Vec<AccountId>, lost: Arc<watch::Sender<bool>>) {
    let mut overdue_at = Instant::now();
    loop {
        match tidy(&outbox, &accounts).await {
            Ok(0) => {}
            Ok(parts) => tracing::warn!(parts, "parts of a node that is gone became unconfirmed"),
            Err(OutboxError::OwnershipLost) => {
                lost.send_replace(true);
                return;
            }
            Err(error) => tracing::error!(%error, "housekeeping failed"),
        }
        if overdue_at <= Instant::now() {
            overdue_at = Instant::now() + OVERDUE_LOOK;
            if let Err(error) = outbox.close_overdue().await {
                tracing::error!(%error, "overdue receipts could not be closed");
            }
        }
        sleep(HOUSEKEEPING).await;
    }
}

async fn tidy(outbox: &Outbox, accounts: &[AccountId]) -> Result<u64, OutboxError> {
    let orphaned = outbox.recover().await?;
    for account in accounts {
        outbox.match_strays(*account).await?;
    }
    Ok(orphaned)
}

/// How fast one account may go: the contract's rate, and the carrier's own "not so fast".
pub(crate) struct Pace {
    rate: Option<u32>,
    state: Mutex<PaceState>,
}

struct PaceState {
    tokens: f64,
    filled_at: Instant,
    closed_until: Instant,
    next_pause: Duration,
}

impl Pace {
    pub(crate) fn new(rate: Option<u32>) -> Self {
        let now = Instant::now();
        let state = PaceState {
            tokens: 0.0,
            filled_at: now,
            closed_until: now,
            next_pause: THROTTLE_PAUSE,
        };
        Self {
            rate,
            state: Mutex::new(state),
        }
    }

    /// Up to `wanted` parts that may go now.
    pub(crate) fn take(&self, wanted: usize) -> usize {
        let Ok(mut state) = self.state.lock() else {
            return 0;
        };
        let now = Instant::now();
        if now < state.closed_until {
            return 0;
        }
        let Some(rate) = self.rate else { return wanted };
        let rate = f64::from(rate);
        // A tenth of a second's worth may gather, so that an idle second is not a burst afterwards.
        let gathered = now.duration_since(state.filled_at).as_secs_f64() * rate;
        state.tokens = (state.tokens + gathered).min((rate / 10.0).max(1.0));
        state.filled_at = now;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded by the rate, never negative"
        )]
        let granted = wanted.min(state.tokens.floor() as usize);
        #[expect(clippy::cast_precision_loss, reason = "a window is far below 2^52")]
        let spent = granted as f64;
        state.tokens -= spent;
        granted
    }

    /// What was taken and not used.
    pub(crate) fn give_back(&self, unused: usize) {
        if self.rate.is_some()
            && let Ok(mut state) = self.state.lock()
        {
            #[expect(clippy::cast_precision_loss, reason = "a window is far below 2^52")]
            let unused = unused as f64;
            state.tokens += unused;
        }
    }

    /// The carrier said "not now": nothing is handed over for this long.
    pub(crate) fn slow_down(&self) -> Duration {
        let Ok(mut state) = self.state.lock() else {
            return THROTTLE_PAUSE_MAX;
        };
        let now = Instant::now();
        if now >= state.closed_until {
            state.closed_until = now + state.next_pause;
            state.next_pause = (state.next_pause * 2).min(THROTTLE_PAUSE_MAX);
        }
        state.closed_until.duration_since(now)
    }

    /// The carrier takes messages again.
    pub(crate) fn went_well(&self) {
        if let Ok(mut state) = self.state.lock()
            && Instant::now() >= state.closed_until
        {
            state.next_pause = THROTTLE_PAUSE;
        }
    }
}
