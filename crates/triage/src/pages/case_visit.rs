//! `GET` and `POST /cases/{id}/visit`: somebody went to see the person: when, who, what came of it.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::CaseId;
use messaging::pages::{Answer, failed, scope};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{CsrfForm, Errors, Id, Page, Shell, after_post_with};

use super::Triage;
use super::case_load::{load, typed_day, words};
use super::case_words::masked_name;
use crate::case::{Case, Visit, VisitResult, received_day};
use crate::limits::VISITOR_LETTERS;
use crate::store::changes::Hand;
use crate::store::visits::add_visit;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    day: String,
    who: String,
    result: String,
    words: String,
}

#[derive(Template)]
#[template(path = "case_visit.html")]
struct VisitPage {
    shell: Shell,
    id: CaseId,
    name: String,
    fields: [Field; 4],
}

impl Form {
    fn accept(&self, case: &Case, today: base::date::CalendarDate) -> Result<Visit, Errors> {
        let mut errors = Errors::default();
        let day = typed_day(&mut errors, ("day", "訪問した日"), &self.day, case, today);
        if day.is_none() && errors.of("day").is_none() {
            errors.add("day", "訪問した日を入力してください。");
        }
        let who = self.who.trim();
        if who.is_empty() || who.chars().count() > VISITOR_LETTERS {
            errors.add(
                "who",
                format!("訪問した人を、{VISITOR_LETTERS}文字までで入力してください。"),
            );
        }
        let result = VisitResult::from_word(&self.result);
        if result.is_none() {
            errors.add("result", "訪問の結果を選んでください。");
        }
        words(&mut errors, "words", &self.words);
        match (day, result, errors.is_empty()) {
            (Some(day), Some(result), true) => Ok(Visit {
                day,
                who: who.to_owned(),
                result,
            }),
            _ => Err(errors),
        }
    }
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
) -> Answer {
    let case = load(&triage, &session.staff, id).await?;
    let form = Form {
        day: received_day(triage.db.now()).to_string(),
        who: session.staff.name.to_string(),
        ..Form::default()
    };
    Ok(Page(page(shell, &case, &form, Errors::default())).into_response())
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    CsrfForm(form): CsrfForm<Form>,
) -> Answer {
    let staff = &session.staff;
    let case = load(&triage, staff, id).await?;
    let visit = match form.accept(&case, received_day(triage.db.now())) {
        Ok(visit) => visit,
        Err(errors) => {
            let page = page(shell, &case, &form, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let hand = Hand {
        scope: scope(staff),
        case: id,
        version: case.version,
        by: staff.id,
        office: staff.office,
    };
    add_visit(&triage.db, staff.org, hand, visit, form.words.trim().to_owned())
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/cases/{id}"), "visited").into_response())
}

fn page(shell: Shell, case: &Case, form: &Form, errors: Errors) -> VisitPage {
    let results = VisitResult::ALL.iter();
    let results = results
        .map(|one| Choice::new(one.as_str(), one.label()))
        .collect();
    let fields = [
        Field::text("day", "訪問した日")
            .required()
            .support("例: 2026-11-28、令和8年11月28日")
            .value(&form.day),
        Field::text("who", "訪問した人").required().value(&form.who),
        Field::radios("result", "結果", results)
            .required()
            .value(&form.result),
        Field::long_text("words", "様子・伝えたこと", 3)
            .optional()
            .value(&form.words),
    ];
    VisitPage {
        id: case.id,
        name: masked_name(case.notification.as_ref()),
        fields: fields.map(|field| field.errors(&errors)),
        shell: shell.titled("訪問を記録する").with_errors(errors),
    }
}
