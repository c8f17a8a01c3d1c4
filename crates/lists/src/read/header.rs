//! Which line holds the headings.

use std::collections::HashMap;

use base::{
    limits,
    merge::{heading_key, is_blank},
    phone::{self, PhoneProblem},
};

use super::ReadOptions;
use crate::{
    code::{Code, Finding},
    problem::FileProblem,
    sheet::{ParsedRow, Table},
};

/// The headings that were found.
pub(super) struct Header {
    /// Index of their line in the table; the lower one of two.
    pub(super) row: usize,
    pub(super) headings: Vec<String>,
    pub(super) findings: Vec<Finding>,
}

/// Words that stand in headings of such lists. Compared with [`heading_key`].
const WORDS: &[&str] = &[
    "電話",
    "携帯",
    "連絡先",
    "tel",
    "phone",
    "mobile",
    "氏名",
    "名前",
    "姓",
    "患者",
    "保護者",
    "カナ",
    "フリガナ",
    "ふりがな",
    "id",
    "no",
    "番号",
    "整理",
    "生年月日",
    "年齢",
    "性別",
    "住所",
    "郵便",
    "備考",
    "メモ",
    "症状",
    "日時",
    "受付",
    "保健所",
    "診断",
    "発症",
    "発病",
    "検体",
    "医療機関",
    "職業",
    "対応",
    "区分",
    "続柄",
    "name",
    "宛先",
    "コード",
    "日付",
    "結果",
];

/// Finds the headings: in the line that a person chose, in the one with the heading of the column of numbers, or
/// in the likeliest one.
pub(super) fn find(table: &Table, options: &ReadOptions) -> Result<Header, FileProblem> {
    let to = options.to.as_deref();
    let top = table.len().min(limits::HEADER_SEARCH_ROWS);
    let chosen = options.header_line.map(|line| at_line(table, line)).transpose()?;
    let sure = chosen.or_else(|| named(table, top, to?));
    let row = match sure {
        Some(row) => row,
        None => by_words(table, top).ok_or(FileProblem::Empty)?,
    };
    let mut header = if chosen.is_none() && row + 1 < table.len() && continues(table, row, to) {
        two_lines(table, row)
    } else if row > 0 && (completes(table, row) || parts_doubles(table, row)) {
        two_lines(table, row - 1)
    } else {
        Header {
            row,
            headings: one_line(table, row),
            findings: Vec::new(),
        }
    };
    let first_line = header.row - usize::from(!header.findings.is_empty());
    header.findings.extend(titles(table, first_line));
    if sure.is_none() && table.row(row).cells().any(holds_number) {
        let line = table.row(row).line();
        let message = format!(
            "{line}行目を見出しとして読みましたが、データのように見えます。1行目に列の見出しがあるか確かめてください。"
        );
        header
            .findings
            .push(Finding::at(Code::HeaderDataLike, message, [line]));
    }
    Ok(header)
}

/// What is said about the lines above the headings.
fn titles(table: &Table, first_line: usize) -> Option<Finding> {
    let lines: Vec<u32> = (0..first_line).map(|row| table.row(row).line()).collect();
    let data = (0..first_line).filter(|row| is_data(table.row(*row))).count();
    if lines.is_empty() {
        return None;
    }
    let (code, message) = if data == 0 {
        let message = format!(
            "見出しより上の{}行は表題などとみなし、名簿に含めていません。",
            lines.len()
        );
        (Code::HeaderTitleLines, message)
    } else {
        let message = format!(
            "見出しより上の{}行は名簿に含めていません。そのうち{data}行には電話番号があり、送る人かもしれません。見出しの行が正しいか確かめてください。",
            lines.len()
        );
        (Code::HeaderRowsAbove, message)
    };
    Some(Finding::at(code, message, lines))
}

/// A number among several cells is a row of the list; an office gives its own number in one or two.
fn is_data(row: ParsedRow<'_>) -> bool {
    filled(row) > 2 && row.cells().any(holds_number)
}

fn one_line(table: &Table, row: usize) -> Vec<String> {
    table.row(row).cells().map(clean).collect()
}

/// The line that a person chose.
fn at_line(table: &Table, line: u32) -> Result<usize, FileProblem> {
    let found = (0..table.len()).find(|row| table.row(*row).line() == line);
    found.ok_or_else(|| FileProblem::NoSuchLine {
        line,
        last: table.row(table.len() - 1).line(),
    })
}

/// The line with the heading of the column of numbers.
fn named(table: &Table, top: usize, to: &str) -> Option<usize> {
    let key = heading_key(to);
    let has = |row: usize| table.row(row).cells().any(|cell| heading_key(cell) == key);
    let mut rows = (0..top).filter(|row| has(*row));
    let first = rows.clone().next();
    // A title such as 「電話番号」 stands alone in its line.
    rows.find(|row| filled(table.row(*row)) > 1).or(first)
}

/// The line with the most words of headings; failing that, the first line with more than one cell.
fn by_words(table: &Table, top: usize) -> Option<usize> {
    let score = |row: usize| {
        let words = table.row(row).cells().filter(|cell| is_heading_like(cell));
        words.filter(|cell| is_known(&heading_key(cell))).count()
    };
    let best = (0..top).max_by_key(|row| (score(*row), std::cmp::Reverse(*row)))?;
    // Of two lists pasted below each other the lower one may have the better headings, but the rows between belong
    // to the upper one.
    let earlier =
        (0..best).find(|row| score(*row) > 1 && (row + 1..best).any(|below| is_data(table.row(below))));
    if earlier.is_some() {
        return earlier;
    }
    if score(best) > 1 || (score(best) == 1 && filled(table.row(best)) <= 2) {
        return Some(best);
    }
    Some((0..top).find(|row| filled(table.row(*row)) > 1).unwrap_or(0))
}

fn is_known(key: &str) -> bool {
    WORDS.iter().any(|word| {
        // Short Latin words must stand for themselves: "no" is in "piano".
        if word.is_ascii() && word.len() < 3 {
            key == *word || key.ends_with(word)
        } else {
            key.contains(word)
        }
    })
}

fn is_heading_like(cell: &str) -> bool {
    cell.chars().count() <= 40 && cell.chars().filter(|c| c.is_numeric()).count() <= 2
}

fn holds_number(cell: &str) -> bool {
    matches!(
        phone::parse(cell),
        Ok(_) | Err(PhoneProblem::Landline | PhoneProblem::TwoNumbers { .. })
    )
}

/// Cells that hold something.
fn filled(row: ParsedRow<'_>) -> usize {
    row.cells().filter(|cell| !cell.chars().all(is_blank)).count()
}

/// Heading text in one line: spreadsheets wrap headings.
fn clean(cell: &str) -> String {
    cell.split(is_blank)
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether the line below is a second line of headings: each of its cells stands under an empty heading or under
/// a merged one (which has nothing to its right), none looks like data, and the numbers have not begun.
fn continues(table: &Table, row: usize, to: Option<&str>) -> bool {
    let (upper, lower) = (table.row(row), table.row(row + 1));
    if lower.line() != upper.line() + 1 || filled(lower) < 2 {
        return false;
    }
    let key = to.map(heading_key);
    let blank = |column: usize| upper.cell(column).is_empty();
    (0..lower.len())
        .filter(|column| !lower.cell(*column).is_empty())
        .all(|column| {
            let merged = blank(column) || (blank(column + 1) && !lower.cell(column + 1).is_empty());
            let numbers = key
                .as_ref()
                .is_some_and(|key| heading_key(upper.cell(column)) == *key);
            merged && !numbers && is_heading_like(lower.cell(column)) && !holds_number(lower.cell(column))
        })
}

/// Whether the line above gives names to columns that have none here.
fn completes(table: &Table, row: usize) -> bool {
    let (upper, lower) = (table.row(row - 1), table.row(row));
    let helps =
        (0..upper.len()).any(|column| !upper.cell(column).is_empty() && lower.cell(column).is_empty());
    helps && upper.line() + 1 == lower.line() && filled(upper) > 1 && upper.cells().all(is_heading_like)
}

/// Whether the line above tells apart columns that have one name here, as 「本人」 and 「保護者」 above 「氏名」,
/// 「電話」, 「氏名」, 「電話」 do.
fn parts_doubles(table: &Table, row: usize) -> bool {
    let (upper, lower) = (table.row(row - 1), table.row(row));
    let doubles = |headings: &[String]| {
        let mut keys: Vec<String> = headings.iter().map(|heading| heading_key(heading)).collect();
        keys.retain(|key| !key.is_empty());
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        all - keys.len()
    };
    let before = doubles(&one_line(table, row));
    before > 0
        && upper.line() + 1 == lower.line()
        && upper.len() <= lower.len()
        && upper.cells().all(is_heading_like)
        && doubles(&two_lines(table, row - 1).headings) < before
}

/// Names that say nothing without the one above: 「連絡先」 over 「本人」 and 「保護者」, 「基礎疾患」 over 「有無」 and 「内容」.
const HALVES: &[&str] = &["本人", "保護者", "家族", "有無", "内容"];

/// Headings of two lines: the lower one where it says something. Where two columns would get one name, the upper
/// one stands before it, carried over the columns that are merged with it.
fn two_lines(table: &Table, upper: usize) -> Header {
    let (above, below) = (table.row(upper), table.row(upper + 1));
    let mut carried = String::new();
    let mut pairs: Vec<(String, String)> = Vec::new();
    for column in 0..above.len().max(below.len()) {
        let (over, under) = (clean(above.cell(column)), clean(below.cell(column)));
        if !over.is_empty() {
            carried.clone_from(&over);
        }
        let heading = if under.is_empty() { over } else { under.clone() };
        pairs.push((
            heading,
            if under.is_empty() {
                String::new()
            } else {
                carried.clone()
            },
        ));
    }
    let mut uses: HashMap<String, usize> = HashMap::new();
    for (heading, _) in &pairs {
        *uses.entry(heading_key(heading)).or_default() += 1;
    }
    let headings = pairs
        .into_iter()
        .map(|(heading, group)| {
            let double = uses[&heading_key(&heading)] > 1;
            let is_half = HALVES.contains(&heading_key(&heading).as_str());
            if (double || is_half) && !group.is_empty() && group != heading {
                format!("{group} {heading}")
            } else {
                heading
            }
        })
        .collect();
    let lines = [above.line(), below.line()];
    let message = format!(
        "見出しが{}行目と{}行目の2行にわたるとみなしました。列の見出しを確かめてください。",
        lines[0], lines[1]
    );
    Header {
        row: upper + 1,
        headings,
        findings: vec![Finding::at(Code::HeaderTwoLines, message, lines)],
    }
}
