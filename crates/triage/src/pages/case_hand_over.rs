//! `GET /cases/{id}/hand-over`, `POST /cases/{id}/hand-over`: another office takes the case over, because the person
//! is in its area. What happened goes with it.

use accounts::{Office, OfficeKind, SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{CaseId, OfficeId};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{CsrfForm, Errors, Id, Page, PageError, Shell, after_post_with};

use super::Triage;
use super::case_area::Jurisdiction;
use super::case_conflict::{Both, conflict};
use super::case_load::{hand, load, open};
use super::case_words::{area, masked_name};
use super::rules_now::rules;
use crate::case::Case;
use crate::limits::NOTE_LETTERS;
use crate::notification::Person;
use crate::store::changes::{Changed, hand_over};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    version: String,
    office: String,
    why: String,
}

#[derive(Template)]
#[template(path = "case_hand_over.html")]
struct HandOver {
    shell: Shell,
    id: CaseId,
    version: i64,
    name: String,
    area: String,
    now: String,
    opened_by: Vec<String>,
    fields: [Field; 2],
}

/// Whether cases of an office may go to this one. Doctors judge, and look after nobody.
pub(super) fn is_offered(office: &Office, from: OfficeId, now: Millis) -> bool {
    office.id != from && office.kind != OfficeKind::Doctors && office.is_open(now)
}

/// These offices to choose from, in the order of their numbers, behind the choice of none of them.
pub(super) fn office_choices<'o>(nothing: &str, offices: impl Iterator<Item = &'o Office>) -> Vec<Choice> {
    let mut offices: Vec<&Office> = offices.collect();
    offices.sort_by_key(|office| office.id);
    let offices = offices
        .into_iter()
        .map(|office| Choice::new(office.id, &office.name));
    std::iter::once(Choice::new("", nothing)).chain(offices).collect()
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let case = load(&triage, staff, id).await?;
    let opened_by = open(&triage, staff, id).await?;
    let jurisdiction = Jurisdiction::of(&triage, staff.org).await?;
    let whose = jurisdiction.case_elsewhere(&case);
    let form = Form {
        office: whose.map_or_else(String::new, |office| office.id.to_string()),
        why: whose.map_or_else(String::new, |_| "所在地が管内のため".to_owned()),
        ..Form::default()
    };
    let page = page(&triage, staff, shell, &case, &form, Errors::default()).await?;
    Ok(Page(HandOver { opened_by, ..page }).into_response())
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let case = load(&triage, staff, id).await?;
    let offices = triage.offices(staff.org).await?;
    let to = form.office.parse().ok().map(OfficeId::new);
    let to = to.filter(|to| {
        let office = offices.get(to);
        office.is_some_and(|office| is_offered(office, case.office, triage.db.now()))
    });
    let why = form.why.trim();
    let mut errors = Errors::default();
    if to.is_none() {
        errors.add("office", "引き継ぐ先の部署を選んでください。");
    }
    if why.chars().count() > NOTE_LETTERS {
        errors.add("why", format!("理由は{NOTE_LETTERS}文字までにしてください。"));
    }
    let (Some(to), true) = (to, errors.is_empty()) else {
        let page = page(&triage, staff, shell, &case, &form, errors).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    };
    let hand = hand(staff, id, &form.version)?;
    let rules = rules(&triage, staff.org, case.programme).await?;
    let changed = hand_over(&triage.db, staff.org, hand, to, rules, why.to_owned()).await;
    if changed.map_err(failed)? == Changed::Overtaken {
        // Another office may have it by now; then it is not there for this person.
        let now = load(&triage, staff, id).await?;
        let name = |id| {
            offices
                .get(&id)
                .map_or_else(String::new, |office| office.name.to_string())
        };
        let row = Both::new("担当の部署", name(now.office), name(to));
        return conflict(&triage, staff, shell, &now, vec![row], None).await;
    }
    let next = if staff.covers(to) {
        format!("/cases/{id}")
    } else {
        "/cases".to_owned()
    };
    Ok(after_post_with(&next, "handed-over").into_response())
}

async fn page(
    triage: &Triage,
    staff: &Staff,
    shell: Shell,
    case: &Case,
    form: &Form,
    errors: Errors,
) -> Result<HandOver, PageError> {
    let offices = triage.offices(staff.org).await?;
    let open = offices.values();
    let open = open.filter(|office| is_offered(office, case.office, triage.db.now()));
    let choices = office_choices("選んでください", open);
    let person = case.notification.as_ref().map(|told| &told.person);
    Ok(HandOver {
        id: case.id,
        version: case.version,
        name: masked_name(case.notification.as_ref()),
        area: person
            .and_then(Person::whereabouts)
            .map_or_else(|| "分かりません".to_owned(), area),
        now: offices
            .get(&case.office)
            .map(|office| office.name.to_string())
            .unwrap_or_default(),
        opened_by: Vec::new(),
        fields: [
            Field::select("office", "引き継ぐ先の部署", choices)
                .required()
                .value(&form.office)
                .errors(&errors),
            Field::text("why", "引き継ぐ理由")
                .optional()
                .support("例: 所在地が川口市のため")
                .value(&form.why)
                .errors(&errors),
        ],
        shell: shell.titled("別の部署に引き継ぐ").with_errors(errors),
    })
}
