//! Long texts arrive whole, whichever way they are joined, whatever happens to their parts.

use std::collections::BTreeMap;

use smpp::pdu::CommandStatus;
use smpp::smsc::CarrierProfile;

use crate::support::carrier::Carrier;
use crate::support::list::{Person, fated, people};
use crate::support::place::Place;

/// Letters above U+FFFF where parts are cut, so that a careless cut would break one.
fn long_template() -> String {
    format!(
        "{}番号は{{{{HER-SYS ID}}}}です。",
        "𠮷野家の保健師です。🙂 ".repeat(11)
    )
}

fn expected(people: &[Person]) -> Vec<(String, String)> {
    let message = |person: &Person| {
        (
            person.message().0,
            long_template().replace("{{HER-SYS ID}}", &person.id),
        )
    };
    let mut all: Vec<_> = people.iter().map(message).collect();
    all.sort();
    all
}

#[test]
fn each_way_of_joining_brings_the_very_text_to_the_phone() {
    let units = long_template().encode_utf16().count();
    assert!(units > 140, "{units}");
    for way in ["udh8", "udh16", "sar", "payload"] {
        let (place, mut carrier) = (Place::sqlite(), Carrier::new());
        let people = people(0..12);
        let list = place.list("朝.csv", &people);
        let flags = ["--long-messages", way, "--carrier", &carrier.url()];
        let report = place
            .send_text(&list, &long_template())
            .args(&flags)
            .run()
            .exits(0)
            .report();
        report.all("delivered", 12);
        let mut phones = carrier.phones();
        phones.sort();
        assert_eq!(phones, expected(&people), "{way}");

        let parts: u64 = if way == "payload" { 1 } else { 3 };
        assert_eq!(carrier.submits(), 12 * parts, "{way}");
        let ids = report.row(2)["carrier_message_id"].as_str().unwrap();
        assert_eq!(
            ids.split([',', ' ']).filter(|id| !id.is_empty()).count() as u64,
            parts,
            "{way}: {ids}"
        );
    }
}

#[test]
fn only_refused_parts_are_tried_again_under_the_same_reference() {
    for place in Place::each() {
        let mut carrier = Carrier::with(|config| config.throttle_every = Some(4));
        let people = people(0..8);
        let list = place.list("朝.csv", &people);
        let flags = ["--carrier", &carrier.url_with("window=3")];
        place
            .send_text(&list, &long_template())
            .args(&flags)
            .run()
            .exits(0)
            .report()
            .all("delivered", 8);
        let mut phones = carrier.phones();
        phones.sort();
        assert_eq!(
            phones,
            expected(&people),
            "every phone shows its text once, joined"
        );

        let mut references: BTreeMap<String, Vec<u16>> = BTreeMap::new();
        let mut parts: BTreeMap<(String, u8), usize> = BTreeMap::new();
        for entry in carrier.smsc.journal() {
            let place = entry.place.unwrap();
            references
                .entry(entry.destination_addr.clone())
                .or_default()
                .push(match place.reference {
                    smpp::text::Reference::Eight(reference) => reference.into(),
                    smpp::text::Reference::Sixteen(reference) => reference,
                });
            if entry.command_status == CommandStatus::ESME_ROK {
                *parts.entry((entry.destination_addr, place.part)).or_default() += 1;
            }
        }
        assert!(
            references
                .values()
                .all(|all| all.iter().all(|one| *one == all[0])),
            "{references:?}"
        );
        assert!(
            parts.len() == 24 && parts.values().all(|count| *count == 1),
            "{parts:?}"
        );
    }
}

#[test]
fn delivered_needs_all_parts() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &[fated("0011"), fated("0019")]);
    let flags = ["--wait", "0.3", "--carrier", &carrier.url()];
    let report = place
        .send_text(&list, &long_template())
        .args(&flags)
        .run()
        .exits(0)
        .report();
    assert_eq!((report.state(2), report.state(3)), ("undelivered", "accepted"));
}

#[test]
fn what_a_carrier_finds_too_long_is_refused_with_its_code_and_what_we_know_to_be_too_long_is_not_sent() {
    let place = Place::sqlite();
    let carrier = Carrier::with(|config| config.profile = Some(CarrierProfile::Docomo));
    let list = place.list("朝.csv", &people(0..1));
    let flags = ["--carrier", &carrier.url()];
    let whole = "あ".repeat(652) + "{{HER-SYS ID}}";
    place
        .send_text(&list, &whole)
        .args(&flags)
        .run()
        .exits(0)
        .report()
        .all("delivered", 1);
    let before = carrier.submits();

    let over = "あ".repeat(653) + "{{HER-SYS ID}}";
    let ended = place
        .send_text(&list, &over)
        .args(&flags)
        .run()
        .exits(1)
        .says("[text.too_long]");
    ended.report().all("not_sent", 1);
    assert_eq!(carrier.submits(), before);
}
