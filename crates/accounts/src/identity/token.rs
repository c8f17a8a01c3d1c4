//! An `id_token` and the keys it is checked with.
//!
//! Two algorithms, RS256 and ES256, each bound to a kind of key: what a token's own header says can only choose
//! between them, never weaken the check (`none`, or a public key used as a password, find no key). Then who wrote
//! it, for whom, for which attempt, and until when.

use axum::body::Bytes;
use base::clock::{MINUTE, Millis, SECOND};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::limits::IDENTITY_KEYS;

/// How far the provider's clock and ours may be apart.
const CLOCKS_APART: Millis = MINUTE;
/// A token is taken right after it was written; one that is older was kept by somebody.
const FRESH: Millis = 10 * MINUTE;

/// Why a token proves nothing; for the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(crate) enum TokenRefusal {
    #[error("it is no signed token")]
    Unreadable,
    #[error("its algorithm is not RS256 or ES256, or it asks for something unknown")]
    Algorithm,
    #[error("no key of the provider's is its key")]
    NoKey,
    #[error("its signature is wrong")]
    Signature,
    #[error("it was written by somebody else (iss)")]
    Issuer,
    #[error("it was written for somebody else (aud, azp)")]
    Audience,
    #[error("it belongs to another attempt (nonce)")]
    Nonce,
    #[error("its time is over or has not come (exp, iat, nbf)")]
    Time,
}

/// One public key of a provider.
struct Key {
    id: Option<String>,
    material: Material,
}

enum Material {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// An uncompressed point: 4, x, y.
    P256(Vec<u8>),
}

/// The public keys of a provider.
pub(crate) struct Keys(Vec<Key>);

#[derive(Deserialize)]
struct WrittenKeys {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct WrittenKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a JWK set; keys for other purposes or of other kinds are left out.
    pub(crate) fn read(json: &Bytes) -> Option<Self> {
        let written: WrittenKeys = serde_json::from_slice(json).ok()?;
        let keys = written.keys.into_iter().filter_map(|key| {
            let key: WrittenKey = serde_json::from_value(key).ok()?;
            key.understood()
        });
        Some(Self(keys.take(IDENTITY_KEYS).collect()))
    }

    fn fitting<'a>(&'a self, algorithm: Algorithm, id: Option<&'a str>) -> impl Iterator<Item = &'a Key> {
        self.0.iter().filter(move |key| {
            let named = id.is_none_or(|id| key.id.as_deref() == Some(id));
            named && key.material.algorithm() == algorithm
        })
    }
}

impl WrittenKey {
    fn understood(self) -> Option<Key> {
        if self.purpose.is_some_and(|purpose| purpose != "sig") {
            return None;
        }
        let bytes = |part: Option<String>| BASE64.decode(part?).ok();
        let material = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => Material::Rsa {
                n: bytes(self.n)?,
                e: bytes(self.e)?,
            },
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes(self.x)?, bytes(self.y)?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                Material::P256([&[4], x.as_slice(), y.as_slice()].concat())
            }
            _ => return None,
        };
        let its_own = self
            .alg
            .is_none_or(|alg| Algorithm::named(&alg) == Some(material.algorithm()));
        its_own.then_some(Key {
            id: self.kid,
            material,
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Algorithm {
    Rs256,
    Es256,
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

impl Material {
    fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
        }
    }

    fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Self::P256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

/// What a token must say.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Millis,
}

/// What a provider says of a person.
#[derive(Debug)]
pub(crate) struct Claims(Map<String, Value>);

impl Claims {
    /// A claim that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Whether the provider itself says that it has not checked the e-mail address.
    pub(crate) fn email_is_unverified(&self) -> bool {
        self.0
            .get("email_verified")
            .is_some_and(|verified| verified != &Value::Bool(true))
    }

    /// Whether the provider says that the person showed more than one factor (RFC 8176).
    pub(crate) fn by_several_factors(&self, acr: Option<&str>) -> bool {
        let methods = self.0.get("amr").and_then(Value::as_array);
        methods.is_some_and(|methods| methods.iter().any(|method| method == "mfa"))
            || acr.is_some_and(|wanted| self.text("acr") == Some(wanted))
    }

    fn moment(&self, name: &str) -> Option<Millis> {
        // Seconds, with a fraction in some providers' tokens.
        let seconds = self.0.get(name)?.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a float beyond i64 becomes its end"
        )]
        Some((seconds as Millis).saturating_mul(SECOND))
    }

    fn is_for(&self, client: &str) -> bool {
        let azp_fits = self.0.get("azp").is_none_or(|azp| azp == client);
        match self.0.get("aud") {
            Some(Value::String(one)) => one == client && azp_fits,
            Some(Value::Array(several)) => {
                let named = several.iter().any(|one| one == client);
                // Of several audiences one must be the party that it was given to.
                let sole = several.len() == 1 || self.0.contains_key("azp");
                named && sole && azp_fits
            }
            _ => false,
        }
    }

    fn check(&self, expected: &Expected<'_>) -> Result<(), TokenRefusal> {
        if self.text("iss") != Some(expected.issuer) {
            return Err(TokenRefusal::Issuer);
        }
        if !self.is_for(expected.client_id) {
            return Err(TokenRefusal::Audience);
        }
        let nonce = self.text("nonce").unwrap_or_default();
        if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
            return Err(TokenRefusal::Nonce);
        }
        let now = expected.now;
        let (Some(until), Some(written)) = (self.moment("exp"), self.moment("iat")) else {
            return Err(TokenRefusal::Time);
        };
        let begun = self.moment("nbf").is_none_or(|from| from <= now + CLOCKS_APART);
        let fresh = written <= now + CLOCKS_APART && written > now - FRESH;
        if begun && fresh && until > now - CLOCKS_APART {
            Ok(())
        } else {
            Err(TokenRefusal::Time)
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// The claims of a token that proves what it says.
pub(crate) fn verified(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, TokenRefusal> {
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(TokenRefusal::Unreadable);
    };
    let header: Header = json(head)?;
    let algorithm = Algorithm::named(&header.alg)
        .filter(|_| header.crit.is_none())
        .ok_or(TokenRefusal::Algorithm)?;
    let signature = BASE64.decode(signature).map_err(|_| TokenRefusal::Unreadable)?;
    let message = token
        .get(..head.len() + 1 + body.len())
        .ok_or(TokenRefusal::Unreadable)?;
    let mut keys = keys.fitting(algorithm, header.kid.as_deref()).peekable();
    if keys.peek().is_none() {
        return Err(TokenRefusal::NoKey);
    }
    if !keys.any(|key| key.material.signed(message.as_bytes(), &signature)) {
        return Err(TokenRefusal::Signature);
    }
    let claims = Claims(json(body)?);
    claims.check(expected).map(|()| claims)
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, TokenRefusal> {
    let bytes = BASE64.decode(part).map_err(|_| TokenRefusal::Unreadable)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenRefusal::Unreadable)
}

#[cfg(test)]
mod tests;
