//! When somebody has been reached, and when a case is closed without anybody deciding it.

use base::clock::{HOUR, Millis};
use base::date::CalendarDate;
use serde::{Deserialize, Serialize};

use crate::limits;
use crate::notification::words;
use crate::period::{End, Period};

words! {
    /// After what a case is closed by itself.
    CloseAfter {
        /// Only by a person.
        Never = "never", "自動では終えない";
        /// On the first day on which the person is free.
        Isolation = "isolation", "療養期間が終わったとき";
        /// The day after the last day of the health observation.
        Watch = "watch", "健康観察の期間が終わったとき";
    }
}

/// When a case is closed by rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosingRule {
    /// After what.
    pub after: CloseAfter,
    /// Whether the person is told by a message, the last one of this case.
    pub notice: bool,
}

/// What the rule says of a case on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Closing {
    /// A person closes it.
    ByHand,
    /// Something is missing: day 0, or the day of relief.
    Open,
    /// On this day.
    On(CalendarDate),
    /// Now, with or without a notice.
    Now {
        /// Whether the person is told.
        notice: bool,
    },
}

impl ClosingRule {
    /// What is to be done on this day. `held` keeps a case open whatever the day: an open task, a sign of danger.
    pub fn on(self, day: CalendarDate, period: Option<&Period>, held: bool) -> Closing {
        let due = |period: &Period| match (self.after, period.end) {
            (CloseAfter::Isolation, End::FreeFrom(free)) => Some(free),
            (CloseAfter::Watch, End::FreeFrom(free)) => {
                let after = period.watch_until.and_then(|last| last.plus_days(1));
                Some(after.map_or(free, |after| after.max(free)))
            }
            // Whoever may still be ill is not told that it is over.
            (_, End::NotBefore(_)) | (CloseAfter::Never, _) => None,
        };
        match period.and_then(due) {
            _ if self.after == CloseAfter::Never => Closing::ByHand,
            None => Closing::Open,
            Some(due) if day >= due && !held => Closing::Now { notice: self.notice },
            Some(due) => Closing::On(due),
        }
    }

    /// In a sentence.
    pub fn sentence(self) -> String {
        match (self.after, self.notice) {
            (CloseAfter::Never, _) => "自動では終えません。担当者が終えます。".to_owned(),
            (after, true) => format!("{}、お知らせを送って終えます。", after.label()),
            (after, false) => format!("{}、お知らせを送らずに終えます。", after.label()),
        }
    }
}

words! {
    /// What counts as first contact.
    ContactBy {
        /// The carrier says that the message arrived.
        Delivery = "delivery", "SMSが届いたとき";
        /// The person opened the page behind the link.
        Opening = "opening", "本人が案内を開いたとき";
        /// The person answered the questions.
        Answer = "answer", "本人が回答したとき";
    }
}

/// What counts as first contact, and how long one waits for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct FirstContactRule {
    by: ContactBy,
    hours: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    by: ContactBy,
    call_after_hours: u16,
}

impl TryFrom<Written> for FirstContactRule {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        Self::new(written.by, written.call_after_hours)
    }
}

impl From<FirstContactRule> for Written {
    fn from(rule: FirstContactRule) -> Self {
        Self {
            by: rule.by,
            call_after_hours: rule.hours,
        }
    }
}

/// What is known of one person's first contact. Everything is a moment, or has not been.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Touches {
    /// The message was handed to the carrier, or would have been.
    pub written_at: Option<Millis>,
    /// The carrier says that it arrived.
    pub delivered_at: Option<Millis>,
    /// The page behind the link was opened.
    pub opened_at: Option<Millis>,
    /// The questions were answered.
    pub answered_at: Option<Millis>,
    /// Somebody spoke with the person.
    pub spoken_at: Option<Millis>,
    /// It will never arrive: refused, no such number, a landline.
    pub failed: bool,
}

/// How a first contact stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ContactStanding {
    /// Nobody has written or spoken yet.
    NotBegun,
    /// Written to; nothing is to be done until this moment.
    Waiting {
        /// When the call list has to take the person.
        until: Millis,
    },
    /// The call list takes the person.
    Unreached,
    /// Reached.
    Reached {
        /// When.
        at: Millis,
    },
}

impl FirstContactRule {
    /// What counts, and after how many hours somebody telephones instead.
    pub fn new(by: ContactBy, hours: u16) -> Result<Self, String> {
        if hours == 0 || hours > limits::FIRST_CONTACT_HOURS {
            return Err(format!(
                "電話リストに移すまでの時間は、1から{}までの数で入力してください。",
                limits::FIRST_CONTACT_HOURS
            ));
        }
        Ok(Self { by, hours })
    }

    /// What counts.
    pub fn by(self) -> ContactBy {
        self.by
    }

    /// After how many hours somebody telephones.
    pub fn hours(self) -> u16 {
        self.hours
    }

    /// How it stands at this moment. What says more than the rule asks for counts too: an answer is an opening.
    pub fn at(self, touches: &Touches, now: Millis) -> ContactStanding {
        let said = [touches.spoken_at, touches.answered_at];
        let opened = (self.by <= ContactBy::Opening)
            .then_some(touches.opened_at)
            .flatten();
        let delivered = (self.by == ContactBy::Delivery)
            .then_some(touches.delivered_at)
            .flatten();
        let reached = said.into_iter().chain([opened, delivered]).flatten().min();
        match (reached, touches.written_at) {
            (Some(at), _) => ContactStanding::Reached { at },
            (None, _) if touches.failed => ContactStanding::Unreached,
            (None, None) => ContactStanding::NotBegun,
            (None, Some(written)) => {
                let until = written + Millis::from(self.hours) * HOUR;
                if now < until {
                    ContactStanding::Waiting { until }
                } else {
                    ContactStanding::Unreached
                }
            }
        }
    }

    /// In a sentence.
    pub fn sentence(self) -> String {
        format!(
            "{}を、初回の連絡がついたときとします。{}時間たってもそうならない人は、電話リストに移します。",
            self.by.label(),
            self.hours
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: Millis = 1_000;

    fn rule(by: ContactBy) -> FirstContactRule {
        FirstContactRule::new(by, 24).unwrap_or_else(|words| panic!("{words}"))
    }

    #[test]
    fn what_is_delivered_counts_by_delivery_and_only_there() {
        let touches = Touches {
            written_at: Some(WRITTEN),
            delivered_at: Some(2_000),
            ..Touches::default()
        };
        let deadline = WRITTEN + 24 * HOUR;
        assert_eq!(
            rule(ContactBy::Delivery).at(&touches, 3_000),
            ContactStanding::Reached { at: 2_000 }
        );
        for by in [ContactBy::Opening, ContactBy::Answer] {
            let waiting = ContactStanding::Waiting { until: deadline };
            assert_eq!(rule(by).at(&touches, deadline - 1), waiting, "{by:?}");
            assert_eq!(
                rule(by).at(&touches, deadline),
                ContactStanding::Unreached,
                "{by:?}"
            );
        }
    }

    #[test]
    fn a_call_counts_by_every_rule_and_a_failure_waits_for_nothing() {
        for by in ContactBy::ALL {
            let mut touches = Touches {
                written_at: Some(WRITTEN),
                failed: true,
                ..Touches::default()
            };
            assert_eq!(
                rule(*by).at(&touches, WRITTEN),
                ContactStanding::Unreached,
                "{by:?}"
            );
            touches.spoken_at = Some(5_000);
            assert_eq!(
                rule(*by).at(&touches, 6_000),
                ContactStanding::Reached { at: 5_000 },
                "{by:?}"
            );
        }
        assert_eq!(
            rule(ContactBy::Answer).at(&Touches::default(), 1),
            ContactStanding::NotBegun
        );
        assert!(FirstContactRule::new(ContactBy::Opening, 0).is_err());
    }

    #[test]
    fn a_case_is_closed_on_its_day_and_never_while_relief_is_unknown() {
        let day = |day| CalendarDate::new(2022, 9, day).unwrap_or_else(|| panic!("{day}"));
        let period = |end| Period {
            day_zero: day(1),
            end,
            watch_until: Some(day(11)),
        };
        let free = period(End::FreeFrom(day(9)));
        let of = |after| ClosingRule { after, notice: true };
        assert_eq!(
            of(CloseAfter::Never).on(day(30), Some(&free), false),
            Closing::ByHand
        );
        assert_eq!(
            of(CloseAfter::Isolation).on(day(8), Some(&free), false),
            Closing::On(day(9))
        );
        assert_eq!(
            of(CloseAfter::Isolation).on(day(9), Some(&free), false),
            Closing::Now { notice: true }
        );
        assert_eq!(
            of(CloseAfter::Watch).on(day(11), Some(&free), false),
            Closing::On(day(12))
        );
        assert_eq!(
            of(CloseAfter::Watch).on(day(12), Some(&free), true),
            Closing::On(day(12))
        );
        let open = period(End::NotBefore(day(9)));
        assert_eq!(
            of(CloseAfter::Isolation).on(day(30), Some(&open), false),
            Closing::Open
        );
        assert_eq!(of(CloseAfter::Watch).on(day(30), None, false), Closing::Open);
    }
}
