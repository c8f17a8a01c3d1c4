//! `POST /templates/{id}/archive`: a text is put away; what was sent with it stays as it is.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::TemplateId;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, Desk, Id, NoFields, failed};
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<TemplateId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let org = session.staff.org;
    store::template(&desk.db, org, id)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)?;
    // Put away already: that is what was asked for.
    store::archive_template(&desk.db, org, id).await.map_err(failed)?;
    Ok(after_post_with("/templates", "archived").into_response())
}
