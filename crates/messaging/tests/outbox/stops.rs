//! Held, stopped, given up: what has not left can be kept back.

use base::clock::SECOND;
use messaging::broadcast::{NewBroadcast, Outgoing};
use messaging::message::MessageState;
use messaging::outbox::Answer;
use messaging::store;

use crate::desk::{ORG, claim, desks, new, number, rows, taken};

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
