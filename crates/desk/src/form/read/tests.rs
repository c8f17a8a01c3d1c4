#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;

use super::*;
use crate::form::{Form, Shipped};

fn today() -> CalendarDate {
    CalendarDate::new(2026, 11, 22).unwrap()
}

fn observation() -> &'static Form {
    Shipped::forms()
        .iter()
        .find(|form| form.key().as_str() == "observation")
        .unwrap()
}

fn interview() -> &'static Form {
    Shipped::forms()
        .iter()
        .find(|form| form.key().as_str() == "interview")
        .unwrap()
}

fn question<'f>(form: &'f Form, key: &str) -> &'f Question {
    form.question(&Key::parse(key).unwrap()).unwrap()
}

fn typed(fields: &[(&str, &str)]) -> Typed {
    let fields = fields.iter();
    Typed::from(
        fields
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>(),
    )
}

fn answer(
    form: &Form,
    key: &str,
    fields: &[(&str, &str)],
) -> Result<Option<Answer>, (String, AnswerProblem)> {
    read(question(form, key), &typed(fields), today()).map_err(|one| (one.field, one.problem))
}

fn day(form: &Form, fields: &[(&str, &str)]) -> Result<String, (String, AnswerProblem)> {
    answer(form, "onset", fields).map(|answer| match answer {
        Some(Answer::Day(day)) => day.to_string(),
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_temperature_is_believed_within_its_limits() {
    let read = |text: &str| answer(observation(), "temperature", &[("temperature", text)]);
    assert!(matches!(read("３６．８"), Ok(Some(Answer::Number(n))) if n.to_string() == "36.8"));
    assert!(matches!(read("37度2分"), Ok(Some(Answer::Number(n))) if n.to_string() == "37.2"));
    for (text, problem) in [
        ("", AnswerProblem::NothingTyped),
        ("熱い", AnswerProblem::NotANumber),
        (
            "368",
            AnswerProblem::OutOfRange(Decimal::whole(34), Decimal::whole(43)),
        ),
        ("36.85", AnswerProblem::TooManyPlaces(1)),
    ] {
        assert_eq!(read(text), Err(("temperature".to_owned(), problem)), "{text}");
    }
    let unknown = answer(
        observation(),
        "temperature",
        &[("temperature", ""), ("temperature-unknown", "yes")],
    );
    assert_eq!(unknown, Ok(Some(Answer::Unknown)));
}

#[test]
fn none_of_these_stands_alone() {
    let read = |chosen: &[&str]| {
        let fields: Vec<(&str, &str)> = chosen.iter().map(|one| ("symptoms", *one)).collect();
        answer(observation(), "symptoms", &fields)
    };
    assert!(matches!(read(&["cough", "head"]), Ok(Some(Answer::Several(keys))) if keys.len() == 2));
    assert!(read(&["none"]).is_ok());
    let at = |problem| Err(("symptoms".to_owned(), problem));
    assert_eq!(read(&["none", "cough"]), at(AnswerProblem::AloneAndOthers));
    assert_eq!(read(&["plague"]), at(AnswerProblem::NotAnOption));
    assert_eq!(read(&[]), at(AnswerProblem::NothingChosen));
}

#[test]
fn a_day_may_be_said_in_many_ways() {
    let form = interview();
    let boxes = |era: &'static str, year: &'static str, month: &'static str, date: &'static str| {
        [
            ("onset", "day"),
            ("onset-era", era),
            ("onset-year", year),
            ("onset-month", month),
            ("onset-day", date),
        ]
    };
    for (fields, wanted) in [
        (boxes("", "2026", "11", "20"), "2026-11-20"),
        (boxes("", "２０２６年", "１１月", "２０日"), "2026-11-20"),
        (boxes("reiwa", "8", "11", "20"), "2026-11-20"),
        (boxes("", "令和8", "11", "20"), "2026-11-20"),
        (boxes("", "R8", "11", "20"), "2026-11-20"),
        (boxes("reiwa", "2026", "11", "20"), "2026-11-20"),
        (boxes("", "", "11", "20"), "2026-11-20"),
        (boxes("", "2026/11/20", "", ""), "2026-11-20"),
    ] {
        assert_eq!(day(form, &fields), Ok(wanted.to_owned()), "{fields:?}");
    }
    assert_eq!(day(form, &[("onset", "today")]), Ok("2026-11-22".to_owned()));
    assert_eq!(day(form, &[("onset", "yesterday")]), Ok("2026-11-21".to_owned()));
    let first = CalendarDate::new(2026, 9, 23).unwrap();
    for (fields, field, problem) in [
        (
            boxes("", "2026", "11", "31"),
            "onset-day",
            AnswerProblem::NoSuchDay,
        ),
        (boxes("", "26", "11", "20"), "onset-year", AnswerProblem::NoEra),
        (
            boxes("", "2026", "11", "23"),
            "onset-year",
            AnswerProblem::TooLate(today()),
        ),
        (
            boxes("", "2025", "11", "20"),
            "onset-year",
            AnswerProblem::TooEarly(first),
        ),
        (
            boxes("", "2026", "x", "20"),
            "onset-month",
            AnswerProblem::NotADay,
        ),
        (boxes("", "", "", ""), "onset-month", AnswerProblem::NoDay),
        (
            boxes("heisei", "38", "11", "20"),
            "onset-year",
            AnswerProblem::OtherEra(CalendarDate::new(2026, 11, 20).unwrap()),
        ),
    ] {
        assert_eq!(day(form, &fields), Err((field.to_owned(), problem)), "{fields:?}");
    }
    assert_eq!(
        answer(form, "onset", &[("onset", "unknown")]),
        Ok(Some(Answer::Unknown))
    );
}

#[test]
fn a_birth_date_needs_its_year() {
    let read = |era: &str, year: &str, month: &str, date: &str| {
        let fields = [
            ("b-era", era),
            ("b-year", year),
            ("b-month", month),
            ("b-day", date),
        ];
        read_day(&typed(&fields), "b", None).map(|day| day.map(|day| day.to_string()))
    };
    assert_eq!(read("showa", "60", "4", "3"), Ok(Some("1985-04-03".to_owned())));
    assert_eq!(read("", "昭和60", "4", "3"), Ok(Some("1985-04-03".to_owned())));
    assert_eq!(read("heisei", "元", "4", "3"), Ok(Some("1989-04-03".to_owned())));
    assert_eq!(read("", "", "", ""), Ok(None));
    assert_eq!(
        read("", "", "4", "3"),
        Err(("b-year".to_owned(), AnswerProblem::NotADay))
    );
    assert_eq!(
        read("heisei", "32", "4", "3"),
        Err((
            "b-year".to_owned(),
            AnswerProblem::OtherEra(CalendarDate::new(2020, 4, 3).unwrap())
        ))
    );
}

#[test]
fn rows_of_people_are_read_and_empty_ones_left_out() {
    let form = interview();
    let fields = [
        ("contacts-0-name", "手本 太郎"),
        ("contacts-0-phone", "０９０１２０００００１"),
        ("contacts-0-day", "11/19"),
        ("contacts-1-name", ""),
        ("contacts-2-name", "見本 花子"),
        ("contacts-2-phone", "048-000-1234"),
    ];
    let Ok(Some(Answer::List(rows))) = answer(form, "contacts", &fields) else {
        panic!("no list");
    };
    assert_eq!(rows.len(), 2);
    let phone = Key::parse("phone").unwrap();
    assert!(rows[0][&phone] == Cell::Phone("090-1200-0001".to_owned()));
    assert!(rows[1][&phone] == Cell::Phone("0480001234".to_owned()));
    for (fields, field) in [
        (vec![("contacts-0-phone", "090-1200-0001")], "contacts-0-name"),
        (
            vec![("contacts-0-name", "a"), ("contacts-0-phone", "12")],
            "contacts-0-phone",
        ),
        (
            vec![("contacts-0-name", "a"), ("contacts-0-day", "13/45")],
            "contacts-0-day",
        ),
        (vec![], "contacts"),
    ] {
        assert_eq!(answer(form, "contacts", &fields).unwrap_err().0, field);
    }
    let mut rows = typed(&fields);
    rows.remove_row(&Key::parse("contacts").unwrap(), 0);
    assert_eq!(rows.get("contacts-1-name"), "見本 花子");
    assert_eq!(rows.rows(&Key::parse("contacts").unwrap()), 2);
}

#[test]
fn what_cannot_be_seen_is_no_letter_of_an_answer() {
    let read = |text: &str| answer(interview(), "note", &[("note", text)]);
    assert!(read(" \u{202e}a\r\nb\u{0} ") == Ok(Some(Answer::Text("a\nb".to_owned()))));
    assert_eq!(read(" \u{feff} "), Ok(None));
    let long = "あ".repeat(1_001);
    assert_eq!(
        read(&long),
        Err(("note".to_owned(), AnswerProblem::TooLong(1_000)))
    );
}

#[test]
fn only_fields_of_the_page_belong_to_it() {
    let form = interview();
    let contacts = [question(form, "contacts")];
    for (name, belongs_there) in [
        ("contacts-0-name", true),
        ("contacts-29-day", true),
        ("contacts-30-day", false),
        ("contacts-0-salary", false),
        ("contacts-unknown", false),
        ("met", false),
        ("", false),
    ] {
        assert_eq!(belongs(name, &contacts), belongs_there, "{name}");
    }
    let onset = [question(form, "onset")];
    for name in [
        "onset",
        "onset-era",
        "onset-year",
        "onset-month",
        "onset-day",
        "onset-unknown",
    ] {
        assert!(belongs(name, &onset), "{name}");
    }
    assert!(!belongs("onset-hour", &onset));
}

fn any_field() -> impl Strategy<Value = (String, String)> {
    let names = prop::sample::select(vec![
        "temperature",
        "temperature-unknown",
        "spo2",
        "symptoms",
        "intake",
        "call",
        "note",
        "emergency",
        "onset",
        "onset-era",
        "onset-year",
        "onset-month",
        "onset-day",
        "contacts-0-name",
        "contacts-0-phone",
        "contacts-1-day",
        "contacts-99999999999-name",
        "vaccine",
    ]);
    let values = prop_oneof![
        Just("unknown".to_owned()),
        Just("yes".to_owned()),
        Just("none".to_owned()),
        Just("cough".to_owned()),
        "[0-9]{1,4}",
        ".{0,12}",
    ];
    (names.prop_map(str::to_owned), values)
}

proptest! {
    /// Whatever comes in, it is an answer or a mistake; and an answer that is shown again is the same answer.
    #[test]
    fn any_fields_may_come_and_an_answer_survives_its_page(fields in prop::collection::vec(any_field(), 0..12)) {
        let typed = Typed::from(fields);
        for form in [observation(), interview()] {
            for (_, question) in form.questions() {
                let Ok(Some(answer)) = read(question, &typed, today()) else { continue };
                prop_assert!(answer.fits(question));
                let mut again = Typed::default();
                fill(question, &answer, &mut again);
                prop_assert!(again.names().all(|name| belongs(name, &[question])));
                let back = read(question, &again, today());
                prop_assert!(back == Ok(Some(answer)), "{}", question.key);
                for language in web::Language::ALL {
                    let stored = serde_json::to_string(&back.clone().unwrap()).unwrap();
                    let loaded: Option<Answer> = serde_json::from_str(&stored).unwrap();
                    prop_assert!(!loaded.unwrap().lines(question, language).is_empty());
                }
            }
        }
    }
}
