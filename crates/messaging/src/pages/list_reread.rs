//! `POST /lists/{id}/reading`: reads the file of a list in another way. A list is never changed: what comes out is
//! a new one, and the old one is withdrawn.

use std::sync::Arc;

use accounts::SignedIn;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::ListId;
use lists::read::{ReadOptions, preview};
use lists::store::files::bytes_of;
use lists::store::{Role, withdraw};
use web::ui::Notice;
use web::{CsrfForm, OrBug, Page, PageError, Shell, after_post_with};

use super::list_importing::Keeper;
use super::list_reading::{Form, Look, Readable};
use super::list_take::{Incoming, SentFile, Taken};
use super::{Answer, Desk, Id, failed};

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let readable = Readable::load(&desk, staff, id).await?;
    let Ok(head) = readable.file.clone() else {
        return Err(too_late());
    };
    let options = form.options(Some(readable.kept.sheet.understood()))?;
    let bytes = bytes_of(&desk.db, staff.org, head.id).await.map_err(failed)?;
    let bytes = bytes.ok_or_else(too_late)?;
    let file = SentFile {
        name: head.file_name.clone(),
        size: bytes.len(),
        bytes: Arc::new(bytes),
    };
    let sheet = match file.read(options.clone()).await? {
        Ok(sheet) => sheet,
        Err(problem) => {
            let notice = Notice::error("この読み取り方では、リストになりません").text(&problem);
            let look = match Look::at_sheets(&problem) {
                Some(look) => look,
                None => look_at(&file, &options, &readable).await?,
            };
            let page = Page(readable.page(shell.with_notice(notice), &look, &options));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    if sheet.understood() == readable.kept.sheet.understood() {
        return Ok(after_post_with(&format!("/lists/{id}/reading"), "same").into_response());
    }
    let old = readable.kept.head;
    let incoming = Incoming {
        file,
        role: old.role,
        reference: old.reference,
        office: old.office,
        template: old.settings.template,
        // From here on it is the file of the new list, so that it is not erased with the old one.
        kept: Some(head.id),
    };
    let taken = incoming.take(&desk, staff, sheet, &Keeper::AtOnce).await?;
    withdraw(&desk.db, staff.org, id, staff.id)
        .await
        .map_err(failed)?;
    Ok(after_reread(old.role, &taken))
}

/// The way on from a file that a person had read in their own way.
fn after_reread(role: Role, taken: &Taken) -> Response {
    match role {
        Role::Reference => after_post_with("/lists/new", "reference").into_response(),
        Role::List | Role::Cases => {
            after_post_with(&format!("/lists/{}", taken.list), "reread").into_response()
        }
    }
}

async fn look_at(file: &SentFile, options: &ReadOptions, readable: &Readable) -> Result<Look, PageError> {
    let (bytes, options) = (Arc::clone(&file.bytes), options.clone());
    let seen = tokio::task::spawn_blocking(move || preview(&bytes, &options))
        .await
        .or_bug()?;
    Ok(seen.map_or_else(|_| Look::from(readable.kept.sheet.understood()), Look::from))
}

/// What somebody hears whose list was sent, or whose file was erased, while the form was open.
fn too_late() -> PageError {
    PageError::rejected(
        "このリストの読み取り方は、もう変えられません。",
        "送信を始めているか、元のファイルを残しておく24時間が過ぎています。別の読み取り方で送るときは、リストをもう一度選んでください。",
    )
}
