//! Whatever the order of columns and whatever stands in the cells: no value leaves its row.

use base::date::CalendarDate;
use proptest::prelude::*;
use triage::intake::{Circumstances, Columns, ReadRow};
use triage::notification::CaseNotification;

const HEADINGS: [&str; 14] = [
    "氏名",
    "フリガナ",
    "生年月日",
    "電話番号",
    "連絡先2(続柄)",
    "HER-SYS ID",
    "所在地",
    "症状",
    "発病日",
    "診断日",
    "重症化リスク因子",
    "妊娠",
    "SpO2",
    "備考",
];

fn around() -> Circumstances {
    Circumstances {
        received: CalendarDate::new(2022, 2, 16).unwrap(),
        office: "朝霞保健所".to_owned(),
        is_typed: false,
    }
}

fn read(headings: &[&str], rows: &[Vec<String>]) -> Vec<ReadRow> {
    let headings: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
    let columns = Columns::of(&headings);
    rows.iter()
        .map(|row| columns.read(&around(), |column| row[column].as_str()))
        .collect()
}

/// A row of which every value tells its number.
fn marked(row: usize, odd: &str) -> Vec<String> {
    vec![
        format!("氏{row:05}"),
        format!("カナ{row:05}"),
        format!("19{:02}/{}/{}", 50 + row % 50, 1 + row % 12, 1 + row % 28),
        format!("090-1234-{row:04}"),
        format!("048-123-{row:04}"),
        format!("7{row:06}"),
        format!("本町{row:05}"),
        format!("咳{row:05}"),
        odd.to_owned(),
        "2022/2/14".to_owned(),
        odd.to_owned(),
        odd.to_owned(),
        odd.to_owned(),
        format!("備考{row:05}"),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_value_leaves_its_row_whatever_the_order_of_columns(
        order in Just((0..HEADINGS.len()).collect::<Vec<_>>()).prop_shuffle(),
        odd in proptest::collection::vec("\\PC{0,12}", 1..8),
    ) {
        let rows: Vec<Vec<String>> = (0..).zip(&odd).map(|(row, odd)| marked(row, odd)).collect();
        let straight = read(&HEADINGS, &rows);
        let headings: Vec<&str> = order.iter().map(|column| HEADINGS[*column]).collect();
        let shuffled: Vec<Vec<String>> =
            rows.iter().map(|row| order.iter().map(|column| row[*column].clone()).collect()).collect();
        let moved = read(&headings, &shuffled);
        for (row, (one, other)) in straight.iter().zip(&moved).enumerate() {
            let (ReadRow::Person(one, _), ReadRow::Person(other, _)) = (one, other) else {
                panic!("a person is a person");
            };
            prop_assert!(one == other, "row {row}");
            let text = serde_json::to_string(one).unwrap();
            for stranger in (0..rows.len()).filter(|stranger| *stranger != row) {
                for value in ["氏", "カナ", "咳", "備考", "本町"] {
                    let marked = format!("{value}{stranger:05}");
                    prop_assert!(!text.contains(&marked), "row {row} has {marked}");
                }
            }
            let own = format!("氏{row:05}");
            prop_assert!(one.person.name == own && one.person.mobiles.len() == 1);
        }
    }

    #[test]
    fn nothing_in_a_cell_stops_the_reading(cells in proptest::collection::vec("\\PC{0,30}", HEADINGS.len())) {
        let rows = [cells];
        let _ = read(&HEADINGS, &rows);
    }
}

#[test]
fn a_minimal_list_of_august_2022_is_enough() {
    let rows = [vec!["見本 花子".to_owned(), "090-1234-5678".to_owned()]];
    let read = read(&["氏名", "電話番号"], &rows);
    let ReadRow::Person(told, remarks) = &read[0] else {
        panic!("a person")
    };
    assert!(remarks.is_empty());
    let mut expected = CaseNotification::default();
    expected.person.name = "見本 花子".to_owned();
    expected.person.mobiles = vec![base::phone::parse("09012345678").unwrap().number];
    assert!(**told == expected);
}
