//! The codes that an app shows.

use base::clock::{Clock, SECOND};
use ring::hmac;

/// What an app shows for this secret (Base32) at this moment: the program under test goes by the system's clock too.
pub(crate) fn code(secret: &str) -> String {
    let now = Clock::System.now() / SECOND;
    let (mut bits, mut filled, mut bytes) = (0_u32, 0, Vec::new());
    for letter in secret.bytes().filter(u8::is_ascii_alphanumeric) {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            _ => letter - b'2' + 26,
        };
        bits = bits << 5 & 0xFFFF | u32::from(value);
        filled += 5;
        if filled >= 8 {
            filled -= 8;
            bytes.push(u8::try_from(bits >> filled & 0xFF).unwrap());
        }
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &(now / 30).to_be_bytes());
    let hash = tag.as_ref();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}
