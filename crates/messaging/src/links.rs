//! Short links of the organisation's own: `https://HOST/l/TOKEN`, one for each recipient, leading to a page
//! whose opening is known.
//!
//! In a template stands `{{リンク 名前}}`; the name is that of a page ([`TargetName`]) which the head office
//! entered with its address ([`TargetUrl`]). Looking at a link (GET, HEAD) changes nothing, because phones,
//! carriers and messengers look at links by themselves; only pressing the button (POST) is an opening.
//!
//! **The token** is not random but derived: a keyed hash, under the organisation's key, of whom and what it is
//! for. A random one would make the text of every check another, and then neither would the text that was
//! previewed be the text that is sent, nor a row that comes again be recognised ([`crate::recognition`]).
//! Without the key it is as good as random: 12 of 58 letters, 70 bits. The database keeps only a hash of it,
//! keyed by the installation ([`TokenIndex`]), because a link is looked up before its organisation is known, and
//! because 70 bits with millions of targets would not hold against a plain hash in a stolen copy.

use std::fmt;

use base::id::LinkTargetId;
use base::merge::{heading_key, is_blank};
use base::phone::PhoneNumber;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use db::{Db, OrgVault};

use crate::limits::LINK_URL_BYTES;

/// The first word of a merge field that is a link.
const FIELD_WORD: &str = "リンク";

/// Hosts that pages may stand on where nothing else is set: local governments.
pub const DEFAULT_HOSTS: &str = "*.lg.jp";

/// Digits and letters that nobody takes for one another: no 0, O, I, l.
const LETTERS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Letters of a token: 58¹² are 70 bits, more than the 64 that guessing cannot search, at one letter of an SMS
/// above the least.
const TOKEN_LETTERS: usize = 12;

/// The page that a merge field such as `リンク 健康観察` asks for; `None` if the field is a column's heading.
///
/// The blank decides: `リンク` and `リンク先` are headings like any other.
pub fn parse_link_field(name: &str) -> Option<TargetName> {
    let name = name.trim_matches(is_blank);
    let (word, target) = name.split_once(is_blank)?;
    (heading_key(word) == FIELD_WORD).then_some(())?;
    TargetName::parse(target)
}

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
        format!("{{{{{FIELD_WORD} {}}}}}", self.0)
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
fn is_host(text: &str) -> bool {
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
    #[error("ページのアドレスのサイト名を読み取れません。https://サイト名/… の形で、ポート番号や利用者名を付けずに入力してください。")]
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

/// One version of a page: a change of its address is another version, and another link.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LinkedPage {
    /// Which page.
    pub target: LinkTargetId,
    /// Which of its addresses, from 1.
    pub version: i64,
}

/// The letters of one link. They are not written into logs: who has them can open the link.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// The token of the link that `to` gets. `occasion` is the recipient's merged text as it stands before links
    /// are put in, so that the same row gives the same text again and any other row another. Simulated sends
    /// have links of their own, as they have fingerprints of their own.
    pub fn of(
        vault: &OrgVault,
        simulated: bool,
        to: PhoneNumber,
        page: LinkedPage,
        occasion: &str,
    ) -> Self {
        let kind: &[u8] = if simulated { b"simulated" } else { b"live" };
        let number = to.e164();
        let (target, version) = (page.target.get().to_be_bytes(), page.version.to_be_bytes());
        let parts: [&[u8]; 5] = [kind, number.as_bytes(), &target, &version, occasion.as_bytes()];
        let hash = BASE64
            .decode(vault.index("link", &parts))
            .expect("an index is base64");
        let mut number = hash
            .iter()
            .fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
        let base = LETTERS.len() as u128;
        let mut token = String::with_capacity(TOKEN_LETTERS);
        for _ in 0..TOKEN_LETTERS {
            let letter = usize::try_from(number % base).expect("a remainder of 58 is small");
            token.push(char::from(LETTERS[letter]));
            number /= base;
        }
        Self(token)
    }

    /// Reads the last part of an address. What a phone took into the link from the sentence after it, such as
    /// 「。」 or 「まで」, is left away.
    pub fn in_address(text: &str) -> Option<Self> {
        let end = text
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(text.len());
        let token = &text[..end];
        let known = token.bytes().all(|byte| LETTERS.contains(&byte));
        (known && token.len() == TOKEN_LETTERS).then(|| Self(token.to_owned()))
    }

    /// Its 12 letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As the database knows it.
    pub fn index(&self, db: &Db) -> TokenIndex {
        TokenIndex(db.installation_index(&format!("link {}", self.0)))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// A token as the database keeps it: a hash under the installation's key, which opens nothing.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TokenIndex(String);

impl TokenIndex {
    /// As a column holds it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The public address of the resident host: `https://sms.pref.example.lg.jp`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkOrigin(String);

impl LinkOrigin {
    /// Reads `https://host` or `https://host:port`, with nothing behind it but a slash. Plain http is for trying
    /// out on the same machine: `http://127.0.0.1:8081`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_suffix('/').unwrap_or(&text);
        let (scheme, authority) = text.split_once("://")?;
        let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
        let port_fits = port.parse::<u16>().is_ok_and(|port| port > 0);
        let fits = match scheme {
            "https" => is_host(host),
            "http" => host == "localhost" || host == "127.0.0.1",
            _ => false,
        };
        (fits && port_fits).then(|| Self(text.to_owned()))
    }

    /// The link as it stands in a text. It needs a blank or a line end behind it.
    pub fn link(&self, token: &Token) -> String {
        format!("{}/l/{}", self.0, token.0)
    }
}

/// What this installation knows about links.
#[derive(Clone, Debug)]
pub struct LinkSettings {
    /// Where residents reach this installation; without it no text can hold a link.
    pub origin: Option<LinkOrigin>,
    /// Hosts that pages may stand on.
    pub hosts: Vec<HostPattern>,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            origin: None,
            hosts: HostPattern::parse(DEFAULT_HOSTS).into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::*;

    fn lg_jp() -> Vec<HostPattern> {
        LinkSettings::default().hosts
    }

    #[test]
    fn a_blank_makes_a_heading_a_link() {
        for field in [
            "リンク 健康観察",
            "リンク　健康観察",
            " リンク  健康観察 ",
            "ﾘﾝｸ 健康観察",
            "リンク 健康 観察",
        ] {
            let target = parse_link_field(field).unwrap_or_else(|| panic!("{field}"));
            assert_eq!(target, TargetName::parse("健康観察").unwrap(), "{field}");
        }
        for heading in ["リンク", "リンク先", "リンク ", "健康観察 リンク", "ID", "", "URL リンク"] {
            assert!(parse_link_field(heading).is_none(), "{heading}");
        }
        let name = TargetName::parse("健康観察").unwrap();
        assert_eq!(name.field(), "{{リンク 健康観察}}");
    }

    #[test]
    fn pages_stand_on_allowed_hosts_and_nowhere_else() {
        let read = |text: &str| TargetUrl::parse(text, &lg_jp());
        for (typed, url) in [
            ("https://www.pref.example.lg.jp", "https://www.pref.example.lg.jp/"),
            (" https://www.pref.example.lg.jp/a?b=c#d\n", "https://www.pref.example.lg.jp/a?b=c#d"),
            ("HTTPS://WWW.Pref.example.LG.JP/Page", "https://www.pref.example.lg.jp/Page"),
            ("https://www.pref.example.lg.jp?x", "https://www.pref.example.lg.jp/?x"),
        ] {
            let read = read(typed).unwrap();
            assert_eq!((read.as_str(), read.host()), (url, "www.pref.example.lg.jp"));
        }
        for (typed, problem) in [
            ("　", TargetProblem::Missing),
            ("www.pref.example.lg.jp/a", TargetProblem::NotHttps),
            ("http://www.pref.example.lg.jp/", TargetProblem::NotHttps),
            ("javascript://www.pref.example.lg.jp/", TargetProblem::NotHttps),
            ("https://www.pref.example.lg.jp/感染症", TargetProblem::Letter('感')),
            ("https://www.pref.example.lg.jp\\@evil.example/", TargetProblem::Letter('\\')),
            ("https://www.pref.example.lg.jp/\r\nSet-Cookie: a", TargetProblem::Letter('\r')),
            ("https://www.pref.example.lg.jp:8443/", TargetProblem::Host),
            ("https://www.pref.example.lg.jp@evil.example/", TargetProblem::Host),
            ("https://192.0.2.1/.lg.jp", TargetProblem::Host),
            ("https:///www.pref.example.lg.jp", TargetProblem::Host),
        ] {
            assert_eq!(read(typed).unwrap_err(), problem, "{typed}");
        }
        assert_eq!(read(&format!("https://a.lg.jp/{}", "a".repeat(500))), Err(TargetProblem::TooLong));
        for foreign in ["evil.example", "evil-lg.jp", "lg.jp.evil.example", "lg.jp", "bit.ly"] {
            let refused = read(&format!("https://{foreign}/x.lg.jp")).unwrap_err().to_string();
            assert!(refused.contains(foreign) && refused.contains("*.lg.jp"), "{refused}");
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

    #[test]
    fn a_token_is_read_with_what_a_phone_took_along() {
        let token = Token::in_address("123456789ABC").unwrap();
        for address in ["123456789ABC。", "123456789ABCまで", "123456789ABC)", "123456789ABC%"] {
            assert_eq!(Token::in_address(address), Some(token.clone()), "{address}");
        }
        for wrong in ["", "123456789AB", "123456789ABCD", "123456789AB0", "123456789ABl", "あ123456789ABC"] {
            assert!(Token::in_address(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn links_begin_with_the_resident_hosts_own_address() {
        let token = Token::in_address("123456789ABC").unwrap();
        for (typed, link) in [
            ("https://sms.pref.example.lg.jp/", "https://sms.pref.example.lg.jp/l/123456789ABC"),
            ("https://SMS.example.jp:8443", "https://sms.example.jp:8443/l/123456789ABC"),
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081/l/123456789ABC"),
        ] {
            assert_eq!(LinkOrigin::parse(typed).unwrap().link(&token), link);
        }
        for wrong in ["sms.example.jp", "http://sms.example.jp", "https://sms.example.jp/l", "https://a@b.jp", "https://"] {
            assert!(LinkOrigin::parse(wrong).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_an_address_that_is_taken_stays_on_its_host(text in "(https://)?[a-z.@:/\\\\?#%-]{0,20}(\\.lg\\.jp)?[/@:?#.a-z]{0,10}") {
            if let Ok(url) = TargetUrl::parse(&text, &lg_jp()) {
                prop_assert!(url.host().ends_with(".lg.jp"));
                prop_assert!(url.as_str().starts_with(&format!("https://{}/", url.host())));
                prop_assert_eq!(TargetUrl::parse(url.as_str(), &lg_jp()), Ok(url));
            }
        }

        #[test]
        fn reading_any_address_or_field_never_fails_badly(text in ".{0,40}") {
            if let Some(token) = Token::in_address(&text) {
                prop_assert!(text.starts_with(token.as_str()));
            }
            if let Some(name) = parse_link_field(&text) {
                prop_assert_eq!(parse_link_field(name.field().trim_matches(['{', '}'])), Some(name));
            }
        }
    }
}
