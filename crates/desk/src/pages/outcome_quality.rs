//! `GET /outcomes/desks/{id}/quality`: second looks, disagreements and what was decided anew, by what was decided and
//! never by who decided it.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::{DAY, japan_midnight};
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::chart::{Bar, Bars, Caption, Chart, Fill};
use web::form::{Choice, Field};
use web::number::grouped;
use web::{Id, Page, Shell};

use super::outcome_load::{Opened, opened};
use crate::document::Outcome;
use crate::store::{self, Quality, QualityLine};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    days: String,
}

#[derive(Template)]
#[template(path = "outcome_quality.html")]
struct OutcomeQuality {
    shell: Shell,
    id: DeskId,
    desk: String,
    days: Field,
    period: String,
    rule: String,
    facts: Vec<(&'static str, String, &'static str)>,
    chart: Option<Chart>,
    lines: Vec<(String, [u32; 8])>,
}

/// Periods to choose from, in days, the present one included.
const PERIODS: [(i64, &str); 3] = [(1, "今日"), (7, "7日間"), (30, "30日間")];

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<DeskId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let opened = opened(&desk, &session, id).await?;
    let known = PERIODS.iter().find(|(days, _)| days.to_string() == asked.days);
    let (days, period) = *known.unwrap_or(&PERIODS[1]);
    let now = desk.db.now();
    let from = japan_midnight(now) - (days - 1) * DAY;
    let found = store::quality(&desk.db, session.staff.org, id, (from, now + 1)).await;
    let found = found.map_err(failed)?;
    let choices = PERIODS.iter().map(|(days, label)| Choice::new(days, label));
    let page = OutcomeQuality {
        id,
        days: Field::select("days", "期間", choices.collect()).value(days),
        period: period.to_owned(),
        rule: rule(&opened),
        facts: facts(&found),
        chart: chart(&opened, &found),
        lines: found.lines.iter().map(|line| row(&opened, line)).collect(),
        shell: shell.titled(format!("{}の判定の品質", opened.row.name)),
        desk: opened.row.name,
    };
    Ok(Page(page).into_response())
}

fn rule(opened: &Opened) -> String {
    let Some(document) = &opened.document else {
        return String::new();
    };
    let rule = document.document().review.second_look;
    match (rule.percent, rule.refusals) {
        (0, false) => "この窓口の規則では、二人目の確認をしません。".to_owned(),
        (percent, false) => format!("この窓口の規則では、判定の{percent}%を二人目が確かめます。"),
        (0, true) => "この窓口の規則では、確定しない判定をすべて二人目が確かめます。".to_owned(),
        (percent, true) => {
            format!("この窓口の規則では、判定の{percent}%と、確定しない判定のすべてを二人目が確かめます。")
        }
    }
}

/// 「12件（4.0%）」.
fn share(part: u32, of: u32) -> String {
    let count = format!("{}件", grouped(u64::from(part)));
    if of == 0 {
        return count;
    }
    let tenths = (u64::from(part) * 1_000 + u64::from(of) / 2) / u64::from(of);
    format!("{count}（{}.{}%）", tenths / 10, tenths % 10)
}

fn facts(found: &Quality) -> Vec<(&'static str, String, &'static str)> {
    let decided = found.sum(|line| line.decided);
    let (agreed, differed) = (found.sum(|line| line.agreed), found.sum(|line| line.differed));
    let looked = agreed + differed;
    vec![
        (
            "判定",
            format!("{}件", grouped(u64::from(decided))),
            "取り消したものも数えます",
        ),
        ("二人目が確かめた", share(looked, decided), "判定に対する割合"),
        (
            "まだ確かめていない",
            format!("{}件", grouped(u64::from(found.sum(|line| line.wanted)))),
            "確かめるまで、結果は送られません",
        ),
        (
            "判定が分かれた",
            share(differed, looked),
            "二人目が確かめたものに対する割合",
        ),
        (
            "2分以内に取り消した",
            share(found.sum(|line| line.undone), decided),
            "判定に対する割合",
        ),
        (
            "あとから判定を変えた",
            share(found.sum(|line| line.reopened), decided),
            "判定に対する割合",
        ),
        (
            "うち訂正のSMSを送る",
            share(found.sum(|line| line.corrected), decided),
            "知らせた結果を直すもの",
        ),
    ]
}

fn label(opened: &Opened, line: &QualityLine) -> String {
    opened.label(&Outcome::Decided(line.decision.clone()))
}

fn row(opened: &Opened, line: &QualityLine) -> (String, [u32; 8]) {
    let numbers = [
        line.decided,
        line.sampled,
        line.wanted,
        line.agreed,
        line.differed,
        line.undone,
        line.reopened,
        line.corrected,
    ];
    (label(opened, line), numbers)
}

fn chart(opened: &Opened, found: &Quality) -> Option<Chart> {
    let looked = found.lines.iter().filter(|line| line.agreed + line.differed > 0);
    let rows: Vec<Bar> = looked
        .map(|line| Bar {
            label: label(opened, line),
            parts: vec![
                (Fill::Solid, line.agreed.into()),
                (Fill::Hatched, line.differed.into()),
            ],
            text: format!("{} / {}", line.differed, line.agreed + line.differed),
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let differed = found.sum(|line| line.differed);
    let caption = Caption {
        id: "looks-plot",
        title: "二人目の確認".to_owned(),
        description: format!(
            "二人目が確かめた{}件のうち、判定が分かれたのは{differed}件です。",
            found.sum(|line| line.agreed) + differed
        ),
    };
    let kinds = vec![
        (Fill::Solid, "同じ判定".to_owned()),
        (Fill::Hatched, "判定が分かれた".to_owned()),
    ];
    Some(Bars::new(caption, kinds, rows).draw())
}
