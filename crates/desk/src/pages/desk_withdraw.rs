//! `POST /desks/{id}/versions/{version}/withdraw`: nobody applies by a version from now on.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use web::{CsrfForm, Id, PageError, after_post_with};

use super::desk_load;
use crate::limits::TEXT_LETTERS;
use crate::store;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(at): Id<(DeskId, i64)>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let loaded = desk_load::version(&desk, &session, at).await?;
    let reason = fields
        .get("reason")
        .map(|text| text.trim().to_owned())
        .unwrap_or_default();
    if reason.is_empty() || reason.chars().count() > TEXT_LETTERS {
        return Err(PageError::rejected(
            "取り下げる理由がないか、長すぎます。",
            format!("前のページに戻り、{TEXT_LETTERS}文字までで入力してください。"),
        ));
    }
    let (org, by) = (session.staff.org, session.staff.id);
    // Withdrawn already: that is what was asked for.
    store::withdraw_desk(&desk.db, org, at, reason, by)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&loaded.address(), "withdrawn").into_response())
}
