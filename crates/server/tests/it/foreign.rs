//! Against SMPP that nobody here wrote: two foreign carriers, a foreign client, and tshark as the judge.

use std::collections::BTreeMap;

use base::id::OrgId;
use messaging::reply::Keyword;
use messaging::store;
use serde_json::Value;

use crate::support::foreign::{Peer, Tools, tools};
use crate::support::list::{Person, people};
use crate::support::place::Place;
use crate::support::process::{Program, todoke};
use crate::support::runtime;

const LONG: &str = "保健所です。療養のご案内です。あなたの番号は{{HER-SYS ID}}です。毎日の体調を登録してください。息苦しいときは、すぐにお電話ください。電話は24時間つながります。";

fn text_for(person: &Person) -> String {
    LONG.replace("{{HER-SYS ID}}", &person.id)
}

/// The texts that the foreign carrier read, its parts put together by their headers.
fn texts(events: &[Value]) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<(String, String), String> = BTreeMap::new();
    for event in events
        .iter()
        .filter(|event| event["event"] == "submit" && event["status"] == 0)
    {
        let (to, udh) = (
            event["destination_addr"].as_str().unwrap(),
            event["udh"].as_str().unwrap(),
        );
        let earlier = parts.insert(
            (to.to_owned(), udh.to_owned()),
            event["text"].as_str().unwrap().to_owned(),
        );
        assert!(earlier.is_none(), "{event} came twice");
    }
    let mut texts = BTreeMap::<String, String>::new();
    for ((to, _), text) in parts {
        texts.entry(to).or_default().push_str(&text);
    }
    texts
}

/// Sends long texts through a tap to a foreign carrier: all arrive whole, all are delivered, and the dissector
/// finds nothing wrong with what was said.
fn interoperates(tools: &Tools, smsc: Program, settings: &str) {
    let place = Place::sqlite();
    let people = people(0..25);
    let capture = place.path("line.pcap");
    let smsc = Peer::start(smsc);
    let to = format!("127.0.0.1:{}", smsc.port);
    let tap = Peer::start(
        tools
            .python("tap.py")
            .args(&["--to", &to])
            .arg("--capture")
            .arg(&capture),
    );
    let url = format!("smpp://todoke:secret@127.0.0.1:{}?{settings}", tap.port);
    let list = place.list("朝.csv", &people);
    let report = place
        .send_text(&list, LONG)
        .args(&["--carrier", &url])
        .run()
        .exits(0)
        .report();
    report.all("delivered", 25);
    tap.stop();
    let events = smsc.stop();
    let expected: BTreeMap<String, String> = people
        .iter()
        .map(|person| (person.message().0, text_for(person)))
        .collect();
    assert_eq!(texts(&events), expected);
    let count = events.last().unwrap();
    assert_eq!(
        (&count["event"], &count["accepted"]),
        (&"count".into(), &50.into())
    );

    let judged = tools.dissect(&capture).exits(0).json();
    assert_eq!(
        (&judged["malformed"], &judged["unread"]),
        (&0.into(), &0.into()),
        "{judged}"
    );
    for command in ["submit_sm_resp", "deliver_sm", "deliver_sm_resp"] {
        assert_eq!(
            judged["commands"][command],
            judged["commands"]["submit_sm"].as_u64().unwrap().min(50),
            "{judged}"
        );
    }
    // The PyPI package does not answer an unbind.
    assert!(judged["commands"]["unbind"].as_u64() >= Some(1), "{judged}");
}

#[test]
fn the_npm_carrier_gets_every_text_and_gives_every_receipt() {
    let Some(tools) = tools() else { return };
    let smsc = || tools.node("npm-smsc.mjs");
    interoperates(
        &tools,
        smsc().args(&["--receipts", "text", "--id-format", "hex"]),
        "window=10",
    );
    interoperates(
        &tools,
        smsc().args(&["--receipts", "tlv", "--receipt-delay", "50"]),
        "window=10&mode=tx_rx",
    );
}

#[test]
fn the_pypi_carrier_gets_every_text_and_gives_every_receipt() {
    let Some(tools) = tools() else { return };
    let smsc = || tools.python("pypi_smsc.py");
    interoperates(&tools, smsc().args(&["--receipts", "both"]), "window=10");
}

#[test]
fn a_foreign_carrier_that_throttles_or_cuts_the_line_gets_nobody_twice() {
    let Some(tools) = tools() else { return };
    for trouble in [["--throttle-every", "7"], ["--drop-after", "9"]] {
        let place = Place::sqlite();
        let smsc = Peer::start(tools.node("npm-smsc.mjs").args(&trouble));
        let url = format!("smpp://todoke:secret@127.0.0.1:{}?window=2", smsc.port);
        let list = place.list("朝.csv", &people(0..20));
        // A cut line takes this carrier's receipts with it.
        let report = place
            .send(&list)
            .args(&["--wait", "1", "--carrier", &url])
            .run()
            .report();
        let taken = report.count("delivered") + report.count("accepted");
        let unknown = report.count("unconfirmed");
        assert_eq!(taken + unknown, 20, "{}", report.0);
        assert!(unknown <= 2, "{}", report.0);
        // Its last answers may have gone with the line.
        let reached = texts(&smsc.stop()).len();
        assert!(
            (taken..=taken + unknown).contains(&reached),
            "{reached}: {}",
            report.0
        );
    }
}

#[test]
fn a_foreign_carrier_refuses_a_wrong_password() {
    let Some(tools) = tools() else { return };
    let place = Place::sqlite();
    let smsc = Peer::start(tools.node("npm-smsc.mjs").args(&["--password", "another"]));
    let url = format!("smpp://todoke:secret@127.0.0.1:{}", smsc.port);
    let list = place.list("朝.csv", &people(0..3));
    let ended = place.send(&list).args(&["--carrier", &url]).run().exits(1);
    ended
        .says("携帯電話会社が接続を断りました")
        .report()
        .all("cancelled", 3);
    smsc.stop();
}

#[test]
fn what_a_foreign_carrier_hands_on_from_a_phone_is_in_the_inbox_and_acts() {
    let Some(tools) = tools() else { return };
    let place = Place::sqlite();
    let smsc = Peer::start(tools.node("npm-smsc.mjs").args(&["--reply", "停止"]));
    let url = format!("smpp://todoke:secret@127.0.0.1:{}", smsc.port);
    let list = place.list("朝.csv", &people(0..3));
    place
        .send(&list)
        .args(&["--carrier", &url])
        .run()
        .exits(0)
        .report()
        .all("delivered", 3);
    smsc.stop();
    let replies = runtime().block_on(async {
        let db = place.database.open().await.unwrap();
        store::replies(&db, OrgId::FIRST, None, None, (10, 0))
            .await
            .unwrap()
    });
    assert_eq!(replies.len(), 3);
    for reply in replies {
        assert_eq!(
            (reply.text.as_str(), reply.keyword),
            ("停止", Some(Keyword::Stop))
        );
        assert!(reply.report.is_some() && reply.answers.is_some());
    }
}

/// `todoke smsc` and its port.
fn simulator(flags: &[&str]) -> (crate::support::process::Running, String) {
    let mut smsc = todoke()
        .args(&["smsc", "--listen", "127.0.0.1:0", "--json"])
        .args(flags)
        .start();
    let line = smsc.line_with("で待っています");
    let (_, rest) = line.split_once("127.0.0.1:").unwrap();
    (smsc, rest.split(' ').next().unwrap().to_owned())
}

#[test]
fn a_foreign_client_is_served_by_our_simulated_carrier() {
    let Some(tools) = tools() else { return };
    let text = "陽性の方へのお知らせです。".repeat(8);
    let client = |port: &str, flags: &[&str]| {
        tools
            .python("smpplib_client.py")
            .args(&["--port", port, "--text", &text])
            .args(flags)
            .run()
    };
    let (smsc, port) = simulator(&["--account", "todoke:secret", "--throttle-every", "6"]);
    let seen = client(&port, &["--count", "9"]).json();
    assert_eq!(
        (&seen["accepted"], &seen["refused"]["88"]),
        (&15.into(), &3.into()),
        "{seen}"
    );
    assert_eq!(
        (&seen["receipts"]["DELIVRD"], &seen["unknown_receipts"]),
        (&15.into(), &0.into()),
        "{seen}"
    );
    let apart = client(
        &port,
        &[
            "--count",
            "1",
            "--bind",
            "separate",
            "--destination",
            "819020000000",
        ],
    )
    .exits(0)
    .json();
    assert_eq!(apart["receipts"]["DELIVRD"], 2, "{apart}");
    let refused = client(&port, &["--password", "wrong"]).exits(3).json();
    assert_eq!(refused["bind_refused"], 14, "{refused}");
    smsc.signal("TERM");
    let ended = smsc.wait().exits(0);
    let counted: Value = serde_json::from_str(ended.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&counted["submits"], &counted["binds_refused"]),
        (&20.into(), &1.into()),
        "{counted}"
    );
}

#[test]
fn the_simulated_carrier_does_the_same_again_under_the_same_seed() {
    let Some(tools) = tools() else { return };
    let receipts = |seed: &str| {
        let (_smsc, port) = simulator(&["--seed", seed, "--undelivered", "0.3", "--expired", "0.2"]);
        let client = tools
            .python("smpplib_client.py")
            .args(&["--port", &port, "--count", "60"]);
        client.run().exits(0).json()["receipts"].clone()
    };
    let first = receipts("7");
    assert_eq!(first, receipts("7"));
    assert!(
        first["UNDELIV"].as_u64() > Some(0) && first["EXPIRED"].as_u64() > Some(0),
        "{first}"
    );
}
