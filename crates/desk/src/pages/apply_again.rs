//! `GET /a/{token}/again`, for residents: what was sent back, why, and what is asked again. The number stays.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::ResidentShell;

use super::apply::{ApplyDesk, Holder};
use super::apply_turn::{Answer, Instead, page};
use super::languages::Languages;
use crate::application::Stage;
use crate::document::Outcome;
use crate::form::{Shown, Word};
use crate::limits::SENT_BACK_KEPT;

#[derive(Template)]
#[template(path = "apply_again.html")]
struct ApplyAgain {
    shell: ResidentShell,
    title: Shown,
    reason: Vec<Shown>,
    asked: (Shown, Vec<Shown>),
    label: Shown,
    reference: String,
    until: Option<Shown>,
    start: (Shown, String),
    unreviewed: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.again(&token, &headers).await;
    desk.answered(shown).await
}

impl ApplyDesk {
    async fn again(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self.asked(token, headers, &Stage::Check).await?;
        let outcome = holder.application.sent_back.clone().map(Outcome::SentBack);
        let outcome = outcome.or_else(|| holder.application.told.clone());
        let stages = self.journey(&holder).stages();
        let first = stages.first().filter(|_| holder.again.is_some());
        let (Some(outcome), Some(first)) = (outcome, first) else {
            return Err(Instead::To(holder.at("next")));
        };
        let language = holder.language;
        let title = Word::AgainTitle.shown(language);
        let telling = holder.document.telling(&outcome);
        let kept = matches!(outcome, Outcome::SentBack(_))
            .then(|| crate::form::moment(holder.application.state_at + SENT_BACK_KEPT, language));
        Ok(page(ApplyAgain {
            shell: self.shell(Some(holder.org), &title, language).await?,
            title,
            reason: telling.map_or_else(Vec::new, |telling| telling.page.shown(language).paragraphs()),
            asked: (
                Word::AgainAsked.shown(language),
                stages.iter().map(|stage| name_of(&holder, stage)).collect(),
            ),
            label: Word::Reference.shown(language),
            reference: holder.application.reference.to_string(),
            until: kept.map(|at| Word::AgainUntil.shown(language).with("at", at)),
            start: (Word::AgainStart.shown(language), holder.stage(first, false)),
            unreviewed: holder.unreviewed(),
            languages: holder.languages("again"),
        }))
    }
}

/// What a page that is asked again is called.
fn name_of(holder: &Holder, stage: &Stage) -> Shown {
    let (document, language) = (&holder.document, holder.language);
    match stage {
        Stage::Name => Word::NameTitle.shown(language),
        Stage::Birth => Word::BirthDate.shown(language),
        Stage::Guardian => Word::GuardianTitle.shown(language),
        Stage::Proxy => Word::ProxyTitle.shown(language),
        Stage::Address => Word::AddressTitle.shown(language),
        Stage::Phone => Word::PhoneTitle.shown(language),
        Stage::Photos(key) => {
            let mut rules = document.document().photos.iter();
            let rule = rules.find(|rule| rule.key == *key);
            rule.map_or_else(
                || Word::GroupPhotos.shown(language),
                |rule| rule.label.shown(language),
            )
        }
        Stage::Question(key) => {
            let page = document.form().page(key.as_str());
            let text = page.map(|page| {
                if page.title.is_empty() {
                    &page.questions[0].label
                } else {
                    &page.title
                }
            });
            text.map_or_else(
                || Word::GroupQuestions.shown(language),
                |text| text.shown(language),
            )
        }
        Stage::Kit | Stage::Consent | Stage::Eligibility(_) | Stage::Check => Word::KitTitle.shown(language),
    }
}
