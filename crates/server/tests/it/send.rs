//! `todoke send`: the report, exit codes, what is written where, holding, waiting, simulating.

use std::collections::BTreeSet;

use lists::read::{ReadOptions, read};

use crate::support::carrier::Carrier;
use crate::support::list::{Person, fated, people};
use crate::support::place::Place;
use crate::support::until_true;

#[test]
fn every_row_is_delivered_and_reported_on_both_databases() {
    for place in Place::each() {
        let mut carrier = Carrier::new();
        let people = people(0..60);
        let list = place.list("朝.csv", &people);
        let ended = place
            .send(&list)
            .args(&["--carrier", &carrier.url()])
            .run()
            .exits(0);
        let report = ended.report();
        report.all("delivered", 60);
        assert_eq!(report.0["simulated"], false);
        assert!(report.0["broadcast"].is_i64(), "{}", report.0);
        carrier.took_each_once(&people);

        let mut phones = carrier.phones();
        phones.sort();
        let mut expected: Vec<_> = people.iter().map(Person::message).collect();
        expected.sort();
        assert_eq!(phones, expected);
        assert_eq!(carrier.binds(), 1);
    }
}

#[test]
fn the_report_keeps_its_shape_and_holds_every_data_row() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let rows = [
        people(0..3),
        vec![
            Person::new("1", "なし"),
            Person::new("", "09012340000"),
            fated("0001"),
            fated("0011"),
            fated("0012"),
        ],
    ];
    let list = place.list("朝.csv", &rows.concat());
    let ended = place
        .send(&list)
        .args(&["--yes", "--carrier", &carrier.url()])
        .run()
        .exits(2);
    let report = ended.report();
    let keys = |value: &serde_json::Value| -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(
        keys(&report.0),
        ["broadcast", "rows", "simulated", "summary"]
            .map(String::from)
            .into()
    );
    for row in report.rows() {
        let expected = ["carrier_code", "carrier_message_id", "line", "phone", "state"];
        assert_eq!(keys(row), expected.map(String::from).into());
    }
    let lines: Vec<u64> = report
        .rows()
        .iter()
        .map(|row| row["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, (2..=9).collect::<Vec<_>>());
    for (state, count) in [
        ("delivered", 3),
        ("not_sent", 2),
        ("rejected", 1),
        ("undelivered", 1),
        ("expired", 1),
    ] {
        assert_eq!(report.count(state), count, "{}", report.0);
    }
    assert_eq!(keys(&report.0["summary"]).len(), 5);
    assert_eq!(report.row(2)["phone"], "+819010000000");
    assert!(report.row(2)["carrier_message_id"].is_string());
    assert_eq!(
        (&report.row(5)["phone"], report.state(5)),
        (&serde_json::Value::Null, "not_sent")
    );
    assert_eq!(
        (report.row(6)["phone"].as_str(), report.state(6)),
        (Some("+819012340000"), "not_sent")
    );
    assert_eq!(report.row(7)["carrier_code"], "0x0B ESME_RINVDSTADR");
}

#[test]
fn good_rows_wait_for_a_yes_when_others_have_errors() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let rows = [people(0..5), vec![Person::new("1", "なし")]].concat();
    let list = place.list("朝.csv", &rows);
    let refused = place
        .send(&list)
        .args(&["--carrier", &carrier.url()])
        .run()
        .exits(1);
    let refused = refused.says("何も送っていません").says("--yes");
    refused.report().all("not_sent", 6);
    assert!(refused.report().0["broadcast"].is_null());
    assert_eq!((carrier.submits(), carrier.binds()), (0, 0));

    let report = place
        .send(&list)
        .args(&["--yes", "--carrier", &carrier.url()])
        .run()
        .exits(2)
        .report();
    assert_eq!((report.count("delivered"), report.count("not_sent")), (5, 1));
    carrier.took_each_once(&people(0..5));
}

#[test]
fn a_list_without_one_good_row_sends_nothing_whatever_is_said() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list(
        "朝.csv",
        &[Person::new("1", "なし"), Person::new("2", "048-123-4567")],
    );
    let ended = place
        .send(&list)
        .args(&["--yes", "--carrier", &carrier.url()])
        .run()
        .exits(1);
    ended.says("送信できる行がない").report().all("not_sent", 2);
    assert_eq!(carrier.binds(), 0);
}

#[test]
fn accepted_without_a_receipt_is_success_once_the_wait_is_over() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &[people(0..2), vec![fated("0019")]].concat());
    let flags = ["--wait", "0.3", "--carrier", &carrier.url()];
    let report = place.send(&list).args(&flags).run().exits(0).report();
    assert_eq!((report.count("delivered"), report.count("accepted")), (2, 1));
}

#[test]
fn the_wait_ends_as_soon_as_everything_is_settled() {
    // With the process' deadline far below the hour, this ends only because all receipts are in.
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &people(0..5));
    let flags = ["--wait", "3600", "--carrier", &carrier.url()];
    place
        .send(&list)
        .args(&flags)
        .run()
        .exits(0)
        .report()
        .all("delivered", 5);
}

#[test]
fn wrong_use_is_64_and_touches_nothing() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &people(0..2));
    let url = carrier.url();
    let wrong: [&[&str]; 11] = [
        &[],
        &["--carrier", "localhost:2775"],
        &["--carrier", "smpp://a:b@c:1?window=0"],
        &["--carrier", &url, "--simulate"],
        &["--carrier", &url, "--resend", "failed"],
        &["--carrier", &url, "--resend", "failed", "--resend-reason", " "],
        &["--carrier", &url, "--resend-reason", "もう一度"],
        &[
            "--carrier",
            &url,
            "--resend",
            "everything",
            "--resend-reason",
            "もう一度",
        ],
        &["--carrier", &url, "--report", "result.txt"],
        &["--carrier", &url, "--hold", "-1"],
        &["--carrier", &url, "--sender", "0120-000"],
    ];
    for flags in wrong {
        let ended = place.send(&list).args(flags).run();
        assert_eq!(ended.code, Some(64), "{flags:?}: {}", ended.stderr);
        assert!(
            ended.stdout.is_empty() && !ended.stderr.is_empty(),
            "{flags:?}: {}",
            ended.stdout
        );
    }
    place
        .send(&list)
        .run()
        .exits(64)
        .says("--carrier")
        .says("--simulate");
    place
        .send(&list)
        .args(&["--database", "mysql://x", "--carrier", &url])
        .run()
        .exits(64);
    assert_eq!(carrier.binds(), 0);
    assert!(!place.path("todoke.db").exists(), "wrong use made a database");
}

#[test]
fn a_simulated_send_says_so_and_does_not_stand_in_the_way_of_the_real_one() {
    for place in Place::each() {
        let carrier = Carrier::new();
        let people = people(0..10);
        let list = place.list("朝.csv", &people);
        let rehearsal = place
            .send(&list)
            .arg("--simulate")
            .run()
            .exits(0)
            .says("模擬送信です");
        assert_eq!(rehearsal.report().0["simulated"], true);
        rehearsal.report().all("delivered", 10);

        let live = place
            .send(&list)
            .args(&["--carrier", &carrier.url()])
            .run()
            .exits(0);
        assert_eq!(live.report().0["simulated"], false);
        live.report().all("delivered", 10);
        carrier.took_each_once(&people);
    }
}

#[test]
fn the_report_goes_into_the_file_that_was_asked_for() {
    let place = Place::sqlite();
    let people = [people(0..3), vec![fated("0011")]].concat();
    let list = place.list("朝.csv", &people);
    for name in ["結果.csv", "結果.xlsx"] {
        place
            .send(&list)
            .args(&["--simulate", "--report", name])
            .run()
            .exits(0);
        let bytes = std::fs::read(place.path(name)).unwrap();
        assert!(
            bytes.starts_with(if name.ends_with("csv") {
                b"\xEF\xBB\xBF"
            } else {
                b"PK\x03"
            }),
            "{name}"
        );
        let sheet = read(name, &bytes, &ReadOptions::default()).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!(sheet.headings()[..3], ["行", "電話番号", "状態"], "{name}");
        let rows: Vec<Vec<String>> = sheet
            .rows()
            .map(|row| row.cells().map(str::to_owned).collect())
            .collect();
        assert_eq!(rows.len(), 4, "{name}");
        assert_eq!(rows[0][..3], ["2", "090-1000-0000", "着信済"], "{name}");
        assert!(
            rows[3][3].ends_with('。') && rows[3].contains(&"模擬送信".to_owned()),
            "{:?}",
            rows[3]
        );
    }
}

#[test]
fn only_the_document_goes_to_stdout_and_no_file_is_written_unasked() {
    let place = Place::sqlite();
    let list = place.list("朝.csv", &people(0..3));
    let ended = place.send(&list).arg("--simulate").run().exits(0);
    assert_eq!(ended.stdout.trim_end().lines().count(), 1);
    assert!(ended.stderr.contains("3行: 着信済 3"), "{}", ended.stderr);
    let mut names: Vec<String> = std::fs::read_dir(place.database.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("todoke.db"))
        .collect();
    names.sort();
    assert_eq!(names, ["test.key", "朝.csv"]);
}

#[test]
fn nothing_leaves_during_the_hold_and_an_interrupt_withdraws_it() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let people = people(0..8);
    let list = place.list("朝.csv", &people);
    let held = place
        .send(&list)
        .args(&["--hold", "3600", "--carrier", &carrier.url()])
        .start();
    until_true("the carrier is bound", || carrier.binds() == 1);
    held.signal("INT");
    let ended = held.wait().exits(1).says("中断しました");
    ended.report().all("cancelled", 8);
    assert_eq!(carrier.submits(), 0);

    place
        .send(&list)
        .args(&["--hold", "0.2", "--carrier", &carrier.url()])
        .run()
        .exits(0)
        .report()
        .all("delivered", 8);
    carrier.took_each_once(&people);
}

#[test]
fn an_interrupt_does_not_sit_out_the_wait_for_receipts() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &[fated("0019")]);
    let sending = place
        .send(&list)
        .args(&["--wait", "3600", "--carrier", &carrier.url()])
        .start();
    until_true("the row is accepted", || carrier.submits() == 1);
    sending.signal("INT");
    sending.wait().exits(0).report().all("accepted", 1);
}

#[test]
fn phones_show_the_sender_that_was_asked_for() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &people(0..1));
    let flags = [
        "--sender",
        "0005098765",
        "--carrier",
        &carrier.url_with("numbers=national"),
    ];
    place.send(&list).args(&flags).run().exits(0);
    let journal = carrier.smsc.journal();
    assert_eq!(journal[0].source_addr, "0005098765");
    assert_eq!(journal[0].destination_addr, "09010000000");
}

#[test]
fn settings_may_come_from_the_environment() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &people(0..2));
    place
        .send(&list)
        .env("TODOKE_CARRIER", &carrier.url())
        .run()
        .exits(0)
        .report()
        .all("delivered", 2);
}

#[test]
fn of_several_organisations_the_one_that_is_named_sends() {
    for place in Place::each() {
        place.admin(&["organisation", "add", "あおば市"]).run().exits(0);
        let list = place.list("朝.csv", &people(0..3));
        let send = |organisation: &[&str]| place.send(&list).arg("--simulate").args(organisation).run();
        send(&[]).exits(64).says("--organisation で選んでください");
        send(&["--organisation", "きたの町"])
            .exits(64)
            .says("組織「きたの町」がありません");
        // The same list of the other organisation is its own: nothing is recognised.
        let broadcasts = ["あおば市", "1"].map(|organisation| {
            let report = send(&["--organisation", organisation]).exits(0).report();
            report.all("delivered", 3);
            report.0["broadcast"].clone()
        });
        let again = send(&["--organisation", "あおば市"]).exits(0).report();
        assert_eq!(again.0["broadcast"], broadcasts[0], "recognised as its own");
    }
}
