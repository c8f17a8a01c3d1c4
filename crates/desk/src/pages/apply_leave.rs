//! `POST /a/{token}/leave`, `GET /a/{token}/left`, for residents: the browser is let go; somebody else may take the phone.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use web::after_post;

use super::apply::ApplyDesk;
use super::apply_turn::{Answer, Instead};
use super::is_own_form;
use crate::application::ApplicationToken;
use crate::form::Word;
use crate::store;
use crate::visit::VisitSecret;

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Response {
    let left = desk.let_go(&token, &headers).await;
    desk.answered(left).await
}

pub(super) async fn left(State(desk): State<ApplyDesk>, Path(token): Path<String>) -> Response {
    let shown = desk.parting(&token).await;
    desk.answered(shown).await
}

impl ApplyDesk {
    async fn let_go(&self, token: &str, headers: &HeaderMap) -> Answer {
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let link = ApplicationToken::in_address(token).ok_or(Instead::Broken)?;
        if let Ok(holder) = self.enter(token, headers).await {
            store::end_application_visit(&self.db, holder.org, holder.application.id, &holder.secret).await?;
        }
        let mut response = after_post(&format!("{}/left", link.path())).into_response();
        let cookie = VisitSecret::no_application_cookie(&link.path(), self.https);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        Ok(response)
    }

    async fn parting(&self, token: &str) -> Answer {
        let link = ApplicationToken::in_address(token).ok_or(Instead::Broken)?;
        let found = match store::application_of_link(&self.db, &link).await? {
            Some((org, id)) => store::application(&self.db, org, id).await?.map(|one| (org, one)),
            None => None,
        };
        let language = found
            .as_ref()
            .map_or_else(Default::default, |(_, one)| one.language);
        let org = found.map(|(org, _)| org);
        let title = Word::LeftTitle.shown(language);
        let texts = vec![Word::ApplyLeft.shown(language)];
        Ok(self.plain(org, title, texts, language).await.into_response())
    }
}
