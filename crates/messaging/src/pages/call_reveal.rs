//! `POST /calls/{id}/reveal`: the call list with one person's name and number, to telephone them.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CallId;
use lists::calls::call;
use serde::Deserialize;
use web::{CsrfForm, Errors, Page, PageError, Shell};

use super::call_form::Typed;
use super::call_list::page;
use super::{Answer, Desk, Id, failed, reveal, scope};

#[derive(Deserialize)]
pub(super) struct Form {
    /// On which page of the list the person stands.
    #[serde(default)]
    page: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<CallId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let found = call(&desk.db, staff.org, scope(staff), id)
        .await
        .map_err(failed)?;
    found.ok_or(PageError::NotFound)?;
    reveal::count(&desk, &session, ("calls", id.get())).await?;
    let (typed, errors) = (Typed::default(), Errors::default());
    let number = form.page.parse().unwrap_or(1);
    let page = page(&desk, &session, shell, (&typed, errors), number, Some(id)).await?;
    Ok(Page(page).into_response())
}
