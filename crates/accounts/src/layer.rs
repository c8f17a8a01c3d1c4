//! Who asks: the layer that reads the session once a request, and the extractor that insists on one.

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header, request::Parts};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use db::DbError;
use web::{CsrfToken, Viewer};

use crate::addresses::NoSession;
use crate::cookies::Cookie;
use crate::local_path::LocalPath;
use crate::pages::failed;
use crate::session::{Secret, SessionKey};
use crate::{Accounts, LoginSession, SourceAddress};

impl Accounts {
    /// Wraps every route of the staff host: finds the login session and puts it, the [`Viewer`] and the
    /// [`CsrfToken`] into the request. Strangers pass; [`SignedIn`] and [`signed_in_only`] stop them.
    pub fn layer<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.layer(middleware::from_fn_with_state(self.clone(), load_session))
    }
}

async fn load_session(State(accounts): State<Accounts>, mut request: Request, next: Next) -> Response {
    if let Some(secret) = accounts.cookies.read(request.headers(), Cookie::Session) {
        let source = SourceAddress::of(request.extensions());
        match accounts.session_from(&secret, source).await {
            Ok(Some(mut session)) => {
                session.page = page_of(request.method(), request.uri(), request.headers());
                if session.must_set_up && !is_for_setting_up(request.uri().path()) {
                    return led_to_factors(&session);
                }
                let noted_at = if session.wants_note() {
                    session.asked_at
                } else {
                    session.seen_at
                };
                let extensions = request.extensions_mut();
                extensions.insert(session.viewer());
                extensions.insert(session.end(noted_at));
                extensions.insert(session.csrf.csrf());
                if let Some(reach) = accounts.reach(session.staff.roles) {
                    extensions.insert(reach);
                }
                extensions.insert(SignedIn(Arc::new(session)));
            }
            Ok(None) => match Ended::why(&accounts, &secret).await {
                Ok(why) => {
                    request.extensions_mut().insert(why);
                }
                Err(error) => return failed(error).into_response(),
            },
            Err(NoSession::Outside) => {
                request.extensions_mut().insert(Ended::Outside);
            }
            Err(NoSession::Db(error)) => return failed(error).into_response(),
        }
    }
    next.run(request).await
}

/// The pages that somebody whose organisation requires a second factor may use before there is one.
fn is_for_setting_up(path: &str) -> bool {
    const PAGES: [&str; 4] = ["/me/factors", "/me/stay", "/step-up", "/sign-out"];
    let below = |page: &&str| {
        path.strip_prefix(*page)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    PAGES.iter().any(below)
}

fn led_to_factors(session: &LoginSession) -> Response {
    if session.page.is_some() {
        Redirect::to("/me/factors?done=required").into_response()
    } else {
        (StatusCode::FORBIDDEN, "先に、2つ目の確認方法を登録してください。").into_response()
    }
}

/// The browser brought a session's cookie, but the session has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ended {
    /// By itself, or by something that the person did elsewhere.
    Quietly,
    /// With the contract that the person works under.
    ByContract,
    /// Just now, because the request came from outside the organisation's addresses.
    Outside,
}

impl Ended {
    async fn why(accounts: &Accounts, secret: &Secret) -> Result<Self, DbError> {
        let by_contract = accounts.ended_by_contract(secret).await?;
        Ok(if by_contract {
            Self::ByContract
        } else {
            Self::Quietly
        })
    }

    /// What the sign-in page says of it.
    const fn in_query(self) -> &'static str {
        match self {
            Self::Quietly => "&done=ended",
            Self::ByContract => "&done=contract",
            Self::Outside => "&done=outside",
        }
    }
}

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
    ended: Option<Ended>,
}

impl NotSignedIn {
    fn of(parts: &Parts) -> Self {
        Self {
            back: page_of(&parts.method, &parts.uri, &parts.headers),
            ended: parts.extensions.get::<Ended>().copied(),
        }
    }
}

/// The page that a request is, or that its form stood on; nothing for what is not shown as a page.
fn page_of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<LocalPath> {
    if !wants_page(headers) {
        return None;
    }
    let asked = match *method {
        Method::GET | Method::HEAD => uri.path_and_query().map(|path| path.as_str().to_owned()),
        // What a form would have done is not done; the page it stood on is where one begins again.
        _ => page_of_form(headers),
    };
    let page = asked.and_then(|path| LocalPath::parse(&path));
    Some(page.unwrap_or_else(LocalPath::home))
}

impl IntoResponse for NotSignedIn {
    fn into_response(self) -> Response {
        let Some(back) = self.back else {
            return (StatusCode::UNAUTHORIZED, "ログインしてください。").into_response();
        };
        let ended = self.ended.map_or("", Ended::in_query);
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

/// The hash of the secret that this browser's forms are bound to before there is a session.
#[derive(Clone)]
pub(crate) struct FormSecret(pub(crate) SessionKey);

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
    request.extensions_mut().insert(FormSecret(secret.key()));
    let mut response = next.run(request).await;
    if known.is_none() {
        let cookie = accounts.cookies.set(Cookie::Form, &secret);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}
