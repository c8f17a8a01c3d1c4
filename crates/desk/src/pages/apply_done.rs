//! `GET /a/{token}/done`, for residents: it has arrived, under which number, what happens next and by when, what the
//! message looks like. Nothing about the person.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::ResidentShell;

use super::apply::{ApplyDesk, Holder};
use super::apply_turn::{Answer, Instead, page};
use super::desk_find::promised;
use super::languages::Languages;
use crate::application::State as Stands;
use crate::form::{Level, Shown, Word, moment};

#[derive(Template)]
#[template(path = "apply_done.html")]
struct ApplyDone {
    shell: ResidentShell,
    title: Shown,
    over: Shown,
    label: Shown,
    reference: String,
    keep: Shown,
    next: (Shown, Vec<Shown>),
    sms: (Shown, Vec<Shown>),
    sample: (Shown, Shown),
    worse: Shown,
    print: Shown,
    family: Option<(Shown, Shown, Shown, String)>,
    status: Shown,
    withdraw: Option<(Shown, String)>,
    leave: (Shown, String),
    unreviewed: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.done(&token, &headers).await;
    desk.answered(shown).await
}

impl ApplyDesk {
    async fn done(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self.enter(token, headers).await?;
        let language = holder.language;
        match holder.application.state {
            Stands::Received | Stands::Ready | Stands::Provisional | Stands::Final | Stands::Released => {
                self.arrived(&holder).await
            }
            over @ (Stands::Withdrawn | Stands::Expired) => {
                let (title, text) = if over == Stands::Withdrawn {
                    (Word::WithdrawnTitle, Word::WithdrawnText)
                } else {
                    (Word::OverTitle, Word::OverText)
                };
                let (title, texts) = (title.shown(language), vec![text.shown(language)]);
                let said = self.plain(Some(holder.org), title, texts, language).await;
                Ok(axum::response::IntoResponse::into_response(said))
            }
            Stands::Draft | Stands::SentBack => Err(Instead::To(self.goes_on(&holder))),
        }
    }

    async fn arrived(&self, holder: &Holder) -> Answer {
        let (language, found) = (holder.language, &holder.application);
        let says = holder.document.document();
        let title = Word::ArrivedTitle.shown(language);
        let received = found.received_at.unwrap_or(found.state_at);
        let promise = promised(&says.hours, says.review.within_hours, received);
        let desk_name = says.title.shown(language);
        let sender = self.sender(holder).await?;
        let flagged = found.content.answers.red_flags(holder.document.form());
        let urgent = flagged.iter().any(|flag| flag.level == Level::Emergency);
        let mut next = vec![promise.shown(language), Word::NextSteps.shown(language)];
        if says.confirmed.delivers {
            next.push(Word::NextDelivery.shown(language));
        }
        Ok(page(ApplyDone {
            shell: self.shell(Some(holder.org), &title, language).await?,
            title,
            over: Word::ArrivedOver
                .shown(language)
                .with("at", moment(received, language)),
            label: Word::Reference.shown(language),
            reference: found.reference.to_string(),
            keep: Word::ReferenceKeep.shown(language),
            next: (Word::NextHeading.shown(language), next),
            sms: (
                Word::SmsHeading.shown(language),
                vec![
                    Word::SmsSender.shown(language).with("sender", sender),
                    Word::SmsNever.shown(language),
                ],
            ),
            sample: (
                Word::SmsSampleLabel.shown(language),
                Word::SmsSample
                    .shown(language)
                    .with("desk", desk_name.plain())
                    .with("reference", found.reference),
            ),
            worse: if urgent {
                Word::StopText.shown(language)
            } else {
                Word::DoneWorse.shown(language)
            },
            print: Word::PrintHint.shown(language),
            family: Some((
                Word::FamilyHeading.shown(language),
                Word::FamilyText.shown(language),
                Word::FamilyButton.shown(language),
                holder.at("family"),
            )),
            status: Word::StatusLater.shown(language),
            withdraw: found
                .state
                .may_be_taken_back()
                .then(|| (Word::WithdrawLink.shown(language), holder.at("withdraw"))),
            leave: (Word::Leave.shown(language), holder.at("leave")),
            unreviewed: holder.unreviewed(),
            languages: holder.languages("done"),
        }))
    }
}
