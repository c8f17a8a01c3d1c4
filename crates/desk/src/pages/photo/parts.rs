//! `POST /a/{token}/photos/{rule}/uploads` and what follows, for `photo.js`: a picture part by part, gone on with
//! after a break. Answers are JSON; what is said to people in them is in their language.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base::id::{PhotoId, PhotoUploadId};
use serde::{Deserialize, Serialize};

use super::take::Came;
use super::words::Say;
use super::{Holder, PhotoDesk, number};
use crate::limits::UPLOAD_PART;
use crate::pages::turn::{Answer, Turn};
use crate::store::{self, NewUpload};

/// Longest mark: a SHA-256 in hexadecimal digits.
const MARK_LETTERS: usize = 64;

/// What a picture is that is about to come.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    mark: String,
    bytes: usize,
    masked: bool,
}

#[derive(Serialize)]
struct Begun {
    upload: i64,
    /// Bytes of a part.
    part: usize,
    /// Those that need not be sent again.
    arrived: Vec<usize>,
}

/// Which picture the finished one takes the place of.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Done {
    replaces: Option<i64>,
}

#[derive(Serialize)]
struct Goes {
    /// Where the browser goes on.
    to: String,
}

#[derive(Serialize)]
struct Refused {
    /// What is said to the person.
    said: String,
}

pub(super) async fn begin(
    State(desk): State<PhotoDesk>,
    Path((token, rule)): Path<(String, String)>,
    headers: HeaderMap,
    Form(begin): Form<Begin>,
) -> Response {
    let next = desk.begin(&token, &rule, &headers, begin).await;
    scripted(next)
}

pub(super) async fn part(
    State(desk): State<PhotoDesk>,
    Path((token, rule, upload, part)): Path<(String, String, String, String)>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let kept = desk.part(&token, &rule, &headers, (&upload, &part, bytes)).await;
    scripted(kept)
}

pub(super) async fn done(
    State(desk): State<PhotoDesk>,
    Path((token, rule, upload)): Path<(String, String, String)>,
    headers: HeaderMap,
    Form(done): Form<Done>,
) -> Response {
    let answer = desk.done(&token, &rule, &headers, (&upload, done)).await;
    scripted(answer)
}

/// A script follows no page: it is told where the person goes, or that it can be tried again.
fn scripted(answer: Answer) -> Response {
    match answer {
        Ok(response) => response,
        Err(Turn::To(to)) => (StatusCode::CONFLICT, Json(Goes { to })).into_response(),
        Err(Turn::Busy(error)) => {
            tracing::error!(%error, "a part of a photo could not be kept");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(Turn::Broken) => StatusCode::NOT_FOUND.into_response(),
        Err(Turn::Stale) => StatusCode::FORBIDDEN.into_response(),
        Err(Turn::TooOften) => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Err(Turn::Unreadable) => StatusCode::BAD_REQUEST.into_response(),
    }
}

fn refused(holder: &Holder, say: Say) -> Response {
    let said = say.shown(holder.language).plain().to_owned();
    (StatusCode::UNPROCESSABLE_ENTITY, Json(Refused { said })).into_response()
}

impl PhotoDesk {
    async fn begin(&self, token: &str, rule: &str, headers: &HeaderMap, begin: Begin) -> Answer {
        let holder = self.receive(token, headers).await?;
        let rule = holder.rule(rule)?;
        if begin.bytes > photo::limits::BYTES {
            return Ok(refused(&holder, Say::ErrBytes));
        }
        if begin.bytes == 0 || begin.mark.is_empty() || begin.mark.len() > MARK_LETTERS {
            return Err(Turn::Unreadable);
        }
        let new = NewUpload {
            rule: rule.key.clone(),
            mark: begin.mark,
            bytes: begin.bytes,
            masked: begin.masked,
        };
        let upload = store::begin_upload(&self.form.db, holder.org, holder.application.id, new).await?;
        Ok(Json(Begun {
            upload: upload.id.get(),
            part: UPLOAD_PART,
            arrived: upload.arrived,
        })
        .into_response())
    }

    async fn part(
        &self,
        token: &str,
        rule: &str,
        headers: &HeaderMap,
        (upload, part, bytes): (&str, &str, Bytes),
    ) -> Answer {
        let holder = self.receive(token, headers).await?;
        holder.rule(rule)?;
        let of = (holder.application.id, PhotoUploadId::new(number(upload)?));
        let part = usize::try_from(number(part)?).map_err(|_| Turn::Broken)?;
        let kept = store::keep_part(&self.form.db, holder.org, of, (part, bytes.to_vec())).await?;
        // One that is not waited for any more: the script begins again.
        Ok(if kept {
            StatusCode::NO_CONTENT
        } else {
            StatusCode::GONE
        }
        .into_response())
    }

    async fn done(
        &self,
        token: &str,
        rule: &str,
        headers: &HeaderMap,
        (upload, done): (&str, Done),
    ) -> Answer {
        let holder = self.receive(token, headers).await?;
        let rule = holder.rule(rule)?;
        let of = (holder.application.id, PhotoUploadId::new(number(upload)?));
        let (db, org) = (&self.form.db, holder.org);
        let Some(length) = store::upload_bytes(db, org, of).await? else {
            return Ok(StatusCode::GONE.into_response());
        };
        let Some(_room) = self.studio.room(length) else {
            return Ok(StatusCode::SERVICE_UNAVAILABLE.into_response());
        };
        let Some(whole) = store::arrived_whole(db, org, of).await? else {
            return Ok(StatusCode::GONE.into_response());
        };
        if whole.rule != rule.key {
            return Err(Turn::Unreadable);
        }
        let came = Came {
            bytes: whole.bytes,
            masked: whole.masked,
            replaces: done.replaces.map(PhotoId::new),
        };
        let added = self.take(&holder, rule, came).await?;
        // The house failed, not the picture: its parts stay for the next try.
        if !matches!(added, Err(Say::ErrBusy)) {
            store::end_upload(db, org, of).await?;
        }
        Ok(match added {
            Ok(photo) => {
                let to = holder.page(rule, &format!("added={photo}"), false) + "#photos";
                Json(Goes { to }).into_response()
            }
            Err(say) => refused(&holder, say),
        })
    }
}
