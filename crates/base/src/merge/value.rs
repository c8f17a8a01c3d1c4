//! The kinds of values and what each refuses.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::{ValueProblem, heading_key, holds_link, is_blank};
use crate::{
    date,
    limits::{ID_DIGITS_MAX, ID_DIGITS_MIN, NAME_LETTERS},
    text::is_control,
};

/// What a field takes. Every kind refuses what is empty, newlines and control letters, lost letters, and links.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum FieldKind {
    /// `番号`: an ID of six to eight digits. Full-width digits become ASCII, an apostrophe before them goes.
    Id,
    /// `日付`: a date, put in as it is written.
    Date,
    /// `氏名`: a name of at most 40 letters, without digits and at signs.
    Name,
    /// `{{リンク 名前}}`: a link of the organisation's own. The system gives it, never a row, and no word names it.
    Link,
    /// `自由`: anything else. The kind of a field that names none.
    #[default]
    Free,
}

impl FieldKind {
    /// The kinds that a template can name.
    pub const ALL: [Self; 4] = [Self::Id, Self::Date, Self::Name, Self::Free];

    /// The word in a template and on the screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Id => "番号",
            Self::Date => "日付",
            Self::Name => "氏名",
            Self::Link => "リンク",
            Self::Free => "自由",
        }
    }

    /// The kind that a word names, in Japanese or English.
    pub fn from_word(word: &str) -> Option<Self> {
        match heading_key(word).as_str() {
            "番号" | "id" => Some(Self::Id),
            "日付" | "date" => Some(Self::Date),
            "氏名" | "name" => Some(Self::Name),
            "自由" | "free" => Some(Self::Free),
            _ => None,
        }
    }

    /// The value as it goes into the text, without the blanks around it; owned where it was repaired.
    pub(super) fn accept(self, value: &str) -> Result<Cow<'_, str>, ValueProblem> {
        let value = value.trim_matches(is_blank);
        if value.is_empty() {
            return Err(ValueProblem::Missing);
        }
        if value.chars().any(is_control) {
            return Err(ValueProblem::Control);
        }
        if value.contains('\u{FFFD}') {
            return Err(ValueProblem::Garbled);
        }
        if self != Self::Link && holds_link(value) {
            return Err(ValueProblem::Url);
        }
        match self {
            Self::Id => id(value).ok_or(ValueProblem::NotAnId),
            Self::Date if !is_date(value) => Err(ValueProblem::NotADate),
            Self::Name if !is_name(value) => Err(ValueProblem::NotAName),
            Self::Date | Self::Name | Self::Link | Self::Free => Ok(Cow::Borrowed(value)),
        }
    }
}

/// The name behind `リンク` in a field such as `リンク 健康観察`. The blank decides: `リンク` and `リンク先` are
/// headings like any other.
pub fn link_name(field: &str) -> Option<&str> {
    let (word, name) = field.trim_matches(is_blank).split_once(is_blank)?;
    let name = name.trim_matches(is_blank);
    (heading_key(word) == "リンク" && !name.is_empty()).then_some(name)
}

fn id(value: &str) -> Option<Cow<'_, str>> {
    let is_id = |digits: &str| {
        (ID_DIGITS_MIN..=ID_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    };
    if is_id(value) {
        return Some(Cow::Borrowed(value));
    }
    let folded: String = value.nfkc().collect();
    let digits = folded.trim_matches(|c| is_blank(c) || matches!(c, '\'' | '’' | '‘'));
    is_id(digits).then(|| Cow::Owned(digits.to_owned()))
}

fn is_name(value: &str) -> bool {
    value.chars().count() <= NAME_LETTERS && !value.nfkc().any(|c| c.is_ascii_digit() || c == '@')
}

/// A day as people write it. A bare serial number of a spreadsheet is none: it would stand in the text as it is.
fn is_date(value: &str) -> bool {
    let serial =
        value.nfkc().filter(char::is_ascii_digit).count() < 8 && value.nfkc().all(|c| c.is_ascii_digit());
    !serial && date::parse(value).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_six_to_eight_digits() {
        for (value, id) in [
            ("012345", "012345"),
            (" 01234567\u{a0}", "01234567"),
            ("０１２３４５６", "0123456"),
            ("'0123456", "0123456"),
            ("’ 0123456", "0123456"),
        ] {
            assert_eq!(FieldKind::Id.accept(value).as_deref(), Ok(id));
        }
        assert!(matches!(FieldKind::Id.accept(" 012345 "), Ok(Cow::Borrowed(_))));
        for value in [
            "12345",
            "123456789",
            "0123-456",
            "山田花子",
            "123456.0",
            "1.23E+06",
            "012 3456",
            "一二三四五六",
        ] {
            assert_eq!(FieldKind::Id.accept(value), Err(ValueProblem::NotAnId), "{value}");
        }
    }

    #[test]
    fn dates_as_lists_write_them() {
        for value in [
            "2022/2/14",
            "2022-02-14",
            "2022年2月14日",
            "R4.2.14",
            "令和4年2月14日",
            "令和元年5月1日",
            "２０２２／２／１４",
            "2/14",
            "2月14日",
            "S60.1.5",
        ] {
            assert_eq!(FieldKind::Date.accept(value).as_deref(), Ok(value));
        }
        for value in [
            "0123456",
            "2022/13/1",
            "2022/2",
            "2/32",
            "山田",
            "14",
            "R99.1.1",
            "2022/2/14/1",
            "元/1/1",
        ] {
            assert_eq!(
                FieldKind::Date.accept(value),
                Err(ValueProblem::NotADate),
                "{value}"
            );
        }
    }

    #[test]
    fn a_name_has_no_digits() {
        for value in [
            "髙橋　花子",
            "Maria Fernanda da Silva Santos Oliveira",
            "一二三 四郎",
        ] {
            assert_eq!(FieldKind::Name.accept(value).as_deref(), Ok(value));
        }
        let long = "あ".repeat(41);
        for value in ["0123456", "山田１", "taro@home", "山田①", long.as_str()] {
            assert_eq!(
                FieldKind::Name.accept(value),
                Err(ValueProblem::NotAName),
                "{value}"
            );
        }
    }

    #[test]
    fn every_kind_refuses_what_no_value_may_bring() {
        for kind in FieldKind::ALL {
            assert_eq!(FieldKind::from_word(kind.label()), Some(kind));
            for (value, problem) in [
                (" 　", ValueProblem::Missing),
                ("012345\n6", ValueProblem::Control),
                ("01\u{fffd}2345", ValueProblem::Garbled),
                ("bit.ly/012345", ValueProblem::Url),
            ] {
                assert_eq!(kind.accept(value), Err(problem), "{value:?}");
            }
        }
    }
}
