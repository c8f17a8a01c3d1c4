//! `POST /calls/{id}/hand-over`: another office, or the contractor, goes on.

use accounts::{Office, OfficeKind, SignedIn};
use axum::extract::State;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{CallId, OfficeId};
use lists::calls::{Marked, call, hand_over};
use web::{CsrfForm, Errors, PageError, Shell, after_post_with};

use super::call_mark::{check_length, stands, wrong};
use super::call_show::{Typed, refused};
use super::{Answer, Desk, Id, failed, scope};

/// Whether a call may go to this office from that one. Doctors judge, and do not telephone.
pub(super) fn is_offered(office: &Office, from: OfficeId, now: Millis) -> bool {
    office.id != from && office.kind != OfficeKind::Doctors && office.is_open(now)
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
    if let Some(standing) = stands(&desk, &session, &call) {
        return refused(&desk, &session, shell, call, &typed, standing).await;
    }
    let mut errors = Errors::default();
    let words = typed.words.trim();
    check_length(&mut errors, "words", words);
    let offices = desk.accounts.offices(staff.org).await.map_err(failed)?;
    let to = offices
        .iter()
        .find(|one| one.id.to_string() == typed.office && is_offered(one, call.office, desk.db.now()));
    let (Some(to), true) = (to, errors.is_empty()) else {
        if to.is_none() {
            errors.add("office", "引き継ぐ部署を選んでください。");
        }
        return wrong(&desk, &session, shell, call, &typed, errors).await;
    };
    let by = (staff.id, (!words.is_empty()).then(|| words.to_owned()));
    let given = hand_over(&desk.db, staff.org, office, id, to.id, by).await;
    match given.map_err(failed)? {
        Marked::Kept => Ok(after_post_with("/calls", "handed_over").into_response()),
        Marked::Missing => Err(PageError::NotFound),
        standing => refused(&desk, &session, shell, call, &typed, standing).await,
    }
}
