//! `POST /a/{token}/photos/{rule}/{photo}/remove`: a picture is taken away.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use base::id::PhotoId;
use web::after_post;

use super::{PhotoDesk, comes_back, number};
use crate::pages::turn::Answer;
use crate::store;

pub(super) async fn submit(
    State(desk): State<PhotoDesk>,
    Path((token, rule, photo)): Path<(String, String, String)>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let removed = desk
        .remove((&token, &rule, &photo), &headers, comes_back(&address))
        .await;
    desk.form.answer(removed).await
}

impl PhotoDesk {
    async fn remove(&self, named: (&str, &str, &str), headers: &HeaderMap, back: bool) -> Answer {
        let (token, rule, photo) = named;
        let holder = self.receive(token, headers).await?;
        let rule = holder.rule(rule)?;
        let of = (holder.application.id, PhotoId::new(number(photo)?));
        // One that is gone already: the page shows what there is.
        store::remove_photo(&self.form.db, holder.org, of, &holder.document).await?;
        let to = holder.page(rule, "", back);
        Ok(after_post(&format!("{to}#photos")).into_response())
    }
}
