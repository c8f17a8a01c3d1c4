//! The letters of a text file: which encoding, decided once for the whole file.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

use crate::problem::{FileProblem, OtherKind};

/// Encodings that Japanese offices and their systems write.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Encoding {
    /// With or without a byte order mark; plain ASCII as well.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Little endian, what Excel calls "Unicode text".
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// Big endian.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// Windows code page 932, what Excel calls "CSV".
    #[serde(rename = "cp932")]
    Cp932,
    /// EUC-JP, of Unix systems.
    #[serde(rename = "euc-jp")]
    EucJp,
    /// ISO-2022-JP (JIS), of mail and old hosts.
    #[serde(rename = "iso-2022-jp")]
    Iso2022Jp,
}

impl Encoding {
    /// The name that office staff know.
    pub fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le | Self::Utf16Be => "UTF-16",
            Self::Cp932 => "Shift_JIS",
            Self::EucJp => "EUC-JP",
            Self::Iso2022Jp => "JIS",
        }
    }

    fn codec(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Cp932 => SHIFT_JIS,
            Self::EucJp => EUC_JP,
            Self::Iso2022Jp => ISO_2022_JP,
        }
    }
}

/// Share of letters that may be lost before a file is called damaged: one in this many.
const LOST_SHARE: usize = 200;

/// Decodes a file. The flag tells that some letters are lost (they read U+FFFD).
pub(super) fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding, bool), FileProblem> {
    let encoding = detect(bytes)?;
    let (text, _) = encoding.codec().decode_with_bom_removal(bytes);
    let lost = text.chars().filter(|c| *c == '\u{FFFD}').count();
    if lost * LOST_SHARE > text.chars().count() {
        return Err(FileProblem::NotSpreadsheet(OtherKind::Binary));
    }
    if is_mojibake(&text) {
        return Err(FileProblem::Mojibake);
    }
    Ok((text, encoding, lost > 0))
}

fn detect(bytes: &[u8]) -> Result<Encoding, FileProblem> {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        return Ok(Encoding::Utf8);
    }
    if bytes.starts_with(b"\xFF\xFE") {
        return Ok(Encoding::Utf16Le);
    }
    if bytes.starts_with(b"\xFE\xFF") {
        return Ok(Encoding::Utf16Be);
    }
    if bytes.contains(&0) {
        return bare_utf16(bytes).ok_or(FileProblem::NotSpreadsheet(OtherKind::Binary));
    }
    let escapes = [b"\x1B$B", b"\x1B$@", b"\x1B(J"];
    if bytes.is_ascii()
        && bytes
            .windows(3)
            .any(|window| escapes.iter().any(|escape| window == *escape))
    {
        return Ok(Encoding::Iso2022Jp);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Ok(Encoding::Utf8);
    }
    Ok(eight_bit(bytes))
}

/// `Shift_JIS`, EUC-JP, or UTF-8 with a broken letter: the one that loses the fewest letters, and among equals the
/// one that statistics prefer.
fn eight_bit(bytes: &[u8]) -> Encoding {
    let clean = |encoding: Encoding| {
        encoding
            .codec()
            .decode_without_bom_handling_and_without_replacement(bytes)
            .is_some()
    };
    match (clean(Encoding::Cp932), clean(Encoding::EucJp)) {
        (true, false) => return Encoding::Cp932,
        (false, true) => return Encoding::EucJp,
        _ => {}
    }
    let lost = |encoding: Encoding| {
        let (text, _) = encoding.codec().decode_without_bom_handling(bytes);
        text.chars().filter(|c| *c == '\u{FFFD}').count()
    };
    let [cp932, euc, utf8] = [Encoding::Cp932, Encoding::EucJp, Encoding::Utf8].map(lost);
    if utf8 < cp932.min(euc) {
        return Encoding::Utf8;
    }
    if cp932 != euc {
        return if cp932 < euc {
            Encoding::Cp932
        } else {
            Encoding::EucJp
        };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"jp"), Utf8Detection::Deny);
    if guess == EUC_JP {
        Encoding::EucJp
    } else {
        Encoding::Cp932
    }
}

/// UTF-16 without its mark: digits, commas and line ends have a zero in every second byte and nowhere else.
fn bare_utf16(bytes: &[u8]) -> Option<Encoding> {
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let encoding = if odd > even * 20 {
        Encoding::Utf16Le
    } else if even > odd * 20 {
        Encoding::Utf16Be
    } else {
        return None;
    };
    let text = encoding
        .codec()
        .decode_without_bom_handling_and_without_replacement(bytes)?;
    let readable = !text
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\r' | '\n' | '\t'));
    (bytes.len().is_multiple_of(2) && readable).then_some(encoding)
}

/// Kana of UTF-8 read as `Shift_JIS` all begin with one of three rare kanji.
fn is_mojibake(text: &str) -> bool {
    let (mut wide, mut signs) = (0usize, 0usize);
    for c in text.chars().filter(|c| !c.is_ascii()) {
        wide += 1;
        signs += usize::from(matches!(c, '縺' | '繧' | '繝'));
    }
    signs >= 10 && signs * 8 > wide
}
