//! Carriers on bad days: throttling, cut lines, receipts of every kind and order, refusals, silence.

use std::sync::Arc;
use std::time::Duration;

use smpp::smsc::{
    Account, Accounts, BindAnswer, Cut, CutWhen, MessageIdFormat, ReceiptFormat, ReceiptPlan, SmscConfig,
    SubmitAnswer,
};

use crate::support::carrier::Carrier;
use crate::support::list::{fated, people};
use crate::support::place::Place;
use crate::support::process::Running;
use crate::support::until_true;

/// Sends 30 rows to such a carrier: each is accepted once and delivered.
#[track_caller]
fn all_are_delivered(settings: &str, change: impl Fn(&mut SmscConfig)) -> Carrier {
    let (place, carrier) = (Place::sqlite(), Carrier::with(change));
    let people = people(0..30);
    let list = place.list("朝.csv", &people);
    let ended = place
        .send(&list)
        .args(&["--carrier", &carrier.url_with(settings)])
        .run()
        .exits(0);
    ended.report().all("delivered", 30);
    carrier.took_each_once(&people);
    carrier
}

#[test]
fn throttled_rows_go_back_without_being_lost_or_doubled() {
    let carrier = all_are_delivered("window=10", |config| config.throttle_every = Some(7));
    assert!(carrier.submits() > 30);
    all_are_delivered("window=10", |config| config.throttle_rate = Some(40));
}

#[test]
fn a_rate_of_our_own_keeps_below_the_carriers() {
    let limited = |config: &mut SmscConfig| config.throttle_rate = Some(60);
    let (without, with) = (
        all_are_delivered("", limited),
        all_are_delivered("rate=30", limited),
    );
    assert!(without.submits() > 50, "{} were not throttled", without.submits());
    assert!(
        with.submits() < without.submits(),
        "{} and {}",
        with.submits(),
        without.submits()
    );
}

#[test]
fn temporary_refusals_pass_and_permanent_ones_keep_the_carriers_code() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let rows = ["0001", "0002", "0003", "0004", "0011", "0012", "0013", "0014"].map(fated);
    let report = place
        .send(&place.list("朝.csv", &rows))
        .args(&["--carrier", &carrier.url()])
        .run()
        .exits(2)
        .report();
    let states: Vec<&str> = (2..=9).map(|line| report.state(line)).collect();
    assert_eq!(
        states[..7],
        [
            "rejected",
            "rejected",
            "delivered",
            "delivered",
            "undelivered",
            "expired",
            "rejected"
        ]
    );
    assert_eq!(report.row(2)["carrier_code"], "0x0B ESME_RINVDSTADR");
    assert_eq!(report.row(3)["carrier_code"], "0x45 ESME_RSUBMITFAIL");
    assert!(report.row(6)["carrier_code"].is_string(), "{}", report.0);
}

#[test]
fn receipts_may_come_early_late_twice_reversed_and_contradicted() {
    for format in [ReceiptFormat::Text, ReceiptFormat::Tlv, ReceiptFormat::Both] {
        all_are_delivered("window=5", |config| {
            config.receipts = ReceiptPlan {
                delay_max: Duration::from_millis(60),
                duplicates: 0.5,
                reversed: 0.5,
                early: 0.5,
                contradicted: 0.5,
                format,
                ..ReceiptPlan::default()
            };
        });
    }
}

#[test]
fn ids_are_matched_however_the_carrier_writes_them() {
    let ids = |answers, receipts| {
        move |config: &mut SmscConfig| {
            config.first_message_id = 0xABCD_EF01;
            (config.message_id, config.receipt_message_id) = (answers, receipts);
        }
    };
    all_are_delivered(
        "ids=hex_answers",
        ids(MessageIdFormat::Hexadecimal, MessageIdFormat::Decimal),
    );
    all_are_delivered(
        "ids=numeric",
        ids(MessageIdFormat::Decimal, MessageIdFormat::LeadingZeros),
    );
    all_are_delivered(
        "",
        ids(MessageIdFormat::Hexadecimal, MessageIdFormat::Hexadecimal),
    );
}

#[test]
fn transmitter_and_receiver_apart_and_several_binds() {
    assert_eq!(all_are_delivered("mode=tx_rx", |_| {}).binds(), 2);
    let slow = |config: &mut SmscConfig| config.answer_delay = Duration::from_millis(20);
    assert_eq!(all_are_delivered("binds=3&window=2", slow).binds(), 3);
}

#[test]
fn the_window_is_never_overrun() {
    let slow = |config: &mut SmscConfig| config.answer_delay = Duration::from_millis(20);
    let carrier = all_are_delivered("window=6", slow);
    assert_eq!(carrier.smsc.counters().unanswered_peak, 6);
}

#[test]
fn several_carriers_share_the_rows() {
    for place in Place::each() {
        let slow = |config: &mut SmscConfig| config.answer_delay = Duration::from_millis(20);
        let (one, other) = (Carrier::with(slow), Carrier::with(slow));
        let people = people(0..40);
        let list = place.list("朝.csv", &people);
        let flags = [
            "--carrier",
            &one.url_with("window=2"),
            "--carrier",
            &other.url_with("window=2"),
        ];
        place
            .send(&list)
            .args(&flags)
            .run()
            .exits(0)
            .report()
            .all("delivered", 40);
        assert_eq!(one.submits() + other.submits(), 40);
        assert!(
            one.submits() > 0 && other.submits() > 0,
            "{} and {}",
            one.submits(),
            other.submits()
        );
    }
}

#[test]
fn an_idle_line_is_asked_whether_it_is_there() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let list = place.list("朝.csv", &[fated("0019")]);
    let flags = ["--wait", "2.5", "--carrier", &carrier.url_with("enquire=1")];
    place
        .send(&list)
        .args(&flags)
        .run()
        .exits(0)
        .report()
        .all("accepted", 1);
    let seen = carrier.smsc.counters();
    assert!(seen.enquire_links >= 1 && seen.unbinds == 1, "{seen:?}");
}

#[test]
fn one_dead_carrier_does_not_stop_the_other() {
    let (place, carrier) = (Place::sqlite(), Carrier::new());
    let people = people(0..20);
    let list = place.list("朝.csv", &people);
    let flags = ["--carrier", &nowhere(), "--carrier", &carrier.url()];
    place
        .send(&list)
        .args(&flags)
        .run()
        .exits(0)
        .report()
        .all("delivered", 20);
    carrier.took_each_once(&people);
}

#[test]
fn a_line_cut_after_the_answer_loses_nothing() {
    let cut = Cut {
        every: 10,
        when: CutWhen::AfterAnswer,
    };
    let carrier = all_are_delivered("window=1", |config| config.cut = Some(cut));
    assert!(carrier.binds() > 1);
}

#[test]
fn a_line_cut_before_the_answer_sends_nobody_twice_and_says_what_is_unknown() {
    for place in Place::each() {
        let cut = Cut {
            every: 10,
            when: CutWhen::BeforeAnswer,
        };
        let carrier = Carrier::with(|config| config.cut = Some(cut));
        let people = people(0..25);
        let list = place.list("朝.csv", &people);
        let send = || {
            place
                .send(&list)
                .args(&["--carrier", &carrier.url_with("window=3")])
                .run()
                .report()
        };
        let report = send();
        let (delivered, unknown) = (report.count("delivered"), report.count("unconfirmed"));
        assert_eq!(delivered + unknown, 25, "{}", report.0);
        assert!(unknown <= 2 * 3, "more than a window per cut: {}", report.0);
        let again = send();
        assert_eq!(again.count("delivered") + again.count("unconfirmed"), 25);
        let taken = carrier.taken();
        assert!(taken.values().all(|count| *count == 1), "{taken:?}");
    }
}

#[test]
fn an_outage_in_the_middle_is_waited_for() {
    let slow = |config: &mut SmscConfig| config.answer_delay = Duration::from_millis(10);
    let (place, carrier) = (Place::sqlite(), Carrier::with(slow));
    let people = people(0..30);
    let list = place.list("朝.csv", &people);
    let sending = place
        .send(&list)
        .args(&["--carrier", &carrier.url_with("window=2")])
        .start();
    until_true("some are taken", || carrier.submits() >= 8);
    carrier.smsc.set_outage(true);
    until_true("a bind is refused", || carrier.smsc.counters().binds_refused > 0);
    carrier.smsc.set_outage(false);
    let report = sending.wait().report();
    assert_eq!(
        report.count("delivered") + report.count("unconfirmed"),
        30,
        "{}",
        report.0
    );
    assert!(report.count("unconfirmed") <= 2, "{}", report.0);
    assert!(carrier.taken().values().all(|count| *count == 1));
}

#[test]
fn a_wrong_password_is_said_at_once_and_the_right_one_sends_the_rest() {
    let account = Account {
        system_id: "todoke".to_owned(),
        password: "another".to_owned(),
    };
    let (place, carrier) = (
        Place::sqlite(),
        Carrier::with(|config| config.accounts = Accounts::Only(vec![account])),
    );
    let people = people(0..5);
    let list = place.list("朝.csv", &people);
    let refused = place
        .send(&list)
        .args(&["--carrier", &carrier.url()])
        .run()
        .exits(1);
    let refused = refused
        .says("携帯電話会社が接続を断りました")
        .says("パスワード")
        .says("もう一度実行すると");
    assert!(!refused.stderr.contains("secret"), "{}", refused.stderr);
    refused.report().all("cancelled", 5);
    assert_eq!(carrier.submits(), 0);

    let right = carrier.url().replace(":secret@", ":another@");
    place
        .send(&list)
        .args(&["--carrier", &right])
        .run()
        .exits(0)
        .report()
        .all("delivered", 5);
    carrier.took_each_once(&people);
}

#[test]
fn a_carrier_that_never_answers_leaves_unknowns_that_late_receipts_settle() {
    let (place, carrier) = (
        Place::sqlite(),
        Carrier::with(|config| {
            config.submit_answer = SubmitAnswer::Never;
            config.receipts.delay_min = Duration::from_millis(1_500);
            config.receipts.delay_max = Duration::from_millis(1_500);
        }),
    );
    let people = people(0..3);
    let list = place.list("朝.csv", &people);
    let send = || {
        place
            .send(&list)
            .args(&["--carrier", &carrier.url_with("answer_timeout=1")])
            .run()
    };
    send().exits(2).report().all("unconfirmed", 3);
    // The receipts wait at the carrier for whoever binds next; one bind that stays long enough gets them.
    until_true("the late receipts are in", || {
        send().report().count("delivered") == 3
    });
    carrier.took_each_once(&people);
}

/// An address where nothing listens.
fn nowhere() -> String {
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    format!("smpp://todoke:secret@127.0.0.1:{port}")
}

/// A TLS carrier with a certificate of its own, and the file of that certificate.
fn tls_carrier(place: &Place) -> (Carrier, String) {
    let certified = rcgen::generate_simple_self_signed(vec!["smsc.test".to_owned()]).unwrap();
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
    let server =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key.into())
            .unwrap();
    let ca = place.write("ca.pem", certified.cert.pem());
    (
        Carrier::with(|config| config.tls = Some(Arc::new(server))),
        ca.display().to_string(),
    )
}

fn encrypted(url: &str) -> String {
    url.replace("smpp://", "smpps://")
}

/// All of these wait the same twenty seconds before they give up, so they wait together.
#[test]
fn carriers_that_cannot_be_reached_are_given_up_with_a_sentence_and_nothing_is_sent() {
    let place = Place::sqlite();
    let (tls, _) = tls_carrier(&place);
    let (plain, mute) = (
        Carrier::new(),
        Carrier::with(|config| config.bind_answer = BindAnswer::Never),
    );
    let cases = [
        (nowhere(), "つながりません"),
        (mute.url_with("answer_timeout=2"), "応答しません"),
        (encrypted(&tls.url()), "暗号化した接続ができません"),
        (encrypted(&plain.url()), "暗号化した接続ができません"),
        (tls.url_with("answer_timeout=2"), "。"),
    ];
    let starts = cases.map(|(url, words)| {
        let place = Place::sqlite();
        let list = place.list("朝.csv", &people(0..4));
        let running: Running = place.send(&list).args(&["--carrier", &url]).start();
        (place, url, running, words)
    });
    for (_place, url, running, words) in starts {
        let ended = running.wait();
        assert_eq!(ended.code, Some(1), "{url}: {}", ended.stderr);
        let ended = ended.says(words).says("まだ渡していなかった分は取り消しました");
        ended.report().all("cancelled", 4);
    }
    assert_eq!(plain.submits() + mute.submits() + tls.submits(), 0);
}

#[test]
fn over_tls_with_the_right_certificate_everything_arrives() {
    let place = Place::sqlite();
    let (carrier, ca) = tls_carrier(&place);
    let people = people(0..10);
    let list = place.list("朝.csv", &people);
    let url = encrypted(&carrier.url_with(&format!("tls_name=smsc.test&ca={ca}")));
    place
        .send(&list)
        .args(&["--carrier", &url])
        .run()
        .exits(0)
        .report()
        .all("delivered", 10);
    carrier.took_each_once(&people);
}
