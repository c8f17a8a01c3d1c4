//! Days and amounts as people type them.

use base::clock::Millis;
use web::form::Field;

use crate::allowance::midnight;

/// A field for a day.
pub(super) fn day_field(name: &str, label: &str) -> Field {
    Field::number(name, label)
}

/// The midnight in Japan of a day that was typed; `None` if nothing was.
pub(super) fn read_day(text: &str) -> Result<Option<Millis>, &'static str> {
    const WRONG: &str = "日付を「2026-12-01」のように入力してください。";
    let text = narrow(text).replace('/', "-");
    if text.is_empty() {
        return Ok(None);
    }
    let day = text.parse::<jiff::civil::Date>().map_err(|_| WRONG)?;
    if !(2020..=2100).contains(&day.year()) {
        return Err(WRONG);
    }
    Ok(Some(midnight(day)))
}

/// An amount that was typed; `None` if nothing was.
pub(super) fn read_amount(text: &str) -> Result<Option<i64>, &'static str> {
    const WRONG: &str = "数字で入力してください（0から10億まで）。上限なしは空欄にしてください。";
    const MOST: i64 = 1_000_000_000;
    let text = narrow(text).replace(',', "");
    if text.is_empty() {
        return Ok(None);
    }
    let amount: i64 = text.parse().map_err(|_| WRONG)?;
    if (0..=MOST).contains(&amount) {
        Ok(Some(amount))
    } else {
        Err(WRONG)
    }
}

/// Full-width digits and signs as plain ones, without spaces.
pub(super) fn narrow(text: &str) -> String {
    let plain = |c: char| match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        other => other,
    };
    text.chars().filter(|c| !c.is_whitespace()).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_amounts_are_read_as_they_are_typed() {
        assert_eq!(read_day("２０２６／１１／２２"), Ok(Some(1_795_273_200_000)));
        assert_eq!(read_day(""), Ok(None));
        assert!(read_day("明日").is_err());
        assert!(read_day("9999-01-01").is_err());
        assert_eq!(read_amount("１２，０００"), Ok(Some(12_000)));
        assert_eq!(read_amount("  "), Ok(None));
        assert!(read_amount("-1").is_err());
        assert!(read_amount("たくさん").is_err());
    }
}
