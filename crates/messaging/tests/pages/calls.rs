//! Whom no SMS reaches is telephoned: one click puts them on the list, once, and nobody disappears from it.

use axum::http::StatusCode;
use base::clock::DAY;
use base::id::BroadcastId;
use messaging::message::Outcome;
use messaging::outbox::Answer;

use crate::host::{Browser, HOLD, Host};

const BY_HAND: [(&str, &str); 4] = [
    ("person", "見本 一郎"),
    ("number", "048-123-4567"),
    ("reason", "chosen"),
    ("note", "夕方に"),
];

async fn by_hand(browser: &mut Browser) {
    let sent = browser.submit("/calls", "/calls", &BY_HAND).await;
    let page = browser.get(sent.location()).await;
    page.shows("1人を電話リストに入れました");
}

/// One arrives, two do not, of one nobody knows.
async fn settled(host: &Host, browser: &mut Browser) -> BroadcastId {
    let list = host.good_list(4).await;
    let id = host.send(browser, list).await;
    host.clock.advance(HOLD);
    let carrier = host.carrier().await;
    let parts = carrier.claim(10).await;
    carrier.finish(parts[0].part, Outcome::Delivered, "000").await;
    carrier.finish(parts[1].part, Outcome::Undelivered, "001").await;
    carrier.finish(parts[2].part, Outcome::Expired, "001").await;
    carrier.answer(vec![(parts[3].part, Answer::NoAnswer)]).await;
    id
}

#[tokio::test]
async fn an_entry_by_hand_is_called_tried_and_done() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    browser
        .get("/calls")
        .await
        .shows("まだ済んでいない電話はありません");
    let refused = browser.submit("/calls", "/calls", &[("person", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("だれに電話するかを入力してください。");
    refused.shows("電話する理由を選んでください。");
    by_hand(&mut browser).await;
    let page = browser.get("/calls").await;
    page.shows("見＊＊");
    page.shows("048-***-4567");
    page.hides("見本 一郎");
    page.hides("tel:");
    page.shows("本人の希望・職員の判断");
    let whole = browser.submit("/calls", "/calls/1/take", &[]).await;
    let whole = browser.get(whole.location()).await;
    whole.shows("見本 一郎");
    whole.shows(r#"href="tel:0481234567""#);
    browser.get("/calls").await.hides("見本 一郎");
    page.shows("夕方に");
    page.hides("ほかに");
    page.hides("/calls/1/wrong");
    by_hand(&mut browser).await;
    let mark = "/calls/1/mark";
    let tried = [("result", "no_answer"), ("note", "留守だった"), ("next", "2h")];
    let done = browser.submit("/calls", mark, &tried).await;
    let page = browser.get(done.location()).await;
    page.shows("電話したことを記録しました");
    page.shows("見本 花子: 出なかった（留守だった）");
    browser
        .get("/calls")
        .await
        .shows("見本 花子: 出なかった（留守だった）");
    let unreadable = browser.submit("/calls", mark, &[("result", "perhaps")]).await;
    assert_eq!(unreadable.status, StatusCode::BAD_REQUEST);
    let done = browser.submit("/calls", mark, &[("result", "told")]).await;
    let page = browser.get(done.location()).await;
    page.shows("電話の結果を記録しました");
    let page = browser.get("/calls").await;
    page.shows("今日済ませた電話");
    page.shows("見＊＊<span class=\"visually-hidden\">の電話 1</span></a>: 本人に伝えた");
    page.shows("1件のうち 1〜1件目");
    let late = browser.submit("/calls", mark, &[("result", "given_up")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("ほかの人が先に済ませています");
    host.clock.advance(DAY);
    host.asaka().await.get("/calls").await.hides("今日済ませた電話");
}

#[tokio::test]
async fn everybody_whom_a_broadcast_did_not_reach_is_called_once() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let id = settled(&host, &mut browser).await;
    let address = format!("/broadcasts/{id}");
    let result = browser.get(&address).await;
    result.shows("届かなかった2人を電話リストに入れる");
    result.shows("届いたか分からない1人を電話リストに入れる");
    let calls = format!("{address}/calls");
    let done = browser.submit(&address, &calls, &[("group", "failed")]).await;
    let page = browser.get(done.location()).await;
    page.shows("2人を電話リストに入れました");
    page.shows("朝霞.csv 3行目");
    page.shows("090-****-0001");
    page.shows("SMSが届かなかった");
    page.shows("2件のうち 1〜2件目");
    let again = browser.submit(&address, &calls, &[("group", "failed")]).await;
    browser
        .get(again.location())
        .await
        .shows("2人は、すでに電話リストに入っています");
    let done = browser.submit(&address, &calls, &[("group", "unknown")]).await;
    let page = browser.get(done.location()).await;
    page.shows("1人を電話リストに入れました");
    page.shows("SMSが届いたか分からない");
    for group in ["delivered", ""] {
        let refused = browser.submit(&address, &calls, &[("group", group)]).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{group}");
    }
}

#[tokio::test]
async fn from_a_message_one_person_is_called_by_name() {
    let host = Host::new().await;
    let list = host.named_list().await;
    let mut browser = host.asaka().await;
    let id = host.send(&mut browser, list).await;
    let messages = browser.get(&format!("/broadcasts/{id}/messages")).await;
    let (_, rest) = messages.body.split_once(r#"href="/messages/"#).unwrap();
    let message = format!("/messages/{}", rest.split('"').next().unwrap());
    let call = format!("{message}/call");
    let done = browser.submit(&message, &call, &[]).await;
    browser
        .get(done.location())
        .await
        .shows("1人を電話リストに入れました");
    let again = browser.submit(&message, &call, &[]).await;
    browser
        .get(again.location())
        .await
        .shows("すでに電話リストに入っています");
    let page = browser.get("/calls").await;
    page.shows("手＊＊");
    page.hides("手本 夏子");
    let page = browser.get("/calls/1").await;
    page.hides("手本 夏子");
    page.shows(&format!(r#"href="{message}""#));
    // The stranger who answers is entered from the call; what waits for the number is called back.
    let form = browser.get("/calls/1/wrong").await;
    form.shows(r#"value="not_me" checked"#);
    form.shows("手＊＊");
    let fields = [("kind", "not_me"), ("reason", "別の方が出た")];
    let done = browser.submit("/calls/1/wrong", "/calls/1/wrong", &fields).await;
    let page = browser.get(done.location()).await;
    page.shows("番号の誤りを登録しました");
    page.shows("送信前の1件を取り消しました。");
}

#[tokio::test]
async fn a_row_that_cannot_be_sent_is_called_for_its_reason() {
    let host = Host::new().await;
    let rows = [
        ("100001", "048-123-4567"),
        ("100002", "なし"),
        ("100003", "090-1200-0003"),
        ("", "090-1200-0004"),
    ];
    let list = host.list(&rows).await;
    let mut browser = host.asaka().await;
    let page = format!("/lists/{list}");
    for (line, done) in [
        (2, "called"),
        (3, "called"),
        (4, "called"),
        (5, "called"),
        (2, "called_before"),
    ] {
        let sent = browser
            .submit(&page, &format!("{page}/rows/{line}/call"), &[])
            .await;
        assert_eq!(sent.location(), format!("{page}?done={done}"), "{line}");
    }
    let calls = browser.get("/calls").await;
    calls.shows("4件のうち 1〜4件目");
    calls.shows("朝霞.csv 2行目");
    for reason in [
        "固定電話しか分からない",
        "番号が読み取れない",
        "本人の希望・職員の判断",
        "内容を確かめる必要がある",
    ] {
        calls.shows(reason);
    }
    calls.shows("048-***-4567");
    let missing = browser.submit(&page, &format!("{page}/rows/99/call"), &[]).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let mut other = host.browser("kawaguchi").await;
    let refused = other.submit("/calls", &format!("{page}/rows/2/call"), &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_family_is_seen_and_another_office_sees_nothing() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    for person in ["母", "子"] {
        let fields = [
            ("person", person),
            ("number", "090-1234-5678"),
            ("reason", "to_be_asked"),
        ];
        browser.submit("/calls", "/calls", &fields).await;
    }
    browser
        .get("/calls")
        .await
        .shows("同じ番号の電話が、ほかに1件あります。");
    let mut other = host.browser("kawaguchi").await;
    other.get("/calls").await.hides("090-****-5678");
    for action in ["/calls/1/take", "/calls/1/renew", "/calls/1/return"] {
        let refused = other.submit("/calls", action, &[]).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{action}");
    }
    for page in ["/calls/1", "/calls/1/wrong"] {
        assert_eq!(other.get(page).await.status, StatusCode::NOT_FOUND, "{page}");
    }
    for action in ["/calls/1/mark", "/calls/1/wrong", "/calls/1/hand-over"] {
        let fields = [("result", "told"), ("kind", "not_me"), ("reason", "x")];
        assert_eq!(
            other.submit("/calls", action, &fields).await.status,
            StatusCode::NOT_FOUND,
            "{action}"
        );
    }
    let head = host.browser("honcho").await.get("/calls").await;
    head.shows("090-****-5678");
    head.shows("朝霞保健所");
}
