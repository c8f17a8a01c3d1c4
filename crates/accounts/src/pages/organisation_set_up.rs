//! `GET /setup/{token}`, `POST /setup/{token}`: an organisation that was made at the command line is
//! set up by its first administrator, with the one-time link that the operator handed over.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use web::{CsrfForm, Errors, Field, Page, PageError, Shell};

use super::invitation_open::{over, password_fields};
use super::setup::{FirstFields, Form, read};
use super::{Answer, failed};
use crate::{AccountError, Accounts, SourceAddress};

#[derive(Template)]
#[template(path = "organisation_set_up.html")]
struct OrganisationSetUp {
    shell: Shell,
    action: String,
    before: [Field; 2],
    after: [Field; 4],
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    shell: Shell,
    Path(token): Path<String>,
) -> Answer {
    let Some((_, name)) = accounts.offered(&token).await.map_err(failed)? else {
        return Ok(over(shell));
    };
    let typed = FirstFields {
        organisation: name.as_str(),
        ..FirstFields::default()
    };
    Ok(page(shell, &token, typed, Errors::default()).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    source: SourceAddress,
    shell: Shell,
    Path(token): Path<String>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let Some((org, _)) = accounts.offered(&token).await.map_err(failed)? else {
        return Ok(over(shell));
    };
    if form.code.is_some() {
        // A field that this form does not have.
        return Err(PageError::Unreadable);
    }
    if let Some(offices) = form.sample() {
        let typed = FirstFields {
            offices: &offices,
            ..form.fields()
        };
        return Ok(page(shell, &token, typed, Errors::default()).into_response());
    }
    let mut errors = Errors::default();
    let first = match read(&accounts, &form.fields(), &mut errors).await {
        Some(first) if errors.is_empty() => first,
        _ => return Ok(again(shell, &token, &form, errors)),
    };
    match accounts.set_up_organisation(&token, org, first, source).await {
        Ok(()) => Ok(Redirect::to("/sign-in?done=joined&next=%2Fstart").into_response()),
        Err(AccountError::LinkOver) => Ok(over(shell)),
        Err(AccountError::LoginTaken) => {
            errors.add("login", AccountError::LoginTaken);
            Ok(again(shell, &token, &form, errors))
        }
        Err(AccountError::Busy) => Err(PageError::Busy),
        Err(AccountError::Db(error)) => Err(failed(error)),
        Err(other) => Err(PageError::bug(other)),
    }
}

fn again(shell: Shell, token: &str, form: &Form, errors: Errors) -> axum::response::Response {
    let page = page(shell, token, form.fields(), errors);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

fn page(shell: Shell, token: &str, typed: FirstFields<'_>, errors: Errors) -> Page<OrganisationSetUp> {
    let [organisation, offices, name, login] = typed.fields();
    let [password, again] = password_fields();
    Page(OrganisationSetUp {
        action: format!("/setup/{token}"),
        before: [organisation, offices].map(|field| field.errors(&errors)),
        after: [name, login, password, again].map(|field| field.errors(&errors)),
        shell: shell.titled("組織の初期設定").with_errors(errors),
    })
}
