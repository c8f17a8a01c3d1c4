//! The day's clock as pages and the home page tell it.

use accounts::{Permission, Staff};
use db::{Db, DbError, Work};
use messaging::pages::{HomeAlarm, HomeAlarms, failed};
use web::number::grouped;
use web::time::JapanTime;
use web::ui::{Notice, Tile, Tone};

use super::outcome_load::day_of;
use crate::clock::{Danger, Day, Forecast, needed_per_hour};
use crate::document::Opening;
use crate::store::{self, DeskRow};

/// The facts of a day, as label and value.
pub(super) fn facts(day: &Day) -> Vec<(&'static str, String)> {
    let counted = &day.counted;
    let clock = |at| JapanTime::from_millis(at).clock();
    let mut facts = vec![
        ("受付", opening(day)),
        (
            "当日判定の締切",
            format!(
                "{}（{}）",
                clock(day.cut_off),
                if day.now <= day.cut_off {
                    "まだです"
                } else {
                    "過ぎました"
                }
            ),
        ),
        ("今日の受付数", people(counted.received)),
        ("今日の判定数", people(counted.decided)),
        ("判定を待つ人", waiting(day)),
    ];
    if let Some(oldest) = counted.oldest {
        let minutes = (day.now - oldest) / 60_000;
        let since = JapanTime::from_millis(oldest).short();
        facts.push(("いちばん長く待つ人", format!("{since}から（{}）", span(minutes))));
    }
    facts.push(("直近1時間の判定", pace(day)));
    facts.push(("全員が終わる見込み", forecast(day, day.ends())));
    facts
}

fn opening(day: &Day) -> String {
    let clock = |at| JapanTime::from_millis(at).clock();
    match day.opening {
        Opening::Open { until } => format!("受付中（{}まで）", clock(until)),
        Opening::Closed { opens_at: Some(at) } => {
            format!("受付時間外（{}から）", JapanTime::from_millis(at).short())
        }
        Opening::Closed { opens_at: None } => "受け付けていません".to_owned(),
    }
}

fn people(count: u32) -> String {
    format!("{}人", grouped(u64::from(count)))
}

fn waiting(day: &Day) -> String {
    let counted = &day.counted;
    let mut words = people(counted.waiting);
    if counted.due > 0 && counted.due < counted.waiting {
        words = format!("{words}（うち今日中に判定する人 {}）", people(counted.due));
    }
    if counted.parked > 0 {
        words = format!("{words}（うち保留・電話確認 {}）", people(counted.parked));
    }
    words
}

fn pace(day: &Day) -> String {
    let counted = &day.counted;
    let all = format!("{}件", grouped(u64::from(counted.lately)));
    let each = day.each().map(|each| format!("、1人あたり約{each}件"));
    match counted.people {
        0 => format!("{all}（判定している人はいません）"),
        people => format!("{all}（判定した人 {people}人{}）", each.unwrap_or_default()),
    }
}

fn forecast(day: &Day, forecast: Forecast) -> String {
    match forecast {
        Forecast::Done => "待つ人はいません".to_owned(),
        Forecast::Unknown => "直近1時間に判定がないため、分かりません".to_owned(),
        Forecast::At(at) if at - day.now > base::clock::DAY => {
            format!("{}ごろ（翌日以降）", JapanTime::from_millis(at).short())
        }
        Forecast::At(at) => format!("{}ごろ", JapanTime::from_millis(at).short()),
    }
}

/// A length of time in words.
fn span(minutes: i64) -> String {
    match minutes {
        0..60 => format!("{minutes}分"),
        _ => format!("{}時間{}分", minutes / 60, minutes % 60),
    }
}

/// What a danger is, and what to do.
fn danger_words(danger: Danger, day: &Day) -> (String, String) {
    let needed = needed_per_hour(day.counted.due, day.now, day.closes);
    let needed = needed.map(|needed| {
        format!(
            "今日中に終えるには、1時間に{}件の判定が必要です（直近1時間は{}件）。",
            grouped(u64::from(needed)),
            grouped(u64::from(day.counted.lately))
        )
    });
    let needed = needed.unwrap_or_default();
    match danger {
        Danger::Late { due, at } => (
            format!(
                "締切までに申請した{}の判定が、今日中に終わらない見込みです",
                people(due)
            ),
            format!(
                "いまの速さでは{}ごろになります。{needed}判定する人を増やせないか、確かめてください。",
                JapanTime::from_millis(at).short()
            ),
        ),
        Danger::NobodyDecides { due } => (
            format!(
                "{}が今日の判定を待っていますが、1時間以上だれも判定していません",
                people(due)
            ),
            format!("{needed}判定する人がいるか、確かめてください。"),
        ),
        Danger::Over { due } => (
            format!("締切までに申請した{}が、まだ判定されていません", people(due)),
            "今日の受付は終わっています。今日中の連絡を約束した人です。判定を続けてください。".to_owned(),
        ),
    }
}

/// The danger as a notice on a desk's page.
pub(super) fn danger_notice(day: &Day) -> Option<Notice> {
    let (title, text) = danger_words(day.danger()?, day);
    Some(Notice::warning(title).text(text))
}

/// Whether the person answers for a desk's day.
fn answers_for(staff: &Staff, row: &DeskRow) -> bool {
    staff.may(Permission::ReleaseResults) && staff.covers(row.office)
}

/// What the home page warns of: the promise of the same day, desk by desk.
pub fn warn_of_the_day() -> HomeAlarms {
    HomeAlarms::new(|db, staff| Box::pin(async move { alarms(&db, &staff).await.map_err(failed) }))
}

async fn alarms(db: &Db, staff: &Staff) -> Result<Vec<HomeAlarm>, DbError> {
    let mut found = Vec::new();
    if !staff.may(Permission::ReleaseResults) {
        return Ok(found);
    }
    for row in store::desks(db, staff.org).await? {
        if !answers_for(staff, &row) {
            continue;
        }
        let Some(rule) = store::now_in_force(db, staff.org, row.id).await? else {
            continue;
        };
        let day = day_of(db, staff.org, &row, &rule.document).await?;
        if let Some(danger) = day.danger() {
            let (title, text) = danger_words(danger, &day);
            found.push(HomeAlarm {
                title: format!("{}: {title}", row.name),
                text,
                href: format!("/outcomes/desks/{}", row.id),
                label: "窓口の状況を見る",
            });
        }
    }
    Ok(found)
}

/// Results that could be told now, as a count on the home page of whoever locks lists.
pub fn outcome_tiles<'a>(db: &'a Db, staff: &'a Staff) -> Work<'a, Vec<Tile>> {
    Box::pin(async move {
        let mut people = 0;
        if staff.may(Permission::ReleaseResults) {
            for row in store::desks(db, staff.org).await? {
                if answers_for(staff, &row) {
                    let live = store::live_lists(db, staff.org, row.id).await?;
                    people += live.lists.iter().map(|list| u64::from(list.people)).sum::<u64>();
                }
            }
        }
        let tile = Tile::new("outcomes", "結果を待つ人（申請）", people, "/outcomes");
        // Nobody has to look at an empty page every day.
        Ok((people > 0)
            .then(|| tile.tone(Tone::Attention))
            .into_iter()
            .collect())
    })
}
