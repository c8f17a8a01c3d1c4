//! Twenty reviewers at once over 200 applications: nobody has what somebody else has, nothing is decided twice.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use base::id::{ApplicationId, StaffId};
use db::Db;
use desk::application::State;
use desk::store::{self, Act, Claimed, Done, Mine, Wanted};

use crate::house::{House, ORG, claim, confirmed, doctor, not_needed, says};

const REVIEWERS: i64 = 20;
const APPLICATIONS: u32 = 200;

type Had = Arc<Mutex<HashMap<ApplicationId, Vec<StaffId>>>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_reviewers_decide_two_hundred_applications_once_each() {
    let mut says = says();
    says.hours.capacity = None;
    for house in House::each(says).await {
        // Nodes of one PostgreSQL; a SQLite file has one that writes.
        let mut nodes: Vec<Db> = vec![house.db.clone()];
        if house.database.address().starts_with("postgres") {
            nodes.push(house.database.open().await.unwrap());
        }
        let mut all = Vec::new();
        for n in 0..APPLICATIONS {
            all.push(house.apply(n).await);
        }
        let had: Had = Arc::default();
        let reviewers: Vec<_> = (0..REVIEWERS)
            .map(|n| {
                let node = nodes[usize::try_from(n).unwrap() % nodes.len()].clone();
                tokio::spawn(review(
                    node,
                    house.id(),
                    house.document.clone(),
                    doctor(n),
                    Arc::clone(&had),
                ))
            })
            .collect();
        let mut decided = 0;
        for reviewer in reviewers {
            decided += reviewer.await.unwrap();
        }
        assert_eq!(decided, all.len());
        let had = std::mem::take(&mut *had.lock().unwrap());
        assert_eq!(had.len(), all.len());
        assert!(
            had.values().all(|staff| staff.len() == 1),
            "nobody has what somebody else has"
        );
        for seen in store::applications(&house.db, ORG, &all).await.unwrap() {
            assert_eq!(
                (seen.state, seen.decided.unwrap().number),
                (State::Provisional, 1)
            );
        }
    }
}

/// Decides until nothing waits. Each decision is tried twice at once, as by a key that bounces, and once more with a
/// review that is none of theirs.
async fn review(
    db: Db,
    desk: base::id::DeskId,
    document: desk::document::DeskDocument,
    staff: StaffId,
    had: Had,
) -> usize {
    let mut decided = 0;
    loop {
        let (id, lease) = match claim(&db, desk, staff, Wanted::Next).await {
            Claimed::Yours(id, lease) => (id, lease),
            Claimed::Nothing => return decided,
            other => panic!("{other:?}"),
        };
        had.lock().unwrap().entry(id).or_default().push(staff);
        let mine = Mine {
            id,
            review: lease.review,
            staff,
        };
        let thief = Mine {
            staff: StaffId::new(99),
            ..mine
        };
        let decide = |mine, decision| store::act(&db, ORG, mine, (Act::Decide(decision), None), &document);
        let tried = tokio::join!(
            decide(mine, confirmed()),
            decide(mine, not_needed()),
            decide(thief, not_needed())
        );
        let tried = [tried.0.unwrap(), tried.1.unwrap(), tried.2.unwrap()];
        let done = tried.iter().filter(|one| matches!(one, Done::Done(_))).count();
        assert_eq!(done, 1, "{tried:?}");
        assert!(!matches!(tried[2], Done::Done(_)));
        decided += done;
    }
}
