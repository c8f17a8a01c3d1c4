//! `GET /f/{token}/done`, for residents: the answers have arrived, what happens next, whom to telephone. Nothing of the
//! answers is shown.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use web::time::JapanTime;
use web::{Page, ResidentShell};

use super::turn::{Answer, Turn};
use super::{FormDesk, Languages};
use crate::form::{Shown, Word};
use crate::request::RequestState;

#[derive(Template)]
#[template(path = "form_done.html")]
struct FormDone {
    shell: ResidentShell,
    title: Shown,
    closing: Vec<Shown>,
    call: Option<Shown>,
    worse: Shown,
    at: Shown,
    change: Shown,
    leave: Shown,
    action: String,
    unreviewed: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<FormDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.done(&token, &headers).await;
    desk.answer(shown).await
}

impl FormDesk {
    async fn done(&self, token: &str, headers: &HeaderMap) -> Answer {
        let visitor = self.visitor(token, headers).await?;
        let (open, language) = (&visitor.open, visitor.open.language);
        let submitted_at = match (open.state(self.db.now()), open.moments.submitted_at) {
            (RequestState::Answered, Some(at)) => at,
            (RequestState::Open, _) => return Err(Turn::To(visitor.resume())),
            _ => return Err(Turn::To(visitor.token.path())),
        };
        let title = Word::DoneTitle.shown(language);
        let contact = self.contact(open.contact.as_ref());
        let flagged = !open.filling.red_flags(&open.form).is_empty();
        let page = FormDone {
            shell: self.shell(open.org, &title, language).await?,
            title,
            closing: open.form.document().closing.shown(language).paragraphs(),
            call: flagged.then(|| Word::DoneCall.shown(language)),
            worse: Word::DoneWorse.shown(language),
            at: Word::DoneAt.shown(language).with("at", moment(submitted_at)),
            change: Word::DoneChange.shown(language).with("contact", contact),
            leave: Word::Leave.shown(language),
            action: visitor.at("leave"),
            unreviewed: visitor.unreviewed(),
            languages: visitor.languages("done"),
        };
        Ok(Page(page).into_response())
    }
}

/// `2026-11-22 14:05`, which every language reads.
fn moment(at: base::clock::Millis) -> String {
    let time = JapanTime::from_millis(at).machine();
    let minutes = time.get(..16).unwrap_or_default();
    minutes.replace('T', " ")
}
