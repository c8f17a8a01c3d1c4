//! Numbers as people type them: 36.8, ３６．８, 36,8, 36度8分.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Digits after the point that are kept.
const PLACES: usize = 3;
const ONE: i64 = 1_000;
/// More digits are no measurement, and no number of people.
const WHOLE_DIGITS: usize = 9;

/// A number of at most three decimal places, exactly as typed; never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Decimal(i64);

/// What was typed is no number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotANumber;

impl Decimal {
    /// A whole number.
    pub fn whole(number: u32) -> Self {
        Self(i64::from(number) * ONE)
    }

    /// Reads what a person typed. Full-width digits, a comma for the point, 度 and 分, and units behind the number
    /// are all understood.
    pub fn read(typed: &str) -> Result<Self, NotANumber> {
        let folded: String = typed
            .nfkc()
            .flat_map(char::to_lowercase)
            .filter(|c| !c.is_whitespace())
            .collect();
        let folded = folded.replace([',', '、', '。', '・'], ".");
        let text = match folded.split_once('度') {
            Some((degrees, "")) => degrees.to_owned(),
            Some((degrees, "半")) => format!("{degrees}.5"),
            Some((degrees, rest)) => format!("{degrees}.{}", rest.strip_suffix('分').unwrap_or(rest)),
            None => folded,
        };
        let text = ["°c", "℃", "c", "%", "人", "歳", "名"]
            .iter()
            .find_map(|unit| text.strip_suffix(unit))
            .unwrap_or(&text);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let fits = !whole.is_empty()
            && whole.len() <= WHOLE_DIGITS
            && fraction.len() <= PLACES
            && digits(whole)
            && digits(fraction);
        if !fits {
            return Err(NotANumber);
        }
        let thousandths = format!("{whole}{fraction:0<PLACES$}");
        thousandths.parse().map(Self).map_err(|_| NotANumber)
    }

    /// Decimal places that it really has.
    pub fn places(self) -> usize {
        let fraction = format!("{:03}", self.0 % ONE);
        fraction.trim_end_matches('0').len()
    }
}

/// `36.8`, `37`.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fraction = format!("{:03}", self.0 % ONE);
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{}{point}{fraction}", self.0 / ONE)
    }
}

impl Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::read(&text).map_err(|_| serde::de::Error::custom("数を \"37.5\" のように書いてください"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_usual_spelling_is_one_number() {
        for typed in [
            "36.8",
            "３６．８",
            "36,8",
            "36、8",
            " 36.8 ℃",
            "36.8度",
            "36度8分",
            "36度8",
            "36.80",
            "36.8°C",
        ] {
            assert_eq!(
                Decimal::read(typed).map(|n| n.to_string()),
                Ok("36.8".to_owned()),
                "{typed}"
            );
        }
        assert_eq!(
            Decimal::read("37度半").map(|n| n.to_string()),
            Ok("37.5".to_owned())
        );
        assert_eq!(Decimal::read("９８％"), Ok(Decimal::whole(98)));
        assert_eq!(Decimal::read("36.").map(|n| n.to_string()), Ok("36".to_owned()));
        for wrong in [
            "",
            ".",
            "3 6 . 8 x",
            "-1",
            "36.8.1",
            "36.1234",
            "三十六",
            "1e3",
            "12345678901",
            "度",
        ] {
            assert_eq!(Decimal::read(wrong), Err(NotANumber), "{wrong}");
        }
        assert_eq!(Decimal::read("36.85").map(Decimal::places), Ok(2));
        assert_eq!(Decimal::whole(37).places(), 0);
    }

    proptest! {
        #[test]
        fn any_text_may_come_and_what_is_shown_reads_the_same(typed in ".{0,20}", thousandths in 0_i64..999_999_999) {
            let _ = Decimal::read(&typed);
            let number = Decimal(thousandths);
            prop_assert_eq!(Decimal::read(&number.to_string()), Ok(number));
        }
    }
}
