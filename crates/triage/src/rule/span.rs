//! A range of whole numbers that holds at least one.

use serde::{Deserialize, Serialize};

/// From, to, or both; both ends belong to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Ends", into = "Ends")]
pub struct Span {
    at_least: Option<u16>,
    at_most: Option<u16>,
}

#[derive(Serialize, Deserialize)]
struct Ends {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_most: Option<u16>,
}

/// Why two ends make no range.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SpanProblem {
    /// Neither end.
    #[error("範囲がありません。「65以上」「39以下」「40から64」のように入力してください。")]
    Open,
    /// The first is above the second.
    #[error("範囲に当てはまる数がありません。小さいほうを先に書いてください。")]
    Empty,
}

impl TryFrom<Ends> for Span {
    type Error = SpanProblem;

    fn try_from(ends: Ends) -> Result<Self, SpanProblem> {
        Self::new(ends.at_least, ends.at_most)
    }
}

impl From<Span> for Ends {
    fn from(span: Span) -> Self {
        Self {
            at_least: span.at_least,
            at_most: span.at_most,
        }
    }
}

impl Span {
    /// A range, unless it would be everything or nothing.
    pub fn new(at_least: Option<u16>, at_most: Option<u16>) -> Result<Self, SpanProblem> {
        match (at_least, at_most) {
            (None, None) => Err(SpanProblem::Open),
            (Some(least), Some(most)) if least > most => Err(SpanProblem::Empty),
            _ => Ok(Self { at_least, at_most }),
        }
    }

    /// What a person typed: `65以上`, `39以下`, `40から64`, `40-64`, `3`, `65歳以上`.
    pub fn read(text: &str) -> Result<Self, SpanProblem> {
        let mut numbers = Vec::new();
        let (mut digits, mut words) = (String::new(), String::new());
        for letter in text.chars().chain([' ']) {
            if let Some(digit) = narrow_digit(letter) {
                digits.push(digit);
                continue;
            }
            if !digits.is_empty() {
                numbers.push(digits.parse().map_err(|_| SpanProblem::Open)?);
                digits.clear();
            }
            words.push(letter);
        }
        match numbers[..] {
            [one] if words.contains("以上") || words.contains("から") => Self::new(Some(one), None),
            [one] if words.contains("以下") || words.contains("まで") => Self::new(None, Some(one)),
            [one] if words.contains("未満") => Self::new(None, one.checked_sub(1)),
            [one] if !words.contains(['未', '超', '-', '〜', '～']) => Self::new(Some(one), Some(one)),
            [least, most] => Self::new(Some(least), Some(most)),
            _ => Err(SpanProblem::Open),
        }
    }

    /// Whether the number is in it.
    pub fn holds(self, number: u16) -> bool {
        self.at_least.is_none_or(|least| number >= least) && self.at_most.is_none_or(|most| number <= most)
    }

    /// Whether every number of `other` is in it.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.lowest() <= other.lowest() && self.highest() >= other.highest()
    }

    /// Whether no number is in both.
    pub(crate) fn excludes(self, other: Self) -> bool {
        self.highest() < other.lowest() || other.highest() < self.lowest()
    }

    fn lowest(self) -> u16 {
        self.at_least.unwrap_or(0)
    }

    fn highest(self) -> u16 {
        self.at_most.unwrap_or(u16::MAX)
    }

    /// `65歳以上`, with the unit behind each number; without a unit, what [`Span::read`] reads.
    pub fn words(self, unit: &str) -> String {
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least == most => format!("{least}{unit}"),
            (Some(least), Some(most)) => format!("{least}{unit}から{most}{unit}"),
            (Some(least), None) => format!("{least}{unit}以上"),
            (None, Some(most)) => format!("{most}{unit}以下"),
            (None, None) => String::new(),
        }
    }
}

/// `３` and `3`.
fn narrow_digit(letter: char) -> Option<char> {
    let digit = match letter {
        '０'..='９' => char::from_u32(u32::from(letter) - u32::from('０') + u32::from('0'))?,
        other => other,
    };
    digit.is_ascii_digit().then_some(digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranges_are_read_as_people_write_them() {
        let of = |least, most| Span::new(least, most);
        for (text, span) in [
            ("65以上", of(Some(65), None)),
            ("６５歳以上", of(Some(65), None)),
            ("39歳以下", of(None, Some(39))),
            ("40から64", of(Some(40), Some(64))),
            ("40〜64", of(Some(40), Some(64))),
            ("2", of(Some(2), Some(2))),
            ("", Err(SpanProblem::Open)),
            ("65歳未満", of(None, Some(64))),
            ("0未満", Err(SpanProblem::Open)),
            ("65-", Err(SpanProblem::Open)),
            ("99999以上", Err(SpanProblem::Open)),
            ("64から40", Err(SpanProblem::Empty)),
        ] {
            assert_eq!(Span::read(text), span, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(least: Option<u16>, most: Option<u16>, text in ".{0,12}") {
            if let Ok(span) = Span::new(least, most) {
                prop_assert_eq!(Span::read(&span.words("")), Ok(span));
                prop_assert_eq!(Span::read(&span.words("歳")), Ok(span));
            }
            let _ = Span::read(&text);
        }
    }
}
