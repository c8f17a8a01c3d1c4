//! `POST /cases/{id}/taken`: the office that a case was handed over to has seen it.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed, scope};
use web::{CsrfForm, Id, NoFields, after_post_with};

use super::Triage;
use super::case_load::load;
use crate::store::changes::Hand;
use crate::store::handed::take;

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    let case = load(&triage, staff, id).await?;
    let hand = Hand {
        scope: scope(staff),
        case: id,
        version: case.version,
        by: staff.id,
        office: staff.office,
    };
    take(&triage.db, staff.org, hand).await.map_err(failed)?;
    Ok(after_post_with(&format!("/cases/{id}"), "taken").into_response())
}
