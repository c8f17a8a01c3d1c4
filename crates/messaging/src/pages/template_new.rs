//! `GET /templates/new`, `POST /templates`: a new text.

use std::collections::HashMap;

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use web::form::Field;
use web::{CsrfForm, Errors, Page, Shell, after_post_with};

use super::template_form::{LinkOffered, Sheet, Typed, offer_links};
use super::{Answer, Desk, failed};
use crate::store;

#[derive(Template)]
#[template(path = "template_new.html")]
struct TemplateNew {
    shell: Shell,
    name: Field,
    fields: Vec<Field>,
    sheets: Vec<Sheet>,
    links: Vec<LinkOffered>,
    more_languages: Option<Field>,
}

async fn page(desk: &Desk, session: &SignedIn, shell: Shell, typed: &Typed, errors: Errors) -> Answer {
    let settings = store::advice_settings(&desk.db, session.staff.org)
        .await
        .map_err(failed)?;
    let mut sheets = typed.sheets(&errors, &desk.sending.sender, &settings, desk.db.now());
    let page = TemplateNew {
        name: typed.name(&errors),
        fields: typed.fields(&errors),
        links: offer_links(desk, session.staff.org, &mut sheets).await?,
        sheets,
        more_languages: typed.more_languages(),
        shell: shell.titled("新しい文面を作る").with_errors(errors),
    };
    Ok(Page(page).into_response())
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    page(&desk, &session, shell, &Typed::default(), Errors::default()).await
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let typed = Typed::from(fields);
    let accepted = match typed.accept() {
        _ if typed.adds_language() => return page(&desk, &session, shell, &typed, Errors::default()).await,
        Ok(_) if typed.is_preview() => return page(&desk, &session, shell, &typed, Errors::default()).await,
        Ok(accepted) => accepted,
        Err(errors) => {
            let page = page(&desk, &session, shell, &typed, errors).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let (org, by) = (session.staff.org, session.staff.id);
    let id = store::add_draft(&desk.db, org, accepted, by)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/templates/{id}"), "made").into_response())
}
