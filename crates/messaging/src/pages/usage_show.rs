//! `GET /usage`: what was handed over in a month, by office, text and carrier account, and what it costs.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use web::number::grouped;
use web::{Page, Shell};

use super::usage_sheet::{Figures, Month, Usage, UsageNames};
use super::{Answer, Desk};
use crate::tariff::yen;

/// Height of the chart, in its own units.
const HEIGHT: u64 = 120;
/// Width of one day of it.
const DAY: u64 = 20;

#[derive(Template)]
#[template(path = "usage_show.html")]
struct UsageShow {
    shell: Shell,
    month: String,
    word: String,
    before: String,
    after: String,
    total: Row,
    rows: Vec<Row>,
    days: Vec<Day>,
    width: u64,
    unpriced: Option<String>,
    /// Only the own office.
    own: bool,
}

struct Row {
    office: String,
    template: String,
    account: String,
    messages: String,
    parts: String,
    delivered: String,
    billed: String,
    cost: String,
}

struct Day {
    label: String,
    parts: String,
    cost: String,
    x: u64,
    y: u64,
    height: u64,
}

impl Row {
    fn of(names: (String, String, String), figures: &Figures) -> Self {
        let (office, template, account) = names;
        Self {
            office,
            template,
            account,
            messages: grouped(figures.messages),
            parts: grouped(figures.parts),
            delivered: grouped(figures.delivered),
            billed: grouped(figures.billed.parts),
            cost: yen(figures.billed.cost),
        }
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    Query(asked): Query<HashMap<String, String>>,
    shell: Shell,
) -> Answer {
    let asked = asked.get("month").map_or("", String::as_str);
    let month = Month::asked(asked, desk.db.now());
    let usage = Usage::load(&desk, &session, month).await?;
    let names = UsageNames::load(&desk, &session, usage.templates()).await?;
    let rows = usage.groups.iter().map(|((office, template, account), figures)| {
        let names = (
            names.office(*office),
            names.template(*template),
            names.account(*account),
        );
        Row::of(names, figures)
    });
    let unknown = usage.total.billed.unknown;
    let page = UsageShow {
        month: month.label(),
        word: month.word(),
        before: month.before().word(),
        after: month.after().word(),
        rows: rows.collect(),
        total: Row::of(Default::default(), &usage.total),
        days: days(&usage),
        width: DAY * month.days().count() as u64,
        unpriced: (unknown > 0).then(|| grouped(unknown)),
        own: super::scope(&session.staff).is_some(),
        shell: shell.titled(format!("利用実績 {}", month.label())),
    };
    Ok(Page(page).into_response())
}

/// One bar a day, the highest as high as the chart.
fn days(usage: &Usage) -> Vec<Day> {
    let most = usage
        .by_day
        .values()
        .map(|one| one.parts)
        .max()
        .unwrap_or(0)
        .max(1);
    let day = |(number, day): (u64, jiff::civil::Date)| {
        let figures = usage.by_day.get(&day).copied().unwrap_or_default();
        let height = (figures.parts * HEIGHT).div_ceil(most);
        Day {
            label: format!("{}月{}日", day.month(), day.day()),
            parts: grouped(figures.parts),
            cost: yen(figures.billed.cost),
            x: number * DAY,
            y: HEIGHT - height,
            height,
        }
    };
    (0..).zip(usage.month.days()).map(day).collect()
}
