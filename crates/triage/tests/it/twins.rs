//! The same person twice, and cases that are merged or closed: nobody is written to or telephoned for both.

use base::clock::HOUR;
use base::id::CaseId;
use db::Db;
use lists::calls::{CallSource, Due, open_calls};
use lists::choice::Household;
use triage::case::{ClosedWhy, FirstContact, received_day};
use triage::decision::Route;
use triage::notification::CaseNotification;
use triage::reach::ContactRule;
use triage::store::changes;
use triage::store::reach::{Candidates, candidates, parked_count};
use triage::store::take_over::Taking;
use triage::store::twins::{self, Judge, Verdict};

use crate::people::{ASAKA, HANAKO, ORG, each, hand, opened, person, stays};
use crate::reach::{Bulk, arrive, desk, gather, gather_all, gathered, press, somebody, text, watched};

/// Somebody, notified by two clinics.
fn twice() -> Vec<CaseNotification> {
    vec![somebody(1), somebody(1)]
}

async fn decided(db: &Db, verdict: impl Fn(twins::Twins) -> Verdict) {
    let judge = Judge {
        by: HANAKO,
        office: ASAKA,
    };
    for pair in twins::pending(db, ORG, None, 10).await.unwrap() {
        assert!(twins::decide(db, ORG, pair, verdict(pair), judge).await.unwrap());
    }
}

#[tokio::test]
async fn who_may_be_one_person_is_written_to_once_and_the_other_waits_for_a_look() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let ids = arrive(&db, ASAKA, twice()).await;
        let wanted = Candidates {
            office: None,
            but: None,
            route: Route::HeadOfficeSms,
            programme: 1,
            most: 10,
        };
        assert_eq!(parked_count(&db, ORG, wanted).await.unwrap(), 1);
        assert_eq!(gather(&desk, version).await.people, 1);
        assert_eq!(opened(&db, ids[1]).await.contact, FirstContact::Waiting);
        assert!(
            gather_all(&desk, version).await.is_err(),
            "as long as nobody has looked"
        );
        assert!(candidates(&db, ORG, wanted).await.unwrap().is_empty());
        decided(&db, |_| Verdict::Distinct).await;
        assert_eq!(
            candidates(&db, ORG, wanted).await.unwrap(),
            [ids[1]],
            "two people after all"
        );
        assert_eq!(parked_count(&db, ORG, wanted).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn somebody_notified_three_times_at_once_is_one_case_after_two_looks() {
    each(async |db| {
        let landline = || {
            let mut told = person("固定 電話", "", "1950/1/1", "");
            told.person.landlines = vec!["048-123-4567".to_owned()];
            told
        };
        let ids = arrive(&db, ASAKA, vec![landline(), landline(), landline()]).await;
        watched(&db, ContactRule::default()).await;
        let calls = async || open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap().len();
        assert_eq!(calls().await, 3);
        let judge = Judge {
            by: HANAKO,
            office: ASAKA,
        };
        let mut looks = 0;
        while let Some(pair) = twins::pending(&db, ORG, None, 10).await.unwrap().first().copied() {
            let same = Verdict::Same { kept: pair.earlier };
            assert!(twins::decide(&db, ORG, pair, same, judge).await.unwrap());
            looks += 1;
        }
        assert_eq!((looks, calls().await), (2, 1), "the person is one");
        for id in [ids[1], ids[2]] {
            assert_eq!(opened(&db, id).await.merged_into, Some(ids[0]));
        }
        // Taken apart, the second may be the third again; and whoever is notified a fourth time is the one that goes on.
        let second = twins::pair(&db, ORG, ids[0], ids[1]).await.unwrap().unwrap();
        assert!(
            twins::decide(&db, ORG, second, Verdict::Undo, judge)
                .await
                .unwrap()
        );
        let fourth = arrive(&db, ASAKA, vec![landline()]).await[0];
        let pairs = twins::pending(&db, ORG, None, 10).await.unwrap();
        let pairs: Vec<_> = pairs.iter().map(|pair| (pair.earlier, pair.later)).collect();
        assert_eq!(pairs, [(ids[0], ids[1]), (ids[0], fourth)]);
    })
    .await;
}

#[tokio::test]
async fn somebody_new_may_be_whom_two_others_went_into_one_after_the_other() {
    each(async |db| {
        let judge = Judge {
            by: HANAKO,
            office: ASAKA,
        };
        let ids = arrive(&db, ASAKA, vec![somebody(1), somebody(1)]).await;
        let goes_on = |pair: twins::Twins| Verdict::Same { kept: pair.later };
        decided(&db, goes_on).await;
        // Another number and birth date: by these the third is known again, by the old ones the fourth.
        let case = opened(&db, ids[1]).await;
        let (into, told) = (stays(Bulk), somebody(2));
        let corrected = changes::correct(&db, ORG, hand(&case), into, told, "訂正".to_owned()).await;
        assert_eq!(corrected.unwrap(), changes::Changed::Done);
        let third = arrive(&db, ASAKA, vec![somebody(2)]).await[0];
        decided(&db, goes_on).await;
        assert_eq!(opened(&db, ids[0]).await.merged_into, Some(ids[1]));
        assert_eq!(opened(&db, ids[1]).await.merged_into, Some(third));
        let fourth = arrive(&db, ASAKA, vec![somebody(1)]).await[0];
        let pair = twins::pair(&db, ORG, third, fourth).await.unwrap().unwrap();
        let same = Verdict::Same { kept: third };
        assert!(twins::decide(&db, ORG, pair, same, judge).await.unwrap());
    })
    .await;
}

/// Who may be one person, by nobody's decision yet.
async fn asked(db: &Db) -> Vec<(CaseId, CaseId)> {
    let pairs = twins::pending(db, ORG, None, 10).await.unwrap();
    pairs.iter().map(|pair| (pair.earlier, pair.later)).collect()
}

/// Decides about two cases as they stand now.
async fn says(db: &Db, (earlier, later): (CaseId, CaseId), verdict: Verdict) {
    let judge = Judge {
        by: HANAKO,
        office: ASAKA,
    };
    let pair = twins::pair(db, ORG, earlier, later).await.unwrap().unwrap();
    assert!(twins::decide(db, ORG, pair, verdict, judge).await.unwrap());
}

#[tokio::test]
async fn after_two_are_taken_apart_nobody_is_asked_of_whom_they_have_nothing_in_common_with() {
    each(async |db| {
        // The second has the number of the first and the name of the third.
        let ids = arrive(
            &db,
            ASAKA,
            vec![
                person("見本 一", "ミホン イチ", "1985/4/3", "090-1200-0001"),
                person("見本 二", "ミホン ニ", "1985/4/3", "090-1200-0001"),
                person("見本 二", "ミホン ニ", "1985/4/3", "090-1200-0002"),
            ],
        )
        .await;
        let (first, second, third) = (ids[0], ids[1], ids[2]);
        assert_eq!(asked(&db).await, [(first, second), (second, third)]);
        says(&db, (first, second), Verdict::Same { kept: first }).await;
        assert_eq!(asked(&db).await, [(first, third)], "for the one that is merged");
        says(&db, (first, second), Verdict::Undo).await;
        assert_eq!(asked(&db).await, [(first, second), (second, third)]);
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_out_of_a_case_that_has_gone_into_another_is_asked_of_that_one() {
    each(async |db| {
        let ids = arrive(&db, ASAKA, vec![somebody(1), somebody(1), somebody(1)]).await;
        let (first, second, third) = (ids[0], ids[1], ids[2]);
        says(&db, (first, second), Verdict::Same { kept: second }).await;
        says(&db, (second, third), Verdict::Same { kept: third }).await;
        says(&db, (first, second), Verdict::Undo).await;
        assert_eq!(opened(&db, first).await.merged_into, None);
        assert_eq!(
            asked(&db).await,
            [(first, third)],
            "nobody is asked of a merged case"
        );
        says(&db, (second, third), Verdict::Undo).await;
        let both = asked(&db).await;
        assert!(
            both.contains(&(first, third)) && both.contains(&(second, third)),
            "{both:?}"
        );
        for pair in [(first, third), (second, third)] {
            says(&db, pair, Verdict::Same { kept: third }).await;
        }
        assert_eq!(asked(&db).await, []);
        for one in [first, second] {
            assert_eq!(opened(&db, one).await.merged_into, Some(third));
        }
    })
    .await;
}

#[tokio::test]
async fn whose_disease_was_another_one_is_no_twin_of_that_any_more() {
    each(async |db| {
        let ids = arrive(&db, ASAKA, twice()).await;
        assert_eq!(asked(&db).await, [(ids[0], ids[1])]);
        let mut told = somebody(1);
        told.illness.disease = Some("麻しん".to_owned());
        let into = Taking {
            programme: 2,
            ..stays(Bulk)
        };
        let case = opened(&db, ids[1]).await;
        let done = changes::correct(&db, ORG, hand(&case), into, told, "訂正".to_owned()).await;
        assert_eq!(done.unwrap(), changes::Changed::Done);
        assert_eq!(asked(&db).await, []);
    })
    .await;
}

#[tokio::test]
async fn twins_that_come_between_the_look_and_the_press_are_not_written_to() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        arrive(&db, ASAKA, vec![somebody(1)]).await;
        let later = arrive(&db, ASAKA, vec![somebody(2)]).await[0];
        let plan = gathered(&desk, version, Household::Each).await;
        // The second is corrected to the first, while the page is open.
        let case = opened(&db, later).await;
        let (into, told) = (stays(Bulk), somebody(1));
        let corrected = changes::correct(&db, ORG, hand(&case), into, told, "訂正".to_owned()).await;
        assert_eq!(corrected.unwrap(), changes::Changed::Done);
        assert_eq!(press(&desk, &plan).await.unwrap().people, 1);
        assert_eq!(opened(&db, later).await.contact, FirstContact::Waiting);
    })
    .await;
}

#[tokio::test]
async fn whose_disease_is_corrected_between_the_look_and_the_press_is_not_written_to() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let ids = arrive(&db, ASAKA, vec![somebody(1), somebody(2)]).await;
        let plan = gathered(&desk, version, Household::Each).await;
        let mut told = somebody(2);
        told.illness.disease = Some("麻しん".to_owned());
        let into = Taking {
            programme: 2,
            ..stays(Bulk)
        };
        let case = opened(&db, ids[1]).await;
        let done = changes::correct(&db, ORG, hand(&case), into, told, "訂正".to_owned()).await;
        assert_eq!(done.unwrap(), changes::Changed::Done);
        assert_eq!(press(&desk, &plan).await.unwrap().people, 1);
        assert_eq!(opened(&db, ids[1]).await.contact, FirstContact::Waiting);
    })
    .await;
}

#[tokio::test]
async fn nobody_telephones_for_a_case_that_was_merged_or_closed_until_that_is_taken_back() {
    each(async |db| {
        let landline = || {
            let mut told = person("固定 電話", "", "1950/1/1", "");
            told.person.landlines = vec!["048-123-4567".to_owned()];
            told
        };
        let ids = arrive(&db, ASAKA, vec![landline(), landline()]).await;
        let rule = ContactRule::default();
        watched(&db, rule).await;
        let calls = async || open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap().len();
        assert_eq!(calls().await, 2);
        let pair = twins::pending(&db, ORG, None, 10).await.unwrap()[0];
        // Whoever telephones for the later one is told to look first.
        let earlier = opened(&db, pair.earlier).await.reference;
        let told = format!("同じ人かもしれない届（受付番号 {earlier}）があります");
        let all = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        let warned: Vec<CallSource> = all
            .iter()
            .filter(|call| call.note.as_ref().is_some_and(|note| note.contains(&told)))
            .map(|call| call.source)
            .collect();
        assert_eq!(warned, [CallSource::Case(pair.later)]);
        decided(&db, |pair| Verdict::Same { kept: pair.earlier }).await;
        db.clock().advance(HOUR);
        watched(&db, rule).await;
        assert_eq!(calls().await, 1, "the person is one");
        let merged = twins::pair(&db, ORG, pair.earlier, pair.later)
            .await
            .unwrap()
            .unwrap();
        let judge = Judge {
            by: HANAKO,
            office: ASAKA,
        };
        assert!(
            twins::decide(&db, ORG, merged, Verdict::Undo, judge)
                .await
                .unwrap()
        );
        watched(&db, rule).await;
        assert_eq!(calls().await, 2, "and two again");
        let case = opened(&db, ids[0]).await;
        let closing = (ClosedWhy::Other, received_day(db.now()));
        let done = changes::close(&db, ORG, hand(&case), closing, String::new()).await;
        assert_eq!(done.unwrap(), changes::Changed::Done);
        watched(&db, rule).await;
        assert_eq!(calls().await, 1);
        let case = opened(&db, ids[0]).await;
        db.clock().advance(HOUR);
        let done = changes::reopen(&db, ORG, hand(&case), closing.1, "まだ連絡が要る".to_owned()).await;
        assert_eq!(done.unwrap(), changes::Changed::Done);
        watched(&db, rule).await;
        assert_eq!(calls().await, 2, "somebody has to telephone after all");
    })
    .await;
}
