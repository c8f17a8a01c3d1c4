//! `GET /calls/{id}/wrong`, `POST …`: the number of a call is somebody else's, or wrong.

use accounts::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::CallId;
use base::phone::{self, PhoneNumber};
use lists::calls::{Call, CallSource, call, wrong_number};
use lists::numbers::WrongKind;
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post};

use super::message_wrong::{NumberWrong, Place, usual_reason};
use super::number_form::{Typed, enter, told_at};
use super::{Answer, Desk, Id, failed, mask, scope};

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<CallId>,
) -> Answer {
    let (call, number) = load(&desk, &session, id).await?;
    // Somebody else answers: that is what is found out by telephone.
    let kind = WrongKind::NotMe.as_str();
    let typed = Typed {
        kind: kind.to_owned(),
        reason: usual_reason(kind).to_owned(),
        ..Typed::default()
    };
    let page = NumberWrong::of(shell, place(&call, number), &typed, Errors::default());
    Ok(Page(page).into_response())
}

async fn load(desk: &Desk, session: &SignedIn, id: CallId) -> Result<(Call, PhoneNumber), PageError> {
    let staff = &session.staff;
    let found = call(&desk.db, staff.org, scope(staff), id)
        .await
        .map_err(failed)?;
    let call = found.ok_or(PageError::NotFound)?;
    let number = call
        .number
        .as_deref()
        .and_then(|number| phone::parse(number).ok());
    let number = number.ok_or_else(|| {
        PageError::rejected(
            "この電話には携帯電話の番号がないため、番号の誤りを登録できません。",
            "電話の結果は、その電話の画面で記録してください。",
        )
    })?;
    Ok((call, number.number))
}

fn place(call: &Call, number: PhoneNumber) -> Place {
    Place {
        back: format!("/calls/{}", call.id),
        back_label: "電話の画面に戻る",
        action: format!("/calls/{}/wrong", call.id),
        number: number.masked(),
        about: mask::name(&call.person),
    }
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<CallId>,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let (call, number) = load(&desk, &session, id).await?;
    let message = match call.source {
        CallSource::Message(message) => Some(message),
        CallSource::Row { .. } | CallSource::Case(_) | CallSource::ByHand => None,
    };
    let errors = match typed.accept(Some(number)) {
        Err(errors) => errors,
        Ok(accepted) => {
            let (corrected, reason) = (accepted.corrected(), accepted.reason().to_owned());
            match enter(&desk, &session, accepted, message).await? {
                Ok(effect) => {
                    note(&desk, &session, &call, corrected, reason).await?;
                    let told = told_at(&format!("/calls/{id}"), &effect);
                    return Ok(after_post(&told).into_response());
                }
                Err(errors) => errors,
            }
        }
    };
    let page = NumberWrong::of(shell, place(&call, number), &typed, errors);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// Keeps it with the call, which goes on under the right number. The register has it already, and that is what counts:
/// a call that is done, or somebody else's at this moment, stays as it is.
async fn note(
    desk: &Desk,
    session: &SignedIn,
    call: &Call,
    corrected: Option<PhoneNumber>,
    reason: String,
) -> Result<(), PageError> {
    let staff = &session.staff;
    let corrected = corrected.map(PhoneNumber::national);
    let by = (staff.id, reason);
    wrong_number(&desk.db, staff.org, scope(staff), call.id, corrected, by)
        .await
        .map(drop)
        .map_err(failed)
}
