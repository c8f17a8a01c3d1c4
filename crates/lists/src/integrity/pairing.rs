//! Which column of the source holds the same values as which column of the list. Headings only break ties: the source
//! calls things otherwise, and a heading over the wrong column is one of the mistakes that are looked for.

use std::collections::{HashMap, HashSet};

use base::merge::heading_key;

use super::{grid::Grid, value::Family};
use crate::kind::ColumnKind;

/// The cells of one column in compared form, as numbers that are equal in both sheets for equal values.
pub(super) type Tokens = Vec<Option<u32>>;

/// A column of the list, its partner in the source, and the values of both.
pub(super) struct Pair {
    /// Column of the list.
    pub(super) list: usize,
    /// Column of the source.
    pub(super) reference: usize,
    pub(super) kind: ColumnKind,
    pub(super) list_tokens: Tokens,
    /// Rows of the source that hold each value: in the partner, and for telephone numbers in any other column of
    /// numbers, because offices pick one of two.
    pub(super) owners: HashMap<u32, Vec<u32>>,
    /// Whether the numbers only count rows on one side, so that a difference says nothing.
    pub(super) renumbered: bool,
}

/// Values that more rows share than this say nothing about who somebody is.
const MAX_OWNERS: usize = 64;

/// More pairs than this add nothing but time.
const MAX_PAIRS: usize = 12;

#[derive(Default)]
struct Interner(HashMap<(Family, String), u32>);

impl Interner {
    fn tokens(&mut self, grid: &Grid<'_>, column: usize, family: Family) -> Tokens {
        let token = |row| {
            let cell = grid.cell(row, column);
            let key = family.key(&cell)?;
            let next = u32::try_from(self.0.len()).expect("fewer values than 2^32");
            Some(*self.0.entry((family, key.into_owned())).or_insert(next))
        };
        (0..grid.len()).map(token).collect()
    }
}

/// One column read in one way.
struct Reading {
    column: usize,
    family: Family,
    tokens: Tokens,
    distinct: HashSet<u32>,
    filled: usize,
}

/// Pairs the columns, the surest first.
pub(super) fn pair(list: &Grid<'_>, reference: &Grid<'_>) -> Vec<Pair> {
    let mut interner = Interner::default();
    let of_list = readings(list, &mut interner);
    let of_reference = readings(reference, &mut interner);
    let mut columns_with: HashMap<u32, Vec<usize>> = HashMap::new();
    for (index, reading) in of_reference.iter().enumerate() {
        for token in &reading.distinct {
            columns_with.entry(*token).or_default().push(index);
        }
    }
    let mut rated: Vec<(usize, usize, usize)> = Vec::new();
    for (mine, reading) in of_list.iter().enumerate() {
        let mut shared = vec![0_usize; of_reference.len()];
        for token in &reading.distinct {
            for index in columns_with.get(token).into_iter().flatten() {
                shared[*index] += 1;
            }
        }
        for (theirs, shared) in shared.into_iter().enumerate() {
            if let Some(score) = score(list, reference, reading, &of_reference[theirs], shared) {
                rated.push((score, mine, theirs));
            }
        }
    }
    rated.sort_by_key(|(score, mine, theirs)| (std::cmp::Reverse(*score), *mine, *theirs));
    let (mut used_list, mut used_reference) = (HashSet::new(), HashSet::new());
    let mut pairs = Vec::new();
    for (_, mine, theirs) in rated {
        let (mine, theirs) = (&of_list[mine], &of_reference[theirs]);
        if pairs.len() < MAX_PAIRS
            && !used_list.contains(&mine.column)
            && !used_reference.contains(&theirs.column)
        {
            used_list.insert(mine.column);
            used_reference.insert(theirs.column);
            pairs.push(join(list, reference, mine, theirs, &of_reference));
        }
    }
    pairs
}

fn readings(grid: &Grid<'_>, interner: &mut Interner) -> Vec<Reading> {
    let mut readings = Vec::new();
    for (column, seen) in grid.columns.iter().enumerate() {
        for family in Family::ALL {
            let plausible = match family {
                Family::Phone => seen.profile.like_phones(),
                Family::Day => seen.profile.like_dates() && seen.profile.spreads_over_years(),
                Family::Plain => seen.profile.like_words() && tells_persons_apart(seen.kind),
            };
            if !plausible {
                continue;
            }
            let tokens = interner.tokens(grid, column, family);
            let distinct: HashSet<u32> = tokens.iter().flatten().copied().collect();
            let filled = tokens.iter().flatten().count();
            // A column that is nearly empty, or says the same of many, does not tell who somebody is.
            if filled * 5 >= grid.len() && distinct.len() * 4 >= filled && filled > 0 {
                readings.push(Reading {
                    column,
                    family,
                    tokens,
                    distinct,
                    filled,
                });
            }
        }
    }
    readings
}

fn tells_persons_apart(kind: ColumnKind) -> bool {
    match kind {
        ColumnKind::Phone
        | ColumnKind::Id
        | ColumnKind::Name
        | ColumnKind::Kana
        | ColumnKind::Birth
        | ColumnKind::Serial
        | ColumnKind::Address
        | ColumnKind::Date
        | ColumnKind::Free => true,
        ColumnKind::Age | ColumnKind::Sex | ColumnKind::Postcode | ColumnKind::Office | ColumnKind::Empty => {
            false
        }
    }
}

/// How sure it is that two columns hold the same values; `None` if they do not.
fn score(
    list: &Grid<'_>,
    reference: &Grid<'_>,
    mine: &Reading,
    theirs: &Reading,
    shared: usize,
) -> Option<usize> {
    if mine.family != theirs.family || shared == 0 {
        return None;
    }
    let (one, other) = (&list.columns[mine.column], &reference.columns[theirs.column]);
    let smaller = mine.distinct.len().min(theirs.distinct.len());
    let percent = shared * 100 / smaller;
    let kind = kind_of(one.kind, other.kind, mine.family);
    let same_heading = heading_key(&one.heading) == heading_key(&other.heading);
    let enough = match kind {
        // Long numbers of two lists do not meet by chance.
        ColumnKind::Phone | ColumnKind::Id => percent >= 10 && (shared >= 2 || smaller <= 3),
        ColumnKind::Serial | ColumnKind::Name | ColumnKind::Kana | ColumnKind::Birth => percent >= 40,
        ColumnKind::Address => percent >= 50,
        // Remarks repeat; only words that are never said twice name a person.
        _ => {
            let unique = mine.distinct.len() * 10 >= mine.filled * 9 && mine.filled >= 10;
            unique && percent >= 70 && (same_heading || one.kind == ColumnKind::Free)
        }
    };
    let bonus = if same_heading { 25 } else { 0 } + if one.kind == other.kind { 10 } else { 0 };
    let worth = match kind {
        ColumnKind::Phone | ColumnKind::Id => 30,
        ColumnKind::Name | ColumnKind::Kana | ColumnKind::Birth => 20,
        _ => 0,
    };
    enough.then_some(percent + bonus + worth)
}

/// What both hold, when only one of them is recognised.
fn kind_of(list: ColumnKind, reference: ColumnKind, family: Family) -> ColumnKind {
    match (family, list, reference) {
        (Family::Phone, _, _) => ColumnKind::Phone,
        (Family::Day, _, _) => ColumnKind::Birth,
        (Family::Plain, ColumnKind::Serial, _) | (_, _, ColumnKind::Serial) => ColumnKind::Serial,
        (Family::Plain, ColumnKind::Free | ColumnKind::Date | ColumnKind::Address, other) => other,
        (Family::Plain, one, _) => one,
    }
}

fn join(list: &Grid<'_>, reference: &Grid<'_>, mine: &Reading, theirs: &Reading, all: &[Reading]) -> Pair {
    let mut owners: HashMap<u32, Vec<u32>> = HashMap::new();
    let sources = all.iter().filter(|other| {
        other.column == theirs.column && other.family == theirs.family
            || theirs.family == Family::Phone && other.family == Family::Phone
    });
    for source in sources {
        for (row, token) in source.tokens.iter().enumerate() {
            if let Some(token) = token {
                let row = u32::try_from(row).expect("LIST_ROWS is below 2^32");
                let rows = owners.entry(*token).or_default();
                if !rows.contains(&row) && rows.len() <= MAX_OWNERS {
                    rows.push(row);
                }
            }
        }
    }
    // Values of very many rows: no evidence for anyone of them.
    for rows in owners.values_mut().filter(|rows| rows.len() > MAX_OWNERS) {
        rows.clear();
    }
    let (one, other) = (&list.columns[mine.column], &reference.columns[theirs.column]);
    let kind = kind_of(one.kind, other.kind, mine.family);
    Pair {
        list: mine.column,
        reference: theirs.column,
        kind,
        list_tokens: mine.tokens.clone(),
        owners,
        renumbered: kind == ColumnKind::Serial && (one.profile.counts_rows() || other.profile.counts_rows()),
    }
}
