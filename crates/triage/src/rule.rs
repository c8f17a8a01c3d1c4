//! Who reaches a person, decided by a list of rules that is data.
//!
//! A [`RuleSet`] goes from the most careful rule to the least; the first that counts decides. A condition on a fact
//! that nobody told counts, so what is missing moves a person up the list and never down: **missing data leads to the
//! careful side**. The last rule has no condition, so everybody ends somewhere.
//!
//! What it is not: it does not know what day it is or whose rules hold (`programme`), and it contacts nobody.

mod check;
mod condition;
mod span;
mod typed;

use serde::{Deserialize, Serialize};

pub use self::check::Problem;
pub use self::condition::{Condition, Holds, NumberFact, YesNoFact};
pub use self::span::{Span, SpanProblem};
pub use self::typed::{Kind, kinds};
use crate::decision::{PRIORITY_MAX, Route};
use crate::facts::Facts;
use crate::notification::DiagnosedAs;

impl Route {
    /// How careful it is, from 0. Rules stand in the order of care.
    pub const fn care(self) -> u8 {
        match self {
            Self::HeadOfficeSms => 0,
            Self::CentreSms => 1,
            Self::CentrePhone => 2,
            Self::Physician => 3,
        }
    }

    /// Whether the person is written to.
    pub const fn is_sms(self) -> bool {
        matches!(self, Self::HeadOfficeSms | Self::CentreSms)
    }

    /// Every route, the most careful first.
    pub fn by_care() -> [Self; 4] {
        [
            Self::Physician,
            Self::CentrePhone,
            Self::CentreSms,
            Self::HeadOfficeSms,
        ]
    }
}

/// One rule: whom it catches, and what becomes of them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What the people are called; the reason begins with it.
    pub name: String,
    /// All of these have to hold, or to be unknown. None: everybody.
    #[serde(default)]
    pub all_of: Vec<Condition>,
    /// Who reaches them.
    pub route: Route,
    /// Who comes first among those who wait: the higher, at most [`PRIORITY_MAX`].
    pub priority: u32,
}

impl Rule {
    /// Whether the rule holds: no as soon as one condition does not, unknown as soon as one is.
    pub fn holds(&self, facts: &Facts) -> Holds {
        let all = self.all_of.iter().map(|condition| condition.holds(facts));
        all.min().unwrap_or(Holds::Yes)
    }

    /// Why it counts for this person.
    fn reason(&self, facts: &Facts) -> Reason {
        let words: Vec<String> = self
            .all_of
            .iter()
            .map(|condition| condition.reason(facts))
            .collect();
        Reason {
            rule: self.name.clone(),
            words: words.join("、"),
            missing: self.holds(facts) == Holds::Unknown,
        }
    }
}

/// Rules in order, looked through: the last catches everybody, each can be reached, none contradicts itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<Rule>", into = "Vec<Rule>")]
pub struct RuleSet(Vec<Rule>);

impl TryFrom<Vec<Rule>> for RuleSet {
    type Error = String;

    fn try_from(rules: Vec<Rule>) -> Result<Self, String> {
        Self::new(rules).map_err(|problems| {
            let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
            words.join(" ")
        })
    }
}

impl From<RuleSet> for Vec<Rule> {
    fn from(rules: RuleSet) -> Self {
        rules.0
    }
}

impl RuleSet {
    /// The rules, or everything that is wrong with them.
    pub fn new(rules: Vec<Rule>) -> Result<Self, Vec<Problem>> {
        match check::problems(&rules) {
            problems if problems.is_empty() => Ok(Self(rules)),
            problems => Err(problems),
        }
    }

    /// The rules in order.
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// Why nobody writes to this person, whatever the rules say.
    fn not_by_sms(facts: &Facts) -> Option<Reason> {
        if facts.diagnosed_as == Some(DiagnosedAs::Dead) {
            // The family reads it.
            Some(Reason::plain("SMSを送らない", "死亡の届のため"))
        } else if facts.mobile {
            None
        } else {
            Some(Reason::plain("SMSを送れない", "携帯電話の番号がないため"))
        }
    }

    /// Who reaches this person. The version that says so is named by whoever asks.
    pub fn decide(&self, facts: &Facts, version: Option<i64>) -> Verdict {
        let counting = self.0.iter().filter(|rule| rule.holds(facts) != Holds::No);
        let mut counting = counting.peekable();
        let first = counting.peek().copied();
        let mut reasons: Vec<Reason> = counting
            .filter(|rule| !rule.all_of.is_empty())
            .map(|rule| rule.reason(facts))
            .collect();
        // The last rule has no condition, so there always is a first one.
        let (mut route, priority) = first.map_or((Route::CentrePhone, PRIORITY_MAX), |rule| {
            (rule.route, rule.priority)
        });
        if reasons.is_empty() {
            let rest = first.map(|rule| rule.name.clone()).unwrap_or_default();
            reasons.push(Reason::plain(rest, "ほかのどの規則にも当てはまらない"));
        }
        if let Some(why) = Self::not_by_sms(facts).filter(|_| route.is_sms()) {
            route = Route::CentrePhone;
            reasons.insert(0, why);
        }
        Verdict {
            route,
            priority,
            reasons,
            version,
        }
    }
}

/// Why somebody was sorted as they were.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// The rule's name.
    pub rule: String,
    /// 「65歳以上（72歳）」.
    pub words: String,
    /// It counts only because something is not known.
    pub missing: bool,
}

impl Reason {
    fn plain(rule: impl Into<String>, words: &str) -> Self {
        Self {
            rule: rule.into(),
            words: words.to_owned(),
            missing: false,
        }
    }
}

/// 「高齢: 65歳以上（72歳）」.
impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.rule, self.words)
    }
}

/// What rules say of a person. With the end of isolation it becomes what is kept with a case
/// (`decision::Decided`).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// Who reaches them.
    pub route: Route,
    /// Who comes first among those who wait: the higher, at most [`PRIORITY_MAX`].
    pub priority: u32,
    /// Every reason that counts, the weightiest first. Never empty.
    pub reasons: Vec<Reason>,
    /// The version of the programme that says so; none if no version held on that day.
    pub version: Option<i64>,
}

impl Verdict {
    /// Where no rules hold, somebody telephones.
    pub(crate) fn without_rules() -> Self {
        Self {
            route: Route::CentrePhone,
            priority: PRIORITY_MAX / 2,
            reasons: vec![Reason::plain(
                "規則がない",
                "この日に使える振り分け規則がないため",
            )],
            version: None,
        }
    }

    /// Whether it would be another if nothing was missing: every reason for this route stands on something unknown.
    pub fn rests_on_missing(&self) -> bool {
        self.reasons.iter().all(|reason| reason.missing)
    }
}

#[cfg(test)]
mod tests;
