//! Two nodes on one database look at cases and carry standing orders out at the same time: nobody is written to twice,
//! nobody stands on the call list twice.

use base::clock::{Clock, DAY, MINUTE};
use base::id::CaseId;
use db::testing::TestDatabase;
use db::{Db, OpenOptions};
use lists::calls::{Due, open_calls};
use messaging::release::Hours;
use triage::case::FirstContact;
use triage::decision::Route;
use triage::jobs::watch;
use triage::order::{NewOrder, release};
use triage::reach::OneRule;
use triage::store::events::messages;
use triage::store::orders;

use crate::people::{ASAKA, HANAKO, KAWAGUCHI, NOON, ORG, opened, person};
use crate::reach::{arrive, desk, text};

const PEOPLE: u32 = 60;

/// Half of them can be written to.
fn somebody(n: u32) -> triage::notification::CaseNotification {
    let number = if n.is_multiple_of(2) {
        format!("090-1300-{n:04}")
    } else {
        String::new()
    };
    person(&format!("試験 {n}子"), "", &format!("{}/4/3", 1940 + n), &number)
}

#[tokio::test]
async fn two_nodes_at_once_write_to_nobody_twice_and_telephone_nobody_twice() {
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        // One clock, as machines that are set by the same time have.
        let options = OpenOptions {
            clock: Clock::manual(NOON),
            ..database.options.clone()
        };
        let nodes = [
            Db::open(&options).await.unwrap(),
            Db::open(&options).await.unwrap(),
        ];
        let version = text(&nodes[0]).await;
        let mut cases: Vec<CaseId> = Vec::new();
        for office in [ASAKA, KAWAGUCHI] {
            let first = if office == ASAKA { 0 } else { PEOPLE };
            cases.extend(arrive(&nodes[0], office, (first..first + PEOPLE).map(somebody).collect()).await);
            let order = NewOrder {
                office,
                programme: 1,
                route: Route::HeadOfficeSms,
                version,
                per_release: 20,
                per_day: 100,
                hours: Hours::DAYTIME,
                by: HANAKO,
            };
            orders::add(&nodes[0], ORG, order).await.unwrap().unwrap();
        }
        let mut released = 0;
        for _ in 0..4 {
            let both = nodes.clone().map(|db| {
                tokio::spawn(async move {
                    let people = release(&desk(&db), ORG).await.unwrap();
                    watch(&db, ORG, &OneRule::default()).await.unwrap();
                    people
                })
            });
            for node in both {
                released += node.await.unwrap();
            }
            options.clock.advance(2 * MINUTE);
        }
        let db = &nodes[0];
        let calls = open_calls(db, ORG, None, Due::Now, (500, 0)).await.unwrap();
        assert_eq!(calls.len(), cases.len() / 2, "those without a number, each once");
        assert_eq!(released, cases.len() / 2, "the others, each by one release");
        for case in &cases {
            let (contact, sent) = (
                opened(db, *case).await.contact,
                messages(db, ORG, *case).await.unwrap(),
            );
            let is_called = contact == FirstContact::Calling;
            assert_eq!(sent.len(), usize::from(!is_called), "{contact:?}");
        }
        // A day later nobody knows of any message: both nodes put the others on the call list.
        options.clock.advance(DAY);
        let both = nodes
            .clone()
            .map(|db| tokio::spawn(async move { watch(&db, ORG, &OneRule::default()).await.unwrap() }));
        for node in both {
            node.await.unwrap();
        }
        let calls = open_calls(db, ORG, None, Due::Now, (500, 0)).await.unwrap();
        assert_eq!(calls.len(), cases.len(), "everybody once");
    }
}
