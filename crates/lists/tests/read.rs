//! Tables written in every form that offices send, and read back.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use lists::{
    columns::phone_columns,
    problem::FileProblem,
    read::{Encoding, Format, ReadOptions, read},
    sheet::{ParsedRow, Sheet, column_letters},
};
use proptest::prelude::*;
use rust_xlsxwriter::{Format as CellFormat, Formula, Workbook, Worksheet};

fn open(bytes: &[u8]) -> Sheet {
    read("list", bytes, &ReadOptions::default()).unwrap()
}

fn with_to(bytes: &[u8], to: &str) -> Result<Sheet, FileProblem> {
    read(
        "list",
        bytes,
        &ReadOptions {
            to: Some(to.to_owned()),
            ..ReadOptions::default()
        },
    )
}

fn rows(sheet: &Sheet) -> Vec<(u32, Vec<&str>)> {
    sheet
        .rows()
        .map(|row| (row.line(), row.cells().collect()))
        .collect()
}

fn codes(sheet: &Sheet) -> Vec<&'static str> {
    sheet
        .understood()
        .findings
        .iter()
        .map(|finding| finding.code.code())
        .collect()
}

fn xlsx(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().unwrap()
}

fn write(sheet: &mut Worksheet, lines: &[&[&str]]) {
    for (row, cells) in lines.iter().enumerate() {
        sheet
            .write_row(u32::try_from(row).unwrap(), 0, cells.iter().copied())
            .unwrap();
    }
}

#[test]
fn lines_are_counted_as_excel_counts_them() {
    let text = "療養者リスト,,\r\n\r\nID,電話番号,備考\r\n1,090,\"二行の\r\nメモ\"\r\n\r\n,,\r\n2,080,\r\n,,\r\n\x1a";
    let sheet = open(text.as_bytes());
    assert_eq!(sheet.understood().header_line, 3);
    assert_eq!(
        rows(&sheet),
        [(4, vec!["1", "090", "二行の\r\nメモ"]), (7, vec!["2", "080"])]
    );
    assert_eq!(codes(&sheet), ["file.read", "header.title_lines"]);
    assert_eq!(sheet.understood().findings[1].lines, [1]);
}

#[test]
fn every_delimiter_and_line_end() {
    for delimiter in [",", "\t", ";"] {
        for end in ["\r\n", "\n", "\r"] {
            let line = |cells: [&str; 3]| cells.join(delimiter) + end;
            let text = line(["ID", "電話番号", "備考"])
                + &line(["1", "090-1234-5678", "咳、熱"])
                + &line(["2", "", "a b"]);
            let sheet = open(text.as_bytes());
            assert_eq!(sheet.headings(), ["ID", "電話番号", "備考"], "{text:?}");
            assert_eq!(
                rows(&sheet),
                [
                    (2, vec!["1", "090-1234-5678", "咳、熱"]),
                    (3, vec!["2", "", "a b"])
                ]
            );
        }
    }
    let announced = open("sep=;\r\nID;電話番号\r\n1;0,9,0\r\n".as_bytes());
    assert_eq!(
        rows(&announced),
        [(2, vec!["1", "0,9,0"])],
        "Excel shows no row for sep="
    );
    let single = open("電話番号\n09012345678\n".as_bytes());
    assert_eq!(rows(&single), [(2, vec!["09012345678"])]);
}

#[test]
fn every_encoding_of_the_field() {
    let text = "整理番号,氏名,フリガナ,電話番号\r\n1,髙橋 花子,タカハシ ハナコ,090-1234-5678\r\n2,山﨑 太郎,ﾔﾏｻﾞｷ,０８０－１１１１－２２２２\r\n";
    let utf16 = |big: bool| -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            })
            .collect()
    };
    let plain = text
        .replace(['髙', '﨑'], "高")
        .replace("ﾔﾏｻﾞｷ", "ヤマザキ")
        .replace('－', "-");
    let legacy = |codec: &'static encoding_rs::Encoding, text: &str| {
        let (bytes, _, lost) = codec.encode(text);
        assert!(!lost);
        bytes.into_owned()
    };
    for (bytes, encoding, expected) in [
        (text.as_bytes().to_vec(), Encoding::Utf8, text),
        ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8, text),
        (
            [&b"\xFF\xFE"[..], &utf16(false)].concat(),
            Encoding::Utf16Le,
            text,
        ),
        ([&b"\xFE\xFF"[..], &utf16(true)].concat(), Encoding::Utf16Be, text),
        (utf16(false), Encoding::Utf16Le, text),
        (utf16(true), Encoding::Utf16Be, text),
        (legacy(encoding_rs::SHIFT_JIS, text), Encoding::Cp932, text),
        (legacy(encoding_rs::EUC_JP, &plain), Encoding::EucJp, &plain),
        (
            legacy(encoding_rs::ISO_2022_JP, &plain),
            Encoding::Iso2022Jp,
            &plain,
        ),
    ] {
        let sheet = open(&bytes);
        assert_eq!(sheet.understood().encoding, Some(encoding));
        let line = |index: usize| -> Vec<&str> { expected.lines().nth(index).unwrap().split(',').collect() };
        assert_eq!(sheet.headings(), line(0));
        assert_eq!(rows(&sheet), [(2, line(1)), (3, line(2))], "{encoding:?}");
    }
}

#[test]
fn a_few_lost_letters_are_said_and_kept_visible() {
    let mut bytes = ("ID,氏名,電話番号\n".to_owned() + &"1,加藤さくら,09012345678\n".repeat(30)).into_bytes();
    bytes.extend(b"2,\xE5\x8A,08012345678\n");
    let sheet = open(&bytes);
    assert!(codes(&sheet).contains(&"file.garbled"));
    assert_eq!(sheet.rows().last().unwrap().cell(1), "\u{FFFD}");
}

#[test]
fn cells_of_a_workbook_read_as_a_person_sees_them() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet().set_name("リスト").unwrap();
        sheet
            .merge_range(0, 0, 0, 5, "療養者連絡リスト", &CellFormat::new())
            .unwrap();
        sheet
            .write_row(1, 0, ["ID", "電話番号", "診断日", "年齢", "式", "可否"])
            .unwrap();
        sheet
            .write_with_format(2, 0, 5_023_602, &CellFormat::new().set_num_format("00000000"))
            .unwrap();
        sheet.write(2, 1, 9_012_345_678_u64).unwrap();
        sheet
            .write_with_format(2, 2, 44_606, &CellFormat::new().set_num_format("yyyy/m/d"))
            .unwrap();
        sheet.write(2, 3, 36.5).unwrap();
        sheet
            .write_formula(2, 4, Formula::new("=1+1").set_result("二"))
            .unwrap();
        sheet.write(2, 5, true).unwrap();
        sheet.write(4, 0, "0124").unwrap();
        sheet
            .write_formula(4, 1, Formula::new("=VLOOKUP(A5,Z:Z,1)").set_result("#N/A"))
            .unwrap();
        sheet
            .write_with_format(30, 5, "", &CellFormat::new().set_bold())
            .unwrap();
    });
    let sheet = open(&bytes);
    assert_eq!(sheet.understood().format, Format::Xlsx);
    assert_eq!(sheet.understood().header_line, 2);
    assert_eq!(
        rows(&sheet),
        [
            (
                3,
                vec!["05023602", "9012345678", "2022/2/14", "36.5", "二", "TRUE"]
            ),
            (5, vec!["0124", "#N/A"])
        ]
    );
    assert_eq!(phone_columns(&sheet), [1]);
}

#[test]
fn hidden_rows_and_sheets_are_said() {
    let bytes = xlsx(|book| {
        let sheet = book.add_worksheet().set_name("A&B <1>").unwrap();
        write(
            sheet,
            &[
                &["ID", "電話番号"],
                &["1", "09011111111"],
                &["2", "09022222222"],
                &["3", "09033333333"],
            ],
        );
        sheet.set_row_hidden(2).unwrap();
        let memo = book.add_worksheet().set_name("作業用").unwrap();
        memo.write(0, 0, "メモ").unwrap();
        memo.set_hidden(true);
    });
    let sheet = open(&bytes);
    assert_eq!(codes(&sheet), ["file.read", "sheet.hidden", "rows.hidden"]);
    assert_eq!(sheet.understood().findings[2].lines, [3]);
    assert_eq!(
        sheet.rows().map(ParsedRow::hidden).collect::<Vec<_>>(),
        [false, true, false]
    );
}

#[test]
fn of_several_sheets_a_person_chooses_unless_one_alone_fits() {
    let two = |second: &[&[&str]]| {
        xlsx(|book| {
            write(
                book.add_worksheet().set_name("午前").unwrap(),
                &[&["ID", "電話番号"], &["1", "09011111111"]],
            );
            write(book.add_worksheet().set_name("午後").unwrap(), second);
            book.add_worksheet().set_name("Sheet3").unwrap();
        })
    };
    let alike = two(&[&["ID", "電話番号"], &["2", "09022222222"]]);
    let names = vec!["午前".to_owned(), "午後".to_owned()];
    assert_eq!(
        with_to(&alike, "電話番号").err(),
        Some(FileProblem::ChooseSheet { names: names.clone() })
    );
    let chosen = |name: &str| {
        read(
            "list",
            &alike,
            &ReadOptions {
                sheet: Some(name.to_owned()),
                ..ReadOptions::default()
            },
        )
    };
    assert_eq!(rows(&chosen("午後").unwrap()), [(2, vec!["2", "09022222222"])]);
    assert!(matches!(
        chosen("夜").err(),
        Some(FileProblem::NoSuchSheet { .. })
    ));
    let note = two(&[&["この表の見方"], &["午前分だけを送ること"]]);
    assert!(matches!(
        read("list", &note, &ReadOptions::default()).err(),
        Some(FileProblem::ChooseSheet { .. })
    ));
    let sheet = with_to(&note, "電話番号").unwrap();
    assert_eq!(rows(&sheet), [(2, vec!["1", "09011111111"])]);
    assert!(
        codes(&sheet).contains(&"sheet.others"),
        "what was not read is said"
    );
}

#[test]
fn headings_of_two_lines() {
    let merged = "整理番号,氏名,連絡先1,,連絡先2,\n,,電話番号,続柄,電話番号,続柄\n1,花子,090-1111-1111,本人,080-1111-1111,母\n";
    let sheet = open(merged.as_bytes());
    assert_eq!(
        sheet.headings(),
        [
            "整理番号",
            "氏名",
            "連絡先1 電話番号",
            "連絡先1 続柄",
            "連絡先2 電話番号",
            "連絡先2 続柄"
        ]
    );
    assert_eq!(sheet.understood().header_line, 2);
    assert!(codes(&sheet).contains(&"header.two_lines") && sheet.len() == 1);
    let single = "No,氏名,連絡先,,備考\n,,携帯,自宅,\n1,花子,090-1111-1111,048-111-1111,\n";
    for sheet in [
        open(single.as_bytes()),
        with_to(single.as_bytes(), "携帯").unwrap(),
    ] {
        assert_eq!(sheet.headings(), ["No", "氏名", "携帯", "自宅", "備考"]);
        assert_eq!(rows(&sheet)[0].0, 3);
    }
    let wrapped = open("No,\"電話\n番号\"\n1,09011111111\n".as_bytes());
    assert_eq!(wrapped.headings(), ["No", "電話 番号"]);
}

#[test]
fn the_wanted_column_finds_its_line() {
    let text = "電話番号\n埼玉県,朝霞保健所\n名簿コード,とある欄,電話番号\n1,2,09011111111\n";
    let sheet = with_to(text.as_bytes(), "電話番号").unwrap();
    assert_eq!(sheet.understood().header_line, 3);
    let bare = open("1,09011111111,花子\n2,09022222222,太郎\n".as_bytes());
    assert!(
        codes(&bare).contains(&"header.data_like"),
        "a list without headings is suspected"
    );
}

#[test]
fn column_letters_are_those_of_excel() {
    assert_eq!(
        [0, 25, 26, 51, 52, 701, 702].map(column_letters),
        ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]
    );
}

fn quoted(cell: &str, delimiter: char) -> String {
    if cell.contains(['"', '\n', '\r', delimiter]) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// What the reader keeps of a table: lines that hold something, without the empty cells at their ends.
fn kept(table: &[Vec<String>]) -> Vec<(u32, Vec<&str>)> {
    let blank = |cell: &str| cell.chars().all(char::is_whitespace);
    let lines = table.iter().enumerate().filter_map(|(index, cells)| {
        let length = cells.iter().rposition(|cell| !blank(cell))? + 1;
        let shown = cells[..length]
            .iter()
            .map(|cell| if blank(cell) { "" } else { cell.as_str() });
        Some((u32::try_from(index).unwrap() + 2, shown.collect()))
    });
    lines.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn tables_come_back_as_they_were_written(
        table in prop::collection::vec(prop::collection::vec("[あ髙ｱ0-9,;\t\" \n]{0,6}", 3), 1..12),
        delimiter in prop::sample::select(vec![',', '\t', ';']),
        encoding in 0..5usize,
    ) {
        prop_assume!(!kept(&table).is_empty());
        let mut text = ["整理番号", "電話番号", "備考"].join(&delimiter.to_string()) + "\r\n";
        // Rows of plain cells first, so that the delimiter can be seen.
        for cells in &table {
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell, delimiter)).collect();
            text += &(cells.join(&delimiter.to_string()) + "\r\n");
        }
        let bytes = match encoding {
            0 => text.clone().into_bytes(),
            1 => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            2 => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
            3 => [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
            _ => [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect(),
        };
        let sheet = with_to(&bytes, "電話番号").unwrap();
        prop_assert_eq!(sheet.understood().delimiter, Some(delimiter));
        prop_assert_eq!(rows(&sheet), kept(&table));
    }

    #[test]
    fn workbooks_come_back_as_they_were_written(
        table in prop::collection::vec(prop::collection::vec("[あ髙ｱ0-9,<&>\" \n]{0,6}", 3), 1..12),
    ) {
        prop_assume!(!kept(&table).is_empty());
        let bytes = xlsx(|book| {
            let sheet = book.add_worksheet();
            sheet.write_row(0, 0, ["整理番号", "電話番号", "備考"]).unwrap();
            for (row, cells) in (1..).zip(&table) {
                sheet.write_row(row, 0, cells.iter().map(String::as_str)).unwrap();
            }
        });
        let sheet = with_to(&bytes, "電話番号").unwrap();
        prop_assert_eq!(rows(&sheet), kept(&table));
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read("x", &bytes, &ReadOptions::default());
    }
}
