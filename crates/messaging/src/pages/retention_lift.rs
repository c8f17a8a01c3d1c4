//! `POST /organisation/retention/holds/{id}/lift`: what was held is erased again when it is due.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, Desk, Id, NoFields, failed};
use crate::store::retention::{hold_exists, lift_hold};

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    session.fresh()?;
    let staff = &session.staff;
    let lifted = lift_hold(&desk.db, staff.org, id, staff.id)
        .await
        .map_err(failed)?;
    if !lifted && !hold_exists(&desk.db, staff.org, id).await.map_err(failed)? {
        return Err(PageError::NotFound);
    }
    let done = if lifted { "lifted" } else { "nothing" };
    Ok(after_post_with("/organisation/retention", done).into_response())
}
