//! Somebody is asked with a form: for whom, by what link, for how long, and how it stands.

use std::fmt;

use base::clock::Millis;
use base::date::CalendarDate;
use base::id::{FormRequestId, MessageId, StaffId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use db::{Db, OrgVault};
use web::Language;

use crate::form::Key;
use crate::limits::TRIES;

/// Digits and letters that nobody takes for one another: no 0, O, I, l.
const LETTERS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Letters of a token: 58²² are more than 128 bits.
const TOKEN_LETTERS: usize = 22;

/// Whom a request is about, in the words of whoever asks: `("case", 123)`. This slice only gives it back.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Subject {
    /// A word of the asking slice.
    pub kind: Key,
    /// Its number there.
    pub id: i64,
}

/// A request about to be made.
#[derive(Clone, Debug)]
pub struct NewRequest {
    /// With which form.
    pub form: Key,
    /// About whom.
    pub subject: Subject,
    /// What opens the link, together with having it.
    pub birth_date: CalendarDate,
    /// The language that the pages begin in.
    pub language: Language,
    /// Whom to telephone, with the number: `あおば保健所 048-000-0000`. Without it, the organisation's own line.
    pub contact: Option<String>,
    /// From when it may be answered.
    pub valid_from: Millis,
    /// Until when. Cut to what the limits allow.
    pub valid_until: Millis,
    /// The message that carries the link, if it is known already.
    pub message: Option<MessageId>,
    /// Who asks, if it is a person.
    pub asked_by: Option<StaffId>,
}

/// A request that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// Its number.
    pub request: FormRequestId,
    /// The letters of its link.
    pub token: FormToken,
}

/// The letters of a link, derived by a keyed hash of what makes it this one: a kind, and a number or an occasion.
pub(crate) fn token_letters(vault: &OrgVault, kind: &str, parts: &[&[u8]]) -> String {
    let hash = BASE64
        .decode(vault.index(kind, parts))
        .expect("an index is base64");
    let mut number = hash
        .iter()
        .fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    let base = LETTERS.len() as u128;
    let letters = (0..TOKEN_LETTERS).map(|_| {
        let letter = usize::try_from(number % base).expect("a remainder of 58 is small");
        number /= base;
        char::from(LETTERS[letter])
    });
    letters.collect()
}

/// The letters of a link at the beginning of this part of an address.
pub(crate) fn is_token(text: &str) -> Option<&str> {
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(text.len());
    let token = &text[..end];
    let known = token.bytes().all(|byte| LETTERS.contains(&byte));
    (known && token.len() == TOKEN_LETTERS).then_some(token)
}

/// The letters of a personal link. They are not written into logs.
///
/// Derived from the request's number by a keyed hash of 128 bits, so that a reminder carries the same link without
/// anything being kept that opens it. Without the organisation's key it is as good as random.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FormToken(String);

impl FormToken {
    /// The token of a request.
    pub fn of(vault: &OrgVault, request: FormRequestId) -> Self {
        Self(token_letters(vault, "form link", &[&request.get().to_be_bytes()]))
    }

    /// The token of what is asked on an occasion, known before there is a request: a text that carries it can be
    /// looked at first, and is the same text again when it is made once more. Whoever asks names each occasion once.
    pub fn of_occasion(vault: &OrgVault, subject: &Subject, form: &Key, occasion: &str) -> Self {
        let (kind, id) = (subject.kind.as_str().as_bytes(), subject.id.to_be_bytes());
        let parts: [&[u8]; 4] = [kind, &id, form.as_str().as_bytes(), occasion.as_bytes()];
        Self(token_letters(vault, "form occasion", &parts))
    }

    /// Reads a part of an address. What a phone took into the link from the sentence after it is left away.
    pub fn in_address(text: &str) -> Option<Self> {
        is_token(text).map(|token| Self(token.to_owned()))
    }

    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its pages begin on the resident host: `/f/…`.
    pub fn path(&self) -> String {
        format!("/f/{}", self.0)
    }

    /// As the database knows it.
    pub fn index(&self, db: &Db) -> String {
        db.installation_index(&format!("form {}", self.0))
    }
}

impl fmt::Debug for FormToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormToken(…)")
    }
}

/// What a birth date is compared by: a keyed hash, another for each request.
pub(crate) fn birth_index(vault: &OrgVault, request: FormRequestId, birth: CalendarDate) -> String {
    let (number, day) = (request.get().to_be_bytes(), birth.to_string());
    vault.index("form birth date", &[&number, day.as_bytes()])
}

/// How a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestState {
    /// Its time has not come.
    Early,
    /// It can be answered.
    Open,
    /// It was answered; what was sent can be seen to have arrived, and nothing more.
    Answered,
    /// Too many wrong birth dates. Only a person at the telephone helps.
    Locked,
    /// Its time is over, and nothing was sent.
    Expired,
    /// Whoever asked does not ask any more.
    Withdrawn,
}

/// The moments that the state follows from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moments {
    /// From when it may be answered.
    pub valid_from: Millis,
    /// Until when.
    pub valid_until: Millis,
    /// Wrong birth dates so far.
    pub tries: i64,
    /// When it was locked.
    pub locked_at: Option<Millis>,
    /// When the answers were sent.
    pub submitted_at: Option<Millis>,
    /// When it was taken back.
    pub withdrawn_at: Option<Millis>,
}

impl Moments {
    /// The state at this moment.
    pub fn state(self, now: Millis) -> RequestState {
        if self.withdrawn_at.is_some() {
            RequestState::Withdrawn
        } else if self.locked_at.is_some() || self.tries >= TRIES {
            RequestState::Locked
        } else if now >= self.valid_until {
            RequestState::Expired
        } else if self.submitted_at.is_some() {
            RequestState::Answered
        } else if now < self.valid_from {
            RequestState::Early
        } else {
            RequestState::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OPEN: Moments = Moments {
        valid_from: 10,
        valid_until: 20,
        tries: 0,
        locked_at: None,
        submitted_at: None,
        withdrawn_at: None,
    };

    #[test]
    fn the_state_follows_from_the_moments() {
        for (moments, now, state) in [
            (OPEN, 9, RequestState::Early),
            (OPEN, 10, RequestState::Open),
            (OPEN, 19, RequestState::Open),
            (OPEN, 20, RequestState::Expired),
            (
                Moments {
                    tries: TRIES - 1,
                    ..OPEN
                },
                15,
                RequestState::Open,
            ),
            (Moments { tries: TRIES, ..OPEN }, 15, RequestState::Locked),
            (
                Moments {
                    locked_at: Some(12),
                    ..OPEN
                },
                25,
                RequestState::Locked,
            ),
            (
                Moments {
                    submitted_at: Some(12),
                    ..OPEN
                },
                15,
                RequestState::Answered,
            ),
            (
                Moments {
                    submitted_at: Some(12),
                    ..OPEN
                },
                20,
                RequestState::Expired,
            ),
            (
                Moments {
                    submitted_at: Some(12),
                    tries: TRIES,
                    ..OPEN
                },
                15,
                RequestState::Locked,
            ),
            (
                Moments {
                    withdrawn_at: Some(12),
                    locked_at: Some(11),
                    ..OPEN
                },
                15,
                RequestState::Withdrawn,
            ),
        ] {
            assert_eq!(moments.state(now), state, "{moments:?} at {now}");
        }
    }

    proptest! {
        #[test]
        fn any_address_may_come(text in ".{0,40}") {
            if let Some(token) = FormToken::in_address(&text) {
                prop_assert!(text.starts_with(token.as_str()));
                prop_assert_eq!(token.as_str().len(), TOKEN_LETTERS);
            }
        }
    }
}
