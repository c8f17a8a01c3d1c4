//! `POST /programmes`: makes a programme with an empty draft, or takes an example over as drafts.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use web::{CsrfForm, Errors, PageError, Shell, after_post_with};

use super::programme_load::{is_head_office, today};
use super::{Triage, programme_new};
use crate::programme::{Content, check_name, examples};
use crate::store::programmes::{self, Draft};
use messaging::pages::{Answer, failed};

pub(super) async fn submit(
    State(desk): State<Triage>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    if !is_head_office(&session.staff) {
        return Err(PageError::NotFound);
    }
    let (org, by) = (session.staff.org, session.staff.id);
    let typed = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let mut errors = Errors::default();
    if !typed("example").is_empty() {
        let found = examples().into_iter().find(|one| one.code == typed("example"));
        let Some(example) = found else {
            errors.add("example", "何から作るかを選んでください。");
            return Ok(programme_new::page(shell, &fields, errors));
        };
        let id = programmes::install(&desk.db, org, example, by)
            .await
            .map_err(failed)?;
        return Ok(after_post_with(&format!("/programmes/{id}"), "installed").into_response());
    }
    let name = match check_name(typed("name")) {
        Ok(name) => name,
        Err(words) => {
            errors.add("name", words);
            return Ok(programme_new::page(shell, &fields, errors));
        }
    };
    let draft = Draft {
        title: "はじめの版".to_owned(),
        from: today(&desk)?,
        content: Content::blank(),
    };
    let id = programmes::add_programme(&desk.db, org, name, draft, by)
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/programmes/{id}/versions/1/edit"), "made").into_response())
}
