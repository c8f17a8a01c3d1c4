#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! From checked rows to settled messages, on both databases, with the carrier played by hand.

use std::sync::Arc;

use base::clock::{Clock, DAY, HOUR, MINUTE, SECOND};
use base::id::{AccountId, MessageId, OfficeId, OrgId, StaffId};
use base::phone::PhoneNumber;
use base::segment::Segmentation;
use db::Db;
use db::testing::TestDatabase;
use lists::contacts::Purpose;
use messaging::broadcast::{
    self, Broadcast, BroadcastState, Counts, Lane, NewBroadcast, Origin, Outgoing, Resend, Started,
};
use messaging::message::{MessageState, Outcome};
use messaging::outbox::{Answer, Outbox, PartId, Receipt, Submission};
use messaging::recognition::ResendScope;
use messaging::store;

const ORG: OrgId = OrgId::FIRST;
const NOON: i64 = 1_790_000_000_000;

struct Desk {
    db: Db,
    clock: Clock,
    _database: TestDatabase,
}

async fn desks() -> Vec<Desk> {
    let clock = Clock::manual(NOON);
    let mut desks = Vec::new();
    for database in TestDatabase::each(&clock).await {
        desks.push(Desk {
            db: database.open().await.unwrap(),
            clock: clock.clone(),
            _database: database,
        });
    }
    desks
}

fn number(n: u32) -> PhoneNumber {
    PhoneNumber::from_e164(&format!("+8190{:08}", 12_000_000 + n)).unwrap()
}

fn rows(count: u32, text: &str) -> Vec<Outgoing> {
    (0..count)
        .map(|n| Outgoing::to_number(n + 2, number(n), format!("{text}{n}")))
        .collect()
}

fn new(rows: Vec<Outgoing>) -> NewBroadcast {
    NewBroadcast {
        org: ORG,
        office: OfficeId::HEADQUARTERS,
        list: None,
        template: None,
        file_name: "朝霞.csv".to_owned(),
        origin: Origin::CommandLine,
        simulated: false,
        purpose: Purpose::FirstTouch,
        lane: Lane::FirstTouch,
        sender: "0005123".to_owned(),
        segmentation: Segmentation::Udh8,
        hold: 0,
        created_by: None,
        resend: None,
        rows: Arc::new(rows),
    }
}

impl Desk {
    async fn start(&self, new: NewBroadcast) -> Started {
        broadcast::start(&self.db, new).await.unwrap()
    }

    async fn outbox(&self) -> (Outbox, AccountId) {
        let node = self.db.join().await.unwrap().unwrap();
        let outbox = Outbox::new(self.db.clone(), node, false);
        let account = outbox.account("todoke@carrier:2775").await.unwrap();
        (outbox, account)
    }

    async fn broadcast(&self, started: &Started) -> Broadcast {
        store::broadcast(&self.db, ORG, started.broadcast)
            .await
            .unwrap()
            .unwrap()
    }

    async fn counts(&self, started: &Started) -> Counts {
        let broadcast = self.broadcast(started).await;
        store::counts(&self.db, ORG, &broadcast, self.clock.now())
            .await
            .unwrap()
    }

    async fn present(&self, started: &Started) -> Vec<(MessageState, u32)> {
        self.counts(started).await.present().collect()
    }
}

async fn claim(outbox: &Outbox, account: AccountId, room: usize) -> Vec<Submission> {
    outbox
        .exchange(account, Vec::new(), Vec::new(), room)
        .await
        .unwrap()
        .submissions
}

fn taken(submission: &Submission) -> (PartId, Answer) {
    (
        submission.part,
        Answer::Taken {
            carrier_message_id: carrier_id(submission.part),
        },
    )
}

fn carrier_id(part: PartId) -> String {
    format!("c{}-{}", part.message, part.part_no)
}

fn receipt(id: String, outcome: Outcome) -> Receipt {
    let code = Some("000".to_owned());
    Receipt {
        carrier_message_id: id,
        outcome,
        code,
        done_at: None,
        submitted_at: None,
        to: None,
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    for desk in desks().await {
        for (name, sql) in store::statements() {
            desk.db
                .prepare(*sql)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// The work of a statement on the hot path is bounded by the rows that it is given, not by all rows.
#[tokio::test]
async fn no_hot_statement_walks_all_messages() {
    // Housekeeping, and strays: there are few.
    // The templates of an organisation are few, and all of them are asked for.
    const MAY_WALK: [&str; 7] = [
        "ORPHANED",
        "OVERDUE",
        "DROP_OLD_STRAYS",
        "STRAYS_OF_KNOWN_PARTS",
        "STRAYS_WITH_NUMBER",
        "UNCONFIRMED_OF_ACCOUNT",
        "TEMPLATES",
    ];
    for desk in desks().await {
        for (name, sql) in store::statements().filter(|(name, _)| !MAY_WALK.contains(name)) {
            for step in desk.db.plan(*sql).await.unwrap() {
                let walks = [
                    "SCAN m",
                    "SCAN p",
                    "SCAN parts",
                    "SCAN messages",
                    "(org_id=?)",
                    "(account_id=?)",
                ];
                let known = step.starts_with("SCAN p USING INDEX parts_unconfirmed");
                assert!(
                    known || !walks.iter().any(|walk| step.ends_with(walk)),
                    "{name}: {step}"
                );
            }
        }
    }
}

#[tokio::test]
async fn rows_become_messages_that_are_handed_over_once_and_delivered() {
    for desk in desks().await {
        let started = desk.start(new(rows(250, "こんにちは"))).await;
        assert_eq!(started.fates.len(), 250);
        let (outbox, account) = desk.outbox().await;
        let mut seen = std::collections::HashSet::new();
        let mut answers = Vec::new();
        loop {
            let claimed = outbox
                .exchange(account, std::mem::take(&mut answers), Vec::new(), 100)
                .await
                .unwrap();
            if claimed.submissions.is_empty() {
                break;
            }
            for submission in &claimed.submissions {
                assert!(seen.insert(submission.part), "handed over twice");
                assert!(submission.text.starts_with("こんにちは"));
                answers.push(taken(submission));
            }
            assert!(desk.counts(&started).await.of(MessageState::Submitting) <= 100);
        }
        assert_eq!(desk.present(&started).await, [(MessageState::Accepted, 250)]);
        let receipts = seen
            .iter()
            .map(|part| receipt(carrier_id(*part), Outcome::Delivered))
            .collect();
        outbox.receipts(account, receipts).await.unwrap();
        assert_eq!(desk.present(&started).await, [(MessageState::Delivered, 250)]);
        let broadcast = desk.broadcast(&started).await;
        assert_eq!(
            broadcast.state(&desk.counts(&started).await, desk.clock.now()),
            BroadcastState::Finished
        );
    }
}

#[tokio::test]
async fn the_same_rows_are_recognised_in_any_order_and_under_any_name() {
    for desk in desks().await {
        let first = desk.start(new(rows(10, "x"))).await;
        let mut again = rows(12, "x");
        again.reverse();
        let second = desk
            .start(NewBroadcast {
                file_name: "別名.xlsx".to_owned(),
                ..new(again)
            })
            .await;
        assert_eq!(second.fates.iter().filter(|fate| fate.is_new).count(), 2);
        assert_eq!(desk.counts(&second).await.total(), 2);
        let third = desk.start(new(rows(12, "x"))).await;
        assert!(!third.is_new);
        assert_eq!(third.broadcast, first.broadcast);
        let rehearsal = desk
            .start(NewBroadcast {
                simulated: true,
                ..new(rows(10, "x"))
            })
            .await;
        assert!(
            rehearsal.fates.iter().all(|fate| fate.is_new),
            "a rehearsal is another thing"
        );
        desk.clock.advance(30 * DAY + 1);
        assert!(
            desk.start(new(rows(10, "x")))
                .await
                .fates
                .iter()
                .all(|fate| fate.is_new)
        );
    }
}

#[tokio::test]
async fn two_rows_that_do_the_same_are_one_message() {
    for desk in desks().await {
        let same = |line| Outgoing::to_number(line, number(1), "同じ".to_owned());
        let started = desk.start(new(vec![same(2), same(3)])).await;
        assert_eq!(started.fates[0].message, started.fates[1].message);
        assert_eq!(desk.counts(&started).await.total(), 1);
    }
}

#[tokio::test]
async fn many_starts_of_one_list_at_once_make_each_message_once() {
    for desk in desks().await {
        let starts = (0..8).map(|_| {
            let db = desk.db.clone();
            tokio::spawn(async move { broadcast::start(&db, new(rows(50, "同時"))).await.unwrap() })
        });
        let mut messages = std::collections::HashSet::new();
        for start in starts.collect::<Vec<_>>() {
            messages.extend(start.await.unwrap().fates.iter().map(|fate| fate.message));
        }
        assert_eq!(messages.len(), 50);
    }
}

#[tokio::test]
async fn a_resend_is_asked_for_and_keeps_its_reason() {
    for desk in desks().await {
        let started = desk.start(new(rows(3, "再送"))).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        let answers = vec![
            taken(&parts[0]),
            (
                parts[1].part,
                Answer::RefusedForGood {
                    code: "0x0B".to_owned(),
                },
            ),
            (parts[2].part, Answer::NoAnswer),
        ];
        outbox.record(account, answers).await.unwrap();
        let resend = |scope| NewBroadcast {
            resend: Some(Resend {
                scope,
                reason: "番号を確かめた".to_owned(),
            }),
            ..new(rows(3, "再送"))
        };
        let again = desk.start(resend(ResendScope::Failed)).await;
        let news = |started: &Started| -> Vec<u32> {
            started
                .fates
                .iter()
                .filter(|fate| fate.is_new)
                .map(|fate| fate.line)
                .collect()
        };
        assert_eq!(news(&again), [3]);
        assert_eq!(desk.broadcast(&again).await.resend.unwrap().1, "番号を確かめた");
        assert_eq!(news(&desk.start(resend(ResendScope::Unconfirmed)).await), [4]);
        assert_eq!(
            desk.present(&started).await.len(),
            3,
            "the earlier ones keep what became of them"
        );
    }
}

#[tokio::test]
async fn temporary_refusals_wait_and_permanent_ones_end() {
    for desk in desks().await {
        let started = desk.start(new(rows(2, "混雑"))).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        let due_at = desk.clock.now() + 5 * SECOND;
        let answers = vec![
            (
                parts[0].part,
                Answer::RefusedForNow {
                    code: "0x58".to_owned(),
                    due_at,
                },
            ),
            (
                parts[1].part,
                Answer::RefusedForGood {
                    code: "0x0B".to_owned(),
                },
            ),
        ];
        let claimed = outbox.exchange(account, answers, Vec::new(), 10).await.unwrap();
        assert!(claimed.submissions.is_empty(), "not before it is due");
        desk.clock.advance(5 * SECOND);
        let retried = claim(&outbox, account, 10).await;
        assert_eq!(
            retried.iter().map(|one| one.part).collect::<Vec<_>>(),
            [parts[0].part]
        );
        outbox.record(account, vec![taken(&retried[0])]).await.unwrap();
        let expected = [(MessageState::Accepted, 1), (MessageState::Rejected, 1)];
        assert_eq!(desk.present(&started).await, expected);
        let history = store::message(&desk.db, ORG, parts[0].part.message)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(history.attempts.len(), 1);
        assert_eq!(history.parts[0].tries, 2);
    }
}

#[tokio::test]
async fn parts_have_fates_of_their_own_and_delivered_needs_all() {
    for desk in desks().await {
        let long = Outgoing::to_number(2, number(1), "あ".repeat(150));
        let started = desk.start(new(vec![long.clone()])).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        assert_eq!(parts.len(), 3);
        assert_eq!(
            parts.iter().map(|part| part.text.as_str()).collect::<String>(),
            long.text
        );
        let busy = Answer::RefusedForNow {
            code: "0x14".to_owned(),
            due_at: desk.clock.now(),
        };
        outbox
            .record(
                account,
                vec![taken(&parts[0]), (parts[1].part, busy), taken(&parts[2])],
            )
            .await
            .unwrap();
        let again = claim(&outbox, account, 10).await;
        assert_eq!(
            again.iter().map(|one| one.part.part_no).collect::<Vec<_>>(),
            [2],
            "only the refused part"
        );
        outbox.record(account, vec![taken(&again[0])]).await.unwrap();
        for (index, part) in parts.iter().enumerate() {
            assert_eq!(
                desk.present(&started).await,
                [(MessageState::Accepted, 1)],
                "after {index} receipts"
            );
            let receipts = vec![receipt(carrier_id(part.part), Outcome::Delivered)];
            outbox.receipts(account, receipts).await.unwrap();
        }
        assert_eq!(desk.present(&started).await, [(MessageState::Delivered, 1)]);
    }
}

#[tokio::test]
async fn a_receipt_before_its_answer_waits_for_it() {
    for desk in desks().await {
        let started = desk.start(new(rows(1, "早い"))).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        outbox
            .receipts(
                account,
                vec![receipt(carrier_id(parts[0].part), Outcome::Delivered)],
            )
            .await
            .unwrap();
        assert_eq!(desk.present(&started).await, [(MessageState::Submitting, 1)]);
        outbox.record(account, vec![taken(&parts[0])]).await.unwrap();
        assert_eq!(desk.present(&started).await, [(MessageState::Delivered, 1)]);
    }
}

#[tokio::test]
async fn a_receipt_that_comes_with_its_answer_is_kept_in_the_same_commit() {
    for desk in desks().await {
        let started = desk.start(new(rows(2, "同時"))).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        let receipts = vec![
            receipt(carrier_id(parts[0].part), Outcome::Delivered),
            receipt(carrier_id(parts[0].part), Outcome::Expired),
            receipt(carrier_id(parts[1].part), Outcome::Undelivered),
        ];
        let answers = parts.iter().map(taken).collect();
        outbox.exchange(account, answers, receipts, 0).await.unwrap();
        let expected = [(MessageState::Delivered, 1), (MessageState::Undelivered, 1)];
        assert_eq!(desk.present(&started).await, expected);
        let history = store::message(&desk.db, ORG, parts[0].part.message)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(history.receipts.len(), 2, "both are kept");
    }
}

#[tokio::test]
async fn an_answer_that_comes_after_others_took_over_still_names_the_part_for_its_receipt() {
    for desk in desks().await {
        let started = desk.start(new(rows(1, "遅れた応答"))).await;
        let (hung, account) = desk.outbox().await;
        let parts = claim(&hung, account, 10).await;
        // Another node declares the hung one gone; on SQLite that takes the file lock, so it is done by hand.
        let (message, part_no) = (parts[0].part.message, i64::from(parts[0].part.part_no));
        desk.db
            .write(move |tx| Box::pin(tx.execute(TAKE_OVER, db::params![message, part_no])))
            .await
            .unwrap();
        let receipts = vec![receipt(carrier_id(parts[0].part), Outcome::Delivered)];
        hung.exchange(account, vec![taken(&parts[0])], receipts, 0)
            .await
            .unwrap();
        assert_eq!(desk.present(&started).await, [(MessageState::Delivered, 1)]);
    }
}

const TAKE_OVER: db::Sql = db::Sql("UPDATE parts SET state = 90 WHERE message_id = $1 AND part_no = $2");

#[tokio::test]
async fn receipts_are_all_kept_and_nothing_goes_back_from_delivered() {
    for desk in desks().await {
        let started = desk.start(new(rows(1, "順"))).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        outbox.record(account, vec![taken(&parts[0])]).await.unwrap();
        let id = carrier_id(parts[0].part);
        for outcome in [
            Outcome::Undelivered,
            Outcome::Delivered,
            Outcome::Delivered,
            Outcome::Expired,
        ] {
            outbox
                .receipts(account, vec![receipt(id.clone(), outcome)])
                .await
                .unwrap();
        }
        assert_eq!(desk.present(&started).await, [(MessageState::Delivered, 1)]);
        let history = store::message(&desk.db, ORG, parts[0].part.message)
            .await
            .unwrap()
            .unwrap();
        let kept: Vec<&str> = history
            .receipts
            .iter()
            .map(|receipt| receipt.outcome.as_str())
            .collect();
        assert_eq!(kept, ["undelivered", "delivered", "delivered", "expired"]);
    }
}

#[tokio::test]
async fn what_a_dead_node_had_under_way_becomes_unconfirmed_and_is_not_resent() {
    for desk in desks().await {
        let started = desk.start(new(rows(10, "停電"))).await;
        let (dead, account) = desk.outbox().await;
        assert_eq!(claim(&dead, account, 4).await.len(), 4);
        drop(dead);
        desk.clock.advance(db::node::LEASE + 1);
        let (outbox, account) = desk.outbox().await;
        assert_eq!(outbox.recover().await.unwrap(), 4);
        assert_eq!(claim(&outbox, account, 100).await.len(), 6);
        assert_eq!(desk.counts(&started).await.of(MessageState::Unconfirmed), 4);
        assert!(claim(&outbox, account, 100).await.is_empty());
    }
}

#[tokio::test]
async fn a_late_receipt_settles_the_one_unconfirmed_message_that_fits_number_and_time() {
    for desk in desks().await {
        let started = desk.start(new(rows(2, "遅い"))).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        let lost = parts.iter().map(|one| (one.part, Answer::NoAnswer)).collect();
        outbox.record(account, lost).await.unwrap();
        let late = |to, submitted_at| Receipt {
            to: Some(to),
            submitted_at: Some(submitted_at),
            ..receipt("unheard of".to_owned(), Outcome::Delivered)
        };
        outbox
            .receipts(account, vec![late(number(0), NOON + HOUR)])
            .await
            .unwrap();
        assert_eq!(
            desk.counts(&started).await.of(MessageState::Unconfirmed),
            2,
            "another time"
        );
        outbox
            .receipts(account, vec![late(number(7), NOON)])
            .await
            .unwrap();
        assert_eq!(
            desk.counts(&started).await.of(MessageState::Unconfirmed),
            2,
            "another number"
        );
        let fits = Receipt {
            carrier_message_id: "fits".to_owned(),
            ..late(number(0), NOON - MINUTE)
        };
        outbox.receipts(account, vec![fits]).await.unwrap();
        let expected = [(MessageState::Delivered, 1), (MessageState::Unconfirmed, 1)];
        assert_eq!(desk.present(&started).await, expected);
    }
}

#[tokio::test]
async fn where_two_messages_fit_a_late_receipt_a_person_decides() {
    for desk in desks().await {
        let family = |line| Outgoing::to_number(line, number(1), format!("ID {line}"));
        let started = desk.start(new(vec![family(2), family(3)])).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        outbox
            .record(
                account,
                parts.iter().map(|one| (one.part, Answer::NoAnswer)).collect(),
            )
            .await
            .unwrap();
        let late = Receipt {
            to: Some(number(1)),
            submitted_at: Some(NOON),
            ..receipt("either".to_owned(), Outcome::Delivered)
        };
        outbox.receipts(account, vec![late]).await.unwrap();
        assert_eq!(desk.present(&started).await, [(MessageState::Unconfirmed, 2)]);
        let message = parts[0].part.message;
        let (by, delivered) = (StaffId::new(1), messaging::message::Settlement::Delivered);
        assert!(
            store::settle(&desk.db, ORG, message, started.broadcast, delivered, by)
                .await
                .unwrap()
        );
        assert!(
            !store::settle(&desk.db, ORG, message, started.broadcast, delivered, by)
                .await
                .unwrap()
        );
        assert_eq!(desk.counts(&started).await.of(MessageState::Delivered), 1);
    }
}

#[tokio::test]
async fn a_held_broadcast_waits_and_can_be_withdrawn_whole() {
    for desk in desks().await {
        let started = desk
            .start(NewBroadcast {
                hold: 30 * SECOND,
                ..new(rows(5, "保留"))
            })
            .await;
        let (outbox, account) = desk.outbox().await;
        assert!(claim(&outbox, account, 10).await.is_empty());
        assert_eq!(desk.present(&started).await, [(MessageState::Held, 5)]);
        assert!(
            store::discard(&desk.db, ORG, started.broadcast, None)
                .await
                .unwrap()
        );
        desk.clock.advance(31 * SECOND);
        assert!(claim(&outbox, account, 10).await.is_empty());
        assert_eq!(desk.present(&started).await, [(MessageState::Cancelled, 5)]);
        assert!(
            desk.start(new(rows(5, "保留"))).await.is_new,
            "what was withdrawn may be sent anew"
        );
    }
}

#[tokio::test]
async fn stop_lets_nothing_more_leave_and_resume_goes_on() {
    for desk in desks().await {
        let started = desk.start(new(rows(20, "停止"))).await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 5).await;
        assert!(
            store::pause(&desk.db, ORG, started.broadcast, None)
                .await
                .unwrap()
        );
        let answers: Vec<_> = out.iter().map(taken).collect();
        let claimed = outbox.exchange(account, answers, Vec::new(), 100).await.unwrap();
        assert!(claimed.submissions.is_empty());
        let expected = [(MessageState::Queued, 15), (MessageState::Accepted, 5)];
        assert_eq!(desk.present(&started).await, expected);
        assert!(
            store::resume(&desk.db, ORG, started.broadcast, None)
                .await
                .unwrap()
        );
        assert_eq!(claim(&outbox, account, 100).await.len(), 15);
    }
}

#[tokio::test]
async fn what_comes_back_to_a_discarded_broadcast_is_closed() {
    for desk in desks().await {
        let long = Outgoing::to_number(99, number(99), "長".repeat(100));
        let started = desk.start(new([rows(1, "破棄"), vec![long]].concat())).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        assert_eq!(parts.len(), 3);
        store::discard(&desk.db, ORG, started.broadcast, None)
            .await
            .unwrap();
        let busy = |part| {
            (
                part,
                Answer::RefusedForNow {
                    code: "0x58".to_owned(),
                    due_at: 0,
                },
            )
        };
        let answers = vec![busy(parts[0].part), taken(&parts[1]), busy(parts[2].part)];
        outbox.record(account, answers).await.unwrap();
        outbox.recover().await.unwrap();
        let expected = [(MessageState::Undelivered, 1), (MessageState::Cancelled, 1)];
        assert_eq!(
            desk.present(&started).await,
            expected,
            "half a message is not called cancelled"
        );
    }
}

#[tokio::test]
async fn seventy_rows_of_one_office_do_not_wait_behind_ten_thousand_of_another() {
    for desk in desks().await {
        desk.start(new(rows(2_000, "大"))).await;
        let small = NewBroadcast {
            office: OfficeId::new(2),
            ..new(rows(70, "小"))
        };
        desk.start(small).await;
        let urgent = NewBroadcast {
            lane: Lane::Urgent,
            ..new(rows(3, "至急"))
        };
        desk.start(urgent).await;
        let (outbox, account) = desk.outbox().await;
        let first: Vec<Submission> = claim(&outbox, account, 3).await;
        assert!(
            first.iter().all(|one| one.text.starts_with("至急")),
            "the urgent lane is first"
        );
        let next = claim(&outbox, account, 100).await;
        assert_eq!(
            next.iter().filter(|one| one.text.starts_with('小')).count(),
            50,
            "half for each office"
        );
        let rest = claim(&outbox, account, 100).await;
        assert_eq!(rest.len(), 100, "what one office does not need the other gets");
    }
}

#[tokio::test]
async fn silence_of_the_carrier_is_closed_honestly() {
    for desk in desks().await {
        let started = desk.start(new(rows(1, "無音"))).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 1).await;
        outbox.record(account, vec![taken(&parts[0])]).await.unwrap();
        desk.clock.advance(72 * HOUR);
        assert_eq!(outbox.close_overdue().await.unwrap(), 0);
        desk.clock.advance(2 * HOUR);
        assert_eq!(outbox.close_overdue().await.unwrap(), 1);
        assert_eq!(desk.present(&started).await, [(MessageState::Unconfirmed, 1)]);
        let late = vec![receipt(carrier_id(parts[0].part), Outcome::Delivered)];
        outbox.receipts(account, late).await.unwrap();
        assert_eq!(desk.present(&started).await, [(MessageState::Delivered, 1)]);
    }
}

#[tokio::test]
async fn standings_are_given_in_the_order_asked_for() {
    for desk in desks().await {
        let started = desk.start(new(rows(5, "順番"))).await;
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 2).await;
        outbox
            .record(account, parts.iter().map(taken).collect())
            .await
            .unwrap();
        let asked: Vec<MessageId> = started.fates.iter().rev().map(|fate| fate.message).collect();
        let standings = store::standings(&desk.db, ORG, &asked).await.unwrap();
        let states: Vec<MessageState> = standings.iter().map(|one| one.state).collect();
        let (queued, accepted) = (MessageState::Queued, MessageState::Accepted);
        assert_eq!(states, [queued, queued, queued, accepted, accepted]);
        assert_eq!(standings[4].carrier_message_id, Some(carrier_id(parts[0].part)));
    }
}

#[tokio::test]
async fn a_dump_of_the_database_shows_no_name_number_or_text() {
    let clock = Clock::manual(NOON);
    let database = TestDatabase::sqlite(clock);
    let db = database.open().await.unwrap();
    let secret = Outgoing::to_number(2, number(4242), "山﨑花子さま 12345678".to_owned());
    let resend = Some(Resend {
        scope: ResendScope::All,
        reason: "山﨑さんの希望".to_owned(),
    });
    let file_name = "山﨑さん.csv".to_owned();
    broadcast::start(
        &db,
        NewBroadcast {
            file_name,
            resend,
            ..new(vec![secret])
        },
    )
    .await
    .unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(database.directory.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        seen += bytes.len();
        for needle in ["山﨑", "12345678", "9012004242", "09012004242"] {
            assert!(
                !bytes
                    .windows(needle.len())
                    .any(|window| window == needle.as_bytes()),
                "{needle}"
            );
        }
    }
    assert!(seen > 10_000, "the database was there to be searched");
}
