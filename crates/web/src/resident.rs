//! The shell of a page for residents: no sign-in, no navigation, one thing to read or do.

use crate::form::Summary;
use crate::{Errors, Language};

/// The field `shell` of every template that extends `resident.html`.
#[derive(Clone, Debug)]
pub struct ResidentShell {
    /// The page's title and first heading.
    pub title: String,
    /// The public body that runs the service: `さいたま県`.
    pub organisation: String,
    /// Where to call, with hours, in the same place on every page.
    pub help: String,
    /// The language of the page.
    pub language: Language,
    /// Mistakes in the form that the page shows.
    pub errors: Errors,
}

impl ResidentShell {
    /// The mistakes, above the heading, in the page's language.
    pub fn summary(&self) -> Summary<'_> {
        self.errors.summary_in(self.language)
    }
}
