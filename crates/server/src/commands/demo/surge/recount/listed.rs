//! Whether those who cannot be reached by a message came onto the call list in time.

use std::collections::HashMap;

use base::clock::{MINUTE, Millis};
use base::id::CaseId;
use lists::calls::{Call, CallReason};
use messaging::store::MessageFacts;
use triage::case::{Case, CaseState, FirstContact, received_day};
use triage::decision::Route;
use triage::reach::ContactRules as _;

use super::super::day::STEPS;
use super::Count;

/// How soon somebody who cannot be written to has to stand on the call list.
const AT_ONCE: Millis = 5 * MINUTE;
/// How soon somebody whose message did not arrive has to.
const NOT_DELIVERED: Millis = 30 * MINUTE;

impl Count<'_> {
    /// Whoever cannot be reached by a message stands on the call list in time.
    pub(super) fn on_the_list_in_time(&mut self) {
        let tolerance = STEPS.1;
        let known_at = self.known_at();
        for case in &self.cases {
            for call in self.calls.get(&case.id).into_iter().flatten() {
                let reason = CallReason::ALL
                    .iter()
                    .position(|one| *one == call.reason)
                    .unwrap_or(0);
                *self.findings.reasons.entry(reason).or_default() += 1;
                let delay = call.added_at - self.due(case, call, known_at[&case.id]);
                if delay > tolerance {
                    let (count, longest) = self.findings.late.entry(reason).or_default();
                    *count += 1;
                    *longest = delay.max(*longest);
                }
            }
        }
        let unreached = self.cases.iter().filter(|case| {
            let waits = matches!(case.contact, FirstContact::Waiting | FirstContact::Unreached);
            case.state == CaseState::Open && waits && !self.is_reached(case)
        });
        self.findings.forgotten = unreached.count() as u64;
    }

    /// When everything was there that a case says now: its notification, and the last that was merged into it, which
    /// may have made it one for the telephone.
    fn known_at(&self) -> HashMap<CaseId, Millis> {
        let cases = self.cases.iter();
        let mut known_at: HashMap<CaseId, Millis> = cases.map(|case| (case.id, case.received_at)).collect();
        for case in &self.cases {
            if let Some(kept) = case.merged_into {
                let known = known_at.entry(kept).or_default();
                *known = case.received_at.max(*known);
            }
        }
        known_at
    }

    fn due(&self, case: &Case, call: &Call, known_at: Millis) -> Millis {
        let day = received_day(case.received_at);
        let rule = self.rules.of(case.programme, case.office, day);
        let letters = self.letters.get(&case.id).into_iter().flatten();
        let facts: Vec<&MessageFacts> = letters.filter_map(|id| self.facts.get(id)).collect();
        let made_at = facts.iter().map(|one| one.created_at).max();
        let ended_at = facts.iter().map(|one| one.changed_at).max();
        // Whoever was written to at first was not one for the telephone from the beginning.
        let chosen_at = made_at.map_or(case.received_at, |_| known_at);
        match call.reason {
            CallReason::NotDelivered => ended_at.unwrap_or(case.received_at) + NOT_DELIVERED,
            CallReason::Unconfirmed | CallReason::NotOpened => {
                made_at.unwrap_or(case.received_at) + rule.call_after
            }
            CallReason::NotContacted => chosen_at + rule.call_after,
            CallReason::ByRule if case.decided.route != Route::CentrePhone => chosen_at + rule.call_after,
            _ => chosen_at + AT_ONCE,
        }
    }
}
