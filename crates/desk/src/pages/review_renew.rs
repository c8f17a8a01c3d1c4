//! `POST /review/{desk}/{id}/renew`, `…/leave`: a sign of life with what is typed so far; the page is being closed.

use accounts::SignedIn;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::SECOND;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, Shell, after_post_with};

use super::review_act::{comment, conflict};
use super::review_load::load_to_review;
use crate::application::LEASE;
use crate::store::{self, Mine};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    review: i64,
    comment: String,
    /// The page's script asks by itself, and stays where it is.
    #[serde(default)]
    quiet: String,
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
    let typed = comment(&form.comment)?;
    // An emptied field is what was typed, too.
    let kept = Some(typed.clone().unwrap_or_default());
    let still = store::renew(&desk.db, staff.org, mine, kept)
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
    let typed = comment(&form.comment)?;
    store::leave(&desk.db, staff.org, mine, Some(typed.unwrap_or_default()))
        .await
        .map_err(failed)?;
    Ok(axum::http::StatusCode::NO_CONTENT.into_response())
}
