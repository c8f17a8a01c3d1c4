//! One person's record: closing and opening again, hand-over, the course, visits, and what it all costs the database.

use std::sync::Arc;

use base::date::CalendarDate;
use base::id::{CaseId, OfficeId};
use db::Db;
use lists::calls::{CallReason, CallSource, NewCall};
use triage::case::{CaseState, ClosedWhy, EventKind, FirstContact, Visit, VisitResult, received_day};
use triage::decision::{Decided, Route, Rules, WithoutRules};
use triage::notification::{CaseNotification, Illness};
use triage::period::{Course, End, Period};
use triage::programme::{Programme, Scope, examples};
use triage::store::cases::add_many;
use triage::store::changes::{Changed, close, hand_over, overrule, reopen, set_course};
use triage::store::closing::{CloseCase, close_in};
use triage::store::events::events;
use triage::store::handed::{arrived, arrived_count, take};
use triage::store::openings;
use triage::store::visits::add_visit;

use crate::people::{ASAKA, HANAKO, KAWAGUCHI, ORG, by_form, day, each, hanako, hand, opened, take_in};

fn said(text: &str) -> String {
    text.to_owned()
}

async fn kinds(db: &Db, id: CaseId) -> Vec<EventKind> {
    let all = events(db, ORG, id).await.unwrap();
    all.iter().map(|event| event.kind).collect()
}

async fn call(db: &Db, case: CaseId, office: OfficeId) {
    let vault = db.vault(ORG).await.unwrap();
    let now = db.now();
    db.write(move |tx| {
        let vault = Arc::clone(&vault);
        Box::pin(async move {
            let new = NewCall {
                office,
                person: "佐藤 花子".to_owned(),
                number: Some("090-1234-5678".to_owned()),
                reason: CallReason::Chosen,
                note: None,
                source: CallSource::Case(case),
                priority: 50,
                by: None,
            };
            lists::calls::add(tx, ORG, &vault, &new, now).await
        })
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn closing_ends_what_was_under_way_and_opening_again_brings_the_watch_back() {
    each(async |db| {
        let id = take_in(&db, ASAKA, vec![hanako()]).await.cases[0];
        call(&db, id, ASAKA).await;
        let today = received_day(db.now());
        let closing = (ClosedWhy::Dead, today);
        let seen = hand(&opened(&db, id).await);
        let done = close(&db, ORG, seen, closing, said("家族から連絡")).await;
        assert_eq!(done.unwrap(), Changed::Done);
        let case = opened(&db, id).await;
        let closed = case.closed.unwrap();
        assert_eq!(
            (case.state, closed.why, closed.from, case.watch_at),
            (CaseState::Closed, ClosedWhy::Dead, Some(today), None)
        );
        let open = lists::calls::open_count(&db, ORG, Some(ASAKA)).await.unwrap();
        assert_eq!(open, 0, "nobody telephones the family any more");
        let late = close(&db, ORG, seen, closing, String::new()).await;
        assert_eq!(late.unwrap(), Changed::Overtaken);
        let again = close(&db, ORG, hand(&case), closing, String::new()).await;
        assert_eq!(
            again.unwrap(),
            Changed::Nothing,
            "what is closed is not closed twice"
        );

        let done = reopen(&db, ORG, hand(&case), today, said("別の人だった")).await;
        assert_eq!(done.unwrap(), Changed::Done);
        let case = opened(&db, id).await;
        assert_eq!(
            (case.state, case.closed, case.watch_at),
            (CaseState::Open, None, Some(db.now()))
        );
        assert_eq!(
            kinds(&db, id).await,
            [EventKind::Received, EventKind::Closed, EventKind::Reopened]
        );
    })
    .await;
}

#[tokio::test]
async fn a_rule_closes_as_a_person_does_but_once() {
    each(async |db| {
        let id = take_in(&db, ASAKA, vec![hanako()]).await.cases[0];
        let vault = db.vault(ORG).await.unwrap();
        let now = db.now();
        let by_rule = || {
            let vault = Arc::clone(&vault);
            db.write(move |tx| {
                let vault = Arc::clone(&vault);
                Box::pin(async move {
                    let closing = CloseCase {
                        why: ClosedWhy::PeriodOver,
                        from: received_day(now),
                        by: None,
                        words: None,
                    };
                    close_in(tx, ORG, &vault, id, &closing, now).await
                })
            })
        };
        assert!(by_rule().await.unwrap());
        assert!(!by_rule().await.unwrap(), "told twice is done once");
        let last = events(&db, ORG, id).await.unwrap().pop().unwrap();
        assert_eq!((last.kind, last.by), (EventKind::Closed, None));
        assert_eq!(last.detail.closed, Some(ClosedWhy::PeriodOver));
    })
    .await;
}

/// Kawaguchi writes to everybody, Asaka telephones.
struct ByOffice;

impl Rules for ByOffice {
    fn decide(&self, told: &CaseNotification, office: OfficeId, received: CalendarDate) -> Decided {
        let decided = WithoutRules.decide(told, office, received);
        if office == KAWAGUCHI {
            Decided {
                route: Route::CentreSms,
                reasons: vec!["川口のルール".to_owned()],
                ..decided
            }
        } else {
            decided
        }
    }

    fn period(&self, _: &Illness, course: &Course, _: OfficeId, received: CalendarDate) -> Option<Period> {
        let last = received.plus_days(10)?;
        Some(Period {
            day_zero: received,
            end: match course.relieved_on {
                None => End::NotBefore(last),
                Some(relieved) => End::FreeFrom(last.max(relieved.plus_days(4)?)),
            },
            watch_until: None,
        })
    }
}

#[tokio::test]
async fn the_receiving_office_decides_anew_and_sees_who_arrived() {
    each(async |db| {
        let ids = take_in(&db, ASAKA, vec![hanako(), hanako()]).await.cases;
        call(&db, ids[0], ASAKA).await;
        let overruled = hand(&opened(&db, ids[1]).await);
        overrule(&db, ORG, overruled, Route::Physician, said("本人の希望"))
            .await
            .unwrap();
        for id in &ids {
            let seen = hand(&opened(&db, *id).await);
            let done = hand_over(&db, ORG, seen, KAWAGUCHI, Arc::new(ByOffice), said("転居")).await;
            assert_eq!(done.unwrap(), Changed::Done);
        }
        let (first, second) = (opened(&db, ids[0]).await, opened(&db, ids[1]).await);
        assert_eq!((first.office, first.decided.route), (KAWAGUCHI, Route::CentreSms));
        assert_eq!(first.decided.reasons, ["川口のルール"]);
        assert_eq!(
            second.decided.route,
            Route::Physician,
            "what a person decided stays"
        );
        assert!(
            second
                .decided
                .reasons
                .last()
                .unwrap()
                .contains("変更した振り分けのまま"),
            "{:?}",
            second.decided.reasons
        );
        let moved = lists::calls::open_count(&db, ORG, Some(KAWAGUCHI)).await.unwrap();
        assert_eq!(moved, 1, "the call goes along");
        assert_eq!(arrived(&db, ORG, KAWAGUCHI).await.unwrap(), ids);
        assert_eq!(arrived_count(&db, ORG, ASAKA).await.unwrap(), 0);
        assert!(take(&db, ORG, hand(&first)).await.unwrap());
        assert!(!take(&db, ORG, hand(&first)).await.unwrap(), "it is taken once");
        assert_eq!(arrived_count(&db, ORG, KAWAGUCHI).await.unwrap(), 1);
        let last = events(&db, ORG, ids[0]).await.unwrap().pop().unwrap();
        assert_eq!(last.kind, EventKind::Taken);
    })
    .await;
}

#[tokio::test]
async fn a_day_of_care_moves_the_end_and_nothing_else() {
    each(async |db| {
        let id = take_in(&db, ASAKA, vec![hanako()]).await.cases[0];
        let today = received_day(db.now());
        let relieved = Course {
            relieved_on: today.plus_days(-1),
            ..Course::default()
        };
        let case = opened(&db, id).await;
        let words = || said("本人に電話で確認");
        let done = set_course(&db, ORG, hand(&case), relieved, Arc::new(ByOffice), words()).await;
        assert_eq!(done.unwrap(), Changed::Done);
        let now = opened(&db, id).await;
        assert_eq!(now.course, relieved);
        assert_eq!(now.decided.isolation_ends, today.plus_days(9));
        assert_eq!(now.decided.route, case.decided.route);
        let last = events(&db, ORG, id).await.unwrap().pop().unwrap();
        assert_eq!(last.detail.courses, Some((Course::default(), relieved)));
        let ends = last.detail.decisions.unwrap();
        assert_eq!(
            (ends.0.isolation_ends, ends.1.isolation_ends),
            (None, today.plus_days(9))
        );
        let same = set_course(&db, ORG, hand(&now), relieved, Arc::new(ByOffice), words()).await;
        assert_eq!(same.unwrap(), Changed::Nothing);
        let back = set_course(
            &db,
            ORG,
            hand(&now),
            Course::default(),
            Arc::new(ByOffice),
            words(),
        )
        .await;
        assert_eq!(back.unwrap(), Changed::Done);
        assert_eq!(
            opened(&db, id).await.decided.isolation_ends,
            None,
            "nothing is invented"
        );
    })
    .await;
}

#[test]
fn the_shipped_rules_move_by_relief_and_negative_tests() {
    let version = examples()[0].versions.last().unwrap().clone();
    let programme = Programme::of(vec![triage::programme::InForce {
        version: 1,
        scope: Scope::Organisation,
        from: version.from,
        content: version.content,
    }]);
    let illness = Illness {
        onset: Some(day("2022/10/1")),
        ..Illness::default()
    };
    let at = (day("2022/10/3"), ASAKA);
    let end = |course: Course| programme.period(&illness, &course, at).and_then(Period::last_day);
    assert_eq!(
        end(Course::default()),
        None,
        "that symptoms are relieved is not known"
    );
    let relieved = |text| Course {
        relieved_on: Some(day(text)),
        place: Some(triage::period::Place::Home),
        ..Course::default()
    };
    let (early, late) = (end(relieved("2022/10/4")), end(relieved("2022/10/12")));
    assert!(early.is_some() && early < late, "{early:?} {late:?}");
}

#[tokio::test]
async fn whoever_was_met_is_reached_and_nobody_telephones() {
    each(async |db| {
        let ids = take_in(&db, ASAKA, vec![hanako(), hanako()]).await.cases;
        for (id, result) in ids.iter().zip([VisitResult::Absent, VisitResult::Met]) {
            call(&db, *id, ASAKA).await;
            let visit = Visit {
                day: received_day(db.now()),
                who: "保健師 鈴木".to_owned(),
                result,
            };
            let seen = hand(&opened(&db, *id).await);
            add_visit(&db, ORG, seen, visit, said("元気だった"))
                .await
                .unwrap();
        }
        assert_eq!(opened(&db, ids[0]).await.contact, FirstContact::Waiting);
        assert_eq!(opened(&db, ids[1]).await.contact, FirstContact::Spoken);
        let open = lists::calls::open_count(&db, ORG, Some(ASAKA)).await.unwrap();
        assert_eq!(open, 1, "who was not there is still telephoned");
        assert_eq!(kinds(&db, ids[1]).await.last(), Some(&EventKind::Visited));
    })
    .await;
}

#[tokio::test]
async fn who_has_a_record_open_is_known_for_a_while() {
    each(async |db| {
        let id = take_in(&db, ASAKA, vec![hanako()]).await.cases[0];
        let other = base::id::StaffId::new(8);
        openings::open(&db, ORG, id, (HANAKO, ASAKA)).await.unwrap();
        let seen = openings::others(&db, ORG, id, other).await.unwrap();
        assert_eq!(seen.iter().map(|one| one.staff).collect::<Vec<_>>(), [HANAKO]);
        assert!(openings::others(&db, ORG, id, HANAKO).await.unwrap().is_empty());
        let saved = hand(&opened(&db, id).await);
        overrule(&db, ORG, saved, Route::CentreSms, said("希望"))
            .await
            .unwrap();
        let seen = openings::others(&db, ORG, id, other).await.unwrap();
        assert!(seen.is_empty(), "whoever has saved has it open no more");
        openings::open(&db, ORG, id, (HANAKO, ASAKA)).await.unwrap();
        db.clock().advance(triage::limits::OPEN_FOR + 1);
        let seen = openings::others(&db, ORG, id, other).await.unwrap();
        assert!(seen.is_empty(), "whoever went home has it open no more");
    })
    .await;
}

#[tokio::test]
async fn a_thousand_notifications_take_a_bounded_number_of_statements() {
    each(async |db| {
        let all = |from: u32, count: u32| -> Vec<_> {
            let person =
                |n: u32| crate::people::person(&format!("見本 {n}"), "", "1990/1/1", &format!("0901{n:07}"));
            (from..from + count).map(|n| by_form(ASAKA, person(n))).collect()
        };
        let take = async |new| {
            let before = db.statements();
            add_many(&db, ORG, 1, Arc::new(WithoutRules), None, new)
                .await
                .unwrap();
            db.statements() - before
        };
        take(all(0, 1)).await;
        let (few, many) = (take(all(10, 10)).await, take(all(1_000, 1_000)).await);
        assert_eq!(few, many, "a list of a thousand asks as often as one of ten");
        assert!(many <= 12, "{many}");
    })
    .await;
}

#[tokio::test]
async fn every_filter_of_the_list_walks_an_index() {
    each(async |db| {
        let plan = async |wanted: &str| -> Vec<String> {
            let mut all = triage::store::statements();
            let (_, sql) = all.find(|(name, _)| *name == wanted).unwrap();
            db.plan(*sql).await.unwrap()
        };
        for (name, index) in [
            ("ALL_CASES", "cases_by_time"),
            ("ALL_BY_CONTACT", "cases_by_time"),
            ("ALL_BY_ROUTE", "cases_by_time"),
            ("ALL_BY_BOTH", "cases_by_time"),
            ("OFFICE_CASES", "cases_by_office"),
            ("OFFICE_BY_CONTACT", "cases_by_office"),
            ("OFFICE_BY_ROUTE", "cases_by_office"),
            ("OFFICE_BY_BOTH", "cases_by_office"),
            ("ARRIVED", "cases_arrived"),
            ("ARRIVED_COUNT", "cases_arrived"),
            ("BY_REFERENCE", "cases_by_reference"),
        ] {
            let steps = plan(name).await;
            // PostgreSQL decides by its statistics; a benchmark shows what it does with a million.
            let walks = steps.is_empty() || steps.iter().any(|step| step.contains(index));
            let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
            assert!(walks && !sorts, "{name}: {steps:#?}");
        }
    })
    .await;
}
