//! `POST /desks/{id}/versions/{version}/approve`: somebody who did not write on it lets a version hold.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::DeskId;
use messaging::pages::{Answer, Desk, failed};
use web::{CsrfForm, Id, PageError, after_post_with};

use super::desk_load;
use crate::store;
use crate::texts::publish_in_force;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(at): Id<(DeskId, i64)>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let (org, me) = (session.staff.org, session.staff.id);
    let loaded = desk_load::version(&desk, &session, at).await?;
    if !loaded.version.is_draft() {
        return Err(PageError::conflict(
            "この版は、もう下書きではありません。",
            "窓口のページで、いまの状態を確かめてください。",
        ));
    }
    let authors = store::desk_authors(&desk.db, org, at).await.map_err(failed)?;
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
    if !store::approve_desk(&desk.db, org, at, seen, me)
        .await
        .map_err(failed)?
    {
        return Err(PageError::conflict(
            "あなたが読んだあとに、ほかの人がこの版を直しました。",
            "もう一度内容を確かめてから、承認してください。",
        ));
    }
    // A version of a later day makes its texts on that day, before they are first needed.
    publish_in_force(&desk.db, org, &loaded.desk)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&loaded.address(), "approved").into_response())
}
