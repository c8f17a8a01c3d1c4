//! `GET /programmes`: the programmes of the organisation, and what holds today.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ProgrammeId;
use web::{Page, Shell};

use super::Triage;
use super::programme_load::{is_head_office, may_see, today};
use super::programme_words::{day, newest};
use crate::programme::Scope;
use crate::store::programmes::{self, VersionRow};
use messaging::pages::{Answer, failed};

#[derive(Template)]
#[template(path = "programme_list.html")]
struct ProgrammeList {
    shell: Shell,
    rows: Vec<Row>,
    /// Whether the person may make one.
    makes: bool,
}

struct Row {
    id: ProgrammeId,
    name: String,
    diseases: String,
    is_default: bool,
    /// Title and first day of the organisation's version of today.
    now: Option<(String, String)>,
    drafts: usize,
    offices: usize,
}

pub(super) async fn show(State(desk): State<Triage>, session: SignedIn, shell: Shell) -> Answer {
    let org = session.staff.org;
    let today = today(&desk)?;
    let mut rows = Vec::new();
    for one in programmes::programmes(&desk.db, org).await.map_err(failed)? {
        let versions = programmes::versions(&desk.db, org, one.id)
            .await
            .map_err(failed)?;
        let seen: Vec<VersionRow> = versions
            .into_iter()
            .filter(|version| may_see(&session.staff, version.scope))
            .collect();
        let now = newest(&seen, Scope::Organisation, today);
        rows.push(Row {
            id: one.id,
            name: one.name,
            diseases: one.diseases,
            is_default: one.is_default,
            now: now.map(|version| (version.draft.title.clone(), day(version.draft.from))),
            drafts: seen.iter().filter(|version| version.is_draft()).count(),
            offices: seen
                .iter()
                .filter(|version| version.is_in_force() && version.scope != Scope::Organisation)
                .count(),
        });
    }
    let makes = is_head_office(&session.staff) && shell.may("GET", "/programmes/new");
    Ok(Page(ProgrammeList {
        shell: shell.titled("振り分け規則"),
        rows,
        makes,
    })
    .into_response())
}
