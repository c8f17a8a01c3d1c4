//! Number cells as the spreadsheet shows them.

use calamine::ExcelDateTime;

/// A number without a date format. `format` is the format code of its cell: an ID shown as 01234567 is stored as
/// 1234567 with the code `00000000`, and people copy what they see.
pub(super) fn number(value: f64, format: Option<&str>) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        let digits = format!("{value:.0}");
        return match format {
            Some(code) if value >= 0.0 => padded(&digits, code).unwrap_or(digits),
            _ => digits,
        };
    }
    // Excel keeps fifteen figures: 0.1 + 0.2 is shown as 0.3.
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    format!("{rounded}")
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

/// `2022-02-14`, `2022-02-14 09:30`, or `09:30` for a time without a day; `[h]:mm` durations in hours.
pub(super) fn date_time(value: ExcelDateTime) -> String {
    if value.is_duration() {
        let seconds = (value.as_f64() * 86_400.0).round();
        return format!(
            "{:.0}:{:02.0}",
            (seconds / 3600.0).floor(),
            (seconds % 3600.0 / 60.0).floor()
        );
    }
    let (year, month, day, hour, minute, second, _) = value.to_ymd_hms_milli();
    let clock = if second == 0 {
        format!("{hour:02}:{minute:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}")
    };
    if value.as_f64() < 1.0 {
        clock
    } else if value.as_f64().fract() == 0.0 {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02} {clock}")
    }
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

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
        ] {
            assert_eq!(number(value, format), shown, "{value} {format:?}");
        }
    }

    #[test]
    fn dates_read_in_one_form() {
        let date = |value| date_time(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, false));
        assert_eq!(date(44_606.0), "2022-02-14");
        assert_eq!(date(44_606.395_833_333_336), "2022-02-14 09:30");
        assert_eq!(date(0.395_833_333_333_333_3), "09:30");
        assert_eq!(
            date_time(ExcelDateTime::new(1.5, ExcelDateTimeType::TimeDelta, false)),
            "36:00"
        );
    }
}
