//! `GET /a/{token}/consent`, `POST /a/{token}/consent`, for residents: each person of a family agrees anew, and everybody
//! does when the text has changed meanwhile.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use web::Page;

use super::apply::{ApplyDesk, Holder};
use super::apply_turn::Answer;
use super::desk_consent::{AGREE, consent_page};
use crate::application::{Given, Stage};
use crate::form::{Typed, Word};

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.own_consent(&token, &headers).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let next = desk.take_consent(&token, &headers, Typed::from(fields)).await;
    desk.answered(next).await
}

impl ApplyDesk {
    async fn own_consent(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self.asked(token, headers, &Stage::Consent).await?;
        self.consent_of(&holder, false).await
    }

    async fn take_consent(&self, token: &str, headers: &HeaderMap, typed: Typed) -> Answer {
        let came = self.receive(token, headers, &Stage::Consent, typed).await?;
        let mut holder = came.holder;
        if came.typed.get(AGREE) != "yes" {
            return self.consent_of(&holder, true).await;
        }
        let version = holder.document.document().consent.version.clone();
        let at = self.db.now();
        holder.application.content.consent = Some(Given { version, at });
        self.put(&holder).await?;
        Err(super::apply_turn::Instead::To(holder.at("next")))
    }

    async fn consent_of(&self, holder: &Holder, wrong: bool) -> Answer {
        let title = Word::ConsentTitle.shown(holder.language);
        let shell = self.shell(Some(holder.org), &title, holder.language).await?;
        let addresses = (holder.at("consent"), holder.at("next"));
        let languages = holder.languages("consent");
        let page = consent_page(&holder.document, shell, addresses, languages, wrong);
        let status = if wrong {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        Ok((status, Page(page)).into_response())
    }
}
