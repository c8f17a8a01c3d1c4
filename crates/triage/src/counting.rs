//! Days are counted from their cases by themselves, before anybody asks; a page shows what was counted last, and counts
//! only what never was.
//!
//! What was counted is derived. It is counted anew as long as something of the day may change: today and yesterday
//! every minute, then less and less often (`lasts`). Nothing has to remember that a case changed, and whoever deletes
//! what was counted loses nothing.

use std::collections::{BTreeMap, BTreeSet};

use base::clock::{DAY, HOUR, MINUTE, Millis};
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, StaffId};
use db::{Db, DbError};

use crate::case::received_day;
use crate::figures::sums::LATEST;
use crate::figures::{Backlog, DayCount, Period, Sums, Work};
use crate::limits;
use crate::reach::ProgrammeRules;
use crate::store::figures::{
    ReadFrom, cases_of_day, counted_at, first_arrival, keep_day, kept_days, not_reached,
};

/// How long the count of a day holds that ended so long ago.
const fn lasts(ended_for: Millis) -> Millis {
    if ended_for < DAY {
        MINUTE
    } else if ended_for < 14 * DAY {
        10 * MINUTE
    } else if ended_for < 60 * DAY {
        2 * HOUR
    } else {
        DAY
    }
}

fn is_stale(day: CalendarDate, counted_at: Millis, now: Millis) -> bool {
    now - counted_at >= lasts(now - day.ends_in_japan())
}

/// Counts a day now, whole.
pub async fn count_day(
    db: &Db,
    org: OrgId,
    day: CalendarDate,
    rules: &ProgrammeRules,
) -> Result<DayCount, DbError> {
    let now = db.now();
    let mut count = DayCount::default();
    let mut from = Some(ReadFrom::beginning(day));
    while let Some(at) = from {
        let (cases, next) = cases_of_day(db, org, day, at).await?;
        count.add(&cases, rules, now);
        from = next;
    }
    count.work = work(db, org, day).await?;
    keep_day(db, org, day, now, &count).await?;
    Ok(count)
}

async fn work(db: &Db, org: OrgId, day: CalendarDate) -> Result<Vec<(OfficeId, Work)>, DbError> {
    let range = (day.begins_in_japan(), day.ends_in_japan());
    let mut by_office: BTreeMap<OfficeId, Work> = BTreeMap::new();
    let mut hours: BTreeSet<(OfficeId, StaffId, i64)> = BTreeSet::new();
    for made in messaging::store::made_by_hour(db, org, range).await? {
        let work = by_office.entry(made.office).or_default();
        work.messages += u64::from(made.messages);
        // What goes out by a standing order takes nobody's time.
        if let Some(staff) = made.staff {
            work.message_hours += u32::from(hours.insert((made.office, staff, made.hour)));
        }
    }
    for done in lists::calls::done_by_hour(db, org, range).await? {
        let work = by_office.entry(done.office).or_default();
        work.calls += u64::from(done.calls);
        work.call_hours += 1;
    }
    Ok(by_office.into_iter().collect())
}

/// The days of a period as they were counted last. Days that were never counted are counted now; nobody waits for
/// others to be counted anew, as that is done by the clock ([`count_some`]).
pub async fn days(db: &Db, org: OrgId, period: Period) -> Result<Sums, DbError> {
    let now = db.now();
    let today = received_day(now);
    let mut sums = Sums::default();
    if first_arrival(db, org).await?.is_none() {
        return Ok(sums);
    }
    let mut kept = kept_days(db, org, period).await?;
    let mut rules = None;
    for day in period.days().filter(|day| *day <= today) {
        let before = kept.remove(&day).map(|kept| (kept.count, kept.counted_at));
        let (count, at) = if let Some((Some(count), at)) = before {
            (count, at)
        } else {
            let rules = match &rules {
                Some(rules) => rules,
                None => rules.insert(ProgrammeRules::of(db, org).await?),
            };
            (count_day(db, org, day, rules).await?, now)
        };
        sums.days.insert(day, count);
        sums.counted_at.insert(day, at);
    }
    Ok(sums)
}

/// Who is not reached now, by the rules of the programmes; of one office or of all.
pub async fn waiting(db: &Db, org: OrgId, office: Option<OfficeId>) -> Result<Vec<Backlog>, DbError> {
    let rules = ProgrammeRules::of(db, org).await?;
    not_reached(db, org, office, &rules).await
}

/// The days that the figures of a period need: its own, those before to compare with, and those on which one may
/// still have heard of somebody who fell ill in it.
pub fn needed(period: Period, today: CalendarDate) -> Period {
    let last = period
        .last()
        .plus_days(LATEST)
        .map_or(today, |late| late.min(today));
    let first = period.before().first();
    let days = u16::try_from(last.days_since(first) + 1).unwrap_or(1);
    Period::ending(last, days)
}

/// Counts some of the days whose time is over, those first that were never counted. Says how many.
pub async fn count_some(db: &Db, org: OrgId) -> Result<usize, DbError> {
    let now = db.now();
    let Some(first) = first_arrival(db, org).await? else {
        return Ok(0);
    };
    let today = received_day(now);
    let all = Period::ending(today, limits::COUNTED_DAYS);
    let counted = counted_at(db, org, all).await?;
    let mut due: Vec<(Option<Millis>, CalendarDate)> = all
        .days()
        .filter(|day| *day >= first)
        .map(|day| (counted.get(&day).copied(), day))
        .filter(|(at, day)| at.is_none_or(|at| is_stale(*day, at, now)))
        .collect();
    due.sort_unstable();
    due.truncate(limits::COUNTED_DAYS_PER_STEP);
    if due.is_empty() {
        return Ok(0);
    }
    let rules = ProgrammeRules::of(db, org).await?;
    for (_, day) in &due {
        count_day(db, org, *day, &rules).await?;
    }
    Ok(due.len())
}
