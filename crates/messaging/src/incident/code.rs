//! The short code of a message: what somebody says at the telephone, or types, to name exactly one message without
//! saying a number.
//!
//! `4KX-7Q2M-9T3A`: the message's number and eight letters of a keyed hash of it. A code cannot be guessed (40 bits,
//! and the page that takes it counts attempts), and it opens nothing: whoever has it can only say that the message
//! came to the wrong person.

use std::fmt;

use base::id::MessageId;
use base::merge::heading_key;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use db::Db;

/// Crockford's letters: none looks like another, and those that are left out are read as what they look like.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Letters of the keyed hash: five bits each.
const TAG_LETTERS: usize = 8;
/// Letters of a message's number at most: 13 × 5 bits are more than a number has.
const NUMBER_LETTERS: usize = 12;

/// The code of one message.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageCode {
    message: MessageId,
    tag: String,
}

impl MessageCode {
    /// The code of a message.
    pub fn of(db: &Db, message: MessageId) -> Self {
        let hash = BASE64
            .decode(db.installation_index(&format!("message code {message}")))
            .expect("an index is base64");
        let tag = hash
            .iter()
            .take(TAG_LETTERS * 5 / 8)
            .fold(0, |number, byte| (number << 8) | u64::from(*byte));
        Self {
            message,
            tag: written(tag, TAG_LETTERS),
        }
    }

    /// Reads what somebody typed, in whatever width and case, with or without hyphens; the message if the code is one
    /// of ours.
    pub fn read(db: &Db, typed: &str) -> Option<MessageId> {
        let letters: Vec<u64> = heading_key(typed)
            .chars()
            .filter(|letter| !matches!(letter, '-' | 'ー' | '−' | '‐' | '–' | '.'))
            .map(value)
            .collect::<Option<_>>()?;
        let (number, tag) = letters.split_at_checked(letters.len().checked_sub(TAG_LETTERS)?)?;
        if number.is_empty() || number.len() > NUMBER_LETTERS {
            return None;
        }
        let joined = |letters: &[u64]| letters.iter().fold(0, |number, letter| (number << 5) | letter);
        let message = MessageId::new(i64::try_from(joined(number)).ok()?);
        let known = Self::of(db, message);
        (known.tag == written(joined(tag), TAG_LETTERS)).then_some(message)
    }
}

/// A letter's five bits.
fn value(letter: char) -> Option<u64> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let at = LETTERS.iter().position(|one| char::from(*one) == letter)?;
    u64::try_from(at).ok()
}

/// At least so many letters.
fn written(mut number: u64, least: usize) -> String {
    let mut letters = Vec::new();
    while number > 0 || letters.len() < least {
        let at = usize::try_from(number & 31).expect("five bits");
        letters.push(char::from(LETTERS[at]));
        number >>= 5;
    }
    letters.iter().rev().collect()
}

impl fmt::Display for MessageCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = written(u64::try_from(self.message.get()).unwrap_or(0), 1);
        let (one, other) = self.tag.split_at(TAG_LETTERS / 2);
        write!(out, "{number}-{one}-{other}")
    }
}

/// It is a key to a report: not for logs.
impl fmt::Debug for MessageCode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "MessageCode({}, …)", self.message)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use base::clock::Clock;
    use db::testing::TestDatabase;

    #[tokio::test]
    async fn a_code_is_read_back_however_it_is_typed_and_no_other_is() {
        let db = TestDatabase::sqlite(Clock::System);
        let db = db.open().await.unwrap();
        for number in [1, 31, 32, 4_821, 1_234_567, i64::from(u32::MAX)] {
            let message = MessageId::new(number);
            let code = MessageCode::of(&db, message).to_string();
            let wide: String = code
                .chars()
                .map(|letter| match letter {
                    '-' => 'ー',
                    plain => char::from_u32(plain as u32 + 0xFEE0).unwrap(),
                })
                .collect();
            let sloppy = code
                .replace('-', " ")
                .to_lowercase()
                .replace('0', "o")
                .replace('1', "l");
            for typed in [code.clone(), wide, sloppy] {
                assert_eq!(MessageCode::read(&db, &typed), Some(message), "{typed}");
            }
            let mut other = code.clone();
            let last = other.pop().unwrap();
            other.push(if last == '2' { '3' } else { '2' });
            assert_eq!(MessageCode::read(&db, &other), None, "{other}");
        }
        for typed in [
            "",
            "-",
            "12345678",
            "0901234567890123456789",
            "あいう",
            "4KX-7Q2M-9T3A",
        ] {
            assert_eq!(MessageCode::read(&db, typed), None, "{typed}");
        }
    }
}
