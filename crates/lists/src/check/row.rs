//! One row at a time, and then the rows against each other.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet, hash_map::Entry},
    fmt::Write as _,
};

use base::{
    limits,
    merge::{MergeProblem, Repair, ValueProblem, is_blank},
    phone::{self, InvalidPhone, Parsed, PhoneNumber, PhoneProblem},
    repertoire::{self, LetterFinding, Proposal},
    text::{self, Parts},
};

use super::{Brief, CheckedRow, Problem, RowMerged, RowText, Standing};
use crate::{
    choice::{Household, LetterChoice},
    code::Code,
    repeated::HeadingLine,
    sheet::{ParsedRow, Sheet},
};

/// Letters in doubt that are told of one row.
const LETTERS_TOLD: usize = 3;

/// Everything that is the same for all rows.
pub(super) struct Desk<'a> {
    pub(super) sheet: &'a Sheet,
    brief: &'a Brief,
    headings: HeadingLine,
    slipped: HashSet<u32>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(sheet: &'a Sheet, brief: &'a Brief) -> Self {
        Self {
            sheet,
            brief,
            headings: HeadingLine::of(sheet.headings()),
            slipped: sheet.slipped(),
        }
    }

    /// The row at this place, judged by itself and beside the others.
    pub(super) fn row(&self, at: usize, beside: &Beside) -> CheckedRow {
        let mut row = self.check(at);
        beside.tell(at, &mut row);
        row
    }

    /// The number of the row at this place, and nothing else of it.
    pub(super) fn number(&self, at: usize) -> Option<PhoneNumber> {
        self.phone(self.sheet.row(at), &mut Vec::new())
    }

    pub(super) fn check(&self, at: usize) -> CheckedRow {
        let row = self.sheet.row(at);
        let mut problems = Vec::new();
        if self.slipped.contains(&row.line()) {
            problems.push(Problem::about_row(
                Code::RowExtraCells,
                "見出しより多くのセルがあり、列がずれているおそれがあるため送りません。元のファイルのこの行を確かめてください。".to_owned(),
            ));
        }
        if self.headings.is_again(row) {
            problems.push(Problem::about_row(
                Code::RowHeaderAgain,
                "見出しと同じ行です。名簿が続けて貼られているようです。この行は送りません。".to_owned(),
            ));
        }
        if row.hidden() {
            problems.push(Problem::about_row(
                Code::RowHidden,
                "元のファイルで隠れている行です。送ってよい行か確かめてください。".to_owned(),
            ));
        }
        let phone = self.phone(row, &mut problems);
        let text = self.text(row, phone, &mut problems);
        let mut checked = CheckedRow {
            line: row.line(),
            phone,
            utf16: text.as_deref().map_or(0, text::utf16_len),
            parts: text
                .as_deref()
                .map_or_else(Parts::default, |text| self.brief.counting.parts(text)),
            text,
            problems,
            repeats: None,
            contacted: false,
        };
        self.measure(&mut checked);
        self.brief.background.tell(at, &self.brief.choices, &mut checked);
        checked
    }

    /// What no carrier takes.
    fn measure(&self, row: &mut CheckedRow) {
        let Some(text) = &row.text else { return };
        let units = self.brief.counting.units(text);
        if units > limits::TEXT_UNITS {
            let message = format!(
                "差し込んだ文面が{units}文字あり、SMSで送れる{}文字を超えています。文面を短くしてください。",
                limits::TEXT_UNITS
            );
            row.problems.push(Problem::about_row(Code::TextTooLong, message));
        }
    }

    /// Letters that a phone may not show or a carrier refuses, replaced if the operator chose so.
    fn letters(&self, text: String, foreign: bool, problems: &mut Vec<Problem>) -> String {
        let mut doubts = repertoire::examine(&text);
        doubts.retain(|found| found.au_refuses || !(foreign && found.doubt.is_of_a_language()));
        if doubts.is_empty() {
            return text;
        }
        let replaced =
            (self.brief.choices.letters == LetterChoice::Replace).then(|| repertoire::proposed(&text));
        let Some(Proposal { text, replaced, left }) = replaced else {
            problems.push(in_doubt(&doubts));
            return text;
        };
        if !replaced.is_empty() {
            let told: Vec<String> = replaced.iter().map(|(from, to)| format!("{from}→{to}")).collect();
            let message = format!(
                "選ばれたとおり、文字を置き換えて送ります（{}）。",
                told.join("、")
            );
            problems.push(Problem::about_row(Code::TextReplaced, message));
        }
        if !left.is_empty() {
            problems.push(in_doubt(&left));
        }
        text
    }

    fn phone(&self, row: ParsedRow<'_>, problems: &mut Vec<Problem>) -> Option<PhoneNumber> {
        let cell = row.cell(self.brief.to);
        if is_cell_error(cell) {
            problems.push(self.cell_error(self.brief.to, cell));
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
        problems.push(self.in_cell(code, self.brief.to, cell, after, message));
        number
    }

    fn text(
        &self,
        row: ParsedRow<'_>,
        to: Option<PhoneNumber>,
        problems: &mut Vec<Problem>,
    ) -> Option<String> {
        let (_, text) = self.brief.text(row);
        let mut broken = false;
        for (field, column) in text.template.fields().iter().zip(&text.fields) {
            let Some(column) = *column else { continue };
            let cell = row.cell(column);
            if is_cell_error(cell) {
                // The number's own column has been named already.
                if column != self.brief.to {
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
        match self.brief.merge(row, to) {
            Ok(RowMerged { at, merged, .. }) => {
                let repaired = merged
                    .repairs
                    .iter()
                    .filter_map(|repair| self.repaired(text, repair));
                problems.extend(repaired);
                if let Some(advice) = &self.brief.advice {
                    problems.extend(advice(row, &merged, at));
                }
                Some(self.letters(merged.text(), text.foreign, problems))
            }
            Err(found) => {
                self.merge_problems(row, text, &found, problems);
                None
            }
        }
    }

    fn merge_problems(
        &self,
        row: ParsedRow<'_>,
        text: &RowText,
        found: &[MergeProblem],
        problems: &mut Vec<Problem>,
    ) {
        for MergeProblem { field, problem } in found {
            let name = &text.template.fields()[*field];
            let code = match problem {
                ValueProblem::Missing => Code::MergeMissing,
                ValueProblem::Control => Code::MergeControl,
                ValueProblem::Garbled => Code::MergeGarbled,
                ValueProblem::Url => Code::MergeLink,
                ValueProblem::NotAnId => Code::MergeNotAnId,
                ValueProblem::NotADate => Code::MergeNotADate,
                ValueProblem::NotAName => Code::MergeNotAName,
                ValueProblem::NothingShown => Code::MergeNothingShown,
            };
            let message = problem.sentence(name);
            problems.push(match text.fields[*field] {
                Some(column) => self.in_cell(code, column, row.cell(column), None, message),
                // A link stands in no cell; whoever can have none is not written to.
                None => Problem::about_row(code, message),
            });
        }
    }

    fn repaired(&self, text: &RowText, repair: &Repair) -> Option<Problem> {
        let column = text.fields[repair.field]?;
        let message = format!(
            "「{}」の全角数字や余分な記号を直して差し込みました。",
            text.template.fields()[repair.field]
        );
        let after = Some(repair.after.clone());
        Some(self.in_cell(Code::MergeRepaired, column, &repair.before, after, message))
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

/// Letters in doubt, in one remark: au refuses the text, or some phone may not show it.
fn in_doubt(doubts: &[LetterFinding]) -> Problem {
    let told: Vec<String> = doubts
        .iter()
        .take(LETTERS_TOLD)
        .map(LetterFinding::sentence)
        .collect();
    let refused = doubts.iter().any(|doubt| doubt.au_refuses);
    let proposed = doubts.iter().any(|doubt| doubt.proposal.is_some());
    let mut message = told.join("");
    if doubts.len() > LETTERS_TOLD {
        let more = doubts.len() - LETTERS_TOLD;
        let _ = write!(message, "ほかに{more}種類あります。");
    }
    message.push_str(match (refused, proposed) {
        (true, true) => "置き換えて送るかを選んでください。選ぶまで、この行には送りません。",
        (true, false) => "この文字を使わない文面に直してください。この行には送りません。",
        (false, true) => "置き換えて送ることもできます。",
        (false, false) => "",
    });
    let code = if refused {
        Code::TextAuRefuses
    } else {
        Code::TextLetters
    };
    Problem::about_row(code, message)
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

/// What is to be said of rows because of other rows, by place in the list.
#[derive(Default)]
pub(super) struct Beside(HashMap<usize, Remark>);

enum Remark {
    /// The row of this number says the same to the same number.
    Repeats(u32),
    /// The operator chose one message for the household, and the row of this number is it.
    InHousehold(u32),
    /// Other rows have the number and other texts, in words.
    Shares(String),
}

/// Finds rows with one number: the same text is sent once, other texts go to the same household. `row` gives the row
/// at a place, judged by itself.
pub(super) fn compare<R: Borrow<CheckedRow>>(desk: &Desk<'_>, row: impl Fn(usize) -> R + Sync) -> Beside {
    let number = |at: usize| {
        let row = row(at);
        let row = row.borrow();
        (row.standing() == Standing::Send).then_some((row.phone?, at))
    };
    let mut order: Vec<(PhoneNumber, usize)> = Vec::with_capacity(desk.sheet.len());
    for part in desk.on_every_core(|rows| rows.filter_map(number).collect::<Vec<_>>()) {
        order.extend(part);
    }
    order.sort_unstable();
    let mut beside = Beside::default();
    for group in order.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
        let mut firsts: Vec<(usize, u32)> = Vec::new();
        let mut lines: HashMap<String, u32> = HashMap::new();
        for &(_, at) in group {
            let row = row(at);
            let row = row.borrow();
            match lines.entry(row.text.clone().unwrap_or_default()) {
                Entry::Occupied(first) => {
                    beside.0.insert(at, Remark::Repeats(*first.get()));
                }
                Entry::Vacant(new) => {
                    new.insert(row.line);
                    firsts.push((at, row.line));
                }
            }
        }
        match desk.brief.choices.household {
            Household::Each => beside.share(&firsts),
            Household::Once => beside.keep_one(&firsts),
        }
    }
    beside
}

fn mark_repeat(row: &mut CheckedRow, line: u32) {
    let message = format!("{line}行目と同じ番号・同じ文面です。1回だけ送り、この行は送りません。");
    row.problems.push(Problem::about_row(Code::RowDuplicate, message));
    row.repeats = Some(line);
}

fn mark_household(row: &mut CheckedRow, line: u32) {
    let message = format!("{line}行目と同じ番号です。1世帯に1通と選ばれているため、この行は送りません。");
    row.problems.push(Problem::about_row(Code::RowHousehold, message));
    row.repeats = Some(line);
}

impl Beside {
    /// Says what is to be said of the row at this place; afterwards its problems stand errors first.
    pub(super) fn tell(&self, at: usize, row: &mut CheckedRow) {
        match self.0.get(&at) {
            Some(Remark::Repeats(line)) => mark_repeat(row, *line),
            Some(Remark::InHousehold(line)) => mark_household(row, *line),
            Some(Remark::Shares(message)) => row
                .problems
                .push(Problem::about_row(Code::PhoneShared, message.clone())),
            None => {}
        }
        row.problems
            .sort_by_key(|problem| std::cmp::Reverse(problem.severity()));
    }

    fn keep_one(&mut self, firsts: &[(usize, u32)]) {
        if let [(_, kept), others @ ..] = firsts {
            let remarks = others.iter().map(|(at, _)| (*at, Remark::InHousehold(*kept)));
            self.0.extend(remarks);
        }
    }

    fn share(&mut self, firsts: &[(usize, u32)]) {
        const NAMED: usize = 5;
        if firsts.len() < 2 {
            return;
        }
        for &(at, own) in firsts {
            let others = firsts.iter().map(|(_, line)| *line).filter(|line| *line != own);
            let named: Vec<String> = others.take(NAMED).map(|line| format!("{line}行目")).collect();
            let more = if firsts.len() - 1 > NAMED { "など" } else { "" };
            let message = format!(
                "{}{more}と同じ番号です（ご家族など）。文面が違うため、それぞれに送ります。",
                named.join("、")
            );
            self.0.insert(at, Remark::Shares(message));
        }
    }
}
