//! Passwords: the rules for a new one, and one typed at sign-in.
//!
//! Length decides, not composition: no rule asks for digits or capitals, and none ever expires
//! (NIST SP 800-63B-4 section 3.1.1, ASVS 6.2). What is easily guessed is refused with the reason.

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use crate::Login;
use crate::limits::{PASSWORD_MAX, PASSWORD_MIN};

/// Words that many passwords are made of: one a line, lower case, at least four letters.
const GUESSED_WORDS: &str = include_str!("guessed_words.txt");

/// Characters that have to remain once guessed words, runs and repetitions are taken away.
const UNGUESSED_MIN: usize = 6;
/// Different characters that a password needs.
const DIFFERENT_MIN: usize = 5;

/// A new password that keeps the rules, NFC.
#[derive(Clone)]
pub struct Password(String);

/// Why a text may not be a password.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub enum PasswordRefusal {
    /// Has so many characters, which are too few.
    #[error(
        "パスワードが短すぎます（いま{0}文字）。{PASSWORD_MIN}文字以上にしてください。文のように長くすると、覚えやすく安全です。"
    )]
    TooShort(usize),
    /// More characters than allowed.
    #[error("パスワードが長すぎます。{PASSWORD_MAX}文字以下にしてください。")]
    TooLong,
    /// Made of words, runs or repetitions that are tried first.
    #[error(
        "推測されやすいパスワードです。地名・製品名・ログインID・よくある言葉・連番・同じ文字の繰り返しを減らし、関係のない言葉をいくつか組み合わせてください。"
    )]
    Guessed,
    /// Somebody's password became known, and it was this one.
    #[error(
        "よそから漏れたことのあるパスワードです。だれのものであったかにかかわらず使えません。関係のない言葉をいくつか組み合わせ、別のパスワードにしてください。"
    )]
    Breached,
    /// The file of those could not be read.
    #[error(
        "漏れたことのあるパスワードかどうかを、いま確かめられません。少し待ってもう一度お試しください。続くときはシステム担当にお知らせください。"
    )]
    NotLookedUp,
}

impl Password {
    /// Reads a new password for the account `login`.
    pub fn parse(text: &str, login: &Login) -> Result<Self, PasswordRefusal> {
        let password: String = text.nfc().collect();
        let length = password.chars().count();
        if length < PASSWORD_MIN {
            return Err(PasswordRefusal::TooShort(length));
        }
        if length > PASSWORD_MAX {
            return Err(PasswordRefusal::TooLong);
        }
        if is_guessed(&password, login) {
            return Err(PasswordRefusal::Guessed);
        }
        Ok(Self(password))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password as somebody typed it to sign in: normalised like [`Password`], held to none of its rules.
#[derive(Clone)]
pub struct TypedPassword(String);

impl TypedPassword {
    /// Never fails: what no account can have matches no account.
    pub fn new(text: &str) -> Self {
        // One character more than any password has cannot match; the rest need not be hashed.
        Self(text.nfc().take(PASSWORD_MAX + 1).collect())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for TypedPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TypedPassword(…)")
    }
}

fn is_guessed(password: &str, login: &Login) -> bool {
    let folded = password.nfkc().collect::<String>().to_lowercase();
    let mut different: Vec<char> = folded.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() < DIFFERENT_MIN || unguessed(&folded, login) < UNGUESSED_MIN
}

/// How many characters are left of `text` without guessed words, separators, runs (`abc`, `321`) and
/// repetitions.
fn unguessed(text: &str, login: &Login) -> usize {
    let mut words: Vec<&str> = GUESSED_WORDS.lines().collect();
    words.extend(
        login
            .as_str()
            .split(['.', '_', '-', '@'])
            .filter(|part| part.len() >= 4),
    );
    words.push(login.as_str());
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut rest = text.to_owned();
    for word in words {
        rest = rest.replace(word, " ");
    }
    let codes: Vec<u32> = rest.chars().map(u32::from).collect();
    let runs_on = |index: usize| index > 0 && codes[index].abs_diff(codes[index - 1]) <= 1;
    let counted = rest
        .chars()
        .enumerate()
        .filter(|(index, c)| !" 　-_.".contains(*c) && !runs_on(*index));
    counted.count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Password, PasswordRefusal> {
        Password::parse(text, &Login::parse("tanaka.hanako").expect("a login name"))
    }

    fn refusal(text: &str) -> Option<PasswordRefusal> {
        parse(text).err()
    }

    #[test]
    fn asvs_6_2_1_length_is_counted_in_characters() {
        assert_eq!(
            refusal("くもりのちはれのあさ雨"),
            Some(PasswordRefusal::TooShort(11))
        );
        assert_eq!(refusal("くもりのちはれのあさ雨と"), None);
        assert_eq!(refusal(""), Some(PasswordRefusal::TooShort(0)));
        let long: String = "correct-mule-lamp ".chars().cycle().take(128).collect();
        assert_eq!(refusal(&long), None);
        assert_eq!(refusal(&format!("{long}x")), Some(PasswordRefusal::TooLong));
        // A character outside the basic plane is one, and so is a letter with its mark written apart.
        assert_eq!(
            refusal("🐎🔋📎🧷e\u{301}🌂🍵🎈🧦🪁🫖"),
            Some(PasswordRefusal::TooShort(11))
        );
    }

    #[test]
    fn asvs_6_2_8_both_spellings_of_an_accent_are_one_password() {
        let password = parse("caf\u{e9} lumière 37").expect("a password");
        let typed = TypedPassword::new("cafe\u{301} lumie\u{300}re 37");
        assert_eq!(password.as_bytes(), typed.as_bytes());
    }

    #[test]
    fn asvs_6_2_4_what_is_tried_first_is_refused() {
        for text in [
            "passwordpassword",
            "Password1234",
            "P@ssw0rd2026!",
            "todoke-2026-11",
            "Saitama-Hokenjo",
            "saitama20261122",
            "1234567890123",
            "abcdefghijklm",
            "aaaaaaaaaaaaaa",
            "121212121212",
            "acacacacacacac",
            "qwertyuiop123",
            "tanaka.hanako1",
            "hanako-tanaka-22",
            "Ｐａｓｓｗｏｒｄ１２３４",
        ] {
            assert_eq!(refusal(text), Some(PasswordRefusal::Guessed), "{text}");
        }
    }

    #[test]
    fn asvs_6_2_5_ordinary_long_passwords_are_taken() {
        for text in [
            "correct horse battery",
            "青い傘と三匹の猫とラーメン",
            "x7Kq!mZ2vR9w",
            "saitama-coffee-rabbit",
            "493817205648",
            "  spaces count too ",
        ] {
            assert_eq!(refusal(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,200}") {
            let _ = parse(&text);
            prop_assert!(TypedPassword::new(&text).0.chars().count() <= PASSWORD_MAX + 1);
        }

        #[test]
        fn a_password_that_was_taken_is_the_one_that_is_typed(text in "\\PC{12,128}") {
            if let Ok(password) = parse(&text) {
                let typed = TypedPassword::new(&text);
                prop_assert_eq!(password.as_bytes(), typed.as_bytes());
            }
        }
    }
}
