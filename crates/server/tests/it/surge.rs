//! `todoke demo --surge` on a smaller scale: a day of a wave from the lists of health centres to the last call, on both
//! databases, recounted from the carriers' own logs. Counts only; how long it took is measured elsewhere.

use serde_json::Value;
use tempfile::TempDir;

use crate::support::place::Place;
use crate::support::process::{Ended, todoke};

const PEOPLE: u64 = 300;

fn surge(place: Option<&Place>, seed: &str, directory: &TempDir) -> Ended {
    let size = [
        "--people",
        "300",
        "--centres",
        "3",
        "--callers",
        "2",
        "--seed",
        seed,
    ];
    let mut program = todoke()
        .args(&[
            "demo",
            "--surge",
            "--json",
            "--listen",
            "127.0.0.1:0",
            "--rate",
            "2000",
        ])
        .args(&size)
        .arg("--directory")
        .arg(directory.path());
    if let Some(place) = place {
        program = program.arg("--database").arg(place.database.address());
    }
    program.run()
}

fn count(report: &Value, name: &str) -> u64 {
    report[name]
        .as_u64()
        .unwrap_or_else(|| panic!("no {name} in {report}"))
}

/// What has to be true whatever the machine is busy with; how soon messages left is not asked.
fn holds(ended: &Ended) {
    let report = ended.json();
    let promises = report["promises"].as_object().unwrap();
    for (promise, kept) in promises.iter().filter(|(name, _)| *name != "soon") {
        assert_eq!(*kept, Value::Bool(true), "{promise}: {report}\n{}", ended.stderr);
    }
    let places = report["places"].as_object().unwrap();
    let everybody: u64 = places.values().map(|people| people.as_u64().unwrap()).sum();
    assert_eq!(
        (everybody, count(&report, "notifications")),
        (PEOPLE, PEOPLE),
        "{report}"
    );
    for place in ["sms", "telephone", "twin"] {
        assert!(places[place].as_u64().unwrap() > 0, "nobody in {place}: {report}");
    }
    for reason in ["not_delivered", "not_opened", "by_rule"] {
        assert!(
            report["call_reasons"][reason].as_u64().is_some(),
            "nobody for {reason}: {report}"
        );
    }
    assert_eq!(count(&report, "written_twice") + count(&report, "strangers"), 0);
    assert_eq!(
        count(&report, "sms"),
        count(&report, "sms_in_database"),
        "{report}"
    );
}

#[test]
fn everybody_of_a_small_wave_is_accounted_for_by_the_carriers_logs() {
    let directory = TempDir::new().unwrap();
    let ended = surge(None, "1", &directory);
    holds(&ended);
    assert!(ended.stderr.contains("全員の行方"), "{}", ended.stderr);
    let log = std::fs::read_to_string(directory.path().join("minato.jsonl")).unwrap();
    assert!(log.contains("受付番号は"), "the carrier keeps what it took");
    surge(None, "1", &directory)
        .exits(64)
        .says("空のデータベースで始めます");
}

#[test]
fn the_same_on_postgresql() {
    let Some(place) = Place::postgres_not_made() else {
        return;
    };
    holds(&surge(Some(&place), "2", &TempDir::new().unwrap()));
}
