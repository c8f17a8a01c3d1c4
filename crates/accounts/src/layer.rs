//! Who asks: the layer that reads the session once a request, and the extractor that insists on one.

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header, request::Parts};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use web::{CsrfToken, Viewer};

use crate::cookies::Cookie;
use crate::local_path::LocalPath;
use crate::pages::failed;
use crate::session::Secret;
use crate::{Accounts, LoginSession};

impl Accounts {
    /// Wraps every route of the staff host: finds the login session and puts it, the [`Viewer`] and the
    /// [`CsrfToken`] into the request. Strangers pass; [`SignedIn`] and [`signed_in_only`] stop them.
    pub fn layer<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.layer(middleware::from_fn_with_state(self.clone(), load_session))
    }
}

async fn load_session(State(accounts): State<Accounts>, mut request: Request, next: Next) -> Response {
    if let Some(secret) = accounts.cookies.read(request.headers(), Cookie::Session) {
        match accounts.session(&secret).await {
            Ok(Some(session)) => {
                let extensions = request.extensions_mut();
                extensions.insert(session.viewer());
                extensions.insert(session.csrf.csrf());
                if let Some(reach) = accounts.reach(session.staff.roles) {
                    extensions.insert(reach);
                }
                extensions.insert(SignedIn(Arc::new(session)));
            }
            Ok(None) => {
                request.extensions_mut().insert(Ended);
            }
            Err(error) => return failed(error).into_response(),
        }
    }
    next.run(request).await
}

/// The browser brought a session's cookie, but the session has ended.
#[derive(Clone, Copy)]
struct Ended;

/// The signed-in person; the extractor of every handler that is not for strangers.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Arc<LoginSession>);

impl Deref for SignedIn {
    type Target = LoginSession;

    fn deref(&self) -> &LoginSession {
        &self.0
    }
}

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = NotSignedIn;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotSignedIn> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(|| NotSignedIn::of(parts))
    }
}

/// Closes every route that `router` has so far to whoever is not signed in.
pub fn signed_in_only<S: Clone + Send + Sync + 'static>(router: Router<S>) -> Router<S> {
    router.route_layer(middleware::from_extractor::<SignedIn>())
}

/// The answer to a stranger: a page leads to the sign-in page and back; anything else is 401.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotSignedIn {
    back: Option<LocalPath>,
    ended: bool,
}

impl NotSignedIn {
    fn of(parts: &Parts) -> Self {
        let ended = parts.extensions.get::<Ended>().is_some();
        if !wants_page(&parts.headers) {
            return Self { back: None, ended };
        }
        let asked = match parts.method {
            Method::GET | Method::HEAD => parts.uri.path_and_query().map(|path| path.as_str().to_owned()),
            // What a form would have done is lost; the page it stood on is where one begins again.
            _ => page_of_form(&parts.headers),
        };
        let back = asked
            .and_then(|path| LocalPath::parse(&path))
            .unwrap_or_else(LocalPath::home);
        Self {
            back: Some(back),
            ended,
        }
    }
}

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        let Some(back) = self.back else {
            return (StatusCode::UNAUTHORIZED, "ログインしてください。").into_response();
        };
        let ended = if self.ended { "&done=ended" } else { "" };
        Redirect::to(&format!("/sign-in?next={}{ended}", back.in_query())).into_response()
    }
}

/// Whether the browser is about to show the answer as a page.
fn wants_page(headers: &HeaderMap) -> bool {
    if let Some(mode) = headers.get("sec-fetch-mode") {
        return mode == "navigate";
    }
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The path of the page that a form was sent from, if that page is of this host.
fn page_of_form(headers: &HeaderMap) -> Option<String> {
    let referer = headers.get(header::REFERER)?.to_str().ok()?;
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let (_, rest) = referer.split_once("://")?;
    let path = rest.strip_prefix(host)?;
    path.starts_with('/').then(|| path.to_owned())
}

/// For the pages before signing in: their forms are bound to a secret of the browser's own instead of a
/// session's, so that a form opened in one tab still works after signing in in another.
pub(crate) async fn before_sign_in(
    State(accounts): State<Accounts>,
    mut request: Request,
    next: Next,
) -> Response {
    let known = accounts.cookies.read(request.headers(), Cookie::Form);
    let secret = known.clone().unwrap_or_else(Secret::new);
    request.extensions_mut().insert::<CsrfToken>(secret.csrf());
    request.extensions_mut().remove::<Viewer>();
    let mut response = next.run(request).await;
    if known.is_none() {
        let cookie = accounts.cookies.set(Cookie::Form, &secret);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
