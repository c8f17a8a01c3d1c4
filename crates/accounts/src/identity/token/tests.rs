#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;

use super::*;

const NOW: Millis = 1_795_323_909_000;
const EXPECTED: Expected<'_> = Expected {
    issuer: "https://id.example.lg.jp",
    client_id: "todoke",
    nonce: "once",
    now: NOW,
};

/// A provider with one ES256 key.
struct Provider(EcdsaKeyPair);

impl Provider {
    fn new() -> Self {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pair.as_ref(), &random).unwrap())
    }

    fn jwk(&self) -> Value {
        let point = self.0.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": "one",
            "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..]),
        })
    }

    fn keys(&self) -> Keys {
        read(&json!({ "keys": [self.jwk()] }))
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.0.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        format!("{message}.{}", BASE64.encode(signature))
    }

    /// What becomes of a token with these claims, changed as `change` says.
    fn judged(&self, change: impl FnOnce(&mut Value)) -> Result<Claims, TokenRefusal> {
        let mut claims = good();
        change(&mut claims);
        verified(&self.sign(&header(), &claims), &self.keys(), &EXPECTED)
    }
}

fn read(set: &Value) -> Keys {
    Keys::read(&set.to_string().into()).unwrap()
}

fn part(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

fn header() -> Value {
    json!({ "alg": "ES256", "kid": "one" })
}

fn good() -> Value {
    let seconds = NOW / SECOND;
    json!({
        "iss": "https://id.example.lg.jp", "aud": "todoke", "sub": "7", "nonce": "once",
        "iat": seconds, "exp": seconds + 300, "preferred_username": "hanako",
    })
}

#[test]
fn a_good_token_says_who_it_is() {
    let provider = Provider::new();
    let claims = provider.judged(|_| {}).unwrap();
    assert_eq!(claims.text("preferred_username"), Some("hanako"));
    provider
        .judged(|claims| claims["aud"] = json!(["todoke"]))
        .unwrap();
    provider
        .judged(|claims| {
            claims["aud"] = json!(["other", "todoke"]);
            claims["azp"] = json!("todoke");
        })
        .unwrap();
    // Without a key's name every key of the kind is tried.
    let other = Provider::new();
    let both = read(&json!({ "keys": [other.jwk(), provider.jwk()] }));
    let nameless = provider.sign(&json!({ "alg": "ES256" }), &good());
    verified(&nameless, &both, &EXPECTED).unwrap();
}

#[test]
fn asvs_9_1_2_the_algorithm_is_fixed_by_the_key() {
    let provider = Provider::new();
    let keys = provider.keys();
    let refused = |token: &str| verified(token, &keys, &EXPECTED).unwrap_err();
    for name in ["none", "None", "HS256", "ES384", "PS256", "", "es256"] {
        let head = json!({ "alg": name, "kid": "one" });
        assert_eq!(
            refused(&provider.sign(&head, &good())),
            TokenRefusal::Algorithm,
            "{name}"
        );
        let unsigned = format!("{}.{}.", part(&head), part(&good()));
        assert_eq!(refused(&unsigned), TokenRefusal::Algorithm, "{name}");
    }
    // The public key, used as a password.
    let point = provider.0.public_key().as_ref();
    let message = format!("{}.{}", part(&json!({ "alg": "HS256" })), part(&good()));
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, point), message.as_bytes());
    assert_eq!(
        refused(&format!("{message}.{}", BASE64.encode(mac))),
        TokenRefusal::Algorithm
    );
    // An algorithm for which the provider has no key, and something that we would have to understand.
    assert_eq!(
        refused(&provider.sign(&json!({ "alg": "RS256" }), &good())),
        TokenRefusal::NoKey
    );
    let critical = json!({ "alg": "ES256", "kid": "one", "crit": ["b64"] });
    assert_eq!(
        refused(&provider.sign(&critical, &good())),
        TokenRefusal::Algorithm
    );
}

#[test]
fn asvs_9_1_1_a_token_with_another_key_or_changed_content_is_refused() {
    let (provider, other) = (Provider::new(), Provider::new());
    let refused = |token: &str| verified(token, &provider.keys(), &EXPECTED).unwrap_err();
    assert_eq!(refused(&other.sign(&header(), &good())), TokenRefusal::Signature);
    let unknown = json!({ "alg": "ES256", "kid": "two" });
    assert_eq!(refused(&provider.sign(&unknown, &good())), TokenRefusal::NoKey);
    let token = provider.sign(&header(), &good());
    let mut parts: Vec<&str> = token.split('.').collect();
    let mut changed = good();
    changed["preferred_username"] = json!("director");
    let changed = part(&changed);
    parts[1] = &changed;
    assert_eq!(refused(&parts.join(".")), TokenRefusal::Signature);
}

#[test]
fn asvs_9_2_3_a_token_for_somebody_else_another_attempt_or_another_time_is_refused() {
    let provider = Provider::new();
    let seconds = NOW / SECOND;
    let changes = [
        ("iss", json!("https://id.example.lg.jp/"), TokenRefusal::Issuer),
        ("iss", Value::Null, TokenRefusal::Issuer),
        ("aud", json!("other"), TokenRefusal::Audience),
        ("aud", json!([]), TokenRefusal::Audience),
        ("aud", json!(["todoke", "other"]), TokenRefusal::Audience),
        ("aud", Value::Null, TokenRefusal::Audience),
        ("azp", json!("other"), TokenRefusal::Audience),
        ("nonce", json!("twice"), TokenRefusal::Nonce),
        ("nonce", Value::Null, TokenRefusal::Nonce),
        ("exp", json!(seconds - 61), TokenRefusal::Time),
        ("exp", json!("tomorrow"), TokenRefusal::Time),
        ("iat", json!(seconds + 62), TokenRefusal::Time),
        ("iat", json!(seconds - 601), TokenRefusal::Time),
        ("nbf", json!(seconds + 62), TokenRefusal::Time),
    ];
    for (name, value, refusal) in changes {
        let judged = provider.judged(|claims| claims[name] = value.clone());
        assert_eq!(judged.unwrap_err(), refusal, "{name} = {value}");
    }
    // Clocks may be a minute apart.
    provider
        .judged(|claims| claims["exp"] = json!(seconds - 30))
        .unwrap();
    provider
        .judged(|claims| claims["iat"] = json!(seconds + 30))
        .unwrap();
    provider.judged(|claims| claims["exp"] = json!(1e300)).unwrap();
}

/// A token that Node.js signed once, with a key that is thrown away.
#[test]
fn a_signature_by_rsa_is_checked_too() {
    let keys = read(&json!({ "keys": [{
        "kty": "RSA",
        "n": "wzbdZUY6sJjSZ5xSwh2PVeBmr1OPDdR3UBnvsKKH-oH73w5eNT8SmyYzVWZLJstR9wmZrDKzwwvzPyORjIeaLB3Isxp-6yeVDL0x7B3SvI7Lhn2yrq9cJMD_xq0HeMFjuxsPjMRUURcxN-Scb14-ZWbYY__Uo4Z9xJ3Mr7Z5uy6NHAuyNLteU6_gQmrGsyEJQqi5wT6RrpIyetruJDMH19g6b7gSKpnfNc95rE18_tnGPHcmv_wVxl7JdpKZX5E4G0SV-Xmt1ANFZByL8AXkf8tJOCyZQhK53-WOsgo94eCtJDm3rgdBRihDpkihM0oBqeyWFvnEC_S7o2JG5y2J-w",
        "e": "AQAB",
    }] }));
    let head = "eyJhbGciOiJSUzI1NiJ9";
    let body = "eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUubGcuanAiLCJhdWQiOiJ0b2Rva2UiLCJub25jZSI6Im9uY2UiLCJpYXQiOjE3OTUzMjM5MDksImV4cCI6MTc5NTMyNDIwOSwic3ViIjoiNyJ9";
    let signature = "uRnE3Iwrb3bLJgHlEgqJmvfW7-SGM2KbRO_APF7CS6gTwE5e-WFv6Nir4ttZftFTVb9525GRP-hC3_xCUKng0X9iJqw7Lcweg5l1uYsLN5NyWCR35U77DsHSecu-JtIMx05zK4AlDyBl2_lRG6qo9lK1hB5jyW3Sz8OBWI8ZhBaliWUQbhdSkslTiztaA6YXvmITJMz4jymiWv4zgnlT-E-3h1ldRoAJ8ri2TuAh0G4n30ANmppWWq3QoypiGNdJd4WFw0ycoUz1IpqfLdba_s4iyiLVbn1cYr7Xsw18T2sx9K81Gf8z5oFqVO97KTlRP8-kdls98SoIK98pjsgCQw";
    let judged = |signature: &str| verified(&format!("{head}.{body}.{signature}"), &keys, &EXPECTED);
    assert_eq!(judged(signature).unwrap().text("sub"), Some("7"));
    let mut broken = signature.to_owned();
    broken.replace_range(..2, if signature.starts_with("AA") { "BB" } else { "AA" });
    assert_eq!(judged(&broken).unwrap_err(), TokenRefusal::Signature);
    let changed = format!("{head}.{}.{signature}", part(&good()));
    assert_eq!(
        verified(&changed, &keys, &EXPECTED).unwrap_err(),
        TokenRefusal::Signature
    );
}

#[test]
fn keys_for_something_else_are_no_keys() {
    let provider = Provider::new();
    let token = provider.sign(&header(), &good());
    for (name, value) in [
        ("use", "enc"),
        ("alg", "ES384"),
        ("crv", "P-384"),
        ("kty", "oct"),
        ("x", "AA"),
    ] {
        let mut jwk = provider.jwk();
        jwk[name] = json!(value);
        let keys = read(&json!({ "keys": [jwk, 7, { "kty": "OKP" }] }));
        let judged = verified(&token, &keys, &EXPECTED);
        assert_eq!(judged.unwrap_err(), TokenRefusal::NoKey, "{name}");
    }
    assert!(Keys::read(&"{}".into()).is_none() && Keys::read(&"[".into()).is_none());
}

#[test]
fn what_the_provider_says_of_factors_and_addresses_is_read_strictly() {
    let provider = Provider::new();
    let with = |name: &str, value: Value| provider.judged(|claims| claims[name] = value).unwrap();
    assert!(with("amr", json!(["pwd", "mfa"])).by_several_factors(None));
    assert!(with("acr", json!("gold")).by_several_factors(Some("gold")));
    for (name, value) in [
        ("amr", json!(["pwd"])),
        ("amr", json!("mfa")),
        ("acr", json!("1")),
    ] {
        assert!(
            !with(name, value.clone()).by_several_factors(Some("gold")),
            "{name} {value}"
        );
    }
    assert!(!with("acr", json!("gold")).by_several_factors(None));
    assert!(!with("email_verified", json!(true)).email_is_unverified());
    assert!(with("email_verified", json!(false)).email_is_unverified());
    assert!(with("email_verified", json!("true")).email_is_unverified());
}

proptest! {
    #[test]
    fn no_made_up_token_is_taken(token in "[A-Za-z0-9_.-]{0,200}") {
        let keys = Provider::new().keys();
        prop_assert!(verified(&token, &keys, &EXPECTED).is_err());
    }
}
