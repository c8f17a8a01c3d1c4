//! What the operator can choose for a whole list, each with how many people it concerns: one message for each
//! household, and other letters for those that a phone may not show.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::phone::PhoneNumber;
use base::repertoire::proposed;
use lists::check::CheckedRow;
use lists::choice::{Household, LetterChoice};
use lists::code::Code;
use lists::sheet::ParsedRow;
use web::number::grouped;

use super::list_judged::JudgedRows;

/// One choice: how it stands, and the button that turns it round.
pub(super) struct ListOption {
    /// Of its heading.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) sentence: String,
    /// What it does, one by one.
    pub(super) items: Vec<String>,
    /// What the button sends.
    pub(super) choice: &'static str,
    pub(super) button: String,
}

/// Replacements that are named one by one.
const NAMED: usize = 20;

/// The choices that this list needs.
pub(super) fn options(rows: &JudgedRows, parsed: &HashMap<u32, ParsedRow<'_>>) -> Vec<ListOption> {
    [household(rows), letters(rows, parsed)]
        .into_iter()
        .flatten()
        .collect()
}

fn has(row: &CheckedRow, codes: &[Code]) -> bool {
    row.problems.iter().any(|problem| codes.contains(&problem.code))
}

fn household(rows: &JudgedRows) -> Option<ListOption> {
    let concerned = |code| rows.checked.rows.iter().filter(move |row| has(row, &[code]));
    let numbers = |code| {
        concerned(code)
            .filter_map(|row| row.phone)
            .collect::<BTreeSet<PhoneNumber>>()
            .len() as u64
    };
    let (id, title) = ("household", "家族など、同じ電話番号の人");
    match rows.brief.choices.household {
        Household::Each => {
            let people = concerned(Code::PhoneShared).count() as u64;
            let homes = numbers(Code::PhoneShared);
            let (people, homes) = (people > 0).then(|| (grouped(people), grouped(homes)))?;
            Some(ListOption {
                id,
                title,
                sentence: format!(
                    "同じ番号の人が{homes}組（{people}人）います。いまは、{people}人それぞれに1通ずつ送ります。"
                ),
                items: Vec::new(),
                choice: "household_once",
                button: format!("番号ごとに1通にする（{homes}通）"),
            })
        }
        Household::Once => {
            let left_out = concerned(Code::RowHousehold).count() as u64;
            let homes = numbers(Code::RowHousehold);
            (left_out > 0).then(|| ListOption {
                id,
                title,
                sentence: format!(
                    "同じ番号の人が{}組います。いまは、番号ごとに1通、リストで先の人の文面だけを送ります。ほかの{}人の文面は送りません。",
                    grouped(homes),
                    grouped(left_out)
                ),
                items: Vec::new(),
                choice: "household_each",
                button: format!("それぞれに送る（{}通）", grouped(homes + left_out)),
            })
        }
    }
}

fn letters(rows: &JudgedRows, parsed: &HashMap<u32, ParsedRow<'_>>) -> Option<ListOption> {
    const CODES: [Code; 3] = [Code::TextLetters, Code::TextAuRefuses, Code::TextReplaced];
    let mut count = 0;
    let mut letters: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in rows.checked.rows.iter().filter(|row| has(row, &CODES)) {
        // The text before anything in it was replaced.
        let Ok(merged) = rows.brief.merge(parsed[&row.line], row.phone) else {
            continue;
        };
        let replaced = proposed(&merged.merged.text()).replaced;
        count += u64::from(!replaced.is_empty());
        for pair in replaced {
            *letters.entry(pair).or_default() += 1;
        }
    }
    if count == 0 {
        return None;
    }
    let people = grouped(count);
    let (sentence, choice, button) = match rows.brief.choices.letters {
        LetterChoice::Keep => (
            format!(
                "電話機によって表示されない文字が、{people}人の文面にあります。いまは、元の文字のまま送ります。auが受け付けない短い文面は送りません。"
            ),
            "letters_replace",
            format!("{people}人の文字を置き換えて送る"),
        ),
        LetterChoice::Replace => (
            format!("電話機によって表示されない文字を、{people}人の文面で置き換えて送ります。"),
            "letters_keep",
            "元の文字のままにする".to_owned(),
        ),
    };
    Some(ListOption {
        id: "letters",
        title: "表示されないことがある文字",
        sentence,
        items: in_words(letters),
        choice,
        button,
    })
}

/// The most frequent replacements first.
fn in_words(letters: BTreeMap<(String, String), u64>) -> Vec<String> {
    let mut letters: Vec<((String, String), u64)> = letters.into_iter().collect();
    letters.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let rest = letters.len().saturating_sub(NAMED) as u64;
    let told = letters.into_iter().take(NAMED).map(|((from, to), count)| {
        let people = grouped(count);
        match to.as_str() {
            "" => format!("「{from}」を取り除く（{people}人）"),
            "\n" => format!("「{from}」を改行にする（{people}人）"),
            " " => format!("「{from}」を空白にする（{people}人）"),
            to => format!("「{from}」を「{to}」にする（{people}人）"),
        }
    });
    let rest = (rest > 0).then(|| format!("ほかに{}種類", grouped(rest)));
    told.chain(rest).collect()
}
