//! `GET /a/{token}/way`, for residents: why the person cannot apply here, and where to go instead. Never a dead end.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::ResidentShell;

use super::apply::ApplyDesk;
use super::apply_turn::{Answer, Instead, page};
use super::languages::Languages;
use crate::form::{Shown, Word};

#[derive(Template)]
#[template(path = "apply_way.html")]
struct ApplyWay {
    shell: ResidentShell,
    title: Shown,
    heading: Shown,
    instead: Vec<Shown>,
    elsewhere: Vec<Shown>,
    emergency: Shown,
    /// The answer can be put right, where it was asked: what a link says of somebody is not.
    correct: Option<(Shown, String)>,
    unreviewed: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.way(&token, &headers).await;
    desk.answered(shown).await
}

impl ApplyDesk {
    async fn way(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self
            .asked(token, headers, &crate::application::Stage::Check)
            .await?;
        let language = holder.language;
        let journey = self.journey(&holder);
        let stopped = journey.stopped();
        let (stage, way) = stopped.ok_or_else(|| Instead::To(holder.at("next")))?;
        let asked = journey.asks(&stage);
        let title = way.title.shown(language);
        Ok(page(ApplyWay {
            shell: self.shell(Some(holder.org), &title, language).await?,
            title,
            heading: Word::WayHeading.shown(language),
            instead: way.instead.shown(language).paragraphs(),
            elsewhere: holder.document.document().elsewhere.shown(language).paragraphs(),
            emergency: Word::EmergencyNote.shown(language),
            correct: asked.then(|| (Word::WayCorrect.shown(language), holder.stage(&stage, false))),
            unreviewed: holder.unreviewed(),
            languages: holder.languages("way"),
        }))
    }
}
