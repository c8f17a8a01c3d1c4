//! Recovery codes: ten for whoever lost the phone, the token or the key, each good for one time.
//!
//! A code is 12 letters that do not look alike. The first says which of the ten it is, the other eleven are 55
//! random bits; the database keeps an Argon2id hash of each, sealed (ASVS 6.5.2). So only one hash is worked
//! out for an attempt, whatever was typed.

use unicode_normalization::UnicodeNormalization;

use crate::code_letters::{LETTERS, random_letters};
use crate::limits::RECOVERY_CODES;

const CODE_LETTERS: usize = 12;

/// One recovery code.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RecoveryCode(String);

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl RecoveryCode {
    /// Ten new codes.
    pub(crate) fn fresh() -> Vec<Self> {
        let leading = LETTERS.iter().take(RECOVERY_CODES);
        leading
            .map(|letter| {
                Self(format!(
                    "{}{}",
                    char::from(*letter),
                    random_letters(CODE_LETTERS - 1)
                ))
            })
            .collect()
    }

    /// As somebody typed it from paper; case, width and separators do not matter.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let letters: String = text
            .nfkc()
            .filter(char::is_ascii_alphanumeric)
            .take(CODE_LETTERS + 1)
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let known = letters.len() == CODE_LETTERS && letters.bytes().all(|letter| LETTERS.contains(&letter));
        known.then_some(Self(letters))
    }

    /// Which of the ten it is, from 0.
    pub(crate) fn number(&self) -> i64 {
        let position = LETTERS.iter().position(|letter| self.0.as_bytes()[0] == *letter);
        i64::try_from(position.unwrap_or_default()).expect("fewer than 32 letters")
    }

    /// The letters without separators, as they are hashed.
    pub(crate) fn letters(&self) -> &str {
        &self.0
    }
}

/// As it is printed: `ABCD-EFGH-JKLM`.
impl std::fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", &self.0[..4], &self.0[4..8], &self.0[8..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_different_codes_that_say_which_they_are() {
        let codes = RecoveryCode::fresh();
        let numbers: Vec<i64> = codes.iter().map(RecoveryCode::number).collect();
        assert_eq!(numbers, (0..10).collect::<Vec<_>>());
        for (index, code) in codes.iter().enumerate() {
            assert_eq!(RecoveryCode::parse(&code.to_string()), Some(code.clone()));
            assert!(
                codes[..index]
                    .iter()
                    .all(|other| other.letters()[1..] != code.letters()[1..])
            );
        }
        assert!(!format!("{codes:?}").contains(codes[0].letters()));
    }

    #[test]
    fn a_code_is_read_however_it_is_typed_and_nothing_else_is() {
        let code = RecoveryCode("ABCDEFGHJKLM".to_owned());
        for typed in ["ABCD-EFGH-JKLM", " abcd efgh jklm", "ＡＢＣＤ－ｅｆｇｈ　JKLM"] {
            assert_eq!(RecoveryCode::parse(typed), Some(code.clone()), "{typed}");
        }
        for typed in ["", "ABCD-EFGH-JKL", "ABCD-EFGH-JKLMN", "ABCD-EFGH-JKL0", "123456"] {
            assert_eq!(RecoveryCode::parse(typed), None, "{typed}");
        }
    }
}
