//! `POST /links/{id}/retire`: no new text leads to this page; links that were sent go on doing so.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::LinkTargetId;
use web::{CsrfForm, after_post_with};

use super::link_form::{load, require_change};
use super::{Answer, Desk, Id, NoFields, failed};
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<LinkTargetId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    require_change(&session)?;
    load(&desk, &session, id).await?;
    // Retired already: that is what was asked for.
    store::retire_link_target(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?;
    Ok(after_post_with("/links", "retired").into_response())
}
