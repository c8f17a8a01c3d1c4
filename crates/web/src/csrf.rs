//! Forms that only our own pages can send.
//!
//! Two independent checks, because each has failed somewhere: the browser's own word on where the
//! request comes from, and a token bound to the login session. The token in a page is masked with
//! fresh random bytes each time, so that compressed pages of different length tell nothing about it.

use axum::Form;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::{HeaderMap, header, request::Parts, uri::Authority};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use crate::PageError;

const SECRET_BYTES: usize = 32;
// A masked token is 86 letters; anything much longer is not one.
const TOKEN_LETTERS_MAX: usize = 128;
/// The name of the form field.
pub const FIELD: &str = "csrf";

/// The secret of one login session (or of the cookie that a sign-in page sets). Whoever knows the
/// session puts it into the request's extensions.
#[derive(Clone)]
pub struct CsrfToken([u8; SECRET_BYTES]);

impl std::fmt::Debug for CsrfToken {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("CsrfToken(…)")
    }
}

impl CsrfToken {
    /// From the 32 secret bytes that the session keeps.
    pub fn from_secret(secret: [u8; SECRET_BYTES]) -> Self {
        Self(secret)
    }

    /// The token as a form carries it: 86 letters, different each time.
    pub fn masked(&self) -> String {
        let mut bytes = [0_u8; 2 * SECRET_BYTES];
        let (mask, hidden) = bytes.split_at_mut(SECRET_BYTES);
        getrandom::fill(mask).expect("the operating system gives random bytes");
        for ((hidden, mask), secret) in hidden.iter_mut().zip(&*mask).zip(&self.0) {
            *hidden = mask ^ secret;
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Whether the form's token was made from this secret, in constant time.
    pub fn accepts(&self, submitted: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(submitted) else {
            return false;
        };
        let Some((mask, hidden)) = bytes.split_at_checked(SECRET_BYTES) else {
            return false;
        };
        let opened: Vec<u8> = mask
            .iter()
            .zip(hidden)
            .map(|(mask, hidden)| mask ^ hidden)
            .collect();
        hidden.len() == SECRET_BYTES && opened.ct_eq(&self.0).into()
    }
}

/// Whether the browser says that the request comes from a page of `host` (`name` or `name:port`).
///
/// `Sec-Fetch-Site` decides where the browser sends it (secure addresses and localhost), since no page
/// can forge it; otherwise the host in `Origin` has to be ours. A request with neither is refused.
pub fn same_origin(headers: &HeaderMap, host: &str) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    let Some(origin) = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let authority = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
}

/// A form (`application/x-www-form-urlencoded`) whose origin and token have been checked. The token is
/// taken out before `T` is read, so that `T` may refuse unknown fields; for repeated fields let `T` be
/// `Vec<(String, String)>`.
#[derive(Debug)]
pub struct CsrfForm<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for CsrfForm<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        let token = expected_token(&parts)?;
        let request = Request::from_parts(parts.clone(), body);
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| PageError::TooLarge)?;
        let (submitted, rest) = take_token(&bytes).ok_or(PageError::StaleForm)?;
        if !token.accepts(&submitted) {
            return Err(PageError::StaleForm);
        }
        let request = Request::from_parts(parts, Body::from(rest));
        let Form(form) = Form::from_request(request, state)
            .await
            .map_err(|_| PageError::Unreadable)?;
        Ok(Self(form))
    }
}

/// An upload (`multipart/form-data`) whose origin and token have been checked. The token has to be the
/// first field, before any file: nothing is read from a stranger. What is left are the other fields.
#[derive(Debug)]
pub struct CsrfMultipart(pub Multipart);

impl<S: Send + Sync> FromRequest<S> for CsrfMultipart {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        let token = expected_token(&parts)?;
        let request = Request::from_parts(parts, body);
        let mut form = Multipart::from_request(request, state)
            .await
            .map_err(|_| PageError::Unreadable)?;
        let submitted = first_field(&mut form).await.ok_or(PageError::StaleForm)?;
        if token.accepts(&submitted) {
            Ok(Self(form))
        } else {
            Err(PageError::StaleForm)
        }
    }
}

/// A request without a form (a script's `fetch`) whose origin and `x-csrf-token` have been checked.
#[derive(Clone, Copy, Debug)]
pub struct CsrfHeader;

impl<S: Sync> FromRequestParts<S> for CsrfHeader {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, PageError> {
        let token = expected_token(parts)?;
        let submitted = parts
            .headers
            .get("x-csrf-token")
            .and_then(|value| value.to_str().ok());
        if submitted.is_some_and(|submitted| token.accepts(submitted)) {
            Ok(Self)
        } else {
            Err(PageError::StaleForm)
        }
    }
}

/// The session's token, if the request comes from one of our pages.
fn expected_token(parts: &Parts) -> Result<CsrfToken, PageError> {
    let from_header = parts
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = from_header.or_else(|| parts.uri.authority().map(Authority::as_str));
    if !host.is_some_and(|host| same_origin(&parts.headers, host)) {
        return Err(PageError::StaleForm);
    }
    parts
        .extensions
        .get::<CsrfToken>()
        .cloned()
        .ok_or(PageError::StaleForm)
}

/// Splits a form body into its token and the other fields. The token's letters need no decoding.
fn take_token(body: &[u8]) -> Option<(String, Vec<u8>)> {
    let prefix = [FIELD.as_bytes(), b"="].concat();
    let mut tokens = Vec::new();
    let mut rest = Vec::new();
    for field in body.split(|byte| *byte == b'&') {
        match field.strip_prefix(prefix.as_slice()) {
            Some(token) => tokens.push(token),
            None => rest.push(field),
        }
    }
    match tokens.as_slice() {
        [token] => Some((String::from_utf8(token.to_vec()).ok()?, rest.join(&b'&'))),
        _ => None,
    }
}

async fn first_field(form: &mut Multipart) -> Option<String> {
    let mut field = form.next_field().await.ok()??;
    if field.name() != Some(FIELD) {
        return None;
    }
    let mut token = Vec::new();
    while let Some(chunk) = field.chunk().await.ok()? {
        token.extend_from_slice(&chunk);
        if token.len() > TOKEN_LETTERS_MAX {
            return None;
        }
    }
    String::from_utf8(token).ok()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::post;
    use proptest::prelude::*;
    use tower::ServiceExt;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn only_our_own_pages_are_same_origin() {
        let host = "sms.example.lg.jp";
        let ours = [
            vec![("sec-fetch-site", "same-origin")],
            vec![("origin", "https://sms.example.lg.jp")],
            vec![("sec-fetch-site", "same-origin"), ("origin", "null")],
        ];
        for case in ours {
            assert!(same_origin(&headers(&case), host), "{case:?}");
        }
        let foreign = [
            vec![],
            vec![("sec-fetch-site", "cross-site")],
            vec![("sec-fetch-site", "same-site")],
            vec![("sec-fetch-site", "none")],
            vec![
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://sms.example.lg.jp"),
            ],
            vec![("origin", "null")],
            vec![("origin", "https://sms.example.lg.jp.evil.example")],
            vec![("origin", "https://sms.example.lg.jp:8443")],
            vec![("referer", "https://sms.example.lg.jp/")],
        ];
        for case in foreign {
            assert!(!same_origin(&headers(&case), host), "{case:?}");
        }
    }

    #[test]
    fn a_token_differs_each_time_and_belongs_to_one_session() {
        let ours = CsrfToken::from_secret([7; 32]);
        let first = ours.masked();
        assert_ne!(first, ours.masked());
        assert!(ours.accepts(&first));
        assert!(!CsrfToken::from_secret([8; 32]).accepts(&first));
        assert!(!ours.accepts(""));
        assert!(!ours.accepts(&first[..43]));
    }

    proptest! {
        #[test]
        fn no_made_up_token_is_accepted(text in ".{0,200}", secret in any::<[u8; 32]>()) {
            prop_assert!(!CsrfToken::from_secret(secret).accepts(&text));
        }
    }

    async fn answer(body: String) -> (StatusCode, String) {
        type Fields = Vec<(String, String)>;
        let app = Router::new().route(
            "/",
            post(|CsrfForm(fields): CsrfForm<Fields>| async move { format!("{fields:?}") })
                .layer(axum::Extension(CsrfToken::from_secret([7; 32]))),
        );
        let request = Request::post("/")
            .header("host", "localhost")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap();
        let response = app.oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_form_arrives_without_its_token() {
        let token = CsrfToken::from_secret([7; 32]).masked();
        let (status, body) = answer(format!("exclude=3&csrf={token}&exclude=5")).await;
        assert_eq!(
            (status, body.as_str()),
            (StatusCode::OK, r#"[("exclude", "3"), ("exclude", "5")]"#)
        );
    }

    #[tokio::test]
    async fn a_form_without_or_with_two_tokens_is_refused() {
        let token = CsrfToken::from_secret([7; 32]).masked();
        let bodies = [
            "exclude=3".to_owned(),
            "csrf=".to_owned(),
            format!("csrf={}", CsrfToken::from_secret([8; 32]).masked()),
            format!("csrf={token}&csrf={token}"),
        ];
        for body in bodies {
            assert_eq!(answer(body.clone()).await.0, StatusCode::FORBIDDEN, "{body}");
        }
    }

    async fn upload(fields: &str) -> StatusCode {
        let app = Router::new().route(
            "/",
            post(|CsrfMultipart(mut form): CsrfMultipart| async move {
                let field = form.next_field().await.unwrap().unwrap();
                field.text().await.unwrap()
            })
            .layer(axum::Extension(CsrfToken::from_secret([7; 32]))),
        );
        let request = Request::post("/")
            .header("host", "localhost")
            .header("origin", "http://localhost")
            .header("content-type", "multipart/form-data; boundary=X")
            .body(Body::from(fields.to_owned()))
            .unwrap();
        app.oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn an_upload_needs_its_token_before_the_file() {
        let token = CsrfToken::from_secret([7; 32]).masked();
        let token = format!("--X\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n");
        let file = "--X\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nrows\r\n";
        assert_eq!(upload(&format!("{token}{file}--X--\r\n")).await, StatusCode::OK);
        assert_eq!(
            upload(&format!("{file}{token}--X--\r\n")).await,
            StatusCode::FORBIDDEN
        );
    }
}
