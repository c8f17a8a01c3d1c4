//! `GET /a/{token}/result`, for residents: what was decided, what it means, what happens next. Only after the birth date
//! was given, and only what the person was told.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::ResidentShell;

use super::application_certificate::certificate_file;
use super::apply::{ApplyDesk, Holder};
use super::apply_turn::{Answer, Instead, page};
use super::languages::Languages;
use crate::document::{Decision, Outcome, Then};
use crate::form::{Shown, Word, moment};
use crate::limits::RESULT_SHOWN;
use crate::store::Entrance;

#[derive(Template)]
#[template(path = "apply_result.html")]
struct ApplyResult {
    shell: ResidentShell,
    title: Shown,
    desk: Shown,
    texts: Vec<Shown>,
    label: Shown,
    reference: String,
    next: (Shown, Vec<Shown>),
    again: Option<(Shown, String)>,
    certificate: Option<(Shown, String)>,
    worse: Shown,
    contact: (Shown, String),
    print: Shown,
    until: Shown,
    leave: (Shown, String),
    unreviewed: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.result(&token, &headers).await;
    desk.answered(shown).await
}

pub(super) async fn certificate(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let file = desk.certificate(&token, &headers).await;
    desk.answered(file).await
}

impl ApplyDesk {
    /// The certificate as a file; whoever was told nothing that brings one goes on where they are.
    async fn certificate(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self.enter(token, headers).await?;
        let goes_on = || Instead::To(self.goes_on(&holder));
        let told = holder.outcome(self.db.now()) == Some(&Outcome::Decided(Decision::Confirmed));
        if !told || holder.way != Entrance::Birth {
            return Err(goes_on());
        }
        let origin = self.desk.links.origin.as_ref().ok_or_else(goes_on)?;
        let (org, id) = (holder.org, holder.application.id);
        let file = certificate_file((&self.db, &self.accounts), origin, org, id).await?;
        file.map_err(|_| goes_on())
    }

    async fn result(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self.enter(token, headers).await?;
        let outcome = holder.outcome(self.db.now()).cloned();
        let outcome = outcome.filter(|_| holder.way == Entrance::Birth);
        let outcome = outcome.ok_or_else(|| Instead::To(self.goes_on(&holder)))?;
        let language = holder.language;
        let says = holder.document.document();
        let title = Word::ResultTitle.shown(language);
        let telling = holder.document.telling(&outcome).ok_or(Instead::Broken)?;
        let confirmed = outcome == Outcome::Decided(Decision::Confirmed);
        let until = moment(holder.application.state_at + RESULT_SHOWN, language);
        Ok(page(ApplyResult {
            shell: self.shell(Some(holder.org), &title, language).await?,
            title,
            desk: says.title.shown(language),
            texts: telling.page.shown(language).paragraphs(),
            label: Word::Reference.shown(language),
            reference: holder.application.reference.to_string(),
            next: (Word::NextHeading.shown(language), next_steps(&holder, &outcome)),
            again: holder
                .again
                .as_ref()
                .filter(|again| !again.is_empty())
                .map(|_| (Word::AgainStart.shown(language), holder.at("again"))),
            certificate: (confirmed
                && says.confirmed.certificate.is_some()
                && self.desk.links.origin.is_some())
            .then(|| (Word::CertificateButton.shown(language), holder.at("certificate"))),
            worse: Word::DoneWorse.shown(language),
            contact: (Word::ResultContact.shown(language), self.help.clone()),
            print: Word::PrintHint.shown(language),
            until: Word::ResultUntil.shown(language).with("at", until),
            leave: (Word::Leave.shown(language), holder.at("leave")),
            unreviewed: holder.unreviewed(),
            languages: holder.languages("result"),
        }))
    }
}

/// What happens next, by what the desk's document says of the outcome.
fn next_steps(holder: &Holder, outcome: &Outcome) -> Vec<Shown> {
    let (language, says) = (holder.language, holder.document.document());
    let word = match outcome {
        Outcome::Decided(Decision::Refused(code)) => {
            match holder.document.reason(code).map_or(Then::Nothing, |one| one.then) {
                Then::Resubmit => Word::ThenResubmit,
                Then::Clinic => Word::ThenClinic,
                Then::Phone => Word::ThenPhone,
                Then::Nothing => Word::ThenNothing,
            }
        }
        _ if says.confirmed.opens_case => Word::ThenCase,
        _ if says.confirmed.certificate.is_some() => Word::ThenCertificate,
        _ if says.confirmed.delivers => Word::ThenDelivery,
        _ => Word::ThenNothing,
    };
    vec![word.shown(language)]
}
