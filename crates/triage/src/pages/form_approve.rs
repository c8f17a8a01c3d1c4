//! `POST /forms/{id}/versions/{version}/approve`: somebody who did not write on it lets residents be asked by a version.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::FormId;
use desk::store::{approve_form, form_draft_authors};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::{Triage, form_load};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    revision: i64,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(at): Id<(FormId, i64)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let (db, org, me) = (&triage.db, session.staff.org, session.staff.id);
    let loaded = form_load::own_version(&triage, &session, at).await?;
    if form_draft_authors(db, org, at)
        .await
        .map_err(failed)?
        .contains(&me)
    {
        return Err(PageError::rejected(
            "自分が書いた版は承認できません。",
            "書いていない承認者に頼んでください。",
        ));
    }
    if !approve_form(db, org, at, form.revision, me)
        .await
        .map_err(failed)?
    {
        return Err(PageError::conflict(
            "この版はもう下書きではないか、あなたが読んだあとに直されました。",
            "もう一度内容を確かめてから、承認してください。",
        ));
    }
    Ok(after_post_with(&loaded.address(), "approved").into_response())
}
