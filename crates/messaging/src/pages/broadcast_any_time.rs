//! `POST /broadcasts/{id}/any-time`: a broadcast leaves outside of its hours too, with a reason that is kept.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::BroadcastId;
use serde::Deserialize;
use web::{CsrfForm, Errors, Field, PageError, after_post_with};

use super::broadcast_load::load;
use super::standing::no_room;
use super::{Answer, Desk, Id, failed};
use crate::limits::REASON_LETTERS;
use crate::store;

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    any_time_reason: String,
}

/// Why it is sent outside of its hours.
pub(super) fn field(errors: &Errors) -> Field {
    Field::text("any_time_reason", "時間の外でも送る理由")
        .required()
        .support("配信の記録に残ります。")
        .errors(errors)
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<BroadcastId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    load(&desk, &session, id).await?;
    let (staff, reason) = (&session.staff, form.any_time_reason.trim());
    let letters = reason.chars().count();
    if letters == 0 || letters > REASON_LETTERS {
        return Err(PageError::rejected(
            format!("理由を{REASON_LETTERS}文字までで入力してください。まだ何も変わっていません。"),
            "前のページに戻って、時間の外でも送る理由を書いてください。",
        ));
    }
    let opened = store::open_hours(&desk.db, staff.org, id, staff.id, reason.to_owned())
        .await
        .map_err(failed)?
        .map_err(|over| no_room(&over))?;
    let done = if opened { "opened" } else { "nothing" };
    Ok(after_post_with(&format!("/broadcasts/{id}"), done).into_response())
}
