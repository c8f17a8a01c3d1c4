//! `POST /cases/{id}/alerts`: somebody has handled a sign of danger, and says how.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::{CaseId, FormRequestId};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::Triage;
use super::case_load::load;
use crate::limits::NOTE_LETTERS;
use crate::store::alerts::handle;
use crate::store::questions::Looked;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    request: i64,
    code: String,
    note: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    load(&triage, staff, id).await?;
    let looked = Looked {
        case: id,
        request: FormRequestId::new(form.request),
        by: staff.id,
        note: note(&form.note)?,
    };
    let handled = handle(&triage.db, staff.org, looked, form.code)
        .await
        .map_err(failed)?;
    let done = if handled { "handled" } else { "handled-before" };
    Ok(after_post_with(&format!("/cases/{id}"), done).into_response())
}

/// What somebody noted; may be nothing.
pub(super) fn note(words: &str) -> Result<String, PageError> {
    if words.chars().count() > NOTE_LETTERS {
        return Err(PageError::rejected(
            format!("文章が長すぎます。{NOTE_LETTERS}文字まで入力できます。何も記録していません。"),
            "前の画面に戻り、短くしてから、もう一度記録してください。",
        ));
    }
    Ok(words.trim().to_owned())
}
