//! What most addresses and forms consist of: numbers, or nothing but a button.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::PageError;

/// The numbers in an address. An address with anything else in their place leads nowhere: 404.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Id<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        Path::from_request_parts(parts, state)
            .await
            .map(|Path(id)| Self(id))
            .map_err(|_| PageError::NotFound)
    }
}

/// A form of nothing but its button.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoFields {}
