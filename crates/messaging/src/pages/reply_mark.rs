//! `POST /replies/{id}/mark`: what a reply asks for is done, with a note, or is not done after all.

use accounts::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::ReplyId;
use serde::Deserialize;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::reply_show::{load, page};
use super::{Answer, Id, ReplyDesk, failed};
use crate::limits::REASON_LETTERS;
use crate::reply::ReplyEvent;
use crate::store;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    event: String,
    note: String,
}

pub(super) async fn submit(
    State(desk): State<ReplyDesk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ReplyId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let reply = load(&desk, &session, id).await?;
    let event = ReplyEvent::chosen(&form.event).ok_or(PageError::Unreadable)?;
    let note = form.note.trim();
    if note.chars().count() > REASON_LETTERS {
        let mut errors = Errors::default();
        errors.add(
            "note",
            format!("したことは{REASON_LETTERS}文字までにしてください。"),
        );
        let page = page(&desk, &session, shell, reply, (false, note, errors)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let staff = &session.staff;
    let note = (!note.is_empty()).then(|| note.to_owned());
    let marked = store::mark_reply(&desk.desk.db, staff.org, id, event, (staff.id, note))
        .await
        .map_err(failed)?;
    let done = if marked { event.as_str() } else { "nothing" };
    Ok(after_post_with(&format!("/replies/{id}"), done).into_response())
}
