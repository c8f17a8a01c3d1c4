//! `POST /numbers/{id}/reveal`: the register of wrong numbers with one entry's numbers whole.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::WrongNumberId;
use lists::numbers::report;
use serde::Deserialize;
use web::{CsrfForm, Errors, Page, PageError, Shell};

use super::number_form::Typed;
use super::number_list::page;
use super::{Answer, Desk, Id, failed, reveal, scope};

#[derive(Deserialize)]
pub(super) struct Form {
    /// On which page of the register it stands.
    #[serde(default)]
    page: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<WrongNumberId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let found = report(&desk.db, staff.org, scope(staff), id)
        .await
        .map_err(failed)?;
    found.ok_or(PageError::NotFound)?;
    reveal::count(&desk, &session, ("numbers", id.get())).await?;
    let (typed, errors) = (Typed::default(), Errors::default());
    let number = form.page.parse().unwrap_or(1);
    let page = page(&desk, &session, shell, (&typed, errors), number, Some(id)).await?;
    Ok(Page(page).into_response())
}
