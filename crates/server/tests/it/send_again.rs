//! Running it again never sends twice: a row is recognised by what it would do.

use base::id::{BroadcastId, OrgId};

use crate::support::carrier::Carrier;
use crate::support::list::{self, Person, TEMPLATE, fated, people};
use crate::support::place::Place;
use crate::support::process::Report;
use crate::support::{runtime, until_true};

#[test]
fn another_name_order_format_or_carrier_sends_nothing_and_more_rows_only_the_new_ones() {
    for place in Place::each() {
        let (first, second) = (Carrier::new(), Carrier::new());
        let people = people(0..20);
        let send = |path: &std::path::Path, carrier: &Carrier| {
            place
                .send(path)
                .args(&["--carrier", &carrier.url()])
                .run()
                .exits(0)
                .report()
        };
        let list = place.list("朝.csv", &people);
        let report = send(&list, &first);
        report.all("delivered", 20);

        let again = send(&list, &first);
        assert_eq!(again.0, report.0, "the same rows, ids and broadcast");

        let mut turned = people.clone();
        turned.reverse();
        send(&place.list("昼.csv", &turned), &first).all("delivered", 20);
        send(&place.write("夕.xlsx", list::xlsx(&people)), &second).all("delivered", 20);
        assert_eq!((first.submits(), second.submits()), (20, 0));

        let more = list::people(0..25);
        send(&place.list("夜.csv", &more), &second).all("delivered", 25);
        first.took_each_once(&people);
        second.took_each_once(&more[20..]);
    }
}

#[test]
fn another_text_to_the_same_number_is_another_message() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &people(0..3));
    let flags = ["--carrier", &carrier.url()];
    place.send(&list).args(&flags).run().exits(0);
    place
        .send_text(&list, "{{HER-SYS ID}} さん、その後いかがですか。")
        .args(&flags)
        .run()
        .exits(0);
    assert_eq!((carrier.submits(), carrier.taken().len()), (6, 6));
}

#[test]
fn with_a_purpose_nobody_is_written_to_twice_for_it_and_the_same_command_finds_its_own() {
    for place in Place::each() {
        let carrier = Carrier::new();
        let flags = ["--carrier", &carrier.url(), "--purpose", "first_touch"];
        let morning = place.list("朝.csv", &people(0..3));
        place
            .send(&morning)
            .args(&flags)
            .run()
            .exits(0)
            .report()
            .all("delivered", 3);
        place
            .send(&morning)
            .args(&flags)
            .run()
            .exits(0)
            .report()
            .all("delivered", 3);
        assert_eq!(carrier.submits(), 3);

        // Another text for the same purpose goes to the two people only who had none.
        let evening = place.list("夕.csv", &people(0..5));
        let other = "{{HER-SYS ID}} さん、保健所です。";
        let report = place
            .send_text(&evening, other)
            .args(&flags)
            .run()
            .exits(2)
            .report();
        assert_eq!((report.count("not_sent"), report.count("delivered")), (3, 2));
        assert_eq!(carrier.submits(), 5);
    }
}

#[test]
fn a_family_gets_each_text_and_a_doubled_row_goes_once_and_is_reported_twice() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let family = [
        Person::new("11111111", "09010001000"),
        Person::new("22222222", "090-1000-1000"),
    ];
    let rows = [&family[..], &family[..1]].concat();
    let report = place
        .send(&place.list("朝.csv", &rows))
        .args(&["--carrier", &carrier.url()])
        .run()
        .exits(0)
        .report();
    report.all("delivered", 3);
    assert_eq!(
        report.row(2)["carrier_message_id"],
        report.row(4)["carrier_message_id"]
    );
    assert_ne!(
        report.row(2)["carrier_message_id"],
        report.row(3)["carrier_message_id"]
    );
    carrier.took_each_once(&family);
}

#[test]
fn what_failed_is_shown_as_it_is_and_sent_again_only_with_a_reason() {
    for place in Place::each() {
        let carrier = Carrier::new();
        let list = place.list(
            "朝.csv",
            &[people(0..2), vec![fated("0011"), fated("0001")]].concat(),
        );
        let flags = ["--carrier", &carrier.url()];
        let first = place.send(&list).args(&flags).run().exits(2).report();
        let states = |report: &Report| {
            (2..=5)
                .map(|line| report.state(line).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            states(&first),
            ["delivered", "delivered", "undelivered", "rejected"]
        );

        let again = place.send(&list).args(&flags).run().exits(2).report();
        assert_eq!(again.0, first.0);
        assert_eq!(carrier.submits(), 4);

        let resend = ["--resend", "failed", "--resend-reason", "番号の名義を確かめた"];
        let anew = place
            .send(&list)
            .args(&flags)
            .args(&resend)
            .run()
            .exits(2)
            .report();
        assert_eq!(
            states(&anew),
            ["delivered", "delivered", "undelivered", "rejected"]
        );
        assert_ne!(anew.0["broadcast"], first.0["broadcast"]);
        let kept = resend_of(&place, &anew);
        assert_eq!(kept, ("failed".to_owned(), "番号の名義を確かめた".to_owned()));
        assert_eq!(carrier.submits(), 6);

        let all = ["--resend", "all", "--resend-reason", "文面の誤りを直したため"];
        place.send(&list).args(&flags).args(&all).run().exits(2);
        assert_eq!(carrier.submits(), 10);
    }
}

/// The scope and the reason that the database keeps.
fn resend_of(place: &Place, report: &Report) -> (String, String) {
    let id = BroadcastId::new(report.0["broadcast"].as_i64().unwrap());
    let broadcast = runtime().block_on(async {
        let db = place.database.open().await.unwrap();
        messaging::store::broadcast(&db, OrgId::FIRST, id)
            .await
            .unwrap()
            .unwrap()
    });
    broadcast.resend.unwrap()
}

#[test]
fn an_unknown_row_stays_unknown_until_a_person_sends_it_again() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &[people(0..2), vec![fated("0005")]].concat());
    let url = carrier.url_with("answer_timeout=1");
    let flags = ["--carrier", url.as_str()];
    let first = place.send(&list).args(&flags).run().exits(2).report();
    assert_eq!((first.count("delivered"), first.state(4)), (2, "unconfirmed"));
    let taken = carrier.submits();

    place.send(&list).args(&flags).run().exits(2);
    let failed = ["--resend", "failed", "--resend-reason", "失敗だけ"];
    place.send(&list).args(&flags).args(&failed).run().exits(2);
    assert_eq!(carrier.submits(), taken, "nothing resends it silently");

    let unconfirmed = [
        "--resend",
        "unconfirmed",
        "--resend-reason",
        "電話で届いていないと確かめた",
    ];
    place.send(&list).args(&flags).args(&unconfirmed).run().exits(2);
    assert_eq!(carrier.submits(), taken + 1);
}

#[test]
fn a_second_command_on_one_file_follows_the_first_and_never_binds() {
    let place = Place::sqlite();
    // The first lives on: one of its rows never gets a receipt.
    let (slow, other) = (
        Carrier::with(|config| config.answer_delay = std::time::Duration::from_millis(30)),
        Carrier::new(),
    );
    let people = people(0..20);
    let first_list = place.list("朝.csv", &[people.clone(), vec![fated("0019")]].concat());
    let first = place
        .send(&first_list)
        .args(&["--wait", "3600", "--carrier", &slow.url_with("window=1")])
        .start();
    until_true("the first sends", || slow.submits() > 0);

    let second = place
        .send(&place.list("別.csv", &people))
        .args(&["--carrier", &other.url()])
        .run()
        .exits(0);
    second.report().all("delivered", 20);
    assert_eq!((slow.binds(), other.binds()), (1, 0));
    until_true("the last row is taken", || slow.submits() == 21);
    assert!(slow.taken().values().all(|count| *count == 1));
    drop(first);
}

#[test]
fn different_lists_at_once_on_one_file_both_end_delivered() {
    let (place, carrier) = (
        Place::sqlite(),
        Carrier::with(|config| config.max_binds = Some(1)),
    );
    let (morning, noon) = (people(0..40), people(30..80));
    let start = |name: &str, people: &[Person]| {
        place
            .send(&place.list(name, people))
            .args(&["--carrier", &carrier.url_with("window=5")])
            .start()
    };
    let (first, second) = (start("朝.csv", &morning), start("昼.csv", &noon));
    first.wait().exits(0).report().all("delivered", 40);
    second.wait().exits(0).report().all("delivered", 50);
    carrier.took_each_once(&people(0..80));
}

#[test]
fn after_kill_9_the_same_command_finishes_what_was_unfinished() {
    for place in Place::each() {
        let carrier = Carrier::with(|config| config.answer_delay = std::time::Duration::from_millis(20));
        let people = people(0..40);
        let list = place.list("朝.csv", &people);
        let url = carrier.url_with("window=4");
        let killed = place.send(&list).args(&["--carrier", &url]).start();
        until_true("some are taken", || carrier.submits() >= 10);
        drop(killed);

        let report = place.send(&list).args(&["--carrier", &url]).run().report();
        let (delivered, unknown) = (report.count("delivered"), report.count("unconfirmed"));
        assert_eq!(delivered + unknown, 40, "{}", report.0);
        assert!(unknown <= 4, "more than a window is unknown: {}", report.0);
        let taken = carrier.taken();
        assert!(taken.values().all(|count| *count == 1), "{taken:?}");
        assert!(taken.len() >= delivered, "{taken:?}");
    }
}

#[test]
fn texts_differ_by_every_letter_of_the_template() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &people(0..1));
    let flags = ["--carrier", &carrier.url()];
    place.send(&list).args(&flags).run().exits(0);
    place
        .send_text(&list, &TEMPLATE.replace("{{HER-SYS ID}}", "{{ HER-SYS ID }}"))
        .args(&flags)
        .run()
        .exits(0);
    assert_eq!(carrier.submits(), 1, "spaces inside the braces mean nothing");
    place
        .send_text(&list, &format!("{TEMPLATE}　"))
        .args(&flags)
        .run()
        .exits(0);
    assert_eq!(carrier.submits(), 2);
}
