//! The form in which a cell of the list and a cell of the source are compared: two spellings of one value are
//! equal, two values never.

use std::borrow::Cow;

use base::{
    date::{self, DateProblem, Parsed},
    merge::is_blank,
    phone::{self, InvalidPhone, PhoneProblem},
};
use unicode_normalization::UnicodeNormalization;

/// In which way the cells of a column are read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Family {
    Phone,
    Day,
    Plain,
}

impl Family {
    pub(super) const ALL: [Self; 3] = [Self::Phone, Self::Day, Self::Plain];

    /// The compared form of a cell; `None` for a cell that says nothing.
    pub(super) fn key(self, cell: &str) -> Option<Cow<'_, str>> {
        match self {
            Self::Phone => phone_key(cell).map(Cow::Owned),
            Self::Day => day_key(cell).map(Cow::Owned),
            Self::Plain => plain_key(cell),
        }
    }
}

/// Ten digits of a mobile number; other numbers by their digits without zeros in front. Two numbers in one cell
/// are no key: nobody knows which is meant.
fn phone_key(cell: &str) -> Option<String> {
    match phone::parse(cell) {
        Ok(parsed) => Some(parsed.number.national_digits()),
        Err(PhoneProblem::Landline | PhoneProblem::Invalid(_)) => {
            let digits: String = cell.nfkc().filter(char::is_ascii_digit).collect();
            let digits = digits.trim_start_matches('0');
            (digits.len() >= 6).then(|| format!("0{digits}"))
        }
        Err(PhoneProblem::Missing | PhoneProblem::TwoNumbers { .. }) => None,
    }
}

/// Whether the cell holds a number that is complete, so that its absence from the source means something.
pub(super) fn sure_phone(cell: &str) -> bool {
    phone::parse(cell).is_ok()
}

fn day_key(cell: &str) -> Option<String> {
    match date::parse(cell) {
        Ok(Parsed::Full(day)) | Err(DateProblem::OtherEra { meant: day, .. }) => Some(day.to_string()),
        _ => None,
    }
}

/// Letters and digits in one width, one kana, one form of each kanji; no blanks, signs, notes in brackets, titles or
/// zeros in front.
fn plain_key(cell: &str) -> Option<Cow<'_, str>> {
    if !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Cow::Borrowed(without_zeros(cell)));
    }
    if lost_digits(cell) {
        return None;
    }
    let text: String = cell.nfkc().filter(|c| !is_blank(*c)).collect();
    let text = text.strip_suffix(".0").unwrap_or(&text);
    let outside = without_notes(text);
    let folded: String = outside
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(letter)
        .collect();
    let folded = ["様", "殿", "さん", "サン", "氏"]
        .iter()
        .find_map(|title| {
            folded
                .strip_suffix(title)
                .filter(|name| name.chars().count() >= 2)
        })
        .unwrap_or(&folded);
    if folded.is_empty() {
        return None;
    }
    let folded = if folded.bytes().all(|b| b.is_ascii_digit()) {
        without_zeros(folded)
    } else {
        folded
    };
    Some(Cow::Owned(folded.to_owned()))
}

fn without_zeros(digits: &str) -> &str {
    match digits.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    }
}

/// `1.23457E+07`: digits that are gone cannot be compared.
fn lost_digits(cell: &str) -> bool {
    cell.contains(['E', 'e', 'Ｅ'])
        && matches!(
            phone::parse(cell),
            Err(PhoneProblem::Invalid(InvalidPhone::DigitsLost))
        )
}

/// Leaves out what stands in brackets, unless that is all there is.
fn without_notes(text: &str) -> Cow<'_, str> {
    if !text.contains(['(', '[', '【', '〔']) {
        return Cow::Borrowed(text);
    }
    let mut depth = 0_usize;
    let outside: String = text
        .chars()
        .filter(|c| match c {
            '(' | '[' | '【' | '〔' => {
                depth += 1;
                false
            }
            ')' | ']' | '】' | '〕' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    if outside.is_empty() {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(outside)
    }
}

/// One letter folded; `None` for signs.
fn letter(c: char) -> Option<char> {
    let c = match c {
        'ー' | '〜' => return None,
        'ぁ'..='ゖ' => char::from_u32(u32::from(c) + 0x60).unwrap_or(c),
        c if c.is_alphanumeric() || c == '々' => c,
        _ => return None,
    };
    Some(match c {
        'ァ' => 'ア',
        'ィ' => 'イ',
        'ゥ' => 'ウ',
        'ェ' => 'エ',
        'ォ' => 'オ',
        'ッ' => 'ツ',
        'ャ' => 'ヤ',
        'ュ' => 'ユ',
        'ョ' => 'ヨ',
        'ヮ' => 'ワ',
        'ヶ' => 'ケ',
        'ヂ' => 'ジ',
        'ヅ' => 'ズ',
        c => kanji(c),
    })
}

/// The everyday form of letters that names are written with in two ways.
fn kanji(c: char) -> char {
    const PAIRS: &str = "髙高﨑崎嵜崎𠮷吉濵浜濱浜邊辺邉辺齋斎齊斎斉斎澤沢櫻桜廣広嶋島嶌島冨富國国眞真惠恵瀨瀬龍竜榮栄\
        萬万曻昇淺浅藏蔵靜静實実與与禮礼應応學学圓円壽寿條条彌弥增増關関黑黒靑青遙遥桒桑舘館𣘺橋德徳槇槙\
        渕淵渊淵鐵鉄豐豊會会顯顕晉晋凛凜檜桧籠篭曾曽莊荘團団濟済總総繪絵聰聡薰薫勳勲";
    let mut letters = PAIRS.chars();
    while let (Some(old), Some(new)) = (letters.next(), letters.next()) {
        if old == c {
            return new;
        }
    }
    c
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_value_are_equal() {
        for (family, spellings) in [
            (
                Family::Phone,
                &[
                    "090-1234-5678",
                    "9012345678",
                    "+81 90 1234 5678",
                    "０９０－１２３４－５６７８(母)",
                ][..],
            ),
            (
                Family::Phone,
                &["048-123-4567", "０４８－１２３－４５６７", "481234567"],
            ),
            (
                Family::Day,
                &["S60.1.5", "1985/1/5", "昭和60年1月5日", "31052", "19850105"],
            ),
            (
                Family::Plain,
                &[
                    "05023602",
                    "5023602",
                    "'05023602",
                    "０５０２３６０２ ",
                    "5023602.0",
                    "05023602(再)",
                ],
            ),
            (
                Family::Plain,
                &["髙﨑　花子", "高崎花子", "高崎 花子 様", "髙﨑・花子"],
            ),
            (
                Family::Plain,
                &["サイトウ ショウタ", "ｻｲﾄｳ ｼｮｳﾀ", "さいとうしょうた", "ｻｲﾄｳｼﾖｳﾀ"],
            ),
        ] {
            let first = family.key(spellings[0]);
            assert!(first.is_some());
            for spelling in spellings {
                assert_eq!(family.key(spelling), first, "{spelling}");
            }
        }
    }

    #[test]
    fn different_values_stay_different() {
        for (family, one, other) in [
            (Family::Phone, "090-1234-5678", "090-1234-5679"),
            (Family::Day, "S60.1.5", "S60.1.6"),
            (Family::Plain, "05023602", "05023603"),
            (Family::Plain, "佐藤花子", "佐藤桃子"),
        ] {
            assert_ne!(family.key(one), family.key(other));
        }
    }

    #[test]
    fn what_says_nothing_has_no_key() {
        for (family, cell) in [
            (Family::Phone, "なし"),
            (Family::Phone, "090-1111-2222／080-3333-4444"),
            (Family::Day, "2/14"),
            (Family::Plain, "　"),
            (Family::Plain, "1.23457E+07"),
            (Family::Plain, "-"),
        ] {
            assert_eq!(family.key(cell), None, "{cell}");
        }
    }
}
