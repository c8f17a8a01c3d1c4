//! One SMS to one person: its state, and the only function that changes it.
//!
//! The state is kept per part; a message shows the greatest state of its parts, in the order of
//! [`MessageState::code`]: it is Delivered only when all parts are, and one unknown part makes it unknown.
//! Opening a link, an answer, a call are facts beside the state.

use serde::{Deserialize, Serialize};

/// Where a message is on its way. `docs/statuses.md` explains each to staff.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Waits for its hold window; can be withdrawn.
    Held,
    /// Waits for its turn.
    Queued,
    /// Committed to be handed over; no answer recorded yet.
    Submitting,
    /// The carrier has taken it; the receipt is awaited.
    Accepted,
    /// The phone has it.
    Delivered,
    /// The carrier says that it did not reach the phone.
    Undelivered,
    /// The carrier gave up after its validity ended.
    Expired,
    /// The carrier refused it.
    Rejected,
    /// Withdrawn by us before it was handed over.
    Cancelled,
    /// May have reached the carrier; we do not know. Nothing resends it by itself.
    Unconfirmed,
}

/// What can happen to a part.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The hold window is over.
    HoldEnded,
    /// A worker has claimed it; the commit of this is the attempt.
    Claimed,
    /// The carrier has taken it.
    Taken,
    /// The carrier refuses it for now: throttled, queue full.
    RefusedForNow,
    /// The carrier refuses it for good.
    RefusedForGood,
    /// Not a byte of it left: the connection ended before.
    NeverWritten,
    /// The connection, the worker or the carrier's patience ended with no answer.
    NoAnswer,
    /// A delivery receipt.
    Receipt(Outcome),
    /// No receipt came by the end of its validity and an hour more.
    ReceiptOverdue,
    /// The rest of the broadcast was discarded before any part of this message left.
    Discarded,
    /// Another part of the message was refused for good, the rest was discarded after a part had left, or the carrier
    /// gave it back after it had been recalled.
    Abandoned,
    /// A person found out what became of it.
    Settled(Settlement),
}

/// What a delivery receipt says (SMPP 3.4, 5.2.28 and appendix B).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// ENROUTE, ACCEPTD: still under way.
    UnderWay,
    /// DELIVRD.
    Delivered,
    /// UNDELIV, DELETED.
    Undelivered,
    /// EXPIRED.
    Expired,
    /// REJECTD.
    Rejected,
    /// UNKNOWN: the carrier does not know either.
    Unknown,
}

/// What a person found out about an unconfirmed message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settlement {
    /// The recipient has it.
    Delivered,
    /// The recipient does not have it.
    Undelivered,
}

impl MessageState {
    /// Every state, in the order of a message's life.
    pub const ALL: [Self; 10] = [
        Self::Held,
        Self::Queued,
        Self::Submitting,
        Self::Accepted,
        Self::Delivered,
        Self::Undelivered,
        Self::Expired,
        Self::Rejected,
        Self::Cancelled,
        Self::Unconfirmed,
    ];

    /// The state after `event`, or `None` if the event changes nothing.
    ///
    /// Receipts follow one precedence, whatever their order: Delivered, Rejected, Undelivered, Expired,
    /// then Unconfirmed. Nothing goes back from Delivered.
    pub fn on(self, event: Event) -> Option<Self> {
        use MessageState as S;
        let next = match (self, event) {
            (S::Held | S::Queued, Event::Discarded) => S::Cancelled,
            (S::Queued, Event::Claimed) => S::Submitting,
            (S::Submitting, Event::Taken) => S::Accepted,
            (S::Held, Event::HoldEnded) | (S::Submitting, Event::RefusedForNow | Event::NeverWritten) => {
                S::Queued
            }
            (S::Submitting, Event::RefusedForGood) => S::Rejected,
            (S::Submitting, Event::NoAnswer) | (S::Accepted, Event::ReceiptOverdue) => S::Unconfirmed,
            (S::Unconfirmed, Event::Settled(Settlement::Delivered)) => S::Delivered,
            (S::Queued, Event::Abandoned) | (S::Unconfirmed, Event::Settled(Settlement::Undelivered)) => {
                S::Undelivered
            }
            (_, Event::Receipt(outcome)) => return self.on_receipt(outcome),
            _ => return None,
        };
        Some(next)
    }

    fn on_receipt(self, outcome: Outcome) -> Option<Self> {
        let (now, next) = (self.receipt_rank()?, outcome.state()?);
        (next.receipt_rank()? > now).then_some(next)
    }

    /// How much a receipt has settled already; `None` where no receipt can be meant.
    fn receipt_rank(self) -> Option<u8> {
        match self {
            Self::Held | Self::Queued | Self::Cancelled => None,
            Self::Submitting | Self::Accepted => Some(0),
            Self::Unconfirmed => Some(1),
            Self::Expired => Some(2),
            Self::Undelivered => Some(3),
            Self::Rejected => Some(4),
            Self::Delivered => Some(5),
        }
    }

    /// The number in the database. The greatest one among its parts is the state of a message.
    pub const fn code(self) -> i64 {
        match self {
            Self::Delivered => 10,
            Self::Accepted => 20,
            Self::Cancelled => 30,
            Self::Undelivered => 40,
            Self::Expired => 50,
            Self::Rejected => 60,
            Self::Held => 65,
            Self::Queued => 70,
            Self::Submitting => 80,
            Self::Unconfirmed => 90,
        }
    }

    /// The state with this number in the database.
    pub fn from_code(code: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The word in reports and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Submitting => "submitting",
            Self::Accepted => "accepted",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// The word that staff read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Held => "取消待ち時間",
            Self::Queued => "送信待ち",
            Self::Submitting => "送信中",
            Self::Accepted => "送信済（結果待ち）",
            Self::Delivered => "着信済",
            Self::Undelivered => "不達",
            Self::Expired => "期限切れ",
            Self::Rejected => "受付拒否",
            Self::Cancelled => "取消",
            Self::Unconfirmed => "結果不明",
        }
    }

    /// What happened and what to do, in a sentence or two for staff.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Held => "まだ送っていません。待ち時間のあいだは取り消せます。",
            Self::Queued => "送信の順番を待っています。このままお待ちください。",
            Self::Submitting => "携帯電話会社へ渡しているところです。このままお待ちください。",
            Self::Accepted => "携帯電話会社が受け付けました。電話機に届いたかどうかの知らせを待っています。",
            Self::Delivered => "電話機に届きました。本人が読んだかどうかは分かりません。",
            Self::Undelivered => {
                "電話機に届きませんでした。番号を確かめ、電話など別の方法で連絡してください。"
            }
            Self::Expired => {
                "電源が入っていないなどの理由で、期限までに届きませんでした。電話など別の方法で連絡してください。"
            }
            Self::Rejected => {
                "携帯電話会社が受け付けませんでした。理由を確かめ、番号や文面を直して送り直すか、電話で連絡してください。"
            }
            Self::Cancelled => "送る前に取り消しました。相手には届いていません。",
            Self::Unconfirmed => {
                "送信中に接続が切れたため、届いたかどうか分かりません。自動では送り直しません。本人に確かめるか、理由を付けて送り直してください。"
            }
        }
    }

    /// Whether nothing more will happen by itself.
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Delivered | Self::Undelivered | Self::Expired | Self::Rejected | Self::Cancelled
        )
    }

    /// Whether it still waits to be handed over.
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Held | Self::Queued | Self::Submitting)
    }

    /// Whether it may have reached somebody.
    pub const fn has_left(self) -> bool {
        match self {
            Self::Submitting
            | Self::Accepted
            | Self::Delivered
            | Self::Undelivered
            | Self::Expired
            | Self::Unconfirmed => true,
            Self::Held | Self::Queued | Self::Rejected | Self::Cancelled => false,
        }
    }

    /// Whether the carrier certainly has, or had, it.
    pub const fn is_accepted_or_further(self) -> bool {
        matches!(
            self,
            Self::Accepted | Self::Delivered | Self::Undelivered | Self::Expired
        )
    }
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 6] = [
        Self::UnderWay,
        Self::Delivered,
        Self::Undelivered,
        Self::Expired,
        Self::Rejected,
        Self::Unknown,
    ];

    fn state(self) -> Option<MessageState> {
        match self {
            Self::UnderWay => None,
            Self::Delivered => Some(MessageState::Delivered),
            Self::Undelivered => Some(MessageState::Undelivered),
            Self::Expired => Some(MessageState::Expired),
            Self::Rejected => Some(MessageState::Rejected),
            Self::Unknown => Some(MessageState::Unconfirmed),
        }
    }

    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnderWay => "under_way",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
        }
    }

    /// The outcome that the database's word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }

    /// The word that staff read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::UnderWay => "配達中",
            Self::Delivered => "着信",
            Self::Undelivered => "不達",
            Self::Expired => "期限切れ",
            Self::Rejected => "拒否",
            Self::Unknown => "不明",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MessageState as S;
    use super::*;

    fn events() -> Vec<Event> {
        let mut all = vec![
            Event::HoldEnded,
            Event::Claimed,
            Event::Taken,
            Event::RefusedForNow,
            Event::RefusedForGood,
            Event::NeverWritten,
            Event::NoAnswer,
            Event::ReceiptOverdue,
            Event::Discarded,
            Event::Abandoned,
            Event::Settled(Settlement::Delivered),
            Event::Settled(Settlement::Undelivered),
        ];
        all.extend(Outcome::ALL.map(Event::Receipt));
        all
    }

    /// Every pair: what is not in this table changes nothing.
    #[test]
    fn every_pair_of_state_and_event() {
        use Event as E;
        use Outcome as O;
        let table = [
            (S::Held, E::HoldEnded, S::Queued),
            (S::Held, E::Discarded, S::Cancelled),
            (S::Queued, E::Claimed, S::Submitting),
            (S::Queued, E::Discarded, S::Cancelled),
            (S::Queued, E::Abandoned, S::Undelivered),
            (S::Submitting, E::Taken, S::Accepted),
            (S::Submitting, E::RefusedForNow, S::Queued),
            (S::Submitting, E::RefusedForGood, S::Rejected),
            (S::Submitting, E::NeverWritten, S::Queued),
            (S::Submitting, E::NoAnswer, S::Unconfirmed),
            (S::Submitting, E::Receipt(O::Delivered), S::Delivered),
            (S::Submitting, E::Receipt(O::Undelivered), S::Undelivered),
            (S::Submitting, E::Receipt(O::Expired), S::Expired),
            (S::Submitting, E::Receipt(O::Rejected), S::Rejected),
            (S::Submitting, E::Receipt(O::Unknown), S::Unconfirmed),
            (S::Accepted, E::ReceiptOverdue, S::Unconfirmed),
            (S::Accepted, E::Receipt(O::Delivered), S::Delivered),
            (S::Accepted, E::Receipt(O::Undelivered), S::Undelivered),
            (S::Accepted, E::Receipt(O::Expired), S::Expired),
            (S::Accepted, E::Receipt(O::Rejected), S::Rejected),
            (S::Accepted, E::Receipt(O::Unknown), S::Unconfirmed),
            (S::Unconfirmed, E::Receipt(O::Delivered), S::Delivered),
            (S::Unconfirmed, E::Receipt(O::Undelivered), S::Undelivered),
            (S::Unconfirmed, E::Receipt(O::Expired), S::Expired),
            (S::Unconfirmed, E::Receipt(O::Rejected), S::Rejected),
            (S::Unconfirmed, E::Settled(Settlement::Delivered), S::Delivered),
            (
                S::Unconfirmed,
                E::Settled(Settlement::Undelivered),
                S::Undelivered,
            ),
            (S::Expired, E::Receipt(O::Delivered), S::Delivered),
            (S::Expired, E::Receipt(O::Rejected), S::Rejected),
            (S::Expired, E::Receipt(O::Undelivered), S::Undelivered),
            (S::Undelivered, E::Receipt(O::Delivered), S::Delivered),
            (S::Undelivered, E::Receipt(O::Rejected), S::Rejected),
            (S::Rejected, E::Receipt(O::Delivered), S::Delivered),
        ];
        for state in S::ALL {
            for event in events() {
                let expected = table
                    .iter()
                    .find(|(s, e, _)| (*s, *e) == (state, event))
                    .map(|row| row.2);
                assert_eq!(state.on(event), expected, "{state:?} on {event:?}");
            }
        }
    }

    #[test]
    fn receipts_give_the_same_end_in_every_order() {
        let all = Outcome::ALL;
        for a in all {
            for b in all {
                for c in all {
                    let end = |order: [Outcome; 3]| {
                        order.into_iter().fold(S::Accepted, |state, outcome| {
                            state.on(Event::Receipt(outcome)).unwrap_or(state)
                        })
                    };
                    let ends = [[a, b, c], [a, c, b], [b, a, c], [b, c, a], [c, a, b], [c, b, a]].map(end);
                    assert!(
                        ends.iter().all(|one| *one == ends[0]),
                        "{a:?} {b:?} {c:?}: {ends:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_message_is_delivered_only_when_all_parts_are() {
        let of = |parts: &[S]| parts.iter().map(|part| part.code()).max().and_then(S::from_code);
        assert_eq!(of(&[S::Delivered, S::Delivered]), Some(S::Delivered));
        assert_eq!(of(&[S::Delivered, S::Accepted]), Some(S::Accepted));
        assert_eq!(
            of(&[S::Delivered, S::Undelivered, S::Accepted]),
            Some(S::Undelivered)
        );
        assert_eq!(
            of(&[S::Delivered, S::Unconfirmed, S::Rejected]),
            Some(S::Unconfirmed)
        );
        assert_eq!(of(&[S::Accepted, S::Queued]), Some(S::Queued));
    }

    #[test]
    fn every_state_has_a_code_a_word_a_label_and_a_sentence_of_its_own() {
        for state in S::ALL {
            assert_eq!(S::from_code(state.code()), Some(state));
            assert_eq!(serde_json::to_value(state).ok(), Some(state.as_str().into()));
            assert!(state.sentence().ends_with('。'), "{state:?}");
            assert_eq!(
                S::ALL
                    .iter()
                    .filter(|other| other.label() == state.label())
                    .count(),
                1
            );
        }
    }
}
