//! `/sign-in`: name and password in, session cookie out, and on to the page that was asked for.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell};

use super::{Answer, failed};
use crate::cookies::Cookie;
use crate::local_path::LocalPath;
use crate::sign_in::SignInError;
use crate::{Accounts, SignedIn, SourceAddress, TypedPassword};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    next: LocalPath,
    login: Field,
    password: Field,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

fn page(shell: Shell, next: LocalPath, login: &str) -> Page<SignInPage> {
    let field = Field::text("login", "ログインID")
        .required()
        .autocomplete("username")
        .value(login);
    let password = Field::password("password", "パスワード", "current-password").required();
    let (login, password) = (field.errors(shell.errors()), password.errors(shell.errors()));
    Page(SignInPage {
        shell: shell.titled("ログイン"),
        next,
        login,
        password,
    })
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    signed_in: Option<Extension<SignedIn>>,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let next = asked
        .next
        .and_then(|next| LocalPath::parse(&next))
        .unwrap_or_else(LocalPath::home);
    if signed_in.is_some() {
        return Ok(Redirect::to(next.as_str()).into_response());
    }
    if accounts.setup_is_open().await.map_err(failed)? {
        return Ok(Redirect::to("/setup").into_response());
    }
    let notice = match shell.done() {
        Some("signed-out") => Some(Notice::success("ログアウトしました")),
        Some("ended") => {
            let text = "しばらく操作がなかったか、ほかの端末でログインしたため、ログアウトしました。もう一度ログインしてください。";
            Some(Notice::info("ログインが終わりました").text(text))
        }
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    Ok(page(shell, next, "").into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    source: SourceAddress,
    headers: HeaderMap,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let next = LocalPath::parse(&form.next).unwrap_or_else(LocalPath::home);
    let mut errors = Errors::default();
    if form.login.trim().is_empty() {
        errors.add("login", "ログインIDを入力してください。");
    }
    if form.password.is_empty() {
        errors.add("password", "パスワードを入力してください。");
    }
    if !errors.is_empty() {
        return Ok(again(shell.with_errors(errors), next, &form.login));
    }
    let old = accounts.cookies.read(&headers, Cookie::Session);
    match accounts
        .sign_in(&form.login, TypedPassword::new(&form.password), source, old)
        .await
    {
        Ok(secret) => Ok(accounts.signed_in(&secret, &next).into_response()),
        Err(SignInError::Db(error)) => Err(failed(error)),
        Err(SignInError::Busy) => Err(PageError::Busy),
        Err(refusal) => Ok(refused(shell, next, &form.login, &refusal)),
    }
}

fn refused(shell: Shell, next: LocalPath, login: &str, refusal: &SignInError) -> Response {
    let mut errors = Errors::default();
    errors.add("login", refusal.to_string());
    let page = again(shell.with_errors(errors), next, login);
    match refusal {
        SignInError::Wait(seconds) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, seconds.to_string())],
            page,
        )
            .into_response(),
        SignInError::Locked => (StatusCode::TOO_MANY_REQUESTS, page).into_response(),
        _ => page,
    }
}

fn again(shell: Shell, next: LocalPath, login: &str) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page(shell, next, login)).into_response()
}
