//! `GET /wrong`, `POST /wrong`, the same at `/wrong/{word}`, `POST /l/{token}/wrong`, for residents: 「別の人の情報が届いた」.
//! The first report stops the broadcast.
//!
//! One code is enough, whichever organisation of the installation it belongs to: where there are several, the word in the
//! address only says whose name stands on the page.
//!
//! Looking changes nothing. The answer is the same whether the code was one of ours or not, and shows nothing of
//! anybody. Attempts are counted by source address. The forms carry no token against forgery: a page that could send
//! them to us already holds the code.

use accounts::SourceAddress;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
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
    action: String,
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
    desk.shown(None).await
}

pub(super) async fn show_one(State(desk): State<ResidentDesk>, Path(word): Path<String>) -> Response {
    desk.shown(Some(word)).await
}

pub(super) async fn submit(
    State(desk): State<ResidentDesk>,
    source: SourceAddress,
    Form(typed): Form<Typed>,
) -> Response {
    desk.submitted(None, source, &typed).await
}

pub(super) async fn submit_to_one(
    State(desk): State<ResidentDesk>,
    source: SourceAddress,
    Path(word): Path<String>,
    Form(typed): Form<Typed>,
) -> Response {
    desk.submitted(Some(word), source, &typed).await
}

pub(super) async fn submit_link(
    State(desk): State<ResidentDesk>,
    source: SourceAddress,
    address: Uri,
) -> Response {
    let path = address.path().strip_prefix("/l/").unwrap_or_default();
    let token = path.strip_suffix("/wrong").unwrap_or(path);
    let answered = desk.take(None, token, source).await;
    answered.unwrap_or_else(|error| desk.busy(&error))
}

impl ResidentDesk {
    async fn shown(&self, word: Option<String>) -> Response {
        match self.form(word, Errors::default()).await {
            Ok(page) => page.into_response(),
            Err(error) => self.busy(&error),
        }
    }

    async fn submitted(&self, word: Option<String>, source: SourceAddress, typed: &Typed) -> Response {
        let code = typed.code.trim();
        if code.is_empty() {
            let mut errors = Errors::default();
            errors.add("code", "コードを入力してください。");
            return match self.form(word, errors).await {
                Ok(page) => (StatusCode::UNPROCESSABLE_ENTITY, page).into_response(),
                Err(error) => self.busy(&error),
            };
        }
        let answered = self.take(word, code, source).await;
        answered.unwrap_or_else(|error| self.busy(&error))
    }

    async fn form(&self, word: Option<String>, errors: Errors) -> Result<Page<WrongReport>, DbError> {
        // People type capitals too.
        let word = word.map(|word| word.to_ascii_lowercase());
        let plain = |word: &&str| {
            word.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let word = word.as_deref().filter(plain);
        let code = Field::text("code", "コード")
            .required()
            .support("窓口で聞いたコード（例: 4KX-7Q2M-9T3A）か、SMSのリンクの最後の12文字です。")
            .short()
            .errors(&errors);
        let mut shell = self.common_shell(word, TITLE).await?;
        shell.errors = errors;
        let action = word.map_or_else(|| "/wrong".to_owned(), |word| format!("/wrong/{word}"));
        Ok(Page(WrongReport { shell, action, code }))
    }

    /// The same answer for every code.
    async fn take(
        &self,
        word: Option<String>,
        code: &str,
        source: SourceAddress,
    ) -> Result<Response, DbError> {
        let word = word.map(|word| word.to_ascii_lowercase());
        if !self.accounts.admit_stranger("wrong person", source).await? {
            let shell = self
                .common_shell(word.as_deref(), "しばらくしてからお試しください")
                .await?;
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
        let shell = self
            .common_shell(word.as_deref(), "お知らせありがとうございます")
            .await?;
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
