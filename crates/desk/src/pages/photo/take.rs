//! What both ways of sending end in: a picture is made ours, and kept.

use base::id::PhotoId;
use photo::Task;

use super::words::Say;
use super::{Holder, PhotoDesk};
use crate::document::PhotoRule;
use crate::pages::turn::Turn;
use crate::photos::refusal;
use crate::store::{self, NewPhoto, PhotoAdded};

/// A picture as it came.
pub(super) struct Came {
    pub(super) bytes: Vec<u8>,
    pub(super) masked: bool,
    pub(super) replaces: Option<PhotoId>,
}

impl PhotoDesk {
    /// The number of the picture, or what is said instead.
    pub(super) async fn take(
        &self,
        holder: &Holder,
        rule: &PhotoRule,
        came: Came,
    ) -> Result<Result<PhotoId, Say>, Turn> {
        let picture = match self.studio.develop(came.bytes, Task::default()).await {
            Ok(picture) => picture,
            Err(trouble) => return Ok(Err(refusal(trouble).map_or(Say::ErrBusy, Say::refusal))),
        };
        let new = NewPhoto {
            rule: rule.key.clone(),
            picture,
            masked: came.masked && rule.mask,
            replaces: came.replaces,
        };
        let (db, id) = (&self.form.db, holder.application.id);
        match store::add_photo(db, holder.org, id, &holder.document, new).await? {
            PhotoAdded::Added(id) | PhotoAdded::Already(id) => Ok(Ok(id)),
            // It was sent, or ended, in another window.
            PhotoAdded::Otherwise => Err(Turn::To(holder.at("next"))),
            other => Ok(Err(Say::instead(other).unwrap_or(Say::ErrBusy))),
        }
    }
}
