//! `POST /numbers/{id}/lift`: a report is taken back, with the reason that is kept.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::WrongNumberId;
use lists::numbers::{lift, report};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, Desk, Id, failed, scope};
use crate::limits::REASON_LETTERS;

#[derive(Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    reason: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<WrongNumberId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let (staff, office) = (&session.staff, scope(&session.staff));
    let found = report(&desk.db, staff.org, office, id).await.map_err(failed)?;
    found.ok_or(PageError::NotFound)?;
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LETTERS {
        return Err(PageError::rejected(
            format!(
                "解除する理由を、1文字以上{REASON_LETTERS}文字以内で書いてください。何も変更していません。"
            ),
            "前の画面に戻り、理由を書いてからもう一度解除してください。",
        ));
    }
    let lifted = lift(&desk.db, staff.org, office, id, staff.id, reason)
        .await
        .map_err(failed)?;
    let done = if lifted { "lifted" } else { "nothing" };
    Ok(after_post_with("/numbers", done).into_response())
}
