//! Figures for publication: small numbers are hidden, and so much besides that no sum gives them away.
//!
//! A publication is of one programme and one week, Monday to Sunday: weeks do not overlap, so that two publications
//! cannot be taken from each other. It has two lists with one sum: by office, and by day.

/// Less than this is 「5未満」.
pub const SMALL: u64 = 5;
/// A share is told of no fewer people.
pub const SHARED: u64 = 20;

/// One number as it is published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
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

/// The numbers of a list whose sum is told too; `None` if there is no way to tell the sum without telling a small one.
///
/// Whoever knows the sum and all that is shown must be able to take each 「5未満」 for one, two, three or four. So the
/// smallest of the others are withheld until so much is open: each of them is known to be five or more, and together
/// they have three to spare.
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
    while !is_open(sum, small.len() as u64, withheld as u64) {
        sum += numbers[*others.get(withheld)?];
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
/// hidden as well and the sum of them all is known.
const fn is_open(sum: u64, small: u64, withheld: u64) -> bool {
    if small == 0 {
        return true;
    }
    let most = SMALL - 1;
    let least_besides = (small - 1) + withheld * SMALL;
    let most_besides = if withheld > 0 {
        u64::MAX
    } else {
        (small - 1) * most
    };
    sum >= most + least_besides && sum - 1 <= most_besides
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

    /// Every value that a small number may have for somebody who knows what is published, and the sum.
    fn thinkable(published: &[Published], sum: u64, of: usize) -> Vec<u64> {
        fn can_be(rest: &[Published], sum: u64) -> bool {
            let Some((first, rest)) = rest.split_first() else {
                return sum == 0;
            };
            let values: Vec<u64> = match first {
                Published::Number(number) => vec![*number],
                Published::Small => (1..SMALL).collect(),
                Published::Withheld => (SMALL..=sum.max(SMALL)).collect(),
            };
            values
                .into_iter()
                .any(|value| value <= sum && can_be(rest, sum - value))
        }
        (0..=sum)
            .filter(|value| {
                let mut guessed = published.to_vec();
                let fits = guessed[of] != Published::Small || (1..SMALL).contains(value);
                guessed[of] = Published::Number(*value);
                fits && can_be(&guessed, sum)
            })
            .collect()
    }

    #[test]
    fn a_lone_small_number_takes_another_along() {
        use Published::{Number, Small, Withheld};
        assert_eq!(
            suppressed(&[3, 20, 41, 0]),
            Some(vec![Small, Withheld, Number(41), Number(0)])
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
            Some(vec![Small, Small, Small, Number(8)])
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
        fn no_sum_gives_a_small_number_away(numbers in prop::collection::vec(0..12_u64, 1..7)) {
            if let Some(published) = suppressed(&numbers) {
                let sum = numbers.iter().sum();
                for (at, number) in numbers.iter().enumerate() {
                    let shown = published[at];
                    prop_assert_eq!(shown == Published::Small, (1..SMALL).contains(number));
                    if shown == Published::Small {
                        prop_assert_eq!(thinkable(&published, sum, at), [1, 2, 3, 4], "{:?}", &published);
                    }
                }
            }
        }

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
