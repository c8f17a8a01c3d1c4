//! `POST /forms`: a new draft, made from what is asked now.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use desk::store::add_form_draft;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::Triage;
use super::form_load::{name_of, only_head_office};
use super::programme_load::today;
use crate::questions::form_key;

#[derive(Deserialize)]
pub(super) struct Form {
    form: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    only_head_office(&session.staff)?;
    name_of(&form.form).ok_or(PageError::NotFound)?;
    let (org, by) = (session.staff.org, session.staff.id);
    let head = ("新しい版".to_owned(), today(&triage)?);
    let key = form_key(&form.form);
    let made = add_form_draft(&triage.db, org, &key, head, by);
    let (id, version) = made.await.map_err(failed)?.ok_or(PageError::NotFound)?;
    Ok(after_post_with(&format!("/forms/{id}/versions/{version}/edit"), "made").into_response())
}
