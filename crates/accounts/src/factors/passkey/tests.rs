#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Fixed answers of the three kinds of keys, written by another implementation (Python's `cryptography`), and
//! everything that may be wrong with them.

use super::*;
use proptest::prelude::*;

const VECTORS: [(&str, &str); 3] = [
    (
        include_str!("vectors/es256_registration.json"),
        include_str!("vectors/es256_assertion.json"),
    ),
    (
        include_str!("vectors/eddsa_registration.json"),
        include_str!("vectors/eddsa_assertion.json"),
    ),
    (
        include_str!("vectors/rs256_registration.json"),
        include_str!("vectors/rs256_assertion.json"),
    ),
];

fn party() -> RelyingParty {
    RelyingParty::at("https://todoke.example").unwrap()
}

fn challenge() -> Challenge {
    Challenge(std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

fn register(registration: &Registration) -> Result<NewPasskey, PasskeyRefusal> {
    registration.verify(&Expected {
        party: &party(),
        challenge: &challenge(),
        verified: true,
    })
}

fn show(assertion: &Assertion, key: &PublicKey, count: i64) -> Result<i64, PasskeyRefusal> {
    let expected = Expected {
        party: &party(),
        challenge: &challenge(),
        verified: true,
    };
    assertion.verify(key, count, &expected)
}

fn read(index: usize) -> (Registration, Assertion, PublicKey) {
    let (registration, assertion) = VECTORS[index];
    let (registration, assertion) = (
        Registration::parse(registration).unwrap(),
        Assertion::parse(assertion).unwrap(),
    );
    let key = PublicKey::read(&register(&registration).unwrap().key).unwrap();
    (registration, assertion, key)
}

/// The same field with one byte of it changed.
fn changed(text: &str, at: usize, by: u8) -> String {
    let mut bytes = BASE64.decode(text).unwrap();
    let at = at.min(bytes.len() - 1);
    bytes[at] ^= by;
    BASE64.encode(bytes)
}

#[test]
fn all_three_kinds_of_keys_are_taken() {
    for index in 0..3 {
        let (registration, assertion, key) = read(index);
        let new = register(&registration).unwrap();
        assert_eq!(assertion.id().unwrap(), BASE64.encode(&new.id));
        assert_eq!(show(&assertion, &key, new.count), Ok(7));
        assert_eq!(assertion.user_handle(), Some("aGFuZGxl"));
    }
}

#[test]
fn an_answer_to_another_question_or_of_another_page_is_refused() {
    let (registration, assertion, key) = read(0);
    let other = Challenge::fresh();
    let elsewhere = RelyingParty::at("https://todoke.example:8443").unwrap();
    let neighbour = RelyingParty {
        id: "evil.example".to_owned(),
        ..party()
    };
    for (party, challenge, refusal) in [
        (&party(), &other, PasskeyRefusal::Challenge),
        (&elsewhere, &challenge(), PasskeyRefusal::Origin),
        (&neighbour, &challenge(), PasskeyRefusal::Party),
    ] {
        let expected = Expected {
            party,
            challenge,
            verified: false,
        };
        assert_eq!(registration.verify(&expected), Err(refusal));
        assert_eq!(assertion.verify(&key, 0, &expected), Err(refusal));
    }
}

#[test]
fn one_ceremony_is_not_the_other() {
    let (registration, assertion, key) = read(0);
    let swapped = Assertion {
        client_data: registration.client_data.clone(),
        ..assertion.clone()
    };
    assert_eq!(show(&swapped, &key, 0), Err(PasskeyRefusal::Kind));
    let swapped = Registration {
        client_data: assertion.client_data,
        ..registration
    };
    assert_eq!(register(&swapped), Err(PasskeyRefusal::Kind));
}

#[test]
fn a_page_inside_another_sites_page_is_refused() {
    let (_, assertion, key) = read(0);
    let json = String::from_utf8(BASE64.decode(&assertion.client_data).unwrap()).unwrap();
    let framed = Assertion {
        client_data: BASE64.encode(json.replace("\"crossOrigin\":false", "\"crossOrigin\":true")),
        ..assertion
    };
    assert_eq!(show(&framed, &key, 0), Err(PasskeyRefusal::Origin));
}

#[test]
fn somebody_has_to_be_there_and_where_it_matters_to_be_known() {
    let (registration, assertion, key) = read(1);
    let absent = Assertion {
        authenticator_data: changed(&assertion.authenticator_data, 32, PRESENT),
        ..assertion.clone()
    };
    assert_eq!(show(&absent, &key, 0), Err(PasskeyRefusal::Absent));
    let unverified = Assertion {
        authenticator_data: changed(&assertion.authenticator_data, 32, VERIFIED),
        ..assertion
    };
    assert_eq!(show(&unverified, &key, 0), Err(PasskeyRefusal::Unverified));
    // Where a password was given before, touching it is enough; but the flags are signed.
    let (party, challenge) = (party(), challenge());
    let expected = Expected {
        party: &party,
        challenge: &challenge,
        verified: false,
    };
    assert_eq!(
        unverified.verify(&key, 0, &expected),
        Err(PasskeyRefusal::Signature)
    );
    let mut object = BASE64.decode(&registration.attestation_object).unwrap();
    let flags = object.windows(2).position(|pair| pair == [0x45, 0]).unwrap();
    object[flags] ^= PRESENT;
    let absent = Registration {
        attestation_object: BASE64.encode(object),
        ..registration
    };
    assert_eq!(register(&absent), Err(PasskeyRefusal::Absent));
}

#[test]
fn a_changed_answer_does_not_fit_its_signature() {
    for index in 0..3 {
        let (_, assertion, key) = read(index);
        let counted = Assertion {
            authenticator_data: changed(&assertion.authenticator_data, 36, 1),
            ..assertion.clone()
        };
        assert_eq!(show(&counted, &key, 0), Err(PasskeyRefusal::Signature), "{index}");
        for at in [0, 4, 20, 63] {
            let signed = Assertion {
                signature: changed(&assertion.signature, at, 1),
                ..assertion.clone()
            };
            assert_eq!(
                show(&signed, &key, 0),
                Err(PasskeyRefusal::Signature),
                "{index} {at}"
            );
        }
        let (_, _, other) = read((index + 1) % 3);
        assert_eq!(show(&assertion, &other, 0), Err(PasskeyRefusal::Signature));
    }
}

#[test]
fn a_counter_that_does_not_move_is_a_copy() {
    let (_, assertion, key) = read(2);
    assert_eq!(show(&assertion, &key, 6), Ok(7));
    for count in [7, 8, 1_000] {
        assert_eq!(
            show(&assertion, &key, count),
            Err(PasskeyRefusal::Copied),
            "{count}"
        );
    }
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let (registration, _, _) = read(0);
    let mut object = BASE64.decode(&registration.attestation_object).unwrap();
    // -7 (ES256) in the key's map becomes -8.
    let algorithm = object
        .windows(4)
        .position(|four| four == [2, 3, 0x26, 0x20])
        .unwrap();
    object[algorithm + 2] = 0x27;
    let other = Registration {
        attestation_object: BASE64.encode(object),
        ..registration
    };
    assert_eq!(register(&other), Err(PasskeyRefusal::Algorithm));
}

#[test]
fn hosts_are_known_by_name_and_only_where_browsers_make_passkeys() {
    for (address, id, origin) in [
        (
            "https://todoke.pref.example/",
            "todoke.pref.example",
            "https://todoke.pref.example",
        ),
        (
            "https://Todoke.example:443",
            "todoke.example",
            "https://todoke.example",
        ),
        (
            "https://todoke.example:8443/x",
            "todoke.example",
            "https://todoke.example:8443",
        ),
        ("http://localhost:8080", "localhost", "http://localhost:8080"),
    ] {
        let party = RelyingParty::at(address).unwrap();
        assert_eq!((party.id.as_str(), party.origin.as_str()), (id, origin));
    }
    for address in [
        "http://127.0.0.1:8080",
        "https://192.0.2.1",
        "https://[2001:db8::1]:8443",
        "http://todoke.example",
        "todoke.example",
        "",
    ] {
        assert_eq!(RelyingParty::at(address), None, "{address}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (registration, assertion, key) = read(0);
        let registration = Registration { attestation_object: BASE64.encode(&bytes), ..registration };
        prop_assert!(register(&registration).is_err());
        let assertion = Assertion { authenticator_data: BASE64.encode(&bytes), ..assertion };
        prop_assert!(show(&assertion, &key, 0).is_err());
        prop_assert!(AuthenticatorData::read_parts(&bytes).is_none_or(|data| data.party_hash.len() == 32));
    }

    #[test]
    fn any_changed_byte_of_the_devices_answer_is_noticed(at in 0_usize..37, by in 1_u8..=255) {
        let (_, assertion, key) = read(1);
        let assertion = Assertion {
            authenticator_data: changed(&assertion.authenticator_data, at, by),
            ..assertion
        };
        prop_assert!(show(&assertion, &key, 0).is_err());
    }
}
