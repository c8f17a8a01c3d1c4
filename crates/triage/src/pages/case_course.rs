//! `GET /cases/{id}/course`, `POST /cases/{id}/course`: what care found out, from which the end of isolation is
//! computed: place, relief, a negative test, the last contact.

use accounts::SignedIn;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use base::date::{self, CalendarDate};
use base::id::CaseId;
use messaging::pages::{Answer, Id, failed};
use serde::Deserialize;
use web::form::{Choice, Field};
use web::{CsrfForm, Errors, Page, PageError, Shell, after_post_with};

use super::Triage;
use super::case_load::load;
use super::case_words::day;
use crate::case::{CaseState, received_day};
use crate::period::{Course, Place};
use crate::store::care::{courses, set_course};

#[derive(Template)]
#[template(path = "case_course.html")]
struct CoursePage {
    shell: Shell,
    id: CaseId,
    fields: Vec<Field>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Typed {
    place: String,
    relieved_on: String,
    negative_test_on: String,
    exposed_on: String,
}

impl Typed {
    fn of(course: &Course) -> Self {
        let written = |day: Option<CalendarDate>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            place: course
                .place
                .map(|place| place.as_str().to_owned())
                .unwrap_or_default(),
            relieved_on: written(course.relieved_on),
            negative_test_on: written(course.negative_test_on),
            exposed_on: written(course.exposed_on),
        }
    }

    /// A day that has not come yet says nothing of the past.
    fn accept(&self, today: CalendarDate, errors: &mut Errors) -> Course {
        let mut read = |name: &str, typed: &str| {
            let typed = typed.trim();
            if typed.is_empty() {
                return None;
            }
            let found = date::parse(typed).ok().and_then(date::Parsed::full);
            let found = found.filter(|day| *day <= today);
            if found.is_none() {
                errors.add(name, "今日までの日を「2022/9/26」のように入力してください。");
            }
            found
        };
        Course {
            relieved_on: read("relieved_on", &self.relieved_on),
            negative_test_on: read("negative_test_on", &self.negative_test_on),
            exposed_on: read("exposed_on", &self.exposed_on),
            place: Place::from_word(&self.place),
        }
    }
}

pub(super) async fn show(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
) -> Answer {
    load_open(&triage, &session, id).await?;
    let known = courses(&triage.db, session.staff.org, &[id])
        .await
        .map_err(failed)?;
    let typed = Typed::of(&known.get(&id).copied().unwrap_or_default());
    Ok(Page(page(shell, id, &typed, Errors::default())).into_response())
}

async fn load_open(triage: &Triage, session: &SignedIn, id: CaseId) -> Result<(), PageError> {
    let case = load(triage, &session.staff, id).await?;
    if case.state == CaseState::Open {
        return Ok(());
    }
    Err(PageError::conflict(
        "この患者の記録は終了しているか、ほかの記録に統合されています。何も記録していません。",
        "記録する必要があるときは、記録を再開してください。",
    ))
}

fn page(shell: Shell, id: CaseId, typed: &Typed, errors: Errors) -> CoursePage {
    let mut places = vec![Choice::new("", "分からない")];
    places.extend(
        Place::ALL
            .iter()
            .map(|place| Choice::new(place.as_str(), place.label())),
    );
    let day = |name: &str, label: &str, support: &str, value: &str| {
        Field::text(name, label)
            .support(support)
            .short()
            .value(value)
            .errors(&errors)
    };
    CoursePage {
        id,
        fields: vec![
            Field::select("place", "療養する所", places).value(&typed.place),
            day(
                "relieved_on",
                "症状が軽くなった日",
                "解熱剤を使わずに熱が下がり、呼吸器の症状がよくなってきた日です。",
                &typed.relieved_on,
            ),
            day(
                "negative_test_on",
                "陰性の検査の日",
                "規則が認めるときは、療養の終わりが早まります。",
                &typed.negative_test_on,
            ),
            day(
                "exposed_on",
                "最後に接触した日",
                "濃厚接触者などを見守るときに使います。",
                &typed.exposed_on,
            ),
        ],
        shell: shell.titled("療養の経過を記録する").with_errors(errors),
    }
}

pub(super) async fn submit(
    State(triage): State<Triage>,
    session: SignedIn,
    Id(id): Id<CaseId>,
    shell: Shell,
    CsrfForm(typed): CsrfForm<Typed>,
) -> Answer {
    load_open(&triage, &session, id).await?;
    let mut errors = Errors::default();
    let course = typed.accept(received_day(triage.db.now()), &mut errors);
    if !errors.is_empty() {
        let page = page(shell, id, &typed, errors);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Page(page)).into_response());
    }
    let staff = &session.staff;
    set_course(&triage.db, staff.org, id, course, (staff.id, words(&course)))
        .await
        .map_err(failed)?;
    Ok(after_post_with(&format!("/cases/{id}"), "course").into_response())
}

/// For the history of the case.
fn words(course: &Course) -> String {
    let mut all = Vec::new();
    all.extend(course.place.map(|place| format!("療養する所: {}", place.label())));
    let days = [
        ("症状が軽くなった日", course.relieved_on),
        ("陰性の検査の日", course.negative_test_on),
        ("最後に接触した日", course.exposed_on),
    ];
    all.extend(
        days.into_iter()
            .filter_map(|(what, at)| Some(format!("{what}: {}", day(at?)))),
    );
    if all.is_empty() {
        "療養の経過を空にしました。".to_owned()
    } else {
        format!("療養の経過を記録しました（{}）。", all.join("、"))
    }
}
