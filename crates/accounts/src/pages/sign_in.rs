//! `/sign-in`: name and password in, session cookie out, and on to the page that was asked for.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post};

use super::passkey::Party;
use super::{Answer, failed, unprocessable};
use crate::arrival::Arrival;
use crate::cookies::Cookie;
use crate::local_path::LocalPath;
use crate::sign_in::{Entered, SignInError};
use crate::{Accounts, Name, SignedIn, TypedPassword};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    next: LocalPath,
    login: Field,
    password: Field,
    ways: OtherWays,
}

/// What there is besides the password.
pub(super) struct OtherWays {
    /// Browsers can show a passkey here.
    passkey: bool,
    /// Identity providers: where the button leads, and what it says.
    providers: Vec<(String, Name)>,
}

impl OtherWays {
    pub(super) async fn of(accounts: &Accounts, passkey: bool, next: &LocalPath) -> Result<Self, PageError> {
        let buttons = accounts.identity_buttons().await.map_err(failed)?;
        let href = |org| format!("/sign-in/identity/{org}?next={}", next.in_query());
        let providers = buttons.into_iter().map(|(org, label)| (href(org), label));
        Ok(Self {
            passkey,
            providers: providers.collect(),
        })
    }
}

/// Where to go afterwards, in the address of a page before it.
#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
}

impl Asked {
    /// A page of ours; the first one if it is none.
    pub(super) fn next(self) -> LocalPath {
        let next = self.next.and_then(|next| LocalPath::parse(&next));
        next.unwrap_or_else(LocalPath::home)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) fn page(
    shell: Shell,
    next: LocalPath,
    login: &str,
    ways: OtherWays,
) -> Page<impl Template + use<>> {
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
        ways,
    })
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    signed_in: Option<Extension<SignedIn>>,
    Query(asked): Query<Asked>,
    Party(party): Party,
    shell: Shell,
) -> Answer {
    let next = asked.next();
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
        Some("step-over") => Some(
            Notice::info("はじめからやり直してください")
                .text("時間がたったため、2つ目の確認を受け付けられませんでした。"),
        ),
        Some("contract") => {
            let text = "委託契約の最終日を過ぎたため、自動でログアウトしました。続けて使うときは、委託元の管理者に契約の最終日を直してもらってください。";
            Some(Notice::warning("委託契約の期間が終わりました").text(text))
        }
        Some("joined") => {
            let text = "ログインIDと、いま決めたパスワードでログインしてください。";
            Some(Notice::success("パスワードを決めました").text(text))
        }
        Some("outside") => {
            let text = "組織が許可していないネットワークに移ったため、ログアウトしました。職場のネットワークにつないで、もう一度ログインしてください。";
            Some(Notice::warning("ログインが終わりました").text(text))
        }
        _ => None,
    };
    let shell = match notice {
        Some(notice) => shell.with_notice(notice),
        None => shell,
    };
    let ways = OtherWays::of(&accounts, party.is_some(), &next).await?;
    Ok(page(shell, next, "", ways).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    Party(party): Party,
    arrival: Arrival,
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
    let ways = OtherWays::of(&accounts, party.is_some(), &next).await?;
    let again = |errors| page(shell.with_errors(errors), next.clone(), &form.login, ways).into_response();
    if !errors.is_empty() {
        return Ok(unprocessable(again(errors)));
    }
    let old = accounts.cookies.read(&headers, Cookie::Session);
    match accounts
        .sign_in(&form.login, TypedPassword::new(&form.password), arrival, old)
        .await
    {
        Ok(Entered::Session(secret)) => Ok(accounts.signed_in(&secret, &next).into_response()),
        Ok(Entered::SecondStep(secret)) => {
            let cookie = accounts.cookies.set(Cookie::Step, &secret);
            let address = format!("/sign-in/second?next={}", next.in_query());
            Ok(([(header::SET_COOKIE, cookie)], after_post(&address)).into_response())
        }
        Err(SignInError::Db(error)) => Err(failed(error)),
        Err(SignInError::Busy) => Err(PageError::Busy),
        Err(refusal) => Ok(refused(&refusal, "login", again)),
    }
}

/// The page again with the refusal at its field, and when to come back.
pub(super) fn refused(
    refusal: &SignInError,
    field: &str,
    again: impl FnOnce(Errors) -> Response,
) -> Response {
    let mut errors = Errors::default();
    errors.add(field, refusal.to_string());
    let page = again(errors);
    match refusal {
        SignInError::Wait(seconds) => (
            StatusCode::TOO_MANY_REQUESTS,
            [(header::RETRY_AFTER, seconds.to_string())],
            page,
        )
            .into_response(),
        SignInError::Locked => (StatusCode::TOO_MANY_REQUESTS, page).into_response(),
        _ => unprocessable(page),
    }
}
