//! Several processes on one PostgreSQL and one counting carrier: work is leased, never shared.

use std::time::Duration;

use crate::support::carrier::Carrier;
use crate::support::list::{Person, people};
use crate::support::place::Place;
use crate::support::process::Running;
use crate::support::serving::Serving;
use crate::support::until_true;

fn start(place: &Place, carrier: &Carrier, name: &str, people: &[Person]) -> Running {
    let list = place.list(name, people);
    place
        .send(&list)
        .args(&["--carrier", &carrier.url_with("window=4")])
        .start()
}

fn slow() -> Carrier {
    Carrier::with(|config| config.answer_delay = Duration::from_millis(15))
}

#[test]
fn three_processes_with_overlapping_lists_hand_every_row_over_once() {
    let Some(place) = Place::postgres() else { return };
    let carrier = slow();
    let lists = [people(0..70), people(50..130), people(110..180)];
    let running = [0, 1, 2].map(|n| start(&place, &carrier, &format!("{n}.csv"), &lists[n]));
    for (process, list) in running.into_iter().zip(&lists) {
        process.wait().exits(0).report().all("delivered", list.len());
    }
    carrier.took_each_once(&people(0..180));
}

#[test]
fn three_processes_with_the_same_list_send_it_once() {
    let Some(place) = Place::postgres() else { return };
    let carrier = slow();
    let everybody = people(0..120);
    let running = [0, 1, 2].map(|n| start(&place, &carrier, &format!("{n}.csv"), &everybody));
    for process in running {
        process.wait().exits(0).report().all("delivered", 120);
    }
    carrier.took_each_once(&everybody);
}

#[test]
fn a_node_that_dies_leaves_at_most_its_window_unknown_and_the_others_send_the_rest() {
    let Some(place) = Place::postgres() else { return };
    let carrier = slow();
    let everybody = people(0..120);
    let dying = start(&place, &carrier, "0.csv", &everybody);
    until_true("the first hands over", || carrier.submits() >= 10);
    let others = [1, 2].map(|n| start(&place, &carrier, &format!("{n}.csv"), &everybody));
    until_true("the others are bound", || carrier.binds() == 3);
    drop(dying);
    for process in others {
        let report = process.wait().report();
        assert_eq!(
            report.count("delivered") + report.count("unconfirmed"),
            120,
            "{}",
            report.0
        );
        assert!(report.count("unconfirmed") <= 4, "{}", report.0);
    }
    assert!(carrier.taken().values().all(|count| *count == 1));
}

#[test]
fn servers_send_what_another_process_has_stored() {
    let Some(place) = Place::postgres() else { return };
    let (carrier, everybody) = (slow(), people(0..90));
    let serve = || Serving::start(place.serve().args(&["--carrier", &carrier.url_with("window=4")]));
    // The one that makes the database makes its key; the other finds both.
    let servers = [serve(), serve()];
    until_true("both are bound", || carrier.binds() == 2);
    start(&place, &carrier, "朝.csv", &everybody)
        .wait()
        .exits(0)
        .report()
        .all("delivered", 90);
    carrier.took_each_once(&everybody);
    for server in servers {
        server.process.signal("TERM");
        server.process.wait().exits(0);
    }
}
