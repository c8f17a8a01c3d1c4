//! `POST /programmes/{id}/versions`: a new draft, made from a version that is there.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::{OfficeId, ProgrammeId};
use web::{CsrfForm, Id, PageError, after_post_with};

use super::Triage;
use super::programme_load::{self, may_change, today};
use crate::programme::Scope;
use crate::store::programmes::{self, Draft};
use messaging::pages::{Answer, failed};

pub(super) async fn submit(
    State(desk): State<Triage>,
    session: SignedIn,
    Id(id): Id<ProgrammeId>,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let typed = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let copy = typed("copy").parse().unwrap_or_default();
    let loaded = programme_load::version(&desk, &session, (id, copy)).await?;
    let offices = programme_load::offices(&desk, &session).await?;
    let office = typed("scope").parse().ok().map(OfficeId::new);
    let known = office.is_none_or(|office| offices.iter().any(|(one, _)| *one == office));
    let scope = Scope::from(office);
    if !known || !may_change(&session.staff, scope) {
        return Err(PageError::rejected(
            "この部署の規則は作れません。",
            "自分の部署を選ぶか、本庁の担当者に頼んでください。",
        ));
    }
    let draft = Draft {
        from: loaded.version.draft.from.max(today(&desk)?),
        ..loaded.version.draft
    };
    let version = programmes::add_version(&desk.db, session.staff.org, id, (scope, draft), session.staff.id)
        .await
        .map_err(failed)?;
    let edit = format!("/programmes/{}/versions/{version}/edit", loaded.programme.id);
    Ok(after_post_with(&edit, "made").into_response())
}
