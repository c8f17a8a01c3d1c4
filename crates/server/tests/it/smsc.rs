//! `todoke smsc` as a server of its own, with our own client before it.

use serde_json::Value;

use crate::support::list::{fated, people};
use crate::support::place::Place;
use crate::support::process::{Ended, Running, todoke};

fn start(flags: &[&str]) -> (Running, String) {
    let mut smsc = todoke()
        .args(&["smsc", "--listen", "127.0.0.1:0", "--json"])
        .args(flags)
        .start();
    let line = smsc.line_with("で待っています");
    let (_, rest) = line.split_once("127.0.0.1:").unwrap();
    (
        smsc,
        format!(
            "smpp://todoke:secret@127.0.0.1:{}",
            rest.split(' ').next().unwrap()
        ),
    )
}

/// Tells it to end; gives what it counted.
fn counted(smsc: Running) -> Value {
    smsc.signal("TERM");
    let ended: Ended = smsc.wait().exits(0);
    serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap()
}

#[test]
fn it_counts_what_it_was_given() {
    let place = Place::sqlite();
    let (smsc, url) = start(&[
        "--account",
        "todoke:secret",
        "--throttle-every",
        "10",
        "--receipt-delay",
        "1-20",
    ]);
    let list = place.list("朝.csv", &[people(0..20), vec![fated("0001")]].concat());
    let report = place
        .send(&list)
        .args(&["--carrier", &format!("{url}?window=5")])
        .run()
        .exits(2)
        .report();
    assert_eq!((report.count("delivered"), report.count("rejected")), (20, 1));
    let counted = counted(smsc);
    assert_eq!(
        (&counted["binds"], &counted["accepted"]),
        (&1.into(), &20.into()),
        "{counted}"
    );
    assert_eq!(
        (&counted["receipts_sent"], &counted["receipts_answered"]),
        (&20.into(), &20.into()),
        "{counted}"
    );
    assert_eq!(counted["refused"]["0x0B"], 1, "{counted}");
    assert!(counted["refused"]["0x58"].as_u64() >= Some(2), "{counted}");
    assert!(counted["unanswered_peak"].as_u64() <= Some(5), "{counted}");
}

#[test]
fn it_plays_the_habits_and_the_bad_days_of_carriers() {
    let all_kinds = [
        "--message-ids",
        "hexadecimal",
        "--receipt-ids",
        "decimal",
        "--first-message-id",
        "3735928559",
        "--early",
        "0.3",
        "--duplicates",
        "0.3",
        "--reversed",
        "0.3",
        "--receipt-delay",
        "0-30",
    ];
    let (smsc, url) = start(&all_kinds);
    let place = Place::sqlite();
    let list = place.list("朝.csv", &people(0..20));
    let send = place
        .send(&list)
        .args(&["--carrier", &format!("{url}?ids=hex_answers")])
        .run();
    send.exits(0).report().all("delivered", 20);
    assert!(counted(smsc)["receipts_sent"].as_u64() > Some(20));

    let (_smsc, url) = start(&["--refuse-binds", "0x0E"]);
    let place = Place::sqlite();
    let list = place.list("朝.csv", &people(0..2));
    place
        .send(&list)
        .args(&["--carrier", &url])
        .run()
        .exits(1)
        .says("0x0000000E")
        .report()
        .all("cancelled", 2);
}

#[test]
fn it_plays_an_outage_and_a_client_that_waits_gets_through() {
    let (smsc, url) = start(&["--outage", "0-1"]);
    let place = Place::sqlite();
    let list = place.list("朝.csv", &people(0..10));
    place
        .send(&list)
        .args(&["--carrier", &url])
        .run()
        .exits(0)
        .report()
        .all("delivered", 10);
    assert_eq!(counted(smsc)["accepted"], 10);
}

#[test]
fn wrong_use_is_64_and_a_taken_port_is_said() {
    let wrong: [&[&str]; 6] = [
        &["--undelivered", "2"],
        &["--receipt-delay", "5"],
        &["--account", "noname"],
        &["--refuse-binds", "x"],
        &["--refuse-binds", "0x0E", "--ignore-binds"],
        &["--cut-after-answer"],
    ];
    for flags in wrong {
        todoke().arg("smsc").args(flags).run().exits(64);
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    todoke()
        .args(&["smsc", "--listen", &address])
        .run()
        .exits(1)
        .says("で待ち受けられません");
}

#[test]
fn its_log_tells_what_it_took_and_what_it_refused() {
    let place = Place::sqlite();
    let log = place.path("smsc.jsonl");
    let (smsc, url) = start(&["--log", log.to_str().unwrap()]);
    let list = place.list(
        "朝.csv",
        &[people(0..3), vec![fated("0001"), fated("0011")]].concat(),
    );
    place.send(&list).args(&["--carrier", &url]).run().exits(2);
    drop(counted(smsc));
    let lines: Vec<Value> = std::fs::read_to_string(&log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of = |to: &str| lines.iter().find(|line| line["to"] == to).unwrap();
    let (to, text) = people(0..1)[0].message();
    let taken = of(&to);
    assert_eq!(
        (&taken["text"], &taken["outcome"]),
        (&text.into(), &"DELIVRD".into())
    );
    assert_eq!(
        (&taken["part"], &taken["parts"], &taken["command_status"]),
        (&1.into(), &1.into(), &0.into())
    );
    let refused = of("819099990001");
    assert_eq!(
        (&refused["message_id"], &refused["command_status"]),
        (&Value::Null, &0x0B.into())
    );
    assert_eq!(of("819099990011")["outcome"], "UNDELIV");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&log).unwrap().permissions());
    assert_eq!(mode & 0o077, 0, "nobody else reads numbers and texts");
}
