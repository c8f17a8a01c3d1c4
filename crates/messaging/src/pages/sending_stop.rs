//! `POST /organisation/stop`, `…/release`, `…/mode`: everything stands still, goes on, is an exercise, or is not.

use accounts::{SignedIn, audit};
use axum::extract::State;
use axum::response::IntoResponse;
use base::org::OrgMode;
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, Desk, NoFields, failed};
use crate::limits::REASON_LETTERS;
use crate::store;

const PAGE: &str = "/organisation/limits";

#[derive(Deserialize)]
pub(super) struct Reason {
    #[serde(default)]
    reason: String,
}

/// From its commit on nothing is claimed, on any node. A missing reason is asked for, and never delays it by more than
/// that.
pub(super) async fn stop(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Reason>,
) -> Answer {
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_LETTERS {
        return Err(PageError::rejected(
            format!("止める理由を、{REASON_LETTERS}文字までで入力してください。"),
            "まだ止めていません。前の画面に戻り、理由を入れて、もう一度押してください。",
        ));
    }
    audit::note(reason);
    let staff = &session.staff;
    let done = store::stop_all(&desk.db, staff.org, staff.id, reason)
        .await
        .map_err(failed)?;
    Ok(after_post_with(PAGE, if done { "stopped" } else { "nothing" }).into_response())
}

/// Everything goes on where it stood.
pub(super) async fn release(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    session.fresh()?;
    let done = store::release_all(&desk.db, session.staff.org)
        .await
        .map_err(failed)?;
    Ok(after_post_with(PAGE, if done { "released" } else { "nothing" }).into_response())
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    mode: String,
}

/// Training can be begun at any time; live only with the operator's review.
pub(super) async fn mode(
    State(desk): State<Desk>,
    session: SignedIn,
    CsrfForm(form): CsrfForm<Wanted>,
) -> Answer {
    session.fresh()?;
    let mode = OrgMode::from_code(&form.mode).ok_or(PageError::NotFound)?;
    let org = session.staff.org;
    if mode == OrgMode::Live && !desk.standing(org).await?.may_go_live() {
        return Err(PageError::conflict(
            "利用審査が済んでいないため、本番にできません。",
            "運用者に、目的・送信元・文面の審査を頼んでください。",
        ));
    }
    audit::note(mode.label());
    let done = store::set_mode(&desk.db, org, mode).await.map_err(failed)?;
    Ok(after_post_with(PAGE, if done { mode.code() } else { "nothing" }).into_response())
}
