//! `POST /lists/references`: keeps the source system's own list of the day, to compare the office's lists with.

use accounts::SignedIn;
use axum::extract::{Multipart, State};
use lists::read::ReadOptions;
use lists::store::Role;
use web::{CsrfMultipart, PageError, Shell};

use super::list_importing::Keeper;
use super::list_take::{Incoming, SentFile};
use super::list_unread::after_take;
use super::list_upload::{no_file, receive_file, refuse};
use super::{Answer, Desk};

/// The field of the file; the page has another one called `file`.
pub(super) const FILE: &str = "daily";

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfMultipart(form): CsrfMultipart,
) -> Answer {
    let staff = &session.staff;
    let file = receive(form).await?;
    if file.is_none() {
        return no_file(&desk, staff, shell, "", FILE).await;
    }
    let incoming = Incoming {
        file,
        role: Role::Reference,
        reference: None,
        office: staff.office,
        template: None,
        kept: None,
    };
    let options = ReadOptions::default();
    match incoming.file.read(options.clone()).await? {
        Ok(sheet) => {
            let taken = incoming.take(&desk, staff, sheet, &Keeper::AtOnce).await?;
            Ok(after_take(Role::Reference, &taken))
        }
        Err(problem) => refuse(&desk, staff, shell, incoming, problem, options).await,
    }
}

async fn receive(mut form: Multipart) -> Result<SentFile, PageError> {
    let mut file = SentFile::default();
    while let Some(part) = form.next_field().await? {
        match part.name() {
            Some(FILE) => file = receive_file(part).await?,
            _ => return Err(PageError::Unreadable),
        }
    }
    Ok(file)
}
