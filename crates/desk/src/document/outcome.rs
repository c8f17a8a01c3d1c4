//! Decisions and outcomes as words that never change.

use std::fmt;

use serde::{Deserialize, Serialize};

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
