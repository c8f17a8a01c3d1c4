//! `POST /applications/{id}/correct`: whoever judges judges anew what was judged. `…/uphold`: it stays although a second
//! person judges otherwise.

use accounts::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::ApplicationId;
use messaging::pages::{Answer, Desk, failed};
use serde::Deserialize;
use web::{CsrfForm, Errors, Id, PageError, Shell, after_post_with};

use super::review_act::comment;
use super::review_load::{load, may_review};
use super::review_look::is_wanted;
use super::review_record::{Typed, refused};
use crate::document::Decision;
use crate::store::{self, Done, Look};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    /// The judgement that was looked at.
    number: i64,
    decision: String,
    comment: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ApplicationId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let opened = load(&desk, staff, id).await?;
    if !may_review(staff, &opened.row, &opened.document)
        || is_wanted(
            opened.application.decided.as_ref(),
            opened.application.state,
            staff,
        )
    {
        return Err(PageError::NotFound);
    }
    let mut errors = Errors::default();
    let decision = Decision::from_code(&form.decision);
    if decision.is_none() {
        errors.add("decision", "正しい判定を選んでください。");
    }
    let why = comment(&form.comment)?;
    if why.is_none() {
        errors.add("comment", "訂正する理由を入力してください。");
    }
    let typed = |errors| Typed {
        decision: &form.decision,
        note: &form.comment,
        errors,
        ..Typed::default()
    };
    let (Some(decision), Some(why)) = (decision, why) else {
        let at = (id, StatusCode::UNPROCESSABLE_ENTITY);
        return refused(&desk, staff, shell, at, typed(errors)).await;
    };
    let given = (decision, why);
    let seen = (id, form.number);
    match store::correct(&desk.db, staff.org, seen, given, staff.id, &opened.document)
        .await
        .map_err(failed)?
    {
        Done::Done(_) => Ok(after_post_with(&format!("/applications/{id}"), "corrected").into_response()),
        Done::Unknown => Err(PageError::Unreadable),
        Done::Missing => Err(PageError::NotFound),
        Done::Lost(_) | Done::Otherwise(_) => {
            let at = (id, StatusCode::CONFLICT);
            refused(&desk, staff, shell, at, typed(Errors::default())).await
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upheld {
    number: i64,
    comment: String,
}

pub(super) async fn uphold(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ApplicationId>,
    CsrfForm(form): CsrfForm<Upheld>,
) -> Answer {
    let staff = &session.staff;
    let opened = load(&desk, staff, id).await?;
    if !staff.covers(opened.row.office) {
        return Err(PageError::NotFound);
    }
    let Some(why) = comment(&form.comment)? else {
        return Err(PageError::rejected(
            "理由が入力されていません。何も変更していません。",
            "前の画面に戻り、最初の判定のままにする理由を書いてから、もう一度押してください。",
        ));
    };
    let look = (Look::Uphold, why);
    let seen = (id, form.number);
    match store::look(&desk.db, staff.org, seen, look, staff.id, &opened.document)
        .await
        .map_err(failed)?
    {
        Done::Done(_) => Ok(after_post_with(&format!("/applications/{id}"), "upheld").into_response()),
        Done::Missing => Err(PageError::NotFound),
        _ => Err(PageError::conflict(
            "この判定については、ほかの人が先に決めています。",
            "申請の記録を開き直し、いまの状態を確かめてください。",
        )),
    }
}
