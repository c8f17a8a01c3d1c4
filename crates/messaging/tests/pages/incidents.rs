//! A report of a wrong person, from the telephone and from the page for residents, to the end of its incident.

use accounts::{Login, Name, Password, Role, SourceAddress};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::{Extension, Router};
use base::clock::SECOND;
use base::id::{BroadcastId, IncidentId, MessageId, OfficeId};
use messaging::incident::{IncidentState, MessageCode};
use messaging::pages::{ResidentDesk, resident_pages};
use messaging::store;
use tower::ServiceExt;

use crate::host::{Browser, HOLD, Host, ORG, Seen};

/// A broadcast of the office's of which three people wait and two are handed over.
async fn under_way(host: &Host, browser: &mut Browser) -> BroadcastId {
    let list = host.good_list(5).await;
    let id = host.send(browser, list).await;
    host.clock.advance(HOLD + SECOND);
    assert_eq!(host.carrier().await.claim(2).await.len(), 2);
    id
}

async fn first_message(host: &Host, id: BroadcastId) -> MessageId {
    let broadcast = store::broadcast(&host.db, ORG, id).await.unwrap().unwrap();
    broadcast.messages.0
}

/// The host for residents, asked from one address.
fn residents(host: &Host) -> Router {
    let desk = ResidentDesk {
        db: host.db.clone(),
        accounts: host.accounts.clone(),
        help: "みどり県 000-000-0000".to_owned(),
    };
    resident_pages(desk).layer(Extension(SourceAddress([198, 51, 100, 7].into())))
}

async fn ask(app: &Router, method: &str, path: &str, body: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body.to_owned()))
        .unwrap();
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn only_incident(host: &Host) -> IncidentId {
    let all = store::newest_incidents(&host.db, ORG, None, 10).await.unwrap();
    assert_eq!(all.len(), 1);
    all[0].id
}

fn incident_of(seen: &Seen) -> String {
    seen.location().split('?').next().unwrap().to_owned()
}

/// The page where the report is made, as somebody at the telephone finds it.
async fn found_by_number_and_by_code(host: &Host, asaka: &mut Browser, message: MessageId) -> String {
    // By the number that the caller has, or by the code that stands on the message's page.
    let found = asaka
        .submit(
            "/incidents/report",
            "/incidents/report",
            &[("typed", "090-1200-0000")],
        )
        .await;
    found.shows("見つかったメッセージ: 1件");
    found.shows("090-****-0000");
    found.hides("090-1200-0000");
    let code = MessageCode::of(&host.db, message).to_string();
    asaka.get(&format!("/messages/{message}")).await.shows(&code);
    let by_code = asaka
        .submit("/incidents/report", "/incidents/report", &[("typed", &code)])
        .await;
    let page = format!("/messages/{message}/report");
    assert_eq!(by_code.location(), page);
    let nothing = asaka
        .submit(
            "/incidents/report",
            "/incidents/report",
            &[("typed", "4KX-7Q2M-9T3A")],
        )
        .await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    page
}

#[tokio::test]
async fn a_call_is_taken_the_broadcast_stops_and_the_incident_decides() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let id = under_way(&host, &mut asaka).await;
    let message = first_message(&host, id).await;

    let page = found_by_number_and_by_code(&host, &mut asaka, message).await;

    // Looking stops nothing.
    asaka.get(&page).await.shows("報告すると、すぐに配信が止まります");
    assert_eq!(
        store::newest_incidents(&host.db, ORG, None, 10).await.unwrap(),
        []
    );
    let reported = asaka.submit(&page, &page, &[("note", "知らない名前")]).await;
    let shown = asaka.get(reported.location()).await;
    shown.shows("報告を受け付け、1件の配信を止めました");
    shown.shows("知らない名前");
    shown.shows("ID");
    shown.shows("2行目（報告）");
    shown.shows("3行目");
    shown.shows("元の名簿と比べていません");
    shown.shows("いま調べ直したところ、行の食い違いは見つかりません");
    shown.shows("11月24日(火)から11月26日(木)まで");
    shown.shows("12月21日(月)まで");
    shown.shows("2 漏えい等が発生し");
    shown.hides("090-1200-0000");
    let incident = incident_of(&reported);

    // The broadcast waits for the decision, and so does the list.
    let broadcast = format!("/broadcasts/{id}");
    let stopped = asaka.get(&broadcast).await;
    stopped.shows("別の人の情報が届いたという報告があります");
    stopped.hides(&format!("{broadcast}/resume"));
    // No button is there to press.
    let refused = asaka
        .submit("/incidents/report", &format!("{broadcast}/resume"), &[])
        .await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let list = store::broadcast(&host.db, ORG, id)
        .await
        .unwrap()
        .unwrap()
        .list
        .unwrap();
    asaka
        .get(&format!("/lists/{list}"))
        .await
        .shows("このリストから別の人の情報が届いたという報告があるため、いまは送れません");

    let decision = format!("{incident}/broadcasts/{id}");
    let without = asaka
        .submit(&incident, &decision, &[("decision", "released")])
        .await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let state = format!("{incident}/state");
    asaka.submit(&incident, &state, &[("event", "contained")]).await;
    let early = asaka.submit(&incident, &state, &[("event", "closed")]).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    early.shows("止めたままの配信が1件あるため、まだ終えられません");
    let fields = [("decision", "released"), ("reason", "番号だけが古かった")];
    let decided = asaka.submit(&incident, &decision, &fields).await;
    asaka
        .get(decided.location())
        .await
        .shows("再開してよいと決めました");
    let resumed = asaka
        .submit(&broadcast, &format!("{broadcast}/resume"), &[])
        .await;
    assert!(
        resumed.location().ends_with("done=resumed"),
        "{}",
        resumed.location()
    );
    assert_eq!(host.carrier().await.claim(10).await.len(), 3);
    asaka
        .submit(
            &incident,
            &format!("{incident}/notes"),
            &[("text", "本人に電話でおわびした")],
        )
        .await;
    let closed = asaka.submit(&incident, &state, &[("event", "closed")]).await;
    let shown = asaka.get(closed.location()).await;
    shown.shows("対応を終えました");
    shown.shows("本人に電話でおわびした");
    shown.shows("番号だけが古かった");
    let people = asaka.get(&format!("{incident}/people/{id}")).await;
    people.shows("090-****-0000");
    people.hides("0901200");
}

#[tokio::test]
async fn a_recipients_report_gets_the_same_answer_whatever_the_code_and_stops_the_broadcast() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let id = under_way(&host, &mut asaka).await;
    let message = first_message(&host, id).await;
    let app = residents(&host);

    let (status, form) = ask(&app, "GET", "/wrong", "").await;
    assert_eq!(status, StatusCode::OK);
    assert!(form.contains("別の人の情報が届いたと知らせる"));
    let (status, wrong) = ask(&app, "POST", "/wrong", "code=4KX-7Q2M-9T3A").await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        store::newest_incidents(&host.db, ORG, None, 10).await.unwrap(),
        []
    );
    let (status, empty) = ask(&app, "POST", "/wrong", "code=+").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.contains("コードを入力してください"));
    let (status, _) = ask(&app, "GET", "/l/abcdefghijkm/wrong", "").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED, "looking reports nothing");

    let code = MessageCode::of(&host.db, message).to_string().to_lowercase();
    let (status, right) = ask(&app, "POST", "/wrong", &format!("code={code}")).await;
    assert_eq!((status, &right), (StatusCode::OK, &wrong), "the same answer");
    let incident = only_incident(&host).await;
    assert_eq!(
        host.carrier().await.claim(10).await.len(),
        0,
        "nothing more leaves"
    );
    let shown = asaka.get(&format!("/incidents/{incident}")).await;
    shown.shows("届いた人からの報告");
    asaka
        .get(&format!("/broadcasts/{id}"))
        .await
        .shows("別の人の情報が届いたという報告があります");

    // Guessing is counted by source; reports go on being possible for everybody else.
    let mut closed = StatusCode::OK;
    for _ in 0..20 {
        closed = ask(&app, "POST", "/wrong", "code=0-0000-0000").await.0;
    }
    assert_eq!(closed, StatusCode::TOO_MANY_REQUESTS);
    let (status, _) = ask(&app, "POST", "/wrong", &format!("code={code}")).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn another_offices_incident_is_not_there_and_the_head_office_sees_all() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let id = under_way(&host, &mut asaka).await;
    let message = first_message(&host, id).await;
    let page = format!("/messages/{message}/report");
    asaka.submit(&page, &page, &[]).await;
    let incident = only_incident(&host).await;
    let mut kawaguchi = host.browser("kawaguchi").await;
    let token = kawaguchi.get("/incidents/report").await.hidden("csrf");
    for path in [
        format!("/incidents/{incident}"),
        format!("/incidents/{incident}/people/{id}"),
        page.clone(),
    ] {
        assert_eq!(kawaguchi.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for (path, field) in [
        (format!("/incidents/{incident}/notes"), ("text", "x")),
        (format!("/incidents/{incident}/state"), ("event", "contained")),
        (
            format!("/incidents/{incident}/broadcasts/{id}"),
            ("decision", "released"),
        ),
        (page, ("note", "x")),
    ] {
        let seen = kawaguchi.post(&path, &[("csrf", token.as_str()), field]).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
    }
    kawaguchi
        .get("/incidents")
        .await
        .shows("インシデントはありません");
    let by_number = kawaguchi
        .submit(
            "/incidents/report",
            "/incidents/report",
            &[("typed", "09012000000")],
        )
        .await;
    by_number.shows("見つかったメッセージ: 0件");
    let named =
        [("broadcast", &*id.to_string()), ("what", "x")].map(|(name, value)| (name, value.to_owned()));
    let named: Vec<(&str, &str)> = named
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let by_hand = kawaguchi.submit("/incidents/new", "/incidents", &named).await;
    assert_eq!(by_hand.status, StatusCode::UNPROCESSABLE_ENTITY);
    by_hand.shows("という番号の配信はありません");

    let mut head = host.browser("honcho").await;
    head.get("/incidents").await.shows("朝霞保健所");
    let now = store::incident(&host.db, ORG, incident).await.unwrap().unwrap();
    assert_eq!((now.state, now.office), (IncidentState::Open, host.office));
}

#[tokio::test]
async fn an_incident_is_opened_by_hand_for_a_stretch_of_time() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let id = under_way(&host, &mut asaka).await;
    let mut head = host.browser("honcho").await;
    let missing = head.submit("/incidents/new", "/incidents", &[]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    missing.shows("何が起きたかを入力してください");
    missing.shows("どの配信のことかを");
    let fields = [
        ("from", "2026-11-22 14:00"),
        ("to", "2026-11-22 14:05"),
        ("what", "列がずれていた"),
    ];
    let opened = head.submit("/incidents/new", "/incidents", &fields).await;
    let page = head.get(opened.location()).await;
    page.shows("インシデントを開きました");
    page.shows(&format!("配信 {id}: 朝霞.csv"));
    page.shows("列がずれていた");
    assert_eq!(host.carrier().await.claim(10).await.len(), 0);
    asaka.get(&incident_of(&opened)).await.shows("職員が気づいた");
}

#[tokio::test]
async fn whoever_telephones_reports_without_seeing_incidents() {
    let host = Host::new().await;
    let mut asaka = host.asaka().await;
    let id = under_way(&host, &mut asaka).await;
    let message = first_message(&host, id).await;
    let login = Login::parse("denwa").unwrap();
    let password = Password::parse("青い傘と三匹の猫とラーメン", &login).unwrap();
    let name = Name::parse("電話 係").unwrap();
    host.accounts
        .add_account(ORG, host.office, login, name, Role::Caller, password)
        .await
        .unwrap();
    let mut caller = host.browser("denwa").await;
    let page = format!("/messages/{message}/report");
    let reported = caller.submit(&page, &page, &[]).await;
    let thanks = caller.get(reported.location()).await;
    thanks.shows("報告を受け付け、配信を止めました");
    assert!(reported.location().starts_with("/incidents/report?"));
    assert_eq!(host.office, OfficeId::new(2));
}
