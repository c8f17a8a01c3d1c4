//! One row at a time, and then the rows against each other.

use std::collections::{HashMap, hash_map::Entry};

use base::{
    limits,
    merge::{MergeProblem, MessageTemplate, ValueProblem, is_blank},
    phone::{self, InvalidPhone, Parsed, PhoneNumber, PhoneProblem},
};

use super::{CheckedRow, Problem, Standing, measure};
use crate::{
    code::Code,
    columns::Columns,
    repeated::HeadingLine,
    sheet::{ParsedRow, Sheet},
};

/// Everything that is the same for all rows.
pub(super) struct Desk<'a> {
    sheet: &'a Sheet,
    columns: &'a Columns,
    template: &'a MessageTemplate,
    headings: HeadingLine,
}

impl<'a> Desk<'a> {
    pub(super) fn new(sheet: &'a Sheet, columns: &'a Columns, template: &'a MessageTemplate) -> Self {
        Self {
            sheet,
            columns,
            template,
            headings: HeadingLine::of(sheet.headings()),
        }
    }

    pub(super) fn check(&self, row: ParsedRow<'_>) -> CheckedRow {
        let mut problems = Vec::new();
        if self.sheet.has_extra_cells(row) {
            problems.push(about_row(
                Code::RowExtraCells,
                "見出しより多くのセルがあり、列がずれているおそれがあるため送りません。元のファイルのこの行を確かめてください。".to_owned(),
            ));
        }
        if self.headings.is_again(row) {
            problems.push(about_row(
                Code::RowHeaderAgain,
                "見出しと同じ行です。名簿が続けて貼られているようです。この行は送りません。".to_owned(),
            ));
        }
        if row.hidden() {
            problems.push(about_row(
                Code::RowHidden,
                "元のファイルで隠れている行です。送ってよい行か確かめてください。".to_owned(),
            ));
        }
        let phone = self.phone(row, &mut problems);
        let (text, utf16, parts) = measure(self.text(row, &mut problems));
        if utf16 > limits::TEXT_UNITS {
            let message = format!(
                "差し込んだ文面が{utf16}文字あり、SMSで送れる{}文字を超えています。文面を短くしてください。",
                limits::TEXT_UNITS
            );
            problems.push(about_row(Code::TextTooLong, message));
        }
        CheckedRow {
            line: row.line(),
            phone,
            text,
            utf16,
            parts,
            problems,
            repeats: None,
        }
    }

    fn phone(&self, row: ParsedRow<'_>, problems: &mut Vec<Problem>) -> Option<PhoneNumber> {
        let cell = row.cell(self.columns.to);
        if is_cell_error(cell) {
            problems.push(self.cell_error(self.columns.to, cell));
            return None;
        }
        let (code, after, message, number) = match phone::parse(cell) {
            Ok(parsed) if parsed.repairs.is_empty() => return Some(parsed.number),
            Ok(Parsed { number, repairs }) => {
                let labels: Vec<&str> = repairs.iter().map(|repair| repair.label()).collect();
                (
                    Code::PhoneRepaired,
                    Some(number.national()),
                    format!("{}。", labels.join("。")),
                    Some(number),
                )
            }
            Err(problem) => {
                let (code, message) = phone_problem(&problem);
                (code, None, message, None)
            }
        };
        problems.push(self.in_cell(code, self.columns.to, cell, after, message));
        number
    }

    fn text(&self, row: ParsedRow<'_>, problems: &mut Vec<Problem>) -> Option<String> {
        let mut broken = false;
        for (field, &column) in self.template.fields().iter().zip(&self.columns.fields) {
            let cell = row.cell(column);
            if is_cell_error(cell) {
                // The number's own column has been named already.
                if column != self.columns.to {
                    problems.push(self.cell_error(column, cell));
                }
                broken = true;
            } else if lost_its_digits(cell) {
                let message = format!(
                    "「{field}」が「{}」のような指数の形になっていて、元の数字が分かりません。元のシステムから書き出し直してください。",
                    cell.trim_matches(is_blank)
                );
                problems.push(self.in_cell(Code::MergeDigitsLost, column, cell, None, message));
                broken = true;
            }
        }
        if broken {
            return None;
        }
        let merged = self
            .template
            .merge(|field| Some(row.cell(self.columns.fields[field])));
        merged
            .map_err(|found| self.merge_problems(row, &found, problems))
            .ok()
    }

    fn merge_problems(&self, row: ParsedRow<'_>, found: &[MergeProblem], problems: &mut Vec<Problem>) {
        for MergeProblem { field, problem } in found {
            let column = self.columns.fields[*field];
            let name = &self.template.fields()[*field];
            let (code, message) = match problem {
                ValueProblem::Missing => (
                    Code::MergeMissing,
                    format!("差し込む「{name}」が空です。元のファイルに書き足すか、この行を除いてください。"),
                ),
                ValueProblem::Control => (
                    Code::MergeControl,
                    format!(
                        "差し込む「{name}」に改行または目に見えない制御文字があります。セルを書き直してください。"
                    ),
                ),
                ValueProblem::Garbled => (
                    Code::MergeGarbled,
                    format!(
                        "差し込む「{name}」に読めない文字（\u{FFFD}）があります。元のシステムの値に直してください。"
                    ),
                ),
            };
            problems.push(self.in_cell(code, column, row.cell(column), None, message));
        }
    }

    fn cell_error(&self, column: usize, cell: &str) -> Problem {
        let shown = cell.trim_matches(is_blank);
        let message =
            format!("元の表でセルがエラー（{shown}）になっています。元の表を直して保存し直してください。");
        self.in_cell(Code::CellError, column, cell, None, message)
    }

    fn in_cell(
        &self,
        code: Code,
        column: usize,
        cell: &str,
        after: Option<String>,
        message: String,
    ) -> Problem {
        let column = self.sheet.headings()[column].clone();
        Problem {
            code,
            column: Some(column),
            before: Some(cell.to_owned()),
            after,
            message,
        }
    }
}

fn about_row(code: Code, message: String) -> Problem {
    Problem {
        code,
        column: None,
        before: None,
        after: None,
        message,
    }
}

fn phone_problem(problem: &PhoneProblem) -> (Code, String) {
    match problem {
        PhoneProblem::Missing => (
            Code::PhoneMissing,
            "電話番号がありません。携帯番号が分かれば書き足してください。".to_owned(),
        ),
        PhoneProblem::Landline => (
            Code::PhoneLandline,
            "SMSが届かない番号です（固定電話・IP電話など）。携帯番号に直すか、電話で連絡してください。"
                .to_owned(),
        ),
        PhoneProblem::TwoNumbers { candidates } => {
            let choice: Vec<String> = candidates.iter().map(|number| number.national()).collect();
            let found = if choice.is_empty() {
                String::new()
            } else {
                format!("（携帯番号: {}）", choice.join("、"))
            };
            (
                Code::PhoneTwoNumbers,
                format!("電話番号が2つ以上あります{found}。送る番号を1つだけ残してください。"),
            )
        }
        PhoneProblem::Invalid(reason) => (Code::PhoneInvalid, invalid(*reason).to_owned()),
    }
}

fn invalid(reason: InvalidPhone) -> &'static str {
    match reason {
        InvalidPhone::DigitsLost => {
            "Excelの指数表示（9.0E+09など）で保存され、下の桁が失われています。元のシステムから書き出し直してください。"
        }
        InvalidPhone::TooShort => "電話番号の桁が足りません。正しい番号を確かめて直してください。",
        InvalidPhone::TooLong => "電話番号の桁が多すぎます。正しい番号を確かめて直してください。",
        InvalidPhone::Foreign => "海外の電話番号です。日本の携帯番号に直すか、ほかの方法で連絡してください。",
        InvalidPhone::Unknown => "携帯番号として読めません。正しい番号を確かめて直してください。",
    }
}

/// What spreadsheets show for a formula that failed, and `####` for a column too narrow when it was saved as text.
pub(super) fn is_cell_error(cell: &str) -> bool {
    const ERRORS: &[&str] = &[
        "#N/A",
        "#REF!",
        "#VALUE!",
        "#NAME?",
        "#DIV/0!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#DATA!",
        "#GETTING_DATA",
    ];
    let cell = cell.trim_matches(is_blank);
    cell.starts_with('#') && (ERRORS.contains(&cell) || (cell.len() >= 3 && cell.bytes().all(|b| b == b'#')))
}

/// `1.23457E+07`: a number cell that was saved as text while too narrow.
fn lost_its_digits(cell: &str) -> bool {
    let Some((mantissa, exponent)) = cell.trim_matches(is_blank).split_once("E+") else {
        return false;
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    whole.len() == 1 && digits(whole) && digits(fraction) && digits(exponent)
}

/// Finds rows with one number: the same text is sent once, other texts go to the same household.
pub(super) fn compare(rows: &mut [CheckedRow]) {
    let ready = |row: &CheckedRow| row.standing() == Standing::Send;
    let mut order: Vec<(PhoneNumber, usize)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| ready(row))
        .filter_map(|(at, row)| Some((row.phone?, at)))
        .collect();
    order.sort_unstable();
    for group in order.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        let (mut firsts, mut repeats) = (Vec::new(), Vec::new());
        let mut lines: HashMap<&str, u32> = HashMap::new();
        for &(_, at) in group {
            match lines.entry(rows[at].text.as_deref().unwrap_or_default()) {
                Entry::Occupied(first) => repeats.push((at, *first.get())),
                Entry::Vacant(new) => {
                    new.insert(rows[at].line);
                    firsts.push(at);
                }
            }
        }
        for (at, line) in repeats {
            mark_repeat(&mut rows[at], line);
        }
        mark_shared(rows, &firsts);
    }
}

fn mark_repeat(row: &mut CheckedRow, line: u32) {
    let message = format!("{line}行目と同じ番号・同じ文面です。1回だけ送り、この行は送りません。");
    row.problems.push(about_row(Code::RowDuplicate, message));
    row.repeats = Some(line);
}

fn mark_shared(rows: &mut [CheckedRow], firsts: &[usize]) {
    const NAMED: usize = 5;
    if firsts.len() < 2 {
        return;
    }
    let lines: Vec<u32> = firsts.iter().map(|at| rows[*at].line).collect();
    for &at in firsts {
        let others = lines.iter().filter(|line| **line != rows[at].line);
        let named: Vec<String> = others.take(NAMED).map(|line| format!("{line}行目")).collect();
        let more = if firsts.len() - 1 > NAMED { "など" } else { "" };
        let message = format!(
            "{}{more}と同じ番号です（ご家族など）。文面が違うため、それぞれに送ります。",
            named.join("、")
        );
        rows[at].problems.push(about_row(Code::PhoneShared, message));
    }
}
