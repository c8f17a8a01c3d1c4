//! `POST /calls/{id}/mark`: what came of a call.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::CallId;
use lists::calls::{CallOutcome, Mark, call, mark};
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::{Answer, Desk, Id, failed, scope};
use crate::limits::NOTE_LETTERS;

/// The button for a call that nobody answered.
const TRIED: &str = "tried";

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Form {
    outcome: String,
    note: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<CallId>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let (staff, office) = (&session.staff, scope(&session.staff));
    let found = call(&desk.db, staff.org, office, id).await.map_err(failed)?;
    found.ok_or(PageError::NotFound)?;
    let outcome = CallOutcome::from_word(&form.outcome);
    if outcome.is_none() && form.outcome != TRIED {
        return Err(PageError::Unreadable);
    }
    let note = form.note.trim();
    if note.chars().count() > NOTE_LETTERS {
        return Err(PageError::rejected(
            format!("メモが長すぎます。{NOTE_LETTERS}文字まで入力できます。何も記録していません。"),
            "前の画面に戻り、短くしてからもう一度記録してください。",
        ));
    }
    let new = Mark {
        outcome,
        note: (!note.is_empty()).then(|| note.to_owned()),
        by: staff.id,
    };
    let marked = mark(&desk.db, staff.org, office, id, new).await.map_err(failed)?;
    let done = match (marked, outcome) {
        (false, _) => "nothing",
        (true, Some(_)) => "closed",
        (true, None) => "tried",
    };
    Ok(after_post_with("/calls", done).into_response())
}
