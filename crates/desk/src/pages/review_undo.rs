//! `POST /review/{desk}/{id}/undo`: whoever judged takes it back within two minutes, and has the application again.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::review_load::load_to_review;
use crate::store::{self, Done};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    number: i64,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((word, id)): Id<(String, ApplicationId)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    load_to_review(&desk, staff, (&word, id)).await?;
    match store::undo(&desk.db, staff.org, (id, form.number), staff.id)
        .await
        .map_err(failed)?
    {
        Done::Done(_) => Ok(after_post_with(&format!("/review/{word}/{id}"), "undone").into_response()),
        Done::Missing => Err(PageError::NotFound),
        _ => Ok(after_post_with(&format!("/review/{word}"), "late").into_response()),
    }
}
