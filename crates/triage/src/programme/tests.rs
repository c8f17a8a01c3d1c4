use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::decision::Route;
use crate::notification::{DiagnosedAs, Person, RiskFactor, Severity};
use crate::period::Place;

const OFFICE: OfficeId = OfficeId::new(2);

fn day(month: u8, day: u8) -> CalendarDate {
    CalendarDate::new(2022, month, day).expect("a day of a test")
}

fn example(code: &str) -> Programme {
    let example = examples().into_iter().find(|one| one.code == code).expect(code);
    let version = |(number, one): (i64, ExampleVersion)| InForce {
        version: number,
        scope: Scope::Organisation,
        from: one.from,
        content: one.content,
    };
    Programme::of((1..).zip(example.versions).map(version).collect())
}

/// A woman with a mobile number of whom everything is known and nothing is worrying.
fn healthy(birth: CalendarDate) -> CaseNotification {
    let mut one = CaseNotification {
        person: Person {
            birth: Some(birth),
            sex: Some("女".to_owned()),
            ..Person::default()
        },
        ..CaseNotification::default()
    };
    one.person.mobiles.extend(
        base::phone::parse("090-1000-0001")
            .ok()
            .map(|parsed| parsed.number),
    );
    one.illness.onset = Some(day(1, 1));
    one.illness.diagnosed_as = Some(DiagnosedAs::Confirmed);
    one.illness.risk_factors = Some(BTreeSet::new());
    one.illness.severity = Some(Severity::Mild);
    one.illness.pregnant = Some(false);
    one.illness.needs_admission = Some(false);
    one.illness.needs_therapy = Some(false);
    one
}

fn route(one: &CaseNotification, on: CalendarDate) -> Route {
    verdict(one, on).route
}

fn verdict(one: &CaseNotification, on: CalendarDate) -> Verdict {
    let at = Circumstances {
        day: on,
        office: OFFICE,
        exposed_on: None,
    };
    example("covid19_2022").decide(one, at)
}

/// Born so that the person is `age` on the day, on the birthday itself.
fn aged(age: u16, on: CalendarDate) -> CaseNotification {
    let birth = CalendarDate::new(on.year() - age, on.month(), on.day());
    healthy(birth.expect("a birthday of a test"))
}

/// Born a day later: the birthday is tomorrow.
fn tomorrow(age: u16, on: CalendarDate) -> CaseNotification {
    let birth = CalendarDate::new(on.year() - age, on.month(), on.day()).and_then(|day| day.plus_days(1));
    healthy(birth.expect("a birthday of a test"))
}

#[test]
fn every_example_is_read_has_its_sources_and_stays_as_it_is() {
    for example in examples() {
        assert!(
            check_name(&example.name).is_ok() && !example.about.is_empty(),
            "{}",
            example.code
        );
        assert!(
            example.versions.is_sorted_by_key(|version| version.from),
            "{}",
            example.code
        );
        for version in example.versions {
            assert!(check_name(&version.title).is_ok(), "{}", version.title);
            assert!(!version.content.sources.is_empty(), "{}", version.title);
            assert!(
                version
                    .content
                    .sources
                    .iter()
                    .all(|source| source.url.starts_with("http"))
            );
            assert_eq!(
                Content::from_json(&version.content.to_json()),
                Ok(version.content)
            );
        }
    }
    assert_eq!(Content::blank().rules.rules().len(), 1);
    assert!(Content::from_json(&Content::blank().to_json().replace("\"schema\":1", "\"schema\":2")).is_err());
}

#[test]
fn the_cut_offs_of_2022_hold_on_their_days() {
    // 2022-01: 39 is written to, 40 is telephoned, on the birthday itself already.
    let on = day(2, 1);
    assert_eq!(route(&aged(39, on), on), Route::HeadOfficeSms);
    assert_eq!(route(&tomorrow(40, on), on), Route::HeadOfficeSms);
    assert_eq!(route(&aged(40, on), on), Route::CentrePhone);
    // 2022-05: 49 and 50, and what else was asked.
    let on = day(5, 20);
    assert_eq!(route(&aged(49, on), on), Route::HeadOfficeSms);
    assert_eq!(route(&tomorrow(50, on), on), Route::HeadOfficeSms);
    assert_eq!(route(&aged(50, on), on), Route::CentrePhone);
    let mut ill = aged(30, on);
    ill.illness.severity = Some(Severity::ModerateOne);
    assert_eq!(route(&ill, on), Route::CentrePhone);
    let mut unknown = aged(30, on);
    unknown.illness.risk_factors = None;
    let decided = verdict(&unknown, on);
    assert_eq!(decided.route, Route::CentrePhone);
    assert_eq!(decided.reasons[0].words, "重症化リスク因子の数が分からないため");
    // 2022-09-26: the four groups.
    let on = day(9, 26);
    assert_eq!(route(&aged(64, on), on), Route::HeadOfficeSms);
    assert_eq!(route(&tomorrow(65, on), on), Route::HeadOfficeSms);
    assert_eq!(route(&aged(65, on), on), Route::CentrePhone);
    assert_eq!(route(&aged(64, on), day(9, 25)), Route::CentrePhone);
    let mut risk = aged(30, on);
    risk.illness.risk_factors = Some([RiskFactor::Obesity].into());
    assert_eq!(route(&risk, on), Route::HeadOfficeSms);
    risk.illness.needs_therapy = Some(true);
    assert_eq!(route(&risk, on), Route::CentrePhone);
    let mut pregnant = aged(30, on);
    pregnant.illness.pregnant = None;
    assert_eq!(route(&pregnant, on), Route::CentrePhone);
    pregnant.person.sex = Some("男".to_owned());
    assert_eq!(route(&pregnant, on), Route::HeadOfficeSms);
    pregnant.person.mobiles.clear();
    assert_eq!(route(&pregnant, on), Route::CentrePhone);
}

#[test]
fn where_no_version_holds_somebody_telephones() {
    let decided = verdict(&aged(20, day(1, 1)), day(1, 1));
    assert_eq!((decided.route, decided.version), (Route::CentrePhone, None));
    assert!(decided.reasons[0].words.contains("使える振り分け規則がない"));
}

#[test]
fn a_case_is_decided_by_its_offices_rules_with_the_last_day_at_home() {
    let programme = example("covid19_2022");
    let rules: &dyn Rules = &programme;
    let mut one = aged(70, day(9, 26));
    let decided = rules.decide(&one, OFFICE, day(9, 26));
    assert_eq!(
        (decided.route, decided.rules, decided.isolation_ends),
        (Route::CentrePhone, Some(4), None)
    );
    assert_eq!(decided.reasons, ["65歳以上: 65歳以上（70歳）"]);
    one.illness.diagnosed_as = Some(DiagnosedAs::Asymptomatic);
    one.illness.sampled = Some(day(9, 26));
    assert_eq!(
        rules.decide(&one, OFFICE, day(9, 26)).isolation_ends,
        Some(day(10, 3))
    );
}

#[test]
fn an_offices_own_rules_go_before_the_organisations() {
    let all = example("covid19_2022").versions().to_vec();
    let mut own = all[0].clone();
    (own.version, own.scope) = (9, Scope::Office(OFFICE));
    let programme = Programme::of(all.into_iter().chain([own]).collect());
    let version = |day, office| programme.on(day, office).map(|one| one.version);
    assert_eq!(version(day(12, 1), OFFICE), Some(9));
    assert_eq!(version(day(12, 1), OfficeId::new(3)), Some(4));
    assert_eq!(version(day(1, 27), OFFICE), None);
}

#[test]
fn measles_needs_no_line_of_its_own_in_the_program() {
    let programme = example("measles_contacts");
    let on = CalendarDate::new(2024, 4, 10).expect("a day");
    let mut contact = healthy(CalendarDate::new(1990, 1, 1).expect("a day"));
    contact.illness = Illness::default();
    contact.illness.diagnosed_as = Some(DiagnosedAs::Asymptomatic);
    contact.illness.pregnant = Some(false);
    let decide = |contact: &CaseNotification, ago: i32| {
        let at = Circumstances {
            day: on,
            office: OFFICE,
            exposed_on: on.plus_days(-ago),
        };
        programme.decide(contact, at).route
    };
    contact.illness.doses = Some(2);
    assert_eq!(decide(&contact, 2), Route::CentreSms);
    contact.illness.doses = Some(1);
    assert_eq!(
        (decide(&contact, 3), decide(&contact, 4)),
        (Route::Physician, Route::CentrePhone)
    );
    contact.illness.doses = None;
    assert_eq!(
        (decide(&contact, 3), decide(&contact, 9)),
        (Route::Physician, Route::CentrePhone)
    );
    let course = Course {
        exposed_on: Some(on),
        ..Course::default()
    };
    let period = programme
        .period(&contact.illness, &course, (on, OFFICE))
        .expect("a period");
    assert_eq!(period.watch_until, CalendarDate::new(2024, 5, 1));
}

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

proptest! {
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

    #[test]
    fn every_notification_gets_one_route_and_its_reasons(age in proptest::option::of(0_u8..110), pregnant in proptest::option::of(any::<bool>()),
        admission in proptest::option::of(any::<bool>()), days in -30_i32..400, mobile: bool) {
        let on = day(1, 15).plus_days(days).expect("a day");
        let mut one = healthy(day(1, 1));
        one.person.birth = None;
        one.person.stated_age = age;
        one.illness.pregnant = pregnant;
        one.illness.needs_admission = admission;
        if !mobile {
            one.person.mobiles.clear();
        }
        let decided = verdict(&one, on);
        prop_assert!(mobile || !decided.route.is_sms());
        prop_assert!(!decided.reasons.is_empty());
        prop_assert_eq!(decided.version.is_none(), on < day(1, 28));
    }
}
