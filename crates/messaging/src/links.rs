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

mod person;
mod target;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base::id::LinkTargetId;
use base::merge::link_name;
use base::phone::PhoneNumber;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use db::{Db, OrgVault};

pub(crate) use self::person::LinkColumns;
pub use self::person::LinkPerson;
use self::target::is_host;
pub use self::target::{HostPattern, TargetName, TargetProblem, TargetUrl};

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
    TargetName::parse(link_name(name)?)
}

/// One version of a page: a change of its address is another version, and another link.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LinkedPage {
    /// Which page.
    pub target: LinkTargetId,
    /// Which of its addresses, from 1.
    pub version: i64,
    /// It is an application desk: everybody has a link of their own, opened by their birth date.
    pub is_desk: bool,
}

/// The letters of one link. They are not written into logs: who has them can open the link.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Token(String);

impl Token {
    /// The token of the link that `to` gets. `occasion` is the recipient's merged text as it stands before links
    /// are put in, so that the same row gives the same text again and any other row another. Simulated sends
    /// have links of their own, as they have fingerprints of their own.
    pub fn of(vault: &OrgVault, simulated: bool, to: PhoneNumber, page: LinkedPage, occasion: &str) -> Self {
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

    /// Where an application begins with it on the resident host: `/i/…`.
    pub fn desk_path(&self) -> String {
        format!("/i/{}", self.0)
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

    /// What stands between the scheme and the port.
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or("", |(_, authority)| authority);
        authority.split(':').next().unwrap_or_default()
    }

    /// The address of another page of the resident host; `path` begins with a slash.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The link as it stands in a text. It needs a blank or a line end behind it.
    pub fn link(&self, token: &Token) -> String {
        format!("{}/l/{}", self.0, token.0)
    }

    /// The same of a link to an application desk.
    pub fn desk_link(&self, token: &Token) -> String {
        self.address(&token.desk_path())
    }
}

/// Links of which each person has their own: their paths on the resident host, by name and by line, counted from 1.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct PersonalLinks(Arc<HashMap<TargetName, Vec<Option<String>>>>);

impl PersonalLinks {
    /// Those of a roll: for each name the paths in the order of the rows; `None` for whoever can have none.
    pub fn of(all: HashMap<TargetName, Vec<Option<String>>>) -> Self {
        Self(Arc::new(all))
    }

    /// Whether there are links of this name.
    pub fn has(&self, name: &TargetName) -> bool {
        self.0.contains_key(name)
    }

    /// The path for a line.
    pub fn path(&self, name: &TargetName, line: u32) -> Option<&str> {
        let rows = self.0.get(name)?;
        rows.get((line as usize).checked_sub(1)?)?.as_deref()
    }
}

/// Whoever has a path can open it: none is printed.
impl fmt::Debug for PersonalLinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalLinks(…)")
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
        for heading in [
            "リンク",
            "リンク先",
            "リンク ",
            "健康観察 リンク",
            "ID",
            "",
            "URL リンク",
        ] {
            assert!(parse_link_field(heading).is_none(), "{heading}");
        }
        let name = TargetName::parse("健康観察").unwrap();
        assert_eq!(name.field(), "{{リンク 健康観察}}");
    }

    #[test]
    fn a_token_is_read_with_what_a_phone_took_along() {
        let token = Token::in_address("123456789ABC").unwrap();
        for address in [
            "123456789ABC。",
            "123456789ABCまで",
            "123456789ABC)",
            "123456789ABC%",
        ] {
            assert_eq!(Token::in_address(address), Some(token.clone()), "{address}");
        }
        for wrong in [
            "",
            "123456789AB",
            "123456789ABCD",
            "123456789AB0",
            "123456789ABl",
            "あ123456789ABC",
        ] {
            assert!(Token::in_address(wrong).is_none(), "{wrong}");
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn links_begin_with_the_resident_hosts_own_address() {
        let token = Token::in_address("123456789ABC").unwrap();
        for (typed, link) in [
            (
                "https://sms.pref.example.lg.jp/",
                "https://sms.pref.example.lg.jp/l/123456789ABC",
            ),
            (
                "https://SMS.example.jp:8443",
                "https://sms.example.jp:8443/l/123456789ABC",
            ),
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081/l/123456789ABC"),
        ] {
            assert_eq!(LinkOrigin::parse(typed).unwrap().link(&token), link);
        }
        for wrong in [
            "sms.example.jp",
            "http://sms.example.jp",
            "https://sms.example.jp/l",
            "https://a@b.jp",
            "https://",
        ] {
            assert!(LinkOrigin::parse(wrong).is_none(), "{wrong}");
        }
    }

    proptest! {
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
