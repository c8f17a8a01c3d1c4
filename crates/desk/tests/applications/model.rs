//! Anything may happen in any order: no result that was told ever differs from the final decision of that moment, and
//! nothing is decided twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use base::clock::{Clock, SECOND};
use base::id::{ApplicationId, BroadcastId, OutcomeListId, StaffId};
use db::testing::TestDatabase;
use desk::application::{PROVISIONAL, State};
use desk::document::{Decision, Outcome, SecondLook};
use desk::release::Gathering;
use desk::store::{self, Act, Changed, Claimed, Done, Look, Mine, Wanted};
use messaging::broadcast::StartError;
use messaging::pages::roll::JudgedRoll;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::house::{HEAD, House, ORG, START, confirmed, doctor, not_needed, phoned, says};

const PEOPLE: usize = 4;
const DOCTORS: usize = 3;

#[derive(Clone, Debug)]
enum Op {
    Claim(usize),
    Take(usize, usize),
    Decide(usize, usize),
    Hold(usize),
    GiveBack(usize),
    Renew(usize),
    Undo(usize, usize),
    Correct(usize, usize, usize),
    Look(usize, usize, usize),
    Uphold(usize),
    /// The person takes it back.
    Withdraw(usize),
    Pass(i64),
    Settle,
    /// The time to take back goes by, and everything becomes final.
    LetSettle,
    Lock(usize),
    /// Locked, looked at and sent in one go.
    Send(usize),
    OpenAgain,
    Gather,
    Press,
    /// One of the broadcasts is discarded before anything of it left.
    Discard(usize),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let (d, a, o) = (0..DOCTORS, 0..PEOPLE, 0..3_usize);
    let one = prop_oneof![
        4 => d.clone().prop_map(Op::Claim),
        1 => (d.clone(), a.clone()).prop_map(|(d, a)| Op::Take(d, a)),
        6 => (d.clone(), o.clone()).prop_map(|(d, o)| Op::Decide(d, o)),
        1 => d.clone().prop_map(Op::Hold),
        1 => d.clone().prop_map(Op::GiveBack),
        1 => d.clone().prop_map(Op::Renew),
        2 => (d.clone(), a.clone()).prop_map(|(d, a)| Op::Undo(d, a)),
        3 => (d.clone(), a.clone(), o.clone()).prop_map(|(d, a, o)| Op::Correct(d, a, o)),
        1 => (d.clone(), a.clone(), o.clone()).prop_map(|(d, a, o)| Op::Look(d, a, o)),
        1 => a.clone().prop_map(Op::Uphold),
        1 => a.prop_map(Op::Withdraw),
        4 => prop_oneof![Just(30 * SECOND), Just(PROVISIONAL), Just(400 * SECOND)].prop_map(Op::Pass),
        3 => Just(Op::Settle),
        5 => Just(Op::LetSettle),
        4 => o.clone().prop_map(Op::Lock),
        5 => o.prop_map(Op::Send),
        1 => Just(Op::OpenAgain),
        2 => (0..6_usize).prop_map(Op::Discard),
        5 => Just(Op::Gather),
        5 => Just(Op::Press),
    ];
    prop::collection::vec(one, 40..120)
}

fn outcome(o: usize) -> Decision {
    [confirmed(), not_needed(), phoned()][o].clone()
}

/// What the message for a decision is known by.
pub(crate) fn words(decision: &Decision) -> &'static str {
    match decision.code() {
        "confirmed" => "発送を手配",
        "K01" => "条件に合わない",
        _ => "受診をおすすめ",
    }
}

/// What is believed of one application, from nothing but what the operations gave back.
#[derive(Clone, Default, Debug)]
struct Believed {
    /// Decided and not settled: number, by whom, what, until when.
    provisional: Option<(i64, StaffId, Decision, i64)>,
    /// What stood before, for taking back.
    before: Option<(i64, Decision)>,
    /// Settled.
    decided: Option<(i64, Decision)>,
    /// Told, in order, and by which broadcast.
    told: Vec<(BroadcastId, Decision)>,
    /// Taken back by the person: nothing is decided or told any more.
    withdrawn: bool,
}

struct Run {
    house: House,
    people: Vec<ApplicationId>,
    believed: BTreeMap<ApplicationId, Believed>,
    mine: [Option<Mine>; DOCTORS],
    lists: Vec<OutcomeListId>,
    plan: Option<(Gathering, JudgedRoll)>,
    sent: Vec<BroadcastId>,
}

impl Run {
    async fn of(house: House) -> Self {
        let mut people = Vec::new();
        for n in 0..PEOPLE {
            people.push(house.apply(u32::try_from(n).unwrap()).await);
        }
        let believed = people.iter().map(|id| (*id, Believed::default())).collect();
        Self {
            house,
            people,
            believed,
            mine: [None; DOCTORS],
            lists: Vec::new(),
            plan: None,
            sent: Vec::new(),
        }
    }

    fn staff(d: usize) -> StaffId {
        doctor(i64::try_from(d).unwrap())
    }

    async fn carry_out(&mut self, op: Op) {
        let db = self.house.db.clone();
        match op {
            Op::Claim(d) => self.claim(d, Wanted::Next).await,
            Op::Take(d, a) => self.claim(d, Wanted::This(self.people[a])).await,
            Op::Decide(d, o) => self.decide(d, outcome(o)).await,
            Op::Hold(d) => drop(self.act(d, Act::Hold).await),
            Op::GiveBack(d) => drop(self.act(d, Act::GiveBack).await),
            Op::Renew(d) => {
                if let Some(mine) = self.mine[d] {
                    store::renew(&db, ORG, mine, Some("…".to_owned())).await.unwrap();
                }
            }
            Op::Undo(d, a) => self.undo(d, self.people[a]).await,
            Op::Correct(d, a, o) => self.correct(d, self.people[a], outcome(o)).await,
            Op::Look(d, a, o) => {
                self.look(Self::staff(d), self.people[a], Look::Opinion(outcome(o)))
                    .await;
            }
            Op::Uphold(a) => self.look(HEAD, self.people[a], Look::Uphold).await,
            Op::Withdraw(a) => self.withdraw(self.people[a]).await,
            Op::Pass(by) => self.house.clock.advance(by),
            Op::Settle => self.settle().await,
            Op::LetSettle => {
                self.house.clock.advance(PROVISIONAL);
                self.settle().await;
            }
            Op::Lock(o) => self.lock(o).await,
            Op::Send(o) => {
                self.lock(o).await;
                self.gather().await;
                self.press().await;
            }
            Op::OpenAgain => {
                if let Some(list) = self.lists.last() {
                    store::open_again(&db, ORG, *list).await.unwrap();
                }
            }
            Op::Gather => self.gather().await,
            Op::Press => self.press().await,
            Op::Discard(n) => self.discard(n).await,
        }
        self.holds().await;
    }

    async fn settle(&mut self) {
        store::settle(&self.house.db, ORG).await.unwrap();
        let now = self.house.clock.now();
        for one in self.believed.values_mut() {
            if let Some((number, _, decision, _)) = one.provisional.take_if(|one| one.3 <= now) {
                one.decided = Some((number, decision));
            }
        }
    }

    async fn lock(&mut self, o: usize) {
        let live = store::live_lists(&self.house.db, ORG, self.house.id())
            .await
            .unwrap();
        let kinds: Vec<_> = live.lists.into_iter().map(|list| list.kind).collect();
        if let Some(kind) = kinds.get(o % kinds.len().max(1)) {
            self.lists.extend(self.house.lock(kind).await);
        }
    }

    async fn gather(&mut self) {
        if let Some(list) = self.lists.last() {
            self.plan = self.house.gathered(*list).await;
        }
    }

    async fn claim(&mut self, d: usize, wanted: Wanted) {
        let staff = Self::staff(d);
        if let Claimed::Yours(id, lease) = self.house.claim(staff, wanted).await {
            let one = &self.believed[&id];
            assert!(
                one.provisional.is_none() && one.decided.is_none() && !one.withdrawn,
                "{id} is decided or withdrawn: {one:?}"
            );
            self.mine[d] = Some(Mine {
                id,
                review: lease.review,
                staff,
            });
        }
    }

    async fn act(&self, d: usize, act: Act) -> Option<(Mine, Done)> {
        let mine = self.mine[d]?;
        Some((mine, self.house.act(mine, act).await))
    }

    async fn decide(&mut self, d: usize, decision: Decision) {
        let until = self.house.clock.now() + PROVISIONAL;
        if self.mine[d].is_none() {
            self.claim(d, Wanted::Next).await;
        }
        let done = self.act(d, Act::Decide(decision.clone())).await;
        // What was on the screen is tried once more than it should be, and then the next one is taken up.
        if !matches!(done, Some((_, Done::Done(_)))) {
            self.mine[d] = None;
        }
        if let Some((mine, Done::Done(number))) = done {
            let one = self.believed.get_mut(&mine.id).unwrap();
            assert!(
                one.provisional.is_none() && one.decided.is_none() && !one.withdrawn,
                "decided twice, or taken back: {one:?}"
            );
            one.provisional = Some((number, mine.staff, decision, until));
            one.before = None;
        }
    }

    async fn undo(&mut self, d: usize, id: ApplicationId) {
        let (staff, now) = (Self::staff(d), self.house.clock.now());
        let seen = self.house.see(id).await;
        let Some(number) = seen.decided.map(|decided| decided.number) else {
            return;
        };
        let undone = store::undo(&self.house.db, ORG, (id, number), staff)
            .await
            .unwrap();
        let one = self.believed.get_mut(&id).unwrap();
        let may = matches!(&one.provisional, Some((n, by, _, until)) if *n == number && *by == staff && now < *until);
        assert_eq!(matches!(undone, Done::Done(_)), may, "{one:?}");
        if may {
            one.provisional = None;
            one.decided = one.before.take();
        }
    }

    async fn correct(&mut self, d: usize, id: ApplicationId, to: Decision) {
        let (staff, until) = (Self::staff(d), self.house.clock.now() + PROVISIONAL);
        let seen = self.house.see(id).await;
        let Some(number) = seen.decided.map(|decided| decided.number) else {
            return;
        };
        let done = self.house.correct(id, number, to.clone(), staff).await;
        let one = self.believed.get_mut(&id).unwrap();
        assert_eq!(matches!(done, Done::Done(_)), one.decided.is_some(), "{one:?}");
        if let Done::Done(number) = done {
            one.before = one.decided.take();
            one.provisional = Some((number, staff, to, until));
        }
    }

    async fn withdraw(&mut self, id: ApplicationId) {
        let done = store::withdraw_application(&self.house.db, ORG, id)
            .await
            .unwrap();
        let one = self.believed.get_mut(&id).unwrap();
        let may = !one.withdrawn && one.provisional.is_none() && one.decided.is_none();
        assert_eq!(done == Changed::Done, may, "{one:?}");
        one.withdrawn |= may;
    }

    async fn look(&mut self, by: StaffId, id: ApplicationId, look: Look) {
        let seen = self.house.see(id).await;
        let Some(number) = seen.decided.map(|decided| decided.number) else {
            return;
        };
        let given = (look, String::new());
        store::look(&self.house.db, ORG, (id, number), given, by, &self.house.document)
            .await
            .unwrap();
    }

    async fn press(&mut self) {
        // Prepared some time ago: anything may have happened since.
        let Some(plan) = &self.plan else { return };
        let list = plan.0.list.clone();
        match self.house.press(plan).await {
            Ok(released) => {
                assert_eq!(released.called, 0);
                self.sent
                    .push(released.started.expect("somebody is written to").broadcast);
            }
            Err(StartError::NoRows) => return,
            Err(error) => panic!("{error}"),
        }
        for id in &self.people {
            let all = store::decisions(&self.house.db, ORG, *id).await.unwrap();
            let told = all
                .iter()
                .filter(|one| one.told.is_some_and(|told| told.list == Some(list.id)));
            for decision in told {
                let one = self.believed.get_mut(id).unwrap();
                let (number, stood) = one.decided.clone().expect("only what is final is told");
                assert_eq!((decision.number, &decision.decision), (number, &stood));
                assert_eq!(list.kind.outcome, Outcome::Decided(stood.clone()));
                assert_eq!(list.kind.corrects, !one.told.is_empty(), "{one:?}");
                let (broadcast, message) = decision.told.unwrap().message.unwrap();
                let message = messaging::store::message(&self.house.db, ORG, message)
                    .await
                    .unwrap()
                    .unwrap();
                let seen = self.house.see(*id).await;
                assert!(
                    message.text.contains(words(&stood)),
                    "{stood:?}: {}",
                    message.text
                );
                assert!(
                    message.text.contains(&seen.reference.to_string()),
                    "somebody else's: {}",
                    message.text
                );
                assert_eq!(message.text.starts_with("【訂正】"), list.kind.corrects);
                one.told.push((broadcast, stood));
            }
        }
    }

    /// Whoever was to be told by it knows what they knew before.
    async fn discard(&mut self, n: usize) {
        let Some(broadcast) = self.sent.get(n).copied() else {
            return;
        };
        messaging::store::discard(&self.house.db, ORG, broadcast, Some(HEAD))
            .await
            .unwrap();
        store::not_sent(&self.house.db, ORG).await.unwrap();
        for one in self.believed.values_mut() {
            one.told.retain(|(by, _)| *by != broadcast);
        }
    }

    /// What holds whatever has happened.
    async fn holds(&self) {
        for id in &self.people {
            let (seen, one) = (self.house.see(*id).await, &self.believed[id]);
            let told = one.told.last().map(|(_, told)| Outcome::Decided(told.clone()));
            assert_eq!(seen.told, told, "{one:?}");
            let stands = seen
                .decided
                .as_ref()
                .map(|one| (one.number, one.decision.clone()));
            let expected = one
                .provisional
                .as_ref()
                .map(|(number, _, decision, _)| (*number, decision.clone()));
            assert_eq!(stands, expected.or(one.decided.clone()), "{one:?}");
            match seen.state {
                State::Ready => assert!(one.told.is_empty() && stands.is_none()),
                State::Provisional => assert!(one.provisional.is_some() && seen.owes.is_none()),
                // What stands is still to be told.
                State::Final => assert_eq!(seen.owes, stands.map(|(_, one)| Outcome::Decided(one))),
                // What was told is what stands.
                State::Released => {
                    assert_eq!(seen.owes, None);
                    assert_eq!(seen.told, stands.map(|(_, one)| Outcome::Decided(one)));
                }
                State::Withdrawn => {
                    assert!(
                        one.withdrawn && one.told.is_empty() && stands.is_none(),
                        "{one:?}"
                    );
                    assert_eq!(seen.owes, None);
                }
                other => panic!("{other:?}"),
            }
            let messages = self.house.texts(*id).await.len();
            assert_eq!(
                messages,
                one.told.len(),
                "one message for each time that something was told"
            );
        }
    }
}

/// Says how often somebody was told something, and how often that was a correction.
async fn run(database: TestDatabase, ops: Vec<Op>) -> (usize, usize) {
    let mut says = says();
    says.review.second_look = SecondLook {
        percent: 20,
        refusals: false,
    };
    let mut run = Run::of(House::on(database, says).await).await;
    for op in ops {
        run.carry_out(op).await;
    }
    let told = || run.believed.values().map(|one| one.told.len());
    (told().sum(), told().map(|told| told.saturating_sub(1)).sum())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn whatever_happens_what_was_told_is_what_was_decided() {
    let runtime = runtime();
    let (all, corrections) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let done = runner(40).run(&ops(), |ops| {
        let told = runtime.block_on(run(TestDatabase::sqlite(Clock::manual(START)), ops));
        all.fetch_add(told.0, Ordering::Relaxed);
        corrections.fetch_add(told.1, Ordering::Relaxed);
        Ok(())
    });
    done.unwrap();
    let (all, corrections) = (all.into_inner(), corrections.into_inner());
    assert!(
        all >= 40 && corrections >= 3,
        "too little happened to say anything: {all}, {corrections}"
    );
}

#[test]
fn the_same_on_postgresql() {
    let runtime = runtime();
    let done = runner(6).run(&ops(), |ops| {
        runtime.block_on(async {
            if let Some(database) = TestDatabase::postgres(Clock::manual(START)).await {
                run(database, ops).await;
            }
        });
        Ok(())
    });
    done.unwrap();
}
