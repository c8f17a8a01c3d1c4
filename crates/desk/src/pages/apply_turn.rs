//! Why a page of a desk is not shown, and what is shown instead, in plain words and with a number to call.

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use db::DbError;
use web::{Errors, Language, Page, ResidentShell, after_post};

use super::apply::ApplyDesk;
use super::turn::Plain;
use crate::form::{Shown, Word};

/// What happens instead.
#[derive(Debug)]
pub(super) enum Instead {
    /// Another page of ours.
    To(String),
    /// The letters of the link are not all there.
    Broken,
    /// There is no such desk.
    NoDesk(Language),
    /// The form did not come from a page of ours.
    Stale,
    /// Fields that the page does not have.
    Unreadable,
    /// Too many attempts.
    TooOften(Language),
    /// The database does not answer: what was filled in is still there.
    Busy(DbError),
}

impl From<DbError> for Instead {
    fn from(error: DbError) -> Self {
        Self::Busy(error)
    }
}

/// How answers of pages end.
pub(super) type Answer = Result<Response, Instead>;

impl ApplyDesk {
    /// The page, or what is shown in its place.
    pub(super) async fn answered(&self, answer: Answer) -> Response {
        let instead = match answer {
            Ok(response) => return response,
            Err(instead) => instead,
        };
        let (status, language, title, text) = match instead {
            Instead::To(address) => return after_post(&address).into_response(),
            Instead::Broken => (
                StatusCode::NOT_FOUND,
                Language::Japanese,
                Word::BrokenTitle,
                Word::Broken,
            ),
            Instead::NoDesk(language) => (StatusCode::NOT_FOUND, language, Word::NoDeskTitle, Word::NoDesk),
            Instead::Stale => (
                StatusCode::FORBIDDEN,
                Language::Japanese,
                Word::StaleTitle,
                Word::ApplyStale,
            ),
            Instead::Unreadable => (
                StatusCode::BAD_REQUEST,
                Language::Japanese,
                Word::StaleTitle,
                Word::ApplyStale,
            ),
            Instead::TooOften(language) => (
                StatusCode::TOO_MANY_REQUESTS,
                language,
                Word::TooOftenTitle,
                Word::TooOften,
            ),
            Instead::Busy(error) => {
                tracing::error!(%error, "a page of a desk could not be made");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    Language::Japanese,
                    Word::BusyTitle,
                    Word::ApplyBusy,
                )
            }
        };
        let title = title.shown(language);
        let page = self
            .plain(None, title, vec![text.shown(language)], language)
            .await;
        let mut response = (status, page).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let wait = header::HeaderValue::from_static("60");
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }

    /// A page that only says something, also if the database does not answer.
    pub(super) async fn plain(
        &self,
        org: Option<base::id::OrgId>,
        title: Shown,
        texts: Vec<Shown>,
        language: Language,
    ) -> Page<Plain> {
        let shell = self.shell(org, &title, language).await;
        let shell = shell.unwrap_or_else(|_| ResidentShell {
            title: title.plain().to_owned(),
            organisation: "お知らせ".to_owned(),
            help: self.help.clone(),
            language,
            errors: Errors::default(),
        });
        Page(Plain {
            shell,
            title,
            texts,
            again: None,
        })
    }
}

/// A page of questions to a person, or one that tells them something, with its own template.
pub(super) fn page<T: Template>(template: T) -> Response
where
    Page<T>: IntoResponse,
{
    Page(template).into_response()
}
