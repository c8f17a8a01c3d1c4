#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! What the tools of the offices do to a list: each file is made here, read, and compared with what Excel shows.

use std::io::{Cursor, Read, Write};

use base::merge::MessageTemplate;
use lists::{
    check::{Checked, Standing, check},
    problem::FileProblem,
    read::{Encoding, ReadOptions, read},
    sheet::Sheet,
};
use rust_xlsxwriter::{Format as CellFormat, Formula, Workbook, Worksheet};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

fn open(bytes: &[u8]) -> Sheet {
    read("list", bytes, &ReadOptions::default()).unwrap()
}

fn rows(sheet: &Sheet) -> Vec<(u32, Vec<&str>)> {
    sheet
        .rows()
        .map(|row| (row.line(), row.cells().collect()))
        .collect()
}

fn codes(sheet: &Sheet) -> Vec<&'static str> {
    let findings = sheet.understood().findings.iter();
    findings.map(|finding| finding.code.code()).collect()
}

fn judged(sheet: &Sheet) -> Checked {
    check(sheet, "電話番号", &MessageTemplate::parse("{{ID}}").unwrap()).unwrap()
}

fn blocked(checked: &Checked) -> Vec<(u32, &'static str)> {
    let rows = checked
        .rows
        .iter()
        .filter(|row| row.standing() == Standing::Blocked);
    rows.map(|row| (row.line, row.problems[0].code.code())).collect()
}

fn xlsx(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

fn write(sheet: &mut Worksheet, top: u32, lines: &[&[&str]]) {
    for (row, cells) in (top..).zip(lines) {
        sheet.write_row(row, 0, cells.iter().copied()).unwrap();
    }
}

/// The workbook with a piece of one of its parts put in place of another.
fn patched(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut found = false;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if name == part {
            let text = String::from_utf8(content).unwrap();
            found = text.contains(from);
            content = text.replace(from, to).into_bytes();
        }
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
        writer.write_all(&content).unwrap();
    }
    assert!(found, "{part} has no {from}");
    writer.finish().unwrap().into_inner()
}

#[test]
fn quoted_newlines_and_mixed_line_ends_keep_their_rows() {
    let text = "ID,\"電話\r番号\",備考\r\n1,09011111111,\"一\r二\n三\"\n2,\"09022222222\n\",\r3,09033333333,\"\"\"引用\"\"\"\r\n";
    let sheet = open(text.as_bytes());
    assert_eq!(sheet.headings(), ["ID", "電話 番号", "備考"]);
    assert_eq!(
        rows(&sheet),
        [
            (2, vec!["1", "09011111111", "一\r二\n三"]),
            (3, vec!["2", "09022222222\n"]),
            (4, vec!["3", "09033333333", "\"引用\""])
        ]
    );
}

#[test]
fn a_group_above_doubled_headings_tells_them_apart() {
    let upper: &[&str] = &["", "", "本人", "", "保護者", ""];
    let lower: &[&str] = &["No", "ID", "氏名", "電話番号", "氏名", "電話番号"];
    let row: &[&str] = &[
        "1",
        "0123",
        "見本 翔",
        "090-1111-1111",
        "見本 母",
        "090-2222-2222",
    ];
    let named = [
        "No",
        "ID",
        "本人 氏名",
        "本人 電話番号",
        "保護者 氏名",
        "保護者 電話番号",
    ];
    let workbook = xlsx(|sheet| {
        let center = CellFormat::new();
        sheet.merge_range(0, 0, 0, 5, "療養者リスト", &center).unwrap();
        sheet.merge_range(1, 2, 1, 3, "本人", &center).unwrap();
        sheet.merge_range(1, 4, 1, 5, "保護者", &center).unwrap();
        write(sheet, 2, &[lower, row]);
    });
    let text = [upper, lower, row].map(|cells| cells.join(",")).join("\n");
    for (bytes, line) in [(workbook, 3), (text.into_bytes(), 2)] {
        let sheet = open(&bytes);
        assert_eq!(sheet.headings(), named);
        assert_eq!(sheet.understood().header_line, line);
        assert!(codes(&sheet).contains(&"header.two_lines"));
    }
    let alone = open("療養者リスト,,\nID,備考,備考\n1,a,b\n".as_bytes());
    assert_eq!(
        alone.headings(),
        ["ID", "備考", "備考"],
        "a title tells nothing apart"
    );
    assert!(codes(&alone).contains(&"header.title_lines"));
}

#[test]
fn vertically_merged_headings_are_one_heading() {
    let bytes = xlsx(|sheet| {
        let center = CellFormat::new();
        sheet.merge_range(0, 0, 1, 0, "ID", &center).unwrap();
        sheet.merge_range(0, 1, 1, 1, "氏名", &center).unwrap();
        sheet.merge_range(0, 2, 0, 3, "連絡先", &center).unwrap();
        sheet.write_row(1, 2, ["携帯", "自宅"]).unwrap();
        write(sheet, 2, &[&["1", "見本", "090-1111-1111", "048-111-1111"]]);
    });
    let sheet = open(&bytes);
    assert_eq!(sheet.headings(), ["ID", "氏名", "携帯", "自宅"]);
    assert_eq!(rows(&sheet)[0].0, 3);
}

#[test]
fn days_are_what_excel_shows() {
    let format = |code: &str| CellFormat::new().set_num_format(code);
    let bytes = xlsx(|sheet| {
        write(
            sheet,
            0,
            &[&[
                "ID",
                "電話番号",
                "診断日",
                "発症日",
                "受付日時",
                "SpO2",
                "生年月日",
            ]],
        );
        sheet.write_row(1, 0, ["1", "09011111111"]).unwrap();
        let wareki = "[$-411]ggge\"年\"m\"月\"d\"日\";@";
        sheet.write_with_format(1, 2, 44_606, &format(wareki)).unwrap();
        sheet
            .write_with_format(1, 3, 44_606, &CellFormat::new().set_num_format_index(14))
            .unwrap();
        sheet
            .write_with_format(
                1,
                4,
                44_606.395_833_333_336,
                &CellFormat::new().set_num_format_index(22),
            )
            .unwrap();
        sheet.write_with_format(1, 5, 0.95, &format("0%")).unwrap();
        sheet
            .write_with_format(1, 6, 22_041, &CellFormat::new().set_num_format_index(57))
            .unwrap();
        sheet
            .write_row(
                2,
                0,
                ["2", "09022222222", "R4.2.14", "44606", "2/14", "95％", "S60.1.5"],
            )
            .unwrap();
    });
    assert_eq!(
        rows(&open(&bytes)),
        [
            (
                2,
                vec![
                    "1",
                    "09011111111",
                    "令和4年2月14日",
                    "2022/2/14",
                    "2022/2/14 9:30",
                    "95%",
                    "S35.5.5"
                ]
            ),
            (
                3,
                vec!["2", "09022222222", "R4.2.14", "44606", "2/14", "95％", "S60.1.5"]
            )
        ]
    );
}

#[test]
fn numbers_in_cells_of_money_and_thousands_stay_numbers() {
    let bytes = xlsx(|sheet| {
        write(sheet, 0, &[&["ID", "電話番号"]]);
        let money = CellFormat::new().set_num_format("\"¥\"#,##0;[Red]\"¥\"\\-#,##0");
        sheet
            .write_with_format(1, 0, 5_023_602, &CellFormat::new().set_num_format("#,##0"))
            .unwrap();
        sheet.write_with_format(1, 1, 9_012_345_678_u64, &money).unwrap();
    });
    let sheet = open(&bytes);
    assert_eq!(rows(&sheet), [(2, vec!["5023602", "9012345678"])]);
    assert_eq!(
        judged(&sheet).summary.sendable,
        1,
        "the lost zero is given back, with a notice"
    );
}

#[test]
fn formulas_give_their_value_and_say_when_they_have_none() {
    let bytes = xlsx(|sheet| {
        write(sheet, 0, &[&["ID", "電話番号"]]);
        sheet
            .write_formula(1, 0, Formula::new("=1+1").set_result("A0123"))
            .unwrap();
        sheet.write(1, 1, "09011111111").unwrap();
        sheet
            .write_formula(2, 0, Formula::new("=VLOOKUP(9,A:A,1)").set_result("#N/A"))
            .unwrap();
        sheet.write(2, 1, "09022222222").unwrap();
        sheet
            .write_formula(3, 0, Formula::new("=A1").set_result("uncalculated"))
            .unwrap();
        sheet.write(3, 1, "09033333333").unwrap();
    });
    let bytes = patched(&bytes, "xl/worksheets/sheet1.xml", "<v>uncalculated</v>", "");
    let sheet = open(&bytes);
    assert_eq!(
        rows(&sheet),
        [
            (2, vec!["A0123", "09011111111"]),
            (3, vec!["#N/A", "09022222222"]),
            (4, vec!["", "09033333333"])
        ]
    );
    let finding = sheet
        .understood()
        .findings
        .iter()
        .find(|finding| finding.code.code() == "rows.uncalculated");
    assert_eq!(finding.unwrap().lines, [4]);
    assert_eq!(
        blocked(&judged(&sheet)),
        [(3, "cell.error"), (4, "merge.missing")]
    );
}

#[test]
fn readings_of_kanji_that_excel_keeps_beside_a_name_are_no_part_of_it() {
    let bytes = xlsx(|sheet| {
        write(
            sheet,
            0,
            &[&["ID", "電話番号", "氏名"], &["1", "09011111111", "見本花子"]],
        );
    });
    let phonetic = "<t>見本花子</t><rPh sb=\"0\" eb=\"2\"><t>ミホン</t></rPh><phoneticPr fontId=\"1\"/>";
    let bytes = patched(&bytes, "xl/sharedStrings.xml", "<t>見本花子</t>", phonetic);
    assert_eq!(rows(&open(&bytes))[0].1[2], "見本花子");
}

#[test]
fn columns_without_anything_in_them_keep_their_places() {
    let text = ",,ID,,電話番号,,\n,,0123,,090-1111-1111,,\n,,0124,,090-2222-2222,,\n";
    let workbook = xlsx(|sheet| {
        sheet.write_row(4, 2, ["ID", "", "電話番号"]).unwrap();
        sheet.write_row(5, 2, ["0123", "", "090-1111-1111"]).unwrap();
        sheet.write_row(6, 2, ["0124", "", "090-2222-2222"]).unwrap();
    });
    for (bytes, first) in [(text.as_bytes().to_vec(), 2), (workbook, 6)] {
        let sheet = open(&bytes);
        assert_eq!(sheet.headings(), ["", "", "ID", "", "電話番号"]);
        assert_eq!(sheet.column(4).letters, "E");
        let checked = judged(&sheet);
        assert_eq!((checked.summary.sendable, checked.rows[0].line), (2, first));
        assert_eq!(checked.rows[1].text.as_deref(), Some("0124"));
    }
}

#[test]
fn sums_and_remarks_below_the_list_stay_visible_and_are_not_sent() {
    let text = "ID,電話番号\n0123,090-1111-1111\n合計,1名\n※折り返し不要,\n";
    let checked = judged(&open(text.as_bytes()));
    assert_eq!(blocked(&checked), [(3, "phone.missing"), (4, "phone.missing")]);
    assert_eq!(checked.summary.sendable, 1);
}

#[test]
fn lists_pasted_below_each_other_are_noticed() {
    let again = "No,ID,氏名,電話番号\n1,0123,見本,090-1111-1111\n\nＮｏ,ID,氏　名,電話番号\n1,0124,見本,090-2222-2222\n";
    let sheet = open(again.as_bytes());
    assert!(codes(&sheet).contains(&"rows.header_again"));
    let checked = judged(&sheet);
    assert_eq!(blocked(&checked), [(4, "row.header_again")]);
    assert_eq!(
        (checked.summary.rows, checked.summary.sendable),
        (3, 2),
        "no row disappears"
    );

    let two_lines = "No,ID,連絡先,,備考\n,,電話番号,自宅,\n1,0123,090-1111-1111,,\nNo,ID,連絡先,,備考\n,,電話番号,自宅,\n2,0124,090-2222-2222,,\n";
    let checked = judged(&open(two_lines.as_bytes()));
    assert_eq!(
        blocked(&checked),
        [(4, "row.header_again"), (5, "row.header_again")]
    );
    assert_eq!(checked.summary.sendable, 2);
}

#[test]
fn a_second_list_with_other_columns_stops_the_file() {
    let refused = |text: &str| read("list", text.as_bytes(), &ReadOptions::default()).err();
    let swapped =
        "No,ID,氏名,電話番号\n1,0123,見本,090-1111-1111\nNo,氏名,ID,電話番号\n1,見本,0124,090-2222-2222\n";
    assert_eq!(refused(swapped), Some(FileProblem::SecondTable { line: 3 }));
    let foreign = "HER-SYS ID,氏名,電話番号\n0123,見本,090-1111-1111\n患者氏名,ハーシスID,携帯番号,性別\n見本,0124,090-2222-2222,女\n";
    assert_eq!(refused(foreign), Some(FileProblem::SecondTable { line: 3 }));
    let two = "ID,電話番号\n0123,090-1111-1111\n電話番号,ID\n090-2222-2222,0124\n";
    assert_eq!(refused(two), Some(FileProblem::SecondTable { line: 3 }));
    for innocent in [
        "ID,電話番号,対応\n0123,090-1111-1111,電話\n\n,なし,電話\n",
        "ID,電話番号,備考\n0123,090-1111-1111,\n不明,不明,備考\n",
        "ID,氏名,電話番号,保護者\n0123,見本,090-1111-1111,\n,,,保護者\n",
    ] {
        assert!(
            !codes(&open(innocent.as_bytes())).contains(&"rows.header_again"),
            "{innocent}"
        );
    }
}

#[test]
fn zero_bytes_of_old_hosts_are_blanks_around_values() {
    let bytes =
        "ID,電話番号,氏名\r\n0123\0\0\0\0,090-1111-1111\0,見本\r\n01\0 24,090-2222-2222,見本\r\n\0\0\0";
    let sheet = open(bytes.as_bytes());
    assert!(codes(&sheet).contains(&"file.nul"));
    let checked = judged(&sheet);
    assert_eq!(checked.rows[0].text.as_deref(), Some("0123"));
    assert_eq!(blocked(&checked), [(3, "merge.control")]);
    let (cp932, ..) = encoding_rs::SHIFT_JIS.encode(bytes);
    assert_eq!(open(&cp932).understood().encoding, Some(Encoding::Cp932));
}

#[test]
fn letters_of_one_office_are_pointed_out() {
    let (mut bytes, ..) = encoding_rs::SHIFT_JIS.encode("ID,氏名,電話番号\r\n1,見本,09011111111\r\n2,見");
    bytes.to_mut().extend(b"\xF0\x40,09022222222\r\n");
    let sheet = open(&bytes);
    assert_eq!(sheet.rows().nth(1).unwrap().cell(1), "見\u{E000}");
    let finding = sheet
        .understood()
        .findings
        .iter()
        .find(|finding| finding.code.code() == "file.gaiji");
    assert_eq!(finding.unwrap().lines, [3]);
}

#[test]
fn utf16_without_a_mark_is_told_apart_by_what_its_letters_are() {
    // Wide blanks and 一 have a zero where ASCII has none.
    let text =
        "氏名\t電話番号\r\n".to_owned() + &"一　一　一　一　一　一　一一　一\t09012345678\r\n".repeat(3);
    for (big, encoding) in [(false, Encoding::Utf16Le), (true, Encoding::Utf16Be)] {
        let bytes: Vec<u8> = text
            .encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect();
        let sheet = open(&bytes);
        assert_eq!(sheet.understood().encoding, Some(encoding));
        assert_eq!(sheet.rows().next().unwrap().cell(1), "09012345678");
    }
}

#[test]
fn two_numbers_in_a_cell_and_lost_digits_stay_as_typed() {
    let bytes = xlsx(|sheet| {
        write(
            sheet,
            0,
            &[&["ID", "電話番号"], &["'0123456", "090-1111-1111\n080-2222-2222"]],
        );
        sheet.write(2, 0, 1_234_567).unwrap();
        sheet.write(2, 1, 9.012_345_678e9).unwrap();
    });
    assert_eq!(
        rows(&open(&bytes)),
        [
            (2, vec!["'0123456", "090-1111-1111\n080-2222-2222"]),
            (3, vec!["1234567", "9012345678"])
        ]
    );
}
