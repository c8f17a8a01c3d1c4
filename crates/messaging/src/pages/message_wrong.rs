//! `GET /messages/{id}/wrong`, `POST …`: this message's number is somebody else's, or wrong. The form comes filled in.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::MessageId;
use lists::numbers::WrongKind;
use serde::Deserialize;
use web::form::Field;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post};

use super::message_show::load_message;
use super::number_form::{Typed, enter, told_at};
use super::{Answer, Desk, Id, mask};

/// The form, wherever one comes from.
#[derive(Template)]
#[template(path = "number_wrong.html")]
pub(super) struct NumberWrong {
    shell: Shell,
    /// Where one comes from, and where the form goes.
    back: String,
    back_label: String,
    action: String,
    number: String,
    about: String,
    fields: Vec<Field>,
}

/// Where the form of a wrong number stands.
pub(super) struct Place {
    pub(super) back: String,
    pub(super) back_label: &'static str,
    pub(super) action: String,
    /// The masked number.
    pub(super) number: String,
    /// Whom it was noted for.
    pub(super) about: String,
}

impl NumberWrong {
    pub(super) fn of(shell: Shell, place: Place, typed: &Typed, errors: Errors) -> Self {
        Self {
            back: place.back,
            back_label: place.back_label.to_owned(),
            action: place.action,
            number: place.number,
            about: place.about,
            fields: typed.fields(&errors),
            shell: shell.titled("番号の誤りを登録する").with_errors(errors),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    kind: String,
}

/// A reason to begin with, which can be written over.
pub(super) fn usual_reason(kind: &str) -> &'static str {
    match WrongKind::from_word(kind) {
        Some(WrongKind::NotMe) => "別の方から、人違いだと連絡があった",
        Some(WrongKind::WrongNumber) => "この方の番号ではないと分かった",
        Some(WrongKind::Unused) => "使われていない番号だった",
        Some(WrongKind::Refused) => "本人から、SMSを送らないでほしいと連絡があった",
        None => "",
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<MessageId>,
    Query(asked): Query<Asked>,
) -> Answer {
    let place = place(&desk, &session, id).await?;
    let typed = Typed {
        reason: usual_reason(&asked.kind).to_owned(),
        kind: asked.kind,
        ..Typed::default()
    };
    Ok(Page(NumberWrong::of(shell, place, &typed, Errors::default())).into_response())
}

/// The number cannot be closed any more from here.
fn erased() -> PageError {
    PageError::rejected(
        "このメッセージの番号は、保存期間が過ぎたため消しました。",
        "番号が分かるときは、「番号の登録」で手で登録してください。",
    )
}

async fn place(desk: &Desk, session: &SignedIn, id: MessageId) -> Result<Place, PageError> {
    let (message, broadcast) = load_message(desk, session, id).await?;
    Ok(Place {
        back: format!("/messages/{id}"),
        back_label: "メッセージに戻る",
        action: format!("/messages/{id}/wrong"),
        number: mask::phone(message.to, false),
        about: format!("{} {}行目", broadcast.file_name, message.line),
    })
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<MessageId>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let (message, _) = load_message(&desk, &session, id).await?;
    let errors = match typed.accept(Some(message.to.ok_or_else(erased)?)) {
        Err(errors) => errors,
        Ok(accepted) => match enter(&desk, &session, accepted, Some(id)).await? {
            Ok(effect) => {
                let told = told_at(&format!("/messages/{id}"), &effect);
                return Ok(after_post(&told).into_response());
            }
            Err(errors) => errors,
        },
    };
    let place = place(&desk, &session, id).await?;
    let page = NumberWrong::of(shell, place, &typed, errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}
