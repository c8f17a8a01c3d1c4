//! `POST /lists`: takes a file in, reads it, keeps it, and leads to its check, or first to its columns. Beside it
//! may come the source system's own list to compare with. A file that is no list is explained, with the form to say
//! how it is read or to choose another.

use std::sync::Arc;

use accounts::{SignedIn, Staff};
use axum::extract::{Multipart, State, multipart::Field as Part};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::{ListFileId, ListId};
use base::limits::LIST_FILE_BYTES;
use lists::problem::FileProblem;
use lists::read::ReadOptions;
use lists::sheet::Sheet;
use lists::store::Role;
use web::{CsrfMultipart, Errors, Page, PageError, Shell, after_post};

use super::list_form::asked_template;
use super::list_importing::{self, Arrived, Keeper};
use super::list_new::new_list_page;
use super::list_take::{Incoming, SentFile};
use super::list_unread::{Refusal, after_take};
use super::{Answer, Desk};
use crate::limits;

/// What was sent.
#[derive(Default)]
pub(super) struct Upload {
    template: String,
    pub(super) sheet: Option<String>,
    pub(super) file: SentFile,
    reference: SentFile,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfMultipart(form): CsrfMultipart,
) -> Answer {
    let staff = &session.staff;
    let Upload {
        template: chosen,
        sheet,
        file,
        reference,
    } = receive(form).await?;
    if file.is_none() {
        return no_file(&desk, staff, shell, &chosen, "file").await;
    }
    let template = asked_template(&desk, staff, &chosen).await?;
    let mut incoming = Incoming {
        file,
        role: Role::List,
        reference: None,
        office: staff.office,
        template,
        kept: None,
    };
    if !reference.is_none() {
        match take_reference(&desk, staff, reference).await? {
            Ok(id) => incoming.reference = Some(id),
            Err(problem) => {
                let problem = FileProblem::Reference(Box::new(problem));
                return refuse(&desk, staff, shell, incoming, problem, ReadOptions::default()).await;
            }
        }
    }
    let options = ReadOptions {
        sheet,
        ..ReadOptions::default()
    };
    if incoming.file.is_long() {
        return in_background(&desk, staff, incoming, options).await;
    }
    match incoming.file.read(options.clone()).await? {
        Ok(sheet) => {
            let taken = incoming.take(&desk, staff, sheet, &Keeper::AtOnce).await?;
            Ok(after_take(Role::List, &taken))
        }
        Err(problem) => refuse(&desk, staff, shell, incoming, problem, options).await,
    }
}

/// The list's page shows how far it is.
async fn in_background(desk: &Desk, staff: &Staff, incoming: Incoming, options: ReadOptions) -> Answer {
    let arrived = Arrived {
        file_name: incoming.file.name.clone(),
        bytes: Arc::clone(&incoming.file.bytes),
        options,
    };
    let (to, by) = (desk.clone(), staff.clone());
    let take = async move |keeper: Keeper, sheet: Sheet| {
        let taken = incoming.take(&to, &by, sheet, &keeper).await;
        taken.map(|_| ())
    };
    let id = list_importing::start(desk, staff, arrived, take).await?;
    Ok(after_post(&format!("/lists/{id}")).into_response())
}

/// Keeps a list to compare with, or says what is wrong with it.
async fn take_reference(
    desk: &Desk,
    staff: &Staff,
    file: SentFile,
) -> Result<Result<ListId, FileProblem>, PageError> {
    match file.read(ReadOptions::default()).await? {
        Err(problem) => Ok(Err(problem)),
        Ok(sheet) => {
            let incoming = Incoming {
                file,
                role: Role::Reference,
                reference: None,
                office: staff.office,
                template: None,
                kept: None,
            };
            incoming
                .take(desk, staff, sheet, &Keeper::AtOnce)
                .await
                .map(|taken| Ok(taken.list))
        }
    }
}

/// Says what is wrong, and keeps the file for an hour where a person may say how it is read.
pub(super) async fn refuse(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    incoming: Incoming,
    problem: FileProblem,
    options: ReadOptions,
) -> Answer {
    let (file, role) = (incoming.file.clone(), incoming.role);
    let template = incoming
        .template
        .map(super::list_form::template_value)
        .unwrap_or_default();
    let kept = keep(desk, staff, incoming, &problem).await?;
    let refusal = Refusal {
        file,
        role,
        template,
        problem: Some(problem),
        kept,
        options,
    };
    refusal.answer(desk, staff, shell).await
}

async fn keep(
    desk: &Desk,
    staff: &Staff,
    incoming: Incoming,
    problem: &FileProblem,
) -> Result<Option<ListFileId>, PageError> {
    if incoming.file.size > LIST_FILE_BYTES || !incoming.file.can_be_corrected(problem).await? {
        return Ok(None);
    }
    incoming.keep(desk, staff, None).await.map(Some)
}

/// Everything that was sent; what is longer than a list may be is heard to its end and dropped.
pub(super) async fn receive(mut form: Multipart) -> Result<Upload, PageError> {
    let mut upload = Upload::default();
    while let Some(part) = form.next_field().await? {
        match part.name() {
            Some("template") => upload.template = short_text(part).await?,
            Some("sheet") => upload.sheet = Some(short_text(part).await?).filter(|name| !name.is_empty()),
            Some("file") => upload.file = receive_file(part).await?,
            Some("reference") => upload.reference = receive_file(part).await?,
            _ => return Err(PageError::Unreadable),
        }
    }
    Ok(upload)
}

/// One file of a form; what is longer than a list may be is heard to its end and dropped.
pub async fn receive_file(mut part: Part<'_>) -> Result<SentFile, PageError> {
    let name = shown_name(part.file_name().unwrap_or_default());
    let (mut bytes, mut size) = (Vec::new(), 0);
    while let Some(chunk) = part.chunk().await? {
        size += chunk.len();
        if size <= LIST_FILE_BYTES {
            bytes.extend_from_slice(&chunk);
        } else {
            bytes = Vec::new();
        }
    }
    Ok(SentFile {
        name,
        bytes: Arc::new(bytes),
        size,
    })
}

/// One short field of a form with a file.
pub async fn short_text(mut part: Part<'_>) -> Result<String, PageError> {
    let mut text = Vec::new();
    while let Some(chunk) = part.chunk().await? {
        text.extend_from_slice(&chunk);
        if text.len() > limits::SHORT_FIELD_BYTES {
            return Err(PageError::Unreadable);
        }
    }
    String::from_utf8(text).map_err(|_| PageError::Unreadable)
}

/// The last part of the path that some browsers send, without letters that cannot be shown.
fn shown_name(sent: &str) -> String {
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let letters = name.chars().filter(|c| !base::text::is_control(*c));
    letters.take(limits::FILE_NAME_LETTERS).collect()
}

/// The form again, because the file of this field is missing.
pub(super) async fn no_file(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    chosen: &str,
    field: &'static str,
) -> Answer {
    let mut errors = Errors::default();
    let what = match field {
        "file" => "リストのファイルを選んでください。",
        _ => "照合用のリストのファイルを選んでください。",
    };
    errors.add(field, what);
    let page = new_list_page(desk, staff, shell, chosen, errors).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_the_last_part_of_its_path() {
        assert_eq!(shown_name("C:\\Users\\hanako\\朝霞.csv"), "朝霞.csv");
        assert_eq!(shown_name("../../etc/passwd"), "passwd");
        assert_eq!(
            shown_name("a\u{202e}vsc.exe"),
            "avsc.exe",
            "nothing turns the direction"
        );
        assert_eq!(
            shown_name(&"あ".repeat(999)).chars().count(),
            limits::FILE_NAME_LETTERS
        );
    }
}
