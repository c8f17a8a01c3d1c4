//! The letters of a text file: which encoding, decided once for the whole file.

use std::{borrow::Cow, cmp::Ordering};

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
    /// All that can be chosen, the most usual first.
    pub const ALL: &[Self] = &[
        Self::Cp932,
        Self::Utf8,
        Self::Utf16Le,
        Self::Utf16Be,
        Self::EucJp,
        Self::Iso2022Jp,
    ];

    /// Its name in forms, documents and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Cp932 => "cp932",
            Self::EucJp => "euc-jp",
            Self::Iso2022Jp => "iso-2022-jp",
        }
    }

    /// The one of this [`Encoding::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.name() == name)
    }

    /// The name that office staff know.
    pub fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16",
            Self::Utf16Be => "UTF-16（ビッグエンディアン）",
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

/// A text file as letters.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) encoding: Encoding,
    /// Letters that are lost; they read U+FFFD.
    pub(super) lost: usize,
    /// Zero bytes that some hosts fill cells with. They stay: what counts as blank is decided once, elsewhere.
    pub(super) nuls: usize,
}

/// Decodes a file. For a mere `look` at it, letters that do not fit are no reason to refuse it.
pub(super) fn decode(bytes: &[u8], chosen: Option<Encoding>, look: bool) -> Result<Decoded<'_>, FileProblem> {
    let encoding = match chosen {
        Some(encoding) => encoding,
        None => detect(bytes)?,
    };
    let (text, _) = encoding.codec().decode_with_bom_removal(bytes);
    let (mut letters, mut lost, mut nuls) = (0, 0, 0);
    for c in text.chars() {
        letters += 1;
        lost += usize::from(c == '\u{FFFD}');
        nuls += usize::from(c == '\0');
    }
    if !look && lost * LOST_SHARE > letters {
        return Err(match chosen {
            Some(encoding) => FileProblem::WrongEncoding { encoding, lost },
            None => FileProblem::NotSpreadsheet(OtherKind::Binary),
        });
    }
    if !look && is_mojibake(&text) {
        return Err(FileProblem::Mojibake);
    }
    Ok(Decoded {
        text,
        encoding,
        lost,
        nuls,
    })
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
        if let Some(encoding) = bare_utf16(bytes) {
            return Ok(encoding);
        }
        if !is_padded_text(bytes) {
            return Err(FileProblem::NotSpreadsheet(OtherKind::Binary));
        }
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

/// UTF-16 without its mark: in the right order of bytes nearly all is ASCII, kana, kanji and full-width letters, in
/// the wrong one every digit and line end lands in some other script.
fn bare_utf16(bytes: &[u8]) -> Option<Encoding> {
    let usual = |encoding: Encoding| {
        let (text, _) = encoding.codec().decode_without_bom_handling(bytes);
        let (mut all, mut usual, mut ascii) = (0, 0, 0);
        for c in text.chars() {
            all += 1;
            let plain = matches!(c, '\t' | '\r' | '\n' | ' '..='~');
            ascii += usize::from(plain);
            usual += usize::from(
                plain
                    || matches!(c, '\u{3000}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}'),
            );
        }
        // Every table has ASCII: line ends at least.
        (ascii > 0 && usual * 20 >= all * 19).then_some(usual)
    };
    let (little, big) = (usual(Encoding::Utf16Le), usual(Encoding::Utf16Be));
    match little.cmp(&big) {
        Ordering::Greater => Some(Encoding::Utf16Le),
        Ordering::Less => Some(Encoding::Utf16Be),
        Ordering::Equal => None,
    }
}

/// Text of eight bits whose cells some host has filled up with zero bytes: nothing else in it is foreign to text,
/// and letters are more than filling.
fn is_padded_text(bytes: &[u8]) -> bool {
    let mut zeros = 0;
    for byte in bytes {
        match byte {
            0 => zeros += 1,
            b'\t' | b'\n' | b'\r' | 0x1A | 0x1B => {}
            foreign if foreign.is_ascii_control() => return false,
            _ => {}
        }
    }
    zeros * 2 <= bytes.len()
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
