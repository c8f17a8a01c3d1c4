//! How much is sent, whether it reaches anybody, under which numbers, and what it costs, as people see it.

use accounts::Role;
use axum::http::StatusCode;
use base::clock::japan_midnight;
use base::id::{BroadcastId, OfficeId};
use base::org::OrgMode;
use messaging::stage::BroadcastStage;
use messaging::store;

use crate::home::somebody;
use crate::host::{Browser, Host, ORG, START, Seen};

const LIMITS: &str = "/organisation/limits";

async fn stage(host: &Host, id: BroadcastId) -> (BroadcastStage, bool, String) {
    let broadcast = store::broadcast(&host.db, ORG, id).await.unwrap().unwrap();
    (broadcast.stage, broadcast.simulated, broadcast.sender)
}

fn broadcast_of(seen: &Seen) -> BroadcastId {
    let path = seen.location().split('?').next().unwrap();
    path.strip_prefix("/broadcasts/").unwrap().parse().unwrap()
}

/// Entered by the person, refused to that person, confirmed by a second one.
async fn with_own_number(host: &Host, browser: &mut Browser) {
    let entered = browser
        .submit(
            "/me/number",
            "/me/number",
            &[("phone", "０９０－１２００－０００９")],
        )
        .await;
    assert_eq!(entered.location(), "/me/number?done=entered");
    let page = browser.get("/organisation/numbers").await;
    page.shows("確認待ち");
    page.hides("090-1200-0009");
    page.shows("自分の番号は、ほかの管理者が確認します。");
    let mut second = host.browser("honcho").await;
    let page = second.get("/organisation/numbers").await;
    let (staff, entered) = (page.hidden("staff"), page.hidden("entered"));
    let fields = [("staff", staff.as_str()), ("entered", entered.as_str())];
    let own = browser
        .submit("/me/number", "/organisation/numbers", &fields)
        .await;
    own.shows("自分の番号は、自分では確認できません");
    let done = second
        .submit("/organisation/numbers", "/organisation/numbers", &fields)
        .await;
    assert_eq!(done.location(), "/organisation/numbers?done=confirmed");
}

#[tokio::test]
async fn a_limit_is_set_shown_and_keeps_a_list_back_with_words() {
    let host = Host::new().await;
    let mut head = host.browser("honcho").await;
    head.get(LIMITS).await.shows("上限なし");
    let wrong = head.submit(LIMITS, LIMITS, &[("day_parts", "たくさん")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows("数字で入力してください");
    let money = head.submit(LIMITS, LIMITS, &[("month_yen", "1000")]).await;
    money.shows("先に「料金」の画面で");
    let office = format!("office-{}", host.office);
    let saved = head
        .submit(
            LIMITS,
            LIMITS,
            &[
                ("day_parts", "５"),
                (office.as_str(), "4"),
                ("from", "2026/11/22"),
            ],
        )
        .await;
    assert_eq!(saved.location(), "/organisation/limits?done=saved");

    let mut asaka = host.asaka().await;
    let list = host.good_list(3).await;
    asaka
        .get(&format!("/lists/{list}/confirm"))
        .await
        .shows("組織の今日 5通、部署の今日 4通");
    host.send(&mut asaka, list).await;
    let page = head.get(LIMITS).await;
    page.shows("3通（上限 5通、残り 2通）");
    let second = host
        .list(&[("000900", "09012009000"), ("000901", "09012009001")])
        .await;
    let page = asaka.get(&format!("/lists/{second}/confirm")).await;
    page.shows("部署の1日の上限 4通を超えるため、送信できません。残りは1通で、この配信には2通が必要です。");
    let refused = asaka.confirm(second, "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    refused.shows("組織の管理者");
    refused.shows("残りは1通");
    assert_eq!(host.broadcasts().await, 1);
}

#[tokio::test]
async fn an_exercise_says_so_on_every_page_and_reaches_nobody() {
    let host = Host::with_carrier(false).await;
    store::set_mode(&host.db, ORG, OrgMode::Training).await.unwrap();
    let mut asaka = host.asaka().await;
    for path in ["/", "/templates", "/calls", "/me/number"] {
        let page = asaka.get(path).await;
        page.shows("この組織は訓練中です");
        page.shows("env-banner env--training");
    }
    let list = host.good_list(2).await;
    asaka
        .get(&format!("/lists/{list}/confirm"))
        .await
        .shows("訓練として2人に送信する（実際には送りません）");
    let id = host.send(&mut asaka, list).await;
    let (stage_of, simulated, _) = stage(&host, id).await;
    assert_eq!((stage_of, simulated), (BroadcastStage::Training, true));
    asaka
        .get(&format!("/broadcasts/{id}"))
        .await
        .shows("訓練の配信です");
    assert!(host.carrier().await.claim(10).await.is_empty());

    let mut head = host.browser("honcho").await;
    let live = head
        .submit(LIMITS, "/organisation/mode", &[("mode", "live")])
        .await;
    assert_eq!(live.location(), "/organisation/limits?done=live");
    head.get("/").await.hides("この組織は訓練中です");
}

#[tokio::test]
async fn the_way_to_what_is_left_to_do_stays_until_a_text_was_tried() {
    let host = Host::new().await;
    store::set_mode(&host.db, ORG, OrgMode::Training).await.unwrap();
    let mut asaka = host.asaka().await;
    let mut head = somebody(&host, "kanri", OfficeId::HEADQUARTERS, Role::Administrator).await;
    head.get("/").await.shows("href=\"/start\"");
    let list = host.good_list(2).await;
    host.send(&mut asaka, list).await;
    head.get("/").await.shows("href=\"/start\"");
    head.get("/start").await.shows("文面を選んで試しに送る");
    with_own_number(&host, &mut asaka).await;
    let list = host.good_list(3).await;
    let preview = format!("/lists/{list}/preview?row=4");
    let tried = asaka
        .submit(&preview, &format!("/lists/{list}/rows/4/test"), &[])
        .await;
    assert_eq!(tried.status, StatusCode::SEE_OTHER, "{}", tried.body);
    head.get("/").await.hides("href=\"/start\"");
    head.get("/start").await.shows("試し送りをしました");
}

#[tokio::test]
async fn everything_is_stopped_with_a_reason_and_released() {
    let host = Host::new().await;
    let mut head = host.browser("honcho").await;
    let without = head
        .submit(LIMITS, "/organisation/stop", &[("reason", " ")])
        .await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reason = [("reason", "誤った文面を送っている")];
    let stopped = head.submit(LIMITS, "/organisation/stop", &reason).await;
    assert_eq!(stopped.location(), "/organisation/limits?done=stopped");
    let page = head.get(LIMITS).await;
    page.shows("誤った文面を送っている");
    page.shows("手本 太郎");
    let mut asaka = host.asaka().await;
    asaka.get("/").await.shows("すべての送信が止められています");
    let list = host.good_list(2).await;
    host.send(&mut asaka, list).await;
    host.clock.advance(crate::host::HOLD + 1);
    let carrier = host.carrier().await;
    assert!(carrier.claim(10).await.is_empty());
    let released = head.submit(LIMITS, "/organisation/release", &[]).await;
    assert_eq!(released.location(), "/organisation/limits?done=released");
    assert_eq!(carrier.claim(10).await.len(), 2);
}

#[tokio::test]
async fn exactly_the_text_of_a_row_goes_to_the_own_phone() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let list = host.good_list(3).await;
    let preview = format!("/lists/{list}/preview?row=3");
    let test = format!("/lists/{list}/rows/3/test");
    asaka.get(&preview).await.shows("自分の携帯電話を登録する");
    let without = asaka.submit(&preview, &test, &[]).await;
    assert_eq!(without.location(), "/me/number?done=needed");
    with_own_number(&host, &mut asaka).await;
    asaka.get(&preview).await.shows("に試しに送る");
    let sent = asaka.submit(&preview, &test, &[]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let id = broadcast_of(&sent);
    assert_eq!(stage(&host, id).await.0, BroadcastStage::Test);
    let carrier = host.carrier().await;
    let out = carrier.claim(10).await;
    assert_eq!(out.len(), 1);
    assert_eq!(
        (out[0].text.as_str(), out[0].to.e164().as_str()),
        ("あなたのIDは 000101 です。", "+819012000009")
    );
    asaka
        .get(&format!("/broadcasts/{id}"))
        .await
        .shows("試し送りの配信です");
    asaka
        .get(&format!("/lists/{list}/confirm"))
        .await
        .shows("3人に送信する");
    let day = japan_midnight(START);
    let used = store::used(&host.db, ORG, host.office, day, false).await.unwrap();
    assert_eq!(used.day, 1, "a test is counted");
    let nobody = asaka
        .submit(&preview, &format!("/lists/{list}/rows/99/test"), &[])
        .await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    let mut other = host.browser("kawaguchi").await;
    with_own_number(&host, &mut other).await;
    let strange = other.submit("/me/number", &test, &[]).await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_template_is_tried_out_with_its_fields_left_open() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    with_own_number(&host, &mut asaka).await;
    let page = format!("/templates/{}", host.template);
    for _ in 0..2 {
        let sent = asaka.submit(&page, &format!("{page}/test"), &[]).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        let carrier = host.carrier().await;
        let out = carrier.claim(10).await;
        assert_eq!(out.len(), 1, "as often as one likes");
        assert_eq!(out[0].text, "あなたのIDは ○○ です。");
        let outcome = messaging::message::Outcome::Delivered;
        carrier.finish(out[0].part, outcome, "000").await;
    }
}

#[tokio::test]
async fn the_senders_of_office_and_carrier_are_shown_and_used() {
    let host = Host::new().await;
    let mut head = host.browser("honcho").await;
    let page = "/organisation/senders";
    let office = host.office.to_string();
    let wrong = [
        ("kind", "common_short_code"),
        ("number", "03-1234-5678"),
        ("carrier", "all"),
    ];
    head.submit(page, page, &wrong).await.shows("0005で始まる");
    for fields in [
        [
            ("kind", "common_short_code"),
            ("number", "00051111"),
            ("carrier", "all"),
            ("office", ""),
        ],
        [
            ("kind", "own"),
            ("number", "048-000-1234"),
            ("carrier", "all"),
            ("office", &office),
        ],
        [
            ("kind", "carrier_code"),
            ("number", "243056"),
            ("carrier", "softbank"),
            ("office", ""),
        ],
    ] {
        let saved = head.submit(page, page, &fields).await;
        assert_eq!(
            saved.location(),
            "/organisation/senders?done=saved",
            "{}",
            saved.body
        );
    }
    let mut asaka = host.asaka().await;
    let list = host.good_list(1).await;
    let confirm = asaka.get(&format!("/lists/{list}/confirm")).await;
    confirm.shows("0480001234");
    confirm.shows("243056");
    confirm.hides("0005123456");
    let id = host.send(&mut asaka, list).await;
    assert_eq!(stage(&host, id).await.2, "0480001234");
    let ended = head.submit(page, &format!("{page}/2/end"), &[]).await;
    assert_eq!(ended.location(), "/organisation/senders?done=ended");
    let next = host.list(&[("000777", "09012007777")]).await;
    let id = host.send(&mut asaka, next).await;
    assert_eq!(stage(&host, id).await.2, "00051111");
}

#[tokio::test]
async fn usage_is_priced_and_its_files_hold_no_number_and_no_formula() {
    let host = Host::new().await;
    let name = accounts::Name::parse("=HYPERLINK(1)").unwrap();
    host.accounts.add_office(ORG, name).await.unwrap();
    let mut head = host.browser("honcho").await;
    head.get("/usage").await.shows("この月に送ったものはありません");
    let mut asaka = host.asaka().await;
    let list = host.good_list(2).await;
    host.send(&mut asaka, list).await;
    host.clock.advance(crate::host::HOLD + 1);
    let carrier = host.carrier().await;
    let out = carrier.claim(10).await;
    let outcome = messaging::message::Outcome::Delivered;
    carrier.finish(out[0].part, outcome, "000").await;
    let undelivered = messaging::message::Outcome::Undelivered;
    carrier.finish(out[1].part, undelivered, "601").await;
    head.get("/usage").await.shows("料金が分からない通数があります");
    let tariffs = "/organisation/tariffs";
    let fields = [("account", ""), ("price", "3.3"), ("rule", "delivered")];
    let saved = head.submit(tariffs, tariffs, &fields).await;
    assert_eq!(
        saved.location(),
        "/organisation/tariffs?done=saved",
        "{}",
        saved.body
    );
    let page = head.get("/usage?month=2026-11").await;
    page.shows("朝霞保健所");
    page.shows("3.30円");
    page.hides("料金が分からない");
    let lines = head.get("/usage/lines.csv?month=2026-11").await;
    assert!(lines.body.starts_with('\u{feff}'));
    let rows: Vec<&str> = lines.body.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[1].ends_with(",着信済,1,3.30,3.30"), "{}", rows[1]);
    assert!(rows[2].ends_with(",0,3.30,0.00"), "{}", rows[2]);
    lines.hides("0901200");
    lines.hides("100100");
    let summary = head.get("/usage/summary.csv").await;
    assert!(
        summary
            .body
            .contains("朝霞保健所,ご案内,todoke@carrier:2775,2,2,2,1,1,3.30"),
        "{}",
        summary.body
    );
    for file in ["summary", "lines"] {
        let book = head.get(&format!("/usage/{file}.xlsx")).await;
        assert!(book.bytes.starts_with(b"PK"));
    }
    let mut kawaguchi = host.browser("kawaguchi").await;
    let own = kawaguchi.get("/usage?month=2026-11").await;
    own.hides("朝霞保健所");
    assert_eq!(
        kawaguchi
            .get("/usage/lines.csv?month=2026-11")
            .await
            .body
            .lines()
            .count(),
        1
    );
}
