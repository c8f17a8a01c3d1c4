//! Photos as they are kept: counted, found alike, asked for again, covered, erased.

use base::clock::{DAY, HOUR};
use base::id::{ApplicationId, PhotoId};
use desk::document::{Again, Document, SendBack, shipped};
use desk::form::Key;
use desk::limits::UPLOAD_PART;
use desk::store::{
    self, Alike, ApplicationSubmitted, Masked, NewPhoto, NewUpload, PhotoAdded, PhotoSize, Precheck,
};
use messaging::retention::HeldRecords;
use photo::{Hint, Picture, Print};

use crate::house::{CLERK, House, ORG, says};

/// The desk for test kits, with the pictures of the one for self tests: a test, its package, an identity.
fn with_photos() -> Document {
    let mut all = shipped().into_iter().map(|one| one.document.document().clone());
    let asks = all.find(|says| !says.photos.is_empty()).unwrap();
    let mut says = says();
    says.photos = asks.photos;
    let of_photos = |one: &SendBack| one.again.iter().all(|again| matches!(again, Again::Photo(_)));
    says.send_backs = asks.send_backs.into_iter().filter(of_photos).collect();
    says.review.precheck = true;
    says
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

/// A picture of ours, as the child process would have made it of these bytes.
fn picture(came_as: &str, print: u64) -> Picture {
    Picture {
        jpeg: came_as.as_bytes().repeat(80_000),
        preview: came_as.as_bytes().to_vec(),
        width: 2_048,
        height: 1_536,
        came_as: photo::hash(came_as.as_bytes()),
        print: Some(Print::from_bits(print)),
        hints: vec![Hint::Dark, Hint::Small],
    }
}

async fn add(house: &House, id: ApplicationId, rule: &str, picture: Picture) -> PhotoAdded {
    replace(house, id, rule, picture, None).await
}

async fn replace(
    house: &House,
    id: ApplicationId,
    rule: &str,
    picture: Picture,
    replaces: Option<PhotoId>,
) -> PhotoAdded {
    let new = NewPhoto {
        rule: key(rule),
        picture,
        replaces,
        masked: false,
    };
    store::add_photo(&house.db, ORG, id, &house.document, new)
        .await
        .unwrap()
}

fn added(added: PhotoAdded) -> PhotoId {
    match added {
        PhotoAdded::Added(id) => id,
        other => panic!("{other:?}"),
    }
}

impl House {
    /// Somebody applies with the two pictures that are needed.
    async fn apply_with(&self, n: u32, prints: [u64; 2]) -> (ApplicationId, [PhotoId; 2]) {
        let begun = self.begun(self.content(n)).await;
        let test = add(self, begun.id, "test", picture(&format!("test {n}"), prints[0])).await;
        let identity = add(
            self,
            begun.id,
            "identity",
            picture(&format!("card {n}"), prints[1]),
        )
        .await;
        let sent = self.submit(begun.id).await;
        assert_eq!(sent, ApplicationSubmitted::Received(begun.reference));
        (begun.id, [added(test), added(identity)])
    }

    async fn bytes(&self, id: ApplicationId, photo: PhotoId, size: PhotoSize) -> Option<Vec<u8>> {
        store::photo_bytes(&self.db, ORG, (id, photo), size)
            .await
            .unwrap()
    }

    async fn lacks(&self, id: ApplicationId) -> Vec<String> {
        let found = self.see(id).await;
        let missing = store::photos_missing(&self.db, ORG, &found, &self.document);
        missing.await.unwrap().iter().map(Key::to_string).collect()
    }
}

#[tokio::test]
async fn nothing_is_sent_without_its_pictures_and_no_rule_takes_more_than_it_says() {
    for house in House::each(with_photos()).await {
        let begun = house.begun(house.content(1)).await;
        assert_eq!(house.submit(begun.id).await, ApplicationSubmitted::NotComplete);
        assert_eq!(house.lacks(begun.id).await, ["test", "identity"]);
        let first = added(add(&house, begun.id, "test", picture("a", 1)).await);
        let again = add(&house, begun.id, "test", picture("a", 1)).await;
        assert_eq!(again, PhotoAdded::Already(first), "an answer was lost on its way");
        let second = added(add(&house, begun.id, "test", picture("b", 2)).await);
        assert_eq!(
            add(&house, begun.id, "test", picture("c", 3)).await,
            PhotoAdded::Enough
        );
        let third = added(replace(&house, begun.id, "test", picture("c", 3), Some(second)).await);
        assert_eq!(
            house.bytes(begun.id, second, PhotoSize::Picture).await,
            None,
            "it was only a draft"
        );
        let nothing = add(&house, begun.id, "passport", picture("d", 4)).await;
        assert_eq!(nothing, PhotoAdded::Otherwise);
        assert_eq!(house.submit(begun.id).await, ApplicationSubmitted::NotComplete);
        added(add(&house, begun.id, "identity", picture("d", 4)).await);
        assert_eq!(
            house.submit(begun.id).await,
            ApplicationSubmitted::Received(begun.reference)
        );
        // Now somebody looks at it: nothing is added or taken away.
        assert_eq!(
            add(&house, begun.id, "package", picture("e", 5)).await,
            PhotoAdded::Otherwise
        );
        let taken = store::remove_photo(&house.db, ORG, (begun.id, third), &house.document);
        assert!(!taken.await.unwrap());
        let kept = store::kept_photos(&house.db, ORG, begun.id).await.unwrap();
        assert_eq!(kept.len(), 3);
        assert_eq!(kept[0].hints, [Hint::Dark, Hint::Small]);
        let whole = house.bytes(begun.id, third, PhotoSize::Picture).await.unwrap();
        assert_eq!(whole, b"c".repeat(80_000));
        assert_eq!(
            house.bytes(begun.id, third, PhotoSize::Preview).await.unwrap(),
            b"c"
        );
        let other = house.begun(house.content(2)).await;
        let hinted = store::photos_hinted(&house.db, ORG, &[begun.id, other.id])
            .await
            .unwrap();
        assert_eq!(hinted, [begun.id].into());
        assert_eq!(
            house.bytes(other.id, third, PhotoSize::Preview).await,
            None,
            "of another application"
        );
    }
}

#[tokio::test]
async fn a_picture_that_is_asked_for_again_has_to_be_new_and_the_judged_one_stays_beside_it() {
    for house in House::each(with_photos()).await {
        let (id, [test, identity]) = house.apply_with(1, [1, 2]).await;
        house.clock.advance(HOUR);
        let seen = house.see(id).await.changes;
        let what = &house.document.document().send_backs[0];
        let precheck = Precheck::SendBack {
            what: what.key.clone(),
        };
        store::precheck(&house.db, ORG, (id, seen), precheck, (CLERK, String::new()))
            .await
            .unwrap();
        assert_eq!(
            house.lacks(id).await,
            ["test"],
            "the one that it has is the one that was unclear"
        );
        assert_eq!(house.submit(id).await, ApplicationSubmitted::NotComplete);
        let card = replace(&house, id, "identity", picture("new card", 9), Some(identity)).await;
        assert_eq!(card, PhotoAdded::Otherwise, "nobody asked for it");
        added(replace(&house, id, "test", picture("clear", 7), Some(test)).await);
        assert!(matches!(
            house.submit(id).await,
            ApplicationSubmitted::Received(_)
        ));
        let kept = store::photos_of(&house.db, ORG, id).await.unwrap();
        let before: Vec<_> = kept.iter().filter(|one| one.removed_at.is_some()).collect();
        assert_eq!((kept.len(), before.len(), before[0].id), (3, 1, test));
        assert!(house.bytes(id, test, PhotoSize::Picture).await.is_some());
    }
}

#[tokio::test]
async fn the_same_and_nearly_the_same_pictures_of_other_applications_are_told() {
    const SCENE: u64 = 0x1234_5678_9abc_def0;
    for house in House::each(with_photos()).await {
        let (first, _) = house.apply_with(1, [SCENE, 1 << 40]).await;
        // Three bits in three quarters: the fourth is the same.
        let (near, [near_test, _]) = house.apply_with(2, [SCENE ^ 0x1_0001_0001, u64::MAX]).await;
        let (far, _) = house.apply_with(3, [!SCENE, 0xffff << 20]).await;
        let draft = house.begun(house.content(4)).await;
        add(&house, draft.id, "test", picture("test 1", SCENE)).await;
        let photos = store::photos_of(&house.db, ORG, first).await.unwrap();
        let alike: Vec<_> = photos[0]
            .alike
            .iter()
            .map(|one| (one.application, one.distance))
            .collect();
        assert_eq!(alike, [(near, 3)], "not {far}, and no draft");
        assert_eq!(photos[0].alike[0].photo, near_test);
        assert_eq!(
            store::twins(&house.db, ORG, first).await.unwrap(),
            [],
            "nearly is not the same"
        );
        // The very same bytes.
        let identity = add(&house, draft.id, "identity", picture("card 4", 5)).await;
        added(identity);
        assert!(matches!(
            house.submit(draft.id).await,
            ApplicationSubmitted::Received(_)
        ));
        let twins = store::twins(&house.db, ORG, first).await.unwrap();
        let alike: Vec<_> = twins.iter().map(|twin| (twin.id, twin.alike.clone())).collect();
        assert_eq!(alike, [(draft.id, vec![Alike::Photo])]);
        // Somebody who takes the picture out of a draft is not held to it.
        let other = house.begun(house.content(5)).await;
        let wrong = added(add(&house, other.id, "test", picture("test 1", SCENE)).await);
        let taken = store::remove_photo(&house.db, ORG, (other.id, wrong), &house.document);
        assert!(taken.await.unwrap());
        added(
            add(
                &house,
                other.id,
                "test",
                picture("test 5", !SCENE ^ 0xff00_ff00_ff00_ff00),
            )
            .await,
        );
        added(add(&house, other.id, "identity", picture("card 5", 6)).await);
        house.submit(other.id).await;
        assert_eq!(store::twins(&house.db, ORG, other.id).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_a_clerk_covers_takes_the_place_of_what_was_seen() {
    for house in House::each(with_photos()).await {
        let (id, [_, identity]) = house.apply_with(1, [1, 2]).await;
        let covered = Picture {
            jpeg: b"covered".to_vec(),
            preview: b"small".to_vec(),
            ..picture("card", 2)
        };
        let masked = store::mask_photo(&house.db, ORG, (id, identity), covered, CLERK).await;
        assert!(masked.unwrap());
        assert_eq!(
            house.bytes(id, identity, PhotoSize::Picture).await.unwrap(),
            b"covered"
        );
        let kept = store::kept_photos(&house.db, ORG, id).await.unwrap();
        let at = house.clock.now();
        assert_eq!(kept[1].masked, Some(Masked { at, by: Some(CLERK) }));
        let events = store::application_events(&house.db, ORG, id).await.unwrap();
        let masked: Vec<_> = events.iter().filter(|one| one.kind == "photo_masked").collect();
        assert_eq!(
            (masked.len(), masked[0].by, masked[0].detail.as_deref()),
            (1, Some(CLERK), Some("identity"))
        );
    }
}

#[tokio::test]
async fn an_upload_goes_on_where_it_stopped_and_nobody_else_reaches_it() {
    let new = |mark: &str, bytes: usize| NewUpload {
        rule: key("test"),
        mark: mark.to_owned(),
        bytes,
        masked: true,
    };
    for house in House::each(with_photos()).await {
        let (db, begun) = (&house.db, house.begun(house.content(1)).await);
        let length = 2 * UPLOAD_PART + 10;
        let upload = store::begin_upload(db, ORG, begun.id, new("a", length))
            .await
            .unwrap();
        let of = (begun.id, upload.id);
        let keep = async |of, number, part| store::keep_part(db, ORG, of, (number, part)).await.unwrap();
        assert!(keep(of, 0, vec![1; UPLOAD_PART]).await);
        assert!(keep(of, 2, vec![3; 10]).await);
        for (number, length) in [(1, 5), (2, 11), (3, 1), (3, 0), (usize::MAX, 1)] {
            assert!(!keep(of, number, vec![9; length]).await, "{number} {length}");
        }
        assert_eq!(store::arrived_whole(db, ORG, of).await.unwrap(), None);
        // The page was loaded again and the same picture chosen.
        let again = store::begin_upload(db, ORG, begun.id, new("a", length))
            .await
            .unwrap();
        assert_eq!((again.id, again.arrived), (upload.id, vec![0, 2]));
        assert!(keep(of, 1, vec![2; UPLOAD_PART]).await);
        assert!(keep(of, 1, vec![7; UPLOAD_PART]).await, "the same part once more");
        let whole = store::arrived_whole(db, ORG, of).await.unwrap().unwrap();
        let parts = [vec![1; UPLOAD_PART], vec![2; UPLOAD_PART], vec![3; 10]];
        assert_eq!((whole.bytes, whole.masked), (parts.concat(), true));
        let other = house.begun(house.content(2)).await;
        assert!(!keep((other.id, upload.id), 1, vec![2; UPLOAD_PART]).await);
        assert_eq!(
            store::arrived_whole(db, ORG, (other.id, upload.id))
                .await
                .unwrap(),
            None
        );

        // A third one takes the place of the first.
        store::begin_upload(db, ORG, begun.id, new("b", 10))
            .await
            .unwrap();
        let third = store::begin_upload(db, ORG, begun.id, new("c", 10))
            .await
            .unwrap();
        assert!(!keep(of, 1, vec![2; UPLOAD_PART]).await);
        assert!(keep((begun.id, third.id), 0, vec![2; 10]).await);
        house.clock.advance(2 * HOUR + 1);
        assert!(
            !keep((begun.id, third.id), 0, vec![2; 10]).await,
            "it is not waited for any more"
        );
        store::end_overdue_uploads(db, ORG).await.unwrap();
        let late = store::begin_upload(db, ORG, begun.id, new("c", 10))
            .await
            .unwrap();
        assert_eq!((late.id == third.id, late.arrived.len()), (false, 0));
    }
}

#[tokio::test]
async fn pictures_are_erased_when_their_time_is_over_and_not_before() {
    for house in House::each(with_photos()).await {
        let (told, [test, _]) = house.apply_with(1, [1, 2]).await;
        let (waits, [waiting, _]) = house.apply_with(2, [3, 4]).await;
        let draft = house.begun(house.content(3)).await;
        let left = added(add(&house, draft.id, "test", picture("left", 5)).await);
        store::withdraw_application(&house.db, ORG, told).await.unwrap();
        house.clock.advance(3 * DAY);
        store::expire(&house.db, ORG).await.unwrap();
        assert_eq!(
            house.bytes(draft.id, left, PhotoSize::Picture).await,
            None,
            "nobody finished it"
        );
        let (now, none) = (house.clock.now(), HeldRecords::default());
        assert_eq!(
            store::due_photos(&house.db, ORG, now - 30 * DAY, &none)
                .await
                .unwrap(),
            0
        );
        assert_eq!(
            store::due_photos(&house.db, ORG, now - DAY, &none).await.unwrap(),
            2
        );
        assert_eq!(
            store::erase_photos(&house.db, ORG, now - DAY, &none)
                .await
                .unwrap(),
            2
        );
        assert_eq!(house.bytes(told, test, PhotoSize::Preview).await, None);
        assert_eq!(store::photos_of(&house.db, ORG, told).await.unwrap(), []);
        assert!(house.bytes(waits, waiting, PhotoSize::Picture).await.is_some());
        assert_eq!(
            store::erase_photos(&house.db, ORG, now, &none).await.unwrap(),
            0,
            "who waits keeps theirs"
        );
    }
}
