//! `POST /outcomes/lists/{id}/send`: the people of a locked list are told, as they were shown.
//!
//! The form carries the seal of what was shown. Of two who press at once the second is led to the broadcast of the
//! first.

use accounts::{Permission, SignedIn};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::{BroadcastId, OutcomeListId};
use messaging::broadcast::{Origin, StartError};
use messaging::limits::LARGE_SEND;
use messaging::pages::roll;
use messaging::pages::{Answer, Desk};
use serde::Deserialize;
use web::ui::Notice;
use web::{CsrfForm, Id, PageError, Shell, after_post, after_post_with};

use super::outcome_sheet::{page, plan};
use crate::release::start;

#[derive(Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    seal: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<OutcomeListId>,
    CsrfForm(form): CsrfForm<Confirmed>,
) -> Answer {
    if !session.staff.may(Permission::Send) {
        return Err(PageError::NotFound);
    }
    let plan = plan(&desk, &session, id).await?;
    let already = |broadcast: BroadcastId| -> Answer {
        Ok(after_post_with(&format!("/broadcasts/{broadcast}"), "already").into_response())
    };
    if let Some(broadcast) = plan.list.broadcast {
        return already(broadcast);
    }
    let changed = async |shell: Shell| -> Answer {
        let again = super::outcome_sheet::plan(&desk, &session, id).await?;
        // What has changed may be that somebody else was a moment sooner.
        if let Some(broadcast) = again.list.broadcast {
            return already(broadcast);
        }
        let notice = Notice::warning("開いていたあいだに、リストの人か文面が変わりました")
            .text("まだ何も送っていません。もう一度確かめてください。");
        let shown = page(&desk, &session, shell.with_notice(notice), again).await?;
        Ok((StatusCode::CONFLICT, shown).into_response())
    };
    let Ok((gathering, judged)) = &plan.ready else {
        return changed(shell).await;
    };
    if judged.seal(&desk).await? != form.seal {
        return changed(shell).await;
    }
    if judged.is_exercise(&desk) {
        return Err(PageError::conflict(
            "訓練中は、結果を送れません。申請した人が結果を知らされたことになるためです。",
            "訓練を終えてから送るか、訓練用の組織で試してください。",
        ));
    }
    if judged.rows.len() > LARGE_SEND {
        session.fresh()?;
    }
    let name = gathering.name(&plan.opened.label(&plan.list.kind.outcome));
    let by = Some(session.staff.id);
    let new = judged.broadcast(&desk, name, Origin::Browser, by).await?;
    match start(&desk.db, gathering, judged, new).await {
        Ok(released) => Ok(match released.started {
            Some(started) => after_post(&format!("/broadcasts/{}", started.broadcast)).into_response(),
            None => after_post_with(&format!("/outcomes/lists/{id}"), "called").into_response(),
        }),
        Err(StartError::NoRows | StartError::AllLeftOut(_)) => changed(shell).await,
        Err(error) => Err(roll::not_started(error)),
    }
}
