//! The pages of the flow: the day, a list on its way to being sent, broadcasts, messages, templates. One
//! action a file.
//!
//! What is not of the signed-in person's organisation is not there (404), and neither is what belongs to
//! another office, unless the person works at the head office.

use accounts::{Accounts, Staff};
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::http::request::Parts;
use base::clock::Millis;
use base::id::OfficeId;
use base::segment::Segmentation;
use db::{Db, DbError};
use serde::de::DeserializeOwned;
use web::PageError;

use crate::limits;

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// Where everything is kept.
    pub db: Db,
    /// Who is who.
    pub accounts: Accounts,
    /// How broadcasts are sent.
    pub sending: Sending,
}

/// How broadcasts that are started in the browser are sent.
#[derive(Clone, Debug)]
pub struct Sending {
    /// To a simulated carrier; nobody is contacted.
    pub simulated: bool,
    /// The number that phones show as sender.
    pub sender: String,
    /// How long texts are joined.
    pub segmentation: Segmentation,
    /// How long a broadcast can be withdrawn before its first message leaves.
    pub hold: Millis,
    /// Whether there is a carrier, simulated or not, that would take the messages.
    pub has_carrier: bool,
}

/// All pages of the flow, for the staff host, inside `Accounts::layer`.
pub fn pages(desk: Desk) -> Router {
    Router::new().route_layer(DefaultBodyLimit::max(limits::FORM_BYTES)).with_state(desk)
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

/// Whether what belongs to `office` exists for this person.
pub(crate) fn may_see(staff: &Staff, office: OfficeId) -> bool {
    staff.office == OfficeId::HEADQUARTERS || staff.office == office
}

/// The numbers in an address. An address with anything else in their place leads nowhere: 404.
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Id<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        Path::from_request_parts(parts, state).await.map(|Path(id)| Self(id)).map_err(|_| PageError::NotFound)
    }
}
