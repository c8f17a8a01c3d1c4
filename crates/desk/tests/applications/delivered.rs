//! Address lists leave like any file: for a purpose, and above the organisation's number of rows with a second person.

use accounts::Role;
use axum::http::StatusCode;
use base::clock::DAY;
use base::id::{OfficeId, StaffId};
use desk::store;
use messaging::store::exports::set_export_rule;

use crate::browser::Browser;
use crate::erased::FORMS;
use crate::house::{House, ORG, confirmed, doctor, says};
use crate::office::somebody;

/// Three people who wait for a parcel; more than two on a list need a second person.
async fn houses() -> Vec<House> {
    let mut all = Vec::new();
    for house in House::each(says()).await {
        for n in 1..=3 {
            house.apply(n).await;
            house.decide(doctor(1), confirmed()).await;
        }
        house.settle().await;
        house.release(confirmed(), false).await;
        set_export_rule(&house.db, ORG, Some(2), StaffId::new(1))
            .await
            .unwrap();
        all.push(house);
    }
    all
}

async fn head(house: &House, login: &str, role: Role) -> Browser {
    somebody(house, login, OfficeId::HEADQUARTERS, &[role]).await
}

const CSV: [(&str, &str); 2] = [("purpose", "発送の会社に渡す"), ("form", "csv")];

#[tokio::test]
async fn a_long_address_list_leaves_once_a_second_person_agreed() {
    for house in houses().await {
        let page = format!("/desks/{}/deliveries", house.id());
        let mut sender = head(&house, "sender", Role::Sender).await;
        let mut approver = head(&house, "approver", Role::Approver).await;
        sender.get(&page).await.shows("2人を超える一覧は");
        let asked = sender.submit(&page, &page, &CSV).await;
        assert_eq!(asked.leads_to(), "/exports");
        asked.hides("番地");
        let fetch = format!("{page}/1/fetch/1");
        let early = sender.submit(&page, &fetch, &[]).await;
        assert_eq!(early.status, StatusCode::CONFLICT);
        early.hides("番地");
        let own = sender.submit(&page, "/exports/1/agree", &[]).await;
        own.shows("自分が求めた書き出しには、自分では同意できません");

        let list = approver.get("/exports").await;
        list.shows("発送の一覧 1（3行）");
        list.shows("発送の会社に渡す");
        let agreed = approver.submit("/exports", "/exports/1/agree", &[]).await;
        assert_eq!(agreed.leads_to(), "/exports");
        sender.get("/exports").await.shows(&fetch);
        let file = sender.submit("/exports", &fetch, &[]).await;
        assert_eq!(file.status, StatusCode::OK);
        for line in ["1番地", "2番地", "3番地", "目的: 発送の会社に渡す"] {
            file.shows(line);
        }
        let twice = sender.submit("/exports", &fetch, &[]).await;
        assert_eq!(twice.status, StatusCode::CONFLICT);
        // Taking it again is asked for again.
        let again = sender.submit(&page, &format!("{page}/1"), &CSV).await;
        assert_eq!(again.leads_to(), "/exports");
    }
}

#[tokio::test]
async fn what_was_agreed_to_is_that_list_for_a_day_and_for_whoever_asked() {
    for house in houses().await {
        let page = format!("/desks/{}/deliveries", house.id());
        let mut sender = head(&house, "sender", Role::Sender).await;
        let mut other = head(&house, "other", Role::Sender).await;
        sender.submit(&page, &page, &CSV).await;
        other.submit("/exports", "/exports/1/agree", &[]).await;
        let fetch = |list: i64| format!("{page}/{list}/fetch/1");
        assert_eq!(
            other.submit("/exports", &fetch(1), &[]).await.status,
            StatusCode::CONFLICT
        );
        assert_eq!(
            sender.submit("/exports", &fetch(2), &[]).await.status,
            StatusCode::NOT_FOUND
        );
        let foreign = sender.submit("/exports", "/exports/1/fetch", &[]).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        house.clock.advance(DAY);
        let mut later = head(&house, "later", Role::Sender).await;
        assert_eq!(later.get("/exports").await.status, StatusCode::OK);
        let request = messaging::store::exports::request(&house.db, ORG, 1)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            request.state(house.clock.now()),
            messaging::export::RequestState::Over
        );
    }
}

#[tokio::test]
async fn a_short_list_leaves_at_once() {
    for house in houses().await {
        set_export_rule(&house.db, ORG, Some(3), StaffId::new(1))
            .await
            .unwrap();
        let page = format!("/desks/{}/deliveries", house.id());
        let mut sender = head(&house, "sender", Role::Sender).await;
        let file = sender.submit(&page, &page, &CSV).await;
        assert_eq!(file.status, StatusCode::OK);
        file.shows("3番地");
        let kept = store::delivery_lists(&house.db, ORG, house.id()).await.unwrap();
        assert_eq!(kept.len(), 1);
    }
}

#[tokio::test]
async fn who_was_erased_stands_on_no_list() {
    for house in houses().await {
        set_export_rule(&house.db, ORG, Some(3), StaffId::new(1))
            .await
            .unwrap();
        let page = format!("/desks/{}/deliveries", house.id());
        let mut sender = head(&house, "sender", Role::Sender).await;
        sender.submit(&page, &page, &CSV).await.shows("3番地");
        house.apply(4).await;
        house.decide(doctor(1), confirmed()).await;
        house.settle().await;
        house.release(confirmed(), false).await;
        assert_eq!(
            store::waiting_deliveries(&house.db, ORG, house.id())
                .await
                .unwrap(),
            1
        );
        house.clock.advance(400 * DAY);
        let erased = messaging::retention::run(&house.db, ORG, FORMS, None)
            .await
            .unwrap();
        assert_eq!(erased.applications, 4);
        assert_eq!(
            store::waiting_deliveries(&house.db, ORG, house.id())
                .await
                .unwrap(),
            0
        );
        let mut later = head(&house, "later", Role::Sender).await;
        let gone = later.submit(&page, &format!("{page}/1"), &CSV).await;
        assert_eq!(gone.status, StatusCode::UNPROCESSABLE_ENTITY);
        gone.shows("この一覧は、もう受け取れません。");
        let next = later.submit(&page, &page, &CSV).await;
        next.shows("発送を待っている人がいません。");
    }
}
