//! Cases as they are taken in and kept.

use std::sync::Arc;

use base::id::ListId;
use db::{Reference, Sql, params};
use triage::case::{CaseSource, CaseState, EventKind, NewCase};
use triage::decision::{Route, WithoutRules};
use triage::keys::CaseKey;
use triage::store::cases::{add, case};
use triage::store::changes::{Changed, correct, hand_over};
use triage::store::events::events;
use triage::store::search::{After, Filter, by_keys, by_reference, listed, waiting_counts};
use triage::store::twins::{Judge, Verdict, decide, pair};

use crate::people::{ASAKA, HANAKO, KAWAGUCHI, ORG, each, hanako, hand, opened, person, stays, take_in};

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
        // What waits is in an index of its own, which is walked to count it; and pairs that nobody has looked at.
        // The programmes of an organisation are few, and so are its offices and standing orders.
        let counting = [
            "WAITING_COUNTS",
            "PENDING",
            "PARKED_COUNT",
            "PROGRAMMES",
            "NO_OTHER_DEFAULT",
            "AREAS",
            "OWNERS",
            "OVER",
            "PLACES",
            "ARRIVALS",
            "IN_FORCE",
            "ALL_IN_FORCE",
            "ALL_ORDERS",
            // Who is not reached, in an index of their own; and one step to the first case of all.
            "NOT_REACHED",
            "FIRST_ARRIVAL",
        ];
        for (name, sql) in triage::store::statements().filter(|(name, _)| !counting.contains(name)) {
            for step in db.plan(*sql).await.unwrap() {
                let scanned = step.strip_prefix("SCAN ");
                let one_of = |of| {
                    [
                        "w",
                        "n",
                        "p",
                        "keys",
                        "chain",
                        "newest",
                        "found",
                        "hits",
                        "CONSTANT ROW",
                    ]
                    .contains(&of)
                };
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

#[tokio::test]
async fn a_correction_keeps_what_stood_there_and_moves_what_follows_from_it() {
    each(async |db| {
        let other = person("鈴木 一郎", "スズキ イチロウ", "1970/1/1", "080-1111-2222");
        let both = take_in(&db, ASAKA, vec![hanako(), other]).await.cases;
        let mut right = hanako();
        right.person.mobiles = person("", "", "", "080-1111-2222").person.mobiles;
        let hand = hand(&opened(&db, both[0]).await);
        let words = || "番号の書き誤り".to_owned();
        let done = correct(&db, ORG, hand, stays(WithoutRules), right.clone(), words()).await;
        assert_eq!(done.unwrap(), Changed::Done);
        let now = opened(&db, both[0]).await;
        assert!(now.notification == Some(right.clone()));
        assert_eq!(
            now.household,
            opened(&db, both[1]).await.household,
            "the new number's household"
        );
        let late = correct(&db, ORG, hand, stays(WithoutRules), hanako(), words()).await;
        assert_eq!(
            late.unwrap(),
            Changed::Overtaken,
            "who saw the old record is told"
        );
        let last = events(&db, ORG, both[0]).await.unwrap().pop().unwrap();
        assert!(last.detail.notifications == Some(Box::new((hanako(), right))));
        let vault = db.vault(ORG).await.unwrap();
        let old = CaseKey::of_number(&vault, "09012345678").unwrap();
        let found = by_keys(&db, ORG, None, &[old]).await.unwrap();
        assert!(found.cases.is_empty(), "nobody is found by the old number");
    })
    .await;
}

#[tokio::test]
async fn a_case_goes_to_another_office_with_its_history() {
    each(async |db| {
        let id = take_in(&db, ASAKA, vec![hanako()]).await.cases[0];
        let hand = hand(&opened(&db, id).await);
        let done = hand_over(
            &db,
            ORG,
            hand,
            KAWAGUCHI,
            Arc::new(WithoutRules),
            "所在地が川口市".to_owned(),
        )
        .await;
        assert_eq!(done.unwrap(), Changed::Done);
        assert!(case(&db, ORG, Some(ASAKA), id).await.unwrap().is_none());
        let kinds: Vec<EventKind> = events(&db, ORG, id)
            .await
            .unwrap()
            .iter()
            .map(|one| one.kind)
            .collect();
        assert_eq!(kinds, [EventKind::Received, EventKind::HandedOver]);
    })
    .await;
}

#[tokio::test]
async fn merging_and_taking_apart_leave_everything_as_it_was() {
    each(async |db| {
        let ids = take_in(&db, ASAKA, vec![hanako(), hanako()]).await.cases;
        let before = [opened(&db, ids[0]).await, opened(&db, ids[1]).await];
        let judge = Judge {
            by: HANAKO,
            office: ASAKA,
        };
        let twins = pair(&db, ORG, ids[0], ids[1]).await.unwrap().unwrap();
        let same = Verdict::Same { kept: ids[0] };
        assert!(decide(&db, ORG, twins, same, judge).await.unwrap());
        assert_eq!(opened(&db, ids[1]).await.state, CaseState::Merged);
        let (listed_now, _) = listed(&db, ORG, Filter::default(), None).await.unwrap();
        assert_eq!(listed_now.len(), 1);
        assert!(
            !decide(&db, ORG, twins, same, judge).await.unwrap(),
            "the second one is told"
        );
        let merged = pair(&db, ORG, ids[0], ids[1]).await.unwrap().unwrap();
        assert!(decide(&db, ORG, merged, Verdict::Undo, judge).await.unwrap());
        for case in before {
            let now = opened(&db, case.id).await;
            assert_eq!(
                (now.state, now.merged_into, now.contact),
                (case.state, None, case.contact)
            );
            assert!(now.notification == case.notification);
            assert_eq!(
                (now.household, now.reference, now.decided),
                (case.household, case.reference, case.decided)
            );
        }
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_what_they_say_of_themselves() {
    each(async |db| {
        let ids = take_in(&db, ASAKA, vec![hanako()]).await.cases;
        take_in(
            &db,
            KAWAGUCHI,
            vec![person(
                "佐々木 次郎",
                "ササキ ジロウ",
                "1950/1/1",
                "080-1111-2222",
            )],
        )
        .await;
        let vault = db.vault(ORG).await.unwrap();
        let find = async |office, key: Option<CaseKey>| {
            let found = by_keys(&db, ORG, office, &[key.unwrap()]).await.unwrap();
            found.cases.into_iter().map(|case| case.id).collect::<Vec<_>>()
        };
        assert_eq!(
            find(None, CaseKey::of_number(&vault, "０９０ー１２３４ー５６７８")).await,
            ids
        );
        assert_eq!(
            find(Some(ASAKA), CaseKey::of_kana(&vault, "さとうはなこ")).await,
            ids
        );
        assert_eq!(
            find(Some(ASAKA), CaseKey::of_kana_head(&vault, "サト")).await,
            ids
        );
        assert!(
            find(Some(KAWAGUCHI), CaseKey::of_kana_head(&vault, "サト"))
                .await
                .is_empty()
        );
        let reference = opened(&db, ids[0]).await.reference;
        let read = Reference::parse(&reference.to_string()).unwrap();
        assert!(by_reference(&db, ORG, Some(ASAKA), read).await.unwrap().is_some());
        assert!(
            by_reference(&db, ORG, Some(KAWAGUCHI), read)
                .await
                .unwrap()
                .is_none()
        );
    })
    .await;
}

#[tokio::test]
async fn who_fits_wholly_comes_before_those_who_only_begin_alike() {
    each(async |db| {
        let number = |n: u32| format!("0901{n:07}");
        let own = person("里 花", "サト", "1960/1/1", &number(0));
        let one = take_in(&db, ASAKA, vec![own]).await.cases[0];
        let others = (1..80).map(|n| person(&format!("里見 {n}"), &format!("サトミ {n}"), "", &number(n)));
        let newest = *take_in(&db, ASAKA, others.collect()).await.cases.last().unwrap();
        let vault = db.vault(ORG).await.unwrap();
        let keys = [
            CaseKey::of_kana(&vault, "サト"),
            CaseKey::of_kana_head(&vault, "サト"),
        ];
        let keys = keys.map(Option::unwrap);
        for office in [None, Some(ASAKA)] {
            let found = by_keys(&db, ORG, office, &keys).await.unwrap();
            let ids: Vec<_> = found.cases.iter().map(|case| case.id).collect();
            assert_eq!((ids[0], ids[1]), (one, newest), "{office:?}");
            assert_eq!((ids.len(), found.is_cut), (51, false), "one more than is shown");
        }
    })
    .await;
}

/// People of other offices who begin alike.
const BEGIN_ALIKE: Sql = Sql("
    INSERT INTO case_keys (org_id, key_index, case_id, kind)
    SELECT 1, CAST($1 AS {bigint}), CAST(each.value AS {bigint}), 4 FROM {each $2} WHERE true");

#[tokio::test]
async fn a_search_that_does_not_look_through_everybody_says_so() {
    each(async |db| {
        let own = person("佐藤 花", "サトウ ハナ", "1960/1/1", "090-1000-0001");
        let one = take_in(&db, ASAKA, vec![own]).await.cases[0];
        let vault = db.vault(ORG).await.unwrap();
        let head = CaseKey::of_kana_head(&vault, "サトウ").unwrap();
        let index = head.index();
        for (more, expected) in [
            (1_000_000..1_019_500, (vec![one], false)),
            (1_019_500..1_020_500, (vec![], true)),
        ] {
            let ids = serde_json::to_string(&more.collect::<Vec<i64>>()).unwrap();
            let added = db.write(move |tx| {
                let ids = ids.clone();
                Box::pin(async move { tx.execute(BEGIN_ALIKE, params![index, ids]).await })
            });
            added.await.unwrap();
            let found = by_keys(&db, ORG, Some(ASAKA), &[head]).await.unwrap();
            let ids: Vec<_> = found.cases.iter().map(|case| case.id).collect();
            assert_eq!((ids, found.is_cut), expected);
        }
    })
    .await;
}

#[tokio::test]
async fn a_thousand_notifications_with_a_careless_id_are_a_thousand_cases() {
    each(async |db| {
        let all = (0..1_000).map(|n| {
            let number = format!("0901{:07}", n / 2);
            let mut told = person(&format!("見本 {n}"), "ミホン ハナコ", "", &number);
            told.person.register_id = (n % 2 == 0).then(|| "1234567".to_owned());
            told
        });
        let added = take_in(&db, ASAKA, all.collect()).await;
        assert_eq!(added.cases.len(), 1_000);
        assert_eq!(added.twins, 499, "each with the one before, and not with all");
        let (first, second) = (
            opened(&db, added.cases[0]).await,
            opened(&db, added.cases[1]).await,
        );
        assert_eq!(first.household, second.household);
        let (page, more) = listed(&db, ORG, Filter::default(), None).await.unwrap();
        assert!(more && page.len() == 50);
        let last = page.last().unwrap();
        let after = After {
            received_at: last.received_at,
            case: last.id,
        };
        let (next, _) = listed(&db, ORG, Filter::default(), Some(after)).await.unwrap();
        assert!(next[0].id < last.id, "the next page goes on after the last one");
        let counts = waiting_counts(&db, ORG, Some(ASAKA)).await.unwrap();
        assert_eq!(counts.iter().map(|count| count.people).sum::<u32>(), 1_000);
    })
    .await;
}
