//! The list beside the source system's own export.

mod report;

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{
    Compared, Comparison, IntegrityFinding, PairedColumn, Scope,
    explain::{Explanation, Seat, explain},
    grid::Grid,
    pairing::{Pair, pair},
    rows::{Votes, meet, ratio},
    value::{Family, sure_phone},
    words,
};
use crate::{
    code::{Code, Finding},
    kind::ColumnKind,
    sheet::Sheet,
};

/// Compares a list with the export it was made from. Headings, order of rows and columns, and the spelling of values
/// may differ, and either may have rows and columns that the other lacks.
pub fn against_reference(list: &Sheet, reference: &Sheet) -> Compared {
    let (list, reference) = (Grid::new(list), Grid::new(reference));
    let pairs = pair(&list, &reference);
    let desk = Desk {
        votes: Votes::new(&pairs, list.len()),
        list: &list,
        reference: &reference,
        pairs: &pairs,
    };
    let mut compared = desk.compare();
    compared
        .findings
        .sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    compared
}

struct Desk<'a> {
    votes: Votes<'a>,
    list: &'a Grid<'a>,
    reference: &'a Grid<'a>,
    pairs: &'a [Pair],
}

/// One column held against what others say about its rows.
struct Held {
    seats: Vec<Seat>,
    /// What happened, and whether it only shows in the order of the source.
    explanations: Vec<(Explanation, Option<Vec<usize>>)>,
}

impl Held {
    /// Whether the whole column is explained, not only pairs of rows.
    fn tells_how(&self) -> bool {
        self.explanations
            .iter()
            .any(|(explanation, _)| explanation.is_of_the_column())
    }

    /// Whether more than two fifths of the wrong rows stay without an explanation.
    fn leaves_much(&self) -> bool {
        let left = self.explanations.iter().map(|(one, _)| match one {
            Explanation::Misplaced(rows) => rows.len(),
            _ => 0,
        });
        let away = self.seats.iter().filter(|seat| matches!(seat, Seat::Away(_)));
        left.sum::<usize>() * 5 > away.count() * 2
    }

    /// Whether pairs of rows explain everything.
    fn is_only_swapped(&self) -> bool {
        matches!(self.explanations[..], [(Explanation::Swapped(_), _)])
    }
}

impl Desk<'_> {
    fn compare(&self) -> Compared {
        let everyone = self.votes.others(&[]);
        let persons: Vec<Vec<u32>> = (0..self.list.len())
            .map(|row| self.votes.persons(row, &everyone))
            .collect();
        let mut comparison = self.comparison(&persons);
        if let Some(reason) = self.unusable(&comparison) {
            let message = words::unusable(reason);
            let finding = IntegrityFinding::new(Code::IntegrityReferenceUnusable, Scope::List, message);
            return Compared {
                comparison,
                findings: vec![finding],
            };
        }
        let mut findings = Vec::new();
        let mut wrong_rows = vec![false; self.list.len()];
        for block in &self.votes.blocks {
            let (block, held) = self.explain_block(block);
            let Some(held) = held else { continue };
            for (row, seat) in held.seats.iter().enumerate() {
                wrong_rows[row] |= matches!(seat, Seat::Away(_));
            }
            findings.extend(self.findings(&block, &held));
        }
        drop_consequences(&mut findings);
        findings.extend(self.unknown_values());
        let wrong = wrong_rows.iter().filter(|wrong| **wrong).count();
        if comparison.compared > 0 {
            comparison.match_rate = ratio(comparison.compared.saturating_sub(wrong), comparison.compared);
        }
        Compared { comparison, findings }
    }

    /// Why the source says nothing about this list, if it does not.
    fn unusable(&self, comparison: &Comparison) -> Option<&'static str> {
        let telling: BTreeSet<Evidence> = self
            .telling()
            .map(|pair| evidence(self.pairs[pair].kind, pair))
            .collect();
        match telling.len() {
            0 => Some("同じ値の入った列が見つかりません。"),
            1 => Some("同じ値の入った列が1つしかありません。"),
            _ if comparison.compared * 10 < comparison.rows => Some("同じ人の行がほとんど見つかりません。"),
            _ => None,
        }
    }

    /// Pairs whose differences say something.
    fn telling(&self) -> impl Iterator<Item = usize> {
        (0..self.pairs.len()).filter(|pair| !self.pairs[*pair].renumbered)
    }

    fn comparison(&self, persons: &[Vec<u32>]) -> Comparison {
        let telling: Vec<usize> = self.telling().collect();
        let known = |row: usize| {
            telling
                .iter()
                .filter(|pair| !self.votes.owners(**pair, row).is_empty())
                .count()
        };
        let rows = 0..self.list.len();
        let unmatched = rows.clone().filter(|row| persons[*row].is_empty());
        let heading = |grid: &Grid<'_>, column: usize| grid.columns[column].heading.clone();
        Comparison {
            rows: self.list.len(),
            matched: persons.iter().filter(|persons| !persons.is_empty()).count(),
            compared: rows.filter(|row| known(*row) >= 2).count(),
            match_rate: 1.0,
            columns: self
                .pairs
                .iter()
                .map(|pair| PairedColumn {
                    list: heading(self.list, pair.list),
                    reference: heading(self.reference, pair.reference),
                })
                .collect(),
            unmatched_lines: self.list.lines(unmatched.take(Finding::MAX_LINES)),
        }
    }

    /// The block with the best explanation, and the other side if that is what moved: with two columns alone, only
    /// the trace that was left shows which.
    fn explain_block(&self, block: &[usize]) -> (Vec<usize>, Option<Held>) {
        let reported: Vec<usize> = block
            .iter()
            .copied()
            .filter(|pair| !self.pairs[*pair].renumbered)
            .collect();
        let held = self.best(&reported, &self.votes.others(block));
        let unclear = held
            .as_ref()
            .is_some_and(|held| !held.is_only_swapped() && (!held.tells_how() || held.leaves_much()));
        let anchors: Vec<usize> = self
            .votes
            .anchors
            .iter()
            .copied()
            .filter(|pair| !self.pairs[*pair].renumbered)
            .collect();
        if unclear && anchors.len() == 1 && reported.len() == 1 {
            let turned = self.best(&anchors, &reported);
            if turned
                .as_ref()
                .is_some_and(|turned| turned.tells_how() && !turned.leaves_much())
            {
                return (anchors, turned);
            }
        }
        (reported, held)
    }

    fn best(&self, block: &[usize], by: &[usize]) -> Option<Held> {
        let mut best: Option<Held> = None;
        for pair in block {
            let held = self.hold(*pair, by);
            if !held.explanations.is_empty()
                && best
                    .as_ref()
                    .is_none_or(|best| !best.tells_how() && held.tells_how())
            {
                best = Some(held);
            }
        }
        best
    }

    /// Holds a column against the persons that other columns name.
    fn hold(&self, pair: usize, by: &[usize]) -> Held {
        let rows = self.list.len();
        let persons: Vec<Vec<u32>> = (0..rows).map(|row| self.persons_by(row, by)).collect();
        let mut places: HashMap<u32, Vec<usize>> = HashMap::new();
        for (row, persons) in persons.iter().enumerate() {
            for person in persons {
                places.entry(*person).or_default().push(row);
            }
        }
        let places_of = |owners: &[u32]| -> Vec<usize> {
            owners
                .iter()
                .filter_map(|owner| places.get(owner))
                .flatten()
                .copied()
                .collect()
        };
        let seats: Vec<Seat> = (0..rows)
            .map(|row| self.seat(pair, row, &persons[row], &places_of))
            .collect();
        let mut explanations: Vec<(Explanation, Option<Vec<usize>>)> = explain(&seats, &self.orders(pair))
            .into_iter()
            .map(|one| (one, None))
            .collect();
        let unclear = !explanations.iter().any(|(one, _)| one.is_of_the_column());
        let away = seats.iter().filter(|seat| matches!(seat, Seat::Away(_))).count();
        if unclear
            && away >= 3
            && let Some(found) = self.in_source_order(pair, &persons)
        {
            explanations = vec![found];
        }
        Held { seats, explanations }
    }

    /// Persons by these columns; where those are too light after all their contradictions, by their plain vote.
    fn persons_by(&self, row: usize, by: &[usize]) -> Vec<u32> {
        match by {
            [only] => self.votes.owners(*only, row).to_vec(),
            by => self.votes.persons(row, by),
        }
    }

    fn seat(
        &self,
        pair: usize,
        row: usize,
        persons: &[u32],
        places_of: &dyn Fn(&[u32]) -> Vec<usize>,
    ) -> Seat {
        let owners = self.votes.owners(pair, row);
        let held = &self.pairs[pair];
        match held.list_tokens[row] {
            None if self.list.cell(row, held.list).is_empty() => Seat::Empty,
            None => Seat::Open,
            Some(_) if persons.is_empty() => match places_of(owners) {
                places if places.is_empty() || places.contains(&row) => Seat::Open,
                places => Seat::Foreign(places),
            },
            Some(_) if owners.is_empty() => {
                if self.is_unknown(pair, row) {
                    Seat::Stranger
                } else {
                    Seat::Open
                }
            }
            Some(_) if meet(owners, persons) => {
                let mut others = places_of(owners);
                others.retain(|place| *place != row);
                if others.is_empty() {
                    Seat::Home
                } else {
                    Seat::Shared(others)
                }
            }
            Some(_) if self.is_new(pair, row) => Seat::Open,
            Some(_) => Seat::Away(places_of(owners)),
        }
    }

    /// Whether a complete value occurs nowhere in the source.
    fn is_unknown(&self, pair: usize, row: usize) -> bool {
        let held = &self.pairs[pair];
        held.list_tokens[row].is_some_and(|token| !held.owners.contains_key(&token))
            && (held.kind != ColumnKind::Phone || sure_phone(&self.list.cell(row, held.list)))
    }

    /// Whether the row is of somebody whom the source lacks: its ID is not there. That it shares its name or its
    /// number with others is no contradiction then.
    fn is_new(&self, pair: usize, row: usize) -> bool {
        let of_kind = |kind| self.telling().find(|other| self.pairs[*other].kind == kind);
        let key = of_kind(ColumnKind::Id).or_else(|| of_kind(ColumnKind::Phone));
        key.is_some_and(|key| key != pair && self.is_unknown(key, row))
    }

    /// Persons who have a row of their own in which every column is theirs.
    fn claimed(&self) -> HashSet<u32> {
        let everyone = self.votes.others(&[]);
        let telling: Vec<usize> = self.telling().collect();
        let claims = |row: usize| {
            let persons = self.votes.persons(row, &everyone);
            let fits = |pair: &usize| {
                self.pairs[*pair].list_tokens[row].is_none() || meet(self.votes.owners(*pair, row), &persons)
            };
            if telling.iter().all(fits) {
                persons
            } else {
                Vec::new()
            }
        };
        (0..self.list.len()).flat_map(claims).collect()
    }

    /// Whether more of the other columns name one of these persons than do not. A name alone is not enough: others
    /// have it too.
    fn is_borne_out(&self, pair: usize, row: usize, persons: &[u32]) -> bool {
        let (mut fits, mut all) = (BTreeSet::new(), BTreeSet::new());
        for other in self.telling().filter(|other| *other != pair) {
            if self.pairs[other].list_tokens[row].is_some() {
                let says = evidence(self.pairs[other].kind, other);
                all.insert(says);
                if meet(self.votes.owners(other, row), persons) {
                    fits.insert(says);
                }
            }
        }
        fits.iter().any(|says| *says != Evidence::Name) && fits.len() * 2 > all.len()
    }

    /// A list that was sorted as a whole after a column slipped shows it only in the order of the source.
    fn in_source_order(
        &self,
        pair: usize,
        persons: &[Vec<u32>],
    ) -> Option<(Explanation, Option<Vec<usize>>)> {
        let mut order: Vec<usize> = (0..persons.len())
            .filter(|row| !persons[*row].is_empty())
            .collect();
        order.sort_by_key(|row| persons[*row][0]);
        let mut seats = vec![Seat::Open; self.reference.len()];
        let mut rows = vec![None; self.reference.len()];
        for row in order {
            let place = persons[row][0] as usize;
            let owners = self.votes.owners(pair, row);
            rows[place] = Some(row);
            seats[place] = if owners.is_empty() {
                Seat::Open
            } else if meet(owners, &persons[row]) {
                Seat::Home
            } else {
                Seat::Away(owners.iter().map(|owner| *owner as usize).collect())
            };
        }
        let found = explain(&seats, &[])
            .into_iter()
            .find(|one| matches!(one, Explanation::Shifted { .. }))?;
        let Explanation::Shifted { from, to, .. } = found else {
            return None;
        };
        let covered: Vec<usize> = rows[from..=to].iter().flatten().copied().collect();
        let away = seats.iter().filter(|seat| matches!(seat, Seat::Away(_))).count();
        (covered.len() * 10 >= away * 6).then_some((found, Some(covered)))
    }

    /// The column as a spreadsheet may have sorted it: as typed, as a value, by its reading.
    fn orders(&self, pair: usize) -> Vec<Vec<Option<String>>> {
        let held = &self.pairs[pair];
        let cells = |write: &dyn Fn(usize, &str) -> Option<String>| -> Vec<Option<String>> {
            (0..self.list.len())
                .map(|row| write(row, &self.list.cell(row, held.list)))
                .collect()
        };
        let family = match held.kind {
            ColumnKind::Phone => Family::Phone,
            ColumnKind::Birth => Family::Day,
            _ => Family::Plain,
        };
        let mut orders = vec![
            cells(&|_, cell| (!cell.is_empty()).then(|| cell.trim_start_matches('\'').to_owned())),
            cells(&|_, cell| {
                family
                    .key(cell)
                    .map(|key| format!("{:>0width$}{key}", "", width = 40_usize.saturating_sub(key.len())))
            }),
        ];
        if held.kind == ColumnKind::Name
            && let Some(kana) = self.reference.of_kind(ColumnKind::Kana).next()
        {
            orders.push(cells(&|row, _| {
                let owner = *self.votes.owners(pair, row).first()?;
                Family::Plain
                    .key(&self.reference.cell(owner as usize, kana))
                    .map(std::borrow::Cow::into_owned)
            }));
        }
        orders
    }
}

/// Where a column slipped or was sorted, the single rows in which others seem wrong as well follow from that.
fn drop_consequences(findings: &mut Vec<IntegrityFinding>) {
    let of_a_column =
        |finding: &&IntegrityFinding| matches!(finding.code, Code::IntegrityShifted | Code::IntegritySorted);
    let stretches: Vec<(u32, u32)> = findings
        .iter()
        .filter(of_a_column)
        .filter_map(|finding| Some((finding.from_line?, finding.to_line?)))
        .collect();
    findings.retain(|finding| {
        let (Some(from), Some(to)) = (finding.from_line, finding.to_line) else {
            return true;
        };
        let within = stretches
            .iter()
            .any(|(first, last)| *first <= from && to <= *last);
        !(within && finding.code == Code::IntegrityMismatch && finding.scope == Scope::Rows)
    });
}

/// What a column says of a person. A name and its reading say the same thing twice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Evidence {
    Name,
    /// Another column, by its pair.
    Other(usize),
}

fn evidence(kind: ColumnKind, pair: usize) -> Evidence {
    match kind {
        ColumnKind::Name | ColumnKind::Kana => Evidence::Name,
        _ => Evidence::Other(pair),
    }
}
