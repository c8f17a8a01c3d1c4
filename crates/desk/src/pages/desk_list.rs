//! `GET /desks`: every desk, with the version that holds and whether it takes applications.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use messaging::pages::{Answer, Desk, failed};
use web::ui::Chip;
use web::{Page, Shell};

use super::desk_load::{day, newest, today};
use super::outcome_list::chip;
use super::outcome_load::all;
use crate::store::{self, DeskRow};

#[derive(Template)]
#[template(path = "desk_list.html")]
struct DeskList {
    shell: Shell,
    rows: Vec<Line>,
}

struct Line {
    desk: DeskRow,
    chip: Chip,
    /// Title, number and first day of the version that holds.
    now: Option<(String, i64, String)>,
    drafts: usize,
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let today = today(&desk)?;
    let mut rows = Vec::new();
    for opened in all(&desk, &session).await? {
        let versions = store::desk_versions(&desk.db, session.staff.org, opened.row.id).await;
        let versions = versions.map_err(failed)?;
        let day_now = opened.day(&desk, &session).await?;
        let now = newest(&versions, today);
        rows.push(Line {
            chip: chip(&opened, day_now.as_ref()),
            now: now.map(|one| (one.draft.title.clone(), one.version, day(one.draft.from))),
            drafts: versions.iter().filter(|one| one.is_draft()).count(),
            desk: opened.row,
        });
    }
    let page = DeskList {
        rows,
        shell: shell.titled("申請窓口"),
    };
    Ok(Page(page).into_response())
}
