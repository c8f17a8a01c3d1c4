//! What can be told of a list of rules before anybody is sorted by it: rules that catch nobody, rules that are never
//! reached, an order that is not from the careful to the less careful.

use super::{Condition, Rule};
use crate::decision::PRIORITY_MAX;
use crate::limits;

/// What is wrong with a list of rules, for whoever edits it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}{words}", .rule.map(|at| format!("規則{}: ", at + 1)).unwrap_or_default())]
pub struct Problem {
    /// Which rule, from 0; none if it is about all of them.
    pub rule: Option<usize>,
    /// What is wrong and what to do.
    pub words: String,
}

impl Problem {
    fn of(rule: usize, words: impl Into<String>) -> Self {
        Self {
            rule: Some(rule),
            words: words.into(),
        }
    }
}

/// Everything that is wrong with the list.
pub(super) fn problems(rules: &[Rule]) -> Vec<Problem> {
    let mut all = Vec::new();
    let about_all = |words: &str| Problem {
        rule: None,
        words: words.to_owned(),
    };
    if rules.len() > limits::RULES {
        all.push(about_all(&format!(
            "規則は{}個までです。まとめてください。",
            limits::RULES
        )));
    }
    match rules.split_last() {
        None => all.push(about_all("規則がありません。まず、全員に当てはまる規則を加えてください。")),
        Some((last, _)) if !last.all_of.is_empty() => all.push(Problem::of(
            rules.len() - 1,
            "最後の規則は、全員に当てはまるものにしてください（条件を付けません）。どの規則にも当てはまらない人をなくすためです。",
        )),
        Some(_) => {}
    }
    for (at, rule) in rules.iter().enumerate() {
        all.extend(of_one(at, rule));
        if at > 0 {
            all.extend(of_order(at, &rules[at - 1], rule));
        }
        let hider = rules[..at].iter().position(|earlier| implies(rule, earlier));
        if let Some(hider) = hider {
            all.push(Problem::of(
                at,
                format!(
                    "この規則には、だれも届きません。規則{}「{}」が先に当てはまります。順番か条件を直してください。",
                    hider + 1,
                    rules[hider].name
                ),
            ));
        }
    }
    all
}

fn of_one(at: usize, rule: &Rule) -> Vec<Problem> {
    let mut all = Vec::new();
    if rule.name.trim().is_empty() {
        all.push(Problem::of(
            at,
            "名前を入力してください。振り分けの理由として表示されます。",
        ));
    }
    if rule.name.chars().count() > limits::RULE_NAME_LETTERS {
        all.push(Problem::of(
            at,
            format!("名前は{}文字までにしてください。", limits::RULE_NAME_LETTERS),
        ));
    }
    if rule.all_of.len() > limits::CONDITIONS {
        all.push(Problem::of(
            at,
            format!("条件は{}個までです。規則を分けてください。", limits::CONDITIONS),
        ));
    }
    if rule.priority > PRIORITY_MAX {
        all.push(Problem::of(
            at,
            format!("優先度は0から{PRIORITY_MAX}までの数にしてください。"),
        ));
    }
    if rule.all_of.iter().any(is_empty) {
        all.push(Problem::of(
            at,
            "中身のない条件があります。値を入力してください。",
        ));
    }
    let pairs = (0..rule.all_of.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
    let clash = pairs
        .map(|(one, other)| (&rule.all_of[one], &rule.all_of[other]))
        .find(|(one, other)| excludes(one, other));
    if let Some((one, other)) = clash {
        all.push(Problem::of(
            at,
            format!(
                "「{}」と「{}」の両方に当てはまる人はいません。どちらかを外してください。",
                other.sentence(&[]),
                one.sentence(&[])
            ),
        ));
    }
    all
}

fn of_order(at: usize, before: &Rule, rule: &Rule) -> Option<Problem> {
    if rule.route.care() > before.route.care() {
        return Some(Problem::of(
            at,
            format!(
                "「{}」は、前の規則の「{}」より慎重です。慎重な規則を先に置いてください。情報の足りない人が、慎重なほうに入るためです。",
                rule.route.label(),
                before.route.label()
            ),
        ));
    }
    (rule.priority > before.priority).then(|| {
        Problem::of(
            at,
            "優先度が、前の規則より高くなっています。優先度の高い規則を先に置いてください。",
        )
    })
}

/// A set of which nobody can be part, or a range of all days.
fn is_empty(condition: &Condition) -> bool {
    match condition {
        Condition::Number { .. } | Condition::YesNo { .. } | Condition::Severity { .. } => false,
        Condition::RiskFactor { any_of } => any_of.is_empty(),
        Condition::DiagnosedAs { any_of } => any_of.is_empty(),
        Condition::SymptomWord { any_of } => any_of.is_empty() || any_of.contains(""),
        Condition::Language { any_of, .. } => any_of.is_empty(),
        Condition::Office { any_of } => any_of.is_empty(),
        Condition::Day {
            from: None,
            until: None,
        } => true,
        Condition::Day { from, until } => from.zip(*until).is_some_and(|(from, until)| from > until),
    }
}

/// Whether everybody whom `rule` catches is caught by `earlier` too, as far as that can be told.
fn implies(rule: &Rule, earlier: &Rule) -> bool {
    earlier
        .all_of
        .iter()
        .all(|wanted| rule.all_of.iter().any(|given| follows(given, wanted)))
}

/// Whether `wanted` holds, or is unknown, wherever `given` does. Both ask of the same fact.
fn follows(given: &Condition, wanted: &Condition) -> bool {
    use Condition as C;
    match (given, wanted) {
        (
            C::Number { fact, span },
            C::Number {
                fact: other,
                span: wider,
            },
        ) => fact == other && wider.covers(*span),
        (C::RiskFactor { any_of }, C::RiskFactor { any_of: wider }) => any_of.is_subset(wider),
        (C::Severity { at_least }, C::Severity { at_least: milder }) => at_least >= milder,
        (C::DiagnosedAs { any_of }, C::DiagnosedAs { any_of: wider }) => any_of.is_subset(wider),
        (C::SymptomWord { any_of }, C::SymptomWord { any_of: wider }) => any_of.is_subset(wider),
        (C::Office { any_of }, C::Office { any_of: wider }) => any_of.is_subset(wider),
        (one, other) => one == other,
    }
}

/// Whether nobody of whom the fact is known fulfils both.
fn excludes(one: &Condition, other: &Condition) -> bool {
    use Condition as C;
    match (one, other) {
        (
            C::Number { fact, span },
            C::Number {
                fact: same,
                span: apart,
            },
        ) => fact == same && span.excludes(*apart),
        (C::YesNo { fact, is }, C::YesNo { fact: same, is: not }) => fact == same && is != not,
        (C::DiagnosedAs { any_of }, C::DiagnosedAs { any_of: apart }) => any_of.is_disjoint(apart),
        (C::Office { any_of }, C::Office { any_of: apart }) => any_of.is_disjoint(apart),
        (
            C::Language { is, any_of },
            C::Language {
                is: not,
                any_of: same,
            },
        ) => is != not && any_of == same,
        _ => false,
    }
}
