//! `POST /programmes/{id}/diseases`: for which diseases a programme is, and whether it is the default.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ProgrammeId;
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::{CsrfForm, Id, PageError, after_post_with};

use super::Triage;
use super::programme_load::{self, is_head_office};
use crate::disease::names;
use crate::limits::DISEASES_LETTERS;
use crate::store::programmes::set_diseases;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    diseases: String,
    default: String,
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<ProgrammeId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    programme_load::programme(&triage, &session, id).await?;
    // Which disease is whose is the same for every office.
    if !is_head_office(&session.staff) {
        return Err(PageError::NotFound);
    }
    if form.diseases.chars().count() > DISEASES_LETTERS {
        return Err(PageError::rejected(
            "対象の疾患が長すぎます。何も変えていません。",
            format!("前のページに戻り、{DISEASES_LETTERS}文字までで入力してください。"),
        ));
    }
    let diseases: Vec<&str> = names(&form.diseases).collect();
    let said = (diseases.join("、"), form.default == "yes");
    set_diseases(&triage.db, session.staff.org, id, said)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/programmes/{id}"), "diseases").into_response())
}
