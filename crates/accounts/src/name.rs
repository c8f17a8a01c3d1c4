//! Names as people read them: of an organisation, an office, a person.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::limits::NAME_CHARACTERS;

/// A name on one line: 1 to 60 characters without control characters, trimmed, NFC.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(String);

/// Why a text is no name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum NameRefusal {
    /// Nothing in it.
    #[error("名前を入力してください。")]
    Empty,
    /// Longer than allowed.
    #[error("名前は{NAME_CHARACTERS}文字以下にしてください。")]
    TooLong,
    /// Line breaks, or letters that cannot be seen and change how others are read.
    #[error("名前に改行や見えない文字は使えません。もう一度入力してください。")]
    Invisible,
}

impl Name {
    /// Reads a name as typed.
    pub fn parse(text: &str) -> Result<Self, NameRefusal> {
        let name: String = text.trim().nfc().collect();
        if name.is_empty() {
            return Err(NameRefusal::Empty);
        }
        if name.chars().any(is_invisible) {
            return Err(NameRefusal::Invisible);
        }
        if name.chars().count() > NAME_CHARACTERS {
            return Err(NameRefusal::TooLong);
        }
        Ok(Self(name))
    }

    /// A name that the database kept.
    pub(crate) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, and those that turn the direction of writing or take no room.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// It may be a person's.
impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn asvs_16_4_1_names_are_trimmed_and_of_one_line() {
        assert_eq!(Name::parse(" 髙橋　花子 ").unwrap().as_str(), "髙橋　花子");
        assert_eq!(Name::parse("か\u{3099}").unwrap().as_str(), "が");
        assert_eq!(Name::parse("　 "), Err(NameRefusal::Empty));
        assert_eq!(Name::parse("花子\n太郎"), Err(NameRefusal::Invisible));
        assert_eq!(Name::parse("花子\u{202e}"), Err(NameRefusal::Invisible));
        assert_eq!(Name::parse(&"名".repeat(61)), Err(NameRefusal::TooLong));
        assert!(Name::parse(&"名".repeat(60)).is_ok());
    }

    #[test]
    fn debug_shows_no_name() {
        assert!(!format!("{:?}", Name::parse("花子").unwrap()).contains("花子"));
    }
}
