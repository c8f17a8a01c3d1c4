#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Every rule of the text's advice: what it says something about, and what it leaves alone.

use jiff::civil::{Date, date};
use messaging::advice::{
    ContactNumber, Finding, Host, Level, Links, Rule, Settings, Source, Text, Wording, blocks, examine,
};
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 22);
const GOOD: &str = "みどり県あおば保健所です。あなたの番号は{{ID}}です。\
    https://www.pref.midori.lg.jp/c から体調の登録をお願いします。お問い合わせは048-000-1234まで。";

fn settings() -> Settings {
    Settings {
        organisations: vec!["みどり県".to_owned(), "Midori Prefecture".to_owned()],
        hosts: vec![
            Host::parse("*.lg.jp").unwrap(),
            Host::parse("todoke.example.jp").unwrap(),
        ],
        contacts: vec![ContactNumber::parse("048-000-1234").unwrap()],
        ..Settings::default()
    }
}

fn template(text: &str) -> Text<'_> {
    Text {
        text,
        source: Source::Template,
        links: Links::Allowed,
        wording: Wording::Japanese,
        trial: false,
        today: TODAY,
    }
}

fn of(rule: Rule, text: &Text<'_>) -> Vec<Finding> {
    let findings = examine(text, &settings());
    findings
        .into_iter()
        .filter(|finding| finding.rule == rule)
        .collect()
}

/// What the rule points at, in a template of ordinary Japanese.
fn marked(rule: Rule, text: &str) -> Vec<&str> {
    let found = of(rule, &template(text));
    found.iter().map(|finding| &text[finding.at.clone()]).collect()
}

fn silent(rule: Rule, text: &str) {
    assert!(
        marked(rule, text).is_empty(),
        "{}: {text}: {:?}",
        rule.id(),
        of(rule, &template(text))
    );
}

#[test]
fn a_good_text_has_nothing_said_about_it() {
    assert_eq!(examine(&template(GOOD), &settings()), []);
}

#[test]
fn the_organisation_stands_first() {
    for good in [
        "みどり県です",
        "【みどり県】ご案内",
        "こちらはみどり県です",
        " ＭＩＤＯＲＩ Prefecture: hello",
    ] {
        silent(Rule::OrgFirst, good);
    }
    assert_eq!(marked(Rule::OrgFirst, "ご案内です。みどり県"), ["みどり県"]);
    assert_eq!(marked(Rule::OrgFirst, "{{氏名}}様 みどり県です"), ["みどり県"]);
    assert_eq!(marked(Rule::OrgFirst, "ご案内です。"), [""]);
    let anybody = |text| {
        let findings = examine(&template(text), &Settings::default());
        findings.iter().any(|finding| finding.rule == Rule::OrgFirst)
    };
    assert!(
        !anybody("かわべ保健所です"),
        "without names of its own any body of government will do"
    );
    assert!(anybody("あなたのIDは1です"));
}

#[test]
fn a_number_to_call_is_in_the_text() {
    for good in [
        "048-000-1234",
        "０４８－０００－１２３４",
        "048(000)1234",
        "電話{{保健所の電話}}へ",
    ] {
        silent(Rule::ContactNumber, good);
    }
    assert_eq!(marked(Rule::ContactNumber, "048-000-9999へ").len(), 1);
    assert_eq!(marked(Rule::ContactNumber, "番号{{ID}}").len(), 1);
    let any = |text| {
        let findings = examine(&template(text), &Settings::default());
        !findings.iter().any(|finding| finding.rule == Rule::ContactNumber)
    };
    assert!(any("0120-000-000") && !any("ID 12345678"));
}

#[test]
fn one_address_at_most() {
    silent(Rule::OneUrl, GOOD);
    assert_eq!(
        marked(
            Rule::OneUrl,
            "a https://a.lg.jp b https://b.lg.jp c www.c.lg.jp d"
        ),
        ["https://b.lg.jp"]
    );
}

#[test]
fn an_address_is_of_an_allowed_host_and_not_shortened() {
    silent(Rule::UrlHost, "x https://todoke.example.jp/r/{{番号}} y");
    assert_eq!(
        marked(Rule::UrlHost, "x https://pref-midori-lg.jp/ y"),
        ["https://pref-midori-lg.jp/"]
    );
    assert_eq!(
        marked(Rule::UrlHost, "x https://www.pref.midori.lg.jp.evil.com y").len(),
        1
    );
    assert_eq!(
        marked(Rule::UrlHost, "x https://www.pref.midori.lg.jp@evil.com/ y").len(),
        1
    );
    assert_eq!(marked(Rule::UrlHost, "x https://{{host}}/ y").len(), 1);
    silent(Rule::UrlShortener, GOOD);
    for short in [
        "https://bit.ly/x",
        "bit.ly/x",
        "https://lin.ee/x",
        "HTTPS://TinyURL.com/x",
    ] {
        assert_eq!(marked(Rule::UrlShortener, &format!("a {short} b")), [short]);
        silent(Rule::UrlHost, &format!("a {short} b"));
    }
}

#[test]
fn an_address_ends_with_a_space_or_a_newline() {
    for good in [
        "x https://a.lg.jp/ y",
        "x https://a.lg.jp/\ny",
        "x https://a.lg.jp/",
    ] {
        silent(Rule::UrlEnd, good);
    }
    assert_eq!(marked(Rule::UrlEnd, "x https://a.lg.jp/から"), ["か"]);
    assert_eq!(marked(Rule::UrlEnd, "x https://a.lg.jp/　y"), ["　"]);
    assert_eq!(marked(Rule::UrlEnd, "see https://a.lg.jp/."), ["."]);
    assert_eq!(marked(Rule::UrlEnd, "（https://a.lg.jp/）"), ["）"]);
}

#[test]
fn an_address_stands_in_the_middle() {
    silent(Rule::UrlMiddle, GOOD);
    let url = "https://a.lg.jp/";
    for edge in [
        "https://a.lg.jp/ です",
        "ご案内 https://a.lg.jp/\n",
        "https://a.lg.jp/",
    ] {
        assert_eq!(marked(Rule::UrlMiddle, edge), [url]);
    }
}

#[test]
fn a_text_without_addresses_has_none() {
    let without = |text| Text {
        links: Links::None,
        ..template(text)
    };
    let findings = examine(
        &without("みどり県です https://bit.ly/a へ登録を。0480001234"),
        &settings(),
    );
    let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::NoUrlMode], "one reason is enough");
    assert!(blocks(&findings));
    assert!(of(Rule::NoUrlMode, &without("info@pref.midori.lg.jp")).is_empty());
    silent(Rule::NoUrlMode, GOOD);
}

#[test]
fn a_name_never_stands_beside_a_disease() {
    assert_eq!(marked(Rule::NameAndDisease, "{{氏名}}様は陽性です"), ["陽性"]);
    assert_eq!(
        marked(Rule::NameAndDisease, "{{ 患者|氏名 }}様、結核の件です"),
        ["結核"]
    );
    assert_eq!(
        marked(Rule::NameAndDisease, "{{フリガナ}}様、{{病名}}の件です"),
        ["{{病名}}"]
    );
    silent(Rule::NameAndDisease, "{{医療機関名}}で陽性でした");
    silent(Rule::NameAndDisease, "{{氏名}}様、感染症対策課です");
    let merged = |text, names| Text {
        source: Source::Merged { names },
        ..template(text)
    };
    assert_eq!(
        of(
            Rule::NameAndDisease,
            &merged("見本 一郎様 ＨＩＶの件", &["見本 一郎"])
        )
        .len(),
        1
    );
    assert!(of(Rule::NameAndDisease, &merged("HIVの件", &["見本 一郎", " "])).is_empty());
    assert!(
        of(
            Rule::NameAndDisease,
            &merged("見本 一郎様 検査の件", &["見本 一郎"])
        )
        .is_empty()
    );
}

#[test]
fn nobody_is_hurried() {
    assert_eq!(
        marked(Rule::Urgency, "至急お電話を。本日中に"),
        ["至急", "本日中"]
    );
    assert_eq!(marked(Rule::Urgency, "URGENT: call"), ["URGENT"]);
    for good in [
        "緊急時は119へ",
        "insurgents",
        "すぐに救急車を呼んでください",
        "緊急連絡先",
    ] {
        silent(Rule::Urgency, good);
    }
}

#[test]
fn sender_and_action_stand_on_the_first_screen() {
    silent(Rule::FirstLetters, "みどり県です。お電話ください。");
    let late = format!("みどり県です。{}お電話ください。", "あ".repeat(60));
    let found = of(Rule::FirstLetters, &template(&late));
    assert!(found[0].advice.contains("してほしいこと"), "{found:?}");
    assert_eq!(late[found[0].at.clone()].chars().count(), 66);
    assert!(
        of(Rule::FirstLetters, &template("ご案内"))[0]
            .advice
            .contains("組織名と")
    );
    let foreign = Text {
        wording: Wording::Foreign,
        ..template("Hello")
    };
    assert!(of(Rule::FirstLetters, &foreign).is_empty());
    // 𠮷 takes two of the 66.
    let rare = format!("みどり県です。{}お電話", "𠮷".repeat(29));
    assert_eq!(of(Rule::FirstLetters, &template(&rare)).len(), 1);
}

#[test]
fn nothing_that_was_to_be_filled_in_is_left() {
    for left in ["○○", "××", "サンプル", "｛", "テスト", "***"] {
        let text = format!("みどり県{left}です");
        assert!(
            marked(Rule::PlaceholderLeft, &text)
                .iter()
                .all(|found| left.contains(found))
        );
        assert_eq!(of(Rule::PlaceholderLeft, &template(&text)).len(), 1, "{left}");
    }
    for good in [
        "048-800-0000",
        "テスト結果をお知らせします",
        "latest",
        "{{ID}}",
        "○をつけて",
    ] {
        silent(Rule::PlaceholderLeft, good);
    }
    let trial = |text| Text {
        trial: true,
        ..template(text)
    };
    assert!(of(Rule::PlaceholderLeft, &trial("テストです")).is_empty());
    assert_eq!(of(Rule::PlaceholderLeft, &trial("○○です")).len(), 1);
    let foreign = |text| Text {
        wording: Wording::Foreign,
        ..template(text)
    };
    assert!(of(Rule::PlaceholderLeft, &foreign("Take another test today.")).is_empty());
    assert_eq!(of(Rule::PlaceholderLeft, &foreign("Dummy text")).len(), 1);
    assert_eq!(of(Rule::PlaceholderLeft, &template("みどり県 test です")).len(), 1);
    let merged = Text {
        source: Source::Merged { names: &[] },
        ..template("番号は{{ID}}です")
    };
    assert!(
        !of(Rule::PlaceholderLeft, &merged).is_empty(),
        "a field that nobody filled"
    );
}

#[test]
fn days_that_have_gone_by_are_pointed_at() {
    for (text, past) in [
        ("2026年11月21日に", "2026年11月21日"),
        ("令和4年2月14日", "令和4年2月14日"),
        ("２０２２/2/14", "２０２２/2/14"),
        ("2022-02-14です", "2022-02-14"),
        ("11月20日(金)17時までに", "11月20日"),
        ("11/20(金)まで", "11/20"),
    ] {
        assert_eq!(marked(Rule::PastDate, text), [past], "{text}");
    }
    for good in [
        "2026年11月22日まで",
        "1月5日まで",
        "048-000-1234",
        "24/7",
        "2月30日",
        "x https://a.lg.jp/2022/2/14 y",
        "{{検査日}}",
    ] {
        silent(Rule::PastDate, good);
    }
    let merged = |text| Text {
        source: Source::Merged { names: &[] },
        ..template(text)
    };
    assert!(
        of(Rule::PastDate, &merged("11月20日の検査")).is_empty(),
        "a value may well be of yesterday"
    );
    assert_eq!(of(Rule::PastDate, &merged("11月20日までに")).len(), 1);
    assert!(of(Rule::PastDate, &merged("11月20日から11月30日まで")).is_empty());
}

#[test]
fn easy_japanese_is_short_plain_and_has_few_kanji() {
    let easy = |text| Text {
        wording: Wording::Easy,
        ..template(text)
    };
    let good = "みどり県です。あなたの 番号は {{ID}} です。わからないときは 電話してください。";
    for rule in [Rule::EasySentences, Rule::EasyKanji, Rule::EasyWords] {
        assert!(of(rule, &easy(good)).is_empty(), "{}", rule.id());
        silent(rule, "速やかに医療機関を受診してください");
    }
    let words = of(Rule::EasyWords, &easy("速やかに受診してください"));
    assert!(words[1].advice.contains("病院へ行く"), "{words:?}");
    let long = format!("はい。{}。", "あ".repeat(51));
    assert_eq!(of(Rule::EasySentences, &easy(&long))[0].at, 9..9 + 51 * 3);
    let short = "あ".repeat(50);
    assert!(of(Rule::EasySentences, &easy(&short)).is_empty());
    assert_eq!(
        of(
            Rule::EasyKanji,
            &easy("体調悪化時医療機関受診相談窓口電話番号確認ください")
        )
        .len(),
        1
    );
}

#[test]
fn the_organisation_decides_what_each_rule_means() {
    let mut settings = settings();
    let text = template("みどり県です。至急お電話を。048-000-1234");
    let level = |settings: &Settings| examine(&text, settings).first().map(|finding| finding.level);
    assert_eq!(level(&settings), Some(Level::Warn));
    settings.levels.insert(Rule::Urgency, Level::Block);
    assert!(blocks(&examine(&text, &settings)));
    settings.levels.insert(Rule::Urgency, Level::Off);
    assert_eq!(level(&settings), None);
}

proptest! {
    #[test]
    fn no_text_is_too_strange(
        text in "(\\PC|[\n\u{0}-\u{20}]){0,80}|([{}]{1,2}|https?://|www\\.|[a-z.@/:]{1,6}|[0-9年月日/令和まで-]{1,5}|氏名|陽性|至急|。|𠮷|　){0,25}",
        name in ".{0,5}", is_merged: bool, easy: bool, no_links: bool,
    ) {
        let names = [name.as_str()];
        let examined = Text {
            text: &text,
            source: if is_merged { Source::Merged { names: &names } } else { Source::Template },
            links: if no_links { Links::None } else { Links::Allowed },
            wording: if easy { Wording::Easy } else { Wording::Japanese },
            trial: false,
            today: TODAY,
        };
        let findings = examine(&examined, &settings());
        for finding in &findings {
            prop_assert!(text.get(finding.at.clone()).is_some(), "{:?}", finding);
            prop_assert!(finding.advice.ends_with(['。', '）']), "{}", finding.advice);
            prop_assert!(finding.level != Level::Off);
        }
        prop_assert!(findings.is_sorted_by_key(|finding| finding.at.start));
    }

    #[test]
    fn an_address_is_found_wherever_it_stands(
        before in "[ぁ-んァ-ヶ一-龥、。（「]{0,10}", path in "[a-z0-9]{0,8}", after in "[ぁ-んァ-ヶ一-龥、。]{1,10}",
    ) {
        let text = format!("{before}https://evil.example/{path}{after}");
        let marked = marked(Rule::UrlHost, &text);
        prop_assert_eq!(marked, [format!("https://evil.example/{path}")]);
        prop_assert_eq!(of(Rule::UrlEnd, &template(&text)).len(), 1);
    }
}

/// `docs/advice.md` has a heading "### `id`" for each rule, followed by its level, in the same words.
#[test]
fn the_document_explains_every_rule_and_no_other() {
    let document = std::fs::read_to_string("../../docs/advice.md").unwrap();
    let headings = document.lines().filter_map(|line| line.strip_prefix("### `"));
    let mut told: Vec<&str> = headings.collect();
    let mut known: Vec<String> = Rule::ALL
        .iter()
        .map(|rule| format!("{}` · {}", rule.id(), rule.default_level().code()))
        .collect();
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(told, known);
}
