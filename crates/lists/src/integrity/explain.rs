//! What happened to a column whose values stand in the wrong rows.
//!
//! Pure: for each place of the column it is known where its value belongs, and the sentence that explains most of
//! them is looked for: moved down or up by so many rows, sorted, exchanged. What no sentence explains is left as
//! single wrong values.

use std::collections::{BTreeSet, HashMap};

/// What is known of the value at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Seat {
    /// Nothing to compare it with.
    Open,
    /// Nothing stands there.
    Empty,
    /// It stands where it belongs.
    Home,
    /// It stands where it belongs, and these other places have the same: a number of a family, a frequent name.
    Shared(Vec<usize>),
    /// It belongs to somebody else: to these places, or to nobody of the list if there are none.
    Away(Vec<usize>),
    /// It belongs to these places, and whose row it stands in is not known.
    Foreign(Vec<usize>),
    /// It belongs to nobody at all.
    Stranger,
}

/// What happened, in places counted from 0.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Explanation {
    /// Values from `from` to `to` stand `offset` places below where they belong; above, if negative.
    Shifted { offset: i64, from: usize, to: usize },
    /// Sorted from `from` to `to` without the other columns.
    Sorted {
        descending: bool,
        from: usize,
        to: usize,
    },
    /// Pairs of places that have each other's value.
    Swapped(Vec<(usize, usize)>),
    /// Other places with somebody else's value.
    Misplaced(Vec<usize>),
}

impl Explanation {
    /// Whether it says what happened to a stretch of the column; two rows may be exchanged by chance.
    pub(super) fn is_of_the_column(&self) -> bool {
        matches!(self, Self::Shifted { .. } | Self::Sorted { .. })
    }
}

/// Runs that say nothing new are not looked for for ever.
const MAX_RUNS: usize = 8;

/// Explains a column. `orders` are ways to read the column as ordered (by letters, by number, by reading).
pub(super) fn explain(seats: &[Seat], orders: &[Vec<Option<String>>]) -> Vec<Explanation> {
    let mut left: BTreeSet<usize> = (0..seats.len())
        .filter(|at| matches!(seats[*at], Seat::Away(_)))
        .collect();
    let all = left.len();
    let mut found = Vec::new();
    // Families with one number make a pair of exchanged rows look like a short shift.
    let mut unpaired = left.clone();
    let pairs = swapped(seats, &mut unpaired);
    if unpaired.is_empty() && (1..=2).contains(&pairs.len()) {
        return vec![Explanation::Swapped(pairs)];
    }
    let runs = runs(seats, &left);
    let shifted: usize = runs.iter().map(|run| run.support).sum();
    // Values of a column that was sorted and still stands sorted after a shift (numbers given in turn) are a shift.
    if shifted * 10 < all * 6
        && let Some(sorted) = sorted(seats, orders)
    {
        return vec![sorted];
    }
    for run in runs {
        left.retain(|at| !(run.from..=run.to).contains(at));
        found.push(Explanation::Shifted {
            offset: run.offset,
            from: run.from,
            to: run.to,
        });
    }
    let swapped = swapped(seats, &mut left);
    if !swapped.is_empty() {
        found.push(Explanation::Swapped(swapped));
    }
    if !left.is_empty() {
        found.push(Explanation::Misplaced(left.into_iter().collect()));
    }
    found
}

/// Share of the places with a known owner whose value would be right if the column moved back by `offset`.
pub(super) fn rate_at(seats: &[Seat], offset: i64) -> f64 {
    let (mut right, mut known) = (0_u32, 0_u32);
    for (at, seat) in seats.iter().enumerate() {
        known += u32::from(matches!(
            seat,
            Seat::Home | Seat::Shared(_) | Seat::Away(_) | Seat::Stranger
        ));
        right += u32::from(match seat {
            Seat::Home => offset == 0,
            Seat::Shared(_) if offset == 0 => true,
            Seat::Away(owners) | Seat::Shared(owners) => {
                offset != 0 && owners.iter().any(|owner| distance(*owner, at) == offset)
            }
            Seat::Open | Seat::Foreign(_) | Seat::Empty | Seat::Stranger => false,
        });
    }
    if known == 0 {
        0.0
    } else {
        f64::from(right) / f64::from(known)
    }
}

/// How far below its owner the value stands.
fn distance(owner: usize, at: usize) -> i64 {
    i64::try_from(at).expect("rows") - i64::try_from(owner).expect("rows")
}

struct Run {
    offset: i64,
    from: usize,
    to: usize,
    support: usize,
}

/// Stretches in which one offset explains nearly every value, the longest first.
fn runs(seats: &[Seat], away: &BTreeSet<usize>) -> Vec<Run> {
    let mut left = away.clone();
    let mut found = Vec::new();
    while found.len() < MAX_RUNS {
        let mut counts: HashMap<i64, usize> = HashMap::new();
        for at in &left {
            if let Seat::Away(owners) = &seats[*at] {
                for owner in owners {
                    *counts.entry(distance(*owner, *at)).or_default() += 1;
                }
            }
        }
        let mut offsets: Vec<(i64, usize)> = counts.into_iter().filter(|(_, count)| *count >= 2).collect();
        offsets.sort_by_key(|(offset, count)| (std::cmp::Reverse(*count), offset.abs(), *offset));
        let runs = offsets
            .into_iter()
            .take(6)
            .filter_map(|(offset, _)| stretch(seats, &left, offset));
        let best = runs.max_by_key(|run| (run.support, std::cmp::Reverse(run.offset.abs())));
        // In a column that was mixed up at random, two neighbours agree by chance.
        let Some(best) =
            best.filter(|run| run.support >= 2 && (run.support >= 5 || run.support * 10 >= away.len() * 3))
        else {
            break;
        };
        let run = with_nobodys(seats, &left, with_ends(seats, &left, best));
        left.retain(|at| !(run.from..=run.to).contains(at));
        found.push(run);
    }
    found
}

/// The stretch in which values that fit the offset outweigh those that do not most.
fn stretch(seats: &[Seat], left: &BTreeSet<usize>, offset: i64) -> Option<Run> {
    let mut best: Option<(i64, usize, usize)> = None;
    let (mut sum, mut from) = (0_i64, None);
    for (at, seat) in seats.iter().enumerate() {
        let fits = match seat {
            Seat::Away(owners) => {
                let fits = left.contains(&at) && owners.iter().any(|owner| distance(*owner, at) == offset);
                sum += if fits {
                    1
                } else if owners.is_empty() {
                    0
                } else {
                    -1
                };
                fits
            }
            Seat::Shared(owners) if owners.iter().any(|owner| distance(*owner, at) == offset) => false,
            Seat::Home | Seat::Shared(_) => {
                sum -= 2;
                false
            }
            Seat::Foreign(owners) => {
                let fits = owners.iter().any(|owner| distance(*owner, at) == offset);
                sum += i64::from(fits);
                fits
            }
            Seat::Open | Seat::Empty | Seat::Stranger => false,
        };
        if fits {
            let start = *from.get_or_insert(at);
            if best.is_none_or(|(most, _, _)| sum > most) {
                best = Some((sum, start, at));
            }
        }
        if sum <= 0 {
            (sum, from) = (0, None);
        }
    }
    let (_, from, to) = best?;
    let fits = |at: &usize| match &seats[*at] {
        Seat::Away(owners) => owners.iter().any(|owner| distance(*owner, *at) == offset),
        _ => false,
    };
    let support = (from..=to).filter(fits).count();
    Some(Run {
        offset,
        from,
        to,
        support,
    })
}

/// How far beyond the ends of a run a wrong value may stand that still belongs to it.
const GAP: usize = 3;

/// Takes in the places at the open end of a run: there the values stand that fell off its other end, or nothing.
fn with_ends(seats: &[Seat], left: &BTreeSet<usize>, mut run: Run) -> Run {
    let reach = usize::try_from(run.offset.unsigned_abs().min(64)).expect("at most 64");
    let (from, to) = (run.from, run.to);
    let mut taken = 0;
    for step in 1..=reach + GAP {
        let at = if run.offset > 0 {
            from.checked_sub(step)
        } else {
            Some(to + step).filter(|at| *at < seats.len())
        };
        let Some(at) = at else { break };
        match &seats[at] {
            Seat::Away(_) if left.contains(&at) => {}
            Seat::Empty | Seat::Stranger => {}
            Seat::Open | Seat::Foreign(_) | Seat::Shared(_) => continue,
            Seat::Away(_) | Seat::Home => break,
        }
        taken += 1;
        if taken > reach {
            break;
        }
        (run.from, run.to) = (run.from.min(at), run.to.max(at));
    }
    run
}

/// Takes in values beside the run whose owner has no number to be found by: they moved with the others.
fn with_nobodys(seats: &[Seat], left: &BTreeSet<usize>, mut run: Run) -> Run {
    let is_nobodys =
        |at: usize| left.contains(&at) && matches!(&seats[at], Seat::Away(owners) if owners.is_empty());
    let between = |at: &usize| matches!(seats[*at], Seat::Open | Seat::Foreign(_) | Seat::Shared(_));
    while let Some(at) = (run.from.saturating_sub(GAP)..run.from)
        .rev()
        .find(|at| !between(at))
        && is_nobodys(at)
    {
        run.from = at;
    }
    while let Some(at) = (run.to + 1..seats.len().min(run.to + 1 + GAP)).find(|at| !between(at))
        && is_nobodys(at)
    {
        run.to = at;
    }
    run
}

/// Fewest values that have to be in order before that is no chance: one in 120 lists for five.
const MIN_SORTED: usize = 5;

/// Whether the stretch between the first and the last wrong value is in order.
fn sorted(seats: &[Seat], orders: &[Vec<Option<String>>]) -> Option<Explanation> {
    let wrong = |seat: &Seat| matches!(seat, Seat::Away(_) | Seat::Stranger);
    let from = seats.iter().position(wrong)?;
    let to = seats.iter().rposition(wrong)?;
    // Two wrong values in a list that is in order as a whole are no sorted column.
    let at_home = seats[from..=to]
        .iter()
        .filter(|seat| matches!(seat, Seat::Home | Seat::Shared(_)))
        .count();
    if at_home * 2 > seats[from..=to].iter().filter(|seat| wrong(seat)).count() {
        return None;
    }
    for order in orders {
        let values: Vec<&String> = order[from..=to].iter().flatten().collect();
        if values.len() < MIN_SORTED || values.len() * 2 < to - from {
            continue;
        }
        let rises = values.windows(2).filter(|pair| pair[0] < pair[1]).count();
        let falls = values.windows(2).filter(|pair| pair[0] > pair[1]).count();
        let slips = values.len() / 30 + usize::from(values.len() >= 8);
        if rises.min(falls) <= slips && rises.max(falls) >= MIN_SORTED - 1 {
            let descending = falls > rises;
            return Some(Explanation::Sorted { descending, from, to });
        }
    }
    None
}

/// Share of the values with a known owner that would be right if the stretch stood in the order of the source again.
pub(super) fn rate_unsorted(seats: &[Seat], from: usize, to: usize) -> f64 {
    let (mut right, mut known) = (0_u32, 0_u32);
    for (at, seat) in seats.iter().enumerate() {
        let inside = |place: &usize| (from..=to).contains(place);
        let (is_known, is_right) = match seat {
            Seat::Home | Seat::Shared(_) => (true, true),
            Seat::Away(owners) => (true, inside(&at) && owners.iter().any(inside)),
            Seat::Stranger => (true, false),
            Seat::Open | Seat::Foreign(_) | Seat::Empty => (false, false),
        };
        known += u32::from(is_known);
        right += u32::from(is_right);
    }
    if known == 0 {
        0.0
    } else {
        f64::from(right) / f64::from(known)
    }
}

/// Takes out the pairs of places that have each other's value.
fn swapped(seats: &[Seat], left: &mut BTreeSet<usize>) -> Vec<(usize, usize)> {
    let owned_by =
        |at: usize, owner: usize| matches!(&seats[at], Seat::Away(owners) if owners.contains(&owner));
    let mut pairs = Vec::new();
    for at in left.clone() {
        let Seat::Away(owners) = &seats[at] else { continue };
        let partner = owners
            .iter()
            .copied()
            .find(|owner| *owner > at && left.contains(owner) && owned_by(*owner, at));
        if let Some(partner) = partner
            && left.contains(&at)
        {
            left.remove(&at);
            left.remove(&partner);
            pairs.push((at, partner));
        }
    }
    // Where one of the two rows has no number to be known by, the other's value stands there and nowhere else.
    let nobodys = |at: &usize| matches!(&seats[*at], Seat::Away(owners) if owners.is_empty());
    for at in left.iter().copied().filter(nobodys).collect::<Vec<_>>() {
        let stands_at =
            |other: &usize| matches!(&seats[*other], Seat::Foreign(owners) if owners.contains(&at));
        let mut there = (0..seats.len()).filter(stands_at);
        if let (Some(other), None) = (there.next(), there.next()) {
            left.remove(&at);
            pairs.push((at.min(other), at.max(other)));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seats of a column in which place `i` holds the value of `values[i]`.
    fn seats(values: &[usize]) -> Vec<Seat> {
        let seat = |(at, value): (usize, &usize)| {
            if at == *value {
                Seat::Home
            } else {
                Seat::Away(vec![*value])
            }
        };
        values.iter().enumerate().map(seat).collect()
    }

    fn moved(count: usize, from: usize, by: usize) -> Vec<usize> {
        let span = count - from;
        (0..count)
            .map(|at| {
                if at < from {
                    at
                } else {
                    from + (at - from + span - by) % span
                }
            })
            .collect()
    }

    #[test]
    fn a_shift_is_named_with_its_offset_and_its_first_place() {
        for (from, by) in [(0, 1), (0, 3), (7, 1), (11, 5)] {
            let found = explain(&seats(&moved(40, from, by)), &[]);
            let offset = i64::try_from(by).expect("small");
            assert_eq!(found, [Explanation::Shifted { offset, from, to: 39 }]);
        }
        let mut up: Vec<usize> = (0..40).map(|at| if at < 10 { at } else { at + 1 }).collect();
        up[39] = 10;
        let found = explain(&seats(&up), &[]);
        assert_eq!(
            found,
            [Explanation::Shifted {
                offset: -1,
                from: 10,
                to: 39
            }]
        );
    }

    #[test]
    fn blanks_at_the_open_end_belong_to_the_shift() {
        let mut column = seats(&moved(30, 10, 2));
        column[10] = Seat::Empty;
        column[11] = Seat::Empty;
        assert_eq!(
            explain(&column, &[]),
            [Explanation::Shifted {
                offset: 2,
                from: 10,
                to: 29
            }]
        );
    }

    #[test]
    fn pairs_and_single_values_are_told_apart() {
        let mut values: Vec<usize> = (0..30).collect();
        values.swap(3, 20);
        values.swap(8, 9);
        assert_eq!(
            explain(&seats(&values), &[]),
            [Explanation::Swapped(vec![(3, 20), (8, 9)])]
        );
        values[15] = 2;
        let found = explain(&seats(&values), &[]);
        assert_eq!(found[1], Explanation::Misplaced(vec![15]));
    }

    #[test]
    fn a_sorted_column_is_named() {
        let values: Vec<usize> = (0..40).map(|at| at * 7 % 40).collect();
        let order: Vec<Option<String>> = (0..40).map(|at| Some(format!("{at:02}"))).collect();
        let found = explain(&seats(&values), std::slice::from_ref(&order));
        assert!(
            matches!(
                found[..],
                [Explanation::Sorted {
                    descending: false,
                    ..
                }]
            ),
            "{found:?}"
        );
        let mixed: Vec<Option<String>> = (0..40).map(|at| Some(format!("{:02}", at * 11 % 40))).collect();
        let found = explain(&seats(&values), &[mixed]);
        assert!(
            !found.iter().any(|one| matches!(one, Explanation::Sorted { .. })),
            "{found:?}"
        );
    }
}
