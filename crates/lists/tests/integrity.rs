//! Lists beside their sources: what slipped is named, and what is only written otherwise is not.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "corruption/mod.rs"]
mod corruption;

use std::{fmt::Write, fs, path::Path};

use base::date::CalendarDate;
use corruption::{Corruption, Dice};

use db::FromValue;
use lists::{
    code::{Code, Severity},
    contacts::{Key, PersonKeys},
    integrity::{
        Compared, IntegrityFinding, KnownHeadings, Scope, against_known, against_reference, inner_evidence,
    },
    kind::{ColumnKind, kinds},
    read::{ReadOptions, read},
    sheet::Sheet,
};
use proptest::prelude::*;
use serde_json::Value;

const FOLDER: &str = "tests/data/lists";

fn open(name: &str) -> Sheet {
    let bytes = fs::read(Path::new(FOLDER).join(name)).unwrap();
    read(name, &bytes, &ReadOptions::default()).unwrap()
}

fn parsed(text: &str) -> Sheet {
    read("list.csv", text.as_bytes(), &ReadOptions::default()).unwrap()
}

fn truths() -> Vec<(String, Value)> {
    let names = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut stems: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".truth.json").map(str::to_owned))
        .collect();
    stems.sort();
    let read = |stem: String| {
        let truth = fs::read(Path::new(FOLDER).join(format!("{stem}.truth.json"))).unwrap();
        let truth = serde_json::from_slice(&truth).unwrap();
        let kind = if Path::new(FOLDER).join(format!("{stem}.csv")).exists() {
            "csv"
        } else {
            "xlsx"
        };
        (format!("{stem}.{kind}"), truth)
    };
    stems.into_iter().map(read).collect()
}

fn errors(compared: &Compared) -> Vec<&IntegrityFinding> {
    compared
        .findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect()
}

#[test]
fn corrupt_lists_are_stopped_and_the_corruption_is_named() {
    let mut seen = 0;
    for (file, truth) in truths() {
        let Some(corrupt) = truth["corrupt"].as_str() else {
            continue;
        };
        seen += 1;
        let list = open(&file);
        let compared = against_reference(&list, &open(&file.replace(".csv", ".source.csv")));
        let [finding] = errors(&compared)[..] else {
            panic!("{file}: {:?}", compared.findings);
        };
        assert_eq!(finding.columns, [truth["id_column"].as_str().unwrap()], "{file}");
        assert_eq!(finding.examples.len(), 5, "{file}");
        let first_wrong = first_wrong(&list, &truth);
        match corrupt {
            "id_shift_1" | "id_shift_from_k" => {
                assert_eq!(finding.code, Code::IntegrityShifted, "{file}: {finding:?}");
                assert_eq!(finding.offset, Some(1), "{file}");
                assert_eq!(finding.from_line, Some(first_wrong), "{file}");
                let best = finding
                    .rates
                    .iter()
                    .max_by(|a, b| a.rate.total_cmp(&b.rate))
                    .unwrap();
                assert!(
                    corrupt != "id_shift_1" || best.shift == 1,
                    "{file}: {:?}",
                    finding.rates
                );
            }
            "sorted_one_column" => assert_eq!(finding.code, Code::IntegritySorted, "{file}: {finding:?}"),
            other => panic!("{file}: {other}"),
        }
    }
    assert!(seen >= 3);
}

/// The first line whose ID is not the one that the truth says.
fn first_wrong(list: &Sheet, truth: &Value) -> u32 {
    let id = list
        .headings()
        .iter()
        .position(|heading| truth["id_column"] == heading.as_str())
        .unwrap();
    let mut rows = list.rows().zip(truth["rows"].as_array().unwrap());
    rows.find(|(row, truth)| truth["id"].as_str() != Some(row.cell(id)))
        .unwrap()
        .0
        .line()
}

#[test]
fn clean_lists_pass_beside_a_source_that_looks_otherwise() {
    for (file, truth) in truths()
        .into_iter()
        .filter(|(_, truth)| truth["corrupt"].is_null())
    {
        let list = open(&file);
        for source in sources(&list, &truth) {
            let compared = against_reference(&list, &source);
            assert!(errors(&compared).is_empty(), "{file}: {:?}", compared.findings);
            assert!(compared.comparison.matched > 0, "{file}");
        }
    }
}

/// The list itself with other headings, another order, fewer columns, rows left out, and values from the truth.
fn sources(list: &Sheet, truth: &Value) -> Vec<Sheet> {
    let phones = truth["rows"].as_array().unwrap();
    let id = list
        .headings()
        .iter()
        .position(|heading| truth["id_column"] == heading.as_str())
        .unwrap();
    let rows: Vec<(String, String, Vec<String>)> = list
        .rows()
        .zip(phones)
        .map(|(row, truth)| {
            let phone = truth["phone"].as_str().map_or("", |phone| &phone[3..]).to_owned();
            (
                row.cell(id).to_owned(),
                phone,
                row.cells().map(str::to_owned).collect(),
            )
        })
        .collect();
    let mut short = String::from("感染者ID,TEL\r\n");
    let mut mixed = String::from("登録番号,TEL(本人),担当,患者氏名,誕生日\r\n");
    for step in 0..rows.len() {
        // 7 has no factor in common with the number of rows of any list, or leaves some out.
        let (id, phone, cells) = &rows[step * 7 % rows.len()];
        let _ = write!(short, "{},{phone}\r\n", id.trim_start_matches('0'));
        let name = cells[2].replace('　', " ");
        let _ = write!(mixed, "{id},0{phone},田中,{name},{}\r\n", cells[4]);
    }
    vec![parsed(&short), parsed(&mixed)]
}

#[test]
fn a_source_of_other_people_is_no_source() {
    let list = open("asaka_am.csv");
    let other = against_reference(&list, &open("kawaguchi_pm.csv"));
    assert_eq!(
        errors(&other)[0].code,
        Code::IntegrityReferenceUnusable,
        "{:?}",
        other.findings
    );
    let phones = parsed("電話\n090-6587-4764\n090-2511-1353\n070-3242-8947\n");
    let alone = against_reference(&list, &phones);
    assert_eq!(
        errors(&alone)[0].code,
        Code::IntegrityReferenceUnusable,
        "{:?}",
        alone.findings
    );
}

/// Eight people, so that each case can be seen as a whole.
const SMALL: &str = "No,ID,氏名,電話番号\n\
    1,50301123,佐藤　花子,090-1111-0001\n2,10412345,鈴木　一郎,090-1111-0002\n\
    3,80523456,田中　美咲,090-1111-0003\n4,20634567,伊藤　健一,090-1111-0004\n\
    5,70745678,山本　翔太,090-1111-0005\n6,30856789,中村　陽菜,090-1111-0006\n\
    7,60967890,小林　蓮,090-1111-0007\n8,41078901,加藤　和子,090-1111-0008\n";

fn only(list: &str, reference: &str) -> IntegrityFinding {
    let mut compared = against_reference(&parsed(list), &parsed(reference));
    assert_eq!(compared.findings.len(), 1, "{:?}", compared.findings);
    compared.findings.remove(0)
}

#[test]
fn two_rows_with_each_others_value_are_named() {
    let list = SMALL
        .replace("10412345", "x")
        .replace("70745678", "10412345")
        .replace('x', "70745678");
    let finding = only(&list, SMALL);
    assert_eq!(finding.code, Code::IntegritySwapped);
    assert_eq!(finding.lines, [3, 6]);
    assert_eq!(finding.columns, ["ID"]);
    assert!(finding.message.contains("3行目と6行目"), "{}", finding.message);
    let row = &finding.examples[0];
    let id = finding.shown.iter().position(|heading| heading == "ID").unwrap();
    assert_eq!(
        (row.line, row.list[id].as_str(), row.reference[id].as_str()),
        (3, "70745678", "10412345")
    );
}

#[test]
fn somebody_elses_value_stops_its_row_and_an_unknown_one_warns() {
    let finding = only(&SMALL.replace("2,10412345", "2,41078901"), SMALL);
    assert_eq!(
        (finding.code, finding.scope),
        (Code::IntegrityMismatch, Scope::Rows)
    );
    assert_eq!(finding.lines, [3]);
    let finding = only(&SMALL.replace("090-1111-0005", "090-9999-0005"), SMALL);
    assert_eq!(finding.code, Code::IntegrityUnknownValue);
    assert_eq!((finding.severity, finding.lines), (Severity::Warning, vec![6]));
}

#[test]
fn a_block_of_columns_that_slipped_together_is_found() {
    // Names and numbers one row down, the IDs and birth dates where they were.
    let mut list = String::from("ID,生年月日,氏名,フリガナ,携帯\n");
    let mut source = String::from("TEL,ハーシスID,患者氏名,カナ,誕生日\n");
    for row in 0..30_usize {
        let person = |at: usize| {
            let at = at % 30;
            (
                format!("{}", 10_000_000 + at * 7_919_393 % 80_000_000),
                format!("S{}.{}.{}", 20 + at, 1 + at % 12, 1 + at % 28),
                format!(
                    "姓{0}　名{0}",
                    char::from_u32(0x4E00 + u32::try_from(at).unwrap() * 31).unwrap()
                ),
                format!("0901234{:04}", 1000 + at * 37),
            )
        };
        let (own, above) = (person(row), person(row + 29));
        let _ = writeln!(list, "{},{},{},セイメイ,{}", own.0, own.1, above.2, above.3);
        let _ = writeln!(source, "{},{},{},セイメイ,{}", own.3, own.0, own.2, own.1);
    }
    let finding = only(&list, &source);
    assert_eq!(finding.code, Code::IntegrityShifted);
    let moved = finding.offset.unwrap();
    assert!(moved.abs() == 1 && finding.columns.len() == 2, "{finding:?}");
    assert!(
        if moved == 1 {
            finding.columns.contains(&"氏名".to_owned())
        } else {
            finding.columns.contains(&"ID".to_owned())
        },
        "{finding:?}"
    );
}

#[test]
fn headings_are_understood_with_the_cells_below_them() {
    let list = parsed(
        "管理番号,感染者ID,患者氏名,フリガナ(カナ),DOB,TEL,年齢,Sex,郵便番号,住所,発病日,備考\n\
         1,01234567,佐藤　花子,ｻﾄｳ ﾊﾅｺ,S60.1.5,9012345678,37,女,350-0001,埼玉県川越市1-2,2/10,\n\
         2,71234567,鈴木　一郎,ｽｽﾞｷ ｲﾁﾛｳ,H20.3.5,080-1234-5678,13,男,350-0002,埼玉県川越市3-4,2/11,咳\n\
         3,31234567,田中　蓮,ﾀﾅｶ ﾚﾝ,R1.6.5,048-123-4567,2,男,350-0003,埼玉県坂戸市5,2/11,\n",
    );
    assert_eq!(
        kinds(&list),
        [
            ColumnKind::Serial,
            ColumnKind::Id,
            ColumnKind::Name,
            ColumnKind::Kana,
            ColumnKind::Birth,
            ColumnKind::Phone,
            ColumnKind::Age,
            ColumnKind::Sex,
            ColumnKind::Postcode,
            ColumnKind::Address,
            ColumnKind::Free,
            ColumnKind::Free
        ]
    );
}

const HEADINGS: KnownHeadings<'_> = KnownHeadings {
    id: "ID",
    phone: "電話番号",
    name: "氏名",
};

/// The list of August 2022: nothing but a name and a number.
#[test]
fn earlier_lists_show_a_shift_of_names_beside_numbers() {
    let key = |kind: i64, person: u32| Key::from_value(&db::Value::Int(1_000 * kind + i64::from(person)));
    let keys = |phone: u32, name: u32| PersonKeys {
        phone: key(1, phone),
        name: key(3, name),
        ..PersonKeys::default()
    };
    let known: Vec<PersonKeys> = (0..75).map(|person| keys(person, person)).collect();
    let mut rows: Vec<(u32, PersonKeys)> = (0..75).map(|at| (at + 2, keys((at + 74) % 75, at))).collect();
    let found = against_known(&rows, &known, HEADINGS);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].stops());
    assert_eq!(
        (found[0].code, found[0].count),
        (Code::IntegrityShifted, 75),
        "{found:?}"
    );
    assert!(
        found[0]
            .happened()
            .ends_with("ずれています（2、3、4、5、6行目など75行）。")
    );
    rows = (0..75).map(|at| (at + 2, keys(at, at))).collect();
    assert!(against_known(&rows, &known, HEADINGS).is_empty());
    // Two people with one name, and somebody with a new number.
    rows[3].1.name = key(3, 4);
    rows[9].1.phone = key(1, 900);
    assert!(against_known(&rows, &known, HEADINGS).is_empty());
}

#[test]
fn earlier_lists_show_a_shift() {
    let key = |kind: i64, person: u32| Key::from_value(&db::Value::Int(1_000 * kind + i64::from(person)));
    let keys = |phone: u32, id: u32, birth: Option<u32>| PersonKeys {
        phone: key(1, phone),
        id: key(2, id),
        name: key(3, phone),
        birth: birth.and_then(|person| key(4, person)),
        person: None,
    };
    let row = |line: u32, id: u32| (line + 2, keys(line, id, None));
    let known: Vec<PersonKeys> = (0..12).map(|person| keys(person, person, Some(person))).collect();
    let rows: Vec<(u32, PersonKeys)> = (0..30).map(|at| row(at, (at + 29) % 30)).collect();
    let found = against_known(&rows, &known, HEADINGS);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].code, found[0].offset),
        (Code::IntegrityShifted, Some(1))
    );

    let mut rows: Vec<(u32, PersonKeys)> = (0..30).map(|at| row(at, at)).collect();
    assert!(against_known(&rows, &known, HEADINGS).is_empty());
    // A child written to at the mother's number, and a patient with a new ID.
    rows[3].1.phone = key(1, 4);
    rows[5].1.id = key(2, 99);
    assert!(against_known(&rows, &known, HEADINGS).is_empty());
    rows[7].1.id = key(2, 2);
    let found = against_known(&rows, &known, HEADINGS);
    assert_eq!(
        (found[0].code, found[0].lines.as_slice()),
        (Code::IntegrityKnownDiffers, &[9][..])
    );
}

/// 40 people with ages, in the generator's first spelling.
fn with_ages(slip: usize) -> String {
    let mut text = String::from("ID,氏名,フリガナ,生年月日,年齢,電話番号\n");
    let mut dice = Dice(7);
    let people = corruption::people(&mut dice, 40);
    for (at, person) in people.iter().enumerate() {
        let birth = &people[(at + 40 - slip) % 40][4];
        let _ = writeln!(
            text,
            "{},{},{},{birth},{},{}",
            person[1], person[2], person[3], person[5], person[6]
        );
    }
    text
}

#[test]
fn ages_and_readings_give_a_shift_away_without_a_source() {
    let today = CalendarDate::new(2022, 2, 14);
    assert!(inner_evidence(&parsed(&with_ages(0)), today).is_empty());
    let found = inner_evidence(&parsed(&with_ages(2)), today);
    assert_eq!(
        (found[0].code, found[0].offset),
        (Code::IntegrityShifted, Some(2)),
        "{found:?}"
    );
    assert_eq!(found[0].columns, ["生年月日"]);
}

#[test]
fn an_id_of_two_persons_stops_their_rows() {
    let found = inner_evidence(&parsed(&SMALL.replace("2,10412345", "2,50301123")), None);
    assert_eq!(
        (found[0].code, found[0].lines.as_slice()),
        (Code::IntegrityIdDoubled, &[2, 3][..])
    );
    let twice = format!("{SMALL}9,50301123,佐藤 花子,090-1111-0001\n");
    assert!(inner_evidence(&parsed(&twice), None).is_empty());
}

#[test]
fn ids_in_order_beside_numbers_that_count_on_are_suspect() {
    let found = inner_evidence(&open("sorted_one_column.csv"), None);
    assert_eq!(found[0].code, Code::IntegritySuspectSorted);
    for (file, _) in truths()
        .into_iter()
        .filter(|(_, truth)| truth["corrupt"].is_null())
    {
        let found = inner_evidence(&open(&file), None);
        assert!(found.is_empty(), "{file}: {found:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_slips_is_found_beside_any_source(seed in any::<u64>(), rows in 6_usize..90) {
        let mut dice = Dice(seed);
        let people = corruption::people(&mut dice, rows);
        let corrupt = Corruption::random(&mut dice, rows);
        let list = parsed(&corruption::list(&mut dice, &people, Some(&corrupt)));
        let source = corruption::source(&mut dice, &people, corrupt.columns());
        if corruption::wrong_rows(&people, &corrupt, &source) >= 2 {
            let compared = against_reference(&list, &parsed(&source.text));
            prop_assert!(!errors(&compared).is_empty(), "{corrupt:?}");
        }
    }

    #[test]
    fn nothing_is_found_in_a_clean_list(seed in any::<u64>(), rows in 6_usize..90) {
        let mut dice = Dice(seed);
        let people = corruption::people(&mut dice, rows);
        let list = parsed(&corruption::list(&mut dice, &people, None));
        let source = corruption::source(&mut dice, &people, &[]);
        let compared = against_reference(&list, &parsed(&source.text));
        prop_assert!(errors(&compared).is_empty(), "{:?} {:?}", compared.findings, source.fields);
    }
}
