//! `POST /programmes/{id}/versions/{version}/withdraw`: a version decides nothing from now on.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ProgrammeId;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::{Triage, programme_load};
use crate::limits::VALUE_LETTERS;
use crate::store::programmes;
use messaging::pages::{Answer, failed};

pub(super) async fn submit(
    State(desk): State<Triage>,
    session: SignedIn,
    Id(at): Id<(ProgrammeId, i64)>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    programme_load::own_version(&desk, &session, at).await?;
    let reason = fields
        .get("reason")
        .map(|text| text.trim().to_owned())
        .unwrap_or_default();
    if reason.is_empty() || reason.chars().count() > VALUE_LETTERS {
        return Err(PageError::rejected(
            "取り下げる理由がないか、長すぎます。",
            format!("前のページに戻り、{VALUE_LETTERS}文字までで入力してください。"),
        ));
    }
    let (org, by) = (session.staff.org, session.staff.id);
    // Withdrawn already: that is what was asked for.
    programmes::withdraw(&desk.db, org, at, reason, by)
        .await
        .map_err(failed)?;
    let page = format!("/programmes/{}/versions/{}", at.0, at.1);
    Ok(after_post_with(&page, "withdrawn").into_response())
}
