#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;

use super::*;

fn day(year: u16, month: u8, day: u8) -> CalendarDate {
    CalendarDate::new(year, month, day).unwrap()
}

#[test]
fn every_spelling_of_offices_is_read() {
    let valentine = day(2022, 2, 14);
    for cell in [
        "R4.2.14",
        "r04.02.14",
        "R4/2/14",
        "R.4.2.14",
        "R040214",
        "Ｒ４．２．１４",
        "令和4年2月14日",
        "令和４年　２月１４日（月）",
        "令4.2.14",
        "㋿4年2月14日",
        "2022/2/14",
        "2022/02/14",
        "2022-02-14",
        "2022−2−14",
        "2022.2.14",
        "2022年2月14日",
        "２０２２年２月１４日(月曜日)",
        "20220214",
        "44606",
        "44606.5",
        "'2022/2/14",
        "2022/2/14 0:00:00",
        "2022-02-14T09:30",
        "2022年2月14日 午前10時30分",
        " 2022/2/14\u{a0}",
    ] {
        assert!(
            parse(cell) == Ok(Parsed::Full(valentine)),
            "{cell}: {:?}",
            parse(cell)
        );
    }
    for (cell, expected) in [
        ("S60.1.5", day(1985, 1, 5)),
        ("Ｓ６０．１．５", day(1985, 1, 5)),
        ("昭和60年1月5日生", day(1985, 1, 5)),
        ("昭60.1.5", day(1985, 1, 5)),
        ("令和元年5月1日", day(2019, 5, 1)),
        ("R元.5.1", day(2019, 5, 1)),
        ("明治45年7月29日", day(1912, 7, 29)),
        ("T1.7.30", day(1912, 7, 30)),
        ("T15.12.24", day(1926, 12, 24)),
        ("S1.12.25", day(1926, 12, 25)),
        ("S64.1.7", day(1989, 1, 7)),
        ("H1.1.8", day(1989, 1, 8)),
        ("H31.4.30", day(2019, 4, 30)),
        ("8000", day(1921, 11, 25)),
    ] {
        assert!(
            parse(cell) == Ok(Parsed::Full(expected)),
            "{cell}: {:?}",
            parse(cell)
        );
    }
    for cell in ["2/14", "02/14", "2月14日", "２月14日（月）"] {
        assert!(
            parse(cell) == Ok(Parsed::MonthDay { month: 2, day: 14 }),
            "{cell}"
        );
    }
}

#[test]
fn what_has_no_sure_reading_is_refused() {
    for (cell, problem) in [
        ("", DateProblem::Missing),
        (" 　", DateProblem::Missing),
        ("85/4/3", DateProblem::Ambiguous),
        ("60.1.5", DateProblem::Ambiguous),
        ("1985", DateProblem::Ambiguous),
        ("不明", DateProblem::NotADate),
        ("2-14", DateProblem::NotADate),
        ("2022/2", DateProblem::NotADate),
        ("R4.2", DateProblem::NotADate),
        ("2/14/2022", DateProblem::NotADate),
        ("10:30", DateProblem::NotADate),
        ("090-1234-5678", DateProblem::NotADate),
        ("12345678901", DateProblem::NotADate),
        ("99999", DateProblem::NotADate),
        ("2022/2/30", DateProblem::NoSuchDay),
        ("2100/2/29", DateProblem::NoSuchDay),
        ("1867/12/31", DateProblem::NoSuchDay),
        ("R0.5.1", DateProblem::NoSuchDay),
        ("13/32", DateProblem::NoSuchDay),
    ] {
        assert!(parse(cell) == Err(problem), "{cell}: {:?}", parse(cell));
    }
}

#[test]
fn a_day_outside_its_era_is_refused_with_the_day_that_was_meant() {
    for (cell, meant) in [
        ("平成32年4月1日", "令和2年4月1日"),
        ("H31.5.1", "令和元年5月1日"),
        ("R1.4.30", "平成31年4月30日"),
        ("S64.1.8", "平成元年1月8日"),
        ("S1.12.24", "大正15年12月24日"),
        ("S98.1.1", "令和5年1月1日"),
    ] {
        let problem = parse(cell).unwrap_err();
        let DateProblem::OtherEra { meant: date, .. } = problem else {
            panic!("{cell}: {problem:?}");
        };
        assert_eq!(date.wareki(), meant, "{cell}");
        assert!(problem.to_string().contains(meant));
    }
}

#[test]
fn serials_know_the_day_that_never_was() {
    assert!(CalendarDate::from_excel_serial(1) == Some(day(1900, 1, 1)));
    assert!(CalendarDate::from_excel_serial(59) == Some(day(1900, 2, 28)));
    assert!(CalendarDate::from_excel_serial(60).is_none());
    assert!(CalendarDate::from_excel_serial(61) == Some(day(1900, 3, 1)));
    assert!(CalendarDate::from_excel_serial(73_415) == Some(day(2100, 12, 31)));
    assert!(CalendarDate::from_excel_serial(73_416).is_none());
    assert!(CalendarDate::from_excel_serial(u32::MAX).is_none());
}

#[test]
fn ages_turn_on_the_birthday() {
    let birth = day(1972, 4, 2);
    assert_eq!(birth.age_on(day(2022, 4, 1)), Some(49));
    assert_eq!(birth.age_on(day(2022, 4, 2)), Some(50));
    assert_eq!(birth.age_on(day(1972, 4, 2)), Some(0));
    assert_eq!(birth.age_on(day(1972, 4, 1)), None);
    assert_eq!(birth.age_on(day(1971, 12, 31)), None);
    let leap = day(2004, 2, 29);
    assert_eq!(leap.age_on(day(2022, 2, 28)), Some(17));
    assert_eq!(leap.age_on(day(2022, 3, 1)), Some(18));
}

#[test]
fn debug_keeps_the_birthday_to_itself() {
    let shown = format!("{:?} {:?}", parse("1985/4/3"), parse("4/3"));
    assert!(!shown.contains('3') && !shown.contains("04"), "{shown}");
}

fn dates() -> impl Strategy<Value = CalendarDate> {
    (1868u16..=2100, 1u8..=12, 1u8..=31).prop_filter_map("exists", |(y, m, d)| CalendarDate::new(y, m, d))
}

proptest! {
    #[test]
    fn every_form_comes_back_to_its_day(date in dates()) {
        let (y, m, d) = (date.year(), date.month(), date.day());
        for cell in [
            date.to_string(),
            date.wareki(),
            format!("{y}/{m}/{d}"),
            format!("{y}{m:02}{d:02}"),
            format!("{y}年{m}月{d}日 12:00"),
        ] {
            prop_assert!(parse(&cell) == Ok(Parsed::Full(date)), "{cell}");
        }
        let json = serde_json::to_string(&date).unwrap();
        prop_assert!(serde_json::from_str::<CalendarDate>(&json).unwrap() == date);
    }

    #[test]
    fn an_age_is_the_years_between(birth in dates(), years in 0u16..100) {
        if let Some(day) = CalendarDate::new(birth.year() + years, birth.month(), birth.day()) {
            prop_assert_eq!(birth.age_on(day).map(u16::from), Some(years));
        }
    }

    #[test]
    fn any_text_is_answered(cell in "\\PC{0,30}|[0-9./年月日RSHTM元:令和 -]{0,14}") {
        let _ = parse(&cell);
    }
}

proptest! {
    #[test]
    fn days_are_added_and_counted(year in 1900_u16..2050, month in 1_u8..=12, day in 1_u8..=28, days in -4_000..4_000) {
        let date = CalendarDate::new(year, month, day).unwrap();
        let other = date.plus_days(days).unwrap();
        prop_assert_eq!(other.days_since(date), days);
        prop_assert_eq!(other.plus_days(-days), Some(date));
        prop_assert_eq!(days > 0, other > date);
    }
}
