//! Whatever people do in whatever order, while time passes and receipts come in: nothing leaves that is not approved,
//! in its hours, after its hold window and schedule, before its last moment, not stopped, and its first wave before
//! the others. And nothing leaves twice.

use std::collections::HashSet;

use base::clock::{HOUR, MINUTE, Millis, SECOND};
use base::id::{AccountId, MessageId};
use db::testing::TestDatabase;
use messaging::broadcast::{BroadcastState, NewBroadcast, Started};
use messaging::message::Outcome;
use messaging::outbox::{Outbox, PartId, Submission};
use messaging::release::{ApprovalRule, FirstWaveRule, Hours, HoursFor, NewRelease, SendRule, members};
use messaging::store::{self, Decided};
use proptest::prelude::*;

use crate::desk::{Desk, NOON, ORG, carrier_id, claim, receipt, rows, taken};
use crate::release::{APPROVER, SENDER, asking, from_browser};

const PEOPLE: u32 = 12;
const HOLD: Millis = 30 * SECOND;

#[derive(Clone, Copy, Debug)]
enum Step {
    Pass(Millis),
    ApproveAsSender,
    Approve,
    GiveBack,
    Pause,
    Resume,
    Discard,
    OpenHours,
    Claim(usize),
    /// The carrier tells what became of one that it has.
    Tell(Outcome),
    Recover,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop_oneof![Just(SECOND), Just(HOLD), Just(6 * MINUTE), Just(2 * HOUR), Just(7 * HOUR)].prop_map(Step::Pass),
        1 => Just(Step::ApproveAsSender),
        3 => Just(Step::Approve),
        1 => Just(Step::GiveBack),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => Just(Step::Discard),
        1 => Just(Step::OpenHours),
        6 => (1..8_usize).prop_map(Step::Claim),
        6 => prop_oneof![4 => Just(Outcome::Delivered), 1 => Just(Outcome::Undelivered)].prop_map(Step::Tell),
        4 => Just(Step::Recover),
    ]
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    approval: bool,
    hours: bool,
    wave: bool,
    scheduled: Option<Millis>,
    not_after: Option<Millis>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let times = (
        proptest::option::of(Just(3 * HOUR)),
        proptest::option::of(Just(20 * HOUR)),
    );
    (any::<bool>(), any::<bool>(), any::<bool>(), times).prop_map(|(approval, hours, wave, times)| Plan {
        approval,
        hours,
        wave,
        scheduled: times.0,
        not_after: times.1,
    })
}

/// What a careful clerk would write down, without a database.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box that the clerk ticks by itself"
)]
struct Clerk {
    plan: Plan,
    approved_at: Option<Millis>,
    paused: bool,
    over: bool,
    hours_open: bool,
    wave: HashSet<MessageId>,
    arrived: HashSet<MessageId>,
    let_go: bool,
    left: HashSet<PartId>,
}

impl Clerk {
    fn judge(&mut self, now: Millis, submissions: &[Submission]) {
        for one in submissions {
            let at = self.approved_at.expect("it was let go by somebody else");
            assert!(now >= at + HOLD, "after the hold window");
            assert!(!self.paused && !self.over, "not stopped, not given up");
            assert!(self.plan.scheduled.is_none_or(|first| now >= NOON + first));
            assert!(self.plan.not_after.is_none_or(|last| now < NOON + last));
            let in_hours = Hours::DAYTIME.is_open(now);
            assert!(!self.plan.hours || self.hours_open || in_hours, "in its hours");
            let wave_is_over = self.let_go || self.wave.is_subset(&self.arrived);
            assert!(
                !self.plan.wave || wave_is_over || self.wave.contains(&one.part.message),
                "the first wave before the others"
            );
            assert!(self.left.insert(one.part), "once");
        }
    }
}

struct Play {
    desk: Desk,
    outbox: Outbox,
    account: AccountId,
    started: Started,
    clerk: Clerk,
    with_carrier: Vec<Submission>,
}

impl Play {
    async fn begin(desk: Desk, plan: Plan) -> Self {
        let (outbox, account) = desk.outbox().await;
        let rule = asking(ApprovalRule {
            always: plan.approval,
            ..ApprovalRule::default()
        });
        let hours = HoursFor {
            office: None,
            purpose: None,
            hours: Some(Hours::DAYTIME),
        };
        let rule = SendRule {
            first_wave: FirstWaveRule {
                above: plan.wave.then_some(5),
                patience: 10 * MINUTE,
            },
            hours: plan.hours.then_some(hours).into_iter().collect(),
            ..rule
        };
        desk.rule(&rule).await;
        let release = NewRelease {
            scheduled_for: plan.scheduled.map(|at| NOON + at),
            not_after: plan.not_after.map(|at| NOON + at),
            ..NewRelease::default()
        };
        let new = NewBroadcast {
            release,
            hold: HOLD,
            ..from_browser(rows(PEOPLE, "どれでも"))
        };
        let started = desk.start(new).await;
        let wave = members(desk.broadcast(&started).await.messages);
        let clerk = Clerk {
            plan,
            approved_at: (!plan.approval).then_some(NOON),
            paused: false,
            over: false,
            hours_open: false,
            wave: wave.into_iter().collect(),
            arrived: HashSet::new(),
            let_go: false,
            left: HashSet::new(),
        };
        Self {
            desk,
            outbox,
            account,
            started,
            clerk,
            with_carrier: Vec::new(),
        }
    }

    async fn take(&mut self, step: Step) {
        let (db, id, now) = (&self.desk.db, self.started.broadcast, self.desk.clock.now());
        match step {
            Step::Pass(time) => self.desk.clock.advance(time),
            Step::ApproveAsSender => {
                let decided = store::approve(db, ORG, id, SENDER).await.unwrap();
                assert_ne!(decided, Decided::Done, "nobody approves their own");
            }
            Step::Approve => {
                if store::approve(db, ORG, id, APPROVER).await.unwrap() == Decided::Done {
                    assert!(self.clerk.approved_at.is_none() && !self.clerk.over);
                    self.clerk.approved_at = Some(now);
                }
            }
            Step::GiveBack => {
                let why = "だめ".to_owned();
                let decided = store::give_back(db, ORG, id, APPROVER, why).await.unwrap();
                self.clerk.over |= decided == Decided::Done;
            }
            Step::Pause => {
                let done = store::pause(db, ORG, id, Some(SENDER)).await.unwrap();
                self.clerk.paused |= done;
            }
            Step::Resume => {
                let failed = self.desk.stands(&self.started).await == BroadcastState::FirstWaveFailed;
                if store::resume(db, ORG, id, Some(SENDER)).await.unwrap().unwrap() {
                    self.clerk.let_go |= failed;
                    self.clerk.paused = false;
                }
            }
            Step::Discard => {
                store::discard(db, ORG, id, Some(SENDER)).await.unwrap();
                self.clerk.over = true;
            }
            Step::OpenHours => {
                let why = "急ぎ".to_owned();
                let opened = store::open_hours(db, ORG, id, SENDER, why)
                    .await
                    .unwrap()
                    .unwrap();
                self.clerk.hours_open |= opened;
            }
            Step::Claim(room) => {
                let claimed = claim(&self.outbox, self.account, room).await;
                self.clerk.judge(now, &claimed);
                let answers = claimed.iter().map(taken).collect();
                self.outbox.record(self.account, answers).await.unwrap();
                self.with_carrier.extend(claimed);
            }
            Step::Tell(outcome) => {
                let Some(one) = self.with_carrier.pop() else {
                    return;
                };
                let told = receipt(carrier_id(one.part), outcome);
                self.outbox.receipts(self.account, vec![told]).await.unwrap();
                if outcome == Outcome::Delivered {
                    self.clerk.arrived.insert(one.part.message);
                }
            }
            Step::Recover => {
                self.outbox.recover().await.unwrap();
            }
        }
    }
}

fn walk(plan: Plan, steps: &[Step]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let clock = base::clock::Clock::manual(NOON);
        let database = TestDatabase::sqlite(clock.clone());
        let desk = Desk::on(database, clock).await;
        let mut walked = Play::begin(desk, plan).await;
        for step in steps {
            walked.take(*step).await;
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn nothing_leaves_that_was_not_let_go(plan in plan(), steps in proptest::collection::vec(step(), 1..40)) {
        walk(plan, &steps);
    }
}

/// The same walk on PostgreSQL, a few of the sequences that matter.
#[tokio::test]
async fn nothing_leaves_that_was_not_let_go_on_postgresql_either() {
    let clock = base::clock::Clock::manual(NOON);
    let Some(database) = TestDatabase::postgres(clock.clone()).await else {
        return;
    };
    let plan = Plan {
        approval: true,
        hours: true,
        wave: true,
        scheduled: Some(3 * HOUR),
        not_after: Some(70 * HOUR),
    };
    let mut walked = Play::begin(Desk::on(database, clock).await, plan).await;
    let mut steps = vec![
        Step::Claim(9),
        Step::ApproveAsSender,
        Step::Approve,
        Step::Claim(9),
    ];
    steps.extend([
        Step::Pass(7 * HOUR),
        Step::Claim(9),
        Step::Pass(7 * HOUR),
        Step::Claim(9),
    ]);
    steps.extend([
        Step::Pause,
        Step::Claim(9),
        Step::Resume,
        Step::Claim(9),
        Step::Pass(2 * HOUR),
    ]);
    steps.extend([
        Step::Recover,
        Step::Claim(9),
        Step::Resume,
        Step::Claim(3),
        Step::Pass(7 * HOUR),
    ]);
    steps.extend([
        Step::Claim(9),
        Step::OpenHours,
        Step::Claim(2),
        Step::Discard,
        Step::Claim(9),
    ]);
    for step in steps {
        walked.take(step).await;
    }
    assert!(!walked.clerk.left.is_empty(), "something left");
}
