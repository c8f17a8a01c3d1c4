//! The pages by which people apply at a desk by themselves, on the resident host: phone first, no account, one thing a
//! page, all of it without JavaScript.
//!
//! What is filled in is kept with each page. A browser that began an application may go on with it for a while by its
//! cookie; afterwards, and for the result, the birth date is asked. Looking (GET) changes nothing. The forms carry no
//! token of their own, as those of forms: the address holds the secret, the cookie goes with no request of another
//! site, and the browser has to say that the form is ours.

use std::sync::Arc;

use accounts::Accounts;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderMap;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use base::date::CalendarDate;
use base::id::OrgId;
use db::{Db, DbError};
use messaging::pages::SERVICE;
use web::{Errors, Language, ResidentShell};

use super::apply_asks::Asks;
use super::apply_turn::{Answer, Instead};
use super::languages::{Languages, Way};
use super::{
    accessibility, apply_address, apply_again, apply_asks, apply_birth, apply_check, apply_code,
    apply_consent, apply_done, apply_family, apply_gate, apply_guardian, apply_kit, apply_language,
    apply_leave, apply_name, apply_next, apply_number, apply_proxy, apply_question, apply_result, apply_stop,
    apply_way, apply_withdraw, desk_consent, desk_status, desk_top, invited, is_own_form, unseen,
};
use crate::application::{Application, ApplicationToken, Journey, Stage, State};
use crate::document::{Again, DeskDocument, Outcome};
use crate::form::{Key, Shown, Typed, Word};
use crate::limits::{ANSWER_BYTES, RESULT_SHOWN};
use crate::store::{self, Entrance};
use crate::visit::VisitSecret;

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct ApplyDesk {
    /// Where everything is kept.
    pub db: Db,
    /// Whose service it is.
    pub accounts: Accounts,
    /// By which codes and results are sent.
    pub desk: messaging::pages::Desk,
    /// Where to call, with hours; at the foot of each page.
    pub help: String,
    /// Whether browsers reach the resident host by https.
    pub https: bool,
}

/// The pages of desks and applications for the resident host.
pub fn apply_pages(desk: ApplyDesk) -> Router {
    Router::new()
        .route("/accessibility", get(accessibility::show))
        .route("/d/{desk}", get(desk_top::show))
        .route(
            "/d/{desk}/consent",
            get(desk_consent::show).post(desk_consent::submit),
        )
        .route(
            "/d/{desk}/status",
            get(desk_status::show).post(desk_status::submit),
        )
        .route("/i/{token}", get(invited::show).post(invited::submit))
        .route("/a/{token}", get(apply_gate::show).post(apply_gate::submit))
        .route("/a/{token}/next", get(apply_next::show))
        .route(
            "/a/{token}/consent",
            get(apply_consent::show).post(apply_consent::submit),
        )
        .route(
            "/a/{token}/e/{page}",
            get(apply_question::show_eligibility).post(apply_question::submit_eligibility),
        )
        .route("/a/{token}/way", get(apply_way::show))
        .route("/a/{token}/name", asks::<apply_name::Name>())
        .route("/a/{token}/birth", asks::<apply_birth::Birth>())
        .route("/a/{token}/guardian", asks::<apply_guardian::Guardian>())
        .route("/a/{token}/proxy", asks::<apply_proxy::Proxy>())
        .route("/a/{token}/address", asks::<apply_address::PostalAddress>())
        .route(
            "/a/{token}/phone",
            get(apply_number::show).post(apply_number::submit),
        )
        .route("/a/{token}/code", get(apply_code::show).post(apply_code::submit))
        .route(
            "/a/{token}/q/{page}",
            get(apply_question::show).post(apply_question::submit),
        )
        .route("/a/{token}/stop", get(apply_stop::show))
        .route("/a/{token}/kit", asks::<apply_kit::KitUsed>())
        .route(
            "/a/{token}/check",
            get(apply_check::show).post(apply_check::submit),
        )
        .route("/a/{token}/done", get(apply_done::show))
        .route("/a/{token}/again", get(apply_again::show))
        .route("/a/{token}/result", get(apply_result::show))
        .route("/a/{token}/certificate", get(apply_result::certificate))
        .route(
            "/a/{token}/withdraw",
            get(apply_withdraw::show).post(apply_withdraw::submit),
        )
        .route("/a/{token}/family", post(apply_family::submit))
        .route("/a/{token}/language", post(apply_language::submit))
        .route("/a/{token}/leave", post(apply_leave::submit))
        .route("/a/{token}/left", get(apply_leave::left))
        .layer(DefaultBodyLimit::max(ANSWER_BYTES))
        .route_layer(map_response(unseen))
        .with_state(desk)
}

/// The two ways to a page that asks the same of everybody.
fn asks<A: Asks + 'static>() -> MethodRouter<ApplyDesk> {
    get(apply_asks::show::<A>).post(apply_asks::submit::<A>)
}

/// A browser that may see an application, and what it may see.
#[derive(Debug)]
pub struct Holder {
    /// Whose.
    pub org: OrgId,
    /// The application as it was read.
    pub application: Application,
    /// By which document.
    pub document: Arc<DeskDocument>,
    /// The language of the pages.
    pub language: Language,
    /// Its link.
    pub token: ApplicationToken,
    pub(super) secret: VisitSecret,
    pub(super) way: Entrance,
    /// What is asked again, once it was sent.
    pub(super) again: Option<Vec<Again>>,
    /// Kinds of pictures that lack some.
    pub(super) photos: Vec<Key>,
}

/// Whether this browser may see the application of this link: for pages that ask nothing else.
pub async fn lets_in(desk: &ApplyDesk, token: &str, headers: &HeaderMap) -> Result<bool, DbError> {
    match desk.enter(token, headers).await {
        Ok(_) => Ok(true),
        Err(Instead::Busy(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// Who fills in the application of this link in this browser; what is shown instead, if nobody may. For pages of an
/// application that stand elsewhere: pictures, certificates.
pub async fn holder(desk: &ApplyDesk, token: &str, headers: &HeaderMap) -> Result<Holder, Response> {
    match desk.fills_in(token, headers).await {
        Ok(holder) => Ok(holder),
        Err(instead) => Err(desk.answered(Err(instead)).await),
    }
}

impl Holder {
    /// The address of one of the pages.
    pub fn at(&self, page: &str) -> String {
        format!("{}/{page}", self.token.path())
    }

    /// The address of a page that is asked.
    pub fn stage(&self, stage: &Stage, from_check: bool) -> String {
        let back = if from_check && *stage != Stage::Check {
            "?back=check"
        } else {
            ""
        };
        self.at(&format!("{}{back}", stage.path()))
    }

    /// Whether pictures of this kind can be added and taken away.
    pub fn may_change_photos(&self, rule: &Key) -> bool {
        let again = self.again.as_ref();
        again.is_none_or(|again| again.contains(&Again::Photo(rule.clone())))
    }

    /// What the person was told and what stands on the page of that, as long as it can be read.
    pub(super) fn outcome(&self, now: i64) -> Option<&Outcome> {
        let told = self.application.told.as_ref()?;
        let known = matches!(told, Outcome::Decided(_));
        let stands = matches!(
            self.application.state,
            State::Released | State::Provisional | State::Final
        );
        let readable = now - self.application.state_at < RESULT_SHOWN;
        (known && stands && readable).then_some(told)
    }

    /// What stands below a page: that nobody has read its translation.
    pub(super) fn unreviewed(&self) -> Option<Shown> {
        let unreviewed = self.document.form().unreviewed(self.language);
        unreviewed.then(|| Word::Unreviewed.shown(self.language))
    }

    /// The choice of languages, for a page that has no form of its own.
    pub(super) fn languages(&self, page: &str) -> Languages {
        Languages {
            present: self.language,
            offered: self.document.languages(),
            way: Way::Form {
                action: self.at("language"),
                page: page.to_owned(),
            },
        }
    }
}

/// What came in from one page of an application.
pub(super) struct Came {
    pub(super) holder: Holder,
    pub(super) typed: Typed,
    pub(super) from_check: bool,
    /// Another language was chosen: the page is shown once more, with what was typed.
    pub(super) only_shows: bool,
}

impl ApplyDesk {
    pub(super) fn today(&self) -> CalendarDate {
        CalendarDate::in_japan(self.db.now()).expect("the clock stands in a year that has days here")
    }

    pub(super) fn journey<'a>(&self, holder: &'a Holder) -> Journey<'a> {
        Journey {
            document: &holder.document,
            content: &holder.application.content,
            today: self.today(),
            again: holder.again.as_deref(),
            photos: &holder.photos,
        }
    }

    /// Who may see the application of this link.
    pub(super) async fn enter(&self, token: &str, headers: &HeaderMap) -> Result<Holder, Instead> {
        let token = ApplicationToken::in_address(token).ok_or(Instead::Broken)?;
        let outside = || Instead::To(token.path());
        let secret = VisitSecret::of_application(headers, self.https).ok_or_else(outside)?;
        let entered = store::application_visit(&self.db, &token, &secret).await?;
        let entered = entered.ok_or_else(outside)?;
        let (org, found) = (entered.org, entered.application);
        let document = store::document(&self.db, org, (found.desk, found.version)).await?;
        let document = document.ok_or(Instead::Broken)?;
        let again = match found.state {
            State::SentBack => found.sent_back.clone().map(Outcome::SentBack),
            State::Released => found.told.clone(),
            _ => None,
        };
        let again = again.map(|outcome| document.asked_again(&outcome).to_vec());
        let photos = store::photos_missing(&self.db, org, &found, &document).await?;
        Ok(Holder {
            org,
            language: found.language,
            document: Arc::new(document),
            token,
            secret,
            way: entered.way,
            again,
            photos,
            application: found,
        })
    }

    /// Who may fill it in: before it is sent, and where something is asked again.
    async fn fills_in(&self, token: &str, headers: &HeaderMap) -> Result<Holder, Instead> {
        let holder = self.enter(token, headers).await?;
        let open = match holder.application.state {
            State::Draft => true,
            State::SentBack | State::Released => {
                holder.way == Entrance::Birth && holder.again.as_ref().is_some_and(|again| !again.is_empty())
            }
            _ => false,
        };
        if open {
            Ok(holder)
        } else {
            Err(Instead::To(holder.at("next")))
        }
    }

    /// Who looks at a page that is asked.
    pub(super) async fn asked(
        &self,
        token: &str,
        headers: &HeaderMap,
        stage: &Stage,
    ) -> Result<Holder, Instead> {
        let holder = self.fills_in(token, headers).await?;
        let known = *stage == Stage::Check || self.journey(&holder).asks(stage);
        if known {
            Ok(holder)
        } else {
            Err(Instead::To(holder.at("next")))
        }
    }

    /// The same for a form that comes in.
    pub(super) async fn receive(
        &self,
        token: &str,
        headers: &HeaderMap,
        stage: &Stage,
        mut typed: Typed,
    ) -> Result<Came, Instead> {
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let mut holder = self.asked(token, headers, stage).await?;
        let from_check = typed.take("back").iter().any(|back| back == "check");
        let language = typed.take("language").into_iter().next();
        let only_shows = language.is_some();
        if let Some(code) = language {
            let language = Language::from_code(&code).ok_or(Instead::Unreadable)?;
            store::set_application_language(&self.db, holder.org, holder.application.id, language).await?;
            holder.language = language;
        }
        Ok(Came {
            holder,
            typed,
            from_check,
            only_shows,
        })
    }

    /// Keeps what was filled in.
    pub(super) async fn put(&self, holder: &Holder) -> Result<(), Instead> {
        let content = holder.application.content.clone();
        let kept = store::keep(
            &self.db,
            holder.org,
            holder.application.id,
            content,
            holder.language,
        )
        .await?;
        if kept == store::Changed::Done {
            Ok(())
        } else {
            Err(Instead::To(holder.at("next")))
        }
    }

    /// Keeps what was filled in on one page, and goes on to the next.
    pub(super) async fn keep(&self, holder: Holder, stage: &Stage, from_check: bool) -> Answer {
        self.put(&holder).await?;
        let journey = self.journey(&holder);
        let stops = match stage {
            Stage::Eligibility(_) | Stage::Birth => journey.stopped().is_some(),
            _ => false,
        };
        if stops {
            return Err(Instead::To(holder.at("way")));
        }
        let next = journey.after(stage, from_check);
        Err(Instead::To(holder.stage(&next, from_check)))
    }

    pub(super) async fn shell(
        &self,
        org: Option<OrgId>,
        title: &Shown,
        language: Language,
    ) -> Result<ResidentShell, DbError> {
        let organisation = match org {
            Some(org) => self.accounts.organisation_name(org).await?.to_string(),
            None => match self.accounts.public_organisations().await?.as_slice() {
                [only] => only.name.to_string(),
                _ => SERVICE.to_owned(),
            },
        };
        Ok(self.shell_of(organisation, title, language))
    }

    pub(super) fn shell_of(&self, organisation: String, title: &Shown, language: Language) -> ResidentShell {
        ResidentShell {
            title: title.plain().to_owned(),
            organisation,
            help: self.help.clone(),
            language,
            errors: Errors::default(),
        }
    }
}
