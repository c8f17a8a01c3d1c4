//! `GET /a/{token}/photos/{rule}/{photo}/image` and `…/preview`: a picture, to whoever sent it. And how pictures are
//! served to anybody: as pictures and as nothing else.

use axum::extract::{Path, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base::id::PhotoId;

use super::{PhotoDesk, number};
use crate::pages::turn::{Answer, Turn};
use crate::store::{self, PhotoSize};

/// How long a browser may keep a picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::pages) enum Serving {
    /// Not at all.
    Never,
    /// So long that the next picture of a queue can be fetched while this one is looked at.
    AMoment,
}

impl Serving {
    const fn value(self) -> &'static str {
        match self {
            Self::Never => "private, no-store",
            Self::AMoment => "private, max-age=60",
        }
    }
}

/// The bytes of a picture as an answer. Whoever opens its address as a page is told that there is none: nothing that a
/// stranger sent is ever a document of ours.
pub(in crate::pages) fn serve(
    headers: &HeaderMap,
    name: &str,
    serving: Serving,
    bytes: Vec<u8>,
) -> Option<Response> {
    let wanted = headers.get("sec-fetch-dest").map(HeaderValue::as_bytes);
    if !matches!(wanted, None | Some(b"image" | b"empty")) {
        return None;
    }
    let named = format!("inline; filename=\"{name}.jpg\"");
    let named = HeaderValue::try_from(named).ok()?;
    let fixed = |text| HeaderValue::from_static(text);
    let about = [
        (header::CONTENT_TYPE, fixed("image/jpeg")),
        (header::X_CONTENT_TYPE_OPTIONS, fixed("nosniff")),
        (header::CONTENT_DISPOSITION, named),
        (
            header::CONTENT_SECURITY_POLICY,
            fixed("sandbox; default-src 'none'"),
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            fixed("same-origin"),
        ),
        (header::CACHE_CONTROL, fixed(serving.value())),
    ];
    Some((StatusCode::OK, about, bytes).into_response())
}

type Named = Path<(String, String, String)>;

pub(super) async fn image(
    State(desk): State<PhotoDesk>,
    Path((token, _, photo)): Named,
    headers: HeaderMap,
) -> Response {
    let shown = desk.picture(&token, &photo, PhotoSize::Picture, &headers).await;
    desk.form.answer(shown).await
}

pub(super) async fn preview(
    State(desk): State<PhotoDesk>,
    Path((token, _, photo)): Named,
    headers: HeaderMap,
) -> Response {
    let shown = desk.picture(&token, &photo, PhotoSize::Preview, &headers).await;
    desk.form.answer(shown).await
}

impl PhotoDesk {
    async fn picture(&self, token: &str, photo: &str, size: PhotoSize, headers: &HeaderMap) -> Answer {
        let holder = self.holder(token, headers).await?;
        let photo = PhotoId::new(number(photo)?);
        let of = (holder.application.id, photo);
        let bytes = store::photo_bytes(&self.form.db, holder.org, of, size).await?;
        let name = format!("photo-{photo}");
        bytes
            .and_then(|bytes| serve(headers, &name, Serving::Never, bytes))
            .ok_or(Turn::Broken)
    }
}
