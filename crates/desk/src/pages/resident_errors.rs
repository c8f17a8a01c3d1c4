//! Whatever goes wrong on the resident host, in plain words, with the number to call; a fault of ours with the number
//! under which it was logged. In the language that the address names, else in the browser's.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use web::Language;
use web::error::{Wrong, catching_panics, wrong};

use super::apply::ApplyDesk;
use super::word_in;
use crate::form::Word;

/// The pages of the resident host, and its words for what goes wrong with them.
pub fn resident_errors(pages: Router, desk: ApplyDesk) -> Router {
    catching_panics(pages).layer(from_fn_with_state(desk, say))
}

async fn say(State(desk): State<ApplyDesk>, request: Request, next: Next) -> Response {
    let language = language(request.uri(), request.headers());
    let mut response = next.run(request).await;
    match wrong(&mut response) {
        Some(wrong) => desk.wrong_page(wrong, language).await,
        None => response,
    }
}

/// Title, text, and whether it is worth coming back soon.
const fn words(status: StatusCode) -> (StatusCode, Word, Word) {
    match status {
        StatusCode::FORBIDDEN => (status, Word::StaleTitle, Word::ApplyStale),
        StatusCode::TOO_MANY_REQUESTS => (status, Word::TooOftenTitle, Word::TooOften),
        StatusCode::SERVICE_UNAVAILABLE => (status, Word::BusyTitle, Word::ApplyBusy),
        StatusCode::PAYLOAD_TOO_LARGE => (status, Word::TooLargeTitle, Word::TooLarge),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            (status, Word::UnreadableTitle, Word::Unreadable)
        }
        StatusCode::INTERNAL_SERVER_ERROR => (status, Word::FailedTitle, Word::Failed),
        // A way that the host does not have is, for its reader, a page that is not there.
        _ => (StatusCode::NOT_FOUND, Word::MissingTitle, Word::Missing),
    }
}

impl ApplyDesk {
    async fn wrong_page(&self, wrong: Wrong, language: Language) -> Response {
        let (status, title, text) = words(wrong.status);
        let mut texts = vec![text.shown(language)];
        texts.extend(
            wrong
                .id
                .map(|id| Word::FailedNumber.shown(language).with("id", id)),
        );
        let mut page = self.plain(None, title.shown(language), texts, language).await;
        if status == StatusCode::NOT_FOUND {
            page.0.again = Some((Word::AboutService.shown(language), "/".to_owned()));
        }
        let mut response = (status, page).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let wait = HeaderValue::from_static("60");
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

/// The language that the address names, else the first of the browser's that pages are written in.
pub(super) fn language(address: &Uri, headers: &HeaderMap) -> Language {
    if let Some(named) = Language::from_code(word_in(address, "lang")) {
        return named;
    }
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let mut wanted = wanted.unwrap_or_default().split(',').filter_map(|one| {
        let tag = one.split(';').next().unwrap_or_default().trim();
        match tag.split('-').next().unwrap_or_default() {
            "fil" => Some(Language::Filipino),
            code => Language::from_code(code),
        }
    });
    wanted.next().unwrap_or_default()
}
