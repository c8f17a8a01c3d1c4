//! `GET /numbers`, `POST /numbers`: the register of wrong numbers, and an entry by hand. Numbers are masked; one is
//! shown at a time (`number_reveal.rs`).

use std::collections::HashMap;

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::clock::Millis;
use base::id::{MessageId, OfficeId, WrongNumberId};
use base::phone::PhoneNumber;
use lists::numbers::{Report, report_count, reports};
use web::form::Field;
use web::ui::{Chip, Notice, Tone};
use web::{CsrfForm, Errors, Page, PageError, Paging, Shell, after_post, paging};

use super::number_form::{Typed, enter, notice, told_at};
use super::{Answer, Desk, Names, failed, names, scope};
use crate::correction::Effect;
use crate::limits::NUMBERS_PER_PAGE;

#[derive(Template)]
#[template(path = "number_list.html")]
pub(super) struct NumberList {
    shell: Shell,
    fields: Vec<Field>,
    is_open: bool,
    rows: Vec<Row>,
    summary: String,
    links: paging::Links,
    page: u64,
    with_office: bool,
}

struct Row {
    id: WrongNumberId,
    /// Shown whole, this once.
    is_whole: bool,
    number: String,
    kind: &'static str,
    meaning: &'static str,
    corrected: Option<String>,
    reason: String,
    message: Option<MessageId>,
    office: String,
    by: String,
    at: Millis,
    lifted: Option<LiftedRow>,
}

struct LiftedRow {
    by: String,
    at: Millis,
    reason: String,
}

impl Row {
    fn chip(&self) -> Chip {
        match self.lifted {
            None => Chip::new(Tone::Attention, self.kind),
            Some(_) => Chip::new(Tone::Cancelled, format!("{}（解除）", self.kind)),
        }
    }
}

/// The query: which page, and what a report has done.
type Asked = HashMap<String, String>;

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Query(asked): Query<Asked>,
) -> Answer {
    let shell = match shell.done() {
        Some("registered") => shell.with_notice(notice(&effect(&asked))),
        Some("lifted") => shell.with_notice(
            Notice::success("登録を解除しました")
                .text("これからのリストでは、この番号にも送れます。記録は残ります。"),
        ),
        Some("nothing") => shell.with_notice(Notice::info("この登録は、すでに解除されています")),
        _ => shell,
    };
    let wanted = asked.get("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    let nothing = (&Typed::default(), Errors::default());
    let page = page(&desk, &session, shell, nothing, wanted, None).await?;
    Ok(Page(page).into_response())
}

/// The numbers that a redirect carries.
pub(super) fn effect(query: &Asked) -> Effect {
    let number = |name: &str| query.get(name).and_then(|value| value.parse().ok()).unwrap_or(0);
    Effect {
        cancelled: number("cancelled"),
        made: number("made"),
        already: number("already"),
        unplaced: number("unplaced"),
        overtaken: number("overtaken"),
        left: number("left"),
    }
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let errors = match typed.accept(None) {
        Err(errors) => errors,
        Ok(accepted) => match enter(&desk, &session, accepted, None).await? {
            Ok(effect) => return Ok(after_post(&told_at("/numbers", &effect)).into_response()),
            Err(errors) => errors,
        },
    };
    let page = page(&desk, &session, shell, (&typed, errors), 1, None).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response())
}

/// The register at this page; one of its entries may be shown whole.
pub(super) async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    (typed, errors): (&Typed, Errors),
    number: u64,
    whole: Option<WrongNumberId>,
) -> Result<NumberList, PageError> {
    let (staff, office) = (&session.staff, scope(&session.staff));
    let total = report_count(&desk.db, staff.org, office).await.map_err(failed)?;
    let paging = Paging::new(number, NUMBERS_PER_PAGE, total.into());
    let (limit, offset) = (
        u32::try_from(paging.limit()).unwrap_or(u32::MAX),
        u32::try_from(paging.offset()).unwrap_or(u32::MAX),
    );
    let found = reports(&desk.db, staff.org, office, limit, offset)
        .await
        .map_err(failed)?;
    Ok(NumberList {
        fields: typed.fields_with_number(&errors),
        is_open: !errors.is_empty(),
        rows: rows(desk, staff, found, whole).await?,
        summary: paging.summary("件"),
        links: paging.links("/numbers"),
        page: paging.offset() / paging.limit() + 1,
        with_office: office.is_none(),
        shell: shell.titled("番号の登録").with_errors(errors),
    })
}

async fn rows(
    desk: &Desk,
    staff: &Staff,
    found: Vec<Report>,
    whole: Option<WrongNumberId>,
) -> Result<Vec<Row>, PageError> {
    let lifters = found
        .iter()
        .filter_map(|report| report.lifted.as_ref())
        .map(|lifted| lifted.by);
    let people = names(
        desk,
        staff.org,
        found.iter().filter_map(|report| report.by).chain(lifters),
    )
    .await?;
    let offices = desk.accounts.offices(staff.org).await.map_err(failed)?;
    let office = |id: OfficeId| {
        let found = offices.iter().find(|office| office.id == id);
        found.map(|office| office.name.to_string()).unwrap_or_default()
    };
    Ok(found
        .into_iter()
        .map(|report| {
            let is_whole = whole == Some(report.id);
            row(report, is_whole, &people, &office)
        })
        .collect())
}

fn row(report: Report, is_whole: bool, people: &Names, office: &impl Fn(OfficeId) -> String) -> Row {
    let shown = |number: PhoneNumber| {
        if is_whole {
            number.national()
        } else {
            number.masked()
        }
    };
    let lifted = report.lifted.map(|lifted| LiftedRow {
        by: people.of(lifted.by),
        at: lifted.at,
        reason: lifted.reason,
    });
    Row {
        id: report.id,
        is_whole,
        number: shown(report.phone),
        kind: report.kind.label(),
        meaning: report.kind.meaning(),
        corrected: report.corrected.map(shown),
        reason: report.reason,
        message: report.message,
        office: office(report.office),
        by: people.or(report.by, "返信による自動の登録"),
        at: report.at,
        lifted,
    }
}
