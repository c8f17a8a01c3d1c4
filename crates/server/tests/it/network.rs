//! The sockets: which proxies are believed, and what is encrypted.

use std::path::Path;

use rustls::version::{TLS12, TLS13};

use crate::support::browser::{Browser, Seen, Sent};
use crate::support::place::Place;
use crate::support::process::Program;
use crate::support::serving::{PASSWORD, Serving, add_account};
use crate::support::tls::{Authority, Files};
use crate::support::until_true;

/// One attempt to sign in with a name that nobody has, with what a client or proxy wrote into the header.
fn attempt(browser: &mut Browser, name: &str, forwarded: &str) -> Seen {
    let token = browser.get("/sign-in").hidden("csrf");
    let body = format!("csrf={token}&login={name}&password=wrong-wrong-wrong");
    let headers = [
        ("sec-fetch-mode", "navigate"),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("x-forwarded-for", forwarded),
        ("forwarded", "for=198.51.100.99"),
        ("x-real-ip", "198.51.100.99"),
    ];
    let sent = Sent {
        headers: &headers,
        body: body.as_bytes(),
    };
    browser.ask("POST", "/sign-in", sent)
}

#[test]
fn asvs_4_1_3_forwarded_headers_count_only_from_trusted_proxies() {
    // Twenty failures close a source; another name each time keeps every account's own count low.
    let fail_twenty_times = |browser: &mut Browser, from: &dyn Fn(usize) -> String| {
        for turn in 0..20 {
            let seen = attempt(browser, &format!("nobody{turn}"), &from(turn));
            assert_eq!(seen.status, 422, "{turn}: {}", seen.body());
        }
    };
    let place = Place::sqlite();
    add_account(&place, "asaka", None);
    let serving = Serving::start(place.serve());
    let mut liar = serving.browser();
    fail_twenty_times(&mut liar, &|turn| format!("198.51.100.{turn}"));
    let seen = attempt(&mut liar, "somebody", "203.0.113.7");
    assert_eq!(
        seen.status,
        429,
        "a made-up header opens nothing: {}",
        seen.body()
    );
    drop(serving);

    let place = Place::sqlite();
    add_account(&place, "asaka", None);
    let serving = Serving::start(place.serve().args(&["--trusted-proxy", "10.0.0.0/24,127.0.0.1"]));
    let mut proxy = serving.browser();
    fail_twenty_times(&mut proxy, &|turn| format!("192.0.2.{turn}, 198.51.100.1"));
    assert_eq!(
        attempt(&mut proxy, "somebody", "198.51.100.2").status,
        422,
        "its neighbour"
    );
    assert_eq!(attempt(&mut proxy, "somebody", "198.51.100.1").status, 429);
    assert_eq!(
        attempt(&mut proxy, "somebody", "198.51.100.3, 198.51.100.1").status,
        429
    );
    assert_eq!(
        attempt(&mut proxy, "somebody", "198.51.100.1, 10.0.0.9").status,
        429,
        "two proxies"
    );
}

#[test]
fn a_proxy_has_an_address_and_is_not_everybody() {
    let place = Place::sqlite();
    for wrong in ["0.0.0.0/0", "::/0", "10.0.0.1/8", "proxy.example.jp"] {
        place
            .serve()
            .args(&["--trusted-proxy", wrong])
            .run()
            .exits(64)
            .says("--trusted-proxy");
    }
}

fn with(program: Program, files: &Files) -> Program {
    program
        .arg("--tls-certificate")
        .arg(&files.certificate)
        .arg("--tls-key")
        .arg(&files.key)
}

#[test]
fn asvs_12_1_1_with_a_certificate_both_hosts_speak_tls_1_2_and_1_3_and_nothing_else() {
    let place = Place::sqlite();
    add_account(&place, "asaka", None);
    let authority = Authority::new();
    let files = authority.issue(&place, "host", "127.0.0.1");
    let serving = Serving::start(with(place.serve(), &files));
    for version in [&TLS12, &TLS13] {
        let mut browser = Browser::secure(serving.staff, authority.client_of(&[version]));
        let seen = browser.get("/sign-in");
        let cookie = seen.header("set-cookie").unwrap();
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("; Secure"),
            "{cookie}"
        );
        let hsts = seen.header("strict-transport-security").unwrap_or_default();
        assert!(hsts.contains("includeSubDomains"), "{hsts}");
        browser.sign_in("asaka", PASSWORD);
        browser.get("/").shows("今日の配信");
        let about = Browser::secure(serving.resident, authority.client_of(&[version])).get("/");
        assert_eq!(about.status, 200);
        assert!(about.header("strict-transport-security").is_some());
    }
    for address in [serving.staff, serving.resident] {
        let stranger = Browser::secure(address, Authority::new().client());
        let refused = stranger.exchange(b"GET / HTTP/1.0\r\n\r\n").unwrap_err();
        assert!(refused.to_string().contains("certificate"), "{refused}");

        let plain = Browser::new(address).exchange(b"GET /sign-in HTTP/1.0\r\n\r\n");
        let plain = plain.unwrap_or_default();
        assert!(!plain.starts_with(b"HTTP"), "{}", String::from_utf8_lossy(&plain));

        let answer = Browser::new(address).exchange(&hello_of_tls_1_1()).unwrap();
        // A fatal alert (21), protocol_version (70).
        assert_eq!((answer[0], &answer[5..]), (21, &[2, 70][..]), "{answer:?}");
    }
}

/// What a client says that knows nothing newer than TLS 1.1.
fn hello_of_tls_1_1() -> Vec<u8> {
    let mut hello = vec![3, 2];
    hello.extend([7; 32]); // its random bytes
    hello.push(0); // no session
    hello.extend([0, 4, 0xc0, 0x13, 0x00, 0x2f]); // two ciphers of that time
    hello.extend([1, 0]); // no compression
    // Signatures of today, so that its version is all that is wrong with it.
    hello.extend([0, 10, 0, 13, 0, 6, 0, 4, 4, 3, 4, 1]);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

/// Whether a client that trusts only `authority` is served.
fn is_served(serving: &Serving, authority: &Authority) -> bool {
    let browser = Browser::secure(serving.staff, authority.client());
    browser
        .exchange(b"GET /healthz HTTP/1.0\r\n\r\n")
        .is_ok_and(|answer| answer.ends_with(b"ok"))
}

#[test]
fn a_renewed_certificate_is_taken_up_and_a_broken_one_is_not() {
    let place = Place::sqlite();
    let (old, new) = (Authority::new(), Authority::new());
    let files = old.issue(&place, "host", "127.0.0.1");
    let mut serving = Serving::start(with(place.serve(), &files));
    assert!(is_served(&serving, &old) && !is_served(&serving, &new));

    // Half of a renewal: the certificate without its key.
    let renewed = new.issue(&place, "renewed", "127.0.0.1");
    std::fs::copy(&renewed.certificate, &files.certificate).unwrap();
    serving.process.signal("HUP");
    serving.process.error_with("対になっていない");
    assert!(is_served(&serving, &old));

    std::fs::copy(&renewed.key, &files.key).unwrap();
    serving.process.signal("HUP");
    until_true("the new certificate", || is_served(&serving, &new));
    assert!(!is_served(&serving, &old));
    serving.process.signal("TERM");
    serving.process.wait().exits(0);
}

#[test]
fn residents_may_have_a_certificate_of_their_own() {
    let place = Place::sqlite();
    let (staff, resident) = (Authority::new(), Authority::new());
    let ours = staff.issue(&place, "staff", "127.0.0.1");
    let theirs = resident.issue(&place, "resident", "127.0.0.1");
    let program = with(place.serve(), &ours)
        .arg("--resident-tls-certificate")
        .arg(&theirs.certificate)
        .arg("--resident-tls-key")
        .arg(&theirs.key);
    let serving = Serving::start(program);
    assert_eq!(
        Browser::secure(serving.staff, staff.client())
            .get("/healthz")
            .status,
        200
    );
    assert_eq!(
        Browser::secure(serving.resident, resident.client())
            .get("/healthz")
            .status,
        200
    );
}

#[test]
fn certificate_files_that_cannot_be_used_are_said_before_anything_listens() {
    let place = Place::sqlite();
    let authority = Authority::new();
    let good = authority.issue(&place, "good", "127.0.0.1");
    let other = authority.issue(&place, "other", "127.0.0.1");
    let empty = place.write("empty.pem", "");
    let cases: [(&Path, &Path, &str); 5] = [
        (&good.certificate, &other.key, "対になっていない"),
        (&empty, &good.key, "証明書がありません"),
        (&good.certificate, &empty, "秘密鍵がありません"),
        (&good.certificate, &good.certificate, "秘密鍵がありません"),
        (Path::new("nowhere.pem"), &good.key, "読めません"),
    ];
    for (certificate, key, words) in cases {
        let files = Files {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        };
        with(place.serve(), &files).run().exits(64).says(words);
    }
    place
        .serve()
        .arg("--tls-certificate")
        .arg(&good.certificate)
        .run()
        .exits(64)
        .says("--tls-key");
}
