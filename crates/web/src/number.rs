//! Numbers as people read them. Templates hand references over, so either is taken.

use std::borrow::Borrow;

/// `12345` as `12,345`.
pub fn grouped(number: impl Borrow<u64>) -> String {
    let digits = number.borrow().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The share of `part` in `whole` in tenths of a percent, rounded down, so that 100 % is shown only
/// when nothing is missing. An empty whole is 0.
pub fn permille(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    let share = u128::from(part) * 1000 / u128::from(whole);
    u64::try_from(share.min(1000)).expect("at most 1000")
}

/// The share as text: `12.5%`, `0%`, `100%`.
pub fn percent(part: impl Borrow<u64>, whole: impl Borrow<u64>) -> String {
    let share = permille(*part.borrow(), *whole.borrow());
    match (share / 10, share % 10) {
        (whole, 0) => format!("{whole}%"),
        (whole, tenth) => format!("{whole}.{tenth}%"),
    }
}

/// A size in bytes as `12.3 MB`, `340 KB` or `12 バイト` (decimal units).
pub fn bytes(size: impl Borrow<u64>) -> String {
    match *size.borrow() {
        size @ 0..1_000 => format!("{size} バイト"),
        size @ 1_000..1_000_000 => format!("{} KB", size / 1_000),
        size => format!("{}.{} MB", size / 1_000_000, size % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_three() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn never_a_hundred_percent_too_early() {
        assert_eq!(percent(9_999, 10_000), "99.9%");
        assert_eq!(percent(10_000, 10_000), "100%");
        assert_eq!(percent(1, 8), "12.5%");
        assert_eq!(percent(0, 0), "0%");
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes(12), "12 バイト");
        assert_eq!(bytes(12_400), "12 KB");
        assert_eq!(bytes(10_450_000), "10.4 MB");
    }
}
