//! `/setup`: the first start, from nothing to the first administrator. Open only while there is no account.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell};

use super::invitation_open::password_fields;
use super::{Answer, failed};
use crate::arrival::Arrival;
use crate::limits::OFFICES_AT_ONCE;
use crate::sample::SAITAMA;
use crate::setup::FirstStart;
use crate::{AccountError, Accounts, Login, Name};

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage {
    shell: Shell,
    before: [Field; 3],
    after: [Field; 4],
}

/// What the first person of an organisation types, here or behind the link of an operator.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    /// The code of the console; a link has none.
    pub(super) code: Option<String>,
    organisation: String,
    offices: String,
    name: String,
    login: String,
    password: String,
    password_again: String,
    #[serde(default)]
    sample: String,
}

impl Form {
    /// With the offices of the sample, if the button was the one that puts them in.
    pub(super) fn sample(&self) -> Option<String> {
        (self.sample == "saitama").then(|| with_sample(&self.offices))
    }

    /// What was typed, for the page that is shown again.
    pub(super) fn fields(&self) -> FirstFields<'_> {
        FirstFields {
            organisation: &self.organisation,
            offices: &self.offices,
            name: &self.name,
            login: &self.login,
            password: &self.password,
            password_again: &self.password_again,
        }
    }
}

/// The fields of the form with what stands in them.
#[derive(Clone, Copy, Default)]
pub(super) struct FirstFields<'a> {
    pub(super) organisation: &'a str,
    pub(super) offices: &'a str,
    pub(super) name: &'a str,
    pub(super) login: &'a str,
    pub(super) password: &'a str,
    pub(super) password_again: &'a str,
}

impl FirstFields<'_> {
    /// Organisation, offices, name and login; passwords are typed anew.
    pub(super) fn fields(&self) -> [Field; 4] {
        [
            Field::text("organisation", "組織の名前")
                .support("例: さいたま県。画面の上に表示されます。")
                .autocomplete("organization")
                .required()
                .value(self.organisation),
            Field::long_text("offices", "部署の名前", 5)
                .support("保健所などを1行に1つずつ入力します。「本庁」は最初から登録されています。後から追加できます。")
                .optional()
                .value(self.offices),
            Field::text("name", "あなたの氏名")
                .autocomplete("name")
                .required()
                .value(self.name),
            Field::text("login", "ログインID")
                .support("英字・数字と . _ - @ が使えます。3文字以上。")
                .autocomplete("username")
                .required()
                .value(self.login),
        ]
    }
}

/// The offices that were typed, and those of the sample that are not among them.
fn with_sample(typed: &str) -> String {
    let typed: Vec<&str> = typed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let missing = SAITAMA.iter().filter(|name| !typed.contains(name));
    let all: Vec<&str> = typed.iter().chain(missing).copied().collect();
    all.join("\n")
}

pub(super) async fn show(State(accounts): State<Accounts>, shell: Shell) -> Answer {
    if !accounts.setup_is_open().await.map_err(failed)? {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    Ok(page(shell, "", FirstFields::default()).into_response())
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
    let code = form.code.as_deref().unwrap_or_default();
    if let Some(offices) = form.sample() {
        let typed = FirstFields {
            offices: &offices,
            ..form.fields()
        };
        return Ok(page(shell, code, typed).into_response());
    }
    let mut errors = Errors::default();
    if !accounts.is_setup_code(code) {
        let text = "初期設定コードが違います。このプログラムを起動した画面に表示されている12文字を入力してください。";
        errors.add("code", text);
    }
    let first = match read(&accounts, &form.fields(), &mut errors).await {
        Some(first) if errors.is_empty() => first,
        _ => return Ok(again(shell.with_errors(errors), &form)),
    };
    match accounts.set_up(first, arrival).await {
        Ok(secret) => Ok(accounts.signed_in(&secret, &accounts.start()).into_response()),
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
pub(super) async fn read(
    accounts: &Accounts,
    form: &FirstFields<'_>,
    errors: &mut Errors,
) -> Option<FirstStart> {
    let organisation = noted("organisation", Name::parse(form.organisation), errors);
    let offices = read_offices(form.offices, errors);
    let name = noted("name", Name::parse(form.name), errors);
    let login = noted("login", Login::parse(form.login), errors)?;
    let password = accounts.new_password(form.password, &login).await;
    let password = noted("password", password, errors);
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
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        page(shell, form.code.as_deref().unwrap_or_default(), form.fields()),
    )
        .into_response()
}

fn page(shell: Shell, code: &str, typed: FirstFields<'_>) -> Page<SetupPage> {
    let [organisation, offices, name, login] = typed.fields();
    let [password, again] = password_fields();
    let code = Field::text("code", "初期設定コード")
        .support("このプログラムを起動した画面に表示されています。例: ABCD-EFGH-JKLM")
        .autocomplete("one-time-code")
        .short()
        .required()
        .value(code);
    let before = [code, organisation, offices].map(|field| field.errors(shell.errors()));
    let after = [name, login, password, again].map(|field| field.errors(shell.errors()));
    Page(SetupPage {
        shell: shell.titled("初期設定"),
        before,
        after,
    })
}
