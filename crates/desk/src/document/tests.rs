use std::collections::BTreeSet;

use base::date::CalendarDate;

use super::*;
use crate::form::{Answer, Decimal, Filling, Kind, Question};

fn self_test() -> DeskDocument {
    let all = shipped().into_iter();
    all.map(|one| one.document)
        .find(|one| one.document().reasons.len() > 10)
        .expect("the desk for self-tests ships")
}

#[test]
fn every_desk_that_ships_is_read_and_written_the_same() {
    let desks = shipped();
    let keys: BTreeSet<&str> = desks.iter().map(|one| one.document.key().as_str()).collect();
    assert_eq!(keys.len(), 3);
    for desk in &desks {
        let again = DeskDocument::parse(&desk.document.to_json());
        assert_eq!(again.as_ref(), Ok(&desk.document));
        let says = desk.document.document();
        assert!(!says.sources.is_empty(), "{}: where is it from?", says.key);
        for outcome in desk.document.outcomes() {
            assert_eq!(Outcome::from_code(&outcome.code()), Some(outcome.clone()));
            assert!(desk.document.telling(&outcome).is_some() && !desk.document.label(&outcome).is_empty());
        }
    }
}

#[test]
fn the_reasons_of_the_self_test_desk_are_all_there_and_say_what_happens() {
    let desk = self_test();
    let codes: Vec<String> = desk
        .document()
        .reasons
        .iter()
        .map(|one| one.code.to_string())
        .collect();
    let expected: Vec<String> = (1..=18).map(|number| format!("R{number:02}")).collect();
    assert_eq!(codes, expected);
    let reason = |code: &str| {
        let code = ReasonCode::parse(code).expect("a code");
        desk.reason(&code).expect("a reason").clone()
    };
    assert_eq!(reason("R06").then, Then::Phone, "not only an SMS");
    assert_eq!(reason("R09").then, Then::Resubmit);
    let again = Outcome::from_code("R18").expect("a code");
    assert_eq!(desk.asked_again(&again).len(), 1);
    let keys: BTreeSet<u8> = desk.document().reasons.iter().filter_map(|one| one.key).collect();
    assert_eq!(keys, (2..=6).collect());
}

/// Answers that can make a difference to a condition: each option, and both sides of each bound.
fn answers(question: &Question, document: &DeskDocument) -> Vec<Answer> {
    let mut all = match &question.kind {
        Kind::YesNo => vec![Answer::YesNo(true), Answer::YesNo(false)],
        Kind::Choice { options } => options
            .iter()
            .map(|one| Answer::Choice(one.key.clone()))
            .collect(),
        Kind::Several { options } => {
            let alone = options.iter().filter(|one| one.alone);
            let alone = alone.map(|one| Answer::Several([one.key.clone()].into()));
            let others: Vec<_> = options.iter().filter(|one| !one.alone).collect();
            // Each by itself, and all of them: conditions ask for one at a time.
            let single = others.iter().map(|one| Answer::Several([one.key.clone()].into()));
            let every = Answer::Several(others.iter().map(|one| one.key.clone()).collect());
            alone.chain(single).chain([every]).collect()
        }
        Kind::Number { min, max, .. } => {
            let stops = document.document().eligibility.iter().flat_map(|one| &one.stops);
            let bounds = stops
                .flat_map(|stop| stop.when.leaves())
                .filter_map(|leaf| match leaf {
                    Condition::AtLeast(key, bound) | Condition::Below(key, bound) if *key == question.key => {
                        Some(*bound)
                    }
                    _ => None,
                });
            let numbers: BTreeSet<Decimal> = bounds.chain([*min, *max]).collect();
            numbers.into_iter().map(Answer::Number).collect()
        }
        _ => panic!("not a question of eligibility"),
    };
    all.extend(question.unknown.as_ref().map(|_| Answer::Unknown));
    all
}

/// Every way through the questions; `ends` sees where each ends.
fn walk(document: &DeskDocument, filling: &Filling, ends: &mut dyn FnMut(&Filling, Verdict<'_>)) {
    match document.verdict(filling) {
        Verdict::Ask(page) => {
            let question = &page.questions[0];
            for answer in answers(question, document) {
                let mut next = filling.clone();
                let form = document.eligibility().expect("a question was asked");
                let given = vec![(question.key.clone(), Some(answer))];
                next.save(form, &page.key, given, true)
                    .expect("an answer that fits");
                walk(document, &next, ends);
            }
        }
        end => ends(filling, end),
    }
}

#[test]
fn every_way_through_the_questions_ends_in_going_on_or_in_a_place_to_go() {
    for desk in shipped() {
        let (mut went_on, mut stopped) = (0, BTreeSet::new());
        walk(&desk.document, &Filling::default(), &mut |_, end| match end {
            Verdict::GoOn => went_on += 1,
            Verdict::Stops(way) => {
                let instead = way.instead.of(Language::Japanese).unwrap_or_default();
                assert!(!instead.trim().is_empty(), "{}", way.key);
                stopped.insert(way.key.clone());
            }
            Verdict::Ask(page) => panic!("{} was the end", page.key),
        });
        assert!(went_on > 0, "{}: nobody may apply", desk.document.key());
        let by_answers: BTreeSet<Key> = desk
            .document
            .document()
            .eligibility
            .iter()
            .flat_map(|one| one.stops.iter().map(|stop| stop.way.clone()))
            .collect();
        assert_eq!(stopped, by_answers, "each stop is reached by somebody");
    }
}

#[test]
fn ages_follow_from_the_route_and_the_day() {
    let desk = self_test();
    let form = desk.eligibility().expect("it asks");
    let with = |pairs: &[(&str, Answer)]| {
        let mut filling = Filling::default();
        for (key, answer) in pairs {
            let key = Key::parse(key).expect("a key");
            filling
                .save(form, &key, vec![(key.clone(), Some(answer.clone()))], true)
                .expect("an answer that fits");
        }
        filling
    };
    let choice = |key: &str| Answer::Choice(Key::parse(key).expect("a key"));
    let ill = with(&[("route", choice("kit")), ("symptoms", Answer::YesNo(true))]);
    let day = |year, month, day| CalendarDate::new(year, month, day).expect("a day");
    let today = day(2022, 9, 8);
    let stop = |filling: &Filling, birth| {
        desk.age_stop(filling, birth, today)
            .map(|way| way.key.to_string())
    };
    assert_eq!(stop(&ill, day(1985, 4, 3)), None);
    // Fifty on this very day; forty-nine until tomorrow.
    assert_eq!(stop(&ill, day(1972, 9, 8)).as_deref(), Some("age_symptoms"));
    assert_eq!(stop(&ill, day(1972, 9, 9)), None);
    let tested = with(&[("route", choice("programme")), ("symptoms", Answer::YesNo(true))]);
    assert_eq!(stop(&tested, day(1950, 1, 1)), None);
    assert_eq!(stop(&tested, day(2006, 9, 9)).as_deref(), Some("age_under"));
    assert_eq!(
        stop(&tested, day(2022, 9, 9)).as_deref(),
        Some("age_under"),
        "not born yet"
    );
}

#[test]
fn all_mistakes_are_told_with_their_places() {
    let mut says = self_test().document().clone();
    says.schema = 2;
    says.fields.retain(|field| *field != Field::Phone);
    says.hours.cut_off = ClockTime::parse("23:00").expect("a time");
    says.hours.closes = ClockTime::parse("21:00").expect("a time");
    says.ways.retain(|way| way.key.as_str() != "risk");
    says.reasons[1].code = says.reasons[0].code.clone();
    says.reasons[2].key = Some(7);
    says.reasons[8].again.clear();
    says.reasons[3].telling.sms =
        serde_json::from_str(r#"{"ja":"{{氏名}}様、だめでした{{ID}}"}"#).expect("texts");
    says.send_backs[0].again = vec![Again::Photo(Key::parse("passport").expect("a key"))];
    says.photos[0].least = 3;
    says.review.second_look.percent = 101;
    says.pages[1].questions[0].label = Texts::default();
    let problems = DeskDocument::of(says).expect_err("it is full of mistakes");
    let places: BTreeSet<&str> = problems.iter().map(|one| one.at.as_str()).collect();
    for place in [
        "schema",
        "fields",
        "hours.cut_off",
        "eligibility.diseases.stops.1",
        "reasons.R01",
        "reasons.R03",
        "reasons.R09",
        "reasons.R04.telling.sms.ja",
        "send_backs.photo_unclear",
        "photos.test",
        "review.second_look.percent",
        "pages.signs.signs.label",
    ] {
        assert!(places.contains(place), "{place} is missing among {places:?}");
    }
    assert!(
        problems.iter().all(|one| one.what.ends_with('。')),
        "{problems:?}"
    );
}

#[test]
fn a_text_that_is_no_document_is_refused_in_words() {
    for wrong in ["", "[]", "{}", r#"{"schema":1,"key":"Big"}"#] {
        let problem = DeskDocument::parse(wrong).expect_err("no document");
        assert!(problem.to_string().starts_with("質問の定義"), "{problem}");
    }
}

#[test]
fn the_newest_version_that_has_begun_holds() {
    let document = self_test();
    let of = |version, month| DeskInForce {
        version,
        from: CalendarDate::new(2022, month, 1).expect("a day"),
        document: document.clone(),
    };
    let all = [of(1, 7), of(2, 9), of(3, 8)];
    let at = |month, day| {
        let day = CalendarDate::new(2022, month, day).expect("a day");
        on(&all, day).map(|one| one.version)
    };
    assert_eq!(
        (at(6, 30), at(7, 1), at(8, 31), at(9, 1)),
        (None, Some(1), Some(3), Some(2))
    );
}
