use proptest::prelude::*;

use super::*;
use crate::notification::DiagnosedAs;

fn day(month: u8, day: u8) -> CalendarDate {
    CalendarDate::new(2022, month, day).expect("a day of a test")
}

fn rule(symptoms: bool, days: u16, hours: Option<u16>) -> PeriodRule {
    PeriodRule {
        symptoms: Some(symptoms),
        places: BTreeSet::new(),
        day_zero: DayZero::Illness,
        days,
        hours_after_relief: hours,
        early: None,
        watch_days: None,
    }
}

#[test]
fn a_table_without_an_answer_for_somebody_is_refused() {
    let only_ill = PeriodTable::new(false, vec![rule(true, 10, Some(72))]);
    assert!(only_ill.is_err_and(|words| words.contains("症状がない人で自宅にいる人")));
    assert!(PeriodTable::new(false, Vec::new()).is_ok());
    let mut early = rule(false, 7, None);
    early.early = Some(EarlyEnd { test_day: 5, days: 7 });
    let words = PeriodTable::new(false, vec![rule(true, 10, None), early]).expect_err("no earlier end");
    assert!(words.starts_with("療養期間の規則2"), "{words}");
}

#[test]
fn what_is_not_known_leaves_the_longest() {
    let table =
        PeriodTable::new(false, vec![rule(true, 10, Some(72)), rule(false, 7, None)]).expect("a table");
    let mut illness = Illness {
        sampled: Some(day(8, 1)),
        ..Illness::default()
    };
    let end = |illness: &Illness, course: &Course| table.of(illness, course).map(|period| period.end);
    assert_eq!(
        end(&illness, &Course::default()),
        Some(End::NotBefore(day(8, 12)))
    );
    illness.diagnosed_as = Some(DiagnosedAs::Asymptomatic);
    assert_eq!(end(&illness, &Course::default()), Some(End::FreeFrom(day(8, 9))));
    illness.sampled = None;
    assert_eq!(end(&illness, &Course::default()), None);
}

#[test]
fn relief_moves_the_end_when_it_comes_late() {
    let table =
        PeriodTable::new(false, vec![rule(true, 10, Some(72)), rule(false, 7, None)]).expect("a table");
    let illness = Illness {
        onset: Some(day(8, 1)),
        ..Illness::default()
    };
    for (relieved, free) in [
        (day(8, 5), day(8, 12)),
        (day(8, 8), day(8, 12)),
        (day(8, 9), day(8, 13)),
    ] {
        let course = Course {
            relieved_on: Some(relieved),
            ..Course::default()
        };
        let period = table.of(&illness, &course).expect("a period");
        assert_eq!(period.end, End::FreeFrom(free));
    }
}

proptest! {
    #[test]
    fn a_test_that_comes_later_never_frees_earlier(test in 0_i32..12) {
        let mut asymptomatic = rule(false, 7, None);
        asymptomatic.early = Some(EarlyEnd { test_day: 5, days: 5 });
        let table = PeriodTable::new(false, vec![rule(true, 10, None), asymptomatic]).expect("a table");
        let illness = Illness {
            diagnosed_as: Some(DiagnosedAs::Asymptomatic),
            sampled: Some(day(8, 1)),
            ..Illness::default()
        };
        let course = Course { negative_test_on: day(8, 1).plus_days(test), ..Course::default() };
        let free = table.of(&illness, &course).expect("a period").end.day();
        // Free on day 6 at the earliest, after the test at any rate, on day 8 at the latest.
        prop_assert!(free >= day(8, 7) && free <= day(8, 9));
        prop_assert!(!(5..=7).contains(&test) || Some(free) > course.negative_test_on);
    }
}
