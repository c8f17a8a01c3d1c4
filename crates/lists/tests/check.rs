//! What the check says about rows, and the document it is written as.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{collections::BTreeSet, fs};

use base::merge::MessageTemplate;
use lists::{
    check::{Checked, CheckedRow, Standing, check},
    code::{Code, Severity},
    problem::FileProblem,
    read::{ReadOptions, read},
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn checked(text: &str, template: &str) -> Checked {
    let sheet = read(
        "list.csv",
        text.as_bytes(),
        &ReadOptions {
            to: Some("電話".to_owned()),
            ..ReadOptions::default()
        },
    )
    .unwrap();
    check(&sheet, "電話", &MessageTemplate::parse(template).unwrap()).unwrap()
}

fn codes(row: &CheckedRow) -> Vec<&'static str> {
    row.problems.iter().map(|problem| problem.code.code()).collect()
}

#[test]
fn each_row_says_what_is_wrong_with_it() {
    let text = "ID,電話,備考\n\
        0123,090-1234-5678,\n\
        ,９０１２３４５６７９,\n\
        0124,048-123-4567,\n\
        \"1\n2\",なし,\n\
        1.2E+07,9.01235E+09,\n\
        #N/A,090-1111-2222／080-3333-4444,\n\
        0125,#REF!,\n\
        0126,####,\n";
    let checked = checked(text, "ID:{{ID}}");
    let rows: Vec<(u32, Option<&str>, Vec<&str>)> = checked
        .rows
        .iter()
        .map(|row| (row.line, row.text.as_deref(), codes(row)))
        .collect();
    assert_eq!(
        rows,
        [
            (2, Some("ID:0123"), vec![]),
            (3, None, vec!["merge.missing", "phone.repaired"]),
            (4, Some("ID:0124"), vec!["phone.landline"]),
            (5, None, vec!["phone.missing", "merge.control"]),
            (6, None, vec!["phone.invalid", "merge.digits_lost"]),
            (7, None, vec!["phone.two_numbers", "cell.error"]),
            (8, Some("ID:0125"), vec!["cell.error"]),
            (9, Some("ID:0126"), vec!["cell.error"]),
        ]
    );
    assert_eq!(
        checked.rows[1].phone.unwrap().e164(),
        "+819012345679",
        "the number stands although the text does not"
    );
    assert_eq!(checked.sendable().map(|row| row.line).collect::<Vec<_>>(), [2]);
    assert_eq!(
        (
            checked.summary.rows,
            checked.summary.sendable,
            checked.summary.errors
        ),
        (8, 1, 7)
    );
    for problem in checked.rows.iter().flat_map(|row| &row.problems) {
        assert!(
            problem.message.ends_with('。') && problem.message.chars().count() > 8,
            "{}",
            problem.message
        );
        assert!(
            !format!("{problem:?}").contains("1234"),
            "the debug form hides what was typed"
        );
    }
}

#[test]
fn the_same_message_goes_once_and_a_household_gets_each_its_own() {
    let text = "ID,電話\n1,090-1234-5678\n1,09012345678\n2,+819012345678\n,090-1234-5678\n1,080-1234-5678\n";
    let checked = checked(text, "ID:{{ID}}");
    let standings: Vec<Standing> = checked.rows.iter().map(CheckedRow::standing).collect();
    let expected = [
        Standing::Send,
        Standing::Repeat(2),
        Standing::Send,
        Standing::Blocked,
        Standing::Send,
    ];
    assert_eq!(standings, expected);
    assert_eq!(codes(&checked.rows[0]), ["phone.shared"]);
    assert_eq!(codes(&checked.rows[1]), ["row.duplicate"]);
    assert!(checked.rows[1].problems[0].message.starts_with("2行目と"));
    assert_eq!(codes(&checked.rows[2]), ["phone.repaired", "phone.shared"]);
    assert_eq!(
        (
            checked.summary.sendable,
            checked.summary.duplicates,
            checked.summary.errors
        ),
        (3, 1, 1)
    );
}

#[test]
fn texts_are_measured_as_they_will_be_sent() {
    let long = "あ".repeat(650);
    let text = format!("名,電話\n𠮷田,09012345678\n{},09012345679\n", "い".repeat(11));
    let checked = checked(&text, &format!("{long}{{{{名}}}}"));
    assert_eq!(
        (
            checked.rows[0].utf16,
            checked.rows[0].parts.docomo,
            checked.rows[0].parts.softbank
        ),
        (653, 10, 1)
    );
    assert_eq!(checked.rows[1].utf16, 661);
    assert_eq!(codes(&checked.rows[1]), ["text.too_long"]);
    assert_eq!(checked.summary.parts.docomo, 10);
}

#[test]
fn rows_longer_than_the_headings_may_be_shifted() {
    let text = "住所,ID,電話\n埼玉県,1,09012345678\n埼玉県,川口市,2,08012345678\n埼玉県,3,07012345678,,\n";
    let checked = checked(text, "{{ID}}");
    assert!(codes(&checked.rows[1]).contains(&"row.extra_cells"));
    assert_eq!(checked.sendable().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
}

#[test]
fn lost_letters_and_failed_formulas_stop_what_they_touch() {
    let lines = "1,09012345678,#N/A,加藤さくら\n".repeat(99);
    let mut bytes = format!("ID,電話,式,名\n{lines}").into_bytes();
    bytes.extend(b"2,08012345678,1,\xE5\x8A\n");
    let sheet = read("list.csv", &bytes, &ReadOptions::default()).unwrap();
    let checked = check(&sheet, "電話", &MessageTemplate::parse("{{名}}様").unwrap()).unwrap();
    assert_eq!(codes(checked.rows.last().unwrap()), ["merge.garbled"]);
    let found: Vec<&str> = checked
        .findings
        .iter()
        .map(|finding| finding.code.code())
        .collect();
    assert_eq!(found, ["file.read", "file.garbled", "column.errors"]);
    assert_eq!(checked.findings[2].lines.len(), 99);
}

#[test]
fn a_field_with_a_kind_refuses_other_values_and_tells_repairs() {
    let text =
        "ID,電話,名,備考\n'０１２３４５６,09012345678,花子,\n山田花子,08012345678,0123456,example.com/a\n";
    let checked = checked(text, "{{ID|番号}} {{名|氏名}}{{もし 備考}}（{{備考}}）{{おわり}}");
    assert_eq!(codes(&checked.rows[0]), ["merge.repaired"]);
    assert_eq!(checked.rows[0].text.as_deref(), Some("0123456 花子"));
    let repair = &checked.rows[0].problems[0];
    assert_eq!(repair.before.as_deref(), Some("'０１２３４５６"));
    assert_eq!(repair.after.as_deref(), Some("0123456"));
    assert_eq!(
        codes(&checked.rows[1]),
        ["merge.not_an_id", "merge.not_a_name", "merge.link"]
    );
    assert_eq!(checked.sendable().count(), 1);
}

#[test]
fn the_document_keeps_its_shape() {
    let document = serde_json::to_value(checked("ID,電話\n0123,9012345678\n0124,\n", "{{ ID }}")).unwrap();
    let keys: BTreeSet<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["summary", "columns", "findings", "rows"]));
    assert_eq!(
        document["rows"],
        json!([
            {"line": 2, "phone": "+819012345678", "text": "0123", "utf16": 4,
             "parts": {"docomo": 1, "au": 1, "softbank": 1, "rakuten": 1},
             "problems": [{"code": "phone.repaired", "severity": "notice", "column": "電話", "before": "9012345678",
                           "after": "090-1234-5678", "message": "先頭の0を補いました。"}]},
            {"line": 3, "phone": null, "text": "0124", "utf16": 4,
             "parts": {"docomo": 1, "au": 1, "softbank": 1, "rakuten": 1},
             "problems": [{"code": "phone.missing", "severity": "error", "column": "電話", "before": "", "after": null,
                           "message": "電話番号がありません。携帯番号が分かれば書き足してください。"}]},
        ])
    );
    assert_eq!(
        document["columns"]["to"],
        json!({"heading": "電話", "letters": "B"})
    );
    assert_eq!(
        document["columns"]["fields"],
        json!([{"field": "ID", "heading": "ID", "letters": "A"}])
    );
    assert_eq!(document["summary"]["rows"], 2);
    assert_eq!(
        document["summary"]["codes"],
        json!({"phone.missing": 1, "phone.repaired": 1})
    );
    assert_eq!(document["findings"][0]["code"], "file.read");
    assert_eq!(document["findings"][0]["severity"], "notice");
    let refused: Value = serde_json::to_value(Checked::refused(&[FileProblem::Encrypted])).unwrap();
    assert_eq!(refused["findings"][0]["code"], "file.encrypted");
    assert_eq!(refused["rows"], json!([]));
}

/// `docs/checks.md` has a heading "### `code`" for each code, followed by its severity.
#[test]
fn every_code_is_documented_and_nothing_else_is() {
    let document = fs::read_to_string("../../docs/checks.md").unwrap();
    let mut documented = BTreeSet::new();
    for section in document.split("\n### `").skip(1) {
        let (code, rest) = section.split_once('`').unwrap();
        assert!(documented.insert(code.to_owned()), "{code} stands twice");
        let known = Code::ALL.iter().find(|known| known.code() == code);
        let known = known.unwrap_or_else(|| panic!("docs/checks.md explains {code}, which does not exist"));
        let word = match known.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Notice => "notice",
        };
        assert!(rest.starts_with(&format!(" · {word}\n")), "{code} is a {word}");
        assert!(
            rest.contains("Example: ") && rest.contains("To do: "),
            "{code} needs an example and what to do"
        );
    }
    let all: BTreeSet<String> = Code::ALL.iter().map(|code| code.code().to_owned()).collect();
    assert_eq!(documented, all);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_row_ends_somewhere_and_keeps_its_own_values(
        cells in prop::collection::vec(("[0-9]{0,2}", "(0[789]0[1-2]000000[0-2])?|[a-z0-9]{0,4}"), 1..40),
    ) {
        let lines: Vec<String> = cells.iter().map(|(id, phone)| format!("x,{id},{phone}")).collect();
        let checked = checked(&format!("件,ID,電話\n{}\n", lines.join("\n")), "ID:{{ID}}");
        prop_assert_eq!(checked.rows.len(), cells.len());
        let summary = &checked.summary;
        prop_assert_eq!(summary.sendable + summary.errors + summary.duplicates, summary.rows);
        let mut seen = BTreeSet::new();
        for (row, (id, phone)) in checked.rows.iter().zip(&cells) {
            if let Some(sendable) = row.sendable() {
                prop_assert_eq!(sendable.text, format!("ID:{id}"));
                prop_assert_eq!(&sendable.phone.national_digits(), phone);
                prop_assert!(seen.insert((sendable.phone, sendable.text.to_owned())), "sent twice");
            }
        }
    }
}
