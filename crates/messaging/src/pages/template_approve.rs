//! `POST /templates/{id}/approve`: somebody other than its author approves a version of a text by itself, so that
//! short lists with it go without further approval.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::TemplateId;
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, Desk, Id, failed};
use crate::store;

#[derive(Deserialize)]
pub(super) struct Form {
    /// The version that was read.
    version: i64,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<TemplateId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let (org, me) = (session.staff.org, session.staff.id);
    let version = store::template_version(&desk.db, org, id, form.version)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)?;
    if version.created_by == me {
        return Err(PageError::rejected(
            "自分が作った版は承認できません。",
            "ほかの承認者に頼んでください。",
        ));
    }
    store::approve_version(&desk.db, org, (id, form.version), Some(me))
        .await
        .map_err(failed)?;
    // Approved already: that is what was asked for.
    Ok(after_post_with(&format!("/templates/{id}"), "approved").into_response())
}
