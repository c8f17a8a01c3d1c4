//! `POST /messages/{id}/reveal`: the page of one message with its number and text, for this once.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::MessageId;
use web::{CsrfForm, Page, Shell};

use super::message_show::{load_message, page};
use super::{Answer, Desk, Id, NoFields, reveal};

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<MessageId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let found = load_message(&desk, &session, id).await?;
    reveal::count(&desk, &session, ("messages", id.get())).await?;
    let page = page(&desk, &session, shell, id, found, true).await?;
    Ok(Page(page).into_response())
}
