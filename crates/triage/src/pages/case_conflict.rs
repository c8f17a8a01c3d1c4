//! What somebody is told who was overtaken: nothing was written, what stands in the record now, and what they typed.

use accounts::Staff;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use base::id::CaseId;
use messaging::pages::failed;
use web::form::Field;
use web::{Page, PageError, Shell};

use super::Triage;
use crate::case::Case;
use crate::store::events::events;

/// One value: what it is called, what stands in the record now, what was typed.
pub(super) struct Both {
    pub(super) label: &'static str,
    pub(super) now: String,
    pub(super) typed: String,
}

impl Both {
    pub(super) fn new(label: &'static str, now: impl Into<String>, typed: impl Into<String>) -> Self {
        Self {
            label,
            now: now.into(),
            typed: typed.into(),
        }
    }
}

#[derive(Template)]
#[template(path = "case_conflict.html")]
struct Conflict {
    shell: Shell,
    id: CaseId,
    version: i64,
    /// When the record changed last, by whom, and what.
    last: Option<(Millis, String, &'static str)>,
    rows: Vec<Both>,
    /// Where what was typed can be sent again, its fields, and the button.
    again: Option<(&'static str, Vec<Field>, &'static str)>,
}

/// The page. `again` offers the form with what was typed, now on top of the newer version.
pub(super) async fn conflict(
    triage: &Triage,
    staff: &Staff,
    shell: Shell,
    now: &Case,
    rows: Vec<Both>,
    again: Option<(&'static str, Vec<Field>, &'static str)>,
) -> Result<Response, PageError> {
    let org = staff.org;
    let last = events(&triage.db, org, now.id).await.map_err(failed)?.pop();
    let by: Vec<_> = last.iter().filter_map(|event| event.by).collect();
    let people = triage.accounts.staff_by_ids(org, &by).await.map_err(failed)?;
    let last = last.map(|event| {
        let by = event.by.and_then(|by| people.get(&by));
        let by = by.map_or_else(|| "システム".to_owned(), |by| by.name.to_string());
        (event.at, by, event.kind.label())
    });
    let page = Conflict {
        id: now.id,
        version: now.version,
        last,
        rows,
        again,
        shell: shell.titled("ほかの人が先に変更しました"),
    };
    Ok((StatusCode::CONFLICT, Page(page)).into_response())
}
