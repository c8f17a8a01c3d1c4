//! Rows of a list as its check page shows them.

use std::collections::HashMap;

use base::clock::Millis;
use base::id::ListId;
use base::phone::{self, PhoneNumber, PhoneProblem};
use base::repertoire::{LetterFinding, examine, proposed};
use lists::check::{Brief, CheckedRow, Problem, Sendable};
use lists::code::{Code, Severity};
use lists::sheet::{ParsedRow, Sheet};
use lists::store::ExcludedRow;
use web::ui::Mark;

use crate::recognition::Recognised;

/// A row with errors, as a line of the table in which it is mended.
pub(super) struct BadRow {
    pub(super) line: u32,
    /// How many changes it had when it was shown.
    pub(super) seen: u32,
    /// The cells that are needed.
    pub(super) cells: Vec<EditCell>,
    /// What concerns the whole row.
    pub(super) remarks: Vec<String>,
    /// The other cells that hold something.
    pub(super) others: Vec<EditCell>,
    /// Whether the other cells have to be mended too, because the columns are shifted.
    pub(super) shifted: bool,
    /// The right number, known instead of a wrong one.
    pub(super) right: Option<Offer>,
}

/// A number that can be put into a cell with one press.
pub(super) struct Offer {
    pub(super) column: usize,
    pub(super) number: String,
}

/// A cell and what is wrong with it.
pub(super) struct EditCell {
    pub(super) column: usize,
    pub(super) heading: String,
    pub(super) value: String,
    pub(super) errors: Vec<String>,
    /// Of several numbers in the cell, those that an SMS reaches.
    pub(super) offers: Vec<Offer>,
}

impl EditCell {
    /// A field of one line would join lines to a number that nobody wrote.
    pub(super) fn has_lines(&self) -> bool {
        self.value.contains('\n')
    }
}

/// The columns that the list needs, each once: those of the text first, then the numbers.
pub(super) fn needed(brief: &Brief) -> Vec<usize> {
    let mut needed: Vec<usize> = Vec::new();
    let fields = brief.texts.iter().flat_map(|text| text.fields.iter().flatten());
    for column in fields.chain([&brief.to]) {
        if !needed.contains(column) {
            needed.push(*column);
        }
    }
    needed
}

/// A row with errors; `needed` are the columns that are needed, and the one of the numbers. `seen` says how many
/// changes each row had.
pub(super) fn bad_row(
    sheet: &Sheet,
    (needed, to): (&[usize], usize),
    parsed: ParsedRow<'_>,
    checked: &CheckedRow,
    seen: &HashMap<u32, u32>,
) -> BadRow {
    let has = |code| checked.problems.iter().any(|problem| problem.code == code);
    let of_row = checked
        .problems
        .iter()
        .filter(|problem| problem.column.is_none() && !is_contact(problem.code));
    let cells = needed.iter().map(|column| {
        let heading = heading(sheet, *column);
        let here = checked.problems.iter().filter(|problem| {
            problem.severity() == Severity::Error && problem.column.as_deref() == Some(&heading)
        });
        let cell = cell(sheet, parsed, *column);
        EditCell {
            errors: here.map(|problem| problem.message.clone()).collect(),
            offers: if *column == to { offers(&cell) } else { Vec::new() },
            ..cell
        }
    });
    let others = (0..parsed.len()).filter(|column| !needed.contains(column));
    let others = others.filter(|column| !parsed.cell(*column).is_empty());
    let known = checked
        .problems
        .iter()
        .find(|problem| problem.code == Code::PhoneKnownWrong);
    BadRow {
        line: checked.line,
        seen: seen.get(&checked.line).copied().unwrap_or(0),
        cells: cells.collect(),
        remarks: of_row.map(|problem| problem.message.clone()).collect(),
        others: others.map(|column| cell(sheet, parsed, column)).collect(),
        shifted: has(Code::RowExtraCells),
        right: known.and_then(|known| {
            Some(Offer {
                column: to,
                number: known.after.clone()?,
            })
        }),
    }
}

/// What is offered for a cell with several numbers.
fn offers(cell: &EditCell) -> Vec<Offer> {
    let Err(PhoneProblem::TwoNumbers { candidates }) = phone::parse(&cell.value) else {
        return Vec::new();
    };
    let offer = |number: PhoneNumber| Offer {
        column: cell.column,
        number: number.national(),
    };
    candidates.into_iter().map(offer).collect()
}

/// Whether it is told in the table of people written to before.
fn is_contact(code: Code) -> bool {
    matches!(code, Code::RowContacted | Code::RowContactedAgain)
}

fn cell(sheet: &Sheet, parsed: ParsedRow<'_>, column: usize) -> EditCell {
    EditCell {
        column,
        heading: heading(sheet, column),
        value: parsed.cell(column).to_owned(),
        errors: Vec::new(),
        offers: Vec::new(),
    }
}

/// The heading of a column, or its letters where it has none.
pub(super) fn heading(sheet: &Sheet, column: usize) -> String {
    let lists::columns::Column { heading, letters } = sheet.column(column);
    if heading.is_empty() {
        format!("{letters}列")
    } else {
        heading
    }
}

/// One thing to look at: where, what, and what it was before.
pub(super) struct Remark {
    pub(super) line: u32,
    pub(super) column: String,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) message: String,
}

/// Whether any of them is about a cell: else a table has no columns for it.
pub(super) fn in_cells(remarks: &[Remark]) -> bool {
    remarks.iter().any(|remark| !remark.column.is_empty())
}

/// What was found in a row with this severity.
pub(super) fn remarks(row: &CheckedRow, severity: Severity) -> impl Iterator<Item = Remark> {
    let found = row
        .problems
        .iter()
        .filter(move |problem| problem.severity() == severity && !is_contact(problem.code));
    found.map(|problem: &Problem| Remark {
        line: row.line,
        column: problem.column.clone().unwrap_or_default(),
        before: problem.before.clone().unwrap_or_default(),
        after: problem.after.clone().unwrap_or_default(),
        message: problem.message.clone(),
    })
}

/// A row that was done before.
pub(super) struct BeforeRow {
    pub(super) line: u32,
    pub(super) phone: String,
    pub(super) state: &'static str,
    pub(super) sentence: &'static str,
    pub(super) at: Millis,
}

impl BeforeRow {
    pub(super) fn of(row: lists::check::Sendable<'_>, before: Recognised) -> Self {
        Self {
            line: row.line,
            phone: row.phone.masked(),
            state: before.earlier.state.label(),
            sentence: before.earlier.state.sentence(),
            at: before.earlier.created_at,
        }
    }
}

/// A row that a person left out.
pub(super) struct LeftOut {
    pub(super) line: u32,
    pub(super) cells: Vec<String>,
    pub(super) reason: String,
}

impl LeftOut {
    pub(super) fn of(row: &ExcludedRow, needed: &[usize]) -> Self {
        let cell = |column: &usize| row.cells.get(*column).cloned().unwrap_or_default();
        Self {
            line: row.line,
            cells: needed.iter().map(cell).collect(),
            reason: row.reason.clone(),
        }
    }
}

/// What errors there are, in words that say what to do, and in how many rows; the most frequent first.
pub(super) fn kinds<'a>(rows: impl Iterator<Item = &'a CheckedRow>) -> Vec<(&'static str, u64)> {
    let mut counts: Vec<(&'static str, u64)> = Vec::new();
    for row in rows {
        let mut wishes: Vec<&'static str> = row.problems.iter().filter_map(wish).collect();
        wishes.sort_unstable();
        wishes.dedup();
        for wish in wishes {
            match counts.iter_mut().find(|(known, _)| *known == wish) {
                Some((_, count)) => *count += 1,
                None => counts.push((wish, 1)),
            }
        }
    }
    counts.sort_by_key(|(wish, count)| (std::cmp::Reverse(*count), *wish));
    counts
}

fn wish(problem: &Problem) -> Option<&'static str> {
    if problem.severity() != Severity::Error {
        return None;
    }
    Some(match problem.code {
        Code::PhoneMissing => "電話番号を書き足す",
        Code::PhoneLandline => "SMSが届く番号に直すか、電話で連絡する",
        Code::PhoneInvalid => "電話番号を直す",
        Code::PhoneTwoNumbers => "電話番号を1つにする",
        Code::MergeMissing => "差し込む値を書き足す",
        Code::TextTooLong => "文面を短くする",
        Code::RowExtraCells => "列のずれを直す",
        Code::PhoneKnownWrong => "誤りとして登録されている番号を直す",
        Code::TextAuRefuses => "文字を置き換えて送るかを選ぶ",
        Code::TextAdviceBlocks => "文面を直す",
        Code::RowHeaderAgain => "見出しの行を除外する",
        Code::IntegrityMismatch | Code::IntegritySwapped | Code::IntegrityIdDoubled => "別の人の値を直す",
        _ => "セルの値を直す",
    })
}

/// A text in pieces, those from the row marked; the text alone if more was changed after merging than letters.
pub(super) fn pieces(brief: &Brief, parsed: ParsedRow<'_>, row: Sendable<'_>) -> Vec<(String, bool)> {
    let alone = || vec![(row.text.to_owned(), false)];
    let Ok(merged) = brief.merge(parsed, Some(row.phone)) else {
        return alone();
    };
    let merged = merged.merged;
    if merged.text() == row.text {
        return merged.pieces;
    }
    let replaced = merged
        .pieces
        .into_iter()
        .map(|(text, own)| (proposed(&text).text, own));
    let replaced: Vec<(String, bool)> = replaced.collect();
    let told: String = replaced.iter().map(|(text, _)| text.as_str()).collect();
    if told == row.text { replaced } else { alone() }
}

/// The same with the letters that some phone may not show.
pub(super) fn with_doubts(pieces: Vec<(String, bool)>) -> Vec<(String, Mark)> {
    let mut marked = Vec::new();
    for (text, own) in pieces {
        let mark = if own { Mark::Value } else { Mark::Plain };
        let doubts = examine(&text);
        let mut rest = text.as_str();
        while let Some((at, letter)) = first_doubt(rest, &doubts) {
            marked.push((rest[..at].to_owned(), mark));
            marked.push((letter.to_owned(), Mark::Doubt));
            rest = &rest[at + letter.len()..];
        }
        marked.push((rest.to_owned(), mark));
    }
    marked.retain(|(text, _)| !text.is_empty());
    marked
}

/// The letter in doubt that comes first, the longest of those that begin there.
fn first_doubt<'a>(text: &str, doubts: &'a [LetterFinding]) -> Option<(usize, &'a str)> {
    let found = doubts
        .iter()
        .filter_map(|doubt| Some((text.find(&doubt.letter)?, doubt.letter.as_str())));
    found.min_by_key(|(at, letter)| (*at, std::cmp::Reverse(letter.len())))
}

/// `wanted` different numbers below `count`, or all of them, chosen by `seed`, in rising order.
pub(super) fn sample(count: usize, wanted: usize, seed: u64) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    let mut state = seed;
    while chosen.len() < wanted.min(count) {
        state = state.wrapping_add(STEP);
        let below = mixed(state) % (count as u64);
        let index = usize::try_from(below).expect("below a usize");
        if !chosen.contains(&index) {
            chosen.push(index);
        }
    }
    chosen.sort_unstable();
    chosen
}

/// The places of some of these rows of a list: the same ones each time, as long as they are there, so that it is
/// known afterwards which were shown.
pub(super) fn steady_sample(list: ListId, lines: &[u32], wanted: usize) -> Vec<usize> {
    let seed = mixed(list.get().cast_unsigned());
    let rank = |at: &usize| mixed(seed ^ u64::from(lines[*at]).wrapping_mul(STEP));
    let mut chosen: Vec<usize> = (0..lines.len()).collect();
    chosen.sort_by_cached_key(rank);
    chosen.truncate(wanted);
    chosen.sort_unstable();
    chosen
}

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// `SplitMix64`: every seed gives another row of numbers, evenly spread.
fn mixed(state: u64) -> u64 {
    let mut mixed = state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::merge::MessageTemplate;
    use base::phone::PhoneNumber;
    use base::text::Parts;
    use lists::read::{ReadOptions, read};
    use proptest::prelude::*;

    #[test]
    fn the_pieces_are_the_text_with_the_values_marked() {
        let sheet = read(
            "a.csv",
            "ＩＤ,電話\n 0123 ,09012345678\n".as_bytes(),
            &ReadOptions::default(),
        );
        let sheet = sheet.unwrap_or_else(|problem| panic!("{problem}"));
        let template = MessageTemplate::parse("ID:{{ id }}です。{{id}}").unwrap_or_else(|p| panic!("{p}"));
        let brief = Brief::new(&sheet, "電話", template).unwrap_or_else(|p| panic!("{p:?}"));
        let row = sheet.rows().next().expect("one row");
        let text = |text| Sendable {
            line: 2,
            phone: PhoneNumber::from_e164("+819012345678").expect("a number"),
            text,
            parts: Parts::default(),
        };
        let marked = pieces(&brief, row, text("ID:0123です。0123"));
        let marked: Vec<(&str, bool)> = marked.iter().map(|(text, own)| (text.as_str(), *own)).collect();
        assert_eq!(
            marked,
            [("ID:", false), ("0123", true), ("です。", false), ("0123", true)]
        );
        assert_eq!(
            pieces(&brief, row, text("別の文")),
            [("別の文".to_owned(), false)]
        );
    }

    #[test]
    fn letters_in_doubt_are_marked_and_nothing_else_changes() {
        let pieces = vec![("宛先: ".to_owned(), false), ("髙橋①".to_owned(), true)];
        let marked = with_doubts(pieces);
        let marked: Vec<(&str, Mark)> = marked.iter().map(|(text, mark)| (text.as_str(), *mark)).collect();
        let expected = [
            ("宛先: ", Mark::Plain),
            ("髙", Mark::Doubt),
            ("橋", Mark::Value),
            ("①", Mark::Doubt),
        ];
        assert_eq!(marked, expected);
    }

    proptest! {
        #[test]
        fn with_its_doubts_marked_a_text_stays_the_same(text in "[あ髙ｶﾞ①～\u{3099}\u{FE00}]{0,12}|.{0,30}") {
            let marked = with_doubts(vec![(text.clone(), false)]);
            let told: String = marked.iter().map(|(text, _)| text.as_str()).collect();
            prop_assert_eq!(told, text);
        }

        #[test]
        fn a_sample_has_different_rows_of_the_list(count in 0..200_usize, wanted in 0..5_usize, seed: u64) {
            let chosen = sample(count, wanted, seed);
            prop_assert_eq!(chosen.len(), wanted.min(count));
            prop_assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(chosen.iter().all(|index| *index < count));
        }
    }
}
