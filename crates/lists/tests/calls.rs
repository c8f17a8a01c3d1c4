#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! The call list: each row and message once, each office its own, every attempt kept.

use std::sync::Arc;

use base::clock::{Clock, HOUR};
use base::id::{CallId, ListId, MessageId, OfficeId, OrgId, StaffId};
use db::Db;
use db::testing::TestDatabase;
use lists::calls::{
    Call, CallOutcome, CallReason, CallSource, Mark, NewCall, add, call, events, mark, open_calls, open_count,
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
        by: Some(HANAKO),
    }
}

async fn added(db: &Db, new: NewCall) -> CallId {
    let (vault, new, now) = (db.vault(ORG).await.unwrap(), Arc::new(new), db.now());
    let write = db.write(move |tx| {
        let (vault, new) = (Arc::clone(&vault), Arc::clone(&new));
        Box::pin(async move { add(tx, ORG, &vault, &new, now).await })
    });
    write.await.unwrap().call
}

async fn open(db: &Db, office: OfficeId) -> Vec<Call> {
    open_calls(db, ORG, Some(office), 100, 0).await.unwrap()
}

fn done(outcome: Option<CallOutcome>, note: &str) -> Mark {
    Mark {
        outcome,
        note: Some(note.to_owned()),
        by: HANAKO,
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each(async |db| {
        for (name, sql) in lists::store::calls::ALL {
            let prepared = db.prepare(*sql).await;
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
        assert!(mark(&db, ORG, Some(ASAKA), by_row, closing).await.unwrap());
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
            let tried = mark(&db, ORG, Some(KAWAGUCHI), id, done(outcome, "x")).await;
            assert!(!tried.unwrap());
        }
        assert!(
            events(&db, ORG, None, id).await.unwrap().is_empty(),
            "nothing was kept"
        );
        assert!(
            mark(&db, ORG, None, id, done(Some(CallOutcome::Told), "x"))
                .await
                .unwrap()
        );
        assert!(events(&db, ORG, Some(KAWAGUCHI), id).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn attempts_leave_a_call_open_and_an_outcome_closes_it_once() {
    each(async |db| {
        let id = added(&db, new(row(12))).await;
        assert!(mark(&db, ORG, Some(ASAKA), id, done(None, "留守")).await.unwrap());
        assert_eq!(open(&db, ASAKA).await.len(), 1);
        db.clock().advance(HOUR);
        let told = done(Some(CallOutcome::MessageLeft), "母に伝言");
        assert!(mark(&db, ORG, Some(ASAKA), id, told.clone()).await.unwrap());
        for again in [told, done(None, "もう一度")] {
            assert!(
                !mark(&db, ORG, Some(ASAKA), id, again).await.unwrap(),
                "it is closed"
            );
        }
        assert!(open(&db, ASAKA).await.is_empty());
        let closed = call(&db, ORG, Some(ASAKA), id).await.unwrap().unwrap().closed;
        assert_eq!(closed, Some((CallOutcome::MessageLeft, HANAKO, NOON + HOUR)));
        let events = events(&db, ORG, Some(ASAKA), id).await.unwrap();
        let kept: Vec<_> = events
            .iter()
            .map(|one| (one.at, one.mark.outcome, one.mark.note.as_deref().unwrap()))
            .collect();
        let left = Some(CallOutcome::MessageLeft);
        assert_eq!(kept, [(NOON, None, "留守"), (NOON + HOUR, left, "母に伝言")]);
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
        assert!(mark(&db, ORG, Some(ASAKA), second, closing).await.unwrap());
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
            for one in open_calls(&db, ORG, Some(ASAKA), 2, offset).await.unwrap() {
                lines.push(one.source);
            }
        }
        assert_eq!(lines, (1..=5).map(row).collect::<Vec<_>>());
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
        assert!(
            mark(&db, ORG, Some(ASAKA), id, done(None, "見本さんは留守"))
                .await
                .unwrap()
        );
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
}
