//! What a telephone dials, out of what somebody wrote.

use base::phone;

/// A number without its first zero has nine digits or more; a day or a postal code has fewer.
const SHORTEST: usize = 9;
/// A number of Japan with its country code.
const LONGEST: usize = 12;
/// Digits after which a blank is the end of a number.
const WHOLE: usize = 10;

/// The first number in a text: `+819012345678` for one that gets SMS, its digits for any other.
pub fn dialled(text: &str) -> Option<String> {
    if let Ok(parsed) = phone::parse(text) {
        return Some(parsed.number.e164());
    }
    let mut digits = String::new();
    for c in text.chars().chain(['/']) {
        match digit(c) {
            Some(digit) => digits.push(digit),
            None if goes_on(c, digits.len()) => {}
            None if (SHORTEST..=LONGEST).contains(&digits.len()) => {
                let mobile = phone::parse(&digits).ok();
                return Some(mobile.map_or(digits, |parsed| parsed.number.e164()));
            }
            None => digits.clear(),
        }
    }
    None
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0),
        _ => None,
    }
}

/// Whether a number may go on after this letter.
fn goes_on(c: char, so_far: usize) -> bool {
    match c {
        '(' | ')' | '（' | '）' | '.' | '・' | '-' | '‐' | '‑' | '–' | '—' | '―' | '−' | '－' | 'ー'
        | 'ｰ' => true,
        c if c.is_whitespace() => so_far < WHOLE,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::dialled;

    #[test]
    fn a_number_can_be_dialled_however_it_is_written() {
        for (text, number) in [
            ("０９０−１２３４−５６７８", Some("+819012345678")),
            ("048-123-4567", Some("0481234567")),
            ("０４８（１２３）４５６７", Some("0481234567")),
            ("048-123-4567(自宅)", Some("0481234567")),
            ("090-1111-2222 / 048-123-4567", Some("+819011112222")),
            ("048-123-4567 090-1111-2222", Some("0481234567")),
            ("2026-11-22 自宅 048 123 4567", Some("0481234567")),
            ("内線 12", None),
            ("なし", None),
            ("", None),
        ] {
            assert_eq!(dialled(text).as_deref(), number, "{text}");
        }
    }
}
