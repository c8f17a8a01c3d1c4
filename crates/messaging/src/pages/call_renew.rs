//! `POST /calls/{id}/renew`, `POST /calls/{id}/return`: more time for a call, or none at all.

use accounts::SignedIn;
use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::SECOND;
use base::id::CallId;
use lists::calls::{LEASE, Taken, give_back, renew};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::call_take::held;
use super::{Answer, Desk, Id, NoFields, failed, scope};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Form {
    /// The page's script asks by itself, and stays where it is.
    quiet: String,
}

pub(super) async fn renewed(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<CallId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let renewed = renew(&desk.db, staff.org, scope(staff), staff.id, id).await;
    match renewed.map_err(failed)? {
        Taken::Yours { .. } if form.quiet.is_empty() => {
            Ok(after_post_with(&format!("/calls/{id}"), "renewed").into_response())
        }
        Taken::Yours { .. } => {
            let left = serde_json::json!({ "seconds": LEASE / SECOND });
            Ok(Json(left).into_response())
        }
        Taken::Held(lease) => Err(held(&desk, &session, lease).await?),
        Taken::Closed | Taken::Nobody => Err(PageError::conflict(
            "この電話の担当は、すでに終わっています。",
            "電話リストに戻り、続けるときは「この人に電話する」を押してください。",
        )),
        Taken::Missing => Err(PageError::NotFound),
    }
}

pub(super) async fn given_back(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<CallId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let (org, office, staff) = (session.staff.org, scope(&session.staff), session.staff.id);
    let found = lists::calls::call(&desk.db, org, office, id)
        .await
        .map_err(failed)?;
    found.ok_or(PageError::NotFound)?;
    let write = desk
        .db
        .write(move |tx| Box::pin(give_back(tx, org, office, staff, id)));
    let done = if write.await.map_err(failed)? {
        "back"
    } else {
        "over"
    };
    Ok(after_post_with("/calls", done).into_response())
}
