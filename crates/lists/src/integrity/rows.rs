//! Which person of the source each row of the list is: what most of its columns say. No single column is trusted,
//! because any of them may be the one that slipped.

use super::pairing::Pair;
use crate::kind::ColumnKind;

/// How each pair of columns stands to the others.
pub(super) struct Votes<'a> {
    pairs: &'a [Pair],
    rows: usize,
    /// Weight of each pair.
    weights: Vec<f64>,
    /// Rows in which a pair contradicts what the others say.
    pub(super) against: Vec<usize>,
    /// Pairs that contradict the rest together, with each other's consent.
    pub(super) blocks: Vec<Vec<usize>>,
    /// Pairs without a contradiction.
    pub(super) anchors: Vec<usize>,
}

/// A row needs so much weight behind its person.
const ENOUGH: f64 = 0.3;

/// Times that the weights are weighed anew by what they said together.
const ROUNDS: usize = 3;

/// A column of less weight is wrong nearly everywhere and may not even break a tie.
const NOTHING: f64 = 0.1;

/// Equal within rounding.
const EQUAL: f64 = 1e-9;

impl<'a> Votes<'a> {
    pub(super) fn new(pairs: &'a [Pair], rows: usize) -> Self {
        let mut votes = Self {
            pairs,
            rows,
            weights: pairs.iter().map(|pair| weight(pair, pairs)).collect(),
            against: vec![0; pairs.len()],
            blocks: Vec::new(),
            anchors: Vec::new(),
        };
        let everyone: Vec<usize> = (0..pairs.len()).collect();
        // A column that slipped outvotes sound ones where a family shares a number, until it has lost its weight.
        for _ in 0..ROUNDS {
            let shares = votes.count_against(&everyone);
            for ((weight, pair), share) in votes.weights.iter_mut().zip(pairs).zip(shares) {
                *weight = self::weight(pair, pairs) * (1.0 - share).powi(2);
                if *weight < NOTHING {
                    *weight = 0.0;
                }
            }
        }
        votes.count_against(&everyone);
        votes.anchors = everyone
            .iter()
            .copied()
            .filter(|pair| votes.against[*pair] == 0)
            .collect();
        votes.blocks = votes.find_blocks();
        votes
    }

    /// Counts the rows in which each pair contradicts what all say together; gives their share of those compared.
    fn count_against(&mut self, everyone: &[usize]) -> Vec<f64> {
        let mut comparable = vec![0_usize; self.pairs.len()];
        self.against = vec![0; self.pairs.len()];
        for row in 0..self.rows {
            let persons = self.persons(row, everyone);
            for (pair, comparable) in comparable.iter_mut().enumerate() {
                let owners = self.owners(pair, row);
                if !owners.is_empty() && !persons.is_empty() {
                    let differs = !meet(owners, &persons);
                    *comparable += 1;
                    self.against[pair] += usize::from(differs);
                }
            }
        }
        let counts = self.against.iter().zip(comparable);
        counts.map(|(against, all)| ratio(*against, all)).collect()
    }

    /// The rows of the source that hold the value of this pair in this row.
    pub(super) fn owners(&self, pair: usize, row: usize) -> &[u32] {
        let pair = &self.pairs[pair];
        pair.list_tokens[row]
            .and_then(|token| pair.owners.get(&token))
            .map_or(&[], Vec::as_slice)
    }

    /// The rows of the source that these pairs name for a row; several if they cannot tell them apart.
    pub(super) fn persons(&self, row: usize, by: &[usize]) -> Vec<u32> {
        let mut named: Vec<(u32, f64)> = Vec::new();
        for pair in by.iter().filter(|pair| self.weights[**pair] > 0.0) {
            let owners = self.owners(*pair, row).iter();
            named.extend(owners.map(|owner| (*owner, self.weights[*pair])));
        }
        named.sort_unstable_by_key(|(owner, _)| *owner);
        let mut sums: Vec<(u32, f64)> = Vec::new();
        for (owner, weight) in named {
            match sums.last_mut() {
                Some((last, sum)) if *last == owner => *sum += weight,
                _ => sums.push((owner, weight)),
            }
        }
        let most = sums.iter().map(|(_, sum)| *sum).fold(0.0, f64::max);
        if most < ENOUGH {
            return Vec::new();
        }
        sums.retain(|(_, sum)| most - sum < EQUAL);
        sums.into_iter().map(|(owner, _)| owner).collect()
    }

    /// Everyone except these.
    pub(super) fn others(&self, block: &[usize]) -> Vec<usize> {
        (0..self.pairs.len())
            .filter(|pair| !block.contains(pair))
            .collect()
    }

    /// Contradicting pairs that name the same persons as each other belong together.
    fn find_blocks(&self) -> Vec<Vec<usize>> {
        let mut blocks: Vec<Vec<usize>> = Vec::new();
        for pair in (0..self.pairs.len()).filter(|pair| self.against[*pair] > 0) {
            let found = blocks.iter_mut().find(|block| self.together(block[0], pair));
            match found {
                Some(block) => block.push(pair),
                None => blocks.push(vec![pair]),
            }
        }
        blocks
    }

    /// Whether two pairs agree with each other wherever one of them contradicts the rest.
    fn together(&self, one: usize, other: usize) -> bool {
        let rest = self.others(&[one, other]);
        let (mut both, mut agree) = (0, 0);
        for row in 0..self.rows {
            let (mine, theirs) = (self.owners(one, row), self.owners(other, row));
            if mine.is_empty() || theirs.is_empty() {
                continue;
            }
            let persons = self.persons(row, &rest);
            if !persons.is_empty() && (!meet(mine, &persons) || !meet(theirs, &persons)) {
                both += 1;
                agree += usize::from(meet(mine, theirs));
            }
        }
        both > 0 && agree * 10 >= both * 8
    }
}

/// Of two columns that contradict each other alone, the lighter one is said to have moved: never the number, which
/// decides who gets the message. A name and its reading move together and weigh as one; with the birth date they still
/// weigh less than ID and number.
fn weight(pair: &Pair, all: &[Pair]) -> f64 {
    let has = |kind| all.iter().any(|pair| pair.kind == kind);
    let halved = if has(ColumnKind::Name) && has(ColumnKind::Kana) {
        0.49
    } else {
        1.0
    };
    match pair.kind {
        ColumnKind::Phone => 1.06,
        ColumnKind::Name => 1.05 * halved,
        ColumnKind::Kana => 1.04 * halved,
        ColumnKind::Id => 1.01,
        ColumnKind::Birth => 1.03,
        ColumnKind::Serial => 0.5,
        _ => 0.7,
    }
}

/// Whether two sets of rows have one in common.
pub(super) fn meet(one: &[u32], other: &[u32]) -> bool {
    one.iter().any(|row| other.contains(row))
}

/// Share as a number from 0 to 1; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "rows are far below 2^52")]
pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}
