//! Passkeys: what a browser sends about one, verified (Web Authentication Level 3, sections 7.1 and 7.2).
//!
//! Registration asks for no attestation: which maker's device it is makes no difference here, so whatever
//! statement comes along is not looked at. What counts is checked each time: that the answer is to our own
//! question, asked once and lately; that the page was ours; that the device speaks of our host; that somebody
//! was there; and the signature. A signature counter that does not move forward is a copy of the key and opens
//! nothing.
//!
//! Everything here is pure. Asking questions once, keys and counters are the store's.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::cbor::Value;
use super::cose::PublicKey;

const CHALLENGE_BYTES: usize = 32;
/// Longest id of a credential (section 5.8.3 of the older levels; devices use 16 to 128 bytes).
const CREDENTIAL_ID_BYTES: usize = 1_023;

/// A question that a passkey answers once: 256 random bits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Challenge([u8; CHALLENGE_BYTES]);

impl Challenge {
    pub(crate) fn fresh() -> Self {
        let mut bytes = [0; CHALLENGE_BYTES];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// What [`Challenge::text`] gave.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        BASE64.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// As base64url, as browsers give it back.
    pub(crate) fn text(&self) -> String {
        BASE64.encode(self.0)
    }
}

/// This host as browsers and devices know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct RelyingParty {
    /// The host's name.
    pub(crate) id: String,
    /// Scheme, host and port.
    pub(crate) origin: String,
}

impl RelyingParty {
    /// The host at this address. `None`: browsers make no passkeys for it, because it is a number instead of a
    /// name, or neither https nor `localhost`.
    pub(crate) fn at(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
        let id = authority.split(':').next()?.to_owned();
        let named = id.contains(|c: char| c.is_ascii_alphabetic()) && !authority.starts_with('[');
        let safe = scheme == "https" || (scheme == "http" && id == "localhost");
        let usual = if scheme == "https" { ":443" } else { ":80" };
        let authority = authority.strip_suffix(usual).unwrap_or(&authority);
        (named && safe).then(|| Self {
            origin: format!("{scheme}://{authority}"),
            id,
        })
    }
}

/// What an answer is held against.
pub(crate) struct Expected<'a> {
    pub(crate) party: &'a RelyingParty,
    pub(crate) challenge: &'a Challenge,
    /// Whether the device must have checked who holds it, by a PIN or a finger.
    pub(crate) verified: bool,
}

/// A passkey that was just made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct NewPasskey {
    pub(crate) id: Vec<u8>,
    /// The public key as the device wrote it (COSE).
    pub(crate) key: Vec<u8>,
    pub(crate) count: i64,
}

/// Why an answer of a passkey is not taken. Which one it was goes to the log only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(crate) enum PasskeyRefusal {
    #[error("not an answer of a passkey")]
    Unreadable,
    #[error("another kind of answer")]
    Kind,
    #[error("not the answer to this question")]
    Challenge,
    #[error("a page of another host")]
    Origin,
    #[error("a passkey of another host")]
    Party,
    #[error("nobody touched the device")]
    Absent,
    #[error("the device did not check who holds it")]
    Unverified,
    #[error("a kind of key that is not taken")]
    Algorithm,
    #[error("a signature of something else")]
    Signature,
    #[error("the signature counter did not move: there is a copy of the key")]
    Copied,
}

/// What a browser sends about a new passkey.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Registration {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
}

impl Registration {
    /// Reads the field that our script fills in.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The passkey, if everything about it is right.
    pub(crate) fn verify(&self, expected: &Expected<'_>) -> Result<NewPasskey, PasskeyRefusal> {
        let client_data = decoded(&self.client_data)?;
        check_client_data(&client_data, "webauthn.create", expected)?;
        let object = decoded(&self.attestation_object)?;
        let object = Value::read_all(&object).ok_or(PasskeyRefusal::Unreadable)?;
        let (Some(_), Some(_)) = (object.at("fmt").and_then(Value::text), object.at("attStmt")) else {
            return Err(PasskeyRefusal::Unreadable);
        };
        let data = object.at("authData").and_then(Value::bytes);
        let data = AuthenticatorData::read(data.ok_or(PasskeyRefusal::Unreadable)?)?;
        data.check(expected)?;
        let (id, key) = data.credential.ok_or(PasskeyRefusal::Unreadable)?;
        PublicKey::read(key).ok_or(PasskeyRefusal::Algorithm)?;
        Ok(NewPasskey {
            id: id.to_vec(),
            key: key.to_vec(),
            count: data.count,
        })
    }
}

/// What a browser sends when somebody shows a passkey.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Assertion {
    id: String,
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

impl Assertion {
    /// Reads the field that our script fills in.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The passkey's id, in base64url of one spelling.
    pub(crate) fn id(&self) -> Option<String> {
        let id = BASE64.decode(&self.id).ok()?;
        (!id.is_empty() && id.len() <= CREDENTIAL_ID_BYTES).then(|| BASE64.encode(id))
    }

    /// The handle of the person, if the device kept one.
    pub(crate) fn user_handle(&self) -> Option<&str> {
        self.user_handle.as_deref().filter(|handle| !handle.is_empty())
    }

    /// The new signature count, if everything is right. `count` is what was kept of the last time.
    pub(crate) fn verify(
        &self,
        key: &PublicKey,
        count: i64,
        expected: &Expected<'_>,
    ) -> Result<i64, PasskeyRefusal> {
        let client_data = decoded(&self.client_data)?;
        check_client_data(&client_data, "webauthn.get", expected)?;
        let bytes = decoded(&self.authenticator_data)?;
        let data = AuthenticatorData::read(&bytes)?;
        data.check(expected)?;
        let message = [bytes.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        if !key.verifies(&message, &decoded(&self.signature)?) {
            return Err(PasskeyRefusal::Signature);
        }
        // Passkeys that are kept in several places do not count, and say 0 for ever.
        if (count, data.count) != (0, 0) && data.count <= count {
            return Err(PasskeyRefusal::Copied);
        }
        Ok(data.count)
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, PasskeyRefusal> {
    BASE64.decode(text).map_err(|_| PasskeyRefusal::Unreadable)
}

/// What the browser itself says of the ceremony. It may say more than we read.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

fn check_client_data(json: &[u8], kind: &str, expected: &Expected<'_>) -> Result<(), PasskeyRefusal> {
    let found: ClientData = serde_json::from_slice(json).map_err(|_| PasskeyRefusal::Unreadable)?;
    if found.kind != kind {
        return Err(PasskeyRefusal::Kind);
    }
    let challenge = Challenge::parse(&found.challenge).ok_or(PasskeyRefusal::Challenge)?;
    if !bool::from(challenge.0.ct_eq(&expected.challenge.0)) {
        return Err(PasskeyRefusal::Challenge);
    }
    if found.origin != expected.party.origin || found.cross_origin {
        return Err(PasskeyRefusal::Origin);
    }
    Ok(())
}

/// What the device says (section 6.1): 32 bytes of its idea of the host, flags, a count, and a new key.
struct AuthenticatorData<'a> {
    party_hash: &'a [u8],
    flags: u8,
    count: i64,
    credential: Option<(&'a [u8], &'a [u8])>,
}

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

impl<'a> AuthenticatorData<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, PasskeyRefusal> {
        Self::read_parts(bytes).ok_or(PasskeyRefusal::Unreadable)
    }

    fn read_parts(bytes: &'a [u8]) -> Option<Self> {
        let (party_hash, rest) = bytes.split_at_checked(32)?;
        let (&flags, rest) = rest.split_first()?;
        let (count, mut rest) = rest.split_first_chunk::<4>()?;
        let mut credential = None;
        if flags & HAS_CREDENTIAL != 0 {
            // 16 bytes name the model of the device.
            let (length, after) = rest.get(16..)?.split_first_chunk::<2>()?;
            let length = usize::from(u16::from_be_bytes(*length));
            let (id, after) = after.split_at_checked(length)?;
            let (_, end) = Value::read(after)?;
            let key = &after[..after.len() - end.len()];
            (credential, rest) = (Some((id, key)), end);
            if !(1..=CREDENTIAL_ID_BYTES).contains(&length) {
                return None;
            }
        }
        if flags & HAS_EXTENSIONS != 0 {
            rest = Value::read(rest)?.1;
        }
        rest.is_empty().then(|| Self {
            party_hash,
            flags,
            count: i64::from(u32::from_be_bytes(*count)),
            credential,
        })
    }

    fn check(&self, expected: &Expected<'_>) -> Result<(), PasskeyRefusal> {
        if self.party_hash != Sha256::digest(&expected.party.id).as_slice() {
            return Err(PasskeyRefusal::Party);
        }
        if self.flags & PRESENT == 0 {
            return Err(PasskeyRefusal::Absent);
        }
        if expected.verified && self.flags & VERIFIED == 0 {
            return Err(PasskeyRefusal::Unverified);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
