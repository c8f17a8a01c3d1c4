//! From a claim to a settled message: answers, receipts, silence, in every order.

use base::clock::{HOUR, MINUTE, SECOND};
use base::id::{MessageId, OfficeId, StaffId};
use messaging::broadcast::{BroadcastState, Lane, NewBroadcast, Outgoing};
use messaging::message::{MessageState, Outcome};
use messaging::outbox::{Answer, Receipt, Submission};
use messaging::release::NewRelease;
use messaging::store;

use crate::desk::{NOON, ORG, carrier_id, claim, desks, new, number, receipt, rows, taken};

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

/// So many of the rows are of people at high risk.
fn with_urgent(count: u32, text: &str, urgent_rows: usize) -> NewBroadcast {
    let new = new(rows(count, text));
    let release = NewRelease {
        urgent_rows,
        ..new.release
    };
    NewBroadcast { release, ..new }
}

#[tokio::test]
async fn people_at_high_risk_do_not_wait_behind_an_earlier_broadcast_of_their_office() {
    for desk in desks().await {
        desk.start(new(rows(500, "先"))).await;
        let (outbox, account) = desk.outbox().await;
        let before = claim(&outbox, account, 10).await;
        desk.start(with_urgent(40, "後", 4)).await;
        let next = claim(&outbox, account, 10).await;
        let (first, rest): (Vec<&Submission>, Vec<&Submission>) =
            next.iter().partition(|one| one.text.starts_with('後'));
        assert_eq!(
            (first.len(), rest.len()),
            (4, 6),
            "the urgent, then the earlier broadcast again"
        );
        let refused = |one: &Submission| (one.part, Answer::NeverWritten);
        outbox
            .record(account, before.iter().map(refused).collect())
            .await
            .unwrap();
        let again = claim(&outbox, account, 600).await;
        let latter = again.iter().position(|one| one.text.starts_with('後'));
        assert_eq!(
            (again.len(), latter),
            (530, Some(494)),
            "everybody else in the order of the broadcasts"
        );
    }
}

#[tokio::test]
async fn the_urgent_are_first_again_when_the_carrier_did_not_take_them() {
    for desk in desks().await {
        desk.start(new(rows(50, "先"))).await;
        desk.start(with_urgent(20, "後", 2)).await;
        let (outbox, account) = desk.outbox().await;
        let first = claim(&outbox, account, 1).await;
        let later = Answer::RefusedForNow {
            code: "0x58".to_owned(),
            due_at: desk.clock.now() + 5 * SECOND,
        };
        outbox
            .record(account, vec![(first[0].part, later)])
            .await
            .unwrap();
        let meanwhile = claim(&outbox, account, 5).await;
        assert!(meanwhile[0].text.starts_with('後') && meanwhile[1].text.starts_with('先'));
        desk.clock.advance(5 * SECOND);
        assert_eq!(claim(&outbox, account, 1).await[0].part, first[0].part);
    }
}

#[tokio::test]
async fn a_message_that_cannot_be_read_holds_nobody_else_up() {
    const DAMAGE: db::Sql = db::Sql("UPDATE messages SET text_sealed = phone_sealed WHERE message_id = $1");
    for desk in desks().await {
        let started = desk.start(new(rows(3, "こわれ"))).await;
        let broken = started.fates[1].message;
        let damage = desk
            .db
            .write(move |tx| Box::pin(async move { tx.execute(DAMAGE, db::params![broken]).await }));
        damage.await.unwrap();
        let (outbox, account) = desk.outbox().await;
        let parts = claim(&outbox, account, 10).await;
        assert_eq!(parts.len(), 2);
        outbox
            .record(account, parts.iter().map(taken).collect())
            .await
            .unwrap();
        let ends = [(MessageState::Rejected, 1), (MessageState::Accepted, 2)];
        let present = desk.present(&started).await;
        assert!(ends.iter().all(|one| present.contains(one)), "{present:?}");
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
