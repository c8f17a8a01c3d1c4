//! `POST /cases/{id}/route`: somebody decides otherwise than the rules, and says why.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::Triage;
use super::case_load::{hand, load, reason, told};
use crate::decision::Route;
use crate::store::changes::overrule;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    version: String,
    route: String,
    why: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    load(&triage, staff, id).await?;
    let Some(route) = Route::from_word(&form.route) else {
        return Err(PageError::rejected(
            "連絡の方法が選ばれていません。何も変更していません。",
            "前の画面に戻り、方法を選んでから、もう一度操作してください。",
        ));
    };
    let why = reason(&form.why)?;
    let hand = hand(staff, id, &form.version)?;
    told(
        overrule(&triage.db, staff.org, hand, route, why)
            .await
            .map_err(failed)?,
    )?;
    Ok(after_post_with(&format!("/cases/{id}"), "route").into_response())
}
