//! `POST /lists/{id}/rows/{line}/include`: takes a row in again that was left out.

use accounts::SignedIn;
use axum::extract::State;
use base::id::ListId;
use lists::store::RowWish;
use web::CsrfForm;

use super::list_row_change::carry_out;
use super::{Answer, Desk, Id, NoFields};

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((list, line)): Id<(ListId, u32)>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let next = format!("/lists/{list}");
    carry_out(&desk, &session, (list, line), RowWish::Include, &next, "included").await
}
