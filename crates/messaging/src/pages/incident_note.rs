//! `POST /incidents/{id}/notes`: what was found out or done, with its author and time. Notes are never changed.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::IncidentId;
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::incident_show::load_incident;
use super::{Answer, Desk, Id, failed};
use crate::incident;
use crate::limits::INCIDENT_NOTE_LETTERS;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    text: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<IncidentId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    load_incident(&desk, &session, id).await?;
    let text = form.text.trim();
    if text.is_empty() || text.chars().count() > INCIDENT_NOTE_LETTERS {
        return Err(PageError::rejected(
            format!(
                "メモは、1文字以上{INCIDENT_NOTE_LETTERS}文字以内で書いてください。何も記録していません。"
            ),
            "前の画面に戻り、書き直してからもう一度押してください。",
        ));
    }
    let staff = &session.staff;
    incident::note(&desk.db, staff.org, id, staff.id, text)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/incidents/{id}"), "noted").into_response())
}
