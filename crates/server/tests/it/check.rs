//! `todoke check`: the published shape, the truth beside every list, exit codes, sentences.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::Workbook;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::list::{ID, TEMPLATE, TO};
use crate::support::process::{Ended, todoke};
use crate::support::repository;

fn check(file: &Path, to: &str, template: &str) -> Ended {
    todoke()
        .arg("check")
        .arg(file)
        .args(&["--to", to, "--template", template, "--json"])
        .run()
}

fn written(directory: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[track_caller]
fn keys(object: &Value) -> BTreeSet<&str> {
    object
        .as_object()
        .unwrap_or_else(|| panic!("no object: {object}"))
        .keys()
        .map(String::as_str)
        .collect()
}

/// A sentence that a person in Japan can read.
#[track_caller]
fn japanese(message: &Value) {
    let text = message.as_str().unwrap();
    let kana = text.chars().any(|c| ('\u{3041}'..='\u{30ff}').contains(&c));
    assert!(kana && text.ends_with('。'), "{text}");
}

const MESSY: &str = "朝の名簿,,\r\nHER-SYS ID,氏名,電話番号\r\n00000001,見本,０９０ー１２３４ー５６７８\r\n\r\n00000002,見本,なし\r\n,見本,09011112222\r\n00000003,見本,090-1111-3333／080-1111-4444\r\n00000004,見本,048-123-4567\r\n00000005,見本,09012345678\r\n00000005,見本,09012345678\r\n,,\r\n,,\r\n";

#[test]
fn the_document_keeps_its_shape() {
    let directory = TempDir::new().unwrap();
    let ended = check(&written(&directory, "朝.csv", MESSY), TO, TEMPLATE).exits(2);
    let document = ended.json();
    assert_eq!(keys(&document), ["columns", "findings", "rows", "summary"].into());
    assert_eq!(
        keys(&document["summary"]),
        [
            "codes",
            "contacted",
            "duplicates",
            "errors",
            "notices",
            "parts",
            "rows",
            "sendable",
            "warnings"
        ]
        .into()
    );
    assert_eq!(keys(&document["columns"]), ["fields", "headings", "to"].into());
    for finding in document["findings"].as_array().unwrap() {
        assert!(
            keys(finding).is_superset(&["code", "message", "severity"].into()),
            "{finding}"
        );
        japanese(&finding["message"]);
    }
    let severities = ["error", "warning", "notice"];
    for row in document["rows"].as_array().unwrap() {
        assert_eq!(
            keys(row),
            ["line", "parts", "phone", "problems", "text", "utf16"].into()
        );
        assert_eq!(
            keys(&row["parts"]),
            ["au", "docomo", "rakuten", "softbank"].into()
        );
        for problem in row["problems"].as_array().unwrap() {
            assert_eq!(
                keys(problem),
                ["after", "before", "code", "column", "message", "severity"].into()
            );
            assert!(
                severities.contains(&problem["severity"].as_str().unwrap()),
                "{problem}"
            );
            japanese(&problem["message"]);
        }
    }
    assert!(ended.stderr.is_empty(), "{}", ended.stderr);
}

#[test]
fn rows_are_named_by_the_number_that_excel_shows() {
    let directory = TempDir::new().unwrap();
    let document = check(&written(&directory, "朝.csv", MESSY), TO, TEMPLATE).json();
    let rows = document["rows"].as_array().unwrap();
    let seen: Vec<(u64, Option<&str>, Vec<&str>)> = rows
        .iter()
        .map(|row| {
            let codes = row["problems"]
                .as_array()
                .unwrap()
                .iter()
                .map(|problem| problem["code"].as_str().unwrap());
            (
                row["line"].as_u64().unwrap(),
                row["phone"].as_str(),
                codes.collect(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (3, Some("+819012345678"), vec!["phone.repaired", "phone.shared"]),
            (5, None, vec!["phone.missing"]),
            (6, Some("+819011112222"), vec!["merge.missing"]),
            (7, None, vec!["phone.two_numbers"]),
            (8, None, vec!["phone.landline"]),
            (9, Some("+819012345678"), vec!["phone.shared"]),
            (10, Some("+819012345678"), vec!["row.duplicate"]),
        ]
    );
    let first = &rows[0];
    let text = TEMPLATE.replace("{{HER-SYS ID}}", "00000001");
    assert_eq!(first["text"], text);
    assert_eq!(first["utf16"], text.encode_utf16().count());
    assert_eq!(first["problems"][0]["before"], "０９０ー１２３４ー５６７８");
    assert_eq!(first["problems"][0]["column"], TO);
    assert_eq!(first["problems"][0]["severity"], "notice");
    assert_eq!(rows[2]["text"], Value::Null);
    assert_eq!(document["summary"]["rows"], 7);
}

#[test]
fn every_sample_list_equals_the_truth_beside_it() {
    let folder = repository().join("crates/lists/tests/data/lists");
    let mut checked = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(stem) = path.to_str().unwrap().strip_suffix(".truth.json") else {
            continue;
        };
        let truth: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let files = ["csv", "xlsx"].map(|kind| PathBuf::from(format!("{stem}.{kind}")));
        let file = files.iter().find(|file| file.exists()).unwrap();
        let to = truth["phone_column"].as_str().unwrap();
        let template = format!("{{{{ {} }}}}", truth["id_column"].as_str().unwrap());
        let document = check(file, to, &template).json();
        let (rows, expected) = (
            document["rows"].as_array().unwrap(),
            truth["rows"].as_array().unwrap(),
        );
        assert_eq!(rows.len(), expected.len(), "{stem}");
        for (row, expected) in rows.iter().zip(expected) {
            let at = format!("{stem} line {}", row["line"]);
            assert_eq!(
                (&row["line"], &row["phone"]),
                (&expected["line"], &expected["phone"]),
                "{at}"
            );
            let errors = row["problems"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|problem| problem["severity"] == "error");
            assert_eq!(errors.count() > 0, row["phone"].is_null(), "{at}");
        }
        checked += 1;
    }
    assert!(checked >= 8, "{checked} lists");
}

/// Behind it every carrier takes names with 髙 and 﨑; au refuses them in texts of up to 70 letters.
const LONG: &str = "　お体の具合はいかがでしょうか。保健所から療養についてお知らせします。息が苦しいときや水分がとれないときは、ためらわずに保健所へお電話ください。";

#[test]
fn every_way_to_save_a_list_reads_the_same() {
    let directory = TempDir::new().unwrap();
    let text = format!("{ID},氏名,{TO}\r\n00000001,髙橋 﨑子,09012345678\r\n00000002,見本,080-1234-5678\r\n");
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&text);
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(text.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut book = Workbook::new();
    let hidden = book.add_worksheet();
    hidden.set_hidden(true).write(0, 0, "昔の名簿").unwrap();
    let sheet = book.add_worksheet();
    for (row, line) in (0..).zip(text.lines()) {
        sheet.write_row(row, 0, line.split(',')).unwrap();
    }
    // Excel took the number for a number, and its zero is gone.
    sheet.write(1, 2, 9_012_345_678.0).unwrap();
    sheet.set_active(true);
    let files: [(&str, Vec<u8>); 6] = [
        ("cp932.csv", cp932.to_vec()),
        ("utf8.csv", text.clone().into_bytes()),
        ("bom.csv", format!("\u{feff}{text}").into_bytes()),
        ("utf16.csv", utf16),
        ("list.tsv", text.replace(',', "\t").into_bytes()),
        ("list.xlsx", book.save_to_buffer().unwrap()),
    ];
    for (name, bytes) in files {
        let document = check(
            &written(&directory, name, bytes),
            TO,
            &format!("{{{{ 氏名 }}}}様 {{{{HER-SYS ID}}}}{LONG}"),
        )
        .exits(0)
        .json();
        let rows = document["rows"].as_array().unwrap();
        let seen: Vec<(&Value, &Value)> = rows.iter().map(|row| (&row["phone"], &row["text"])).collect();
        assert_eq!(
            seen,
            [
                (
                    &"+819012345678".into(),
                    &format!("髙橋 﨑子様 00000001{LONG}").into()
                ),
                (&"+818012345678".into(), &format!("見本様 00000002{LONG}").into()),
            ],
            "{name}"
        );
    }
}

#[test]
fn exit_codes_tell_a_clean_list_from_errors_from_an_unusable_file_from_wrong_use() {
    let directory = TempDir::new().unwrap();
    let clean = written(&directory, "clean.csv", format!("{ID},{TO}\r\n1,09012345678\r\n"));
    check(&clean, TO, TEMPLATE).exits(0);
    check(&written(&directory, "messy.csv", MESSY), TO, TEMPLATE).exits(2);
    check(&clean, "携帯", TEMPLATE).exits(1);
    check(&directory.path().join("nowhere.csv"), TO, TEMPLATE)
        .exits(1)
        .says("nowhere.csv を読めません");
    let wrong: [&[&str]; 4] = [
        &["check", "list.csv"],
        &["check", "list.csv", "--to", TO],
        &["check", "list.csv", "--to", TO, "--template", "a", "--unknown"],
        &[
            "check",
            "list.csv",
            "--to",
            TO,
            "--template",
            "a",
            "--template-file",
            "b",
        ],
    ];
    for args in wrong {
        todoke().args(args).run().exits(64);
    }
}

#[test]
fn without_json_people_read_what_is_wrong_and_how_many_can_go() {
    let directory = TempDir::new().unwrap();
    let (list, template) = (
        written(&directory, "朝.csv", MESSY),
        written(&directory, "text.txt", format!("{TEMPLATE}\n")),
    );
    let ended = todoke()
        .arg("check")
        .arg(&list)
        .args(&["--to", TO])
        .arg("--template-file")
        .arg(&template)
        .run();
    let ended = ended.exits(2);
    for words in [
        "5行目 誤り: ",
        "[phone.missing]",
        "8行目 誤り: ",
        "3行目 お知らせ: ",
        "10行目 確認: ",
    ] {
        assert!(
            ended.stdout.contains(words),
            "「{words}」 is not in {}",
            ended.stdout
        );
    }
    assert!(
        ended
            .stdout
            .ends_with("7行のうち、送信できる行は2行、誤りのある行は4行です。\n"),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_check_leaves_nothing_behind() {
    let directory = TempDir::new().unwrap();
    let list = written(&directory, "朝.csv", MESSY);
    let flags = ["--to", TO, "--template", TEMPLATE];
    todoke()
        .arg("check")
        .arg(&list)
        .args(&flags)
        .in_directory(directory.path())
        .run()
        .exits(2);
    let names: Vec<_> = std::fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["朝.csv"]);
}
