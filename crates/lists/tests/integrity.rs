//! Lists beside their sources: what slipped is named, and what is only written otherwise is not.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{fs, path::Path};

use lists::{
    code::{Code, Severity},
    integrity::{Compared, IntegrityFinding, against_reference},
    read::{ReadOptions, read},
    sheet::Sheet,
};
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
    let names = fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut stems: Vec<String> =
        names.filter_map(|name| name.strip_suffix(".truth.json").map(str::to_owned)).collect();
    stems.sort();
    let read = |stem: String| {
        let truth = fs::read(Path::new(FOLDER).join(format!("{stem}.truth.json"))).unwrap();
        let truth = serde_json::from_slice(&truth).unwrap();
        let kind = if Path::new(FOLDER).join(format!("{stem}.csv")).exists() { "csv" } else { "xlsx" };
        (format!("{stem}.{kind}"), truth)
    };
    stems.into_iter().map(read).collect()
}

fn errors(compared: &Compared) -> Vec<&IntegrityFinding> {
    compared.findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

#[test]
fn corrupt_lists_are_stopped_and_the_corruption_is_named() {
    let mut seen = 0;
    for (file, truth) in truths() {
        let Some(corrupt) = truth["corrupt"].as_str() else { continue };
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
                let best = finding.rates.iter().max_by(|a, b| a.rate.total_cmp(&b.rate)).unwrap();
                assert!(corrupt != "id_shift_1" || best.shift == 1, "{file}: {:?}", finding.rates);
            }
            "sorted_one_column" => assert_eq!(finding.code, Code::IntegritySorted, "{file}: {finding:?}"),
            other => panic!("{file}: {other}"),
        }
    }
    assert!(seen >= 3);
}

/// The first line whose ID is not the one that the truth says.
fn first_wrong(list: &Sheet, truth: &Value) -> u32 {
    let id = list.headings().iter().position(|heading| truth["id_column"] == heading.as_str()).unwrap();
    let mut rows = list.rows().zip(truth["rows"].as_array().unwrap());
    rows.find(|(row, truth)| truth["id"].as_str() != Some(row.cell(id))).unwrap().0.line()
}

#[test]
fn clean_lists_pass_beside_a_source_that_looks_otherwise() {
    for (file, truth) in truths().into_iter().filter(|(_, truth)| truth["corrupt"].is_null()) {
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
    let id = list.headings().iter().position(|heading| truth["id_column"] == heading.as_str()).unwrap();
    let rows: Vec<(String, String, Vec<String>)> = list
        .rows()
        .zip(phones)
        .map(|(row, truth)| {
            let phone = truth["phone"].as_str().map_or("", |phone| &phone[3..]).to_owned();
            (row.cell(id).to_owned(), phone, row.cells().map(str::to_owned).collect())
        })
        .collect();
    let mut short = String::from("感染者ID,TEL\r\n");
    let mut mixed = String::from("登録番号,TEL(本人),担当,患者氏名,誕生日\r\n");
    for step in 0..rows.len() {
        // 7 has no factor in common with the number of rows of any list, or leaves some out.
        let (id, phone, cells) = &rows[step * 7 % rows.len()];
        short += &format!("{},{phone}\r\n", id.trim_start_matches('0'));
        let name = cells[2].replace('　', " ");
        mixed += &format!("{id},0{phone},田中,{name},{}\r\n", cells[4]);
    }
    vec![parsed(&short), parsed(&mixed)]
}

#[test]
fn a_source_of_other_people_is_no_source() {
    let list = open("asaka_am.csv");
    let other = against_reference(&list, &open("kawaguchi_pm.csv"));
    assert_eq!(errors(&other)[0].code, Code::IntegrityReferenceUnusable, "{:?}", other.findings);
    let phones = parsed("電話\n090-6587-4764\n090-2511-1353\n070-3242-8947\n");
    let alone = against_reference(&list, &phones);
    assert_eq!(errors(&alone)[0].code, Code::IntegrityReferenceUnusable, "{:?}", alone.findings);
}
