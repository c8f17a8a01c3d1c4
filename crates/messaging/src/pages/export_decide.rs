//! `POST /exports/{id}/agree`, `POST /exports/{id}/refuse`: a second person looks at what somebody wants to take out.

use accounts::{SignedIn, audit};
use axum::extract::State;
use axum::response::IntoResponse;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, Desk, Id, NoFields, failed, may_see};
use crate::export::{ExportRequest, VALID};
use crate::store::exports;

/// The request, if it is there for this person.
pub(super) async fn load(desk: &Desk, session: &SignedIn, id: i64) -> Result<ExportRequest, PageError> {
    let found = exports::request(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?;
    found
        .filter(|request| may_see(&session.staff, request.office))
        .ok_or(PageError::NotFound)
}

pub(super) async fn agree(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    session.fresh()?;
    let request = load(&desk, &session, id).await?;
    let staff = &session.staff;
    if request.by == staff.id {
        return Err(PageError::rejected(
            "自分が求めた書き出しには、自分では同意できません。",
            "書き出しまたは承認のできるほかの人に頼んでください。",
        ));
    }
    audit::note(format!("目的: {}（{}行）", request.purpose, request.rows));
    let agreed = exports::agree(&desk.db, staff.org, id, staff.id, VALID)
        .await
        .map_err(failed)?;
    decided(agreed, "agreed")
}

pub(super) async fn refuse(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    load(&desk, &session, id).await?;
    let refused = exports::refuse(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?;
    decided(refused, "refused")
}

fn decided(done: bool, word: &'static str) -> Answer {
    if done {
        return Ok(after_post_with("/exports", word).into_response());
    }
    Err(PageError::conflict(
        "この書き出しは、すでに決まっているか、期限が切れています。",
        "「ファイルの書き出し」を開き直して、いまの状態を確かめてください。",
    ))
}
