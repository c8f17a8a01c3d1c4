//! The part of a case's page about care: signs of danger, how long, what the person answered, and its curves.

use std::collections::HashMap;

use accounts::Staff;
use askama::Template;
use askama::filters::HtmlSafe;
use base::clock::Millis;
use base::id::{CaseId, FormRequestId, ProgrammeId};
use desk::form::{Answer, Level};
use desk::store::{Answered, answers_of};
use messaging::pages::failed;
use web::form::Field;
use web::ui::{Chip, Tone};
use web::{Language, PageError, Shell};

use super::Triage;
use super::case_curve::{Curve, Point};
use super::case_words::day;
use crate::case::{Case, CaseState, received_day};
use crate::period::{Course, End};
use crate::questions::{Health, subject};
use crate::store::alerts::{Alert, alerts_of};
use crate::store::care::courses;
use crate::store::programmes::in_force;
use crate::store::questions::{Review, reviews_of};

/// The part, for the page of one case.
#[derive(Template)]
#[template(path = "case_care.html")]
pub(super) struct CareSection {
    shell: Shell,
    id: CaseId,
    is_open: bool,
    alerts: Vec<AlertLine>,
    facts: Vec<(&'static str, String)>,
    curves: Vec<Curve>,
    answers: Vec<AnswerLine>,
}

impl HtmlSafe for CareSection {}

struct AlertLine {
    request: FormRequestId,
    code: String,
    label: String,
    is_emergency: bool,
    at: Millis,
    cleared_at: Option<Millis>,
    note: Field,
}

/// One form that was answered.
struct AnswerLine {
    request: FormRequestId,
    title: String,
    at: Millis,
    chip: Option<Chip>,
    flags: Vec<String>,
    /// Question and answer, as they were asked.
    said: Vec<(String, Vec<String>)>,
    is_wanted: bool,
    reviewed: Option<(String, Millis)>,
    noted: Option<String>,
    note: Field,
}

impl CareSection {
    /// Of a case.
    pub(super) async fn load(
        triage: &Triage,
        staff: &Staff,
        shell: &Shell,
        case: &Case,
    ) -> Result<Self, PageError> {
        let (db, org) = (&triage.db, staff.org);
        let alerts = alerts_of(db, org, case.id).await.map_err(failed)?;
        let answered = answers_of(db, org, &subject(case.id)).await.map_err(failed)?;
        let reviews = reviews_of(db, org, case.id).await.map_err(failed)?;
        let readers = reviews.values().filter_map(|review| Some(review.by?.0));
        let mut readers: Vec<_> = readers.collect();
        readers.sort_unstable();
        readers.dedup();
        let readers = triage
            .accounts
            .staff_by_ids(org, &readers)
            .await
            .map_err(failed)?;
        let names: HashMap<_, String> = readers
            .into_iter()
            .map(|(id, staff)| (id, staff.name.to_string()))
            .collect();
        let of_answer = |one: &Answered| {
            let review = reviews.get(&one.request);
            let reader = review.and_then(|review| review.by);
            let reader = reader.map(|(by, at)| (names.get(&by).cloned().unwrap_or_default(), at));
            line(one, review, reader)
        };
        let course = courses(db, org, &[case.id]).await.map_err(failed)?;
        let course = course.get(&case.id).copied().unwrap_or_default();
        Ok(Self {
            id: case.id,
            is_open: case.state == CaseState::Open,
            alerts: alerts.into_iter().map(alert).collect(),
            facts: facts(triage, staff, case, &course).await?,
            curves: curves(&answered),
            answers: answered.iter().map(of_answer).collect(),
            shell: shell.clone(),
        })
    }

    fn is_empty(&self) -> bool {
        self.answers.is_empty() && self.alerts.is_empty()
    }
}

fn alert(alert: Alert) -> AlertLine {
    AlertLine {
        note: Field::text("note", "どう対応したか"),
        request: alert.request,
        code: alert.code,
        label: alert.label,
        is_emergency: alert.level == Level::Emergency,
        at: alert.raised_at,
        cleared_at: alert.cleared_at,
    }
}

/// What period follows from what is known.
async fn facts(
    triage: &Triage,
    staff: &Staff,
    case: &Case,
    course: &Course,
) -> Result<Vec<(&'static str, String)>, PageError> {
    let programme = in_force(&triage.db, staff.org, ProgrammeId::new(case.programme));
    let programme = programme.await.map_err(failed)?;
    let at = (received_day(case.received_at), case.office);
    let told = case.notification.as_ref();
    let period = told.and_then(|told| programme.period(&told.illness, course, at));
    let mut facts = Vec::new();
    if let Some(place) = course.place {
        facts.push(("療養する所", place.label().to_owned()));
    }
    let days = [
        ("症状が軽くなった日", course.relieved_on),
        ("陰性の検査の日", course.negative_test_on),
        ("最後に接触した日", course.exposed_on),
    ];
    facts.extend(days.into_iter().filter_map(|(what, at)| Some((what, day(at?)))));
    match period.map(|period| (period.end, period.watch_until)) {
        None => facts.push((
            "療養の終わり",
            "計算できません（0日目が分からないか、規則がありません）".to_owned(),
        )),
        Some((End::FreeFrom(free), watch)) => {
            let last = free.plus_days(-1).unwrap_or(free);
            facts.push(("療養の最後の日", day(last)));
            facts.extend(watch.map(|last| ("健康観察の最後の日", day(last))));
        }
        Some((End::NotBefore(free), _)) => {
            let last = free.plus_days(-1).unwrap_or(free);
            facts.push((
                "療養の最後の日",
                format!("{}以降（症状が軽くなった日が記録されていません）", day(last)),
            ));
        }
    }
    Ok(facts)
}

fn line(one: &Answered, review: Option<&Review>, reviewed: Option<(String, Millis)>) -> AnswerLine {
    let page = Language::Japanese;
    let health = review.and_then(|review| review.health);
    let said = one.form.questions().filter_map(|(_, question)| {
        let answer = one.answers.get(&question.key)?;
        let lines = answer.lines(question, page).into_iter();
        Some((
            question.label.shown(page).plain().to_owned(),
            lines.map(|line| line.plain().to_owned()).collect(),
        ))
    });
    AnswerLine {
        request: one.request,
        title: one.form.document().title.shown(page).plain().to_owned(),
        at: one.submitted_at,
        chip: health.map(health_chip),
        flags: one
            .red_flags()
            .into_iter()
            .map(|(_, label)| label.to_owned())
            .collect(),
        said: said.collect(),
        is_wanted: review.is_some_and(|review| review.is_wanted),
        reviewed,
        noted: review.and_then(|review| review.note.clone()),
        note: Field::text("note", "確かめたこと"),
    }
}

/// How an answer is shown in lists.
pub(super) fn health_chip(health: Health) -> Chip {
    let tone = match health {
        Health::Well => Tone::Done,
        Health::Symptoms => Tone::Attention,
        Health::Danger => Tone::Failed,
    };
    Chip::new(tone, health.label())
}

/// Temperature and oxygen by time, where they were told.
fn curves(answered: &[Answered]) -> Vec<Curve> {
    let points = |name: &str| {
        let values = answered.iter().filter_map(|one| {
            let (_, answer) = one.answers.iter().find(|(key, _)| key.as_str() == name)?;
            let Answer::Number(value) = answer else {
                return None;
            };
            Some(Point {
                at: one.submitted_at,
                value: value.to_string(),
            })
        });
        let mut points: Vec<Point> = values.collect();
        points.reverse();
        points
    };
    let all = [
        Curve::of(
            "temperature",
            "体温",
            "℃",
            (35.0, 41.0),
            37.5,
            points("temperature"),
        ),
        Curve::of(
            "spo2",
            "酸素の値（SpO2）",
            "%",
            (85.0, 100.0),
            96.0,
            points("spo2"),
        ),
    ];
    all.into_iter().flatten().collect()
}
