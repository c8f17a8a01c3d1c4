//! `GET /d/{desk}`, for residents: who may apply, what one needs, what the desk does not do, when it is open, and how
//! else one applies. Whoever cannot apply now reads when one can.

use accounts::Organisation;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use db::DbError;
use web::{Language, Page, ResidentShell};

use super::apply::ApplyDesk;
use super::apply_turn::{Answer, page};
use super::desk_find::{Choice, DeskFound, Found, Reception, language_of, promised};
use super::languages::{Languages, Way};
use crate::clock::{Estimate, waiting_estimate};
use crate::form::{Level, Shown, Word, moment};
use crate::store;

#[derive(Template)]
#[template(path = "desk_top.html")]
struct DeskTop {
    shell: ResidentShell,
    title: Shown,
    closed: Option<(Shown, Shown)>,
    resume: Option<(Shown, Shown, String)>,
    emergency: Shown,
    call: Shown,
    about: (Shown, Vec<Shown>),
    needed: (Shown, Vec<Shown>),
    not_done: (Shown, Vec<Shown>),
    hours: (Shown, Vec<Shown>),
    elsewhere: (Shown, Vec<Shown>),
    start: Option<(Shown, String)>,
    status: (Shown, String),
    accessibility: Shown,
    unreviewed: Option<Shown>,
    languages: Languages,
}

#[derive(Template)]
#[template(path = "desk_choice.html")]
struct DeskChoice {
    shell: ResidentShell,
    title: Shown,
    lead: Shown,
    desks: Vec<(Organisation, String)>,
}

pub(super) async fn show(
    State(desk): State<ApplyDesk>,
    Path(text): Path<String>,
    headers: HeaderMap,
    address: Uri,
) -> Response {
    let shown = desk.top(&text, &headers, &address).await;
    desk.answered(shown).await
}

impl ApplyDesk {
    async fn top(&self, text: &str, headers: &HeaderMap, address: &Uri) -> Answer {
        let language = language_of(address);
        let found = match self.find(text, language).await? {
            Found::One(found) => found,
            Found::Several(Choice { desks }) => return self.choice(desks, language).await,
        };
        let reception = self.reception(&found).await?;
        let estimate = self.estimate(&found, reception).await?;
        let begun = self.unfinished(headers).await?;
        let title = found.version.document.document().title.shown(language);
        let shell = self.shell(Some(found.organisation.id), &title, language).await?;
        Ok(page(top_page(
            &found,
            (reception, estimate),
            shell,
            begun,
            self.db.now(),
        )))
    }

    /// How long whoever applies now will wait; nothing while nobody can.
    async fn estimate(&self, found: &DeskFound, reception: Reception) -> Result<Option<Estimate>, DbError> {
        if !matches!(reception, Reception::Open { .. }) {
            return Ok(None);
        }
        let (now, hours) = (self.db.now(), &found.version.document.document().hours);
        let (org, desk) = (found.organisation.id, found.row.id);
        let counted = store::waits(&self.db, org, desk, hours.cut_off_at(now)).await?;
        Ok(Some(waiting_estimate(hours, false, now, &counted)))
    }

    async fn choice(&self, desks: Vec<(Organisation, String)>, language: Language) -> Answer {
        let title = Word::ChooseOrganisation.shown(language);
        let page = Page(DeskChoice {
            shell: self.shell(None, &title, language).await?,
            title,
            lead: Word::ChooseOrganisationLead.shown(language),
            desks,
        });
        Ok((StatusCode::OK, page).into_response())
    }
}

fn top_page(
    found: &DeskFound,
    (reception, estimate): (Reception, Option<Estimate>),
    shell: ResidentShell,
    begun: Option<String>,
    now: i64,
) -> DeskTop {
    let (document, page) = (&found.version.document, shell.language);
    let says = document.document();
    let lang = format!("?lang={}", page.code());
    let open = matches!(reception, Reception::Open { .. });
    let urgent = says.red_flags.iter().any(|flag| flag.level == Level::Emergency);
    DeskTop {
        title: says.title.shown(page),
        closed: reception.closed(page),
        resume: begun.map(|next| (Word::ResumeHere.shown(page), Word::ResumeButton.shown(page), next)),
        emergency: if urgent {
            Word::TopEmergency.shown(page)
        } else {
            Word::EmergencyNote.shown(page)
        },
        call: Word::Call119.shown(page),
        about: (Word::TopAbout.shown(page), says.about.shown(page).paragraphs()),
        needed: (
            Word::TopNeeded.shown(page),
            says.needed.iter().map(|one| one.shown(page)).collect(),
        ),
        not_done: (
            Word::TopNotDone.shown(page),
            says.not_done.shown(page).paragraphs(),
        ),
        hours: (
            Word::TopHours.shown(page),
            hours(found, (reception, estimate), page, now),
        ),
        elsewhere: (
            Word::TopElsewhere.shown(page),
            says.elsewhere.shown(page).paragraphs(),
        ),
        start: open.then(|| {
            (
                Word::TopStart.shown(page),
                format!("{}/consent{lang}", found.path),
            )
        }),
        status: (
            Word::TopStatus.shown(page),
            format!("{}/status{lang}", found.path),
        ),
        accessibility: Word::AccessibilityTitle.shown(page),
        unreviewed: document
            .form()
            .unreviewed(page)
            .then(|| Word::Unreviewed.shown(page)),
        languages: Languages {
            present: page,
            offered: document.languages(),
            way: Way::Links {
                path: found.path.clone(),
            },
        },
        shell,
    }
}

/// When it is open, until when the result comes today, and how long one waits.
fn hours(
    found: &DeskFound,
    (reception, estimate): (Reception, Option<Estimate>),
    page: Language,
    now: i64,
) -> Vec<Shown> {
    let says = found.version.document.document();
    let (hours, within) = (&says.hours, says.review.within_hours);
    let (opens, closes) = (hours.opens.to_string(), hours.closes.to_string());
    let mut lines = Vec::new();
    lines.push(if opens == "00:00" && closes == "24:00" {
        Word::AllDay.shown(page)
    } else {
        Word::FromTo
            .shown(page)
            .with("opens", opens)
            .with("closes", closes)
    });
    if let Reception::Open { left, .. } = reception {
        let before = now < hours.cut_off_at(now);
        if before {
            lines.push(Word::CutOff.shown(page).with("time", hours.cut_off));
            lines.extend(estimate.and_then(|estimate| wait(estimate, page)));
        } else {
            lines.push(Word::CutOffOver.shown(page).with("time", hours.cut_off));
            lines.push(promised(hours, within, now).shown(page));
        }
        if let Some(left) = left {
            lines.push(Word::LeftToday.shown(page).with("n", left));
        }
    }
    lines.push(Word::Within.shown(page).with("n", within));
    if let Some(last) = hours.last_day {
        let last = moment(last.begins_in_japan() + hours_of_day(hours), page);
        lines.push(Word::LastDay.shown(page).with("at", last));
    }
    lines
}

/// What is said of the waiting time; nothing where nothing can be said.
fn wait(estimate: Estimate, page: Language) -> Option<Shown> {
    match estimate {
        Estimate::Minutes(minutes) if minutes <= 120 => {
            Some(Word::WaitMinutes.shown(page).with("n", minutes))
        }
        Estimate::Minutes(minutes) => Some(Word::WaitHours.shown(page).with("n", minutes / 60)),
        Estimate::NextDay => Some(Word::WaitNextDay.shown(page)),
        Estimate::Unknown => None,
    }
}

/// How long after midnight the desk closes, in milliseconds.
fn hours_of_day(hours: &crate::document::Hours) -> i64 {
    let text = hours.closes.to_string();
    let (hour, minute) = text.split_once(':').unwrap_or(("0", "0"));
    let number = |text: &str| text.parse::<i64>().unwrap_or_default();
    number(hour) * base::clock::HOUR + number(minute) * base::clock::MINUTE
}
