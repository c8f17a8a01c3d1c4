//! `POST /lists/{id}/send`: what was confirmed becomes a broadcast, once.
//!
//! The form carries the seal of what was shown. A second press finds its rows recognised, or its seal broken
//! and a newer broadcast of the list there: either way it leads to the broadcast of the first press. Whom somebody
//! else wrote to in the same moment, or whose number was found out to be wrong, is left out, and the next page says so.

use std::sync::Arc;

use accounts::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use base::id::ListId;
use serde::Deserialize;
use web::{CsrfForm, Errors, Shell, after_post, after_post_with};

use super::list_confirm::{Typed, no_carrier, overtaken, page, scope, told};
use super::list_plan::{Plan, Planned, plan};
use super::list_timing::Leaving;
use super::standing::refused;
use super::{Answer, Desk, Id, failed};
use crate::broadcast::{Lane, NewBroadcast, Origin, Resend, StartError, Started, start};
use crate::limits::{LARGE_SEND, REASON_LETTERS};
use crate::release::NewRelease;
use crate::stage::BroadcastStage;

/// What the confirmation page sends.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    seal: String,
    #[serde(default)]
    seen: i64,
    #[serde(default)]
    resend: String,
    #[serde(flatten)]
    typed: Typed,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ListId>,
    CsrfForm(form): CsrfForm<Confirmed>,
) -> Answer {
    let plan = match plan(&desk, &session, id, scope(&form.resend)).await? {
        Planned::Ready(plan) => plan,
        Planned::NotYet => return Ok(after_post(&format!("/lists/{id}")).into_response()),
        Planned::Hindered(hindrance) => return Err(hindrance.refusal()),
    };
    if plan.seal != form.seal {
        if let Some(latest) = plan.latest.filter(|latest| latest.get() > form.seen) {
            return Ok(after_post_with(&format!("/broadcasts/{latest}"), "already").into_response());
        }
        let shown = page(
            &desk,
            &session,
            overtaken(shell),
            &plan,
            &form.typed,
            Errors::default(),
        )
        .await?;
        return Ok((StatusCode::CONFLICT, shown).into_response());
    }
    if !desk.sending.has_carrier && !plan.template.training {
        return Err(no_carrier());
    }
    let accepted = accept(&desk, &session, &plan, &form.typed).await?;
    let (resend, release) = match accepted {
        Ok(accepted) => accepted,
        Err(errors) => {
            let shown = page(&desk, &session, shell, &plan, &form.typed, errors).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
        }
    };
    if plan.rows.len() > LARGE_SEND {
        session.fresh()?;
    }
    send(&desk, &session, *plan, resend, release).await
}

/// What was chosen, or every mistake in it.
async fn accept(
    desk: &Desk,
    session: &SignedIn,
    plan: &Plan,
    typed: &Typed,
) -> Result<Result<(Option<Resend>, NewRelease), Errors>, web::PageError> {
    let leaving = Leaving::of(desk, session, plan).await?;
    let resend = resend(plan, &typed.reason);
    let price = desk.price(session.staff.org).await?;
    let release = typed.timing.accept(&leaving, plan, told(plan, price));
    Ok(match (resend, release) {
        (Ok(resend), Ok(release)) => Ok((resend, release)),
        (Err(mut errors), Err(more)) => {
            for (field, message) in more.iter() {
                errors.add(field, message);
            }
            Err(errors)
        }
        (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
    })
}

fn resend(plan: &Plan, reason: &str) -> Result<Option<Resend>, Errors> {
    let Some(scope) = plan.resend else { return Ok(None) };
    let (reason, mut errors) = (reason.trim(), Errors::default());
    let letters = reason.chars().count();
    if letters == 0 {
        errors.add("reason", "送り直す理由を入力してください。");
    } else if letters > REASON_LETTERS {
        errors.add(
            "reason",
            format!("理由は{REASON_LETTERS}文字までにしてください。"),
        );
    }
    if errors.is_empty() {
        Ok(Some(Resend {
            scope,
            reason: reason.to_owned(),
        }))
    } else {
        Err(errors)
    }
}

async fn send(
    desk: &Desk,
    session: &SignedIn,
    plan: Plan,
    resend: Option<Resend>,
    release: NewRelease,
) -> Result<Response, web::PageError> {
    let (list, sending, training) = (plan.head.id, &desk.sending, plan.template.training);
    let purpose = plan.template.content.purpose;
    let sender = desk
        .sender(session.staff.org, plan.head.office, Some(purpose))
        .await?;
    let new = NewBroadcast {
        org: session.staff.org,
        office: plan.head.office,
        list: Some(list),
        template: Some((plan.template.id, plan.template.version)),
        file_name: plan.head.file_name,
        origin: Origin::Browser,
        stage: if training {
            BroadcastStage::Training
        } else {
            BroadcastStage::Live
        },
        simulated: sending.simulated || training,
        purpose,
        lane: Lane::FirstTouch,
        sender,
        segmentation: sending.segmentation,
        hold: sending.hold,
        created_by: Some(session.staff.id),
        resend,
        judged: plan.judged,
        replaces: None,
        release,
        rows: Arc::new(plan.rows.into_iter().map(|row| row.outgoing).collect::<Vec<_>>()),
    };
    match start(&desk.db, new).await {
        Ok(started) => Ok(led_to(list, &started).into_response()),
        Err(StartError::AllLeftOut(_)) => {
            Ok(after_post_with(&format!("/lists/{list}"), "overtaken").into_response())
        }
        // The confirmation page has no button then.
        Err(StartError::NoRows) => Ok(after_post(&format!("/lists/{list}/confirm")).into_response()),
        Err(StartError::Refused(refusal)) => Err(refused(&refusal)),
        Err(StartError::Database(error)) => Err(failed(error)),
    }
}

/// The page that tells what became of the rows.
fn led_to(list: ListId, started: &Started) -> Redirect {
    let broadcast = format!("/broadcasts/{}", started.broadcast);
    match (started.is_new, started.left_out.is_empty()) {
        (true, true) => after_post(&broadcast),
        (true, false) => after_post_with(&broadcast, "left-out"),
        (false, true) => after_post_with(&broadcast, "already"),
        // Nothing new was made, and some people are in no broadcast: the list shows each of them.
        (false, false) => after_post_with(&format!("/lists/{list}"), "overtaken"),
    }
}
