//! What each column of a list holds, seen from its heading and from its cells together.
//!
//! Headings vary from office to office and are sometimes wrong, so the cells have the first word wherever they
//! speak plainly (a column of mobile numbers is one, whatever stands above it); the heading decides among the rest.

use std::{borrow::Cow, collections::HashSet};

use base::{
    date::{self, CalendarDate, DateProblem},
    merge::heading_key,
    phone::{self, PhoneProblem},
};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

use crate::sheet::{ParsedRow, Sheet};

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Telephone numbers.
    Phone,
    /// A number that a system gave to the person: HER-SYS ID, 患者番号.
    Id,
    /// Names.
    Name,
    /// Names in kana.
    Kana,
    /// Birth dates.
    Birth,
    /// Ages in years.
    Age,
    /// 男, 女.
    Sex,
    /// Numbers that count the rows: No, 整理番号.
    Serial,
    /// Any other day.
    Date,
    /// 〒.
    Postcode,
    /// Addresses.
    Address,
    /// A health centre, clinic or other office.
    Office,
    /// Words.
    Free,
    /// Nothing.
    Empty,
}

/// The kind of every column that has a heading or a cell.
pub fn kinds(sheet: &Sheet) -> Vec<ColumnKind> {
    let width = sheet.rows().map(ParsedRow::len).max().unwrap_or(0);
    (0..width.max(sheet.headings().len()))
        .map(|column| {
            let heading = sheet.headings().get(column).map_or("", String::as_str);
            Profile::of(sheet, &|row| row.cell(column).into()).kind(heading)
        })
        .collect()
}

/// Rows that are looked at, spread over the list.
const SAMPLE: usize = 240;

/// Counts over the cells of one column that were looked at.
#[derive(Clone, Default)]
pub(crate) struct Profile {
    seen: usize,
    phones: usize,
    dates: usize,
    serial_dates: usize,
    digits: usize,
    short: usize,
    codes: usize,
    ages: usize,
    sexes: usize,
    postcodes: usize,
    kana: usize,
    kanji_pairs: usize,
    places: usize,
    offices: usize,
    wordy: usize,
    distinct: usize,
    counting: bool,
    days: Vec<CalendarDate>,
}

impl Profile {
    /// Looks at the cells that `cell` gives for each row.
    pub(crate) fn of<'a>(sheet: &'a Sheet, cell: &dyn Fn(ParsedRow<'a>) -> Cow<'a, str>) -> Self {
        let step = sheet.len().div_ceil(SAMPLE).max(1);
        let mut profile = Self::default();
        let mut distinct = HashSet::new();
        for row in sheet.rows().step_by(step) {
            let cell = cell(row);
            let text: String = cell.nfkc().filter(|c| !c.is_control()).collect();
            let text = text.trim().trim_start_matches('\'').trim();
            if !text.is_empty() {
                profile.add(&cell, text);
                distinct.insert(text.to_owned());
            }
        }
        profile.distinct = distinct.len();
        profile.counting = counts(sheet, cell);
        profile
    }

    fn add(&mut self, cell: &str, text: &str) {
        self.seen += 1;
        match phone::parse(cell) {
            Ok(_) | Err(PhoneProblem::TwoNumbers { .. } | PhoneProblem::Landline) => self.phones += 1,
            Err(PhoneProblem::Missing | PhoneProblem::Invalid(_)) => {}
        }
        let digits = text.strip_suffix(".0").unwrap_or(text);
        let digits = if digits.bytes().all(|b| b.is_ascii_digit()) {
            digits.len()
        } else {
            0
        };
        if let Ok(date::Parsed::Full(day)) | Err(DateProblem::OtherEra { meant: day, .. }) = date::parse(cell)
        {
            self.days.push(day);
            if matches!(digits, 4 | 5 | 8) {
                self.serial_dates += 1;
            } else {
                self.dates += 1;
            }
        }
        self.digits += usize::from(digits > 0);
        self.short += usize::from((1..=3).contains(&digits));
        self.codes += usize::from(is_code(text));
        let years = text.trim_end_matches(['歳', '才']);
        self.ages += usize::from(years.parse::<u8>().is_ok_and(|age| age <= 115));
        self.sexes += usize::from(matches!(
            text.to_lowercase().as_str(),
            "男" | "女" | "男性" | "女性" | "m" | "f" | "male" | "female"
        ));
        self.postcodes += usize::from(is_postcode(text));
        self.add_words(text);
    }

    fn add_words(&mut self, text: &str) {
        let letters = text.chars().filter(|c| c.is_alphabetic() || *c == 'ー');
        let (all, kana) = letters.fold((0, 0), |(all, kana), c| {
            (
                all + 1,
                kana + usize::from(matches!(c, 'ぁ'..='ゖ' | 'ァ'..='ー')),
            )
        });
        let digits = text.chars().any(|c| c.is_ascii_digit());
        self.kana += usize::from(all >= 2 && kana == all && !digits);
        let parts: Vec<&str> = text.split_whitespace().collect();
        let short = |part: &&str| part.chars().count() <= 10;
        self.kanji_pairs +=
            usize::from((2..=4).contains(&parts.len()) && parts.iter().all(short) && all >= 2 && !digits);
        self.places += usize::from(
            text.contains(['県', '都', '府', '市', '区', '町', '村']) && text.chars().count() >= 5,
        );
        let office = ["保健所", "医院", "病院", "クリニック", "診療所"];
        self.offices += usize::from(office.iter().any(|word| text.contains(word)));
        self.wordy += usize::from(all > 0);
    }

    /// The kind, with what stands above the column.
    pub(crate) fn kind(&self, heading: &str) -> ColumnKind {
        let key = heading_key(heading);
        let says = |words: &[&str]| words.iter().any(|word| key.contains(word));
        if self.seen == 0 {
            return ColumnKind::Empty;
        }
        if self.share(self.phones) >= 50 || says(PHONE) && self.share(self.phones) >= 15 {
            return ColumnKind::Phone;
        }
        if self.share(self.sexes) >= 80 {
            return ColumnKind::Sex;
        }
        if self.share(self.postcodes) >= 60 || says(&["郵便", "〒", "zip", "postal", "postcode"]) {
            return ColumnKind::Postcode;
        }
        if let Some(kind) = self.kind_of_days(&says) {
            return kind;
        }
        if self.share(self.digits) >= 70 || self.share(self.codes) >= 80 {
            return self.kind_of_numbers(&says);
        }
        self.kind_of_words(&says)
    }

    fn kind_of_days(&self, says: &dyn Fn(&[&str]) -> bool) -> Option<ColumnKind> {
        let birth = says(BIRTH);
        let named = birth || says(&["日", "date", "day"]);
        let all = self.share(self.dates + self.serial_dates);
        if self.share(self.dates) < 50 && !(named && all >= 60) {
            return None;
        }
        let other = says(&["発", "診断", "採取", "検", "受", "届", "接種", "送", "登録"]);
        let kind = if birth || !other && self.spreads_over_years() {
            ColumnKind::Birth
        } else {
            ColumnKind::Date
        };
        Some(kind)
    }

    fn kind_of_numbers(&self, says: &dyn Fn(&[&str]) -> bool) -> ColumnKind {
        let serial = says(&[
            "no", "№", "#", "整理", "連番", "通番", "項番", "行番", "serial", "seq",
        ]);
        let named = says(&["id", "番号", "コード", "code", "number"]);
        if self.share(self.ages) >= 80 && says(&["年齢", "齢", "age", "歳"]) {
            return ColumnKind::Age;
        }
        if self.counting {
            return ColumnKind::Serial;
        }
        let short = self.share(self.short) >= 60;
        let distinct = self.share(self.distinct);
        if short {
            return match (serial, distinct >= 80) {
                (true, true) => ColumnKind::Serial,
                _ => ColumnKind::Free,
            };
        }
        if distinct >= 85 || named && distinct >= 60 {
            ColumnKind::Id
        } else {
            ColumnKind::Free
        }
    }

    fn kind_of_words(&self, says: &dyn Fn(&[&str]) -> bool) -> ColumnKind {
        let office = says(&[
            "医療機関",
            "保健所",
            "病院",
            "施設",
            "office",
            "clinic",
            "hospital",
        ]);
        let name = says(NAME) && !says(&["医師", "担当", "会社", "勤務", "職場"]);
        if office || self.share(self.offices) >= 50 {
            ColumnKind::Office
        } else if says(RELATIVE) {
            ColumnKind::Free
        } else if says(KANA) || self.share(self.kana) >= 70 && !says(&["氏名", "備考", "症状", "メモ"])
        {
            if self.share(self.kana) >= 30 {
                ColumnKind::Kana
            } else {
                ColumnKind::Free
            }
        } else if self.share(self.places) >= 60 || says(&["住所", "所在", "address"]) {
            ColumnKind::Address
        } else if name && self.share(self.wordy) >= 60
            || self.share(self.kanji_pairs) >= 70 && self.share(self.distinct) >= 50
        {
            ColumnKind::Name
        } else {
            ColumnKind::Free
        }
    }

    /// Whether cells read as telephone numbers often enough to compare them so.
    pub(crate) fn like_phones(&self) -> bool {
        self.share(self.phones) >= 30
    }

    /// The same for days, bare serials included.
    pub(crate) fn like_dates(&self) -> bool {
        self.share(self.dates + self.serial_dates) >= 50
    }

    /// Whether cells are words or numbers that stand for themselves.
    pub(crate) fn like_words(&self) -> bool {
        self.share(self.phones) < 50 && self.share(self.dates) < 50
    }

    /// Whether the numbers rise by one from row to row.
    pub(crate) fn counts_rows(&self) -> bool {
        self.counting
    }

    /// Whether the days lie years apart, as birth dates do and the dates of one outbreak do not.
    pub(crate) fn spreads_over_years(&self) -> bool {
        let mut days = self.days.clone();
        days.sort_unstable();
        match days.as_slice() {
            [] => false,
            [only] => only.year() < 2015,
            days => {
                let cut = days.len() / 10;
                days[days.len() - 1 - cut].year().saturating_sub(days[cut].year()) >= 3
            }
        }
    }

    fn share(&self, count: usize) -> usize {
        count * 100 / self.seen.max(1)
    }
}

const PHONE: &[&str] = &["電話", "携帯", "連絡先", "tel", "phone", "mobile", "sms"];
const BIRTH: &[&str] = &["生年", "誕生", "出生", "birth", "dob"];
const KANA: &[&str] = &[
    "カナ",
    "かな",
    "フリガナ",
    "ふりがな",
    "ヨミ",
    "よみ",
    "読み",
    "kana",
    "セイ",
    "メイ",
];
const NAME: &[&str] = &[
    "氏名",
    "名前",
    "姓名",
    "患者名",
    "対象者",
    "本人",
    "name",
    "姓",
    "名",
    "氏",
];

/// Headings of the names of somebody beside the person of the row.
const RELATIVE: &[&str] = &["保護者", "家族", "世帯主", "緊急", "続柄", "guardian", "parent"];

/// Three to twelve digits with at most a few letters before them.
fn is_code(text: &str) -> bool {
    let body = text.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let body = body.trim_start_matches('-');
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    text.len() - body.len() <= 5
        && (3..=12).contains(&digits)
        && body.bytes().all(|b| b.is_ascii_digit() || b == b'-')
}

/// `350-0001`, `〒350-0001`.
fn is_postcode(text: &str) -> bool {
    let text = text.trim_start_matches('〒').trim();
    let mut parts = text.split(['-', '‐', '−', 'ー']);
    let digits = |part: Option<&str>, length| {
        part.is_some_and(|part: &str| part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
    };
    digits(parts.next(), 3) && digits(parts.next(), 4) && parts.next().is_none()
}

/// Whether nearly every number is one more than the one above it. A list that was filtered counts as well, as
/// long as its numbers are short and rise throughout.
fn counts<'a>(sheet: &'a Sheet, cell: &dyn Fn(ParsedRow<'a>) -> Cow<'a, str>) -> bool {
    let numbers: Vec<u64> = sheet
        .rows()
        .take(SAMPLE)
        .filter_map(|row| {
            let text: String = cell(row).nfkc().collect();
            let text = text.trim();
            text.strip_suffix(".0").unwrap_or(text).parse().ok()
        })
        .collect();
    let steps = numbers.len().saturating_sub(1);
    let ones = numbers
        .windows(2)
        .filter(|pair| pair[0].checked_add(1) == Some(pair[1]))
        .count();
    let filled = numbers.len() * 2 > sheet.len().min(SAMPLE);
    // IDs that a system gave out one after the other are long, and still say who somebody is.
    let short = numbers.iter().all(|number| *number < 10_000);
    filled && short && steps >= 1 && ones * 100 >= steps * 80
}
