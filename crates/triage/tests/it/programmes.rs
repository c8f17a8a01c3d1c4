//! Programmes and their versions in both databases.

use base::clock::Clock;
use base::date::CalendarDate;
use base::id::{OfficeId, OrgId, StaffId};
use db::Db;
use db::testing::TestDatabase;
use triage::programme::{Content, Scope, examples};
use triage::store::{self, programmes as kept};

const ORG: OrgId = OrgId::FIRST;
const OTHER: OrgId = OrgId::new(2);
const AUTHOR: StaffId = StaffId::new(1);
const SECOND: StaffId = StaffId::new(2);

async fn databases() -> Vec<(TestDatabase, Db)> {
    let clock = Clock::manual(1_795_323_909_000);
    let mut all = Vec::new();
    for database in TestDatabase::each(&clock).await {
        let db = database.open().await.unwrap();
        all.push((database, db));
    }
    all
}

fn day(month: u8, day: u8) -> CalendarDate {
    CalendarDate::new(2022, month, day).unwrap()
}

fn draft(title: &str) -> kept::Draft {
    kept::Draft {
        title: title.to_owned(),
        from: day(9, 1),
        content: Content::blank(),
    }
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    for (_database, db) in databases().await {
        for (name, sql) in store::statements() {
            db.prepare(*sql)
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

#[tokio::test]
async fn an_example_is_taken_over_as_drafts_that_somebody_else_approves() {
    for (_database, db) in databases().await {
        let example = examples().remove(0);
        let id = kept::install(&db, ORG, example.clone(), AUTHOR).await.unwrap();
        let versions = kept::versions(&db, ORG, id).await.unwrap();
        assert_eq!(versions.len(), example.versions.len());
        assert!(versions.iter().all(kept::VersionRow::is_draft));
        assert!(kept::in_force(&db, ORG, id).await.unwrap().versions().is_empty());
        for version in &versions {
            let at = (id, version.version);
            assert!(
                !kept::approve(&db, ORG, at, version.revision, AUTHOR)
                    .await
                    .unwrap()
            );
            assert!(
                !kept::approve(&db, OTHER, at, version.revision, SECOND)
                    .await
                    .unwrap()
            );
            assert!(
                kept::approve(&db, ORG, at, version.revision, SECOND)
                    .await
                    .unwrap()
            );
            assert!(
                !kept::approve(&db, ORG, at, version.revision, SECOND)
                    .await
                    .unwrap()
            );
        }
        let programme = kept::in_force(&db, ORG, id).await.unwrap();
        let number = |on| programme.on(on, OfficeId::new(7)).map(|one| one.version);
        assert_eq!(
            (number(day(1, 27)), number(day(9, 25)), number(day(9, 26))),
            (Some(1), Some(4), Some(5))
        );
        let names = kept::programmes(&db, ORG).await.unwrap();
        assert_eq!(names[0].example.as_deref(), Some(example.code.as_str()));
        assert!(kept::programmes(&db, OTHER).await.unwrap().is_empty());
        assert!(kept::programme(&db, OTHER, id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn the_product_approves_its_own_where_it_installs_them_by_itself() {
    for (_database, db) in databases().await {
        let now = db.now();
        let id = db
            .write(move |tx| {
                Box::pin(async move {
                    let example = examples().remove(1);
                    kept::install_in(tx, ORG, &example, None, now).await
                })
            })
            .await
            .unwrap();
        assert_eq!(kept::in_force(&db, ORG, id).await.unwrap().versions().len(), 1);
    }
}

#[tokio::test]
async fn a_draft_moves_on_by_saves_and_never_once_it_was_approved() {
    for (_database, db) in databases().await {
        let id = kept::add_programme(&db, ORG, "風しん".to_owned(), draft("はじめ"), AUTHOR)
            .await
            .unwrap();
        let at = (id, 1);
        let save = async |seen, title: &str, by| {
            kept::save_draft(&db, ORG, at, (seen, draft(title)), by)
                .await
                .unwrap()
        };
        assert!(save(1, "二回目", AUTHOR).await);
        assert!(!save(1, "知らずに", SECOND).await);
        // What somebody else has changed since is not what was read.
        assert!(!kept::approve(&db, ORG, at, 1, SECOND).await.unwrap());
        assert!(save(2, "三回目", SECOND).await);
        // Whoever wrote on it does not approve it.
        assert!(!kept::approve(&db, ORG, at, 3, SECOND).await.unwrap());
        assert_eq!(kept::authors(&db, ORG, at).await.unwrap(), [AUTHOR, SECOND]);
        assert!(kept::approve(&db, ORG, at, 3, StaffId::new(3)).await.unwrap());
        assert!(!save(3, "遅すぎる", AUTHOR).await);
        let version = kept::version(&db, ORG, at).await.unwrap().unwrap();
        assert_eq!((version.draft.title.as_str(), version.revision), ("三回目", 3));
        assert!(version.is_in_force());
    }
}

#[tokio::test]
async fn what_was_withdrawn_decides_nothing_and_stays_to_be_read() {
    for (_database, db) in databases().await {
        let id = kept::add_programme(&db, ORG, "風しん".to_owned(), draft("組織"), AUTHOR)
            .await
            .unwrap();
        let office = OfficeId::new(2);
        let own = (Scope::Office(office), draft("部署"));
        let version = kept::add_version(&db, ORG, id, own, AUTHOR).await.unwrap();
        for version in [1, version] {
            assert!(kept::approve(&db, ORG, (id, version), 1, SECOND).await.unwrap());
        }
        let on = async || {
            let programme = kept::in_force(&db, ORG, id).await.unwrap();
            programme.on(day(9, 1), office).map(|one| one.version)
        };
        assert_eq!(on().await, Some(2));
        let reason = "年齢が違っていたため".to_owned();
        assert!(
            kept::withdraw(&db, ORG, (id, 2), reason.clone(), AUTHOR)
                .await
                .unwrap()
        );
        assert!(
            !kept::withdraw(&db, ORG, (id, 2), reason.clone(), AUTHOR)
                .await
                .unwrap()
        );
        assert_eq!(on().await, Some(1));
        let row = kept::version(&db, ORG, (id, 2)).await.unwrap().unwrap();
        assert_eq!(
            row.withdrawn.map(|(by, _, why)| (by, why)),
            Some((AUTHOR, reason))
        );
    }
}
