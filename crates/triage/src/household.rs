//! People who share a number or an address: who is written to for whom.

use base::date::CalendarDate;
use base::id::CaseId;

use crate::notification::{CaseNotification, Person};

/// From this age on somebody is written to for themselves.
pub const ADULT: u8 = 18;

/// Who is written to before whom in a family: the first has the word.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Seniority {
    /// Known to be an adult.
    Adult,
    /// Nobody knows.
    OfUnknownAge,
    /// Known to be a child.
    Child,
}

impl Seniority {
    /// Of a person on that day.
    pub fn of(person: &Person, day: CalendarDate) -> Self {
        match person.age_on(day) {
            Some(age) if age < ADULT => Self::Child,
            Some(_) => Self::Adult,
            None => Self::OfUnknownAge,
        }
    }
}

/// One person of a household, in the order in which they came in.
#[derive(Clone, Copy)]
pub struct Member<'a> {
    /// The case.
    pub case: CaseId,
    /// What was told.
    pub told: &'a CaseNotification,
}

/// Who stands for the household: the first who is known to be an adult, else the first who is not known to be a
/// child. `None` for children alone, who are reached through their guardian.
pub fn head(members: &[Member<'_>], day: CalendarDate) -> Option<CaseId> {
    let seniority = |member: &&Member<'_>| Seniority::of(&member.told.person, day);
    let first = members.iter().min_by_key(seniority);
    let grown = first.filter(|member| seniority(member) != Seniority::Child);
    grown.map(|member| member.case)
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
        assert_eq!(
            head_of(&[None, Some(18)]),
            Some(2),
            "who is known to be an adult goes first"
        );
        assert_eq!(head_of(&[Some(7), None]), Some(2));
        assert_eq!(head_of(&[Some(7), Some(17)]), None);
    }
}
