//! Figures as they are counted: from cases on both databases to sums.

use base::clock::{DAY, HOUR, MINUTE};
use base::id::CaseId;
use db::{Db, Sql, params};
use triage::case::{ContactEvent, FirstContact, received_day};
use triage::counting::{count_some, days};
use triage::figures::sums::backlog;
use triage::figures::{Outcome, Period, Sums, Waited};
use triage::jobs::watch;
use triage::reach::{ContactBy, ContactRule, OneRule};
use triage::store::contacted::{Contacted, contacted};
use triage::store::figures::{ReadFrom, cases_of_day, not_reached};

use crate::people::{ASAKA, KAWAGUCHI, NOON, ORG, each, person, take_in};

const EVERY_COUNT: Sql = Sql("DELETE FROM figure_days");

/// So many people, each somebody else.
fn people(from: usize, count: usize) -> Vec<triage::notification::CaseNotification> {
    (from..from + count)
        .map(|n| person(&format!("見本 {n}"), "", "", &format!("090-1000-{n:04}")))
        .collect()
}

async fn tell(db: &Db, case: CaseId, event: ContactEvent) {
    let (vault, at) = (db.vault(ORG).await.unwrap(), db.now());
    let told = db.write(move |tx| {
        let vault = std::sync::Arc::clone(&vault);
        Box::pin(async move {
            let what = Contacted {
                case,
                event,
                at,
                watch_at: None,
                by: None,
            };
            contacted(tx, ORG, &vault, what).await
        })
    });
    told.await.unwrap();
}

fn today(db: &Db) -> Period {
    Period::ending(received_day(db.now()), 1)
}

async fn counted(db: &Db, period: Period) -> Sums {
    days(db, ORG, period).await.unwrap()
}

#[tokio::test]
async fn a_day_is_counted_and_counted_again_when_its_time_is_over() {
    each(async |db| {
        let added = take_in(&db, ASAKA, people(0, 3)).await;
        take_in(&db, KAWAGUCHI, people(10, 2)).await;
        let day = today(&db);
        let mut sums = counted(&db, day).await;
        assert_eq!(sums.arrivals(day), 5);
        assert_eq!(sums.by_hour(day)[12][0], 5, "noon of a Monday");
        assert_eq!(sums.outcomes(day).get(&Outcome::UnderWay), Some(&5));
        sums.office = Some(KAWAGUCHI);
        assert_eq!(sums.arrivals(day), 2);

        tell(&db, added.cases[0], ContactEvent::Delivered).await;
        db.clock().advance(MINUTE / 2);
        let kept = counted(&db, day).await;
        assert_eq!(
            kept.outcomes(day).get(&Outcome::BySms),
            None,
            "what was counted holds for a while"
        );
        db.clock().advance(2 * MINUTE);
        let kept = counted(&db, day).await;
        assert_eq!(
            kept.outcomes(day).get(&Outcome::BySms),
            None,
            "no visitor waits for a count"
        );
        assert_eq!(count_some(&db, ORG).await.unwrap(), 1);
        let again = counted(&db, day).await;
        assert_eq!(again.outcomes(day).get(&Outcome::BySms), Some(&1));
        assert_eq!(again.outcomes(day).get(&Outcome::UnderWay), Some(&4));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_reached_later_counts_in_the_day_on_which_they_came_in() {
    each(async |db| {
        let added = take_in(&db, ASAKA, people(0, 4)).await;
        let day = today(&db);
        db.clock().advance(3 * HOUR);
        tell(&db, added.cases[0], ContactEvent::Delivered).await;
        tell(&db, added.cases[1], ContactEvent::NotNeeded).await;
        db.clock().advance(2 * DAY);
        tell(&db, added.cases[2], ContactEvent::Spoke).await;
        let (latency, young) = counted(&db, day).await.first_contact(day).remove(&ASAKA).unwrap();
        assert_eq!((latency.people(), latency.within_a_day(), young), (3, 1, 0));
        assert_eq!(latency.percentile(33), Some(180));
        assert_eq!(
            latency.percentile(66),
            Some(3 * 24 * 60 - 21 * 60),
            "two days and three hours"
        );
        assert_eq!(latency.percentile(90), None, "one was never reached");
    })
    .await;
}

#[tokio::test]
async fn first_moments_stay_and_go_with_a_wrong_number() {
    each(async |db| {
        let added = take_in(&db, ASAKA, people(0, 1)).await;
        let moments = async || {
            let beginning = ReadFrom::beginning(received_day(NOON));
            let (cases, _) = cases_of_day(&db, ORG, received_day(NOON), beginning)
                .await
                .unwrap();
            [cases[0].arrived_at, cases[0].opened_at, cases[0].answered_at]
                .map(|at| at.map(|at| (at - NOON) / HOUR))
        };
        for (event, expected) in [
            (ContactEvent::Written, [None, None, None]),
            (ContactEvent::Delivered, [Some(2), None, None]),
            (ContactEvent::Opened, [Some(2), Some(3), None]),
            (ContactEvent::Answered, [Some(2), Some(3), Some(4)]),
            (ContactEvent::Forgotten, [None, None, None]),
            (ContactEvent::Spoke, [Some(6); 3]),
        ] {
            db.clock().advance(HOUR);
            tell(&db, added.cases[0], event).await;
            assert_eq!(moments().await, expected, "{event:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn why_people_are_telephoned_is_counted_once_each() {
    each(async |db| {
        let mut all = people(0, 2);
        all.push(person("見本 三郎", "", "", ""));
        take_in(&db, ASAKA, all).await;
        // Without rules everybody is telephoned.
        watch(&db, ORG, &OneRule::default()).await.unwrap();
        let day = today(&db);
        let sums = counted(&db, day).await;
        assert_eq!(sums.calls(day).get("by_rule"), Some(&3), "{:?}", sums.calls(day));
        assert_eq!(sums.outcomes(day).get(&Outcome::OnCallList), Some(&3));
    })
    .await;
}

#[tokio::test]
async fn a_day_of_many_is_read_in_pieces_and_nobody_twice() {
    each(async |db| {
        for from in (0..6_000).step_by(1_000) {
            take_in(&db, ASAKA, people(from, 1_000)).await;
        }
        let day = today(&db);
        assert_eq!(counted(&db, day).await.arrivals(day), 6_000);
    })
    .await;
}

#[tokio::test]
async fn days_are_counted_by_themselves_and_can_be_counted_anew() {
    each(async |db| {
        assert_eq!(count_some(&db, ORG).await.unwrap(), 0, "nobody came yet");
        for day in 0..3 {
            take_in(&db, ASAKA, people(day * 10, day + 1)).await;
            db.clock().advance(DAY);
        }
        // The three days and the one that has begun since.
        assert_eq!(count_some(&db, ORG).await.unwrap(), 4);
        assert_eq!(count_some(&db, ORG).await.unwrap(), 0, "they hold for a while");
        let period = Period::ending(received_day(db.now()), 7);
        let before = counted(&db, period).await;
        assert_eq!(before.daily(period), [0, 0, 0, 1, 2, 3, 0]);
        let forgotten = db.write(|tx| Box::pin(async move { tx.execute(EVERY_COUNT, params![]).await }));
        assert_eq!(forgotten.await.unwrap(), 7, "those before the first person too");
        assert_eq!(count_some(&db, ORG).await.unwrap(), 4);
        let after = counted(&db, period).await;
        assert!(
            before.days == after.days,
            "what was counted is what the cases say"
        );
        db.clock().advance(5 * MINUTE);
        assert_eq!(count_some(&db, ORG).await.unwrap(), 2, "today and yesterday");
    })
    .await;
}

#[tokio::test]
async fn who_is_not_reached_is_counted_by_how_long_they_wait() {
    each(async |db| {
        let old = take_in(&db, ASAKA, people(0, 3)).await;
        db.clock().advance(30 * HOUR);
        take_in(&db, KAWAGUCHI, people(10, 2)).await;
        db.clock().advance(HOUR);
        tell(&db, old.cases[0], ContactEvent::Delivered).await;
        let of = async |office| {
            let rule = OneRule::default();
            let mut all = not_reached(&db, ORG, office, &rule).await.unwrap();
            all.sort_by_key(|one| one.office);
            all.iter()
                .map(|one| (one.office, one.waited, one.people))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of(None).await,
            [(ASAKA, Waited::TwoDays, 2), (KAWAGUCHI, Waited::FourHours, 2)]
        );
        assert_eq!(of(Some(KAWAGUCHI)).await, [(KAWAGUCHI, Waited::FourHours, 2)]);
    })
    .await;
}

#[tokio::test]
async fn whose_message_arrived_waits_where_the_programme_asks_for_more() {
    each(async |db| {
        let all = take_in(&db, ASAKA, people(0, 4)).await;
        tell(&db, all.cases[0], ContactEvent::Delivered).await;
        tell(&db, all.cases[1], ContactEvent::Opened).await;
        tell(&db, all.cases[2], ContactEvent::Answered).await;
        for (by, expected) in [
            (ContactBy::Delivery, vec![FirstContact::Waiting]),
            (
                ContactBy::Opening,
                vec![FirstContact::Waiting, FirstContact::Delivered],
            ),
            (
                ContactBy::Answer,
                vec![
                    FirstContact::Waiting,
                    FirstContact::Delivered,
                    FirstContact::Opened,
                ],
            ),
        ] {
            let rule = OneRule(ContactRule {
                by,
                ..ContactRule::default()
            });
            for office in [None, Some(ASAKA)] {
                let all = not_reached(&db, ORG, office, &rule).await.unwrap();
                let mut waiting: Vec<FirstContact> = all.iter().map(|one| one.contact).collect();
                waiting.sort_unstable();
                assert_eq!(waiting, expected, "{by:?}");
                let shown = backlog(&all, None);
                let people: u64 = shown.iter().flat_map(|(_, numbers)| numbers).sum();
                assert_eq!(people, expected.len() as u64, "everybody stands in the table");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn figures_are_found_by_indexes_that_are_as_long_as_what_is_asked_for() {
    each(async |db| {
        for (name, wanted) in [
            (
                "CASES_OF_DAY",
                "USING INDEX cases_by_time (org_id=? AND received_at>? AND received_at<?)",
            ),
            (
                "NOT_REACHED",
                "USING COVERING INDEX cases_unreached (org_id=? AND office_id>?)",
            ),
            (
                "NOT_REACHED_AT",
                "USING COVERING INDEX cases_unreached (org_id=? AND office_id=? AND received_at>?)",
            ),
            ("KEPT_DAYS", "USING PRIMARY KEY (org_id=? AND day>? AND day<?)"),
            ("CALLS_OF_CASES", "USING PRIMARY KEY (org_id=? AND case_id=?)"),
            ("FIRST_ARRIVAL", "USING COVERING INDEX cases_by_time (org_id=?)"),
        ] {
            let (_, sql) = triage::store::statements()
                .find(|(known, _)| *known == name)
                .unwrap();
            let plan = db.plan(*sql).await.unwrap();
            // PostgreSQL tells nothing here: its planner goes by the size of what is there.
            assert!(
                plan.is_empty() || plan.iter().any(|step| step.ends_with(wanted)),
                "{name}: {plan:#?}"
            );
        }
    })
    .await;
}
