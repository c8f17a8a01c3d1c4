//! A clerk at the pages of a desk, and who sees what of it.

use axum::http::StatusCode;
use desk::application::State;

use crate::house::confirmed;
use crate::staff::{AT, Office, with_doctor};

#[tokio::test]
async fn a_clerk_passes_on_or_sends_back_what_was_looked_at() {
    let mut says = with_doctor();
    says.review.precheck = true;
    for office in Office::each(says).await {
        let ids = [
            office.house.apply(1).await,
            office.house.apply(2).await,
            office.house.apply(3).await,
        ];
        let mut clerk = office.browser("clerk").await;
        clerk.get("/applications").await.shows("事前確認をする");
        let list = clerk.get("/applications/desks/test_kits").await;
        list.shows("事前確認待ち");
        list.shows(&format!("/applications/{}\"", ids[0]));
        let page = format!("/applications/{}", ids[0]);
        let changes = clerk.get(&page).await.hidden("changes");
        let form = |button, what, note| {
            [
                ("changes", changes.as_str()),
                ("do", button),
                ("priority", "50"),
                ("what", what),
                ("note", note),
            ]
        };
        let unsaid = clerk
            .post(&format!("{page}/check"), &form("back", "", "住所"))
            .await;
        assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
        unsaid.shows("差し戻す理由を選んでください。");
        unsaid.shows("住所</textarea>");
        let passed = clerk.post(&format!("{page}/check"), &form("pass", "", "")).await;
        assert!(
            passed.location().ends_with("done=passed"),
            "{}",
            passed.location()
        );
        let late = clerk
            .post(
                &format!("{page}/check"),
                &form("back", "address_unclear", "番地がない"),
            )
            .await;
        assert_eq!(late.status, StatusCode::CONFLICT, "it is another's by now");
        let seen = office.house.see(ids[0]).await;
        assert_eq!((seen.state, seen.priority), (State::Ready, 50));

        let back = format!("/applications/{}/check", ids[1]);
        let sent = clerk
            .post(&back, &form("back", "address_unclear", "番地がない"))
            .await;
        assert!(sent.location().ends_with("done=sent-back"), "{}", sent.location());
        let list = clerk.get("/applications/desks/test_kits?show=sent_back").await;
        list.shows(&format!("/applications/{}\"", ids[1]));
        clerk
            .get(&format!("/applications/{}", ids[1]))
            .await
            .shows("番地がない");

        let gone = format!("/applications/{}/withdraw", ids[2]);
        let why = clerk.post(&gone, &[("changes", "2"), ("why", "")]).await;
        why.shows("取り下げる理由を入力してください。");
        let done = clerk
            .post(&gone, &[("changes", "2"), ("why", "電話で申し出")])
            .await;
        assert!(done.location().ends_with("done=withdrawn"), "{}", done.body);
        assert_eq!(office.house.see(ids[2]).await.state, State::Withdrawn);
    }
}

#[tokio::test]
async fn names_and_numbers_stay_masked_until_one_is_shown() {
    for office in Office::each(with_doctor()).await {
        let id = office.house.apply(1).await;
        let (name, number, birth) = ("試験 1子", "090-1200-0001", "1981年4月3日");
        let (mut clerk, mut anna) = (office.browser("clerk").await, office.browser("anna").await);
        let page = format!("/applications/{id}");
        anna.next().await;
        for (browser, path) in [(&mut clerk, page.clone()), (&mut anna, format!("{AT}/{id}"))] {
            let seen = browser.get(&path).await;
            assert_eq!(seen.status, StatusCode::OK);
            for secret in [name, number, birth, "シケン", "1番地"] {
                seen.hides(secret);
            }
        }
        clerk.get(&page).await.shows("090-****-0001");
        let whole = clerk.post(&format!("{page}/reveal"), &[]).await;
        for shown in [name, number, birth, "1番地"] {
            whole.shows(shown);
        }
        clerk.get(&page).await.hides(name);
    }
}

#[tokio::test]
async fn a_desk_is_its_office_s_and_is_judged_by_those_whom_it_names() {
    for office in Office::each(with_doctor()).await {
        let id = office.house.apply(1).await;
        let not_there = StatusCode::NOT_FOUND;
        let mut other = office.browser("other").await;
        other.get("/applications").await.shows("申請の窓口はありません");
        let record = format!("/applications/{id}");
        for path in [
            &record,
            "/applications/desks/test_kits",
            AT,
            &format!("{AT}/{id}"),
        ] {
            assert_eq!(other.get(path).await.status, not_there, "{path}");
        }
        // The desk's clerk looks, and a doctor judges.
        let mut clerk = office.browser("clerk").await;
        assert_eq!(clerk.get(&record).await.status, StatusCode::OK);
        assert_eq!(clerk.get(AT).await.status, not_there);
        assert_eq!(clerk.post(&format!("{AT}/next"), &[]).await.status, not_there);
        let mut anna = office.browser("anna").await;
        assert_eq!(anna.next().await, id);
        let checked = [("changes", "2"), ("why", "x")];
        let withdrawn = anna.post(&format!("{record}/withdraw"), &checked).await;
        assert_eq!(withdrawn.status, not_there);
        let found = [("reference", office.house.see(id).await.reference.to_string())];
        let found = found.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(clerk.post("/applications/find", &found).await.opened(), id);
        let hidden = other.post("/applications/find", &found).await;
        assert_eq!(hidden.status, StatusCode::UNPROCESSABLE_ENTITY);
        hidden.shows("この受付番号の申請は見つかりません");
    }
}

#[tokio::test]
async fn a_judgement_that_was_told_is_corrected_with_a_reason() {
    for office in Office::each(with_doctor()).await {
        let id = office.house.apply(1).await;
        let mut anna = office.browser("anna").await;
        anna.next().await;
        anna.press(id, "confirmed", "").await;
        office.house.settle().await;
        office.house.release(confirmed(), false).await;
        let page = format!("/applications/{id}");
        anna.get(&page).await.shows("SMSで知らせた");
        let correct = format!("{page}/correct");
        let empty = [("number", "1"), ("decision", ""), ("comment", "")];
        let unsaid = anna.post(&correct, &empty).await;
        unsaid.shows("正しい判定を選んでください。");
        unsaid.shows("訂正する理由を入力してください。");
        let fields = [("number", "1"), ("decision", "K01"), ("comment", "見誤り")];
        let done = anna.post(&correct, &fields).await;
        assert!(done.location().ends_with("done=corrected"), "{}", done.body);
        let again = anna.post(&correct, &fields).await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        let seen = anna.get(&page).await;
        seen.shows("知らせた結果の訂正");
        seen.shows("見誤り");
    }
}
