//! The pages that links lead to: how they are named, and where they may be.

use std::fmt;

use base::merge::{heading_key, is_blank};

use crate::limits::LINK_URL_BYTES;

/// The name of a page, as it stands in templates. Names are compared as headings are: width, case and blanks
/// make no difference.
#[derive(Clone, Debug)]
pub struct TargetName(String);

impl TargetName {
    /// A name is anything but blanks. What else a new name must be, the form says that takes it.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches(is_blank);
        (!heading_key(text).is_empty()).then(|| Self(text.to_owned()))
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which names are compared and kept unique.
    pub fn key(&self) -> String {
        heading_key(&self.0)
    }

    /// The merge field that asks for this page: `{{リンク 健康観察}}`.
    pub fn field(&self) -> String {
        format!("{{{{リンク {}}}}}", self.0)
    }
}

impl std::hash::Hash for TargetName {
    fn hash<H: std::hash::Hasher>(&self, hasher: &mut H) {
        self.key().hash(hasher);
    }
}

impl PartialEq for TargetName {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for TargetName {}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Hosts that pages may stand on: `www.city.example.jp` is one host, `*.lg.jp` all below that domain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HostPattern {
    domain: String,
    below: bool,
}

impl HostPattern {
    /// Reads `host` or `*.domain`; a domain has at least two labels, so that `*.jp` is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (domain, below) = match text.strip_prefix("*.") {
            Some(domain) => (domain, true),
            None => (text.as_str(), false),
        };
        is_host(domain).then(|| Self {
            domain: domain.to_owned(),
            below,
        })
    }

    /// Whether a page may stand on `host`, written in small letters.
    pub fn covers(&self, host: &str) -> bool {
        match host.strip_suffix(&self.domain) {
            Some(rest) if self.below => rest.len() > 1 && rest.ends_with('.'),
            Some(rest) => rest.is_empty(),
            None => false,
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.domain)
    }
}

/// A host name of at least two labels whose last is no number: no IP address, no port, no user.
pub(super) fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !label.is_empty() && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    text.contains('.') && text.split('.').all(label) && last.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Where a page is: https, on an allowed host, without port and user, in letters that need no translation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TargetUrl(String);

/// Why an address is not that of a page that links may lead to.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TargetProblem {
    /// Nothing but blanks.
    #[error("ページのアドレスを入力してください。")]
    Missing,
    /// Longer than [`LINK_URL_BYTES`].
    #[error("ページのアドレスが長すぎます。{LINK_URL_BYTES}文字までにしてください。")]
    TooLong,
    /// Another scheme, or none.
    #[error("ページのアドレスは https:// から始めてください。")]
    NotHttps,
    /// A letter that may not stand in an address.
    #[error("ページのアドレスに使えない文字「{0}」があります。ブラウザーのアドレス欄から写してください。")]
    Letter(char),
    /// No host name: an IP address, a port, a user name.
    #[error(
        "ページのアドレスのサイト名を読み取れません。https://サイト名/… の形で、ポート番号や利用者名を付けずに入力してください。"
    )]
    Host,
    /// A host that is not among the allowed ones.
    #[error("{host} のページは案内できません。案内できるのは {allowed} のページです。")]
    Foreign {
        /// The host of the address.
        host: String,
        /// The allowed ones.
        allowed: String,
    },
}

impl TargetUrl {
    /// Reads an address as typed.
    pub fn parse(text: &str, allowed: &[HostPattern]) -> Result<Self, TargetProblem> {
        let text = text.trim_matches(is_blank);
        if text.is_empty() {
            return Err(TargetProblem::Missing);
        }
        if text.len() > LINK_URL_BYTES {
            return Err(TargetProblem::TooLong);
        }
        let (scheme, rest) = text.split_once("://").ok_or(TargetProblem::NotHttps)?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(TargetProblem::NotHttps);
        }
        if let Some(other) = rest.chars().find(|c| !is_url_letter(*c)) {
            return Err(TargetProblem::Letter(other));
        }
        let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(TargetProblem::Host);
        }
        if !allowed.iter().any(|pattern| pattern.covers(&host)) {
            let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            let allowed = allowed.join("、");
            return Err(TargetProblem::Foreign { host, allowed });
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self(format!("https://{host}{slash}{path}")))
    }

    /// What was read before; an address stays where it led when the allowed hosts change.
    pub(crate) fn from_database(text: String) -> Self {
        Self(text)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host.
    pub fn host(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }
}

/// RFC 3986: unreserved, reserved and the percent sign, all ASCII.
fn is_url_letter(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::*;
    use crate::links::LinkSettings;

    fn lg_jp() -> Vec<HostPattern> {
        LinkSettings::default().hosts
    }

    #[test]
    fn pages_stand_on_allowed_hosts_and_nowhere_else() {
        let read = |text: &str| TargetUrl::parse(text, &lg_jp());
        for (typed, url) in [
            (
                "https://www.pref.example.lg.jp",
                "https://www.pref.example.lg.jp/",
            ),
            (
                " https://www.pref.example.lg.jp/a?b=c#d\n",
                "https://www.pref.example.lg.jp/a?b=c#d",
            ),
            (
                "HTTPS://WWW.Pref.example.LG.JP/Page",
                "https://www.pref.example.lg.jp/Page",
            ),
            (
                "https://www.pref.example.lg.jp?x",
                "https://www.pref.example.lg.jp/?x",
            ),
        ] {
            let read = read(typed).unwrap();
            assert_eq!((read.as_str(), read.host()), (url, "www.pref.example.lg.jp"));
        }
        for (typed, problem) in [
            ("　", TargetProblem::Missing),
            ("www.pref.example.lg.jp/a", TargetProblem::NotHttps),
            ("http://www.pref.example.lg.jp/", TargetProblem::NotHttps),
            ("javascript://www.pref.example.lg.jp/", TargetProblem::NotHttps),
            (
                "https://www.pref.example.lg.jp/感染症",
                TargetProblem::Letter('感'),
            ),
            (
                "https://www.pref.example.lg.jp\\@evil.example/",
                TargetProblem::Letter('\\'),
            ),
            (
                "https://www.pref.example.lg.jp/\r\nSet-Cookie: a",
                TargetProblem::Letter('\r'),
            ),
            ("https://www.pref.example.lg.jp:8443/", TargetProblem::Host),
            (
                "https://www.pref.example.lg.jp@evil.example/",
                TargetProblem::Host,
            ),
            ("https://192.0.2.1/.lg.jp", TargetProblem::Host),
            ("https:///www.pref.example.lg.jp", TargetProblem::Host),
        ] {
            assert_eq!(read(typed).unwrap_err(), problem, "{typed}");
        }
        assert_eq!(
            read(&format!("https://a.lg.jp/{}", "a".repeat(500))),
            Err(TargetProblem::TooLong)
        );
        for foreign in [
            "evil.example",
            "evil-lg.jp",
            "lg.jp.evil.example",
            "lg.jp",
            "bit.ly",
        ] {
            let refused = read(&format!("https://{foreign}/x.lg.jp"))
                .unwrap_err()
                .to_string();
            assert!(
                refused.contains(foreign) && refused.contains("*.lg.jp"),
                "{refused}"
            );
        }
    }

    #[test]
    fn one_host_may_be_named_too() {
        let one = HostPattern::parse("www.city.example.jp").unwrap();
        assert!(one.covers("www.city.example.jp"));
        assert!(!one.covers("www.city.example.jp.evil.example") && !one.covers("a.www.city.example.jp"));
        for none in ["*", "*.jp", "jp", "", "https://a.lg.jp", "*.*.jp", "127.0.0.1"] {
            assert!(HostPattern::parse(none).is_none(), "{none}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_an_address_that_is_taken_stays_on_its_host(text in "(https://)?[a-z.@:/\\\\?#%-]{0,20}(\\.lg\\.jp)?[/@:?#.a-z]{0,10}") {
            if let Ok(url) = TargetUrl::parse(&text, &lg_jp()) {
                prop_assert!(url.host().ends_with(".lg.jp"));
                let beginning = format!("https://{}/", url.host());
                prop_assert!(url.as_str().starts_with(&beginning));
                prop_assert_eq!(TargetUrl::parse(url.as_str(), &lg_jp()), Ok(url));
            }
        }
    }
}
