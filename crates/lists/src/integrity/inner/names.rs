//! Readings beside names.

use std::collections::{HashMap, HashSet};

use super::{
    super::{grid::Grid, readings, value::Family},
    Beside, near,
};
use crate::{
    integrity::{IntegrityFinding, explain::Seat},
    kind::ColumnKind,
};

/// What a name may be read as, folded.
type Known = HashMap<String, HashSet<String>>;

pub(super) fn check(list: &Grid<'_>) -> Vec<IntegrityFinding> {
    let (Some(name), Some(kana)) = (
        list.of_kind(ColumnKind::Name).next(),
        list.of_kind(ColumnKind::Kana).next(),
    ) else {
        return Vec::new();
    };
    let known = known();
    let all: HashSet<&String> = known.values().flatten().collect();
    let names: Vec<Vec<String>> = (0..list.len()).map(|row| parts(&list.cell(row, name))).collect();
    let kanas: Vec<Vec<String>> = (0..list.len()).map(|row| parts(&list.cell(row, kana))).collect();
    let fits = |row: usize, other: usize| fits(&known, &names[row], &kanas[other]);
    let seats: Vec<Seat> = (0..list.len())
        .map(|row| match fits(row, row) {
            None => Seat::Open,
            Some(true) => Seat::Home,
            Some(false) => Seat::Away(
                near(row, list.len(), 20)
                    .filter(|other| fits(*other, row) == Some(true))
                    .collect(),
            ),
        })
        .collect();
    // Names are read in many ways: only the reading of another common surname is worth a look.
    let of_another = |row: usize| kanas[row].first().is_some_and(|reading| all.contains(reading));
    let wrong = seats.iter().filter(|seat| matches!(seat, Seat::Away(_))).count();
    let few = wrong * 5 <= list.len();
    Beside {
        list,
        column: kana,
        other: name,
        seats: seats.clone(),
    }
    .findings(&|row| few && of_another(row))
}

fn known() -> Known {
    let fold = |text: &str| {
        Family::Plain
            .key(text)
            .map(std::borrow::Cow::into_owned)
            .unwrap_or_default()
    };
    let mut known = Known::new();
    for (name, readings) in readings::entries() {
        known.entry(fold(name)).or_default().extend(readings.map(fold));
    }
    known
}

/// Surname and given name, folded.
fn parts(cell: &str) -> Vec<String> {
    cell.split_whitespace()
        .filter_map(|part| Family::Plain.key(part))
        .map(std::borrow::Cow::into_owned)
        .collect()
}

/// Whether the reading is one of the name; `None` if the table does not say. Surname and given name have to agree, so
/// that neighbours of one surname are told apart.
fn fits(known: &Known, name: &[String], kana: &[String]) -> Option<bool> {
    let ([surname, given], [reading, given_reading]) = (name, kana) else {
        return None;
    };
    let says = |name: &String, reading: &String| match known.get(name) {
        Some(readings) => Some(readings.contains(reading)),
        // Written in kana: it is its own reading.
        None if name.chars().all(|c| matches!(c, 'ア'..='ヶ')) => Some(name == reading),
        None => None,
    };
    match (says(surname, reading), says(given, given_reading)) {
        (Some(false), _) | (None, Some(false)) => Some(false),
        (Some(true), Some(given)) => Some(given),
        (Some(true), None) | (None, Some(true)) => Some(true),
        (None, None) => None,
    }
}
