//! `POST /f/{token}/language`, for residents: the same page in another language. Answers are values, so they stay.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use web::{Language, after_post};

use super::FormDesk;
use super::is_own_form;
use super::turn::{Answer, Turn};
use crate::form::Typed;
use crate::store;

pub(super) async fn submit(
    State(desk): State<FormDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let changed = desk.language(&token, &headers, &Typed::from(fields)).await;
    desk.answer(changed).await
}

impl FormDesk {
    async fn language(&self, token: &str, headers: &HeaderMap, typed: &Typed) -> Answer {
        if !is_own_form(headers) {
            return Err(Turn::Stale);
        }
        let visitor = self.visitor(token, headers).await?;
        let language = Language::from_code(typed.get("language")).ok_or(Turn::Unreadable)?;
        store::set_language(&self.db, visitor.open.org, visitor.open.request, language).await?;
        let page = typed.get("page");
        let known = ["begin", "check", "done"].contains(&page) || is_stop(page);
        let page = if known { page } else { "begin" };
        Ok(after_post(&visitor.at(page)).into_response())
    }
}

/// `stop?page=emergency&back=check`, of our own making.
fn is_stop(page: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_=&".contains(c);
    page.strip_prefix("stop?")
        .is_some_and(|query| query.chars().all(plain))
}
