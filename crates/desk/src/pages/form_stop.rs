//! `GET /f/{token}/stop`, for residents: an answer means 119. Staff know of it already; the person is not made to wait
//! for them.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use web::{Page, ResidentShell};

use super::turn::{Answer, Turn};
use super::{FormDesk, Languages, word_in};
use crate::form::{Key, Level, Shown, Word};

#[derive(Template)]
#[template(path = "form_stop.html")]
struct FormStop {
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
    State(desk): State<FormDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.stop(&token, &headers, &address).await;
    desk.answer(shown).await
}

impl FormDesk {
    async fn stop(&self, token: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let visitor = self.enter(token, headers).await?;
        let (open, language) = (&visitor.open, visitor.open.language);
        let flags = open.filling.red_flags(&open.form);
        let page = Key::parse(word_in(address, "page")).filter(|key| open.form.page(key.as_str()).is_some());
        let Some(page) = page.filter(|_| flags.iter().any(|flag| flag.level == Level::Emergency)) else {
            return Err(Turn::To(visitor.resume()));
        };
        let from_check = word_in(address, "back") == "check";
        let back = if from_check { "back=check" } else { "" };
        let next = open.filling.after(&open.form, &page, from_check);
        let title = Word::StopTitle.shown(language);
        let contact = self.contact(open.contact.as_ref());
        let stop = FormStop {
            shell: self.shell(open.org, &title, language).await?,
            title,
            text: Word::StopText.shown(language),
            call: Word::Call119.shown(language),
            centre: Word::StopCentre.shown(language).with("contact", contact),
            noted: Word::StopNoted.shown(language),
            on: (Word::StopOn.shown(language), visitor.step(&next, from_check)),
            back: (
                Word::StopBack.shown(language),
                visitor.at(&format!("q/{page}?{back}")),
            ),
            unreviewed: visitor.unreviewed(),
            languages: visitor.languages(&format!("stop?page={page}&{back}")),
        };
        Ok(Page(stop).into_response())
    }
}
