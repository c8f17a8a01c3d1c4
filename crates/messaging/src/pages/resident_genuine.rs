//! `GET /genuine` and `/genuine/{word}`, for residents: 「このSMSは本物ですか」, of the only organisation or the one with
//! this word; where there are several, `/genuine` lists them. Every number, every host and how our texts read, as they are
//! configured at this moment; nothing of it is written by hand.

use std::collections::BTreeSet;

use accounts::Organisation;
use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::clock::japan_midnight;
use base::id::OrgId;
use base::merge::MessageTemplate;
use base::text::Carrier;
use db::DbError;
use lists::contacts::Purpose;
use web::{Errors, Language as PageLanguage, Page, ResidentShell};

use super::link_open::{ResidentDesk, SERVICE};
use super::template_look::Shape;
use crate::links::LinkSettings;
use crate::store;
use crate::template::Stage;

/// What the page is made of, besides what the database knows.
#[derive(Clone)]
pub struct GenuineDesk {
    /// Where everything is kept, and whom to call.
    pub desk: ResidentDesk,
    /// The installation's own sender, for what has no number of its own.
    pub sender: String,
    /// What links begin with, and where they may lead.
    pub links: LinkSettings,
}

/// The page, for the resident host.
pub fn genuine_pages(desk: GenuineDesk) -> Router {
    Router::new()
        .route("/genuine", get(show))
        .route("/genuine/{word}", get(show_one))
        .with_state(desk)
}

#[derive(Template)]
#[template(path = "resident_genuine.html")]
struct ResidentGenuine {
    shell: ResidentShell,
    numbers: Vec<Number>,
    hosts: Vec<String>,
    samples: Vec<Sample>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Number {
    carrier: &'static str,
    shown: String,
    purpose: &'static str,
}

struct Sample {
    purpose: &'static str,
    tag: &'static str,
    language: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "resident_genuine_list.html")]
struct ResidentGenuineList {
    shell: ResidentShell,
    organisations: Vec<Organisation>,
    /// An address was typed that is none.
    unknown: bool,
}

async fn show(State(desk): State<GenuineDesk>) -> Response {
    answered(desk.found(None).await)
}

async fn show_one(State(desk): State<GenuineDesk>, Path(word): Path<String>) -> Response {
    // People type capitals too.
    answered(desk.found(Some(word.to_ascii_lowercase())).await)
}

fn answered(found: Result<Response, DbError>) -> Response {
    match found {
        Ok(page) => page,
        Err(error) => {
            tracing::error!(%error, "the page about our numbers could not be made");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "ただいま表示できません。しばらくしてからもう一度お試しください。",
            )
                .into_response()
        }
    }
}

impl GenuineDesk {
    /// The page of the only organisation or of the one that is asked for; otherwise the choice.
    async fn found(&self, word: Option<String>) -> Result<Response, DbError> {
        let organisations = self.desk.accounts.public_organisations().await?;
        let meant = match (&word, organisations.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(word), all) => all.iter().find(|org| org.public_word() == *word),
        };
        if let Some(organisation) = meant {
            return Ok(Page(self.page(organisation).await?).into_response());
        }
        let unknown = word.is_some();
        let page = Page(ResidentGenuineList {
            shell: self.shell(SERVICE),
            organisations,
            unknown,
        });
        let status = if unknown {
            StatusCode::NOT_FOUND
        } else {
            StatusCode::OK
        };
        Ok((status, page).into_response())
    }

    fn shell(&self, organisation: &str) -> ResidentShell {
        ResidentShell {
            title: "このSMSは本物ですか".to_owned(),
            organisation: organisation.to_owned(),
            help: self.desk.help.clone(),
            language: PageLanguage::Japanese,
            errors: Errors::default(),
        }
    }

    async fn page(&self, organisation: &Organisation) -> Result<ResidentGenuine, DbError> {
        let org = organisation.id;
        Ok(ResidentGenuine {
            shell: self.shell(organisation.name.as_str()),
            numbers: self.numbers(org).await?,
            hosts: self.hosts(org).await?.into_iter().collect(),
            samples: self.samples(org).await?,
        })
    }

    /// Every number that a phone may show today, each once.
    async fn numbers(&self, org: OrgId) -> Result<Vec<Number>, DbError> {
        let senders = store::senders(&self.desk.db, org).await?;
        let today = japan_midnight(self.desk.db.now());
        let mut numbers: BTreeSet<Number> = senders
            .used(today)
            .map(|one| Number {
                carrier: one.carrier.map_or(EVERY_CARRIER, Carrier::label),
                shown: one.number.clone(),
                purpose: one.purpose.map_or(EVERY_PURPOSE, Purpose::label),
            })
            .collect();
        // As long as some office or purpose has no number of the organisation's own.
        let for_all = |one: &crate::sender::SenderNumber| {
            one.office.is_none() && one.purpose.is_none() && one.carrier.is_none()
        };
        if !senders.used(today).any(for_all) {
            numbers.insert(Number {
                carrier: EVERY_CARRIER,
                shown: self.sender.clone(),
                purpose: EVERY_PURPOSE,
            });
        }
        Ok(numbers.into_iter().collect())
    }

    /// Where links begin, and where they may lead.
    async fn hosts(&self, org: OrgId) -> Result<BTreeSet<String>, DbError> {
        let advice = store::advice_settings(&self.desk.db, org).await?;
        let own = self.links.origin.iter().map(|origin| origin.host().to_owned());
        let pages = self.links.hosts.iter().map(ToString::to_string);
        let written = advice.hosts.iter().map(ToString::to_string);
        Ok(own.chain(pages).chain(written).collect())
    }

    /// The texts in use that may reach people today, with what is merged in left open.
    async fn samples(&self, org: OrgId) -> Result<Vec<Sample>, DbError> {
        let now = self.desk.db.now();
        let mut samples = Vec::new();
        for row in store::templates(&self.desk.db, org).await? {
            let content = &row.current.content;
            if row.archived_at.is_some() || content.stage != Stage::Live || content.valid(now).is_err() {
                continue;
            }
            for (language, text) in content.texts() {
                let Ok(template) = MessageTemplate::parse(text) else {
                    continue;
                };
                samples.push(Sample {
                    purpose: content.purpose.label(),
                    tag: language.tag(),
                    language: language.label(),
                    text: Shape::of(&template).sample(),
                });
            }
        }
        Ok(samples)
    }
}

const EVERY_CARRIER: &str = "すべての携帯電話会社";
const EVERY_PURPOSE: &str = "すべてのお知らせ";
