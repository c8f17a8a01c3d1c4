//! `GET /f/{token}/begin`, for residents: what the questions are for, before the first of them.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use web::{Page, ResidentShell};

use super::turn::Answer;
use super::{FormDesk, Languages};
use crate::form::{Level, Shown, Word};

#[derive(Template)]
#[template(path = "form_begin.html")]
struct FormBegin {
    shell: ResidentShell,
    title: Shown,
    resumed: Option<Shown>,
    emergency: Option<Shown>,
    purpose: Vec<Shown>,
    saved: Shown,
    begin: Shown,
    next: String,
    unreviewed: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<FormDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.begin(&token, &headers).await;
    desk.answer(shown).await
}

impl FormDesk {
    async fn begin(&self, token: &str, headers: &HeaderMap) -> Answer {
        let visitor = self.enter(token, headers).await?;
        let (open, language) = (&visitor.open, visitor.open.language);
        let document = open.form.document();
        let flags = &document.red_flags;
        let urgent = flags.iter().any(|flag| flag.level == Level::Emergency);
        let title = document.title.shown(language);
        let page = FormBegin {
            shell: self.shell(open.org, &title, language).await?,
            title,
            resumed: (!open.filling.is_new()).then(|| Word::Resumed.shown(language)),
            emergency: urgent.then(|| Word::EmergencyNote.shown(language)),
            purpose: document.purpose.shown(language).paragraphs(),
            saved: Word::Saved.shown(language),
            begin: Word::Begin.shown(language),
            next: visitor.resume(),
            unreviewed: visitor.unreviewed(),
            languages: visitor.languages("begin"),
        };
        Ok(Page(page).into_response())
    }
}
