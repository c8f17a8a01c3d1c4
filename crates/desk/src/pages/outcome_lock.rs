//! `POST /outcomes/desks/{id}/lock`: whoever is final by now is on a list of their own, to be looked at and sent.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use web::{CsrfForm, Id, PageError, after_post_with};

use super::outcome_load::{KindAsked, opened};
use crate::store;
use crate::texts::publish_in_force;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<DeskId>,
    CsrfForm(asked): CsrfForm<KindAsked>,
) -> Answer {
    let opened = opened(&desk, &session, id).await?;
    let (staff, kind) = (&session.staff, asked.kind()?);
    publish_in_force(&desk.db, staff.org, &opened.row)
        .await
        .map_err(failed)?;
    let locked = store::lock(&desk.db, staff.org, id, &kind, Some(staff.id));
    let Some(list) = locked.await.map_err(failed)? else {
        return Err(PageError::conflict(
            "送れる人がいなくなったため、リストを確定していません。",
            "ほかの人が先に確定したか、判定が変わりました。判定別リストを開いて、いまの人数を確かめてください。",
        ));
    };
    Ok(after_post_with(&format!("/outcomes/lists/{list}"), "locked").into_response())
}
