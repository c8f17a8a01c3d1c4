//! The public keys of passkeys (RFC 9053, RFC 8230) in the three kinds that authenticators have, and what was
//! signed with them.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::cbor::Value;

/// The algorithms that are offered when a passkey is made, the best first.
pub(crate) const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];
const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

/// A public key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum PublicKey {
    /// ECDSA on P-256 with SHA-256: the point, uncompressed.
    Es256(Vec<u8>),
    /// Ed25519.
    EdDsa(Vec<u8>),
    /// RSA with SHA-256, PKCS #1 v1.5: modulus and exponent.
    Rs256 { n: Vec<u8>, e: Vec<u8> },
}

impl PublicKey {
    /// Reads a COSE key that is the whole input.
    pub(crate) fn read(cose: &[u8]) -> Option<Self> {
        Self::of(&Value::read_all(cose)?)
    }

    /// Reads a COSE key. `None`: not one of the three kinds.
    pub(crate) fn of(key: &Value<'_>) -> Option<Self> {
        let number = |label| key.at_number(label).and_then(Value::number);
        let bytes = |label| key.at_number(label).and_then(Value::bytes);
        // Labels: 1 kind of key, 3 algorithm; -1 curve or n, -2 x or e, -3 y.
        match (number(1)?, number(3)?) {
            (2, ES256) if number(-1)? == 1 => {
                let (x, y) = (bytes(-2)?, bytes(-3)?);
                let whole = x.len() == 32 && y.len() == 32;
                whole.then(|| Self::Es256([&[4], x, y].concat()))
            }
            (1, EDDSA) if number(-1)? == 6 => {
                let x = bytes(-2)?;
                (x.len() == 32).then(|| Self::EdDsa(x.to_vec()))
            }
            (3, RS256) => Some(Self::Rs256 {
                n: bytes(-1)?.to_vec(),
                e: bytes(-2)?.to_vec(),
            }),
            _ => None,
        }
    }

    /// Whether `signature` over `message` was made with the key's other half.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point)
                .verify(message, signature)
                .is_ok(),
            Self::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key)
                .verify(message, signature)
                .is_ok(),
            Self::Rs256 { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
        }
    }
}
