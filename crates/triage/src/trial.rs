//! A draft tried on cases that were there already, before it decides about anybody.

use std::collections::BTreeMap;

use crate::facts::Facts;
use crate::programme::Content;
use crate::rule::{Decision, Route};

/// What a draft would have made of some cases.
#[derive(Clone, Debug)]
pub struct Trial<K> {
    /// Each case: what was decided, if anything was, and what the draft says.
    pub cases: Vec<Tried<K>>,
}

/// One case of a trial.
#[derive(Clone, Debug)]
pub struct Tried<K> {
    /// The case.
    pub case: K,
    /// What decided it before.
    pub before: Option<Route>,
    /// What the draft says.
    pub decision: Decision,
}

/// Tries a draft on these cases: their facts, and the route they were given.
pub fn run<K>(draft: &Content, cases: impl IntoIterator<Item = (K, Facts, Option<Route>)>) -> Trial<K> {
    let tried = cases.into_iter().map(|(case, facts, before)| Tried {
        case,
        before,
        decision: draft.rules.decide(&facts, None),
    });
    Trial {
        cases: tried.collect(),
    }
}

impl<K> Trial<K> {
    /// How many people by route, the most careful first, and how many of them only because something is not known.
    pub fn by_route(&self) -> Vec<(Route, usize, usize)> {
        let mut counts: BTreeMap<Route, (usize, usize)> =
            Route::ALL.iter().map(|route| (*route, (0, 0))).collect();
        for tried in &self.cases {
            let count = counts.entry(tried.decision.route).or_default();
            count.0 += 1;
            count.1 += usize::from(tried.decision.rests_on_missing());
        }
        counts
            .into_iter()
            .rev()
            .map(|(route, (all, missing))| (route, all, missing))
            .collect()
    }

    /// Whoever would go another way than they went.
    pub fn moved(&self) -> impl Iterator<Item = &Tried<K>> {
        let moves = |one: &&Tried<K>| one.before.is_some_and(|before| before != one.decision.route);
        self.cases.iter().filter(moves)
    }
}
