//! The names of forms, pages, questions and options: short, of plain letters, the same for ever.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::KEY_LETTERS;

/// A name such as `onset_date`: a small letter, then small letters, digits and underscores. It stands in addresses,
/// in fields of pages and in stored answers, so it is never changed once a form is in use.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// Reads a name.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.len() <= KEY_LETTERS
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        letters.then(|| Self(text.to_owned()))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "「{text}」は名前に使えません。英小文字で始め、英小文字・数字・下線で{KEY_LETTERS}文字までにしてください"
            ))
        })
    }
}
