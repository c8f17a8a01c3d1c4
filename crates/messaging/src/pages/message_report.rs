//! `GET /messages/{id}/report`, `POST …`: somebody says that this message came to the wrong person. The broadcast stops
//! in the commit of the report.

use accounts::{Permission, SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::MessageId;
use serde::Deserialize;
use web::form::Field;
use web::ui::Chip;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post, after_post_with};

use super::broadcast_words::message_chip;
use super::message_show::load_message;
use super::{Answer, Desk, Id, failed};
use crate::incident::{self, NewReport};
use crate::limits::REASON_LETTERS;
use crate::message::MessageState;

#[derive(Template)]
#[template(path = "message_report.html")]
struct MessageReport {
    shell: Shell,
    id: MessageId,
    number: String,
    about: String,
    chip: Chip,
    note: Field,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    note: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<MessageId>,
) -> Answer {
    let page = page(&desk, &session, shell, id, "", Errors::default()).await?;
    Ok(Page(page).into_response())
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    id: MessageId,
    note: &str,
    errors: Errors,
) -> Result<MessageReport, PageError> {
    let (message, broadcast) = load_message(desk, session, id).await?;
    let state = message
        .parts
        .iter()
        .map(|part| part.state)
        .max_by_key(|state| state.code());
    let state = broadcast.shown(state.unwrap_or(MessageState::Queued), desk.db.now());
    Ok(MessageReport {
        id,
        number: super::mask::phone(message.to, false),
        about: format!("{} {}行目", broadcast.file_name, message.line),
        chip: message_chip(state),
        note: Field::long_text("note", "聞いたこと", 3)
            .optional()
            .support("例: 知らない名前が書いてあると電話があった。ほかの人の名前やIDは書かないでください。")
            .value(note)
            .errors(&errors),
        shell: shell.titled("別の人の情報が届いたと報告する").with_errors(errors),
    })
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<MessageId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    load_message(&desk, &session, id).await?;
    let note = form.note.trim();
    if note.chars().count() > REASON_LETTERS {
        let mut errors = Errors::default();
        errors.add(
            "note",
            format!("聞いたことは{REASON_LETTERS}文字までにしてください。"),
        );
        let page = page(&desk, &session, shell, id, note, errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let staff = &session.staff;
    let new = NewReport {
        message: id,
        by: Some(staff.id),
        source: None,
        note: note.to_owned(),
    };
    let reported = incident::report(&desk.db, staff.org, new).await.map_err(failed)?;
    let reported = reported.ok_or(PageError::NotFound)?;
    Ok(if sees_incidents(staff) {
        let told = format!(
            "/incidents/{}?done=reported&stopped={}",
            reported.incident,
            reported.stopped.len()
        );
        after_post(&told).into_response()
    } else {
        after_post_with("/incidents/report", "reported").into_response()
    })
}

/// Whether the page of an incident is there for this person.
pub(super) fn sees_incidents(staff: &Staff) -> bool {
    [Permission::HandleIncidents, Permission::Send, Permission::Approve]
        .into_iter()
        .any(|permission| staff.may(permission))
}
