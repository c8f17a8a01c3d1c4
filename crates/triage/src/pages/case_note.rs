//! `POST /cases/{id}/notes`: a note, added to those before.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, Shell, after_post_with};

use super::Triage;
use super::case_load::{load, reason};
use crate::store::events::note;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    note: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    _: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    load(&triage, staff, id).await?;
    if form.note.trim().is_empty() {
        return Err(PageError::rejected(
            "メモに何も書かれていません。",
            "前の画面に戻り、メモを書いてから、もう一度記録してください。",
        ));
    }
    let words = reason(&form.note)?;
    note(&triage.db, staff.org, id, staff.id, staff.office, words)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/cases/{id}"), "noted").into_response())
}
