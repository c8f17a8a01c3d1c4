//! `GET /accessibility`, for residents: what these pages promise to everybody, how that is looked at, what is known to be
//! hard, and whom to tell.

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use web::{Language, ResidentShell};

use super::apply::ApplyDesk;
use super::apply_turn::{Answer, page};
use super::desk_find::language_of;
use super::languages::{Languages, Way};
use crate::form::{Shown, Word};

#[derive(Template)]
#[template(path = "accessibility.html")]
struct Accessibility {
    shell: ResidentShell,
    title: Shown,
    parts: Vec<(Shown, Vec<Shown>)>,
    contact: (Shown, String),
    languages: Languages,
}

pub(super) async fn show(State(desk): State<ApplyDesk>, address: Uri) -> Response {
    let shown = desk.accessibility(language_of(&address)).await;
    desk.answered(shown).await
}

impl ApplyDesk {
    async fn accessibility(&self, language: Language) -> Answer {
        let title = Word::AccessibilityTitle.shown(language);
        let part = |heading: Word, text: Word| (heading.shown(language), text.shown(language).paragraphs());
        Ok(page(Accessibility {
            shell: self.shell(None, &title, language).await?,
            title,
            parts: vec![
                part(Word::AccessAim, Word::AccessAimText),
                part(Word::AccessTested, Word::AccessTestedText),
                part(Word::AccessLimits, Word::AccessLimitsText),
                part(Word::AccessElse, Word::AccessElseText),
            ],
            contact: (Word::AccessContact.shown(language), self.help.clone()),
            languages: Languages {
                present: language,
                offered: Language::ALL.to_vec(),
                way: Way::Links {
                    path: "/accessibility".to_owned(),
                },
            },
        }))
    }
}
