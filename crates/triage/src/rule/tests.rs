use std::collections::BTreeSet;

use base::date::CalendarDate;
use base::id::OfficeId;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::decision::Route;
use crate::notification::{DiagnosedAs, RiskFactor, Severity};

fn day(year: u16, month: u8, day: u8) -> CalendarDate {
    CalendarDate::new(year, month, day).expect("a day of a test")
}

/// Somebody of whom everything is known and nothing is worrying.
fn healthy() -> Facts {
    Facts {
        age: Some(30),
        pregnant: Some(false),
        risk_factors: Some(BTreeSet::new()),
        spo2: Some(98),
        doses: Some(3),
        days_since_dose: Some(90),
        days_since_onset: Some(1),
        days_since_exposure: Some(3),
        symptomatic: Some(true),
        symptoms: Some("咽頭痛".to_owned()),
        severity: Some(Severity::Mild),
        diagnosed_as: Some(DiagnosedAs::Confirmed),
        needs_admission: Some(false),
        needs_therapy: Some(false),
        language: Some("ja".to_owned()),
        facility: Some(false),
        mobile: true,
        office: OfficeId::new(2),
        day: day(2022, 8, 1),
    }
}

fn number(fact: NumberFact, least: Option<u16>, most: Option<u16>) -> Condition {
    Condition::Number {
        fact,
        span: Span::new(least, most).expect("a range of a test"),
    }
}

fn rule(name: &str, all_of: Vec<Condition>, route: Route, priority: u32) -> Rule {
    Rule {
        name: name.to_owned(),
        all_of,
        route,
        priority,
    }
}

fn rest() -> Rule {
    rule("そのほか", Vec::new(), Route::HeadOfficeSms, 10)
}

/// Rules on age, oxygen and pregnancy.
fn sample() -> RuleSet {
    RuleSet::new(vec![
        rule(
            "酸素が低い",
            vec![number(NumberFact::Spo2, None, Some(93))],
            Route::Physician,
            90,
        ),
        rule(
            "注意が必要",
            vec![number(NumberFact::Spo2, None, Some(95))],
            Route::CentrePhone,
            80,
        ),
        rule(
            "高齢",
            vec![number(NumberFact::Age, Some(65), None)],
            Route::CentrePhone,
            70,
        ),
        rule(
            "妊娠",
            vec![Condition::YesNo {
                fact: YesNoFact::Pregnant,
                is: true,
            }],
            Route::CentrePhone,
            60,
        ),
        rest(),
    ])
    .expect("rules of a test")
}

fn said(decision: &Verdict) -> Vec<String> {
    decision.reasons.iter().map(ToString::to_string).collect()
}

#[test]
fn the_borders_of_age_and_oxygen_are_exact() {
    let with = |change: &dyn Fn(&mut Facts)| {
        let mut facts = healthy();
        change(&mut facts);
        sample().decide(&facts, Some(3))
    };
    for (spo2, route) in [
        (93, Route::Physician),
        (94, Route::CentrePhone),
        (95, Route::CentrePhone),
        (96, Route::HeadOfficeSms),
    ] {
        assert_eq!(with(&|facts| facts.spo2 = Some(spo2)).route, route, "{spo2}");
    }
    for (age, route) in [(64, Route::HeadOfficeSms), (65, Route::CentrePhone)] {
        assert_eq!(with(&|facts| facts.age = Some(age)).route, route, "{age}");
    }
    let old = with(&|facts| facts.age = Some(72));
    assert_eq!(said(&old), ["高齢: 65歳以上（72歳）"]);
    assert_eq!((old.priority, old.version), (70, Some(3)));
    let unknown = with(&|facts| facts.pregnant = None);
    assert_eq!(unknown.route, Route::CentrePhone);
    assert_eq!(said(&unknown), ["妊娠: 妊娠の有無が分からないため"]);
    assert!(unknown.rests_on_missing());
    assert_eq!(
        said(&with(&|_| {})),
        ["そのほか: ほかのどの規則にも当てはまらない"]
    );
}

#[test]
fn every_reason_is_said_and_nobody_without_a_number_is_written_to() {
    let mut facts = healthy();
    facts.mobile = false;
    let decision = sample().decide(&facts, None);
    assert_eq!(decision.route, Route::CentrePhone);
    assert_eq!(decision.reasons[0].words, "携帯電話の番号がないため");
    facts.spo2 = Some(92);
    facts.age = None;
    let decision = sample().decide(&facts, None);
    assert_eq!(
        said(&decision),
        [
            "酸素が低い: SpO2が93%以下（92%）",
            "注意が必要: SpO2が95%以下（92%）",
            "高齢: 年齢が分からないため"
        ]
    );
    assert!(!decision.rests_on_missing());
}

#[test]
fn a_number_that_nobody_wrote_down_makes_nobody_less_careful() {
    let mobile = Condition::YesNo {
        fact: YesNoFact::Mobile,
        is: true,
    };
    let rules = RuleSet::new(vec![rule("番号", vec![mobile], Route::Physician, 60), rest()]);
    let rules = rules.expect("a list");
    let mut facts = healthy();
    assert_eq!(rules.decide(&facts, None).route, Route::Physician);
    facts.mobile = false;
    let without = rules.decide(&facts, None);
    assert_eq!((without.route, without.priority), (Route::Physician, 60));
    assert_eq!(said(&without), ["番号: 携帯電話の番号の有無が分からないため"]);
}

#[test]
fn two_conditions_count_together_and_risk_factors_by_name() {
    let both = RuleSet::new(vec![
        rule(
            "リスクと薬",
            vec![
                number(NumberFact::RiskFactors, Some(1), None),
                Condition::YesNo {
                    fact: YesNoFact::NeedsTherapy,
                    is: true,
                },
            ],
            Route::CentrePhone,
            50,
        ),
        rest(),
    ])
    .expect("rules of a test");
    let mut facts = healthy();
    facts.risk_factors = Some([RiskFactor::Diabetes, RiskFactor::Hypertension].into());
    assert_eq!(both.decide(&facts, None).route, Route::HeadOfficeSms);
    facts.needs_therapy = None;
    let decision = both.decide(&facts, None);
    assert_eq!(
        said(&decision),
        ["リスクと薬: 重症化リスク因子の数が1個以上（糖尿病・高血圧）、薬または酸素の必要が分からないため"]
    );
    facts.risk_factors = Some(BTreeSet::new());
    assert_eq!(both.decide(&facts, None).route, Route::HeadOfficeSms);
}

fn problems_of(rules: Vec<Rule>) -> Vec<String> {
    let problems = RuleSet::new(rules).expect_err("a list with a mistake");
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_can_be_told_of_a_list_is_told_in_words() {
    let age = |least| vec![number(NumberFact::Age, Some(least), None)];
    assert!(problems_of(Vec::new())[0].contains("規則がありません"));
    let only = problems_of(vec![rule("高齢", age(65), Route::CentrePhone, 1)]);
    assert!(only[0].starts_with("規則1: 最後の規則は、全員に"), "{only:?}");
    let hidden = vec![
        rule("65以上", age(65), Route::CentrePhone, 9),
        rule("75以上", age(75), Route::CentrePhone, 9),
        rest(),
    ];
    let words = problems_of(hidden);
    assert!(
        words[0].starts_with("規則2: この規則には、だれも届きません。規則1「65以上」"),
        "{words:?}"
    );
    let order = problems_of(vec![
        rule("65以上", age(65), Route::CentreSms, 9),
        rule("40以上", age(40), Route::CentrePhone, 10),
        rest(),
    ]);
    assert!(order[0].contains("より慎重です"), "{order:?}");
    let priority = problems_of(vec![
        rule("65以上", age(65), Route::CentrePhone, 9),
        rule("40以上", age(40), Route::CentrePhone, 11),
        rest(),
    ]);
    assert!(priority[0].contains("優先度"), "{priority:?}");
    let clash = [age(65), vec![number(NumberFact::Age, None, Some(39))]].concat();
    let words = problems_of(vec![rule("どちらも", clash, Route::CentrePhone, 9), rest()]);
    assert!(words[0].contains("「65歳以上」と「39歳以下」の両方"), "{words:?}");
    let twice = problems_of(vec![rest(), rest()]);
    assert!(twice[0].contains("だれも届きません"), "{twice:?}");
    let empty = Condition::RiskFactor {
        any_of: BTreeSet::new(),
    };
    let words = problems_of(vec![rule("", vec![empty], Route::CentrePhone, 9), rest()]);
    assert!(
        words[0].contains("名前を入力") && words[1].contains("中身のない条件"),
        "{words:?}"
    );
}

#[test]
fn a_list_that_is_wrong_is_not_read() {
    let json = r#"[{"name":"高齢","all_of":[{"about":"number","fact":"age","at_least":65}],"route":"centre_phone","priority":9}]"#;
    let error = serde_json::from_str::<RuleSet>(json).expect_err("the last rule has a condition");
    assert!(error.to_string().contains("最後の規則"), "{error}");
    for range in [r#""at_least":65,"at_most":3"#, r#""fact":"age""#] {
        let json = format!(r#"{{"about":"number","fact":"age",{range}}}"#);
        assert!(serde_json::from_str::<Condition>(&json).is_err(), "{json}");
    }
}

fn spans() -> impl Strategy<Value = Span> {
    (0_u16..120, proptest::option::of(0_u16..120)).prop_map(|(one, other)| {
        let (least, most) = (
            other.map_or(one, |other| one.min(other)),
            other.map(|other| one.max(other)),
        );
        Span::new(Some(least), most).expect("in order")
    })
}

fn conditions() -> impl Strategy<Value = Condition> {
    let words = || subsequence(vec!["咳", "発熱", "息切れ"], 1..3);
    prop_oneof![
        (select(NumberFact::ALL), spans()).prop_map(|(fact, span)| Condition::Number { fact, span }),
        (select(YesNoFact::ALL), any::<bool>()).prop_map(|(fact, is)| Condition::YesNo { fact, is }),
        subsequence(RiskFactor::ALL, 1..4).prop_map(|all| Condition::RiskFactor {
            any_of: all.into_iter().collect()
        }),
        select(Severity::ALL).prop_map(|at_least| Condition::Severity { at_least }),
        subsequence(DiagnosedAs::ALL, 1..3).prop_map(|all| Condition::DiagnosedAs {
            any_of: all.into_iter().collect()
        }),
        words().prop_map(|all| Condition::SymptomWord {
            any_of: all.into_iter().map(str::to_owned).collect()
        }),
        (any::<bool>(), subsequence(vec!["ja", "vi", "zh"], 1..3)).prop_map(|(is, all)| {
            Condition::Language {
                is,
                any_of: all.into_iter().map(str::to_owned).collect(),
            }
        }),
        subsequence(vec![OfficeId::new(1), OfficeId::new(2)], 1..2).prop_map(|all| Condition::Office {
            any_of: all.into_iter().collect()
        }),
        (1_u8..28).prop_map(|from| Condition::Day {
            from: Some(day(2022, 8, from)),
            until: None
        }),
    ]
}

fn rule_sets() -> impl Strategy<Value = RuleSet> {
    let rules = (
        proptest::collection::vec(conditions(), 1..4),
        select(Route::ALL),
        10_u32..=100,
    );
    proptest::collection::vec(rules, 0..6).prop_filter_map("a list with a mistake", |drawn| {
        let mut rules: Vec<Rule> = drawn
            .into_iter()
            .map(|(all_of, route, priority)| rule("規則", all_of, route, priority))
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.route.care()));
        let mut least = u32::MAX;
        for rule in &mut rules {
            least = least.min(rule.priority);
            rule.priority = least;
        }
        rules.push(rest());
        RuleSet::new(rules).ok()
    })
}

fn facts() -> impl Strategy<Value = Facts> {
    let numbers = proptest::collection::vec(proptest::option::of(0_u16..120), 6);
    let yes_no = proptest::collection::vec(proptest::option::of(any::<bool>()), 5);
    let factors = proptest::option::of(subsequence(RiskFactor::ALL, 0..4));
    let words = (
        proptest::option::of(select(vec!["咳", "発熱と息切れ", "なし"])),
        proptest::option::of(select(vec!["ja", "vi", "en"])),
    );
    let kinds = (
        proptest::option::of(select(Severity::ALL)),
        proptest::option::of(select(DiagnosedAs::ALL)),
    );
    (numbers, yes_no, factors, words, kinds, any::<bool>()).prop_map(
        |(numbers, yes_no, factors, (symptoms, language), (severity, diagnosed_as), mobile)| Facts {
            age: numbers[0],
            spo2: numbers[1],
            doses: numbers[2],
            days_since_dose: numbers[3],
            days_since_onset: numbers[4],
            days_since_exposure: numbers[5],
            pregnant: yes_no[0],
            symptomatic: yes_no[1],
            needs_admission: yes_no[2],
            needs_therapy: yes_no[3],
            facility: yes_no[4],
            risk_factors: factors.map(|all| all.into_iter().collect()),
            symptoms: symptoms.map(str::to_owned),
            language: language.map(str::to_owned),
            severity,
            diagnosed_as,
            mobile,
            ..healthy()
        },
    )
}

/// The same person with one fact less.
fn without(facts: &Facts, which: usize) -> Facts {
    let mut less = facts.clone();
    match which {
        0 => less.age = None,
        1 => less.spo2 = None,
        2 => less.doses = None,
        3 => less.days_since_dose = None,
        4 => less.days_since_onset = None,
        5 => less.days_since_exposure = None,
        6 => less.pregnant = None,
        7 => less.symptomatic = None,
        8 => less.needs_admission = None,
        9 => less.needs_therapy = None,
        10 => less.facility = None,
        11 => less.risk_factors = None,
        12 => less.symptoms = None,
        13 => less.language = None,
        14 => less.severity = None,
        15 => less.diagnosed_as = None,
        _ => less.mobile = false,
    }
    less
}

proptest! {
    #[test]
    fn a_fact_less_never_makes_it_less_careful(rules in rule_sets(), facts in facts(), which in 0_usize..17) {
        // That nothing is said of a death makes nobody dead: their family reads no SMS only where it is said.
        prop_assume!(which != 15 || facts.diagnosed_as != Some(DiagnosedAs::Dead));
        let known = rules.decide(&facts, None);
        let less = rules.decide(&without(&facts, which), None);
        prop_assert!(less.route.care() >= known.route.care(), "{known:?} {less:?}");
        prop_assert!(less.priority >= known.priority, "{known:?} {less:?}");
        prop_assert!(!less.reasons.is_empty() && less.reasons.iter().all(|reason| !reason.words.is_empty()));
        prop_assert!(facts.mobile || !known.route.is_sms());
    }

    #[test]
    fn a_condition_is_read_back_from_its_form_and_its_document(condition in conditions(), value in ".{0,20}") {
        let offices = [(OfficeId::new(1), "本庁".to_owned()), (OfficeId::new(2), "朝霞保健所".to_owned())];
        let (kind, typed) = condition.typed(&offices);
        prop_assert_eq!(kind.read(&typed, &offices), Ok(condition.clone()));
        prop_assert_eq!(Kind::from_code(&kind.code()), Some(kind));
        let json = serde_json::to_string(&condition).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Condition>(&json).expect(&json), condition);
        let _ = kind.read(&value, &offices);
    }

    #[test]
    fn a_list_is_read_back_from_its_document(rules in rule_sets()) {
        let json = serde_json::to_string(&rules).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<RuleSet>(&json).expect(&json), rules);
    }
}

#[test]
fn a_language_is_known_by_the_words_that_lists_have() {
    use super::typed::Kind;
    let read = |words: &str| Kind::Language(true).read(words, &[]);
    assert_eq!(
        read("ベトナム語、ZH、English"),
        Ok(Condition::Language {
            is: true,
            any_of: ["vi", "zh", "en"].map(str::to_owned).into(),
        })
    );
    let refused = read("ベトナム語、火星語").expect_err("no text of ours");
    assert!(refused.contains("火星語"), "{refused}");
}
