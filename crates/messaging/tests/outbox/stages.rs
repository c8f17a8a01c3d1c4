//! Training, test and live are apart: what may reach a carrier is decided in the commit that makes it.

use base::clock::DAY;
use base::id::StaffId;
use base::org::OrgMode;
use lists::contacts::Purpose;
use messaging::broadcast::{self, NewBroadcast, Outgoing, Refusal, StartError};
use messaging::outbox::Outbox;
use messaging::stage::BroadcastStage;
use messaging::store;

use crate::desk::{Desk, NOON, ORG, claim, desks, new, number, rows};

const HANAKO: StaffId = StaffId::new(7);
const TARO: StaffId = StaffId::new(8);

fn training(rows: Vec<Outgoing>) -> NewBroadcast {
    NewBroadcast {
        stage: BroadcastStage::Training,
        simulated: true,
        ..new(rows)
    }
}

fn test(n: u32, text: &str) -> NewBroadcast {
    NewBroadcast {
        stage: BroadcastStage::Test,
        ..new(vec![Outgoing::to_number(2, number(n), text.to_owned())])
    }
}

impl Desk {
    async fn refused(&self, new: NewBroadcast) -> Refusal {
        match broadcast::start(&self.db, new).await {
            Err(StartError::Refused(refusal)) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    /// As the set-up page begins.
    async fn begin_in_training(&self) {
        const BEGIN: db::Sql =
            db::Sql("UPDATE orgs SET mode = 'training', review = 'needed' WHERE org_id = $1");
        self.db
            .write(|tx| Box::pin(async move { tx.execute(BEGIN, db::params![ORG]).await.map(drop) }))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_database_without_reviews_sends_live_for_every_purpose() {
    for desk in desks().await {
        let standing = store::standing(&desk.db, ORG).await.unwrap();
        for purpose in Purpose::ALL {
            assert_eq!(standing.stage(purpose), BroadcastStage::Live);
        }
        desk.start(new(rows(1, "本番"))).await;
    }
}

#[tokio::test]
async fn a_new_organisation_sends_live_only_what_was_reviewed() {
    for desk in desks().await {
        desk.begin_in_training().await;
        let refusal = desk.refused(new(rows(1, "まだ"))).await;
        assert_eq!(refusal, Refusal::NotReviewed(Purpose::FirstTouch));
        desk.start(training(rows(1, "まだ"))).await;
        let opened = store::open_review(&desk.db, ORG, Purpose::FirstTouch, "文面を確かめた");
        assert!(opened.await.unwrap());
        let again = store::open_review(&desk.db, ORG, Purpose::FirstTouch, "もう一度");
        assert!(!again.await.unwrap());
        desk.start(new(rows(1, "まだ"))).await;
        let survey = NewBroadcast {
            purpose: Purpose::Survey,
            ..new(rows(1, "調査"))
        };
        assert_eq!(desk.refused(survey).await, Refusal::NotReviewed(Purpose::Survey));
        let closed = store::close_review(&desk.db, ORG, Purpose::FirstTouch, "契約の終わり");
        assert!(closed.await.unwrap());
        assert_eq!(
            desk.refused(new(rows(1, "あと"))).await,
            Refusal::NotReviewed(Purpose::FirstTouch)
        );
        let reviews = store::reviews(&desk.db, ORG).await.unwrap();
        assert_eq!(reviews.len(), 1);
        assert_eq!(reviews[0].opened_note, "文面を確かめた");
        assert_eq!(reviews[0].closed_note.as_deref(), Some("契約の終わり"));
    }
}

#[tokio::test]
async fn an_organisation_in_training_reaches_nobody() {
    for desk in desks().await {
        store::set_mode(&desk.db, ORG, OrgMode::Training).await.unwrap();
        assert_eq!(desk.refused(new(rows(1, "本番"))).await, Refusal::Training);
        let started = desk.start(training(rows(3, "訓練"))).await;
        assert_eq!(desk.broadcast(&started).await.stage, BroadcastStage::Training);
        let node = desk.db.join().await.unwrap().unwrap();
        let real = Outbox::new(desk.db.clone(), node.clone(), false);
        let rehearsal = Outbox::new(desk.db.clone(), node, true);
        let account = real.account("todoke@carrier:2775").await.unwrap();
        assert!(claim(&real, account, 10).await.is_empty());
        assert_eq!(claim(&rehearsal, account, 10).await.len(), 3);
    }
}

#[tokio::test]
async fn an_exercise_for_a_real_carrier_cannot_be_made() {
    for desk in desks().await {
        let wrong = NewBroadcast {
            simulated: false,
            ..training(rows(1, "訓練"))
        };
        let made = broadcast::start(&desk.db, wrong).await;
        assert!(matches!(made, Err(StartError::Database(_))), "{made:?}");
    }
}

#[tokio::test]
async fn a_test_goes_to_confirmed_numbers_of_the_staff_only() {
    for desk in desks().await {
        assert_eq!(desk.refused(test(1, "試し")).await, Refusal::NotStaff);
        store::enter_staff_number(&desk.db, ORG, HANAKO, number(1))
            .await
            .unwrap();
        assert_eq!(
            desk.refused(test(1, "試し")).await,
            Refusal::NotStaff,
            "not confirmed"
        );
        let entered = store::staff_number(&desk.db, ORG, HANAKO).await.unwrap().unwrap();
        let at = entered.entered_at;
        let own = store::confirm_staff_number(&desk.db, ORG, HANAKO, at, HANAKO).await;
        assert!(!own.unwrap(), "nobody confirms their own");
        assert!(
            store::confirm_staff_number(&desk.db, ORG, HANAKO, at, TARO)
                .await
                .unwrap()
        );
        desk.start(test(1, "試し")).await;
        assert_eq!(desk.refused(test(2, "試し")).await, Refusal::NotStaff);
        // Another number has to be confirmed anew, and what was seen of the old one does not do it.
        desk.clock.advance(1);
        store::enter_staff_number(&desk.db, ORG, HANAKO, number(2))
            .await
            .unwrap();
        assert!(
            !store::confirm_staff_number(&desk.db, ORG, HANAKO, at, TARO)
                .await
                .unwrap()
        );
        assert_eq!(desk.refused(test(2, "試し")).await, Refusal::NotStaff);
        assert_eq!(desk.refused(test(1, "もう一つ")).await, Refusal::NotStaff);
    }
}

#[tokio::test]
async fn a_test_is_no_contact_and_stands_in_the_way_of_nothing() {
    for desk in desks().await {
        store::enter_staff_number(&desk.db, ORG, HANAKO, number(0))
            .await
            .unwrap();
        let at = store::staff_number(&desk.db, ORG, HANAKO)
            .await
            .unwrap()
            .unwrap()
            .entered_at;
        store::confirm_staff_number(&desk.db, ORG, HANAKO, at, TARO)
            .await
            .unwrap();
        desk.start(test(0, "同じ0")).await;
        let vault = desk.db.vault(ORG).await.unwrap();
        let key = lists::contacts::Key::of_phone(&vault, number(0));
        let known = async || {
            desk.db
                .write(move |tx| {
                    Box::pin(async move {
                        lists::contacts::messages_to(tx, ORG, key, NOON - DAY, NOON + DAY).await
                    })
                })
                .await
                .unwrap()
                .len()
        };
        assert_eq!(known().await, 0);
        let live = desk.start(new(rows(1, "同じ"))).await;
        assert!(
            live.is_new,
            "the person on the list gets the text that was tried out"
        );
        assert_eq!(known().await, 1);
    }
}

#[tokio::test]
async fn the_stop_of_everything_holds_on_every_connection_until_its_release() {
    for desk in desks().await {
        desk.start(new(rows(5, "止める"))).await;
        let other = desk.database.open().await.unwrap();
        let (outbox, account) = desk.outbox().await;
        assert_eq!(claim(&outbox, account, 2).await.len(), 2);
        assert!(store::stop_all(&other, ORG, HANAKO, "誤った文面").await.unwrap());
        assert!(!store::stop_all(&other, ORG, TARO, "二度目").await.unwrap());
        assert!(claim(&outbox, account, 10).await.is_empty());
        let started = desk.start(new(rows(2, "あとから"))).await;
        assert!(claim(&outbox, account, 10).await.is_empty());
        let stopped = store::standing(&desk.db, ORG).await.unwrap().stopped.unwrap();
        assert_eq!(
            (stopped.by, stopped.reason.as_str()),
            (Some(HANAKO), "誤った文面")
        );
        assert!(store::release_all(&other, ORG).await.unwrap());
        assert_eq!(claim(&outbox, account, 10).await.len(), 5);
        assert!(!store::release_all(&desk.db, ORG).await.unwrap());
        assert_eq!(desk.counts(&started).await.total(), 2);
    }
}
