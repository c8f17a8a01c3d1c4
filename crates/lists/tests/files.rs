#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
//! Kept files: sealed, given out for a while, erased with their list.

use std::sync::Arc;

use base::clock::Clock;
use base::id::{ListId, OfficeId, OrgId, StaffId, TemplateId};
use db::Db;
use db::testing::TestDatabase;
use lists::read::{ReadOptions, read};
use lists::store::files::{
    self, KEPT_ALONE, KEPT_WITH_LIST, NewFile, attach_file, bytes_of, file, file_of_list, keep_file,
};
use lists::store::{NewList, Role, Settings, add_list, withdraw};

const ORG: OrgId = OrgId::FIRST;
const ASAKA: OfficeId = OfficeId::new(2);
const HANAKO: StaffId = StaffId::new(7);

async fn each(test: impl AsyncFn(Db)) {
    let noon = 1_790_000_000_000;
    for database in TestDatabase::each(&Clock::manual(noon)).await {
        // A clock of its own, so that one database does not turn the other's forward.
        let options = db::OpenOptions {
            clock: Clock::manual(noon),
            ..database.options.clone()
        };
        test(Db::open(&options).await.unwrap()).await;
    }
}

fn new(bytes: Vec<u8>) -> NewFile {
    NewFile {
        role: Role::Reference,
        reference: Some(ListId::new(3)),
        office: ASAKA,
        template: Some((TemplateId::new(5), 2)),
        file_name: "朝霞_見本花子.csv".to_owned(),
        bytes: Arc::new(bytes),
        by: HANAKO,
    }
}

async fn list(db: &Db) -> ListId {
    let new = NewList {
        role: Role::List,
        reference: None,
        office: ASAKA,
        sheet: read("a.csv", b"ID,TEL\n1,09012345678\n", &ReadOptions::default()).unwrap(),
        settings: Settings::default(),
        by: HANAKO,
    };
    add_list(db, ORG, new).await.unwrap()
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each(async |db| {
        for (name, sql) in files::ALL {
            db.prepare(*sql)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_comes_back_as_it_went_in() {
    each(async |db| {
        // Longer than one part, and nothing that could be taken for text.
        let bytes: Vec<u8> = (0..1_300_000_u32)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        let id = keep_file(&db, ORG, new(bytes.clone()), None).await.unwrap();
        let head = file(&db, ORG, id).await.unwrap().unwrap();
        assert_eq!(
            (
                head.file_name.as_str(),
                head.role,
                head.reference,
                head.template,
                head.list
            ),
            (
                "朝霞_見本花子.csv",
                Role::Reference,
                Some(ListId::new(3)),
                Some((TemplateId::new(5), 2)),
                None
            )
        );
        assert!(bytes_of(&db, ORG, id).await.unwrap() == Some(bytes));
    })
    .await;
}

#[tokio::test]
async fn a_file_alone_is_over_after_an_hour_and_one_with_a_list_after_a_day() {
    each(async |db| {
        let (alone, with) = (new(vec![1]), new(vec![2]));
        let list = list(&db).await;
        let alone = keep_file(&db, ORG, alone, None).await.unwrap();
        let with = keep_file(&db, ORG, with, Some(list)).await.unwrap();
        db.clock().advance(KEPT_ALONE);
        assert!(file(&db, ORG, alone).await.unwrap().is_none());
        assert_eq!(
            file_of_list(&db, ORG, list).await.unwrap().map(|head| head.id),
            Some(with)
        );
        db.clock().advance(KEPT_WITH_LIST - KEPT_ALONE);
        assert!(file_of_list(&db, ORG, list).await.unwrap().is_none());
        keep_file(&db, ORG, new(vec![3]), None).await.unwrap();
        for id in [alone, with] {
            assert!(
                bytes_of(&db, ORG, id).await.unwrap().is_none(),
                "the next one erases what is over"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_file_of_a_withdrawn_list_is_erased_and_a_moved_one_stays() {
    each(async |db| {
        let (first, second) = (list(&db).await, list(&db).await);
        let moved = keep_file(&db, ORG, new(vec![1]), Some(first)).await.unwrap();
        attach_file(&db, ORG, moved, second).await.unwrap();
        let own = keep_file(&db, ORG, new(vec![2]), Some(first)).await.unwrap();
        withdraw(&db, ORG, first, HANAKO).await.unwrap();
        assert!(bytes_of(&db, ORG, own).await.unwrap().is_none());
        assert!(file_of_list(&db, ORG, second).await.unwrap().is_some());
        assert!(bytes_of(&db, ORG, moved).await.unwrap().is_some());
    })
    .await;
}
