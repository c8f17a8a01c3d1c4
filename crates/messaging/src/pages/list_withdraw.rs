//! `POST /lists/{id}/withdraw`: takes a list off the desk that will not be sent.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use lists::store::Role;
use web::{CsrfForm, PageError, after_post, after_post_with};

use super::list_judged::open_head;
use super::{Answer, Desk, Id, NoFields, failed};
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    let head = open_head(&desk, staff, id).await?;
    let sent = store::latest_of_list(&desk.db, staff.org, id)
        .await
        .map_err(failed)?;
    if sent.is_some() {
        return Err(PageError::rejected(
            "このリストは送信を始めているため、取り下げられません。",
            "まだ送っていない行は、リストの検査結果で除外できます。配信を止めるときは、配信の画面を開いてください。",
        ));
    }
    lists::store::withdraw(&desk.db, staff.org, id, staff.id)
        .await
        .map_err(failed)?;
    Ok(match head.role {
        Role::List | Role::Cases => after_post(&format!("/lists/{id}")).into_response(),
        Role::Reference => after_post_with("/lists/new", "reference-withdrawn").into_response(),
    })
}
