//! `GET /links/new`, `POST /links`: a page that texts may lead to, entered by the head office.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use web::form::Field;
use web::{CsrfForm, Errors, Page, Shell, after_post_with};

use super::link_form::{Typed, require_change};
use super::{Answer, Desk, failed};
use crate::store;

#[derive(Template)]
#[template(path = "link_new.html")]
struct LinkNew {
    shell: Shell,
    fields: [Field; 2],
}

fn page(desk: &Desk, shell: Shell, typed: &Typed, errors: Errors) -> Page<LinkNew> {
    Page(LinkNew {
        fields: [
            typed.name_field(&errors),
            typed.url_field(&desk.links.hosts, &errors),
        ],
        shell: shell.titled("案内ページを加える").with_errors(errors),
    })
}

fn refused(desk: &Desk, shell: Shell, typed: &Typed, errors: Errors) -> Response {
    let page = page(desk, shell, typed, errors);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    require_change(&session)?;
    Ok(page(&desk, shell, &Typed::default(), Errors::default()).into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    require_change(&session)?;
    let mut errors = Errors::default();
    let name = typed.accept_name(&mut errors);
    let url = typed.accept_url(&desk.links.hosts, &mut errors);
    let (Some(name), Some(url)) = (name, url) else {
        return Ok(refused(&desk, shell, &typed, errors));
    };
    let (org, by) = (session.staff.org, session.staff.id);
    let added = store::add_link_target(&desk.db, org, name, url, by).await;
    let Some(id) = added.map_err(failed)? else {
        errors.add(
            "name",
            "同じ名前の案内ページがあります。別の名前にするか、その案内ページのアドレスを変えてください。",
        );
        return Ok(refused(&desk, shell, &typed, errors));
    };
    Ok(after_post_with(&format!("/links/{id}"), "made").into_response())
}
