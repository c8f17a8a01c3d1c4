//! `POST /incidents/{id}/state`: contained, closed, or opened again.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::IncidentId;
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::incident_show::load_incident;
use super::{Answer, Desk, Id, failed};
use crate::incident::{self, IncidentEvent, Marked};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    event: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<IncidentId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    load_incident(&desk, &session, id).await?;
    let event = IncidentEvent::chosen(&form.event).ok_or(PageError::Unreadable)?;
    let staff = &session.staff;
    let marked = incident::mark(&desk.db, staff.org, id, event, staff.id)
        .await
        .map_err(failed)?;
    let done = match marked {
        Marked::Done => event.as_str(),
        Marked::NotNow => "nothing",
        Marked::Undecided(count) => {
            return Err(PageError::conflict(
                format!("止めたままの配信が{count}件あるため、まだ終えられません。"),
                "インシデントの画面で、再開してよいか、残りを破棄するかを決めてください。",
            ));
        }
    };
    Ok(after_post_with(&format!("/incidents/{id}"), done).into_response())
}
