//! `GET /i/{token}`, `POST /i/{token}`, for residents: a link of somebody's own to a desk, out of an SMS. The birth date
//! begins an application; the number is proved by the link having arrived at it. Before that nothing is shown of anybody,
//! not even which desk it is; a link that there never was shows the same page as one that there is.

use accounts::SourceAddress;
use axum::Form;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base::date::CalendarDate;
use base::id::{ApplicationId, OrgId};
use messaging::links::Token;
use messaging::store::DeskLink;
use web::Language;

use super::apply::ApplyDesk;
use super::apply_fields::BIRTH;
use super::apply_gate::Gate;
use super::apply_turn::{Answer, Instead};
use super::desk_begun::remember;
use super::desk_find::{DeskFound, Reception};
use super::form_start::birth_date;
use super::is_own_form;
use super::resident_errors::language;
use crate::application::{ApplicationToken, Content, State as Stands};
use crate::form::{Typed, Word, moment};
use crate::limits::TRIES;
use crate::store::{self, LinkTried, NewApplication};

pub(super) async fn show(State(desk): State<ApplyDesk>, headers: HeaderMap, address: Uri) -> Response {
    let shown = desk.invited(&headers, &address).await;
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
    let begun = desk.try_invited(source, &headers, &address, &typed).await;
    desk.answered(begun).await
}

/// The link's letters, whatever a phone took along behind them.
fn token_of(address: &Uri) -> Result<Token, Instead> {
    let text = address.path().strip_prefix("/i/").unwrap_or_default();
    Token::in_address(text).ok_or(Instead::Broken)
}

impl ApplyDesk {
    async fn link_of(&self, token: &Token) -> Result<Option<DeskLink>, Instead> {
        let index = token.index(&self.db);
        Ok(messaging::store::desk_link(&self.db, &index).await?)
    }

    async fn invited(&self, headers: &HeaderMap, address: &Uri) -> Answer {
        let token = token_of(address)?;
        let language = language(address, headers);
        let link = self.link_of(&token).await?;
        if let Some(link) = &link {
            let (org, now) = (link.org, self.db.now());
            if let Some(application) = link.application {
                return self.used(org, application, language).await;
            }
            if now >= link.expires_at {
                return self.invitation_over(org, language).await;
            }
            if link.tries >= TRIES {
                return self.invitation_locked(org, language).await;
            }
        }
        let org = link.map(|link| link.org);
        let gate = invitation(&token, org, language);
        Ok(self
            .gate_page(gate, &Typed::default(), None)
            .await?
            .into_response())
    }

    async fn try_invited(
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
        let chosen = Language::from_code(typed.get("lang"));
        let language = chosen.unwrap_or_else(|| language(address, headers));
        let link = self.link_of(&token).await?;
        // A link that is one counts its own attempts; many phones share an address of their carrier.
        if link.is_none() && !self.accounts.admit_stranger("invited", source).await? {
            return Err(Instead::TooOften(language));
        }
        let wrong = || (format!("{BIRTH}-year"), Word::BirthWrong.shown(language));
        let problem = match (birth_date(typed, self.db.now()), &link) {
            (Err((field, problem)), _) => (field, problem.shown(language)),
            (Ok(_), None) => wrong(),
            (Ok(birth), Some(link)) => {
                let begun = self.begin_invited((link, &token), (birth, source), language);
                match begun.await? {
                    Some(response) => return Ok(response),
                    None => wrong(),
                }
            }
        };
        let gate = invitation(&token, link.map(|link| link.org), language);
        let page = self.gate_page(gate, typed, Some(problem)).await?;
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
    }

    /// What becomes of a birth date that could be read; nothing if it is not the person's. Whether the desk is open is
    /// told to nobody else.
    async fn begin_invited(
        &self,
        (link, token): (&DeskLink, &Token),
        (birth, source): (CalendarDate, SourceAddress),
        language: Language,
    ) -> Result<Option<Response>, Instead> {
        let leads = self.leads_to(link, language).await?;
        let open = leads
            .as_ref()
            .filter(|(_, reception)| matches!(reception, Reception::Open { .. }));
        let new = open.map(|(found, _)| NewApplication {
            desk: found.row.id,
            version: found.version.version,
            office: found.row.office,
            language,
            content: Content::default(),
        });
        let (org, index) = (link.org, token.index(&self.db));
        let tried = store::begin_by_link(&self.db, org, &index, (birth, source), new).await?;
        let answer = match tried {
            LinkTried::Wrong => return Ok(None),
            LinkTried::Begun(begun, secret) => {
                let mut response = self.welcomed(&begun.token, &secret);
                if let Some((found, _)) = open {
                    let remembered = remember(&begun.token, &found.path, self.https);
                    response.headers_mut().append(header::SET_COOKIE, remembered);
                }
                Ok(response)
            }
            LinkTried::NotNow => self.invited_not_now(link, leads.as_ref(), language).await,
            LinkTried::Locked => self.invitation_locked(org, language).await,
            LinkTried::Used(application) => self.used(org, application, language).await,
            LinkTried::Over => self.invitation_over(org, language).await,
        };
        answer.map(Some)
    }

    /// The desk of a link, and whether it is open; nothing if it has no page any more.
    async fn leads_to(
        &self,
        link: &DeskLink,
        language: Language,
    ) -> Result<Option<(DeskFound, Reception)>, Instead> {
        let found = match self.desk_by_id(link.org, link.desk, language).await {
            Ok(found) => found,
            Err(Instead::NoDesk(_)) => return Ok(None),
            Err(other) => return Err(other),
        };
        let reception = self.reception(&found).await?;
        Ok(Some((found, reception)))
    }

    /// The desk takes nobody now: when it opens, and until when the link can be used.
    async fn invited_not_now(
        &self,
        link: &DeskLink,
        leads: Option<&(DeskFound, Reception)>,
        language: Language,
    ) -> Answer {
        let reception = leads.map_or(Reception::Stopped, |(_, reception)| *reception);
        let (title, text) = reception
            .closed(language)
            .unwrap_or_else(|| (Word::BusyTitle.shown(language), Word::ApplyBusy.shown(language)));
        let mut texts = vec![text];
        if !matches!(reception, Reception::Closed(None) | Reception::Full(None)) {
            let until = moment(link.expires_at, language);
            texts.push(Word::InvitedNotNow.shown(language).with("until", until));
        }
        if let Some((found, _)) = leads {
            let elsewhere = &found.version.document.document().elsewhere;
            texts.extend(elsewhere.shown(language).paragraphs());
        }
        let page = self.plain(Some(link.org), title, texts, language).await;
        Ok((StatusCode::SERVICE_UNAVAILABLE, page).into_response())
    }

    /// Somebody goes on with what they began, behind their birth date; what was sent is looked up with its number.
    async fn used(&self, org: OrgId, application: ApplicationId, language: Language) -> Answer {
        let found = store::application(&self.db, org, application).await?;
        let words = match found.map(|found| found.state) {
            Some(Stands::Draft) => {
                let vault = self.db.vault(org).await?;
                return Err(Instead::To(ApplicationToken::of(&vault, application).path()));
            }
            Some(Stands::Withdrawn) => (Word::WithdrawnTitle, Word::WithdrawnText),
            _ => (Word::InvitedUsedTitle, Word::InvitedUsed),
        };
        self.shut(org, language, words).await
    }

    async fn invitation_over(&self, org: OrgId, language: Language) -> Answer {
        self.shut(org, language, (Word::ExpiredTitle, Word::InvitedOver))
            .await
    }

    async fn invitation_locked(&self, org: OrgId, language: Language) -> Answer {
        self.shut(org, language, (Word::LockedTitle, Word::InvitedLocked))
            .await
    }
}

fn invitation(token: &Token, org: Option<OrgId>, language: Language) -> Gate {
    Gate {
        path: token.desk_path(),
        org,
        language,
        lead: Word::InvitedLead.shown(language),
    }
}
