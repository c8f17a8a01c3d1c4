//! What counts as reached, and where somebody stands on the way there.
//!
//! The programme says what first contact is: that the message arrived, that the page behind it was opened, or that the
//! person answered; and after which time somebody telephones instead. Speaking with the person always counts.

use std::collections::HashMap;

use base::clock::{HOUR, Millis};
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError};
use serde::{Deserialize, Serialize};

use crate::case::{Case, CaseState, FirstContact};
pub use crate::closing::ContactBy;
use crate::closing::FirstContactRule;
use crate::household::Seniority;
use crate::limits;
use crate::notification::{Person, words};
use crate::period::Period;
use crate::programme::Programme;
use crate::store::programmes;

/// What counts as first contact, and how long one waits for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContactRule {
    /// What counts.
    pub by: ContactBy,
    /// After which time somebody telephones instead.
    pub call_after: Millis,
}

impl Default for ContactRule {
    fn default() -> Self {
        Self {
            by: ContactBy::Delivery,
            call_after: limits::CALL_AFTER,
        }
    }
}

impl From<FirstContactRule> for ContactRule {
    fn from(rule: FirstContactRule) -> Self {
        Self {
            by: rule.by(),
            call_after: Millis::from(rule.hours()) * HOUR,
        }
    }
}

/// The rules of every programme.
pub trait ContactRules: Send + Sync {
    /// The rule for a case of this programme and office that came in on this day.
    fn of(&self, programme: i64, office: OfficeId, received: CalendarDate) -> ContactRule;
}

/// One rule for everybody.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct OneRule(pub ContactRule);

impl ContactRules for OneRule {
    fn of(&self, _: i64, _: OfficeId, _: CalendarDate) -> ContactRule {
        self.0
    }
}

/// What the programmes of an organisation say, by their versions in force.
#[derive(Clone, Default)]
pub struct ProgrammeRules(HashMap<i64, Programme>);

impl ProgrammeRules {
    /// All of an organisation.
    pub async fn of(db: &Db, org: OrgId) -> Result<Self, DbError> {
        Ok(Self(programmes::all_in_force(db, org).await?))
    }

    /// One of the programmes.
    pub fn programme(&self, id: i64) -> Option<&Programme> {
        self.0.get(&id)
    }

    /// The last day at home, as the rules in force say it now: they may have changed since the case was decided. Where
    /// there is nothing to count with, as it was decided.
    pub fn last_day(&self, case: &Case) -> Option<CalendarDate> {
        match (self.programme(case.programme), &case.notification) {
            (Some(programme), Some(_)) => programme.period_of(case).and_then(Period::last_day),
            _ => case.decided.isolation_ends,
        }
    }
}

impl ContactRules for ProgrammeRules {
    fn of(&self, programme: i64, office: OfficeId, received: CalendarDate) -> ContactRule {
        let version = self.0.get(&programme).and_then(|one| one.on(received, office));
        version.map_or_else(ContactRule::default, |version| {
            version.content.first_contact.into()
        })
    }
}

impl ContactRule {
    /// Whether the person is reached; what says more than is asked for counts too.
    pub const fn counts(self, contact: FirstContact) -> bool {
        use FirstContact as F;
        match contact {
            F::Spoken | F::Answered => true,
            F::Opened => !matches!(self.by, ContactBy::Answer),
            F::Delivered => matches!(self.by, ContactBy::Delivery),
            F::Waiting | F::Written | F::Unreached | F::Calling | F::GivenUp | F::NotNeeded => false,
        }
    }
}

words! {
    /// Where somebody is in the end. Everybody is in exactly one of them but the first, in time.
    Standing {
        /// Something still happens by itself.
        UnderWay = "under_way", "連絡の途中";
        /// The first word has come.
        Reached = "reached", "連絡がついた";
        /// Somebody telephones.
        OnCallList = "on_call_list", "電話リスト";
        /// Every way was tried.
        GivenUp = "given_up", "連絡がつかない";
        /// Nothing has to be said.
        NotNeeded = "not_needed", "連絡不要";
        /// The case is closed, or went into another.
        Closed = "closed", "終了";
    }
}

impl Standing {
    /// Of a case.
    pub const fn of(state: CaseState, contact: FirstContact, rule: ContactRule) -> Self {
        match (state, contact) {
            (CaseState::Closed | CaseState::Merged, _) => Self::Closed,
            (CaseState::Open, FirstContact::GivenUp) => Self::GivenUp,
            (CaseState::Open, FirstContact::NotNeeded) => Self::NotNeeded,
            (CaseState::Open, FirstContact::Calling) => Self::OnCallList,
            (CaseState::Open, contact) if rule.counts(contact) => Self::Reached,
            (CaseState::Open, _) => Self::UnderWay,
        }
    }

    /// Whether nothing more has to happen by itself.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::UnderWay)
    }
}

/// The number at which somebody is written to: a child's guardian's, else their own, first come first. Of nobody else
/// is anything said to another's phone, nor of somebody of unknown age.
pub fn own_number(person: &Person, day: CalendarDate) -> Option<PhoneNumber> {
    let is_child = Seniority::of(person, day) == Seniority::Child;
    let guardian = person.guardian_mobiles.first().filter(|_| is_child);
    guardian.or(person.mobiles.first()).copied()
}

/// What somebody who telephones dials: the mobile number at which the person is written to, else a landline, else that of
/// a guardian or whoever is called in an emergency.
pub(crate) fn number_to_dial(person: &Person, mobile: Option<PhoneNumber>) -> Option<String> {
    let number = mobile.map(PhoneNumber::national);
    let number = number.or_else(|| person.landlines.first().cloned());
    number.or_else(|| {
        person
            .guardian_mobiles
            .first()
            .copied()
            .map(PhoneNumber::national)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_counts_what_it_asks_for_and_more() {
        use FirstContact as F;
        let reached = |by| -> Vec<F> {
            let rule = ContactRule {
                by,
                ..ContactRule::default()
            };
            F::ALL.iter().copied().filter(|one| rule.counts(*one)).collect()
        };
        assert_eq!(
            reached(ContactBy::Delivery),
            [F::Delivered, F::Opened, F::Answered, F::Spoken]
        );
        assert_eq!(reached(ContactBy::Opening), [F::Opened, F::Answered, F::Spoken]);
        assert_eq!(reached(ContactBy::Answer), [F::Answered, F::Spoken]);
    }
}
