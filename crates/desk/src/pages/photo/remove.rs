//! `POST /a/{token}/photos/{rule}/{photo}/remove`: a picture is taken away.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use base::id::PhotoId;
use web::after_post;

use super::{PhotoDesk, number};
use crate::pages::turn::Answer;
use crate::store;

pub(super) async fn submit(
    State(desk): State<PhotoDesk>,
    Path((token, rule, photo)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let removed = desk.remove(&token, &rule, &photo, &headers).await;
    desk.form.answer(removed).await
}

impl PhotoDesk {
    async fn remove(&self, token: &str, rule: &str, photo: &str, headers: &HeaderMap) -> Answer {
        let holder = self.receive(token, headers).await?;
        let rule = holder.rule(rule)?;
        let of = (holder.application.id, PhotoId::new(number(photo)?));
        // One that is gone already: the page shows what there is.
        store::remove_photo(&self.form.db, holder.org, of, &holder.document).await?;
        let to = holder.at(&format!("photos/{}#photos", rule.key));
        Ok(after_post(&to).into_response())
    }
}
