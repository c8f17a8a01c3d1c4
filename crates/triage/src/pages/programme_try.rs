//! `GET /programmes/{id}/versions/{version}/try`: a version tried on yesterday's cases, and on a person made up for
//! it, before it decides about anybody. Nothing of it is kept.

use std::collections::{BTreeSet, HashMap};

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::date::{self, CalendarDate};
use base::id::ProgrammeId;
use web::form::{Choice, Field};
use web::ui::Chip;
use web::{Errors, Id, Page, Shell};

use super::Triage;
use super::programme_load::{self, Loaded};
use super::programme_words::{self, day};
use super::programme_yesterday::{Yesterday, yesterday};
use crate::facts::{Facts, severity};
use crate::notification::{DiagnosedAs, Illness, RiskFactor, Severity};
use crate::period::{Course, End, Place};
use crate::rule::{Reason, Verdict};
use crate::trial;
use messaging::pages::Answer;

#[derive(Template)]
#[template(path = "programme_try.html")]
struct ProgrammeTry {
    shell: Shell,
    loaded: Loaded,
    person: Vec<Field>,
    illness: Vec<Field>,
    care: Vec<Field>,
    outcome: Option<Outcome>,
    yesterday: Yesterday,
}

/// What becomes of the person.
struct Outcome {
    route: Chip,
    priority: u32,
    reasons: Vec<Reason>,
    end: Option<String>,
    watch: Option<String>,
}

/// The fields by their names; what is empty is not known.
struct Person(HashMap<String, String>);

pub(super) async fn show(
    State(desk): State<Triage>,
    session: SignedIn,
    shell: Shell,
    Id(at): Id<(ProgrammeId, i64)>,
    Query(fields): Query<HashMap<String, String>>,
) -> Answer {
    let loaded = programme_load::version(&desk, &session, at).await?;
    let asked = !fields.is_empty();
    let person = Person(fields);
    let mut errors = Errors::default();
    let today = programme_load::today(&desk)?;
    let (facts, illness, course) = person.read(&session, today, &mut errors);
    let outcome = (asked && errors.is_empty()).then(|| {
        let content = &loaded.version.draft.content;
        let mut tried = trial::run(content, [((), facts, None)]).cases;
        let period = content.periods.of(&illness, &course);
        tried
            .pop()
            .map(|one| Outcome::of(one.verdict, period.map(|period| (period.end, period.watch_until))))
    });
    let page = ProgrammeTry {
        person: person.person(&errors),
        illness: person.illness(&errors),
        care: person.care(&errors),
        outcome: outcome.flatten(),
        yesterday: yesterday(&desk, &session, &loaded, today).await?,
        shell: shell
            .titled(format!(
                "{} 第{}版を試す",
                loaded.programme.name, loaded.version.version
            ))
            .with_errors(errors),
        loaded,
    };
    Ok(Page(page).into_response())
}

impl Outcome {
    fn of(verdict: Verdict, period: Option<(End, Option<CalendarDate>)>) -> Self {
        let end = |end| match end {
            End::FreeFrom(free) => format!("{}から療養は終わりです。", day(free)),
            End::NotBefore(least) => format!(
                "軽快した日が分かるまで決まりません。早くても{}からです。",
                day(least)
            ),
        };
        Self {
            route: programme_words::route(verdict.route),
            priority: verdict.priority,
            reasons: verdict.reasons,
            end: period.map(|(one, _)| end(one)),
            watch: period.and_then(|(_, watch)| watch).map(day),
        }
    }
}

const YES_NO: [(&str, &str); 3] = [("", "分からない"), ("yes", "はい"), ("no", "いいえ")];

fn choices<'a>(all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Choice> {
    all.into_iter()
        .map(|(value, label)| Choice::new(value, label))
        .collect()
}

fn words<T: Copy>(all: &[T], word: impl Fn(T) -> (&'static str, &'static str)) -> Vec<Choice> {
    let mut each = vec![Choice::new("", "分からない")];
    each.extend(
        all.iter()
            .map(|one| word(*one))
            .map(|(code, label)| Choice::new(code, label)),
    );
    each
}

impl Person {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    fn yes_no(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        }
    }

    fn number(&self, name: &str, errors: &mut Errors) -> Option<u16> {
        let text = self.get(name);
        let number = text.parse().ok();
        if number.is_none() && !text.is_empty() {
            errors.add(name, "数字を入力してください。分からないときは空欄にします。");
        }
        number
    }

    fn day(&self, name: &str, errors: &mut Errors) -> Option<CalendarDate> {
        let text = self.get(name);
        let day = date::parse(text).ok().and_then(date::Parsed::full);
        if day.is_none() && !text.is_empty() {
            errors.add(name, "日付を「2022/9/26」のように入力してください。");
        }
        day
    }

    /// The facts, and what periods need.
    fn read(&self, session: &SignedIn, today: CalendarDate, errors: &mut Errors) -> (Facts, Illness, Course) {
        let on = self.day("on", errors).unwrap_or(today);
        let onset = self.day("onset", errors);
        let exposed_on = self.day("exposed", errors);
        let diagnosed_as = match self.yes_no("symptoms") {
            Some(false) => Some(DiagnosedAs::Asymptomatic),
            Some(true) => Some(DiagnosedAs::Confirmed),
            None => None,
        };
        let illness = Illness {
            diagnosed_as,
            onset: onset.filter(|_| diagnosed_as != Some(DiagnosedAs::Asymptomatic)),
            sampled: onset,
            ..Illness::default()
        };
        let since = |one: Option<CalendarDate>| one.and_then(|one| u16::try_from(on.days_since(one)).ok());
        let factors = self.number("risk_factors", errors);
        // So many factors; which ones does not matter to a person made up.
        let factors = factors.map(|count| {
            RiskFactor::ALL
                .iter()
                .copied()
                .take(count.into())
                .collect::<BTreeSet<_>>()
        });
        let (symptoms, spo2) = (self.yes_no("symptoms"), self.number("spo2", errors));
        let language = self.get("language");
        let facts = Facts {
            age: self.number("age", errors),
            pregnant: self.yes_no("pregnant"),
            risk_factors: factors,
            spo2,
            doses: self.number("doses", errors),
            days_since_dose: self.number("days_since_dose", errors),
            days_since_onset: since(onset),
            days_since_exposure: since(exposed_on),
            symptomatic: symptoms,
            symptoms: Some(self.get("words").to_owned()).filter(|text| !text.is_empty()),
            severity: severity(Severity::from_word(self.get("severity")), symptoms, spo2),
            diagnosed_as,
            needs_admission: self.yes_no("admission"),
            needs_therapy: self.yes_no("therapy"),
            language: Some(language.to_owned()).filter(|tag| !tag.is_empty()),
            facility: self.yes_no("facility"),
            mobile: self.yes_no("mobile") != Some(false),
            office: session.staff.office,
            day: on,
        };
        let course = Course {
            place: Place::from_word(self.get("place")),
            relieved_on: self.day("relieved", errors),
            negative_test_on: self.day("negative", errors),
            exposed_on,
        };
        (facts, illness, course)
    }

    fn text(&self, name: &str, label: &str, errors: &Errors) -> Field {
        Field::text(name, label)
            .short()
            .value(self.get(name))
            .errors(errors)
    }

    fn select(&self, name: &str, label: &str, all: Vec<Choice>) -> Field {
        Field::select(name, label, all).value(self.get(name))
    }

    fn person(&self, errors: &Errors) -> Vec<Field> {
        vec![
            self.text("on", "届出の日", errors).support("空欄なら今日です。"),
            self.text("age", "年齢", errors),
            self.select("pregnant", "妊娠", choices(YES_NO)),
            self.select(
                "mobile",
                "携帯電話の番号",
                choices([("yes", "ある"), ("no", "ない")]),
            ),
            self.text("language", "言語", errors).support("ja、vi など"),
            self.select("facility", "施設で暮らす・働く", choices(YES_NO)),
        ]
    }

    fn illness(&self, errors: &Errors) -> Vec<Field> {
        vec![
            self.select(
                "symptoms",
                "症状",
                choices([("", "分からない"), ("yes", "ある"), ("no", "ない")]),
            ),
            self.text("words", "症状の内容", errors),
            self.text("onset", "発症日・検体採取日", errors),
            self.text("spo2", "SpO2（%）", errors),
            self.select(
                "severity",
                "重症度",
                words(Severity::ALL, |one| (one.as_str(), one.label())),
            ),
            self.text("risk_factors", "重症化リスク因子の数", errors),
            self.text("doses", "ワクチンの回数", errors),
            self.text("days_since_dose", "最後の接種からの日数", errors),
            self.select("admission", "入院の必要", choices(YES_NO)),
            self.select("therapy", "薬または酸素の必要", choices(YES_NO)),
        ]
    }

    fn care(&self, errors: &Errors) -> Vec<Field> {
        vec![
            self.select(
                "place",
                "療養する所",
                words(Place::ALL, |one| (one.as_str(), one.label())),
            ),
            self.text("relieved", "軽快した日", errors),
            self.text("negative", "陰性の検査の日", errors),
            self.text("exposed", "最後に接触した日", errors),
        ]
    }
}
