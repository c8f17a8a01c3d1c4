//! The choice of languages at the foot of a page.

use std::borrow::Borrow;

use askama::Template;
use askama::filters::HtmlSafe;
use web::Language;

use crate::form::{Shown, Word};

/// The languages that a form has. Written into a template it becomes markup.
#[derive(Template)]
#[template(path = "form_languages.html")]
pub(super) struct Languages {
    pub(super) present: Language,
    pub(super) offered: Vec<Language>,
    pub(super) way: Way,
}

impl HtmlSafe for Languages {}

/// How another language is chosen.
pub(super) enum Way {
    /// By links: nothing is known yet.
    Links { path: String },
    /// By a form of its own.
    Form { action: String, page: String },
    /// By buttons of the page's form, so that nothing that was typed is lost.
    Buttons,
}

impl Languages {
    fn title(&self) -> Shown {
        Word::Language.shown(self.present)
    }

    /// What leads to it from the top of the page.
    pub(super) fn jump(&self) -> Shown {
        Word::LanguageJump.shown(self.present)
    }

    fn is_present(&self, language: impl Borrow<Language>) -> bool {
        self.present == *language.borrow()
    }
}
