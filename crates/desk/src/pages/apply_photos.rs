//! What these pages need to know of pictures, which have pages of their own.

use base::id::{ApplicationId, OrgId};
use db::{Db, DbError};

use crate::application::Application;
use crate::document::DeskDocument;
use crate::form::Key;

/// A picture that was taken in.
pub(super) struct Picture {
    /// Of which kind.
    pub(super) rule: Key,
    /// Its number, in addresses.
    pub(super) id: i64,
}

/// Kinds of pictures that lack some.
#[expect(clippy::unused_async, reason = "the store that keeps pictures is asked here")]
pub(super) async fn lacking(
    _: &Db,
    _: OrgId,
    _: &Application,
    _: &DeskDocument,
) -> Result<Vec<Key>, DbError> {
    Ok(Vec::new())
}

/// The pictures of an application.
#[expect(clippy::unused_async, reason = "the store that keeps pictures is asked here")]
pub(super) async fn pictures(_: &Db, _: OrgId, _: ApplicationId) -> Result<Vec<Picture>, DbError> {
    Ok(Vec::new())
}
