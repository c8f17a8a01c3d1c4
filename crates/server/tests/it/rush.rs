//! The busiest quarter of an hour at once: every office sends its list while everybody looks at pages.

use std::thread;

use crate::support::browser::Browser;
use crate::support::carrier::Carrier;
use crate::support::crowd::Crowd;
use crate::support::list::{Person, people};
use crate::support::place::Place;
use crate::support::serving::{SentList, Serving};
use crate::support::{runtime, until_true};

const OFFICES: usize = 17;
const OTHERS: usize = 300;

/// A list of 70 to 300 people of one office; nobody is on two.
fn list_of(office: usize) -> Vec<Person> {
    let first = u32::try_from(office).unwrap() * 1_000;
    let length = 70 + u32::try_from(office).unwrap() * 230 / 16;
    people(first..first + length)
}

/// The first address of a broadcast or list on the page.
fn first_link(page: &str) -> Option<String> {
    let links = page
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next());
    let mut named = links.filter(|link| link.starts_with("/broadcasts/") || link.starts_with("/lists/"));
    named
        .find(|link| link.ends_with(|c: char| c.is_ascii_digit()))
        .map(str::to_owned)
}

/// What one person looks at: the day, what stands first there, two more pages, the day again.
fn look_around(browser: &mut Browser) -> usize {
    let mut seen = 0;
    let mut look = |path: &str| {
        let page = browser.get(path);
        assert_eq!(page.status, 200, "{path}: {}", page.body());
        seen += 1;
        page.body()
    };
    let day = look("/");
    if let Some(link) = first_link(&day) {
        look(&link);
    }
    for path in ["/templates", "/numbers", "/"] {
        look(path);
    }
    seen
}

/// How many rows of the report arrived, and how many there are.
fn counted(browser: &mut Browser, sent: &SentList) -> (usize, usize) {
    let export = format!("{}/export", sent.broadcast);
    let report = browser.submit(&export, &export, &[("form", "csv"), ("purpose", "確認")]);
    assert_eq!(report.status, 200);
    let body = report.body();
    // The first line is the headings, the last one says who took the file.
    let rows = body.lines().skip(1).filter(|line| !line.starts_with("書き出し"));
    let arrived = rows
        .clone()
        .filter(|line| line.split(',').nth(2) == Some("着信済"));
    (arrived.count(), rows.count())
}

#[test]
fn seventeen_offices_send_at_once_while_three_hundred_people_browse() {
    for place in Place::each() {
        let crowd = runtime().block_on(async {
            let db = place.database.open().await.unwrap();
            Crowd::settle(&db, OFFICES, OTHERS).await.unwrap()
        });
        let carrier = Carrier::new();
        let serving = Serving::start(place.serve().args(&["--hold", "0", "--carrier", &carrier.url()]));
        let address = serving.staff;
        let mut sent = Vec::new();
        thread::scope(|scope| {
            let senders: Vec<_> = crowd
                .senders
                .iter()
                .enumerate()
                .map(|(office, sender)| {
                    scope.spawn(move || {
                        let mut browser = Browser::signed_in(address, &sender.cookie);
                        let sent = SentList::of(&mut browser, &format!("第{office}.csv"), &list_of(office));
                        (browser, sent, office)
                    })
                })
                .collect();
            let others: Vec<_> = crowd
                .others
                .iter()
                .map(|member| {
                    scope.spawn(move || look_around(&mut Browser::signed_in(address, &member.cookie)))
                })
                .collect();
            let pages: usize = others.into_iter().map(|other| other.join().unwrap()).sum();
            assert!(pages >= 4 * OTHERS, "{pages}");
            sent.extend(senders.into_iter().map(|sender| sender.join().unwrap()));
        });
        let everybody: Vec<Person> = (0..OFFICES).flat_map(list_of).collect();
        for (browser, sent, office) in &mut sent {
            let length = list_of(*office).len();
            until_true("every row of the office has arrived", || {
                let (arrived, rows) = counted(browser, sent);
                assert_eq!(rows, length, "no row is lost");
                arrived == length
            });
        }
        carrier.took_each_once(&everybody);
        assert_eq!(
            carrier.submits(),
            everybody.len() as u64,
            "nothing was tried twice"
        );
    }
}
