//! What today will bring, on the dashboard and on the home page; and the few numbers that the home page shows.

use std::sync::Arc;

use accounts::{Permission, Staff};
use base::clock::DAY;
use base::date::CalendarDate;
use db::DbError;
use messaging::pages::{HomeFact, HomeFigures, HomeFiguresSource, scope};
use web::number::{grouped, percent};

use super::Triage;
use super::figures_table::tenths;
use crate::case::received_day;
use crate::counting::days;
use crate::figures::{Period, Sums, forecast};

/// Fewer hours of telephoning say nothing about how long a call takes.
const ENOUGH_HOURS: u64 = 5;

/// What is expected of a day.
pub(super) struct Expected {
    /// How many come in.
    pub(super) arrivals: String,
    /// How many of them have to be telephoned.
    pub(super) calls: Option<String>,
    /// How many hours of people that takes.
    pub(super) hours: Option<String>,
}

/// The days that are needed for it.
pub(super) fn looked_at(today: CalendarDate) -> Period {
    let yesterday = today.plus_days(-1).unwrap_or(today);
    Period::ending(yesterday, u16::try_from(forecast::MOST).unwrap_or(35))
}

/// `None` if too little is known.
pub(super) fn expected(sums: &Sums, today: CalendarDate) -> Option<Expected> {
    let known = looked_at(today);
    let said = forecast::forecast(&sums.daily(known))?;
    let week = Period::ending(known.last(), 7);
    let called: u64 = sums.calls(week).values().sum();
    let calls = said.share(called, sums.arrivals(week));
    let mut work = crate::figures::Work::default();
    for one in sums.work(week).values() {
        work.join(one);
    }
    let enough = u64::from(work.call_hours) >= ENOUGH_HOURS && work.calls > 0;
    let hours = calls.filter(|_| enough).and_then(|calls| {
        let hours = calls.share(u64::from(work.call_hours) * 10, work.calls)?;
        Some(format!("{}〜{}", tenths(hours.low), tenths(hours.high)))
    });
    Some(Expected {
        arrivals: said.label(),
        calls: calls.map(forecast::Forecast::label),
        hours,
    })
}

/// The short form for the home page.
pub fn home_figures(triage: Triage) -> HomeFiguresSource {
    HomeFiguresSource(Arc::new(move |staff| {
        let triage = triage.clone();
        Box::pin(async move { short(&triage, &staff).await })
    }))
}

async fn short(triage: &Triage, staff: &Staff) -> Result<Option<HomeFigures>, DbError> {
    let may = staff.may(Permission::SeeCases) || staff.may(Permission::ReadUsage);
    let (db, now) = (&triage.db, triage.db.now());
    let today = received_day(now);
    let known = looked_at(today);
    if !may
        || crate::store::figures::first_arrival(db, staff.org)
            .await?
            .is_none()
    {
        return Ok(None);
    }
    let whole = Period::ending(today, known.length() + 1);
    let mut sums = days(db, staff.org, whole).await?;
    sums.office = scope(staff);
    let waiting = crate::counting::waiting(db, staff.org, scope(staff)).await?;
    let all: u64 = waiting.iter().map(|one| one.people).sum();
    let long = waiting.iter().filter(|one| one.waited.below() > DAY);
    let long: u64 = long.map(|one| one.people).sum();
    let arrived = sums.arrivals(Period::ending(today, 1));
    let expected = expected(&sums, today);
    let week = sums.latency(Period::ending(today, 7));
    let facts = vec![
        HomeFact {
            label: "今日届いた人",
            value: format!("{}人", grouped(arrived)),
            detail: match &expected {
                Some(expected) => format!("今日1日の見込み: {}人", expected.arrivals),
                None => "見込みは、2週間分の届出がたまると出ます。".to_owned(),
            },
        },
        HomeFact {
            label: "まだ連絡がつかない人",
            value: format!("{}人", grouped(all)),
            detail: format!("うち24時間を超えた人: {}人", grouped(long)),
        },
        HomeFact {
            label: "24時間以内に連絡がついた割合",
            value: match week.people() {
                0 => "—".to_owned(),
                people => percent(week.within_a_day(), people),
            },
            detail: "直近7日間に届き、24時間が過ぎた人のうち".to_owned(),
        },
    ];
    Ok(Some(HomeFigures {
        facts,
        href: "/figures",
        more: "数の意味と内訳を見る",
    }))
}
