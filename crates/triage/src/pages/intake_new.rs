//! `GET /intake/new`, `POST /intake`: a case list is taken in and leads to its check. A file that is no list is
//! explained in the words of every list.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use lists::problem::FileProblem;
use lists::read::ReadOptions;
use lists::store::{NewList, Role, Settings, add_list};
use messaging::pages::{Answer, SentFile, failed, receive_file, short_text};
use web::form::{Choice, Field};
use web::ui::{DropZone, Notice};
use web::{CsrfMultipart, Errors, Page, PageError, Shell, after_post};

use super::Triage;
use super::rules_now::Programmes;

/// The steps of taking a list in.
pub(crate) const STEPS: &[&str] = &["リストを選ぶ", "確かめる", "登録する"];

#[derive(Template)]
#[template(path = "intake_new.html")]
struct NewIntake {
    shell: Shell,
    notice: Option<Notice>,
    programme: Option<Field>,
    sheet: Option<Field>,
    drop: DropZone,
}

pub(super) async fn show(State(triage): State<Triage>, session: SignedIn, shell: Shell) -> Answer {
    let programmes = Programmes::of(&triage, &session.staff).await?;
    let field = programmes.field(programmes.chosen(""));
    Ok(Page(page(shell, field, None, Errors::default())).into_response())
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    shell: Shell,
    CsrfMultipart(mut form): CsrfMultipart,
) -> Answer {
    let staff = &session.staff;
    let (mut file, mut options, mut asked) = (SentFile::default(), ReadOptions::default(), String::new());
    while let Some(part) = form.next_field().await? {
        match part.name() {
            Some("sheet") => options.sheet = Some(short_text(part).await?).filter(|name| !name.is_empty()),
            Some("programme") => asked = short_text(part).await?,
            Some("file") => file = receive_file(part).await?,
            _ => return Err(PageError::Unreadable),
        }
    }
    let programmes = Programmes::of(&triage, staff).await?;
    let chosen = programmes.chosen(&asked);
    if file.is_none() {
        let mut errors = Errors::default();
        errors.add("file", "発生届のリストのファイルを選んでください。");
        return Ok(refused(page(shell, programmes.field(chosen), None, errors)));
    }
    let sheet = match file.read(options).await? {
        Ok(sheet) => sheet,
        Err(problem) => {
            return Ok(refused(page(
                shell,
                programmes.field(chosen),
                Some((&file.name, &problem)),
                Errors::default(),
            )));
        }
    };
    let new = NewList {
        role: Role::Cases,
        reference: None,
        office: staff.office,
        sheet,
        settings: Settings::default(),
        by: staff.id,
    };
    let list = add_list(&triage.db, staff.org, new).await.map_err(failed)?;
    // Where there is one programme only, nothing was chosen.
    let next = match programmes.field(chosen) {
        Some(_) => format!("/intake/{list}?programme={chosen}"),
        None => format!("/intake/{list}"),
    };
    Ok(after_post(&next).into_response())
}

fn refused(page: NewIntake) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response()
}

fn page(
    shell: Shell,
    programme: Option<Field>,
    problem: Option<(&str, &FileProblem)>,
    errors: Errors,
) -> NewIntake {
    let sheets = match problem {
        Some((_, FileProblem::ChooseSheet { names } | FileProblem::NoSuchSheet { names, .. })) => {
            names.as_slice()
        }
        _ => &[],
    };
    NewIntake {
        programme,
        notice: problem.map(|(name, problem)| Notice::error(format!("「{name}」")).text(problem)),
        sheet: (!sheets.is_empty()).then(|| {
            let names = sheets.iter().map(|name| Choice::new(name, name)).collect();
            Field::select("sheet", "使うシート", names)
                .required()
                .support("選んでから、同じファイルをもう一度選んでください。")
        }),
        drop: DropZone::new(
            "file",
            "発生届のリストをここに置く",
            "Excel（.xlsx）・CSV・TSV。文字コードは自動で判別します。",
            ".xlsx,.csv,.tsv,.txt",
        )
        .errors(&errors),
        shell: shell.titled("発生届のリストを登録する").with_errors(errors),
    }
}
