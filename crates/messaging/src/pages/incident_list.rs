//! `GET /incidents`: the newest incidents of the office, at the head office of all.

use accounts::{Office, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{IncidentId, OfficeId};
use web::ui::{Chip, Tone};
use web::{Page, Shell};

use super::{Answer, Desk, failed, scope};
use crate::incident::{Deadlines, Incident, IncidentState};
use crate::limits::INCIDENTS_SHOWN;
use crate::store;

#[derive(Template)]
#[template(path = "incident_list.html")]
struct IncidentList {
    shell: Shell,
    rows: Vec<Row>,
    with_office: bool,
}

struct Row {
    id: IncidentId,
    at: Millis,
    chip: Chip,
    way: &'static str,
    office: String,
    due: Option<Millis>,
}

pub(super) const fn tone(state: IncidentState) -> Tone {
    match state {
        IncidentState::Open => Tone::Attention,
        IncidentState::Contained => Tone::Stopped,
        IncidentState::Closed => Tone::Done,
    }
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let (org, office) = (session.staff.org, scope(&session.staff));
    let incidents = store::newest_incidents(&desk.db, org, office, INCIDENTS_SHOWN)
        .await
        .map_err(failed)?;
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let page = IncidentList {
        rows: incidents.iter().map(|one| row(one, &offices)).collect(),
        with_office: office.is_none(),
        shell: shell.titled("インシデント"),
    };
    Ok(Page(page).into_response())
}

fn row(incident: &Incident, offices: &[Office]) -> Row {
    Row {
        id: incident.id,
        at: incident.opened_at,
        chip: Chip::new(tone(incident.state), incident.state.label()),
        way: incident.way.label(),
        office: office_name(offices, incident.office),
        due: (incident.state != IncidentState::Closed).then(|| Deadlines::of(incident.opened_at).first_until),
    }
}

/// The name of an office.
pub(super) fn office_name(offices: &[Office], id: OfficeId) -> String {
    let office = offices.iter().find(|office| office.id == id);
    office.map_or(String::new(), |office| office.name.to_string())
}
