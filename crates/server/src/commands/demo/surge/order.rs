//! Whether anybody of high risk was handed over after somebody of lower risk of the same broadcast. Asked in two steps,
//! so that what is found says whose fault it is: the rows of a broadcast stand by risk, and the outbox hands them over as
//! they stand.

use std::collections::HashMap;

use base::id::{BroadcastId, MessageId};

/// One message that a carrier took.
pub(super) struct Handed {
    pub(super) broadcast: BroadcastId,
    pub(super) message: MessageId,
    pub(super) carrier: usize,
    /// The risk of the person.
    pub(super) own: u32,
    /// The highest risk on this number: a family stands where its most urgent member does.
    pub(super) family: u32,
    /// It was handed over before, and given back: a carrier was busy, or its line was cut.
    pub(super) tried_before: bool,
}

/// What stands behind what, in words; `handed` is in the order in which each carrier took it.
pub(super) fn inversions(handed: &[Handed]) -> Vec<String> {
    let mut found = rows_by_risk(handed);
    found.extend(as_they_stand(handed));
    found
}

/// The rows of each broadcast: nobody stands behind somebody whose whole family is of lower risk.
fn rows_by_risk(handed: &[Handed]) -> Vec<String> {
    let mut rows: Vec<&Handed> = handed.iter().collect();
    rows.sort_by_key(|one| (one.broadcast, one.message));
    let mut least: HashMap<BroadcastId, &Handed> = HashMap::new();
    let mut found = Vec::new();
    for one in rows {
        let before = least.entry(one.broadcast).or_insert(one);
        if one.own > before.family {
            found.push(format!("{} stands behind {}", words(one), words(before)));
        }
        if one.family < before.family {
            *before = one;
        }
    }
    found
}

/// At each carrier a broadcast's messages leave in the order of its rows; what came back goes late.
fn as_they_stand(handed: &[Handed]) -> Vec<String> {
    let mut last: HashMap<(BroadcastId, usize), &Handed> = HashMap::new();
    let mut found = Vec::new();
    for one in handed.iter().filter(|one| !one.tried_before) {
        let before = last.entry((one.broadcast, one.carrier)).or_insert(one);
        if one.message < before.message && one.own > before.own {
            found.push(format!("{} was handed over after {}", words(one), words(before)));
        }
        if one.message > before.message {
            *before = one;
        }
    }
    found
}

fn words(one: &Handed) -> String {
    format!(
        "message {} of broadcast {} (risk {}, family {}, carrier {})",
        one.message, one.broadcast, one.own, one.family, one.carrier
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handed(message: i64, own: u32, family: u32) -> Handed {
        Handed {
            broadcast: BroadcastId::new(1),
            message: MessageId::new(message),
            carrier: 0,
            own,
            family,
            tried_before: false,
        }
    }

    #[test]
    fn a_family_stands_where_its_most_urgent_member_does() {
        let day = [
            handed(1, 10, 70),
            handed(2, 70, 70),
            handed(3, 70, 70),
            handed(4, 10, 10),
        ];
        assert!(inversions(&day).is_empty());
    }

    #[test]
    fn whoever_stands_behind_lower_risk_is_found() {
        let day = [handed(1, 70, 70), handed(2, 10, 10), handed(3, 70, 70)];
        assert_eq!(inversions(&day).len(), 1);
    }

    #[test]
    fn what_the_outbox_takes_out_of_turn_is_found_unless_it_came_back() {
        let mut day = [handed(2, 10, 10), handed(1, 70, 70)];
        assert_eq!(inversions(&day).len(), 1);
        day[1].tried_before = true;
        assert!(inversions(&day).is_empty());
    }

    #[test]
    fn carriers_and_broadcasts_are_looked_at_one_by_one() {
        let mut day = [handed(2, 10, 10), handed(1, 70, 70)];
        day[0].carrier = 1;
        assert!(inversions(&day).is_empty(), "each carrier is as quick as it is");
        let mut day = [handed(1, 10, 10), handed(2, 70, 70)];
        day[1].broadcast = BroadcastId::new(2);
        assert!(inversions(&day).is_empty());
    }
}
