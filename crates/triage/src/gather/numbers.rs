//! At which number somebody is written to.

use std::cmp::Reverse;
use std::collections::HashMap;

use base::id::{CaseId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError};

use crate::case::{Case, received_day};
use crate::household::Seniority;
use crate::limits;
use crate::reach::own_number;
use crate::store::cases;

/// The numbers at which people are written to: their own, a child's guardian's or family's.
#[derive(Default)]
pub struct Numbers(HashMap<CaseId, PhoneNumber>);

impl Numbers {
    /// Of these cases.
    pub async fn of(db: &Db, org: OrgId, found: &[Case]) -> Result<Self, DbError> {
        let mut numbers = HashMap::with_capacity(found.len());
        let mut without = Vec::new();
        for case in found {
            let Some(person) = case.notification.as_ref().map(|told| &told.person) else {
                continue;
            };
            match own_number(person, received_day(case.received_at)) {
                Some(number) => {
                    numbers.insert(case.id, number);
                }
                None if seniority(case) == Seniority::Child => without.push(case),
                None => {}
            }
        }
        for case in without.into_iter().take(limits::FAMILIES_PER_STEP) {
            let family = cases::of_household(db, org, case.household).await?;
            let others = family
                .iter()
                .filter(|one| one.id != case.id && seniority(one) != Seniority::Child);
            let number = |one: &Case| {
                let person = &one.notification.as_ref()?.person;
                own_number(person, received_day(one.received_at))
            };
            let guardians = others.filter_map(|one| Some((seniority(one), number(one)?)));
            let first = guardians.min_by_key(|(seniority, _)| *seniority);
            numbers.extend(first.map(|(_, number)| (case.id, number)));
        }
        Ok(Self(numbers))
    }

    /// Of one of them.
    pub fn of_case(&self, case: &Case) -> Option<PhoneNumber> {
        self.0.get(&case.id).copied()
    }
}

/// Whether somebody is written to at their family's number if they have none.
pub(crate) fn is_child(case: &Case) -> bool {
    seniority(case) == Seniority::Child
}

fn seniority(case: &Case) -> Seniority {
    let told = case.notification.as_ref();
    told.map_or(Seniority::OfUnknownAge, |told| {
        Seniority::of(&told.person, received_day(case.received_at))
    })
}

/// People of one number together, in the place of the most urgent of them; whoever stands for the household first.
pub(super) fn in_families(all: Vec<Case>, numbers: &Numbers) -> Vec<Case> {
    let mut places: HashMap<Option<PhoneNumber>, usize> = HashMap::new();
    let mut families: Vec<Vec<Case>> = Vec::new();
    for case in all {
        let at = *places.entry(numbers.of_case(&case)).or_insert(families.len());
        match families.get_mut(at) {
            Some(family) => family.push(case),
            None => families.push(vec![case]),
        }
    }
    for family in &mut families {
        family.sort_by_key(seniority);
    }
    families.into_iter().flatten().collect()
}

/// Whose turn comes when: with whom people share a number, and how urgent each of them is.
pub(super) struct Turns(HashMap<CaseId, (Option<PhoneNumber>, u32)>);

impl Turns {
    /// Of these cases.
    pub(super) fn of(all: &[Case], numbers: &Numbers) -> Self {
        let turn = |case: &Case| (case.id, (numbers.of_case(case), case.decided.priority));
        Self(all.iter().map(turn).collect())
    }

    /// Sorts rows, each with the people who are still in: a family stands where the most urgent of those stands, not of
    /// somebody who was written to meanwhile. Says how many are of people at high risk.
    pub(super) fn sort<T>(&self, rows: &mut [(T, Vec<CaseId>)]) -> usize {
        let mut urgency: HashMap<Option<PhoneNumber>, u32> = HashMap::new();
        for (number, priority) in rows.iter().flat_map(|(_, people)| self.turns(people)) {
            let most = urgency.entry(number).or_default();
            *most = priority.max(*most);
        }
        let urgency = |people: &[CaseId]| {
            let number = self.turns(people).next().map(|(number, _)| number);
            number.and_then(|number| urgency.get(&number).copied())
        };
        rows.sort_by_cached_key(|(_, people)| Reverse(urgency(people)));
        rows.partition_point(|(_, people)| urgency(people) >= Some(limits::HIGH_RISK))
    }

    fn turns(&self, people: &[CaseId]) -> impl Iterator<Item = (Option<PhoneNumber>, u32)> {
        people.iter().filter_map(|case| self.0.get(case).copied())
    }
}
