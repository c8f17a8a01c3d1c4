//! `POST /outcomes/lists/{id}/open`: a locked list is opened again; nobody was told.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::OutcomeListId;
use messaging::pages::{Answer, Desk, failed};
use web::{CsrfForm, Id, NoFields, PageError, after_post_with};

use super::outcome_load::list;
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<OutcomeListId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let (list, _) = list(&desk, &session, id).await?;
    if !store::open_again(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?
    {
        return Err(PageError::conflict(
            "このリストは、もう送ったか、確定を取り消しています。",
            "リストのページで、いまの状態を確かめてください。",
        ));
    }
    Ok(after_post_with(&format!("/outcomes/desks/{}", list.desk), "opened").into_response())
}
