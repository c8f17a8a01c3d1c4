//! `POST /a/{token}/photos/{rule}`: one picture in one form, for browsers without JavaScript.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, Multipart, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::id::PhotoId;
use tokio::time::timeout;
use web::after_post;

use super::show::Said;
use super::take::Came;
use super::words::Say;
use super::{FORM_BYTES, PhotoDesk, comes_back};
use crate::limits::UPLOAD_LONGEST;
use crate::pages::turn::Answer;

pub(super) async fn submit(
    State(desk): State<PhotoDesk>,
    Path((token, rule)): Path<(String, String)>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let next = desk.whole(&token, &rule, &headers, request).await;
    desk.form.answer(next).await
}

impl PhotoDesk {
    async fn whole(&self, token: &str, rule: &str, headers: &HeaderMap, request: Request) -> Answer {
        let back = comes_back(request.uri());
        let holder = self.receive(token, headers).await?;
        let rule = holder.rule(rule)?;
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let expected = length.unwrap_or(FORM_BYTES).min(photo::limits::BYTES);
        // Known even if the picture is not taken: the next one takes the place of the same.
        let mut replaces = None;
        let received = match self.studio.room(expected) {
            None => Err(Say::ErrBusy),
            Some(room) => match timeout(UPLOAD_LONGEST, receive(request, &mut replaces)).await {
                Ok(came) => came.map(|came| (came, room)),
                Err(_) => Err(Say::ErrLost),
            },
        };
        let added = match received {
            Ok((came, _room)) => self.take(&holder, rule, came).await?,
            Err(say) => Err(say),
        };
        match added {
            Ok(photo) => {
                let to = holder.page(rule, &format!("added={photo}"), back);
                Ok(after_post(&format!("{to}#photos")).into_response())
            }
            Err(say) => {
                let said = Said {
                    error: Some(say),
                    again: replaces,
                    added: None,
                    back,
                };
                let page = self.page(&holder, rule, said).await?;
                let status = match say {
                    Say::ErrBusy => StatusCode::SERVICE_UNAVAILABLE,
                    _ => StatusCode::UNPROCESSABLE_ENTITY,
                };
                Ok((status, page).into_response())
            }
        }
    }
}

/// The form's fields. What is longer than a picture may be is heard to its end and dropped, so that the browser hears
/// why; what stops in the middle is said to have stopped.
async fn receive(request: Request, replaces: &mut Option<PhotoId>) -> Result<Came, Say> {
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|_| Say::ErrNone)?;
    let mut came = Came {
        bytes: Vec::new(),
        masked: false,
        replaces: None,
    };
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        match field.name() {
            Some("photo") => came.bytes = bytes(field).await?,
            Some("replaces") => *replaces = short(field).await?.parse().ok().map(PhotoId::new),
            _ => {}
        }
    }
    came.replaces = *replaces;
    Ok(came)
}

fn broken(error: &MultipartError) -> Say {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Say::ErrBytes,
        _ => Say::ErrLost,
    }
}

async fn bytes(mut field: Field<'_>) -> Result<Vec<u8>, Say> {
    let (mut bytes, mut too_long) = (Vec::new(), false);
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        too_long = too_long || bytes.len() + chunk.len() > photo::limits::BYTES;
        if !too_long {
            bytes.extend_from_slice(&chunk);
        }
    }
    if too_long {
        return Err(Say::ErrBytes);
    }
    Ok(bytes)
}

async fn short(mut field: Field<'_>) -> Result<String, Say> {
    const LONGEST: usize = 20;
    let mut text = String::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        if text.len() + chunk.len() <= LONGEST {
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
    Ok(text)
}
