#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use base::date::CalendarDate;
use proptest::prelude::*;

use super::*;
use crate::form::{Decimal, DocumentProblem, Kind, Level, Shipped};

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn form(name: &str) -> &'static Form {
    Shipped::forms()
        .iter()
        .find(|form| form.key().as_str() == name)
        .unwrap()
}

fn several(options: &[&str]) -> Answer {
    Answer::Several(options.iter().map(|one| key(one)).collect())
}

/// Answers one page whole; every question of it that is not named is left empty.
fn put(filling: &mut Filling, form: &Form, page: &str, answers: &[(&str, Answer)]) {
    let named: BTreeMap<&str, &Answer> = answers.iter().map(|(key, answer)| (*key, answer)).collect();
    let questions = form.page(page).unwrap().questions.iter();
    let all = questions
        .map(|question| {
            (
                question.key.clone(),
                named.get(question.key.as_str()).map(|one| (*one).clone()),
            )
        })
        .collect();
    filling.save(form, &key(page), all, true).unwrap();
}

#[test]
fn the_observation_is_gone_through_from_front_to_check() {
    let form = form("observation");
    let mut filling = Filling::default();
    let mut pages = Vec::new();
    while let Step::Page(page) = filling.resume(form) {
        assert!(!filling.is_complete(form));
        pages.push(page.to_string());
        let answers: Vec<(&str, Answer)> = match page.as_str() {
            "emergency" => vec![("emergency", several(&["none"]))],
            "measured" => vec![
                ("temperature", Answer::Number(Decimal::read("36.8").unwrap())),
                ("spo2", Answer::Unknown),
            ],
            "symptoms" => vec![("symptoms", several(&["cough"]))],
            "intake" => vec![("intake", Answer::Choice(key("well")))],
            "wish" => vec![("call", Answer::YesNo(false))],
            other => panic!("{other}"),
        };
        put(&mut filling, form, page.as_str(), &answers);
    }
    assert_eq!(pages, ["emergency", "measured", "symptoms", "intake", "wish"]);
    assert_eq!(filling.delivered(form).len(), 6);
    assert!(filling.red_flags(form).is_empty());
    assert_eq!(filling.before(form, &key("measured")), Some(key("emergency")));
    assert_eq!(filling.before(form, &key("emergency")), None);
    assert_eq!(filling.place(form, &key("wish")), Some((5, 5)));
}

#[test]
fn red_flags_follow_from_what_is_answered() {
    let form = form("observation");
    let flags = |page: &str, answers: &[(&str, Answer)]| -> Vec<(String, Level)> {
        let mut filling = Filling::default();
        put(&mut filling, form, page, answers);
        let flags = filling.red_flags(form).into_iter();
        flags.map(|flag| (flag.code.to_string(), flag.level)).collect()
    };
    let spo2 = |number| flags("measured", &[("spo2", Answer::Number(Decimal::whole(number)))]);
    assert_eq!(spo2(93), [("spo2_very_low".to_owned(), Level::Emergency)]);
    assert_eq!(spo2(94), [("spo2_low".to_owned(), Level::Call)]);
    assert_eq!(spo2(95), [("spo2_low".to_owned(), Level::Call)]);
    assert_eq!(spo2(96), []);
    assert_eq!(flags("measured", &[("spo2", Answer::Unknown)]), []);
    assert_eq!(flags("emergency", &[("emergency", several(&["none"]))]), []);
    for sign in ["lips", "breath", "lying", "confused"] {
        let raised = flags("emergency", &[("emergency", several(&[sign]))]);
        assert_eq!(
            raised,
            [("emergency_signs".to_owned(), Level::Emergency)],
            "{sign}"
        );
    }
}

#[test]
fn hidden_questions_keep_their_answers_and_deliver_none() {
    let form = form("interview");
    let mut filling = Filling::default();
    put(&mut filling, form, "ill", &[("ill", Answer::YesNo(true))]);
    let onset = Answer::Day(CalendarDate::new(2026, 11, 20).unwrap());
    put(&mut filling, form, "onset", &[("onset", onset.clone())]);
    assert!(filling.delivered(form).contains_key(&key("onset")));
    put(&mut filling, form, "ill", &[("ill", Answer::YesNo(false))]);
    assert!(!filling.delivered(form).contains_key(&key("onset")));
    assert_eq!(filling.place(form, &key("onset")), None);
    put(&mut filling, form, "ill", &[("ill", Answer::YesNo(true))]);
    assert!(filling.delivered(form).get(&key("onset")) == Some(&onset));
}

#[test]
fn from_the_check_one_goes_back_to_it_unless_something_opened() {
    let form = form("interview");
    let mut filling = Filling::default();
    put(&mut filling, form, "ill", &[("ill", Answer::YesNo(false))]);
    put(
        &mut filling,
        form,
        "emergency",
        &[("emergency", several(&["none"]))],
    );
    put(&mut filling, form, "risk", &[("risk", Answer::Unknown)]);
    put(
        &mut filling,
        form,
        "vaccine",
        &[("vaccine", Answer::Number(Decimal::whole(2)))],
    );
    for page in ["household", "places", "note"] {
        put(&mut filling, form, page, &[]);
    }
    put(
        &mut filling,
        form,
        "facility",
        &[("facility", Answer::YesNo(false))],
    );
    put(
        &mut filling,
        form,
        "work",
        &[("work", Answer::Choice(key("nowhere")))],
    );
    put(&mut filling, form, "met", &[("met", Answer::YesNo(false))]);
    put(&mut filling, form, "wishes", &[("wishes", several(&["none"]))]);
    assert!(filling.is_complete(form));
    assert_eq!(filling.after(form, &key("met"), true), Step::Check);
    assert_eq!(filling.after(form, &key("met"), false), Step::Page(key("wishes")));
    put(&mut filling, form, "met", &[("met", Answer::YesNo(true))]);
    assert_eq!(
        filling.after(form, &key("met"), true),
        Step::Page(key("contacts"))
    );
}

#[test]
fn what_is_not_of_the_page_is_refused_whole() {
    let form = form("observation");
    let mut filling = Filling::default();
    for (page, question, answer) in [
        ("nowhere", "call", Answer::YesNo(true)),
        ("emergency", "call", Answer::YesNo(true)),
        ("wish", "nothing", Answer::YesNo(true)),
        ("wish", "call", Answer::Text("x".to_owned())),
        ("intake", "intake", Answer::Choice(key("plenty"))),
        ("wish", "call", Answer::Unknown),
    ] {
        let saved = filling.save(form, &key(page), vec![(key(question), Some(answer))], true);
        assert_eq!(saved, Err(NotAsked), "{page} {question}");
        assert!(filling.is_new());
    }
}

#[test]
fn a_document_tells_all_its_mistakes_with_their_places() {
    let good = Shipped::of("observation").unwrap().document;
    let change = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        Form::parse(&good.replacen(from, to, 1))
    };
    for (from, to, told) in [
        (
            r#""key": "observation""#,
            r#""key": "Observation""#,
            "名前に使えません",
        ),
        (r#""min": "34""#, r#""min": "44""#, "min は max 以下"),
        (r#""min": "34""#, r#""min": 34"#, "読み取れません"),
        (r#""key": "lips""#, r#""key": "breath""#, "2回使われています"),
        (
            r#""key": "lips""#,
            r#""key": "unknown""#,
            "選択肢の名前に使えません",
        ),
        (r#""ja": "今の体温""#, r#""ja": " ""#, "日本語（ja）の文"),
        (
            r#""ja": "今の体温""#,
            r#""fr": "x""#,
            "「fr」という言語はありません",
        ),
        ("いまの 体温（たいおん）", "いまの 体温", "「体温」に、読みを"),
        (r#""optional": true"#, r#""optionnal": true"#, "読み取れません"),
        (
            r#""spo2",
     "94""#,
            r#""temperatur",
     "94""#,
            "「temperatur」という質問がありません",
        ),
    ] {
        match change(from, to) {
            Err(problem) => assert!(problem.to_string().contains(told), "{from}: {problem}"),
            Ok(_) => panic!("{to} was taken"),
        }
    }
    let two =
        good.replacen("いまの 体温（たいおん）", "体温", 1)
            .replacen(r#""min": "34""#, r#""min": "50""#, 1);
    let Err(DocumentProblem::Wrong(problems)) = Form::parse(&two) else {
        panic!("it was taken");
    };
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_eq!(problems[0].at, "pages.measured.temperature.label");
}

#[test]
fn a_condition_looks_back_only_and_at_what_can_be_chosen() {
    let good = Shipped::of("interview").unwrap().document;
    let parsed = |change: fn(&mut serde_json::Value)| {
        let mut document: serde_json::Value = serde_json::from_str(good).unwrap();
        change(&mut document);
        Form::parse(&document.to_string()).map_err(|problem| problem.to_string())
    };
    let forward = parsed(|document| {
        document["pages"][0]["show_if"] = serde_json::json!({"is": ["ill", "yes"]});
    });
    assert!(forward.unwrap_err().contains("前のページに「ill」"));
    let wrong = parsed(|document| {
        document["pages"][2]["show_if"] = serde_json::json!({"below": ["ill", "3"]});
    });
    assert!(wrong.unwrap_err().contains("答え方に合わない"));
    assert!(parsed(|_| ()).is_ok());
}

/// Some answer that fits the question; the two `bool`s choose.
fn some_answer(question: &Question, first: bool, unknown: bool) -> Answer {
    if unknown && question.unknown.is_some() {
        return Answer::Unknown;
    }
    match &question.kind {
        Kind::YesNo => Answer::YesNo(first),
        Kind::Choice { options } => {
            let one = if first { options.first() } else { options.last() };
            Answer::Choice(one.unwrap().key.clone())
        }
        Kind::Several { options } => {
            let one = if first { options.first() } else { options.last() };
            Answer::Several([one.unwrap().key.clone()].into())
        }
        Kind::Number { min, max, .. } => Answer::Number(if first { *min } else { *max }),
        Kind::Text { .. } | Kind::LongText { .. } => Answer::Text(format!("{first}")),
        Kind::Day { .. } => Answer::Day(CalendarDate::new(2026, 11, if first { 1 } else { 2 }).unwrap()),
        Kind::List { .. } => Answer::List(vec![BTreeMap::new()]),
    }
}

proptest! {
    /// Pages in any order, over and over: the last answer to each question is there; only what is asked is
    /// delivered; and nobody is ever told that the form is complete while a required question waits.
    #[test]
    fn no_order_of_pages_loses_an_answer(
        steps in prop::collection::vec((0_usize..40, any::<bool>(), any::<bool>(), any::<bool>()), 0..60),
    ) {
        for form in Shipped::forms() {
            let mut filling = Filling::default();
            let mut last: BTreeMap<Key, Option<Answer>> = BTreeMap::new();
            for (page, first, unknown, leaves_open) in &steps {
                let page = &form.pages()[page % form.pages().len()];
                let answers: Vec<(Key, Option<Answer>)> = page
                    .questions
                    .iter()
                    .map(|question| {
                        let empty = question.optional && *leaves_open;
                        let answer = (!empty).then(|| some_answer(question, *first, *unknown));
                        (question.key.clone(), answer)
                    })
                    .collect();
                filling.save(form, &page.key, answers.clone(), true).unwrap();
                last.extend(answers);
                let stored = serde_json::to_string(&filling).unwrap();
                filling = serde_json::from_str(&stored).unwrap();
                // Following the pages from anywhere ends at the check or at an open page, never in a circle.
                let mut at = filling.resume(form);
                for _ in 0..=form.pages().len() {
                    match at {
                        Step::Check => break,
                        Step::Page(page) => at = filling.after(form, &page, false),
                    }
                }
            }
            for (question, answer) in &last {
                prop_assert!(filling.answer(question) == answer.as_ref(), "{}", question);
            }
            let shown = filling.shown(form);
            let asked: Vec<&Key> = shown.iter().flat_map(|(_, asked)| asked).map(|one| &one.key).collect();
            for delivered in filling.delivered(form).keys() {
                prop_assert!(asked.contains(&delivered), "{} is hidden", delivered);
            }
            if filling.is_complete(form) {
                for (_, questions) in shown {
                    for question in questions.into_iter().filter(|one| one.required()) {
                        prop_assert!(filling.delivered(form).contains_key(&question.key));
                    }
                }
            }
        }
    }
}
