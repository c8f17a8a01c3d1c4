//! `/setup`: the first start, from nothing to the first administrator. Open only while there is no account.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell};

use super::{Answer, failed};
use crate::arrival::Arrival;
use crate::limits::{OFFICES_AT_ONCE, PASSWORD_MIN};
use crate::local_path::LocalPath;
use crate::setup::FirstStart;
use crate::{AccountError, Accounts, Login, Name, Password};

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    shell: Shell,
    fields: [Field; 7],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    code: String,
    organisation: String,
    offices: String,
    name: String,
    login: String,
    password: String,
    password_again: String,
}

pub(super) async fn show(State(accounts): State<Accounts>, shell: Shell) -> Answer {
    if !accounts.setup_is_open().await.map_err(failed)? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let typed = ["", "", "", "", ""];
    Ok(page(shell, typed).into_response())
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    arrival: Arrival,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    if !accounts.setup_is_open().await.map_err(failed)? {
        return Err(already_set_up());
    }
    let mut errors = Errors::default();
    if !accounts.is_setup_code(&form.code) {
        let text = "初期設定コードが違います。このプログラムを起動した画面に表示されている12文字を入力してください。";
        errors.add("code", text);
    }
    let first = match read(&form, &mut errors) {
        Some(first) if errors.is_empty() => first,
        _ => return Ok(again(shell.with_errors(errors), &form)),
    };
    match accounts.set_up(first, arrival).await {
        Ok(secret) => Ok(accounts.signed_in(&secret, &LocalPath::home()).into_response()),
        Err(AccountError::AlreadySetUp) => Err(already_set_up()),
        Err(AccountError::Busy) => Err(PageError::Busy),
        Err(AccountError::Db(error)) => Err(failed(error)),
        Err(other) => Err(PageError::bug(other)),
    }
}

fn already_set_up() -> PageError {
    PageError::conflict(
        "初期設定はすでに済んでいます。",
        "ログイン画面を開いて、ログインしてください。",
    )
}

/// The form's fields in their types; what is wrong with them goes to `errors`, in the order of the page.
fn read(form: &Form, errors: &mut Errors) -> Option<FirstStart> {
    let organisation = noted("organisation", Name::parse(&form.organisation), errors);
    let offices = read_offices(&form.offices, errors);
    let name = noted("name", Name::parse(&form.name), errors);
    let login = noted("login", Login::parse(&form.login), errors)?;
    let password = noted("password", Password::parse(&form.password, &login), errors);
    if form.password != form.password_again {
        errors.add(
            "password_again",
            "2回のパスワードが違います。同じパスワードを入力してください。",
        );
    }
    Some(FirstStart {
        organisation: organisation?,
        offices: offices?,
        login,
        name: name?,
        password: password?,
    })
}

fn noted<T, E: std::fmt::Display>(field: &str, result: Result<T, E>, errors: &mut Errors) -> Option<T> {
    result
        .map_err(|refusal| errors.add(field, refusal.to_string()))
        .ok()
}

fn read_offices(text: &str, errors: &mut Errors) -> Option<Vec<Name>> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() > OFFICES_AT_ONCE {
        errors.add(
            "offices",
            format!("一度に登録できる部署は{OFFICES_AT_ONCE}までです。残りは後で追加してください。"),
        );
        return None;
    }
    let names: Result<Vec<Name>, _> = lines.into_iter().map(Name::parse).collect();
    noted("offices", names, errors)
}

fn again(shell: Shell, form: &Form) -> Response {
    let typed = [
        &*form.code,
        &*form.organisation,
        &*form.offices,
        &*form.name,
        &*form.login,
    ];
    (StatusCode::UNPROCESSABLE_ENTITY, page(shell, typed)).into_response()
}

/// `typed`: what stands in code, organisation, offices, name and login; passwords are typed anew.
fn page(shell: Shell, typed: [&str; 5]) -> Page<SetupPage> {
    let [code, organisation, offices, name, login] = typed;
    let fields = [
        Field::text("code", "初期設定コード")
            .support("このプログラムを起動した画面に表示されています。例: ABCD-EFGH-JKLM")
            .autocomplete("one-time-code")
            .short()
            .required()
            .value(code),
        Field::text("organisation", "組織の名前")
            .support("例: さいたま県。画面の上に表示されます。")
            .autocomplete("organization")
            .required()
            .value(organisation),
        Field::long_text("offices", "部署の名前", 5)
            .support("保健所などを1行に1つずつ入力します。「本庁」は最初から登録されています。後から追加できます。")
            .optional()
            .value(offices),
        Field::text("name", "あなたの氏名").autocomplete("name").required().value(name),
        Field::text("login", "ログインID")
            .support("英字・数字と . _ - @ が使えます。3文字以上。")
            .autocomplete("username")
            .required()
            .value(login),
        Field::password("password", "パスワード", "new-password")
            .support(format!(
                "{PASSWORD_MIN}文字以上。文字の種類は問いません。関係のない言葉をいくつか並べると、覚えやすく安全です。貼り付けもできます。"
            ))
            .required(),
        Field::password("password_again", "パスワード（確認）", "new-password").required(),
    ];
    let fields = fields.map(|field| field.errors(shell.errors()));
    Page(SetupPage {
        shell: shell.titled("初期設定"),
        fields,
    })
}
