//! A wrong number is entered with one click, takes effect everywhere, and the right one waits for its own office.

use axum::http::StatusCode;
use base::id::{BroadcastId, MessageId};
use messaging::outbox::Answer;
use messaging::store;

use crate::host::{Browser, HOLD, Host, ORG, Seen};

/// The first message of a broadcast.
async fn first_message(host: &Host, id: BroadcastId) -> MessageId {
    let broadcast = store::broadcast(&host.db, ORG, id).await.unwrap().unwrap();
    broadcast.messages.0
}

async fn register(browser: &mut Browser, at: &str, fields: &[(&str, &str)]) -> Seen {
    let page = format!("{at}?kind=not_me");
    let sent = browser.submit(&page, at, fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let address = sent.location().to_owned();
    browser.get(&address).await
}

const NOT_ME: [(&str, &str); 2] = [("kind", "not_me"), ("reason", "別の方が出た")];

/// The broadcast that waits, as its office's person finds it on the page of the day.
async fn waiting(browser: &mut Browser) -> String {
    let day = browser.get("/?state=attention").await;
    day.shows("確認待ち");
    let (_, rest) = day.body.split_once(r#"href="/broadcasts/"#).unwrap();
    format!("/broadcasts/{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn the_form_comes_filled_in_and_its_mistakes_are_said() {
    let host = Host::new().await;
    let list = host.good_list(2).await;
    let mut browser = host.asaka().await;
    let id = host.send(&mut browser, list).await;
    let message = format!("/messages/{}", first_message(&host, id).await);
    let page = browser.get(&message).await;
    page.shows("この番号は人違い");
    page.shows("番号が違う");
    let form = browser.get(&format!("{message}/wrong?kind=wrong_number")).await;
    form.shows(r#"value="wrong_number" checked"#);
    form.shows("この方の番号ではないと分かった");
    form.shows("090-****-0000");
    form.hides("0901200");
    form.hides("090-1200");
    form.shows("朝霞.csv 2行目");
    let wrong = format!("{message}/wrong");
    let fields = [
        ("kind", "perhaps"),
        ("corrected", "048-123-4567"),
        ("reason", " "),
    ];
    let refused = browser.submit(&wrong, &wrong, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("何が違うかを選んでください。");
    refused.shows("SMSが届く携帯電話の番号");
    refused.shows("どうして分かったかを入力してください。");
    let same = [NOT_ME[0], NOT_ME[1], ("corrected", "090-1200-0000")];
    let refused = browser.submit(&wrong, &wrong, &same).await;
    refused.shows("違うと登録する番号と同じです");
    browser
        .get("/numbers")
        .await
        .shows("登録した番号はまだありません");
}

#[tokio::test]
async fn a_corrected_number_leaves_when_its_office_has_looked_at_it() {
    let host = Host::new().await;
    let list = host.good_list(3).await;
    let mut asaka = host.asaka().await;
    let id = host.send(&mut asaka, list).await;
    let message = format!("/messages/{}", first_message(&host, id).await);
    // The head office finds it out.
    let mut head = host.browser("honcho").await;
    let corrected = [NOT_ME[0], NOT_ME[1], ("corrected", "080-5555-0001")];
    let told = register(&mut head, &format!("{message}/wrong"), &corrected).await;
    told.shows("番号の誤りを登録しました");
    told.shows("送信前の1件を取り消し、新しい番号あての確認待ちを1件作りました。");
    told.shows("番号の誤りが登録されたため、送る前に取り消しました");
    told.shows("この番号は「人違い」として登録されています");
    asaka
        .get(&format!("/broadcasts/{id}"))
        .await
        .shows("番号の誤りが登録されたため、1人への配信は取り消しました。");
    host.clock.advance(HOLD);
    let moving = asaka.get(&format!("/broadcasts/{id}")).await;
    moving.shows("手本 太郎が番号の誤りを登録したため、送信前の1件を取り消しました");
    let carrier = host.carrier().await;
    assert_eq!(carrier.claim(10).await.len(), 2, "the two others");

    let address = waiting(&mut asaka).await;
    let seen = head.get(&address).await;
    seen.shows("朝霞保健所の人が確かめてから送ります");
    seen.hides("に送信する");
    let resume = format!("{address}/resume");
    let refused = head.submit("/numbers", &resume, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        host.browser("kawaguchi").await.get(&address).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(carrier.claim(10).await.is_empty());

    let page = asaka.get(&address).await;
    page.shows("<h1>番号の訂正により確認待ち</h1>");
    page.shows("080-5555-0001");
    page.shows("あなたのIDは 000100 です。");
    page.shows("1人に送信する");
    let sent = asaka.submit(&address, &resume, &[]).await;
    asaka
        .get(sent.location())
        .await
        .shows("新しい番号を確かめ、送信しました");
    let out = carrier.claim(10).await;
    assert_eq!((out.len(), out[0].to.national()), (1, "080-5555-0001".to_owned()));
    assert_eq!(out[0].text, "あなたのIDは 000100 です。");
    let page = asaka.get(&address).await;
    page.shows("見本 花子が新しい番号を確かめて送信しました");
    let page = asaka.get(&format!("/messages/{}", out[0].part.message)).await;
    page.shows("番号の訂正を受けて、新しい番号あてに作られたメッセージです");
}

#[tokio::test]
async fn what_has_left_is_told_and_what_waits_can_be_given_up() {
    let host = Host::new().await;
    let list = host.good_list(1).await;
    let mut browser = host.asaka().await;
    let first = host.send(&mut browser, list).await;
    host.clock.advance(HOLD);
    let carrier = host.carrier().await;
    let out = carrier.claim(1).await;
    let taken = Answer::Taken {
        carrier_message_id: "c".into(),
    };
    carrier.answer(vec![(out[0].part, taken)]).await;
    let wrong = format!("/messages/{}/wrong", first_message(&host, first).await);
    let told = register(&mut browser, &wrong, &NOT_ME).await;
    told.shows("送信前のメッセージはありませんでした。1件はすでに送信済みです。");
    told.hides("確認待ちを見る");
}

#[tokio::test]
async fn by_hand_the_register_is_written_read_and_lifted_by_its_office_alone() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let refused = asaka
        .submit("/numbers", "/numbers", &[("number", "048-123-4567")])
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("携帯電話の番号を11桁で入力してください");
    refused.shows("<details class=\"disclosure\" open>");
    let fields = [
        ("number", "０９０−９９９９−０００１"),
        ("kind", "unused"),
        ("reason", "電話がつながらない"),
    ];
    let sent = asaka.submit("/numbers", "/numbers", &fields).await;
    let page = asaka.get(sent.location()).await;
    page.shows("送信前のメッセージはありませんでした。");
    page.shows("090-****-0001");
    page.hides("090-9999-0001");
    let whole = asaka
        .submit("/numbers", "/numbers/1/reveal", &[("page", "1")])
        .await;
    whole.shows("090-9999-0001");
    page.shows("使われていない番号");
    page.shows("電話がつながらない");
    let corrected = [
        NOT_ME[0],
        NOT_ME[1],
        ("number", "090-9999-0002"),
        ("corrected", "090-9999-0001"),
    ];
    let refused = asaka.submit("/numbers", "/numbers", &corrected).await;
    refused.shows("この番号は「使われていない番号」として登録されています");

    let mut other = host.browser("kawaguchi").await;
    other.get("/numbers").await.hides("090-****-0001");
    let refused = other.submit("/numbers", "/numbers/1/reveal", &[]).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let lift = "/numbers/1/lift";
    let reason = [("reason", "新しい方の番号になった")];
    assert_eq!(
        other.submit("/numbers", lift, &reason).await.status,
        StatusCode::NOT_FOUND
    );
    host.browser("honcho")
        .await
        .get("/numbers")
        .await
        .shows("朝霞保健所");
    let refused = asaka.submit("/numbers", lift, &[("reason", " ")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = asaka.submit("/numbers", lift, &reason).await;
    let page = asaka.get(done.location()).await;
    page.shows("登録を解除しました");
    page.shows("新しい方の番号になった");
    page.hides(lift);
    let again = asaka.submit("/numbers", lift, &reason).await;
    assert_eq!(again.location(), "/numbers?done=nothing");
}

#[tokio::test]
async fn another_office_finds_no_form_for_a_number() {
    let host = Host::new().await;
    let list = host.good_list(1).await;
    let id = host.send(&mut host.asaka().await, list).await;
    let message = first_message(&host, id).await;
    let mut other = host.browser("kawaguchi").await;
    let wrong = format!("/messages/{message}/wrong");
    assert_eq!(other.get(&wrong).await.status, StatusCode::NOT_FOUND);
    for action in [
        wrong,
        format!("/messages/{message}/call"),
        format!("/broadcasts/{id}/calls"),
    ] {
        let fields = [NOT_ME[0], NOT_ME[1], ("group", "failed")];
        let fields = if action.ends_with("/call") {
            &fields[..0]
        } else {
            &fields[..]
        };
        let refused = other.submit("/numbers", &action, fields).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{action}");
    }
}
