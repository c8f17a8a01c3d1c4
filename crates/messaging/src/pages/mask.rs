//! What stands in place of a name or a number until somebody has it shown.

use base::phone::PhoneNumber;

/// Digits at the beginning and at the end of a number that stay, so that one number is told from another.
const KEPT: (usize, usize) = (3, 4);

/// 「見＊＊」 for a name. What only says where somebody stands, file and row, stays.
pub fn name(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        Some(first) if !letters.as_str().is_empty() && !name.ends_with("行目") => format!("{first}＊＊"),
        _ => name.to_owned(),
    }
}

/// `048-***-4567` for a number as somebody wrote it, `090-****-5678` among them.
pub fn number(text: &str) -> String {
    let digits = text.chars().filter(|c| is_digit(*c)).count();
    let mut seen = 0;
    let hidden = |c: char| {
        if !is_digit(c) {
            return c;
        }
        seen += 1;
        if seen <= KEPT.0 || seen + KEPT.1 > digits {
            c
        } else {
            '*'
        }
    };
    if digits < KEPT.0 + 2 * KEPT.1 - 2 {
        // Too short to hide a part of it.
        return text.chars().map(|c| if is_digit(c) { '*' } else { c }).collect();
    }
    text.chars().map(hidden).collect()
}

/// A text with every telephone number in it masked: nine digits or more with nothing but hyphens between them.
pub fn numbers_in(text: &str) -> String {
    let is_part = |c: char| is_digit(c) || matches!(c, '-' | '－' | '‐' | 'ー');
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        let (before, from) = rest.split_at(start);
        let (run, behind) = from.split_at(from.find(|c| !is_part(c)).unwrap_or(from.len()));
        masked.push_str(before);
        if run.chars().filter(|c| is_digit(*c)).count() >= 9 {
            masked.push_str(&number(run));
        } else {
            masked.push_str(run);
        }
        rest = behind;
    }
    masked.push_str(rest);
    masked
}

/// The number of a message: whole, masked, or gone.
pub fn phone(number: Option<PhoneNumber>, whole: bool) -> String {
    match number {
        Some(number) if whole => number.national(),
        Some(number) => number.masked(),
        None => "消去済み".to_owned(),
    }
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_a_text_are_masked_and_days_are_not() {
        assert_eq!(
            numbers_in("電話番号: 090-5603-0011（母）、2022年2月14日 38.5℃、０４８１２３４５６７"),
            "電話番号: 090-****-0011（母）、2022年2月14日 38.5℃、０４８***４５６７"
        );
    }

    #[test]
    fn a_name_keeps_its_first_letter_and_a_place_stays() {
        assert_eq!(name("手本 夏子"), "手＊＊");
        assert_eq!(name("母"), "母");
        assert_eq!(name("朝霞.csv 3行目"), "朝霞.csv 3行目");
        assert_eq!(name(""), "");
    }

    #[test]
    fn a_number_keeps_its_ends() {
        assert_eq!(number("090-1234-5678"), "090-****-5678");
        assert_eq!(number("０４８（１２３）４５６７"), "０４８（***）４５６７");
        assert_eq!(number("0481234567"), "048***4567");
        assert_eq!(number("内線 1234"), "内線 ****");
    }
}
