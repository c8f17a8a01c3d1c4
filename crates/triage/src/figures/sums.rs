//! Days added up: what the figures of a period are.

use std::collections::BTreeMap;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::OfficeId;
use serde::{Deserialize, Serialize};

use super::day::{Backlog, Cell, DayCount, Outcome, Waited, Work};
use super::latency::Latency;
use super::period::{Period, weekday};
use crate::case::FirstContact;
use crate::notification::words;

words! {
    /// Which day of an illness is counted.
    DayKind {
        /// 発症日.
        Onset = "onset", "発症日";
        /// 診断日.
        Diagnosis = "diagnosis", "診断日";
        /// The day on which the notification came in.
        Arrival = "arrival", "届いた日";
    }
}

/// Most people fall ill so many days before one hears of it, if too few are known to say it.
const USUAL_DELAY: i32 = 5;
/// Fewer notifications say nothing about how late they usually are.
const ENOUGH: u64 = 20;
/// Notifications later than that are not waited for.
pub const LATEST: i32 = 30;

/// Cases by day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Curve {
    /// How many on each day of the period.
    pub days: Vec<u32>,
    /// How many came in during the period whose day is not known.
    pub unknown: u64,
    /// So many of the last days will still grow.
    pub incomplete: usize,
    /// How many days after their day nine of ten are known, if enough came in to say it.
    pub delay: Option<i32>,
}

/// Days that were counted, and which part of them is asked for.
#[derive(Clone, Default)]
pub struct Sums {
    /// The days, counted.
    pub days: BTreeMap<CalendarDate, DayCount>,
    /// When each of them was counted, UTC milliseconds.
    pub counted_at: BTreeMap<CalendarDate, Millis>,
    /// Of which office; `None` stands for all.
    pub office: Option<OfficeId>,
    /// Of which programme; `None` stands for all.
    pub programme: Option<i64>,
}

impl Sums {
    fn of(&self, period: Period) -> impl Iterator<Item = (CalendarDate, &Cell)> {
        let days = self.days.range(period.first()..=period.last());
        days.flat_map(|(day, count)| count.cells.iter().map(|cell| (*day, cell)))
            .filter(|(_, cell)| self.office.is_none_or(|office| cell.office == office))
            .filter(|(_, cell)| self.programme.is_none_or(|programme| cell.programme == programme))
    }

    /// When that day of a period was counted that was counted longest ago.
    pub fn oldest_count(&self, period: Period) -> Option<Millis> {
        let counted = self.counted_at.range(period.first()..=period.last());
        counted.map(|(_, at)| *at).min()
    }

    /// How many came in.
    pub fn arrivals(&self, period: Period) -> u64 {
        self.of(period).map(|(_, cell)| cell.people()).sum()
    }

    /// How many came in on each day.
    pub fn daily(&self, period: Period) -> Vec<u32> {
        let mut by_day: BTreeMap<CalendarDate, u64> = BTreeMap::new();
        for (day, cell) in self.of(period) {
            *by_day.entry(day).or_default() += cell.people();
        }
        let days = period.days().map(|day| by_day.get(&day).copied().unwrap_or(0));
        days.map(|people| u32::try_from(people).unwrap_or(u32::MAX))
            .collect()
    }

    /// Cases by one of their days, with how many of the last days are not complete on `today`.
    pub fn curve(&self, period: Period, kind: DayKind, today: CalendarDate) -> Curve {
        if kind == DayKind::Arrival {
            return Curve {
                days: self.daily(period),
                unknown: 0,
                incomplete: usize::from(period.holds(today)),
                delay: None,
            };
        }
        let delays = |cell: &Cell| match kind {
            DayKind::Onset => cell.onset.clone(),
            _ => cell.diagnosed.clone(),
        };
        let mut by_day: BTreeMap<CalendarDate, u32> = BTreeMap::new();
        let mut known: BTreeMap<i32, u64> = BTreeMap::new();
        let mut unknown = 0;
        for (arrival, cell) in self.of(self.whole()) {
            let delays = delays(cell);
            if period.holds(arrival) {
                let told: u32 = delays.values().sum();
                unknown += cell.people().saturating_sub(u64::from(told));
            }
            for (delay, people) in delays {
                *known.entry(delay).or_default() += u64::from(people);
                if let Some(day) = arrival.plus_days(-delay) {
                    *by_day.entry(day).or_default() += people;
                }
            }
        }
        let delay = ninety_of_a_hundred(&known);
        let days: Vec<u32> = period
            .days()
            .map(|day| by_day.get(&day).copied().unwrap_or(0))
            .collect();
        let late = today.days_since(period.last());
        let incomplete = delay.unwrap_or(USUAL_DELAY) - late;
        Curve {
            incomplete: usize::try_from(incomplete).unwrap_or(0).min(days.len()),
            days,
            unknown,
            delay,
        }
    }

    fn whole(&self) -> Period {
        let (first, last) = (self.days.keys().next(), self.days.keys().next_back());
        let day = CalendarDate::new(2024, 1, 1).expect("it was a day");
        let (first, last) = (first.copied().unwrap_or(day), last.copied().unwrap_or(day));
        let days = u16::try_from(last.days_since(first) + 1).unwrap_or(u16::MAX);
        Period::ending(last, days)
    }

    /// How soon each office reached its people, and for how many it is too early to say.
    pub fn first_contact(&self, period: Period) -> BTreeMap<OfficeId, (Latency, u64)> {
        let mut by_office: BTreeMap<OfficeId, (Latency, u64)> = BTreeMap::new();
        for (_, cell) in self.of(period) {
            let (latency, young) = by_office.entry(cell.office).or_default();
            latency.join(&cell.latency);
            *young += u64::from(cell.young);
        }
        by_office
    }

    /// How soon all of them were reached.
    pub fn latency(&self, period: Period) -> Latency {
        let mut all = Latency::default();
        for (_, cell) in self.of(period) {
            all.join(&cell.latency);
        }
        all
    }

    /// How many came in by office.
    pub fn by_office(&self, period: Period) -> BTreeMap<OfficeId, u64> {
        let mut by_office = BTreeMap::new();
        for (_, cell) in self.of(period) {
            *by_office.entry(cell.office).or_default() += cell.people();
        }
        by_office
    }

    /// How many have come to which outcome.
    pub fn outcomes(&self, period: Period) -> BTreeMap<Outcome, u64> {
        let mut all = BTreeMap::new();
        for (outcome, people) in self.of(period).flat_map(|(_, cell)| &cell.outcomes) {
            *all.entry(*outcome).or_default() += u64::from(*people);
        }
        all
    }

    /// Why how many were put on the call list, by the code of the reason.
    pub fn calls(&self, period: Period) -> BTreeMap<String, u64> {
        let mut all = BTreeMap::new();
        for (reason, people) in self.of(period).flat_map(|(_, cell)| &cell.calls) {
            *all.entry(reason.clone()).or_default() += u64::from(*people);
        }
        all
    }

    /// How many came in, by hour (0 to 23) and weekday (Monday first).
    pub fn by_hour(&self, period: Period) -> [[u64; 7]; 24] {
        let mut all = [[0; 7]; 24];
        for (day, cell) in self.of(period) {
            for (hour, people) in cell.hours.iter().enumerate() {
                all[hour][weekday(day)] += u64::from(*people);
            }
        }
        all
    }

    /// What each office did. Work has no programme: whoever telephones does not ask for it.
    pub fn work(&self, period: Period) -> BTreeMap<OfficeId, Work> {
        let mut by_office: BTreeMap<OfficeId, Work> = BTreeMap::new();
        let days = self.days.range(period.first()..=period.last());
        for (office, work) in days.flat_map(|(_, count)| &count.work) {
            if self.office.is_none_or(|asked| asked == *office) {
                by_office.entry(*office).or_default().join(work);
            }
        }
        by_office
    }
}

/// How late nine of ten are, at least; nothing if there are too few.
fn ninety_of_a_hundred(known: &BTreeMap<i32, u64>) -> Option<i32> {
    let all: u64 = known.values().sum();
    if all < ENOUGH {
        return None;
    }
    let mut seen = 0;
    for (delay, people) in known {
        seen += people;
        if seen * 10 >= all * 9 {
            return Some((*delay).clamp(0, LATEST));
        }
    }
    None
}

/// How many wait for how long, and how far the first word to them has come: in the order of [`Waited::ALL`] and of
/// [`NOT_REACHED`].
pub fn backlog(all: &[Backlog], programme: Option<i64>) -> Vec<(Waited, [u64; NOT_REACHED.len()])> {
    let row = |waited: &Waited| {
        let people = NOT_REACHED.map(|contact| {
            let these = all
                .iter()
                .filter(|one| one.waited == *waited && one.contact == contact);
            these
                .filter(|one| programme.is_none_or(|programme| one.programme == programme))
                .map(|one| one.people)
                .sum()
        });
        (*waited, people)
    };
    Waited::ALL.iter().map(row).collect()
}

/// Who may count as not reached yet; the last two only where the programme asks for more.
pub const NOT_REACHED: [FirstContact; 6] = [
    FirstContact::Waiting,
    FirstContact::Written,
    FirstContact::Unreached,
    FirstContact::Calling,
    FirstContact::Delivered,
    FirstContact::Opened,
];

#[cfg(test)]
mod tests {
    use super::*;
    use base::id::CaseId;

    use crate::case::CaseState;
    use crate::figures::day::CountedCase;
    use crate::reach::OneRule;

    fn day(text: &str) -> CalendarDate {
        base::date::parse(text)
            .ok()
            .and_then(base::date::Parsed::full)
            .expect("a day")
    }

    /// So many cases a day for a week, each with its onset so many days before.
    fn week(people: usize, onset: Option<i32>) -> Sums {
        let period = Period::ending(day("2022-02-13"), 7);
        let mut sums = Sums::default();
        for arrival in period.days() {
            let one = CountedCase {
                case: CaseId::new(1),
                office: OfficeId::new(2),
                programme: 1,
                received_at: arrival.begins_in_japan() + 10 * base::clock::HOUR,
                onset: onset.and_then(|days| arrival.plus_days(-days)),
                diagnosed: None,
                state: CaseState::Open,
                contact: FirstContact::Waiting,
                contact_at: None,
                arrived_at: None,
                opened_at: None,
                answered_at: None,
                call: None,
            };
            let mut count = DayCount::default();
            count.add(&vec![one; people], &OneRule::default(), arrival.ends_in_japan());
            sums.days.insert(arrival, count);
        }
        sums
    }

    #[test]
    fn days_of_onset_lie_before_those_of_arrival_and_the_last_are_not_complete() {
        let sums = week(5, Some(2));
        let period = Period::ending(day("2022-02-13"), 7);
        let curve = sums.curve(period, DayKind::Onset, day("2022-02-13"));
        assert_eq!(curve.days, [5, 5, 5, 5, 5, 0, 0]);
        assert_eq!((curve.incomplete, curve.delay, curve.unknown), (2, Some(2), 0));
        let later = sums.curve(period, DayKind::Onset, day("2022-02-15"));
        assert_eq!(later.incomplete, 0, "two days later nobody is missing");
        let arrived = sums.curve(period, DayKind::Arrival, day("2022-02-13"));
        assert_eq!((arrived.days, arrived.incomplete), (vec![5; 7], 1));
    }

    #[test]
    fn whose_day_is_not_known_is_told_and_not_guessed() {
        let period = Period::ending(day("2022-02-13"), 7);
        let curve = week(2, None).curve(period, DayKind::Onset, day("2022-02-13"));
        assert_eq!((curve.days, curve.unknown), (vec![0; 7], 14));
        assert_eq!((curve.incomplete, curve.delay), (5, None), "the careful side");
    }

    #[test]
    fn what_is_not_asked_for_is_not_counted() {
        let period = Period::ending(day("2022-02-13"), 3);
        let mut sums = week(5, None);
        assert_eq!(sums.arrivals(period), 15);
        assert_eq!(
            sums.by_hour(period)[10],
            [0, 0, 0, 0, 5, 5, 5],
            "Friday to Sunday"
        );
        sums.office = Some(OfficeId::new(3));
        assert_eq!(sums.arrivals(period), 0);
        sums.office = None;
        sums.programme = Some(2);
        assert_eq!(sums.arrivals(period), 0);
    }
}
