//! What a programme says of first contact, and when a case is closed without anybody deciding it.

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

    #[test]
    fn a_first_contact_is_waited_for_an_hour_at_least() {
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
