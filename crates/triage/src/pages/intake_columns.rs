//! `POST /intake/{id}/columns`: what columns hold whose heading nobody knows. Remembered for the office: its next list
//! with such a heading is read so too.

use std::collections::HashMap;

use accounts::SignedIn;
use axum::extract::State;
use axum::response::IntoResponse;
use base::id::ListId;
use messaging::pages::{Answer, failed};
use web::form::{Choice, Field};
use web::{CsrfForm, Id, PageError, after_post};

use super::Triage;
use super::intake_read::{Read, read_list};
use crate::intake::ColumnChoice;
use crate::store::case_columns::choose;

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<ListId>,
    CsrfForm(typed): CsrfForm<HashMap<String, String>>,
) -> Answer {
    let staff = &session.staff;
    let read = read_list(&triage, staff, id).await?;
    let mut said = Vec::new();
    for (column, before) in read.columns.unknown() {
        let Some(word) = typed.get(&name(*column)) else {
            continue;
        };
        let choice = ColumnChoice::from_word(word);
        if choice.is_none() && !word.is_empty() {
            return Err(PageError::Unreadable);
        }
        if choice != *before {
            said.push((read.columns.heading(*column).to_owned(), choice));
        }
    }
    let office = read.kept.head.office;
    let done = choose(&triage.db, staff.org, (office, staff.id), &said).await;
    done.map_err(failed)?;
    let programme = typed.get("programme").and_then(|typed| typed.parse::<i64>().ok());
    let programme = programme.map(|programme| format!("&programme={programme}"));
    let next = format!("/intake/{id}?done=columns{}", programme.unwrap_or_default());
    Ok(after_post(&next).into_response())
}

/// A field for each heading that nobody knows.
pub(super) fn fields(read: &Read) -> Vec<Field> {
    let field = |(column, choice): &(usize, Option<ColumnChoice>)| {
        let mut choices = vec![Choice::new("", "備考に残す")];
        choices.extend(ColumnChoice::all().map(|(choice, label)| Choice::new(choice.word(), label)));
        let label = format!("「{}」の列", read.columns.heading(*column));
        let field = Field::select(&name(*column), &label, choices);
        let field = field.value(choice.map_or("", ColumnChoice::word));
        match (read.columns.meaning(*column), choice) {
            (None, None) => field.support("名前の分からない列が多いため、備考に残しません。"),
            _ => field,
        }
    };
    read.columns.unknown().iter().map(field).collect()
}

fn name(column: usize) -> String {
    format!("column{column}")
}
