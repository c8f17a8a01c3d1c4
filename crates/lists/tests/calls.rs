#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! The call list: each row and message once, each office its own, every attempt kept.

use std::sync::Arc;

use base::clock::{Clock, HOUR};
use base::id::{CallId, CaseId, ListId, MessageId, OfficeId, OrgId, StaffId};
use db::Db;
use db::testing::TestDatabase;
use lists::calls::{
    Call, CallAttempt, CallOutcome, CallReason, CallResult, CallSource, CallStep, Due, Mark, Marked, NewCall,
    add, call, closed_for_cases, events, mark, open_calls, open_count,
};

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const KAWAGUCHI: OfficeId = OfficeId::new(3);
const HANAKO: StaffId = StaffId::new(7);
const NOON: i64 = 1_789_959_600_000;

async fn each(test: impl AsyncFn(Db)) {
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        let options = db::OpenOptions {
            clock: Clock::manual(NOON),
            ..database.options.clone()
        };
        test(Db::open(&options).await.unwrap()).await;
    }
}

fn row(line: u32) -> CallSource {
    CallSource::Row {
        list: ListId::new(5),
        line,
    }
}

fn new(source: CallSource) -> NewCall {
    NewCall {
        office: ASAKA,
        person: "見本 太郎".to_owned(),
        number: Some("048-123-4567(自宅)".to_owned()),
        reason: CallReason::Landline,
        note: Some("夕方に在宅".to_owned()),
        source,
        priority: 0,
        by: Some(HANAKO),
    }
}

async fn added(db: &Db, new: NewCall) -> CallId {
    put(db, new).await.0
}

/// The entry, and whether it is new.
async fn put(db: &Db, new: NewCall) -> (CallId, bool) {
    let (vault, new, now) = (db.vault(ORG).await.unwrap(), Arc::new(new), db.now());
    let write = db.write(move |tx| {
        let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
        Box::pin(async move { add(tx, ORG, &vault, &new, now).await })
    });
    let added = write.await.unwrap();
    (added.call, added.is_new)
}

async fn open(db: &Db, office: OfficeId) -> Vec<Call> {
    open_calls(db, ORG, Some(office), Due::Now, (100, 0))
        .await
        .unwrap()
}

fn done(outcome: Option<CallOutcome>, note: &str) -> Mark {
    let attempt = CallAttempt::NoAnswer;
    Mark {
        result: outcome.map_or(CallResult::Tried { attempt, due: None }, CallResult::Done),
        note: Some(note.to_owned()),
        by: HANAKO,
    }
}

async fn marked(db: &Db, office: Option<OfficeId>, id: CallId, new: Mark) -> Marked {
    mark(db, ORG, office, id, new).await.unwrap()
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each(async |db| {
        for (name, sql) in [lists::store::calls::ALL, lists::store::call_work::ALL].concat() {
            let prepared = db.prepare(sql).await;
            prepared.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    })
    .await;
}

#[tokio::test]
async fn an_entry_is_read_as_it_was_made() {
    each(async |db| {
        let id = added(&db, new(row(12))).await;
        let open = open(&db, ASAKA).await;
        let [one] = &open[..] else { panic!("one entry") };
        assert_eq!(
            (one.id, one.office, one.reason),
            (id, ASAKA, CallReason::Landline)
        );
        assert_eq!(
            (one.person.as_str(), one.number.as_deref()),
            ("見本 太郎", Some("048-123-4567(自宅)"))
        );
        assert_eq!((one.note.as_deref(), one.source), (Some("夕方に在宅"), row(12)));
        assert_eq!(
            (one.added_by, one.added_at, one.closed),
            (Some(HANAKO), NOON, None)
        );
    })
    .await;
}

#[tokio::test]
async fn a_row_and_a_message_are_entered_once_and_hands_as_often_as_they_like() {
    each(async |db| {
        let message = CallSource::Message(MessageId::new(9));
        let by_row = added(&db, new(row(12))).await;
        assert_eq!(added(&db, new(row(12))).await, by_row);
        assert_ne!(added(&db, new(row(13))).await, by_row);
        let by_message = added(&db, new(message)).await;
        assert_eq!(added(&db, new(message)).await, by_message);
        let by_hand = added(&db, new(CallSource::ByHand)).await;
        assert_ne!(added(&db, new(CallSource::ByHand)).await, by_hand);
        let sources: Vec<CallSource> = open(&db, ASAKA).await.iter().map(|one| one.source).collect();
        assert_eq!(
            sources,
            [row(12), row(13), message, CallSource::ByHand, CallSource::ByHand]
        );
        let closing = done(Some(CallOutcome::Told), "");
        assert_eq!(marked(&db, Some(ASAKA), by_row, closing).await, Marked::Kept);
        assert_eq!(added(&db, new(row(12))).await, by_row, "called already");
        assert_eq!(open_count(&db, ORG, Some(ASAKA)).await.unwrap(), 4);
    })
    .await;
}

#[tokio::test]
async fn an_office_sees_and_changes_its_own_calls_only() {
    each(async |db| {
        let id = added(&db, new(row(12))).await;
        let elsewhere = NewCall {
            office: KAWAGUCHI,
            ..new(row(13))
        };
        let other = added(&db, elsewhere).await;
        assert_eq!(open(&db, KAWAGUCHI).await[0].id, other);
        assert_eq!(open_count(&db, ORG, Some(KAWAGUCHI)).await.unwrap(), 1);
        assert_eq!(
            open_count(&db, ORG, None).await.unwrap(),
            2,
            "the head office sees all"
        );
        assert!(call(&db, ORG, Some(KAWAGUCHI), id).await.unwrap().is_none());
        for outcome in [Some(CallOutcome::Told), None] {
            let tried = marked(&db, Some(KAWAGUCHI), id, done(outcome, "x")).await;
            assert_eq!(tried, Marked::Missing);
        }
        assert!(
            events(&db, ORG, None, id).await.unwrap().is_empty(),
            "nothing was kept"
        );
        let told = done(Some(CallOutcome::Told), "x");
        assert_eq!(marked(&db, None, id, told).await, Marked::Kept);
        assert!(events(&db, ORG, Some(KAWAGUCHI), id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn attempts_leave_a_call_open_and_an_outcome_closes_it_once() {
    each(async |db| {
        let id = added(&db, new(row(12))).await;
        let tried = done(None, "留守");
        assert_eq!(marked(&db, Some(ASAKA), id, tried).await, Marked::Kept);
        assert_eq!(open(&db, ASAKA).await.len(), 1);
        db.clock().advance(HOUR);
        let told = done(Some(CallOutcome::MessageLeft), "母に伝言");
        assert_eq!(marked(&db, Some(ASAKA), id, told.clone()).await, Marked::Kept);
        for again in [told, done(None, "もう一度")] {
            let late = marked(&db, Some(ASAKA), id, again).await;
            assert_eq!(late, Marked::Closed);
        }
        assert!(open(&db, ASAKA).await.is_empty());
        let closed = call(&db, ORG, Some(ASAKA), id).await.unwrap().unwrap().closed;
        assert_eq!(
            closed,
            Some((CallOutcome::MessageLeft, Some(HANAKO), NOON + HOUR))
        );
        let events = events(&db, ORG, Some(ASAKA), id).await.unwrap();
        let kept: Vec<_> = events
            .iter()
            .map(|one| (one.at, one.by, one.step, one.note.as_deref().unwrap()))
            .collect();
        let tried = CallStep::Tried(CallAttempt::NoAnswer);
        let left = CallStep::Done(CallOutcome::MessageLeft);
        let expected = [
            (NOON, Some(HANAKO), tried, "留守"),
            (NOON + HOUR, Some(HANAKO), left, "母に伝言"),
        ];
        assert_eq!(kept, expected);
    })
    .await;
}

#[tokio::test]
async fn a_family_is_called_once() {
    each(async |db| {
        let with = |number: Option<&str>, line| NewCall {
            number: number.map(str::to_owned),
            ..new(row(line))
        };
        added(&db, with(Some("090-1111-2222"), 1)).await;
        let second = added(&db, with(Some("０９０１１１１２２２２"), 2)).await;
        added(&db, with(None, 3)).await;
        let elsewhere = NewCall {
            office: KAWAGUCHI,
            ..with(Some("090-1111-2222"), 4)
        };
        added(&db, elsewhere).await;
        let counts =
            async || -> Vec<u32> { open(&db, ASAKA).await.iter().map(|one| one.same_number).collect() };
        assert_eq!(counts().await, [2, 2, 0]);
        let closing = done(Some(CallOutcome::NotNeeded), "");
        assert_eq!(marked(&db, Some(ASAKA), second, closing).await, Marked::Kept);
        assert_eq!(counts().await, [1, 0]);
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other_oldest_first() {
    each(async |db| {
        for line in 1..=5 {
            added(&db, new(row(line))).await;
        }
        let mut lines = Vec::new();
        for offset in [0, 2, 4] {
            for one in open_calls(&db, ORG, Some(ASAKA), Due::Now, (2, offset))
                .await
                .unwrap()
            {
                lines.push(one.source);
            }
        }
        assert_eq!(lines, (1..=5).map(row).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_family_has_one_landline() {
    each(async |db| {
        let with = |number: &str, line| NewCall {
            number: Some(number.to_owned()),
            ..new(row(line))
        };
        added(&db, with("048-123-4567", 1)).await;
        added(&db, with("０４８（１２３）４５６７　自宅", 2)).await;
        added(&db, with("048-123-9999", 3)).await;
        let same: Vec<u32> = open(&db, ASAKA).await.iter().map(|one| one.same_number).collect();
        assert_eq!(same, [2, 2, 1]);
    })
    .await;
}

#[tokio::test]
async fn a_case_is_entered_once_as_long_as_it_is_open_and_as_urgent_as_somebody_says() {
    each(async |db| {
        let of_case = |priority| NewCall {
            priority,
            ..new(CallSource::Case(CaseId::new(4)))
        };
        let (first, is_new) = put(&db, of_case(40)).await;
        assert!(is_new);
        assert_eq!(put(&db, of_case(90)).await, (first, false));
        assert_eq!(put(&db, of_case(10)).await, (first, false));
        let one = call(&db, ORG, Some(ASAKA), first).await.unwrap().unwrap();
        assert_eq!((one.source, one.priority), (CallSource::Case(CaseId::new(4)), 90));
        let none = closed_for_cases(&db, ORG, (0, CallId::new(0)), 10).await.unwrap();
        assert!(none.is_empty());

        let left = done(Some(CallOutcome::GivenUp), "つながらない");
        assert_eq!(marked(&db, None, first, left).await, Marked::Kept);
        let (second, is_new) = put(&db, of_case(50)).await;
        assert!(is_new && second != first, "unreached again");
        let by_hand = added(&db, new(CallSource::ByHand)).await;
        db.clock().advance(HOUR);
        for id in [by_hand, second] {
            let told = done(Some(CallOutcome::Told), "");
            assert_eq!(marked(&db, None, id, told).await, Marked::Kept);
        }
        let mut found = Vec::new();
        let mut after = (0, CallId::new(0));
        // A bounded read, one at a time.
        while let [one] = closed_for_cases(&db, ORG, after, 1).await.unwrap()[..] {
            after = (one.at, one.call);
            found.push((one.case, one.call, one.outcome, one.by, one.at));
        }
        let case = CaseId::new(4);
        let expected = [
            (case, first, CallOutcome::GivenUp, Some(HANAKO), NOON),
            (case, second, CallOutcome::Told, Some(HANAKO), NOON + HOUR),
        ];
        assert_eq!(found, expected);
    })
    .await;
}

#[tokio::test]
async fn danger_and_an_answer_to_be_called_for_take_an_open_entry_over_and_are_due_at_once() {
    each(async |db| {
        let of_case = |reason, priority, note: &str| NewCall {
            reason,
            priority,
            note: Some(note.to_owned()),
            ..new(CallSource::Case(CaseId::new(4)))
        };
        let (id, _) = put(&db, of_case(CallReason::NotDelivered, 40, "届かない")).await;
        let tomorrow = Mark {
            result: CallResult::Tried {
                attempt: CallAttempt::NoAnswer,
                due: Some(NOON + 22 * HOUR),
            },
            note: None,
            by: HANAKO,
        };
        assert_eq!(marked(&db, None, id, tomorrow).await, Marked::Kept);
        assert!(open(&db, ASAKA).await.is_empty(), "due tomorrow");
        let seen = async || {
            let one = open(&db, ASAKA).await.remove(0);
            (one.id, one.reason, one.priority, one.note.unwrap())
        };
        for (reason, priority, note) in [
            (CallReason::ByAnswer, 140, "電話の希望"),
            (CallReason::Danger, 240, "唇が紫"),
        ] {
            assert_eq!(put(&db, of_case(reason, priority, note)).await, (id, false));
            assert_eq!(seen().await, (id, reason, priority, note.to_owned()));
        }
        for less in [CallReason::ByAnswer, CallReason::NotDelivered] {
            put(&db, of_case(less, 90, "ほか")).await;
            assert_eq!(
                seen().await,
                (id, CallReason::Danger, 240, "唇が紫".to_owned()),
                "danger stays danger"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_most_urgent_come_first_and_then_who_waits_longest() {
    each(async |db| {
        for (line, priority) in [(1, 0), (2, 50), (3, 90), (4, 50)] {
            let one = NewCall {
                priority,
                ..new(row(line))
            };
            added(&db, one).await;
            db.clock().advance(HOUR);
        }
        let sources: Vec<CallSource> = open(&db, ASAKA).await.iter().map(|one| one.source).collect();
        assert_eq!(sources, [row(3), row(2), row(4), row(1)]);
    })
    .await;
}

#[tokio::test]
async fn nothing_personal_lies_open() {
    each(async |db| {
        const PEEK: db::Sql = db::Sql(
            "SELECT c.person_sealed || c.number_sealed || CAST(c.number_index AS TEXT) || c.reason ||
                c.note_sealed || e.note_sealed
             FROM calls c JOIN call_events e ON e.call_id = c.call_id",
        );
        let mobile = NewCall {
            number: Some("090-1111-2222".to_owned()),
            ..new(row(12))
        };
        let id = added(&db, mobile).await;
        let tried = done(None, "見本さんは留守");
        assert_eq!(marked(&db, Some(ASAKA), id, tried).await, Marked::Kept);
        let rows = db.query(PEEK, Vec::new()).await.unwrap();
        let all: String = rows.iter().map(|row| row.get::<String>(0).unwrap()).collect();
        assert!(all.contains("landline"), "{all}");
        for secret in ["見本", "太郎", "1111-2222", "9011112222", "夕方", "留守"] {
            assert!(!all.contains(secret), "{secret}");
        }
    })
    .await;
}

#[test]
fn words_are_kept() {
    for reason in CallReason::ALL {
        assert_eq!(CallReason::from_word(reason.as_str()), Some(reason));
    }
    for outcome in CallOutcome::ALL {
        assert_eq!(CallOutcome::from_word(outcome.as_str()), Some(outcome));
    }
    for attempt in CallAttempt::ALL {
        assert_eq!(CallAttempt::from_word(attempt.as_str()), Some(attempt));
    }
}
