//! Figures for publication: small numbers are hidden, and so much besides that no sum gives them away.
//!
//! A publication is of one programme and one week, Monday to Sunday: weeks do not overlap, so that two publications
//! cannot be taken from each other. It has two lists with one sum: by office, and by day.

/// Less than this is 「5未満」.
pub const SMALL: u64 = 5;
/// A share is told of no fewer people.
pub const SHARED: u64 = 20;

/// One number as it is published.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Published {
    /// As it is.
    Number(u64),
    /// One to four.
    Small,
    /// Five or more: it could be taken from the sum otherwise, and what is left would be a small number.
    Withheld,
}

impl Published {
    /// On pages and in files.
    pub fn label(self) -> String {
        match self {
            Self::Number(number) => web::number::grouped(number),
            Self::Small => "5未満".to_owned(),
            Self::Withheld => "非公表".to_owned(),
        }
    }
}

/// A small number could be so much larger or smaller and just as much would still be withheld: else it would tell
/// something that less was not enough.
const SPARE: u64 = 2;

/// The numbers of a list whose sum is told too; `None` if there is no way to tell the sum without telling a small one.
///
/// Whoever knows the sum, all that is shown, and this rule must be able to take each 「5未満」 for one, two, three or
/// four. So at least one other is withheld, from the smallest on, until so much is open: each of them is known to be
/// five or more and less than those that are shown. A test tries every short list against every other.
pub fn suppressed(numbers: &[u64]) -> Option<Vec<Published>> {
    let is_small = |number: u64| (1..SMALL).contains(&number);
    let small: Vec<u64> = numbers
        .iter()
        .copied()
        .filter(|number| is_small(*number))
        .collect();
    let mut others: Vec<usize> = (0..numbers.len()).filter(|at| numbers[*at] >= SMALL).collect();
    others.sort_by_key(|at| numbers[*at]);
    let mut withheld = 0;
    let mut sum: u64 = small.iter().sum();
    let next = |withheld: usize| others.get(withheld).map(|at| numbers[*at]);
    while !is_open(sum, small.len() as u64, withheld as u64, next(withheld)) {
        sum += next(withheld)?;
        withheld += 1;
    }
    let publish = |(at, number): (usize, &u64)| {
        if is_small(*number) {
            Published::Small
        } else if others[..withheld].contains(&at) {
            Published::Withheld
        } else {
            Published::Number(*number)
        }
    };
    Some(numbers.iter().enumerate().map(publish).collect())
}

/// Whether each of so many small numbers can be anything from one to four, when so many others of five or more are
/// hidden as well, the sum of them all is known, and so is the smallest that is shown.
const fn is_open(sum: u64, small: u64, withheld: u64, shown: Option<u64>) -> bool {
    if small == 0 {
        return true;
    }
    let most = SMALL - 1;
    let least_besides = (small - 1) + withheld * SMALL;
    let most_small = (small - 1) * most;
    match shown {
        Some(shown) => {
            withheld > 0
                && shown > SMALL
                && sum >= most + least_besides + SPARE
                && sum + SPARE <= 1 + most_small + withheld * (shown - 1)
        }
        None => sum >= most + least_besides && (withheld > 0 || sum <= 1 + most_small),
    }
}

/// The share in whole percent, where so many are behind it that it tells nothing of single people.
pub const fn share(part: u64, all: u64) -> Option<u64> {
    if all < SHARED || part < SMALL || all - part < SMALL {
        return None;
    }
    Some(part * 100 / all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeSet, HashMap};

    /// Every list of so many numbers with no greater sum.
    fn lists(length: usize, sum: u64) -> Vec<Vec<u64>> {
        if length == 0 {
            return vec![Vec::new()];
        }
        let with = |first: u64| {
            let rest = lists(length - 1, sum - first);
            rest.into_iter().map(move |mut rest| {
                rest.push(first);
                rest
            })
        };
        (0..=sum).flat_map(with).collect()
    }

    /// Whoever knows the rule keeps those lists that would have been published alike. Each list that fits is among those
    /// that are tried, as none of its numbers is greater than the sum.
    #[test]
    fn whoever_knows_the_rule_finds_no_small_number_out() {
        for (length, most) in [(2, 60), (3, 50), (4, 34), (5, 24)] {
            let mut alike: HashMap<(Vec<Published>, u64), Vec<BTreeSet<u64>>> = HashMap::new();
            for numbers in lists(length, most) {
                let Some(published) = suppressed(&numbers) else {
                    continue;
                };
                let known = alike.entry((published, numbers.iter().sum())).or_default();
                known.resize(length, BTreeSet::new());
                for (values, number) in known.iter_mut().zip(numbers) {
                    values.insert(number);
                }
            }
            for ((published, sum), values) in alike {
                for (shown, values) in published.iter().zip(values) {
                    if *shown == Published::Small {
                        assert_eq!(
                            values,
                            BTreeSet::from([1, 2, 3, 4]),
                            "{published:?}, {sum} in all"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_lone_small_number_takes_another_along() {
        use Published::{Number, Small, Withheld};
        assert_eq!(
            suppressed(&[3, 20, 41, 0]),
            Some(vec![Small, Withheld, Number(41), Number(0)])
        );
        assert_eq!(
            suppressed(&[4, 20, 20, 41]),
            Some(vec![Small, Withheld, Withheld, Number(41)]),
            "24 without the one of twenty is four: the smallest withheld is no greater than what is shown"
        );
        assert_eq!(suppressed(&[7, 20]), Some(vec![Number(7), Number(20)]));
        assert_eq!(
            suppressed(&[3, 5]),
            None,
            "eight less five or more is three or less"
        );
        assert_eq!(suppressed(&[1, 1, 0]), None, "two is one and one");
        assert_eq!(
            suppressed(&[2, 2, 3, 8]),
            Some(vec![Small, Small, Small, Withheld])
        );
        assert_eq!(suppressed(&[]), Some(vec![]));
    }

    #[test]
    fn a_share_of_few_is_not_told() {
        assert_eq!(share(15, 20), Some(75));
        assert_eq!(share(17, 20), None, "three were not");
        assert_eq!(share(10, 19), None);
        assert_eq!(share(0, 0), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_true_and_no_more_is_hidden_than_needed(numbers in prop::collection::vec(0..400_u64, 0..20)) {
            if let Some(published) = suppressed(&numbers) {
                let is_small = |number: &u64| (1..SMALL).contains(number);
                prop_assert_eq!(published.len(), numbers.len());
                for (shown, number) in published.iter().zip(&numbers) {
                    match shown {
                        Published::Number(told) => prop_assert_eq!(told, number),
                        Published::Small => prop_assert!(is_small(number)),
                        Published::Withheld => prop_assert!(*number >= SMALL),
                    }
                }
                if !numbers.iter().any(is_small) {
                    prop_assert!(!published.contains(&Published::Withheld));
                }
            }
        }
    }
}
