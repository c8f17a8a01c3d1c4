//! `GET /a/{token}/withdraw`, `POST /a/{token}/withdraw`, for residents: whoever applied takes the application back, as
//! long as nobody has decided it. Asked once more, because it cannot be undone.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use web::ResidentShell;

use super::apply::{ApplyDesk, Holder};
use super::apply_turn::{Answer, Instead, page};
use super::is_own_form;
use super::languages::Languages;
use crate::form::{Shown, Word};
use crate::store;

#[derive(Template)]
#[template(path = "apply_withdraw.html")]
struct ApplyWithdraw {
    shell: ResidentShell,
    title: Shown,
    lead: Shown,
    label: Shown,
    reference: String,
    action: String,
    button: Shown,
    back: (Shown, String),
    unreviewed: Option<Shown>,
    languages: Languages,
}

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let shown = desk.ask_to_withdraw(&token, &headers).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let done = desk.withdraw(&token, &headers).await;
    desk.answered(done).await
}

impl ApplyDesk {
    async fn ask_to_withdraw(&self, token: &str, headers: &HeaderMap) -> Answer {
        let holder = self.withdraws(token, headers).await?;
        let language = holder.language;
        let title = Word::WithdrawTitle.shown(language);
        Ok(page(ApplyWithdraw {
            shell: self.shell(Some(holder.org), &title, language).await?,
            title,
            lead: Word::WithdrawLead.shown(language),
            label: Word::Reference.shown(language),
            reference: holder.application.reference.to_string(),
            action: holder.at("withdraw"),
            button: Word::WithdrawButton.shown(language),
            back: (Word::WithdrawKeep.shown(language), holder.at("next")),
            unreviewed: holder.unreviewed(),
            languages: holder.languages("withdraw"),
        }))
    }

    async fn withdraw(&self, token: &str, headers: &HeaderMap) -> Answer {
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let holder = self.withdraws(token, headers).await?;
        store::withdraw_application(&self.db, holder.org, holder.application.id).await?;
        // Whoever decided it a moment before finds it as it stands now.
        Err(Instead::To(holder.at("done")))
    }

    /// Who may take it back; everybody else goes on where they are.
    async fn withdraws(&self, token: &str, headers: &HeaderMap) -> Result<Holder, Instead> {
        let holder = self.enter(token, headers).await?;
        if holder.application.state.may_be_taken_back() {
            Ok(holder)
        } else {
            Err(Instead::To(holder.at("next")))
        }
    }
}
