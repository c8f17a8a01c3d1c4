//! A draft tried on cases that were there already, before it decides about anybody.

use crate::decision::Route;
use crate::facts::Facts;
use crate::programme::Content;
use crate::rule::Verdict;

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
    pub verdict: Verdict,
}

/// Tries a draft on these cases: their facts, and the route they were given.
pub fn run<K>(draft: &Content, cases: impl IntoIterator<Item = (K, Facts, Option<Route>)>) -> Trial<K> {
    let tried = cases.into_iter().map(|(case, facts, before)| Tried {
        case,
        before,
        verdict: draft.rules.decide(&facts, None),
    });
    Trial {
        cases: tried.collect(),
    }
}

impl<K> Trial<K> {
    /// How many people by route, the most careful first, and how many of them only because something is not known.
    pub fn by_route(&self) -> Vec<(Route, usize, usize)> {
        let count = |route: Route| {
            let all = self.cases.iter().filter(|tried| tried.verdict.route == route);
            let missing = all.clone().filter(|tried| tried.verdict.rests_on_missing());
            (route, all.clone().count(), missing.count())
        };
        Route::by_care().into_iter().map(count).collect()
    }

    /// Whoever would go another way than they went.
    pub fn moved(&self) -> impl Iterator<Item = &Tried<K>> {
        let moves = |one: &&Tried<K>| one.before.is_some_and(|before| before != one.verdict.route);
        self.cases.iter().filter(moves)
    }
}
