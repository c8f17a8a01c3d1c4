//! `POST /cases/{id}/reviews`: somebody has read an answer.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::{CaseId, FormRequestId};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, after_post_with};

use super::Triage;
use super::case_alert::note;
use super::case_load::load;
use crate::store::questions::{Looked, review};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    request: i64,
    note: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    load(&triage, staff, id).await?;
    let looked = Looked {
        case: id,
        request: FormRequestId::new(form.request),
        by: staff.id,
        note: note(&form.note)?,
    };
    let done = review(&triage.db, staff.org, looked).await.map_err(failed)?;
    let done = if done { "reviewed" } else { "reviewed-before" };
    Ok(after_post_with(&format!("/cases/{id}"), done).into_response())
}
