//! Cases as they are taken in and kept.

use base::id::ListId;
use triage::case::{CaseSource, EventKind, NewCase};
use triage::decision::{Route, WithoutRules};
use triage::store::cases::{add, case};
use triage::store::events::events;

use crate::people::{ASAKA, KAWAGUCHI, ORG, each, hanako, opened, person, take_in};

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each(async |db| {
        for (name, sql) in triage::store::statements() {
            let prepared = db.prepare(*sql).await;
            prepared.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    })
    .await;
}

#[tokio::test]
async fn no_statement_reads_all_cases() {
    each(async |db| {
        let mut slow = Vec::new();
        for (name, sql) in triage::store::statements() {
            for step in db.plan(*sql).await.unwrap() {
                let scanned = step.strip_prefix("SCAN ");
                let one_of = |of| ["w", "n", "p", "keys", "newest", "CONSTANT ROW"].contains(&of);
                let small = scanned.is_none_or(|of| one_of(of) || of.starts_with("each"));
                if !small || step.ends_with("(org_id=?)") {
                    slow.push(format!("{name}: {step}"));
                }
            }
        }
        assert!(slow.is_empty(), "{slow:#?}");
    })
    .await;
}

#[tokio::test]
async fn a_case_is_what_its_notification_told() {
    each(async |db| {
        let added = take_in(&db, ASAKA, vec![hanako()]).await;
        let [id] = added.cases[..] else {
            panic!("{added:?}")
        };
        let case_of = opened(&db, id).await;
        assert!(case_of.notification == Some(hanako()));
        assert_eq!((case_of.office, case_of.version), (ASAKA, 1));
        assert_eq!(
            case_of.decided.route,
            Route::CentrePhone,
            "without rules somebody telephones"
        );
        let other = case(&db, ORG, Some(KAWAGUCHI), id).await.unwrap();
        assert!(other.is_none(), "another office has no such case");
        let events = events(&db, ORG, id).await.unwrap();
        assert_eq!(
            events.iter().map(|event| event.kind).collect::<Vec<_>>(),
            [EventKind::Received]
        );
    })
    .await;
}

#[tokio::test]
async fn a_row_becomes_one_case_however_often_it_is_given() {
    each(async |db| {
        let row = |line| NewCase {
            office: ASAKA,
            source: CaseSource::Row {
                list: ListId::new(5),
                line,
            },
            notification: hanako(),
        };
        let first = add(&db, ORG, 1, &WithoutRules, None, vec![row(2), row(3)])
            .await
            .unwrap();
        assert_eq!((first.cases.len(), first.known), (2, 0));
        let again = add(&db, ORG, 1, &WithoutRules, None, vec![row(2), row(3), row(4)])
            .await
            .unwrap();
        assert_eq!((again.cases.len(), again.known), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn people_of_one_number_are_one_household() {
    each(async |db| {
        let child = person("佐藤 太郎", "サトウ タロウ", "2015/5/5", "090-1234-5678");
        let other = person("鈴木 一郎", "スズキ イチロウ", "1970/1/1", "080-1111-2222");
        let same_list = take_in(&db, ASAKA, vec![hanako(), other]).await;
        let later = take_in(&db, KAWAGUCHI, vec![child]).await;
        let mother = opened(&db, same_list.cases[0]).await;
        assert_eq!(opened(&db, later.cases[0]).await.household, mother.household);
        assert_ne!(opened(&db, same_list.cases[1]).await.household, mother.household);
        assert_eq!(later.twins, 0, "a family is no twins");
    })
    .await;
}

#[tokio::test]
async fn the_same_person_twice_is_parked_and_blocks_nothing() {
    each(async |db| {
        let first = take_in(&db, ASAKA, vec![hanako(), hanako()]).await;
        assert_eq!((first.cases.len(), first.twins), (2, 1), "in one list");
        let again = take_in(&db, KAWAGUCHI, vec![hanako()]).await;
        assert_eq!(
            (again.cases.len(), again.twins),
            (1, 1),
            "in another, with the newest"
        );
    })
    .await;
}
