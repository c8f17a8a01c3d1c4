#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! The register of wrong numbers: entered once, known in every office, lifted with a reason and never forgotten.

use std::sync::Arc;

use base::clock::{Clock, HOUR};
use base::id::{MessageId, OfficeId, OrgId, StaffId};
use base::phone::{self, PhoneNumber};
use db::testing::TestDatabase;
use db::{Db, DbError, OrgVault};
use lists::contacts::{PersonKeys, PersonValues};
use lists::numbers::{
    KnownWrong, NewWrong, WrongKind, known_wrong, lift, report_wrong, report_wrong_in, reports,
    reports_of_number,
};

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const KAWAGUCHI: OfficeId = OfficeId::new(3);
const HANAKO: StaffId = StaffId::new(7);
const NOON: i64 = 1_789_959_600_000;
const WRONG: &str = "090-1111-2222";

async fn each(test: impl AsyncFn(Register)) {
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        let options = db::OpenOptions {
            clock: Clock::manual(NOON),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let vault = db.vault(ORG).await.unwrap();
        test(Register { db, vault }).await;
    }
}

struct Register {
    db: Db,
    vault: Arc<OrgVault>,
}

fn number(text: &str) -> PhoneNumber {
    phone::parse(text).unwrap().number
}

fn new(kind: WrongKind) -> NewWrong {
    NewWrong {
        phone: number(WRONG),
        kind,
        person: PersonKeys::default(),
        corrected: None,
        reason: "見本さんではないと電話があった".to_owned(),
        message: None,
        office: ASAKA,
        by: Some(HANAKO),
    }
}

impl Register {
    fn keys(&self, phone: &str, id: &str) -> PersonKeys {
        let values = PersonValues {
            phone: Some(number(phone)),
            id: Some(id),
            ..PersonValues::default()
        };
        PersonKeys::of(&self.vault, &values)
    }

    /// What a list of any office is told about this row.
    async fn known(&self, phone: &str, id: &str) -> Option<KnownWrong> {
        let rows = [self.keys(phone, id)];
        known_wrong(&self.db, ORG, &rows).await.unwrap()[0]
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each(async |register| {
        for (name, sql) in lists::store::numbers::ALL {
            let prepared = register.db.prepare(*sql).await;
            prepared.unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_of_somebody_else_is_closed_for_everybody_in_every_office() {
    each(async |register| {
        for kind in [WrongKind::NotMe, WrongKind::Unused] {
            assert!(register.known("080-3333-4444", "1234567").await.is_none());
            let report = report_wrong(&register.db, ORG, new(kind)).await.unwrap();
            for id in ["", "1234567", "7654321"] {
                let known = register.known(WRONG, id).await.unwrap();
                assert_eq!((known.report, known.kind, known.office), (report, kind, ASAKA));
                assert_eq!((known.at, known.corrected), (NOON, None));
            }
            assert!(
                lift(&register.db, ORG, None, report, HANAKO, "確かめた")
                    .await
                    .unwrap()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_number_that_is_not_this_persons_stays_open_for_others() {
    each(async |register| {
        let person = register.keys(WRONG, "1234567");
        let corrected = Some(number("080-9999-8888"));
        let wrong = NewWrong {
            person,
            corrected,
            ..new(WrongKind::WrongNumber)
        };
        assert!(wrong.concerns(&person) && !wrong.concerns(&register.keys(WRONG, "7654321")));
        report_wrong(&register.db, ORG, wrong).await.unwrap();
        let same = register.known(WRONG, "01234567").await.unwrap();
        assert_eq!(same.corrected, corrected, "the right number is proposed");
        let unsaid = register.known(WRONG, "").await.unwrap();
        assert_eq!(unsaid.corrected, None, "it may be another person's row");
        assert!(register.known(WRONG, "7654321").await.is_none());
        assert!(register.known("080-9999-8888", "1234567").await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_wrong_number_of_nobody_in_particular_is_closed_for_everybody() {
    each(async |register| {
        report_wrong(&register.db, ORG, new(WrongKind::WrongNumber))
            .await
            .unwrap();
        for id in ["", "1234567"] {
            assert!(register.known(WRONG, id).await.is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn two_clicks_are_one_report_and_a_found_number_is_another() {
    each(async |register| {
        let person = register.keys(WRONG, "1234567");
        let plain = NewWrong {
            person,
            ..new(WrongKind::WrongNumber)
        };
        let first = report_wrong(&register.db, ORG, plain.clone()).await.unwrap();
        assert_eq!(
            report_wrong(&register.db, ORG, plain.clone()).await.unwrap(),
            first
        );
        let corrected = NewWrong {
            corrected: Some(number("080-9999-8888")),
            ..plain
        };
        let second = report_wrong(&register.db, ORG, corrected).await.unwrap();
        assert_ne!(second, first);
        report_wrong(&register.db, ORG, new(WrongKind::NotMe))
            .await
            .unwrap();
        let known = register.known(WRONG, "1234567").await.unwrap();
        assert_eq!(
            known.report, second,
            "the report that knows the right number goes first"
        );
        assert_eq!(
            register.known(WRONG, "7654321").await.unwrap().kind,
            WrongKind::NotMe
        );
    })
    .await;
}

#[tokio::test]
async fn a_lifted_report_closes_nothing_and_stays_in_the_history() {
    each(async |register| {
        let report = report_wrong(&register.db, ORG, new(WrongKind::NotMe))
            .await
            .unwrap();
        let lifting = |office| lift(&register.db, ORG, office, report, StaffId::new(8), "新しい契約者");
        assert!(!lifting(Some(KAWAGUCHI)).await.unwrap(), "not theirs to lift");
        register.db.clock().advance(HOUR);
        assert!(lifting(Some(ASAKA)).await.unwrap());
        assert!(!lifting(None).await.unwrap(), "lifted once");
        assert!(register.known(WRONG, "").await.is_none());
        let again = report_wrong(&register.db, ORG, new(WrongKind::NotMe))
            .await
            .unwrap();
        assert_ne!(again, report);
        let history = reports_of_number(&register.db, ORG, Some(ASAKA), number(WRONG))
            .await
            .unwrap();
        let [first, second] = &history[..] else {
            panic!("two reports")
        };
        let lifted = first.lifted.as_ref().unwrap();
        assert_eq!((lifted.by, lifted.at), (StaffId::new(8), NOON + HOUR));
        assert_eq!(lifted.reason, "新しい契約者");
        assert!(second.lifted.is_none());
        let elsewhere = reports_of_number(&register.db, ORG, Some(KAWAGUCHI), number(WRONG)).await;
        assert!(elsewhere.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn reports_of_an_office_are_read_as_they_were_entered_newest_first() {
    each(async |register| {
        let wrong = NewWrong {
            message: Some(MessageId::new(4)),
            corrected: Some(number("080-9999-8888")),
            ..new(WrongKind::WrongNumber)
        };
        report_wrong(&register.db, ORG, wrong).await.unwrap();
        let second = report_wrong(&register.db, ORG, new(WrongKind::Unused))
            .await
            .unwrap();
        let elsewhere = NewWrong {
            phone: number("070-1234-5678"),
            office: KAWAGUCHI,
            ..new(WrongKind::NotMe)
        };
        report_wrong(&register.db, ORG, elsewhere).await.unwrap();
        let own = reports(&register.db, ORG, Some(ASAKA), 50, 0).await.unwrap();
        assert_eq!((own.len(), own[0].id), (2, second));
        assert_eq!(
            (own[1].phone, own[1].kind),
            (number(WRONG), WrongKind::WrongNumber)
        );
        assert_eq!(
            (own[1].message, own[1].by),
            (Some(MessageId::new(4)), Some(HANAKO))
        );
        assert_eq!(own[1].corrected, Some(number("080-9999-8888")));
        assert_eq!(own[1].reason, "見本さんではないと電話があった");
        assert_eq!(reports(&register.db, ORG, None, 50, 0).await.unwrap().len(), 3);
        assert_eq!(
            reports(&register.db, ORG, Some(ASAKA), 1, 1).await.unwrap().len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn a_report_stands_or_falls_with_the_write_that_makes_it() {
    each(async |register| {
        let vault = Arc::clone(&register.vault);
        let failed = register.db.write(move |tx| {
            let vault = Arc::clone(&vault);
            Box::pin(async move {
                report_wrong_in(tx, ORG, &vault, &new(WrongKind::NotMe), NOON).await?;
                Err::<(), _>(DbError::Statement(
                    "the queue could not be called back".to_owned(),
                ))
            })
        });
        assert!(failed.await.is_err());
        assert!(register.known(WRONG, "").await.is_none());
    })
    .await;
}

#[tokio::test]
async fn no_number_and_no_word_lies_open() {
    each(async |register| {
        const PEEK: db::Sql = db::Sql(
            "SELECT CAST(phone_index AS TEXT) || phone_sealed || CAST(corrected_index AS TEXT) ||
                corrected_sealed || reason_sealed || lift_reason_sealed FROM wrong_numbers",
        );
        let wrong = NewWrong {
            corrected: Some(number("080-9999-8888")),
            ..new(WrongKind::NotMe)
        };
        let report = report_wrong(&register.db, ORG, wrong).await.unwrap();
        assert!(
            lift(&register.db, ORG, None, report, HANAKO, "見本さんに確認")
                .await
                .unwrap()
        );
        let rows = register.db.query(PEEK, Vec::new()).await.unwrap();
        let all: String = rows.iter().map(|row| row.get::<String>(0).unwrap()).collect();
        for secret in ["9011112222", "1111-2222", "8099998888", "9999-8888", "見本"] {
            assert!(!all.contains(secret), "{secret}");
        }
    })
    .await;
}

#[test]
fn kinds_keep_their_words() {
    for kind in WrongKind::ALL {
        assert_eq!(WrongKind::from_word(kind.as_str()), Some(kind));
    }
    assert_eq!(WrongKind::from_word("人違い"), None);
}
