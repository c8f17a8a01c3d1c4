//! Web addresses in a text, as phones find them.

use std::fmt;
use std::ops::Range;

use super::scan::{FIELD, Letter};

/// Services that hide where an address leads.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "t.co",
    "goo.gl",
    "tinyurl.com",
    "is.gd",
    "ow.ly",
    "kps.ms",
    "x.gd",
    "lin.ee",
    "buff.ly",
    "j.mp",
    "ux.nu",
    "00m.in",
    "urx.blue",
    "urx.space",
    "urx2.nu",
    "cutt.ly",
    "rb.gy",
    "rebrand.ly",
    "shorturl.at",
    "onl.la",
    "onl.bz",
    "onl.sc",
    "onl.tw",
    "v.gd",
    "t.ly",
    "tiny.cc",
    "amzn.to",
    "g.co",
    "s.id",
    "bl.ink",
    "short.io",
    "qr.paps.jp",
    "p.tl",
    "w.wiki",
    "msng.link",
    "app.link",
    "page.link",
    "smarturl.it",
    "bitly.com",
    "soo.gd",
    "shorte.st",
    "adf.ly",
    "clck.ru",
    "2.gy",
    "00px.net",
    "nav.cx",
    "dlvr.it",
    "fb.me",
    "line.me",
];

/// Ends of hosts that phones turn into links even without `https://`, as far as they meet us.
const TOP_LEVEL: &[&str] = &[
    "jp", "com", "net", "org", "info", "biz", "co", "io", "me", "ly", "gl", "gd", "gy", "cc", "tv", "in",
    "to", "ms", "ee", "nu", "la", "link", "page", "app", "dev", "site", "online", "xyz", "top", "shop",
    "club", "icu", "tokyo", "cn", "kr", "tw", "vn", "br", "ph", "us", "uk", "eu", "ru", "id", "at", "it",
    "bz", "sc", "tl", "cx", "blue",
];

/// Whether the host is a shortening service.
pub(super) fn is_shortener(host: &str) -> bool {
    SHORTENERS.iter().any(|short| {
        host.strip_suffix(short)
            .is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

/// A host that texts may lead to: one, or with `*.` everything below it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host(String);

/// Why a text is no host.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HostProblem {
    /// Not a host at all.
    #[error("は、サイトの名前として読めません。「www.pref.example.lg.jp」のように書いてください。")]
    Unreadable,
    /// Half of the web.
    #[error("は広すぎます。組織の名前まで書いてください。")]
    TooWide,
}

impl Host {
    /// Reads a host; an address is cut down to it. `*.lg.jp` means every host that ends with `.lg.jp`.
    pub fn parse(text: &str) -> Result<Self, HostProblem> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
        let host = text.split(['/', '?', '#']).next().unwrap_or_default();
        let name = host.strip_prefix("*.").unwrap_or(host);
        let labels: Vec<&str> = name.split('.').collect();
        let is_label = |label: &&str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let all_digits = name.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if !labels.iter().all(is_label) || all_digits || name.len() > 253 {
            return Err(HostProblem::Unreadable);
        }
        let open_to_all = ["co.jp", "or.jp", "ne.jp", "com", "net"];
        let wide = host.len() > name.len() && (labels.len() < 2 || open_to_all.contains(&name));
        match labels.len() {
            _ if wide => Err(HostProblem::TooWide),
            0 | 1 => Err(HostProblem::Unreadable),
            _ => Ok(Self(host.to_owned())),
        }
    }

    /// Every host of Japan's local governments.
    pub(super) fn local_governments() -> Self {
        Self("*.lg.jp".to_owned())
    }

    /// Whether this host, in lower case, is meant.
    pub fn covers(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(end) => host.len() > end.len() && host.ends_with(end),
            None => host == self.0,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// An address in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Link {
    /// Bytes of the text.
    pub(super) at: Range<usize>,
    /// In lower case; a merge field in it is `…`.
    pub(super) host: String,
    /// What stands so close behind it that phones take it for a part of it, in bytes of the text.
    pub(super) swallowed: Option<Range<usize>>,
    /// Nothing stands before it.
    pub(super) first: bool,
    /// Nothing stands behind it.
    pub(super) last: bool,
}

/// Letters that may stand in an address (RFC 3986); full-width ones may not.
fn is_link_letter(c: char) -> bool {
    c == FIELD || c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c)
}

/// Every address, in order.
pub(super) fn find(letters: &[Letter], end_of_text: usize) -> Vec<Link> {
    let mut links = Vec::new();
    let mut start = 0;
    while start < letters.len() {
        if !is_link_letter(letters[start].raw) {
            start += 1;
            continue;
        }
        let length = letters[start..]
            .iter()
            .take_while(|letter| is_link_letter(letter.raw))
            .count();
        let run = start..start + length;
        for piece in pieces(letters, run.clone()) {
            links.extend(link(letters, piece, end_of_text));
        }
        start = run.end;
    }
    links
}

/// The run cut before each `http`.
fn pieces(letters: &[Letter], run: Range<usize>) -> Vec<Range<usize>> {
    let begins = |at: usize, word: &str| {
        let mut rest = letters[at..run.end].iter().map(|letter| letter.folded);
        word.chars().all(|c| rest.next() == Some(c))
    };
    let schemes = run
        .clone()
        .filter(|at| begins(*at, "https://") || begins(*at, "http://"));
    let mut starts: Vec<usize> = schemes.collect();
    if starts.is_empty() {
        let bare = run.clone().find(|at| begins(*at, "www.")).or_else(|| {
            run.clone()
                .find(|at| letters[*at].raw == FIELD || letters[*at].raw.is_ascii_alphanumeric())
        });
        starts.extend(bare);
    }
    let ends = starts.iter().skip(1).copied().chain([run.end]);
    starts
        .iter()
        .copied()
        .zip(ends)
        .map(|(start, end)| start..end)
        .collect()
}

fn link(letters: &[Letter], piece: Range<usize>, end_of_text: usize) -> Option<Link> {
    let text: String = letters[piece.clone()]
        .iter()
        .map(|letter| letter.folded)
        .collect();
    let host = host_of(&text)?;
    let is_tail = |letter: &Letter| ".,;:!?)]'".contains(letter.raw);
    let tail = letters[piece.clone()]
        .iter()
        .rev()
        .take_while(|letter| is_tail(letter))
        .count();
    let end = piece.end - tail;
    let byte = |index: usize| letters.get(index).map_or(end_of_text, |letter| letter.at);
    let separated = letters.get(end).is_none_or(|next| matches!(next.raw, ' ' | '\n'));
    let blank = |letter: &Letter| letter.raw.is_whitespace();
    Some(Link {
        at: byte(piece.start)..byte(end),
        host,
        swallowed: (!separated).then(|| byte(end)..byte(end + 1)),
        first: letters[..piece.start].iter().all(blank),
        last: letters[end..].iter().all(blank),
    })
}

/// The host of what may be an address, in lower case.
fn host_of(text: &str) -> Option<String> {
    let (scheme, rest) = match text.split_once("://") {
        Some((_, rest)) => (true, rest),
        None => (false, text),
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if !scheme && authority.contains('@') {
        return None;
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let host = host.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != FIELD);
    let labels: Vec<&str> = host.split('.').collect();
    let well_formed = labels.len() > 1 && labels.iter().all(|label| !label.is_empty());
    let known = labels.last().is_some_and(|last| TOP_LEVEL.contains(last));
    let named = labels.first().is_some_and(|first| !first.is_empty());
    (scheme && !host.is_empty() || well_formed && known && named).then(|| host.replace(FIELD, "…"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use crate::advice::scan::View;

    fn hosts(text: &str) -> Vec<String> {
        let view = View::of(text, true);
        view.links().iter().map(|link| link.host.clone()).collect()
    }

    #[test]
    fn addresses_are_found_as_phones_find_them() {
        assert_eq!(
            hosts("詳細https://www.pref.midori.lg.jp/a?b=1です"),
            ["www.pref.midori.lg.jp"]
        );
        assert_eq!(hosts("HTTP://Example.JP:8080/x"), ["example.jp"]);
        assert_eq!(
            hosts("bit.ly/abc と www.example.com"),
            ["bit.ly", "www.example.com"]
        );
        assert_eq!(hosts("https://a.jp,https://b.jp"), ["a.jp", "b.jp"]);
        assert_eq!(hosts("https://user@evil.example/"), ["evil.example"]);
        assert_eq!(hosts("https://x.lg.jp/{{番号}}"), ["x.lg.jp"]);
        for none in [
            "info@pref.midori.lg.jp",
            "048-123-4567",
            "9:00-17:00",
            "Ver.2.0",
            "a/b",
            "..",
            "jp",
        ] {
            assert!(hosts(none).is_empty(), "{none}: {:?}", hosts(none));
        }
    }

    #[test]
    fn hosts_are_exact_or_everything_below() {
        let below = Host::parse("*.lg.jp").unwrap();
        assert!(below.covers("pref.midori.lg.jp") && !below.covers("lg.jp") && !below.covers("evil-lg.jp"));
        let exact = Host::parse(" https://WWW.Example.jp/path ").unwrap();
        assert!(exact.covers("www.example.jp") && !exact.covers("example.jp"));
        assert_eq!(Host::parse("*.jp"), Err(HostProblem::TooWide));
        assert_eq!(Host::parse("*.co.jp"), Err(HostProblem::TooWide));
        for wrong in ["", "localhost", "1.2.3.4", "a..b", "みどり県", "-a.jp", "*"] {
            assert_eq!(Host::parse(wrong), Err(HostProblem::Unreadable), "{wrong}");
        }
    }

    #[test]
    fn shorteners_are_known_with_and_without_a_name_before() {
        assert!(is_shortener("bit.ly") && is_shortener("midori.page.link"));
        assert!(!is_shortener("rabbit.ly") && !is_shortener("t.co.jp"));
    }
}
