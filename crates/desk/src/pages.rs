//! The pages of this slice. `review_*`: staff look through applications and judge them. All others:
//! the pages of forms, on the resident host: the link and its birth date, then one question after another. Everything
//! works without JavaScript.
//!
//! Looking (GET) changes nothing, because phones, messengers and carriers look at links by themselves, and shows
//! nothing of anybody before the birth date was given. The forms carry no token of their own against forgery: the
//! address holds the secret, the cookie goes with no request of another site, and the browser has to say that the
//! form is ours ([`web::csrf::same_origin`]).

mod accessibility;
mod application_certificate;
mod apply;
mod apply_address;
mod apply_again;
mod apply_asks;
mod apply_birth;
mod apply_check;
mod apply_code;
mod apply_consent;
mod apply_done;
mod apply_family;
mod apply_fields;
mod apply_gate;
mod apply_guardian;
mod apply_kit;
mod apply_language;
mod apply_leave;
mod apply_name;
mod apply_next;
mod apply_number;
mod apply_phone;
mod apply_photos;
mod apply_proxy;
mod apply_question;
mod apply_result;
mod apply_step;
mod apply_stop;
mod apply_turn;
mod apply_way;
mod apply_withdraw;
mod certificate_check;
mod code_limits;
mod control;
mod delivery_list;
mod desk_add;
mod desk_approve;
mod desk_begun;
mod desk_changes;
mod desk_close;
mod desk_consent;
mod desk_draft;
mod desk_edit;
mod desk_find;
mod desk_form;
mod desk_json;
mod desk_link;
mod desk_list;
mod desk_load;
mod desk_mistakes;
mod desk_new;
mod desk_places;
mod desk_preview;
mod desk_routes;
mod desk_show;
mod desk_status;
mod desk_top;
mod desk_values;
mod desk_version;
mod desk_withdraw;
mod desk_words;
mod form_begin;
mod form_check;
mod form_done;
mod form_language;
mod form_leave;
mod form_question;
mod form_start;
mod form_stop;
mod invited;
mod languages;
mod outcome_day;
mod outcome_desk;
mod outcome_list;
mod outcome_load;
mod outcome_lock;
mod outcome_open;
mod outcome_people;
mod outcome_quality;
mod outcome_routes;
mod outcome_send;
mod outcome_sheet;
mod photo;
mod photo_staff;
mod resident_errors;
mod review_act;
mod review_check;
mod review_choices;
mod review_correct;
mod review_desk;
mod review_differences;
mod review_facts;
mod review_home;
mod review_keys;
mod review_last;
mod review_list;
mod review_load;
mod review_look;
mod review_next;
mod review_photos;
mod review_record;
mod review_renew;
mod review_routes;
mod review_show;
mod review_today;
mod review_undo;
mod review_words;
mod turn;

use accounts::Accounts;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::HeaderName;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use base::id::OrgId;
use db::{Db, DbError};
use messaging::pages::{Desk, SERVICE};
use web::{Errors, Language, ResidentShell};

pub use self::application_certificate::certificate_file;
pub use self::apply::{ApplyDesk, Holder, apply_pages, holder, lets_in};
pub use self::code_limits::code_limit_pages;
pub use self::desk_routes::desk_pages;
use self::languages::{Languages, Way};
pub use self::outcome_day::{outcome_tiles, warn_of_the_day};
pub use self::outcome_routes::outcome_pages;
pub use self::photo::{AskLetIn, LetIn, PhotoDesk, photo_pages};
pub use self::photo_staff::{PhotoStaff, photo_staff_pages};
pub use self::resident_errors::resident_errors;
pub use self::review_home::{check_tiles, review_starts};
pub use self::review_keys::own_keys;
pub use self::review_routes::review_pages;
use self::turn::Turn;
use crate::form::{Shown, Step, Word};
use crate::limits::{ANSWER_BYTES, FORM_BYTES};
use crate::request::{FormToken, RequestState};
use crate::store::{self, OpenRequest};
use crate::visit::VisitSecret;

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct FormDesk {
    /// Where everything is kept.
    pub db: Db,
    /// Whose service it is.
    pub accounts: Accounts,
    /// Where to call, with hours; at the foot of each page.
    pub help: String,
    /// Whether browsers reach the resident host by https.
    pub https: bool,
}

/// The pages of this slice for the resident host.
pub fn form_pages(desk: FormDesk) -> Router {
    Router::new()
        .route("/f/{token}", get(form_start::show).post(form_start::submit))
        .route("/f/{token}/begin", get(form_begin::show))
        .route(
            "/f/{token}/q/{page}",
            get(form_question::show).post(form_question::submit),
        )
        .route("/f/{token}/check", get(form_check::show).post(form_check::submit))
        .route("/f/{token}/stop", get(form_stop::show))
        .route("/f/{token}/done", get(form_done::show))
        .route("/f/{token}/language", post(form_language::submit))
        .route("/f/{token}/leave", post(form_leave::submit))
        .route("/f/{token}/later", get(form_leave::later))
        .route("/f/{token}/left", get(form_leave::left))
        .route(
            "/v/{token}",
            get(certificate_check::show).post(certificate_check::submit),
        )
        .layer(DefaultBodyLimit::max(ANSWER_BYTES))
        .route_layer(map_response(unseen))
        .with_state(desk)
}

/// What leaves desks on paper and as files, for the staff host.
pub fn paper_pages(desk: Desk) -> Router {
    Router::new()
        .route(
            "/applications/{id}/certificate",
            get(application_certificate::show),
        )
        .route(
            "/desks/{id}/deliveries",
            get(delivery_list::show).post(delivery_list::submit),
        )
        .route("/desks/{id}/deliveries/{list}", post(delivery_list::again))
        .route(
            "/desks/{id}/deliveries/{list}/fetch/{request}",
            post(delivery_list::fetch),
        )
        .route_layer(DefaultBodyLimit::max(FORM_BYTES))
        .with_state(desk)
}

/// No search engine keeps it. Where a link leads is told to no other site by what every answer carries.
async fn unseen(mut response: Response) -> Response {
    let robots = HeaderName::from_static("x-robots-tag");
    response
        .headers_mut()
        .insert(robots, HeaderValue::from_static("noindex, nofollow"));
    response
}

/// A browser that was let in, with what it may see.
struct Visitor {
    token: FormToken,
    secret: VisitSecret,
    open: OpenRequest,
}

impl Visitor {
    /// The address of one of the pages.
    fn at(&self, page: &str) -> String {
        format!("{}/{page}", self.token.path())
    }

    /// The address of a step.
    fn step(&self, step: &Step, from_check: bool) -> String {
        match step {
            Step::Check => self.at("check"),
            Step::Page(page) => {
                let back = if from_check { "?back=check" } else { "" };
                self.at(&format!("q/{page}{back}"))
            }
        }
    }

    /// Where the filling-in goes on.
    fn resume(&self) -> String {
        self.step(&self.open.filling.resume(&self.open.form), false)
    }

    /// What stands below the pages of a form: that nobody has read its translation.
    fn unreviewed(&self) -> Option<Shown> {
        let language = self.open.language;
        let unreviewed = self.open.form.unreviewed(language);
        unreviewed.then(|| Word::Unreviewed.shown(language))
    }

    /// The choice of languages, for a page that has no form of its own.
    fn languages(&self, page: &str) -> Languages {
        Languages {
            present: self.open.language,
            offered: self.open.form.languages(),
            way: Way::Form {
                action: self.at("language"),
                page: page.to_owned(),
            },
        }
    }
}

impl FormDesk {
    /// Who may see the pages of this link: the birth date was given in this browser a short while ago.
    async fn enter(&self, token: &str, headers: &HeaderMap) -> Result<Visitor, Turn> {
        let visitor = self.visitor(token, headers).await?;
        match visitor.open.state(self.db.now()) {
            RequestState::Open => Ok(visitor),
            RequestState::Answered => Err(Turn::To(visitor.at("done"))),
            _ => Err(Turn::To(visitor.token.path())),
        }
    }

    /// The same for a form that comes in.
    async fn receive(&self, token: &str, headers: &HeaderMap) -> Result<Visitor, Turn> {
        if !is_own_form(headers) {
            return Err(Turn::Stale);
        }
        self.enter(token, headers).await
    }

    /// Whatever became of the request meanwhile.
    async fn visitor(&self, token: &str, headers: &HeaderMap) -> Result<Visitor, Turn> {
        let token = FormToken::in_address(token).ok_or(Turn::Broken)?;
        let outside = || Turn::To(token.path());
        let secret = VisitSecret::in_headers(headers, self.https).ok_or_else(outside)?;
        let open = store::visit(&self.db, &secret, &token).await?;
        let open = open.ok_or_else(outside)?;
        Ok(Visitor { token, secret, open })
    }

    async fn shell(&self, org: OrgId, title: &Shown, language: Language) -> Result<ResidentShell, DbError> {
        let organisation = self.accounts.organisation_name(org).await?;
        Ok(self.shell_of(organisation.to_string(), title, language))
    }

    /// The same where it is not known whose form it is: with the only organisation's name, or with nobody's.
    async fn shell_for(
        &self,
        org: Option<OrgId>,
        title: &Shown,
        language: Language,
    ) -> Result<ResidentShell, DbError> {
        if let Some(org) = org {
            return self.shell(org, title, language).await;
        }
        let name = match self.accounts.public_organisations().await?.as_slice() {
            [only] => only.name.to_string(),
            _ => SERVICE.to_owned(),
        };
        Ok(self.shell_of(name, title, language))
    }

    fn shell_of(&self, organisation: String, title: &Shown, language: Language) -> ResidentShell {
        ResidentShell {
            title: title.plain().to_owned(),
            organisation,
            help: self.help.clone(),
            language,
            errors: Errors::default(),
        }
    }

    /// Whom to telephone about this request.
    fn contact(&self, own: Option<&String>) -> String {
        own.unwrap_or(&self.help).clone()
    }
}

/// Whether the browser says that the form stands on a page of ours.
fn is_own_form(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| web::csrf::same_origin(headers, host))
}

/// A word of ours in the query of an address. Such words need no escapes.
fn word_in<'a>(address: &'a Uri, name: &str) -> &'a str {
    let query = address.query().unwrap_or_default();
    let mut fields = query.split('&').filter_map(|field| field.split_once('='));
    fields
        .find(|(field, _)| *field == name)
        .map_or("", |(_, value)| value)
}
