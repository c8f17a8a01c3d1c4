//! Files and wishes that cannot be followed: each gets its own code and a sentence with a way on.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{Cursor, Write};

use base::{limits, merge::MessageTemplate};
use lists::{
    check::{Checked, check},
    columns::phone_columns,
    problem::FileProblem,
    read::{ReadOptions, read},
    sheet::Sheet,
};
use rust_xlsxwriter::Workbook;
use zip::{ZipWriter, write::SimpleFileOptions};

fn open(bytes: &[u8]) -> Result<Sheet, FileProblem> {
    read("list", bytes, &ReadOptions::default())
}

/// The code of a refused file, after a look at its sentence.
fn refused(bytes: &[u8]) -> &'static str {
    let problem = open(bytes).err().expect("this file must be refused");
    let sentence = problem.to_string();
    assert!(
        sentence.ends_with("ください。") || sentence.ends_with("です。"),
        "{sentence}"
    );
    assert_eq!(
        Checked::refused(std::slice::from_ref(&problem)).findings[0].message,
        sentence
    );
    problem.code().code()
}

fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in rows.iter().enumerate() {
        sheet
            .write_row(u32::try_from(row).unwrap(), 0, cells.iter().copied())
            .unwrap();
    }
    book.save_to_buffer().unwrap()
}

fn ole(name: &str) -> Vec<u8> {
    let mut bytes = vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
    bytes.resize(512, 0);
    bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(1536, 0);
    bytes
}

#[test]
fn files_that_are_no_list_are_called_by_name() {
    for (bytes, word) in [
        (b"%PDF-1.7\n%\xE2\xE3".to_vec(), "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "画像"),
        (b"\xFF\xD8\xFF\xE0\0\x10JFIF".to_vec(), "画像"),
        (b"\0\0\0\x18ftypheic".to_vec(), "画像"),
        (zipped(&[("word/document.xml", b"<w/>")]), "Word"),
        (
            zipped(&[
                ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
                ("content.xml", b"<x/>"),
            ]),
            ".ods",
        ),
        (zipped(&[("Index/Document.iwa", b"x")]), "Numbers"),
        (zipped(&[("xl/workbook.bin", b"x")]), ".xlsb"),
        (zipped(&[("list.csv", b"a,b")]), "圧縮"),
        (
            b"<html><table><tr><td>1</td></tr></table></html>".to_vec(),
            "HTML",
        ),
        (
            b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>"
                .to_vec(),
            "XML",
        ),
        (b"{\"rows\": []}".to_vec(), "JSON"),
        (vec![0; 4096], "形式ではない"),
        (b"a,b\n1,\0\0\x01\x02\x03".to_vec(), "形式ではない"),
        ((0..=255u8).cycle().take(9000).collect(), "形式ではない"),
    ] {
        let problem = open(&bytes).err().expect("this file must be refused");
        assert_eq!(problem.code().code(), "file.not_spreadsheet", "{word}");
        let sentence = problem.to_string();
        assert!(
            sentence.contains(word) && sentence.ends_with("選び直してください。"),
            "{sentence}"
        );
    }
    assert_eq!(refused(&ole("Workbook")), "file.old_xls");
    assert_eq!(refused(&ole("EncryptedPackage")), "file.encrypted");
    assert_eq!(refused(&ole("")), "file.damaged");
}

#[test]
fn nothing_to_send_is_said() {
    for empty in [
        &b""[..],
        b"\xEF\xBB\xBF",
        b"\r\n\r\n",
        b",,,\r\n,,,\r\n",
        b"\x1a",
        "　\n".as_bytes(),
    ] {
        assert_eq!(refused(empty), "file.empty", "{empty:?}");
    }
    assert_eq!(refused(&workbook(&[])), "file.empty");
    assert_eq!(refused("ID,電話番号\r\n,\r\n".as_bytes()), "file.header_only");
    assert_eq!(refused(&workbook(&[&["ID", "電話番号"]])), "file.header_only");
}

#[test]
fn damaged_workbooks_are_said_to_be_damaged() {
    let good = workbook(&[&["ID", "電話番号"], &["1", "09012345678"]]);
    assert!(open(&good).is_ok());
    assert_eq!(refused(&good[..good.len() / 2]), "file.damaged");
    assert_eq!(refused(&good[..good.len() - 30]), "file.damaged");
    let mut scratched = good.clone();
    for byte in &mut scratched[60..120] {
        *byte ^= 0x5A;
    }
    assert_eq!(refused(&scratched), "file.damaged");
    assert_eq!(
        refused(&zipped(&[("xl/workbook.xml", b"<workbook/>")])),
        "file.damaged"
    );
}

#[test]
fn a_workbook_that_swells_is_not_read() {
    let sheet = vec![b' '; usize::try_from(limits::LIST_PART_BYTES).unwrap() + 1];
    let bomb = zipped(&[
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/sharedStrings.xml", &sheet),
    ]);
    assert!(bomb.len() < 1_000_000);
    assert_eq!(refused(&bomb), "file.bomb");
}

#[test]
fn one_long_text_in_many_cells_is_a_bomb_too() {
    let text = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(1024 * 1024));
    let cells: Vec<String> = (1..=129)
        .map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>"))
        .collect();
    let relation = |id: &str, kind: &str, target: &str| {
        let kind = format!("http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}");
        format!("<Relationship Id=\"{id}\" Type=\"{kind}\" Target=\"{target}\"/>")
    };
    let relations = |inside: String| format!("<Relationships>{inside}</Relationships>").into_bytes();
    let parts: [(&str, Vec<u8>); 5] = [
        (
            "_rels/.rels",
            relations(relation("r1", "officeDocument", "xl/workbook.xml")),
        ),
        (
            "xl/workbook.xml",
            b"<workbook><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>".to_vec(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(
                relation("r1", "worksheet", "worksheets/sheet1.xml")
                    + &relation("r2", "sharedStrings", "sharedStrings.xml"),
            ),
        ),
        ("xl/sharedStrings.xml", text.into_bytes()),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{}</sheetData></worksheet>", cells.concat()).into_bytes(),
        ),
    ];
    let parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, content)| (*name, content.as_slice()))
        .collect();
    let bomb = zipped(&parts);
    assert!(bomb.len() < 100_000);
    assert_eq!(refused(&bomb), "file.bomb");
}

#[test]
fn a_workbook_that_promises_more_texts_than_it_has_is_damaged() {
    let relations = "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
    for attributes in [
        "count=\"1\" uniqueCount=\"99999999999\"",
        "count=\"1\" uniqueCount=\"18446744073709551615\"",
        "x:uniqueCount='1' uniqueCount='99999999999'",
        "a=\">\" uniqueCount=\"99999999999\"",
        "a='\"' b=\">\" uniqueCount=\"99999999999\"",
    ] {
        let texts = format!("<sst {attributes}><si><t>ID</t></si></sst>");
        let promise = zipped(&[
            ("_rels/.rels", relations.as_bytes()),
            ("xl/workbook.xml", b"<workbook/>"),
            ("xl/sharedStrings.xml", texts.as_bytes()),
        ]);
        assert_eq!(
            refused(&promise),
            "file.damaged",
            "{attributes}: room for them would end the process"
        );
    }
}

#[test]
fn too_much_is_said_before_it_is_held() {
    assert_eq!(refused(&vec![b'a'; limits::LIST_FILE_BYTES + 1]), "file.too_big");
    let long = "ID,電話番号\n".to_owned() + &"1,2\n".repeat(limits::LIST_ROWS + 1);
    assert_eq!(refused(long.as_bytes()), "file.too_many_rows");
    let wide = |cells: usize| vec!["x"; cells].join(",") + "\n";
    assert_eq!(
        refused((wide(300) + &wide(300)).as_bytes()),
        "file.too_many_columns"
    );
    let cells = vec!["x"; 300];
    assert_eq!(refused(&workbook(&[&cells, &cells])), "file.too_many_columns");
    assert!(open((wide(limits::LIST_COLUMNS) + &wide(limits::LIST_COLUMNS)).as_bytes()).is_ok());
}

#[test]
fn a_quotation_mark_that_swallows_rows_is_found() {
    let swallowed = "ID,電話番号,備考\n1,09012345678,\"母\n2,08012345678,父\n3,07012345678,\n";
    assert_eq!(
        open(swallowed.as_bytes()).err(),
        Some(FileProblem::BrokenQuotes { line: 2 })
    );
    let closed_later = "ID,備考,電話番号\n1,\"母,090\n2,父\"兄,080\n";
    assert_eq!(
        open(closed_later.as_bytes()).err(),
        Some(FileProblem::BrokenQuotes { line: 2 })
    );
    assert!(open("ID,備考\n1,\"二行の\nメモ\"\n2,5\"\n".as_bytes()).is_ok());
}

#[test]
fn utf8_that_was_saved_as_shift_jis_is_called_garbled() {
    let text =
        "整理番号,氏名,フリガナ,電話番号\n".to_owned() + &"1,加藤さくら,カトウサクラ,09012345678\n".repeat(5);
    let (garbled, _) = encoding_rs::SHIFT_JIS.decode_without_bom_handling(text.as_bytes());
    let saved_again = garbled.replace('\u{FFFD}', "?");
    assert_eq!(refused(saved_again.as_bytes()), "file.mojibake");
}

fn list() -> Sheet {
    let text = "整理番号,HER-SYS ID,電話番号,備考,備考\n1,0123,090-1234-5678,,\n2,0124,080-1234-5678,,\n";
    read("list.csv", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn sentence(to: &str, template: &str) -> (&'static str, String) {
    let problems = check(&list(), to, &MessageTemplate::parse(template).unwrap())
        .err()
        .unwrap();
    assert_eq!(problems.len(), 1);
    (problems[0].code().code(), problems[0].to_string())
}

#[test]
fn columns_that_are_not_there_are_answered_with_those_that_are() {
    let (code, text) = sentence("電話", "a");
    assert_eq!(code, "column.unknown");
    assert!(
        text.contains("「電話番号」のことではありませんか") && text.contains("「HER-SYS ID」"),
        "{text}"
    );
    let (code, text) = sentence("宛先", "a");
    assert_eq!(
        (code, text.contains("「電話番号」のことでは")),
        ("column.unknown", true),
        "offered by its content"
    );
    let (code, text) = sentence("電話番号", "{{HERSYS ID}}");
    assert_eq!(
        (code, text.contains("「HER-SYS ID」のことでは")),
        ("template.unknown_field", true),
        "{text}"
    );
    let (code, text) = sentence("電話番号", "{{備考}}");
    assert_eq!(
        (code, text.contains("D列とE列")),
        ("column.double", true),
        "{text}"
    );
    assert!(check(&list(), "電話番号", &MessageTemplate::parse("{{ID}}").unwrap()).is_err());
    assert!(
        check(
            &list(),
            " 電話番号 ",
            &MessageTemplate::parse("{{ｈｅｒ－ｓｙｓ　ｉｄ}}").unwrap()
        )
        .is_ok()
    );
    assert_eq!(phone_columns(&list()), [2]);
}

#[test]
fn every_problem_of_a_template_has_its_code() {
    for (source, code) in [
        ("", "template.empty"),
        ("{{ID", "template.braces"),
        ("ID}}", "template.braces"),
        ("{{}}", "template.braces"),
        ("a\u{1b}b", "template.control"),
        ("{{ID|電話}}", "template.kind"),
        ("{{もし a}}b", "template.passage"),
    ] {
        let problem = FileProblem::from(MessageTemplate::parse(source).unwrap_err());
        assert_eq!(problem.code().code(), code);
    }
    let long = MessageTemplate::parse(&"あ".repeat(9_000)).unwrap_err();
    assert_eq!(FileProblem::from(long).code().code(), "template.too_long");
}

#[test]
fn scratched_and_cut_files_never_bring_the_desk_down() {
    let good = workbook(&[&["ID", "電話番号"], &["1", "09012345678"], &["2", "08012345678"]]);
    for cut in (0..good.len()).step_by(13) {
        let _ = open(&good[..cut]);
        let mut scratched = good.clone();
        scratched[cut] ^= 0xFF;
        let _ = open(&scratched);
    }
    let csv = "ID,電話番号\r\n1,\"０９０\n1234\"\"5678\"\r\n".as_bytes();
    for at in 0..csv.len() {
        let _ = open(&csv[at..]);
        let _ = open(&csv[..at]);
    }
}
