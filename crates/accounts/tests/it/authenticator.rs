//! A device with passkeys, and an app with one-time codes, as tests hold them.

use std::fmt::Write as _;

use base::clock::Millis;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const ORIGIN: &str = "http://localhost:8080";

/// The code that an app shows for this secret.
pub(crate) fn code(secret: &str, now: Millis) -> String {
    let mut bits = String::new();
    for letter in secret.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|known| *known == letter);
        write!(bits, "{:05b}", value.unwrap()).unwrap();
    }
    let bytes: Vec<u8> = (0..bits.len() / 8)
        .map(|byte| u8::from_str_radix(&bits[byte * 8..][..8], 2).unwrap())
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &(now / 30_000).to_be_bytes());
    let hash = tag.as_ref();
    let offset = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// One passkey (ES256) of `localhost`.
pub(crate) struct Passkey {
    pub(crate) id: Vec<u8>,
    pub(crate) handle: String,
    pub(crate) count: u32,
    /// Whether the device checks who holds it.
    pub(crate) verifies: bool,
    key: EcdsaKeyPair,
}

impl Passkey {
    /// A new one, as the question for it says, and the answer of the browser.
    pub(crate) fn make(question: &Value) -> (Self, String) {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let point = key.public_key().as_ref();
        let passkey = Self {
            id: Sha256::digest(point)[..16].to_vec(),
            handle: question["user"]["id"].as_str().unwrap().to_owned(),
            count: 0,
            verifies: true,
            key,
        };
        let point = passkey.key.public_key().as_ref();
        let cose = [
            &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20][..],
            &point[1..33],
            &[0x22, 0x58, 0x20],
            &point[33..],
        ]
        .concat();
        let mut data = passkey.data(0x40);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(&passkey.id);
        data.extend(cose);
        let length = u8::try_from(data.len()).unwrap();
        let object = [
            &b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"[..],
            &[length],
            &data,
        ]
        .concat();
        let answer = json!({
            "clientDataJSON": BASE64.encode(client_data("webauthn.create", question)),
            "attestationObject": BASE64.encode(object),
        });
        (passkey, answer.to_string())
    }

    /// The answer to a question, as the browser gives it.
    pub(crate) fn show(&mut self, question: &Value) -> String {
        self.count += 1;
        let (data, client_data) = (self.data(0), client_data("webauthn.get", question));
        let message = [data.as_slice(), Sha256::digest(&client_data).as_slice()].concat();
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        json!({
            "id": BASE64.encode(&self.id),
            "clientDataJSON": BASE64.encode(client_data),
            "authenticatorData": BASE64.encode(data),
            "signature": BASE64.encode(signature),
            "userHandle": self.handle,
        })
        .to_string()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let verified = if self.verifies { 4 } else { 0 };
        let mut data = Sha256::digest("localhost").to_vec();
        data.push(flags | 1 | verified);
        data.extend(self.count.to_be_bytes());
        data
    }
}

fn client_data(kind: &str, question: &Value) -> Vec<u8> {
    json!({ "type": kind, "challenge": question["challenge"], "origin": ORIGIN, "crossOrigin": false })
        .to_string()
        .into_bytes()
}
