//! `POST /lists/{id}/settings`: which column holds the numbers, which text is sent.

use std::collections::BTreeMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use lists::store::{Settings, set_settings};
use serde::Deserialize;
use web::{CsrfForm, after_post_with};

use super::list_form::asked_template;
use super::list_judged::{open_head, withdrawn};
use super::{Answer, Desk, Id, failed};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    to: String,
    #[serde(default)]
    template: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    open_head(&desk, staff, id).await?;
    // What is left open is asked for again by the list's own page.
    let settings = Settings {
        to: Some(form.to).filter(|heading| !heading.is_empty()),
        fields: BTreeMap::new(),
        template: asked_template(&desk, staff, &form.template).await?,
    };
    if !set_settings(&desk.db, staff.org, id, settings)
        .await
        .map_err(failed)?
    {
        return Err(withdrawn());
    }
    Ok(after_post_with(&format!("/lists/{id}"), "settings").into_response())
}
