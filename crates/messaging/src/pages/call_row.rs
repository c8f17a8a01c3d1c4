//! `POST /lists/{id}/rows/{line}/call`: the person of a row that cannot be sent is telephoned.
//!
//! Leads back to the list's page with the word `called`, or `called_before` if the row was on the call list already.

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use base::merge::heading_key;
use lists::calls::{CallReason, CallSource, NewCall};
use lists::check::CheckedRow;
use lists::code::{Code, Severity};
use lists::store::KeptList;
use serde::Deserialize;
use web::{CsrfForm, PageError, after_post_with};

use super::call_add::{People, add_all};
use super::list_judged::{Judgement, judged};
use super::list_row_change::rows_page;
use super::{Answer, Desk, Id};

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Form {
    /// The part of the rows to mend that was open.
    page: String,
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    Id((id, line)): Id<(ListId, u32)>,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let list = judged(&desk, staff, id).await?;
    let cells = cells(&list.kept, line).ok_or(PageError::NotFound)?;
    let checked = match &list.judgement {
        Judgement::Rows(rows) => rows.checked.rows.iter().find(|row| row.line == line),
        Judgement::Undecided | Judgement::Refused(_) => None,
    };
    let people = People::of(&desk, staff.org, Some(id), &list.kept.head.file_name).await?;
    let worst = checked.and_then(|row| row.problems.first());
    let new = NewCall {
        office: list.kept.head.office,
        person: people.label(line),
        number: number(&list.kept, &cells),
        reason: checked.map_or(CallReason::Chosen, reason),
        note: worst.map(|problem| problem.message.clone()),
        source: CallSource::Row { list: id, line },
        priority: 0,
        by: Some(staff.id),
    };
    let (added, _) = add_all(&desk, staff.org, vec![new]).await?;
    let done = if added > 0 { "called" } else { "called_before" };
    Ok(after_post_with(&rows_page(id, &form.page), done).into_response())
}

/// The cells of a row, left out or not.
fn cells(kept: &KeptList, line: u32) -> Option<Vec<String>> {
    let row = kept.sheet.rows().find(|row| row.line() == line);
    row.map(|row| row.cells().map(str::to_owned).collect())
        .or_else(|| {
            let row = kept.excluded.iter().find(|row| row.line == line);
            row.map(|row| row.cells.clone())
        })
}

/// What stands in the column of numbers, whatever it is.
fn number(kept: &KeptList, cells: &[String]) -> Option<String> {
    let wanted = heading_key(kept.head.settings.to.as_deref()?);
    let column = kept
        .sheet
        .headings()
        .iter()
        .position(|heading| heading_key(heading) == wanted)?;
    let number = cells.get(column)?.trim();
    (!number.is_empty()).then(|| number.to_owned())
}

/// Why the person of this row is telephoned: by the first error, which is the first thing found.
fn reason(row: &CheckedRow) -> CallReason {
    let error = row
        .problems
        .iter()
        .find(|problem| problem.code.severity() == Severity::Error);
    match error.map(|problem| problem.code) {
        Some(Code::PhoneLandline) => CallReason::Landline,
        Some(Code::PhoneMissing | Code::PhoneInvalid) => CallReason::NoNumber,
        Some(_) => CallReason::ToBeAsked,
        None => CallReason::Chosen,
    }
}
