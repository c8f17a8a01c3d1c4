//! `/sign-in/second`: the second step after the password. A code or a passkey in, session cookie out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use web::{CsrfForm, Errors, Field, Page, Shell};

use super::passkey::{Party, shown};
use super::sign_in::{Asked, refused};
use super::{Answer, failed};
use crate::Accounts;
use crate::arrival::Arrival;
use crate::cookies::Cookie;
use crate::local_path::LocalPath;
use crate::second_step::OpenStep;
use crate::sign_in::SignInError;

#[derive(Template)]
#[template(path = "sign_in_second.html")]
struct SecondPage {
    shell: Shell,
    next: LocalPath,
    code: Field,
    /// The person has a passkey, and browsers can show it here.
    has_passkey: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    code: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    next: String,
}

fn page(shell: Shell, next: LocalPath, has_passkey: bool) -> Page<SecondPage> {
    let code = super::code_field().errors(shell.errors());
    Page(SecondPage {
        shell: shell.titled("2つ目の確認"),
        next,
        code,
        has_passkey,
    })
}

/// The step that this browser's cookie names, if it is still open.
async fn open_step(accounts: &Accounts, headers: &HeaderMap) -> Result<Option<OpenStep>, web::PageError> {
    match accounts.cookies.read(headers, Cookie::Step) {
        Some(secret) => accounts.open_step(&secret).await.map_err(failed),
        None => Ok(None),
    }
}

fn over(next: &LocalPath) -> Response {
    Redirect::to(&format!("/sign-in?next={}&done=step-over", next.in_query())).into_response()
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    Query(asked): Query<Asked>,
    Party(party): Party,
    headers: HeaderMap,
    shell: Shell,
) -> Answer {
    let next = asked.next();
    let Some(step) = open_step(&accounts, &headers).await? else {
        return Ok(over(&next));
    };
    let has_passkey = party.is_some() && !step.credentials.is_empty();
    Ok(page(shell, next, has_passkey).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    party: Party,
    arrival: Arrival,
    headers: HeaderMap,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let next = LocalPath::parse(&form.next).unwrap_or_else(LocalPath::home);
    let Some(step) = open_step(&accounts, &headers).await? else {
        return Ok(over(&next));
    };
    let has_passkey = party.0.is_some() && !step.credentials.is_empty();
    let Some(shown) = shown(&form.code, &form.credential, party, &step.key) else {
        let mut errors = Errors::default();
        errors.add("code", "コードを入力してください。");
        return Ok(super::unprocessable(page(
            shell.with_errors(errors),
            next,
            has_passkey,
        )));
    };
    let old = accounts.cookies.read(&headers, Cookie::Session);
    match accounts.second_step(step, shown, arrival, old).await {
        Ok(secret) => {
            let (mut headers, onwards) = accounts.signed_in(&secret, &next);
            headers.append(header::SET_COOKIE, accounts.cookies.clear(Cookie::Step));
            Ok((headers, onwards).into_response())
        }
        Err(SignInError::Db(error)) => Err(failed(error)),
        Err(SignInError::Busy) => Err(web::PageError::Busy),
        Err(refusal) => Ok(refused(&refusal, "code", |errors| {
            page(shell.with_errors(errors), next, has_passkey).into_response()
        })),
    }
}
