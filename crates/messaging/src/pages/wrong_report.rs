//! `GET /wrong`, `POST /wrong`, `POST /l/{token}/wrong`, for residents: 「別の人の情報が届いた」. The first report stops
//! the broadcast.
//!
//! Looking changes nothing. The answer is the same whether the code was one of ours or not, and shows nothing of
//! anybody. Attempts are counted by source address. The forms carry no token against forgery: a page that could send
//! them to us already holds the code.

use accounts::SourceAddress;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base::id::{MessageId, OrgId};
use db::DbError;
use serde::Deserialize;
use web::form::Field;
use web::{Errors, Page, ResidentShell};

use super::link_open::ResidentDesk;
use crate::incident::{self, MessageCode, NewReport};
use crate::links::Token;
use crate::store::incidents::{message_of_link, org_of_message};

#[derive(Template)]
#[template(path = "wrong_report.html")]
struct WrongReport {
    shell: ResidentShell,
    code: Field,
}

#[derive(Template)]
#[template(path = "wrong_thanks.html")]
struct WrongThanks {
    shell: ResidentShell,
}

#[derive(Template)]
#[template(path = "wrong_wait.html")]
struct WrongWait {
    shell: ResidentShell,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    code: String,
}

const TITLE: &str = "別の人の情報が届いたとき";

pub(super) async fn show(State(desk): State<ResidentDesk>) -> Response {
    match desk.form(Errors::default()).await {
        Ok(page) => page.into_response(),
        Err(error) => desk.busy(&error),
    }
}

pub(super) async fn submit(
    State(desk): State<ResidentDesk>,
    source: SourceAddress,
    Form(typed): Form<Typed>,
) -> Response {
    let code = typed.code.trim();
    if code.is_empty() {
        let mut errors = Errors::default();
        errors.add("code", "コードを入力してください。");
        return match desk.form(errors).await {
            Ok(page) => (StatusCode::UNPROCESSABLE_ENTITY, page).into_response(),
            Err(error) => desk.busy(&error),
        };
    }
    let answered = desk.take(code, source).await;
    answered.unwrap_or_else(|error| desk.busy(&error))
}

pub(super) async fn submit_link(
    State(desk): State<ResidentDesk>,
    source: SourceAddress,
    address: Uri,
) -> Response {
    let path = address.path().strip_prefix("/l/").unwrap_or_default();
    let token = path.strip_suffix("/wrong").unwrap_or(path);
    let answered = desk.take(token, source).await;
    answered.unwrap_or_else(|error| desk.busy(&error))
}

impl ResidentDesk {
    async fn form(&self, errors: Errors) -> Result<Page<WrongReport>, DbError> {
        let code = Field::text("code", "コード")
            .required()
            .support("窓口で聞いたコード（例: 4KX-7Q2M-9T3A）か、SMSのリンクの最後の12文字です。")
            .short()
            .errors(&errors);
        let mut shell = self.shell(OrgId::FIRST, TITLE).await?;
        shell.errors = errors;
        Ok(Page(WrongReport { shell, code }))
    }

    /// The same answer for every code.
    async fn take(&self, code: &str, source: SourceAddress) -> Result<Response, DbError> {
        if !self.accounts.admit_stranger("wrong person", source).await? {
            let shell = self.shell(OrgId::FIRST, "しばらくしてからお試しください").await?;
            return Ok((StatusCode::TOO_MANY_REQUESTS, Page(WrongWait { shell })).into_response());
        }
        if let Some((org, message)) = self.message_of(code).await? {
            let new = NewReport {
                message,
                by: None,
                source: Some(source),
                note: String::new(),
            };
            incident::report(&self.db, org, new).await?;
        }
        let shell = self.shell(OrgId::FIRST, "お知らせありがとうございます").await?;
        Ok(Page(WrongThanks { shell }).into_response())
    }

    async fn message_of(&self, code: &str) -> Result<Option<(OrgId, MessageId)>, DbError> {
        // A link is longer than a code, and its letters tell capitals apart.
        let link = code.rsplit('/').next().unwrap_or(code).trim();
        if let Some(token) = Token::in_address(link) {
            let found = message_of_link(&self.db, &token.index(&self.db)).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        let Some(message) = MessageCode::read(&self.db, code) else {
            return Ok(None);
        };
        let org = org_of_message(&self.db, message).await?;
        Ok(org.map(|org| (org, message)))
    }
}
