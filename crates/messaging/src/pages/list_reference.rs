//! `POST /lists/{id}/reference`: the source system's own export beside a list, row by row compared with it; and
//! `POST /lists/{id}/reference/remove`: another one was meant.
//!
//! Removing it lifts no stop: an export of the day that knows the list's people is compared with it anyway.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::ListId;
use lists::code::Code;
use lists::integrity::Comparison;
use lists::problem::FileProblem;
use lists::read::ReadOptions;
use lists::store::{ListHead, NewList, Role, Settings, add_list, set_reference};
use web::form::Choice;
use web::number::grouped;
use web::ui::{DropZone, Notice};
use web::{CsrfForm, CsrfMultipart, Errors, Field, Page, PageError, Shell, after_post, after_post_with};

use super::list_judged::{JudgedRows, open_head, withdrawn};
use super::list_upload::receive;
use super::{Answer, Desk, Id, NoFields, failed};

/// What the check page says of the comparison, and the form to choose a reference.
pub(super) struct ReferenceView {
    pub(super) compared: Option<Compared>,
    /// Whether it can be taken away: it is no reference for this list.
    pub(super) removable: bool,
    pub(super) drop: DropZone,
}

/// How a comparison went.
pub(super) struct Compared {
    pub(super) sentence: String,
    pub(super) by: String,
    pub(super) unmatched: Option<String>,
    /// Heading here and there.
    pub(super) columns: Vec<(String, String)>,
}

pub(super) async fn view(
    desk: &Desk,
    staff: &Staff,
    list: &ListHead,
    rows: &JudgedRows,
) -> Result<ReferenceView, PageError> {
    let own = match list.reference {
        Some(id) => lists::store::list_head(&desk.db, staff.org, id)
            .await
            .map_err(failed)?,
        None => None,
    };
    let by = own.map_or_else(
        || "この部署が同じ日に選んだ元の名簿".to_owned(),
        |own| format!("「{}」", own.file_name),
    );
    let unusable = rows
        .checked
        .integrity
        .iter()
        .any(|finding| finding.code == Code::IntegrityReferenceUnusable);
    let comparison = rows.checked.reference.as_ref().filter(|_| !unusable);
    Ok(ReferenceView {
        compared: comparison.map(|comparison| Compared::of(comparison, by)),
        removable: unusable && list.reference.is_some(),
        drop: drop_zone(&Errors::default()).with_submit("元の名簿と比べる"),
    })
}

impl Compared {
    fn of(comparison: &Comparison, by: String) -> Self {
        let Comparison { rows, matched, .. } = comparison;
        let (all, agreeing) = (*rows as u64, agreeing(comparison));
        let missing = rows.saturating_sub(*matched) as u64;
        let lines: Vec<String> = comparison
            .unmatched_lines
            .iter()
            .take(5)
            .map(u32::to_string)
            .collect();
        let more = if missing > lines.len() as u64 {
            "など"
        } else {
            ""
        };
        let columns = comparison.columns.iter();
        Self {
            sentence: if agreeing == all {
                format!("{0}行中{0}行が、元の名簿と一致しました。", grouped(all))
            } else {
                format!(
                    "{}行のうち、元の名簿と一致したのは{}行です。",
                    grouped(all),
                    grouped(agreeing)
                )
            },
            by,
            unmatched: (missing > 0).then(|| {
                format!(
                    "{}行の人は、元の名簿に見つかりません（{}行目{more}）。",
                    grouped(missing),
                    lines.join("、")
                )
            }),
            columns: columns
                .map(|pair| (pair.list.clone(), pair.reference.clone()))
                .collect(),
        }
    }
}

/// Rows with nothing against them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share from 0 to 1 of a count of rows"
)]
fn agreeing(comparison: &Comparison) -> u64 {
    let compared = u32::try_from(comparison.compared).unwrap_or(u32::MAX);
    (comparison.match_rate * f64::from(compared)).round() as u64
}

fn drop_zone(errors: &Errors) -> DropZone {
    DropZone::new(
        "file",
        "元の名簿をここに置く",
        "元のシステムから書き出したままのExcel（.xlsx）・CSV・TSV。列の名前や並びは違ってかまいません。",
        ".xlsx,.csv,.tsv,.txt",
    )
    .errors(errors)
}

#[derive(Template)]
#[template(path = "list_reference.html")]
struct ReferencePage {
    shell: Shell,
    list: ListHead,
    notice: Option<Notice>,
    sheet: Option<Field>,
    drop: DropZone,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    shell: Shell,
    CsrfMultipart(form): CsrfMultipart,
) -> Answer {
    let staff = &session.staff;
    let head = open_head(&desk, staff, id).await?;
    let upload = receive(form).await?;
    if upload.file.is_none() {
        let mut errors = Errors::default();
        errors.add("file", "元の名簿のファイルを選んでください。");
        return Ok(asked_again(shell, head, None, errors));
    }
    let options = ReadOptions {
        sheet: upload.sheet.clone(),
        ..ReadOptions::default()
    };
    let file_name = upload.file.name.clone();
    let sheet = match upload.file.read(options).await? {
        Ok(sheet) => sheet,
        Err(problem) => {
            return Ok(asked_again(
                shell,
                head,
                Some((&file_name, &problem)),
                Errors::default(),
            ));
        }
    };
    let new = NewList {
        role: Role::Reference,
        reference: None,
        office: head.office,
        sheet,
        settings: Settings::default(),
        by: staff.id,
    };
    let reference = add_list(&desk.db, staff.org, new).await.map_err(failed)?;
    keep(&desk, staff, id, Some(reference)).await?;
    Ok(after_post(&format!("/lists/{id}")).into_response())
}

pub(super) async fn remove(
    State(desk): State<Desk>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(NoFields {}): CsrfForm<NoFields>,
) -> Answer {
    let staff = &session.staff;
    open_head(&desk, staff, id).await?;
    keep(&desk, staff, id, None).await?;
    Ok(after_post_with(&format!("/lists/{id}"), "reference-removed").into_response())
}

async fn keep(desk: &Desk, staff: &Staff, list: ListId, reference: Option<ListId>) -> Result<(), PageError> {
    let kept = set_reference(&desk.db, staff.org, list, reference);
    if kept.await.map_err(failed)? {
        Ok(())
    } else {
        Err(withdrawn())
    }
}

/// The form once more, with what was wrong about the file.
fn asked_again(
    shell: Shell,
    list: ListHead,
    problem: Option<(&str, &FileProblem)>,
    errors: Errors,
) -> axum::response::Response {
    let sheets = match problem {
        Some((_, FileProblem::ChooseSheet { names } | FileProblem::NoSuchSheet { names, .. })) => {
            names.as_slice()
        }
        _ => &[],
    };
    let page = ReferencePage {
        notice: problem.map(|(name, problem)| Notice::error(format!("「{name}」")).text(problem)),
        sheet: (!sheets.is_empty()).then(|| {
            let names = sheets.iter().map(|name| Choice::new(name, name)).collect();
            Field::select("sheet", "使うシート", names)
                .required()
                .support("選んでから、同じファイルをもう一度選んでください。")
        }),
        drop: drop_zone(&errors),
        list,
        shell: shell.titled("元の名簿を選び直してください").with_errors(errors),
    };
    (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
}
