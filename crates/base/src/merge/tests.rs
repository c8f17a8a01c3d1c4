#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;

use super::*;

fn merged(template: &str, value: &str) -> Result<String, Vec<MergeProblem>> {
    MessageTemplate::parse(template).unwrap().merge(|_| Some(value))
}

#[test]
fn blanks_inside_the_braces_are_ignored() {
    for template in [
        "ID:{{HER-SYS ID}}",
        "ID:{{ HER-SYS ID }}",
        "ID:{{　HER-SYS ID　}}",
    ] {
        let template = MessageTemplate::parse(template).unwrap();
        assert_eq!(template.fields(), ["HER-SYS ID"]);
        assert_eq!(template.merge(|_| Some("012")).unwrap(), "ID:012");
    }
    assert_eq!(heading_key("ＨＥＲ－ＳＹＳ\n ID"), heading_key("her-sys id"));
    assert_eq!(heading_key("ﾌﾘｶﾞﾅ"), heading_key("フリガナ"));
}

#[test]
fn a_field_used_twice_is_asked_for_once() {
    let template = MessageTemplate::parse("{{ID}}と{{氏名}}と{{ ID }}").unwrap();
    assert_eq!(template.fields(), ["ID", "氏名"]);
    assert_eq!(
        template.merge(|field| Some(["1", "花子"][field])).unwrap(),
        "1と花子と1"
    );
}

#[test]
fn values_are_text_and_only_text() {
    assert_eq!(merged("{{a}}!", " 　0123\u{a0}").unwrap(), "0123!");
    assert_eq!(
        merged("{{a}}{{b}}", "{{a}}").unwrap(),
        "{{a}}{{a}}",
        "braces in a value are never merged"
    );
    for (value, problem) in [
        ("", ValueProblem::Missing),
        (" 　\u{feff}", ValueProblem::Missing),
        ("1\n2", ValueProblem::Control),
        ("1\u{202e}2", ValueProblem::Control),
        ("1\u{0}2", ValueProblem::Control),
        ("加\u{fffd}", ValueProblem::Garbled),
    ] {
        assert_eq!(
            merged("{{a}}", value).unwrap_err(),
            [MergeProblem { field: 0, problem }],
            "{value:?}"
        );
    }
    let template = MessageTemplate::parse("{{a}}{{b}}").unwrap();
    assert_eq!(template.merge(|_| None).unwrap_err().len(), 2);
}

#[test]
fn a_text_that_is_no_template_says_why() {
    for (source, problem) in [
        ("", TemplateProblem::Empty),
        (" \n　", TemplateProblem::Empty),
        ("{{ID", TemplateProblem::UnclosedBraces),
        ("{{ID}", TemplateProblem::UnclosedBraces),
        ("{{a{{b}}", TemplateProblem::UnclosedBraces),
        ("ID}}", TemplateProblem::StrayBraces),
        ("{{ID}}}}", TemplateProblem::StrayBraces),
        ("{{ 　}}", TemplateProblem::EmptyField),
        ("a\u{7}", TemplateProblem::ControlCharacter(7)),
        ("a\tb", TemplateProblem::ControlCharacter(9)),
        ("\u{202e}abc", TemplateProblem::ControlCharacter(0x202e)),
    ] {
        assert_eq!(MessageTemplate::parse(source).unwrap_err(), problem, "{source:?}");
    }
    assert_eq!(
        MessageTemplate::parse(&"あ".repeat(7000)).unwrap_err(),
        TemplateProblem::TooLong
    );
    assert!(TemplateProblem::UnclosedBraces.to_string().contains("「{{」"));
}

#[test]
fn windows_newlines_become_one_letter() {
    assert_eq!(merged("a\r\nb\r{{x}}", "1").unwrap(), "a\nb\n1");
}

fn read(source: &str) -> MessageTemplate {
    MessageTemplate::parse(source).unwrap()
}

/// Merges with values given by heading.
fn with(source: &str, values: &[(&str, &str)]) -> Result<String, Vec<MergeProblem>> {
    let template = read(source);
    let value = |field: usize| {
        let wanted = &template.fields()[field];
        values
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| *value)
    };
    template.merge(value)
}

#[test]
fn a_field_says_what_it_takes() {
    use FieldKind::{Date, Free, Id, Name};
    let template = read("{{HER-SYS ID|番号}}{{ 発病日 ｜ 日付 }}{{氏名|ＮＡＭＥ}}{{備考|自由}}{{住所}}");
    assert_eq!(
        template.fields(),
        ["HER-SYS ID", "発病日", "氏名", "備考", "住所"]
    );
    let kinds: Vec<_> = (0..6).map(|field| template.kind(field)).collect();
    assert_eq!(
        kinds,
        [Some(Id), Some(Date), Some(Name), Some(Free), Some(Free), None]
    );
    let problems = template.merge(|_| Some("４月")).unwrap_err();
    let problems: Vec<_> = problems.iter().map(|one| (one.field, one.problem)).collect();
    assert_eq!(
        problems,
        [
            (0, ValueProblem::NotAnId),
            (1, ValueProblem::NotADate),
            (2, ValueProblem::NotAName)
        ]
    );
    assert_eq!(
        merged("{{a|b|自由}}", "x").unwrap(),
        "x",
        "the kind stands after the last bar"
    );
    assert_eq!(read("{{end|自由}}").fields(), ["end"]);
}

#[test]
fn a_kind_said_once_holds_everywhere() {
    for source in [
        "{{ID}}{{ID|番号}}",
        "{{ID|番号}}{{ID}}",
        "{{ＩＤ}}{{ID|番号}}",
        "{{ID|番号}}{{id}}",
    ] {
        let template = read(source);
        for field in 0..template.fields().len() {
            assert_eq!(template.kind(field), Some(FieldKind::Id), "{source}");
        }
    }
    let problem = MessageTemplate::parse("{{ID|番号}}{{ＩＤ|氏名}}").unwrap_err();
    assert_eq!(problem, TemplateProblem::TwoKinds("ID".to_owned()));
    let problem = MessageTemplate::parse("{{ID|電話}}").unwrap_err();
    assert_eq!(problem, TemplateProblem::UnknownKind("電話".to_owned()));
    assert!(problem.to_string().contains("番号・日付・氏名・自由"));
    assert_eq!(
        MessageTemplate::parse("{{ |番号}}").unwrap_err(),
        TemplateProblem::EmptyField
    );
}

#[test]
fn a_repair_of_a_value_is_told() {
    let template = read("ID:{{ID|番号}}（{{氏名}}）{{ID}}");
    let values = ["'０１２３４５６", " 花子 "];
    let row = template.merge_row(|field| Some(values[field])).unwrap();
    assert_eq!(row.text(), "ID:0123456（花子）0123456");
    assert_eq!(row.repairs.len(), 1, "blanks around a value are no repair");
    assert_eq!(row.repairs[0].before, "'０１２３４５６");
    assert_eq!(row.repairs[0].after, "0123456");
    assert_eq!(row.pieces[1], ("0123456".to_owned(), true));
    assert!(!format!("{row:?}").contains("0123456"));
}

#[test]
fn a_value_brings_no_link() {
    for link in ["https://a.example/x", "ｗｗｗ．a.jp", "bit.ly/x"] {
        let problem = ValueProblem::Url;
        assert_eq!(
            merged("{{a}}", link).unwrap_err(),
            [MergeProblem { field: 0, problem }]
        );
    }
    assert_eq!(
        merged("https://example.jp/{{a}} ", "0123456").unwrap(),
        "https://example.jp/0123456 ",
        "the text itself may have one"
    );
}

#[test]
fn a_passage_is_shown_where_its_condition_holds() {
    let source = "A{{もし 備考}}（{{備考}}）{{でなければ}}-{{おわり}}B";
    assert_eq!(with(source, &[("備考", "至急")]).unwrap(), "A（至急）B");
    assert_eq!(with(source, &[("備考", " 　")]).unwrap(), "A-B");
    assert_eq!(with(source, &[]).unwrap(), "A-B");
    let source = "{{IF 言語 ＝ English}}Hello{{Else}}こんにちは{{END}}";
    assert_eq!(with(source, &[("言語", "ｅｎｇｌｉｓｈ ")]).unwrap(), "Hello");
    assert_eq!(with(source, &[("言語", "日本語")]).unwrap(), "こんにちは");
    assert_eq!(with("{{もし a=b=c}}x{{終わり}}", &[("a", "b=c")]).unwrap(), "x");
}

#[test]
fn only_what_is_shown_needs_its_values() {
    let source = "{{もし 言語=英語}}{{Name}}{{でなければ}}{{氏名}}{{おわり}}{{ID}}";
    let template = read(source);
    assert_eq!(template.fields(), ["言語", "Name", "氏名", "ID"]);
    assert_eq!(template.kind(0), None, "only asked about");
    assert_eq!(with(source, &[("氏名", "花子"), ("ID", "1")]).unwrap(), "花子1");
    let problem = ValueProblem::Missing;
    assert_eq!(
        with(source, &[("言語", "英語"), ("氏名", "花子"), ("ID", "1")]).unwrap_err(),
        [MergeProblem { field: 1, problem }]
    );
}

#[test]
fn a_passage_left_out_leaves_no_gap() {
    let source = "1行目\n{{もし a}}\n2行目\n{{おわり}}\n3行目";
    assert_eq!(with(source, &[("a", "x")]).unwrap(), "1行目\n2行目\n3行目");
    assert_eq!(with(source, &[]).unwrap(), "1行目\n3行目");
    let source = "1行目\n{{もし a}}\n2行目\n{{おわり}}";
    assert_eq!(with(source, &[("a", "x")]).unwrap(), "1行目\n2行目");
    assert_eq!(with(source, &[]).unwrap(), "1行目");
    assert_eq!(
        with("{{a}}\nb\n", &[("a", "x")]).unwrap(),
        "x\nb\n",
        "a text without passages stays as it is"
    );
}

#[test]
fn a_row_for_which_nothing_remains_is_told() {
    let problem = ValueProblem::NothingShown;
    assert_eq!(
        with("{{もし 言語=英語}}Hello{{おわり}}\n", &[]).unwrap_err(),
        [MergeProblem { field: 0, problem }]
    );
    assert!(problem.sentence("言語").contains("{{でなければ}}"));
}

#[test]
fn a_passage_that_does_not_fit_says_why() {
    for (source, problem) in [
        ("{{もし}}a{{おわり}}", TemplateProblem::EmptyCondition),
        ("{{もし =b}}a{{おわり}}", TemplateProblem::EmptyCondition),
        ("{{もし a=}}a{{おわり}}", TemplateProblem::EmptyCondition),
        (
            "{{もし 備考}}a",
            TemplateProblem::UnclosedPassage("備考".to_owned()),
        ),
        ("a{{おわり}}", TemplateProblem::StrayMark("おわり".to_owned())),
        ("a{{else}}", TemplateProblem::StrayMark("else".to_owned())),
        (
            "{{もし a}}{{もし b}}c{{おわり}}{{おわり}}",
            TemplateProblem::NestedPassage("b".to_owned()),
        ),
        (
            "{{もし a}}1{{でなければ}}2{{でなければ}}3{{おわり}}",
            TemplateProblem::SecondElse,
        ),
    ] {
        assert_eq!(MessageTemplate::parse(source).unwrap_err(), problem, "{source}");
    }
    let problem = TemplateProblem::UnclosedPassage("備考".to_owned()).to_string();
    assert!(
        problem.contains("{{もし 備考}} に {{おわり}} がありません"),
        "{problem}"
    );
}

/// Whatever can stand in a template.
fn source() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[あa\n ]{0,3}",
        "\\{\\{[ab]\\}\\}",
        Just("{{a|自由}}".to_owned()),
        Just("{{もし a}}".to_owned()),
        Just("{{もし b=x}}".to_owned()),
        Just("{{でなければ}}".to_owned()),
        Just("{{おわり}}".to_owned()),
        "[{}|= ]{1,2}",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn texts_around_the_values_stay_as_they_are(before in "[^{}\\p{C}\\p{Zl}\\p{Zp}]{0,20}", value in "[^\\p{C}\\s\u{FFFD}]{1,20}", after in "[^{}\\p{C}\\p{Zl}\\p{Zp}]{0,20}") {
        prop_assume!(!holds_link(&value));
        prop_assert_eq!(merged(&format!("{before}{{{{x}}}}{after}"), &value).unwrap(), format!("{before}{value}{after}"));
    }

    #[test]
    fn reading_any_text_never_fails_badly(source in ".{0,60}|[{}a \n]{0,20}") {
        if let Ok(template) = MessageTemplate::parse(&source) {
            let merged = template.merge(|_| Some("v"));
            prop_assert!(merged.is_ok_and(|text| !text.contains("{{")));
        }
    }

    #[test]
    fn no_brace_of_a_template_is_ever_sent(source in source(), a in "[ x]{0,2}", b in "[ xy]{0,2}") {
        if let Ok(template) = MessageTemplate::parse(&source) {
            let values = [("a", a), ("b", b)];
            let value = |field: usize| values.iter().find(|(name, _)| *name == template.fields()[field]);
            match template.merge_row(|field| value(field).map(|(_, value)| value.as_str())) {
                Ok(row) => prop_assert!(!row.text().contains("{{")),
                Err(problems) => prop_assert!(problems.iter().all(|one| matches!(
                    one.problem,
                    ValueProblem::Missing | ValueProblem::NothingShown
                ))),
            }
        }
    }

    #[test]
    fn a_value_brings_neither_lines_nor_links(value in ".{0,30}|[a-z0-9./:\n\u{202e}\u{FF0E}\u{200b}]{0,20}|.{0,5}https?://.{0,5}|[a-z]{2,6}\\.(com|jp)") {
        for kind in FieldKind::ALL {
            let template = read(&format!("{{{{a|{}}}}}", kind.label()));
            if let Ok(text) = template.merge(|_| Some(&value)) {
                prop_assert!(!text.chars().any(crate::text::is_control), "{text:?}");
                prop_assert!(!holds_link(&text) && !text.contains("://"), "{text:?}");
                prop_assert!(value.contains(&text) || kind == FieldKind::Id);
            }
        }
    }
}
