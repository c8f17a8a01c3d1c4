//! `POST /programmes/{id}/versions/{version}/approve`: somebody who did not write on it lets a version decide.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ProgrammeId;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::{Triage, programme_load};
use crate::store::programmes;
use messaging::pages::{Answer, failed};

pub(super) async fn submit(
    State(desk): State<Triage>,
    session: SignedIn,
    Id(at): Id<(ProgrammeId, i64)>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let (org, me) = (session.staff.org, session.staff.id);
    let loaded = programme_load::own_version(&desk, &session, at).await?;
    if !loaded.version.is_draft() {
        return Err(PageError::conflict(
            "この版は、もう下書きではありません。",
            "規則のページで、いまの状態を確かめてください。",
        ));
    }
    let authors = programmes::authors(&desk.db, org, at).await.map_err(failed)?;
    if authors.contains(&me) {
        return Err(PageError::rejected(
            "自分が書いた版は承認できません。",
            "書いていない承認者に頼んでください。",
        ));
    }
    let seen = fields
        .get("revision")
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    if !programmes::approve(&desk.db, org, at, seen, me)
        .await
        .map_err(failed)?
    {
        return Err(PageError::conflict(
            "あなたが読んだあとに、ほかの人がこの版を直しました。",
            "もう一度内容を確かめてから、承認してください。",
        ));
    }
    let page = format!("/programmes/{}/versions/{}", at.0, at.1);
    Ok(after_post_with(&page, "approved").into_response())
}
