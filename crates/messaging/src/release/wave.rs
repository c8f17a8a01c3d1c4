//! The first wave: a few messages that go ahead, spread over the list, before the others follow.

use base::clock::Millis;
use base::id::MessageId;

use crate::limits::FIRST_WAVE;
use crate::message::MessageState;

/// The messages that go first, of those that a broadcast has by consecutive numbers: its first, its last, and others
/// evenly between, so that whatever is wrong with one stretch of a list shows.
pub fn members((first, last): (MessageId, MessageId)) -> Vec<MessageId> {
    let (first, last) = (first.get(), last.get());
    let steps = i64::try_from(FIRST_WAVE).unwrap_or(2).max(2) - 1;
    let mut members: Vec<i64> = (0..=steps)
        .map(|step| first + (last - first) * step / steps)
        .collect();
    members.dedup();
    members.into_iter().map(MessageId::new).collect()
}

/// One of them, as it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member {
    /// The greatest state of its parts.
    pub state: MessageState,
    /// When its first part was handed over.
    pub submitted_at: Option<Millis>,
}

/// What follows from the first wave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Not known yet.
    Wait,
    /// All arrived: the others follow.
    Passed,
    /// Somebody did not get it: a person decides.
    NotDelivered,
    /// Nobody knows in time: a person decides.
    Silent,
}

/// What follows from how its messages stand. One that was called back meanwhile says nothing.
pub fn judge(members: &[Member], patience: Millis, now: Millis) -> Verdict {
    use MessageState as S;
    let counted = members.iter().filter(|one| one.state != S::Cancelled);
    let mut all_arrived = true;
    for one in counted.clone() {
        match one.state {
            S::Delivered => {}
            S::Undelivered | S::Expired | S::Rejected => return Verdict::NotDelivered,
            S::Held | S::Queued | S::Submitting | S::Accepted | S::Unconfirmed | S::Cancelled => {
                all_arrived = false;
            }
        }
    }
    if all_arrived {
        return if counted.count() > 0 {
            Verdict::Passed
        } else {
            Verdict::Silent
        };
    }
    let began = counted.filter_map(|one| one.submitted_at).min();
    match began {
        Some(began) if now - began >= patience => Verdict::Silent,
        _ => Verdict::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::clock::MINUTE;

    fn wave(states: &[MessageState]) -> Vec<Member> {
        let member = |state: &MessageState| Member {
            state: *state,
            submitted_at: (*state != MessageState::Queued).then_some(1_000),
        };
        states.iter().map(member).collect()
    }

    #[test]
    fn the_wave_is_spread_over_the_list_from_end_to_end() {
        let ids = |first, last| -> Vec<i64> {
            let found = members((MessageId::new(first), MessageId::new(last)));
            found.into_iter().map(MessageId::get).collect()
        };
        assert_eq!(ids(1_001, 1_100), [1_001, 1_025, 1_050, 1_075, 1_100]);
        assert_eq!(ids(7, 9), [7, 8, 9]);
        assert_eq!(ids(7, 7), [7]);
    }

    #[test]
    fn every_state_of_one_message_leads_somewhere() {
        use MessageState as S;
        let (soon, late) = (2_000, 1_000 + 10 * MINUTE);
        for state in S::ALL {
            let members = wave(&[S::Delivered, state]);
            let (now, later) = match state {
                S::Delivered | S::Cancelled => (Verdict::Passed, Verdict::Passed),
                S::Undelivered | S::Expired | S::Rejected => (Verdict::NotDelivered, Verdict::NotDelivered),
                S::Held | S::Queued | S::Submitting | S::Accepted | S::Unconfirmed => {
                    (Verdict::Wait, Verdict::Silent)
                }
            };
            assert_eq!(judge(&members, 10 * MINUTE, soon), now, "{state:?}");
            assert_eq!(judge(&members, 10 * MINUTE, late), later, "{state:?}");
        }
    }

    #[test]
    fn nothing_is_awaited_before_the_first_has_left_and_nobody_is_no_proof() {
        use MessageState as S;
        let waiting = wave(&[S::Queued, S::Queued]);
        assert_eq!(judge(&waiting, MINUTE, 100 * MINUTE), Verdict::Wait);
        assert_eq!(judge(&wave(&[S::Cancelled]), MINUTE, 0), Verdict::Silent);
    }
}
