//! `GET /d/{desk}/status`, `POST /d/{desk}/status`, for residents: how far an application is, for whoever knows its
//! number, the birth date and the end of the phone number. No diagnosis stands here; what was decided is read behind the
//! application's own page, which these three open.

use accounts::SourceAddress;
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use db::Reference;
use unicode_normalization::UnicodeNormalization;
use web::{Errors, Language, Page, ResidentShell};

use super::apply::ApplyDesk;
use super::apply_fields::{Line, birth};
use super::apply_turn::{Answer, Instead};
use super::control::Control;
use super::desk_find::{DeskFound, language_of};
use super::form_start::birth_date;
use super::is_own_form;
use super::languages::{Languages, Way};
use crate::application::{Application, ApplicationToken, State as Stands};
use crate::form::{Shown, Typed, Word, moment};
use crate::store::{self, StatusSeen};

#[derive(Template)]
#[template(path = "desk_status.html")]
struct DeskStatus {
    shell: ResidentShell,
    title: Shown,
    lead: Shown,
    action: String,
    controls: Vec<Control>,
    button: Shown,
    back: (Shown, String),
    unreviewed: Option<Shown>,
    languages: Languages,
}

#[derive(Template)]
#[template(path = "desk_status_seen.html")]
struct DeskStatusSeen {
    shell: ResidentShell,
    title: Shown,
    label: Shown,
    reference: String,
    state: Shown,
    text: Shown,
    since: Shown,
    on: Option<(Shown, String)>,
    withdraw: Option<(Shown, String)>,
    back: (Shown, String),
}

pub(super) async fn show(State(desk): State<ApplyDesk>, Path(text): Path<String>, address: Uri) -> Response {
    let shown = desk
        .status(&text, language_of(&address), &Typed::default(), Vec::new())
        .await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    source: SourceAddress,
    Path(text): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let typed = Typed::from(fields);
    let seen = desk.look_up(&text, source, &headers, &typed).await;
    desk.answered(seen).await
}

/// So many last digits of the number are asked.
const LAST: usize = 4;

impl ApplyDesk {
    async fn status(
        &self,
        text: &str,
        language: Language,
        typed: &Typed,
        mistakes: Vec<(String, Shown)>,
    ) -> Answer {
        let found = self.one_desk(text, language).await?;
        let title = Word::TopStatus.shown(language);
        let mut shell = self.shell(Some(found.organisation.id), &title, language).await?;
        let mut errors = Errors::default();
        for (field, problem) in &mistakes {
            errors.add(field, problem.plain());
        }
        shell.errors = errors;
        let path = format!("{}/status", found.path);
        let document = &found.version.document;
        let page = Page(DeskStatus {
            shell,
            title,
            lead: Word::StatusLead.shown(language),
            controls: controls(typed, &mistakes, language),
            button: Word::StatusButton.shown(language),
            back: top(&found, language),
            unreviewed: document
                .form()
                .unreviewed(language)
                .then(|| Word::Unreviewed.shown(language)),
            languages: Languages {
                present: language,
                offered: document.languages(),
                way: Way::Links { path: path.clone() },
            },
            action: path,
        });
        let status = if mistakes.is_empty() {
            StatusCode::OK
        } else {
            StatusCode::UNPROCESSABLE_ENTITY
        };
        Ok((status, page).into_response())
    }

    async fn look_up(&self, text: &str, source: SourceAddress, headers: &HeaderMap, typed: &Typed) -> Answer {
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let language = Language::from_code(typed.get("lang")).unwrap_or_default();
        let mut mistakes = Vec::new();
        let reference = Reference::parse(typed.get("reference"));
        if reference.is_none() {
            mistakes.push(("reference".to_owned(), Word::ErrReference.shown(language)));
        }
        let birth = birth_date(typed, self.db.now());
        if let Err((field, problem)) = &birth {
            mistakes.push((field.clone(), problem.shown(language)));
        }
        let last: String = typed.get("last").nfkc().filter(char::is_ascii_digit).collect();
        if last.len() != LAST {
            mistakes.push(("last".to_owned(), Word::ErrLast.shown(language)));
        }
        let (Some(reference), Ok(birth), true) = (reference, birth, mistakes.is_empty()) else {
            return self.status(text, language, typed, mistakes).await;
        };
        let found = self.one_desk(text, language).await?;
        let org = found.organisation.id;
        // What exists counts its own attempts; many phones share an address of their carrier.
        let known = store::application_by_reference(&self.db, org, reference)
            .await?
            .is_some();
        if !known && !self.accounts.admit_stranger("status", source).await? {
            return Err(Instead::TooOften(language));
        }
        match store::see_status(&self.db, org, reference, (birth, last), source).await? {
            StatusSeen::Fits(application, secret) => {
                let vault = self.db.vault(org).await?;
                let token = ApplicationToken::of(&vault, application.id);
                let page = self.seen(&found, &application, &token, language).await?;
                let mut response = page.into_response();
                let cookie = secret.application_cookie(&token.path(), self.https);
                response.headers_mut().insert(header::SET_COOKIE, cookie);
                Ok(response)
            }
            StatusSeen::Wrong => {
                let mistake = ("reference".to_owned(), Word::ErrStatusWrong.shown(language));
                self.status(text, language, typed, vec![mistake]).await
            }
            StatusSeen::Locked => Err(Instead::TooOften(language)),
        }
    }

    async fn seen(
        &self,
        found: &DeskFound,
        application: &Application,
        token: &ApplicationToken,
        language: Language,
    ) -> Result<Page<DeskStatusSeen>, Instead> {
        let (state, text, on) = words(application.state);
        let title = Word::TopStatus.shown(language);
        Ok(Page(DeskStatusSeen {
            shell: self.shell(Some(found.organisation.id), &title, language).await?,
            title,
            label: Word::Reference.shown(language),
            reference: application.reference.to_string(),
            state: state.shown(language),
            text: text.shown(language),
            since: Word::StatusSince.shown(language).with(
                "at",
                moment(application.received_at.unwrap_or(application.state_at), language),
            ),
            on: on.map(|word| (word.shown(language), format!("{}/next", token.path()))),
            withdraw: application.state.may_be_taken_back().then(|| {
                (
                    Word::WithdrawLink.shown(language),
                    format!("{}/withdraw", token.path()),
                )
            }),
            back: top(found, language),
        }))
    }
}

fn top(found: &DeskFound, language: Language) -> (Shown, String) {
    let address = format!("{}?lang={}", found.path, language.code());
    (Word::BackToDesk.shown(language), address)
}

/// What is said of a state, and what leads on.
const fn words(state: Stands) -> (Word, Word, Option<Word>) {
    match state {
        Stands::Draft | Stands::Received => (Word::StateReceived, Word::StateReceivedText, None),
        Stands::Ready | Stands::Provisional => (Word::StateLooked, Word::StateLookedText, None),
        Stands::Final => (Word::StateDecided, Word::StateSoonText, None),
        Stands::Released => (
            Word::StateDecided,
            Word::StateDecidedText,
            Some(Word::StateOpenResult),
        ),
        Stands::SentBack => (Word::StateBack, Word::StateBackText, Some(Word::AgainStart)),
        Stands::Withdrawn => (Word::StateWithdrawn, Word::WithdrawnText, None),
        Stands::Expired => (Word::OverTitle, Word::OverText, None),
    }
}

fn controls(typed: &Typed, mistakes: &[(String, Shown)], page: Language) -> Vec<Control> {
    let reference = Line::new("reference", Word::Reference.shown(page), "off").digits();
    let reference = reference.help(Word::ReferenceHelp.shown(page));
    let last = Line::new("last", Word::LastDigits.shown(page), "off").digits();
    let born = mistakes.iter().find(|(field, _)| field.starts_with("birth"));
    let about = (Word::BirthDate.shown(page), vec![Word::BirthHelp.shown(page)]);
    vec![
        reference.control(typed, mistakes, page),
        birth(about, false, typed, born, page),
        last.help(Word::LastDigitsHelp.shown(page))
            .control(typed, mistakes, page),
    ]
}
