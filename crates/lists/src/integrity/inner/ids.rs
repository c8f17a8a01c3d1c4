//! The column of IDs by itself: doubled, in order, or of two kinds.

use std::collections::HashMap;

use super::{
    super::{grid::Grid, value::Family},
    words,
};
use crate::{
    code::Code,
    integrity::{IntegrityFinding, Scope},
    kind::ColumnKind,
};

pub(super) fn check(list: &Grid<'_>) -> Vec<IntegrityFinding> {
    list.of_kind(ColumnKind::Id)
        .flat_map(|column| {
            [
                doubled(list, column),
                suspect_sorted(list, column),
                pattern_changes(list, column),
            ]
        })
        .flatten()
        .collect()
}

/// Rows of different persons with one ID.
fn doubled(list: &Grid<'_>, column: usize) -> Option<IntegrityFinding> {
    let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
    let mut filled = 0;
    for row in 0..list.len() {
        if let Some(key) = Family::Plain.key(&list.cell(row, column)) {
            filled += 1;
            rows.entry(key.into_owned()).or_default().push(row);
        }
    }
    // Numbers that a tenth of the rows share belong to households or offices.
    if rows.len() * 10 < filled * 9 && rows.len() + 2 < filled {
        return None;
    }
    let mut wrong: Vec<usize> = Vec::new();
    for same in rows.into_values().filter(|same| same.len() > 1) {
        let differs = same
            .iter()
            .any(|row| *row != same[0] && other_person(list, same[0], *row));
        wrong.extend(same.into_iter().filter(|_| differs));
    }
    if wrong.is_empty() {
        return None;
    }
    wrong.sort_unstable();
    let lines = list.lines(wrong);
    let heading = list.columns[column].heading.clone();
    let message = words::id_doubled(&heading, &lines);
    Some(
        IntegrityFinding::new(Code::IntegrityIdDoubled, Scope::Rows, message)
            .at(&lines)
            .of(vec![heading]),
    )
}

/// Whether more of name, reading, birth date and number differ than agree.
fn other_person(list: &Grid<'_>, one: usize, other: usize) -> bool {
    let kinds = [
        (ColumnKind::Name, Family::Plain),
        (ColumnKind::Kana, Family::Plain),
        (ColumnKind::Birth, Family::Day),
        (ColumnKind::Phone, Family::Phone),
    ];
    let mut balance = 0;
    for (kind, family) in kinds {
        if let Some(column) = list.of_kind(kind).next() {
            let (one, other) = (list.cell(one, column), list.cell(other, column));
            if let (Some(one), Some(other)) = (family.key(&one), family.key(&other)) {
                balance += if one == other { -1 } else { 1 };
            }
        }
    }
    balance > 0
}

/// Fewest rows in which an order is no chance and no small export.
const MIN_ROWS: usize = 20;

/// IDs in order in a list that is otherwise in the order of its own: its numbers count on, or its families still stand
/// together, although the IDs were not given in turn.
fn suspect_sorted(list: &Grid<'_>, column: usize) -> Option<IntegrityFinding> {
    let ids: Vec<u64> = (0..list.len())
        .filter_map(|row| Family::Plain.key(&list.cell(row, column))?.parse().ok())
        .collect();
    if ids.len() < MIN_ROWS || ids.len() * 10 < list.len() * 9 {
        return None;
    }
    let rising = ids.windows(2).all(|pair| pair[0] < pair[1]);
    let falling = ids.windows(2).all(|pair| pair[0] > pair[1]);
    let span = ids[0].abs_diff(ids[ids.len() - 1]);
    let given_in_turn = span < 1000 * ids.len() as u64;
    if !(rising || falling) || given_in_turn || !keeps_its_order(list) {
        return None;
    }
    let heading = list.columns[column].heading.clone();
    let message = words::suspect_sorted(&heading, falling);
    Some(IntegrityFinding::new(Code::IntegritySuspectSorted, Scope::List, message).of(vec![heading]))
}

fn keeps_its_order(list: &Grid<'_>) -> bool {
    let counted = list
        .columns
        .iter()
        .any(|column| column.kind == ColumnKind::Serial && column.profile.counts_rows());
    let Some(phone) = list.of_kind(ColumnKind::Phone).next() else {
        return counted;
    };
    let keys: Vec<Option<String>> = (0..list.len())
        .map(|row| {
            Family::Phone
                .key(&list.cell(row, phone))
                .map(std::borrow::Cow::into_owned)
        })
        .collect();
    let families = keys
        .windows(2)
        .filter(|pair| pair[0].is_some() && pair[0] == pair[1])
        .count();
    counted || families >= 2
}

/// One row from which on all IDs are longer or shorter, or begin with other letters, while nothing else changes there.
fn pattern_changes(list: &Grid<'_>, column: usize) -> Option<IntegrityFinding> {
    let shapes: Vec<(usize, String, usize)> = (0..list.len())
        .filter_map(|row| {
            let cell = list.cell(row, column);
            let cell = cell.trim().trim_start_matches('\'');
            let letters: String = cell.chars().take_while(|c| c.is_alphabetic()).collect();
            (!cell.is_empty()).then(|| (row, letters, cell.chars().count()))
        })
        .collect();
    let same =
        |one: &(usize, String, usize), other: &(usize, String, usize)| one.1 == other.1 && one.2 == other.2;
    let mut changes = (1..shapes.len()).filter(|at| !same(&shapes[at - 1], &shapes[*at]));
    let at = changes.next()?;
    if changes.next().is_some()
        || in_order(list, column)
        || at < 5
        || shapes.len() - at < 5
        || another_changes(list, column, shapes[at].0)
    {
        return None;
    }
    let say = |(_, letters, length): &(usize, String, usize)| match letters.as_str() {
        "" => format!("{length}桁"),
        letters => format!("「{letters}」で始まる{length}文字"),
    };
    let line = list.line(shapes[at].0);
    let heading = list.columns[column].heading.clone();
    let message = words::pattern_changes(&heading, line, &say(&shapes[at - 1]), &say(&shapes[at]));
    Some(
        IntegrityFinding::new(Code::IntegrityPatternChanges, Scope::List, message)
            .at(&[line])
            .of(vec![heading]),
    )
}

/// Whether the numbers rise or fall throughout: where their zeros were lost, they grow longer at one row.
fn in_order(list: &Grid<'_>, column: usize) -> bool {
    let numbers: Vec<u64> = (0..list.len())
        .filter_map(|row| Family::Plain.key(&list.cell(row, column))?.parse().ok())
        .collect();
    numbers.is_sorted() || numbers.iter().rev().is_sorted()
}

/// Whether another column is one value above the row and another below: then two lists were put together.
fn another_changes(list: &Grid<'_>, column: usize, row: usize) -> bool {
    (0..list.columns.len())
        .filter(|other| *other != column)
        .any(|other| {
            let above = list.cell(0, other);
            let below = list.cell(row, other);
            above != below
                && (0..row).all(|at| list.cell(at, other) == above)
                && (row..list.len()).all(|at| list.cell(at, other) == below)
        })
}
