//! What there is of one person, found by the telephone number alone.

use base::clock::SECOND;
use messaging::store::person_records;

use crate::host::{Host, ORG};

#[tokio::test]
async fn every_record_that_holds_a_number_is_found_by_it() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let list = host
        .list(&[("100001", "09012000001"), ("100002", "09012000002")])
        .await;
    let broadcast = host.send(&mut asaka, list).await;
    host.clock.advance(SECOND);
    let number = base::phone::parse("090-1200-0002").unwrap().number;
    let found = person_records(&host.db, ORG, number).await.unwrap();
    let kinds: Vec<&str> = found.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["broadcasts", "lists", "messages"], "{found:?}");
    assert_eq!((found[0].1, found[1].1), (broadcast.get(), list.get()));
    let message = found[2].1;
    // What was reported of one of its broadcasts concerns the person too.
    let report = format!("/messages/{message}/report");
    asaka.submit(&report, &report, &[("note", "")]).await;
    let found = person_records(&host.db, ORG, number).await.unwrap();
    assert!(found.iter().any(|(kind, _)| *kind == "incidents"), "{found:?}");
    let closed = [
        ("number", "090-1200-0002"),
        ("reason", "本人から電話"),
        ("kind", "unused"),
    ];
    asaka.submit("/numbers", "/numbers", &closed).await;
    let found = person_records(&host.db, ORG, number).await.unwrap();
    assert!(found.iter().any(|(kind, _)| *kind == "numbers"), "{found:?}");
    let nobody = base::phone::parse("090-1299-9999").unwrap().number;
    assert_eq!(person_records(&host.db, ORG, nobody).await.unwrap(), []);
}
