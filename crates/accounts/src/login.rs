//! The name by which a person signs in.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::limits::LOGIN_LETTERS;

/// A login name: 3 to 64 of `a`–`z`, `0`–`9`, `.`, `_`, `-`, `@`. Unique within the installation.
///
/// Full-width and capital letters are read as the plain ones, as a Japanese keyboard gives them by mistake.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Login(String);

/// Why a text is no login name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum LoginRefusal {
    /// Shorter or longer than allowed.
    #[error("ログインIDは{}文字以上{}文字以下にしてください。", LOGIN_LETTERS.0, LOGIN_LETTERS.1)]
    Length,
    /// Another letter than those allowed.
    #[error("ログインIDに使えるのは、英字・数字と . _ - @ だけです。「{0}」を除いてください。")]
    Letter(char),
}

impl Login {
    /// Reads a login name as typed.
    pub fn parse(text: &str) -> Result<Self, LoginRefusal> {
        let login = Self::folded(text);
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-@".contains(c);
        if let Some(other) = login.chars().find(|c| !allowed(*c)) {
            return Err(LoginRefusal::Letter(other));
        }
        if !(LOGIN_LETTERS.0..=LOGIN_LETTERS.1).contains(&login.len()) {
            return Err(LoginRefusal::Length);
        }
        Ok(Self(login))
    }

    /// One spelling for all ways to type the same name, whether it is a possible name or not.
    pub(crate) fn folded(text: &str) -> String {
        let folded: String = text.nfkc().collect();
        folded.trim().to_lowercase()
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A login name is often an address of a person.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_name_however_it_is_typed() {
        for typed in ["tanaka.01", " Tanaka.01 ", "ｔａｎａｋａ．０１", "　TANAKA.01\n"] {
            assert_eq!(Login::parse(typed).unwrap().as_str(), "tanaka.01", "{typed:?}");
        }
    }

    #[test]
    fn what_is_no_name_is_said_in_words() {
        assert_eq!(Login::parse("ab"), Err(LoginRefusal::Length));
        assert_eq!(Login::parse(&"a".repeat(65)), Err(LoginRefusal::Length));
        assert_eq!(Login::parse("田中さん"), Err(LoginRefusal::Letter('田')));
        assert_eq!(Login::parse("a b c"), Err(LoginRefusal::Letter(' ')));
        assert!(Login::parse("abc").is_ok() && Login::parse(&"a".repeat(64)).is_ok());
    }

    proptest! {
        #[test]
        fn a_name_reads_as_itself(text in "\\PC{0,80}") {
            if let Ok(login) = Login::parse(&text) {
                prop_assert_eq!(Login::parse(login.as_str()).unwrap(), login);
            }
        }
    }
}
