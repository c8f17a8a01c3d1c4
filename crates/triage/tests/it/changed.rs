//! What follows when a record changes: another decision, another number. What was decided or written before it must not
//! go on by itself.

use std::sync::Arc;

use base::clock::{HOUR, MINUTE};
use base::date::CalendarDate;
use base::id::{CaseId, OfficeId};
use db::Db;
use lists::calls::{Call, CallReason, Due, open_calls};
use lists::choice::Household;
use messaging::message::Outcome;
use triage::case::FirstContact;
use triage::decision::{Decided, PRIORITY_MAX, Route, Rules};
use triage::notification::CaseNotification;
use triage::reach::ContactRule;
use triage::store::changes::{Changed, correct, decide_again, hand_over, overrule};

use crate::people::{ASAKA, KAWAGUCHI, ORG, by_form, each, hand, opened, person, stays};
use crate::reach::{Bulk, Carrier, arrive, desk, gather, gathered, press, somebody, text, watched};

async fn calls(db: &Db) -> Vec<Call> {
    open_calls(db, ORG, None, Due::Now, (50, 0)).await.unwrap()
}

async fn overruled(db: &Db, id: CaseId, route: Route) {
    let seen = hand(&opened(db, id).await);
    let done = overrule(db, ORG, seen, route, "息苦しいと電話があった".to_owned()).await;
    assert_eq!(done.unwrap(), Changed::Done);
}

async fn corrected(db: &Db, id: CaseId, rules: impl Rules + 'static, told: CaseNotification) {
    let seen = hand(&opened(db, id).await);
    let done = correct(db, ORG, seen, stays(rules), told, "訂正".to_owned()).await;
    assert_eq!(done.unwrap(), Changed::Done);
}

async fn looked(db: &Db) {
    db.clock().advance(2 * MINUTE);
    watched(db, ContactRule::default()).await;
}

#[tokio::test]
async fn whoever_is_overruled_to_the_telephone_is_called_at_the_next_look_whatever_was_written() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let written = arrive(&db, ASAKA, vec![somebody(0), somebody(1)]).await;
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        let parts = carrier.take().await;
        let first = parts.iter().map(|part| part.part.message).min().unwrap();
        let (arrives, on_its_way): (Vec<_>, Vec<_>) =
            parts.iter().partition(|part| part.part.message == first);
        for part in arrives {
            carrier.says(part, Outcome::Delivered).await;
        }
        let waiting = arrive(&db, ASAKA, vec![somebody(2)]).await;
        looked(&db).await;
        assert_eq!(calls(&db).await.len(), 0);
        let mut all = written.clone();
        all.extend(waiting);
        for id in &all {
            overruled(&db, *id, Route::CentrePhone).await;
        }
        looked(&db).await;
        let found = calls(&db).await;
        assert_eq!(found.len(), 3, "one who waits, one on the way, one who has it");
        for call in &found {
            assert_eq!((call.reason, call.priority), (CallReason::Chosen, PRIORITY_MAX));
        }
        // What was on its way arrives: somebody speaks with the person all the same.
        for part in on_its_way {
            carrier.says(part, Outcome::Delivered).await;
        }
        db.clock().advance(HOUR);
        watched(&db, ContactRule::default()).await;
        assert_eq!(calls(&db).await.len(), 3);
        for id in all {
            assert_eq!(opened(&db, id).await.contact, FirstContact::Calling);
        }
    })
    .await;
}

#[tokio::test]
async fn a_call_that_waited_is_as_urgent_as_whoever_overruled_says() {
    each(async |db| {
        let mut told = somebody(3);
        told.person.mobiles.clear();
        let id = arrive(&db, ASAKA, vec![told]).await[0];
        looked(&db).await;
        assert_eq!(calls(&db).await[0].reason, CallReason::NoNumber);
        overruled(&db, id, Route::CentrePhone).await;
        let call = calls(&db).await.remove(0);
        assert_eq!(call.priority, PRIORITY_MAX);
    })
    .await;
}

#[tokio::test]
async fn who_gathered_before_an_overrule_writes_to_nobody_who_is_to_be_telephoned() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let ids = arrive(&db, ASAKA, vec![somebody(1), somebody(2)]).await;
        let plan = gathered(&desk, version, Household::Each).await;
        overruled(&db, ids[0], Route::CentrePhone).await;
        assert_eq!(press(&desk, &plan).await.unwrap().people, 1);
        assert_eq!(opened(&db, ids[0]).await.contact, FirstContact::Waiting);
    })
    .await;
}

#[tokio::test]
async fn another_office_that_telephones_does_so_at_once_with_whom_nobody_has_reached() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let ids = arrive(&db, ASAKA, vec![somebody(1)]).await;
        gather(&desk, version).await;
        looked(&db).await;
        let seen = hand(&opened(&db, ids[0]).await);
        let rules = Arc::new(triage::decision::WithoutRules);
        let done = hand_over(&db, ORG, seen, KAWAGUCHI, rules, "転居".to_owned()).await;
        assert_eq!(done.unwrap(), Changed::Done);
        watched(&db, ContactRule::default()).await;
        let call = calls(&db).await.remove(0);
        assert_eq!((call.office, call.reason), (KAWAGUCHI, CallReason::ByRule));
    })
    .await;
}

/// A mother and her child, who has her number.
fn family(number: &str) -> Vec<CaseNotification> {
    let mut all = vec![
        person("佐藤 花子", "サトウ ハナコ", "1985/4/3", number),
        person("佐藤 太郎", "サトウ タロウ", "2018/5/5", ""),
    ];
    for one in &mut all {
        one.person.location = Some("朝霞市本町1-1-1".to_owned());
    }
    all
}

#[tokio::test]
async fn after_a_corrected_number_nothing_goes_to_the_old_one_for_any_of_the_family() {
    for household in [Household::Each, Household::Once] {
        each(async |db| {
            let (desk, version) = (desk(&db), text(&db).await);
            let ids = arrive(&db, ASAKA, family("090-1234-5678")).await;
            let plan = gathered(&desk, version, household).await;
            assert_eq!(press(&desk, &plan).await.unwrap().people, 2);
            corrected(&db, ids[0], Bulk, family("090-9999-0001").remove(0)).await;
            let carrier = Carrier::of(&db).await;
            assert!(carrier.take().await.is_empty(), "it is a stranger's number");
            looked(&db).await;
            for id in &ids {
                assert_eq!(opened(&db, *id).await.contact, FirstContact::Waiting);
            }
            let plan = gathered(&desk, version, household).await;
            assert_eq!(press(&desk, &plan).await.unwrap().people, 2);
            let parts = carrier.take().await;
            let numbers: Vec<String> = parts.iter().map(|part| part.to.e164()).collect();
            assert!(!numbers.is_empty());
            assert!(numbers.iter().all(|to| to == "+819099990001"), "{numbers:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn the_open_call_goes_on_with_the_corrected_number() {
    each(async |db| {
        let ids = arrive(&db, ASAKA, family("090-1234-5678")).await;
        for id in &ids {
            overruled(&db, *id, Route::CentrePhone).await;
        }
        looked(&db).await;
        corrected(&db, ids[0], Bulk, family("090-9999-0001").remove(0)).await;
        let numbers: Vec<_> = calls(&db).await.into_iter().map(|call| call.number).collect();
        assert_eq!(numbers, vec![Some("090-9999-0001".to_owned()); 2]);
    })
    .await;
}

/// Whoever has little oxygen is telephoned at once; everybody else gets an SMS.
struct Oxygen;

impl Rules for Oxygen {
    fn decide(&self, told: &CaseNotification, _: OfficeId, _: CalendarDate) -> Decided {
        let is_low = told.illness.spo2.is_some_and(|spo2| spo2 < 94);
        Decided {
            route: if is_low {
                Route::CentrePhone
            } else {
                Route::HeadOfficeSms
            },
            priority: if is_low { 90 } else { 10 },
            reasons: vec!["酸素のルール".to_owned()],
            rules: Some(1),
            isolation_ends: None,
        }
    }
}

async fn taken_in(db: &Db, told: CaseNotification) -> CaseId {
    let new = vec![by_form(ASAKA, told)];
    let added = triage::store::cases::add(db, ORG, 1, &Oxygen, None, new).await;
    added.unwrap().cases[0]
}

#[tokio::test]
async fn what_somebody_decided_stays_unless_the_person_is_worse_than_was_told() {
    each(async |db| {
        let id = taken_in(&db, somebody(5)).await;
        overruled(&db, id, Route::CentreSms).await;
        let mut told = somebody(5);
        told.person.name = "試験 五子".to_owned();
        corrected(&db, id, Oxygen, told.clone()).await;
        let case = opened(&db, id).await;
        assert_eq!(case.decided.route, Route::CentreSms, "a name makes nobody worse");
        assert!(case.overruled_by.is_some());
        told.illness.spo2 = Some(85);
        corrected(&db, id, Oxygen, told.clone()).await;
        let case = opened(&db, id).await;
        assert_eq!(
            (case.decided.route, case.decided.priority),
            (Route::CentrePhone, 90)
        );
        assert_eq!(case.overruled_by, None);
        let reasons = case.decided.reasons.join("");
        assert!(
            reasons.contains("酸素のルール") && reasons.contains("職員が「保健所がSMS」に変更していましたが"),
            "{reasons}"
        );
        looked(&db).await;
        assert_eq!(calls(&db).await.len(), 1);
        // Somebody who knows better decides once more; what is as it was then does not undo it.
        overruled(&db, id, Route::CentreSms).await;
        told.person.name = "試験 五".to_owned();
        corrected(&db, id, Oxygen, told).await;
        assert_eq!(opened(&db, id).await.decided.route, Route::CentreSms);
    })
    .await;
}

#[tokio::test]
async fn an_overrule_is_taken_back_and_the_rules_decide_again() {
    each(async |db| {
        let mut told = somebody(6);
        told.illness.spo2 = Some(90);
        let id = taken_in(&db, told).await;
        overruled(&db, id, Route::HeadOfficeSms).await;
        let seen = hand(&opened(&db, id).await);
        let done = decide_again(&db, ORG, seen, Arc::new(Oxygen), String::new()).await;
        assert_eq!(done.unwrap(), Changed::Done);
        let case = opened(&db, id).await;
        assert_eq!(
            (case.decided.route, case.overruled_by),
            (Route::CentrePhone, None)
        );
        looked(&db).await;
        assert_eq!(calls(&db).await[0].reason, CallReason::ByRule);
    })
    .await;
}
