//! `POST /review/keys`: single keys act on this person's pages, or not (WCAG 2.1.4). Kept with the account: who needs it
//! off needs it off at every computer.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post};

use crate::store;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    keys: String,
    back: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    // Only to pages of ours of which this form is a part.
    let is_ours = form.back.starts_with("/review/") && !form.back.contains(['\\', '\r', '\n']);
    let on = match form.keys.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(PageError::Unreadable),
    };
    let staff = &session.staff;
    store::set_keys(&desk.db, staff.org, staff.id, on)
        .await
        .map_err(failed)?;
    let back = if is_ours { form.back.as_str() } else { "/review" };
    Ok(after_post(back).into_response())
}
