//! Somebody applies for an adult who cannot: staff see that, and what they are to each other.

use desk::application::{FilledIn, Relation};
use desk::document::{Document, Field, Reviewer};
use desk::store::{self, Wanted};

use crate::applying::{begun, fill_in, self_test};
use crate::house::{House, ORG};
use crate::staff::Office;

fn with_proxy() -> Document {
    let mut says = self_test();
    says.fields.retain(|one| *one != Field::Proxy);
    says.fields.push(Field::Proxy);
    says.review.precheck = false;
    says.review.by = Reviewer::Doctor;
    says.review.shows_name = false;
    says
}

async fn only(house: &House) -> desk::application::Application {
    let waiting = store::ready(&house.db, ORG, house.id()).await.unwrap();
    waiting.into_iter().next().unwrap()
}

#[tokio::test]
async fn whoever_applies_for_an_adult_says_who_they_are_and_staff_see_it() {
    for office in Office::each(with_proxy()).await {
        let house = &office.house;
        let (mut browser, at) = begun(house).await;
        let page = fill_in(house, &mut browser, &at, "proxy").await;
        let nobody = browser.post(&page, &[]).await;
        assert_eq!(nobody.status, 422);
        nobody.shows("当てはまるものを選んでください");
        let nameless = browser
            .post(&page, &[("by", "family"), ("proxy-name", " ")])
            .await;
        assert_eq!(nameless.status, 422);
        nameless.shows("代わりに入力している方のお名前を入れてください");
        nameless.shows(r##"<a href="#proxy-name">"##);
        let other = browser.post(&page, &[("by", "neighbour")]).await;
        assert_eq!(other.status, 422);
        browser
            .post(&page, &[("by", "family"), ("proxy-name", "手本 太郎")])
            .await;
        let check = fill_in(house, &mut browser, &at, "check").await;
        let shown = browser.get(&check).await;
        for text in ["手本 太郎", "代わりの家族", "「入力している方」を変更"] {
            shown.shows(text);
        }
        browser.post(&check, &[]).await;
        let seen = only(house).await;
        let by = FilledIn::Proxy {
            relation: Relation::Family,
            name: "手本 太郎".to_owned(),
        };
        assert!(seen.content.applicant.filled_in == Some(by));

        let mut clerk = office.browser("clerk").await;
        let record = clerk.get(&format!("/applications/{}", seen.id)).await;
        record.shows("代理人（家族）");
        record.hides("手本 太郎");
        let mut doctor = office.browser("anna").await;
        let at = format!("/review/{}", house.row.key);
        let opened = doctor.post(&format!("{at}/next"), &[]).await;
        let page = doctor.get(opened.location()).await;
        page.shows("代理人（家族）");
        page.hides("手本");
    }
}

#[tokio::test]
async fn the_person_says_so_and_is_asked_no_name() {
    for office in Office::each(with_proxy()).await {
        let house = &office.house;
        let (mut browser, at) = begun(house).await;
        let page = fill_in(house, &mut browser, &at, "proxy").await;
        browser.post(&page, &[("by", "own")]).await;
        let check = fill_in(house, &mut browser, &at, "check").await;
        browser.get(&check).await.shows("申請する本人");
        browser.post(&check, &[]).await;
        let seen = only(house).await;
        assert!(seen.content.applicant.filled_in == Some(FilledIn::Own));
        assert!(matches!(
            house.claim(crate::house::doctor(1), Wanted::Next).await,
            store::Claimed::Yours(..)
        ));
    }
}
