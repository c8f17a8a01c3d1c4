//! The cookies of the staff host (ASVS 3.3): the login session, the secret of the forms that are sent before
//! there is a session, the second step between the two, and an attempt with an identity provider.
//!
//! With an https address they are `__Host-` and `Secure`. Plain HTTP is spoken on loopback only, where
//! browsers would drop such cookies, so there they have plain names.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::session::Secret;

/// Which cookie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cookie {
    Session,
    Form,
    Step,
    Identity,
}

/// How this installation writes its cookies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cookies {
    pub(crate) https: bool,
}

impl Cookies {
    fn name(self, cookie: Cookie) -> &'static str {
        match (cookie, self.https) {
            (Cookie::Session, true) => "__Host-todoke",
            (Cookie::Session, false) => "todoke",
            (Cookie::Form, true) => "__Host-todoke-form",
            (Cookie::Form, false) => "todoke-form",
            (Cookie::Step, true) => "__Host-todoke-step",
            (Cookie::Step, false) => "todoke-step",
            (Cookie::Identity, true) => "__Host-todoke-identity",
            (Cookie::Identity, false) => "todoke-identity",
        }
    }

    /// The header that hands `secret` to the browser until it is closed.
    pub(crate) fn set(self, cookie: Cookie, secret: &Secret) -> HeaderValue {
        self.header(cookie, &secret.text(), "")
    }

    /// The header that takes the cookie away.
    pub(crate) fn clear(self, cookie: Cookie) -> HeaderValue {
        self.header(cookie, "", "; Max-Age=0")
    }

    fn header(self, cookie: Cookie, value: &str, age: &str) -> HeaderValue {
        let secure = if self.https { "; Secure" } else { "" };
        let name = self.name(cookie);
        // The way back from an identity provider begins on its site, and must bring this one cookie.
        let site = if cookie == Cookie::Identity {
            "Lax"
        } else {
            "Strict"
        };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite={site}{secure}{age}");
        HeaderValue::try_from(text).expect("letters that a header may hold")
    }

    /// The secret that the browser sends back.
    pub(crate) fn read(self, headers: &HeaderMap, cookie: Cookie) -> Option<Secret> {
        self.values(headers, cookie).find_map(Secret::parse)
    }

    fn values(self, headers: &HeaderMap, cookie: Cookie) -> impl Iterator<Item = &str> {
        let lines = headers
            .get_all(header::COOKIE)
            .into_iter()
            .filter_map(|line| line.to_str().ok());
        let pairs = lines
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let name = self.name(cookie);
        pairs
            .filter(move |(found, _)| *found == name)
            .map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTPS: Cookies = Cookies { https: true };
    const LOOPBACK: Cookies = Cookies { https: false };

    #[test]
    fn cookies_of_an_https_address_are_bound_to_this_host() {
        let secret = Secret::new();
        let (session, form) = (
            HTTPS.set(Cookie::Session, &secret),
            HTTPS.set(Cookie::Form, &secret),
        );
        let attributes = "Path=/; HttpOnly; SameSite=Strict; Secure";
        assert_eq!(session, format!("__Host-todoke={}; {attributes}", secret.text()));
        assert_eq!(
            form,
            format!("__Host-todoke-form={}; {attributes}", secret.text())
        );
        assert_eq!(
            HTTPS.clear(Cookie::Session),
            format!("__Host-todoke=; {attributes}; Max-Age=0")
        );
    }

    #[test]
    fn on_loopback_cookies_are_plain_but_still_kept_from_scripts() {
        let secret = Secret::new();
        let expected = format!("todoke={}; Path=/; HttpOnly; SameSite=Strict", secret.text());
        assert_eq!(LOOPBACK.set(Cookie::Session, &secret), expected);
    }

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let secret = Secret::new();
        let mut headers = HeaderMap::new();
        let line = format!("a=b; todoke-form=x; nottodoke=y;todoke={}", secret.text());
        headers.insert(header::COOKIE, HeaderValue::try_from(line).expect("a header"));
        assert_eq!(LOOPBACK.read(&headers, Cookie::Session), Some(secret));
        assert_eq!(LOOPBACK.read(&headers, Cookie::Form), None);
        assert_eq!(HTTPS.read(&headers, Cookie::Session), None);
    }
}
