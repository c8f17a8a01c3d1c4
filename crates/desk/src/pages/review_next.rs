//! `POST /review/{desk}/next`, `POST /review/{desk}/{id}/take`: an application for this person alone, and the one after
//! it set aside.

use std::sync::Arc;

use accounts::{SignedIn, Staff, audit};
use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use base::id::{ApplicationId, DeskId};
use messaging::pages::{Answer, Desk, failed};
use web::{CsrfForm, Id, NoFields, PageError, after_post, after_post_with};

use super::review_load::{desk_to_review, load_to_review};
use crate::store::{self, Claimed, Wanted};

pub(super) async fn next(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(word): Id<String>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let open = desk_to_review(&desk, &session.staff, &word).await?;
    let at = (open.row.id, word.as_str());
    let shown = open_next(&desk, &session.staff, at, "nothing").await?;
    Ok(shown.into_response())
}

/// The way to the next one, or to the desk's page with the word `otherwise` if nothing waits.
pub(super) async fn open_next(
    desk: &Desk,
    staff: &Staff,
    (id, word): (DeskId, &str),
    otherwise: &'static str,
) -> Result<Redirect, PageError> {
    Ok(match claim(desk, staff, id, Wanted::Next).await? {
        Claimed::Yours(id, _) => after_post(&format!("/review/{word}/{id}")),
        _ => after_post_with(&format!("/review/{word}"), otherwise),
    })
}

pub(super) async fn this(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((word, id)): Id<(String, ApplicationId)>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let opened = load_to_review(&desk, &session.staff, (&word, id)).await?;
    let page = format!("/review/{word}/{id}");
    Ok(
        match claim(&desk, &session.staff, opened.row.id, Wanted::This(id)).await? {
            Claimed::Yours(..) => after_post(&page),
            // The page says who has it, or where it stands.
            _ => after_post_with(&page, "taken"),
        }
        .into_response(),
    )
}

async fn claim(desk: &Desk, staff: &Staff, at: DeskId, wanted: Wanted) -> Result<Claimed, PageError> {
    let (org, by, now) = (staff.org, staff.id, desk.db.now());
    let vault = desk.db.vault(org).await.map_err(failed)?;
    let claimed = desk
        .db
        .write(move |tx| {
            let vault = Arc::clone(&vault);
            Box::pin(async move {
                let claimed = store::claim(tx, org, &vault, (at, wanted), by, now).await?;
                if matches!(claimed, Claimed::Yours(..)) {
                    store::set_aside(tx, org, at, by, now).await?;
                }
                Ok(claimed)
            })
        })
        .await
        .map_err(failed)?;
    if let Claimed::Yours(id, _) = claimed {
        audit::note_subject("applications", id.get());
    }
    Ok(claimed)
}
