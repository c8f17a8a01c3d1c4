//! Who is asked with which form: the links that texts may carry, what may be asked once, and what an answer says of
//! somebody's health.

use std::collections::HashMap;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{CaseId, OrgId};
use db::{Db, DbError, OrgVault};
use desk::form::{Answer, Decimal, Key, Level};
use desk::store::{Answered, past_requests};
use desk::{FormToken, Subject};
use messaging::links::{PersonalLinks, TargetName};
use serde::{Deserialize, Serialize};
use web::Language;

use crate::case::{Case, received_day};
use crate::limits;
use crate::notification::words;

/// The health of a day.
pub const OBSERVATION: &str = "observation";
/// What is asked once at the beginning.
pub const INTERVIEW: &str = "interview";

/// Which form a link leads to: its name in texts, `{{リンク 質問票 健康観察}}`, and the form.
pub const LINKS: [(&str, &str); 2] = [("質問票 聞き取り", INTERVIEW), ("質問票 健康観察", OBSERVATION)];

/// The name of a form.
pub fn form_key(form: &str) -> Key {
    Key::parse(form).expect("names of forms that the program knows are names")
}

/// A case, as forms name it.
pub fn subject(case: CaseId) -> Subject {
    Subject {
        kind: subject_kind(),
        id: case.get(),
    }
}

/// The word for cases among the subjects of forms.
pub fn subject_kind() -> Key {
    form_key("case")
}

words! {
    /// What an answer says of somebody's health.
    Health {
        /// Nothing that worries.
        Well = "well", "変わりなし";
        /// Symptoms, or something to be called for.
        Symptoms = "symptoms", "症状あり";
        /// A sign of danger.
        Danger = "danger", "緊急の症状";
    }
}

words! {
    /// Who needs a look, and why.
    View {
        /// Signs of danger.
        Alerts = "alerts", "緊急・電話の希望";
        /// Answers to read.
        Review = "review", "確認する回答";
        /// People with symptoms.
        Symptomatic = "symptomatic", "症状がある人";
        /// People who have not answered.
        Silent = "silent", "回答がない人";
    }
}

impl Health {
    /// Of answers to the forms that come with the program; of other forms what their red flags say.
    pub fn of(answered: &Answered) -> Self {
        let flags = answered.red_flags();
        if flags.iter().any(|(level, _)| *level == Level::Emergency) {
            return Self::Danger;
        }
        let has = |name: &str, says: &dyn Fn(&Answer) -> bool| {
            let mut answers = answered.answers.iter();
            answers.any(|(key, answer)| key.as_str() == name && says(answer))
        };
        let chosen = |answer: &Answer| match answer {
            Answer::Several(keys) => keys.iter().any(|key| key.as_str() != "none"),
            _ => false,
        };
        let at_least = |tenths: u32, answer: &Answer| match answer {
            Answer::Number(number) => *number >= tenths_of(tenths),
            _ => false,
        };
        let eats_little = |answer: &Answer| matches!(answer, Answer::Choice(key) if key.as_str() != "well");
        let is_ill = !flags.is_empty()
            || has("symptoms", &chosen)
            || has("temperature", &|answer| at_least(limits::FEVER_TENTHS, answer))
            || has("intake", &eats_little)
            || has("ill", &|answer| *answer == Answer::YesNo(true));
        if is_ill { Self::Symptoms } else { Self::Well }
    }
}

/// `375` becomes 37.5.
fn tenths_of(tenths: u32) -> Decimal {
    Decimal::read(&format!("{}.{}", tenths / 10, tenths % 10)).expect("a number with one place")
}

/// Whether somebody has to read the answer: every interview, whoever is not well, whoever wrote something.
pub fn wants_review(answered: &Answered, health: Health) -> bool {
    let wrote = answered
        .answers
        .values()
        .any(|answer| matches!(answer, Answer::Text(text) if !text.trim().is_empty()));
    answered.form.key().as_str() == INTERVIEW || health != Health::Well || wrote
}

/// What may be asked once: the nth interview, the health of a day.
pub fn slot(form: &str, day: CalendarDate, past: u32) -> String {
    match form {
        OBSERVATION => format!("{OBSERVATION}/{day}"),
        other => format!("{other}/{past}"),
    }
}

/// Somebody who would be asked, if a text with this link goes out.
#[derive(Clone)]
pub(crate) struct Planned {
    pub(crate) case: CaseId,
    pub(crate) form: &'static str,
    pub(crate) slot: String,
    pub(crate) token: FormToken,
    pub(crate) birth: CalendarDate,
    pub(crate) language: Language,
    pub(crate) for_long: Millis,
}

/// Every link that texts to these people could carry. Whoever's date of birth is not known can have none: it opens it.
pub(crate) async fn plan(
    db: &Db,
    org: OrgId,
    vault: &OrgVault,
    all: &[Case],
) -> Result<HashMap<CaseId, Vec<Planned>>, DbError> {
    let ids: Vec<i64> = all.iter().map(|case| case.id.get()).collect();
    let interviews = past_requests(db, org, &subject_kind(), &form_key(INTERVIEW), &ids).await?;
    let today = received_day(db.now());
    let of_case = |case: &Case| {
        let person = &case.notification.as_ref()?.person;
        let birth = person.birth?;
        let planned = LINKS.iter().map(|(_, form)| {
            let past = interviews.get(&case.id.get()).copied().unwrap_or(0);
            let slot = slot(form, today, past);
            Planned {
                case: case.id,
                form,
                token: FormToken::of_occasion(vault, &subject(case.id), &form_key(form), &slot),
                slot,
                birth,
                language: language(person.language.as_deref()),
                for_long: if *form == OBSERVATION {
                    limits::OBSERVATION_FOR
                } else {
                    limits::INTERVIEW_FOR
                },
            }
        });
        Some((case.id, planned.collect()))
    };
    Ok(all.iter().filter_map(of_case).collect())
}

/// In which language the pages begin.
fn language(word: Option<&str>) -> Language {
    let told = word.and_then(messaging::template::language_of);
    told.and_then(|one| Language::from_code(one.code()))
        .unwrap_or_default()
}

/// The links of people in the order of their rows.
pub(crate) fn links(all: &[Case], planned: &HashMap<CaseId, Vec<Planned>>) -> PersonalLinks {
    let named = LINKS.iter().filter_map(|(name, form)| {
        let paths = all.iter().map(|case| {
            let of_case = planned.get(&case.id)?.iter().find(|one| one.form == *form)?;
            Some(of_case.token.path())
        });
        Some((TargetName::parse(name)?, paths.collect()))
    });
    PersonalLinks::of(named.collect())
}

/// Those whose link stands in a text.
pub(crate) fn in_text(text: &str, planned: &[Planned]) -> Vec<Planned> {
    let stands = planned.iter().filter(|one| text.contains(&one.token.path()));
    stands.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_occasion_and_so_is_an_interview_until_it_is_behind_somebody() {
        let day = CalendarDate::new(2022, 2, 16).unwrap_or_else(|| panic!("a day"));
        assert_eq!(slot(OBSERVATION, day, 5), "observation/2022-02-16");
        assert_eq!(slot(INTERVIEW, day, 0), "interview/0");
        assert_ne!(slot(INTERVIEW, day, 0), slot(INTERVIEW, day, 1));
    }

    #[test]
    fn every_link_leads_to_a_form_that_comes_with_the_program() {
        for (name, form) in LINKS {
            assert!(desk::form::Shipped::of(form).is_some(), "{form}");
            assert!(TargetName::parse(name).is_some(), "{name}");
            assert_eq!(form_key(form).as_str(), form);
        }
        assert_eq!(tenths_of(375).to_string(), "37.5");
    }

    #[test]
    fn a_language_that_forms_do_not_have_begins_in_japanese() {
        assert_eq!(language(Some("vi")), Language::Vietnamese);
        assert_eq!(language(Some("es")), Language::Japanese);
        assert_eq!(language(None), Language::Japanese);
    }
}
