//! Number cells as the spreadsheet shows them.

/// An integer of this size is a phone number or an ID: decimals that its format would add are left out.
const LARGE: f64 = 100_000.0;

/// A number without a date format. `format` is the format code of its cell: an ID shown as 01234567 is stored as
/// 1234567 with the code `00000000`, and people copy what they see. Marks of currency and of thousands are left
/// out, because numbers and IDs get them by mistake.
pub(super) fn number(value: f64, format: Option<&str>) -> String {
    let plain = || {
        if value.fract() == 0.0 && value.abs() < 1e16 {
            return format!("{value:.0}");
        }
        // Excel keeps fifteen figures: 0.1 + 0.2 is shown as 0.3.
        let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
        format!("{rounded}")
    };
    let Some(code) = format else { return plain() };
    if value.fract() == 0.0 && value.abs() < 1e16 {
        if value >= 0.0
            && let Some(text) = padded(&plain(), code)
        {
            return text;
        }
        if value.abs() >= LARGE {
            return plain();
        }
    }
    decimal(value, code).unwrap_or_else(plain)
}

/// Applies codes with decimals or a percent sign, such as `0.0` or `0%`. `None` for any other.
fn decimal(value: f64, code: &str) -> Option<String> {
    let (mut places, mut percent, mut quoted) = (None, false, false);
    let mut letters = code.chars();
    while let Some(c) = letters.next() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            ';' => break,
            '\\' | '_' | '*' => {
                letters.next();
            }
            '[' => {
                letters.find(|c| *c == ']');
            }
            '.' => places = places.or(Some(0)),
            '0' => places = places.map(|places| places + 1),
            '%' => percent = true,
            // Optional places, fractions and exponents: the plain form says more.
            '?' | 'E' | 'e' => return None,
            '#' if places.is_some() => return None,
            _ => {}
        }
    }
    let places = places.filter(|places| *places < 15);
    match (percent, places) {
        (true, places) => Some(format!("{:.*}%", places.unwrap_or(0), value * 100.0)),
        (false, Some(places)) => Some(format!("{value:.places$}")),
        (false, None) => None,
    }
}

/// Applies codes made of digits and signs only, such as `00000000` or `000-0000-0000`.
fn padded(digits: &str, code: &str) -> Option<String> {
    let code = code.split(';').next().unwrap_or(code);
    let (mut places, mut quoted) = (Vec::new(), false);
    let mut letters = code.chars();
    while let Some(c) = letters.next() {
        match c {
            '"' => quoted = !quoted,
            c if quoted => places.push(Place::Sign(c)),
            '\\' => places.push(Place::Sign(letters.next()?)),
            '0' => places.push(Place::Digit { always: true }),
            '#' => places.push(Place::Digit { always: false }),
            '-' | '(' | ')' | ' ' => places.push(Place::Sign(c)),
            _ => return None,
        }
    }
    if !places.iter().any(|place| matches!(place, Place::Digit { .. })) {
        return None;
    }
    let mut rest: Vec<char> = digits.chars().collect();
    if rest == ['0']
        && !places
            .iter()
            .any(|place| matches!(place, Place::Digit { always: true }))
    {
        return None;
    }
    let first_digit = places
        .iter()
        .position(|place| matches!(place, Place::Digit { .. }))?;
    let mut shown = Vec::new();
    for (at, place) in places.iter().enumerate().rev() {
        match place {
            Place::Sign(c) => shown.push(*c),
            Place::Digit { always } => {
                shown.extend(rest.pop().or(always.then_some('0')));
                if at == first_digit {
                    while let Some(digit) = rest.pop() {
                        shown.push(digit);
                    }
                }
            }
        }
    }
    Some(shown.into_iter().rev().collect())
}

#[derive(Clone, Copy)]
enum Place {
    Digit { always: bool },
    Sign(char),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_on_the_screen() {
        for (value, format, shown) in [
            (9_012_345_678.0, None, "9012345678"),
            (5_023_602.0, Some("00000000"), "05023602"),
            (9_012_345_678.0, Some("000-0000-0000"), "090-1234-5678"),
            (9_012_345_678.0, Some("0##-####-####"), "090-1234-5678"),
            (9_012_345_678.0, Some("\"0\"00\\-0000\\-0000"), "090-1234-5678"),
            (12_345.0, Some("0000"), "12345"),
            (1_234.0, Some("#,##0"), "1234"),
            (12.0, Some("General"), "12"),
            (0.0, Some("#"), "0"),
            (-5.0, Some("000"), "-5"),
            (0.1 + 0.2, None, "0.3"),
            (36.5, None, "36.5"),
            (1e20, None, "100000000000000000000"),
            (0.95, Some("0%"), "95%"),
            (0.955, Some("0.0%"), "95.5%"),
            (1.0, Some("0%"), "100%"),
            (36.0, Some("0.0"), "36.0"),
            (36.55, Some("#,##0.00_);[Red]\\(#,##0.00\\)"), "36.55"),
            (9_012_345_678.0, Some("#,##0.00"), "9012345678"),
            (9_012_345_678.0, Some("\"¥\"#,##0;\"¥\"\\-#,##0"), "9012345678"),
            (9_012_345_678.0, Some("0.00E+00"), "9012345678"),
            (5_023_602.0, Some("[$¥-411]#,##0"), "5023602"),
            (0.5, Some("# ?/?"), "0.5"),
            (-0.5, Some("0%"), "-50%"),
        ] {
            assert_eq!(number(value, format), shown, "{value} {format:?}");
        }
    }
}
