//! `GET /cases/new`, `POST /cases`: a case notification typed in, for one person.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use messaging::pages::{Answer, failed};
use web::form::Field;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post, after_post_with};

use super::Triage;
use super::case_form::{Typed, accept, fields};
use super::rules_now::Programmes;
use crate::case::{CaseSource, NewCase, received_day};
use crate::store::cases::add;

#[derive(Template)]
#[template(path = "case_new.html")]
struct NewPage {
    shell: Shell,
    fields: Vec<Field>,
}

pub(super) async fn show(State(triage): State<Triage>, session: SignedIn, shell: Shell) -> Answer {
    let programmes = Programmes::of(&triage, &session.staff).await?;
    Ok(Page(page(shell, &programmes, &Typed::new(), Errors::default())).into_response())
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let staff = &session.staff;
    let programmes = Programmes::of(&triage, staff).await?;
    let notification = match accept(&typed, received_day(triage.db.now())) {
        Ok(notification) => notification,
        Err(errors) => {
            let page = page(shell, &programmes, &typed, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let chosen = programmes.chosen(typed.get("programme").map_or("", String::as_str));
    let programme = programmes.of_told(&notification, chosen);
    let rules = programmes.rules(programme);
    let office = programmes.office(programme, staff.office);
    let new = NewCase {
        office,
        source: CaseSource::Form,
        notification,
    };
    let added = add(
        &triage.db,
        staff.org,
        programme,
        rules.as_ref(),
        Some(staff.id),
        vec![new],
    );
    let added = added.await.map_err(failed)?;
    let id = added
        .cases
        .first()
        .ok_or_else(|| PageError::bug("a case was not added"))?;
    if staff.covers(office) {
        return Ok(after_post_with(&format!("/cases/{id}"), "added").into_response());
    }
    // The record is another office's: it is not there for whoever wrote it.
    Ok(after_post(&format!("/cases?done=owned&owner={office}")).into_response())
}

fn page(shell: Shell, programmes: &Programmes, typed: &Typed, errors: Errors) -> NewPage {
    let chosen = programmes.chosen(typed.get("programme").map_or("", String::as_str));
    let programme = programmes.field(chosen);
    NewPage {
        fields: programme.into_iter().chain(fields(typed, &errors)).collect(),
        shell: shell.titled("1人を入力する").with_errors(errors),
    }
}
