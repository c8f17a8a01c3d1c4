//! The head office at the browser: live lists, locked, sent as any broadcast; and figures of nobody in particular.

use accounts::Role;
use axum::http::StatusCode;
use base::id::OfficeId;
use desk::document::SecondLook;
use desk::store::{self, Look};

use crate::house::{House, ORG, confirmed, doctor, not_needed, says};
use crate::office::somebody;

const HEADQUARTERS: OfficeId = OfficeId::HEADQUARTERS;

async fn three_decided(house: &House) {
    for n in 0..4 {
        house.apply(n).await;
    }
    for _ in 0..2 {
        house.decide(doctor(1), confirmed()).await;
    }
    house.decide(doctor(1), not_needed()).await;
    house.settle().await;
    house.decide(doctor(1), confirmed()).await;
}

#[tokio::test]
async fn a_list_is_locked_looked_at_and_sent_once() {
    for house in House::each(says()).await {
        three_decided(&house).await;
        let mut head = somebody(&house, "honcho", HEADQUARTERS, &[Role::Sender]).await;
        let desk = format!("/outcomes/desks/{}", house.id());
        head.get("/outcomes").await.shows(&desk);
        let live = head.get(&desk).await;
        live.shows("K01 対象でない");
        live.shows("仮判定は、まだ入っていません: 発送する 1人");
        let people = format!("{desk}/people?outcome=confirmed");
        let shown = head.get(&people).await;
        shown.shows("試＊＊");
        shown.hides("試験 0子");
        shown.shows("2人のリストを確定する");
        let lock = [("outcome", "confirmed")];
        let locked = head.submit(&people, &format!("{desk}/lock"), &lock).await;
        let list = locked.leads_to().to_owned();
        let sheet = head.get(&list).await;
        sheet.shows("発送を手配しました");
        sheet.shows("2人に送信する");
        let stale = head
            .submit(&list, &format!("{list}/send"), &[("seal", "other")])
            .await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        let seal = sheet.hidden("seal");
        let action = format!("{list}/send");
        let sent = head.submit(&list, &action, &[("seal", &seal)]).await;
        let broadcast = sent.leads_to().to_owned();
        assert!(broadcast.starts_with("/broadcasts/"), "{broadcast}");
        let csrf = head.get(&desk).await;
        csrf.shows(&broadcast);
        let twice = head.submit("/desks/new", &action, &[("seal", &seal)]).await;
        assert_eq!(twice.leads_to(), broadcast);
        let late = head.submit("/desks/new", &format!("{list}/open"), &[]).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        let none = head.submit("/desks/new", &format!("{desk}/lock"), &lock).await;
        assert_eq!(none.status, StatusCode::CONFLICT);
    }
}

#[tokio::test]
async fn a_locked_list_is_opened_again_and_another_office_knows_of_none() {
    for house in House::each(says()).await {
        three_decided(&house).await;
        let mut head = somebody(&house, "honcho", HEADQUARTERS, &[Role::Sender]).await;
        let desk = format!("/outcomes/desks/{}", house.id());
        let people = format!("{desk}/people?outcome=K01");
        let locked = head
            .submit(&people, &format!("{desk}/lock"), &[("outcome", "K01")])
            .await;
        let list = locked.leads_to().to_owned();
        let name = accounts::Name::parse("朝霞保健所").unwrap();
        let asaka = house.desk.accounts.add_office(ORG, name).await.unwrap();
        let mut other = somebody(&house, "asaka", asaka, &[Role::Sender]).await;
        for path in [desk.as_str(), people.as_str(), list.as_str()] {
            assert_eq!(other.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        let opened = head.submit(&list, &format!("{list}/open"), &[]).await;
        assert_eq!(opened.leads_to(), desk);
        head.get(&people).await.shows("1人のリストを確定する");
        head.get(&list).await.shows("確定を取り消した");
    }
}

#[tokio::test]
async fn the_figures_of_quality_and_of_the_day_are_those_of_all_together() {
    let mut says = says();
    says.review.second_look = SecondLook {
        percent: 100,
        refusals: false,
    };
    for house in House::each(says).await {
        for n in 0..3 {
            house.apply(n).await;
        }
        let (one, first) = house.decide(doctor(1), confirmed()).await;
        let (two, second) = house.decide(doctor(2), confirmed()).await;
        house.settle().await;
        for (id, number, opinion) in [(one, first, confirmed()), (two, second, not_needed())] {
            let look = (Look::Opinion(opinion), String::new());
            store::look(&house.db, ORG, (id, number), look, doctor(3), &house.document)
                .await
                .unwrap();
        }
        let mut head = somebody(&house, "honcho", HEADQUARTERS, &[Role::Sender]).await;
        let desk = format!("/outcomes/desks/{}", house.id());
        let page = head.get(&format!("{desk}/quality?days=1")).await;
        page.shows("2件（100.0%）");
        page.shows("1件（50.0%）");
        page.shows("判定した人ごとの数字は出しません");
        let day = head.get(&desk).await;
        day.shows("今日の受付数");
        day.shows("2件（判定した人 2人）");
        // One waits; two decided within the hour: half an hour.
        day.shows("14:37ごろ");
    }
}
