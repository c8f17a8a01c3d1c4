//! Mobile numbers of Japan that an SMS can reach.
//!
//! [`parse`] is the only way from what an office typed to a [`PhoneNumber`]. Lists come out of
//! spreadsheets, so it accepts every spelling that has one sure reading (full-width digits, any dash, `+81`,
//! a note in brackets, the zero that a number cell dropped) and says what it changed. Where two readings are
//! possible it refuses: a message to a stranger is worse than a row that a person has to look at.
//!
//! Which numbers exist: 060, 070, 080 and 090 followed by a digit other than zero, eleven digits in all
//! (060 since July 2026). 020, 050, 0120, 0570, 0800 and the 14-digit machine numbers get no SMS.
//! What this does not know is the carrier: numbers move between carriers.

mod scan;

use std::fmt;

use serde::{Deserialize, Serialize};

use scan::{Candidate, Note, Scan};

/// A mobile number of Japan. Cannot hold anything else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(u64);

impl PhoneNumber {
    /// Reads the ten digits after the trunk zero, such as `9012345678`.
    fn from_subscriber(digits: &str) -> Option<Self> {
        let bytes = digits.as_bytes();
        let fits = bytes.len() == 10
            && bytes.iter().all(u8::is_ascii_digit)
            && matches!(bytes[0], b'6'..=b'9')
            && bytes[1] == b'0'
            && bytes[2] != b'0';
        if fits { digits.parse().ok().map(Self) } else { None }
    }

    /// Reads exactly the form that [`PhoneNumber::e164`] writes.
    pub fn from_e164(text: &str) -> Option<Self> {
        Self::from_subscriber(text.strip_prefix("+81")?)
    }

    /// `+819012345678` (E.164).
    pub fn e164(self) -> String {
        format!("+81{}", self.0)
    }

    /// `090-1234-5678`, as people write it in Japan.
    pub fn national(self) -> String {
        let digits = self.national_digits();
        format!("{}-{}-{}", &digits[..3], &digits[3..7], &digits[7..])
    }

    /// `09012345678`.
    pub fn national_digits(self) -> String {
        format!("0{}", self.0)
    }

    /// `090-****-5678`, for screens whose reader may not see the number.
    pub fn masked(self) -> String {
        let digits = self.national_digits();
        format!("{}-****-{}", &digits[..3], &digits[7..])
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.e164())
    }
}

impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        // The refused text may be somebody's number: it stays out of the message.
        Self::from_e164(&text).ok_or_else(|| serde::de::Error::custom("not a +81 mobile number"))
    }
}

/// A number and what had to be understood to get it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parsed {
    /// The number.
    pub number: PhoneNumber,
    /// Empty for `09012345678` and `090-1234-5678`; otherwise every kind of change, each once.
    pub repairs: Vec<Repair>,
}

/// One kind of change between the cell and the number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Repair {
    /// Full-width digits or signs.
    Width,
    /// Spaces, dots, brackets or a dash other than the plain hyphen.
    Separator,
    /// `+81`, `81`, `0081` or `010 81` in place of the zero.
    CountryCode,
    /// The leading zero that a number cell drops.
    LostZero,
    /// Words or signs around the number were left out.
    Note,
    /// `9012345678.0` or `9.012345678E9`.
    NumberFormat,
    /// The same number stood in the cell more than once.
    Repeated,
    /// Letters that cannot be seen.
    Invisible,
}

impl Repair {
    /// What was done, in Japanese, for the notice on the row.
    pub fn label(self) -> &'static str {
        match self {
            Self::Width => "全角文字を半角にしました",
            Self::Separator => "区切りの記号をそろえました",
            Self::CountryCode => "国番号81を先頭の0に直しました",
            Self::LostZero => "先頭の0を補いました",
            Self::Note => "番号以外の書き込みを除きました",
            Self::NumberFormat => "数値の表記を番号に戻しました",
            Self::Repeated => "同じ番号の重なりを1つにしました",
            Self::Invisible => "目に見えない文字を除きました",
        }
    }
}

/// Why a cell has no number that an SMS can be sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PhoneProblem {
    /// Nothing there, or words only (「なし」「不明」「自宅のみ」).
    Missing,
    /// A landline, IP, toll-free or machine number: complete, but no SMS reaches it.
    Landline,
    /// Digits that are no number.
    Invalid(InvalidPhone),
    /// More than one number, or one and part of another: a person chooses. A mobile number beside a landline
    /// counts as two, because only a person knows whose they are.
    TwoNumbers {
        /// The complete mobile numbers among them, in the order of the cell.
        candidates: Vec<PhoneNumber>,
    },
}

/// In which way digits are no number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvalidPhone {
    /// `9.01235E+09`: the last digits are gone from the file.
    DigitsLost,
    /// Fewer digits than a number has.
    TooShort,
    /// More digits than a number has.
    TooLong,
    /// A country other than Japan.
    Foreign,
    /// Anything else, such as 090-0….
    Unknown,
}

/// Longest cell that is looked at, in bytes. Longer ones are prose, not a number.
const MAX_CELL: usize = 400;

/// Reads one cell.
pub fn parse(cell: &str) -> Result<Parsed, PhoneProblem> {
    if let Some(number) = plain(cell) {
        return Ok(Parsed {
            number,
            repairs: Vec::new(),
        });
    }
    if cell.len() > MAX_CELL {
        return Err(PhoneProblem::Invalid(InvalidPhone::TooLong));
    }
    let folded = scan::fold(cell);
    if let Some(result) = number_format(&folded.text) {
        return result.map(|number| {
            let mut repairs = folded.repairs;
            if number.1 {
                repairs.push(Repair::LostZero);
            }
            repairs.push(Repair::NumberFormat);
            Parsed {
                number: number.0,
                repairs,
            }
        });
    }
    // "(090)1234-5678" has its digits in brackets, "090-1234-5678(2)" has a note there: first the one, then
    // the other reading.
    let first = decide(&Scan::new(&folded.text, true), &folded.repairs);
    match first {
        Err(PhoneProblem::Invalid(_)) if folded.text.contains('(') => {
            decide(&Scan::new(&folded.text, false), &folded.repairs).or(first)
        }
        other => other,
    }
}

/// `09012345678` or `090-1234-5678`, and nothing else.
fn plain(cell: &str) -> Option<PhoneNumber> {
    let bytes = cell.as_bytes();
    match bytes.len() {
        11 if bytes[0] == b'0' => PhoneNumber::from_subscriber(&cell[1..]),
        13 if bytes[0] == b'0' && bytes[3] == b'-' && bytes[8] == b'-' && cell.is_ascii() => {
            PhoneNumber::from_subscriber(&[&cell[1..3], &cell[4..8], &cell[9..]].concat())
        }
        _ => None,
    }
}

/// Text that a number cell leaves behind: `9012345678.0`, `9.012345678E+9`. `None` when it is no such text.
/// The flag tells whether the zero was lost as well (it nearly always was).
fn number_format(text: &str) -> Option<Result<(PhoneNumber, bool), PhoneProblem>> {
    let text = text.trim().trim_start_matches('\'');
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent)),
        None => (text, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || !digits(exponent) {
        return None;
    }
    let value = if exponent.is_empty() {
        // Without an exponent only ".0" marks a number cell: "090.1234" is not one.
        if text.contains(['e', 'E'])
            || whole.len() < 9
            || fraction.is_empty()
            || fraction.bytes().any(|b| b != b'0')
        {
            return None;
        }
        whole.to_owned()
    } else {
        if whole.len() != 1 || exponent.len() > 3 {
            return None;
        }
        if exponent.parse::<usize>().ok()? != fraction.len() {
            return Some(Err(PhoneProblem::Invalid(InvalidPhone::DigitsLost)));
        }
        [whole, fraction].concat()
    };
    Some(match scan::classify(&value, false) {
        scan::Kind::Mobile(number, fix) => Ok((number, fix == Some(Repair::LostZero))),
        scan::Kind::Landline => Err(PhoneProblem::Landline),
        scan::Kind::Other => Err(PhoneProblem::Invalid(invalid(&value, false))),
    })
}

/// Weighs everything that stands in the cell.
fn decide(scan: &Scan, repairs: &[Repair]) -> Result<Parsed, PhoneProblem> {
    let mut mobiles: Vec<(PhoneNumber, Option<Repair>)> = Vec::new();
    let mut landlines: Vec<&str> = Vec::new();
    let mut odd: Vec<&Candidate> = Vec::new();
    let mut stray = false;
    for candidate in &scan.candidates {
        match candidate.kind() {
            scan::Kind::Mobile(number, fix) => mobiles.push((number, fix)),
            scan::Kind::Landline => landlines.push(&candidate.digits),
            scan::Kind::Other if candidate.note == Note::Labelled => {}
            scan::Kind::Other => {
                stray |= (3..=5).contains(&candidate.digits.len());
                odd.push(candidate);
            }
        }
    }
    let mut distinct: Vec<PhoneNumber> = Vec::new();
    for (number, _) in &mobiles {
        if !distinct.contains(number) {
            distinct.push(*number);
        }
    }
    landlines.sort_unstable();
    landlines.dedup();
    let complete = distinct.len() + landlines.len();
    let partial = stray || odd.iter().any(|candidate| candidate.digits.len() >= 9);
    if complete > 1 || (complete == 1 && partial) {
        return Err(PhoneProblem::TwoNumbers { candidates: distinct });
    }
    let labelled = scan.candidates.len() > mobiles.len();
    match (distinct.first(), odd.first()) {
        (Some(&number), None) => accept(number, &mobiles, labelled, scan, repairs),
        (Some(_), Some(_)) => Err(PhoneProblem::Invalid(InvalidPhone::Unknown)),
        (None, None) if landlines.len() == 1 => Err(PhoneProblem::Landline),
        (None, _) if scan.is_zero_only() => Err(PhoneProblem::Missing),
        (None, Some(candidate)) => Err(PhoneProblem::Invalid(invalid(&candidate.digits, candidate.plus))),
        // Only labelled digits are left ("内線123", "45歳"): that is a remark, not an attempt at a number.
        (None, None) => Err(PhoneProblem::Missing),
    }
}

/// One number is sure; lists what was changed to see it.
fn accept(
    number: PhoneNumber,
    mobiles: &[(PhoneNumber, Option<Repair>)],
    labelled: bool,
    scan: &Scan,
    repairs: &[Repair],
) -> Result<Parsed, PhoneProblem> {
    let lost_zero = mobiles.iter().any(|(_, fix)| *fix == Some(Repair::LostZero));
    if lost_zero && (labelled || scan.touches_latin) {
        // Ten digits beside other digits or inside a code may be anything.
        return Err(PhoneProblem::Invalid(InvalidPhone::Unknown));
    }
    let mut repairs = repairs.to_vec();
    repairs.extend(mobiles.iter().filter_map(|(_, fix)| *fix));
    if labelled || scan.has_words {
        repairs.push(Repair::Note);
    }
    if mobiles.len() > 1 {
        repairs.push(Repair::Repeated);
    }
    if scan.has_signs || repairs.is_empty() {
        repairs.push(Repair::Separator);
    }
    repairs.sort_unstable();
    repairs.dedup();
    Ok(Parsed { number, repairs })
}

/// Says in which way the digits fail.
fn invalid(digits: &str, plus: bool) -> InvalidPhone {
    if plus && !digits.starts_with("81") {
        return InvalidPhone::Foreign;
    }
    let national = digits
        .strip_prefix("81")
        .filter(|_| plus || digits.len() > 11)
        .unwrap_or(digits);
    let length = national.trim_start_matches('0').len();
    match length {
        0..=9 => InvalidPhone::TooShort,
        10 => InvalidPhone::Unknown,
        _ => InvalidPhone::TooLong,
    }
}

#[cfg(test)]
mod tests;
