//! Where a broadcast stands: every combination of what it waits for leads to the state that outlasts the others.

use base::clock::{HOUR, MINUTE, Millis, japan_midnight};
use base::id::{BroadcastId, MessageId, OfficeId};
use messaging::broadcast::{Broadcast, BroadcastState, Counts, Origin};
use messaging::message::MessageState;
use messaging::release::{Approval, FirstWave, Hours, Release};
use messaging::stage::BroadcastStage;

/// 2026-11-22 14:05:09 in Japan.
const NOW: Millis = 1_795_323_909_000;

fn broadcast() -> Broadcast {
    Broadcast {
        id: BroadcastId::new(1),
        office: OfficeId::HEADQUARTERS,
        list: None,
        template: None,
        file_name: "朝霞.csv".to_owned(),
        stage: BroadcastStage::Live,
        simulated: false,
        sender: "0005123".to_owned(),
        messages: (MessageId::new(1), MessageId::new(10)),
        created_by: None,
        created_at: NOW - HOUR,
        hold_until: NOW - HOUR,
        paused_at: None,
        discarded_at: None,
        handed_over_at: None,
        resend: None,
        origin: Origin::Browser,
        release: Release::default(),
    }
}

fn counts(states: &[MessageState]) -> Counts {
    let mut counts = Counts::default();
    for state in states {
        counts.add(*state, 1);
    }
    counts
}

/// Everything that can keep back what is queued, in the order in which it is told.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each keeps back by itself; all combinations are tried"
)]
struct Case {
    unchecked: bool,
    approval: Option<Approval>,
    paused: bool,
    scheduled: bool,
    held: bool,
    closed: bool,
    wave: Option<FirstWave>,
}

impl Case {
    fn all() -> Vec<Self> {
        let bools = [false, true];
        let approvals = [None, Some(Approval::Waiting), Some(Approval::Approved)];
        let waves = [
            None,
            Some(FirstWave::Out),
            Some(FirstWave::Failed),
            Some(FirstWave::Over),
        ];
        let mut all = Vec::new();
        for bits in 0..32_usize {
            for approval in approvals {
                for wave in waves {
                    let bit = |at: usize| bools[bits >> at & 1];
                    all.push(Self {
                        unchecked: bit(0),
                        approval,
                        paused: bit(1),
                        scheduled: bit(2),
                        held: bit(3),
                        closed: bit(4),
                        wave,
                    });
                }
            }
        }
        all
    }

    fn broadcast(&self) -> Broadcast {
        let mut one = broadcast();
        if self.unchecked {
            one.origin = Origin::Correction;
            one.paused_at = Some(one.created_at);
        } else if self.paused {
            one.paused_at = Some(NOW - MINUTE);
        }
        one.release = Release {
            approval: self.approval,
            scheduled_for: self.scheduled.then_some(NOW + HOUR),
            hours: if self.closed {
                Hours::new(6 * 60, 14 * 60)
            } else {
                Some(Hours::DAYTIME)
            },
            not_after: None,
            first_wave: self.wave,
        };
        if self.held {
            one.hold_until = NOW + MINUTE;
        }
        one
    }

    fn expected(&self) -> BroadcastState {
        if self.unchecked {
            BroadcastState::AwaitingCheck
        } else if self.approval == Some(Approval::Waiting) {
            BroadcastState::AwaitingApproval
        } else if self.paused && self.wave == Some(FirstWave::Failed) {
            BroadcastState::FirstWaveFailed
        } else if self.paused {
            BroadcastState::Paused
        } else if self.scheduled {
            BroadcastState::Scheduled { until: NOW + HOUR }
        } else if self.held {
            BroadcastState::Held { until: NOW + MINUTE }
        } else if self.closed {
            // Six in the morning of the next day.
            let until = japan_midnight(NOW) + 30 * HOUR;
            BroadcastState::OutsideHours { until }
        } else if self.wave == Some(FirstWave::Out) {
            BroadcastState::FirstWave
        } else {
            BroadcastState::Sending
        }
    }
}

#[test]
fn of_all_that_it_waits_for_what_outlasts_the_others_is_told() {
    let cases = Case::all();
    assert_eq!(cases.len(), 32 * 3 * 4);
    for case in cases {
        let one = case.broadcast();
        let waiting = counts(&[MessageState::Queued, MessageState::Delivered]);
        assert_eq!(one.state(&waiting, NOW), case.expected(), "{one:?}");
        // Whatever it waited for: when nothing waits any more, it is over or nearly so.
        let accepted = counts(&[MessageState::Accepted, MessageState::Delivered]);
        assert_eq!(one.state(&accepted, NOW), BroadcastState::AwaitingReceipts);
        let settled = counts(&[MessageState::Delivered, MessageState::Unconfirmed]);
        assert_eq!(one.state(&settled, NOW), BroadcastState::Finished);
    }
}

#[test]
fn what_was_given_up_says_how() {
    for approval in [
        None,
        Some(Approval::Waiting),
        Some(Approval::Approved),
        Some(Approval::Returned),
    ] {
        for not_after in [None, Some(NOW - 1), Some(NOW), Some(NOW + 1)] {
            let mut one = broadcast();
            one.discarded_at = Some(NOW);
            one.release.approval = approval;
            one.release.not_after = not_after;
            let expected = match (approval, not_after) {
                (Some(Approval::Returned), _) => BroadcastState::Returned,
                (_, Some(last)) if last <= NOW => BroadcastState::TooLate,
                _ => BroadcastState::Discarded,
            };
            let over = counts(&[MessageState::Cancelled]);
            assert_eq!(one.state(&over, NOW), expected, "{one:?}");
            // What was being handed over at that moment still is.
            let last = counts(&[MessageState::Submitting, MessageState::Cancelled]);
            assert_eq!(one.state(&last, NOW), BroadcastState::Sending);
        }
    }
}
