//! The home page by role: what an office, the head office, an administrator and a caller find there.

use accounts::{Login, Name, Password, Role, Roles};
use axum::http::StatusCode;
use base::clock::{HOUR, MINUTE, SECOND, japan_midnight};
use base::id::OfficeId;
use messaging::allowance::LimitKind;
use messaging::message::Outcome;
use messaging::store::{self, NewLimit};

use crate::host::{Browser, HOLD, Host, ORG, START};

/// Somebody else, signed in.
pub(crate) async fn somebody(host: &Host, login: &str, office: OfficeId, roles: impl Into<Roles>) -> Browser {
    let name = Name::parse("見本 桜子").unwrap();
    let typed = Login::parse(login).unwrap();
    let password = Password::parse("青い傘と三匹の猫とラーメン", &typed).unwrap();
    host.accounts
        .add_account(ORG, office, typed, name, roles, password)
        .await
        .unwrap();
    host.browser(login).await
}

/// The cells of the row that begins with `name`, without markup.
fn cells(body: &str, name: &str) -> Vec<String> {
    let mut rows = body.split("<tr>").filter(|row| row.contains("#list\">"));
    let row = rows.find(|row| row.contains(name)).unwrap();
    let row = row.split("</tr>").next().unwrap();
    let cells = row.split("<t").skip(1).map(|cell| {
        let text = cell.split_once('>').unwrap().1;
        let mut plain = String::new();
        let mut inside = false;
        for letter in text.chars() {
            match letter {
                '<' => inside = true,
                '>' => inside = false,
                other if !inside => plain.push(other),
                _ => {}
            }
        }
        plain.trim().to_owned()
    });
    cells.filter(|cell| !cell.is_empty()).collect()
}

#[tokio::test]
async fn the_head_office_sees_how_far_each_office_is() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let list = host.good_list(4).await;
    host.send(&mut asaka, list).await;
    host.clock.advance(HOLD + SECOND);
    let carrier = host.carrier().await;
    let out = carrier.claim(3).await;
    carrier.finish(out[0].part, Outcome::Undelivered, "059").await;
    host.list(&[("000001", "09012009999")]).await;

    let mut head = host.browser("honcho").await;
    let page = head.get("/").await;
    page.shows("11月22日(日)の部署ごとの状況");
    assert_eq!(
        cells(&page.body, "朝霞保健所"),
        ["朝霞保健所", "2", "2", "3", "1", "14:05"]
    );
    assert_eq!(
        cells(&page.body, "川口保健所"),
        ["川口保健所", "0", "0", "0", "0", "まだありません"]
    );
    let yesterday = head.get("/?day=2026-11-21").await;
    assert_eq!(cells(&yesterday.body, "朝霞保健所")[1..5], ["0", "0", "0", "0"]);

    let office = asaka.get("/").await;
    office.hides("部署ごとの状況");
    office.hides("システムの状態");
    office.shows("検査する");
    office.shows("電話する人");
}

#[tokio::test]
async fn an_administrator_sees_the_queue_the_carriers_the_key_and_failed_sign_ins() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let (one, other) = (
        host.good_list(3).await,
        host.list(&[("000001", "09012009999")]).await,
    );
    host.send(&mut asaka, one).await;
    let stopped = host.send(&mut asaka, other).await;
    let broadcast = format!("/broadcasts/{stopped}");
    host.clock.advance(HOLD + SECOND);
    asaka.submit(&broadcast, &format!("{broadcast}/stop"), &[]).await;
    let mut admin = somebody(&host, "kanri", OfficeId::HEADQUARTERS, Role::Administrator).await;
    let page = admin.get("/").await;
    page.shows("システムの状態");
    page.shows("3通（ほかに、止めている配信が1通）");
    page.shows("動いていません。サーバーの記録を確かめてください");
    page.shows("使い始めて0日");
    page.hides("検査する</button>");

    let carrier = host.carrier().await;
    let out = carrier.claim(1).await;
    carrier.finish(out[0].part, Outcome::Delivered, "000").await;
    let wrong = [("login", "asaka"), ("password", "ちがうちがうちがうちがう")];
    host.browser("")
        .await
        .submit("/sign-in", "/sign-in", &wrong)
        .await;
    let mut admin = host.browser("kanri").await;
    let page = admin.get("/").await;
    page.shows("<dd>動いています</dd>");
    page.shows("todoke@carrier:2775");
    page.shows("最近の配信の結果を");
    page.shows("件のログインID・接続元");
}

#[tokio::test]
async fn a_caller_finds_whom_to_telephone_and_no_lists() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let list = host.good_list(4).await;
    host.send(&mut asaka, list).await;
    let fields = [
        ("person", "見本 一郎"),
        ("number", "048-000-0000"),
        ("reason", "other"),
    ];
    asaka.submit("/calls", "/calls", &fields).await;
    let mut caller = somebody(&host, "denwa", host.office, Role::Caller).await;
    let page = caller.get("/").await;
    page.shows("<h1>ホーム</h1>");
    page.shows("電話する人");
    for hidden in [
        "朝霞.csv",
        "リストをここに置く",
        "部署ごとの状況",
        "システムの状態",
    ] {
        page.hides(hidden);
    }
    let mut doctor = somebody(&host, "ishi", host.office, Role::Doctor).await;
    doctor.get("/").await.shows("ここで使えるものはまだありません");
}

#[tokio::test]
async fn alarms_tell_of_many_who_did_not_get_it_and_of_what_waits() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let list = host.good_list(60).await;
    host.send(&mut asaka, list).await;
    asaka.get("/").await.hides("確かめてほしいこと");
    host.clock.advance(HOLD + 6 * MINUTE);
    asaka.get("/").await.shows("送信するプログラムが動いていません。");

    let carrier = host.carrier().await;
    let out = carrier.claim(3).await;
    carrier.finish(out[0].part, Outcome::Undelivered, "059").await;
    asaka.get("/").await.hides("確かめてほしいこと");
    carrier.finish(out[1].part, Outcome::Undelivered, "059").await;
    let page = asaka.get("/").await;
    page.shows("確かめてほしいこと: 1件");
    page.shows("60人のうち2人に届いていません");
    host.clock.advance(2 * HOUR);
    let mut asaka = host.asaka().await;
    let page = asaka.get("/").await;
    page.shows("送れずに待っている配信があります。");

    // Another office is told nothing of it, the head office is.
    host.browser("kawaguchi")
        .await
        .get("/")
        .await
        .hides("確かめてほしいこと");
    host.browser("honcho")
        .await
        .get("/")
        .await
        .shows("60人のうち2人に届いていません");
}

#[tokio::test]
async fn four_fifths_of_a_budget_are_told_to_the_head_office_and_of_an_office_to_itself() {
    let host = Host::new().await;
    let limit = |office, kind| NewLimit {
        office,
        kind,
        amount: Some(5),
        from_day: japan_midnight(START),
    };
    let limits = vec![
        limit(None, LimitKind::MonthParts),
        limit(Some(host.office), LimitKind::DayParts),
    ];
    store::set_limits(&host.db, ORG, limits, None).await.unwrap();
    let mut asaka = host.asaka().await;
    asaka.get("/").await.hides("％（");
    let list = host.good_list(4).await;
    host.send(&mut asaka, list).await;
    let page = asaka.get("/").await;
    page.shows("部署の1日の上限 5通の80％（4通）を使いました。");
    page.hides("今月の予算");
    // Seen by somebody of the office, it is gone for the day, and its return is another day's.
    page.shows("/alarms/office-limit/seen");
    let seen = asaka.submit("/", "/alarms/office-limit/seen", &[]).await;
    assert_eq!(seen.location(), "/");
    asaka.get("/").await.hides("部署の1日の上限");
    let mut other = host.browser("honcho").await;
    let nothing = other.submit("/", "/alarms/office-limit/seen", &[]).await;
    assert_eq!(
        nothing.status,
        StatusCode::NOT_FOUND,
        "the head office has no limit"
    );
    let mut head = host.browser("honcho").await;
    let page = head.get("/").await;
    page.shows("今月の予算（通数） 5通の80％（4通）を使いました。");
    page.hides("確かめた<span");
    page.hides("部署の1日の上限");
    let mut admin = somebody(&host, "kanri", OfficeId::HEADQUARTERS, Role::Administrator).await;
    let page = admin.get("/").await;
    page.shows("予算の残りが少なくなっています");
}
