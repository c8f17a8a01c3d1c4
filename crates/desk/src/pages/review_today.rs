//! `GET /review`, `GET /review/{desk}`: what waits to be judged, until when it should be, how many one has judged
//! today; one's own last judgements, to be taken back. Nobody else's numbers are shown.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::{HOUR, Millis, japan_midnight};
use messaging::pages::{Answer, Desk, failed};
use web::ui::Notice;
use web::{Id, Page, PageError, Shell};

use super::review_choices::Choices;
use super::review_last::{LastLine, lines};
use super::review_load::{OpenDesk, desk_to_review, desks, may_review};
use super::review_words::{ago, forecast, waiting};
use crate::store::{self, Queues};

#[derive(Template)]
#[template(path = "review_today.html")]
struct Today {
    shell: Shell,
    desks: Vec<Standing>,
    mine: Mine,
}

#[derive(Template)]
#[template(path = "review_start.html")]
struct Start {
    shell: Shell,
    desk: Standing,
    mine: Mine,
    last: Vec<LastLine>,
    choices: Choices,
    keys: bool,
}

/// How a desk stands for whoever judges there.
struct Standing {
    word: String,
    name: String,
    ready: u64,
    queue: String,
    looks: u64,
    parked: u64,
    cut_off: String,
    /// When the queue is empty if everybody goes on like this, and how that is known.
    forecast: Option<String>,
    pace: String,
}

/// One's own day.
struct Mine {
    today: u64,
    last_hour: u64,
}

impl Mine {
    async fn of(desk: &Desk, staff: &Staff, now: Millis) -> Result<Self, PageError> {
        let since = |at| store::decided_since(&desk.db, staff.org, staff.id, at);
        Ok(Self {
            today: since(japan_midnight(now)).await.map_err(failed)?,
            last_hour: since(now - HOUR).await.map_err(failed)?,
        })
    }
}

impl Standing {
    async fn of(desk: &Desk, staff: &Staff, open: &OpenDesk, now: Millis) -> Result<Self, PageError> {
        let (db, org, id) = (&desk.db, staff.org, open.row.id);
        let Queues {
            ready, looks, parked, ..
        } = store::queues(db, org, id).await.map_err(failed)?;
        let pace = store::pace(db, org, id).await.map_err(failed)?;
        Ok(Self {
            word: open.row.key.to_string(),
            name: open.row.name.clone(),
            ready: ready.count,
            queue: waiting(ready, now),
            looks: looks.count,
            parked: parked.count,
            cut_off: cut_off(open, now),
            forecast: forecast(ready.count, pace.last_hour),
            pace: format!("この1時間に{}件、{}人で判定", pace.last_hour, pace.people),
        })
    }
}

pub(super) fn cut_off(open: &OpenDesk, now: Millis) -> String {
    let hours = &open.document.document().hours;
    let at = hours.cut_off_at(now);
    if now < at {
        format!("{}（あと{}）", hours.cut_off, ago(now, at))
    } else {
        format!(
            "{}（過ぎました。いま届く申請は、翌日の結果になります）",
            hours.cut_off
        )
    }
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let (staff, now) = (&session.staff, desk.db.now());
    let mut all = Vec::new();
    for open in desks(&desk.db, staff).await.map_err(failed)? {
        if may_review(staff, &open.row, &open.document) {
            all.push(Standing::of(&desk, staff, &open, now).await?);
        }
    }
    let page = Today {
        shell: shell.titled("今日の判定"),
        desks: all,
        mine: Mine::of(&desk, staff, now).await?,
    };
    Ok(Page(page).into_response())
}

pub(super) async fn start(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(word): Id<String>,
) -> Answer {
    let (staff, now) = (&session.staff, desk.db.now());
    let open = desk_to_review(&desk, staff, &word).await?;
    let last = store::last_decisions(&desk.db, staff.org, staff.id)
        .await
        .map_err(failed)?;
    let shell = match done(&shell) {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let page = Start {
        shell: shell.titled(format!("{}の判定", open.row.name)),
        desk: Standing::of(&desk, staff, &open, now).await?,
        mine: Mine::of(&desk, staff, now).await?,
        last: lines(&desk, staff.org, last).await?,
        choices: Choices::of(&open.document),
        keys: store::keys_on(&desk.db, staff.org, staff.id)
            .await
            .map_err(failed)?,
    };
    Ok(Page(page).into_response())
}

fn done(shell: &Shell) -> Option<Notice> {
    match shell.done()? {
        "nothing" => Some(Notice::info("いま開ける案件はありません")),
        "last" => Some(Notice::success("いま開ける案件は、すべて済みました")),
        "back" => Some(Notice::success("判定せずに戻しました").text("ほかの人が開けます。")),
        "late" => Some(
            Notice::info("この判定は、もう取り消せません")
                .text("2分が過ぎて確定しました。直すときは、申請の記録で判定を訂正してください。"),
        ),
        _ => None,
    }
}
