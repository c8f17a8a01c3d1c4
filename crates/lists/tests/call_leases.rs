#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Callers share one list: nobody is dialled by two of them, nobody waits behind who is less urgent, and nobody
//! disappears.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base::clock::{Clock, HOUR, MINUTE, Millis};
use base::id::{CallId, OfficeId, OrgId, StaffId};
use db::testing::TestDatabase;
use db::{Db, OpenOptions};
use lists::calls::{
    Call, CallAttempt, CallOutcome, CallReason, CallResult, CallSource, CallStep, Due, LEASE, Mark, Marked,
    NewCall, Taken, Which, add, call, counts, done_count, events, family, give_back, hand_over, mark,
    open_calls, renew, take, wrong_number,
};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const KAWAGUCHI: OfficeId = OfficeId::new(3);
const HANAKO: StaffId = StaffId::new(7);
const JIRO: StaffId = StaffId::new(8);
const NOON: Millis = 1_789_959_600_000;

async fn opened(database: &TestDatabase, clock: &Clock) -> Db {
    let options = OpenOptions {
        clock: clock.clone(),
        ..database.options.clone()
    };
    Db::open(&options).await.unwrap()
}

async fn each(test: impl AsyncFn(Db)) {
    let clock = Clock::manual(NOON);
    for database in TestDatabase::each(&clock).await {
        test(opened(&database, &Clock::manual(NOON)).await).await;
    }
}

async fn entered(db: &Db, person: &str, number: Option<&str>, priority: u32) -> CallId {
    entered_at(db, ASAKA, person, number, priority).await
}

async fn entered_at(db: &Db, office: OfficeId, person: &str, number: Option<&str>, priority: u32) -> CallId {
    let new = Arc::new(NewCall {
        office,
        person: person.to_owned(),
        number: number.map(str::to_owned),
        reason: CallReason::Unconfirmed,
        note: None,
        source: CallSource::ByHand,
        priority,
        by: None,
    });
    let (vault, now) = (db.vault(ORG).await.unwrap(), db.now());
    let write = db.write(move |tx| {
        let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
        Box::pin(async move { add(tx, ORG, &vault, &new, now).await })
    });
    write.await.unwrap().call
}

async fn taken(db: &Db, office: Option<OfficeId>, staff: StaffId, which: Which) -> Taken {
    let (vault, now) = (db.vault(ORG).await.unwrap(), db.now());
    let write = db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move { take(tx, ORG, &vault, office, staff, which, now).await })
    });
    write.await.unwrap()
}

async fn next(db: &Db, staff: StaffId) -> Option<CallId> {
    match taken(db, Some(ASAKA), staff, Which::Next).await {
        Taken::Yours { call, .. } => Some(call),
        Taken::Nobody => None,
        other => panic!("{other:?}"),
    }
}

async fn put_back(db: &Db, staff: StaffId, id: CallId) -> bool {
    let write = db.write(move |tx| Box::pin(give_back(tx, ORG, Some(ASAKA), staff, id)));
    write.await.unwrap()
}

async fn tried(db: &Db, staff: StaffId, id: CallId, due: Option<Millis>) -> Marked {
    let attempt = CallAttempt::Busy;
    let new = Mark {
        result: CallResult::Tried { attempt, due },
        note: None,
        by: staff,
    };
    mark(db, ORG, Some(ASAKA), id, new).await.unwrap()
}

async fn told(db: &Db, staff: StaffId, id: CallId) -> Marked {
    let new = Mark {
        result: CallResult::Done(CallOutcome::Told),
        note: Some("伝えた".to_owned()),
        by: staff,
    };
    mark(db, ORG, Some(ASAKA), id, new).await.unwrap()
}

async fn one(db: &Db, id: CallId) -> Call {
    call(db, ORG, None, id).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_next_is_the_most_urgent_whom_nobody_has() {
    each(async |db| {
        let calm = entered(&db, "見本 一郎", Some("090-1111-0001"), 0).await;
        let urgent = entered(&db, "見本 二郎", Some("090-1111-0002"), 90).await;
        let elsewhere = entered_at(&db, KAWAGUCHI, "例 三郎", Some("090-1111-0003"), 99).await;
        assert_eq!(next(&db, HANAKO).await, Some(urgent));
        assert_eq!(next(&db, JIRO).await, Some(calm));
        let again = taken(&db, Some(ASAKA), HANAKO, Which::Next).await;
        let yours = |call, again| Taken::Yours { call, again };
        assert_eq!(again, yours(urgent, true), "not one more before a result");
        let third = StaffId::new(9);
        assert_eq!(next(&db, third).await, None);
        let lease = one(&db, urgent).await.held(db.now()).unwrap();
        assert_eq!((lease.by, lease.until), (HANAKO, NOON + LEASE));
        let refused = taken(&db, None, JIRO, Which::This(urgent)).await;
        assert_eq!(refused, Taken::Held(lease));
        let missing = taken(&db, Some(ASAKA), third, Which::This(elsewhere)).await;
        assert_eq!(missing, Taken::Missing);
        assert_eq!(
            taken(&db, None, third, Which::Next).await,
            yours(elsewhere, false)
        );
        // Whoever takes somebody else lets go of the first.
        assert_eq!(told(&db, JIRO, calm).await, Marked::Kept);
        let other = entered(&db, "見本 四郎", None, 0).await;
        assert_eq!(
            taken(&db, Some(ASAKA), HANAKO, Which::This(other)).await,
            yours(other, false)
        );
        assert_eq!(one(&db, urgent).await.held(db.now()), None);
        assert_eq!(taken(&db, None, JIRO, Which::This(calm)).await, Taken::Closed);
    })
    .await;
}

#[tokio::test]
async fn a_lease_ends_by_its_time_by_a_result_and_by_giving_back() {
    each(async |db| {
        let id = entered(&db, "見本 一郎", Some("090-1111-0001"), 0).await;
        assert_eq!(next(&db, HANAKO).await, Some(id));
        db.clock().advance(LEASE - 1);
        assert_eq!(next(&db, JIRO).await, None);
        let renewed = renew(&db, ORG, Some(ASAKA), HANAKO, id).await.unwrap();
        assert_eq!(
            renewed,
            Taken::Yours {
                call: id,
                again: true
            }
        );
        db.clock().advance(LEASE - 1);
        assert_eq!(next(&db, JIRO).await, None);
        db.clock().advance(1);
        assert_eq!(next(&db, JIRO).await, Some(id));
        let late = renew(&db, ORG, Some(ASAKA), HANAKO, id).await.unwrap();
        assert!(matches!(late, Taken::Held(lease) if lease.by == JIRO));
        assert!(matches!(told(&db, HANAKO, id).await, Marked::Held(lease) if lease.by == JIRO));
        assert!(
            events(&db, ORG, None, id).await.unwrap().is_empty(),
            "nothing was kept"
        );
        assert!(!put_back(&db, HANAKO, id).await);
        assert!(put_back(&db, JIRO, id).await);
        assert_eq!(next(&db, HANAKO).await, Some(id));
        // Her time is over, and nobody else took the person: what she says is kept.
        db.clock().advance(LEASE);
        assert_eq!(told(&db, HANAKO, id).await, Marked::Kept);
        assert_eq!(one(&db, id).await.held(db.now()), None);
        assert_eq!(done_count(&db, ORG, HANAKO, NOON).await.unwrap(), 1);
        assert_eq!(done_count(&db, ORG, HANAKO, db.now() + 1).await.unwrap(), 0);
        assert_eq!(done_count(&db, ORG, JIRO, 0).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn who_did_not_answer_is_due_later_and_tries_are_counted() {
    each(async |db| {
        let id = entered(&db, "見本 一郎", Some("090-1111-0001"), 90).await;
        let other = entered(&db, "見本 二郎", Some("090-1111-0002"), 0).await;
        assert_eq!(next(&db, HANAKO).await, Some(id));
        let due = Some(NOON + HOUR);
        assert_eq!(tried(&db, HANAKO, id, due).await, Marked::Kept);
        let kept = one(&db, id).await;
        assert_eq!((kept.tries, kept.due_at, kept.held(db.now())), (1, due, None));
        let count = async || {
            let counted = counts(&db, ORG, Some(ASAKA), HANAKO).await.unwrap();
            (counted.due, counted.free, counted.later)
        };
        assert_eq!(count().await, (1, 1, 1));
        assert_eq!(next(&db, JIRO).await, Some(other));
        assert_eq!(count().await, (1, 0, 1));
        assert_eq!(next(&db, HANAKO).await, None);
        let later = open_calls(&db, ORG, Some(ASAKA), Due::Later, (10, 0))
            .await
            .unwrap();
        assert_eq!(later.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
        // Somebody who calls back is served before.
        let early = taken(&db, Some(ASAKA), HANAKO, Which::This(id)).await;
        assert_eq!(
            early,
            Taken::Yours {
                call: id,
                again: false
            }
        );
        assert!(put_back(&db, HANAKO, id).await);
        db.clock().advance(HOUR);
        assert_eq!(count().await, (2, 2, 0));
        assert_eq!(next(&db, StaffId::new(9)).await, Some(id));
    })
    .await;
}

#[tokio::test]
async fn a_number_is_held_with_its_person_in_every_office() {
    each(async |db| {
        let mother = entered(&db, "母", Some("048-123-4567"), 0).await;
        let child = entered(&db, "子", Some("０４８−１２３−４５６７（自宅）"), 0).await;
        let aunt = entered_at(&db, KAWAGUCHI, "叔母", Some("048 123 4567"), 0).await;
        assert_eq!(next(&db, HANAKO).await, Some(mother));
        assert_eq!(next(&db, JIRO).await, None);
        for (office, id) in [(ASAKA, child), (KAWAGUCHI, aunt)] {
            let refused = taken(&db, Some(office), JIRO, Which::This(id)).await;
            assert!(
                matches!(refused, Taken::Held(lease) if lease.by == HANAKO),
                "{refused:?}"
            );
        }
        let ids = |calls: Vec<Call>| calls.iter().map(|one| one.id).collect::<Vec<_>>();
        assert_eq!(ids(family(&db, ORG, Some(ASAKA), mother).await.unwrap()), [child]);
        assert_eq!(told(&db, HANAKO, mother).await, Marked::Kept);
        assert_eq!(ids(family(&db, ORG, None, mother).await.unwrap()), [child, aunt]);
        assert_eq!(next(&db, JIRO).await, Some(child));
    })
    .await;
}

#[tokio::test]
async fn entries_made_before_know_their_number_when_they_are_taken() {
    const FORGET: db::Sql = db::Sql("UPDATE calls SET number_index = NULL");
    each(async |db| {
        let mother = entered(&db, "母", Some("048-123-4567"), 0).await;
        let child = entered(&db, "子", Some("048-123-4567"), 0).await;
        let other = entered(&db, "父", Some("内線 12"), 0).await;
        let write = db.write(|tx| Box::pin(tx.execute(FORGET, Vec::new())));
        write.await.unwrap();
        assert_eq!(next(&db, HANAKO).await, Some(mother));
        assert_eq!(
            next(&db, JIRO).await,
            Some(other),
            "not the child by the same number"
        );
        let refused = taken(&db, None, JIRO, Which::This(child)).await;
        assert!(
            matches!(refused, Taken::Held(lease) if lease.by == HANAKO),
            "{refused:?}"
        );
    })
    .await;
}

#[tokio::test]
async fn another_office_goes_on_where_the_first_stopped() {
    each(async |db| {
        let id = entered(&db, "見本 一郎", Some("090-1111-0001"), 0).await;
        assert_eq!(next(&db, HANAKO).await, Some(id));
        assert_eq!(tried(&db, HANAKO, id, None).await, Marked::Kept);
        assert_eq!(next(&db, HANAKO).await, Some(id));
        let note = || Some("夕方は不在".to_owned());
        let over = async |office, by| {
            let given = hand_over(&db, ORG, office, id, KAWAGUCHI, (by, note()));
            given.await.unwrap()
        };
        assert!(matches!(over(Some(ASAKA), JIRO).await, Marked::Held(_)));
        assert_eq!(over(Some(KAWAGUCHI), JIRO).await, Marked::Missing);
        assert_eq!(over(Some(ASAKA), HANAKO).await, Marked::Kept);
        assert!(call(&db, ORG, Some(ASAKA), id).await.unwrap().is_none());
        let there = taken(&db, Some(KAWAGUCHI), JIRO, Which::Next).await;
        assert_eq!(
            there,
            Taken::Yours {
                call: id,
                again: false
            }
        );
        let events = events(&db, ORG, Some(KAWAGUCHI), id).await.unwrap();
        let steps: Vec<_> = events
            .iter()
            .map(|one| (one.by, one.step, one.note.clone()))
            .collect();
        let (tried, over) = (
            CallStep::Tried(CallAttempt::Busy),
            CallStep::HandedOver { from: ASAKA },
        );
        assert_eq!(steps, [(Some(HANAKO), tried, None), (Some(HANAKO), over, note())]);
        assert_eq!(one(&db, id).await.tries, 1);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_number_is_kept_and_the_right_one_is_called() {
    each(async |db| {
        let id = entered(&db, "見本 一郎", Some("090-1111-0001"), 0).await;
        let right = entered(&db, "見本 二郎", Some("090-1111-0009"), 0).await;
        assert_eq!(next(&db, HANAKO).await, Some(id));
        let wrong = async |corrected: Option<&str>| {
            let said = (HANAKO, "別の方が出た".to_owned());
            let kept = wrong_number(&db, ORG, Some(ASAKA), id, corrected.map(str::to_owned), said);
            kept.await.unwrap()
        };
        assert_eq!(wrong(None).await, Marked::Kept);
        assert!(one(&db, id).await.held(db.now()).is_some());
        assert_eq!(next(&db, JIRO).await, Some(right));
        assert_eq!(wrong(Some("090-1111-0009")).await, Marked::Kept);
        let kept = one(&db, id).await;
        assert_eq!(
            (kept.number.as_deref(), kept.held(db.now())),
            (Some("090-1111-0009"), None)
        );
        let refused = taken(&db, Some(ASAKA), HANAKO, Which::This(id)).await;
        assert!(
            matches!(refused, Taken::Held(lease) if lease.by == JIRO),
            "{refused:?}"
        );
        let steps: Vec<_> = events(&db, ORG, None, id)
            .await
            .unwrap()
            .iter()
            .map(|one| one.step)
            .collect();
        assert_eq!(steps, [CallStep::Tried(CallAttempt::WrongPerson); 2]);
    })
    .await;
}

/// Whoever presses the button at the same moment, on as many nodes as there are, is given somebody of their own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_in_parallel_never_get_the_same_person_or_family() {
    const CALLERS: i64 = 12;
    const PEOPLE: i64 = 60;
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        let clock = Clock::manual(NOON);
        let nodes = [opened(&database, &clock).await, opened(&database, &clock).await];
        for person in 0..PEOPLE {
            // Three people each share a number.
            let number = format!("090-1111-{:04}", person / 3);
            entered(
                &nodes[0],
                "見本",
                Some(&number),
                u32::try_from(person % 7).unwrap(),
            )
            .await;
        }
        let (mut done, mut rounds) = (HashSet::new(), 0);
        while done.len() < usize::try_from(PEOPLE).unwrap() {
            let mut asked = tokio::task::JoinSet::new();
            for caller in 0..CALLERS {
                let db = nodes[usize::try_from(caller).unwrap() % 2].clone();
                asked.spawn(async move { (StaffId::new(caller), next(&db, StaffId::new(caller)).await) });
            }
            let mut given = HashMap::new();
            while let Some(answer) = asked.join_next().await {
                let (staff, call) = answer.unwrap();
                if let Some(call) = call {
                    assert_eq!(given.insert(call, staff), None, "one person for two callers");
                }
            }
            let mut numbers = HashSet::new();
            for call in given.keys() {
                let number = one(&nodes[1], *call).await.number;
                assert!(numbers.insert(number), "one family for two callers");
            }
            assert!(!given.is_empty(), "somebody is left, and nobody is given them");
            let mut told_all = tokio::task::JoinSet::new();
            for (call, staff) in given {
                let db = nodes[usize::try_from(staff.get()).unwrap() % 2].clone();
                assert!(done.insert(call), "called twice");
                told_all.spawn(async move { assert_eq!(told(&db, staff, call).await, Marked::Kept) });
            }
            while let Some(answer) = told_all.join_next().await {
                answer.unwrap();
            }
            rounds += 1;
        }
        assert!(rounds >= 5, "{rounds}");
        let left = counts(&nodes[0], ORG, None, HANAKO).await.unwrap();
        assert_eq!((left.due, left.later), (0, 0));
    }
}

/// What a caller does.
#[derive(Clone, Copy, Debug)]
enum Deed {
    Next,
    This(usize),
    Back,
    Told,
    Tried,
    Wait(i64),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => Just(Deed::Next),
        2 => (0..10_usize).prop_map(Deed::This),
        1 => Just(Deed::Back),
        2 => Just(Deed::Told),
        2 => Just(Deed::Tried),
        1 => (1..12_i64).prop_map(Deed::Wait),
    ]
}

/// The list as it should be.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: CallId,
    number: usize,
    priority: u32,
    due: Millis,
    lease: Option<(StaffId, Millis)>,
    open: bool,
}

struct Model(Vec<Entry>);

impl Model {
    fn held_by_others(&self, entry: &Entry, staff: StaffId, now: Millis) -> bool {
        self.0.iter().any(|other| {
            let same = other.id == entry.id || other.number == entry.number;
            same && other.open && other.lease.is_some_and(|(by, until)| by != staff && until > now)
        })
    }

    fn mine(&self, staff: StaffId, now: Millis) -> Option<usize> {
        let held = |one: &Entry| one.open && one.lease.is_some_and(|(by, until)| by == staff && until > now);
        self.0.iter().position(held)
    }

    fn expected(&self, staff: StaffId, now: Millis) -> Option<usize> {
        let free = |one: &&(usize, &Entry)| {
            one.1.open && one.1.due <= now && !self.held_by_others(one.1, staff, now)
        };
        let all: Vec<(usize, &Entry)> = self.0.iter().enumerate().collect();
        let best = all
            .iter()
            .filter(free)
            .min_by_key(|(_, one)| (u32::MAX - one.priority, one.id));
        self.mine(staff, now).or(best.map(|(at, _)| *at))
    }

    fn take(&mut self, at: usize, staff: StaffId, now: Millis) {
        for one in &mut self.0 {
            one.lease = one.lease.filter(|(by, _)| *by != staff);
        }
        self.0[at].lease = Some((staff, now + LEASE));
    }
}

async fn lived(db: &Db, priorities: &[u32], deeds: &[(i64, Deed)]) {
    let mut model = Model(Vec::new());
    for (at, priority) in priorities.iter().enumerate() {
        let number = at / 2;
        let written = format!("090-1111-{number:04}");
        let id = entered(db, "見本", Some(&written), *priority).await;
        model.0.push(Entry {
            id,
            number,
            priority: *priority,
            due: 0,
            lease: None,
            open: true,
        });
    }
    for (caller, deed) in deeds {
        let (staff, now) = (StaffId::new(*caller), db.now());
        let mine = model.mine(staff, now);
        match *deed {
            Deed::Next => {
                let expected = model.expected(staff, now);
                assert_eq!(next(db, staff).await, expected.map(|at| model.0[at].id));
                if let Some(at) = expected {
                    model.take(at, staff, now);
                }
            }
            Deed::This(at) => {
                let at = at % model.0.len();
                let entry = model.0[at];
                let taken = taken(db, Some(ASAKA), staff, Which::This(entry.id)).await;
                match (entry.open, model.held_by_others(&entry, staff, now)) {
                    (false, _) => assert_eq!(taken, Taken::Closed),
                    (true, true) => assert!(matches!(taken, Taken::Held(_)), "{taken:?}"),
                    (true, false) => {
                        let again = mine == Some(at);
                        assert_eq!(
                            taken,
                            Taken::Yours {
                                call: entry.id,
                                again
                            }
                        );
                        model.take(at, staff, now);
                    }
                }
            }
            Deed::Back => {
                if let Some(at) = mine {
                    assert!(put_back(db, staff, model.0[at].id).await);
                    model.0[at].lease = None;
                }
            }
            Deed::Told => {
                if let Some(at) = mine {
                    assert_eq!(told(db, staff, model.0[at].id).await, Marked::Kept);
                    (model.0[at].lease, model.0[at].open) = (None, false);
                }
            }
            Deed::Tried => {
                if let Some(at) = mine {
                    let due = now + 15 * MINUTE;
                    assert_eq!(tried(db, staff, model.0[at].id, Some(due)).await, Marked::Kept);
                    (model.0[at].lease, model.0[at].due) = (None, due);
                }
            }
            Deed::Wait(minutes) => db.clock().advance(minutes * MINUTE),
        }
        let counted = counts(db, ORG, Some(ASAKA), staff).await.unwrap();
        let now = db.now();
        let due = model.0.iter().filter(|one| one.open && one.due <= now);
        let free = due.clone().filter(|one| !model.held_by_others(one, staff, now));
        let expected = (due.count(), free.count());
        assert_eq!((counted.due as usize, counted.free as usize), expected);
    }
}

#[test]
fn the_list_behaves_as_its_model_whatever_callers_do() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let lives = (
        proptest::collection::vec(0..4_u32, 1..8),
        proptest::collection::vec((1..5_i64, deed()), 1..60),
    );
    let databases = runtime.block_on(TestDatabase::each(&Clock::manual(NOON)));
    for database in databases {
        // One database for all cases: what is left of the last one is closed first.
        let db = runtime.block_on(opened(&database, &Clock::manual(NOON)));
        let config = proptest::test_runner::Config {
            cases: 24,
            failure_persistence: None,
            ..proptest::test_runner::Config::default()
        };
        let ran = TestRunner::new(config).run(&lives, |(priorities, deeds)| {
            runtime.block_on(async {
                clear(&db).await;
                lived(&db, &priorities, &deeds).await;
            });
            Ok(())
        });
        ran.unwrap();
    }
}

async fn clear(db: &Db) {
    const CLEAR: db::Sql = db::Sql("DELETE FROM calls");
    let write = db.write(|tx| Box::pin(tx.execute(CLEAR, Vec::new())));
    write.await.unwrap();
}
