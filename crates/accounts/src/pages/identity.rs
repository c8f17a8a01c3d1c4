//! `/sign-in/identity/{id}` leads to the organisation's identity provider, and `/sign-in/identity/callback` is where
//! it sends people back.
//!
//! The way there is a link rather than a form, because browsers hold the redirects of a form against `form-action`.
//! The way back ends in a page that opens the next one by itself: a redirect would still count as coming from the
//! provider's site, and the session's cookie (`SameSite=Strict`) would not be sent.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Redirect};
use base::id::OrgId;
use serde::Deserialize;
use web::{Page, PageError, Shell};

use super::{Answer, failed};
use crate::Accounts;
use crate::arrival::Arrival;
use crate::cookies::Cookie;
use crate::identity::{Brought, Trouble};
use crate::local_path::LocalPath;
use crate::session::Secret;
use crate::sign_in::{Entered, SignInError};

const REFRESH: HeaderName = HeaderName::from_static("refresh");

#[derive(Template)]
#[template(path = "identity_entered.html")]
struct OnTheWay {
    shell: Shell,
    next: String,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    next: Option<String>,
}

pub(super) async fn begin(
    State(accounts): State<Accounts>,
    id: Result<Path<OrgId>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Answer {
    let Ok(Path(org)) = id else {
        return Err(PageError::NotFound);
    };
    let next = asked.next.and_then(|next| LocalPath::parse(&next));
    let next = next.unwrap_or_else(LocalPath::home);
    // Two tabs of one browser may be under way at once.
    let known = accounts.cookies.read(&headers, Cookie::Identity);
    let secret = known.unwrap_or_else(Secret::new);
    let cookie = accounts.cookies.set(Cookie::Identity, &secret);
    let there = accounts.begin_identity(org, &next, secret).await.map_err(said)?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&there)).into_response())
}

pub(super) async fn come_back(
    State(accounts): State<Accounts>,
    arrival: Arrival,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
    shell: Shell,
) -> Answer {
    let secret = accounts.cookies.read(&headers, Cookie::Identity);
    let old = accounts.cookies.read(&headers, Cookie::Session);
    let finished = accounts.finish_identity(brought, secret, arrival, old).await;
    let (entered, next) = finished.map_err(said)?;
    let (cookie, title, next) = match entered {
        Entered::Session(secret) => (
            accounts.cookies.set(Cookie::Session, &secret),
            "ログインしました",
            next.as_str().to_owned(),
        ),
        Entered::SecondStep(secret) => (
            accounts.cookies.set(Cookie::Step, &secret),
            "2つ目の確認に進みます",
            format!("/sign-in/second?next={}", next.in_query()),
        ),
    };
    let mut headers = HeaderMap::new();
    headers.append(header::SET_COOKIE, cookie);
    headers.append(header::SET_COOKIE, accounts.cookies.clear(Cookie::Identity));
    let on = HeaderValue::try_from(format!("0; url={next}")).map_err(PageError::bug)?;
    headers.append(REFRESH, on);
    let shell = shell.titled(title);
    Ok((headers, Page(OnTheWay { shell, next })).into_response())
}

/// What the person reads. The cause stands in the log.
fn said(trouble: Trouble) -> PageError {
    tracing::warn!(%trouble, "nobody was signed in by the identity provider");
    let (what, next) = match trouble {
        Trouble::NotThere => return PageError::NotFound,
        Trouble::Busy | Trouble::SignIn(SignInError::Busy) => return PageError::Busy,
        Trouble::SignIn(SignInError::Db(error)) => return failed(error),
        Trouble::SignIn(refusal) => (refusal.to_string(), ""),
        Trouble::Stale => (
            "ログインの受付が終わりました。".to_owned(),
            "時間がたったか、別の画面で始めたログインです。ログイン画面から、もう一度始めてください。",
        ),
        Trouble::Declined => (
            "組織の認証サーバーで、ログインが取りやめになりました。".to_owned(),
            "ログイン画面から、もう一度始めてください。続くときは、組織の管理者に相談してください。",
        ),
        Trouble::Nobody => (
            "認証はできましたが、ここからログインできるアカウントがありません。".to_owned(),
            "職場のネットワークからつないでいるか確かめてください。アカウントがまだないときは、組織の管理者に頼んでください。",
        ),
        Trouble::SomebodyElse(_) => (
            "このアカウントは、組織の認証サーバーの別の人に結び付いているため、ログインできません。"
                .to_owned(),
            "認証サーバーのアカウントを作り直したときや、同じログインIDを引き継いだときに起こります。組織の管理者に、結び付けを解くよう頼んでください。",
        ),
        Trouble::Fetch(_) => (
            "組織の認証サーバーに接続できません。".to_owned(),
            "しばらく待ってから、もう一度始めてください。続くときは、組織の管理者に知らせてください。",
        ),
        Trouble::Address(_) | Trouble::Elsewhere(_) | Trouble::Answer(_) | Trouble::Token(_) => (
            "組織の認証サーバーの答えを確かめられないため、ログインを中止しました。".to_owned(),
            "ログイン画面から、もう一度始めてください。続くときは、組織の管理者に知らせてください。",
        ),
    };
    PageError::rejected(what, next)
}
