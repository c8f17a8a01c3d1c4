//! `POST /messages/{id}/call`: the person of one message is telephoned.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::MessageId;
use base::phone::PhoneNumber;
use lists::calls::{CallReason, CallSource, NewCall};
use web::{CsrfForm, after_post};

use super::broadcast_words::Group;
use super::call_add::{People, add_all};
use super::message_show::load_message;
use super::{Answer, Desk, Id, NoFields};
use crate::message::MessageState;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<MessageId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let (message, broadcast) = load_message(&desk, &session, id).await?;
    let staff = &session.staff;
    let worst = message
        .parts
        .iter()
        .map(|part| part.state)
        .max_by_key(|state| state.code());
    let people = People::of(&desk, staff.org, broadcast.list, &broadcast.file_name).await?;
    let new = NewCall {
        office: broadcast.office,
        person: people.label(message.line),
        number: message.to.map(PhoneNumber::national),
        reason: reason(worst.unwrap_or(MessageState::Queued)),
        note: None,
        source: CallSource::Message(id),
        priority: 0,
        by: Some(staff.id),
    };
    let (added, before) = add_all(&desk, staff.org, vec![new]).await?;
    let told = format!("/messages/{id}?done=called&added={added}&before={before}");
    Ok(after_post(&told).into_response())
}

/// Why the person of a message in this state is telephoned.
pub(super) fn reason(state: MessageState) -> CallReason {
    match Group::of(state) {
        Group::Failed => CallReason::NotDelivered,
        Group::Unknown => CallReason::Unconfirmed,
        Group::Delivered | Group::Accepted | Group::Waiting | Group::Cancelled => CallReason::Chosen,
    }
}
