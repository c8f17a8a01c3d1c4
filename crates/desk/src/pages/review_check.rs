//! `POST /applications/{id}/check`: a clerk looked through an application: on to whoever judges, or back to the person.
//! `…/withdraw`: taken back for the person. `…/unpark`: back into the queue.

use accounts::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::{CsrfForm, Errors, Id, NoFields, PageError, Shell, after_post_with};

use super::review_act::comment;
use super::review_load::{load, load_to_check, may_check, may_review};
use super::review_record::{Typed, refused};
use crate::form::Key;
use crate::store::{self, Changed, Precheck};

/// Highest priority that a clerk can give.
const URGENT: u32 = 99;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    /// What the clerk looked at.
    changes: i64,
    #[serde(rename = "do")]
    button: String,
    priority: String,
    what: String,
    note: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ApplicationId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let opened = load_to_check(&desk, staff, id).await?;
    let note = comment(&form.note)?.unwrap_or_default();
    let typed = |errors| Typed {
        priority: &form.priority,
        what: &form.what,
        note: &form.note,
        errors,
        ..Typed::default()
    };
    let (precheck, word) = match form.button.as_str() {
        "pass" => {
            let priority = form.priority.parse().ok().filter(|priority| *priority <= URGENT);
            let priority = priority.ok_or(PageError::Unreadable)?;
            (Precheck::Pass { priority }, "passed")
        }
        "back" => {
            let key = Key::parse(&form.what);
            let Some(what) = key.filter(|key| opened.document.send_back(key).is_some()) else {
                let mut errors = Errors::default();
                errors.add("what", "差し戻す理由を選んでください。");
                let at = (id, StatusCode::UNPROCESSABLE_ENTITY);
                return refused(&desk, staff, shell, at, typed(errors)).await;
            };
            (Precheck::SendBack { what }, "sent-back")
        }
        _ => return Err(PageError::Unreadable),
    };
    let done = store::precheck(
        &desk.db,
        staff.org,
        (id, form.changes),
        precheck,
        (staff.id, note),
    )
    .await;
    match done.map_err(failed)? {
        Changed::Done => Ok(after_post_with(&format!("/applications/{id}"), word).into_response()),
        Changed::Missing => Err(PageError::NotFound),
        Changed::Otherwise(_) => {
            let at = (id, StatusCode::CONFLICT);
            refused(&desk, staff, shell, at, typed(Errors::default())).await
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Withdrawal {
    changes: i64,
    why: String,
}

pub(super) async fn withdraw(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ApplicationId>,
    CsrfForm(form): CsrfForm<Withdrawal>,
) -> Answer {
    let staff = &session.staff;
    load_to_check(&desk, staff, id).await?;
    let Some(why) = comment(&form.why)? else {
        let mut errors = Errors::default();
        errors.add("why", "取り下げる理由を入力してください。");
        let typed = Typed {
            errors,
            ..Typed::default()
        };
        let at = (id, StatusCode::UNPROCESSABLE_ENTITY);
        return refused(&desk, staff, shell, at, typed).await;
    };
    let done = store::withdraw_for(&desk.db, staff.org, (id, form.changes), (staff.id, why)).await;
    match done.map_err(failed)? {
        Changed::Done => Ok(after_post_with(&format!("/applications/{id}"), "withdrawn").into_response()),
        Changed::Missing => Err(PageError::NotFound),
        Changed::Otherwise(_) => {
            let at = (id, StatusCode::CONFLICT);
            refused(&desk, staff, shell, at, Typed::default()).await
        }
    }
}

pub(super) async fn unpark(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ApplicationId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    let opened = load(&desk, staff, id).await?;
    if !may_check(staff, &opened.row) && !may_review(staff, &opened.row, &opened.document) {
        return Err(PageError::NotFound);
    }
    store::unpark(&desk.db, staff.org, id, Some(staff.id))
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/applications/{id}"), "unparked").into_response())
}
