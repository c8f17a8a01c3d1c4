//! Whether a value holds something that a phone makes a link of.

use unicode_normalization::UnicodeNormalization;

/// Ends of host names that phones know and list values could bring. Any other end counts where a path follows.
const ENDS: &str = "com net org info biz jp co io me tv cc ly gl gg ai app dev page xyz top shop site online store \
    click live work club icu vip asia mobi link tokyo osaka kyoto space website cloud cn hk kr tw us uk eu de fr nl \
    ru ua br mx in id my sg th vn ph np lk tr ir za ng su tk ml ga cf gq pw ws to gd";

/// Whether the text holds a web address: with a scheme, with `www.`, or as a bare host such as `example.com/a`.
/// Widths and hidden letters make no difference.
pub fn holds_link(text: &str) -> bool {
    if text.chars().all(cannot_link) {
        return false;
    }
    let folded: String = text
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_hidden(*c))
        .collect();
    if folded.contains("://") {
        return true;
    }
    let is_host_letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let mut rest = folded.as_str();
    while let Some(start) = rest.find(is_host_letter) {
        let run = &rest[start..];
        let end = run.find(|c| !is_host_letter(c)).unwrap_or(run.len());
        let (host, after) = run.split_at(end);
        let path = after
            .strip_prefix('/')
            .is_some_and(|path| path.starts_with(|c: char| c.is_ascii_alphanumeric()));
        if host.split("..").any(|host| is_host(host, path)) {
            return true;
        }
        rest = after;
    }
    false
}

/// Letters of ordinary values, none of which can stand for a dot or a colon.
fn cannot_link(c: char) -> bool {
    match c {
        '.' | ':' => false,
        _ => c.is_ascii() || matches!(c, '\u{3000}' | 'ぁ'..='ヿ' | '\u{4E00}'..='\u{9FFF}'),
    }
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}')
}

fn is_host(host: &str, path: bool) -> bool {
    let labels: Vec<&str> = host.trim_matches(['.', '-', '_']).split('.').collect();
    let address = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    let ends = labels.iter().zip(labels.iter().skip(1));
    let mut ends = ends.filter(|(before, _)| !before.is_empty());
    address
        || ends.any(|(before, end)| before.ends_with("www") && !end.is_empty() || is_end(before, end, path))
}

/// The end of a host name may run into Japanese: example.comへ.
fn is_end(before: &str, label: &str, path: bool) -> bool {
    let letters = label
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(label.len());
    let (end, after) = label.split_at(letters);
    if end.len() < 2 || after.starts_with(|c: char| c.is_ascii()) {
        return false;
    }
    // One letter before the dot is more often an initial: J.Co, T.bil/D.bil.
    let initial = before.chars().count() == 1;
    if ENDS.split_whitespace().any(|known| known == end) {
        path || !initial || end.len() > 2
    } else {
        path && !initial
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_phone_would_link() {
        for link in [
            "https://example.com",
            "ｈｔｔｐ：／／ａ",
            "www.example.jp",
            "見てwww.example",
            "example.com",
            "詳しくはexample.comへ",
            "EXAMPLE．ＣＯＭ",
            "exam\u{200b}ple.com",
            "bit.ly/abc",
            "t.co/x1",
            "my.horse/x",
            "taro@example.co.jp",
            "192.168.0.1",
            "app://x",
            "end.Go to evil..example.com",
        ] {
            assert!(holds_link(link), "{link}");
        }
    }

    #[test]
    fn what_lists_hold_without_harm() {
        for value in [
            "0123456",
            "R4.2.14",
            "2022.2.14",
            "36.5",
            "9.01235E+09",
            "Dr.Suzuki",
            "J.Smith",
            "Maria.S",
            "Foo Co.,Ltd.",
            "St. Luke",
            "10:30",
            "埼玉県さいたま市",
            "熱あり...様子見",
            "父/母",
            "T.bil/D.bil",
            "J.Co",
            "A.B",
            "http",
        ] {
            assert!(!holds_link(value), "{value}");
        }
    }
}
