//! What the pages of passkeys share: which host we are to browsers, and the questions as JSON.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use serde_json::{Value, json};

use crate::Accounts;
use crate::factors::{ALGORITHMS, Assertion, Challenge, RelyingParty, Shown};
use crate::limits::CHALLENGE_FOR;
use crate::session::SessionKey;

/// The product's name, as devices show it.
pub(super) const ISSUER: &str = "とどけ";

/// This host as browsers know it; nothing where they make no passkeys.
pub(super) struct Party(pub(super) Option<RelyingParty>);

impl FromRequestParts<Accounts> for Party {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, accounts: &Accounts) -> Result<Self, Self::Rejection> {
        if let Some(address) = &accounts.public_url {
            return Ok(Self(RelyingParty::at(address)));
        }
        // Without a stated address the browser's own word decides; on loopback only `localhost` is a name.
        let scheme = if accounts.cookies.https { "https" } else { "http" };
        let host = parts
            .headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        let address = host.map(|host| format!("{scheme}://{host}"));
        Ok(Self(address.as_deref().and_then(RelyingParty::at)))
    }
}

/// What a form brings: a code, or the answer of a passkey.
pub(super) fn shown(code: &str, credential: &str, party: Party, asker: &SessionKey) -> Option<Shown> {
    if credential.is_empty() {
        return (!code.trim().is_empty()).then(|| Shown::Code(code.to_owned()));
    }
    let (Some(answer), Some(party)) = (Assertion::parse(credential), party.0) else {
        // Not a code either: it is judged, and refused, as one.
        return Some(Shown::Code(String::new()));
    };
    Some(Shown::Passkey {
        answer,
        party,
        asker: asker.clone(),
    })
}

/// The question to a passkey that exists (`PublicKeyCredentialRequestOptions`).
pub(super) fn to_show(
    challenge: &Challenge,
    party: &RelyingParty,
    credentials: &[String],
    verification: &str,
) -> Value {
    json!({
        "challenge": challenge.text(),
        "rpId": party.id,
        "allowCredentials": credentials.iter().map(|id| descriptor(id)).collect::<Vec<_>>(),
        "userVerification": verification,
        "timeout": CHALLENGE_FOR,
    })
}

/// The question for a new passkey (`PublicKeyCredentialCreationOptions`).
pub(super) fn to_make(
    challenge: &Challenge,
    party: &RelyingParty,
    (handle, login, name): (&str, &str, &str),
    credentials: &[String],
) -> Value {
    let kinds: Vec<Value> = ALGORITHMS
        .iter()
        .map(|algorithm| json!({ "type": "public-key", "alg": algorithm }))
        .collect();
    json!({
        "challenge": challenge.text(),
        "rp": { "id": party.id, "name": ISSUER },
        "user": { "id": handle, "name": login, "displayName": name },
        "pubKeyCredParams": kinds,
        "excludeCredentials": credentials.iter().map(|id| descriptor(id)).collect::<Vec<_>>(),
        "authenticatorSelection": { "residentKey": "preferred", "userVerification": "preferred" },
        "attestation": "none",
        "timeout": CHALLENGE_FOR,
    })
}

fn descriptor(id: &str) -> Value {
    json!({ "type": "public-key", "id": id })
}
