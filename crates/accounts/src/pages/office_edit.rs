//! `GET /offices/{id}`, `POST /offices/{id}`, `…/close`, `…/reopen`: one office.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::OfficeId;
use web::{CsrfForm, Errors, Field, Page, Shell, after_post_with};

use super::manage::{changing_all, told};
use super::office_list::{Typed, load};
use super::{Answer, Id, NoFields};
use crate::{AccountError, Accounts, Office, SignedIn};

#[derive(Template)]
#[template(path = "office_edit.html")]
struct OfficeEdit {
    shell: Shell,
    office: Office,
    is_head: bool,
    fields: Vec<Field>,
}

fn page(shell: Shell, office: Office, typed: &Typed, errors: Errors) -> Page<OfficeEdit> {
    let is_head = office.id == OfficeId::HEADQUARTERS;
    Page(OfficeEdit {
        fields: typed.fields(is_head, &errors),
        shell: shell
            .titled(format!("部署「{}」", office.name))
            .with_errors(errors),
        office,
        is_head,
    })
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<OfficeId>,
) -> Answer {
    let office = load(&accounts, &session, id).await?;
    let typed = Typed::of(&office);
    Ok(page(shell, office, &typed, Errors::default()).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<OfficeId>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    changing_all(&session)?;
    let office = load(&accounts, &session, id).await?;
    let errors = match typed.accept(id == OfficeId::HEADQUARTERS) {
        Ok((name, terms)) => match accounts.change_office(session.staff.org, id, name, terms).await {
            Ok(()) => return Ok(after_post_with("/offices", "changed").into_response()),
            Err(AccountError::OfficeNameTaken) => {
                let mut errors = Errors::default();
                errors.add("name", AccountError::OfficeNameTaken);
                errors
            }
            Err(error) => return Err(told(error)),
        },
        Err(errors) => errors,
    };
    Ok((
        StatusCode::UNPROCESSABLE_ENTITY,
        page(shell, office, &typed, errors),
    )
        .into_response())
}

pub(super) async fn close(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(id): Id<OfficeId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    changing_all(&session)?;
    accounts.close_office(session.staff.org, id).await.map_err(told)?;
    Ok(after_post_with("/offices", "closed").into_response())
}

pub(super) async fn reopen(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(id): Id<OfficeId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    changing_all(&session)?;
    accounts
        .reopen_office(session.staff.org, id)
        .await
        .map_err(told)?;
    Ok(after_post_with("/offices", "opened").into_response())
}
