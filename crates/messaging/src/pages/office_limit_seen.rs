//! `POST /alarms/office-limit/seen`: somebody of the office has seen that little is left of its limit, so that the alarm
//! leaves its home page for the day. It stays in the database, with who it was.

use accounts::SignedIn;
use accounts::alarms::{Alarm, AlarmKind, saw};
use axum::extract::State;
use axum::response::IntoResponse;
use web::{CsrfForm, PageError, after_post};

use super::home_alarms::{about_office, office_limit_words};
use super::{Answer, Desk, NoFields, failed};

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let Some(words) = office_limit_words(&desk, &session).await? else {
        return Err(PageError::NotFound);
    };
    let alarm = Alarm {
        kind: AlarmKind::OFFICE_LIMIT,
        subject: Some(about_office(&session)),
        detail: Some(words),
    };
    let staff = &session.staff;
    saw(&desk.db, staff.org, alarm, staff.id).await.map_err(failed)?;
    Ok(after_post("/").into_response())
}
