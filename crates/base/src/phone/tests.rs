#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use proptest::prelude::*;

use super::*;

fn number(cell: &str) -> String {
    parse(cell).map_or_else(|problem| format!("{problem:?}"), |parsed| parsed.number.e164())
}

#[test]
fn every_spelling_that_offices_send() {
    for cell in [
        "09012345678",
        "090-1234-5678",
        "０９０－１２３４－５６７８",
        "090ー1234ー5678",
        "090−1234−5678",
        "090‐1234‐5678",
        "090–1234—5678",
        "090―1234―5678",
        "090ｰ1234ｰ5678",
        "090~1234～5678",
        "090〜1234〜5678",
        "090・1234・5678",
        "090.1234.5678",
        "090 1234 5678",
        "090　1234　5678",
        "090\u{a0}1234\u{a0}5678",
        "(090)1234-5678",
        "（０９０）１２３４－５６７８",
        "090(1234)5678",
        "+81 90 1234 5678",
        "+81-(0)90-1234-5678",
        "+81(0)9012345678",
        "+810901234-5678",
        "(+81)90-1234-5678",
        "819012345678",
        "81 90 1234 5678",
        "8109012345678",
        "00819012345678",
        "010 81 90 1234 5678",
        "010-81-90-1234-5678",
        "9012345678",
        "90-1234-5678",
        "'09012345678",
        "'9012345678",
        "=\"09012345678\"",
        "9012345678.0",
        "9.012345678E9",
        "9.012345678E+09",
        "090-1234-5678(母)",
        "090-1234-5678（夫携帯）",
        "090-1234-5678 母",
        "母 090-1234-5678",
        "℡090-1234-5678",
        "TEL:090-1234-5678",
        "Tel 090-1234-5678",
        "携帯：090-1234-5678",
        "携帯1：090-1234-5678",
        "090-1234-5678　",
        "\u{feff}090-1234-5678",
        "090\u{200b}-1234-5678\u{202c}",
        "090-1234-5678\n",
        "090-1234\n-5678",
        "090/1234/5678",
        "9,012,345,678",
        "090-1234-5678 内線12",
        "090-1234-5678(45歳)",
        "090-1234-5678 18時以降",
        "090-1234-5678 18:00以降",
        "090-1234-5678／09012345678",
        "090-1234-5678 090-1234-5678",
        "①090-1234-5678",
        "090一1234一5678",
        "090-1234-5678(2)",
        "(090-1234-5678)",
        "本人：０９０　１２３４　５６７８",
        "090の1234の5678",
        "090-1234-5678(2/14 留守)",
        "090-1234-5678（R4.2.14折返し）",
    ] {
        assert_eq!(number(cell), "+819012345678", "{cell:?}");
    }
    for (cell, e164) in [
        ("060-1234-5678", "+816012345678"),
        ("6012345678", "+816012345678"),
        ("070-1234-5678", "+817012345678"),
        ("08012345678", "+818012345678"),
    ] {
        assert_eq!(number(cell), e164);
    }
}

#[test]
fn words_alone_are_a_missing_number() {
    for cell in [
        "",
        " ",
        "　",
        "なし",
        "無",
        "不明",
        "-",
        "ー",
        "自宅のみ",
        "聞き取れず",
        "×",
        "N/A",
        "0",
        "未記入",
        "内線123",
    ] {
        assert_eq!(parse(cell), Err(PhoneProblem::Missing), "{cell:?}");
    }
}

#[test]
fn complete_numbers_that_get_no_sms() {
    for cell in [
        "048-123-4567",
        "03-1234-5678",
        "０４８－１２３－４５６７",
        "(048)123-4567",
        "04-2912-3456",
        "0120-123-456",
        "0570-012-345",
        "0800-123-4567",
        "050-1234-5678",
        "020-7138-6479",
        "+81 48 123 4567",
        "自宅048-123-4567",
        "048-123-4567 内線123",
        "07001234567890",
        "02001234567890",
        "0481234567",
    ] {
        assert_eq!(parse(cell), Err(PhoneProblem::Landline), "{cell:?}");
    }
}

#[test]
fn typing_errors_are_never_guessed_at() {
    for cell in [
        "080-6231-687",
        "070-7808-29903",
        "090-0123-4567",
        "000-0000-0000",
        "12345678",
        "090-****-5678",
        "090",
        "090-1234-567(母)",
        "(090)1234-567",
        "48-123-4567",
        "90-123-4567",
        "A9012345678",
        "ID9012345678X",
        "090-1234-567 8901 2345",
        "+82 10 1234 5678",
        "(080)9012345678",
        "090-1234-5678／2",
        "19012345678",
        "090-1234母5678",
        "2022/2/14",
        "44606",
        "090-12345678901",
    ] {
        assert!(
            matches!(parse(cell), Err(PhoneProblem::Invalid(_))),
            "{cell:?}: {:?}",
            parse(cell)
        );
    }
    for cell in ["9.01235E+09", "9.07165E+9", "９．０１２３５Ｅ＋０９", "9.01235e9"] {
        assert_eq!(
            parse(cell),
            Err(PhoneProblem::Invalid(InvalidPhone::DigitsLost)),
            "{cell:?}"
        );
    }
    assert_eq!(
        parse("+1 202 601 4883"),
        Err(PhoneProblem::Invalid(InvalidPhone::Foreign))
    );
}

#[test]
fn two_numbers_are_for_a_person_to_choose_from() {
    for cell in [
        "090-1111-2222／080-3333-4444",
        "090-1111-2222/080-3333-4444",
        "090-1111-2222\n080-3333-4444",
        "090-1111-2222、080-3333-4444",
        "090-1111-2222,080-3333-4444",
        "090-1111-2222・080-3333-4444",
        "090-1111-2222;080-3333-4444",
        "090-1111-2222または080-3333-4444",
        "090-1111-2222 080-3333-4444",
        "0901111222208033334444",
        "090-1111-2222(母)080-3333-4444(父)",
        "090-1111-2222(080-3333-4444)",
        "①090-1111-2222②080-3333-4444",
        "+81 90 1111 2222 / +81 80 3333 4444",
        "090 1111 2222 or 080 3333 4444",
    ] {
        let Err(PhoneProblem::TwoNumbers { candidates }) = parse(cell) else {
            panic!("{cell:?}: {:?}", parse(cell))
        };
        let found: Vec<String> = candidates.iter().map(|n| n.e164()).collect();
        assert_eq!(found, ["+819011112222", "+818033334444"], "{cell:?}");
    }
    for cell in [
        "048-123-4567／090-1111-2222",
        "自宅048-123-4567 携帯090-1111-2222",
        "090-1111-2222／2223",
        "090-1111-2222／080-3333-444",
    ] {
        let Err(PhoneProblem::TwoNumbers { candidates }) = parse(cell) else {
            panic!("{cell:?}: {:?}", parse(cell))
        };
        assert_eq!(candidates.len(), 1, "{cell:?}");
    }
}

#[test]
fn only_the_two_usual_spellings_are_unrepaired() {
    assert!(parse("09012345678").unwrap().repairs.is_empty());
    assert!(parse("090-1234-5678").unwrap().repairs.is_empty());
    for (cell, repairs) in [
        ("9012345678", vec![Repair::LostZero]),
        ("090 1234 5678", vec![Repair::Separator]),
        ("0901-234-5678", vec![Repair::Separator]),
        ("０９０12345678", vec![Repair::Width]),
        ("+819012345678", vec![Repair::Separator, Repair::CountryCode]),
        ("9012345678.0", vec![Repair::LostZero, Repair::NumberFormat]),
        (
            "09012345678／09012345678",
            vec![Repair::Width, Repair::Note, Repair::Repeated],
        ),
    ] {
        assert_eq!(parse(cell).unwrap().repairs, repairs, "{cell:?}");
    }
}

#[test]
fn the_number_shows_itself_only_when_asked() {
    let number = parse("09012345678").unwrap().number;
    assert_eq!(number.national(), "090-1234-5678");
    assert_eq!(number.national_digits(), "09012345678");
    assert_eq!(number.masked(), "090-****-5678");
    assert_eq!(format!("{number:?}"), "090-****-5678");
    let json = serde_json::to_string(&number).unwrap();
    assert_eq!(json, "\"+819012345678\"");
    assert_eq!(serde_json::from_str::<PhoneNumber>(&json).unwrap(), number);
    assert!(serde_json::from_str::<PhoneNumber>("\"+81481234567\"").is_err());
}

prop_compose! {
    fn subscriber()(first in 6..=9u64, third in 1..=9u64, rest in 0..10_000_000u64) -> String {
        format!("0{first}0{third}{rest:07}")
    }
}

fn spelled(digits: &str, style: usize, dash: char) -> String {
    let (a, b, c) = (&digits[..3], &digits[3..7], &digits[7..]);
    let dashed = format!("{a}{dash}{b}{dash}{c}");
    match style {
        0 => digits.to_owned(),
        1 => dashed,
        2 => dashed
            .chars()
            .map(|c| {
                char::from_u32(c as u32 + 0xFEE0)
                    .filter(|_| c.is_ascii_digit())
                    .unwrap_or(c)
            })
            .collect(),
        3 => format!("+81{dash}{}{dash}{b}{dash}{c}", &a[1..]),
        4 => format!("81{}", &digits[1..]),
        5 => digits[1..].to_owned(),
        6 => format!("({a}){b}{dash}{c}"),
        7 => format!("{dashed}(母)"),
        8 => format!("携帯：{dashed} 本人"),
        9 => format!("'{digits}"),
        10 => format!("{}.0", &digits[1..]),
        11 => format!("{}.{}E+09", &digits[1..2], &digits[2..]),
        12 => format!("+81(0){}{dash}{b}{dash}{c}", &a[1..]),
        _ => format!("{dashed}／{digits}"),
    }
}

proptest! {
    #[test]
    fn any_spelling_of_a_number_is_that_number(
        digits in subscriber(),
        style in 0..14usize,
        dash in prop::sample::select("-－ー−‐‑‒–—―ｰ~～·. \u{a0}　".chars().collect::<Vec<_>>()),
    ) {
        let cell = spelled(&digits, style, dash);
        prop_assert_eq!(number(&cell), format!("+81{}", &digits[1..]), "{}", cell);
    }

    #[test]
    fn two_spellings_of_different_numbers_are_never_one(
        a in subscriber(), b in subscriber(), style in 0..2usize, gap in "[／/、,;\n 　・]|または"
    ) {
        prop_assume!(a != b);
        let cell = format!("{}{gap}{}", spelled(&a, style, '-'), spelled(&b, style, '-'));
        let two = matches!(parse(&cell), Err(PhoneProblem::TwoNumbers { .. }));
        prop_assert!(two, "{}", cell);
    }

    #[test]
    fn a_number_comes_only_out_of_its_own_digits(cell in "[0-9０-９\\-ー－ ()（）+.eE／/母a,\n]{0,24}|.{0,40}") {
        if let Ok(parsed) = parse(&cell) {
            let digits: String = cell.chars().filter_map(|c| match c {
                '０'..='９' => char::from_u32(c as u32 - 0xFEE0),
                c => Some(c).filter(char::is_ascii_digit),
            }).collect();
            prop_assert!(digits.contains(&parsed.number.national_digits()[1..]), "{}", cell);
        }
    }

    #[test]
    fn a_digit_too_few_or_too_many_is_no_number(digits in subscriber(), cut in 1..11usize, extra in 0..10u8) {
        let mut short = digits.clone();
        short.remove(cut);
        // Without its zero the rest may be a landline by chance, never a mobile number that was not written.
        if let Ok(parsed) = parse(&short) {
            prop_assert_eq!(&parsed.number.national_digits()[1..], &short);
        }
        let long = parse(&format!("{digits}{extra}"));
        prop_assert!(long.is_err());
    }
}
