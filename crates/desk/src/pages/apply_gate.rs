//! `GET /a/{token}`, `POST /a/{token}`, for residents: whose service this is, and the birth date. A link that there never
//! was shows the same page as one that there is.

use accounts::SourceAddress;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base::id::{ApplicationId, OrgId};
use web::{Errors, Language, Page, after_post};

use super::apply::ApplyDesk;
use super::apply_fields::BIRTH;
use super::apply_turn::{Answer, Instead};
use super::control::DayBoxes;
use super::form_start::{FormStart, birth_date};
use super::is_own_form;
use super::languages::{Languages, Way};
use super::word_in;
use crate::application::{ApplicationToken, State as Stands};
use crate::form::{Shown, Typed, Word};
use crate::limits::RESULT_SHOWN;
use crate::store::{self, BirthTried};
use crate::visit::VisitSecret;

pub(super) async fn show(State(desk): State<ApplyDesk>, headers: HeaderMap, address: Uri) -> Response {
    let shown = desk.gate(&headers, &address).await;
    desk.answered(shown).await
}

pub(super) async fn submit(
    State(desk): State<ApplyDesk>,
    source: SourceAddress,
    headers: HeaderMap,
    address: Uri,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let typed = Typed::from(fields);
    let entered = desk.try_gate(source, &headers, &address, &typed).await;
    desk.answered(entered).await
}

/// What is known of a link before the birth date.
struct Behind {
    org: OrgId,
    id: ApplicationId,
    language: Language,
    over: Option<(Word, Word)>,
}

/// A page that asks for a birth date.
pub(super) struct Gate {
    /// The link's own address.
    pub(super) path: String,
    /// Whose service it is, if that is known.
    pub(super) org: Option<OrgId>,
    pub(super) language: Language,
    /// Why it is asked; `{organisation}` is put in.
    pub(super) lead: Shown,
}

fn own(token: &ApplicationToken, behind: Option<&Behind>, language: Language) -> Gate {
    Gate {
        path: token.path(),
        org: behind.map(|behind| behind.org),
        language,
        lead: Word::GateLead.shown(language),
    }
}

/// The link's letters, whatever a phone took along behind them.
fn token_of(address: &Uri) -> Result<ApplicationToken, Instead> {
    let text = address.path().strip_prefix("/a/").unwrap_or_default();
    ApplicationToken::in_address(text).ok_or(Instead::Broken)
}

impl ApplyDesk {
    async fn behind(&self, token: &ApplicationToken) -> Result<Option<Behind>, Instead> {
        let Some((org, id)) = store::application_of_link(&self.db, token).await? else {
            return Ok(None);
        };
        let found = store::application(&self.db, org, id).await?;
        Ok(found.map(|found| Behind {
            org,
            id,
            language: found.language,
            over: match found.state {
                Stands::Withdrawn => Some((Word::WithdrawnTitle, Word::WithdrawnText)),
                Stands::Released if self.db.now() - found.state_at < RESULT_SHOWN => None,
                Stands::Expired | Stands::Released => Some((Word::ResultOverTitle, Word::ResultOver)),
                _ => None,
            },
        }))
    }

    async fn gate(&self, headers: &HeaderMap, address: &Uri) -> Answer {
        let token = token_of(address)?;
        let behind = self.behind(&token).await?;
        let language = language(word_in(address, "lang"), behind.as_ref());
        if let Some(behind) = &behind {
            if let Some(words) = behind.over {
                return self.shut(behind.org, language, words).await;
            }
            if store::is_link_locked(&self.db, behind.org, behind.id).await? {
                return self
                    .shut(behind.org, language, (Word::LockedTitle, Word::ApplyLocked))
                    .await;
            }
            if VisitSecret::of_application(headers, self.https).is_some()
                && let Ok(holder) = self.enter(token.as_str(), headers).await
            {
                let next = self.goes_on(&holder);
                if next != token.path() {
                    return Err(Instead::To(next));
                }
            }
        }
        let gate = own(&token, behind.as_ref(), language);
        Ok(self
            .gate_page(gate, &Typed::default(), None)
            .await?
            .into_response())
    }

    async fn try_gate(
        &self,
        source: SourceAddress,
        headers: &HeaderMap,
        address: &Uri,
        typed: &Typed,
    ) -> Answer {
        let token = token_of(address)?;
        if !is_own_form(headers) {
            return Err(Instead::Stale);
        }
        let behind = self.behind(&token).await?;
        let language = language(typed.get("lang"), behind.as_ref());
        // A link that is one counts its own attempts; many phones share an address of their carrier.
        if behind.is_none() && !self.accounts.admit_stranger("application", source).await? {
            return Err(Instead::TooOften(language));
        }
        let wrong = || (format!("{BIRTH}-year"), Word::BirthWrong.shown(language));
        let problem = match (birth_date(typed, self.db.now()), &behind) {
            (Err((field, problem)), _) => (field, problem.shown(language)),
            (Ok(_), None) => wrong(),
            (Ok(birth), Some(behind)) => {
                if let Some(words) = behind.over {
                    return self.shut(behind.org, language, words).await;
                }
                let (org, id) = (behind.org, behind.id);
                match store::try_application_birth(&self.db, org, id, birth, source).await? {
                    BirthTried::Fits(secret) => return self.opened(&token, behind, language, &secret).await,
                    BirthTried::Wrong => wrong(),
                    BirthTried::Locked => {
                        return self
                            .shut(behind.org, language, (Word::LockedTitle, Word::ApplyLocked))
                            .await;
                    }
                }
            }
        };
        let gate = own(&token, behind.as_ref(), language);
        let page = self.gate_page(gate, typed, Some(problem)).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    async fn opened(
        &self,
        token: &ApplicationToken,
        behind: &Behind,
        language: Language,
        secret: &VisitSecret,
    ) -> Answer {
        if language != behind.language {
            store::set_application_language(&self.db, behind.org, behind.id, language).await?;
        }
        let mut response = after_post(&format!("{}/next", token.path())).into_response();
        let cookie = secret.application_cookie(&token.path(), self.https);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        Ok(response)
    }

    /// A link that opens nothing any more: why, and what to do.
    pub(super) async fn shut(&self, org: OrgId, language: Language, (title, text): (Word, Word)) -> Answer {
        let status = if title == Word::LockedTitle {
            StatusCode::FORBIDDEN
        } else {
            StatusCode::GONE
        };
        let texts = vec![text.shown(language)];
        let page = self
            .plain(Some(org), title.shown(language), texts, language)
            .await;
        Ok((status, page).into_response())
    }

    /// The page that asks for the birth date behind a link.
    pub(super) async fn gate_page(
        &self,
        gate: Gate,
        typed: &Typed,
        problem: Option<(String, Shown)>,
    ) -> Result<Page<FormStart>, Instead> {
        let language = gate.language;
        let title = Word::StartTitle.shown(language);
        let mut shell = self.shell(gate.org, &title, language).await?;
        let mut errors = Errors::default();
        if let Some((field, problem)) = &problem {
            errors.add(field, problem.plain());
        }
        shell.errors = errors;
        let wrong = problem.as_ref().map(|(field, _)| field.as_str());
        Ok(Page(FormStart {
            again: None,
            lead: gate.lead.with("organisation", &shell.organisation),
            tries: Word::StartTries.shown(language),
            button: Word::StartButton.shown(language),
            not_mine: Word::NotMine.shown(language),
            action: gate.path.clone(),
            boxes: DayBoxes::new(BIRTH, typed, language, true, wrong),
            label: Word::BirthDate.shown(language),
            help: Word::BirthHelp.shown(language),
            need: Word::Required.shown(language),
            error: problem.map(|(_, problem)| problem),
            languages: Languages {
                present: language,
                offered: Language::ALL.to_vec(),
                way: Way::Links { path: gate.path },
            },
            shell,
            title,
        }))
    }
}

/// The language that was asked for, else the one that the person is written to in.
fn language(asked: &str, behind: Option<&Behind>) -> Language {
    let usual = || behind.map_or(Language::Japanese, |behind| behind.language);
    Language::from_code(asked).unwrap_or_else(usual)
}
