//! `POST /broadcasts/{id}/resume`: what waits is handed over again, or, for a corrected number, for the first time.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::BroadcastId;
use web::{CsrfForm, PageError, after_post_with};

use super::broadcast_load::load;
use super::standing::no_room;
use super::{Answer, Desk, Id, NoFields, failed};
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<BroadcastId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let (broadcast, staff) = (load(&desk, &session, id).await?, &session.staff);
    let is_first = broadcast.is_unchecked();
    if is_first && staff.office != broadcast.office {
        return Err(PageError::rejected(
            "この配信は、担当する部署の人が確かめてから送ります。まだ送っていません。",
            "担当する部署に、「今日の配信」の「確認待ち」を見てもらってください。",
        ));
    }
    let held = store::held_by(&desk.db, staff.org, id).await.map_err(failed)?;
    if let Some(incident) = held {
        return Err(PageError::conflict(
            format!("この配信はインシデント {incident} が止めています。まだ送っていません。"),
            "インシデントの画面で、責任者が「再開してよい」と決めてから再開してください。",
        ));
    }
    let resumed = store::resume(&desk.db, staff.org, id, Some(staff.id))
        .await
        .map_err(failed)?
        .map_err(|over| no_room(&over))?;
    let done = match (resumed, is_first) {
        (true, true) => "checked",
        (true, false) => "resumed",
        (false, _) => "nothing",
    };
    Ok(after_post_with(&format!("/broadcasts/{id}"), done).into_response())
}
