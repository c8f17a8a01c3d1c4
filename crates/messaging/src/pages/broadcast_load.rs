//! A broadcast as a page of the signed-in person may show it.

use accounts::SignedIn;
use base::clock::{MINUTE, Millis};
use base::id::{BroadcastId, OrgId};
use web::PageError;

use super::broadcast_words::{Group, starts_in_words};
use super::{Desk, failed, may_see};
use crate::broadcast::{Broadcast, BroadcastState};
use crate::store::{self, Progress};

/// A broadcast of the person's organisation and, outside of the head office, of their office.
pub(super) async fn load(desk: &Desk, session: &SignedIn, id: BroadcastId) -> Result<Broadcast, PageError> {
    let broadcast = store::broadcast(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?;
    broadcast
        .filter(|broadcast| may_see(&session.staff, broadcast.office))
        .ok_or(PageError::NotFound)
}

/// A broadcast at one moment.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) broadcast: Broadcast,
    pub(super) progress: Progress,
    pub(super) now: Millis,
}

impl Moment {
    /// How `broadcast` stands at present.
    pub(super) async fn of(desk: &Desk, org: OrgId, broadcast: Broadcast) -> Result<Self, PageError> {
        let now = desk.db.now();
        let progress = store::progress(&desk.db, org, &broadcast, now - MINUTE, now)
            .await
            .map_err(failed)?;
        Ok(Self {
            broadcast,
            progress,
            now,
        })
    }

    pub(super) fn state(&self) -> BroadcastState {
        self.broadcast.state(&self.progress.counts, self.now)
    }

    /// Whether nothing waits and no receipt is awaited: the result is known.
    pub(super) fn is_settled(&self) -> bool {
        let counts = &self.progress.counts;
        Group::Accepted.count(counts) + Group::Waiting.count(counts) == 0
    }

    /// Messages handed over a minute, from the last minute or what there was of it.
    fn rate(&self) -> Option<u64> {
        let began = self.progress.first_handed_over?;
        let span = (self.now - began).clamp(1_000, MINUTE);
        let rate = i64::from(self.progress.lately) * MINUTE / span;
        u64::try_from(rate).ok().filter(|rate| *rate > 0)
    }

    /// `毎分 240人`.
    pub(super) fn rate_in_words(&self) -> String {
        let rate = self.rate().filter(|_| self.state() == BroadcastState::Sending);
        rate.map_or_else(
            || "—".to_owned(),
            |rate| format!("毎分 {}人", web::number::grouped(rate)),
        )
    }

    /// `あと約12秒`, for handing over what waits.
    pub(super) fn time_left_in_words(&self) -> String {
        let waiting = u64::from(
            self.progress
                .counts
                .count(crate::message::MessageState::is_waiting),
        );
        match (self.state(), self.rate()) {
            (BroadcastState::Sending, Some(rate)) => {
                format!(
                    "あと約{}",
                    web::time::duration((waiting * 60).div_ceil(rate).max(1))
                )
            }
            (BroadcastState::Sending, None) => "計算しています".to_owned(),
            (BroadcastState::Paused | BroadcastState::FirstWaveFailed, _) => "止まっています".to_owned(),
            (BroadcastState::AwaitingCheck, _) => "確認を待っています".to_owned(),
            (BroadcastState::AwaitingApproval, _) => "承認を待っています".to_owned(),
            (BroadcastState::FirstWave, _) => "最初の数人の結果を待っています".to_owned(),
            (BroadcastState::Scheduled { until } | BroadcastState::OutsideHours { until }, _) => {
                starts_in_words(until, self.now)
            }
            (BroadcastState::AwaitingReceipts, _) => {
                "送り終えました。携帯電話会社の知らせを待っています".to_owned()
            }
            _ => "—".to_owned(),
        }
    }

    /// One sentence for those who cannot see the bar.
    pub(super) fn announcement(&self) -> String {
        use super::broadcast_words::{Group, people};
        let counts = &self.progress.counts;
        let handed = counts.total() - Group::Waiting.count(counts) - Group::Cancelled.count(counts);
        format!(
            "{}のうち{}に送り、{}に届きました。",
            people(counts.total()),
            people(handed),
            people(Group::Delivered.count(counts))
        )
    }
}

/// The word for a state in the address of the live stream: the page asks to be told when it changes.
pub(super) const fn word(state: BroadcastState) -> &'static str {
    match state {
        BroadcastState::Held { .. } => "held",
        BroadcastState::AwaitingCheck => "unchecked",
        BroadcastState::AwaitingApproval => "approval",
        BroadcastState::FirstWaveFailed => "wave-failed",
        BroadcastState::Scheduled { .. } => "scheduled",
        BroadcastState::OutsideHours { .. } => "closed",
        BroadcastState::FirstWave => "wave",
        BroadcastState::Paused => "paused",
        BroadcastState::Sending => "sending",
        BroadcastState::AwaitingReceipts => "awaiting",
        BroadcastState::Finished => "finished",
        BroadcastState::Discarded => "discarded",
        BroadcastState::Returned => "returned",
        BroadcastState::TooLate => "too-late",
    }
}
