//! One-time codes by time (RFC 6238): six digits, a new one every 30 seconds, from a secret that the server
//! and an app or a hardware token share.
//!
//! A code is taken one step early or late, because clocks of tokens drift; ASVS 6.5.5 would rather have none
//! of that. In return the step of the last code that was taken is kept, and no code of that step or an
//! earlier one is ever taken again (RFC 6238 section 5.2).

use base::clock::{Millis, SECOND};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;

/// How long one code stands.
const STEP: Millis = 30 * SECOND;
/// Steps before and after the present one whose code is taken too.
const STEPS_ASIDE: i64 = 1;
const DIGITS: usize = 6;
/// What RFC 4226 recommends: the length of the hash.
const FRESH_BYTES: usize = 20;
/// RFC 4226 demands 128 bits; tokens with more than SHA-512 could use do not exist.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 16..=64;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an app or token shares with the server.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TotpSecret(Vec<u8>);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// 160 random bits.
    pub(crate) fn fresh() -> Self {
        let mut bytes = vec![0; FRESH_BYTES];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        Self(bytes)
    }

    /// As somebody typed it from a token's leaflet: Base32, or hexadecimal digits; spaces and hyphens do not
    /// matter. `None`: neither, or too short to be safe.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let letters: String = text
            .nfkc()
            .filter(|c| !c.is_whitespace() && !"-=".contains(*c))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        // Digits that Base32 does not have tell the two apart.
        let is_hex = letters.contains(['0', '1', '8', '9']);
        let bytes = if is_hex {
            from_hex(&letters)
        } else {
            from_base32(&letters)
        }?;
        SECRET_BYTES.contains(&bytes.len()).then_some(Self(bytes))
    }

    /// In Base32, as apps and `TotpSecret::parse` read it.
    pub(crate) fn text(&self) -> String {
        to_base32(&self.0)
    }

    /// The same in groups of four, to be typed.
    pub(crate) fn grouped(&self) -> String {
        let text = self.text();
        let groups = text.as_bytes().chunks(4).map(String::from_utf8_lossy);
        groups.collect::<Vec<_>>().join(" ")
    }

    /// What the QR code says to an app.
    pub(crate) fn address(&self, issuer: &str, login: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let (issuer, login) = (encoded(issuer), encoded(login));
        format!(
            "otpauth://totp/{issuer}:{login}?secret={}&issuer={issuer}",
            self.text()
        )
    }

    /// The step whose code was typed, if it is near the present and later than `last`, the step of the last
    /// code that was taken.
    pub(crate) fn step_of(&self, typed: &TypedCode, now: Millis, last: i64) -> Option<i64> {
        let present = now.div_euclid(STEP);
        let mut found = None;
        // Every code is compared, whichever fits: the time taken tells nothing.
        for step in present - STEPS_ASIDE..=present + STEPS_ASIDE {
            let fits: bool = self.code(step).as_bytes().ct_eq(typed.0.as_bytes()).into();
            if fits && step > last {
                found = Some(step);
            }
        }
        found
    }

    /// RFC 4226 section 5.3 with the step as its counter.
    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let hash = tag.as_ref();
        let offset = usize::from(hash[hash.len() - 1] & 0x0f);
        let four: [u8; 4] = hash[offset..offset + 4].try_into().expect("four bytes of twenty");
        let number = u32::from_be_bytes(four) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// The code of this moment, as an app would show it.
    #[cfg(test)]
    pub(crate) fn code_at(&self, now: Millis) -> String {
        self.code(now.div_euclid(STEP))
    }
}

/// Six digits as somebody typed them.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct TypedCode(String);

impl TypedCode {
    /// Full-width digits and spaces between them do not matter. `None`: these are not six digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let separator = |c: char| c.is_whitespace() || "-‐－".contains(c);
        let digits: String = text.nfkc().filter(|c| !separator(*c)).take(DIGITS + 1).collect();
        let plain = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then_some(Self(digits))
    }
}

fn to_base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(BASE32[(held >> bits & 31) as usize]));
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        out.push(char::from(BASE32[(held << (5 - bits) & 31) as usize]));
    }
    out
}

fn from_base32(letters: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(letters.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in letters.bytes() {
        let value = BASE32.iter().position(|known| *known == letter)?;
        held = held << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push(u8::try_from(held >> bits & 0xff).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    Some(out)
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = digits
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 6238 appendix B, the last six of its eight digits.
    #[test]
    fn the_codes_of_the_rfc() {
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret.code_at(seconds * SECOND), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_is_taken_one_step_early_or_late_and_never_twice() {
        let secret = TotpSecret::fresh();
        let now = 1_800_000_015_000;
        let present = now / STEP;
        for (aside, taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let typed = TypedCode::parse(&secret.code(present + aside)).unwrap();
            let found = secret.step_of(&typed, now, 0);
            assert_eq!(found, taken.then_some(present + aside), "{aside}");
        }
        let typed = TypedCode::parse(&secret.code(present)).unwrap();
        assert_eq!(secret.step_of(&typed, now, present - 1), Some(present));
        assert_eq!(secret.step_of(&typed, now, present), None);
        assert_eq!(secret.step_of(&typed, now, present + 1), None);
    }

    #[test]
    fn secrets_are_read_as_leaflets_print_them() {
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        for text in [
            "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
            "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
            "ＧＥＺＤ－ＧＮＢＶ GY3TQOJQGEZDGNBVGY3TQOJQ====",
            "3132333435363738393031323334353637383930",
            "31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30",
        ] {
            assert_eq!(TotpSecret::parse(text), Some(secret.clone()), "{text}");
        }
        for text in ["", "GEZDGNBV", "0123", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO!Q", "秘密"] {
            assert_eq!(TotpSecret::parse(text), None, "{text}");
        }
        assert_eq!(secret.grouped(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    }

    #[test]
    fn codes_are_read_as_japanese_keyboards_type_them() {
        for text in ["123456", "123 456", "１２３４５６", " 123-456 "] {
            assert_eq!(TypedCode::parse(text).unwrap().0, "123456", "{text}");
        }
        for text in ["", "12345", "1234567", "12345a", "一二三四五六"] {
            assert!(TypedCode::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn an_app_reads_whose_code_it_is() {
        let secret = TotpSecret(b"12345678901234567890".to_vec());
        assert_eq!(
            secret.address("とどけ", "tanaka.01"),
            "otpauth://totp/%E3%81%A8%E3%81%A9%E3%81%91:tanaka%2E01?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=%E3%81%A8%E3%81%A9%E3%81%91"
        );
    }

    proptest! {
        #[test]
        fn a_secret_reads_as_itself(bytes in prop::collection::vec(any::<u8>(), 16..=64)) {
            let secret = TotpSecret(bytes);
            prop_assert_eq!(TotpSecret::parse(&secret.grouped()), Some(secret));
        }

        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,80}") {
            let _ = (TotpSecret::parse(&text), TypedCode::parse(&text));
        }
    }
}
