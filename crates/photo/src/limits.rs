//! What a picture may be, each with its reason.

use std::time::Duration;

/// Most bytes: the largest pictures of phones are about 12 MB.
pub const BYTES: usize = 16 * 1024 * 1024;

/// Longest edge that is decoded, in pixels: a phone of 108 megapixels has 12,000.
pub const EDGE_DECODED: u32 = 12_000;

/// Most pixels that are decoded: what phones of 64 megapixels take.
pub const PIXELS_DECODED: u64 = 65_000_000;

/// Most bytes of decoded pixels: those pixels, four bytes each.
pub const DECODED_BYTES: u64 = 260_000_000;

/// Memory of the process that decodes, in bytes: the pixels, what the decoder works with, and the program itself.
pub const MEMORY: u64 = 768 * 1024 * 1024;

/// Processor time of that process, in seconds. The largest picture takes two.
pub const CPU_SECONDS: u64 = 10;

/// How long it may take on a machine that is busy.
pub const TIME: Duration = Duration::from_secs(30);

/// Longest edge of what is kept: the print on a test kit can be read, and it is half a megabyte.
pub const EDGE: u32 = 2_048;

/// Longest edge of a preview: one sees which picture it is, and reads nothing on it.
pub const PREVIEW_EDGE: u32 = 240;

/// Quality of what is kept: no letter suffers, and a quarter of the bytes of the highest.
pub const QUALITY: u8 = 82;

/// Quality of a preview.
pub const PREVIEW_QUALITY: u8 = 70;

/// Most bytes that the process may answer with: a picture of noise with that edge.
pub const ANSWER_BYTES: u64 = 16 * 1024 * 1024;
