//! Where the programme asks for an answer, what somebody writes back is one: of the person whose message it answers, and
//! of nobody where several are written to at one number.

use base::clock::{HOUR, MINUTE};
use base::date::CalendarDate;
use base::id::CaseId;
use db::Db;
use lists::calls::{CallReason, Due, open_calls};
use lists::choice::Household;
use messaging::message::Outcome;
use triage::case::{ClosedWhy, ContactEvent, EventKind, FirstContact};
use triage::reach::{ContactBy, ContactRule};
use triage::store::changes::{Changed, close};
use triage::store::events::events;

use crate::people::{ASAKA, ORG, each, hand, opened, person};
use crate::reach::{Carrier, arrive, desk, gather, gathered, press, somebody, text, watched};

const BY_ANSWER: ContactRule = ContactRule {
    by: ContactBy::Answer,
    call_after: 6 * HOUR,
};
const FAMILY: &str = "090-1234-5678";

async fn contact(db: &Db, id: CaseId) -> FirstContact {
    opened(db, id).await.contact
}

async fn reasons(db: &Db) -> Vec<CallReason> {
    let calls = open_calls(db, ORG, None, Due::Now, (50, 0)).await.unwrap();
    calls.iter().map(|call| call.reason).collect()
}

/// A mother and her child, who has her number.
async fn family(db: &Db) -> Vec<CaseId> {
    let mut all = [
        person("佐藤 花子", "サトウ ハナコ", "1985/4/3", FAMILY),
        person("佐藤 太郎", "サトウ タロウ", "2018/5/5", ""),
    ];
    for one in &mut all {
        one.person.location = Some("朝霞市本町1-1-1".to_owned());
    }
    arrive(db, ASAKA, all.to_vec()).await
}

#[tokio::test]
async fn whoever_writes_back_has_answered_and_is_not_telephoned() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let ids = arrive(&db, ASAKA, (0..3).map(somebody).collect()).await;
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        for part in carrier.take().await {
            carrier.says(&part, Outcome::Delivered).await;
        }
        db.clock().advance(HOUR);
        let at = db.now();
        carrier
            .writes_back("090-1200-0000", "読みました。熱は下がりました。")
            .await;
        carrier.writes_back("090-1200-0001", "停止").await;
        db.clock().advance(HOUR);
        watched(&db, BY_ANSWER).await;
        assert_eq!(contact(&db, ids[0]).await, FirstContact::Answered);
        let answered = events(&db, ORG, ids[0]).await.unwrap().into_iter().find(|event| {
            event.kind == EventKind::Contact && event.detail.contact == Some(ContactEvent::Answered)
        });
        assert_eq!(answered.unwrap().at, at, "at the moment at which it came");
        assert_eq!(
            contact(&db, ids[1]).await,
            FirstContact::Delivered,
            "no answer: a refusal"
        );
        db.clock().advance(6 * HOUR);
        watched(&db, BY_ANSWER).await;
        assert_eq!(reasons(&db).await.len(), 2, "the two who have not answered");
        // Somebody who is on the list already leaves it by writing.
        carrier.writes_back("090-1200-0002", "遅くなりました").await;
        db.clock().advance(10 * MINUTE);
        watched(&db, BY_ANSWER).await;
        assert_eq!(contact(&db, ids[2]).await, FirstContact::Answered);
        assert_eq!(reasons(&db).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_reply_from_a_familys_number_is_nobodys_answer_by_itself() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let ids = family(&db).await;
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        for part in carrier.take().await {
            carrier.says(&part, Outcome::Delivered).await;
        }
        db.clock().advance(HOUR);
        carrier.writes_back(FAMILY, "子どもは元気です").await;
        db.clock().advance(HOUR);
        watched(&db, BY_ANSWER).await;
        for id in &ids {
            assert_eq!(contact(&db, *id).await, FirstContact::Delivered);
        }
        // That one of them is closed afterwards does not make it the other's.
        let today = CalendarDate::in_japan(db.now()).unwrap();
        let seen = hand(&opened(&db, ids[0]).await);
        let closed = close(&db, ORG, seen, (ClosedWhy::Admitted, today), "入院".to_owned()).await;
        assert_eq!(closed.unwrap(), Changed::Done);
        db.clock().advance(HOUR);
        watched(&db, BY_ANSWER).await;
        assert_eq!(contact(&db, ids[1]).await, FirstContact::Delivered);
        db.clock().advance(6 * HOUR);
        watched(&db, BY_ANSWER).await;
        assert_eq!(reasons(&db).await, [CallReason::NotOpened], "somebody asks");
        // From now on there is one person at this number.
        carrier.writes_back(FAMILY, "連絡ありがとうございます").await;
        db.clock().advance(10 * MINUTE);
        watched(&db, BY_ANSWER).await;
        assert_eq!(contact(&db, ids[1]).await, FirstContact::Answered);
        assert!(reasons(&db).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_reply_to_a_message_for_the_whole_family_is_nobodys_answer() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let ids = family(&db).await;
        let once = gathered(&desk, version, Household::Once).await;
        press(&desk, &once).await.unwrap();
        let carrier = Carrier::of(&db).await;
        for part in carrier.take().await {
            carrier.says(&part, Outcome::Delivered).await;
        }
        db.clock().advance(HOUR);
        carrier.writes_back(FAMILY, "読みました").await;
        db.clock().advance(HOUR);
        watched(&db, BY_ANSWER).await;
        for id in &ids {
            assert_eq!(contact(&db, *id).await, FirstContact::Delivered);
        }
    })
    .await;
}
