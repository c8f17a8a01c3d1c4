//! `POST /cases/{id}/reveal`: the page of one case with name, numbers and address, for this once.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, reveal};
use web::{CsrfForm, Id, NoFields, Page, Shell};

use super::Triage;
use super::case_load::load;
use super::case_show::page;

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<CaseId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let case = load(&triage, &session.staff, id).await?;
    reveal::count_for(&triage.accounts, triage.db.now(), &session, ("cases", id.get())).await?;
    Ok(Page(page(&triage, &session.staff, shell, case, (true, None)).await?).into_response())
}
