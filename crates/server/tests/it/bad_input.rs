//! What cannot be sent is refused in a clear sentence with a way on, and nothing of it is half-sent.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::Path;

use base::limits;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::carrier::Carrier;
use crate::support::list::{ID, Person, TEMPLATE, TO, csv, people};
use crate::support::place::Place;
use crate::support::process::todoke;

/// Asks to send and to check: both say `words` under `code`, both give their document, nothing is stored and
/// nobody is bound.
#[track_caller]
fn refused(place: &Place, list: &Path, template: &str, code: &str, words: &str) {
    let carrier = Carrier::new();
    let ended = place
        .send_text(list, template)
        .args(&["--yes", "--carrier", &carrier.url()])
        .run();
    let what = format!("{}: {}", list.display(), ended.stderr);
    assert_eq!(ended.code, Some(1), "{what}");
    assert!(
        ended.stderr.contains(words) && ended.stderr.contains("何も送っていません"),
        "{what}"
    );
    assert!(!ended.stderr.contains("panicked"), "{what}");
    let empty = json!({"broadcast": null, "simulated": false, "summary": {}, "rows": []});
    assert_eq!(ended.json(), empty, "{what}");
    assert_eq!((carrier.binds(), carrier.submits()), (0, 0), "{what}");
    assert!(!place.path("todoke.db").exists(), "{what}");

    let flags = ["--to", TO, "--template", template, "--json"];
    let document = todoke().arg("check").arg(list).args(&flags).run().exits(1).json();
    let finding = &document["findings"][0];
    assert_eq!(
        (&finding["code"], &finding["severity"]),
        (&code.into(), &"error".into()),
        "{document}"
    );
    assert!(finding["message"].as_str().unwrap().contains(words), "{document}");
    assert_eq!(document["rows"], Value::Array(Vec::new()), "{document}");
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An Office container of the kind that encrypted workbooks come in.
fn encrypted() -> Vec<u8> {
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.resize(512, 0);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(1536, 0);
    bytes
}

#[test]
fn files_that_are_no_list() {
    let place = Place::sqlite();
    let workbook = crate::support::list::xlsx(&people(0..3));
    let damaged = &workbook[..workbook.len() / 2];
    let cases: [(&str, &[u8], &str, &str); 7] = [
        ("案内.csv", b"%PDF-1.7\n%\xE2\xE3", "file.not_spreadsheet", "PDF"),
        (
            "名簿.xlsx",
            b"<html><table><tr><td>1</td></tr></table></html>",
            "file.not_spreadsheet",
            "HTML",
        ),
        (
            "鍵.xlsx",
            &encrypted(),
            "file.encrypted",
            "パスワードで保護された",
        ),
        (
            "半分.xlsx",
            damaged,
            "file.damaged",
            "壊れているか、途中で切れています",
        ),
        ("空.csv", b"", "file.empty", "ファイルが空です"),
        (
            "見出し.csv",
            "HER-SYS ID,電話番号\r\n".as_bytes(),
            "file.header_only",
            "データの行がありません",
        ),
        (
            "閉じない.csv",
            "HER-SYS ID,電話番号\r\n\"1,09012345678\r\n2,09012345679\r\n".as_bytes(),
            "file.broken_quotes",
            "閉じられていない",
        ),
    ];
    for (name, bytes, code, words) in cases {
        refused(&place, &place.write(name, bytes), TEMPLATE, code, words);
    }
}

#[test]
fn files_that_are_too_much() {
    let place = Place::sqlite();
    let blank = vec![b' '; usize::try_from(limits::LIST_PART_BYTES).unwrap() + 1];
    let bomb = zipped(&[
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", &blank),
    ]);
    assert!(bomb.len() < 1_000_000);
    refused(
        &place,
        &place.write("爆弾.xlsx", bomb),
        TEMPLATE,
        "file.bomb",
        "展開すると大きくなりすぎる",
    );

    let headings: Vec<String> = (1..=298).map(|n| format!("列{n}")).collect();
    let wide = format!("{ID},{TO},{}\r\n1,09012345678\r\n", headings.join(","));
    refused(
        &place,
        &place.write("広い.csv", wide),
        TEMPLATE,
        "file.too_many_columns",
        "列が多すぎます",
    );
    let mut book = Workbook::new();
    book.add_worksheet()
        .write_row(0, 0, &headings)
        .unwrap()
        .write_row(1, 0, vec![1; 298])
        .unwrap();
    let wide = book.save_to_buffer().unwrap();
    refused(
        &place,
        &place.write("広い.xlsx", wide),
        TEMPLATE,
        "file.too_many_columns",
        "列が多すぎます",
    );

    let mut long = format!("{ID},{TO}\r\n");
    for n in 0..=limits::LIST_ROWS {
        write!(long, "{n},09012345678\r\n").unwrap();
    }
    refused(
        &place,
        &place.write("長い.csv", long),
        TEMPLATE,
        "file.too_many_rows",
        "行が多すぎます",
    );

    // Ten million rows are far above the limit of bytes; the file has holes and takes no room.
    let huge = place.write("巨大.csv", csv(&people(0..1)));
    std::fs::OpenOptions::new()
        .write(true)
        .open(&huge)
        .unwrap()
        .set_len(300_000_000)
        .unwrap();
    refused(&place, &huge, TEMPLATE, "file.too_big", "ファイルが大きすぎます");
}

#[test]
fn columns_that_are_not_there_or_there_twice() {
    let place = Place::sqlite();
    let missing = place.write("列なし.csv", format!("{ID},携帯電話番号\r\n1,09012345678\r\n"));
    refused(
        &place,
        &missing,
        TEMPLATE,
        "column.unknown",
        "「電話番号」という列がありません",
    );
    let double = place.write(
        "二つ.csv",
        format!("{ID},{TO},{TO}\r\n1,09012345678,08012345678\r\n"),
    );
    refused(
        &place,
        &double,
        TEMPLATE,
        "column.double",
        "「電話番号」という列が2つあります（B列とC列）",
    );
    let fields = place.write("差し込み.csv", format!("{ID},{ID},{TO}\r\n1,2,09012345678\r\n"));
    refused(&place, &fields, TEMPLATE, "column.double", "HER-SYS ID");
}

#[test]
fn templates_that_cannot_be_filled() {
    let place = Place::sqlite();
    let list = place.list("朝.csv", &people(0..2));
    refused(
        &place,
        &list,
        "番号は{{HERSYS}}です。",
        "template.unknown_field",
        "{{HERSYS}} に当たる列がありません",
    );
    refused(&place, &list, "  ", "template.empty", "文面が空です");
    refused(
        &place,
        &list,
        "番号は{{HER-SYS ID}です。",
        "template.braces",
        "。",
    );
    refused(
        &place,
        &list,
        "番号\u{7}は{{HER-SYS ID}}です。",
        "template.control",
        "。",
    );
    refused(
        &place,
        &list,
        &"あ".repeat(limits::TEMPLATE_BYTES),
        "template.too_long",
        "。",
    );
}

#[test]
fn a_control_character_in_a_value_keeps_its_row_back() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list(
        "朝.csv",
        &[people(0..2), vec![Person::new("1\u{7}2", "09077778888")]].concat(),
    );
    let flags = ["--yes", "--carrier", &carrier.url()];
    let ended = place
        .send(&list)
        .args(&flags)
        .run()
        .exits(2)
        .says("[merge.control]");
    assert_eq!(
        (ended.report().count("delivered"), ended.report().state(4)),
        (2, "not_sent")
    );
    carrier.took_each_once(&people(0..2));
}

#[test]
fn a_list_template_or_report_that_cannot_be_opened_is_named() {
    let place = Place::sqlite();
    let list = place.list("朝.csv", &people(0..2));
    place
        .send(&place.path("ない.csv"))
        .arg("--simulate")
        .run()
        .exits(1)
        .says("ない.csv を読めません");
    let text = |path: &str| {
        let flags = [
            "send",
            "朝.csv",
            "--to",
            TO,
            "--simulate",
            "--template-file",
            path,
        ];
        todoke()
            .args(&flags)
            .in_directory(place.database.directory.path())
            .run()
            .exits(1)
    };
    text("ない.txt").says("文面のファイル ない.txt を読めません");
    place.write("sjis.txt", b"\x82\xA0");
    text("sjis.txt").says("文面のファイル sjis.txt を読めません");
    assert!(!place.path("todoke.db").exists());
    place
        .send(&list)
        .args(&["--simulate", "--report", "nowhere/結果.csv"])
        .run()
        .says("nowhere/結果.csv に書けません");
}

#[test]
fn several_sheets_are_asked_about_and_the_named_one_is_read() {
    let place = Place::sqlite();
    let mut book = Workbook::new();
    for (name, phone) in [("朝霞", "09011110000"), ("川口", "09022220000")] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet
            .write_row(0, 0, [ID, TO])
            .unwrap()
            .write_row(1, 0, ["1", phone])
            .unwrap();
    }
    let list = place.write("二枚.xlsx", book.save_to_buffer().unwrap());
    // Which sheet is meant decides what is sent, so neither is guessed where both fit.
    let document = todoke()
        .arg("check")
        .arg(&list)
        .args(&["--to", TO, "--template", TEMPLATE, "--json"])
        .run()
        .json();
    let codes: Vec<&str> = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"sheet.choose"), "{document}");
    let named = ["--to", TO, "--template", TEMPLATE, "--json", "--sheet", "川口"];
    let document = todoke()
        .arg("check")
        .arg(&list)
        .args(&named)
        .run()
        .exits(0)
        .json();
    assert_eq!(document["rows"][0]["phone"], "+819022220000");
}
