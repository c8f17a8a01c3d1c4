//! `GET /incidents/report`, `POST …`: which message came to the wrong person, by its code or by the number that it came
//! to. Looking changes nothing but the audit trail; the report is made on the page of the message.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::MessageId;
use base::phone;
use serde::Deserialize;
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post};

use super::{Answer, Desk, failed, may_see};
use crate::incident::MessageCode;
use crate::limits::FOUND_MESSAGES;
use crate::limits::REPORTABLE;
use crate::store;

#[derive(Template)]
#[template(path = "incident_find.html")]
struct IncidentFind {
    shell: Shell,
    typed: Field,
    /// What was found, once something was looked for.
    found: Option<Vec<Found>>,
}

struct Found {
    message: MessageId,
    at: Millis,
    name: String,
    line: u32,
    number: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    typed: String,
}

fn page(shell: Shell, typed: &str, errors: Errors, found: Option<Vec<Found>>) -> IncidentFind {
    IncidentFind {
        typed: Field::text("typed", "コードまたは電話番号")
            .required()
            .support("コードの例: 4KX-7Q2M-9T3A。電話番号は、SMSが届いた携帯電話の番号です。")
            .value(typed)
            .short()
            .errors(&errors),
        found,
        shell: shell.titled("別の人の情報が届いた").with_errors(errors),
    }
}

pub(super) async fn show(shell: Shell) -> Answer {
    let shell = match shell.done() {
        Some("reported") => shell.with_notice(Notice::success("報告を受け付け、配信を止めました").text(
            "責任者がインシデントとして対応します。電話の相手には、SMSを消さずに待ってもらってください。",
        )),
        _ => shell,
    };
    Ok(Page(page(shell, "", Errors::default(), None)).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let typed = form.typed.trim();
    if let Some(message) = MessageCode::read(&desk.db, typed) {
        return Ok(after_post(&format!("/messages/{message}/report")).into_response());
    }
    let Ok(number) = phone::parse(typed) else {
        let mut errors = Errors::default();
        errors.add(
            "typed",
            "コードでも携帯電話の番号でもありません。聞き直して、もう一度入力してください。",
        );
        let page = page(shell, typed, errors, None);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    };
    let found = find(&desk, &session, number.number).await?;
    // The number stays out of the page that is shown next: it is on the telephone's display anyway.
    Ok(Page(page(shell, "", Errors::default(), Some(found))).into_response())
}

async fn find(desk: &Desk, session: &SignedIn, number: phone::PhoneNumber) -> Result<Vec<Found>, PageError> {
    let staff = &session.staff;
    let since = desk.db.now() - REPORTABLE;
    let found = store::messages_to_number(&desk.db, staff.org, number, since, FOUND_MESSAGES)
        .await
        .map_err(failed)?;
    let mut shown = Vec::new();
    for one in found {
        let broadcast = store::broadcast(&desk.db, staff.org, one.broadcast)
            .await
            .map_err(failed)?;
        shown.extend(
            broadcast
                .filter(|broadcast| may_see(staff, broadcast.office))
                .map(|broadcast| Found {
                    message: one.message,
                    at: broadcast.created_at,
                    name: broadcast.file_name,
                    line: one.line,
                    number: number.masked(),
                }),
        );
    }
    Ok(shown)
}
