//! A broadcast of results that is discarded tells nobody: its people are on the live lists again.

use base::id::BroadcastId;
use desk::application::State;
use desk::document::Outcome;
use desk::jobs;
use desk::release::Released;
use desk::store;

use crate::house::{HEAD, House, ORG, confirmed, doctor, kind, not_needed, says};

async fn discard(house: &House, released: &Released) -> usize {
    let broadcast = released.started.as_ref().unwrap().broadcast;
    give_up(house, broadcast).await;
    jobs::look(&house.desk, ORG).await.unwrap().not_sent
}

async fn give_up(house: &House, broadcast: BroadcastId) {
    let discarded = messaging::store::discard(&house.db, ORG, broadcast, Some(HEAD));
    assert!(discarded.await.unwrap());
}

#[tokio::test]
async fn who_was_not_written_to_after_all_waits_for_the_result_again() {
    for house in House::each(says()).await {
        house.apply(1).await;
        house.apply(2).await;
        let (one, _) = house.decide(doctor(1), confirmed()).await;
        house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        let released = house.release(confirmed(), false).await;
        assert_eq!(discard(&house, &released).await, 2);
        assert_eq!(jobs::look(&house.desk, ORG).await.unwrap().not_sent, 0, "once");
        let seen = house.see(one).await;
        let owed = Some(Outcome::Decided(confirmed()));
        assert_eq!((seen.state, seen.owes, seen.told), (State::Final, owed, None));
        assert!(house.texts(one).await.is_empty());
        let lists = store::outcome_lists(&house.db, ORG, house.id()).await.unwrap();
        assert_eq!(lists.len(), 1, "what happened stays");
        let events = store::application_events(&house.db, ORG, one).await.unwrap();
        assert!(events.iter().any(|event| event.kind == "not_sent"));
        // Told for the first time, by a message of its own.
        let again = house.release(confirmed(), false).await;
        assert_eq!((again.written, again.called), (2, 0));
        assert_ne!(
            again.started.unwrap().broadcast,
            released.started.unwrap().broadcast
        );
        let texts = house.texts(one).await;
        assert!(texts.len() == 1 && !texts[0].starts_with("【訂正】"), "{texts:?}");
        let told = store::decisions(&house.db, ORG, one).await.unwrap();
        let (_, message) = told[0].told.unwrap().message.unwrap();
        let facts = messaging::store::message_facts(&house.db, ORG, &[message])
            .await
            .unwrap();
        assert!(facts[&message].state.is_waiting(), "{:?}", facts[&message].state);
    }
}

#[tokio::test]
async fn what_was_decided_since_puts_nothing_right_that_nobody_was_told() {
    for house in House::each(says()).await {
        house.apply(1).await;
        let (id, number) = house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        let released = house.release(confirmed(), false).await;
        // Corrected before the broadcast is discarded: provisional, then locked as a correction.
        house.correct(id, number, not_needed(), doctor(2)).await;
        house.settle().await;
        let list = house.lock(&kind(not_needed(), true)).await.unwrap();
        assert_eq!(discard(&house, &released).await, 1);
        assert!(
            house.gathered(list).await.is_none(),
            "it is no correction any more"
        );
        assert_eq!(house.release(not_needed(), false).await.written, 1);
        let texts = house.texts(id).await;
        assert!(texts.len() == 1 && !texts[0].starts_with("【訂正】"), "{texts:?}");
    }
}

#[tokio::test]
async fn a_correction_that_was_discarded_is_told_again_as_one() {
    for house in House::each(says()).await {
        house.apply(1).await;
        let (id, number) = house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        house.correct(id, number, not_needed(), doctor(2)).await;
        house.settle().await;
        let released = house.release(not_needed(), true).await;
        assert_eq!(discard(&house, &released).await, 1);
        let seen = house.see(id).await;
        let (owed, told) = (Outcome::Decided(not_needed()), Outcome::Decided(confirmed()));
        assert_eq!(
            (seen.state, seen.owes, seen.told),
            (State::Final, Some(owed), Some(told))
        );
        assert_eq!(house.release(not_needed(), true).await.written, 1);
    }
}
