//! Login sessions: who is signed in, on the server's side.
//!
//! The browser holds 256 random bits in a cookie; the database holds their SHA-256 and the times. So a
//! copy of the database opens no session, and ending one takes effect at once on every node.

use base::clock::{Millis, SECOND};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use sha2::{Digest, Sha256};
use web::{CsrfToken, SessionEnd, Viewer};

use crate::arrival::Browser;
use crate::limits::{
    SESSION_ABSOLUTE, SESSION_IDLE, SESSION_IDLE_ADMINISTRATOR, SESSION_NOTE_EVERY, SESSION_WARNING,
};
use crate::local_path::LocalPath;
use crate::{Name, Role, Staff};

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
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the person or the organisation"
)]
pub struct LoginSession {
    /// The person. Every statement of every slice takes `staff.org` first.
    pub staff: Staff,
    /// The name of the office where the person works at present.
    pub office_name: Name,
    pub(crate) org_name: Name,
    /// The organisation is in training.
    pub(crate) training: bool,
    /// Nothing of the organisation is handed over at the moment.
    pub(crate) stopped: bool,
    pub(crate) csrf: Secret,
    pub(crate) key: SessionKey,
    /// The person may work at another office too.
    pub(crate) elsewhere: bool,
    /// When the person signed in.
    pub(crate) began_at: Millis,
    /// When the person last proved who it is.
    pub(crate) confirmed_at: Millis,
    /// The last use that was noted, before this request.
    pub(crate) seen_at: Millis,
    /// When this request came.
    pub(crate) asked_at: Millis,
    /// The organisation requires a second factor and this person has none.
    pub(crate) must_set_up: bool,
    /// The page that this request is, or whose form it carries; nothing for a script's request.
    pub(crate) page: Option<LocalPath>,
}

/// How somebody came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Way {
    /// By the password alone.
    Password,
    /// By the password and something else.
    SecondStep,
    /// By a passkey whose device checked who holds it: two factors in one.
    Passkey,
    /// By the organisation's identity provider, which did not say that it asked for more than one factor.
    Provider,
    /// By the identity provider, with more than one factor.
    ProviderFactors,
}

impl Way {
    /// As the database writes it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::SecondStep => "second_step",
            Self::Passkey => "passkey",
            Self::Provider => "provider",
            Self::ProviderFactors => "provider_factors",
        }
    }
}

/// One of a person's sessions, as the person's own page shows it.
#[derive(Clone, Debug)]
pub(crate) struct OwnSession {
    /// None of the release before this one.
    pub(crate) number: Option<i64>,
    pub(crate) began_at: Millis,
    pub(crate) seen_at: Millis,
    /// The address.
    pub(crate) source: Option<String>,
    pub(crate) browser: Browser,
    /// The one that asks.
    pub(crate) is_here: bool,
}

/// How long a session of this person lasts without a request.
pub(crate) fn idle_limit(staff: &Staff) -> Millis {
    if staff.roles.holds(Role::Administrator) {
        SESSION_IDLE_ADMINISTRATOR
    } else {
        SESSION_IDLE
    }
}

impl LoginSession {
    /// Whether it is over for this person, whose role may allow less than others'.
    pub(crate) fn is_over(&self) -> bool {
        self.asked_at - self.seen_at >= idle_limit(&self.staff)
    }

    /// Whether this request is worth a note that the session is used; each note is a write.
    pub(crate) fn wants_note(&self) -> bool {
        self.asked_at - self.seen_at >= SESSION_NOTE_EVERY
    }

    /// When it ends if nothing more is asked, for the page to warn before. `noted_at`: its last use that is noted.
    pub(crate) fn end(&self, noted_at: Millis) -> SessionEnd {
        let absolute = self.began_at + SESSION_ABSOLUTE;
        let idle = noted_at + idle_limit(&self.staff);
        let seconds = (absolute.min(idle) - self.asked_at) / SECOND;
        SessionEnd {
            seconds: u64::try_from(seconds).unwrap_or_default(),
            warning: u64::try_from(SESSION_WARNING / SECOND).unwrap_or_default(),
            extend: "/me/stay",
        }
    }

    /// What the head of each page shows.
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer {
            staff_name: self.staff.name.to_string(),
            role: self.staff.roles.label(),
            office: self.office_name.to_string(),
            organisation: self.org_name.to_string(),
            training: self.training,
            stopped: self.stopped,
            elsewhere: self.elsewhere.then_some("/me/offices"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn asvs_7_2_3_secrets_have_256_bits_and_never_repeat() {
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
