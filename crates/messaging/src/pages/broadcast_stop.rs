//! `POST /broadcasts/{id}/stop`: from its commit on nothing more is handed over.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::BroadcastId;
use web::{CsrfForm, after_post_with};

use super::broadcast_load::load;
use super::{Answer, Desk, Id, NoFields, failed};
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<BroadcastId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    load(&desk, &session, id).await?;
    let staff = &session.staff;
    let stopped = store::pause(&desk.db, staff.org, id, Some(staff.id))
        .await
        .map_err(failed)?;
    let done = if stopped { "stopped" } else { "nothing" };
    Ok(after_post_with(&format!("/broadcasts/{id}"), done).into_response())
}
