//! What offices write down: numbers in every spelling, three layouts of columns, eras, an empty row at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base::clock::{HOUR, MINUTE, Millis};

use super::people::{Chance, DAY_OF_LISTS, List, Somebody};

/// Lists of one health centre: from the morning to the afternoon.
pub(super) const LISTS: [Millis; 4] = [
    9 * HOUR,
    11 * HOUR + 30 * MINUTE,
    14 * HOUR,
    16 * HOUR + 30 * MINUTE,
];
/// Centres upload a quarter of an hour apart.
const STAGGER: Millis = 15 * MINUTE;

/// As offices write numbers.
pub(super) fn spelt(digits: &str, chance: &mut Chance) -> String {
    if digits.len() != 11 {
        return digits.to_owned();
    }
    let parts = [&digits[..3], &digits[3..7], &digits[7..]];
    match chance.below(100) {
        0..62 => parts.join("-"),
        62..74 => digits.to_owned(),
        74..82 => digits[1..].to_owned(),
        82..88 => parts.join(" "),
        88..93 => parts.join("ー"),
        93..97 => wide(&parts.join("－")),
        _ => format!("+81 {}", &digits[1..]),
    }
}

fn wide(text: &str) -> String {
    let widened = |c: char| match c {
        '0'..='9' => char::from_u32(u32::from(c) - u32::from('0') + u32::from('０')).unwrap_or(c),
        c => c,
    };
    text.chars().map(widened).collect()
}

/// Three ways in which centres call and order their columns.
const LAYOUTS: [&[&str]; 3] = [
    &[
        "No",
        "HER-SYS ID",
        "氏名",
        "フリガナ",
        "性別",
        "生年月日",
        "年齢",
        "電話番号",
        "住所",
        "保護者氏名",
        "言語",
        "発病日",
        "診断日",
        "診断類型",
        "重症化リスク因子",
        "重症度",
        "医療機関名",
    ],
    &[
        "受付",
        "患者氏名",
        "ふりがな",
        "誕生日",
        "連絡先1",
        "所在地",
        "ハーシスID",
        "基礎疾患",
        "重症度分類",
        "発症日",
        "診断年月日",
        "使用言語",
        "保護者",
        "性別",
    ],
    &[
        "氏名",
        "携帯",
        "生年月日",
        "満年齢",
        "住所",
        "患者ID",
        "重症化リスク",
        "重症度",
        "診断日",
        "発病日",
        "言語",
        "保護者名",
        "フリガナ",
    ],
];

/// The file of a centre's nth list.
pub(super) fn written(centre: usize, nth: usize, people: &[Somebody], chance: &mut Chance) -> List {
    let layout = LAYOUTS[centre % LAYOUTS.len()];
    let mut text = String::new();
    let mut line = 1;
    if centre.is_multiple_of(4) {
        let (_, month, day) = DAY_OF_LISTS;
        let _ = write!(
            text,
            "発生届一覧（{month}月{day}日）{}\r\n",
            ",".repeat(layout.len() - 1)
        );
        line += 1;
    }
    let _ = write!(text, "{}\r\n", layout.join(","));
    let mut rows = BTreeMap::new();
    for one in people {
        line += 1;
        let cells: Vec<String> = layout
            .iter()
            .map(|heading| one.cell(heading, line, chance))
            .collect();
        let _ = write!(text, "{}\r\n", cells.join(","));
        rows.insert(line, one.told);
    }
    // Excel leaves empty rows behind.
    let _ = write!(text, "{}\r\n", ",".repeat(layout.len() - 1));
    let mut bytes = if centre.is_multiple_of(2) {
        "\u{feff}".as_bytes().to_vec()
    } else {
        Vec::new()
    };
    bytes.extend(text.into_bytes());
    let stagger = STAGGER * Millis::try_from(centre % 4).unwrap_or(0);
    List {
        centre,
        at: LISTS[nth.min(LISTS.len() - 1)] + stagger,
        name: format!("0803_{}_{}.csv", centre + 1, nth + 1),
        bytes,
        rows,
    }
}

impl Somebody {
    fn cell(&self, heading: &str, line: u32, chance: &mut Chance) -> String {
        let (year, month, day) = self.birth;
        let text = |text: &str| text.to_owned();
        match heading {
            "No" | "受付" => line.to_string(),
            "HER-SYS ID" | "ハーシスID" | "患者ID" => self.register.clone(),
            "氏名" | "患者氏名" => self.name.clone(),
            "フリガナ" | "ふりがな" => self.kana.clone(),
            "性別" => text(self.sex),
            "生年月日" | "誕生日" if !self.is_age_known => String::new(),
            "生年月日" => format!("{year}/{month}/{day}"),
            "誕生日" => in_era(self.birth),
            "年齢" | "満年齢" if self.is_age_known => (2022 - year).to_string(),
            "電話番号" | "連絡先1" | "携帯" => self.number.clone(),
            "住所" | "所在地" => self.address.clone(),
            "保護者氏名" | "保護者" | "保護者名" => self.guardian.clone(),
            "言語" | "使用言語" => text(self.language),
            "発病日" => format!("2022/8/{}", 1 + line % 2),
            "発症日" => format!("R4.8.{}", 1 + line % 2),
            "診断日" => text("2022/8/2"),
            "診断年月日" => text("令和4年8月2日"),
            "診断類型" => text("患者（確定例）"),
            "重症化リスク因子" | "基礎疾患" | "重症化リスク" => text(self.risk),
            "重症度" | "重症度分類" => text(self.severity),
            "医療機関名" => format!("みどり第{}医院", chance.number(1, 40)),
            _ => String::new(),
        }
    }
}

/// `S60.4.3`.
fn in_era((year, month, day): (u32, u32, u32)) -> String {
    let (era, first) = match year {
        ..=1925 => ("T", 1911),
        1926..=1988 => ("S", 1925),
        1989..=2018 => ("H", 1988),
        _ => ("R", 2018),
    };
    format!("{era}{}.{month}.{day}", year - first)
}
