//! The photos of an application, on the resident host: one page for each rule of the desk, behind the link of the
//! application and in the browser that was let in.
//!
//! Without JavaScript a form sends one picture. With it the picture is made smaller on the device, sent part by part
//! and gone on with after a break, and numbers can be covered before anything leaves. Either way everything else that
//! was filled in stands in the database already: a picture that fails loses nothing.

mod images;
mod parts;
mod remove;
mod show;
mod submit;
mod take;
mod words;

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Uri};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use base::id::OrgId;
use db::DbError;
use web::Language;

pub(super) use self::images::{Serving, serve};
use super::turn::{Answer, Turn};
use super::{FormDesk, is_own_form, unseen, word_in};
use crate::application::{Application, ApplicationToken};
use crate::document::{DeskDocument, PhotoRule};
use crate::form::Key;
use crate::limits::UPLOAD_PART;
use crate::photos::Studio;
use crate::store;

/// What is too long for a picture is heard to its end up to here, so that the browser hears why it is not taken.
const FORM_BYTES: usize = 3 * photo::limits::BYTES;

/// What addresses have where somebody came from the page that checks everything.
const BACK: &str = "back=check";

fn comes_back(address: &Uri) -> bool {
    word_in(address, "back") == "check"
}

/// Whether a browser was let in.
pub type LetIn = Pin<Box<dyn Future<Output = Result<bool, DbError>> + Send>>;

/// How it is known whether the browser of these headers was let in for the application of a link (the letters of its
/// address): whoever lets in says so.
pub type AskLetIn = Arc<dyn Fn(String, HeaderMap) -> LetIn + Send + Sync>;

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct PhotoDesk {
    /// Whose service it is, and what every page of a resident needs.
    pub form: FormDesk,
    /// Where pictures are made ours.
    pub studio: Studio,
    /// Who may see an application's pictures.
    pub let_in: AskLetIn,
}

/// The pages of photos for the resident host.
pub fn photo_pages(desk: PhotoDesk) -> Router {
    let whole = Router::new()
        .route("/a/{token}/photos/{rule}", get(show::show).post(submit::submit))
        .layer(DefaultBodyLimit::max(FORM_BYTES));
    Router::new()
        .route("/a/{token}/photos", get(first))
        .route("/a/{token}/photos/{rule}/uploads", post(parts::begin))
        .route(
            "/a/{token}/photos/{rule}/uploads/{upload}/parts/{part}",
            post(parts::part),
        )
        .route(
            "/a/{token}/photos/{rule}/uploads/{upload}/done",
            post(parts::done),
        )
        .route("/a/{token}/photos/{rule}/{photo}/image", get(images::image))
        .route("/a/{token}/photos/{rule}/{photo}/preview", get(images::preview))
        .route("/a/{token}/photos/{rule}/{photo}/remove", post(remove::submit))
        .layer(DefaultBodyLimit::max(UPLOAD_PART))
        .merge(whole)
        .route_layer(map_response(unseen))
        .with_state(desk)
}

/// A browser that was let in, with the application that it may see.
struct Holder {
    token: ApplicationToken,
    org: OrgId,
    application: Application,
    document: Arc<DeskDocument>,
    language: Language,
}

impl Holder {
    /// The address of one of the application's pages.
    fn at(&self, page: &str) -> String {
        format!("{}/{page}", self.token.path())
    }

    /// The address of a rule's page, with what it is asked; `back`: somebody came from the page that checks everything.
    fn page(&self, rule: &PhotoRule, asked: &str, back: bool) -> String {
        let back = if back { BACK } else { "" };
        let joined: Vec<&str> = [asked, back].into_iter().filter(|one| !one.is_empty()).collect();
        let asked = if joined.is_empty() {
            String::new()
        } else {
            format!("?{}", joined.join("&"))
        };
        self.at(&format!("photos/{}{asked}", rule.key))
    }

    /// Where somebody goes on from a rule's page: to the next one, also if it needs no picture.
    fn after(&self, rule: &PhotoRule, back: bool) -> String {
        let asked = self.asked();
        let mut later = asked.into_iter().skip_while(|one| one.key != rule.key).skip(1);
        match later.next().filter(|_| !back) {
            Some(next) => self.page(next, "", false),
            None => self.at("next"),
        }
    }

    /// The rules whose pictures may be changed.
    fn asked(&self) -> Vec<&PhotoRule> {
        store::photos_asked(&self.application, &self.document)
    }

    /// The rule of this name, if its pictures may be changed; whoever asks for another goes on where they are.
    fn rule(&self, key: &str) -> Result<&PhotoRule, Turn> {
        let asked = self.asked().into_iter();
        let mut found = asked.filter(|rule| rule.key.as_str() == key);
        found.next().ok_or_else(|| Turn::To(self.at("next")))
    }
}

impl PhotoDesk {
    /// Who may see the pictures of this link. The one place that knows how a browser is let in.
    async fn holder(&self, token: &str, headers: &HeaderMap) -> Result<Holder, Turn> {
        let token = ApplicationToken::in_address(token).ok_or(Turn::Broken)?;
        let db = &self.form.db;
        let (org, id) = store::application_of_link(db, &token)
            .await?
            .ok_or(Turn::Broken)?;
        if !(self.let_in)(token.as_str().to_owned(), headers.clone()).await? {
            return Err(Turn::To(token.path()));
        }
        let application = store::application(db, org, id).await?.ok_or(Turn::Broken)?;
        let of = (application.desk, application.version);
        let document = store::document(db, org, of).await?.ok_or(Turn::Broken)?;
        Ok(Holder {
            token,
            org,
            language: application.language,
            application,
            document: Arc::new(document),
        })
    }

    /// The same for what comes in.
    async fn receive(&self, token: &str, headers: &HeaderMap) -> Result<Holder, Turn> {
        if !is_own_form(headers) {
            return Err(Turn::Stale);
        }
        self.holder(token, headers).await
    }
}

/// A number in an address of ours.
fn number(text: &str) -> Result<i64, Turn> {
    text.parse().map_err(|_| Turn::Broken)
}

/// `GET /a/{token}/photos`: the first rule that lacks pictures, else the first that may be changed.
async fn first(State(desk): State<PhotoDesk>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    let shown = first_rule(&desk, &token, &headers).await;
    desk.form.answer(shown).await
}

async fn first_rule(desk: &PhotoDesk, token: &str, headers: &HeaderMap) -> Answer {
    let holder = desk.holder(token, headers).await?;
    let lacking = store::photos_missing(&desk.form.db, holder.org, &holder.application, &holder.document);
    let lacking = lacking.await?;
    let asked = holder.asked();
    let lacks = |rule: &&&PhotoRule| lacking.contains(&rule.key);
    let key: Option<&Key> = asked.iter().find(lacks).or(asked.first()).map(|rule| &rule.key);
    Err(Turn::To(match key {
        Some(key) => holder.at(&format!("photos/{key}")),
        None => holder.at("next"),
    }))
}
