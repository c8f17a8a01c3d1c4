//! The pages of this slice, one action a file.

mod setup;
mod sign_in;
mod sign_out;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Router, middleware};
use db::DbError;
use web::{PageError, after_post};

use crate::Accounts;
use crate::cookies::Cookie;
use crate::layer::before_sign_in;
use crate::limits::FORM_BYTES;
use crate::local_path::LocalPath;
use crate::session::Secret;

impl Accounts {
    /// `/sign-in`, `/sign-out` and `/setup`, for the staff host, inside [`Accounts::layer`].
    pub fn pages(&self) -> Router {
        Router::new()
            .route("/sign-in", get(sign_in::show).post(sign_in::submit))
            .route("/setup", get(setup::show).post(setup::submit))
            .route_layer(middleware::from_fn_with_state(self.clone(), before_sign_in))
            .route("/sign-out", post(sign_out::submit))
            .route_layer(DefaultBodyLimit::max(FORM_BYTES))
            .with_state(self.clone())
    }

    /// Hands the browser its new session and leads on.
    fn signed_in(&self, secret: &Secret, next: &LocalPath) -> (HeaderMap, axum::response::Redirect) {
        let mut headers = HeaderMap::new();
        headers.insert(header::SET_COOKIE, self.cookies.set(Cookie::Session, secret));
        (headers, after_post(next.as_str()))
    }
}

/// An answer, or the page that says why not.
type Answer = Result<Response, PageError>;

/// What a failing database means to the person at the page.
pub(crate) fn failed(error: DbError) -> PageError {
    match error {
        DbError::Unavailable(_) | DbError::Conflict(_) => {
            tracing::warn!(%error, "the database does not answer");
            PageError::Busy
        }
        other => PageError::bug(other),
    }
}
