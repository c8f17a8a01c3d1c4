#![forbid(unsafe_code)]
//! A picture from anybody's phone becomes one of ours: upright, small enough, without anything that came along with it.
//!
//! Nothing is decoded in the process that serves pages. [`header::look`] reads what a picture says of itself, a few
//! bytes, and refuses what it is not, or what would be too large; then a child process that has given away its rights
//! ([`worker`]) decodes it, turns it, encodes it anew and says how it looks. What was between the pixels (EXIF, the
//! place, a second file in the same bytes) does not come back, because only pixels do.
//!
//! It knows nothing of ours: no applications, no organisations, no texts for people. What a refusal says to somebody
//! is the business of whoever asked.

mod develop;
pub mod header;
pub mod limits;
mod looks;
mod print;
pub mod worker;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::looks::Hint;
pub use self::print::Print;
pub use self::worker::{Failed, Trouble, Worker};

/// Why a picture is not taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// There are no bytes.
    Empty,
    /// More bytes than are listened to.
    TooManyBytes,
    /// What iPhones keep their pictures in.
    Heic,
    /// A kind of picture that browsers show and this program does not read.
    Avif,
    /// A drawing that may hold a program.
    Svg,
    /// A moving picture.
    Gif,
    /// A document.
    Pdf,
    /// Something else.
    OtherKind,
    /// More pixels than are decoded.
    TooManyPixels,
    /// It says that it is a picture and cannot be read as one.
    Broken,
    /// Reading it took more time or memory than a picture needs.
    TooMuchWork,
}

impl Refusal {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Empty,
        Self::TooManyBytes,
        Self::Heic,
        Self::Avif,
        Self::Svg,
        Self::Gif,
        Self::Pdf,
        Self::OtherKind,
        Self::TooManyPixels,
        Self::Broken,
        Self::TooMuchWork,
    ];

    /// A word for addresses and logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooManyBytes => "too_many_bytes",
            Self::Heic => "heic",
            Self::Avif => "avif",
            Self::Svg => "svg",
            Self::Gif => "gif",
            Self::Pdf => "pdf",
            Self::OtherKind => "other_kind",
            Self::TooManyPixels => "too_many_pixels",
            Self::Broken => "broken",
            Self::TooMuchWork => "too_much_work",
        }
    }

    /// What [`Refusal::code`] wrote.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code)
    }
}

/// A part of a picture, in thousandths of its width and height.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Area {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
}

impl Area {
    /// A part that lies within the picture and is not nothing.
    pub fn new(left: u16, top: u16, width: u16, height: u16) -> Option<Self> {
        let fits = |from: u16, size: u16| size > 0 && u32::from(from) + u32::from(size) <= 1_000;
        (fits(left, width) && fits(top, height)).then_some(Self {
            left,
            top,
            width,
            height,
        })
    }
}

/// What is to be done with a picture besides making it one of ours.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Task {
    /// This part becomes black.
    pub mask: Option<Area>,
}

/// A picture of ours.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// As JPEG: upright, its long edge at most [`limits::EDGE`].
    pub jpeg: Vec<u8>,
    /// The same, small.
    pub preview: Vec<u8>,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// SHA-256 of the bytes that it was made of, in hexadecimal digits.
    pub came_as: String,
    /// What it looks like; nothing for a picture on which there is nothing to see.
    pub print: Option<Print>,
    /// What may be wrong with it.
    pub hints: Vec<Hint>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}

/// SHA-256 in hexadecimal digits.
pub fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a text takes letters");
            text
        })
}
