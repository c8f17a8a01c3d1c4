//! `POST /incidents/{id}/broadcasts/{broadcast}`: whether a broadcast that the incident stopped may go on, with the
//! reason that is kept. Letting it go on is still its office's button.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::{BroadcastId, IncidentId};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::incident_show::load_incident;
use super::{Answer, Desk, Id, failed};
use crate::incident::{self, Decided, Decision};
use crate::limits::REASON_LETTERS;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    decision: String,
    reason: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((id, broadcast)): Id<(IncidentId, BroadcastId)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    load_incident(&desk, &session, id).await?;
    let decision = Decision::from_word(&form.decision).ok_or(PageError::Unreadable)?;
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LETTERS {
        return Err(PageError::rejected(
            format!("理由を、1文字以上{REASON_LETTERS}文字以内で書いてください。配信は止まったままです。"),
            "前の画面に戻り、理由を書いてからもう一度押してください。",
        ));
    }
    let staff = &session.staff;
    let decided = incident::decide(&desk.db, staff.org, (id, broadcast), decision, staff.id, reason)
        .await
        .map_err(failed)?;
    let done = match decided {
        Decided::Done => decision.as_str(),
        Decided::Before => "nothing",
    };
    Ok(after_post_with(&format!("/incidents/{id}"), done).into_response())
}
