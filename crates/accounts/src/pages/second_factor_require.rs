//! `POST /organisation/second-factor`: whether everybody of the organisation needs a second factor. Its form stands on
//! the page of `addresses_edit`.

use axum::extract::State;
use axum::response::IntoResponse;
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, failed};
use crate::{Accounts, SignedIn};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    required: String,
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    session.fresh()?;
    let required = match form.required.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(PageError::Unreadable),
    };
    accounts
        .switch_second_factor(session.staff.org, required)
        .await
        .map_err(failed)?;
    let done = if required {
        "factor-required"
    } else {
        "factor-optional"
    };
    Ok(after_post_with("/organisation/addresses", done).into_response())
}
