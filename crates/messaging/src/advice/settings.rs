//! What an organisation has decided about its texts.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::links::Host;
use super::rule::{Level, Rule};
use super::scan::View;

/// A number that people may call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContactNumber {
    written: String,
    digits: String,
}

/// Why a text is no number to call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ContactProblem {
    /// Not 3 to 15 digits.
    #[error("は電話番号として読めません。「048-000-0000」のように、市外局番から書いてください。")]
    Unreadable,
}

impl ContactNumber {
    /// Reads a number of 3 to 15 digits with hyphens, brackets, `#` and `+`; full-width digits become half-width.
    pub fn parse(text: &str) -> Result<Self, ContactProblem> {
        let written: String = text.trim().chars().map(super::words::fold).collect();
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        let known = |c: char| c.is_ascii_digit() || "-()#+ ".contains(c);
        if (3..=15).contains(&digits.len()) && written.chars().all(known) {
            Ok(Self { written, digits })
        } else {
            Err(ContactProblem::Unreadable)
        }
    }
}

impl fmt::Display for ContactNumber {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.written)
    }
}

/// The rules' levels, and what the organisation calls its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// What was decided; a rule that is not here keeps its own level.
    pub levels: BTreeMap<Rule, Level>,
    /// Names that may stand first in a text. With none, any body of government may.
    pub organisations: Vec<String>,
    /// Hosts that texts may lead to.
    pub hosts: Vec<Host>,
    /// Numbers that people may call. With none, any telephone number will do.
    pub contacts: Vec<ContactNumber>,
}

impl Default for Settings {
    /// What holds until the organisation decides: every rule at its own level, hosts of local governments.
    fn default() -> Self {
        Self {
            levels: BTreeMap::new(),
            organisations: Vec::new(),
            hosts: vec![Host::local_governments()],
            contacts: Vec::new(),
        }
    }
}

/// The settings as they are kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    levels: BTreeMap<String, String>,
    organisations: Vec<String>,
    hosts: Vec<String>,
    contacts: Vec<String>,
}

impl Settings {
    /// What the rule means here.
    pub fn level(&self, rule: Rule) -> Level {
        self.levels.get(&rule).copied().unwrap_or(rule.default_level())
    }

    /// As JSON, for keeping.
    pub fn to_json(&self) -> String {
        let texts = |list: &mut dyn Iterator<Item = String>| list.collect();
        let kept = Kept {
            levels: self
                .levels
                .iter()
                .map(|(rule, level)| (rule.id().to_owned(), level.code().to_owned()))
                .collect(),
            organisations: self.organisations.clone(),
            hosts: texts(&mut self.hosts.iter().map(Host::to_string)),
            contacts: texts(&mut self.contacts.iter().map(ContactNumber::to_string)),
        };
        serde_json::to_string(&kept).expect("texts in lists become JSON")
    }

    /// What [`Settings::to_json`] wrote. A rule that this release does not know is left out.
    pub fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        let kept: Kept = serde_json::from_str(json)?;
        let level =
            |(rule, level): (&String, &String)| Some((Rule::from_id(rule)?, Level::from_code(level)?));
        Ok(Self {
            levels: kept.levels.iter().filter_map(level).collect(),
            organisations: kept.organisations,
            hosts: kept
                .hosts
                .iter()
                .filter_map(|host| Host::parse(host).ok())
                .collect(),
            contacts: kept
                .contacts
                .iter()
                .filter_map(|number| ContactNumber::parse(number).ok())
                .collect(),
        })
    }

    /// Where the organisation is named first, in bytes of the text.
    pub(super) fn first_organisation(&self, view: &View) -> Option<Range<usize>> {
        if self.organisations.is_empty() {
            return view.any_body();
        }
        let found = self.organisations.iter().flat_map(|name| view.find(name));
        let first = found.min_by_key(|at| (at.start, std::cmp::Reverse(at.end)))?;
        Some(view.bytes(first))
    }

    /// Whether people are told where to call.
    pub(super) fn has_contact(&self, view: &View) -> bool {
        let numbers = view.numbers();
        let known = |digits: &String| match self.contacts.as_slice() {
            [] => digits.starts_with('0') && (10..=11).contains(&digits.len()),
            contacts => contacts.iter().any(|contact| contact.digits == *digits),
        };
        view.has_contact_field() || numbers.iter().any(known)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_back_and_unknown_rules_left_out() {
        let mut settings = Settings {
            organisations: vec!["みどり県".to_owned()],
            hosts: vec![Host::parse("example.jp").unwrap()],
            contacts: vec![ContactNumber::parse("０４８-000-0000").unwrap()],
            ..Settings::default()
        };
        settings.levels.insert(Rule::Urgency, Level::Off);
        let json = settings.to_json();
        assert_eq!(Settings::from_json(&json).unwrap(), settings);
        assert_eq!(settings.contacts[0].to_string(), "048-000-0000");
        let newer = json.replace("\"urgency\"", "\"from_next_year\"");
        assert_eq!(
            Settings::from_json(&newer).unwrap().level(Rule::Urgency),
            Level::Warn
        );
    }

    #[test]
    fn only_telephone_numbers_are_numbers_to_call() {
        for right in ["#7119", "0120-000-000", "+81 48 000 0000", "03(0000)0000"] {
            assert!(ContactNumber::parse(right).is_ok(), "{right}");
        }
        for wrong in ["", "12", "電話048", "0".repeat(16).as_str()] {
            assert!(ContactNumber::parse(wrong).is_err(), "{wrong}");
        }
    }
}
