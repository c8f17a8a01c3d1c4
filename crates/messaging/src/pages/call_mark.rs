//! `POST /calls/{id}/mark`: what came of a call.
//!
//! Whoever does not have the person while somebody else does is told so, and what was typed stays on the page.

use accounts::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::CallId;
use lists::calls::{Call, CallAttempt, CallOutcome, CallResult, Mark, Marked, call, mark};
use web::{CsrfForm, Errors, PageError, Shell, after_post_with};

use super::call_next::NextTyped;
use super::call_show::{Typed, page, refused};
use super::{Answer, Desk, Id, failed, scope};
use crate::limits::NOTE_LETTERS;

/// Longest note, as a mistake in its field.
pub(super) fn check_length(errors: &mut Errors, field: &str, note: &str) {
    if note.chars().count() > NOTE_LETTERS {
        errors.add(
            field,
            format!("メモが長すぎます。{NOTE_LETTERS}文字までにしてください。"),
        );
    }
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<CallId>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let (staff, office) = (&session.staff, scope(&session.staff));
    let found = call(&desk.db, staff.org, office, id).await.map_err(failed)?;
    let call = found.ok_or(PageError::NotFound)?;
    let pressed = Pressed::of(&typed.result).ok_or(PageError::Unreadable)?;
    if let Some(standing) = stands(&desk, &session, &call) {
        return refused(&desk, &session, shell, call, &typed, standing).await;
    }
    let result = match typed.accept(pressed, desk.db.now()) {
        Ok(result) => result,
        Err(errors) => return wrong(&desk, &session, shell, call, &typed, errors).await,
    };
    let note = typed.note.trim();
    let new = Mark {
        result,
        note: (!note.is_empty()).then(|| note.to_owned()),
        by: staff.id,
    };
    let done = match result {
        CallResult::Done(_) => "closed",
        CallResult::Tried { .. } => "tried",
    };
    match mark(&desk.db, staff.org, office, id, new).await.map_err(failed)? {
        Marked::Kept => Ok(after_post_with(&format!("/calls/{id}"), done).into_response()),
        Marked::Missing => Err(PageError::NotFound),
        standing => refused(&desk, &session, shell, call, &typed, standing).await,
    }
}

/// What stands against a result from this caller before anything is written.
pub(super) fn stands(desk: &Desk, session: &SignedIn, call: &Call) -> Option<Marked> {
    if call.closed.is_some() {
        return Some(Marked::Closed);
    }
    let held = call.held(desk.db.now());
    held.filter(|lease| lease.by != session.staff.id)
        .map(Marked::Held)
}

/// The page with the mistakes in the form.
pub(super) async fn wrong(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    call: Call,
    typed: &Typed,
    errors: Errors,
) -> Result<Response, PageError> {
    let page = page(desk, session, shell, call, Some((typed, errors))).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, web::Page(page)).into_response())
}

/// The button that was pressed.
#[derive(Clone, Copy)]
enum Pressed {
    Outcome(CallOutcome),
    Attempt(CallAttempt),
}

impl Pressed {
    fn of(word: &str) -> Option<Self> {
        let offered = |attempt: &CallAttempt| {
            // A stranger at a landline is noted; the register is of numbers that get SMS.
            CallAttempt::OFFERED.contains(attempt) || *attempt == CallAttempt::WrongPerson
        };
        let attempt = CallAttempt::from_word(word).filter(offered);
        CallOutcome::from_word(word)
            .map(Self::Outcome)
            .or(attempt.map(Self::Attempt))
    }
}

impl Typed {
    fn accept(&self, pressed: Pressed, now: i64) -> Result<CallResult, Errors> {
        let mut errors = Errors::default();
        let note = self.note.trim();
        check_length(&mut errors, "note", note);
        let result = match pressed {
            Pressed::Outcome(outcome) => {
                if outcome.needs_reason() && note.is_empty() {
                    errors.add(
                        "note",
                        format!(
                            "「{}」で終えるときは、理由をメモに入力してください。",
                            outcome.label()
                        ),
                    );
                }
                CallResult::Done(outcome)
            }
            Pressed::Attempt(attempt) => {
                let next = NextTyped {
                    next: &self.next,
                    day: &self.day,
                    time: &self.time,
                };
                let due = next.due(now).map_err(|(field, what)| errors.add(field, what));
                CallResult::Tried {
                    attempt,
                    due: due.ok(),
                }
            }
        };
        if errors.is_empty() {
            Ok(result)
        } else {
            Err(errors)
        }
    }
}
