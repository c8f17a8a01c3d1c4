//! The pages of programmes: what they are, their versions, an editor, a trial, approval.
//!
//! What is not of the signed-in person's organisation is not there (404), and neither is a version that is another
//! office's own, unless the person works at the head office.

mod programme_add;
mod programme_approve;
mod programme_draft;
mod programme_edit;
mod programme_fields;
mod programme_form;
mod programme_list;
mod programme_load;
mod programme_new;
mod programme_show;
mod programme_try;
mod programme_version;
mod programme_withdraw;
mod programme_words;

use accounts::Accounts;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::http::request::Parts;
use axum::routing::{get, post};
use db::{Db, DbError};
use serde::de::DeserializeOwned;
use web::PageError;

use crate::limits;

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct TriageDesk {
    /// Where everything is kept.
    pub db: Db,
    /// Who is who.
    pub accounts: Accounts,
}

/// All pages of this slice, for the staff host, inside `Accounts::layer`.
pub fn pages(desk: TriageDesk) -> Router {
    Router::new()
        .merge(programme_pages())
        .route_layer(DefaultBodyLimit::max(limits::FORM_BYTES))
        .with_state(desk)
}

fn programme_pages() -> Router<TriageDesk> {
    Router::new()
        .route(
            "/programmes",
            get(programme_list::show).post(programme_add::submit),
        )
        .route("/programmes/new", get(programme_new::show))
        .route("/programmes/{id}", get(programme_show::show))
        .route("/programmes/{id}/versions", post(programme_draft::submit))
        .route(
            "/programmes/{id}/versions/{version}",
            get(programme_version::show),
        )
        .route(
            "/programmes/{id}/versions/{version}/edit",
            get(programme_edit::show).post(programme_edit::submit),
        )
        .route(
            "/programmes/{id}/versions/{version}/try",
            get(programme_try::show),
        )
        .route(
            "/programmes/{id}/versions/{version}/approve",
            post(programme_approve::submit),
        )
        .route(
            "/programmes/{id}/versions/{version}/withdraw",
            post(programme_withdraw::submit),
        )
}

/// An answer, or the page that says why not.
pub(crate) type Answer = Result<axum::response::Response, PageError>;

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

/// The numbers in an address. An address with anything else in their place leads nowhere: 404.
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Id<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(id)| Self(id))
            .map_err(|_| PageError::NotFound)
    }
}
