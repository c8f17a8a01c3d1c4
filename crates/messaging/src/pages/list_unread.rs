//! `GET` and `POST /lists/files/{id}`: a file that was not understood, kept for an hour: what is wrong with it, and
//! the form to say how it is read, so that nobody chooses it twice.

use std::sync::Arc;

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::id::ListFileId;
use lists::problem::FileProblem;
use lists::read::{ReadOptions, preview};
use lists::store::Role;
use lists::store::files::{FileHead, bytes_of, file};
use web::ui::Notice;
use web::{CsrfForm, Errors, OrBug, Page, PageError, Shell, after_post, after_post_with};

use super::list_form::{UploadForm, template_value, upload_form};
use super::list_importing::Keeper;
use super::list_reading::{Form, Look, ReadingForm};
use super::list_take::{Incoming, SentFile, Taken};
use super::{Answer, Desk, Id, failed};

#[derive(Template)]
#[template(path = "list_refused.html")]
struct RefusedPage {
    shell: Shell,
    notice: Notice,
    /// `None` where nothing that a person says about the file would help.
    reading: Option<ReadingForm>,
    is_reference: bool,
    form: UploadForm,
}

/// A file and what is wrong with it.
pub(super) struct Refusal {
    pub(super) file: SentFile,
    pub(super) role: Role,
    /// What the template's field held.
    pub(super) template: String,
    /// `None` where the file itself can be read and the one to compare with could not.
    pub(super) problem: Option<FileProblem>,
    /// Under which number the file is kept, if a person may say how it is read.
    pub(super) kept: Option<ListFileId>,
    /// How it was read.
    pub(super) options: ReadOptions,
}

impl Refusal {
    /// The page, as an answer to the upload (422). It names its own address, under which it can be seen again.
    pub(super) async fn answer(self, desk: &Desk, staff: &Staff, shell: Shell) -> Answer {
        // What was wrong with the file to compare with is not kept, so that page is shown only once.
        let kept = self.kept.filter(|_| !self.is_about_reference());
        let mut response = self.page(desk, staff, shell).await?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        if let Some(file) = kept {
            let address = HeaderValue::try_from(format!("/lists/files/{file}")).or_bug()?;
            response.headers_mut().insert(header::CONTENT_LOCATION, address);
        }
        Ok(response)
    }

    async fn page(self, desk: &Desk, staff: &Staff, shell: Shell) -> Result<Response, PageError> {
        let title = match &self.problem {
            Some(FileProblem::ChooseSheet { .. }) => "使うシートを選んでください",
            Some(FileProblem::Reference(_)) | None => "照合用のリストを読めませんでした",
            Some(_) => "リストを読めませんでした",
        };
        let what = match &self.problem {
            Some(problem) => problem.to_string(),
            None => "照合用のリストを選び直すか、照合用のリストなしで検査してください。".to_owned(),
        };
        let reading = match self.kept {
            Some(id) => Some(self.form(id).await?),
            None => None,
        };
        let form = upload_form(desk, staff, &self.template, &Errors::default()).await?;
        let page = RefusedPage {
            shell: shell.titled(title),
            notice: Notice::error(format!("「{}」", self.file.name)).text(what),
            reading,
            is_reference: self.role == Role::Reference,
            form,
        };
        Ok(Page(page).into_response())
    }

    fn is_about_reference(&self) -> bool {
        matches!(self.problem, None | Some(FileProblem::Reference(_)))
    }

    async fn form(&self, id: ListFileId) -> Result<ReadingForm, PageError> {
        let look = match self.problem.as_ref().and_then(Look::at_sheets) {
            Some(look) => look,
            None => self.look().await?,
        };
        let submit = match self.role {
            Role::List if self.is_about_reference() => "照合用のリストなしで検査する",
            Role::List | Role::Cases => "この読み取り方で検査する",
            Role::Reference => "この読み取り方で登録する",
        };
        let action = format!("/lists/files/{id}");
        Ok(ReadingForm::new(action, &look, &self.options, submit.to_owned()))
    }

    async fn look(&self) -> Result<Look, PageError> {
        let (bytes, options) = (Arc::clone(&self.file.bytes), self.options.clone());
        let look = move || preview(&bytes, &options).or_else(|_| preview(&bytes, &ReadOptions::default()));
        let seen = tokio::task::spawn_blocking(look).await.or_bug()?;
        Ok(seen.map(Look::from).unwrap_or_default())
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListFileId>,
    shell: Shell,
) -> Answer {
    let staff = &session.staff;
    let (head, sent) = kept(&desk, staff, id).await?;
    if let Some(list) = head.list {
        return Ok(after_post(&format!("/lists/{list}")).into_response());
    }
    let options = ReadOptions::default();
    let problem = sent.read(options.clone()).await?.err();
    refusal(&head, sent, problem, options)
        .page(&desk, staff, shell)
        .await
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListFileId>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let (head, sent) = kept(&desk, staff, id).await?;
    if let Some(list) = head.list {
        return Ok(after_post(&format!("/lists/{list}")).into_response());
    }
    let options = form.options(None)?;
    match sent.read(options.clone()).await? {
        Ok(sheet) => {
            let (role, taken) = take(&desk, staff, head, sent, sheet).await?;
            Ok(after_take(role, &taken))
        }
        Err(problem) => {
            refusal(&head, sent, Some(problem), options)
                .answer(&desk, staff, shell)
                .await
        }
    }
}

/// The file and its bytes, if they are there for this person: only whoever uploaded it meets it again.
async fn kept(desk: &Desk, staff: &Staff, id: ListFileId) -> Result<(FileHead, SentFile), PageError> {
    let head = file(&desk.db, staff.org, id).await.map_err(failed)?;
    let head = head
        .filter(|head| head.by == staff.id)
        .ok_or(PageError::NotFound)?;
    let bytes = bytes_of(&desk.db, staff.org, id).await.map_err(failed)?;
    let bytes = bytes.ok_or(PageError::NotFound)?;
    let sent = SentFile {
        name: head.file_name.clone(),
        size: bytes.len(),
        bytes: Arc::new(bytes),
    };
    Ok((head, sent))
}

fn refusal(head: &FileHead, file: SentFile, problem: Option<FileProblem>, options: ReadOptions) -> Refusal {
    Refusal {
        file,
        role: head.role,
        template: head.template.map(template_value).unwrap_or_default(),
        problem,
        kept: Some(head.id),
        options,
    }
}

async fn take(
    desk: &Desk,
    staff: &Staff,
    head: FileHead,
    file: SentFile,
    sheet: lists::sheet::Sheet,
) -> Result<(Role, Taken), PageError> {
    let incoming = Incoming {
        file,
        role: head.role,
        reference: head.reference,
        office: head.office,
        template: head.template,
        kept: Some(head.id),
    };
    Ok((
        head.role,
        incoming.take(desk, staff, sheet, &Keeper::AtOnce).await?,
    ))
}

/// The way on from a file that became a list.
pub(super) fn after_take(role: Role, taken: &Taken) -> Response {
    match (role, taken.word) {
        (Role::Reference, _) => after_post_with("/lists/new", "reference").into_response(),
        (Role::List | Role::Cases, Some(word)) => {
            after_post_with(&format!("/lists/{}", taken.list), word).into_response()
        }
        (Role::List | Role::Cases, None) => after_post(&format!("/lists/{}", taken.list)).into_response(),
    }
}
