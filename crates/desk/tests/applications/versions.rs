//! Desks and their versions: one writes, somebody else approves.

use base::date::CalendarDate;
use base::id::OfficeId;
use desk::document::{DeskDocument, shipped};
use desk::store;
use desk::texts::publish;

use crate::house::{APPROVER, AUTHOR, House, ORG, says};

#[tokio::test]
async fn a_version_holds_from_its_day_once_somebody_else_approved_it() {
    for house in House::each(says()).await {
        let (db, desk) = (&house.db, &house.row);
        let mut next = says();
        next.hours.capacity = Some(1);
        let next = DeskDocument::of(next).unwrap();
        let day = CalendarDate::new(2026, 11, 22).unwrap();
        let added = store::add_desk_version(db, ORG, desk, ("少なく".to_owned(), day, &next), AUTHOR);
        assert_eq!(added.await.unwrap(), Ok(2));
        let holds = || async {
            store::now_in_force(db, ORG, desk.id)
                .await
                .unwrap()
                .unwrap()
                .version
        };
        assert_eq!(holds().await, 1);
        let at = (desk.id, 2);
        assert!(
            !store::approve_desk(db, ORG, at, 1, AUTHOR).await.unwrap(),
            "their own"
        );
        assert!(
            !store::approve_desk(db, ORG, at, 2, APPROVER).await.unwrap(),
            "not what was read"
        );
        assert!(store::approve_desk(db, ORG, at, 1, APPROVER).await.unwrap());
        assert_eq!(holds().await, 2);
        let late = store::save_desk_draft(db, ORG, (desk, 2), (1, "もっと".to_owned(), day, &next), AUTHOR);
        assert_eq!(late.await.unwrap(), Ok(false), "what was approved never changes");
        let why = "誤り".to_owned();
        assert!(store::withdraw_desk(db, ORG, at, why, AUTHOR).await.unwrap());
        assert_eq!(holds().await, 1);
        assert_eq!(store::desk_versions(db, ORG, desk.id).await.unwrap().len(), 2);
        assert_eq!(store::desk_authors(db, ORG, at).await.unwrap(), [AUTHOR]);
    }
}

#[tokio::test]
async fn a_word_names_one_desk_and_texts_are_made_once() {
    for house in House::each(says()).await {
        let db = &house.db;
        let day = CalendarDate::new(2026, 11, 1).unwrap();
        let twice = store::add_desk(
            db,
            ORG,
            OfficeId::HEADQUARTERS,
            ("二つ目".to_owned(), day, &house.document),
            AUTHOR,
        );
        assert_eq!(twice.await.unwrap(), None);
        let other = shipped().remove(1).document;
        let wrong = store::add_desk_version(db, ORG, &house.row, ("別".to_owned(), day, &other), AUTHOR);
        assert_eq!(wrong.await.unwrap(), Err(store::NotKept::OtherKey));
        let again = publish(db, ORG, (&house.row, &house.document), AUTHOR, Some(APPROVER));
        assert_eq!(again.await.unwrap(), 0);
        let installed = store::install(db, ORG, OfficeId::HEADQUARTERS, day, &other)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(store::in_force(db, ORG, installed).await.unwrap().len(), 1);
        assert_eq!(store::desks(db, ORG).await.unwrap().len(), 2);
        assert!(store::set_closed(db, ORG, installed, true).await.unwrap());
        assert!(!store::set_closed(db, ORG, installed, true).await.unwrap());
    }
}
