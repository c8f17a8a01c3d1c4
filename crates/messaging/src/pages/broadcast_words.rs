//! How broadcasts and messages are told: groups of states, chips, bars, tiles.

use base::clock::{DAY, Millis, japan_midnight};
use web::number::grouped;
use web::time::JapanTime;
use web::ui::{Chip, Part, Progress, Tile, Tiles, Tone};

use crate::broadcast::{Broadcast, BroadcastState, Counts};
use crate::message::MessageState;
use crate::release::{minute_of_day, time_in_words};

/// States that mean the same to the person who waits for the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Group {
    Delivered,
    Accepted,
    Failed,
    Unknown,
    Waiting,
    Cancelled,
}

impl Group {
    pub(super) const ALL: [Self; 6] = [
        Self::Delivered,
        Self::Accepted,
        Self::Failed,
        Self::Unknown,
        Self::Waiting,
        Self::Cancelled,
    ];

    /// The group of a state. Every state has one.
    pub(super) const fn of(state: MessageState) -> Self {
        use MessageState as S;
        match state {
            S::Held | S::Queued | S::Submitting => Self::Waiting,
            S::Accepted => Self::Accepted,
            S::Delivered => Self::Delivered,
            S::Undelivered | S::Expired | S::Rejected => Self::Failed,
            S::Unconfirmed => Self::Unknown,
            S::Cancelled => Self::Cancelled,
        }
    }

    /// As addresses and live updates write it.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.key() == key)
    }

    pub(super) const fn label(self) -> &'static str {
        match self {
            Self::Delivered => "着信",
            Self::Accepted => "送信済（結果待ち）",
            Self::Failed => "不達",
            Self::Unknown => "不明",
            Self::Waiting => "送信待ち",
            Self::Cancelled => "取消",
        }
    }

    const fn tone(self) -> Tone {
        match self {
            Self::Delivered => Tone::Done,
            Self::Accepted => Tone::Accepted,
            Self::Failed => Tone::Failed,
            Self::Unknown => Tone::Unknown,
            Self::Waiting => Tone::Waiting,
            Self::Cancelled => Tone::Cancelled,
        }
    }

    pub(super) fn states(self) -> Vec<MessageState> {
        MessageState::ALL
            .into_iter()
            .filter(|state| Self::of(*state) == self)
            .collect()
    }

    pub(super) fn count(self, counts: &Counts) -> u32 {
        counts.count(|state| Self::of(state) == self)
    }

    /// Cancelled ones are rare; there they would only take room.
    fn is_shown(self, counts: &Counts) -> bool {
        self != Self::Cancelled || self.count(counts) > 0
    }
}

/// The bar with its table. `name` is unique on its page.
pub(super) fn bar(name: &'static str, counts: &Counts) -> Progress {
    let shown = Group::ALL.into_iter().filter(|group| group.is_shown(counts));
    let part = |group: Group| {
        Part::new(
            group.key(),
            group.label(),
            group.tone(),
            group.count(counts).into(),
        )
    };
    Progress::new(name, "進み具合", "人", shown.map(part).collect())
}

/// Big numbers that lead to the messages behind them. `current` is the key of the one that is looked at.
pub(super) fn tiles(broadcast: &Broadcast, counts: &Counts, current: Option<&str>) -> Tiles {
    let address = format!("/broadcasts/{}/messages", broadcast.id);
    let all = Tile::new("total", "全員", counts.total().into(), &address).current(current == Some("total"));
    let shown = Group::ALL.into_iter().filter(|group| group.is_shown(counts));
    let tile = |group: Group| {
        let href = format!("{address}?state={}", group.key());
        Tile::new(group.key(), group.label(), group.count(counts).into(), href)
            .tone(group.tone())
            .current(current == Some(group.key()))
    };
    Tiles::new(
        "状態ごとの人数",
        "人",
        std::iter::once(all).chain(shown.map(tile)).collect(),
    )
}

/// A message's state as a chip.
pub(super) fn message_chip(state: MessageState) -> Chip {
    let tone = match state {
        MessageState::Submitting => Tone::Moving,
        other => Group::of(other).tone(),
    };
    Chip::new(tone, state.label())
}

/// How a broadcast stands as a whole, in one or two words.
pub(super) fn standing(state: BroadcastState, counts: &Counts) -> (Tone, &'static str) {
    match state {
        BroadcastState::Held { .. } => (Tone::Waiting, "取消できる時間"),
        BroadcastState::AwaitingCheck => (Tone::Attention, "確認待ち"),
        BroadcastState::AwaitingApproval => (Tone::Attention, "承認待ち"),
        BroadcastState::FirstWaveFailed => (Tone::Stopped, "最初の数人で停止"),
        BroadcastState::Scheduled { .. } => (Tone::Waiting, "予約"),
        BroadcastState::OutsideHours { .. } => (Tone::Waiting, "時間外・待機中"),
        BroadcastState::FirstWave => (Tone::Moving, "最初の数人に配信中"),
        BroadcastState::Paused => (Tone::Stopped, "停止中"),
        BroadcastState::Sending => (Tone::Moving, "配信中"),
        BroadcastState::AwaitingReceipts => (Tone::Accepted, "結果待ち"),
        BroadcastState::Finished if needs_a_look(counts) => (Tone::Attention, "完了・要確認"),
        BroadcastState::Finished => (Tone::Done, "完了"),
        BroadcastState::Discarded if counts.of(MessageState::Cancelled) == counts.total() => {
            (Tone::Cancelled, "取消")
        }
        BroadcastState::Discarded => (Tone::Cancelled, "途中で破棄"),
        BroadcastState::Returned => (Tone::Attention, "差し戻し"),
        BroadcastState::TooLate if counts.of(MessageState::Cancelled) == 0 => (Tone::Done, "完了"),
        BroadcastState::TooLate => (Tone::Attention, "期限切れで取消あり"),
    }
}

/// 「今日 14:05」, 「明日 8:00」, 「11月24日(火) 8:00」.
pub(super) fn moment_in_words(at: Millis, now: Millis) -> String {
    let days = (japan_midnight(at) - japan_midnight(now)) / DAY;
    let time = time_in_words(minute_of_day(at));
    match days {
        0 => format!("今日 {time}"),
        1 => format!("明日 {time}"),
        _ => format!("{} {time}", JapanTime::from_millis(at).date()),
    }
}

/// 「明日 8:00 に送り始めます」.
pub(super) fn starts_in_words(until: Millis, now: Millis) -> String {
    format!("{} に送り始めます", moment_in_words(until, now))
}

/// Until when it waits for a moment of the clock, in words.
pub(super) fn until_in_words(state: BroadcastState, now: Millis) -> Option<String> {
    match state {
        BroadcastState::Scheduled { until } | BroadcastState::OutsideHours { until } => {
            Some(starts_in_words(until, now))
        }
        _ => None,
    }
}

/// Whether somebody has to act because messages did not, or may not have, arrived.
pub(super) fn needs_a_look(counts: &Counts) -> bool {
    Group::Failed.count(counts) + Group::Unknown.count(counts) > 0
}

/// `217人`.
pub(super) fn people(count: u32) -> String {
    format!("{}人", grouped(u64::from(count)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_says_until_when() {
        // 2026-11-22 14:05:09 in Japan.
        const NOW: Millis = 1_795_323_909_000;
        let midnight = japan_midnight(NOW);
        let at = |days: Millis, minutes: Millis| midnight + days * DAY + minutes * 60_000;
        assert_eq!(starts_in_words(at(1, 480), NOW), "明日 8:00 に送り始めます");
        assert_eq!(moment_in_words(at(0, 1_201), NOW), "今日 20:01");
        assert_eq!(moment_in_words(at(2, 0), NOW), "11月24日(火) 0:00");
        let state = BroadcastState::OutsideHours { until: at(1, 480) };
        assert!(
            until_in_words(state, NOW).is_some() && until_in_words(BroadcastState::Sending, NOW).is_none()
        );
    }

    #[test]
    fn every_message_is_counted_in_exactly_one_group() {
        let mut counts = Counts::default();
        for (count, state) in (1..).zip(MessageState::ALL) {
            counts.add(state, count);
        }
        let grouped: u32 = Group::ALL.into_iter().map(|group| group.count(&counts)).sum();
        assert_eq!(grouped, counts.total());
        assert_eq!(bar("x", &counts).total(), u64::from(counts.total()));
        for group in Group::ALL {
            assert_eq!(Group::from_key(group.key()), Some(group));
        }
    }
}
