//! `GET /l/{token}`, `POST /l/{token}`, for residents: a short link out of an SMS.
//!
//! Phones, messengers and carriers look at links before people do. So looking changes nothing and tells nothing:
//! no name, no picture for a preview, the same page for everybody. Only the button counts. Nothing presses it
//! for the person, because what looks at links by itself also runs scripts.
//!
//! The form carries no token against forgery. Its address is the secret: a page that could send it to us
//! already holds the link.

use accounts::Accounts;
use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base::id::OrgId;
use db::{Db, DbError};
use web::{Errors, Language, Page, ResidentShell};

use super::wrong_report;
use crate::links::Token;
use crate::store::{self, Opening, SeenLink};

/// What stands in place of a name where there are several organisations.
pub const SERVICE: &str = "SMSによるお知らせ";

/// What the pages for residents work with. Cheap to clone.
#[derive(Clone)]
pub struct ResidentDesk {
    /// Where everything is kept.
    pub db: Db,
    /// Whose service it is.
    pub accounts: Accounts,
    /// Where to call, with hours; at the foot of each page.
    pub help: String,
}

/// The pages of this slice for the resident host.
pub fn resident_pages(desk: ResidentDesk) -> Router {
    Router::new()
        .route("/l/{token}", get(show).post(submit))
        .route("/l/{token}/wrong", post(wrong_report::submit_link))
        .route("/wrong", get(wrong_report::show).post(wrong_report::submit))
        .route(
            "/wrong/{word}",
            get(wrong_report::show_one).post(wrong_report::submit_to_one),
        )
        .route_layer(map_response(unseen))
        .with_state(desk)
}

/// Where the link leads is told nothing about it, and no search engine keeps it.
async fn unseen(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex, nofollow"),
    );
    response
}

#[derive(Template)]
#[template(path = "link_open.html")]
struct LinkOpen {
    shell: ResidentShell,
    /// The link's own address.
    action: String,
    /// Where the button leads.
    host: String,
}

#[derive(Template)]
#[template(path = "link_over.html")]
struct LinkOver {
    shell: ResidentShell,
}

#[derive(Template)]
#[template(path = "link_busy.html")]
struct LinkBusy {
    shell: ResidentShell,
}

async fn show(State(desk): State<ResidentDesk>, address: Uri) -> Response {
    match desk.look(&address).await {
        Ok(answer) => answer,
        Err(error) => desk.busy(&error),
    }
}

async fn submit(State(desk): State<ResidentDesk>, address: Uri) -> Response {
    match desk.open(&address).await {
        Ok(answer) => answer,
        Err(error) => desk.busy(&error),
    }
}

/// The token in an address. A token needs no escapes, so they are left as they are: a phone may have cut through
/// one.
fn token_of(address: &Uri) -> Option<Token> {
    Token::in_address(address.path().strip_prefix("/l/")?)
}

impl ResidentDesk {
    async fn look(&self, address: &Uri) -> Result<Response, DbError> {
        let Some(token) = token_of(address) else {
            return self.over(StatusCode::NOT_FOUND).await;
        };
        match store::see_link(&self.db, &token.index(&self.db)).await? {
            Some(link) if link.expires_at > self.db.now() => self.page(&token, &link).await,
            Some(_) => self.over(StatusCode::GONE).await,
            None => self.over(StatusCode::NOT_FOUND).await,
        }
    }

    async fn open(&self, address: &Uri) -> Result<Response, DbError> {
        let Some(token) = token_of(address) else {
            return self.over(StatusCode::NOT_FOUND).await;
        };
        match store::open_link(&self.db, token.index(&self.db)).await? {
            Opening::Opened(url) => Ok(Redirect::to(url.as_str()).into_response()),
            Opening::Expired => self.over(StatusCode::GONE).await,
            Opening::Unknown => self.over(StatusCode::NOT_FOUND).await,
        }
    }

    async fn page(&self, token: &Token, link: &SeenLink) -> Result<Response, DbError> {
        let page = LinkOpen {
            shell: self.shell(link.org, "ご案内があります").await?,
            action: format!("/l/{}", token.as_str()),
            host: link.url.host().to_owned(),
        };
        Ok((may_lead_out(), Page(page)).into_response())
    }

    /// Whose link it was is not known any more.
    async fn over(&self, status: StatusCode) -> Result<Response, DbError> {
        let shell = self.common_shell(None, "このリンクは使えません").await?;
        Ok((status, Page(LinkOver { shell })).into_response())
    }

    /// The database does not answer: the link may still be good.
    pub(super) fn busy(&self, error: &DbError) -> Response {
        tracing::error!(%error, "a link could not be looked up");
        let organisation = "お知らせ".to_owned();
        let shell = self.shell_of(organisation, "ただいま開けません");
        let retry = [(header::RETRY_AFTER, "60")];
        (StatusCode::SERVICE_UNAVAILABLE, retry, Page(LinkBusy { shell })).into_response()
    }

    pub(super) async fn shell(&self, org: OrgId, title: &str) -> Result<ResidentShell, DbError> {
        let organisation = self.accounts.organisation_name(org).await?;
        Ok(self.shell_of(organisation.to_string(), title))
    }

    /// For a page that is about nobody's message: with the name of the organisation whose word stands in its address, or
    /// of the only one; where there are several, with none of them.
    pub(super) async fn common_shell(
        &self,
        word: Option<&str>,
        title: &str,
    ) -> Result<ResidentShell, DbError> {
        let all = self.accounts.public_organisations().await?;
        let meant = match (word, all.as_slice()) {
            (_, [only]) => Some(only),
            (None, _) => None,
            (Some(word), all) => all.iter().find(|org| org.public_word() == *word),
        };
        let name = meant.map_or_else(|| SERVICE.to_owned(), |org| org.name.to_string());
        Ok(self.shell_of(name, title))
    }

    fn shell_of(&self, organisation: String, title: &str) -> ResidentShell {
        ResidentShell {
            title: title.to_owned(),
            organisation,
            help: self.help.clone(),
            language: Language::Japanese,
            errors: Errors::default(),
        }
    }
}

/// The button is a form that ends on another site. Browsers hold the page's `form-action` against every
/// address that the answer leads through, also where that site leads on to another of its hosts.
fn may_lead_out() -> HeaderMap {
    let policy = web::headers::CONTENT_SECURITY_POLICY;
    let policy = policy.replace("form-action 'self'", "form-action 'self' https:");
    let policy = HeaderValue::try_from(policy).expect("the policy is plain text");
    HeaderMap::from_iter([(header::CONTENT_SECURITY_POLICY, policy)])
}
