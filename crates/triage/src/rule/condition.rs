//! One condition over one fact: what it says of somebody, in three values and in words.

use std::collections::BTreeSet;

use base::date::CalendarDate;
use base::id::OfficeId;
use serde::{Deserialize, Serialize};

use super::span::Span;
use crate::facts::{Facts, by_oxygen};
use crate::notification::{DiagnosedAs, RiskFactor, Severity, words};

words! {
    /// Facts that are numbers.
    NumberFact {
        /// Whole years.
        Age = "age", "年齢";
        /// How many risk factors.
        RiskFactors = "risk_factors", "重症化リスク因子の数";
        /// In percent.
        Spo2 = "spo2", "SpO2";
        /// Of vaccine.
        Doses = "doses", "ワクチンの回数";
        /// Since the last one.
        DaysSinceDose = "days_since_dose", "最後の接種からの日数";
        /// Since symptoms began.
        DaysSinceOnset = "days_since_onset", "発症からの日数";
        /// Since the last contact with somebody ill.
        DaysSinceExposure = "days_since_exposure", "最後の接触からの日数";
    }
}

words! {
    /// Facts that are so or not.
    YesNoFact {
        /// Pregnant.
        Pregnant = "pregnant", "妊娠";
        /// Has symptoms.
        Symptoms = "symptoms", "症状の有無";
        /// Must be admitted.
        NeedsAdmission = "needs_admission", "入院の必要";
        /// Must get a drug or oxygen.
        NeedsTherapy = "needs_therapy", "薬または酸素の必要";
        /// Lives or works in a facility.
        Facility = "facility", "施設の利用・勤務";
        /// Has a number that gets SMS.
        Mobile = "mobile", "携帯電話の番号の有無";
    }
}

impl NumberFact {
    /// What stands behind its numbers.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Age => "歳",
            Self::RiskFactors => "個",
            Self::Spo2 => "%",
            Self::Doses => "回",
            Self::DaysSinceDose | Self::DaysSinceOnset | Self::DaysSinceExposure => "日",
        }
    }

    fn of(self, facts: &Facts) -> Option<u16> {
        match self {
            Self::Age => facts.age,
            Self::RiskFactors => u16::try_from(facts.risk_factors.as_ref()?.len()).ok(),
            Self::Spo2 => facts.spo2,
            Self::Doses => facts.doses,
            Self::DaysSinceDose => facts.days_since_dose,
            Self::DaysSinceOnset => facts.days_since_onset,
            Self::DaysSinceExposure => facts.days_since_exposure,
        }
    }

    /// The value as it stands behind the condition; risk factors by their names.
    fn value(self, facts: &Facts) -> String {
        match (self, &facts.risk_factors) {
            (Self::RiskFactors, Some(factors)) if !factors.is_empty() => labels(factors, RiskFactor::label),
            _ => self
                .of(facts)
                .map(|number| format!("{number}{}", self.unit()))
                .unwrap_or_default(),
        }
    }

    fn sentence(self, span: Span) -> String {
        let range = span.words(self.unit());
        match self {
            // 「65歳以上」 says by itself what it is about.
            Self::Age => range,
            _ => format!("{}が{range}", self.label()),
        }
    }
}

impl YesNoFact {
    /// The sentence for yes and for no.
    pub const fn sentence(self, is: bool) -> &'static str {
        match (self, is) {
            (Self::Pregnant, true) => "妊娠している",
            (Self::Pregnant, false) => "妊娠していない",
            (Self::Symptoms, true) => "症状がある",
            (Self::Symptoms, false) => "症状がない",
            (Self::NeedsAdmission, true) => "入院が必要",
            (Self::NeedsAdmission, false) => "入院は不要",
            (Self::NeedsTherapy, true) => "薬または酸素の投与が必要",
            (Self::NeedsTherapy, false) => "薬も酸素の投与も不要",
            (Self::Facility, true) => "施設で暮らす、または働いている",
            (Self::Facility, false) => "施設で暮らしても働いてもいない",
            (Self::Mobile, true) => "携帯電話の番号がある",
            (Self::Mobile, false) => "携帯電話の番号がない",
        }
    }

    fn of(self, facts: &Facts) -> Option<bool> {
        match self {
            Self::Pregnant => facts.pregnant,
            Self::Symptoms => facts.symptomatic,
            Self::NeedsAdmission => facts.needs_admission,
            Self::NeedsTherapy => facts.needs_therapy,
            Self::Facility => facts.facility,
            Self::Mobile => Some(facts.mobile),
        }
    }
}

/// One condition. What it asks of is one fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Condition {
    /// A number in a range.
    Number {
        /// Which.
        fact: NumberFact,
        /// From, to.
        #[serde(flatten)]
        span: Span,
    },
    /// Something that is so, or not.
    YesNo {
        /// Which.
        fact: YesNoFact,
        /// So, or not.
        is: bool,
    },
    /// One of these risk factors.
    RiskFactor {
        /// At least one of them.
        any_of: BTreeSet<RiskFactor>,
    },
    /// This severe, or more.
    Severity {
        /// The mildest that counts.
        at_least: Severity,
    },
    /// 診断類型.
    DiagnosedAs {
        /// One of them.
        any_of: BTreeSet<DiagnosedAs>,
    },
    /// A word in what was written of the symptoms.
    SymptomWord {
        /// One of them.
        any_of: BTreeSet<String>,
    },
    /// The person's language.
    Language {
        /// One of them, or none of them.
        is: bool,
        /// BCP 47 tags.
        any_of: BTreeSet<String>,
    },
    /// The office whose case it is.
    Office {
        /// One of them.
        any_of: BTreeSet<OfficeId>,
    },
    /// The case's day.
    Day {
        /// The first that counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<CalendarDate>,
        /// The last that counts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<CalendarDate>,
    },
}

/// Whether a condition holds. What is not known may be so, and therefore counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Holds {
    /// No.
    No,
    /// The fact is missing.
    Unknown,
    /// Yes.
    Yes,
}

impl From<Option<bool>> for Holds {
    fn from(known: Option<bool>) -> Self {
        match known {
            None => Self::Unknown,
            Some(true) => Self::Yes,
            Some(false) => Self::No,
        }
    }
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self, facts: &Facts) -> Holds {
        let known = match self {
            Self::Number { fact, span } => fact.of(facts).map(|number| span.holds(number)),
            // A number that nobody wrote down may exist, so it is no reason to be less careful.
            Self::YesNo {
                fact: YesNoFact::Mobile,
                is: true,
            } => facts.mobile.then_some(true),
            Self::YesNo { fact, is } => fact.of(facts).map(|known| known == *is),
            Self::RiskFactor { any_of } => facts.risk_factors.as_ref().map(|all| !all.is_disjoint(any_of)),
            Self::Severity { at_least } => facts.severity.map(|severity| severity >= *at_least),
            Self::DiagnosedAs { any_of } => facts.diagnosed_as.map(|kind| any_of.contains(&kind)),
            Self::SymptomWord { any_of } => {
                let said = facts.symptoms.as_ref();
                said.map(|text| any_of.iter().any(|word| text.contains(word.as_str())))
            }
            Self::Language { is, any_of } => facts.language.as_ref().map(|tag| any_of.contains(tag) == *is),
            Self::Office { any_of } => Some(any_of.contains(&facts.office)),
            Self::Day { from, until } => Some(
                from.is_none_or(|from| facts.day >= from) && until.is_none_or(|until| facts.day <= until),
            ),
        };
        known.into()
    }

    /// What the fact is called: 「年齢」.
    pub fn subject(&self) -> &'static str {
        match self {
            Self::Number { fact, .. } => fact.label(),
            Self::YesNo { fact, .. } => match fact {
                YesNoFact::Pregnant => "妊娠の有無",
                other => other.label(),
            },
            Self::RiskFactor { .. } => "重症化リスク因子",
            Self::Severity { .. } => "重症度",
            Self::DiagnosedAs { .. } => "診断類型",
            Self::SymptomWord { .. } => "症状",
            Self::Language { .. } => "言語",
            Self::Office { .. } => "管轄",
            Self::Day { .. } => "日付",
        }
    }

    /// 「65歳以上」. Offices by the names that are known.
    pub fn sentence(&self, offices: &[(OfficeId, String)]) -> String {
        match self {
            Self::Number { fact, span } => fact.sentence(*span),
            Self::YesNo { fact, is } => fact.sentence(*is).to_owned(),
            Self::RiskFactor { any_of } => format!("{}のどれかがある", labels(any_of, RiskFactor::label)),
            Self::Severity { at_least } => format!("{}以上", at_least.label()),
            Self::DiagnosedAs { any_of } => format!("診断類型が{}", labels(any_of, DiagnosedAs::label)),
            Self::SymptomWord { any_of } => format!("症状に「{}」とある", joined(any_of, "」か「")),
            Self::Language { is: true, any_of } => format!("言語が{}", joined(any_of, "・")),
            Self::Language { is: false, any_of } => format!("言語が{}以外", joined(any_of, "・")),
            Self::Office { any_of } => {
                let names = offices.iter().filter(|(id, _)| any_of.contains(id));
                let names: Vec<&str> = names.map(|(_, name)| name.as_str()).collect();
                match names[..] {
                    [] => "管轄が決められた部署".to_owned(),
                    _ => format!("管轄が{}", names.join("・")),
                }
            }
            Self::Day { from, until } => {
                let from = from.map(|day| format!("{day}から")).unwrap_or_default();
                let until = until.map(|day| format!("{day}まで")).unwrap_or_default();
                format!("届出の日が{from}{until}")
            }
        }
    }

    /// Why it counts for this person: 「65歳以上（72歳）」, or 「年齢が分からないため」. Empty if it does not hold.
    pub fn reason(&self, facts: &Facts) -> String {
        let value = match self.holds(facts) {
            Holds::No => return String::new(),
            Holds::Unknown => return format!("{}が分からないため", self.subject()),
            Holds::Yes => match self {
                Self::Number { fact, .. } => fact.value(facts),
                Self::RiskFactor { any_of } => {
                    let all = facts.risk_factors.iter().flatten().copied();
                    let here: BTreeSet<RiskFactor> = all.filter(|factor| any_of.contains(factor)).collect();
                    return labels(&here, RiskFactor::label);
                }
                Self::Severity { .. } => severity_words(facts),
                Self::Language { .. } => facts.language.clone().unwrap_or_default(),
                _ => String::new(),
            },
        };
        let sentence = self.sentence(&[]);
        if value.is_empty() || sentence == value {
            sentence
        } else {
            format!("{sentence}（{value}）")
        }
    }
}

/// How severe, and by which oxygen where that says so.
fn severity_words(facts: &Facts) -> String {
    let label = facts.severity.map(Severity::label).unwrap_or_default();
    match facts.spo2.filter(|spo2| by_oxygen(*spo2) == facts.severity) {
        Some(spo2) if facts.severity.is_some() => format!("{label}、SpO2 {spo2}%"),
        _ => label.to_owned(),
    }
}

fn labels<T: Copy>(all: &BTreeSet<T>, label: impl Fn(T) -> &'static str) -> String {
    all.iter().map(|one| label(*one)).collect::<Vec<_>>().join("・")
}

fn joined(all: &BTreeSet<String>, between: &str) -> String {
    all.iter().map(String::as_str).collect::<Vec<_>>().join(between)
}
