//! `POST /lists`: takes a file in, reads it, keeps it, and leads to its check. A file that is no list is
//! explained, with the form to choose another.

use std::sync::Arc;

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::{Multipart, State, multipart::Field as Part};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::limits::LIST_FILE_BYTES;
use lists::columns::phone_columns;
use lists::problem::FileProblem;
use lists::read::{ReadOptions, read};
use lists::sheet::Sheet;
use lists::store::{NewList, Role, Settings};
use tokio::sync::Semaphore;
use web::ui::Notice;
use web::{CsrfMultipart, Errors, OrBug, Page, PageError, Shell, after_post};

use super::list_form::{TemplateChoice, UploadForm, asked_template, upload_form};
use super::list_importing::{self, Arrived, Keeper};
use super::list_new::NewListPage;
use super::{Answer, Desk};
use crate::limits;

/// Reading a list takes a core for a while; more at once would hold up everybody's pages.
pub(super) static READERS: Semaphore = Semaphore::const_new(limits::LISTS_READ_AT_ONCE);

#[derive(Template)]
#[template(path = "list_refused.html")]
struct RefusedPage {
    shell: Shell,
    notice: Notice,
    form: UploadForm,
}

/// What was sent.
#[derive(Default)]
struct Upload {
    template: String,
    sheet: Option<String>,
    file_name: String,
    bytes: Vec<u8>,
    /// Bytes of the file, also of one that is too long to be kept.
    size: usize,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfMultipart(form): CsrfMultipart,
) -> Answer {
    let staff = &session.staff;
    let upload = receive(form).await?;
    let chosen = upload.template.clone();
    if upload.file_name.is_empty() && upload.size == 0 {
        return no_file(&desk, staff, shell, &chosen).await;
    }
    let template = asked_template(&desk, staff, &chosen).await?;
    let file_name = upload.file_name.clone();
    if upload.size <= LIST_FILE_BYTES && upload.bytes.len() > limits::LONG_LIST_BYTES {
        return in_background(&desk, staff, upload, template).await;
    }
    let (sheet, to) = match understood(upload).await? {
        Ok(understood) => understood,
        Err(problem) => return refused(&desk, staff, shell, &file_name, &chosen, &problem).await,
    };
    let new = new_list(staff, sheet, to, template);
    let id = Keeper::AtOnce.keep(&desk, staff.org, new).await?;
    Ok(after_post(&format!("/lists/{id}")).into_response())
}

fn new_list(staff: &Staff, sheet: Sheet, to: Option<String>, template: Option<TemplateChoice>) -> NewList {
    let settings = Settings {
        to,
        template,
        ..Settings::default()
    };
    NewList {
        role: Role::List,
        reference: None,
        office: staff.office,
        sheet,
        settings,
        by: staff.id,
    }
}

/// The list's page shows how far it is.
async fn in_background(
    desk: &Desk,
    staff: &Staff,
    upload: Upload,
    template: Option<TemplateChoice>,
) -> Answer {
    let by = staff.clone();
    let db = desk.clone();
    let take = async move |keeper: Keeper, sheet: Sheet| {
        let to = only_numbers(&sheet);
        let new = new_list(&by, sheet, to, template);
        keeper.keep(&db, by.org, new).await.map(|_| ())
    };
    let arrived = Arrived {
        options: options(upload.sheet),
        file_name: upload.file_name,
        bytes: Arc::new(upload.bytes),
    };
    let id = list_importing::start(desk, staff, arrived, take).await?;
    Ok(after_post(&format!("/lists/{id}")).into_response())
}

async fn receive(mut form: Multipart) -> Result<Upload, PageError> {
    let mut upload = Upload::default();
    while let Some(part) = form.next_field().await? {
        match part.name() {
            Some("template") => upload.template = short_text(part).await?,
            Some("sheet") => upload.sheet = Some(short_text(part).await?).filter(|name| !name.is_empty()),
            Some("file") => {
                upload.file_name = shown_name(part.file_name().unwrap_or_default());
                receive_file(part, &mut upload).await?;
            }
            _ => return Err(PageError::Unreadable),
        }
    }
    Ok(upload)
}

async fn receive_file(mut part: Part<'_>, upload: &mut Upload) -> Result<(), PageError> {
    while let Some(chunk) = part.chunk().await? {
        upload.size += chunk.len();
        if upload.size <= LIST_FILE_BYTES {
            upload.bytes.extend_from_slice(&chunk);
        } else {
            upload.bytes = Vec::new();
        }
    }
    Ok(())
}

async fn short_text(mut part: Part<'_>) -> Result<String, PageError> {
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

/// The list, and the heading of its column of numbers where there is only one that it can be.
async fn understood(upload: Upload) -> Result<Result<(Sheet, Option<String>), FileProblem>, PageError> {
    if upload.size > LIST_FILE_BYTES {
        return Ok(Err(FileProblem::TooBig { bytes: upload.size }));
    }
    let _turn = READERS.acquire().await.or_bug()?;
    let work = move || {
        let sheet = read(&upload.file_name, &upload.bytes, &options(upload.sheet))?;
        let to = only_numbers(&sheet);
        Ok((sheet, to))
    };
    tokio::task::spawn_blocking(work).await.or_bug()
}

fn options(sheet: Option<String>) -> ReadOptions {
    ReadOptions {
        sheet,
        ..ReadOptions::default()
    }
}

/// The heading of the column of numbers, where there is only one that it can be.
fn only_numbers(sheet: &Sheet) -> Option<String> {
    match phone_columns(sheet).as_slice() {
        [only] => Some(sheet.headings()[*only].clone()),
        _ => None,
    }
}

async fn no_file(desk: &Desk, staff: &Staff, shell: Shell, chosen: &str) -> Answer {
    let mut errors = Errors::default();
    errors.add("file", "リストのファイルを選んでください。");
    let form = upload_form(desk, staff, chosen, &[], &errors).await?;
    let shell = shell.titled("リストを選ぶ").with_errors(errors);
    Ok(unprocessable(Page(NewListPage { shell, form })))
}

async fn refused(
    desk: &Desk,
    staff: &Staff,
    shell: Shell,
    file_name: &str,
    chosen: &str,
    problem: &FileProblem,
) -> Answer {
    let sheets = match problem {
        FileProblem::ChooseSheet { names } | FileProblem::NoSuchSheet { names, .. } => names.as_slice(),
        _ => &[],
    };
    let title = match problem {
        FileProblem::ChooseSheet { .. } => "使うシートを選んでください",
        _ => "リストを読めませんでした",
    };
    let form = upload_form(desk, staff, chosen, sheets, &Errors::default()).await?;
    let page = RefusedPage {
        shell: shell.titled(title),
        notice: Notice::error(format!("「{file_name}」")).text(problem),
        form,
    };
    Ok(unprocessable(Page(page)))
}

fn unprocessable<T: Template>(page: Page<T>) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
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
