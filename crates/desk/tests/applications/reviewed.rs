//! Who has an application to themselves, what they decide, how it is taken back, what somebody else thinks of it.

use base::clock::{MINUTE, SECOND};
use base::id::CallId;
use desk::application::{LEASE, PROVISIONAL, Parked, SecondLook, State};
use desk::document::SecondLook as Rule;
use desk::store::{self, Act, Claimed, Done, HandoverKind, Look, Wanted};
use lists::calls::{CallOutcome, CallResult, Due, Mark, mark, open_calls};

use crate::house::{HEAD, House, ORG, confirmed, doctor, kind, not_needed, phoned, says};

#[tokio::test]
async fn the_queue_is_worked_off_by_priority_and_then_by_age() {
    for house in House::each(says()).await {
        let mut ids = Vec::new();
        for n in 0..4 {
            ids.push(house.apply(n).await);
            house.clock.advance(SECOND);
        }
        assert_eq!(house.next(doctor(1)).await.id, ids[0]);
        assert_eq!(house.next(doctor(1)).await.id, ids[0], "theirs until it is done");
        assert_eq!(
            house.next(doctor(2)).await.id,
            ids[1],
            "nobody has what somebody else has"
        );
        let held = house.claim(doctor(3), Wanted::This(ids[0])).await;
        assert!(matches!(held, Claimed::Held(lease) if lease.by == doctor(1)));
        assert!(
            matches!(house.claim(doctor(1), Wanted::This(ids[3])).await, Claimed::Yours(id, _) if id == ids[3])
        );
        assert_eq!(
            house.next(doctor(3)).await.id,
            ids[0],
            "who takes another lets go of the first"
        );
    }
}

#[tokio::test]
async fn a_lost_lease_keeps_what_was_typed_and_decides_nothing() {
    for house in House::each(says()).await {
        let id = house.apply(1).await;
        let first = house.next(doctor(1)).await;
        let typed = Some("線がうすい".to_owned());
        assert!(store::renew(&house.db, ORG, first, typed.clone()).await.unwrap());
        house.clock.advance(LEASE - 1);
        assert_eq!(house.claim(doctor(2), Wanted::Next).await, Claimed::Nothing);
        house.clock.advance(1);
        let second = house.next(doctor(2)).await;
        assert_eq!(second.id, id);
        assert!(
            !store::renew(&house.db, ORG, first, Some("線がうすいが見える".to_owned()))
                .await
                .unwrap()
        );
        let lost = house.act(first, Act::Decide(confirmed())).await;
        assert!(matches!(lost, Done::Lost(Some(lease)) if lease.by == doctor(2)));
        let reviews = store::reviews(&house.db, ORG, id).await.unwrap();
        let kept = reviews.iter().find(|review| review.by == doctor(1)).unwrap();
        assert_eq!(kept.comment.as_deref(), Some("線がうすいが見える"));
        assert!(matches!(
            house.act(second, Act::Decide(not_needed())).await,
            Done::Done(1)
        ));
        assert!(
            matches!(
                house.act(second, Act::Decide(confirmed())).await,
                Done::Otherwise(_)
            ),
            "once"
        );
    }
}

#[tokio::test]
async fn whose_time_is_over_may_still_decide_what_nobody_else_took() {
    for house in House::each(says()).await {
        house.apply(1).await;
        let mine = house.next(doctor(1)).await;
        house.clock.advance(3 * LEASE);
        assert!(matches!(
            house.act(mine, Act::Decide(confirmed())).await,
            Done::Done(1)
        ));
    }
}

#[tokio::test]
async fn a_decision_is_taken_back_in_time_by_whoever_took_it() {
    for house in House::each(says()).await {
        let (id, number) = {
            house.apply(1).await;
            house.decide(doctor(1), confirmed()).await
        };
        let undo = |by| store::undo(&house.db, ORG, (id, number), by);
        assert!(
            matches!(undo(doctor(2)).await.unwrap(), Done::Otherwise(_)),
            "somebody else's"
        );
        house.clock.advance(PROVISIONAL - 1);
        assert_eq!(store::settle(&house.db, ORG).await.unwrap(), 0);
        let last = store::last_decisions(&house.db, ORG, doctor(1)).await.unwrap();
        assert!(last[0].undo_until.is_some());
        assert_eq!(undo(doctor(1)).await.unwrap(), Done::Done(number));
        assert_eq!(
            house.claim(doctor(2), Wanted::Next).await,
            Claimed::Nothing,
            "it is theirs again"
        );
        let mine = house.next(doctor(1)).await;
        assert!(matches!(
            house.act(mine, Act::Decide(not_needed())).await,
            Done::Done(2)
        ));
        house.clock.advance(PROVISIONAL);
        let late = store::undo(&house.db, ORG, (id, 2), doctor(1)).await.unwrap();
        assert!(
            matches!(late, Done::Otherwise(_)),
            "its time is over before anybody settled it"
        );
        assert_eq!(store::settle(&house.db, ORG).await.unwrap(), 1);
        assert_eq!(store::settle(&house.db, ORG).await.unwrap(), 0);
        let seen = house.see(id).await;
        assert_eq!(
            (seen.state, seen.decided.unwrap().decision),
            (State::Final, not_needed())
        );
        let all = store::decisions(&house.db, ORG, id).await.unwrap();
        assert!(all[0].undone_at.is_some() && all[0].final_at.is_none() && all[1].final_at.is_some());
        assert!(
            store::last_decisions(&house.db, ORG, doctor(1)).await.unwrap()[0]
                .undo_until
                .is_none()
        );
    }
}

#[tokio::test]
async fn what_is_parked_waits_aside_until_it_is_taken_up_or_the_call_is_over() {
    for house in House::each(says()).await {
        let id = house.apply(1).await;
        let mine = house.next(doctor(1)).await;
        assert_eq!(house.act(mine, Act::Hold).await, Done::Done(0));
        assert_eq!(house.claim(doctor(1), Wanted::Next).await, Claimed::Nothing);
        assert_eq!(
            store::parked(&house.db, ORG, house.id()).await.unwrap()[0].parked,
            Some(Parked::Hold)
        );
        let Claimed::Yours(_, lease) = house.claim(doctor(2), Wanted::This(id)).await else {
            panic!("it can be taken up");
        };
        let mine = store::Mine {
            id,
            review: lease.review,
            staff: doctor(2),
        };
        let Done::Done(call) = house.act(mine, Act::Phone).await else {
            panic!("it was theirs");
        };
        assert_eq!(store::called_back(&house.db, ORG).await.unwrap(), 0);
        let calls = open_calls(&house.db, ORG, None, Due::Now, (10, 0)).await.unwrap();
        assert_eq!(calls[0].id, CallId::new(call));
        done(&house, CallId::new(call)).await;
        assert_eq!(store::called_back(&house.db, ORG).await.unwrap(), 1);
        assert_eq!(house.next(doctor(3)).await.id, id);
    }
}

async fn done(house: &House, call: CallId) {
    let marked = mark(
        &house.db,
        ORG,
        None,
        call,
        Mark {
            by: HEAD,
            result: CallResult::Done(CallOutcome::Told),
            note: None,
        },
    );
    marked.await.unwrap();
}

#[tokio::test]
async fn a_reason_that_needs_a_call_raises_it_once_when_it_is_final() {
    for house in House::each(says()).await {
        house.apply(1).await;
        let (id, _) = house.decide(doctor(1), phoned()).await;
        let calls = || open_calls(&house.db, ORG, None, Due::Now, (10, 0));
        assert!(calls().await.unwrap().is_empty(), "it can still be taken back");
        house.settle().await;
        store::settle(&house.db, ORG).await.unwrap();
        let raised = calls().await.unwrap();
        assert_eq!(raised.len(), 1);
        assert_eq!(raised[0].priority, 70);
        assert_eq!(house.see(id).await.call, Some(raised[0].id));
    }
}

#[tokio::test]
async fn a_second_look_keeps_the_result_back_and_a_disagreement_stays() {
    let mut says = says();
    says.review.second_look = Rule {
        percent: 0,
        refusals: true,
    };
    for house in House::each(says).await {
        for n in 0..3 {
            house.apply(n).await;
        }
        let (granted, _) = house.decide(doctor(1), confirmed()).await;
        let (agreed, first) = house.decide(doctor(1), not_needed()).await;
        let (differs, second) = house.decide(doctor(1), not_needed()).await;
        house.settle().await;
        assert_eq!(house.see(granted).await.decided.unwrap().second_look, None);
        assert_eq!(
            house.lock(&kind(not_needed(), false)).await,
            None,
            "nobody is told yet"
        );
        let wanted = |staff| store::looks_wanted(&house.db, ORG, (house.id(), SecondLook::Wanted), staff);
        assert!(wanted(doctor(1)).await.unwrap().is_empty(), "not one's own");
        assert_eq!(wanted(doctor(2)).await.unwrap().len(), 2);
        let look = |id, number, what, by| {
            let given = (what, "線が見える".to_owned());
            store::look(&house.db, ORG, (id, number), given, by, &house.document)
        };
        let own = look(agreed, first, Look::Opinion(not_needed()), doctor(1))
            .await
            .unwrap();
        assert!(matches!(own, Done::Otherwise(_)));
        look(agreed, first, Look::Opinion(not_needed()), doctor(2))
            .await
            .unwrap();
        look(differs, second, Look::Opinion(confirmed()), doctor(2))
            .await
            .unwrap();
        let live = store::live_lists(&house.db, ORG, house.id()).await.unwrap();
        let list = live
            .lists
            .iter()
            .find(|one| one.kind.outcome.code() == "K01")
            .unwrap();
        assert_eq!((list.people, list.kept_back), (1, 1));
        house.clock.advance(SECOND);
        look(differs, second, Look::Uphold, HEAD).await.unwrap();
        assert_eq!(house.release(not_needed(), false).await.written, 2);
        let looks = store::looks(&house.db, ORG, differs).await.unwrap();
        assert_eq!(looks.len(), 2);
        assert!(!looks[0].agrees && looks[0].opinion == confirmed());
    }
}

#[tokio::test]
async fn a_confirmed_person_is_handed_over_once_and_given_back_after_a_correction() {
    for house in House::each(says()).await {
        house.apply(1).await;
        let (id, number) = house.decide(doctor(1), confirmed()).await;
        let taken = || async { store::confirmed_since(&house.db, ORG, 10).await.unwrap() };
        assert!(taken().await.is_empty());
        house.settle().await;
        let handed = taken().await;
        assert_eq!((handed.len(), handed[0].kind), (1, HandoverKind::Confirmed));
        assert!(taken().await.is_empty(), "it is the first caller's");
        house.clock.advance(3 * MINUTE);
        assert_eq!(taken().await.len(), 1, "who crashed loses nobody");
        let over = |number| {
            let now = house.db.now();
            house.db.write(move |tx| {
                Box::pin(async move {
                    let case = Some(base::id::CaseId::new(77));
                    store::carried_over(tx, ORG, (id, number), case, now).await
                })
            })
        };
        assert!(over(number).await.unwrap());
        assert!(!over(number).await.unwrap(), "twice is once");
        assert_eq!(
            store::case_of(&house.db, ORG, id).await.unwrap(),
            Some(base::id::CaseId::new(77))
        );
        house.correct(id, number, not_needed(), doctor(2)).await;
        house.settle().await;
        house.clock.advance(3 * MINUTE);
        let back = taken().await;
        assert_eq!((back.len(), back[0].kind), (1, HandoverKind::Revoked));
    }
}
