//! Rows become messages once, and what is stored shows nobody.

use base::clock::{Clock, DAY};
use db::testing::TestDatabase;
use messaging::broadcast::{self, NewBroadcast, Outgoing, Resend, Started};
use messaging::outbox::Answer;
use messaging::recognition::ResendScope;

use crate::desk::{NOON, claim, desks, new, number, rows, taken};

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
