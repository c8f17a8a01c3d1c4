//! At which number somebody is written to.

use std::collections::HashMap;

use base::id::{CaseId, OrgId};
use base::phone::PhoneNumber;
use db::{Db, DbError};

use crate::case::{Case, received_day};
use crate::household::ADULT;
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
                None if is_child(case) => without.push(case),
                None => {}
            }
        }
        for case in without.into_iter().take(limits::FAMILIES_PER_STEP) {
            let family = cases::of_household(db, org, case.household).await?;
            let mut guardians = family.iter().filter(|one| one.id != case.id && !is_child(one));
            let number = guardians.find_map(|one| {
                own_number(&one.notification.as_ref()?.person, received_day(one.received_at))
            });
            numbers.extend(number.map(|number| (case.id, number)));
        }
        Ok(Self(numbers))
    }

    /// Of one of them.
    pub fn of_case(&self, case: &Case) -> Option<PhoneNumber> {
        self.0.get(&case.id).copied()
    }
}

fn is_child(case: &Case) -> bool {
    let told = case.notification.as_ref();
    let age = told.and_then(|told| told.person.age_on(received_day(case.received_at)));
    age.is_some_and(|age| age < ADULT)
}

/// People of one number together, in the place of the most urgent of them; the first adult first.
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
        family.sort_by_key(is_child);
    }
    families.into_iter().flatten().collect()
}
