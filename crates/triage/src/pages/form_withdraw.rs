//! `POST /forms/{id}/versions/{version}/withdraw`: nobody is asked by a version from now on.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::FormId;
use desk::store::withdraw_form;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::{Triage, form_load};
use crate::limits::VALUE_LETTERS;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    reason: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(at): Id<(FormId, i64)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let loaded = form_load::own_version(&triage, &session, at).await?;
    let reason = form.reason.trim();
    if reason.is_empty() || reason.chars().count() > VALUE_LETTERS {
        return Err(PageError::rejected(
            "取り下げる理由がないか、長すぎます。",
            format!("前のページに戻り、{VALUE_LETTERS}文字までで入力してください。"),
        ));
    }
    let (org, by) = (session.staff.org, session.staff.id);
    // Withdrawn already: that is what was asked for.
    withdraw_form(&triage.db, org, at, reason.to_owned(), by)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&loaded.address(), "withdrawn").into_response())
}
