//! The contact history follows what becomes messages and what is taken back.

use base::clock::DAY;
use base::id::{ListId, OfficeId};
use lists::contacts::{Asked, PersonKeys, PersonValues, Purpose, Whose, facts};
use messaging::broadcast::{NewBroadcast, Outgoing};
use messaging::outbox::Answer;
use messaging::store;

use crate::desk::{Desk, ORG, claim, desks, new, number, rows, taken};

const ASAKA: OfficeId = OfficeId::new(2);

/// What is known of the first `count` numbers, asked by the head office.
async fn known(desk: &Desk, count: u32) -> Vec<lists::contacts::RowFacts> {
    let vault = desk.db.vault(ORG).await.unwrap();
    let keys: Vec<PersonKeys> = (0..count)
        .map(|n| PersonValues {
            phone: Some(number(n)),
            ..PersonValues::default()
        })
        .map(|values| PersonKeys::of(&vault, &values))
        .collect();
    let asked = Asked {
        office: OfficeId::HEADQUARTERS,
        list: None,
        days: 30,
    };
    facts(&desk.db, ORG, &asked, &keys).await.unwrap()
}

async fn contacted(desk: &Desk, count: u32) -> Vec<bool> {
    let known = known(desk, count).await;
    known.iter().map(|row| !row.contacts.is_empty()).collect()
}

#[tokio::test]
async fn every_message_is_a_contact_of_its_office_person_and_purpose() {
    for desk in desks().await {
        let vault = desk.db.vault(ORG).await.unwrap();
        let person = PersonKeys::of(
            &vault,
            &PersonValues {
                id: Some("00123456"),
                ..PersonValues::default()
            },
        );
        let row = Outgoing {
            person,
            ..Outgoing::to_number(2, number(0), "結果".to_owned())
        };
        desk.start(NewBroadcast {
            office: ASAKA,
            list: Some(ListId::new(7)),
            purpose: Purpose::TestResult,
            ..new(vec![row])
        })
        .await;
        let known = known(&desk, 2).await;
        let contact = known[0].contacts[0];
        assert_eq!((contact.office, contact.purpose), (ASAKA, Purpose::TestResult));
        assert_eq!((contact.whose, contact.times), (Whose::SameNumber, 1));
        assert!(known[1].contacts.is_empty());
        let elsewhere = PersonKeys {
            id: person.id,
            ..PersonKeys::default()
        };
        let asked = Asked {
            office: ASAKA,
            list: None,
            days: 30,
        };
        let known = facts(&desk.db, ORG, &asked, &[elsewhere]).await.unwrap();
        assert_eq!(known[0].contacts[0].whose, Whose::SamePerson);
    }
}

#[tokio::test]
async fn a_list_of_several_chunks_is_recorded_whole_and_once() {
    for desk in desks().await {
        desk.start(new(rows(2_500, "x"))).await;
        desk.start(new(rows(2_501, "x"))).await;
        let known = known(&desk, 2_502).await;
        let times: Vec<u32> = known
            .iter()
            .map(|row| row.contacts.first().map_or(0, |contact| contact.times))
            .collect();
        assert!(times[..2_501].iter().all(|times| *times == 1));
        assert_eq!(times[2_501], 0);
    }
}

#[tokio::test]
async fn a_rehearsal_is_no_contact() {
    for desk in desks().await {
        desk.start(NewBroadcast {
            simulated: true,
            ..new(rows(2, "稽古"))
        })
        .await;
        assert_eq!(contacted(&desk, 2).await, [false, false]);
    }
}

#[tokio::test]
async fn what_is_cancelled_was_no_contact_and_what_left_in_part_was_one() {
    for desk in desks().await {
        let mut all = rows(3, "破棄");
        all[1].text = "あ".repeat(150);
        let started = desk.start(new(all)).await;
        let (outbox, account) = desk.outbox().await;
        // The first message, and the first part of the second one.
        let left = claim(&outbox, account, 2).await;
        let answers = vec![taken(&left[0]), (left[1].part, Answer::NeverWritten)];
        store::discard(&desk.db, ORG, started.broadcast, None)
            .await
            .unwrap();
        assert_eq!(contacted(&desk, 3).await, [true, true, false]);
        // What came back after the end is closed as well; its siblings were given up with it under way.
        outbox.record(account, answers).await.unwrap();
        outbox.recover().await.unwrap();
        assert_eq!(contacted(&desk, 3).await, [true, true, false]);
        desk.clock.advance(DAY);
        let again = desk.start(new(rows(3, "破棄"))).await;
        assert!(again.fates[2].is_new, "nothing stands in the way of sending it");
        assert_eq!(contacted(&desk, 3).await, [true, true, true]);
    }
}
