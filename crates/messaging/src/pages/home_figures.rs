//! What a slice above this one shows on the home page: a few numbers, and the way to the others. The router of the
//! server puts it in.

use std::pin::Pin;
use std::sync::Arc;

use accounts::Staff;
use axum::Extension;
use db::DbError;
use web::PageError;

use super::failed;

/// One number.
#[derive(Clone, Debug)]
pub struct HomeFact {
    /// What it is.
    pub label: &'static str,
    /// The number, with its unit.
    pub value: String,
    /// What belongs to it, in a few words.
    pub detail: String,
}

/// The numbers.
#[derive(Clone, Debug)]
pub struct HomeFigures {
    /// Some few.
    pub facts: Vec<HomeFact>,
    /// Where the others are.
    pub href: &'static str,
    /// What the way there is called.
    pub more: &'static str,
}

/// What is on its way to a page.
type Coming = Pin<Box<dyn Future<Output = Result<Option<HomeFigures>, DbError>> + Send>>;

/// Whoever knows the numbers, for this person; nothing for whoever may not see them.
#[derive(Clone)]
pub struct HomeFiguresSource(pub Arc<dyn Fn(Staff) -> Coming + Send + Sync>);

/// Asks, where there is somebody to ask.
pub(super) async fn figures(
    source: Option<Extension<HomeFiguresSource>>,
    staff: &Staff,
) -> Result<Option<HomeFigures>, PageError> {
    match source {
        Some(Extension(source)) => (source.0)(staff.clone()).await.map_err(failed),
        None => Ok(None),
    }
}
