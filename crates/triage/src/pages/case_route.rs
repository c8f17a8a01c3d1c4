//! `POST /cases/{id}/route`: somebody decides otherwise than the rules, and says why.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, Shell, after_post_with};

use super::Triage;
use super::case_conflict::{Both, conflict};
use super::case_load::{hand, load, reason};
use crate::decision::Route;
use crate::store::changes::{Changed, overrule};

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
    shell: Shell,
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
    let changed = overrule(&triage.db, staff.org, hand, route, why.clone()).await;
    if changed.map_err(failed)? == Changed::Overtaken {
        let now = load(&triage, staff, id).await?;
        let decided = &now.decided;
        let rows = vec![
            Both::new("連絡の方法", decided.route.label(), route.label()),
            Both::new("理由", decided.reasons.join(" "), why),
        ];
        return conflict(&triage, staff, shell, &now, rows, None).await;
    }
    Ok(after_post_with(&format!("/cases/{id}"), "route").into_response())
}
