//! `GET /invitation/{token}`, `POST /invitation/{token}`: the one-time link. Looking at it changes nothing, so that
//! a mail scanner or a preview uses nothing up; choosing a password does.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use base::org::Permission;
use serde::Deserialize;
use web::{CsrfForm, Errors, Field, Page, PageError, Shell};

use super::{Answer, failed};
use crate::invitation::{InvitationKind, Invited};
use crate::limits::PASSWORD_MIN;
use crate::local_path::LocalPath;
use crate::{AccountError, Accounts, SourceAddress};

#[derive(Template)]
#[template(path = "invitation_open.html")]
struct InvitationOpen {
    shell: Shell,
    invited: Invited,
    joins: bool,
    action: String,
    fields: [Field; 2],
    agreed: Option<Field>,
}

/// What stands where a link leads that opens nothing: the same for a used one, an old one and a made-up one.
#[derive(Template)]
#[template(path = "invitation_over.html")]
struct InvitationOver {
    shell: Shell,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    password: String,
    password_again: String,
    #[serde(default)]
    agreed: String,
}

pub(super) async fn show(
    State(accounts): State<Accounts>,
    shell: Shell,
    Path(token): Path<String>,
) -> Answer {
    match accounts.invited(&token).await.map_err(failed)? {
        Some(invited) => Ok(page(shell, &token, invited, Errors::default()).into_response()),
        None => Ok(over(shell)),
    }
}

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    source: SourceAddress,
    shell: Shell,
    Path(token): Path<String>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let Some(invited) = accounts.invited(&token).await.map_err(failed)? else {
        return Ok(over(shell));
    };
    let mut errors = Errors::default();
    let login = &invited.person.staff.login;
    let password = accounts
        .new_password(&form.password, login)
        .await
        .map_err(|refusal| errors.add("password", refusal))
        .ok();
    if form.password != form.password_again {
        let text = "2回のパスワードが違います。同じパスワードを入力してください。";
        errors.add("password_again", text);
    }
    if invited.kind == InvitationKind::Join && form.agreed != "yes" {
        errors.add("agreed", "読んで確かめたら、印を付けてください。");
    }
    let password = match password {
        Some(password) if errors.is_empty() => password,
        _ => {
            let page = page(shell, &token, invited, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    match accounts.use_link(&token, &invited, password, source).await {
        Ok(()) => Ok(to_sign_in(&invited).into_response()),
        Err(AccountError::LinkOver) => Ok(over(shell)),
        Err(AccountError::Busy) => Err(PageError::Busy),
        Err(AccountError::Db(error)) => Err(failed(error)),
        Err(other) => Err(PageError::bug(other)),
    }
}

/// Whoever will run the organisation begins with what is left to do.
fn to_sign_in(invited: &Invited) -> Redirect {
    let runs = invited.person.staff.may(Permission::ManageOrganisation);
    let start = LocalPath::parse("/start").filter(|_| runs && invited.kind == InvitationKind::Join);
    let next = start.map(|start| format!("&next={}", start.in_query()));
    Redirect::to(&format!("/sign-in?done=joined{}", next.unwrap_or_default()))
}

fn page(shell: Shell, token: &str, invited: Invited, errors: Errors) -> Page<InvitationOpen> {
    let joins = invited.kind == InvitationKind::Join;
    let fields = password_fields().map(|field| field.errors(&errors));
    let agreed = Field::check("agreed", "上の注意を読み、守ります").errors(&errors);
    let title = if joins {
        "招待を受ける"
    } else {
        "新しいパスワードを決める"
    };
    Page(InvitationOpen {
        shell: shell.titled(title).with_errors(errors),
        invited,
        joins,
        action: format!("/invitation/{token}"),
        fields,
        agreed: joins.then_some(agreed),
    })
}

/// A new password, twice.
pub(super) fn password_fields() -> [Field; 2] {
    [
        Field::password("password", "パスワード", "new-password")
            .support(format!(
                "{PASSWORD_MIN}文字以上。文字の種類は問いません。関係のない言葉をいくつか並べると、覚えやすく安全です。貼り付けもできます。"
            ))
            .required(),
        Field::password("password_again", "パスワード（確認）", "new-password").required(),
    ]
}

pub(super) fn over(shell: Shell) -> Response {
    let shell = shell.titled("このリンクは使えません");
    (StatusCode::NOT_FOUND, Page(InvitationOver { shell })).into_response()
}
