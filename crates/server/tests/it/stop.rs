//! It can be stopped: what is withdrawn, stopped or discarded does not leave, and the counts are exact.

use std::time::Duration;

use crate::support::browser::Browser;
use crate::support::carrier::Carrier;
use crate::support::list::{Person, people};
use crate::support::place::Place;
use crate::support::serving::{PASSWORD, SentList, Serving, add_account};
use crate::support::{until, until_true};

struct Desk {
    serving: Serving,
    browser: Browser,
    carrier: Carrier,
}

impl Desk {
    /// A desk at a slow carrier with a window of two.
    fn open(place: &Place, hold: &str) -> Self {
        let carrier = Carrier::with(|config| config.answer_delay = Duration::from_millis(15));
        add_account(place, "asaka", None);
        let url = carrier.url_with("window=2");
        let serving = Serving::start(place.serve().args(&["--hold", hold, "--carrier", &url]));
        let mut browser = serving.browser();
        browser.sign_in("asaka", PASSWORD);
        Self {
            serving,
            browser,
            carrier,
        }
    }

    /// Presses a button of the broadcast, on the page where it stands.
    fn press(&mut self, sent: &SentList, page: &str, action: &str) {
        let (page, action) = (
            format!("{}{page}", sent.broadcast),
            format!("{}{action}", sent.broadcast),
        );
        self.browser.submit(&page, &action, &[]).leads_to();
    }

    /// How many rows of the report stand under this label.
    fn count(&mut self, sent: &SentList, label: &str) -> usize {
        let export = format!("{}/export", sent.broadcast);
        let fields = [("form", "csv"), ("purpose", "確認")];
        let report = self.browser.submit(&export, &export, &fields).body();
        report
            .lines()
            .filter(|line| line.split(',').nth(2) == Some(label))
            .count()
    }
}

#[test]
fn withdrawn_in_the_hold_window_nobody_gets_it() {
    for place in Place::each() {
        let mut desk = Desk::open(&place, "3600");
        until_true("the carrier is bound", || desk.carrier.binds() == 1);
        let sent = SentList::of(&mut desk.browser, "朝.csv", &people(0..6));
        desk.press(&sent, "/discard", "/discard");
        assert_eq!(desk.count(&sent, "取消"), 6);
        desk.serving.process.signal("TERM");
        desk.serving.process.wait().exits(0);
        assert_eq!(desk.carrier.submits(), 0);
    }
}

#[test]
fn after_stop_no_more_than_the_window_leaves_and_resume_sends_the_rest_once() {
    for place in Place::each() {
        let mut desk = Desk::open(&place, "0");
        let everybody = people(0..60);
        let sent = SentList::of(&mut desk.browser, "朝.csv", &everybody);
        until_true("sending has begun", || desk.carrier.submits() >= 6);
        desk.press(&sent, "", "/stop");
        let at_stop = desk.carrier.submits();
        let moving = |desk: &mut Desk| desk.count(&sent, "送信中") + desk.count(&sent, "送信済（結果待ち）");
        until_true("what was under way has ended", || moving(&mut desk) == 0);
        let waiting = desk.count(&sent, "送信待ち");
        assert!(waiting > 0, "the carrier was too quick for this test");
        assert_eq!(desk.count(&sent, "着信済"), 60 - waiting);
        assert_eq!(desk.carrier.submits(), 60 - waiting as u64);
        assert!(desk.carrier.submits() <= at_stop + 2, "{at_stop}");

        desk.press(&sent, "", "/resume");
        until_true("all are delivered", || desk.count(&sent, "着信済") == 60);
        desk.carrier.took_each_once(&everybody);
    }
}

#[test]
fn what_is_discarded_while_sending_never_left() {
    let place = Place::sqlite();
    let mut desk = Desk::open(&place, "0");
    let everybody = people(0..60);
    let sent = SentList::of(&mut desk.browser, "朝.csv", &everybody);
    until_true("sending has begun", || desk.carrier.submits() >= 6);
    desk.press(&sent, "", "/stop");
    desk.press(&sent, "/discard", "/discard");
    let delivered = until("what was under way has ended", || {
        let (delivered, cancelled) = (desk.count(&sent, "着信済"), desk.count(&sent, "取消"));
        (delivered + cancelled == 60).then_some(delivered)
    });
    let taken = desk.carrier.taken();
    assert_eq!(taken.len(), delivered);
    let reached: Vec<Person> = everybody
        .iter()
        .filter(|person| taken.contains_key(&person.message()))
        .cloned()
        .collect();
    desk.carrier.took_each_once(&reached);

    // Discarded rows are not lost: the same list sends them, and only them.
    let list = place.list("午後.csv", &everybody);
    drop(desk.serving);
    let again = Carrier::new();
    let report = place
        .send(&list)
        .args(&["--carrier", &again.url()])
        .run()
        .exits(0)
        .report();
    report.all("delivered", 60);
    assert_eq!(again.taken().len(), 60 - delivered);
}

#[test]
fn an_interrupted_command_cancels_what_waits_and_the_same_command_sends_it() {
    for place in Place::each() {
        let carrier = Carrier::with(|config| config.answer_delay = Duration::from_millis(15));
        let everybody = people(0..60);
        let list = place.list("朝.csv", &everybody);
        let url = carrier.url_with("window=2");
        let sending = place.send(&list).args(&["--carrier", &url]).start();
        until_true("sending has begun", || carrier.submits() >= 6);
        sending.signal("INT");
        let report = sending.wait().exits(2).says("中断しました").report();
        let taken = report.count("delivered") + report.count("accepted");
        assert_eq!(
            (taken + report.count("cancelled"), carrier.taken().len()),
            (60, taken),
            "{}",
            report.0
        );
        place
            .send(&list)
            .args(&["--carrier", &url])
            .run()
            .exits(0)
            .report()
            .all("delivered", 60);
        carrier.took_each_once(&everybody);
    }
}
