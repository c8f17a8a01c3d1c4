//! A programme: the rules for the people of one disease, dated and versioned, whole as data.
//!
//! Nothing here knows a disease. A version holds from a day on, for the organisation or for one office; an office's
//! own rules go before the organisation's, but for periods: those are the newest of both, since an office that changed
//! whom it telephones did not say how long people stay at home from then on. A version that was approved is never
//! changed, and one that was withdrawn decides nothing any more.

use base::date::CalendarDate;
use base::id::OfficeId;
use serde::{Deserialize, Serialize};

use crate::case::{Case, received_day};
use crate::closing::{ClosingRule, FirstContactRule};
use crate::decision::{Decided, Rules};
use crate::facts::{Circumstances, Facts};
use crate::limits;
use crate::notification::{CaseNotification, Illness};
use crate::observation::{ObservationRule, TextRef};
use crate::period::{Course, End, Period, PeriodTable};
use crate::rule::{RuleSet, Verdict};

/// Where a rule was taken from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What it is, and what of it is used.
    pub title: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// The shape of the document; a program that does not know it must not guess.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Schema;

/// The one that this program writes.
const SCHEMA: u8 = 1;

impl TryFrom<u8> for Schema {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        if number == SCHEMA {
            Ok(Self)
        } else {
            Err(format!(
                "振り分け規則の形式が版{number}です。このプログラムが読めるのは版{SCHEMA}です。"
            ))
        }
    }
}

impl From<Schema> for u8 {
    fn from(Schema: Schema) -> Self {
        SCHEMA
    }
}

/// What one version says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The shape of this document.
    pub schema: Schema,
    /// Who reaches whom.
    pub rules: RuleSet,
    /// How long people stay at home.
    pub periods: PeriodTable,
    /// What counts as first contact.
    pub first_contact: FirstContactRule,
    /// With which templates people are first written to, the usual one first; the newest version of each is sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first_texts: Vec<i64>,
    /// How people are asked how they are; nobody is where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observation: Option<ObservationRule>,
    /// When a case is closed.
    pub closing: ClosingRule,
    /// With which text the person is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing_text: Option<TextRef>,
    /// Where this was taken from.
    #[serde(default)]
    pub sources: Vec<Source>,
}

impl Content {
    /// As the database keeps it.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers, words and days become JSON")
    }

    /// What [`Content::to_json`] wrote, or what is wrong with it.
    pub fn from_json(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    /// A beginning for somebody who writes their own: everybody is telephoned.
    pub fn blank() -> Self {
        let rules = r#"{"schema":1,"rules":[{"name":"全員","route":"centre_phone","priority":50}],"periods":{"rules":[]},
            "first_contact":{"by":"opening","call_after_hours":24},"closing":{"after":"never","notice":false}}"#;
        Self::from_json(rules).expect("a test reads this very text")
    }
}

/// Cases belong to this whose disease no programme is for, or as long as there is none.
pub const NO_PROGRAMME: i64 = 0;

/// A programme that comes with the product.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Its word in forms.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// For what.
    pub about: String,
    /// The diseases by which lists name their people.
    pub diseases: Vec<String>,
    /// Its versions, the oldest first.
    pub versions: Vec<ExampleVersion>,
}

/// One version of an example.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleVersion {
    /// What changed.
    pub title: String,
    /// Its first day.
    pub from: CalendarDate,
    /// What it says.
    pub content: Content,
}

/// Everything that comes with the product. A test reads each.
pub fn examples() -> Vec<Example> {
    const TEXTS: [&str; 2] = [
        include_str!("../programmes/covid19_2022.json"),
        include_str!("../programmes/measles_contacts.json"),
    ];
    let read = |text| serde_json::from_str(text).expect("a test reads every example");
    TEXTS.into_iter().map(read).collect()
}

/// Whose rules a version is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// Every office that has none of its own.
    Organisation,
    /// One office.
    Office(OfficeId),
}

impl From<Option<OfficeId>> for Scope {
    fn from(office: Option<OfficeId>) -> Self {
        office.map_or(Self::Organisation, Self::Office)
    }
}

/// A version in force: approved, not withdrawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InForce {
    /// Its number.
    pub version: i64,
    /// Whose.
    pub scope: Scope,
    /// Its first day.
    pub from: CalendarDate,
    /// What it says.
    pub content: Content,
}

/// A programme as cases are decided by it: every version in force, of every scope.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Programme {
    versions: Vec<InForce>,
}

impl Programme {
    /// Of these versions; their order does not matter.
    pub fn of(mut versions: Vec<InForce>) -> Self {
        versions.sort_by_key(|one| (one.from, one.version));
        Self { versions }
    }

    /// Every version in force, by its first day.
    pub fn versions(&self) -> &[InForce] {
        &self.versions
    }

    /// The version that holds on a day for an office: its own newest one, else the organisation's newest.
    pub fn on(&self, day: CalendarDate, office: OfficeId) -> Option<&InForce> {
        let newest = |scope| {
            let mut latest_first = self.versions.iter().rev();
            latest_first.find(|one| one.from <= day && one.scope == scope)
        };
        newest(Scope::Office(office)).or_else(|| newest(Scope::Organisation))
    }

    /// The version whose periods hold on a day for an office: the newest of its own and the organisation's, its own
    /// of two that begin on one day.
    pub fn periods_on(&self, day: CalendarDate, office: OfficeId) -> Option<&InForce> {
        let is_for = |one: &&InForce| {
            one.from <= day && (one.scope == Scope::Organisation || one.scope == Scope::Office(office))
        };
        let newest = self.versions.iter().filter(is_for);
        newest.max_by_key(|one| (one.from, one.scope != Scope::Organisation, one.version))
    }

    /// The templates with which people of an office are first written to on a day, the usual one first.
    pub fn first_texts(&self, day: CalendarDate, office: OfficeId) -> &[i64] {
        self.on(day, office)
            .map_or(&[], |version| version.content.first_texts.as_slice())
    }

    /// How long the person of a case stays at home, with everything that is known of them.
    pub fn period_of(&self, case: &Case) -> Option<Period> {
        let at = (received_day(case.received_at), case.office);
        self.period(&case.notification.as_ref()?.illness, &case.course, at)
    }

    /// Who reaches this person. Where no version holds, somebody telephones.
    pub fn decide(&self, notification: &CaseNotification, at: Circumstances) -> Verdict {
        match self.on(at.day, at.office) {
            None => Verdict::without_rules(),
            Some(version) => {
                let rules = &version.content.rules;
                rules.decide(&Facts::of(notification, at), Some(version.version))
            }
        }
    }

    /// How long this person stays at home, by the rules of the case's day, and by later ones that were made for
    /// people under care too. Those set nobody free before their own first day.
    pub fn period(
        &self,
        illness: &Illness,
        course: &Course,
        (day, office): (CalendarDate, OfficeId),
    ) -> Option<Period> {
        let first = self.periods_on(day, office)?;
        let mut period = first.content.periods.of(illness, course)?;
        let later = self
            .versions
            .iter()
            .filter(|one| one.from > day && one.content.periods.is_for_people_under_care_too());
        for version in later {
            let holds = self
                .periods_on(version.from, office)
                .is_some_and(|one| one.version == version.version);
            let under_care = match period.end {
                End::FreeFrom(free) => free > version.from,
                End::NotBefore(_) => true,
            };
            let Some(mut changed) = version
                .content
                .periods
                .of(illness, course)
                .filter(|_| holds && under_care)
            else {
                continue;
            };
            if let End::FreeFrom(free) = changed.end {
                changed.end = End::FreeFrom(free.max(version.from));
            }
            period = changed;
        }
        Some(period)
    }
}

impl Rules for Programme {
    fn decide(&self, notification: &CaseNotification, office: OfficeId, received: CalendarDate) -> Decided {
        let at = Circumstances {
            day: received,
            office,
            exposed_on: None,
        };
        let verdict = Self::decide(self, notification, at);
        let illness = &notification.illness;
        let period = self.period(illness, &Course::default(), (received, office));
        Decided {
            route: verdict.route,
            priority: verdict.priority,
            reasons: verdict.reasons.iter().map(ToString::to_string).collect(),
            rules: verdict.version,
            isolation_ends: period.and_then(Period::last_day),
        }
    }

    fn period(
        &self,
        illness: &Illness,
        course: &Course,
        office: OfficeId,
        received: CalendarDate,
    ) -> Option<Period> {
        Self::period(self, illness, course, (received, office))
    }
}

/// Whether a name or a title can stand.
pub fn check_name(name: &str) -> Result<String, String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err("名前を入力してください。".to_owned()),
        letters if letters > limits::PROGRAMME_NAME_LETTERS => Err(format!(
            "名前は{}文字までにしてください。",
            limits::PROGRAMME_NAME_LETTERS
        )),
        _ => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests;
