//! People who share a number or an address: who is written to for whom.

use base::date::CalendarDate;
use base::id::CaseId;

use crate::notification::CaseNotification;

/// From this age on somebody is written to for themselves.
pub const ADULT: u8 = 18;

/// One person of a household, in the order in which they came in.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    /// The case.
    pub case: CaseId,
    /// What was told.
    pub told: &'a CaseNotification,
}

impl Member<'_> {
    /// Whether the person is a child on that day; somebody of unknown age is none.
    pub fn is_child(&self, day: CalendarDate) -> bool {
        self.told.person.age_on(day).is_some_and(|age| age < ADULT)
    }
}

/// Who stands for the household: the first who is known to be an adult, else the first who is not known to be a
/// child. `None` for children alone, who are reached through their guardian.
pub fn head(members: &[Member<'_>], day: CalendarDate) -> Option<CaseId> {
    let known_adult = |member: &&Member<'_>| member.told.person.age_on(day).is_some_and(|age| age >= ADULT);
    let adult = members.iter().find(known_adult);
    adult
        .or_else(|| members.iter().find(|member| !member.is_child(day)))
        .map(|member| member.case)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_adult_stands_for_the_household() {
        let day = CalendarDate::new(2022, 2, 16).expect("a day");
        let aged = |age: Option<u8>| {
            let mut told = CaseNotification::default();
            told.person.stated_age = age;
            told
        };
        let head_of = |ages: &[Option<u8>]| {
            let all: Vec<CaseNotification> = ages.iter().map(|age| aged(*age)).collect();
            let members: Vec<Member<'_>> = (1..)
                .zip(&all)
                .map(|(case, told)| Member {
                    case: CaseId::new(case),
                    told,
                })
                .collect();
            head(&members, day).map(CaseId::get)
        };
        assert_eq!(head_of(&[Some(7), None, Some(40), Some(41)]), Some(3));
        assert_eq!(head_of(&[Some(7), None]), Some(2));
        assert_eq!(head_of(&[Some(7), Some(17)]), None);
    }
}
