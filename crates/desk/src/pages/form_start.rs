//! `GET /f/{token}`, `POST /f/{token}`, for residents: whose service this is, and the birth date. A link that there
//! never was shows the same page as one that there is; its birth dates are all wrong.

use accounts::SourceAddress;
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base::clock::Millis;
use base::date::CalendarDate;
use web::{Errors, Language, Page, ResidentShell, after_post};

use super::control::DayBoxes;
use super::languages::{Languages, Way};
use super::turn::{Answer, Turn};
use super::{FormDesk, is_own_form, word_in};
use crate::form::read::read_day;
use crate::form::{AnswerProblem, Shown, Typed, Word};
use crate::request::{FormToken, RequestState};
use crate::store::{self, SeenRequest, Tried};
use crate::visit::VisitSecret;

#[derive(Template)]
#[template(path = "form_start.html")]
struct FormStart {
    shell: ResidentShell,
    title: Shown,
    again: Option<Shown>,
    lead: Shown,
    tries: Shown,
    button: Shown,
    not_mine: Shown,
    action: String,
    boxes: DayBoxes,
    label: Shown,
    help: Shown,
    need: Shown,
    error: Option<Shown>,
    languages: Languages,
}

/// The field of the birth date.
const BIRTH: &str = "birth";

/// The link's letters, whatever a phone took along behind them.
fn token_of(address: &Uri) -> Result<FormToken, Turn> {
    let text = address.path().strip_prefix("/f/").unwrap_or_default();
    FormToken::in_address(text).ok_or(Turn::Broken)
}

pub(super) async fn show(State(desk): State<FormDesk>, headers: HeaderMap, address: Uri) -> Response {
    let shown = desk.start(&headers, &address).await;
    desk.answer(shown).await
}

pub(super) async fn submit(
    State(desk): State<FormDesk>,
    source: SourceAddress,
    headers: HeaderMap,
    address: Uri,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let entered = desk.let_in(source, &headers, &address, Typed::from(fields)).await;
    desk.answer(entered).await
}

/// What the page is made of, besides the link.
struct Entry<'a> {
    token: &'a FormToken,
    seen: Option<&'a SeenRequest>,
    language: Language,
    typed: &'a Typed,
    problem: Option<(String, Shown)>,
    /// The browser was let in before.
    again: bool,
}

impl FormDesk {
    async fn start(&self, headers: &HeaderMap, address: &Uri) -> Answer {
        let token = token_of(address)?;
        let seen = store::see_request(&self.db, &token).await?;
        let language = language(word_in(address, "lang"), seen.as_ref());
        let secret = VisitSecret::in_headers(headers, self.https);
        if let Some(seen) = &seen {
            match seen.state(self.db.now()) {
                RequestState::Open | RequestState::Answered => {}
                state => return self.closed(seen, state, language).await,
            }
            if let Some(secret) = &secret
                && store::visit(&self.db, secret, &token).await?.is_some()
            {
                return Err(Turn::To(format!("{}/begin", token.path())));
            }
        }
        let entry = Entry {
            token: &token,
            seen: seen.as_ref(),
            language,
            typed: &Typed::default(),
            problem: None,
            again: secret.is_some(),
        };
        Ok(self.entrance(entry).await?.into_response())
    }

    async fn let_in(
        &self,
        source: SourceAddress,
        headers: &HeaderMap,
        address: &Uri,
        typed: Typed,
    ) -> Answer {
        let token = token_of(address)?;
        if !is_own_form(headers) {
            return Err(Turn::Stale);
        }
        let seen = store::see_request(&self.db, &token).await?;
        // A link that is one counts its own attempts; many phones share an address of their carrier.
        if seen.is_none() && !self.accounts.admit_stranger("form", source).await? {
            return Err(Turn::TooOften);
        }
        let language = language(typed.get("lang"), seen.as_ref());
        let problem = match birth_date(&typed, self.db.now()) {
            Err((field, problem)) => (field, problem.shown(language)),
            Ok(birth) => match store::try_birth_date(&self.db, &token, birth, source).await? {
                Tried::Fits(secret) => return self.welcome(&token, seen.as_ref(), language, &secret).await,
                Tried::Wrong => (format!("{BIRTH}-year"), Word::BirthWrong.shown(language)),
                Tried::Closed(state) => match &seen {
                    Some(seen) => return self.closed(seen, state, language).await,
                    None => return Err(Turn::Broken),
                },
            },
        };
        let entry = Entry {
            token: &token,
            seen: seen.as_ref(),
            language,
            typed: &typed,
            problem: Some(problem),
            again: false,
        };
        let page = self.entrance(entry).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    async fn welcome(
        &self,
        token: &FormToken,
        seen: Option<&SeenRequest>,
        language: Language,
        secret: &VisitSecret,
    ) -> Answer {
        if let Some(seen) = seen.filter(|seen| seen.language != language) {
            store::set_language(&self.db, seen.org, seen.request, language).await?;
        }
        let mut response = after_post(&format!("{}/begin", token.path())).into_response();
        let headers = response.headers_mut();
        headers.insert(header::SET_COOKIE, secret.cookie(self.https));
        Ok(response)
    }

    async fn entrance(&self, entry: Entry<'_>) -> Result<Page<FormStart>, Turn> {
        let language = entry.language;
        let org = entry.seen.map(|seen| seen.org);
        let title = Word::StartTitle.shown(language);
        let mut shell = self.shell_for(org, &title, language).await?;
        let mut errors = Errors::default();
        if let Some((field, problem)) = &entry.problem {
            errors.add(field, problem.plain());
        }
        shell.errors = errors;
        let wrong = entry.problem.as_ref().map(|(field, _)| field.as_str());
        Ok(Page(FormStart {
            again: entry.again.then(|| Word::Again.shown(language)),
            lead: Word::StartLead
                .shown(language)
                .with("organisation", &shell.organisation),
            tries: Word::StartTries.shown(language),
            button: Word::StartButton.shown(language),
            not_mine: Word::NotMine.shown(language),
            action: entry.token.path(),
            boxes: DayBoxes::new(BIRTH, entry.typed, language, true, wrong),
            label: Word::BirthDate.shown(language),
            help: Word::BirthHelp.shown(language),
            need: Word::Required.shown(language),
            error: entry.problem.map(|(_, problem)| problem),
            languages: Languages {
                present: language,
                offered: Language::ALL.to_vec(),
                way: Way::Links {
                    path: entry.token.path(),
                },
            },
            shell,
            title,
        }))
    }
}

/// The language that was asked for, else the one that the person is written to in.
fn language(asked: &str, seen: Option<&SeenRequest>) -> Language {
    let usual = || seen.map_or(Language::Japanese, |seen| seen.language);
    Language::from_code(asked).unwrap_or_else(usual)
}

/// A day on which somebody who lives may have been born.
pub(super) fn birth_date(typed: &Typed, now: Millis) -> Result<CalendarDate, (String, AnswerProblem)> {
    let day = read_day(typed, BIRTH, None)?;
    let day = day.ok_or_else(|| (format!("{BIRTH}-year"), AnswerProblem::NoDay))?;
    match CalendarDate::in_japan(now) {
        Some(today) if day > today => Err((format!("{BIRTH}-year"), AnswerProblem::TooLate(today))),
        _ => Ok(day),
    }
}
