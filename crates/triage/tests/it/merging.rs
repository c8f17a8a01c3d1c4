//! Two records of one person become one: what was said, decided and written for the other is not lost, nor said twice;
//! taken apart, each has its own again.

use base::clock::{HOUR, MINUTE};
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId};
use db::Db;
use lists::calls::{CallOutcome, CallReason, CallResult, Due, Mark, mark, open_calls};
use messaging::message::MessageState;
use messaging::store::standings;
use triage::case::FirstContact;
use triage::decision::{Decided, Route, Rules};
use triage::notification::CaseNotification;
use triage::reach::ContactRule;
use triage::store::changes::overrule;
use triage::store::events::messages;
use triage::store::twins::{self, Judge, Verdict};

use crate::host::each_host;
use crate::people::{ASAKA, HANAKO, ORG, by_form, each, hand, opened, take_in};
use crate::reach::{Bulk, Carrier, arrive, desk, gather, somebody, text, watched};

async fn says(db: &Db, (earlier, later): (CaseId, CaseId), verdict: Verdict) {
    let judge = Judge {
        by: HANAKO,
        office: ASAKA,
    };
    let pair = twins::pair(db, ORG, earlier, later).await.unwrap().unwrap();
    assert!(twins::decide(db, ORG, pair, verdict, judge).await.unwrap());
}

async fn looked(db: &Db) {
    db.clock().advance(2 * MINUTE);
    watched(db, ContactRule::default()).await;
}

async fn last_state(db: &Db, id: CaseId) -> MessageState {
    let message = messages(db, ORG, id).await.unwrap().last().unwrap().0;
    standings(db, ORG, &[message]).await.unwrap()[0].state
}

async fn reasons(db: &Db) -> Vec<CallReason> {
    let calls = open_calls(db, ORG, None, Due::Now, (50, 0)).await.unwrap();
    calls.iter().map(|call| call.reason).collect()
}

/// Two records of one person.
async fn twice(db: &Db) -> (CaseId, CaseId) {
    let ids = arrive(db, ASAKA, vec![somebody(1), somebody(1)]).await;
    (ids[0], ids[1])
}

/// What waits for the record that goes into the other is called back; taken apart, it is written to anew.
#[tokio::test]
async fn one_person_is_written_to_for_one_record() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let (first, second) = twice(&db).await;
        gather(&desk, version).await;
        assert_eq!(last_state(&db, first).await, MessageState::Queued);
        says(&db, (first, second), Verdict::Same { kept: second }).await;
        assert_eq!(last_state(&db, first).await, MessageState::Cancelled);
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        let left: std::collections::BTreeSet<_> = carrier
            .take()
            .await
            .iter()
            .map(|part| part.part.message)
            .collect();
        assert_eq!(left.len(), 1, "for the one that goes on");
        says(&db, (first, second), Verdict::Undo).await;
        says(&db, (first, second), Verdict::Distinct).await;
        looked(&db).await;
        assert_eq!(opened(&db, first).await.contact, FirstContact::Waiting);
        assert_eq!(opened(&db, second).await.contact, FirstContact::Written);
    })
    .await;
}

#[tokio::test]
async fn whoever_was_spoken_with_for_the_one_record_is_not_called_for_the_other() {
    each(async |db| {
        let (first, second) = twice(&db).await;
        for id in [first, second] {
            let seen = hand(&opened(&db, id).await);
            let why = "高齢のため".to_owned();
            overrule(&db, ORG, seen, Route::CentrePhone, why).await.unwrap();
        }
        looked(&db).await;
        let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        assert_eq!(calls.len(), 2);
        let of_first = calls
            .iter()
            .find(|call| call.source == lists::calls::CallSource::Case(first));
        let told = Mark {
            result: CallResult::Done(CallOutcome::Told),
            note: None,
            by: HANAKO,
        };
        mark(&db, ORG, None, of_first.unwrap().id, told).await.unwrap();
        db.clock().advance(HOUR);
        watched(&db, ContactRule::default()).await;
        assert_eq!(opened(&db, first).await.contact, FirstContact::Spoken);
        let before = opened(&db, second).await;
        says(&db, (first, second), Verdict::Same { kept: second }).await;
        assert_eq!(opened(&db, second).await.contact, FirstContact::Spoken);
        looked(&db).await;
        assert_eq!(reasons(&db).await, []);
        says(&db, (first, second), Verdict::Undo).await;
        let after = opened(&db, second).await;
        assert_eq!(
            (after.contact, after.contact_at),
            (before.contact, before.contact_at)
        );
        looked(&db).await;
        assert_eq!(
            reasons(&db).await,
            [CallReason::Chosen],
            "it is somebody else after all"
        );
    })
    .await;
}

/// Whoever has little oxygen is telephoned.
struct Oxygen;

impl Rules for Oxygen {
    fn decide(&self, told: &CaseNotification, office: OfficeId, received: CalendarDate) -> Decided {
        let decided = Bulk.decide(told, office, received);
        if told.illness.spo2.is_none() {
            return decided;
        }
        Decided {
            route: Route::CentrePhone,
            priority: 95,
            reasons: vec!["酸素のルール".to_owned()],
            ..decided
        }
    }
}

#[tokio::test]
async fn the_more_careful_decision_goes_on_and_is_given_back() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let first = arrive(&db, ASAKA, vec![somebody(1)]).await[0];
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        for part in carrier.take().await {
            carrier.says(&part, messaging::message::Outcome::Delivered).await;
        }
        looked(&db).await;
        let before = opened(&db, first).await;
        assert_eq!(before.contact, FirstContact::Delivered);
        let mut ill = somebody(1);
        ill.illness.spo2 = Some(88);
        let new = vec![by_form(ASAKA, ill)];
        let added = triage::store::cases::add(&db, ORG, 1, &Oxygen, None, new).await;
        let second = added.unwrap().cases[0];
        says(&db, (first, second), Verdict::Same { kept: first }).await;
        let kept = opened(&db, first).await;
        assert_eq!(
            (kept.decided.route, kept.decided.priority),
            (Route::CentrePhone, 95)
        );
        let reasons_said = kept.decided.reasons.join("");
        assert!(
            reasons_said.contains("酸素のルール")
                && reasons_said.contains("より慎重な振り分けに合わせました"),
            "{reasons_said}"
        );
        looked(&db).await;
        assert_eq!(
            reasons(&db).await,
            [CallReason::ByRule],
            "somebody speaks with the person although an SMS arrived"
        );
        says(&db, (first, second), Verdict::Undo).await;
        let after = opened(&db, first).await;
        assert_eq!((&after.decided, after.overruled_by), (&before.decided, None));
        assert_eq!(
            (after.contact, after.contact_at),
            (before.contact, before.contact_at)
        );
    })
    .await;
}

#[tokio::test]
async fn staff_compare_what_was_decided_and_said_and_follow_no_link_to_another_offices_record() {
    each_host(async |host| {
        let mut told = crate::people::hanako();
        told.illness.pregnant = Some(true);
        let one = take_in(&host.db, host.asaka, vec![told]).await.cases[0];
        let two = take_in(&host.db, host.kawaguchi, vec![crate::people::hanako()])
            .await
            .cases[0];
        let mut asaka = host.browser("asaka").await;
        let at = format!("/cases/{one}/twins/{two}");
        let page = asaka.get(&at).await;
        for words in ["連絡の方法", "最初の連絡", "重症化リスク", "妊娠", "保健所が電話"]
        {
            page.shows(words);
        }
        let keep = format!("keep-{two}");
        let done = asaka.submit(&at, &at, &[("verdict", keep.as_str())]).await;
        assert!(done.location.ends_with("done=merged"), "{}", done.body);
        let page = asaka.get(&format!("/cases/{one}")).await;
        page.shows("ほかの部署の記録に統合されています");
        page.hides("統合先の記録を開く");
        let mut head = host.browser("honcho").await;
        head.get(&format!("/cases/{one}"))
            .await
            .shows("統合先の記録を開く");
    })
    .await;
}
