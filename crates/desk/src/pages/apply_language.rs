//! `POST /a/{token}/language`, for residents: the same page in another language, and the messages too.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use web::{Language, after_post};

use super::apply::ApplyDesk;
use super::apply_turn::{Answer, Instead};
use super::is_own_form;
use crate::form::Typed;
use crate::store;

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let changed = desk.change_language(&token, &headers, &Typed::from(fields)).await;
    desk.answered(changed).await
}

/// Pages that have no form of their own to change it with.
const PAGES: [&str; 7] = ["check", "done", "again", "result", "way", "consent", "withdraw"];

impl ApplyDesk {
    async fn change_language(&self, token: &str, headers: &HeaderMap, typed: &Typed) -> Answer {
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let holder = self.enter(token, headers).await?;
        let language = Language::from_code(typed.get("language")).ok_or(Instead::Unreadable)?;
        store::set_application_language(&self.db, holder.org, holder.application.id, language).await?;
        let page = typed.get("page");
        let known = PAGES.contains(&page) || is_stop(page);
        let page = if known { page } else { "next" };
        Ok(after_post(&holder.at(page)).into_response())
    }
}

/// `stop?page=emergency&back=check`, of our own making.
fn is_stop(page: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_=&".contains(c);
    page.strip_prefix("stop?")
        .is_some_and(|query| query.chars().all(plain))
}
