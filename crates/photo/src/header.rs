//! What a picture says of itself in its first bytes: its kind and size. Reads lengths and numbers, decodes nothing,
//! and takes no memory, whatever the bytes are.

use crate::Refusal;
use crate::limits::{BYTES, EDGE_DECODED, PIXELS_DECODED};

/// A kind that is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP that stands still.
    WebP,
}

/// What a picture says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// Its kind.
    pub kind: Kind,
    /// Its width before it is turned.
    pub width: u32,
    /// Its height before it is turned.
    pub height: u32,
}

/// So far into a file its kind is looked for in words.
const WORDS_WITHIN: usize = 1_024;

/// The kind and size of a picture that may be decoded, or why it may not. The name that it came under plays no part.
pub fn look(bytes: &[u8]) -> Result<Header, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() > BYTES {
        return Err(Refusal::TooManyBytes);
    }
    let kind = kind(bytes)?;
    if kind == Kind::Jpeg && breaks_off(bytes) {
        return Err(Refusal::Broken);
    }
    let size = match kind {
        Kind::Jpeg => jpeg(bytes),
        Kind::Png => png(bytes),
        Kind::WebP => webp(bytes)?,
    };
    let (width, height) = size.ok_or(Refusal::Broken)?;
    if width == 0 || height == 0 {
        return Err(Refusal::Broken);
    }
    let pixels = u64::from(width) * u64::from(height);
    if width.max(height) > EDGE_DECODED || pixels > PIXELS_DECODED {
        return Err(Refusal::TooManyPixels);
    }
    Ok(Header { kind, width, height })
}

/// Whether a JPEG begins its picture and never ends it (ITU T.81 B.1.1.3): the line broke, and decoders would fill the rest
/// with grey.
fn breaks_off(bytes: &[u8]) -> bool {
    const BEGINS: [u8; 2] = [0xff, 0xda];
    const ENDS: [u8; 2] = [0xff, 0xd9];
    let begins = bytes.windows(2).position(|two| two == BEGINS);
    begins.is_some_and(|begins| !bytes[begins..].windows(2).any(|two| two == ENDS))
}

/// The kind by its first bytes.
pub fn kind(bytes: &[u8]) -> Result<Kind, Refusal> {
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Ok(Kind::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Ok(Kind::Png);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Kind::WebP);
    }
    Err(other_kind(bytes))
}

fn other_kind(bytes: &[u8]) -> Refusal {
    if bytes.get(4..8) == Some(b"ftyp") {
        return of_brand(bytes);
    }
    if bytes.starts_with(b"GIF8") {
        return Refusal::Gif;
    }
    let beginning = &bytes[..bytes.len().min(WORDS_WITHIN)];
    if holds(beginning, b"%PDF-") {
        return Refusal::Pdf;
    }
    if holds(&beginning.to_ascii_lowercase(), b"<svg") {
        return Refusal::Svg;
    }
    Refusal::OtherKind
}

/// A box of ISO media: the brands say what is inside. Phones write several.
fn of_brand(bytes: &[u8]) -> Refusal {
    const HEIC: [&[u8]; 8] = [
        b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1",
    ];
    let brands = || bytes[8..bytes.len().min(64)].chunks_exact(4);
    if brands().any(|brand| brand == b"avif" || brand == b"avis") {
        Refusal::Avif
    } else if brands().any(|brand| HEIC.contains(&brand)) {
        Refusal::Heic
    } else {
        Refusal::OtherKind
    }
}

fn holds(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window == word)
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

fn big16(bytes: &[u8], at: usize) -> Option<u32> {
    number(bytes, at).map(|two| u32::from(u16::from_be_bytes(two)))
}

fn little16(bytes: &[u8], at: usize) -> Option<u32> {
    number(bytes, at).map(|two| u32::from(u16::from_le_bytes(two)))
}

fn little24(bytes: &[u8], at: usize) -> Option<u32> {
    number(bytes, at).map(|[low, middle, high]| u32::from_le_bytes([low, middle, high, 0]))
}

/// Its first chunk has to be its header.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    if bytes.get(12..16) != Some(b"IHDR") {
        return None;
    }
    let at = |at| number(bytes, at).map(u32::from_be_bytes);
    Some((at(16)?, at(20)?))
}

/// From one marker to the next, up to the frame's.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xff {
            return None;
        }
        while *bytes.get(at)? == 0xff {
            at += 1;
        }
        let marker = bytes[at];
        at += 1;
        match marker {
            // Tables of three kinds lie within the range of the frames.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                return Some((big16(bytes, at + 5)?, big16(bytes, at + 3)?));
            }
            0x01 | 0xd0..=0xd7 => {}
            0x00 | 0xd8..=0xda => return None,
            _ => {
                let length = big16(bytes, at)?;
                if length < 2 {
                    return None;
                }
                at += length as usize;
            }
        }
    }
}

fn webp(bytes: &[u8]) -> Result<Option<(u32, u32)>, Refusal> {
    const MOVES: u8 = 0b10;
    Ok(match bytes.get(12..16) {
        Some(b"VP8 ") if bytes.get(23..26) == Some(&[0x9d, 0x01, 0x2a]) => {
            let at = |at| little16(bytes, at).map(|size| size & 0x3fff);
            at(26).zip(at(28))
        }
        Some(b"VP8L") if bytes.get(20) == Some(&0x2f) => number(bytes, 21).map(|four| {
            let sizes = u32::from_le_bytes(four);
            ((sizes & 0x3fff) + 1, ((sizes >> 14) & 0x3fff) + 1)
        }),
        Some(b"VP8X") => {
            if bytes.get(20).is_some_and(|flags| flags & MOVES != 0) {
                return Err(Refusal::OtherKind);
            }
            let at = |at| little24(bytes, at).map(|size| size + 1);
            at(24).zip(at(27))
        }
        _ => None,
    })
}
