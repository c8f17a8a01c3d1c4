//! `POST /a/{token}/family`, for residents: another application for somebody of the same family. Address, proved number
//! and language come along, and nothing else.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base::id::{DeskId, OrgId};
use web::Language;

use super::apply::{ApplyDesk, Holder};
use super::apply_turn::{Answer, Instead};
use super::desk_find::DeskFound;
use super::is_own_form;
use crate::application::{Applicant, Content, State as Stands};
use crate::store;

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let begun = desk.family(&token, &headers).await;
    desk.answered(begun).await
}

impl ApplyDesk {
    async fn family(&self, token: &str, headers: &HeaderMap) -> Answer {
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let holder = self.enter(token, headers).await?;
        if matches!(holder.application.state, Stands::Draft | Stands::SentBack) {
            return Err(Instead::To(holder.at("next")));
        }
        let found = self.desk_of(&holder).await?;
        self.open_or_top(&found, holder.language).await?;
        let known = &holder.application.content.applicant;
        let content = Content {
            applicant: Applicant {
                phone: known.phone,
                phone_proved_at: known.phone_proved_at,
                address: known.address.clone(),
                ..Applicant::default()
            },
            ..Content::default()
        };
        self.begin_with(&found, holder.language, content).await
    }

    /// The desk of an application, with the version that holds now.
    pub(super) async fn desk_of(&self, holder: &Holder) -> Result<DeskFound, Instead> {
        self.desk_by_id(holder.org, holder.application.desk, holder.language)
            .await
    }

    /// A desk of this number, with the version that holds now.
    pub(super) async fn desk_by_id(
        &self,
        org: OrgId,
        id: DeskId,
        language: Language,
    ) -> Result<DeskFound, Instead> {
        let row = store::desk(&self.db, org, id).await?;
        let row = row.ok_or(Instead::NoDesk(language))?;
        let organisations = self.accounts.public_organisations().await?;
        let several = organisations.len() > 1;
        let mut own = organisations.into_iter().filter(|one| one.id == org);
        let own = own.next().ok_or(Instead::NoDesk(language))?;
        let text = if several {
            format!("{}.{}", own.public_word(), row.key)
        } else {
            row.key.to_string()
        };
        self.one_desk(&text, language).await
    }
}
