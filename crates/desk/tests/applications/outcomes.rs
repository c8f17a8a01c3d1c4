//! Outcome lists: live, locked, told in one commit with the broadcast, put right afterwards.

use base::clock::MINUTE;
use desk::application::State;
use desk::document::{Outcome, ReleaseRule};
use desk::jobs;
use desk::release::Gathering;
use desk::store;
use lists::calls::{Due, open_calls};
use messaging::broadcast::{Origin, StartError};

use crate::house::{House, ORG, applicant, confirmed, doctor, kind, not_needed, says};

#[tokio::test]
async fn a_lock_takes_what_is_final_and_each_person_is_told_once_what_was_decided() {
    for house in House::each(says()).await {
        for n in 0..5 {
            house.apply(n).await;
        }
        let mut granted = Vec::new();
        for _ in 0..3 {
            granted.push(house.decide(doctor(1), confirmed()).await.0);
        }
        let (refused, _) = house.decide(doctor(1), not_needed()).await;
        house.settle().await;
        let (late, _) = house.decide(doctor(1), confirmed()).await;
        let live = store::live_lists(&house.db, ORG, house.id()).await.unwrap();
        let mut people: Vec<_> = live
            .lists
            .iter()
            .map(|one| (one.kind.outcome.code(), one.people))
            .collect();
        people.sort();
        assert_eq!(people, [("K01".to_owned(), 1), ("confirmed".to_owned(), 3)]);
        assert_eq!(live.provisional, [(confirmed(), 1)]);
        let list = house.lock(&kind(confirmed(), false)).await.unwrap();
        assert_eq!(
            house.lock(&kind(confirmed(), false)).await,
            None,
            "they are locked already"
        );
        let plan = house.gathered(list).await.unwrap();
        assert_eq!(plan.1.rows.len(), 3);
        let released = house.press(&plan).await.unwrap();
        assert_eq!((released.written, released.called, released.left), (3, 0, 0));
        assert!(
            matches!(house.press(&plan).await, Err(StartError::NoRows)),
            "twice is once"
        );
        for id in &granted {
            let seen = house.see(*id).await;
            assert_eq!(
                (seen.state, seen.told),
                (State::Released, Some(Outcome::Decided(confirmed())))
            );
            let texts = house.texts(*id).await;
            assert_eq!(texts.len(), 1);
            assert!(
                texts[0].contains(&seen.reference.to_string()) && texts[0].contains("発送"),
                "{texts:?}"
            );
        }
        assert_eq!(house.see(late).await.state, State::Provisional);
        assert_eq!(house.see(refused).await.state, State::Final);
        let kept = store::outcome_list(&house.db, ORG, list).await.unwrap().unwrap();
        assert_eq!(
            (kept.people, kept.told, kept.released_at.is_some()),
            (3, Some(3), true)
        );
        assert_eq!(store::on_list(&house.db, ORG, &kept).await.unwrap().len(), 3);
        assert!(!store::open_again(&house.db, ORG, list).await.unwrap());
    }
}

#[tokio::test]
async fn who_is_decided_anew_under_the_hand_of_the_sender_is_not_told_the_old_result() {
    for house in House::each(says()).await {
        for n in 0..2 {
            house.apply(n).await;
        }
        let (one, number) = house.decide(doctor(1), confirmed()).await;
        house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        let list = house.lock(&kind(confirmed(), false)).await.unwrap();
        let plan = house.gathered(list).await.unwrap();
        house.correct(one, number, not_needed(), doctor(2)).await;
        let released = house.press(&plan).await.unwrap();
        assert_eq!((released.written, released.left), (1, 1));
        assert!(house.texts(one).await.is_empty());
        house.settle().await;
        // Nobody had told them: it is a result, not a correction.
        assert_eq!(house.release(not_needed(), false).await.written, 1);
        assert_eq!(house.texts(one).await.len(), 1);
    }
}

#[tokio::test]
async fn after_sending_only_a_correction_helps_and_both_are_kept() {
    for house in House::each(says()).await {
        house.apply(1).await;
        let (id, number) = house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        let second = match house.correct(id, number, not_needed(), doctor(2)).await {
            store::Done::Done(second) => second,
            other => panic!("{other:?}"),
        };
        assert!(matches!(
            house.correct(id, number, not_needed(), doctor(3)).await,
            store::Done::Otherwise(_)
        ));
        house.settle().await;
        assert_eq!(house.lock(&kind(not_needed(), false)).await, None);
        assert_eq!(house.release(not_needed(), true).await.written, 1);
        let texts = house.texts(id).await;
        assert!(texts.len() == 2 && texts[1].starts_with("【訂正】"), "{texts:?}");
        // And back again: a third message, since the person believes the second.
        house.minutes(5);
        house.correct(id, second, confirmed(), doctor(2)).await;
        house.settle().await;
        assert_eq!(house.release(confirmed(), true).await.written, 1);
        assert_eq!(house.texts(id).await.len(), 3);
    }
}

#[tokio::test]
async fn a_correction_that_leads_back_to_what_was_told_tells_nobody() {
    for house in House::each(says()).await {
        house.apply(1).await;
        let (id, number) = house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        let store::Done::Done(second) = house.correct(id, number, not_needed(), doctor(2)).await else {
            panic!("it stands");
        };
        house.settle().await;
        house.correct(id, second, confirmed(), doctor(2)).await;
        house.settle().await;
        let seen = house.see(id).await;
        assert_eq!((seen.state, seen.owes), (State::Released, None));
        // Taken back in time, the correction was none.
        let third = seen.decided.unwrap().number;
        let store::Done::Done(fourth) = house.correct(id, third, not_needed(), doctor(2)).await else {
            panic!("it stands");
        };
        store::undo(&house.db, ORG, (id, fourth), doctor(2))
            .await
            .unwrap();
        let seen = house.see(id).await;
        assert_eq!(
            (seen.state, seen.decided.unwrap().number),
            (State::Released, third)
        );
    }
}

#[tokio::test]
async fn whoever_no_message_reaches_is_telephoned_and_nobody_disappears() {
    for house in House::each(says()).await {
        let mut content = house.content(1);
        // A name that no text takes.
        content.applicant.name = Some("試験1子".repeat(20));
        let odd = house.begun(content).await.id;
        house.submit(odd).await;
        house.apply(2).await;
        for _ in 0..2 {
            house.decide(doctor(1), confirmed()).await;
        }
        house.settle().await;
        let list = house.lock(&kind(confirmed(), false)).await.unwrap();
        let gathering = Gathering::of(&house.db, ORG, list).await.unwrap().unwrap();
        assert_eq!(gathering.people.len(), 2);
        let vault = house.db.vault(ORG).await.unwrap();
        let mut roll = gathering.roll(&vault);
        // As if the number had been lost.
        roll.rows[0].0[0].clear();
        let judged = messaging::pages::roll::judge(&house.desk, roll)
            .await
            .unwrap()
            .unwrap();
        let new = judged
            .broadcast(&house.desk, gathering.name("結果"), Origin::Browser, None)
            .await
            .unwrap();
        let released = desk::release::start(&house.db, &gathering, &judged, new)
            .await
            .unwrap();
        assert_eq!((released.written, released.called), (1, 1));
        let calls = open_calls(&house.db, ORG, None, Due::Now, (10, 0)).await.unwrap();
        assert_eq!(calls.len(), 1);
        let told = store::decisions(&house.db, ORG, odd).await.unwrap();
        assert_eq!(told[0].told.unwrap().call, Some(calls[0].id));
        assert_eq!(house.see(odd).await.state, State::Released);
    }
}

#[tokio::test]
async fn a_desk_whose_rule_says_so_tells_its_results_by_itself() {
    let mut says = says();
    says.release = ReleaseRule::Continuous(10);
    for house in House::each(says).await {
        // Two people of one number: each has a result of their own.
        house.apply(1).await;
        let mut child = house.content(2);
        child.applicant.phone = applicant(1).phone;
        let child = house.begun(child).await.id;
        house.submit(child).await;
        for _ in 0..2 {
            house.decide(doctor(1), confirmed()).await;
        }
        house.settle().await;
        assert_eq!(jobs::look(&house.desk, ORG).await.unwrap().told, 0, "not yet");
        house.clock.advance(10 * MINUTE);
        assert_eq!(jobs::look(&house.desk, ORG).await.unwrap().told, 2);
        assert_eq!(jobs::look(&house.desk, ORG).await.unwrap().told, 0);
        assert_eq!(house.texts(child).await.len(), 1);
        let lists = store::outcome_lists(&house.db, ORG, house.id()).await.unwrap();
        assert_eq!((lists.len(), lists[0].locked_by), (1, None));
    }
}

#[tokio::test]
async fn nobody_chooses_a_text_that_tells_a_result() {
    for house in House::each(says()).await {
        let texts = messaging::store::templates(&house.db, ORG).await.unwrap();
        assert!(texts.iter().any(|text| text.name.contains("（confirmed）")));
        assert_eq!(
            messaging::store::choosable_templates(&house.db, ORG)
                .await
                .unwrap(),
            []
        );
    }
}
