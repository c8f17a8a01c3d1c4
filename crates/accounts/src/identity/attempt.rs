//! One attempt to sign in with a provider, from the button to the way back.
//!
//! Nothing of it is stored. The browser keeps 256 random bits in a cookie; `state`, `nonce` and the PKCE verifier are
//! keyed hashes under them, so that an answer fits only the browser and the attempt that asked for it, on every node.

use base::clock::Millis;
use base::id::OrgId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::limits::IDENTITY_ATTEMPT;
use crate::local_path::LocalPath;
use crate::session::Secret;

/// What travels to the provider and back in `state`.
#[derive(Serialize, Deserialize)]
struct Travelling {
    org: OrgId,
    salt: String,
    at: Millis,
    next: String,
}

/// An attempt, bound to the secret of its browser.
pub(super) struct Attempt {
    pub(super) org: OrgId,
    pub(super) next: LocalPath,
    /// What travels, as base64url.
    travelling: String,
    secret: Secret,
}

impl Attempt {
    pub(super) fn begin(org: OrgId, next: &LocalPath, secret: Secret, now: Millis) -> Self {
        // What is searched for on a page is nobody else's business.
        let path = next.as_str().split('?').next().unwrap_or_default();
        let next = LocalPath::parse(path).unwrap_or_else(LocalPath::home);
        let travelling = Travelling {
            org,
            salt: Secret::new().text(),
            at: now,
            next: next.as_str().to_owned(),
        };
        let travelling = serde_json::to_vec(&travelling).expect("texts and numbers are JSON");
        Self {
            org,
            next,
            travelling: BASE64.encode(travelling),
            secret,
        }
    }

    /// The attempt that this `state` belongs to, if this browser made it and not too long ago.
    pub(super) fn come_back(state: &str, secret: Secret, now: Millis) -> Option<Self> {
        let (travelling, mac) = state.split_once('.')?;
        let expected = hash(&secret, "state", travelling);
        if !bool::from(expected.as_bytes().ct_eq(mac.as_bytes())) {
            return None;
        }
        let known: Travelling = serde_json::from_slice(&BASE64.decode(travelling).ok()?).ok()?;
        (known.at <= now && now - known.at < IDENTITY_ATTEMPT).then_some(Self {
            org: known.org,
            next: LocalPath::parse(&known.next).unwrap_or_else(LocalPath::home),
            travelling: travelling.to_owned(),
            secret,
        })
    }

    pub(super) fn state(&self) -> String {
        format!(
            "{}.{}",
            self.travelling,
            hash(&self.secret, "state", &self.travelling)
        )
    }

    pub(super) fn nonce(&self) -> String {
        hash(&self.secret, "nonce", &self.travelling)
    }

    /// The PKCE verifier, which only the provider is shown, and only with the code.
    pub(super) fn verifier(&self) -> String {
        hash(&self.secret, "verifier", &self.travelling)
    }

    /// What the provider is shown beforehand: the verifier's hash.
    pub(super) fn challenge(&self) -> String {
        BASE64.encode(Sha256::digest(self.verifier()))
    }
}

fn hash(secret: &Secret, purpose: &str, travelling: &str) -> String {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.text().as_bytes())
        .expect("HMAC takes any key length");
    mac.update(purpose.as_bytes());
    mac.update(b" ");
    mac.update(travelling.as_bytes());
    BASE64.encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    const NOW: Millis = 1_795_323_909_000;

    fn begin(secret: &Secret) -> Attempt {
        let next = LocalPath::parse("/lists/7?q=tanaka").unwrap();
        Attempt::begin(OrgId::FIRST, &next, secret.clone(), NOW)
    }

    #[test]
    fn an_answer_fits_the_browser_and_the_attempt_that_asked() {
        let secret = Secret::new();
        let attempt = begin(&secret);
        let back = Attempt::come_back(&attempt.state(), secret.clone(), NOW + 1_000).unwrap();
        assert_eq!((back.org, back.next.as_str()), (OrgId::FIRST, "/lists/7"));
        assert_eq!(
            (back.nonce(), back.verifier()),
            (attempt.nonce(), attempt.verifier())
        );
        // RFC 7636 asks for 43 to 128 letters.
        assert_eq!(attempt.verifier().len(), 43);

        let another = begin(&secret);
        assert_ne!(another.nonce(), attempt.nonce());
        assert_ne!(another.verifier(), attempt.verifier());
        assert_ne!(another.challenge(), another.verifier());
    }

    #[test]
    fn a_state_of_another_browser_or_of_yesterday_is_none() {
        let secret = Secret::new();
        let state = begin(&secret).state();
        assert!(Attempt::come_back(&state, Secret::new(), NOW).is_none());
        assert!(Attempt::come_back(&state, secret.clone(), NOW + IDENTITY_ATTEMPT).is_none());
        assert!(Attempt::come_back(&state, secret.clone(), NOW - 1).is_none());
        let (travelling, mac) = state.split_once('.').unwrap();
        let moved = Attempt::begin(OrgId::new(2), &LocalPath::home(), secret.clone(), NOW);
        for made_up in [
            format!("{}.{mac}", moved.travelling),
            format!("{travelling}."),
            travelling.to_owned(),
            ".".to_owned(),
            String::new(),
        ] {
            assert!(
                Attempt::come_back(&made_up, secret.clone(), NOW).is_none(),
                "{made_up}"
            );
        }
    }
}
