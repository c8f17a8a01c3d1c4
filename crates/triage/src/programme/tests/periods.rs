//! How long people stay at home: by the rules of 2022, and whose periods hold where.

use super::*;
use crate::period::Place;

fn end(onset: CalendarDate, relieved: CalendarDate, place: Place) -> CalendarDate {
    let illness = Illness {
        diagnosed_as: Some(DiagnosedAs::Confirmed),
        onset: Some(onset),
        ..Illness::default()
    };
    let course = Course {
        place: Some(place),
        relieved_on: Some(relieved),
        ..Course::default()
    };
    let period = example("covid19_2022").period(&illness, &course, (onset, OFFICE));
    period.expect("a period").end.day()
}

#[test]
fn the_periods_of_2022_are_exact() {
    // Free on day 11 by the old rule, on day 8 by the new one, at home and in a hotel; on day 11 elsewhere.
    assert_eq!(end(day(8, 1), day(8, 4), Place::Home), day(8, 12));
    assert_eq!(end(day(9, 10), day(9, 13), Place::Home), day(9, 18));
    assert_eq!(end(day(9, 10), day(9, 13), Place::Hotel), day(9, 18));
    assert_eq!(end(day(9, 10), day(9, 13), Place::Hospital), day(9, 21));
    assert_eq!(end(day(9, 10), day(9, 13), Place::Facility), day(9, 21));
    // Relief late: 24 hours after it.
    assert_eq!(end(day(9, 10), day(9, 17), Place::Home), day(9, 19));
}

#[test]
fn who_was_under_care_on_the_seventh_of_september_is_counted_anew() {
    // Free by the old rule before that day: nothing changes.
    assert_eq!(end(day(8, 27), day(8, 29), Place::Home), day(9, 7));
    // Day 10 was that day: free on it, not before.
    assert_eq!(end(day(8, 28), day(8, 30), Place::Home), day(9, 7));
    assert_eq!(end(day(8, 30), day(9, 1), Place::Home), day(9, 7));
    // Day 8 is later than that day: free on day 8.
    assert_eq!(end(day(9, 3), day(9, 5), Place::Home), day(9, 11));
    assert_eq!(end(day(9, 3), day(9, 5), Place::Hospital), day(9, 14));
    // The version of the 26th changes nothing for people who are under care then.
    assert_eq!(end(day(9, 20), day(9, 22), Place::Home), day(9, 28));
}

#[test]
fn without_symptoms_it_is_day_eight_or_day_six_with_a_negative_test() {
    let programme = example("covid19_2022");
    let illness = Illness {
        diagnosed_as: Some(DiagnosedAs::Asymptomatic),
        sampled: Some(day(9, 10)),
        ..Illness::default()
    };
    let free = |test: Option<CalendarDate>| {
        let course = Course {
            place: Some(Place::Home),
            negative_test_on: test,
            ..Course::default()
        };
        let period = programme
            .period(&illness, &course, (day(9, 10), OFFICE))
            .expect("a period");
        (period.end.day(), period.watch_until)
    };
    assert_eq!(free(None), (day(9, 18), Some(day(9, 17))));
    assert_eq!(free(Some(day(9, 14))).0, day(9, 18));
    assert_eq!(free(Some(day(9, 15))).0, day(9, 16));
    assert_eq!(free(Some(day(9, 16))).0, day(9, 17));
}

#[test]
fn everybody_of_2022_has_an_end() {
    let programme = example("covid19_2022");
    let mut on = day(1, 1);
    while on.year() == 2022 {
        let mut ill = aged(30, on);
        ill.illness.onset = Some(on);
        let course = Course {
            place: Some(Place::Home),
            relieved_on: on.plus_days(2),
            ..Course::default()
        };
        let end = programme.period(&ill.illness, &course, (on, OFFICE));
        let days = end.map(|period| period.end.day().days_since(on));
        // Ten days before the seventh of September, and whoever was to be free only later.
        let expected = match on.days_since(day(9, 7)) {
            0.. => 8,
            later @ -11..0 => (-later).clamp(8, 11),
            _ => 11,
        };
        assert_eq!(days, Some(expected), "{on}");
        on = on.plus_days(1).expect("a day");
    }
}

#[test]
fn an_office_that_changed_whom_it_telephones_has_the_newest_periods_all_the_same() {
    let all = example("covid19_2022").versions().to_vec();
    // Its own cut-off, made of the version of May.
    let mut own = all[2].clone();
    (own.version, own.scope, own.from) = (9, Scope::Office(OFFICE), day(5, 10));
    let programme = Programme::of(all.into_iter().chain([own]).collect());
    let periods = |on, office| programme.periods_on(on, office).map(|one| one.version);
    assert_eq!(periods(day(5, 9), OFFICE), Some(3));
    assert_eq!(periods(day(5, 10), OFFICE), Some(9));
    assert_eq!(periods(day(9, 7), OFFICE), Some(4));
    assert_eq!(programme.on(day(9, 7), OFFICE).map(|one| one.version), Some(9));
    let course = Course {
        place: Some(Place::Home),
        relieved_on: Some(day(9, 3)),
        ..Course::default()
    };
    let end = |onset, office| {
        let illness = Illness {
            onset: Some(onset),
            ..Illness::default()
        };
        let period = programme.period(&illness, &course, (onset, office));
        period.map(|period| period.end.day())
    };
    // Taken in after, and under care on that day: as everywhere else.
    for onset in [day(9, 1), day(9, 10)] {
        assert_eq!(end(onset, OFFICE), end(onset, OfficeId::new(3)), "{onset}");
    }
    assert_eq!(end(day(9, 1), OFFICE), Some(day(9, 9)));
}

/// Versions of the organisation, of one office and of another.
fn versions() -> impl Strategy<Value = Vec<InForce>> {
    let scopes = vec![
        Scope::Organisation,
        Scope::Office(OFFICE),
        Scope::Office(OfficeId::new(3)),
    ];
    proptest::collection::vec((proptest::sample::select(scopes), 0_i32..300), 0..8).prop_map(|drawn| {
        (1..)
            .zip(drawn)
            .map(|(version, (scope, from))| InForce {
                version,
                scope,
                from: day(1, 1).plus_days(from).expect("a day"),
                content: Content::blank(),
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn periods_are_of_the_newest_version_that_is_for_the_office(all in versions(), days in 0_i32..300) {
        let on = day(1, 1).plus_days(days).expect("a day");
        let chosen = Programme::of(all.clone()).periods_on(on, OFFICE).cloned();
        let is_for = |one: &&InForce| one.from <= on && one.scope != Scope::Office(OfficeId::new(3));
        let newest = all.iter().filter(is_for).map(|one| one.from).max();
        prop_assert_eq!(chosen.as_ref().map(|one| one.from), newest);
        let of_day = all.iter().filter(is_for).filter(|one| Some(one.from) == newest);
        let own = of_day.into_iter().any(|one| one.scope == Scope::Office(OFFICE));
        prop_assert!(chosen.is_none_or(|one| !own || one.scope == Scope::Office(OFFICE)));
    }

    #[test]
    fn isolation_never_ends_earlier_because_it_began_later(
        onset in 0_i32..80, later in 0_i32..30, relief in proptest::option::of(0_i32..120),
        test in proptest::option::of(0_i32..120), place in proptest::option::of(proptest::sample::select(Place::ALL)),
        kind in proptest::option::of(proptest::sample::select(&[DiagnosedAs::Confirmed, DiagnosedAs::Asymptomatic][..])),
    ) {
        let at = |days: i32| day(7, 25).plus_days(days).expect("a day");
        let programme = example("covid19_2022");
        let course = Course {
            place,
            relieved_on: relief.map(at),
            negative_test_on: test.map(at),
            exposed_on: None,
        };
        let end = |days: i32| {
            let illness = Illness {
                diagnosed_as: kind,
                onset: (kind == Some(DiagnosedAs::Confirmed)).then(|| at(days)),
                sampled: Some(at(days)),
                ..Illness::default()
            };
            // The case's day stays what it was when a date is corrected.
            programme.period(&illness, &course, (at(onset), OFFICE)).expect("a period").end.day()
        };
        prop_assert!(end(onset + later) >= end(onset));
    }
}
