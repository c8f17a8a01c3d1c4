//! `GET /cases/twins`: pairs of cases that may be one person and that nobody has looked at yet.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::CaseId;
use messaging::pages::{Answer, failed, scope};
use web::{Page, Shell};

use super::Triage;
use super::case_words::masked_name;
use crate::limits::CASES_PER_PAGE;
use crate::store::cases::cases;
use crate::store::twins::pending;

#[derive(Template)]
#[template(path = "twin_list.html")]
struct TwinList {
    shell: Shell,
    rows: Vec<Row>,
}

struct Row {
    own: CaseId,
    other: CaseId,
    name: String,
    why: String,
    at: Millis,
}

pub(super) async fn show(State(triage): State<Triage>, session: SignedIn, shell: Shell) -> Answer {
    let staff = &session.staff;
    let pairs = pending(&triage.db, staff.org, scope(staff), CASES_PER_PAGE)
        .await
        .map_err(failed)?;
    let ids: Vec<CaseId> = pairs.iter().flat_map(|pair| [pair.earlier, pair.later]).collect();
    let found = cases(&triage.db, staff.org, &ids).await.map_err(failed)?;
    let found: HashMap<CaseId, _> = found.into_iter().map(|case| (case.id, case)).collect();
    let rows = pairs.iter().filter_map(|pair| {
        let own = [pair.later, pair.earlier]
            .into_iter()
            .find(|id| found.get(id).is_some_and(|case| staff.covers(case.office)))?;
        Some(Row {
            own,
            other: pair.other(own),
            name: masked_name(found.get(&own)?.notification.as_ref()),
            why: pair.why().join("、"),
            at: pair.found_at,
        })
    });
    let page = TwinList {
        rows: rows.collect(),
        shell: shell.titled("同じ人かもしれない記録"),
    };
    Ok(Page(page).into_response())
}
