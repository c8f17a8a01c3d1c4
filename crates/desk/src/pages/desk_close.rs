//! `POST /desks/{id}/close`, `/reopen`: no more applications from now on; or again.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use web::{CsrfForm, Id, NoFields, after_post_with};

use super::desk_load::desk_row;
use crate::store;

pub(super) async fn close(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<DeskId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    set(&desk, &session, id, true, "closed").await
}

pub(super) async fn reopen(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<DeskId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    set(&desk, &session, id, false, "reopened").await
}

async fn set(desk: &Desk, session: &SignedIn, id: DeskId, closed: bool, done: &'static str) -> Answer {
    desk_row(desk, session, id).await?;
    // It was so before: that is what was asked for.
    store::set_closed(&desk.db, session.staff.org, id, closed)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/desks/{id}"), done).into_response())
}
