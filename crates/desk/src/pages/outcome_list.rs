//! `GET /outcomes`: every desk with its day and what could be told now.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use web::number::grouped;
use web::time::JapanTime;
use web::ui::{Chip, Notice, Tone};
use web::{Page, Shell};

use super::outcome_day::danger_notice;
use super::outcome_load::{Opened, all};
use crate::clock::{Day, Forecast};
use crate::document::Opening;
use crate::store;

#[derive(Template)]
#[template(path = "outcome_list.html")]
struct OutcomeList {
    shell: Shell,
    now: Millis,
    rows: Vec<Line>,
    dangers: Vec<Notice>,
}

struct Line {
    id: DeskId,
    name: String,
    chip: Chip,
    /// Received, decided, waiting; nothing without a version in force.
    counts: Option<[String; 3]>,
    oldest: Option<Millis>,
    ends: String,
    /// Results that could be told now.
    ready: u64,
    /// Lists that were locked and not sent.
    locked: usize,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let (mut rows, mut dangers) = (Vec::new(), Vec::new());
    for opened in all(&desk, &session).await? {
        let day = opened.day(&desk, &session).await?;
        if let Some(notice) = day.as_ref().and_then(danger_notice) {
            let href = format!("/outcomes/desks/{}", opened.row.id);
            dangers.push(notice.link(href, format!("{}の状況を見る", opened.row.name)));
        }
        rows.push(line(&desk, &session, opened, day).await?);
    }
    let page = OutcomeList {
        now: desk.db.now(),
        rows,
        dangers,
        shell: shell.titled("判定別リスト"),
    };
    Ok(Page(page).into_response())
}

async fn line(
    desk: &Desk,
    session: &SignedIn,
    opened: Opened,
    day: Option<Day>,
) -> Result<Line, web::PageError> {
    let (db, org, id) = (&desk.db, session.staff.org, opened.row.id);
    let live = store::live_lists(db, org, id).await.map_err(failed)?;
    let lists = store::outcome_lists(db, org, id).await.map_err(failed)?;
    let open = lists
        .iter()
        .filter(|one| one.opened_at.is_none() && one.released_at.is_none());
    let people = |count: u32| format!("{}人", grouped(u64::from(count)));
    Ok(Line {
        id,
        name: opened.row.name.clone(),
        chip: chip(&opened, day.as_ref()),
        counts: day.as_ref().map(|day| {
            let counted = &day.counted;
            [counted.received, counted.decided, counted.waiting].map(people)
        }),
        oldest: day.as_ref().and_then(|day| day.counted.oldest),
        ends: match day.as_ref().map(Day::ends) {
            Some(Forecast::At(at)) => format!("{}ごろ", JapanTime::from_millis(at).short()),
            Some(Forecast::Unknown) => "分かりません".to_owned(),
            Some(Forecast::Done) | None => "待つ人はいません".to_owned(),
        },
        ready: live.lists.iter().map(|list| u64::from(list.people)).sum(),
        locked: open.count(),
    })
}

pub(super) fn chip(opened: &Opened, day: Option<&Day>) -> Chip {
    match day.map(|day| day.opening) {
        _ if opened.row.closed_at.is_some() => Chip::new(Tone::Stopped, "手動で閉鎖中"),
        None => Chip::new(Tone::Waiting, "使われている版なし"),
        Some(Opening::Open { .. }) => Chip::new(Tone::Done, "受付中"),
        Some(Opening::Closed { .. }) => Chip::new(Tone::Waiting, "受付時間外"),
    }
}
