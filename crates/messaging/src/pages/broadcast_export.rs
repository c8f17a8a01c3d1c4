//! `GET /broadcasts/{id}/export`, `POST …`, `POST …/ask`: the results of a broadcast as a file, for a purpose.
//!
//! Above the organisation's number of rows the file is asked for, and leaves only after a second person agreed
//! (`export_fetch.rs`).

use accounts::{SignedIn, audit};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::id::BroadcastId;
use serde::Deserialize;
use web::download::{CSV, headers};
use web::form::Choice;
use web::time::JapanTime;
use web::{CsrfForm, Errors, Field, OrBug, Page, PageError, Shell, after_post_with};

use super::broadcast_load::load;
use super::broadcast_report::{Rows, csv, rows, xlsx};
use super::{Answer, Desk, Id, failed};
use crate::broadcast::Broadcast;
use crate::export::{ExportForm, ExportSubject, NewRequest, PURPOSE_LETTERS};
use crate::store::exports::{add_request, export_rule};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

#[derive(Template)]
#[template(path = "broadcast_export.html")]
struct ExportPage {
    shell: Shell,
    id: BroadcastId,
    file_name: String,
    rows: usize,
    second_person: bool,
    fields: [Field; 2],
}

#[derive(Default, Deserialize)]
pub(super) struct Form {
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    form: String,
}

/// What is asked for, and what there is.
struct Asked {
    broadcast: Broadcast,
    rows: Rows,
    second_person: bool,
}

impl Asked {
    async fn of(desk: &Desk, session: &SignedIn, id: BroadcastId) -> Result<Self, PageError> {
        let broadcast = load(desk, session, id).await?;
        let rows = rows(desk, session, &broadcast).await?;
        let above = export_rule(&desk.db, session.staff.org).await.map_err(failed)?;
        Ok(Self {
            second_person: above.is_some_and(|above| rows.len() > above as usize),
            broadcast,
            rows,
        })
    }

    fn page(&self, shell: Shell, typed: &Form, errors: Errors) -> Page<ExportPage> {
        let forms = vec![
            Choice::new(ExportForm::Xlsx.code(), "Excel（.xlsx）"),
            Choice::new(ExportForm::Csv.code(), "CSV"),
        ];
        let form = match typed.form.as_str() {
            "" => ExportForm::Xlsx.code(),
            typed => typed,
        };
        let fields = [
            Field::text("purpose", "何のために使いますか")
                .support("例: 届かなかった人に郵便で知らせるため。ファイルと記録に残ります。")
                .required()
                .value(&typed.purpose),
            Field::radios("form", "ファイルの形", forms)
                .required()
                .value(form),
        ];
        Page(ExportPage {
            id: self.broadcast.id,
            file_name: self.broadcast.file_name.clone(),
            rows: self.rows.len(),
            second_person: self.second_person,
            fields: fields.map(|field| field.errors(&errors)),
            shell: shell.titled("結果をファイルに書き出す").with_errors(errors),
        })
    }
}

fn read(typed: &Form) -> Result<(ExportForm, String), Errors> {
    let mut errors = Errors::default();
    let purpose = typed.purpose.trim();
    if purpose.is_empty() || purpose.chars().count() > PURPOSE_LETTERS {
        errors.add(
            "purpose",
            format!("何のために使うかを、{PURPOSE_LETTERS}文字までで入力してください。"),
        );
    }
    let form = ExportForm::from_code(&typed.form);
    if form.is_none() {
        errors.add("form", "ファイルの形を選んでください。");
    }
    form.filter(|_| errors.is_empty())
        .map(|form| (form, purpose.to_owned()))
        .ok_or(errors)
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
) -> Answer {
    let asked = Asked::of(&desk, &session, id).await?;
    Ok(asked
        .page(shell, &Form::default(), Errors::default())
        .into_response())
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
    CsrfForm(typed): CsrfForm<Form>,
) -> Answer {
    session.fresh()?;
    let asked = Asked::of(&desk, &session, id).await?;
    let (form, purpose) = match read(&typed) {
        Ok(read) => read,
        Err(errors) => return Ok(again(&asked, shell, &typed, errors)),
    };
    if asked.second_person {
        return Err(PageError::rejected(
            "この行数のファイルには、もう1人の同意が要ります。",
            "書き出しの画面を開き直して、同意を求めてください。",
        ));
    }
    file(&desk, &session, &asked.broadcast, asked.rows, form, &purpose).await
}

/// Asks a second person to agree.
pub(super) async fn ask(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<BroadcastId>,
    CsrfForm(typed): CsrfForm<Form>,
) -> Answer {
    session.fresh()?;
    let asked = Asked::of(&desk, &session, id).await?;
    let (form, purpose) = match read(&typed) {
        Ok(read) => read,
        Err(errors) => return Ok(again(&asked, shell, &typed, errors)),
    };
    let rows = u32::try_from(asked.rows.len()).unwrap_or(u32::MAX);
    audit::note(format!("目的: {purpose}（{rows}行）"));
    let new = NewRequest {
        office: asked.broadcast.office,
        subject: ExportSubject::Broadcast(id),
        form,
        purpose,
        rows,
        by: session.staff.id,
    };
    add_request(&desk.db, session.staff.org, new)
        .await
        .map_err(failed)?;
    Ok(after_post_with("/exports", "asked").into_response())
}

fn again(asked: &Asked, shell: Shell, typed: &Form, errors: Errors) -> Response {
    let page = asked.page(shell, typed, errors);
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// The file itself, marked with who takes it, when and for what; the trail keeps purpose and rows.
pub(super) async fn file(
    desk: &Desk,
    session: &SignedIn,
    broadcast: &Broadcast,
    rows: Rows,
    form: ExportForm,
    purpose: &str,
) -> Answer {
    let (staff, now) = (&session.staff, desk.db.now());
    audit::note(format!("目的: {purpose}（{}行、{}）", rows.len(), form.code()));
    let when = JapanTime::from_millis(now);
    let mark = format!(
        "書き出し: {} {} {}（{}） 目的: {purpose}",
        when.full(),
        session.office_name,
        staff.name,
        staff.login.as_str()
    );
    let head = crate::report::ReportHead {
        broadcast: Some(broadcast.id.get()),
        simulated: broadcast.simulated,
    };
    let kind = match form {
        ExportForm::Csv => CSV,
        ExportForm::Xlsx => XLSX,
    };
    let write = move || match form {
        ExportForm::Csv => csv(&rows, head, mark),
        ExportForm::Xlsx => xlsx(&rows, head, mark),
    };
    let bytes = tokio::task::spawn_blocking(write).await.or_bug()?.or_bug()?;
    let stamp = &when.machine()[..16].replace([':', 'T'], "-");
    let name = format!(
        "todoke-{}-{}-{stamp}-{purpose}.{}",
        broadcast.id,
        staff.login.as_str(),
        form.code()
    );
    Ok((headers(kind, &name), bytes).into_response())
}
