#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! What was understood can be corrected by hand, looked at first, followed while it runs, and stopped.

use std::{cell::RefCell, ops::ControlFlow};

use lists::{
    problem::FileProblem,
    read::{ByHand, Delimiter, Encoding, Progress, ReadOptions, preview, read, read_with},
    sheet::Sheet,
};
use proptest::prelude::*;
use rust_xlsxwriter::Workbook;

fn with(bytes: &[u8], options: &ReadOptions) -> Result<Sheet, FileProblem> {
    read("list.csv", bytes, options)
}

fn headings(line: u32) -> ReadOptions {
    ReadOptions {
        header_line: Some(line),
        ..ReadOptions::default()
    }
}

fn cells(sheet: &Sheet) -> Vec<Vec<&str>> {
    sheet.rows().map(|row| row.cells().collect()).collect()
}

#[test]
fn every_choice_has_a_name_of_its_own() {
    for encoding in Encoding::ALL {
        assert_eq!(Encoding::from_name(encoding.name()), Some(*encoding));
        assert_eq!(serde_json::to_value(encoding).unwrap(), encoding.name());
        let same = Encoding::ALL
            .iter()
            .filter(|other| other.label() == encoding.label());
        assert_eq!(same.count(), 1, "{}", encoding.label());
    }
    for delimiter in Delimiter::ALL {
        assert_eq!(Delimiter::from_name(delimiter.name()), Some(*delimiter));
    }
    assert_eq!((Encoding::from_name("x"), Delimiter::from_name("")), (None, None));
}

#[test]
fn chosen_letters_win_and_say_so() {
    let text = "ID,氏名,電話番号\r\n1,﨑,09011111111\r\n";
    let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(text);
    let choose = |encoding| ReadOptions {
        encoding: Some(encoding),
        ..ReadOptions::default()
    };
    let sheet = with(&bytes, &choose(Encoding::Cp932)).unwrap();
    assert_eq!(cells(&sheet), [["1", "﨑", "09011111111"]]);
    assert_eq!(sheet.understood().by_hand, [ByHand::Encoding]);
    let said = &sheet.understood().findings[0].message;
    assert!(said.ends_with("文字コードは人が選びました。"), "{said}");

    let problem = with(&bytes, &choose(Encoding::Utf8)).err().unwrap();
    assert_eq!(problem.code().code(), "file.wrong_encoding");
    assert!(problem.to_string().contains("UTF-8"), "{problem}");
    let seen = preview(&bytes, &choose(Encoding::Utf8)).unwrap();
    assert_eq!(
        seen.top.len(),
        2,
        "the person sees how it looks with those letters"
    );
}

#[test]
fn a_chosen_delimiter_wins_over_what_the_file_says_of_itself() {
    let text = "sep=,\nID|電話番号|備考\n1|09011111111|a,b\n";
    let options = ReadOptions {
        delimiter: Some(Delimiter::Bar),
        ..ReadOptions::default()
    };
    let sheet = with(text.as_bytes(), &options).unwrap();
    assert_eq!(cells(&sheet), [["1", "09011111111", "a,b"]]);
    assert_eq!(sheet.understood().delimiter, Some('|'));
    assert_eq!(sheet.understood().by_hand, [ByHand::Delimiter]);
}

#[test]
fn a_chosen_heading_line_wins() {
    let text = "電話,氏名,住所\n\nコード,番号の欄,その他\nA1,090-1111-1111,x\nA2,090-2222-2222,y\n";
    assert_eq!(
        with(text.as_bytes(), &ReadOptions::default())
            .unwrap()
            .understood()
            .header_line,
        1
    );
    let sheet = with(text.as_bytes(), &headings(3)).unwrap();
    assert_eq!(sheet.headings(), ["コード", "番号の欄", "その他"]);
    assert_eq!(sheet.understood().header_line, 3);
    assert_eq!(sheet.understood().by_hand, [ByHand::HeaderLine]);
    assert_eq!(sheet.len(), 2);

    let late = "ID,氏名,電話番号\n0123,見本,090-1111-1111\nID,氏名,電話番号\n0124,見本,090-2222-2222\n";
    let sheet = with(late.as_bytes(), &headings(3)).unwrap();
    let above = sheet
        .understood()
        .findings
        .iter()
        .find(|finding| finding.code.code() == "header.rows_above");
    assert_eq!(
        above.unwrap().lines,
        [1, 2],
        "nobody above the headings is passed over in silence"
    );

    // The line below looks like a second one of headings, and a person says that it is not.
    let two = "No,氏名,連絡先,,備考\n,,携帯,自宅,\n1,花子,090-1111-1111,,\n";
    assert_eq!(
        with(two.as_bytes(), &headings(1)).unwrap().headings()[2],
        "連絡先"
    );
    assert_eq!(
        with(two.as_bytes(), &headings(2)).unwrap().headings()[..3],
        ["No", "氏名", "携帯"]
    );
}

#[test]
fn a_heading_line_that_is_not_there_is_answered() {
    let text = "ID,電話番号\n\n1,09011111111\n";
    for (line, word) in [(2, "何もありません"), (9, "3行目まで"), (0, "何もありません")] {
        let problem = with(text.as_bytes(), &headings(line)).err().unwrap();
        assert_eq!(problem.code().code(), "header.line_unknown");
        assert!(problem.to_string().contains(word), "{problem}");
    }
    let problem = with(text.as_bytes(), &headings(3)).err().unwrap();
    assert_eq!(problem.code().code(), "file.header_only");
}

#[test]
fn the_first_lines_are_shown_with_their_numbers() {
    let long = "あ".repeat(90);
    let text = format!("表題\n\nID,電話番号,備考\n1,09011111111,{long}\n") + &"2,09022222222,\n".repeat(40);
    let sheet = with(text.as_bytes(), &ReadOptions::default()).unwrap();
    let top = &sheet.understood().top;
    let lines: Vec<u32> = top.iter().map(|line| line.line).collect();
    assert_eq!(lines, [1, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(top[1].cells, ["ID", "電話番号", "備考"]);
    assert_eq!(top[2].cells[2].chars().count(), 61);
    assert_eq!(
        preview(text.as_bytes(), &ReadOptions::default()).unwrap().top,
        *top
    );
    assert!(!format!("{:?}", sheet.understood()).contains("09011111111"));
}

#[test]
fn a_file_that_is_refused_can_still_be_looked_at() {
    let only = preview("ID,電話番号\n".as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(only.top[0].cells, ["ID", "電話番号"]);
    let below = "ID,電話番号\n".to_owned() + &"1,2\n".repeat(20) + "3,\"open\n";
    assert!(with(below.as_bytes(), &ReadOptions::default()).is_err());
    assert_eq!(
        preview(below.as_bytes(), &ReadOptions::default())
            .unwrap()
            .top
            .len(),
        8
    );
}

fn book(rows: u32) -> Vec<u8> {
    let mut book = Workbook::new();
    for name in ["午前", "午後"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, ["ID", "電話番号"]).unwrap();
        for row in 1..=rows {
            sheet
                .write_row(row, 0, [row.to_string(), format!("090{row:08}")])
                .unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_chosen_sheet_is_said_and_the_others_are_named() {
    let options = ReadOptions {
        sheet: Some("午後".to_owned()),
        ..ReadOptions::default()
    };
    let bytes = book(3);
    let sheet = with(&bytes, &options).unwrap();
    assert_eq!(sheet.understood().by_hand, [ByHand::Sheet]);
    assert_eq!(sheet.understood().sheets, ["午前", "午後"]);
    assert_eq!(preview(&bytes, &options).unwrap().top.len(), 4);
}

fn text(rows: usize) -> Vec<u8> {
    let lines = (0..rows).map(|row| format!("{row},090{row:08}\n"));
    std::iter::once("ID,電話番号\n".to_owned())
        .chain(lines)
        .collect::<String>()
        .into_bytes()
}

#[test]
fn progress_rises_to_the_end_and_costs_a_call_a_thousand_rows() {
    let options = ReadOptions {
        sheet: Some("午前".to_owned()),
        ..ReadOptions::default()
    };
    for bytes in [text(12_345), book(12_345)] {
        let seen: RefCell<Vec<Progress>> = RefCell::default();
        let hook = |progress| {
            seen.borrow_mut().push(progress);
            ControlFlow::Continue(())
        };
        read_with("list", &bytes, &options, &hook).unwrap();
        let seen = seen.into_inner();
        assert!((12..200).contains(&seen.len()), "{}", seen.len());
        assert!(seen.is_sorted_by_key(|progress| (progress.bytes_done, progress.rows)));
        let last = seen.last().unwrap();
        assert_eq!((last.bytes_done, last.rows), (bytes.len() as u64, 12_346));
        assert!(
            seen.iter()
                .all(|progress| progress.bytes_total == bytes.len() as u64)
        );
        let middle = seen.iter().find(|progress| progress.rows > 6_000).unwrap();
        let share = middle.bytes_done * 100 / middle.bytes_total;
        assert!(
            (40..80).contains(&share),
            "{share}% of the bytes at half of the rows"
        );
    }
}

#[test]
fn a_reading_can_be_stopped() {
    let options = ReadOptions {
        sheet: Some("午前".to_owned()),
        ..ReadOptions::default()
    };
    for bytes in [text(5_000), book(5_000)] {
        for stop_at in [0, 2_000] {
            let hook = |progress: Progress| {
                if progress.rows >= stop_at {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            assert_eq!(
                read_with("list", &bytes, &options, &hook).err(),
                Some(FileProblem::Stopped)
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_choice_brings_the_reader_down(
        bytes in prop::collection::vec(prop_oneof![any::<u8>(), Just(b','), Just(b'\n'), Just(b'"'), Just(0)], 0..200),
        encoding in prop::option::of(prop::sample::select(Encoding::ALL)),
        delimiter in prop::option::of(prop::sample::select(Delimiter::ALL)),
        header_line in prop::option::of(0..12u32),
    ) {
        let options = ReadOptions { encoding, delimiter, header_line, ..ReadOptions::default() };
        if let Ok(sheet) = with(&bytes, &options) {
            prop_assert_eq!(header_line.unwrap_or(sheet.understood().header_line), sheet.understood().header_line);
            let seen = preview(&bytes, &options).unwrap();
            prop_assert_eq!(&seen.top, &sheet.understood().top);
        }
    }
}
