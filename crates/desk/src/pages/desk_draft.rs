//! `POST /desks/{id}/versions`: a new draft, made from a version that is there.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use web::{CsrfForm, Id, PageError, after_post_with};

use super::desk_load::{today, version};
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<DeskId>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let copy = fields
        .get("copy")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let loaded = version(&desk, &session, (id, copy)).await?;
    let (org, by) = (session.staff.org, session.staff.id);
    let from = loaded.version.draft.from.max(today(&desk)?);
    let draft = (loaded.version.draft.title.clone(), from, &loaded.document);
    let added = store::add_desk_version(&desk.db, org, &loaded.desk, draft, by).await;
    let Ok(number) = added.map_err(failed)? else {
        return Err(PageError::NotFound);
    };
    Ok(after_post_with(&format!("/desks/{id}/versions/{number}/edit"), "made").into_response())
}
