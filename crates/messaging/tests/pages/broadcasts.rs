//! From the confirmation to the result, as a person at the browser sees it; the carrier is played by hand.

use axum::http::StatusCode;
use base::clock::SECOND;
use messaging::message::Outcome;
use messaging::outbox::Answer;

use crate::host::{self, HOLD, Host, START};

const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;

#[tokio::test]
async fn the_button_says_to_how_many_and_the_page_says_who_is_left_out() {
    let host = Host::new().await;
    let rows = [
        ("100001", "090-1200-0001"),
        ("100002", "048-123-4567"),
        ("100003", "090-1200-0003"),
        ("100003", "090-1200-0003"),
    ];
    let list = host.list(&rows).await;
    let page = host.asaka().await.get(&format!("/lists/{list}/confirm")).await;
    page.shows("2人に送信する");
    page.shows("誤りがある行: 1行");
    page.shows("前の行と同じ相手・同じ文面の行（1通にまとめます）: 1行");
    page.shows("あなたのIDは 100001 です。");
    page.shows("ご案内 第1版");
    page.shows("押したあと30秒間は取り消せます");
    page.shows("最大 2通");
    page.hides("090-1200-0001");
}

#[tokio::test]
async fn pressing_twice_makes_one_broadcast() {
    let host = Host::new().await;
    let list = host.good_list(5).await;
    let mut browser = host.asaka().await;
    let page = browser.get(&format!("/lists/{list}/confirm")).await;
    let first = browser.press(list, &page, "", "").await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let second = browser.press(list, &page, "", "").await;
    assert_eq!(second.location(), format!("{}?done=already", first.location()));
    assert_eq!(host.broadcasts().await, 1);
    browser
        .get(second.location())
        .await
        .shows("このリストはすでに送られています");
    let again = browser.get(&format!("/lists/{list}/confirm")).await;
    again.shows("いま送る相手はいません");
    again.hides("に送信する");
}

#[tokio::test]
async fn what_changed_after_the_confirmation_is_confirmed_again() {
    let host = Host::new().await;
    let list = host.good_list(3).await;
    let mut browser = host.asaka().await;
    let page = browser.get(&format!("/lists/{list}/confirm")).await;
    let wish = lists::store::RowWish::Exclude("亡くなられた".to_owned());
    lists::store::change_row(&host.db, host::ORG, list, 3, wish, host.staff)
        .await
        .unwrap();
    let refused = browser.press(list, &page, "", "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("2人に送信する");
    refused.shows("除外した行: 1行");
    assert_eq!(host.broadcasts().await, 0);
    assert_eq!(
        browser.press(list, &refused, "", "").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn without_a_carrier_there_is_no_button_and_no_way_around_it() {
    let host = Host::with_carrier(false).await;
    let list = host.good_list(3).await;
    let mut browser = host.asaka().await;
    let page = browser.get(&format!("/lists/{list}/confirm")).await;
    page.shows("接続が設定されていないため、送信できません");
    page.hides("3人に送信する");
    browser
        .get("/")
        .await
        .shows("携帯電話会社への接続が設定されていません");
    assert_eq!(host.broadcasts().await, 0);
}

#[tokio::test]
async fn a_form_that_is_not_ours_does_nothing() {
    let host = Host::new().await;
    let list = host.good_list(3).await;
    let mut browser = host.asaka().await;
    let page = browser.get(&format!("/lists/{list}/confirm")).await;
    let seal = page.hidden("seal");
    let forged = browser
        .post(&format!("/lists/{list}/send"), &[("seal", &seal), ("csrf", "x")])
        .await;
    assert_eq!(forged.status, FORBIDDEN);
    assert_eq!(host.broadcasts().await, 0);
    let broadcast = host.send(&mut browser, list).await;
    for action in ["stop", "resume", "discard"] {
        let forged = browser
            .post(&format!("/broadcasts/{broadcast}/{action}"), &[])
            .await;
        assert_eq!(forged.status, FORBIDDEN, "{action}");
    }
}

#[tokio::test]
async fn another_offices_broadcast_is_not_there_but_the_head_office_sees_it() {
    let host = Host::new().await;
    let list = host.good_list(2).await;
    let id = host.send(&mut host.asaka().await, list).await;
    host.clock.advance(HOLD);
    let message = host.carrier().await.claim(1).await[0].part.message;
    let pages = [
        format!("/lists/{list}/confirm"),
        format!("/broadcasts/{id}"),
        format!("/broadcasts/{id}/live"),
        format!("/broadcasts/{id}/discard"),
        format!("/broadcasts/{id}/messages"),
        format!("/broadcasts/{id}/export"),
        format!("/messages/{message}"),
    ];
    let mut other = host.browser("kawaguchi").await;
    for page in &pages {
        assert_eq!(other.get(page).await.status, NOT_FOUND, "{page}");
    }
    let token = other.get("/templates/new").await.hidden("csrf");
    for action in ["stop", "resume", "discard"] {
        let refused = other
            .post(&format!("/broadcasts/{id}/{action}"), &[("csrf", &token)])
            .await;
        assert_eq!(refused.status, NOT_FOUND, "{action}");
    }
    let settle = [("csrf", token.as_str()), ("outcome", "delivered")];
    let reveal = format!("/messages/{message}/reveal");
    let refused = other.post(&reveal, &[("csrf", &token)]).await;
    assert_eq!(refused.status, NOT_FOUND);
    assert_eq!(
        other
            .post(&format!("/messages/{message}/settle"), &settle)
            .await
            .status,
        NOT_FOUND
    );
    other.get("/").await.hides("朝霞.csv");
    let mut head = host.browser("honcho").await;
    for page in pages.iter().filter(|page| !page.ends_with("/live")) {
        assert_ne!(head.get(page).await.status, NOT_FOUND, "{page}");
    }
    head.get("/").await.shows("朝霞保健所");
    let mut stranger = host.browser("").await;
    for page in &pages {
        assert!(
            stranger.get(page).await.location().starts_with("/sign-in"),
            "{page}"
        );
    }
    for wrong in ["/broadcasts/99", "/broadcasts/x", "/messages/99", "/templates/99"] {
        assert_eq!(head.get(wrong).await.status, NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn in_its_hold_window_a_broadcast_is_withdrawn_whole() {
    let host = Host::new().await;
    let list = host.good_list(3).await;
    let mut browser = host.asaka().await;
    let id = host.send(&mut browser, list).await;
    let address = format!("/broadcasts/{id}");
    let held = browser.get(&address).await;
    held.shows("取消する（まだ1通も送っていません）");
    held.shows(r#"data-hold="30""#);
    let done = browser.submit(&address, &format!("{address}/discard"), &[]).await;
    let page = browser.get(done.location()).await;
    page.shows("3人への配信を取り消しました");
    page.shows("1通も送っていません。");
    page.shows("<h1>配信は取り消されました</h1>");
    host.clock.advance(HOLD);
    assert!(host.carrier().await.claim(10).await.is_empty());
    browser
        .get(&format!("/lists/{list}/confirm"))
        .await
        .shows("3人に送信する");
}

#[tokio::test]
async fn stopping_tells_exactly_who_has_it_and_the_rest_can_go_on_or_be_given_up() {
    let host = Host::new().await;
    let list = host.good_list(6).await;
    let mut browser = host.asaka().await;
    let id = host.send(&mut browser, list).await;
    let address = format!("/broadcasts/{id}");
    host.clock.advance(HOLD);
    let carrier = host.carrier().await;
    let claimed = carrier.claim(2).await;
    carrier
        .answer(vec![(
            claimed[0].part,
            Answer::Taken {
                carrier_message_id: "a".into(),
            },
        )])
        .await;
    let live = browser.get(&address).await;
    live.shows("配信しています");
    live.shows("live?seen=sending");
    browser.submit(&address, &format!("{address}/stop"), &[]).await;
    assert!(carrier.claim(10).await.is_empty(), "nothing more leaves");
    let stopped = browser.get(&address).await;
    stopped.shows("まだ送っていない人: 4人");
    stopped.shows("1人には、止める前に携帯電話会社へ渡しました");
    stopped.shows("渡している途中だった 1人");
    stopped.shows("見本 花子が配信を止めました");
    browser.submit(&address, &format!("{address}/resume"), &[]).await;
    assert_eq!(carrier.claim(1).await.len(), 1);
    browser.submit(&address, &format!("{address}/stop"), &[]).await;
    let question = browser.get(&format!("{address}/discard")).await;
    question.shows("残り5人への配信を破棄する");
    browser
        .submit(&format!("{address}/discard"), &format!("{address}/discard"), &[])
        .await;
    host.clock.advance(SECOND);
    assert!(carrier.claim(10).await.is_empty());
    browser
        .get(&format!("{address}/messages?state=cancelled"))
        .await
        .shows("3人のうち 1〜3人目");
}

/// Sends four rows of five: one arrives, one does not, one is refused, one is lost.
async fn settled(host: &Host) -> (host::Browser, base::id::BroadcastId, base::id::ListId) {
    let rows = [
        ("100001", "09012000001"),
        ("100002", "09012000002"),
        ("100003", "09012000003"),
        ("100004", "09012000004"),
        ("100005", "なし"),
    ];
    let list = host.list(&rows).await;
    let mut browser = host.asaka().await;
    let id = host.send(&mut browser, list).await;
    host.clock.advance(HOLD);
    let carrier = host.carrier().await;
    let parts = carrier.claim(10).await;
    carrier.finish(parts[0].part, Outcome::Delivered, "000").await;
    carrier.finish(parts[1].part, Outcome::Undelivered, "001").await;
    let refused = Answer::RefusedForGood {
        code: "0x0B ESME_RINVDSTADR".into(),
    };
    carrier
        .answer(vec![(parts[2].part, refused), (parts[3].part, Answer::NoAnswer)])
        .await;
    (browser, id, list)
}

#[tokio::test]
async fn the_result_says_why_in_words_and_leads_to_the_people() {
    let host = Host::new().await;
    let (mut browser, id, list) = settled(&host).await;
    let result = browser.get(&format!("/broadcasts/{id}")).await;
    result.shows("配信の結果");
    result.shows("完了・要確認");
    result.shows("届かなかった、または分からない3人の理由");
    result.shows("この電話番号あてには送れませんでした");
    result.shows("電話機に届きませんでした");
    result.shows("「不明」とは何ですか");
    result.shows(&format!(r#"href="/lists/{list}/confirm""#));
    result.shows("誤りがあって送っていない行: 1行");
    result.shows(&format!(r#"href="/lists/{list}""#));
    let cause = "messages?state=rejected&#38;code=0x0B%20ESME%5FRINVDSTADR";
    result.shows(cause);
    let people = browser
        .get(&format!("/broadcasts/{id}/{}", cause.replace("&#38;", "&")))
        .await;
    people.shows("1人のうち 1〜1人目");
    people.shows("4行目");
    people.shows("090-****-0003");
    people.hides("3行目");
    let failed = browser
        .get(&format!("/broadcasts/{id}/messages?state=failed"))
        .await;
    failed.shows("2人のうち 1〜2人目");
    assert_eq!(
        browser
            .get(&format!("/broadcasts/{id}/messages?state=nonsense"))
            .await
            .status,
        NOT_FOUND
    );
}

#[tokio::test]
async fn the_report_holds_every_row_of_the_list() {
    let host = Host::new().await;
    let (mut browser, id, _) = settled(&host).await;
    let export = format!("/broadcasts/{id}/export");
    let refused = browser.submit(&export, &export, &[("form", "csv")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("何のために使うかを");
    let fields = [("form", "csv"), ("purpose", "郵便で知らせるため")];
    let csv = browser.submit(&export, &export, &fields).await;
    assert!(csv.bytes.starts_with("\u{feff}".as_bytes()));
    assert_eq!(csv.body.lines().count(), 7, "{}", csv.body);
    csv.shows("2,090-1200-0001,着信済");
    csv.shows("4,090-1200-0003,受付拒否");
    csv.shows("5,090-1200-0004,結果不明");
    csv.shows("6,,未送信");
    csv.shows("phone.missing");
    let last = csv.body.lines().last().unwrap();
    for who_and_what in ["見本 花子", "asaka", "朝霞保健所", "目的: 郵便で知らせるため"] {
        assert!(last.contains(who_and_what), "{last}");
    }
    let disposition = csv.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.contains("attachment") && disposition.contains("asaka"));
    let fields = [("form", "xlsx"), ("purpose", "郵便で知らせるため")];
    let xlsx = browser.submit(&export, &export, &fields).await;
    assert!(xlsx.bytes.starts_with(b"PK"));
}

#[tokio::test]
async fn a_person_settles_what_nobody_could_know() {
    let host = Host::new().await;
    let (mut browser, id, _) = settled(&host).await;
    let unknown = browser
        .get(&format!("/broadcasts/{id}/messages?state=unknown"))
        .await;
    let (_, rest) = unknown.body.split_once(r#"href="/messages/"#).unwrap();
    let address = format!("/messages/{}", rest.split('"').next().unwrap());
    let page = browser.get(&address).await;
    page.shows("5行目のメッセージ");
    page.shows("090-****-0004");
    page.hides("100004");
    let whole = browser.submit(&address, &format!("{address}/reveal"), &[]).await;
    whole.shows("090-1200-0004");
    whole.shows("あなたのIDは 100004 です。");
    whole.shows("返事がないまま、接続が切れました");
    browser.get(&address).await.hides("090-1200-0004");
    page.shows("返事がないまま、接続が切れました");
    page.shows("着信を確認した");
    let settle = format!("{address}/settle");
    let unreadable = browser.submit(&address, &settle, &[("outcome", "perhaps")]).await;
    assert_eq!(unreadable.status, StatusCode::BAD_REQUEST);
    let done = browser
        .submit(&address, &settle, &[("outcome", "delivered")])
        .await;
    let page = browser.get(done.location()).await;
    page.shows("確かめた結果を記録しました");
    page.hides("着信を確認した");
    let again = browser
        .submit("/templates/new", &settle, &[("outcome", "undelivered")])
        .await;
    assert_eq!(again.location(), format!("{address}?done=nothing"));
    browser
        .get(&format!("/broadcasts/{id}"))
        .await
        .shows("見本 花子が結果不明のメッセージ");
}

#[tokio::test]
async fn sending_again_needs_a_reason_and_reaches_only_those_it_names() {
    let host = Host::new().await;
    let (mut browser, first, list) = settled(&host).await;
    let confirm = format!("/lists/{list}/confirm");
    let page = browser.get(&confirm).await;
    page.shows("いま送る相手はいません");
    page.shows("届かなかった2人に送り直す");
    page.shows("届いたか分からない1人に送り直す");
    let page = browser.get(&format!("{confirm}?resend=failed")).await;
    page.shows("2人に送信する");
    let refused = browser.press(list, &page, "failed", " ").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("送り直す理由を入力してください。");
    let sent = browser.press(list, &page, "failed", "番号を確かめ直した").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let second = sent
        .location()
        .strip_prefix("/broadcasts/")
        .unwrap()
        .parse()
        .unwrap();
    assert_ne!(second, first);
    assert_eq!(host.messages_in_all(second).await, 2);
    browser.get(sent.location()).await.shows("番号を確かめ直した");
    let twice = browser.press(list, &page, "failed", "番号を確かめ直した").await;
    assert!(twice.location().ends_with("done=already"), "{}", twice.location());
    assert_eq!(host.broadcasts().await, 2);
}

#[tokio::test]
async fn the_live_stream_pushes_numbers_and_no_personal_data() {
    let host = Host::new().await;
    let list = host.good_list(4).await;
    let mut browser = host.asaka().await;
    let id = host.send(&mut browser, list).await;
    host.clock.advance(HOLD);
    let carrier = host.carrier().await;
    carrier
        .finish(carrier.claim(1).await[0].part, Outcome::Delivered, "000")
        .await;
    // The page was made before the broadcast began: the first update is also the last.
    let stream = browser.get(&format!("/broadcasts/{id}/live?seen=held")).await;
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    stream.shows("event: progress");
    stream.shows(r#""total":4"#);
    stream.shows(r#""delivered":1"#);
    stream.shows(r#""waiting":3"#);
    stream.shows(r#""finished":true"#);
    for personal in ["0901200", "100", "朝霞.csv", "花子"] {
        stream.hides(personal);
    }
}

#[tokio::test]
async fn the_page_of_a_discarded_rest_becomes_the_result_with_its_last_receipt() {
    let host = Host::new().await;
    let list = host.good_list(4).await;
    let mut browser = host.asaka().await;
    let id = host.send(&mut browser, list).await;
    let address = format!("/broadcasts/{id}");
    host.clock.advance(HOLD);
    let carrier = host.carrier().await;
    let out = carrier.claim(1).await;
    browser.submit(&address, &format!("{address}/stop"), &[]).await;
    browser
        .submit(&format!("{address}/discard"), &format!("{address}/discard"), &[])
        .await;
    let page = browser.get(&address).await;
    page.shows("携帯電話会社の知らせを待っています");
    page.hides("再開する");
    carrier.finish(out[0].part, Outcome::Delivered, "000").await;
    let stream = browser.get(&format!("{address}/live?seen=discarded")).await;
    stream.shows(r#""finished":true"#);
    browser.get(&address).await.shows("配信の結果");
}

#[tokio::test]
async fn the_day_shows_lists_and_broadcasts_and_only_that_day() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    browser.get("/").await.shows("ここに出るリストや配信はありません");
    let list = host.good_list(3).await;
    let page = browser.get("/").await;
    page.shows("今日の配信");
    page.shows("検査・未送信");
    page.shows(&format!(r#"href="/lists/{list}""#));
    let id = host.send(&mut browser, list).await;
    let page = browser.get("/").await;
    page.hides("検査・未送信");
    page.shows("取消できる時間");
    page.shows(&format!(r#"href="/broadcasts/{id}""#));
    host.clock.advance(HOLD);
    browser.get("/").await.shows("配信中");
    let done = browser.get("/?state=done").await;
    done.hides(&format!(r#"href="/broadcasts/{id}""#));
    let yesterday = browser.get("/?day=2026-11-21").await;
    yesterday.shows("11月21日(土)の配信");
    yesterday.hides("朝霞.csv");
    assert_eq!(web::time::JapanTime::from_millis(START).date(), "11月22日(日)");
    browser
        .get("/?day=nonsense&state=x&office=y")
        .await
        .shows("朝霞.csv");
}

#[tokio::test]
async fn an_office_cannot_ask_for_another_offices_day() {
    let host = Host::new().await;
    host.good_list(3).await;
    let mut other = host.browser("kawaguchi").await;
    other
        .get(&format!("/?office={}", host.office))
        .await
        .hides("朝霞.csv");
    let mut head = host.browser("honcho").await;
    head.get("/").await.shows("朝霞.csv");
    head.get("/?office=1").await.hides("朝霞.csv");
}

#[tokio::test]
async fn a_template_is_made_looked_at_and_versioned() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let new = "/templates/new";
    let wrong = browser
        .submit(new, "/templates", &[("name", ""), ("body", "ID: {{ID")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows("文面の名前を入力してください。");
    wrong.shows("閉じられていません");
    let fields = [
        ("name", "検査結果"),
        ("body", "結果は {{結果}} です。"),
        ("action", "preview"),
    ];
    let look = browser.submit(new, "/templates", &fields).await;
    assert_eq!(look.status, StatusCode::OK);
    look.shows("<mark>結果</mark>");
    look.shows("8文字＋差し込み");
    browser.get("/templates").await.hides("検査結果");
    let made = browser.submit(new, "/templates", &fields[..2]).await;
    let address = made.location().split('?').next().unwrap().to_owned();
    browser.get(made.location()).await.shows("文面を作りました");
    let change = |body| {
        [
            ("name", "検査結果"),
            ("body", body),
            ("version", "1"),
            ("action", "save"),
        ]
    };
    let saved = browser
        .submit(&address, &address, &change("結果は {{結果}} でした。"))
        .await;
    browser.get(saved.location()).await.shows("第2版を保存しました");
    let late = browser.submit(&address, &address, &change("別の文")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    late.shows("ほかの人が先に新しい版を保存しました");
    late.shows("別の文");
    browser.submit(&address, &format!("{address}/archive"), &[]).await;
    browser.get("/templates").await.hides("検査結果");
    browser.get(&address).await.shows("この文面はしまわれています");
}

#[tokio::test]
async fn a_broadcast_keeps_the_version_it_was_made_from() {
    let host = Host::new().await;
    let list = host.good_list(1).await;
    let mut browser = host.asaka().await;
    let id = host.send(&mut browser, list).await;
    let address = format!("/templates/{}", host.template);
    let change = [("name", "ご案内"), ("body", "新しい文 {{ID}}"), ("version", "1")];
    browser.submit(&address, &address, &change).await;
    host.clock.advance(HOLD);
    let claimed = host.carrier().await.claim(1).await;
    assert_eq!(claimed[0].text, "あなたのIDは 000100 です。");
    browser
        .get(&format!("/broadcasts/{id}"))
        .await
        .shows("ご案内 第1版");
}

#[tokio::test]
async fn above_the_rule_a_file_leaves_once_after_somebody_else_agreed() {
    let host = Host::new().await;
    let (mut asaka, id, _) = settled(&host).await;
    let mut head = host.browser("honcho").await;
    let set = head.submit("/exports", "/exports/rule", &[("rows", "4")]).await;
    head.get(set.location()).await.shows("4行を超えるファイルは");
    let export = format!("/broadcasts/{id}/export");
    let fields = [("form", "csv"), ("purpose", "郵便で知らせるため")];
    let page = asaka.get(&export).await;
    page.shows("もう1人の同意が要ります");
    let around = asaka.submit(&export, &export, &fields).await;
    assert_eq!(around.status, StatusCode::UNPROCESSABLE_ENTITY, "no way around");
    let ask = format!("{export}/ask");
    let asked = asaka.submit(&export, &ask, &fields).await;
    asaka.get(asked.location()).await.shows("同意待ち");
    let agree = "/exports/1/agree";
    let own = asaka.submit("/exports", agree, &[]).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    let early = asaka.submit("/exports", "/exports/1/fetch", &[]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    let mut other = host.browser("kawaguchi").await;
    assert_eq!(other.submit("/exports", agree, &[]).await.status, NOT_FOUND);
    head.get("/exports").await.shows("郵便で知らせるため");
    let agreed = head.submit("/exports", agree, &[]).await;
    head.get(agreed.location()).await.shows("受け取れます");
    let not_mine = head.submit("/exports", "/exports/1/fetch", &[]).await;
    assert_eq!(not_mine.status, StatusCode::CONFLICT);
    let file = asaka.submit("/exports", "/exports/1/fetch", &[]).await;
    file.shows("2,090-1200-0001,着信済");
    file.shows("目的: 郵便で知らせるため");
    let twice = asaka.submit("/exports", "/exports/1/fetch", &[]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    // Too late is too late.
    asaka.submit(&export, &ask, &fields).await;
    head.submit("/exports", "/exports/2/agree", &[]).await;
    host.clock.advance(base::clock::DAY);
    let mut asaka = host.asaka().await;
    let late = asaka.submit("/exports", "/exports/2/fetch", &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
}
