//! Templates as answers.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::PageError;

/// A template as an answer. Another code than 200: `(StatusCode::UNPROCESSABLE_ENTITY, Page(…))`.
#[derive(Debug)]
pub struct Page<T>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(html) => (StatusCode::OK, Html(html)).into_response(),
            Err(error) => PageError::bug(error).into_response(),
        }
    }
}

/// After a form was carried out: 303 to the page that shows the result, so that a reload sends nothing
/// again. `address` is a path of ours.
pub fn after_post(address: &str) -> Redirect {
    Redirect::to(address)
}

/// The same with a word that the next page reads by [`crate::Shell::done`] and answers with a notice of
/// its own. `done` is a fixed word such as `saved`; the sentence is never in the address.
pub fn after_post_with(address: &str, done: &'static str) -> Redirect {
    let joiner = if address.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{address}{joiner}done={done}"))
}
