//! 受付番号: what staff and residents read aloud instead of a name.
//!
//! Nine digits in groups of three. The last one finds every wrong digit and every two neighbours exchanged (H. M.
//! Damm's quasigroup). The others are the number of the record, shuffled with the organisation's key: numbers in a row
//! belong to different days, tell nobody how many records there are, and never meet. Kinds of records have ranges of
//! their own: an application's number has ten digits, so that nobody takes it for a case's.

use std::fmt;

use base::id::{ApplicationId, CaseId};
use base::merge::is_blank;
use unicode_normalization::UnicodeNormalization;

use crate::{FromValue, OrgVault, Value};

/// Half of the digits that are shuffled.
const HALF: i64 = 10_000;
const WHOLE: i64 = HALF * HALF;
/// Four rounds make a shuffling of which nothing shows.
const ROUNDS: [u8; 4] = [1, 2, 3, 4];

/// Damm's table of order 10.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// A number of a record that can be read aloud. Cannot hold one whose last digit is wrong.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Reference(i64);

impl Reference {
    /// The one of this case.
    pub fn of(vault: &OrgVault, case: CaseId) -> Self {
        Self::shuffled(vault, "case reference", case.get())
    }

    /// The one of this application.
    pub fn of_application(vault: &OrgVault, application: ApplicationId) -> Self {
        Self::shuffled(vault, "application reference", WHOLE + application.get())
    }

    fn shuffled(vault: &OrgVault, kind: &str, number: i64) -> Self {
        let (beyond, mut left) = (number / WHOLE, number % WHOLE / HALF);
        let mut right = number % HALF;
        for round in ROUNDS {
            let parts: [&[u8]; 2] = [&[round], &right.to_be_bytes()];
            let mixed = vault.index_number(kind, &parts).rem_euclid(HALF);
            (left, right) = (right, (left + mixed) % HALF);
        }
        let number = beyond * WHOLE + left * HALF + right;
        Self(number * 10 + i64::from(check_digit(number)))
    }

    /// What somebody typed or read: digits of any width, with blanks and hyphens wherever they are.
    ///
    /// `None` if it is no such number, or one digit is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = String::new();
        for c in text.nfkc() {
            match c {
                '0'..='9' => digits.push(c),
                '-' | '‐' | '‑' | '–' | '−' | 'ー' => {}
                c if is_blank(c) => {}
                _ => return None,
            }
        }
        if !(9..=15).contains(&digits.len()) {
            return None;
        }
        let number: i64 = digits.parse().ok()?;
        (i64::from(check_digit(number / 10)) == number % 10).then_some(Self(number))
    }
}

/// The digit behind `number`, of at least eight digits.
fn check_digit(number: i64) -> u8 {
    format!("{number:08}").bytes().fold(0, |interim, digit| {
        DAMM[usize::from(interim)][usize::from(digit - b'0')]
    })
}

/// `123-456-789`.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:09}", self.0);
        let (first, groups) = digits.split_at(digits.len() - 6);
        write!(f, "{first}-{}-{}", &groups[..3], &groups[3..])
    }
}

impl From<Reference> for Value {
    fn from(reference: Reference) -> Self {
        Self::Int(reference.0)
    }
}

impl FromValue for Reference {
    fn from_value(value: &Value) -> Option<Self> {
        i64::from_value(value).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of_number(number: i64) -> Reference {
        Reference(number * 10 + i64::from(check_digit(number)))
    }

    #[test]
    fn is_read_as_people_write_it() {
        let reference = of_number(1_234_567);
        let shown = reference.to_string();
        assert_eq!(shown.len(), 11, "{shown}");
        assert_eq!(Reference::parse(&shown), Some(reference));
        assert_eq!(Reference::parse(&shown.replace('-', "")), Some(reference));
        assert_eq!(
            Reference::parse(&format!(" {} ", shown.replace('-', "ー"))),
            Some(reference)
        );
        assert_eq!(Reference::parse("090-1234-5678 様"), None);
        assert_eq!(Reference::parse(""), None);
    }

    proptest! {
        #[test]
        fn a_wrong_digit_and_two_exchanged_are_found(number in 0_i64..WHOLE, at in 0_usize..9, other in 1_u8..10) {
            let right: Vec<u8> = format!("{:09}", of_number(number).0).into_bytes();
            let mut wrong = right.clone();
            wrong[at] = b'0' + (wrong[at] - b'0' + other) % 10;
            prop_assert_eq!(Reference::parse(std::str::from_utf8(&wrong).expect("digits")), None);
            if at > 0 && right[at] != right[at - 1] {
                let mut exchanged = right;
                exchanged.swap(at, at - 1);
                prop_assert_eq!(Reference::parse(std::str::from_utf8(&exchanged).expect("digits")), None);
            }
        }
    }
}
