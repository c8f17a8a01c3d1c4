//! Lists and sources as other offices and systems write them: each of these was once missed, or stopped without cause.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write;

use lists::{
    check::Background,
    code::{Code, Severity},
    integrity::{IntegrityFinding, against_reference, inner_evidence},
    kind::{ColumnKind, kinds},
    read::{ReadOptions, read},
    sheet::Sheet,
};

const PEOPLE: usize = 40;

fn sheet(bytes: &[u8]) -> Sheet {
    read("list.csv", bytes, &ReadOptions::default()).unwrap()
}

/// IDs in no order.
fn id(person: usize) -> usize {
    10_000_000 + person * 37 % PEOPLE * 1_234_567
}

fn phone(person: usize) -> String {
    format!("090-{:04}-{:04}", 1000 + person * 211, 9000 - person * 17)
}

/// One line for each row, from the place of the row and the person whose ID stands there.
fn lines(heading: &str, ids: &[usize], line: impl Fn(usize, usize) -> String) -> String {
    let mut text = format!("{heading}\n");
    for (row, owner) in ids.iter().enumerate() {
        writeln!(text, "{}", line(row, *owner)).unwrap();
    }
    text
}

fn in_place() -> Vec<usize> {
    (0..PEOPLE).collect()
}

/// Down by one from `from` on, the last value at the top of the stretch.
fn shifted(from: usize) -> Vec<usize> {
    let mut ids = in_place();
    ids[from..].rotate_right(1);
    ids
}

fn stopping(list: &Sheet, reference: &Sheet) -> Vec<IntegrityFinding> {
    let findings = against_reference(list, reference).findings.into_iter();
    findings
        .filter(|finding| finding.severity == Severity::Error)
        .collect()
}

#[test]
fn ids_given_one_after_the_other_are_no_count_of_the_rows() {
    let line = |row: usize, owner: usize| format!("{},{}", 82_690_012 + owner, phone(row));
    let list = |ids: &[usize]| sheet(lines("HER-SYS ID,電話番号", ids, line).as_bytes());
    let reference = list(&in_place());
    assert_eq!(kinds(&reference)[0], ColumnKind::Id);
    assert!(stopping(&list(&in_place()), &reference).is_empty());
    let found = stopping(&list(&shifted(0)), &reference);
    assert_eq!(found[0].code, Code::IntegrityShifted, "{found:?}");
    assert_eq!((found[0].offset, found[0].from_line), (Some(1), Some(2)));
}

#[test]
fn the_encoding_and_the_form_of_the_source_do_not_matter() {
    let list = lines("ハーシスID,氏名,携帯", &shifted(12), |row, owner| {
        format!("{},山田　花子{row},{}", id(owner), phone(row))
    });
    let source = lines(
        "本人電話\t管理番号\t患者ID",
        &in_place(),
        |row, owner| format!("{}\t{row}\t{}", phone(row).replace('-', ""), id(owner)),
    );
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(&source);
    let utf16 = std::iter::once(0xFEFF)
        .chain(source.encode_utf16())
        .flat_map(u16::to_le_bytes);
    let sources: [Vec<u8>; 3] = [cp932.into_owned(), utf16.collect(), source.clone().into_bytes()];
    for bytes in sources {
        let found = stopping(&sheet(list.as_bytes()), &sheet(&bytes));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].code, Code::IntegrityShifted);
        assert_eq!((found[0].offset, found[0].from_line), (Some(1), Some(14)));
    }
}

#[test]
fn families_with_one_number_do_not_hide_what_moved() {
    let names = ["佐藤　花子", "鈴木　一郎", "田中　美咲"];
    // Two and two live together; names repeat every few rows.
    let line = |row: usize, owner: usize, named: usize| {
        format!("{},{},{}", id(owner), names[named % 3], phone(row / 2 * 2))
    };
    let reference = lines("ID,氏名,電話番号", &in_place(), |row, owner| {
        line(row, owner, row)
    });
    let reference = sheet(reference.as_bytes());
    let ids = lines("ID,氏名,電話番号", &shifted(8), |row, owner| {
        line(row, owner, row)
    });
    let found = stopping(&sheet(ids.as_bytes()), &reference);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].code, found[0].offset, found[0].from_line),
        (Code::IntegrityShifted, Some(1), Some(10))
    );
    assert_eq!(found[0].columns, ["ID"]);
    let mut two = in_place();
    two.swap(20, 22);
    let two = lines("ID,氏名,電話番号", &two, |row, owner| line(row, owner, row));
    let found = stopping(&sheet(two.as_bytes()), &reference);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].code, &found[0].lines[..]),
        (Code::IntegritySwapped, &[22, 24][..])
    );
}

#[test]
fn a_sorted_column_says_how_well_the_order_of_the_source_would_fit() {
    let mut order = in_place();
    order.sort_by_key(|person| id(*person));
    let write = |ids: &[usize]| {
        let text = lines("ID,電話番号", ids, |row, owner| {
            format!("{},{}", id(owner), phone(row))
        });
        sheet(text.as_bytes())
    };
    let found = stopping(&write(&order), &write(&in_place()));
    assert_eq!(found[0].code, Code::IntegritySorted, "{found:?}");
    assert!(found[0].sorted_rate.unwrap() > 0.95, "{:?}", found[0].sorted_rate);
    assert!(found[0].rates.iter().all(|rate| rate.rate < 0.3));
}

#[test]
fn the_name_of_a_guardian_is_not_read_against_the_persons_kana() {
    let text = lines(
        "保護者氏名,電話番号,氏名,フリガナ",
        &in_place(),
        |row, _| {
            let guardian = if row % 4 == 0 { "鈴木　一郎" } else { "" };
            format!("{guardian},{},佐藤　花子,サトウ ハナコ", phone(row))
        },
    );
    assert!(inner_evidence(&sheet(text.as_bytes()), None).is_empty());
}

#[test]
fn lost_zeros_of_sorted_ids_are_no_change_of_pattern() {
    let text = lines("No,ID,電話番号", &in_place(), |row, _| {
        format!("{},{},{}", row + 1, 500_000 + row * row * 70_001, phone(row))
    });
    let found = inner_evidence(&sheet(text.as_bytes()), None);
    assert!(
        found
            .iter()
            .all(|finding| finding.code != Code::IntegrityPatternChanges),
        "{found:?}"
    );
}

#[test]
fn what_the_source_answers_is_not_asked_again() {
    let text = lines("No,ID,電話番号", &in_place(), |row, _| {
        format!("{},{},{}", row + 1, 10_000_000 + row * row * 50_021, phone(row))
    });
    let list = sheet(text.as_bytes());
    let mut alone = Background::default();
    alone.look_inside(&list, None);
    assert_eq!(alone.integrity[0].code, Code::IntegritySuspectSorted);
    let mut beside = Background::default();
    beside.compare(&list, &sheet(text.as_bytes()));
    beside.look_inside(&list, None);
    assert!(beside.integrity.is_empty(), "{:?}", beside.integrity);
}

#[test]
fn two_rows_are_named_although_one_has_no_number() {
    let line = |row: usize, owner: usize| {
        let number = if row == 12 {
            "不明".to_owned()
        } else {
            phone(row)
        };
        format!("{},{number}", id(owner))
    };
    let reference = sheet(lines("ID,電話番号", &in_place(), line).as_bytes());
    let mut ids = in_place();
    ids.swap(12, 30);
    let found = stopping(&sheet(lines("ID,電話番号", &ids, line).as_bytes()), &reference);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].code, &found[0].lines[..]),
        (Code::IntegritySwapped, &[14, 32][..])
    );
}

#[test]
fn a_workbook_is_a_source_as_well() {
    let list = lines("ID,電話番号", &shifted(5), |row, owner| {
        format!("{},{}", id(owner), phone(row))
    });
    let mut book = rust_xlsxwriter::Workbook::new();
    let page = book.add_worksheet();
    page.write(0, 0, "療養者一覧").unwrap();
    page.write(1, 0, "連絡先").unwrap();
    page.write(1, 1, "管理ID").unwrap();
    for person in 0..PEOPLE {
        let row = u32::try_from(person).unwrap() + 2;
        let digits = phone(person).replace('-', "");
        page.write(row, 0, digits.parse::<f64>().unwrap()).unwrap();
        page.write(row, 1, f64::from(u32::try_from(id(person)).unwrap()))
            .unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let source = read("source.xlsx", &bytes, &ReadOptions::default()).unwrap();
    let found = stopping(&sheet(list.as_bytes()), &source);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].code, found[0].from_line),
        (Code::IntegrityShifted, Some(7))
    );
}
