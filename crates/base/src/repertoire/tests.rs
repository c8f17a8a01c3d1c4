use proptest::prelude::*;

use super::*;

fn put(text: &str) -> String {
    proposed(text).text
}

#[test]
fn shift_jis_is_meant_strictly() {
    let letters = ('\u{80}'..=char::MAX).filter(|c| is_jis(*c));
    assert_eq!(letters.count(), 6879, "JIS X 0208 has 524 signs and 6,355 kanji");
    for inside in "亜熙凜凹ァヶ〜‖−¢£¬★♪￥￣Яα─ｱﾞ~\\".chars() {
        assert!(Letters::ShiftJis.hold(inside), "{inside}");
    }
    for outside in "髙﨑𠮷彅①㈱～∥－￠￡￢—é한😀·\u{a0}".chars() {
        assert!(!Letters::ShiftJis.hold(outside), "{outside}");
    }
}

#[test]
fn au_takes_only_shift_jis_up_to_seventy_units() {
    let text = |units: usize| format!("{}髙", "あ".repeat(units - 1));
    assert!(au_refuses(&text(70)));
    assert!(!au_refuses(&text(71)));
    assert!(!au_refuses("ｱｲｳ高"));
    assert!(au_refuses("𠮷"));
    for carrier in [Carrier::Docomo, Carrier::SoftBank, Carrier::Rakuten] {
        assert!(!carrier.refuses("髙😀"));
    }
    assert!(examine(&text(70))[0].au_refuses);
    assert!(!examine(&text(71))[0].au_refuses);
    assert!(
        !examine("ｱ")[0].au_refuses,
        "half-width kana are in Shift_JIS, and yet not safe"
    );
}

#[test]
fn each_letter_is_told_once_with_its_place() {
    let findings = examine("山髙さん、髙﨑さん");
    assert_eq!(findings.len(), 2);
    assert_eq!(
        (findings[0].letter.as_str(), findings[0].at, findings[0].count),
        ("髙", 3, 2)
    );
    assert_eq!(findings[1].proposal.as_deref(), Some("崎"));
    assert!(
        findings[0].sentence().contains("「髙」は")
            && findings[0].sentence().contains("「高」に置き換えられます")
            && findings[0].sentence().contains("au")
    );
    assert!(
        examine("○○保健所です。HER-SYS ID:0123456\nTEL 048-000-0000〜").is_empty(),
        "an ordinary text"
    );
}

#[test]
fn what_could_stand_instead() {
    for (text, mended) in [
        (
            "髙橋 﨑山 𠮷田 濵 德 瀨 淸 祐 神 福 靖",
            "高橋 崎山 吉田 濱 徳 瀬 清 祐 神 福 靖",
        ),
        ("①⑳㉑❶㊿", "(1)(20)(21)(1)(50)"),
        ("㈱Ⅳ㎡№℡㍻", "(株)IVm2No.TEL平成"),
        ("ｶﾞｷﾞﾊﾟｱｰ｡｢｣", "ガギパアー。「」"),
        ("－−‐―–—", "------"),
        ("9時～17時", "9時〜17時"),
        ("∥￠￡￢", "‖¢£¬"),
        ("a\u{a0}b\u{2003}c\td", "a b c d"),
        ("a\u{200b}b\u{202e}c\u{feff}", "abc"),
        ("一\r\n二\r三\u{2028}四", "一\n二\n三\n四"),
        ("か\u{3099}は\u{309a}", "がぱ"),
        ("葛\u{E0100}城 辻\u{E0101}", "葛城 辻"),
        ("髙\u{E0100}", "高"),
        ("⼭⽥", "山田"),
        ("⭐️1\u{FE0F}\u{20E3}", "★1"),
    ] {
        let proposal = proposed(text);
        assert_eq!(proposal.text, mended);
        assert!(proposal.left.is_empty(), "{text}: {:?}", proposal.left);
        assert!(!proposal.replaced.is_empty());
    }
}

#[test]
fn what_only_a_person_can_put_in_other_words_stays() {
    for (text, doubt) in [
        ("草彅", Doubt::Kanji),
        ("😀", Doubt::Emoji),
        ("👨\u{200D}👩\u{200D}👧", Doubt::Emoji),
        ("🇯🇵", Doubt::Emoji),
        ("José", Doubt::Foreign),
        ("e\u{301}", Doubt::Mark),
        ("김", Doubt::Foreign),
        ("\u{E000}", Doubt::Private),
        ("\u{FFFD}", Doubt::Private),
        ("€", Doubt::Symbol),
    ] {
        let proposal = proposed(text);
        assert_eq!(proposal.text, text);
        assert_eq!(proposal.left.len(), 1, "{text}");
        assert_eq!(proposal.left[0].doubt, doubt, "{text}");
        assert!(proposal.replaced.is_empty());
    }
}

#[test]
fn a_letter_that_nobody_sees_is_named_by_its_code() {
    let sentence = examine("a\u{200b}b")[0].sentence();
    assert!(
        sentence.starts_with("U+200Bは目に見えない文字です。"),
        "{sentence}"
    );
    assert!(sentence.ends_with("取り除けます。"), "{sentence}");
    assert!(examine("ｶﾞ")[0].sentence().contains("「ｶﾞ」は半角カナです。"));
}

#[test]
fn a_proposal_for_a_short_text_is_one_that_au_takes() {
    let text = "髙﨑様 ①～②をご確認ください。ｻｲﾀﾏ㈱";
    assert!(au_refuses(text));
    assert!(!au_refuses(&put(text)));
}

proptest! {
    #[test]
    fn a_proposal_leaves_nothing_that_could_still_be_replaced(
        text in ".{0,60}|[髙﨑①㈱ｶﾞﾟ～－か\u{3099}\u{E0100}\u{200B}\u{200D}\u{FE0F}👍🇯🇵\r\n\u{a0}é田]{0,60}"
    ) {
        let proposal = proposed(&text);
        prop_assert!(proposal.left.iter().all(|finding| finding.proposal.is_none()), "{:?}", proposal.left);
        prop_assert_eq!(&examine(&proposal.text), &proposal.left);
        prop_assert_eq!(&put(&proposal.text), &proposal.text);
        if proposal.replaced.is_empty() {
            prop_assert_eq!(&proposal.text, &text);
        }
        if proposal.left.is_empty() {
            prop_assert!(!au_refuses(&proposal.text));
        }
    }

    #[test]
    fn findings_stand_where_they_say(text in ".{0,60}|[髙①ｶﾞ田\u{E0100}\u{3099}]{0,40}") {
        for finding in examine(&text) {
            prop_assert!(text[finding.at..].starts_with(&finding.letter));
            prop_assert!(finding.count >= 1);
        }
    }
}
