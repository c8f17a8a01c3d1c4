//! Whether somebody may apply: one question a page, and whoever may not is told where to go instead.
//!
//! Pure: answers in, the next page or the end of the way out. Nothing is kept, so an answer that is taken back takes
//! back what followed from it.

use base::date::CalendarDate;

use super::{DeskDocument, Way};
use crate::form::{Filling, Page};

/// How far somebody is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict<'d> {
    /// This page is next.
    Ask(&'d Page),
    /// The person may apply.
    GoOn,
    /// The person may not, and goes here instead.
    Stops(&'d Way),
}

impl DeskDocument {
    /// What follows from the answers so far.
    pub fn verdict(&self, answers: &Filling) -> Verdict<'_> {
        let Some(form) = self.eligibility() else {
            return Verdict::GoOn;
        };
        let (shown, seen) = answers.walk(form);
        for (page, asked) in shown {
            if !answers.is_answered(page, &asked) {
                return Verdict::Ask(page);
            }
            let rules = self.says.eligibility.iter().find(|one| one.page.key == page.key);
            let stops = rules.map_or(&[][..], |one| &one.stops);
            let stop = stops.iter().find(|stop| stop.when.holds(&seen));
            if let Some(way) = stop.and_then(|stop| self.way(&stop.way)) {
                return Verdict::Stops(way);
            }
        }
        Verdict::GoOn
    }

    /// Where somebody born on `birth` goes who may not apply on `day`; `None` if the age fits.
    pub fn age_stop(&self, answers: &Filling, birth: CalendarDate, day: CalendarDate) -> Option<&Way> {
        let walked = self.eligibility().map(|form| answers.walk(form).1);
        let seen = walked.unwrap_or_default();
        let applies = |when: &Option<_>| {
            let when: &Option<crate::form::Condition> = when;
            when.as_ref().is_none_or(|when| when.holds(&seen))
        };
        let age = birth.age_on(day);
        let mut rules = self.says.ages.iter().filter(|rule| applies(&rule.when));
        let broken = rules.find(|rule| age.is_none_or(|age| !(rule.from..=rule.to).contains(&age)));
        broken.and_then(|rule| self.way(&rule.way))
    }
}
