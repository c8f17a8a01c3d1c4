//! `POST /review/{desk}/{id}/renew`, `…/leave`: a sign of life with what is typed so far; the page is being closed.

use accounts::SignedIn;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::SECOND;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, Shell, after_post_with};

use super::review_act::{comment, conflict};
use super::review_load::load_to_review;
use crate::application::LEASE;
use crate::store::{self, Mine};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    review: i64,
    /// What is typed so far; the page's script leaves out what is kept already.
    comment: Option<String>,
    /// The page's script asks by itself, and stays where it is.
    #[serde(default)]
    quiet: String,
}

/// An emptied field is what was typed, too.
fn typed(form: &Form) -> Result<Option<String>, PageError> {
    let typed = form.comment.as_deref().map(comment).transpose()?;
    Ok(typed.map(Option::unwrap_or_default))
}

pub(super) async fn renewed(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id((word, id)): Id<(String, ApplicationId)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    load_to_review(&desk, staff, (&word, id)).await?;
    let mine = Mine {
        id,
        review: form.review,
        staff: staff.id,
    };
    let typed = typed(&form)?;
    let still = store::renew(&desk.db, staff.org, mine, typed.clone())
        .await
        .map_err(failed)?;
    if !form.quiet.is_empty() {
        let seconds = if still { LEASE / SECOND } else { 0 };
        return Ok(Json(serde_json::json!({ "seconds": seconds, "lost": !still })).into_response());
    }
    if still {
        return Ok(after_post_with(&format!("/review/{word}/{id}"), "kept").into_response());
    }
    conflict(&desk, staff, shell, (&word, id), typed.unwrap_or_default()).await
}

pub(super) async fn left(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((word, id)): Id<(String, ApplicationId)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    load_to_review(&desk, staff, (&word, id)).await?;
    let mine = Mine {
        id,
        review: form.review,
        staff: staff.id,
    };
    store::leave(&desk.db, staff.org, mine, typed(&form)?)
        .await
        .map_err(failed)?;
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}
