//! `POST /f/{token}/leave`, `GET /f/{token}/left`, `GET /f/{token}/later`, for residents: the browser is let go; what
//! is said then needs no birth date and shows nothing of anybody.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use web::{Language, Page, after_post};

use super::turn::{Answer, Plain, Turn, day};
use super::{FormDesk, is_own_form};
use crate::form::Word;
use crate::request::FormToken;
use crate::store;
use crate::visit::VisitSecret;

pub(super) async fn submit(
    State(desk): State<FormDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let left = desk.leave(&token, &headers).await;
    desk.answer(left).await
}

pub(super) async fn left(State(desk): State<FormDesk>, Path(token): Path<String>) -> Response {
    let shown = desk.parting(&token, Word::LeftTitle, Word::Left).await;
    desk.answer(shown).await
}

pub(super) async fn later(State(desk): State<FormDesk>, Path(token): Path<String>) -> Response {
    let shown = desk.parting(&token, Word::LaterTitle, Word::LaterText).await;
    desk.answer(shown).await
}

impl FormDesk {
    async fn leave(&self, token: &str, headers: &HeaderMap) -> Answer {
        if !is_own_form(headers) {
            return Err(Turn::Stale);
        }
        let token = FormToken::in_address(token).ok_or(Turn::Broken)?;
        if let Some(secret) = VisitSecret::in_headers(headers, self.https) {
            store::end_visit(&self.db, &secret).await?;
        }
        let mut response = after_post(&format!("{}/left", token.path())).into_response();
        let cookie = VisitSecret::no_cookie(self.https);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        Ok(response)
    }

    async fn parting(&self, token: &str, title: Word, text: Word) -> Answer {
        let token = FormToken::in_address(token).ok_or(Turn::Broken)?;
        let seen = store::see_request(&self.db, &token).await?;
        let language = seen.as_ref().map_or(Language::Japanese, |seen| seen.language);
        let org = seen.as_ref().map(|seen| seen.org);
        let until = seen.map(|seen| day(seen.moments.valid_until - 1, language));
        let title = title.shown(language);
        let page = Plain {
            shell: self.shell_for(org, &title, language).await?,
            title,
            texts: vec![text.shown(language).with("day", until.unwrap_or_default())],
            again: Some((Word::StaleTitle.shown(language), token.path())),
        };
        Ok(Page(page).into_response())
    }
}
