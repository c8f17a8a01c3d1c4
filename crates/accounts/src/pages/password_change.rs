//! `/me/password`: one's own new password, by the old one; whoever has a factor has shown it before.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell, after_post_with};

use super::sign_in::refused;
use super::{Answer, failed};
use crate::arrival::Arrival;
use crate::cookies::Cookie;
use crate::limits::PASSWORD_MIN;
use crate::sign_in::SignInError;
use crate::{Accounts, Fresh, TypedPassword};

#[derive(Template)]
#[template(path = "password_change.html")]
struct PasswordPage {
    shell: Shell,
    login: String,
    fields: [Field; 3],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    old: String,
    password: String,
    password_again: String,
}

fn page(shell: Shell, login: &str) -> Page<PasswordPage> {
    let fields = [
        Field::password("old", "いまのパスワード", "current-password").required(),
        Field::password("password", "新しいパスワード", "new-password")
            .support(format!(
                "{PASSWORD_MIN}文字以上。文字の種類は問いません。関係のない言葉をいくつか並べると、覚えやすく安全です。貼り付けもできます。"
            ))
            .required(),
        Field::password("password_again", "新しいパスワード（確認）", "new-password").required(),
    ];
    let fields = fields.map(|field| field.errors(shell.errors()));
    Page(PasswordPage {
        shell: shell.titled("パスワードを変える"),
        login: login.to_owned(),
        fields,
    })
}

pub(super) async fn show(session: Fresh, shell: Shell) -> Answer {
    Ok(page(shell, session.staff.login.as_str()).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: Fresh,
    arrival: Arrival,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let login = &session.staff.login;
    let mut errors = Errors::default();
    if form.old.is_empty() {
        errors.add("old", "いまのパスワードを入力してください。");
    }
    let new = accounts
        .new_password(&form.password, login)
        .await
        .map_err(|refusal| errors.add("password", refusal.to_string()))
        .ok();
    if form.password != form.password_again {
        errors.add(
            "password_again",
            "2回のパスワードが違います。同じパスワードを入力してください。",
        );
    }
    let Some(new) = new.filter(|_| errors.is_empty()) else {
        return Ok(super::unprocessable(page(
            shell.with_errors(errors),
            login.as_str(),
        )));
    };
    let old = TypedPassword::new(&form.old);
    match accounts.change_password(&session, old, new, arrival).await {
        Ok(secret) => {
            let mut headers = HeaderMap::new();
            headers.insert(header::SET_COOKIE, accounts.cookies.set(Cookie::Session, &secret));
            Ok((headers, after_post_with("/me", "password")).into_response())
        }
        Err(SignInError::Db(error)) => Err(failed(error)),
        Err(SignInError::Busy) => Err(PageError::Busy),
        Err(SignInError::Wrong) => {
            let mut errors = Errors::default();
            errors.add("old", super::WRONG_PASSWORD);
            Ok(super::unprocessable(page(
                shell.with_errors(errors),
                login.as_str(),
            )))
        }
        Err(refusal) => Ok(refused(&refusal, "old", |errors| {
            page(shell.with_errors(errors), login.as_str()).into_response()
        })),
    }
}
