//! A version as a form: what stands in it, its buttons without JavaScript, and what it means.
//!
//! Lines are numbered from 0. An empty line of conditions or periods is nothing; there is always one more.

use std::collections::{BTreeSet, HashMap};

use base::date;
use base::id::OfficeId;
use web::Errors;

use super::programme_care::TypedCare;
use crate::closing::{CloseAfter, ClosingRule, ContactBy, FirstContactRule};
use crate::decision::{PRIORITY_MAX, Route};
use crate::limits;
use crate::period::{DayZero, EarlyEnd, PeriodRule, PeriodTable, Place};
use crate::programme::{Content, Schema, Source, check_name};
use crate::rule::{Kind, Problem, Rule, RuleSet};
use crate::store::programmes::{Draft, VersionRow};

/// A rule as it is typed.
#[derive(Clone, Default)]
pub(super) struct TypedRule {
    pub(super) name: String,
    pub(super) route: String,
    pub(super) priority: String,
    /// Kind and value of each condition.
    pub(super) lines: Vec<(String, String)>,
}

/// A period as it is typed.
#[derive(Clone, Default)]
pub(super) struct TypedPeriod {
    pub(super) symptoms: String,
    pub(super) places: BTreeSet<Place>,
    pub(super) zero: String,
    pub(super) days: String,
    pub(super) hours: String,
    pub(super) test_day: String,
    pub(super) early_days: String,
    pub(super) watch: String,
}

/// The whole form.
#[derive(Clone, Default)]
pub(super) struct Typed {
    pub(super) revision: i64,
    pub(super) title: String,
    pub(super) from: String,
    pub(super) rules: Vec<TypedRule>,
    pub(super) under_care_too: bool,
    pub(super) periods: Vec<TypedPeriod>,
    pub(super) contact_by: String,
    pub(super) contact_hours: String,
    pub(super) care: TypedCare,
    pub(super) close_after: String,
    pub(super) notice: bool,
    pub(super) sources: String,
}

/// What the pressed button asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Action {
    Save,
    /// More lines, nothing else.
    More,
    /// A rule before the last.
    Add,
    Remove(usize),
    Up(usize),
    Down(usize),
}

impl Action {
    pub(super) fn of(fields: &HashMap<String, String>) -> Self {
        let word = fields.get("action").map(String::as_str).unwrap_or_default();
        let (word, rule) = word.split_once('-').unwrap_or((word, ""));
        let rule = rule.parse().unwrap_or(usize::MAX);
        match word {
            "more" => Self::More,
            "add" => Self::Add,
            "remove" => Self::Remove(rule),
            "up" => Self::Up(rule),
            "down" => Self::Down(rule),
            _ => Self::Save,
        }
    }
}

impl Typed {
    /// The form as it stands before anybody changes it.
    pub(super) fn of(version: &VersionRow, offices: &[(OfficeId, String)]) -> Self {
        let content = &version.draft.content;
        let number = |number: Option<u16>| number.map(|number| number.to_string()).unwrap_or_default();
        let rule = |rule: &Rule| TypedRule {
            name: rule.name.clone(),
            route: rule.route.as_str().to_owned(),
            priority: rule.priority.to_string(),
            lines: rule
                .all_of
                .iter()
                .map(|condition| condition.typed(offices))
                .map(|(kind, value)| (kind.code(), value))
                .collect(),
        };
        let period = |rule: &PeriodRule| TypedPeriod {
            symptoms: rule
                .symptoms
                .map(|yes| if yes { "yes" } else { "no" })
                .unwrap_or_default()
                .to_owned(),
            places: rule.places.clone(),
            zero: rule.day_zero.as_str().to_owned(),
            days: rule.days.to_string(),
            hours: number(rule.hours_after_relief),
            test_day: number(rule.early.map(|early| early.test_day)),
            early_days: number(rule.early.map(|early| early.days)),
            watch: number(rule.watch_days),
        };
        let source = |source: &Source| format!("{} {}", source.title, source.url).trim().to_owned();
        Self {
            revision: version.revision,
            title: version.draft.title.clone(),
            from: version.draft.from.to_string(),
            rules: content.rules.rules().iter().map(rule).collect(),
            under_care_too: content.periods.is_for_people_under_care_too(),
            periods: content.periods.rules().iter().map(period).collect(),
            contact_by: content.first_contact.by().as_str().to_owned(),
            contact_hours: content.first_contact.hours().to_string(),
            care: TypedCare::of(content),
            close_after: content.closing.after.as_str().to_owned(),
            notice: content.closing.notice,
            sources: content.sources.iter().map(source).collect::<Vec<_>>().join("\n"),
        }
    }

    /// What was sent. Lines beyond what a version may have are dropped.
    pub(super) fn read(fields: &HashMap<String, String>) -> Self {
        let get = |name: &str| {
            fields
                .get(name)
                .map(|value| value.trim().to_owned())
                .unwrap_or_default()
        };
        let yes = |name: &str| get(name) == "yes";
        let there = |name: &str| fields.contains_key(name);
        let rules = (0..=limits::RULES).take_while(|at| there(&format!("rule-{at}-name")));
        let rules = rules.map(|at| TypedRule {
            name: get(&format!("rule-{at}-name")),
            route: get(&format!("rule-{at}-route")),
            priority: get(&format!("rule-{at}-priority")),
            lines: (0..=limits::CONDITIONS)
                .map(|line| {
                    (
                        get(&format!("rule-{at}-kind-{line}")),
                        get(&format!("rule-{at}-value-{line}")),
                    )
                })
                .filter(|(kind, value)| !kind.is_empty() || !value.is_empty())
                .collect(),
        });
        let periods = (0..=limits::PERIOD_RULES).filter(|at| !get(&format!("period-{at}-days")).is_empty());
        let periods = periods.map(|at| TypedPeriod {
            symptoms: get(&format!("period-{at}-symptoms")),
            places: Place::ALL
                .iter()
                .copied()
                .filter(|place| yes(&format!("period-{at}-{}", place.as_str())))
                .collect(),
            zero: get(&format!("period-{at}-zero")),
            days: get(&format!("period-{at}-days")),
            hours: get(&format!("period-{at}-hours")),
            test_day: get(&format!("period-{at}-test")),
            early_days: get(&format!("period-{at}-early")),
            watch: get(&format!("period-{at}-watch")),
        });
        Self {
            revision: get("revision").parse().unwrap_or_default(),
            title: get("title"),
            from: get("from"),
            rules: rules.collect(),
            under_care_too: yes("under_care_too"),
            periods: periods.collect(),
            contact_by: get("contact_by"),
            contact_hours: get("contact_hours"),
            care: TypedCare::read(get),
            close_after: get("close_after"),
            notice: yes("notice"),
            sources: get("sources"),
        }
    }

    /// Does what the button asks for, as far as it can be done.
    pub(super) fn act(&mut self, action: Action) {
        let last = self.rules.len().saturating_sub(1);
        match action {
            Action::Add => {
                let like = self
                    .rules
                    .get(last.saturating_sub(1))
                    .cloned()
                    .unwrap_or_default();
                let rule = TypedRule {
                    route: like.route,
                    priority: like.priority,
                    ..TypedRule::default()
                };
                self.rules.insert(last, rule);
            }
            Action::Remove(at) if at < self.rules.len() => {
                self.rules.remove(at);
            }
            Action::Up(at) if at > 0 && at <= last => self.rules.swap(at, at - 1),
            Action::Down(at) if at < last => self.rules.swap(at, at + 1),
            Action::Save | Action::More | Action::Remove(_) | Action::Up(_) | Action::Down(_) => {}
        }
    }

    /// What it means, or every mistake at its field.
    pub(super) fn accept(&self, offices: &[(OfficeId, String)]) -> Result<Draft, Errors> {
        let mut errors = Errors::default();
        let title = check_name(&self.title)
            .map_err(|words| errors.add("title", words))
            .ok();
        let from = date::parse(&self.from).ok().and_then(date::Parsed::full);
        if from.is_none() {
            errors.add("from", "始まりの日を「2022/9/26」のように入力してください。");
        }
        let rules = self.rules(offices, &mut errors);
        let periods = self.periods(&mut errors);
        let by = ContactBy::from_word(&self.contact_by);
        if by.is_none() {
            errors.add("contact_by", "何をもって初回の連絡とするかを選んでください。");
        }
        let hours = digits(&self.contact_hours).unwrap_or_default();
        let first_contact = FirstContactRule::new(by.unwrap_or(ContactBy::Opening), hours);
        let first_contact = first_contact
            .map_err(|words| errors.add("contact_hours", words))
            .ok();
        let after = CloseAfter::from_word(&self.close_after);
        if after.is_none() {
            errors.add("close_after", "いつ終えるかを選んでください。");
        }
        let (observation, closing_text) = self.care.accept(&mut errors);
        let sources = self.sources(&mut errors);
        if errors.is_empty()
            && let (Some(title), Some(from), Some(rules)) = (title, from, rules)
            && let (Some(periods), Some(first_contact), Some(after)) = (periods, first_contact, after)
        {
            let content = Content {
                schema: Schema,
                rules,
                periods,
                first_contact,
                first_texts: self.care.first_texts(),
                observation,
                closing: ClosingRule {
                    after,
                    notice: self.notice,
                },
                closing_text,
                sources,
            };
            return Ok(Draft { title, from, content });
        }
        Err(errors)
    }

    fn rules(&self, offices: &[(OfficeId, String)], errors: &mut Errors) -> Option<RuleSet> {
        let mut rules = Vec::new();
        let mut whole = true;
        for (at, typed) in self.rules.iter().enumerate() {
            let route = Route::from_word(&typed.route);
            if route.is_none() {
                errors.add(
                    format!("rule-{at}-route"),
                    format!("規則{}: だれが連絡するかを選んでください。", at + 1),
                );
            }
            let priority = digits(&typed.priority).map(u32::from);
            let priority = priority.filter(|number| *number <= PRIORITY_MAX);
            if priority.is_none() {
                errors.add(
                    format!("rule-{at}-priority"),
                    format!("規則{}: 優先度は0から100までの数で入力してください。", at + 1),
                );
            }
            let mut all_of = Vec::new();
            for (line, (kind, value)) in typed.lines.iter().enumerate() {
                let read = match Kind::from_code(kind) {
                    None => Err("何についての条件かを選んでください。".to_owned()),
                    Some(kind) => kind.read(value, offices),
                };
                match read {
                    Ok(condition) => all_of.push(condition),
                    Err(words) => errors.add(
                        format!("rule-{at}-value-{line}"),
                        format!("規則{}の条件{}: {words}", at + 1, line + 1),
                    ),
                }
            }
            whole &= all_of.len() == typed.lines.len();
            rules.extend(route.zip(priority).map(|(route, priority)| Rule {
                name: typed.name.clone(),
                all_of,
                route,
                priority,
            }));
        }
        // What is half read says nothing about the order.
        if !whole || rules.len() != self.rules.len() {
            return None;
        }
        RuleSet::new(rules)
            .map_err(|problems| problems.iter().for_each(|problem| add(errors, problem)))
            .ok()
    }

    fn periods(&self, errors: &mut Errors) -> Option<PeriodTable> {
        let mut rules = Vec::new();
        for (at, typed) in self.periods.iter().enumerate() {
            let mut number = |name: &str, value: &str| {
                let read = digits(value);
                if read.is_none() && !value.is_empty() {
                    let words = format!("療養期間の規則{}: 数字を入力してください。", at + 1);
                    errors.add(format!("period-{at}-{name}"), words);
                }
                read
            };
            let days = number("days", &typed.days);
            let hours = number("hours", &typed.hours);
            let test_day = number("test", &typed.test_day);
            let early_days = number("early", &typed.early_days);
            let watch = number("watch", &typed.watch);
            if test_day.is_some() != early_days.is_some() {
                let words = format!(
                    "療養期間の規則{}: 検査の日と、終わりの日の両方を入力してください。",
                    at + 1
                );
                errors.add(format!("period-{at}-early"), words);
            }
            rules.push(PeriodRule {
                symptoms: match typed.symptoms.as_str() {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                },
                places: typed.places.clone(),
                day_zero: DayZero::from_word(&typed.zero).unwrap_or(DayZero::Illness),
                days: days.unwrap_or_default(),
                hours_after_relief: hours,
                early: test_day
                    .zip(early_days)
                    .map(|(test_day, days)| EarlyEnd { test_day, days }),
                watch_days: watch,
            });
        }
        PeriodTable::new(self.under_care_too, rules)
            .map_err(|words| errors.add("period-0-days", words))
            .ok()
    }

    fn sources(&self, errors: &mut Errors) -> Vec<Source> {
        let lines = self
            .sources
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty());
        let sources: Vec<Source> = lines.map(source).collect();
        let too_long = self
            .sources
            .lines()
            .any(|line| line.chars().count() > limits::SOURCE_LETTERS);
        if too_long || sources.len() > limits::SOURCES {
            let words = format!(
                "出典は{}行まで、1行は{}文字までです。",
                limits::SOURCES,
                limits::SOURCE_LETTERS
            );
            errors.add("sources", words);
        }
        sources
    }
}

/// A line of sources: words, and the address at its end.
fn source(line: &str) -> Source {
    let at = line
        .find("http://")
        .or_else(|| line.find("https://"))
        .unwrap_or(line.len());
    let (title, url) = line.split_at(at);
    let title = if title.trim().is_empty() { url } else { title };
    Source {
        title: title.trim().to_owned(),
        url: url.trim().to_owned(),
    }
}

/// A number in digits of either width, at most 65535.
pub(super) fn digits(text: &str) -> Option<u16> {
    let narrow = |letter: char| match letter {
        '０'..='９' => {
            char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')).unwrap_or(letter)
        }
        other => other,
    };
    let text: String = text.chars().map(narrow).collect();
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

fn add(errors: &mut Errors, problem: &Problem) {
    errors.add(format!("rule-{}-name", problem.rule.unwrap_or_default()), problem);
}
