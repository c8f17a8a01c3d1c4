//! What the home page warns of, as it follows from how things stand: nothing has to run for an alarm to be there, and
//! it goes when its cause goes.
//!
//! Alarms that something else raises (a budget, too many reveals, a broken audit trail) are kept by whoever raises
//! them.

use base::clock::{HOUR, MINUTE, Millis};
use base::id::{AccountId, BroadcastId};

use crate::broadcast::Counts;
use crate::message::MessageState;

/// Broadcasts of so few people say nothing about a share.
pub const SHARE_ABOVE: u32 = 50;
/// In percent: a good list has one or two.
pub const UNDELIVERED_SHARE: u32 = 3;
/// How long a message may wait for its turn.
pub const LONGEST_WAIT: Millis = 2 * HOUR;
/// How long something may wait without anything being handed over, before the carrier counts as gone.
pub const SILENCE: Millis = 5 * MINUTE;

/// Messages of one carrier account that are held against those before them.
pub const RECENT: u32 = 200;
/// Fewer say nothing of a carrier: ten bad numbers in a row happen.
pub const RECENT_LEAST: u32 = 50;
/// In percent: a carrier in order loses one or two of what it takes.
pub const LOST_SHARE: u32 = 20;
/// How many times the share before.
pub const LOST_JUMP: u32 = 4;
/// How long a message that the carrier took may be without a receipt before it counts as lost.
pub const SILENT_FOR: Millis = 30 * MINUTE;

/// How many messages ended, and of how many nobody knows whether they arrived.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    /// All that ended, or are overdue.
    pub ended: u32,
    /// Unconfirmed, expired, or without a receipt for long.
    pub lost: u32,
}

/// The latest messages of one carrier account, and those before them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lately {
    /// Which account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// The last [`RECENT`].
    pub lately: Tally,
    /// Those before.
    pub before: Tally,
    /// When the first of the lost ones among the latest was lost.
    pub since: Millis,
}

impl Lately {
    /// Whether the carrier seems to be out of order: many are lost now, and far fewer were before. What was never in
    /// order is a bad list, and another alarm; two in a hundred are usual, whatever was before.
    pub fn is_outage(&self) -> bool {
        let Tally { ended, lost } = self.lately;
        if ended < RECENT_LEAST || u64::from(lost) * 100 < u64::from(LOST_SHARE) * u64::from(ended) {
            return false;
        }
        let before = self.before;
        // Two in a hundred more than were counted, so that few messages before make no wild share.
        let (before_lost, before_ended) = (u64::from(before.lost) + 2, u64::from(before.ended) + 100);
        u64::from(lost) * before_ended >= u64::from(LOST_JUMP) * before_lost * u64::from(ended)
    }
}

/// Something that somebody has to look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Alarm {
    /// Too many of a broadcast did not arrive.
    Undelivered {
        /// Which.
        broadcast: BroadcastId,
        /// The list's name.
        name: String,
        /// How many did not arrive.
        missed: u32,
        /// Of how many.
        total: u32,
    },
    /// A message waits for long, although its broadcast may send.
    WaitsLong {
        /// Which.
        broadcast: BroadcastId,
        /// Since when it could have left.
        since: Millis,
    },
    /// One carrier seems to be out of order.
    Outage {
        /// The account's name.
        name: String,
        /// Of how many of the latest nobody knows whether they arrived.
        lost: u32,
        /// How many the latest are.
        ended: u32,
        /// Since when.
        since: Millis,
    },
    /// Something waits, and nothing takes it.
    NothingTakes {
        /// Whether no process that sends is alive, rather than its carrier.
        is_nobody_there: bool,
    },
}

/// A broadcast of the day, for [`undelivered`].
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// Which.
    pub broadcast: BroadcastId,
    /// The list's name.
    pub name: &'a str,
    /// How its messages stand.
    pub counts: &'a Counts,
}

/// What waits for its turn, for [`waiting`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting {
    /// The broadcast that could have sent for longest.
    pub broadcast: BroadcastId,
    /// Since when.
    pub since: Millis,
    /// Whether a process that sends is alive.
    pub is_somebody_there: bool,
    /// Whether anything of that broadcast was handed over within [`SILENCE`].
    pub moves: bool,
}

/// The broadcast if too many of its people did not get it.
pub fn undelivered(one: &Ended<'_>) -> Option<Alarm> {
    let total = one.counts.total();
    let missed = one.counts.count(|state| {
        matches!(
            state,
            MessageState::Undelivered | MessageState::Expired | MessageState::Rejected
        )
    });
    let is_many =
        total > SHARE_ABOVE && u64::from(missed) * 100 > u64::from(UNDELIVERED_SHARE) * u64::from(total);
    is_many.then(|| Alarm::Undelivered {
        broadcast: one.broadcast,
        name: one.name.to_owned(),
        missed,
        total,
    })
}

/// The carrier if it seems to be out of order.
pub fn outage(one: &Lately) -> Option<Alarm> {
    one.is_outage().then(|| Alarm::Outage {
        name: one.name.clone(),
        lost: one.lately.lost,
        ended: one.lately.ended,
        since: one.since,
    })
}

/// What is wrong with that something waits.
pub fn waiting(one: Waiting, now: Millis) -> Vec<Alarm> {
    let waited = now - one.since;
    let mut alarms = Vec::new();
    if waited > SILENCE && (!one.is_somebody_there || !one.moves) {
        alarms.push(Alarm::NothingTakes {
            is_nobody_there: !one.is_somebody_there,
        });
    }
    if waited > LONGEST_WAIT {
        alarms.push(Alarm::WaitsLong {
            broadcast: one.broadcast,
            since: one.since,
        });
    }
    alarms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(delivered: u32, undelivered: u32) -> Counts {
        let mut counts = Counts::default();
        counts.add(MessageState::Delivered, delivered);
        counts.add(MessageState::Undelivered, undelivered);
        counts
    }

    #[test]
    fn more_than_three_in_a_hundred_of_more_than_fifty() {
        let alarms = |delivered, missed| {
            undelivered(&Ended {
                broadcast: BroadcastId::new(1),
                name: "朝.csv",
                counts: &counts(delivered, missed),
            })
            .is_some()
        };
        assert!(!alarms(97, 3), "three per cent are usual");
        assert!(alarms(96, 4));
        assert!(!alarms(40, 10), "of fifty nothing follows");
        assert!(alarms(47, 4));
        assert!(!alarms(0, 0));
    }

    #[test]
    fn an_outage_is_a_jump_and_no_bad_list() {
        let is_outage = |lately: (u32, u32), before: (u32, u32)| {
            let tally = |(lost, ended)| Tally { ended, lost };
            let one = Lately {
                account: AccountId::new(1),
                name: "todoke@carrier:2775".to_owned(),
                lately: tally(lately),
                before: tally(before),
                since: 0,
            };
            outage(&one).is_some()
        };
        assert!(!is_outage((10, 10), (0, 1_000)), "ten say nothing");
        assert!(!is_outage((6, 200), (60, 2_000)), "three in a hundred are usual");
        assert!(is_outage((60, 200), (60, 2_000)));
        assert!(!is_outage((60, 200), (600, 2_000)), "it was never better");
        assert!(is_outage((40, 50), (0, 0)), "from its first messages on");
        assert!(!is_outage((39, 200), (0, 4_800)), "less than a fifth");
    }

    #[test]
    fn what_waits_is_told_when_nothing_takes_it_or_it_takes_too_long() {
        let now = 1_795_323_909_000;
        let one = |waited, is_somebody_there, moves| {
            let one = Waiting {
                broadcast: BroadcastId::new(1),
                since: now - waited,
                is_somebody_there,
                moves,
            };
            waiting(one, now).len()
        };
        assert_eq!(one(SILENCE, false, false), 0);
        assert_eq!(one(SILENCE + 1, false, false), 1);
        assert_eq!(one(SILENCE + 1, true, false), 1);
        assert_eq!(one(LONGEST_WAIT, true, true), 0, "it moves");
        assert_eq!(one(LONGEST_WAIT + 1, true, true), 1);
        assert_eq!(one(LONGEST_WAIT + 1, true, false), 2);
    }
}
