//! The list beside what was seen in earlier lists: the same people with other partners.

use std::collections::HashMap;

use super::{
    IntegrityFinding, Rate, Scope,
    explain::{Explanation, Seat, explain, rate_at},
    pairing::{Pair, Tokens},
    rows::{Votes, meet},
    words,
};
use crate::{
    code::Code,
    contacts::{Key, PersonKeys},
    kind::ColumnKind,
};

/// Fewest rows that make a shift: one may be a typing error of either day.
const MIN_ROWS: usize = 2;

/// What the columns are called, for the sentences.
#[derive(Clone, Copy, Debug)]
pub struct KnownHeadings<'a> {
    /// Of the IDs.
    pub id: &'a str,
    /// Of the numbers.
    pub phone: &'a str,
    /// Of the names: where a list has nothing but names and numbers, one of the two has slipped.
    pub name: &'a str,
}

/// Compares the rows of a list, by the number that Excel shows and their keys, with earlier sightings of their
/// numbers, IDs, names and birth dates.
///
/// Families share a number and people get a new one: a row contradicts only if its ID was seen with somebody whom
/// neither the number nor the name nor the birth date of the row names. A new ID of a known person says nothing.
pub fn against_known(
    rows: &[(u32, PersonKeys)],
    sightings: &[PersonKeys],
    headings: KnownHeadings<'_>,
) -> Vec<IntegrityFinding> {
    let mut numbers: HashMap<(ColumnKind, Key), u32> = HashMap::new();
    let pairs: Vec<Pair> = [
        ColumnKind::Id,
        ColumnKind::Phone,
        ColumnKind::Name,
        ColumnKind::Birth,
    ]
    .into_iter()
    .enumerate()
    .map(|(index, kind)| as_pair(index, kind, rows, sightings, &mut numbers))
    .collect();
    let votes = Votes::new(&pairs, rows.len());
    let seen = (0..rows.len()).filter(|row| {
        pairs
            .iter()
            .enumerate()
            .any(|(pair, _)| !votes.owners(pair, *row).is_empty())
    });
    let seen = seen.count();
    let mut findings = Vec::new();
    for (pair, heading) in [(0, headings.id), (1, headings.phone), (2, headings.name)] {
        if votes.against[pair] == 0 {
            continue;
        }
        let seats = seats(&votes, &pairs, pair, rows.len());
        let explanations = explain(&seats, &[]);
        let away = |from: usize, to: usize| -> Vec<usize> {
            (from..=to)
                .filter(|row| matches!(seats[*row], Seat::Away(_)))
                .collect()
        };
        let mut shifts = explanations.iter().filter_map(|one| match one {
            Explanation::Shifted { offset, from, to } => Some((*offset, away(*from, *to))),
            _ => None,
        });
        if let Some((offset, wrong)) =
            shifts.find(|(_, wrong)| wrong.len() >= MIN_ROWS && wrong.len() * 5 >= seen)
        {
            findings.push(shifted(rows, heading, offset, &wrong, &seats));
            break;
        }
        let wrong: Vec<u32> = away(0, rows.len() - 1)
            .into_iter()
            .filter(|row| pair == 0 && contradicts(&votes, *row))
            .map(|row| rows[row].0)
            .collect();
        if !wrong.is_empty() {
            let message = words::known_differs(heading, &wrong);
            let finding = IntegrityFinding::new(Code::IntegrityKnownDiffers, Scope::Rows, message);
            findings.push(finding.at(&wrong).of(vec![heading.to_owned()]));
        }
    }
    findings
}

fn as_pair(
    index: usize,
    kind: ColumnKind,
    rows: &[(u32, PersonKeys)],
    sightings: &[PersonKeys],
    numbers: &mut HashMap<(ColumnKind, Key), u32>,
) -> Pair {
    let of = |keys: &PersonKeys| match kind {
        ColumnKind::Id => keys.id,
        ColumnKind::Phone => keys.phone,
        ColumnKind::Name => keys.name,
        _ => keys.birth,
    };
    let mut number = |keys: &PersonKeys| {
        let key = of(keys)?;
        let next = u32::try_from(numbers.len()).expect("fewer keys than 2^32");
        Some(*numbers.entry((kind, key)).or_insert(next))
    };
    let list_tokens: Tokens = rows.iter().map(|(_, keys)| number(keys)).collect();
    let mut owners: HashMap<u32, Vec<u32>> = HashMap::new();
    for (seen, sighting) in sightings.iter().enumerate() {
        let token = number(sighting);
        if let Some(token) = token {
            owners
                .entry(token)
                .or_default()
                .push(u32::try_from(seen).expect("fewer sightings than 2^32"));
        }
    }
    // A name of very many people is no evidence.
    owners.retain(|_, seen| seen.len() <= 64);
    Pair {
        list: index,
        reference: index,
        kind,
        list_tokens,
        owners,
        renumbered: false,
    }
}

fn seats(votes: &Votes<'_>, pairs: &[Pair], pair: usize, rows: usize) -> Vec<Seat> {
    let by = votes.others(&[pair]);
    let persons: Vec<Vec<u32>> = (0..rows).map(|row| votes.persons(row, &by)).collect();
    let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
    for (row, persons) in persons.iter().enumerate() {
        for person in persons {
            places.entry(*person).or_default().push(row);
        }
    }
    (0..rows)
        .map(|row| {
            let owners = votes.owners(pair, row);
            if pairs[pair].list_tokens[row].is_none() {
                Seat::Empty
            } else if owners.is_empty() || persons[row].is_empty() {
                Seat::Open
            } else if meet(owners, &persons[row]) {
                Seat::Home
            } else {
                let mut rows: Vec<usize> = owners
                    .iter()
                    .filter_map(|owner| places.get(owner))
                    .flatten()
                    .copied()
                    .collect();
                rows.sort_unstable();
                rows.dedup();
                Seat::Away(rows)
            }
        })
        .collect()
}

/// Whether the ID was only seen with another number and another name or birth date.
fn contradicts(votes: &Votes<'_>, row: usize) -> bool {
    let id = votes.owners(0, row);
    let elsewhere = |pair: usize| {
        let owners = votes.owners(pair, row);
        !owners.is_empty() && !meet(owners, id)
    };
    elsewhere(1) && (elsewhere(2) || elsewhere(3))
}

fn shifted(
    rows: &[(u32, PersonKeys)],
    heading: &str,
    offset: i64,
    wrong: &[usize],
    seats: &[Seat],
) -> IntegrityFinding {
    let lines: Vec<u32> = wrong.iter().map(|row| rows[*row].0).collect();
    let offset = i32::try_from(offset).expect("LIST_ROWS is below 2^31");
    let columns = vec![heading.to_owned()];
    let message = words::known_shifted(heading, offset, &lines);
    let rates = (-5..=5)
        .map(|shift| Rate {
            shift,
            rate: rate_at(seats, i64::from(shift)),
        })
        .collect();
    let finding = IntegrityFinding::new(Code::IntegrityShifted, Scope::List, message)
        .at(&lines)
        .of(columns);
    IntegrityFinding {
        offset: Some(offset),
        rates,
        ..finding
    }
}
