//! `GET /outcomes/desks/{id}`: a desk's day, its live lists, and the lists of the day with their broadcasts.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::{Millis, japan_midnight};
use base::id::{BroadcastId, DeskId, OutcomeListId};
use messaging::pages::{Answer, Desk, failed};
use web::ui::{Chip, Notice, Tone};
use web::{Id, Page, PageError, Shell};

use super::outcome_day::{danger_notice, facts};
use super::outcome_list::chip;
use super::outcome_load::{Opened, opened, query};
use crate::store::{self, OutcomeList};

#[derive(Template)]
#[template(path = "outcome_desk.html")]
struct OutcomeDesk {
    shell: Shell,
    id: DeskId,
    now: Millis,
    chip: Chip,
    rule: String,
    facts: Vec<(&'static str, String)>,
    danger: Option<Notice>,
    live: Vec<LiveLine>,
    not_yet: Vec<(String, u32)>,
    lists: Vec<ListLine>,
    /// Lists of earlier days that are over.
    earlier: Vec<ListLine>,
}

struct LiveLine {
    name: String,
    query: String,
    people: u32,
    kept_back: u32,
    since: Option<Millis>,
}

/// A list that was locked.
pub(super) struct ListLine {
    pub(super) id: OutcomeListId,
    pub(super) name: String,
    pub(super) people: u32,
    pub(super) locked_at: Millis,
    /// Nobody for the desk's rule.
    pub(super) by_rule: bool,
    pub(super) chip: Chip,
    pub(super) broadcast: Option<BroadcastId>,
    is_open: bool,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<DeskId>,
) -> Answer {
    let opened = opened(&desk, &session, id).await?;
    let day = opened.day(&desk, &session).await?;
    let (db, org) = (&desk.db, session.staff.org);
    let live = store::live_lists(db, org, id).await.map_err(failed)?;
    let not_yet = live.provisional.iter().map(|(decision, people)| {
        let outcome = crate::document::Outcome::Decided(decision.clone());
        (opened.label(&outcome), *people)
    });
    let not_yet = not_yet.collect();
    let live = live.lists.iter().map(|list| LiveLine {
        name: opened.list_name(&list.kind),
        query: query(&list.kind),
        people: list.people,
        kept_back: list.kept_back,
        since: list.since,
    });
    let live = live.collect();
    let today = japan_midnight(db.now());
    let (mut lists, mut earlier) = (Vec::new(), Vec::new());
    for list in store::outcome_lists(db, org, id).await.map_err(failed)? {
        let row = list_line(&desk, &session, &opened, &list).await?;
        if row.is_open || list.locked_at >= today {
            lists.push(row);
        } else {
            earlier.push(row);
        }
    }
    let page = OutcomeDesk {
        id,
        now: db.now(),
        chip: chip(&opened, day.as_ref()),
        rule: opened.rule(),
        facts: day.as_ref().map(facts).unwrap_or_default(),
        danger: day.as_ref().and_then(danger_notice),
        live,
        not_yet,
        lists,
        earlier,
        shell: with_notice(shell.titled(format!("{}の判定別リスト", opened.row.name))),
    };
    Ok(Page(page).into_response())
}

fn with_notice(shell: Shell) -> Shell {
    match shell.done() {
        Some("opened") => shell.with_notice(
            Notice::success("リストの確定を取り消しました")
                .text("だれにも送っていません。リストの人は、判定別リストに戻りました。"),
        ),
        _ => shell,
    }
}

async fn list_line(
    desk: &Desk,
    session: &SignedIn,
    opened: &Opened,
    list: &OutcomeList,
) -> Result<ListLine, PageError> {
    Ok(ListLine {
        id: list.id,
        name: opened.list_name(&list.kind),
        people: list.told.unwrap_or(list.people),
        locked_at: list.locked_at,
        by_rule: list.locked_by.is_none(),
        chip: state_of(desk, session, list).await?,
        broadcast: list.broadcast,
        is_open: list.opened_at.is_none() && list.released_at.is_none(),
    })
}

/// What became of a locked list.
pub(super) async fn state_of(desk: &Desk, session: &SignedIn, list: &OutcomeList) -> Result<Chip, PageError> {
    if list.opened_at.is_some() {
        return Ok(Chip::new(Tone::Cancelled, "確定を取り消した"));
    }
    if list.released_at.is_none() {
        return Ok(Chip::new(Tone::Attention, "まだ送っていない"));
    }
    let Some(broadcast) = list.broadcast else {
        return Ok(Chip::new(Tone::Done, "全員に電話"));
    };
    let found = messaging::store::broadcast(&desk.db, session.staff.org, broadcast).await;
    let Some(found) = found.map_err(failed)? else {
        return Ok(Chip::new(Tone::Done, "送信した"));
    };
    let (tone, words) = if found.discarded_at.is_some() {
        (Tone::Cancelled, "取り消された")
    } else if found.release.approval == Some(messaging::release::Approval::Waiting) {
        (Tone::Waiting, "承認待ち")
    } else if found.paused_at.is_some() {
        (Tone::Stopped, "停止中")
    } else if found.handed_over_at.is_some() {
        (Tone::Done, "送信した")
    } else {
        (Tone::Moving, "送信中")
    };
    Ok(Chip::new(tone, words))
}
