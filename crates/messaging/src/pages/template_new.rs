//! `GET /templates/new`, `POST /templates`: a new text.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use web::form::Field;
use web::{CsrfForm, Errors, Page, Shell, after_post_with};

use super::template_form::{Look, Typed};
use super::{Answer, Desk, failed};
use crate::store;

#[derive(Template)]
#[template(path = "template_new.html")]
struct TemplateNew {
    shell: Shell,
    fields: [Field; 2],
    look: Option<Look>,
}

impl TemplateNew {
    fn of(desk: &Desk, shell: Shell, typed: &Typed, errors: Errors) -> Self {
        let (fields, look) = (typed.fields(&errors), typed.look(&desk.sending.sender));
        Self {
            shell: shell.titled("新しい文面を作る").with_errors(errors),
            fields,
            look,
        }
    }
}

pub(super) async fn show(State(desk): State<Desk>, _: SignedIn, shell: Shell) -> Answer {
    Ok(Page(TemplateNew::of(
        &desk,
        shell,
        &Typed::default(),
        Errors::default(),
    ))
    .into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let accepted = match typed.accept() {
        Ok(_) if typed.is_preview() => {
            return Ok(Page(TemplateNew::of(&desk, shell, &typed, Errors::default())).into_response());
        }
        Ok(accepted) => accepted,
        Err(errors) => {
            let page = Page(TemplateNew::of(&desk, shell, &typed, errors));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let (org, by) = (session.staff.org, session.staff.id);
    let text = accepted.template.source().to_owned();
    let id = store::add_template(&desk.db, org, accepted.name, text, by)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/templates/{id}"), "made").into_response())
}
