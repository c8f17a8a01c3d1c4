//! `POST /cases/{id}/decide`: what somebody decided otherwise than the rules is taken back, and the rules decide again.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, Shell, after_post_with};

use super::Triage;
use super::case_conflict::{Both, conflict};
use super::case_load::{hand, load};
use super::rules_now::rules;
use crate::store::changes::{Changed, decide_again};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    version: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let case = load(&triage, staff, id).await?;
    let hand = hand(staff, id, &form.version)?;
    let rules = rules(&triage, staff.org, case.programme).await?;
    let changed = decide_again(&triage.db, staff.org, hand, rules, String::new()).await;
    if changed.map_err(failed)? == Changed::Overtaken {
        let now = load(&triage, staff, id).await?;
        let route = now.decided.route.label();
        let rows = vec![Both::new("連絡の方法", route, "振り分け規則の判断に戻す")];
        return conflict(&triage, staff, shell, &now, rows, None).await;
    }
    Ok(after_post_with(&format!("/cases/{id}"), "decided").into_response())
}
