//! `GET /broadcasts/{id}/discard`, `POST …`: what has not left is given up for good. In its hold window that
//! withdraws the whole broadcast.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::BroadcastId;
use web::{CsrfForm, Page, PageError, Shell, after_post, after_post_with};

use super::broadcast_load::{Moment, load};
use super::broadcast_words::{Group, people};
use super::{Answer, Desk, Id, NoFields, failed};
use crate::broadcast::Broadcast;
use crate::store;

#[derive(Template)]
#[template(path = "broadcast_discard.html")]
struct BroadcastDiscard {
    shell: Shell,
    broadcast: Broadcast,
    waiting: String,
    left: String,
}

/// The question, with its number.
pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
) -> Answer {
    let broadcast = load(&desk, &session, id).await?;
    let moment = Moment::of(&desk, session.staff.org, broadcast).await?;
    let counts = &moment.progress.counts;
    let waiting = Group::Waiting.count(counts);
    if waiting == 0 || moment.broadcast.discarded_at.is_some() {
        return Ok(after_post(&format!("/broadcasts/{id}")).into_response());
    }
    let page = BroadcastDiscard {
        shell: shell.titled("残りの配信を破棄しますか"),
        waiting: people(waiting),
        left: people(counts.total() - waiting),
        broadcast: moment.broadcast,
    };
    Ok(Page(page).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<BroadcastId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let broadcast = load(&desk, &session, id).await?;
    let moment = Moment::of(&desk, session.staff.org, broadcast).await?;
    if Group::Waiting.count(&moment.progress.counts) == 0 && moment.broadcast.discarded_at.is_none() {
        return Err(PageError::conflict(
            "すべて送り終えていたため、取り消せませんでした。",
            "送られたSMSを呼び戻すことはできません。配信の結果を確かめてください。",
        ));
    }
    let staff = &session.staff;
    store::discard(&desk.db, staff.org, id, Some(staff.id))
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/broadcasts/{id}"), "discarded").into_response())
}
