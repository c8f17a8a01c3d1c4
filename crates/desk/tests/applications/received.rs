//! Filled in, sent, sent back, sent once more; the capacity of a day; twins; what is never finished.

use base::clock::DAY;
use base::id::OrgId;
use db::Reference;
use desk::application::{Content, State};
use desk::document::Outcome;
use desk::form::Key;
use desk::jobs;
use desk::store::{self, Alike, ApplicationSubmitted, Changed, Precheck};
use web::Language;

use crate::house::{CLERK, House, ORG, applicant, confirmed, doctor, says, unclear};

#[tokio::test]
async fn what_is_whole_is_received_with_a_number_that_cannot_be_mistyped() {
    for house in House::each(says()).await {
        let begun = house.begun(Content::default()).await;
        assert_eq!(house.submit(begun.id).await, ApplicationSubmitted::NotComplete);
        for leave in 0..5 {
            let mut content = house.content(1);
            match leave {
                0 => content.consent = None,
                1 => content.applicant.phone = None,
                2 => content.answers = desk::form::Filling::default(),
                3 => content.eligibility = desk::form::Filling::default(),
                _ => content.applicant.address = None,
            }
            store::keep(&house.db, ORG, begun.id, content, Language::English)
                .await
                .unwrap();
            assert_eq!(
                house.submit(begun.id).await,
                ApplicationSubmitted::NotComplete,
                "{leave}"
            );
        }
        let content = house.content(1);
        store::keep(&house.db, ORG, begun.id, content.clone(), Language::English)
            .await
            .unwrap();
        let received = ApplicationSubmitted::Received(begun.reference);
        assert_eq!(house.submit(begun.id).await, received);
        assert_eq!(house.submit(begun.id).await, received, "twice is once");
        let seen = house.see(begun.id).await;
        assert_eq!((seen.state, seen.language), (State::Ready, Language::English));
        assert_eq!(seen.content, content);
        let typed = begun.reference.to_string();
        assert_eq!(
            typed.len(),
            12,
            "ten digits in groups: no case has so many: {typed}"
        );
        let found = store::application_by_reference(&house.db, ORG, Reference::parse(&typed).unwrap());
        assert_eq!(found.await.unwrap().unwrap().id, begun.id);
        let by_link = store::application_of_link(&house.db, &begun.token).await.unwrap();
        assert_eq!(by_link, Some((ORG, begun.id)));
        let other = store::application(&house.db, OrgId::new(2), begun.id).await;
        assert!(
            other.is_err() || other.unwrap().is_none(),
            "another organisation's wall"
        );
        let late = store::keep(&house.db, ORG, begun.id, Content::default(), Language::English);
        assert!(matches!(late.await.unwrap(), Changed::Otherwise(_)));
        let kinds = store::application_events(&house.db, ORG, begun.id).await.unwrap();
        assert_eq!(
            kinds.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(),
            ["received"]
        );
    }
}

#[tokio::test]
async fn a_day_takes_exactly_as_many_as_it_may_whoever_sends_at_once() {
    let mut says = says();
    says.hours.capacity = Some(5);
    for house in House::each(says).await {
        let mut drafts = Vec::new();
        for n in 0..12 {
            drafts.push(house.begun(house.content(n)).await.id);
        }
        let sends = drafts.iter().map(|id| {
            let (db, document, id) = (house.db.clone(), house.document.clone(), *id);
            tokio::spawn(async move { store::submit_application(&db, ORG, id, &document).await.unwrap() })
        });
        let mut received = 0;
        for send in sends.collect::<Vec<_>>() {
            match send.await.unwrap() {
                ApplicationSubmitted::Received(_) => received += 1,
                other => assert_eq!(other, ApplicationSubmitted::Full),
            }
        }
        assert_eq!(received, 5);
        house.clock.advance(DAY);
        let waiting = store::applications(&house.db, ORG, &drafts).await.unwrap();
        let draft = waiting.iter().find(|one| one.state == State::Draft).unwrap();
        assert!(matches!(
            house.submit(draft.id).await,
            ApplicationSubmitted::Received(_)
        ));
        store::set_closed(&house.db, ORG, house.id(), true).await.unwrap();
        let draft = waiting.iter().rfind(|one| one.state == State::Draft).unwrap();
        assert_eq!(house.submit(draft.id).await, ApplicationSubmitted::Closed);
    }
}

#[tokio::test]
async fn twins_are_told_and_stop_nobody() {
    for house in House::each(says()).await {
        let first = house.apply(1).await;
        let mut family = house.content(2);
        family.applicant.phone = applicant(1).phone;
        let mut same = house.content(1);
        same.applicant.phone = applicant(9).phone;
        let mut ids = Vec::new();
        for content in [family, same] {
            let begun = house.begun(content).await;
            assert!(matches!(
                house.submit(begun.id).await,
                ApplicationSubmitted::Received(_)
            ));
            ids.push(begun.id);
        }
        let db = &house.db;
        let twins = store::twins(db, ORG, first).await.unwrap();
        let alike: Vec<_> = twins.iter().map(|twin| (twin.id, twin.alike.clone())).collect();
        assert_eq!(
            alike,
            [
                (ids[0], vec![Alike::Phone]),
                (ids[1], vec![Alike::Kana, Alike::Name])
            ]
        );
    }
}

#[tokio::test]
async fn what_a_clerk_sends_back_is_told_at_once_and_comes_again_with_its_number() {
    let mut says = says();
    says.review.precheck = true;
    for house in House::each(says).await {
        let id = house.apply(1).await;
        let seen = house.see(id).await;
        assert_eq!(seen.state, State::Received);
        assert_eq!(
            store::received(&house.db, ORG, house.id()).await.unwrap().len(),
            1
        );
        let back = |what: &str| Precheck::SendBack {
            what: Key::parse(what).unwrap(),
        };
        let by = (CLERK, "番地がない".to_owned());
        let stale = store::precheck(
            &house.db,
            ORG,
            (id, seen.changes - 1),
            back("address_unclear"),
            by.clone(),
        );
        assert!(
            matches!(stale.await.unwrap(), Changed::Otherwise(_)),
            "somebody looked at an older one"
        );
        let done = store::precheck(&house.db, ORG, (id, seen.changes), back("address_unclear"), by);
        assert_eq!(done.await.unwrap(), Changed::Done);
        let told = jobs::look(&house.desk, ORG).await.unwrap().told;
        assert_eq!(told, 1, "nobody has to lock what was sent back");
        assert_eq!(jobs::look(&house.desk, ORG).await.unwrap().told, 0, "once");
        let sent_back = house.see(id).await;
        let what = Outcome::from_code("back:address_unclear");
        assert_eq!((sent_back.state, &sent_back.told), (State::SentBack, &what));
        let mut content = sent_back.content.clone();
        content.applicant.address.as_mut().unwrap().rest = "2番地".to_owned();
        store::keep(&house.db, ORG, id, content, Language::Japanese)
            .await
            .unwrap();
        let events = store::application_events(&house.db, ORG, id).await.unwrap();
        let before = events.iter().find(|one| one.kind == "before").unwrap();
        assert!(
            before.note.as_deref().is_some_and(|note| note.contains("1番地")),
            "what the clerk saw"
        );
        let again = ApplicationSubmitted::Received(seen.reference);
        assert_eq!(house.submit(id).await, again);
        let seen = house.see(id).await;
        assert_eq!((seen.state, seen.sent_back.clone()), (State::Received, None));
        let pass = Precheck::Pass { priority: 3 };
        let passed = store::precheck(&house.db, ORG, (id, seen.changes), pass, (CLERK, String::new()));
        assert_eq!(passed.await.unwrap(), Changed::Done);
        assert_eq!(house.next(doctor(1)).await.id, id);
    }
}

#[tokio::test]
async fn a_refusal_that_asks_again_comes_back_and_its_second_result_is_told_too() {
    for house in House::each(says()).await {
        let id = house.apply(1).await;
        house.decide(doctor(1), unclear()).await;
        house.settle().await;
        house.release(unclear(), false).await;
        assert_eq!(house.see(id).await.state, State::Released);
        assert!(matches!(
            house.submit(id).await,
            ApplicationSubmitted::Received(_)
        ));
        house.minutes(3);
        // The same reason once more, and then granted: three results, three messages.
        house.decide(doctor(2), unclear()).await;
        house.settle().await;
        assert_eq!(house.release(unclear(), false).await.written, 1);
        assert!(matches!(
            house.submit(id).await,
            ApplicationSubmitted::Received(_)
        ));
        house.decide(doctor(2), confirmed()).await;
        house.settle().await;
        assert_eq!(house.release(confirmed(), false).await.written, 1);
        assert_eq!(house.texts(id).await.len(), 3);
        assert_eq!(
            house.submit(id).await,
            ApplicationSubmitted::Otherwise(State::Released),
            "nothing is asked again of whoever was granted it"
        );
        let kept = store::keep(&house.db, ORG, id, Content::default(), Language::Japanese);
        assert!(
            matches!(kept.await.unwrap(), Changed::Otherwise(_)),
            "nor changed"
        );
    }
}

#[tokio::test]
async fn what_nobody_finishes_ends_and_what_is_taken_back_is_not_decided() {
    for house in House::each(says()).await {
        let draft = house.begun(Content::default()).await.id;
        let id = house.apply(1).await;
        let withdrawn = store::withdraw_application(&house.db, ORG, id).await.unwrap();
        assert_eq!(withdrawn, Changed::Done);
        house.clock.advance(3 * DAY);
        assert_eq!(store::expire(&house.db, ORG).await.unwrap(), 1);
        assert_eq!(house.see(draft).await.state, State::Expired);
        let next = house.claim(doctor(1), desk::store::Wanted::Next).await;
        assert_eq!(next, desk::store::Claimed::Nothing);
    }
}
