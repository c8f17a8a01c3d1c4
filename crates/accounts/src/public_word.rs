//! The word by which residents find an organisation on the resident host: `/genuine/midori`. It is typed from a
//! poster, so it is short and has nothing but small letters, digits and hyphens. Until the operator chooses one, the
//! organisation's number stands for it.

use thiserror::Error;

/// A word in addresses for residents. It begins with a letter, so that no word is some organisation's number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicWord(String);

/// Why a text is no such word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[error("英小文字で始まる、英小文字・数字・ハイフンの2文字から20文字を指定してください（例: midori）")]
pub struct WordRefusal;

impl PublicWord {
    /// Reads `midori` or `aoba-city`.
    pub fn parse(text: &str) -> Result<Self, WordRefusal> {
        let letters = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        let fits = (2..=20).contains(&text.len())
            && text.bytes().all(|byte| letters(&byte))
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && !text.ends_with('-');
        fits.then(|| Self(text.to_owned())).ok_or(WordRefusal)
    }

    /// As it stands in addresses.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_short_small_and_no_number() {
        for word in ["midori", "aoba-city", "ku2"] {
            assert!(PublicWord::parse(word).is_ok(), "{word}");
        }
        for text in [
            "",
            "a",
            "2",
            "2ku",
            "Midori",
            "みどり",
            "a/b",
            "-a",
            "a-",
            "a b",
            "abcdefghijklmnopqrstu",
        ] {
            assert_eq!(PublicWord::parse(text), Err(WordRefusal), "{text}");
        }
    }
}
