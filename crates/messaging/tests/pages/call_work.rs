//! A caller's hour: one person at a time, shown to one caller, with what to say, and every result kept.

use accounts::{Login, Name, OfficeTerms, Password, Role};
use axum::http::StatusCode;
use base::clock::{HOUR, MINUTE};
use base::id::OfficeId;

use crate::host::{Browser, Host, ORG, Seen};

const NEXT: &str = "/calls/next";

/// One entry by hand in the office of whoever sits at this browser.
async fn entered(browser: &mut Browser, person: &str, number: &str) {
    let fields = [("person", person), ("number", number), ("reason", "unconfirmed")];
    let sent = browser.submit("/calls", "/calls", &fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
}

/// Presses a button and looks at the page behind it.
async fn pressed(browser: &mut Browser, action: &str, fields: &[(&str, &str)]) -> Seen {
    let sent = browser.submit("/calls", action, fields).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{action}: {}", sent.body);
    browser.get(sent.location()).await
}

/// A second caller of the office.
async fn second(host: &Host) -> Browser {
    let login = Login::parse("denwa").unwrap();
    let password = Password::parse("青い傘と三匹の猫とラーメン", &login).unwrap();
    let name = Name::parse("例 三郎").unwrap();
    let added = host
        .accounts
        .add_account(ORG, host.office, login, name, Role::Caller, password);
    added.await.unwrap();
    host.browser("denwa").await
}

#[tokio::test]
async fn a_caller_works_through_the_list_by_one_button() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    entered(&mut browser, "見本 一郎", "090-1111-0001").await;
    entered(&mut browser, "見本 二郎", "090-1111-0002").await;
    browser.get("/calls").await.shows("次の人に電話する（残り2人）");
    let work = pressed(&mut browser, NEXT, &[]).await;
    work.shows("見本 一郎");
    work.shows(r#"href="tel:+819011110001""#);
    work.shows("本人か確かめる");
    work.shows("生年月日を西暦から教えていただけますか");
    work.shows("残さないこと:");
    work.shows("SMSでご案内をお送りしました。届いていますか。");
    work.shows("14:15</time>まで");
    work.hides("見本 二郎");
    // The button again gives the same person, until there is a result.
    pressed(&mut browser, NEXT, &[])
        .await
        .shows("まだ結果を記録していない電話があります");
    let list = browser.get("/calls").await;
    list.shows("電話中の人に戻る");
    list.shows("あなたが電話中");
    list.hides("見本 一郎");
    let after = pressed(
        &mut browser,
        "/calls/1/mark",
        &[("result", "told"), ("note", "自宅にいる")],
    )
    .await;
    after.shows("電話の結果を記録しました");
    after.shows("次の人に電話する（残り1人）");
    after.shows("今日、あなたが済ませた電話は<strong>1人</strong>です");
    after.shows("見本 花子: 本人に伝えた（自宅にいる）");
    after.hides("見本 一郎");
    pressed(&mut browser, NEXT, &[]).await.shows("見本 二郎");
    let busy = [("result", "busy"), ("note", ""), ("next", "17")];
    let after = pressed(&mut browser, "/calls/2/mark", &busy).await;
    after.shows("電話したことを記録しました");
    after.shows("11月22日(日) 17:00");
    after.shows("いま電話できる人はいません");
    let list = browser.get("/calls").await;
    list.shows("いま電話する人はいません。次は");
    list.shows("あとでかけ直す電話（1人）");
    list.shows("見本 花子: 話し中");
    pressed(&mut browser, NEXT, &[])
        .await
        .shows("ほかの人が電話中か、かけ直す時間になっていません");
    host.clock.advance(3 * HOUR);
    let mut browser = host.asaka().await;
    browser.get("/calls").await.shows("次の人に電話する（残り1人）");
    pressed(&mut browser, NEXT, &[]).await.shows("見本 二郎");
}

#[tokio::test]
async fn two_callers_never_have_the_same_person_or_number() {
    let host = Host::new().await;
    let (mut hanako, mut saburo) = (host.asaka().await, second(&host).await);
    entered(&mut hanako, "母", "048-123-4567").await;
    entered(&mut hanako, "子", "048（123）4567").await;
    let work = pressed(&mut hanako, NEXT, &[]).await;
    work.shows("同じ番号の人（1人）");
    let list = saburo.get("/calls").await;
    list.shows("見本 花子さんが電話中");
    list.shows("残りの2人には、ほかの人が電話しています。");
    pressed(&mut saburo, NEXT, &[])
        .await
        .shows("いま電話できる人はいません");
    for id in [1, 2] {
        let refused = saburo.submit("/calls", &format!("/calls/{id}/take"), &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        refused.shows("見本 花子さんが、この人か、同じ番号の人に電話しています（14:15まで）。");
    }
    let seen = saburo.get("/calls/1").await;
    seen.shows("見本 花子さんが、この人に電話しています");
    seen.hides("048-123-4567");
    seen.hides(r#"action="/calls/1/mark""#);
    // A result of somebody who does not have the person is refused, and what was typed stays.
    let typed = [("result", "told"), ("note", "廊下で聞いた")];
    let refused = saburo.submit("/calls", "/calls/1/mark", &typed).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("今回の結果は記録していません。");
    refused.shows("廊下で聞いた");
    refused.hides("048-123-4567");
    let over = [("office", "1"), ("words", "本庁にお願いします")];
    let refused = saburo.submit("/calls", "/calls/1/hand-over", &over).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("本庁にお願いします");
    hanako.get("/calls/1").await.shows("まだ電話していません。");
    pressed(&mut hanako, "/calls/1/mark", &[("result", "told")]).await;
    pressed(&mut saburo, NEXT, &[]).await.shows("048（123）4567");
    // Somebody was faster: the note is shown, and was not kept.
    let late = hanako
        .submit(
            "/calls",
            "/calls/1/mark",
            &[("result", "told"), ("note", "二度目")],
        )
        .await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    late.shows("記録していないメモ");
    late.shows("二度目");
}

#[tokio::test]
async fn the_time_is_renewed_given_back_and_runs_out() {
    let host = Host::new().await;
    let (mut hanako, mut saburo) = (host.asaka().await, second(&host).await);
    entered(&mut hanako, "見本 一郎", "090-1111-0001").await;
    let never = saburo.submit("/calls", "/calls/1/renew", &[]).await;
    assert_eq!(
        never.status,
        StatusCode::CONFLICT,
        "nobody renews what they never took"
    );
    saburo.get("/calls/1").await.hides("見本 一郎");
    pressed(&mut hanako, NEXT, &[]).await;
    host.clock.advance(9 * MINUTE);
    let renewed = pressed(&mut hanako, "/calls/1/renew", &[]).await;
    renewed.shows("担当の時間を延ばしました");
    renewed.shows("14:24</time>まで");
    let quiet = hanako
        .submit("/calls", "/calls/1/renew", &[("quiet", "yes")])
        .await;
    assert_eq!(
        (quiet.status, quiet.body.as_str()),
        (StatusCode::OK, r#"{"seconds":600}"#)
    );
    host.clock.advance(10 * MINUTE);
    hanako.get("/calls/1").await.shows("この人に電話する");
    pressed(&mut saburo, NEXT, &[]).await.shows("見本 一郎");
    let late = hanako.submit("/calls", "/calls/1/renew", &[]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    let back = pressed(&mut saburo, "/calls/1/return", &[]).await;
    back.shows("電話せずにリストに戻しました");
    back.shows("次の人に電話する（残り1人）");
    pressed(&mut saburo, "/calls/1/return", &[])
        .await
        .shows("この電話の担当は、すでに終わっています");
}

#[tokio::test]
async fn mistakes_in_a_result_are_told_and_what_was_typed_stays() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    entered(&mut browser, "見本 一郎", "090-1111-0001").await;
    pressed(&mut browser, NEXT, &[]).await;
    let mark = "/calls/1/mark";
    let refused = async |browser: &mut Browser, fields: &[(&str, &str)], words: &str| {
        let seen = browser.submit("/calls", mark, fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
        seen.shows(words);
        seen
    };
    for result in ["visit", "given_up"] {
        refused(
            &mut browser,
            &[("result", result), ("note", " ")],
            "理由をメモに入力してください。",
        )
        .await;
    }
    let past = [
        ("result", "call_back"),
        ("note", "朝がよい"),
        ("next", "at"),
        ("day", "2026-11-22"),
        ("time", "08:30"),
    ];
    let seen = refused(&mut browser, &past, "これからの時刻を選んでください。").await;
    seen.shows("朝がよい");
    seen.shows(r#"<option value="08:30" selected>"#);
    let long = "あ".repeat(501);
    refused(
        &mut browser,
        &[("result", "told"), ("note", &long)],
        "メモが長すぎます。500文字までにしてください。",
    )
    .await;
    let tomorrow = [
        ("result", "call_back"),
        ("note", "朝がよい"),
        ("next", "at"),
        ("day", "2026-11-23"),
        ("time", "08:30"),
    ];
    let kept = pressed(&mut browser, mark, &tomorrow).await;
    kept.shows("11月23日(月) 08:30");
    kept.shows("見本 花子: かけ直しの希望（朝がよい）");
}

#[tokio::test]
async fn after_five_attempts_somebody_decides() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    entered(&mut browser, "見本 一郎", "090-1111-0001").await;
    for attempt in 1..=5 {
        let work = pressed(&mut browser, "/calls/1/take", &[]).await;
        work.hides("電話しても、つながっていません");
        let tried = [("result", "no_answer"), ("next", "30m")];
        pressed(&mut browser, "/calls/1/mark", &tried)
            .await
            .shows(&format!("これまでの電話（{attempt}回）"));
    }
    host.clock.advance(HOUR);
    let mut browser = host.asaka().await;
    let work = pressed(&mut browser, NEXT, &[]).await;
    work.shows("5回電話しても、つながっていません");
    let visit = [("result", "visit"), ("note", "保健師が夕方に行く")];
    pressed(&mut browser, "/calls/1/mark", &visit).await;
    browser.get("/calls").await.shows(": 訪問することにした");
}

#[tokio::test]
async fn another_office_or_the_contractor_goes_on_with_the_history() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let terms = OfficeTerms::parse(accounts::OfficeKind::Contractor, "2027/3/31").unwrap();
    let name = Name::parse("みどりコールセンター").unwrap();
    let contractor = host.accounts.add_office_as(ORG, name, terms).await.unwrap();
    entered(&mut browser, "見本 一郎", "090-1111-0001").await;
    pressed(&mut browser, NEXT, &[]).await;
    let tried = [
        ("result", "answering_machine"),
        ("note", "名前だけ残した"),
        ("next", "30m"),
    ];
    pressed(&mut browser, "/calls/1/mark", &tried).await;
    let work = pressed(&mut browser, "/calls/1/take", &[]).await;
    work.shows("みどりコールセンター（委託先）");
    let own = host.office.to_string();
    for office in ["", own.as_str(), "99"] {
        let refused = browser
            .submit(
                "/calls",
                "/calls/1/hand-over",
                &[("office", office), ("words", "夜だけ")],
            )
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        refused.shows("引き継ぐ部署を選んでください。");
        refused.shows("夜だけ");
    }
    let to = contractor.to_string();
    let fields = [("office", to.as_str()), ("words", "夜だけ")];
    let list = pressed(&mut browser, "/calls/1/hand-over", &fields).await;
    list.shows("ほかの部署に引き継ぎました");
    list.shows("まだ済んでいない電話はありません");
    assert_eq!(browser.get("/calls/1").await.status, StatusCode::NOT_FOUND);
    let mut head = host.browser("honcho").await;
    let seen = head.get("/calls/1").await;
    seen.shows("見本 花子: 留守電（名前だけ残した）");
    seen.shows("見本 花子: 朝霞保健所から引き継いだ（夜だけ）");
    seen.shows("みどりコールセンター");
    assert_ne!(contractor, OfficeId::HEADQUARTERS);
}

#[tokio::test]
async fn a_stranger_at_the_number_stops_it_and_the_right_number_is_called() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    entered(&mut browser, "母", "090-1111-0001").await;
    entered(&mut browser, "父", "090-1111-0001").await;
    let work = pressed(&mut browser, NEXT, &[]).await;
    work.shows("別人でした（この番号への連絡をすべて止める）");
    let wrong = "/calls/1/wrong";
    let stranger = [("kind", "not_me"), ("reason", "別の方が出た"), ("corrected", "")];
    let done = browser.submit(wrong, wrong, &stranger).await;
    let page = browser.get(done.location()).await;
    page.shows("番号の誤りを登録しました");
    page.shows("この番号は「人違い」として登録されています。かけないでください");
    page.hides("tel:");
    page.shows("見本 花子: 別の人が出た（番号の誤り）（別の方が出た）");
    // Whoever takes the other person of that number is told as well.
    pressed(&mut browser, "/calls/2/take", &[])
        .await
        .shows("かけないでください");
    let right = [
        ("kind", "not_me"),
        ("reason", "職場で聞いた"),
        ("corrected", "090-1111-0009"),
    ];
    let done = browser.submit(wrong, wrong, &right).await;
    browser.get(done.location()).await.shows("この人に電話する");
    let work = pressed(&mut browser, "/calls/1/take", &[]).await;
    work.shows(r#"href="tel:+819011110009""#);
    work.hides("かけないでください");
}

#[tokio::test]
async fn whoever_is_shown_too_many_gets_nobody() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    entered(&mut browser, "見本 一郎", "090-1111-0001").await;
    for _ in 0..60 {
        pressed(&mut browser, "/calls/1/take", &[]).await;
        pressed(&mut browser, "/calls/1/return", &[]).await;
    }
    let refused = browser.submit("/calls", NEXT, &[]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    refused.shows("続けての表示を止めています");
    browser.get("/calls/1").await.hides("見本 一郎");
    second(&host)
        .await
        .get("/calls")
        .await
        .shows("次の人に電話する（残り1人）");
}
