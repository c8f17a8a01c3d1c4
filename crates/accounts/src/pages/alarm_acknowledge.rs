//! `POST /alarms/{id}/seen`: somebody has seen to an alarm, so that it leaves the home page. It stays in the database,
//! with who it was.

use axum::extract::State;
use axum::response::IntoResponse;
use web::{CsrfForm, PageError, after_post};

use super::{Answer, Id, NoFields, failed};
use crate::alarms;
use crate::{Accounts, SignedIn};

pub(super) async fn submit(
    State(accounts): State<Accounts>,
    session: SignedIn,
    Id(id): Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    let seen = alarms::acknowledge(&accounts.db, staff.org, id, staff.id).await;
    if !seen.map_err(failed)? {
        return Err(PageError::NotFound);
    }
    Ok(after_post("/").into_response())
}
