//! The fields of the form of a version, line by line.

use web::Errors;
use web::form::{Choice, Field};

use super::programme_care::Texts;
use super::programme_form::{Typed, TypedPeriod, TypedRule};
use crate::closing::{CloseAfter, ContactBy};
use crate::decision::Route;
use crate::limits;
use crate::period::{DayZero, Place};
use crate::rule::{Kind, kinds};

/// One rule of the form.
pub(super) struct RuleFields {
    pub(super) number: usize,
    pub(super) head: [Field; 3],
    /// What it is about, and the value.
    pub(super) lines: Vec<[Field; 2]>,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

/// One period of the form.
pub(super) struct PeriodFields {
    pub(super) number: usize,
    pub(super) whom: [Field; 2],
    pub(super) places: Vec<Field>,
    pub(super) days: Vec<Field>,
}

/// The whole form.
pub(super) struct Fields {
    pub(super) head: [Field; 2],
    pub(super) rules: Vec<RuleFields>,
    pub(super) under_care_too: Field,
    pub(super) periods: Vec<PeriodFields>,
    pub(super) contact: [Field; 2],
    pub(super) first_texts: Vec<Field>,
    pub(super) closing: [Field; 2],
    pub(super) observation: Vec<Field>,
    pub(super) closing_text: Field,
    pub(super) sources: Field,
    /// How values are written.
    pub(super) examples: Vec<(&'static str, String)>,
}

impl Fields {
    pub(super) fn of(typed: &Typed, texts: &Texts, errors: &Errors) -> Self {
        let last = typed.rules.len().saturating_sub(1);
        let rules = typed
            .rules
            .iter()
            .enumerate()
            .map(|(at, rule)| rule_fields(at, last, rule, errors));
        // One more line, for a period that is not there yet.
        let blank = TypedPeriod::default();
        let more = (typed.periods.len() < limits::PERIOD_RULES).then_some(&blank);
        let periods = typed.periods.iter().chain(more).enumerate();
        Self {
            head: [
                Field::text("title", "この版で変わること")
                    .support("例: 65歳以上は電話（9月26日から）")
                    .required()
                    .value(&typed.title)
                    .errors(errors),
                Field::text("from", "始まりの日")
                    .support("この日からの届出に使います。")
                    .required()
                    .short()
                    .value(&typed.from)
                    .errors(errors),
            ],
            rules: rules.collect(),
            under_care_too: check(
                "under_care_too",
                "始まりの日に療養中の人にも、この版の期間を使う",
                typed.under_care_too,
            ),
            periods: periods
                .map(|(at, period)| period_fields(at, period, errors))
                .collect(),
            contact: [
                Field::select(
                    "contact_by",
                    "初回の連絡がついたとするとき",
                    choices(ContactBy::ALL, |one| (one.as_str(), one.label())),
                )
                .value(&typed.contact_by)
                .errors(errors),
                Field::number("contact_hours", "電話リストに移すまでの時間（時間）")
                    .value(&typed.contact_hours)
                    .errors(errors),
            ],
            closing: [
                Field::select(
                    "close_after",
                    "自動で終えるとき",
                    choices(CloseAfter::ALL, |one| (one.as_str(), one.label())),
                )
                .value(&typed.close_after)
                .errors(errors),
                check("notice", "終わりのお知らせを送る", typed.notice),
            ],
            first_texts: typed.care.first_fields(texts),
            observation: typed.care.fields(texts, errors),
            closing_text: typed.care.closing_field(texts, errors),
            sources: Field::long_text("sources", "出典", 5)
                .support("もとになった通知や手引きを、1行に1つ、題名とアドレスで入力します。")
                .value(&typed.sources)
                .errors(errors),
            examples: kinds()
                .into_iter()
                .map(|kind| (kind.label(), kind.example()))
                .filter(|(_, example)| !example.is_empty())
                .collect(),
        }
    }
}

fn check(name: &str, label: &str, yes: bool) -> Field {
    Field::check(name, label).value(if yes { "yes" } else { "" })
}

fn choices<T: Copy>(all: &[T], words: impl Fn(T) -> (&'static str, &'static str)) -> Vec<Choice> {
    let each = all.iter().map(|one| words(*one));
    each.map(|(code, label)| Choice::new(code, label)).collect()
}

fn kind_choices() -> Vec<Choice> {
    let none = Choice::new("", "（条件なし）");
    let each = kinds().into_iter().map(|kind| {
        let group = match kind {
            Kind::Number(_) => "数",
            Kind::YesNo(..) => "はい・いいえ（値は要りません）",
            _ => "そのほか",
        };
        Choice::new(kind.code(), kind.label()).group(group)
    });
    std::iter::once(none).chain(each).collect()
}

fn rule_fields(at: usize, last: usize, rule: &TypedRule, errors: &Errors) -> RuleFields {
    let name = |field: &str| format!("rule-{at}-{field}");
    let routes = choices(&Route::by_care(), |route| (route.as_str(), route.label()));
    let blank = (String::new(), String::new());
    let more = (rule.lines.len() < limits::CONDITIONS).then_some(&blank);
    let lines = rule
        .lines
        .iter()
        .chain(more)
        .enumerate()
        .map(|(line, (kind, value))| {
            [
                Field::select(
                    &name(&format!("kind-{line}")),
                    &format!("条件{}", line + 1),
                    kind_choices(),
                )
                .value(kind),
                Field::text(&name(&format!("value-{line}")), &format!("条件{}の値", line + 1))
                    .value(value)
                    .errors(errors),
            ]
        });
    RuleFields {
        number: at,
        head: [
            Field::text(&name("name"), "当てはまる人の名前")
                .support("振り分けの理由として表示されます。")
                .value(&rule.name)
                .errors(errors),
            Field::select(&name("route"), "だれが連絡するか", routes)
                .value(&rule.route)
                .errors(errors),
            Field::number(&name("priority"), "優先度")
                .support("0から100。大きい人から先に連絡します。")
                .value(&rule.priority)
                .errors(errors),
        ],
        lines: lines.collect(),
        is_first: at == 0,
        is_last: at == last,
    }
}

fn period_fields(at: usize, period: &TypedPeriod, errors: &Errors) -> PeriodFields {
    let name = |field: &str| format!("period-{at}-{field}");
    let number = |field: &str, label: &str, value: &str| {
        Field::number(&name(field), label).value(value).errors(errors)
    };
    let symptoms = vec![
        Choice::new("", "症状を問わない"),
        Choice::new("yes", "症状がある人"),
        Choice::new("no", "症状がない人"),
    ];
    PeriodFields {
        number: at + 1,
        whom: [
            Field::select(&name("symptoms"), "だれの期間ですか", symptoms).value(&period.symptoms),
            Field::select(
                &name("zero"),
                "0日目",
                choices(DayZero::ALL, |zero| (zero.as_str(), zero.label())),
            )
            .value(&period.zero),
        ],
        places: Place::ALL
            .iter()
            .map(|place| {
                check(
                    &name(place.as_str()),
                    place.label(),
                    period.places.contains(place),
                )
            })
            .collect(),
        days: vec![
            number("days", "療養の最後の日（何日目）", &period.days),
            number("hours", "軽快してからの時間", &period.hours),
            number("test", "陰性の検査が使える日（何日目から）", &period.test_day),
            number("early", "陰性なら、最後の日（何日目）", &period.early_days),
            number("watch", "健康観察の最後の日（何日目）", &period.watch),
        ],
    }
}
