//! What is counted of one day: the cases that came in on it, by office and programme, and the work that was done.

use std::collections::BTreeMap;

use base::clock::{DAY, HOUR, MINUTE, Millis};
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId};
use lists::calls::CallReason;
use serde::{Deserialize, Serialize};

use super::latency::Latency;
use crate::case::{CaseState, FirstContact, received_day};
use crate::closing::ContactBy;
use crate::notification::words;
use crate::reach::{ContactRule, ContactRules};

words! {
    /// Where the first word to a person has come to, as figures tell it.
    Outcome {
        /// A message did it.
        BySms = "by_sms", "SMSで連絡がついた";
        /// Somebody spoke with the person.
        ByPhone = "by_phone", "電話で連絡がついた";
        /// The person is to be telephoned.
        OnCallList = "on_call_list", "電話リストで待っている";
        /// Nothing is settled yet.
        UnderWay = "under_way", "連絡の途中";
        /// Every way was tried.
        GivenUp = "given_up", "連絡がつかない";
        /// The case was closed before.
        ClosedBefore = "closed_before", "連絡の前に終了";
        /// Nothing had to be said.
        NotNeeded = "not_needed", "連絡不要";
    }
}

impl Outcome {
    /// Of a case; a case that went into another is counted there.
    pub const fn of(state: CaseState, contact: FirstContact, rule: ContactRule) -> Option<Self> {
        let closed = match state {
            CaseState::Merged => return None,
            CaseState::Closed => true,
            CaseState::Open => false,
        };
        Some(match contact {
            FirstContact::Spoken => Self::ByPhone,
            _ if rule.counts(contact) => Self::BySms,
            FirstContact::NotNeeded => Self::NotNeeded,
            FirstContact::GivenUp => Self::GivenUp,
            _ if closed => Self::ClosedBefore,
            FirstContact::Calling => Self::OnCallList,
            _ => Self::UnderWay,
        })
    }

    /// Whether the person was reached.
    pub const fn is_reached(self) -> bool {
        matches!(self, Self::BySms | Self::ByPhone)
    }
}

/// What is read of a case to be counted.
#[derive(Clone)]
pub struct CountedCase {
    /// Which.
    pub case: CaseId,
    /// Whose it is now.
    pub office: OfficeId,
    /// Of which programme.
    pub programme: i64,
    /// When it came in.
    pub received_at: Millis,
    /// 発症日.
    pub onset: Option<CalendarDate>,
    /// 診断日.
    pub diagnosed: Option<CalendarDate>,
    /// Where it stands.
    pub state: CaseState,
    /// How far the first word has come.
    pub contact: FirstContact,
    /// Since when.
    pub contact_at: Option<Millis>,
    /// When a message first arrived, or more.
    pub arrived_at: Option<Millis>,
    /// When its page was first opened, or more.
    pub opened_at: Option<Millis>,
    /// When the person first answered or was spoken to.
    pub answered_at: Option<Millis>,
    /// Why the person was put on the call list, the last time.
    pub call: Option<CallReason>,
}

impl CountedCase {
    /// When the person was reached by this rule.
    fn reached_at(&self, rule: ContactRule) -> Option<Millis> {
        let first = match rule.by {
            ContactBy::Delivery => self.arrived_at,
            ContactBy::Opening => self.opened_at,
            ContactBy::Answer => self.answered_at,
        };
        first.or(self.contact_at)
    }
}

/// The cases of an office and a programme that came in on a day.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cell {
    /// Which office.
    pub office: OfficeId,
    /// Which programme.
    pub programme: i64,
    /// How many came in each hour of the day.
    pub hours: [u32; 24],
    /// How many days before they fell ill: how many. Of those whose day is known.
    pub onset: BTreeMap<i32, u32>,
    /// How many days before they were diagnosed: how many.
    pub diagnosed: BTreeMap<i32, u32>,
    /// Where the first word has come to.
    pub outcomes: BTreeMap<Outcome, u32>,
    /// Why people were put on the call list, by the code of the reason.
    pub calls: BTreeMap<String, u32>,
    /// Of those to be reached for whom a day has gone by.
    pub latency: Latency,
    /// Those to be reached for whom it has not.
    pub young: u32,
}

impl Cell {
    fn new(office: OfficeId, programme: i64) -> Self {
        Self {
            office,
            programme,
            hours: [0; 24],
            onset: BTreeMap::new(),
            diagnosed: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            calls: BTreeMap::new(),
            latency: Latency::default(),
            young: 0,
        }
    }

    /// How many came in.
    pub fn people(&self) -> u64 {
        self.hours.iter().map(|people| u64::from(*people)).sum()
    }

    fn add(&mut self, case: &CountedCase, outcome: Outcome, rule: ContactRule, now: Millis) {
        let arrival = received_day(case.received_at);
        let hour = (case.received_at - arrival.begins_in_japan()) / HOUR;
        self.hours[usize::try_from(hour).unwrap_or(0).min(23)] += 1;
        if let Some(onset) = case.onset {
            *self.onset.entry(arrival.days_since(onset)).or_default() += 1;
        }
        if let Some(diagnosed) = case.diagnosed {
            *self.diagnosed.entry(arrival.days_since(diagnosed)).or_default() += 1;
        }
        *self.outcomes.entry(outcome).or_default() += 1;
        if let Some(reason) = case.call {
            *self.calls.entry(reason.as_str().to_owned()).or_default() += 1;
        }
        if outcome == Outcome::NotNeeded {
            return;
        }
        if now - case.received_at < DAY {
            self.young += 1;
            return;
        }
        let reached = outcome.is_reached().then(|| case.reached_at(rule)).flatten();
        let minutes = reached.map(|at| (at - case.received_at).max(0) / MINUTE);
        self.latency
            .add(minutes.map(|minutes| u32::try_from(minutes).unwrap_or(u32::MAX / 2)));
    }
}

/// What an office did on a day, and in how many hours of how many people: an hour of the clock in which somebody did
/// so much as one thing of the kind counts as an hour of that person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Work {
    /// Messages that were made.
    pub messages: u64,
    /// Hours of the people who made them.
    pub message_hours: u32,
    /// People of the call list who were done with.
    pub calls: u64,
    /// Hours of those who telephoned.
    pub call_hours: u32,
}

impl Work {
    /// Another day's, or another office's, as well.
    pub const fn join(&mut self, other: &Self) {
        self.messages += other.messages;
        self.message_hours += other.message_hours;
        self.calls += other.calls;
        self.call_hours += other.call_hours;
    }
}

/// One day, counted.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct DayCount {
    /// Its cases.
    pub cells: Vec<Cell>,
    /// What was done on it.
    pub work: Vec<(OfficeId, Work)>,
}

impl DayCount {
    /// Counts more cases that came in on the day. Those that went into another are left out.
    pub fn add(&mut self, cases: &[CountedCase], rules: &dyn ContactRules, now: Millis) {
        for case in cases {
            let rule = rules.of(case.programme, case.office, received_day(case.received_at));
            let Some(outcome) = Outcome::of(case.state, case.contact, rule) else {
                continue;
            };
            let place = (case.office, case.programme);
            let at = self
                .cells
                .binary_search_by_key(&place, |cell| (cell.office, cell.programme));
            let at = at.unwrap_or_else(|at| {
                self.cells.insert(at, Cell::new(case.office, case.programme));
                at
            });
            self.cells[at].add(case, outcome, rule, now);
        }
    }
}

words! {
    /// How long somebody has waited.
    Waited {
        /// Less than four hours.
        FourHours = "h4", "4時間まで";
        /// Less than a day.
        Day = "h24", "4〜24時間";
        /// Less than two days.
        TwoDays = "d2", "1〜2日";
        /// Less than a week.
        Week = "d7", "2〜7日";
        /// A week or longer.
        Longer = "longer", "7日を超える";
    }
}

impl Waited {
    /// Below how many milliseconds.
    pub const fn below(self) -> Millis {
        match self {
            Self::FourHours => 4 * HOUR,
            Self::Day => DAY,
            Self::TwoDays => 2 * DAY,
            Self::Week => 7 * DAY,
            Self::Longer => Millis::MAX,
        }
    }
}

/// Who is not reached yet, now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Backlog {
    /// At which office.
    pub office: OfficeId,
    /// Of which programme.
    pub programme: i64,
    /// How far the first word has come.
    pub contact: FirstContact,
    /// For how long.
    pub waited: Waited,
    /// How many.
    pub people: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::OneRule;

    /// Noon of a Monday in Japan.
    const NOON: Millis = 1_789_959_600_000;

    fn case(contact: FirstContact) -> CountedCase {
        CountedCase {
            case: CaseId::new(1),
            office: OfficeId::new(2),
            programme: 1,
            received_at: NOON,
            onset: received_day(NOON).plus_days(-3),
            diagnosed: None,
            state: CaseState::Open,
            contact,
            contact_at: None,
            arrived_at: None,
            opened_at: None,
            answered_at: None,
            call: None,
        }
    }

    fn counted(cases: &[CountedCase], rule: ContactRule, now: Millis) -> Cell {
        let mut day = DayCount::default();
        day.add(cases, &OneRule(rule), now);
        let [cell] = &day.cells[..] else { panic!("{day:?}") };
        cell.clone()
    }

    #[test]
    fn everybody_has_one_outcome_but_those_who_went_into_another() {
        for state in CaseState::ALL {
            for contact in FirstContact::ALL {
                let outcome = Outcome::of(*state, *contact, ContactRule::default());
                assert_eq!(outcome.is_none(), *state == CaseState::Merged);
                let reached = ContactRule::default().counts(*contact);
                assert_eq!(
                    outcome.is_some_and(Outcome::is_reached),
                    reached && *state != CaseState::Merged
                );
            }
        }
    }

    #[test]
    fn what_counts_as_reached_is_the_programmes_to_say() {
        let opened = CountedCase {
            arrived_at: Some(NOON + HOUR),
            opened_at: Some(NOON + 3 * HOUR),
            contact_at: Some(NOON + 3 * HOUR),
            ..case(FirstContact::Opened)
        };
        let after = |by| {
            let rule = ContactRule {
                by,
                ..ContactRule::default()
            };
            let cell = counted(std::slice::from_ref(&opened), rule, NOON + 2 * DAY);
            (cell.latency.people(), cell.latency.percentile(50))
        };
        assert_eq!(after(ContactBy::Delivery), (1, Some(60)));
        assert_eq!(after(ContactBy::Opening), (1, Some(180)));
        assert_eq!(after(ContactBy::Answer), (1, None));
    }

    #[test]
    fn for_whom_no_day_has_gone_by_says_nothing_of_a_day() {
        let cell = counted(
            &[case(FirstContact::Waiting)],
            ContactRule::default(),
            NOON + DAY - 1,
        );
        assert_eq!((cell.young, cell.latency.people()), (1, 0));
        let cell = counted(&[case(FirstContact::Waiting)], ContactRule::default(), NOON + DAY);
        assert_eq!((cell.young, cell.latency.people()), (0, 1));
        let cell = counted(
            &[case(FirstContact::NotNeeded)],
            ContactRule::default(),
            NOON + DAY,
        );
        assert_eq!(
            (cell.young, cell.latency.people(), cell.people()),
            (0, 0, 1),
            "nobody had to be told"
        );
    }

    #[test]
    fn a_day_is_kept_and_read_back() {
        let mut day = DayCount::default();
        let spoken = CountedCase {
            contact_at: Some(NOON + HOUR),
            call: Some(CallReason::NotDelivered),
            ..case(FirstContact::Spoken)
        };
        day.add(
            &[spoken, case(FirstContact::Calling)],
            &OneRule::default(),
            NOON + 2 * DAY,
        );
        day.work.push((
            OfficeId::new(2),
            Work {
                calls: 1,
                call_hours: 1,
                ..Work::default()
            },
        ));
        let kept = serde_json::to_string(&day).expect("it becomes JSON");
        assert_eq!(serde_json::from_str::<DayCount>(&kept).expect("as it was"), day);
        let cell = &day.cells[0];
        assert_eq!((cell.hours[12], cell.onset.get(&3)), (2, Some(&2)));
        assert_eq!(cell.outcomes.get(&Outcome::ByPhone), Some(&1));
        assert_eq!(cell.calls.get("not_delivered"), Some(&1));
    }
}
