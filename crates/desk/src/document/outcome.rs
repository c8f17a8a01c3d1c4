//! Decisions and outcomes as words that never change.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Again, DeskDocument, Telling, Then};
use crate::form::Key;

/// The code of a reason, such as `R06`: a capital letter, then capital letters and digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct ReasonCode(String);

/// Longest code.
const CODE_LETTERS: usize = 8;

impl ReasonCode {
    /// Reads a code.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() <= CODE_LETTERS
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        fits.then(|| Self(text.to_owned()))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ReasonCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "「{text}」は理由の記号に使えません。英大文字で始め、英大文字と数字で{CODE_LETTERS}文字までにしてください"
            ))
        })
    }
}

/// What was decided about an application.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Decision {
    /// It is granted: 確定, 交付.
    Confirmed,
    /// It is not, for this reason.
    Refused(ReasonCode),
}

/// What a person is told.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// What was decided.
    Decided(Decision),
    /// That something is asked again, under this name.
    SentBack(Key),
}

const CONFIRMED: &str = "confirmed";
const BACK: &str = "back:";

impl Decision {
    /// The word in the database: `confirmed`, `R06`.
    pub fn code(&self) -> &str {
        match self {
            Self::Confirmed => CONFIRMED,
            Self::Refused(reason) => reason.as_str(),
        }
    }

    /// What [`Decision::code`] wrote.
    pub fn from_code(code: &str) -> Option<Self> {
        if code == CONFIRMED {
            Some(Self::Confirmed)
        } else {
            ReasonCode::parse(code).map(Self::Refused)
        }
    }
}

impl Outcome {
    /// The word in the database: `confirmed`, `R06`, `back:unclear`.
    pub fn code(&self) -> String {
        match self {
            Self::Decided(decision) => decision.code().to_owned(),
            Self::SentBack(key) => format!("{BACK}{key}"),
        }
    }

    /// What [`Outcome::code`] wrote.
    pub fn from_code(code: &str) -> Option<Self> {
        match code.strip_prefix(BACK) {
            Some(key) => Key::parse(key).map(Self::SentBack),
            None => Decision::from_code(code).map(Self::Decided),
        }
    }
}

impl DeskDocument {
    /// Whether the desk knows this decision.
    pub fn knows(&self, decision: &Decision) -> bool {
        match decision {
            Decision::Confirmed => true,
            Decision::Refused(code) => self.reason(code).is_some(),
        }
    }

    /// The words for an outcome, for staff.
    pub fn label<'a>(&'a self, outcome: &'a Outcome) -> &'a str {
        match outcome {
            Outcome::Decided(Decision::Confirmed) => &self.says.confirmed.label,
            Outcome::Decided(Decision::Refused(code)) => {
                self.reason(code).map_or(code.as_str(), |one| &one.label)
            }
            Outcome::SentBack(key) => self.send_back(key).map_or(key.as_str(), |one| &one.label),
        }
    }

    /// What is told of an outcome.
    pub fn telling(&self, outcome: &Outcome) -> Option<&Telling> {
        match outcome {
            Outcome::Decided(Decision::Confirmed) => Some(&self.says.confirmed.telling),
            Outcome::Decided(Decision::Refused(code)) => self.reason(code).map(|one| &one.telling),
            Outcome::SentBack(key) => self.send_back(key).map(|one| &one.telling),
        }
    }

    /// Every outcome, granted first.
    pub fn outcomes(&self) -> Vec<Outcome> {
        let refused = self.says.reasons.iter();
        let refused = refused.map(|one| Outcome::Decided(Decision::Refused(one.code.clone())));
        let back = self
            .says
            .send_backs
            .iter()
            .map(|one| Outcome::SentBack(one.key.clone()));
        std::iter::once(Outcome::Decided(Decision::Confirmed))
            .chain(refused)
            .chain(back)
            .collect()
    }

    /// What is asked again when the application comes back with this outcome; nothing if it does not come back.
    pub fn asked_again(&self, outcome: &Outcome) -> &[Again] {
        match outcome {
            Outcome::Decided(Decision::Confirmed) => &[],
            Outcome::Decided(Decision::Refused(code)) => self
                .reason(code)
                .filter(|one| one.then == Then::Resubmit)
                .map_or(&[], |one| &one.again),
            Outcome::SentBack(key) => self.send_back(key).map_or(&[], |one| &one.again),
        }
    }

    /// Whether somebody else looks at a decision before it is told. `drawn` is a number by chance below 100.
    pub fn wants_second_look(&self, decision: &Decision, drawn: u8) -> bool {
        let rule = self.says.review.second_look;
        drawn < rule.percent || rule.refusals && *decision != Decision::Confirmed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_were_written() {
        for code in ["confirmed", "R06", "R18", "back:unclear"] {
            assert_eq!(
                Outcome::from_code(code).map(|one| one.code()).as_deref(),
                Some(code)
            );
        }
        for wrong in ["", "r06", "R-06", "Confirmed", "back:", "back:R1", "ABCDEFGHI"] {
            assert_eq!(Outcome::from_code(wrong), None, "{wrong}");
        }
    }
}
