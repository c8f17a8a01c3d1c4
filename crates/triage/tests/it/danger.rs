//! Whoever answers that they are in danger, or want a call, is telephoned: nothing that a message or an answer does
//! ends that, and only what the answer makes needless ends.

use base::clock::{HOUR, MINUTE};
use base::id::CaseId;
use db::Db;
use desk::form::{Answer as Said, Decimal};
use lists::calls::{
    Call, CallAttempt, CallOutcome, CallReason, CallResult, Due, Mark, Marked, mark, open_calls,
};
use lists::contacts::PersonKeys;
use lists::numbers::{NewWrong, WrongKind};
use triage::case::FirstContact;
use triage::jobs::take_over;
use triage::reach::ContactRule;

use crate::observation::{
    Pages, answers, arrives, cared, key, next_morning, programme, reached, token, watched, well,
};
use crate::people::{ASAKA, HANAKO, ORG, each, opened};
use crate::reach::Carrier;

async fn calls(db: &Db) -> Vec<Call> {
    open_calls(db, ORG, None, Due::Now, (50, 0)).await.unwrap()
}

async fn reasons(db: &Db) -> Vec<CallReason> {
    calls(db).await.iter().map(|call| call.reason).collect()
}

/// What the watch and care do in the next minutes.
async fn minutes_go_by(db: &Db) {
    for _ in 0..3 {
        db.clock().advance(2 * MINUTE);
        take_over(db, ORG).await.unwrap();
        watched(db, ContactRule::default()).await;
    }
}

/// The questions of a day, answered by somebody who is well but wants to be called.
fn wants_call() -> Pages {
    let mut pages = well("36.5");
    pages.pop();
    pages.push(("wish", vec![("call", Said::YesNo(true))]));
    pages
}

/// Signs of danger, on the first page.
fn in_danger() -> Pages {
    let said = Said::Several([key("lips")].into());
    vec![("emergency", vec![("emergency", said)])]
}

/// Somebody who was reached yesterday and is asked this morning: the case, and their link.
async fn asked(db: &Db, carrier: &Carrier) -> (CaseId, desk::FormToken) {
    programme(db).await;
    let ids = reached(db, carrier, 1).await;
    next_morning(db);
    cared(db).await;
    let letters = arrives(carrier).await;
    (ids[0], token(&letters[0].text))
}

/// Somebody who was asked twice, did not answer, and is to be telephoned: the link that they may still use.
async fn silent(db: &Db, carrier: &Carrier) -> desk::FormToken {
    asked(db, carrier).await;
    next_morning(db);
    cared(db).await;
    let letters = arrives(carrier).await;
    db.clock().advance(23 * HOUR + 30 * MINUTE);
    cared(db).await;
    assert_eq!(reasons(db).await, [CallReason::NotAnswered]);
    token(&letters[0].text)
}

#[tokio::test]
async fn whoever_wants_a_call_is_called_although_the_answer_is_the_first_contact() {
    each(async |db| {
        let carrier = Carrier::of(&db).await;
        let (id, token) = asked(&db, &carrier).await;
        answers(&db, &token, wants_call(), true).await;
        take_over(&db, ORG).await.unwrap();
        minutes_go_by(&db).await;
        assert_eq!(opened(&db, id).await.contact, FirstContact::Answered);
        let call = calls(&db).await.remove(0);
        assert_eq!(call.reason, CallReason::ByAnswer);
        assert!(call.note.unwrap().contains("電話を希望している"));
        assert!(
            (99..200).contains(&call.priority),
            "before whom rules decided about, after whoever is in danger: {}",
            call.priority
        );
    })
    .await;
}

#[tokio::test]
async fn danger_that_was_saved_and_not_sent_stays_on_the_list_when_the_page_counts_as_opened() {
    each(async |db| {
        let carrier = Carrier::of(&db).await;
        let (_, token) = asked(&db, &carrier).await;
        answers(&db, &token, in_danger(), false).await;
        take_over(&db, ORG).await.unwrap();
        db.clock().advance(7 * HOUR);
        minutes_go_by(&db).await;
        assert_eq!(reasons(&db).await, [CallReason::Danger]);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_called_because_nothing_was_answered_leaves_the_list_by_answering_and_only_so() {
    each(async |db| {
        let carrier = Carrier::of(&db).await;
        let last = silent(&db, &carrier).await;
        let none = Said::Several([key("none")].into());
        answers(&db, &last, vec![("emergency", vec![("emergency", none)])], false).await;
        minutes_go_by(&db).await;
        assert_eq!(
            reasons(&db).await,
            [CallReason::NotAnswered],
            "opened is not answered"
        );
        answers(&db, &last, well("36.5").split_off(1), true).await;
        minutes_go_by(&db).await;
        assert_eq!(reasons(&db).await, []);
    })
    .await;
}

#[tokio::test]
async fn danger_takes_the_place_of_a_call_that_was_put_off_until_tomorrow() {
    each(async |db| {
        let carrier = Carrier::of(&db).await;
        let last = silent(&db, &carrier).await;
        let tomorrow = Mark {
            result: CallResult::Tried {
                attempt: CallAttempt::NoAnswer,
                due: Some(db.now() + 24 * HOUR),
            },
            note: None,
            by: HANAKO,
        };
        let id = calls(&db).await[0].id;
        assert_eq!(mark(&db, ORG, None, id, tomorrow).await.unwrap(), Marked::Kept);
        assert_eq!(reasons(&db).await, []);
        answers(&db, &last, in_danger(), false).await;
        take_over(&db, ORG).await.unwrap();
        let call = calls(&db).await.remove(0);
        assert_eq!((call.id, call.reason), (id, CallReason::Danger));
        assert!(
            call.note.unwrap().contains("緊急の症状"),
            "whoever calls knows why"
        );
        let done = Mark {
            result: CallResult::Done(CallOutcome::Told),
            note: None,
            by: HANAKO,
        };
        assert_eq!(mark(&db, ORG, None, id, done).await.unwrap(), Marked::Kept);
    })
    .await;
}

#[tokio::test]
async fn nobody_dials_a_number_that_is_known_to_be_somebody_elses() {
    each(async |db| {
        let carrier = Carrier::of(&db).await;
        let (_, token) = asked(&db, &carrier).await;
        let wrong = NewWrong {
            phone: base::phone::parse("090-1200-0000").unwrap().number,
            kind: WrongKind::NotMe,
            person: PersonKeys::default(),
            corrected: None,
            reason: "別人が出た".to_owned(),
            message: None,
            office: ASAKA,
            by: Some(HANAKO),
        };
        lists::numbers::report_wrong(&db, ORG, wrong).await.unwrap();
        let low = Said::Number(Decimal::whole(91));
        let mut pages = well("36.5");
        pages[1].1[1].1 = low;
        pages.truncate(2);
        answers(&db, &token, pages, false).await;
        take_over(&db, ORG).await.unwrap();
        let call = calls(&db).await.remove(0);
        assert_eq!((call.reason, call.number), (CallReason::Danger, None));
    })
    .await;
}
