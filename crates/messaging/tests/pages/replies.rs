//! The inbox: masked, shown one at a time, worked on, and of one office.

use axum::http::StatusCode;
use base::id::{OrgId, ReplyId};
use messaging::outbox::Incoming;
use messaging::reply::{AskedPerson, KnownPerson};

use crate::host::Host;

/// Somebody keeps records: whoever is asked about is one person.
pub(crate) fn somebody(
    _: &db::Db,
    _: OrgId,
    _: Option<base::id::OfficeId>,
    asked: Vec<AskedPerson>,
) -> db::Work<'_, Vec<(ReplyId, KnownPerson)>> {
    let known = |one: AskedPerson| {
        let person = KnownPerson {
            href: "/cases/7".to_owned(),
            label: "見＊＊（受付番号 7）".to_owned(),
        };
        (one.reply, person)
    };
    Box::pin(async move { Ok(asked.into_iter().map(known).collect()) })
}

fn from_phone(number: &str, text: &str) -> Incoming {
    Incoming {
        from: number.to_owned(),
        number: base::phone::parse(number).ok().map(|parsed| parsed.number),
        to: "0005123456".to_owned(),
        place: None,
        units: text.encode_utf16().collect(),
    }
}

#[tokio::test]
async fn a_reply_is_masked_shown_once_by_a_click_and_handled_with_a_note() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let list = host.list(&[("100001", "090-1200-0001")]).await;
    host.send(&mut asaka, list).await;
    asaka.get("/replies").await.shows("返信はまだありません");
    let carrier = host.carrier().await;
    carrier
        .hears(vec![from_phone("819012000001", "息が苦しいです")])
        .await;
    asaka.get("/").await.shows("未読の返信");
    let inbox = asaka.get("/replies").await;
    inbox.shows("未読 1件");
    inbox.shows("090-****-0001");
    inbox.shows("見＊＊（受付番号 7）");
    inbox.hides("息が苦しい");
    let page = asaka.get("/replies/1").await;
    page.hides("息が苦しい");
    page.shows("この番号に最後に送ったメッセージ");
    let shown = asaka.submit("/replies/1", "/replies/1/reveal", &[]).await;
    assert_eq!(shown.status, StatusCode::OK);
    shown.shows("息が苦しいです");
    shown.shows("090-1200-0001");
    asaka.get("/replies/1").await.hides("息が苦しい");
    asaka.get("/replies?state=read").await.shows("返信 1");
    let fields = [("event", "handled"), ("note", "すぐに電話した")];
    let done = asaka.submit("/replies/1", "/replies/1/mark", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = asaka.get("/replies/1").await;
    page.shows("対応済み");
    page.shows("すぐに電話した");
    page.shows("見本 花子が対応を終えました");
    let again = asaka.submit("/replies/1", "/replies/1/mark", &fields).await;
    assert!(again.location().ends_with("done=nothing"), "{}", again.location());
    // Another office sees nothing of it; the head office does.
    let mut kawaguchi = host.browser("kawaguchi").await;
    kawaguchi.get("/replies").await.shows("返信はまだありません");
    assert_eq!(kawaguchi.get("/replies/1").await.status, StatusCode::NOT_FOUND);
    let mut head = host.browser("honcho").await;
    head.get("/replies").await.shows("朝霞保健所");
}

#[tokio::test]
async fn a_word_that_acts_tells_what_was_done_and_the_rule_is_the_organisations() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let list = host.list(&[("100001", "090-1200-0001")]).await;
    host.send(&mut asaka, list).await;
    let carrier = host.carrier().await;
    carrier.hears(vec![from_phone("819012000001", "テイシ")]).await;
    asaka.get("/replies").await.shows("「停止」（自動で対応）");
    asaka.get("/replies/1").await.shows("自動で止めました");
    let numbers = asaka.get("/numbers").await;
    numbers.shows("配信停止の希望");
    numbers.shows("返信による自動の登録");
    // Whoever uploads the number again is told.
    let long = "あ".repeat(500);
    let mut head = host.browser("honcho").await;
    let page = "/organisation/replies";
    let refused = head.submit(page, page, &[("stop", &long), ("wrong", "")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("2通に収まる長さ");
    let saved = head
        .submit(page, page, &[("stop", "停止しました。"), ("wrong", "")])
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    head.get(page).await.shows("停止しました。");
}
