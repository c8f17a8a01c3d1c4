//! Somebody takes an application back: from its status, asked once more, as long as nobody has decided it.

use base::id::ApplicationId;
use desk::application::{Parked, State};
use desk::store::{self, Act, Done};

use crate::applying::host;
use crate::browser::{Browser, Seen};
use crate::house::{House, ORG, confirmed, doctor};
use crate::staff::{Office, with_doctor};

/// Asks for the status of the fifth applicant.
async fn status(house: &House, browser: &mut Browser, id: ApplicationId) -> Seen {
    let reference = house.see(id).await.reference.to_string();
    let fields = [
        ("birth-year", "1985"),
        ("birth-month", "4"),
        ("birth-day", "3"),
        ("reference", &reference),
        ("last", "0005"),
    ];
    let path = format!("/d/{}/status", house.row.key);
    browser.post(&path, &fields).await
}

fn link(seen: &Seen) -> String {
    let before = seen.body.split("/withdraw\"").next().unwrap();
    format!("{}/withdraw", before.rsplit('"').next().unwrap())
}

#[tokio::test]
async fn a_person_takes_an_application_back_and_staff_see_that_they_did() {
    for office in Office::each(with_doctor()).await {
        let house = &office.house;
        let id = house.apply(5).await;
        let mine = house.next(doctor(1)).await;
        let mut browser = Browser::of(host(house));
        let seen = status(house, &mut browser, id).await;
        seen.shows("申請を取り下げる");
        let page = link(&seen);
        // Looking asks, and changes nothing.
        let asked = browser.get(&page).await;
        asked.shows("申請を取り下げますか");
        asked.shows("元に戻すことはできません");
        let elsewhere = browser.post_from_elsewhere(&page, &[]).await;
        assert_eq!(elsewhere.status, 403);
        let stranger = Browser::of(host(house)).post(&page, &[]).await;
        assert_eq!(stranger.location(), page.strip_suffix("/withdraw").unwrap());
        assert_eq!(house.see(id).await.state, State::Ready);

        let done = browser.post(&page, &[]).await;
        browser
            .get(done.location())
            .await
            .shows("この申請は取り下げられました");
        assert_eq!(house.see(id).await.state, State::Withdrawn);
        let again = browser.post(&page, &[]).await;
        assert!(again.location().ends_with("/next"), "{again:?}");
        status(house, &mut browser, id).await.shows("取り下げ済み");
        // The doctor who has it on the screen decides nothing any more.
        let late = house.act(mine, Act::Decide(confirmed())).await;
        assert!(matches!(late, Done::Otherwise(_)), "{late:?}");
        let mut clerk = office.browser("clerk").await;
        let record = clerk.get(&format!("/applications/{id}")).await;
        record.shows("申請した人が取り下げた");
        record.shows("取下げ");
    }
}

#[tokio::test]
async fn what_is_decided_is_not_taken_back() {
    for office in Office::each(with_doctor()).await {
        let house = &office.house;
        let id = house.apply(5).await;
        let mut browser = Browser::of(host(house));
        let page = link(&status(house, &mut browser, id).await);
        house.decide(doctor(1), confirmed()).await;
        let late = browser.post(&page, &[]).await;
        assert!(late.location().ends_with("/next"), "{late:?}");
        assert_eq!(house.see(id).await.state, State::Provisional);
        for _ in 0..2 {
            status(house, &mut browser, id).await.hides("申請を取り下げる");
            house.settle().await;
        }
        house.release(confirmed(), false).await;
        status(house, &mut browser, id).await.hides("申請を取り下げる");
    }
}

#[tokio::test]
async fn what_is_put_aside_for_a_call_can_be_taken_back_too() {
    for office in Office::each(with_doctor()).await {
        let house = &office.house;
        let id = house.apply(5).await;
        let mine = house.next(doctor(1)).await;
        house.act(mine, Act::Hold).await;
        assert_eq!(house.see(id).await.parked, Some(Parked::Hold));
        let done = store::withdraw_application(&house.db, ORG, id).await.unwrap();
        assert_eq!(done, store::Changed::Done);
        let seen = house.see(id).await;
        assert_eq!((seen.state, seen.parked), (State::Withdrawn, None));
    }
}
