//! Addresses of an identity provider: https, or http on this machine; nothing else is ever asked.

use std::fmt;
use std::net::IpAddr;

use axum::http::Uri;

/// An absolute address that may be fetched.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAddress {
    text: String,
    uri: Uri,
}

/// Why a text is no address that may be fetched, in words for the operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AddressFault {
    /// Not `https://host/…`.
    #[error("https://ホスト名/… の形で指定してください")]
    Unreadable,
    /// `http://` to another machine.
    #[error("https:// で始まるアドレスを指定してください（http:// は、この機械の中だけで使えます）")]
    NotEncrypted,
    /// A name before the host, or something behind a `#`.
    #[error("利用者名や # の付かないアドレスを指定してください")]
    Decorated,
}

/// Longest address; those of providers have a few dozen letters.
const LONGEST: usize = 1_000;

impl WebAddress {
    /// Reads `https://id.example.lg.jp/realms/pref`.
    pub fn parse(text: &str) -> Result<Self, AddressFault> {
        if text.len() > LONGEST || !text.is_ascii() {
            return Err(AddressFault::Unreadable);
        }
        if text.contains('#') || text.contains('\\') {
            return Err(AddressFault::Decorated);
        }
        let uri: Uri = text.parse().map_err(|_| AddressFault::Unreadable)?;
        let authority = uri.authority().ok_or(AddressFault::Unreadable)?;
        if authority.as_str().contains('@') {
            return Err(AddressFault::Decorated);
        }
        let (host, behind) = authority.as_str().split_at(authority.host().len());
        let port = behind.strip_prefix(':').map(str::parse::<u16>);
        let has_port = matches!(port, Some(Ok(1..)));
        if host.is_empty() || !(behind.is_empty() || has_port) {
            return Err(AddressFault::Unreadable);
        }
        let address = Self {
            text: text.to_owned(),
            uri,
        };
        match address.uri.scheme_str() {
            Some("https") => Ok(address),
            Some("http") if address.is_on_this_machine() => Ok(address),
            Some("http") => Err(AddressFault::NotEncrypted),
            _ => Err(AddressFault::Unreadable),
        }
    }

    /// As it was written: issuers are compared letter by letter.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host's name or address, without brackets, in small letters.
    pub(crate) fn host(&self) -> String {
        let host = self.uri.host().unwrap_or_default();
        host.trim_matches(['[', ']']).to_ascii_lowercase()
    }

    pub(crate) fn port(&self) -> u16 {
        let usual = if self.is_https() { 443 } else { 80 };
        self.uri.port_u16().unwrap_or(usual)
    }

    pub(crate) fn is_https(&self) -> bool {
        self.uri.scheme_str() == Some("https")
    }

    /// What the `Host` header says.
    pub(crate) fn authority(&self) -> &str {
        self.uri.authority().map_or("", |authority| authority.as_str())
    }

    /// What the request line asks for.
    pub(crate) fn path_and_query(&self) -> &str {
        self.uri.path_and_query().map_or("/", |path| path.as_str())
    }

    pub(crate) fn has_query(&self) -> bool {
        self.uri.query().is_some()
    }

    /// The document in which an issuer describes itself.
    pub(crate) fn discovery(&self) -> Result<Self, AddressFault> {
        let issuer = self.text.trim_end_matches('/');
        Self::parse(&format!("{issuer}/.well-known/openid-configuration"))
    }

    /// The same address with more in its query.
    pub(crate) fn with_query(&self, query: &str) -> String {
        let joint = if self.has_query() { '&' } else { '?' };
        format!("{}{joint}{query}", self.text)
    }

    fn is_on_this_machine(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    #[test]
    fn only_encrypted_addresses_and_those_of_this_machine_are_ever_asked() {
        for text in [
            "https://id.example.lg.jp",
            "https://id.example.lg.jp:8443/realms/pref",
            "https://[2001:db8::1]/x",
            "http://127.0.0.1:3000",
            "http://localhost/x",
            "http://[::1]:3000/",
        ] {
            assert!(WebAddress::parse(text).is_ok(), "{text}");
        }
        for (text, fault) in [
            ("http://id.example.lg.jp/", AddressFault::NotEncrypted),
            ("http://169.254.169.254/latest", AddressFault::NotEncrypted),
            ("http://0.0.0.0/", AddressFault::NotEncrypted),
            ("http://127.0.0.1.evil.example/", AddressFault::NotEncrypted),
            ("https://id.example.lg.jp@evil.example/", AddressFault::Decorated),
            ("https://id.example.lg.jp/#x", AddressFault::Decorated),
            (
                "https://id.example.lg.jp\\@evil.example/",
                AddressFault::Decorated,
            ),
            ("ftp://id.example.lg.jp/", AddressFault::Unreadable),
            ("file:///etc/passwd", AddressFault::Unreadable),
            ("//id.example.lg.jp/", AddressFault::Unreadable),
            ("/x", AddressFault::Unreadable),
            ("", AddressFault::Unreadable),
            ("https://", AddressFault::Unreadable),
            ("https://id.example.lg.jp:99999/", AddressFault::Unreadable),
        ] {
            assert_eq!(WebAddress::parse(text).unwrap_err(), fault, "{text}");
        }
    }

    #[test]
    fn an_issuer_describes_itself_below_its_own_path() {
        let of = |text: &str| WebAddress::parse(text).unwrap().discovery().unwrap().text;
        let expected = "https://id.example.lg.jp/pref/.well-known/openid-configuration";
        assert_eq!(of("https://id.example.lg.jp/pref"), expected);
        assert_eq!(of("https://id.example.lg.jp/pref/"), expected);
    }
}
