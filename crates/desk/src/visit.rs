//! A visit: a browser in which the birth date was given, for one request and a short time.
//!
//! The browser holds 256 random bits in a cookie, the database their SHA-256 and the times. The cookie of one request
//! opens no other: a family that answers on one phone gives each birth date. An application's cookie goes with its own
//! addresses only, so that a family can fill in several on one phone.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use db::OrgVault;
use sha2::{Digest, Sha256};

const SECRET_BYTES: usize = 32;

/// What the cookie holds.
#[derive(Clone, PartialEq, Eq)]
pub struct VisitSecret([u8; SECRET_BYTES]);

impl std::fmt::Debug for VisitSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VisitSecret(…)")
    }
}

impl VisitSecret {
    /// Fresh from the operating system.
    pub(crate) fn new() -> Self {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// What the database knows it by.
    pub(crate) fn hash(&self) -> String {
        BASE64.encode(Sha256::digest(self.0))
    }

    /// What the database knows it by where it belongs to one organisation.
    pub(crate) fn index(&self, vault: &OrgVault) -> String {
        vault.index("application visit", &[&self.0])
    }

    /// The one that a browser sent, if it is one.
    pub(crate) fn in_headers(headers: &HeaderMap, https: bool) -> Option<Self> {
        Self::named(headers, cookie_name(https))
    }

    /// The one of an application.
    pub(crate) fn of_application(headers: &HeaderMap, https: bool) -> Option<Self> {
        Self::named(headers, application_cookie(https))
    }

    fn named(headers: &HeaderMap, wanted: &str) -> Option<Self> {
        let lines = headers.get_all(header::COOKIE).into_iter();
        let pairs = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let mut own = pairs.filter(|(name, _)| *name == wanted);
        let (_, value) = own.next()?;
        BASE64.decode(value).ok()?.try_into().ok().map(Self)
    }

    /// The header that hands it to the browser until it is closed.
    pub(crate) fn cookie(&self, https: bool) -> HeaderValue {
        cookie(&BASE64.encode(self.0), https, "")
    }

    /// The header that hands an application's to the browser, for the addresses of that application.
    pub(crate) fn application_cookie(&self, path: &str, https: bool) -> HeaderValue {
        let value = BASE64.encode(self.0);
        cookie_of(application_cookie(https), &value, path, https, "")
    }

    /// The header that takes an application's away.
    pub(crate) fn no_application_cookie(path: &str, https: bool) -> HeaderValue {
        cookie_of(application_cookie(https), "", path, https, "; Max-Age=0")
    }

    /// The header that takes it away.
    pub(crate) fn no_cookie(https: bool) -> HeaderValue {
        cookie("", https, "; Max-Age=0")
    }
}

fn cookie_name(https: bool) -> &'static str {
    if https {
        "__Host-todoke-visit"
    } else {
        "todoke-visit"
    }
}

/// A cookie with a path of its own cannot be called `__Host-`.
fn application_cookie(https: bool) -> &'static str {
    if https {
        "__Secure-todoke-application"
    } else {
        "todoke-application"
    }
}

fn cookie(value: &str, https: bool, age: &str) -> HeaderValue {
    cookie_of(cookie_name(https), value, "/", https, age)
}

fn cookie_of(name: &str, value: &str, path: &str, https: bool, age: &str) -> HeaderValue {
    let secure = if https { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path={path}; HttpOnly; SameSite=Strict{secure}{age}");
    HeaderValue::try_from(text).expect("letters that a header may hold")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_comes_back_as_the_secret_that_it_was() {
        let secret = VisitSecret::new();
        for https in [true, false] {
            let set = secret.cookie(https);
            let set = set.to_str().expect("letters");
            assert_eq!(set.contains("; Secure"), https);
            assert_eq!(set.starts_with("__Host-"), https);
            assert!(set.contains("; HttpOnly; SameSite=Strict"));
            let pair = set.split(';').next().expect("a pair");
            let mut headers = HeaderMap::new();
            let line = format!("other=1; {pair}");
            headers.insert(header::COOKIE, HeaderValue::try_from(line).expect("letters"));
            assert!(VisitSecret::in_headers(&headers, https) == Some(secret.clone()));
            assert!(VisitSecret::in_headers(&headers, !https).is_none());
        }
        assert_ne!(secret.hash(), VisitSecret::new().hash());
    }
}
