//! `GET /d/{desk}/consent`, `POST /d/{desk}/consent`, for residents: what the answers are for, who sees them, for how
//! long, before the first of them. Agreeing begins an application in this browser.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base::id::OrgId;
use web::{Errors, Language, Page, ResidentShell, after_post};

use super::apply::ApplyDesk;
use super::apply_turn::{Answer, Instead};
use super::desk_begun::remember;
use super::desk_find::{DeskFound, Reception, language_of};
use super::is_own_form;
use super::languages::{Languages, Way};
use crate::application::{ApplicationToken, Content, Given};
use crate::document::DeskDocument;
use crate::form::{Shown, Typed, Word};
use crate::store::{self, NewApplication};
use crate::visit::VisitSecret;

/// What is agreed to, before an application or within it.
#[derive(Template)]
#[template(path = "apply_consent.html")]
pub(super) struct ConsentPage {
    pub(super) shell: ResidentShell,
    pub(super) title: Shown,
    pub(super) lead: Shown,
    pub(super) text: Vec<Shown>,
    pub(super) agree: Shown,
    pub(super) need: Shown,
    pub(super) error: Option<Shown>,
    pub(super) action: String,
    pub(super) back: (Shown, String),
    pub(super) button: Shown,
    pub(super) unreviewed: Option<Shown>,
    pub(super) languages: Languages,
}

/// The box that is not ticked before somebody ticks it.
pub(super) const AGREE: &str = "agree";

/// The parts of the page that follow from the desk.
pub(super) fn consent_page(
    document: &DeskDocument,
    mut shell: ResidentShell,
    (action, back): (String, String),
    languages: Languages,
    wrong: bool,
) -> ConsentPage {
    let page = shell.language;
    let error = wrong.then(|| Word::ErrNoConsent.shown(page));
    let mut errors = Errors::default();
    if let Some(error) = &error {
        errors.add(AGREE, error.plain());
    }
    shell.errors = errors;
    ConsentPage {
        title: Word::ConsentTitle.shown(page),
        lead: Word::ConsentLead.shown(page),
        text: document.document().consent.text.shown(page).paragraphs(),
        agree: Word::ConsentAgree.shown(page),
        need: Word::Required.shown(page),
        error,
        action,
        back: (Word::ApplyBack.shown(page), back),
        button: Word::ConsentButton.shown(page),
        unreviewed: document
            .form()
            .unreviewed(page)
            .then(|| Word::Unreviewed.shown(page)),
        languages,
        shell,
    }
}

pub(super) async fn show(State(desk): State<ApplyDesk>, Path(text): Path<String>, address: Uri) -> Response {
    let shown = desk.consent(&text, language_of(&address), false).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    Path(text): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let begun = desk.begin(&text, &headers, &Typed::from(fields)).await;
    desk.answered(begun).await
}

impl ApplyDesk {
    async fn consent(&self, text: &str, language: Language, wrong: bool) -> Answer {
        let found = self.one_desk(text, language).await?;
        self.open_or_top(&found, language).await?;
        let title = Word::ConsentTitle.shown(language);
        let shell = self.shell(Some(found.organisation.id), &title, language).await?;
        let path = format!("{}/consent", found.path);
        let back = format!("{}?lang={}", found.path, language.code());
        let languages = Languages {
            present: language,
            offered: found.version.document.languages(),
            way: Way::Links { path: path.clone() },
        };
        let page = consent_page(&found.version.document, shell, (path, back), languages, wrong);
        let status = if wrong {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        Ok((status, Page(page)).into_response())
    }

    /// To the desk's first page, which says why, if nobody can apply now.
    pub(super) async fn open_or_top(&self, found: &DeskFound, language: Language) -> Result<(), Instead> {
        match self.reception(found).await? {
            Reception::Open { .. } => Ok(()),
            _ => Err(Instead::To(format!("{}?lang={}", found.path, language.code()))),
        }
    }

    async fn begin(&self, text: &str, headers: &HeaderMap, typed: &Typed) -> Answer {
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let language = Language::from_code(typed.get("lang")).unwrap_or_default();
        if typed.get(AGREE) != "yes" {
            return self.consent(text, language, true).await;
        }
        let found = self.one_desk(text, language).await?;
        self.open_or_top(&found, language).await?;
        let version = found.version.document.document().consent.version.clone();
        let at = self.db.now();
        let content = Content {
            consent: Some(Given { version, at }),
            ..Content::default()
        };
        self.begin_with(&found, language, content).await
    }

    /// Begins an application and lets this browser in.
    pub(super) async fn begin_with(&self, found: &DeskFound, language: Language, content: Content) -> Answer {
        let org = found.organisation.id;
        let new = NewApplication {
            desk: found.row.id,
            version: found.version.version,
            office: found.row.office,
            language,
            content,
        };
        let begun = store::begin(&self.db, org, new).await?;
        let remembered = remember(&begun.token, &found.path, self.https);
        let mut response = self.welcome(org, begun.id, &begun.token).await?;
        response.headers_mut().append(header::SET_COOKIE, remembered);
        Ok(response)
    }

    async fn welcome(&self, org: OrgId, id: base::id::ApplicationId, token: &ApplicationToken) -> Answer {
        let secret = store::let_in(&self.db, org, id).await?;
        Ok(self.welcomed(token, &secret))
    }

    /// To the first page that waits for an answer, with what lets this browser in.
    pub(super) fn welcomed(&self, token: &ApplicationToken, secret: &VisitSecret) -> Response {
        let mut response = after_post(&format!("{}/next", token.path())).into_response();
        let cookie = secret.application_cookie(&token.path(), self.https);
        response.headers_mut().append(header::SET_COOKIE, cookie);
        response
    }
}
