//! Why a page is not shown, and what is shown instead.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use db::DbError;
use web::{Errors, Language, Page, ResidentShell, after_post};

use super::FormDesk;
use crate::form::{Shown, Word, day_in_words};
use crate::request::RequestState;
use crate::store::SeenRequest;

/// What happens instead.
pub(super) enum Turn {
    /// Another page of ours.
    To(String),
    /// The letters of the link are not all there.
    Broken,
    /// The form did not come from a page of ours.
    Stale,
    /// Fields that the page does not have.
    Unreadable,
    /// Too many attempts at links that do not exist.
    TooOften,
    /// The database does not answer: the link is still good.
    Busy(DbError),
}

impl From<DbError> for Turn {
    fn from(error: DbError) -> Self {
        Self::Busy(error)
    }
}

/// A page that only says something.
#[derive(Template)]
#[template(path = "form_plain.html")]
pub(super) struct Plain {
    pub(super) shell: ResidentShell,
    pub(super) title: Shown,
    pub(super) texts: Vec<Shown>,
    /// A way back to the link: words and address.
    pub(super) again: Option<(Shown, String)>,
}

/// How answers of pages end.
pub(super) type Answer = Result<Response, Turn>;

impl FormDesk {
    /// The page, or what is shown in its place.
    pub(super) async fn answer(&self, answer: Answer) -> Response {
        let turn = match answer {
            Ok(response) => return response,
            Err(turn) => turn,
        };
        let (status, title, text) = match turn {
            Turn::To(address) => return after_post(&address).into_response(),
            Turn::Broken => (StatusCode::NOT_FOUND, Word::BrokenTitle, Word::Broken),
            Turn::Stale => (StatusCode::FORBIDDEN, Word::StaleTitle, Word::Stale),
            Turn::Unreadable => (StatusCode::BAD_REQUEST, Word::StaleTitle, Word::Stale),
            Turn::TooOften => (StatusCode::TOO_MANY_REQUESTS, Word::TooOftenTitle, Word::TooOften),
            Turn::Busy(error) => {
                tracing::error!(%error, "a page of a form could not be made");
                (StatusCode::SERVICE_UNAVAILABLE, Word::BusyTitle, Word::Busy)
            }
        };
        let (title, text) = (title.shown(Language::Japanese), text.shown(Language::Japanese));
        let shell = self.shell_for(None, &title, Language::Japanese).await;
        let shell = shell.unwrap_or_else(|_| ResidentShell {
            title: title.plain().to_owned(),
            organisation: "お知らせ".to_owned(),
            help: self.help.clone(),
            language: Language::Japanese,
            errors: Errors::default(),
        });
        let page = Plain {
            shell,
            title,
            texts: vec![text],
            again: None,
        };
        let mut response = (status, Page(page)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let wait = header::HeaderValue::from_static("60");
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }

    /// What is said of a request that cannot be answered, as it stands.
    pub(super) async fn closed(&self, seen: &SeenRequest, state: RequestState, language: Language) -> Answer {
        let (status, title, text) = match state {
            RequestState::Locked => (
                StatusCode::FORBIDDEN,
                Word::LockedTitle,
                Word::Locked.shown(language),
            ),
            RequestState::Early => (
                StatusCode::OK,
                Word::EarlyTitle,
                Word::Early
                    .shown(language)
                    .with("day", day(seen.moments.valid_from, language)),
            ),
            _ => (
                StatusCode::GONE,
                Word::ExpiredTitle,
                Word::Expired.shown(language),
            ),
        };
        let title = title.shown(language);
        let page = Plain {
            shell: self.shell(seen.org, &title, language).await?,
            title,
            texts: vec![text],
            again: None,
        };
        Ok((status, Page(page)).into_response())
    }
}

/// The day of a moment, in words.
pub(super) fn day(at: base::clock::Millis, language: Language) -> String {
    let day = base::date::CalendarDate::in_japan(at);
    day.map(|day| day_in_words(day, language)).unwrap_or_default()
}
