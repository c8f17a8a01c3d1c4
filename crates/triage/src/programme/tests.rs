use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::decision::Route;
use crate::notification::{DiagnosedAs, Person, RiskFactor, Severity};

mod periods;

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
    // Until then everybody is telephoned.
    assert_eq!(route(&aged(20, day(1, 27)), day(1, 27)), Route::CentrePhone);
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
    // Without symptoms and a word about severity: 越谷市 wrote to them.
    let mut without = aged(30, on);
    (without.illness.severity, without.illness.onset) = (None, None);
    assert_eq!(
        route(&without, on),
        Route::CentrePhone,
        "nobody knows how ill they are"
    );
    without.illness.diagnosed_as = Some(DiagnosedAs::Asymptomatic);
    assert_eq!(route(&without, on), Route::HeadOfficeSms);
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
fn a_list_without_a_column_for_admission_sends_nobody_who_is_mildly_ill_to_the_telephone() {
    for on in [day(1, 28), day(5, 20), day(9, 10), day(9, 26)] {
        let mut mild = aged(30, on);
        mild.illness.severity = Some(Severity::Mild);
        mild.illness.needs_admission = None;
        assert_eq!(route(&mild, on), Route::HeadOfficeSms, "{on}");
        mild.illness.severity = None;
        assert_eq!(route(&mild, on), Route::CentrePhone, "{on}: nothing is known");
    }
}

#[test]
fn no_shipped_rule_writes_to_somebody_who_needs_a_bed_or_has_little_oxygen() {
    for on in [day(1, 28), day(5, 20), day(9, 10), day(9, 26)] {
        let mut bed = aged(30, on);
        bed.illness.needs_admission = Some(true);
        let decided = verdict(&bed, on);
        assert_eq!(
            (decided.route, decided.priority),
            (Route::CentrePhone, 90),
            "{on}"
        );
    }
    // Until the rules of the four groups, which ask for admission and therapy instead.
    for on in [day(1, 28), day(5, 20), day(9, 10)] {
        for (spo2, route) in [
            (85, Route::CentrePhone),
            (95, Route::CentrePhone),
            (96, Route::HeadOfficeSms),
        ] {
            let mut told = aged(30, on);
            told.illness.spo2 = Some(spo2);
            assert_eq!(verdict(&told, on).route, route, "{on} {spo2}");
        }
    }
    let mut told = aged(30, day(1, 28));
    told.illness.spo2 = Some(85);
    let said = verdict(&told, day(1, 28)).reasons.remove(0).to_string();
    assert_eq!(said, "中等症以上の人: 中等症Ⅰ以上（中等症Ⅱ、SpO2 85%）");
}

#[test]
fn a_notification_of_a_death_is_telephoned_whatever_the_rules_say() {
    let on = day(9, 26);
    let mut dead = aged(30, on);
    dead.illness.diagnosed_as = Some(DiagnosedAs::Dead);
    let decided = verdict(&dead, on);
    assert_eq!(decided.route, Route::CentrePhone);
    assert_eq!(decided.reasons[0].to_string(), "SMSを送らない: 死亡の届のため");
}

#[test]
fn severity_and_facility_count_as_they_were_told() {
    let json = r#"[{"name":"施設の人","all_of":[{"about":"yes_no","fact":"facility","is":true}],"route":"centre_phone","priority":80},
        {"name":"重い人","all_of":[{"about":"severity","at_least":"severe"}],"route":"centre_phone","priority":70},
        {"name":"そのほか","route":"head_office_sms","priority":10}]"#;
    let rules: RuleSet = serde_json::from_str(json).expect("rules of a test");
    let on = day(8, 1);
    let decide = |facility: Option<&str>, severity| {
        let mut told = aged(30, on);
        told.person.facility = facility.map(str::to_owned);
        told.illness.severity = severity;
        let at = Circumstances {
            day: on,
            office: OFFICE,
            exposed_on: None,
        };
        let decided = rules.decide(&Facts::of(&told, at), None);
        (decided.route.is_sms(), decided.priority)
    };
    let mild = Some(Severity::Mild);
    assert_eq!(decide(Some("なし"), mild), (true, 10));
    assert_eq!(decide(Some("特別養護老人ホーム"), mild), (false, 80));
    assert_eq!(decide(None, mild), (false, 80), "nobody said that there is none");
    assert_eq!(decide(Some("なし"), Some(Severity::ModerateTwo)), (true, 10));
    assert_eq!(decide(Some("なし"), Some(Severity::Severe)), (false, 70));
    assert_eq!(decide(Some("なし"), None), (false, 70));
}

#[test]
fn where_no_version_holds_somebody_telephones() {
    let before = CalendarDate::new(2021, 12, 31).expect("a day");
    let decided = verdict(&aged(20, before), before);
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
        (Route::CentrePhone, Some(5), None)
    );
    assert_eq!(decided.reasons, ["65歳以上: 65歳以上（70歳）"]);
    one.illness.diagnosed_as = Some(DiagnosedAs::Asymptomatic);
    one.illness.onset = None;
    one.illness.sampled = Some(day(9, 26));
    assert_eq!(
        rules.decide(&one, OFFICE, day(9, 26)).isolation_ends,
        Some(day(10, 3))
    );
}

#[test]
fn an_offices_own_rules_go_before_the_organisations() {
    let all = example("covid19_2022").versions().to_vec();
    let mut own = all[1].clone();
    (own.version, own.scope) = (9, Scope::Office(OFFICE));
    let programme = Programme::of(all.into_iter().chain([own]).collect());
    let version = |day, office| programme.on(day, office).map(|one| one.version);
    assert_eq!(version(day(12, 1), OFFICE), Some(9));
    assert_eq!(version(day(12, 1), OfficeId::new(3)), Some(5));
    assert_eq!(version(day(1, 27), OFFICE), Some(1));
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

proptest! {
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
        prop_assert_eq!(decided.version.is_none(), on < day(1, 1));
    }
}
