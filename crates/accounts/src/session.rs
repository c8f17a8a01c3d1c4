//! Login sessions: who is signed in, on the server's side.
//!
//! The browser holds 256 random bits in a cookie; the database holds their SHA-256 and the times. So a
//! copy of the database opens no session, and ending one takes effect at once on every node.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use web::{CsrfToken, Viewer};

use crate::{Name, Staff};

const SECRET_BYTES: usize = 32;

/// 256 random bits, as a cookie carries them: 43 letters of base64url.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret([u8; SECRET_BYTES]);

impl Secret {
    /// Fresh from the operating system.
    pub(crate) fn new() -> Self {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// What [`Secret::text`] gave.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        BASE64.decode(text).ok()?.try_into().ok().map(Self)
    }

    pub(crate) fn text(&self) -> String {
        BASE64.encode(self.0)
    }

    pub(crate) fn csrf(&self) -> CsrfToken {
        CsrfToken::from_secret(self.0)
    }

    /// What the database knows a session's secret by.
    pub(crate) fn key(&self) -> SessionKey {
        SessionKey(BASE64.encode(Sha256::digest(self.0)))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a session's secret: names the session and opens nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SessionKey(pub(crate) String);

/// Somebody who is signed in, as of this request.
#[derive(Clone, Debug)]
pub struct LoginSession {
    /// The person. Every statement of every slice takes `staff.org` first.
    pub staff: Staff,
    pub(crate) office_name: Name,
    pub(crate) org_name: Name,
    pub(crate) csrf: Secret,
    pub(crate) key: SessionKey,
}

impl LoginSession {
    /// What the head of each page shows.
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer {
            staff_name: self.staff.name.to_string(),
            role: self.staff.roles.label(),
            office: self.office_name.to_string(),
            organisation: self.org_name.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_have_256_bits_and_never_repeat() {
        let (one, other) = (Secret::new(), Secret::new());
        assert_eq!(one.text().len(), 43);
        assert_ne!(one, other);
        assert_eq!(Secret::parse(&one.text()), Some(one.clone()));
        assert_ne!(
            one.key().0,
            one.text(),
            "the database does not hold what the cookie holds"
        );
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_secret(text in "\\PC{0,60}") {
            if let Some(secret) = Secret::parse(&text) {
                prop_assert_eq!(secret.text(), text);
            }
        }
    }
}
