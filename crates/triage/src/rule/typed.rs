//! A condition as a line of a form: what it is about, chosen, and one value, typed.

use std::collections::BTreeSet;

use base::date::{self, CalendarDate};
use base::id::OfficeId;

use super::condition::{Condition, NumberFact, YesNoFact};
use super::span::Span;
use crate::limits;
use crate::notification::{DiagnosedAs, RiskFactor, Severity};

/// What a line of the form is about, yes and no apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A number in a range.
    Number(NumberFact),
    /// Something that is so, or not: no value.
    YesNo(YesNoFact, bool),
    /// One of these risk factors.
    RiskFactor,
    /// This severe, or more.
    Severity,
    /// 診断類型.
    DiagnosedAs,
    /// A word of the symptoms.
    SymptomWord,
    /// One of these languages, or none of them.
    Language(bool),
    /// One of these offices.
    Office,
    /// From, until.
    Day,
}

/// Every kind, in the order in which the form offers them.
pub fn kinds() -> Vec<Kind> {
    let numbers = NumberFact::ALL.iter().map(|fact| Kind::Number(*fact));
    let yes_no = YesNoFact::ALL
        .iter()
        .flat_map(|fact| [true, false].map(|is| Kind::YesNo(*fact, is)));
    let rest = [
        Kind::RiskFactor,
        Kind::Severity,
        Kind::DiagnosedAs,
        Kind::SymptomWord,
        Kind::Language(true),
        Kind::Language(false),
        Kind::Office,
        Kind::Day,
    ];
    numbers.chain(yes_no).chain(rest).collect()
}

impl Kind {
    /// As the form sends it.
    pub fn code(self) -> String {
        match self {
            Self::Number(fact) => fact.as_str().to_owned(),
            Self::YesNo(fact, is) => format!("{}.{}", fact.as_str(), if is { "yes" } else { "no" }),
            Self::RiskFactor => "risk_factor".to_owned(),
            Self::Severity => "severity".to_owned(),
            Self::DiagnosedAs => "diagnosed_as".to_owned(),
            Self::SymptomWord => "symptom_word".to_owned(),
            Self::Language(is) => format!("language.{}", if is { "yes" } else { "no" }),
            Self::Office => "office".to_owned(),
            Self::Day => "day".to_owned(),
        }
    }

    /// The kind behind a code.
    pub fn from_code(code: &str) -> Option<Self> {
        kinds().into_iter().find(|kind| kind.code() == code)
    }

    /// As the form offers it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Number(fact) => fact.label(),
            Self::YesNo(fact, is) => fact.sentence(is),
            Self::RiskFactor => "重症化リスク因子の種類",
            Self::Severity => "重症度（これ以上）",
            Self::DiagnosedAs => "診断類型",
            Self::SymptomWord => "症状の言葉",
            Self::Language(true) => "言語がこれに当たる",
            Self::Language(false) => "言語がこれ以外",
            Self::Office => "管轄の部署",
            Self::Day => "届出の日",
        }
    }

    /// How the value is written; nothing where there is none.
    pub fn example(self) -> String {
        match self {
            Self::Number(fact) => match fact {
                NumberFact::Age => "65以上、39以下、40から64",
                NumberFact::Spo2 => "93以下",
                NumberFact::RiskFactors | NumberFact::Doses => "1以上、1以下",
                _ => "3以下",
            }
            .to_owned(),
            Self::YesNo(..) => String::new(),
            Self::RiskFactor => list(RiskFactor::ALL, RiskFactor::label),
            Self::Severity => list(Severity::ALL, Severity::label),
            Self::DiagnosedAs => list(DiagnosedAs::ALL, DiagnosedAs::label),
            Self::SymptomWord => "呼吸困難、息切れ".to_owned(),
            Self::Language(_) => "日本語、ベトナム語、zh".to_owned(),
            Self::Office => "部署の名前".to_owned(),
            Self::Day => "2022/9/26から、2022/9/26から2022/12/31".to_owned(),
        }
    }

    /// The condition that this kind and value say, or what is wrong with the value.
    pub fn read(self, value: &str, offices: &[(OfficeId, String)]) -> Result<Condition, String> {
        if value.chars().count() > limits::VALUE_LETTERS {
            return Err(format!("値は{}文字までにしてください。", limits::VALUE_LETTERS));
        }
        Ok(match self {
            Self::Number(fact) => Condition::Number {
                fact,
                span: Span::read(value).map_err(|problem| problem.to_string())?,
            },
            Self::YesNo(fact, is) => Condition::YesNo { fact, is },
            Self::RiskFactor => Condition::RiskFactor {
                any_of: each(value, RiskFactor::ALL, RiskFactor::label)?,
            },
            Self::Severity => {
                let all = each(value, Severity::ALL, Severity::label)?;
                let at_least = all.into_iter().next();
                Condition::Severity {
                    at_least: at_least.ok_or("重症度を1つ入力してください。")?,
                }
            }
            Self::DiagnosedAs => Condition::DiagnosedAs {
                any_of: each(value, DiagnosedAs::ALL, DiagnosedAs::label)?,
            },
            Self::SymptomWord => Condition::SymptomWord {
                any_of: some(value)?.map(str::to_owned).collect(),
            },
            Self::Language(is) => Condition::Language {
                is,
                any_of: some(value)?.map(language).collect::<Result<_, _>>()?,
            },
            Self::Office => Condition::Office {
                any_of: some(value)?
                    .map(|name| office(name, offices))
                    .collect::<Result<_, _>>()?,
            },
            Self::Day => days(value)?,
        })
    }
}

impl Condition {
    /// The kind and value that [`Kind::read`] reads as this condition.
    pub fn typed(&self, offices: &[(OfficeId, String)]) -> (Kind, String) {
        match self {
            Self::Number { fact, span } => (Kind::Number(*fact), span.words("")),
            Self::YesNo { fact, is } => (Kind::YesNo(*fact, *is), String::new()),
            Self::RiskFactor { any_of } => (Kind::RiskFactor, list(any_of, RiskFactor::label)),
            Self::Severity { at_least } => (Kind::Severity, at_least.label().to_owned()),
            Self::DiagnosedAs { any_of } => (Kind::DiagnosedAs, list(any_of, DiagnosedAs::label)),
            Self::SymptomWord { any_of } => (Kind::SymptomWord, all(any_of)),
            Self::Language { is, any_of } => (Kind::Language(*is), all(any_of)),
            Self::Office { any_of } => {
                let name = |id: &OfficeId| {
                    let known = offices.iter().find(|(one, _)| one == id);
                    known.map_or_else(|| id.to_string(), |(_, name)| name.clone())
                };
                (
                    Kind::Office,
                    any_of.iter().map(name).collect::<Vec<_>>().join("、"),
                )
            }
            Self::Day { from, until } => {
                let from = from.map(|day| format!("{day}から")).unwrap_or_default();
                let until = until.map(|day| format!("{day}まで")).unwrap_or_default();
                (Kind::Day, from + &until)
            }
        }
    }
}

/// What stands between 、 and commas.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(['、', ',', '，'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// The tag that notifications have, by the words that lists have.
fn language(word: &str) -> Result<String, String> {
    let known = messaging::template::language_of(word);
    known.map(|known| known.code().to_owned()).ok_or_else(|| {
        format!("「{word}」という言語は分かりません。「ベトナム語」や「vi」のように、文面のある言語を入力してください。")
    })
}

fn some(value: &str) -> Result<impl Iterator<Item = &str>, String> {
    match parts(value).next() {
        Some(_) => Ok(parts(value)),
        None => Err("値を入力してください。いくつもあるときは「、」で区切ります。".to_owned()),
    }
}

fn each<T: Copy + Ord>(
    value: &str,
    all: &[T],
    label: impl Fn(T) -> &'static str,
) -> Result<BTreeSet<T>, String> {
    some(value)?
        .map(|part| {
            let found = all.iter().copied().find(|one| label(*one) == part);
            found.ok_or_else(|| format!("「{part}」は選べません。選べるもの: {}", list(all, &label)))
        })
        .collect()
}

fn office(name: &str, offices: &[(OfficeId, String)]) -> Result<OfficeId, String> {
    let found = offices.iter().find(|(_, known)| known == name);
    found.map(|(id, _)| *id).ok_or_else(|| {
        format!("「{name}」という部署はありません。「人と部署」にある名前を入力してください。")
    })
}

fn list<'a, T: Copy + 'a>(all: impl IntoIterator<Item = &'a T>, label: impl Fn(T) -> &'static str) -> String {
    let labels: Vec<&str> = all.into_iter().map(|one| label(*one)).collect();
    labels.join("、")
}

fn all(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join("、")
}

fn days(value: &str) -> Result<Condition, String> {
    let day = |text: &str| -> Result<Option<CalendarDate>, String> {
        match text.trim().trim_end_matches("まで") {
            "" => Ok(None),
            text => match date::parse(text).map(date::Parsed::full) {
                Ok(Some(day)) => Ok(Some(day)),
                _ => Err(
                    "日付は「2022/9/26から」「2022/9/26から2022/12/31」のように入力してください。".to_owned(),
                ),
            },
        }
    };
    let (from, until) = match value.split_once("から") {
        Some((from, until)) => (day(from)?, day(until)?),
        None if value.contains("まで") => (None, day(value)?),
        None => {
            let one = day(value)?;
            (one, one)
        }
    };
    match (from, until) {
        (None, None) => Err("日付を入力してください。".to_owned()),
        (Some(from), Some(until)) if from > until => Err("始まりの日が、終わりの日より後です。".to_owned()),
        _ => Ok(Condition::Day { from, until }),
    }
}
