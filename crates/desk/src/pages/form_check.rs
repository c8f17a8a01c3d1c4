//! `GET /f/{token}/check`, `POST /f/{token}/check`, for residents: the answers once more, and sending them.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use web::{Page, ResidentShell, after_post};

use super::turn::{Answer, Turn};
use super::{FormDesk, Languages, Visitor};
use crate::form::{Shown, Word};
use crate::store::{self, Submitted};

#[derive(Template)]
#[template(path = "form_check.html")]
struct FormCheck {
    shell: ResidentShell,
    title: Shown,
    lead: Shown,
    rows: Vec<Row>,
    change: Shown,
    send: Shown,
    action: String,
    unreviewed: Option<Shown>,
    languages: Languages,
}

struct Row {
    label: Shown,
    lines: Vec<Shown>,
    change: String,
    change_what: Shown,
}

pub(super) async fn show(
    State(desk): State<FormDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.check(&token, &headers).await;
    desk.answer(shown).await
}

pub(super) async fn submit(
    State(desk): State<FormDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let sent = desk.send(&token, &headers).await;
    desk.answer(sent).await
}

impl FormDesk {
    async fn check(&self, token: &str, headers: &HeaderMap) -> Answer {
        let visitor = self.enter(token, headers).await?;
        let (open, language) = (&visitor.open, visitor.open.language);
        if !open.filling.is_complete(&open.form) {
            return Err(Turn::To(visitor.resume()));
        }
        let title = Word::CheckTitle.shown(language);
        let page = FormCheck {
            shell: self.shell(open.org, &title, language).await?,
            title,
            lead: Word::CheckLead.shown(language),
            rows: rows(&visitor),
            change: Word::Change.shown(language),
            send: Word::Send.shown(language),
            action: visitor.at("check"),
            unreviewed: visitor.unreviewed(),
            languages: visitor.languages("check"),
        };
        Ok(Page(page).into_response())
    }

    async fn send(&self, token: &str, headers: &HeaderMap) -> Answer {
        let visitor = self.receive(token, headers).await?;
        match store::submit(&self.db, &visitor.open).await? {
            Submitted::Done => Ok(after_post(&visitor.at("done")).into_response()),
            Submitted::NotComplete => Err(Turn::To(visitor.resume())),
            Submitted::Closed(_) => Err(Turn::To(visitor.token.path())),
        }
    }
}

fn rows(visitor: &Visitor) -> Vec<Row> {
    let (open, language) = (&visitor.open, visitor.open.language);
    let shown = open.filling.shown(&open.form);
    let questions = shown
        .into_iter()
        .flat_map(|(page, asked)| asked.into_iter().map(move |question| (page, question)));
    questions
        .map(|(page, question)| {
            let label = question.label.shown(language);
            let answer = open.filling.answer(&question.key);
            Row {
                lines: answer.map_or_else(
                    || vec![Word::Unanswered.shown(language)],
                    |answer| answer.lines(question, language),
                ),
                change: visitor.at(&format!("q/{}?back=check", page.key)),
                change_what: Word::ChangeWhat.shown(language).with("what", label.plain()),
                label,
            }
        })
        .collect()
}
