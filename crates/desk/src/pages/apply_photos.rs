//! What these pages need to know of pictures, which have pages of their own.

use base::id::{ApplicationId, OrgId, PhotoId};
use db::{Db, DbError};

use crate::form::Key;
use crate::store;

/// A picture that was taken in.
pub(super) struct Picture {
    /// Of which kind.
    pub(super) rule: Key,
    /// Its number, in addresses.
    pub(super) id: PhotoId,
}

/// The pictures of an application that stand.
pub(super) async fn pictures(db: &Db, org: OrgId, id: ApplicationId) -> Result<Vec<Picture>, DbError> {
    let kept = store::kept_photos(db, org, id).await?.into_iter();
    let standing = kept.filter(|photo| photo.removed_at.is_none());
    Ok(standing
        .map(|photo| Picture {
            rule: photo.rule,
            id: photo.id,
        })
        .collect())
}
