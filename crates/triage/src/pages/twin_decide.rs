//! `POST /cases/{id}/twins/{twin}`: two cases are one person, or two; or what was decided is taken back.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::Triage;
use super::twin_show::both;
use crate::store::twins::{Judge, TwinState, Verdict, decide};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    verdict: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id((id, twin)): Id<(CaseId, CaseId)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let (_, _, twins) = both(&triage, staff, id, twin).await?;
    let kept = form
        .verdict
        .strip_prefix("keep-")
        .and_then(|kept| kept.parse().ok())
        .map(CaseId::new);
    let verdict = match (form.verdict.as_str(), kept) {
        (_, Some(kept)) if kept == id || kept == twin => Verdict::Same { kept },
        ("distinct", _) => Verdict::Distinct,
        ("undo", _) => Verdict::Undo,
        _ => return Err(PageError::Unreadable),
    };
    let judge = Judge {
        by: staff.id,
        office: staff.office,
    };
    if !decide(&triage.db, staff.org, twins, verdict, judge)
        .await
        .map_err(failed)?
    {
        return Err(PageError::conflict(
            "ほかの人が先に決めたか、どちらかの記録がすでに別の記録に統合されています。何も変更していません。",
            "画面を開き直して、今の状態を確かめてください。",
        ));
    }
    let (next, done) = match verdict {
        // The kept one may be another office's; what this office still sees is its own.
        Verdict::Same { .. } => (format!("/cases/{id}"), "merged"),
        Verdict::Distinct => (format!("/cases/{id}"), "distinct"),
        Verdict::Undo if twins.state == TwinState::Merged => (format!("/cases/{id}"), "apart"),
        Verdict::Undo => (format!("/cases/{id}/twins/{twin}"), "undone"),
    };
    Ok(after_post_with(&next, done).into_response())
}
