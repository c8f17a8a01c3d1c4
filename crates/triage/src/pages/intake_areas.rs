//! `GET /intake/areas`, `POST /intake/areas`: which municipalities each office looks after.

use std::collections::HashMap;

use accounts::{Office, OfficeKind, SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::OfficeId;
use messaging::pages::{Answer, failed};
use web::form::Field;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::Triage;
use super::programme_load::is_head_office;
use crate::area::Areas;
use crate::disease::names;
use crate::limits::AREAS_LETTERS;
use crate::store::areas::{areas, set_areas};

#[derive(Template)]
#[template(path = "intake_areas.html")]
struct IntakeAreas {
    shell: Shell,
    /// Office and its areas, for those who only read.
    lines: Vec<(String, String)>,
    /// For those who say it.
    fields: Vec<Field>,
}

pub(super) async fn show(State(triage): State<Triage>, session: SignedIn, shell: Shell) -> Answer {
    let staff = &session.staff;
    let offices = offices(&triage, staff).await?;
    let areas = areas(&triage.db, staff.org).await.map_err(failed)?;
    let shell = match shell.done() {
        Some("saved") => shell.with_notice(Notice::success("管内を変えました")),
        _ => shell,
    };
    Ok(Page(page(staff, shell, &offices, &areas, Errors::default())).into_response())
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let staff = &session.staff;
    // Whose a place is, is the same for every office.
    if !is_head_office(staff) {
        return Err(PageError::NotFound);
    }
    let offices = offices(&triage, staff).await?;
    let (mut lines, mut errors) = (Vec::new(), Errors::default());
    for office in &offices {
        let field = field(office.id);
        let line = typed.get(&field).map_or("", String::as_str);
        if line.chars().count() > AREAS_LETTERS {
            errors.add(field, format!("{AREAS_LETTERS}文字までにしてください。"));
        }
        lines.push((office.id, names(line).collect::<Vec<_>>().join("、")));
    }
    if !errors.is_empty() {
        let page = page(staff, shell, &offices, &Areas::new(lines), errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    set_areas(&triage.db, staff.org, lines).await.map_err(failed)?;
    Ok(after_post_with("/intake/areas", "saved").into_response())
}

fn field(office: OfficeId) -> String {
    format!("office-{office}")
}

/// Those that look after people, by number.
async fn offices(triage: &Triage, staff: &Staff) -> Result<Vec<Office>, PageError> {
    let all = triage.offices(staff.org).await?;
    let mut open: Vec<Office> = all
        .into_values()
        .filter(|office| office.kind == OfficeKind::HealthCentre && office.is_open(triage.db.now()))
        .collect();
    open.sort_by_key(|office| office.id);
    Ok(open)
}

fn page(staff: &Staff, shell: Shell, offices: &[Office], areas: &Areas, errors: Errors) -> IntakeAreas {
    let says = is_head_office(staff) && shell.may("POST", "/intake/areas");
    let field = |office: &Office| {
        Field::long_text(&field(office.id), &office.name.to_string(), 2)
            .optional()
            .value(areas.of(office.id))
            .errors(&errors)
    };
    IntakeAreas {
        lines: offices
            .iter()
            .map(|office| (office.name.to_string(), areas.of(office.id).to_owned()))
            .collect(),
        fields: offices.iter().filter(|_| says).map(field).collect(),
        shell: shell.titled("部署の管内").with_errors(errors),
    }
}
