//! `POST /exports/{id}/fetch`: whoever asked takes the file, once, within a day of the second person's agreeing.

use accounts::{SignedIn, audit};
use axum::extract::State;
use web::{CsrfForm, PageError};

use super::broadcast_export::file;
use super::broadcast_load::load;
use super::broadcast_report::rows;
use super::{Answer, Desk, Id, NoFields, export_decide, failed};
use crate::export::{ExportSubject, VALID};
use crate::store::exports;

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<i64>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    session.fresh()?;
    let request = export_decide::load(&desk, &session, id).await?;
    let ExportSubject::Broadcast(broadcast) = request.subject else {
        return Err(PageError::NotFound);
    };
    let broadcast = load(&desk, &session, broadcast).await?;
    let rows = rows(&desk, &session, &broadcast).await?;
    // Made first: a file that could not be made has not been taken.
    audit::note_subject("broadcasts", broadcast.id.get());
    let answer = file(&desk, &session, &broadcast, rows, request.form, &request.purpose).await?;
    let staff = &session.staff;
    let taken = exports::fetch(&desk.db, staff.org, id, staff.id, VALID)
        .await
        .map_err(failed)?;
    if taken { Ok(answer) } else { Err(not_taken()) }
}

/// Nobody agreed, it was taken, or it is too late.
pub fn not_taken() -> PageError {
    PageError::conflict(
        "このファイルは、まだ同意がないか、受け取り済みか、期限が切れています。",
        "「ファイルの書き出し」で状態を確かめ、必要ならもう一度求めてください。",
    )
}
