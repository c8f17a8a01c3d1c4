//! What stands between strangers and the organisation's messages: a proof of work that a browser does by itself, and the
//! text of the code that is sent then.
//!
//! A challenge is kept nowhere: it is signed, names what it is for, and ends by itself. Its proof is some numbers that
//! are found by trying and checked at once, and counts once. No person has to see, hear or solve anything; who has no
//! JavaScript is served within narrower budgets ([`crate::store::budgets::admit_address`]).

use std::collections::HashMap;
use std::sync::LazyLock;

use askama::Template;
use askama::filters::HtmlSafe;
use base::clock::Millis;
use base::text::parts_worst;
use db::{Db, DbError};
use getrandom::u64 as random;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use web::Language;

use crate::limits::{PROOF_BITS, PROOF_PARTS, PROOF_VALID};
use crate::store;

/// A challenge in a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    until: Millis,
    nonce: String,
    seed: String,
}

/// The field of a form that carries its proof: the script finds it, and says what it waits for if somebody is faster.
#[derive(Template)]
#[template(path = "proof_field.html")]
pub struct ProofField {
    challenge: String,
    bits: u32,
    parts: usize,
    wait: &'static str,
}

impl HtmlSafe for ProofField {}

/// Letters of the seed: 128 bits. A seed, a place and a number fit into one block of SHA-256.
const SEED_LETTERS: usize = 32;

impl Challenge {
    /// A challenge for one thing, such as `code 1 17`: a proof for it is good for nothing else.
    pub fn new(db: &Db, subject: &str) -> Self {
        let nonce = random().expect("the operating system gives random bytes");
        Self::of(db, subject, db.now() + PROOF_VALID, format!("{nonce:016x}"))
    }

    fn of(db: &Db, subject: &str, until: Millis, nonce: String) -> Self {
        let mut seed = db.signature("proof of work", &format!("{subject} {until} {nonce}"));
        seed.truncate(SEED_LETTERS);
        Self { until, nonce, seed }
    }

    /// The hidden field, for a form on a page in this language.
    pub fn field(&self, language: Language) -> ProofField {
        ProofField {
            challenge: self.in_words(),
            bits: PROOF_BITS,
            parts: PROOF_PARTS,
            wait: &words(language).wait,
        }
    }

    fn in_words(&self) -> String {
        format!("{}.{}.{}", self.until, self.nonce, self.seed)
    }

    /// Whether these numbers are its proof.
    fn is_met_by(&self, numbers: &[&str]) -> bool {
        numbers.len() == PROOF_PARTS
            && numbers.iter().enumerate().all(|(part, number)| {
                let short = number.len() <= 10 && number.bytes().all(|byte| byte.is_ascii_digit());
                short && zero_bits(&format!("{}.{part}.{number}", self.seed)) >= PROOF_BITS
            })
    }

    /// A proof, as a browser finds it.
    #[doc(hidden)]
    pub fn solved(&self) -> String {
        let found = (0..PROOF_PARTS).map(|part| {
            let mut tries = 0_u64..;
            let number =
                tries.find(|number| zero_bits(&format!("{}.{part}.{number}", self.seed)) >= PROOF_BITS);
            number.unwrap_or_default().to_string()
        });
        format!("{}.{}", self.in_words(), found.collect::<Vec<_>>().join("-"))
    }
}

fn zero_bits(text: &str) -> u32 {
    let hash = Sha256::digest(text.as_bytes());
    let (head, _) = hash.split_first_chunk::<8>().expect("a hash has 32 bytes");
    u64::from_be_bytes(*head).leading_zeros()
}

/// Whether what came with a form is a proof for this subject that is not too old and was not used before. It is used
/// then.
pub async fn passed(db: &Db, subject: &str, typed: &str) -> Result<bool, DbError> {
    let parts: Vec<&str> = typed.split('.').collect();
    let [until, nonce, seed, numbers] = parts[..] else {
        return Ok(false);
    };
    let Ok(until) = until.parse::<Millis>() else {
        return Ok(false);
    };
    let now = db.now();
    if until <= now || until > now + PROOF_VALID || nonce.len() != 16 {
        return Ok(false);
    }
    let challenge = Challenge::of(db, subject, until, nonce.to_owned());
    let numbers: Vec<&str> = numbers.split('-').collect();
    if challenge.seed != seed || !challenge.is_met_by(&numbers) {
        return Ok(false);
    }
    store::spend_proof(db, &challenge.seed, until).await
}

/// The digits of a code as it was typed: in full width, with blanks or a hyphen.
pub(crate) fn digits(typed: &str) -> String {
    let digit = |letter: char| match letter {
        '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0')),
        '0'..='9' => Some(letter),
        _ => None,
    };
    typed.chars().filter_map(digit).take(12).collect()
}

#[derive(Deserialize)]
struct Words {
    text: String,
    wait: String,
}

static WORDS: LazyLock<HashMap<String, Words>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../words/code.json")).expect("a test reads every language")
});

fn words(language: Language) -> &'static Words {
    WORDS.get(language.code()).unwrap_or(&WORDS["ja"])
}

/// The text of a code: one part at every carrier, with the organisation's name as far as there is room. Where there is
/// room for it too, the line by which phones put the code into the page of this host and of no other.
pub fn code_text(language: Language, organisation: &str, code: &str, host: Option<&str>) -> String {
    let text = |name: &str| {
        let text = &words(language).text;
        text.replace("{organisation}", name).replace("{code}", code)
    };
    let fits = |text: &String| parts_worst(text).most() == 1;
    let with_line = host.map(|host| format!("{}\n@{host} #{code}", text(organisation)));
    if let Some(text) = with_line.filter(fits) {
        return text;
    }
    let letters: Vec<char> = organisation.chars().collect();
    let shortened = (0..=letters.len()).rev().map(|kept| {
        let end = if kept < letters.len() { "…" } else { "" };
        format!("{}{end}", letters[..kept].iter().collect::<String>())
    });
    let mut texts = shortened.map(|name| text(&name));
    texts.find(fits).unwrap_or_else(|| text(""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_names_the_organisation_and_warns_in_every_language() {
        for language in Language::ALL {
            assert!(WORDS.contains_key(language.code()), "{language:?}");
            let text = code_text(language, "みどり県", "012345", Some("sms.example.lg.jp"));
            assert!(
                text.starts_with("みどり県 ") && text.contains(" 012345"),
                "{text}"
            );
            assert!(!text.contains("http") && !text.contains('{'), "{text}");
        }
        let text = code_text(Language::Japanese, "みどり県", "012345", Some("sms.lg.jp"));
        assert!(text.ends_with("\n@sms.lg.jp #012345"), "{text}");
        assert_eq!(digits(" ０１２-345 "), "012345");
    }

    proptest! {
        #[test]
        fn a_code_is_one_part_whatever_the_organisation_is_called(name in "\\PC{0,80}", host in "[a-z.]{1,60}") {
            for language in Language::ALL {
                let text = code_text(language, &name, "012345", Some(&host));
                prop_assert!(parts_worst(&text).most() == 1 && text.contains("012345"), "{}", text);
            }
        }
    }
}
