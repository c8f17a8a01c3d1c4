//! `POST /messages/{id}/settle`: a person found out what became of a message that nobody could know of.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::MessageId;
use serde::Deserialize;
use web::{CsrfForm, after_post_with};

use super::message_show::load_message;
use super::{Answer, Desk, Id, failed};
use crate::message::Settlement;
use crate::store;

#[derive(Deserialize)]
pub(super) struct Found {
    outcome: FoundOutcome,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FoundOutcome {
    Delivered,
    Undelivered,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<MessageId>,
    CsrfForm(found): CsrfForm<Found>,
) -> Answer {
    let (_, broadcast) = load_message(&desk, &session, id).await?;
    let settlement = match found.outcome {
        FoundOutcome::Delivered => Settlement::Delivered,
        FoundOutcome::Undelivered => Settlement::Undelivered,
    };
    let staff = &session.staff;
    let settled = store::settle(&desk.db, staff.org, id, broadcast.id, settlement, staff.id)
        .await
        .map_err(failed)?;
    let done = if settled { "settled" } else { "nothing" };
    Ok(after_post_with(&format!("/messages/{id}"), done).into_response())
}
