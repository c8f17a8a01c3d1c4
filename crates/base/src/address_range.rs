//! A range of network addresses in CIDR form: `192.0.2.0/24`, `2001:db8::/32`, or one address alone.
//!
//! Two things are said with it: which proxies are believed, and from where an organisation's staff may come.
//! Both open something, so a range that could be meant in two ways is refused rather than guessed at.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// All addresses that begin with the same bits. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the
/// IPv4 address.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AddressRange {
    first: IpAddr,
    bits: u8,
}

/// Why a text is no range of addresses, in words for whoever typed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressRangeRefusal {
    /// Neither an address nor an address with a length.
    Unreadable,
    /// More bits than an address has.
    TooLong,
    /// Bits behind the length are set: one address was meant, or another length.
    BitsBehind(AddressRange),
}

impl fmt::Display for AddressRangeRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable => f.write_str(
                "アドレスの範囲として読めません。192.0.2.0/24 や 2001:db8::/32 の形で入力してください",
            ),
            Self::TooLong => {
                f.write_str("「/」の後の数が大きすぎます。IPv4 は 32 まで、IPv6 は 128 までです")
            }
            Self::BitsBehind(range) => write!(
                f,
                "「/」の後の数とアドレスが合いません。この長さの範囲は {range} です。1つのアドレスだけなら「/」を付けずに入力してください"
            ),
        }
    }
}

impl std::error::Error for AddressRangeRefusal {}

impl AddressRange {
    /// Whether `address` lies in the range.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && masked(address, self.bits) == self.first
    }

    /// Whether every address of its kind lies in it.
    pub fn is_everything(&self) -> bool {
        self.bits == 0
    }

    /// One address alone.
    pub fn only(address: IpAddr) -> Self {
        let first = address.to_canonical();
        Self {
            first,
            bits: width(first),
        }
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeRefusal;

    fn from_str(text: &str) -> Result<Self, AddressRangeRefusal> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let written: IpAddr = address.parse().map_err(|_| AddressRangeRefusal::Unreadable)?;
        let Some(bits) = bits else {
            return Ok(Self::only(written));
        };
        let plain = !bits.is_empty() && bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits: u8 = Some(bits)
            .filter(|_| plain)
            .ok_or(AddressRangeRefusal::Unreadable)?
            .parse()
            .map_err(|_| AddressRangeRefusal::TooLong)?;
        let first = written.to_canonical();
        // `::ffff:192.0.2.0/120` is `192.0.2.0/24`: the first 96 bits say only that it is IPv4.
        let bits = if first == written {
            bits
        } else {
            bits.checked_sub(96).ok_or(AddressRangeRefusal::Unreadable)?
        };
        if bits > width(first) {
            return Err(AddressRangeRefusal::TooLong);
        }
        let range = Self {
            first: masked(first, bits),
            bits,
        };
        if range.first == first {
            Ok(range)
        } else {
            Err(AddressRangeRefusal::BitsBehind(range))
        }
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits == width(self.first) {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}/{}", self.first, self.bits)
        }
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The address with everything behind its first `bits` bits taken away.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    let behind = u32::from(width(address) - bits);
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(behind).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(behind).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;
    use proptest::prelude::*;

    fn range(text: &str) -> AddressRange {
        text.parse().unwrap()
    }

    fn holds(range_text: &str, address: &str) -> bool {
        range(range_text).contains(address.parse().unwrap())
    }

    #[test]
    fn a_range_holds_what_begins_with_its_bits_and_nothing_else() {
        assert!(holds("192.0.2.0/24", "192.0.2.0") && holds("192.0.2.0/24", "192.0.2.255"));
        assert!(!holds("192.0.2.0/24", "192.0.3.0") && !holds("192.0.2.0/24", "192.0.1.255"));
        assert!(holds("192.0.2.7", "192.0.2.7") && !holds("192.0.2.7", "192.0.2.8"));
        assert!(holds("2001:db8::/32", "2001:db8:ffff::1") && !holds("2001:db8::/32", "2001:db9::1"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "2001:db8::1"));
        assert!(holds("::/0", "2001:db8::1") && !holds("::/0", "192.0.2.1"));
    }

    #[test]
    fn ipv4_in_the_clothes_of_ipv6_is_ipv4() {
        assert!(holds("192.0.2.0/24", "::ffff:192.0.2.9"));
        assert_eq!(range("::ffff:192.0.2.0/120"), range("192.0.2.0/24"));
        assert_eq!(range("::ffff:192.0.2.1"), range("192.0.2.1"));
        assert!("::ffff:192.0.2.0/24".parse::<AddressRange>().is_err());
    }

    #[test]
    fn what_could_be_meant_in_two_ways_is_refused() {
        use AddressRangeRefusal::{BitsBehind, TooLong, Unreadable};
        let refused = |text: &str| text.parse::<AddressRange>().unwrap_err();
        assert_eq!(refused("10.1.2.3/8"), BitsBehind(range("10.0.0.0/8")));
        assert!(refused("10.1.2.3/8").to_string().contains("10.0.0.0/8"));
        for text in ["192.0.2.0/33", "::/129", "192.0.2.0/999"] {
            assert_eq!(refused(text), TooLong, "{text}");
        }
        for text in [
            "",
            "/",
            "192.0.2",
            "192.0.2.0/",
            "192.0.2.0/+8",
            "192.0.2.0/ 8",
            "example.jp",
            "010.0.0.1",
        ] {
            assert_eq!(refused(text), Unreadable, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(bits in any::<u128>(), v4 in any::<bool>(), length in 0..=128_u8) {
            let address: IpAddr = if v4 {
                IpAddr::V4(u32::try_from(bits >> 96).unwrap().into())
            } else {
                IpAddr::V6(bits.into())
            };
            let address = address.to_canonical();
            let length = length.min(width(address));
            let range = AddressRange { first: masked(address, length), bits: length };
            prop_assert_eq!(range.to_string().parse::<AddressRange>(), Ok(range));
            prop_assert!(range.contains(address));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = text.parse::<AddressRange>();
        }
    }
}
