//! What a confirmed application says of the illness, for whoever cares for the person: the document names its own
//! questions, so nothing is guessed from their names.

use base::date::CalendarDate;
use serde::{Deserialize, Serialize};
use web::Language;

use super::DeskDocument;
use crate::application::Content;
use crate::form::{Answer, Condition, Key};

/// Which question says what. What is not named is not known.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Carries {
    /// The programme whose case is opened, by its name or by the word of the example that it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub programme: Option<String>,
    /// The day on which it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onset: Option<Key>,
    /// The day of the sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Key>,
    /// What the person feels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symptoms: Option<Key>,
    /// How often the person was vaccinated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doses: Option<Key>,
    /// Whether the person is pregnant, asked of eligibility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pregnant: Option<Key>,
    /// Answers of eligibility that say that nothing makes a severe course likelier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_risk: Option<Condition>,
    /// Answers that say that there are no symptoms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_symptoms: Option<Condition>,
    /// Answers that say that the illness is mild.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mild: Option<Condition>,
}

/// What an application says of the illness.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Carried {
    /// As the document names it.
    pub programme: Option<String>,
    /// The day on which it began.
    pub onset: Option<CalendarDate>,
    /// The day of the sample.
    pub sampled: Option<CalendarDate>,
    /// What the person feels, in words.
    pub symptoms: Option<String>,
    /// How often the person was vaccinated.
    pub doses: Option<u8>,
    /// Whether the person is pregnant.
    pub pregnant: Option<bool>,
    /// Nothing makes a severe course likelier.
    pub no_risk: bool,
    /// There are no symptoms.
    pub no_symptoms: bool,
    /// The illness is mild. Whoever is not is ill in a way that nobody knows.
    pub mild: bool,
}

/// Health data: the debug form says nothing.
impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Carried(…)")
    }
}

impl DeskDocument {
    /// What is carried over into a case.
    pub fn carried(&self, content: &Content) -> Carried {
        let carries = &self.document().confirmed.carries;
        let answers = content.answers.delivered(self.form());
        let asked = self.eligibility().map(|form| content.eligibility.delivered(form));
        let asked = asked.unwrap_or_default();
        let day = |key: &Option<Key>| match key.as_ref().and_then(|key| answers.get(key)) {
            Some(Answer::Day(day)) => Some(*day),
            _ => None,
        };
        let holds = |when: &Option<Condition>, all: &std::collections::BTreeMap<Key, Answer>| {
            let seen = all.iter().collect();
            when.as_ref().is_some_and(|when| when.holds(&seen))
        };
        Carried {
            programme: carries.programme.clone(),
            onset: day(&carries.onset),
            sampled: day(&carries.sampled),
            symptoms: carries.symptoms.as_ref().and_then(|key| {
                let (question, answer) = (self.form().question(key)?, answers.get(key)?);
                let lines = answer.lines(question, Language::Japanese);
                let words: Vec<&str> = lines.iter().map(crate::form::Shown::plain).collect();
                Some(words.join("、"))
            }),
            doses: match carries.doses.as_ref().and_then(|key| answers.get(key)) {
                Some(Answer::Number(number)) => number.to_string().parse().ok(),
                _ => None,
            },
            pregnant: match carries.pregnant.as_ref().and_then(|key| asked.get(key)) {
                Some(Answer::YesNo(yes)) => Some(*yes),
                _ => None,
            },
            no_risk: holds(&carries.no_risk, &asked),
            no_symptoms: holds(&carries.no_symptoms, &answers),
            mild: holds(&carries.mild, &answers),
        }
    }
}
