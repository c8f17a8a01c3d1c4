//! `GET /observation`: who needs a look: signs of danger, who has not answered, who has symptoms, answers to read; each
//! with its count, by office.

use std::collections::HashMap;

use accounts::{Office, SignedIn};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::clock::{HOUR, Millis};
use base::id::{CaseId, OfficeId};
use desk::form::{Level, Shipped};
use messaging::pages::{Answer, failed, scope};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::ui::{Chip, Tile, Tiles, Tone};
use web::{Language, Page, PageError, Shell};

use super::Triage;
use super::case_care::health_chip;
use super::case_words::{age, masked_name};
use crate::case::{Case, received_day};
use crate::limits::{OBSERVED_SHOWN, SYMPTOMS_FOR};
use crate::questions::{INTERVIEW, OBSERVATION, View};
use crate::store::alerts::open_alerts;
use crate::store::cases::cases;
use crate::store::questions::{Counts, Listed, counts, silent, symptomatic, to_review};

/// Nobody is silent within the first hours.
const SILENT_AFTER: Millis = 6 * HOUR;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    office: String,
}

#[derive(Template)]
#[template(path = "observation_list.html")]
struct ObservationList {
    shell: Shell,
    tiles: Tiles,
    view: View,
    offices: Option<Field>,
    with_office: bool,
    lines: Vec<Line>,
    is_cut: bool,
}

struct Line {
    case: CaseId,
    reference: String,
    name: String,
    age: String,
    office: String,
    chip: Option<Chip>,
    what: String,
    at: Millis,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Query(asked): Query<Asked>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let (org, own) = (staff.org, scope(staff));
    let offices = triage.offices(org).await?;
    let chosen = asked.office.parse().ok().map(OfficeId::new);
    let office = own.or(chosen.filter(|office| offices.contains_key(office)));
    let now = triage.db.now();
    let times = (now - SILENT_AFTER, now - SYMPTOMS_FOR);
    let counts = counts(&triage.db, org, office, times).await.map_err(failed)?;
    let view = View::from_word(&asked.view).unwrap_or_else(|| first(&counts));
    let entries = entries(&triage, org, office, view, times).await?;
    let is_cut = entries.len() >= OBSERVED_SHOWN as usize;
    let page = ObservationList {
        tiles: tiles(&counts, view, office.filter(|_| own.is_none())),
        view,
        offices: own.is_none().then(|| office_field(&offices, office)),
        with_office: own.is_none(),
        lines: lines(&triage, org, &offices, entries).await?,
        is_cut,
        shell: shell.titled("健康観察"),
    };
    Ok(Page(page).into_response())
}

/// The first list with somebody in it.
fn first(counts: &Counts) -> View {
    match counts {
        Counts { alerts: 1.., .. } => View::Alerts,
        Counts { to_review: 1.., .. } => View::Review,
        Counts { symptomatic: 1.., .. } => View::Symptomatic,
        _ => View::Silent,
    }
}

/// One entry of a list, before anybody is opened for it.
struct Entry {
    case: CaseId,
    chip: Option<Chip>,
    what: String,
    at: Millis,
}

async fn entries(
    triage: &Triage,
    org: base::id::OrgId,
    office: Option<OfficeId>,
    view: View,
    (silent_before, symptoms_since): (Millis, Millis),
) -> Result<Vec<Entry>, PageError> {
    let db = &triage.db;
    let answer = |one: Listed| Entry {
        case: one.case,
        chip: one.health.map(health_chip),
        what: title(&one.form),
        at: one.answered_at.unwrap_or(one.asked_at),
    };
    Ok(match view {
        View::Alerts => {
            let all = open_alerts(db, org, office).await.map_err(failed)?;
            all.into_iter()
                .map(|alert| Entry {
                    case: alert.case,
                    chip: Some(match alert.level {
                        Level::Emergency => Chip::new(Tone::Failed, "緊急"),
                        Level::Call => Chip::new(Tone::Attention, "電話"),
                    }),
                    what: alert.label,
                    at: alert.raised_at,
                })
                .collect()
        }
        View::Review => {
            let all = to_review(db, org, office).await.map_err(failed)?;
            all.into_iter().map(answer).collect()
        }
        View::Symptomatic => {
            let all = symptomatic(db, org, office, symptoms_since)
                .await
                .map_err(failed)?;
            all.into_iter().map(answer).collect()
        }
        View::Silent => {
            let all = silent(db, org, office, silent_before).await.map_err(failed)?;
            all.into_iter()
                .map(|one| Entry {
                    case: one.case,
                    chip: None,
                    what: format!("{}回分の回答がありません", one.questions),
                    at: one.since,
                })
                .collect()
        }
    })
}

/// What a form is called in lists.
fn title(form: &str) -> String {
    match form {
        OBSERVATION => "健康観察".to_owned(),
        INTERVIEW => "聞き取り".to_owned(),
        other => {
            let mut known = Shipped::forms().iter();
            let known = known.find(|one| one.key().as_str() == other);
            known.map_or_else(
                || other.to_owned(),
                |form| form.document().title.shown(Language::Japanese).plain().to_owned(),
            )
        }
    }
}

async fn lines(
    triage: &Triage,
    org: base::id::OrgId,
    offices: &HashMap<OfficeId, Office>,
    entries: Vec<Entry>,
) -> Result<Vec<Line>, PageError> {
    let ids: Vec<CaseId> = entries.iter().map(|entry| entry.case).collect();
    let found = cases(&triage.db, org, &ids).await.map_err(failed)?;
    let found: HashMap<CaseId, Case> = found.into_iter().map(|case| (case.id, case)).collect();
    let today = received_day(triage.db.now());
    let line = |entry: Entry| {
        let case = found.get(&entry.case)?;
        let told = case.notification.as_ref();
        Some(Line {
            case: case.id,
            reference: case.reference.to_string(),
            name: masked_name(told),
            age: told.map(|told| age(&told.person, today)).unwrap_or_default(),
            office: offices
                .get(&case.office)
                .map(|office| office.name.to_string())
                .unwrap_or_default(),
            chip: entry.chip,
            what: entry.what,
            at: entry.at,
        })
    };
    Ok(entries.into_iter().filter_map(line).collect())
}

fn tiles(counts: &Counts, view: View, office: Option<OfficeId>) -> Tiles {
    let office = office.map_or_else(String::new, |office| office.to_string());
    let tile = |one: View, count: u32, tone: Tone| {
        let address = format!("/observation?view={}&office={office}", one.as_str());
        let tile = Tile::new(one.as_str(), one.label(), count.into(), address).current(one == view);
        if count > 0 { tile.tone(tone) } else { tile }
    };
    Tiles::new(
        "健康観察の一覧",
        "件",
        vec![
            tile(View::Alerts, counts.alerts, Tone::Failed),
            tile(View::Review, counts.to_review, Tone::Attention),
            tile(View::Symptomatic, counts.symptomatic, Tone::Attention),
            tile(View::Silent, counts.silent, Tone::Waiting),
        ],
    )
}

fn office_field(offices: &HashMap<OfficeId, Office>, chosen: Option<OfficeId>) -> Field {
    let mut sorted: Vec<&Office> = offices.values().collect();
    sorted.sort_by_key(|office| office.id);
    let mut choices = vec![Choice::new("", "すべての部署")];
    choices.extend(
        sorted
            .iter()
            .map(|office| Choice::new(office.id, office.name.as_str())),
    );
    let value = chosen.map_or_else(String::new, |office| office.to_string());
    Field::select("office", "部署", choices).value(value)
}
