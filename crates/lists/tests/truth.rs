//! The lists of `tests/data/lists`, row by row against the truth beside them.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{fs, path::Path};

use base::{merge::MessageTemplate, phone::PhoneNumber};
use lists::{
    check::{CheckedRow, check},
    code::Severity,
    read::{ReadOptions, read},
};
use serde_json::Value;

fn lists() -> Vec<String> {
    let folder = Path::new("tests/data/lists");
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".truth.json")).collect();
    names.sort();
    names
}

#[test]
fn every_row_of_every_list_is_as_the_truth_says() {
    let names = lists();
    assert!(names.len() >= 8, "{names:?}");
    for name in names {
        let truth: Value =
            serde_json::from_slice(&fs::read(Path::new("tests/data/lists").join(&name)).unwrap()).unwrap();
        let stem = name.trim_end_matches(".truth.json");
        let file = ["csv", "xlsx"].map(|kind| format!("{stem}.{kind}"));
        let file = file
            .iter()
            .find(|file| Path::new("tests/data/lists").join(file).exists())
            .unwrap();
        let bytes = fs::read(Path::new("tests/data/lists").join(file)).unwrap();

        let to = truth["phone_column"].as_str().unwrap();
        let template =
            MessageTemplate::parse(&format!("{{{{{}}}}}", truth["id_column"].as_str().unwrap())).unwrap();
        let options = ReadOptions {
            to: Some(to.to_owned()),
            ..ReadOptions::default()
        };
        let sheet = read(file, &bytes, &options).unwrap();
        let checked = check(&sheet, to, &template).unwrap();

        // Without being told the column, the reader finds the same line of headings and offers the same column.
        let unaided = read(file, &bytes, &ReadOptions::default()).unwrap();
        assert_eq!(
            unaided.understood().header_line,
            sheet.understood().header_line,
            "{file}"
        );
        let offered = lists::columns::phone_columns(&unaided)[0];
        assert_eq!(unaided.headings()[offered], to, "{file}");

        let expected = truth["rows"].as_array().unwrap();
        assert_eq!(checked.rows.len(), expected.len(), "{file}");
        for (row, expected) in checked.rows.iter().zip(expected) {
            compare(file, row, expected, truth["corrupt"].is_null());
        }
    }
}

fn compare(file: &str, row: &CheckedRow, expected: &Value, ids_stand: bool) {
    let at = format!("{file} line {}", row.line);
    assert_eq!(u64::from(row.line), expected["line"].as_u64().unwrap(), "{at}");
    let phone = row.phone.map(PhoneNumber::e164);
    assert_eq!(phone.as_deref(), expected["phone"].as_str(), "{at}");
    let codes: Vec<&str> = row.problems.iter().map(|problem| problem.code.code()).collect();
    let errors = row
        .problems
        .iter()
        .filter(|problem| problem.severity() == Severity::Error)
        .count();
    if phone.is_none() {
        let why = format!("phone.{}", expected["why"].as_str().unwrap());
        assert!(
            errors > 0 && codes.contains(&why.as_str()),
            "{at}: {codes:?}, expected {why}"
        );
    } else {
        assert_eq!(errors, 0, "{at}: {codes:?}");
    }
    if ids_stand {
        assert_eq!(row.text.as_deref(), expected["id"].as_str(), "{at}");
    }
}
