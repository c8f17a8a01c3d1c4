//! The part of a case's page about care: signs of danger, what the person answered, and its curves.

use std::collections::HashMap;

use accounts::Staff;
use askama::Template;
use askama::filters::HtmlSafe;
use base::clock::Millis;
use base::id::{CaseId, FormRequestId};
use desk::form::{Answer, Level};
use desk::store::{Answered, answers_of};
use messaging::pages::failed;
use web::form::Field;
use web::ui::{Chip, Tone};
use web::{Language, PageError, Shell};

use super::Triage;
use super::case_curve::{Curve, Point};
use crate::case::Case;
use crate::questions::{Health, subject};
use crate::store::alerts::{Alert, alerts_of};
use crate::store::questions::{Review, reviews_of};

/// The part, for the page of one case.
#[derive(Template)]
#[template(path = "case_care.html")]
pub(super) struct CareSection {
    shell: Shell,
    id: CaseId,
    alerts: Vec<AlertLine>,
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
        Ok(Self {
            id: case.id,
            alerts: alerts.into_iter().map(alert).collect(),
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
