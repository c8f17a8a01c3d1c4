//! Somebody got what was another person's: what stops, what goes on, and who decides.

use base::id::{BroadcastId, ListId, MessageId, StaffId};
use messaging::broadcast::{self, NewBroadcast, Refusal, StartError, Started};
use messaging::incident::{
    self, ByHand, Decided, Decision, IncidentEvent, IncidentState, Marked, NewReport, Reported,
};
use messaging::message::MessageState;
use messaging::store;

use crate::desk::{Desk, ORG, claim, desks, new, number, rows, strangers};

const BY: StaffId = StaffId::new(1);

async fn of_list(desk: &Desk, list: i64, count: u32, text: &str) -> Started {
    desk.start(NewBroadcast {
        list: Some(ListId::new(list)),
        ..new(rows(count, text))
    })
    .await
}

fn message(started: &Started) -> MessageId {
    started.fates[0].message
}

async fn report(desk: &Desk, message: MessageId, by: Option<StaffId>) -> Reported {
    let new = NewReport {
        message,
        by,
        source: None,
        note: "知らない名前だった".to_owned(),
    };
    incident::report(&desk.db, ORG, new).await.unwrap().unwrap()
}

async fn resume(desk: &Desk, id: BroadcastId) -> bool {
    store::resume(&desk.db, ORG, id, Some(BY)).await.unwrap().unwrap()
}

#[tokio::test]
async fn the_first_report_stops_everything_of_the_list_and_only_the_incident_lets_it_go_on() {
    for desk in desks().await {
        let (first, second) = (of_list(&desk, 7, 6, "朝").await, of_list(&desk, 7, 4, "昼").await);
        let other = of_list(&desk, 8, 3, "別").await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 2).await;
        assert_eq!(out.len(), 2);

        let reported = report(&desk, message(&first), None).await;
        assert!(reported.is_new);
        let mut stopped = reported.stopped.clone();
        stopped.sort_unstable();
        assert_eq!(stopped, [first.broadcast, second.broadcast]);
        let rest = claim(&outbox, account, 100).await;
        let left_before = out
            .iter()
            .filter(|one| one.part.message == message(&other))
            .count();
        assert_eq!(rest.len() + left_before, 3, "only the other list goes on");

        for held in [first.broadcast, second.broadcast] {
            assert!(!resume(&desk, held).await, "the incident holds it");
            assert_eq!(
                store::held_by(&desk.db, ORG, held).await.unwrap(),
                Some(reported.incident)
            );
        }
        assert_eq!(
            store::held_by(&desk.db, ORG, other.broadcast).await.unwrap(),
            None
        );
        assert_eq!(
            store::incident_of_list(&desk.db, ORG, ListId::new(7))
                .await
                .unwrap(),
            Some(reported.incident)
        );

        // Another report is the same incident's, and stops nothing that is stopped.
        let again = report(&desk, message(&second), Some(BY)).await;
        assert_eq!((again.incident, again.is_new), (reported.incident, false));
        assert_eq!(again.stopped, []);

        let decide = async |broadcast, decision| {
            incident::decide(
                &desk.db,
                ORG,
                (reported.incident, broadcast),
                decision,
                BY,
                "行は正しい",
            )
            .await
            .unwrap()
        };
        assert_eq!(decide(first.broadcast, Decision::Release).await, Decided::Done);
        assert_eq!(decide(first.broadcast, Decision::Discard).await, Decided::Before);
        assert!(
            claim(&outbox, account, 100).await.is_empty(),
            "deciding sends nothing"
        );
        assert!(resume(&desk, first.broadcast).await);
        assert!(!claim(&outbox, account, 100).await.is_empty());

        let mark = async |event| {
            incident::mark(&desk.db, ORG, reported.incident, event, BY)
                .await
                .unwrap()
        };
        assert_eq!(
            mark(IncidentEvent::Closed).await,
            Marked::NotNow,
            "nothing is contained yet"
        );
        assert_eq!(mark(IncidentEvent::Contained).await, Marked::Done);
        assert_eq!(mark(IncidentEvent::Closed).await, Marked::Undecided(1));
        assert_eq!(decide(second.broadcast, Decision::Discard).await, Decided::Done);
        let cancelled = desk.counts(&second).await.of(MessageState::Cancelled);
        assert!(cancelled > 0);
        assert_eq!(mark(IncidentEvent::Closed).await, Marked::Done);

        // A report after the end is another incident, with dates of its own.
        let later = report(&desk, message(&other), None).await;
        assert!(later.is_new);
        let lines = store::incident_lines(&desk.db, ORG, reported.incident)
            .await
            .unwrap();
        let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
        let expected = [
            "reported",
            "reported",
            "released",
            "contained",
            "discarded",
            "closed",
        ];
        assert_eq!(actions, expected);
        assert_eq!(lines[0].detail.as_deref(), Some("知らない名前だった"));
        assert_eq!((lines[0].by, lines[1].by), (None, Some(BY)));
    }
}

#[tokio::test]
async fn what_was_released_and_is_reported_again_is_held_again() {
    for desk in desks().await {
        let started = of_list(&desk, 7, 5, "朝").await;
        let reported = report(&desk, message(&started), None).await;
        let pair = (reported.incident, started.broadcast);
        let released = incident::decide(&desk.db, ORG, pair, Decision::Release, BY, "確かめた").await;
        assert_eq!(released.unwrap(), Decided::Done);
        incident::mark(&desk.db, ORG, reported.incident, IncidentEvent::Contained, BY)
            .await
            .unwrap();
        assert!(resume(&desk, started.broadcast).await);
        let again = report(&desk, message(&started), None).await;
        assert_eq!(again.incident, reported.incident);
        assert_eq!(again.stopped, [started.broadcast]);
        assert!(!resume(&desk, started.broadcast).await);
        let now = store::incident(&desk.db, ORG, reported.incident)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(now.state, IncidentState::Open, "it is not contained after all");
    }
}

#[tokio::test]
async fn many_reports_at_once_are_one_incident() {
    for desk in desks().await {
        let started = of_list(&desk, 7, 20, "朝").await;
        let all = started.fates.iter().map(|fate| {
            let db = desk.db.clone();
            let new = NewReport {
                message: fate.message,
                by: None,
                source: None,
                note: String::new(),
            };
            tokio::spawn(async move { incident::report(&db, ORG, new).await.unwrap().unwrap() })
        });
        let mut incidents = Vec::new();
        for one in all.collect::<Vec<_>>() {
            incidents.push(one.await.unwrap());
        }
        let opened = incidents.iter().filter(|one| one.is_new).count();
        let stopped: usize = incidents.iter().map(|one| one.stopped.len()).sum();
        assert_eq!((opened, stopped), (1, 1));
        let lines = store::incident_lines(&desk.db, ORG, incidents[0].incident)
            .await
            .unwrap();
        assert_eq!(lines.len(), 20);
    }
}

#[tokio::test]
async fn an_incident_by_hand_stops_what_waits_and_keeps_what_is_done() {
    for desk in desks().await {
        let waiting = of_list(&desk, 7, 5, "朝").await;
        let done = desk.start(new(rows(2, "済"))).await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 100).await;
        assert_eq!(out.len(), 7);
        store::discard(&desk.db, ORG, done.broadcast, None).await.unwrap();
        let more = of_list(&desk, 7, 3, "続き").await;
        let by_hand = ByHand {
            office: base::id::OfficeId::HEADQUARTERS,
            by: BY,
            broadcasts: vec![waiting.broadcast, done.broadcast],
            what: "列がずれていた".to_owned(),
        };
        let id = incident::open_by_hand(&desk.db, ORG, by_hand).await.unwrap();
        let concerned = store::concerned(&desk.db, ORG, id).await.unwrap();
        let held: Vec<_> = concerned
            .iter()
            .map(|one| (one.broadcast, one.is_held()))
            .collect();
        assert!(held.contains(&(more.broadcast, true)), "{held:?}");
        assert!(held.contains(&(done.broadcast, false)), "{held:?}");
        assert!(claim(&outbox, account, 100).await.is_empty());
    }
}

#[tokio::test]
async fn messages_are_found_by_the_number_that_they_went_to() {
    for desk in desks().await {
        let live = desk.start(new(rows(3, "朝"))).await;
        let rehearsed = desk
            .start(NewBroadcast {
                simulated: true,
                ..new(rows(3, "練習"))
            })
            .await;
        let since = desk.clock.now() - 1_000;
        let found = store::messages_to_number(&desk.db, ORG, number(1), since, 20)
            .await
            .unwrap();
        let ids: Vec<MessageId> = found.iter().map(|one| one.message).collect();
        assert_eq!(ids, [rehearsed.fates[1].message, live.fates[1].message]);
        // Somebody under observation gets one a day.
        for day in 0..21 {
            desk.start(new(rows(2, &format!("{day}日目")))).await;
        }
        let all = store::messages_to_number(&desk.db, ORG, number(1), since, 1_000)
            .await
            .unwrap();
        assert_eq!(all.len(), 23);
        let newest = store::messages_to_number(&desk.db, ORG, number(1), since, 1)
            .await
            .unwrap();
        assert_eq!(newest.len(), 1);
        let nobody = store::messages_to_number(&desk.db, ORG, number(99), since, 20)
            .await
            .unwrap();
        assert_eq!(nobody, []);
    }
}

#[tokio::test]
async fn a_list_that_was_confirmed_in_the_instant_of_a_report_does_not_start_or_is_stopped() {
    for desk in desks().await {
        // The report first: the start finds it inside its write, and nothing of it stands.
        let first = of_list(&desk, 7, 3, "朝").await;
        let reported = report(&desk, message(&first), None).await;
        let next = NewBroadcast {
            list: Some(ListId::new(7)),
            ..new(strangers(3, "昼"))
        };
        let refused = broadcast::start(&desk.db, next.clone()).await;
        let Err(StartError::Refused(refusal)) = refused else {
            panic!("not refused: {refused:?}");
        };
        assert_eq!(refusal, Refusal::Incident(reported.incident));
        assert!(refusal.to_string().contains("別の人の情報が届いた"), "{refusal}");
        let other = NewBroadcast {
            list: Some(ListId::new(8)),
            ..new(strangers(3, "別"))
        };
        desk.start(other).await;
        incident::mark(&desk.db, ORG, reported.incident, IncidentEvent::Contained, BY)
            .await
            .unwrap();
        desk.start(next).await;

        // Both at once, as two processes would: whichever is second sees the other.
        let node = desk.database.open().await.unwrap();
        for round in 0..8_i64 {
            let list = 100 + round;
            let seed = NewBroadcast {
                list: Some(ListId::new(list)),
                ..new(strangers(2, &format!("種{round}")))
            };
            let seed = desk.start(seed).await;
            let start = NewBroadcast {
                list: Some(ListId::new(list)),
                ..new(strangers(2, &format!("同時{round}")))
            };
            let (started, reported) = tokio::join!(
                broadcast::start(&node, start),
                report(&desk, message(&seed), None)
            );
            match started {
                Err(StartError::Refused(Refusal::Incident(incident))) => {
                    assert_eq!(incident, reported.incident);
                }
                Ok(started) => assert!(reported.stopped.contains(&started.broadcast)),
                Err(other) => panic!("{other}"),
            }
        }
    }
}
