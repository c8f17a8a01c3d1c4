//! `GET /a/{token}/stop`, for residents: an answer means 119. Whoever has read that goes on.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use web::ResidentShell;

use super::apply::ApplyDesk;
use super::apply_step::is_from_check;
use super::apply_turn::{Answer, Instead, page};
use super::languages::Languages;
use super::word_in;
use crate::application::Stage;
use crate::form::{Key, Level, Shown, Word};

#[derive(Template)]
#[template(path = "form_stop.html")]
struct ApplyStop {
    shell: ResidentShell,
    title: Shown,
    text: Shown,
    call: Shown,
    centre: Shown,
    noted: Shown,
    on: (Shown, String),
    back: (Shown, String),
    unreviewed: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.emergency(&token, &headers, &address).await;
    desk.answered(shown).await
}

impl ApplyDesk {
    async fn emergency(&self, token: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let key = Key::parse(word_in(address, "page")).ok_or(Instead::Broken)?;
        let stage = Stage::Question(key.clone());
        let holder = self.asked(token, headers, &stage).await?;
        let language = holder.language;
        let flags = holder
            .application
            .content
            .answers
            .red_flags(holder.document.form());
        if !flags.iter().any(|flag| flag.level == Level::Emergency) {
            return Err(Instead::To(holder.at("next")));
        }
        let from_check = is_from_check(address);
        let back = if from_check { "&back=check" } else { "" };
        let next = self.journey(&holder).after(&stage, from_check);
        let title = Word::StopTitle.shown(language);
        Ok(page(ApplyStop {
            shell: self.shell(Some(holder.org), &title, language).await?,
            title,
            text: Word::StopText.shown(language),
            call: Word::Call119.shown(language),
            centre: Word::StopCentre.shown(language).with("contact", &self.help),
            noted: Word::ApplyStopNoted.shown(language),
            on: (Word::StopOn.shown(language), holder.stage(&next, from_check)),
            back: (Word::StopBack.shown(language), holder.stage(&stage, from_check)),
            unreviewed: holder.unreviewed(),
            languages: holder.languages(&format!("stop?page={key}{back}")),
        }))
    }
}
