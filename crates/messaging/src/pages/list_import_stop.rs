//! `POST /lists/{id}/import/stop`: stops the import of a list, or takes one that died off the desk.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use lists::store::import::stop_import;
use web::{CsrfForm, after_post};

use super::list_import_show::load;
use super::{Answer, Desk, Id, NoFields, failed, list_judged};

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    match load(&desk, staff, id).await? {
        Some(_) => {
            stop_import(&desk.db, staff.org, id, staff.id)
                .await
                .map_err(failed)?;
        }
        // It was whole before the button was pressed: its page has a button to withdraw it.
        None => {
            list_judged::head(&desk, staff, id).await?;
        }
    }
    Ok(after_post(&format!("/lists/{id}")).into_response())
}
