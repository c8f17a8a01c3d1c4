//! A wrong number takes effect at once on everything that waits, in every office, and on nothing that left.

use base::id::{MessageId, OfficeId, StaffId};
use lists::contacts::{PersonKeys, PersonValues, Purpose};
use lists::numbers::{NewWrong, WrongKind};
use messaging::broadcast::{BroadcastState, NewBroadcast, Origin, Outgoing, Started};
use messaging::correction::{Correction, report_wrong};
use messaging::message::MessageState;
use messaging::outbox::Answer;
use messaging::store;

use crate::desk::{Desk, ORG, claim, desks, new, number, rows, taken};

const ASAKA: OfficeId = OfficeId::new(2);
const HANAKO: StaffId = StaffId::new(7);

fn wrong(kind: WrongKind) -> NewWrong {
    NewWrong {
        phone: number(0),
        kind,
        person: PersonKeys::default(),
        corrected: None,
        reason: "本人の家族から電話があった".to_owned(),
        message: None,
        office: ASAKA,
        by: Some(HANAKO),
    }
}

impl Desk {
    async fn correct(&self, new: NewWrong) -> Correction {
        report_wrong(&self.db, ORG, new).await.unwrap()
    }

    async fn person(&self, id: &str) -> PersonKeys {
        let vault = self.db.vault(ORG).await.unwrap();
        let values = PersonValues {
            id: Some(id),
            ..PersonValues::default()
        };
        PersonKeys::of(&vault, &values)
    }

    async fn state(&self, message: MessageId) -> MessageState {
        store::standings(&self.db, ORG, &[message]).await.unwrap()[0].state
    }

    async fn actions(&self, started: &Started) -> Vec<String> {
        let events = store::broadcast_events(&self.db, ORG, started.broadcast)
            .await
            .unwrap();
        events.into_iter().map(|(_, _, action, _)| action).collect()
    }
}

#[tokio::test]
async fn what_waits_anywhere_is_called_back_and_made_anew_for_the_right_number() {
    for desk in desks().await {
        let here = desk.start(new(rows(3, "本庁"))).await;
        let there = desk
            .start(NewBroadcast {
                office: ASAKA,
                purpose: Purpose::TestResult,
                ..new(rows(2, "朝霞"))
            })
            .await;
        store::pause(&desk.db, ORG, there.broadcast, None).await.unwrap();
        let (outbox, account) = desk.outbox().await;
        let done = desk
            .correct(NewWrong {
                corrected: Some(number(900)),
                ..wrong(WrongKind::WrongNumber)
            })
            .await;
        assert_eq!(
            (done.effect.cancelled, done.effect.made, done.effect.left),
            (2, 2, 0)
        );
        assert_eq!(done.waiting.len(), 2);
        for started in [&here, &there] {
            assert_eq!(
                desk.state(started.fates[0].message).await,
                MessageState::Cancelled
            );
            assert_eq!(desk.actions(started).await.last().unwrap(), "called_back");
        }
        for (waiting, earlier, text) in [
            (done.waiting[0], &here, "本庁0"),
            (done.waiting[1], &there, "朝霞0"),
        ] {
            let broadcast = store::broadcast(&desk.db, ORG, waiting).await.unwrap().unwrap();
            let like = desk.broadcast(earlier).await;
            assert_eq!((broadcast.office, &broadcast.sender), (like.office, &like.sender));
            assert_eq!(broadcast.origin, Origin::Correction);
            let now = desk.clock.now();
            let counts = store::counts(&desk.db, ORG, &broadcast, now).await.unwrap();
            assert_eq!(broadcast.state(&counts, now), BroadcastState::AwaitingCheck);
            let message = store::message(&desk.db, ORG, broadcast.messages.0)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(
                (message.to, message.text.as_str(), message.line),
                (Some(number(900)), text, 2)
            );
        }
        let out = claim(&outbox, account, 10).await;
        assert_eq!(
            out.len(),
            2,
            "the two others of the head office: nobody has let the new ones go"
        );
        assert!(
            store::resume(&desk.db, ORG, done.waiting[1], Some(HANAKO))
                .await
                .unwrap()
                .unwrap()
        );
        let out = claim(&outbox, account, 10).await;
        assert_eq!((out.len(), out[0].to), (1, number(900)));
        // A stop afterwards is an ordinary one.
        desk.clock.advance(1);
        store::pause(&desk.db, ORG, done.waiting[1], Some(HANAKO))
            .await
            .unwrap();
        let broadcast = store::broadcast(&desk.db, ORG, done.waiting[1])
            .await
            .unwrap()
            .unwrap();
        assert!(!broadcast.is_unchecked());
    }
}

#[tokio::test]
async fn what_has_left_stays_and_is_told() {
    for desk in desks().await {
        let texts = ["渡した", "途中", "断られた", "待つ"];
        let all = (2..)
            .zip(texts)
            .map(|(line, text)| Outgoing::to_number(line, number(0), text.to_owned()));
        let started = desk.start(new(all.collect())).await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 3).await;
        let refused = Answer::RefusedForGood {
            code: "0x0B".to_owned(),
        };
        outbox
            .record(account, vec![taken(&out[0]), (out[2].part, refused)])
            .await
            .unwrap();
        let done = desk.correct(wrong(WrongKind::Unused)).await;
        assert_eq!(
            (done.effect.cancelled, done.effect.made, done.effect.left),
            (1, 0, 2)
        );
        assert_eq!(
            done.effect.sentence(),
            "送信前の1件を取り消しました。2件はすでに送信済みです。"
        );
        let states = [
            MessageState::Accepted,
            MessageState::Submitting,
            MessageState::Rejected,
            MessageState::Cancelled,
        ];
        for (fate, state) in started.fates.iter().zip(states) {
            assert_eq!(desk.state(fate.message).await, state);
        }
        let again = desk.correct(wrong(WrongKind::Unused)).await;
        assert_eq!(
            (again.report, again.effect.cancelled, again.effect.left),
            (done.report, 0, 2),
            "the same report, once"
        );
        assert!(claim(&outbox, account, 10).await.is_empty());
    }
}

#[tokio::test]
async fn what_the_carrier_gives_back_after_the_report_does_not_leave_again() {
    for desk in desks().await {
        let both = [0, 5].map(|to| Outgoing::to_number(to + 2, number(to), "途中".to_owned()));
        let started = desk.start(new(both.to_vec())).await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 10).await;
        desk.correct(wrong(WrongKind::NotMe)).await;
        let later = Answer::RefusedForNow {
            code: "0x58".to_owned(),
            due_at: 0,
        };
        let answers = out.iter().map(|one| (one.part, later.clone())).collect();
        outbox.record(account, answers).await.unwrap();
        let again = claim(&outbox, account, 10).await;
        assert_eq!((again.len(), again[0].to), (1, number(5)));
        let standings = store::standings(&desk.db, ORG, &[started.fates[0].message]).await;
        let standing = &standings.unwrap()[0];
        assert_eq!(standing.state, MessageState::Undelivered, "somebody telephones");
        assert_eq!(standing.carrier_code.as_deref(), Some("RECALLED"));
    }
}

#[tokio::test]
async fn a_message_of_which_a_part_left_is_not_cancelled() {
    for desk in desks().await {
        let long = Outgoing::to_number(2, number(0), "長".repeat(150));
        let started = desk.start(new(vec![long])).await;
        let (outbox, account) = desk.outbox().await;
        let out = claim(&outbox, account, 1).await;
        outbox.record(account, vec![taken(&out[0])]).await.unwrap();
        let done = desk.correct(wrong(WrongKind::NotMe)).await;
        assert_eq!((done.effect.cancelled, done.effect.left), (0, 1));
        assert_eq!(desk.state(started.fates[0].message).await, MessageState::Queued);
    }
}

#[tokio::test]
async fn a_family_keeps_its_number_and_nobody_gets_anothers_text() {
    for desk in desks().await {
        let (mother, child) = (desk.person("111111").await, desk.person("222222").await);
        let of = |line, person, text: &str| Outgoing {
            person,
            ..Outgoing::to_number(line, number(0), text.to_owned())
        };
        let both = vec![of(2, mother, "母の結果"), of(3, child, "子の結果")];
        let started = desk.start(new(both.clone())).await;
        // Only the mother's number is wrong: found out by her message.
        let done = desk
            .correct(NewWrong {
                message: Some(started.fates[0].message),
                corrected: Some(number(901)),
                ..wrong(WrongKind::WrongNumber)
            })
            .await;
        assert_eq!(
            (done.effect.cancelled, done.effect.made, done.effect.unplaced),
            (1, 1, 0)
        );
        assert_eq!(desk.state(started.fates[1].message).await, MessageState::Queued);
        // A stranger has the number: it is closed for both, and the right one is only the mother's.
        let again = desk.start(new(both)).await;
        assert!(
            again.fates[0].is_new,
            "nothing here keeps it back: that is for the check of the list"
        );
        let done = desk
            .correct(NewWrong {
                message: Some(again.fates[0].message),
                corrected: Some(number(902)),
                ..wrong(WrongKind::NotMe)
            })
            .await;
        assert_eq!(
            (done.effect.cancelled, done.effect.made, done.effect.unplaced),
            (2, 1, 1)
        );
        let waiting = store::broadcast(&desk.db, ORG, done.waiting[0])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(waiting.messages.0, waiting.messages.1);
        let message = store::message(&desk.db, ORG, waiting.messages.0)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (message.to, message.text.as_str()),
            (Some(number(902)), "母の結果")
        );
    }
}

#[tokio::test]
async fn what_the_right_number_has_already_is_not_made_twice() {
    for desk in desks().await {
        let to = |n| Outgoing::to_number(2, number(n), "同じ".to_owned());
        desk.start(new(vec![to(900)])).await;
        desk.start(new(vec![to(0)])).await;
        let corrected = Some(number(900));
        let done = desk
            .correct(NewWrong {
                corrected,
                ..wrong(WrongKind::NotMe)
            })
            .await;
        assert_eq!(
            (done.effect.cancelled, done.effect.made, done.effect.already),
            (1, 0, 1)
        );
        assert!(done.waiting.is_empty());
    }
}

#[tokio::test]
async fn a_corrected_number_can_turn_out_to_be_wrong_as_well() {
    for desk in desks().await {
        desk.start(new(rows(1, "訂正"))).await;
        let first = desk
            .correct(NewWrong {
                corrected: Some(number(900)),
                ..wrong(WrongKind::NotMe)
            })
            .await;
        let second = NewWrong {
            phone: number(900),
            corrected: Some(number(901)),
            ..wrong(WrongKind::Unused)
        };
        let second = desk.correct(second).await;
        assert_eq!((second.effect.cancelled, second.effect.made), (1, 1));
        let (outbox, account) = desk.outbox().await;
        store::resume(&desk.db, ORG, first.waiting[0], None)
            .await
            .unwrap()
            .unwrap();
        assert!(claim(&outbox, account, 10).await.is_empty());
        store::resume(&desk.db, ORG, second.waiting[0], None)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(claim(&outbox, account, 10).await[0].to, number(901));
    }
}

/// Whoever is first has it, and the other one knows.
#[tokio::test]
async fn a_message_is_handed_over_or_called_back_and_never_both() {
    for desk in desks().await {
        let (outbox, account) = desk.outbox().await;
        let (mut handed_over, mut called_back) = (0, 0);
        for round in 0..40 {
            // Two parts each: one of them may be gone when the report comes.
            let all = (0..6).map(|n| {
                Outgoing::to_number(n + 2, number(n % 2), format!("{round}の{n}{}", "あ".repeat(100)))
            });
            let started = desk.start(new(all.collect())).await;
            let claims = tokio::spawn({
                let outbox = outbox.clone();
                async move {
                    let mut out = claim(&outbox, account, 3).await;
                    out.extend(claim(&outbox, account, 3).await);
                    out
                }
            });
            let phone = number(round % 2);
            let reason = format!("{round}回目");
            let kind = WrongKind::ALL[round as usize % 3];
            let report = NewWrong {
                phone,
                reason,
                ..wrong(kind)
            };
            let (out, done) = tokio::join!(claims, desk.correct(report));
            let mut out = out.unwrap();
            out.extend(claim(&outbox, account, 100).await);
            let mut cancelled = 0;
            for (n, fate) in (0..).zip(&started.fates) {
                let gone = out.iter().filter(|one| one.part.message == fate.message).count();
                let state = desk.state(fate.message).await;
                match state {
                    MessageState::Cancelled => assert_eq!((gone, n % 2), (0, round % 2), "{round} {n}"),
                    MessageState::Submitting => assert_eq!(gone, 2, "{round} {n}"),
                    other => panic!("{other:?}"),
                }
                cancelled += u32::from(state == MessageState::Cancelled);
                handed_over += gone;
            }
            assert_eq!(done.effect.cancelled, cancelled, "the report counts exactly");
            called_back += cancelled;
            outbox
                .record(account, out.iter().map(taken).collect())
                .await
                .unwrap();
        }
        assert!(handed_over > 0 && called_back > 0);
    }
}
