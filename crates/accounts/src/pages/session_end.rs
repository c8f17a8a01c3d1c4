//! `POST /me/sessions/{id}/end` and `POST /me/sessions/end-others`: a person ends own sessions elsewhere. `POST
//! /me/stay`: the session goes on.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use serde_json::json;
use web::csrf::CsrfHeader;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, Id, NoFields, failed};
use crate::{Accounts, SignedIn};

pub(super) async fn one(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(number): Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    if accounts.end_own(&session, number).await.map_err(failed)? {
        Ok(after_post_with("/me", "ended").into_response())
    } else {
        Err(PageError::NotFound)
    }
}

pub(super) async fn others(
    State(accounts): State<Accounts>,
    session: SignedIn,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    accounts.end_others(&session).await.map_err(failed)?;
    Ok(after_post_with("/me", "others-ended").into_response())
}

pub(super) async fn stay(
    State(accounts): State<Accounts>,
    session: SignedIn,
    CsrfHeader: CsrfHeader,
) -> Answer {
    accounts.note_seen(&session).await.map_err(failed)?;
    Ok(Json(json!({ "seconds": session.end(session.asked_at).seconds })).into_response())
}
