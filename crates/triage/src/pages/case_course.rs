//! `GET` and `POST /cases/{id}/course`: what care finds out and the notification does not say: where the person is,
//! since when symptoms are relieved, a negative test. The period follows from it and is never typed.

use accounts::{SignedIn, Staff};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::id::{CaseId, ProgrammeId};
use messaging::pages::{Answer, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{CsrfForm, Errors, Id, Page, PageError, Shell, after_post_with};

use super::Triage;
use super::case_conflict::{Both, conflict};
use super::case_load::{hand, load, open, typed_day, words};
use super::case_show::period_now;
use super::case_words::{both, masked_name, period_words};
use super::rules_now::rules;
use crate::case::{Case, received_day};
use crate::period::{Course, Place};
use crate::store::changes::{Changed, set_course};
use crate::store::programmes::in_force;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Form {
    version: String,
    place: String,
    relieved: String,
    negative: String,
    exposed: String,
    words: String,
}

#[derive(Template)]
#[template(path = "case_course.html")]
struct CoursePage {
    shell: Shell,
    id: CaseId,
    version: String,
    name: String,
    ends: String,
    opened_by: Vec<String>,
    fields: Vec<Field>,
}

impl Form {
    fn of(case: &Case) -> Self {
        let day = |day: Option<base::date::CalendarDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let course = case.course;
        Self {
            version: case.version.to_string(),
            place: course.place.map_or("", Place::as_str).to_owned(),
            relieved: day(course.relieved_on),
            negative: day(course.negative_test_on),
            exposed: day(course.exposed_on),
            words: String::new(),
        }
    }

    fn fields(&self, errors: &Errors) -> Vec<Field> {
        let mut places = vec![Choice::new("", "分からない")];
        places.extend(
            Place::ALL
                .iter()
                .map(|place| Choice::new(place.as_str(), place.label())),
        );
        let all = vec![
            Field::select("place", "療養の場所", places).value(&self.place),
            Field::text("relieved", "症状軽快日")
                .optional()
                .support("解熱剤を使わずに熱が下がり、呼吸器症状がよくなってきた日。例: 2026-11-28、令和8年11月28日")
                .value(&self.relieved),
            Field::text("negative", "陰性確認日")
                .optional()
                .support("療養の終わりを早める検査で、陰性を確かめた日")
                .value(&self.negative),
            Field::text("exposed", "最後に接触した日")
                .optional()
                .support("接触者の健康観察で、患者と最後に会った日")
                .value(&self.exposed),
            Field::text("words", "どのように確かめたか")
                .optional()
                .support("例: 本人に電話で確認")
                .value(&self.words),
        ];
        all.into_iter().map(|field| field.errors(errors)).collect()
    }

    fn accept(&self, case: &Case, today: base::date::CalendarDate) -> Result<Course, Errors> {
        let mut errors = Errors::default();
        let mut day = |field: &str, label: &str, typed: &str| {
            typed_day(&mut errors, (field, label), typed, case, today)
        };
        let course = Course {
            place: Place::from_word(&self.place),
            relieved_on: day("relieved", "症状軽快日", &self.relieved),
            negative_test_on: day("negative", "陰性確認日", &self.negative),
            exposed_on: day("exposed", "最後に接触した日", &self.exposed),
        };
        let onset = case.notification.as_ref().and_then(|told| told.illness.onset);
        if let Some((onset, _)) = onset.zip(course.relieved_on).filter(|(onset, day)| day < onset) {
            errors.add(
                "relieved",
                format!(
                    "症状軽快日が発病日（{}）より前です。どちらかを直してください。",
                    both(onset)
                ),
            );
        }
        words(&mut errors, "words", &self.words);
        if errors.is_empty() {
            Ok(course)
        } else {
            Err(errors)
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
    let opened_by = open(&triage, &session.staff, id).await?;
    let ends = ends(&triage, &session.staff, &case).await?;
    let page = page(
        shell,
        (&case, ends),
        opened_by,
        &Form::of(&case),
        Errors::default(),
    );
    Ok(Page(page).into_response())
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
    let course = match form.accept(&case, received_day(triage.db.now())) {
        Ok(course) => course,
        Err(errors) => {
            let ends = ends(&triage, staff, &case).await?;
            let page = page(shell, (&case, ends), Vec::new(), &form, errors);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
        }
    };
    let hand = hand(staff, id, &form.version)?;
    let rules = rules(&triage, staff.org, case.programme).await?;
    let words = form.words.trim().to_owned();
    let changed = set_course(&triage.db, staff.org, hand, course, rules, words).await;
    match changed.map_err(failed)? {
        Changed::Overtaken => {
            let now = load(&triage, staff, id).await?;
            let rows = differences(&Form::of(&now), &form);
            let again = (
                "course",
                form.fields(&Errors::default()),
                "1人の療養の日付を記録する",
            );
            conflict(&triage, staff, shell, &now, rows, Some(again)).await
        }
        Changed::Nothing => Ok(after_post_with(&format!("/cases/{id}"), "course-same").into_response()),
        Changed::Done => Ok(after_post_with(&format!("/cases/{id}"), "course").into_response()),
    }
}

fn differences(now: &Form, typed: &Form) -> Vec<Both> {
    let place = |word: &str| {
        Place::from_word(word)
            .map_or("分からない", Place::label)
            .to_owned()
    };
    let all = [
        Both::new("療養の場所", place(&now.place), place(&typed.place)),
        Both::new("症状軽快日", &now.relieved, &typed.relieved),
        Both::new("陰性確認日", &now.negative, &typed.negative),
        Both::new("最後に接触した日", &now.exposed, &typed.exposed),
    ];
    all.into_iter().filter(|row| row.now != row.typed).collect()
}

/// Until when at home, as the record says it.
async fn ends(triage: &Triage, staff: &Staff, case: &Case) -> Result<String, PageError> {
    let programme = in_force(&triage.db, staff.org, ProgrammeId::new(case.programme));
    let period = period_now(case, &programme.await.map_err(failed)?);
    Ok(period_words(period, case.decided.isolation_ends))
}

fn page(
    shell: Shell,
    (case, ends): (&Case, String),
    opened_by: Vec<String>,
    form: &Form,
    errors: Errors,
) -> CoursePage {
    CoursePage {
        id: case.id,
        version: form.version.clone(),
        name: masked_name(case.notification.as_ref()),
        ends,
        opened_by,
        fields: form.fields(&errors),
        shell: shell.titled("療養の日付を記録する").with_errors(errors),
    }
}
