//! `GET /cases/{id}/correct`, `POST /cases/{id}/correct`: what was told is corrected; what stood there before is kept.
//!
//! The form shows the record whole, so opening it counts as showing one person.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed, reveal};
use web::form::Field;
use web::{CsrfForm, Errors, Id, Page, PageError, Shell, after_post_with};

use super::Triage;
use super::case_conflict::{Both, conflict};
use super::case_form::{Typed, accept, compared, fields, typed};
use super::case_load::{hand, load, open};
use super::rules_now::{NO_PROGRAMME, Programmes};
use crate::case::{Case, received_day};
use crate::limits::NOTE_LETTERS;
use crate::notification::CaseNotification;
use crate::store::changes::{Changed, correct};
use crate::store::take_over::Taking;

#[derive(Template)]
#[template(path = "case_correct.html")]
struct CorrectPage {
    shell: Shell,
    id: CaseId,
    version: String,
    opened_by: Vec<String>,
    fields: Vec<Field>,
    why: Field,
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
) -> Answer {
    let case = load(&triage, &session.staff, id).await?;
    let notification = case.notification.ok_or(PageError::NotFound)?;
    reveal::count_for(&triage.accounts, triage.db.now(), &session, ("cases", id.get())).await?;
    let opened_by = open(&triage, &session.staff, id).await?;
    let mut typed = typed(&notification);
    typed.insert("version".to_owned(), case.version.to_string());
    let page = page(shell, id, &typed, Errors::default());
    Ok(Page(CorrectPage { opened_by, ..page }).into_response())
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    let staff = &session.staff;
    let case = load(&triage, staff, id).await?;
    let why = typed.get("why").map_or("", |why| why.trim()).to_owned();
    let notification = match accept(&typed, received_day(case.received_at)) {
        Ok(mut notification) if why.chars().count() <= NOTE_LETTERS => {
            if let Some(before) = &case.notification {
                notification.illness.stay_unclear(&before.illness);
            }
            notification
        }
        refused => {
            let mut errors = refused.err().unwrap_or_default();
            if why.chars().count() > NOTE_LETTERS {
                errors.add("why", format!("理由は{NOTE_LETTERS}文字までにしてください。"));
            }
            let page = page(shell, id, &typed, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let hand = hand(staff, id, typed.get("version").map_or("", String::as_str))?;
    let into = into(&Programmes::of(&triage, staff).await?, &case, &notification);
    let changed = correct(&triage.db, staff.org, hand, into, notification.clone(), why).await;
    if changed.map_err(failed)? == Changed::Overtaken {
        let now = load(&triage, staff, id).await?;
        let rows = both(now.notification.as_ref(), &notification);
        let mut all = fields(&typed, &Errors::default());
        all.push(why_field(&typed, &Errors::default()));
        let again = ("correct", all, "1人の記録を訂正する");
        return conflict(&triage, staff, shell, &now, rows, Some(again)).await;
    }
    Ok(after_post_with(&format!("/cases/{id}"), "corrected").into_response())
}

/// With another disease a person may belong to another programme: nobody is written to with the words of the old one.
fn into(programmes: &Programmes, case: &Case, told: &CaseNotification) -> Taking {
    let before = case
        .notification
        .as_ref()
        .and_then(|told| told.illness.disease.as_ref());
    let programme = if before == told.illness.disease.as_ref() {
        case.programme
    } else {
        programmes.of_told(told, case.programme)
    };
    let words = match programme {
        NO_PROGRAMME => "疾患名の訂正により、どの振り分け規則からも外した".to_owned(),
        _ => format!(
            "疾患名の訂正により、振り分け規則「{}」に移した",
            programmes.name(programme)
        ),
    };
    Taking {
        programme,
        rules: programmes.rules(programme),
        words,
    }
}

fn page(shell: Shell, id: CaseId, typed: &Typed, errors: Errors) -> CorrectPage {
    CorrectPage {
        id,
        version: typed.get("version").cloned().unwrap_or_default(),
        opened_by: Vec::new(),
        fields: fields(typed, &errors),
        why: why_field(typed, &errors),
        shell: shell.titled("記録を訂正する").with_errors(errors),
    }
}

fn why_field(typed: &Typed, errors: &Errors) -> Field {
    Field::text("why", "訂正の理由")
        .optional()
        .support("例: 本人に電話で確認")
        .value(typed.get("why").map_or("", String::as_str))
        .errors(errors)
}

/// In what the record and the form differ: the form shows the record whole, so this does too.
fn both(now: Option<&CaseNotification>, typed: &CaseNotification) -> Vec<Both> {
    let all = now.map(|now| compared(now, typed)).unwrap_or_default();
    all.into_iter()
        .map(|one| Both::new(one.label, one.one, one.other))
        .collect()
}
