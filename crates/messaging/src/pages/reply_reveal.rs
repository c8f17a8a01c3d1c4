//! `POST /replies/{id}/reveal`: the page of a reply with its number and text, for this once. From then on it is read.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ReplyId;
use web::{CsrfForm, Errors, Page, Shell};

use super::reply_show::{load, page};
use super::{Answer, Id, NoFields, ReplyDesk, failed, reveal};
use crate::reply::ReplyEvent;
use crate::store;

pub(super) async fn submit(
    State(desk): State<ReplyDesk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ReplyId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    load(&desk, &session, id).await?;
    reveal::count(&desk.desk, &session, ("replies", id.get())).await?;
    let staff = &session.staff;
    store::mark_reply(&desk.desk.db, staff.org, id, ReplyEvent::Shown, (staff.id, None))
        .await
        .map_err(failed)?;
    let reply = load(&desk, &session, id).await?;
    let page = page(&desk, &session, shell, reply, (true, "", Errors::default())).await?;
    Ok(Page(page).into_response())
}
