//! A long list as a person meets it in the browser: at once on its page, told how far it is, stopped, refused.

use std::fmt::Write as _;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use base::id::{ListId, OfficeId};
use lists::store::import::{ImportState, Importing, NewImport, SILENCE, import_of};

use crate::host::{Browser, Host, ORG, Seen};

/// Long enough to be read in the background; row 5 has no number.
fn long_list() -> String {
    let mut text = "ID,電話番号,住所\n".to_owned();
    let street = "みどり県朝霞市本町一丁目".repeat(3);
    for n in 0..2_200 {
        let phone = if n == 3 {
            String::new()
        } else {
            format!("0901{n:07}")
        };
        writeln!(text, "{n:06},{phone},{street}").unwrap();
    }
    text
}

async fn upload(browser: &mut Browser, template: &str, file: &[u8]) -> Seen {
    let token = browser.get("/lists/new").await.hidden("csrf");
    let mut body = Vec::new();
    for (name, value) in [("csrf", token.as_str()), ("template", template)] {
        let part = format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    let head = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"県全体.csv\"\r\n\
        Content-Type: text/csv\r\n\r\n";
    body.extend([head.as_bytes(), file, b"\r\n--X--\r\n"].concat());
    let request = Request::post("/lists")
        .header("sec-fetch-site", "same-origin")
        .header("sec-fetch-mode", "navigate")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X");
    browser.send(request.body(Body::from(body)).unwrap()).await
}

async fn begin(host: &Host) -> Importing {
    let new = NewImport {
        office: host.office,
        file_name: "県全体.csv".to_owned(),
        bytes: 1_000_000,
        by: host.staff,
    };
    Importing::begin(&host.db, ORG, new).await.unwrap()
}

/// Waits for the end of an import.
async fn end_of(host: &Host, id: ListId) {
    let ended = async {
        loop {
            let import = import_of(&host.db, ORG, id).await.unwrap();
            if import.is_none_or(|import| import.state != ImportState::Running) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), ended).await.unwrap();
}

fn id_in(location: &str) -> ListId {
    location.strip_prefix("/lists/").unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_answers_at_once_and_becomes_a_list_like_any_other() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let template = format!("{}.1", host.template);
    let sent = upload(&mut browser, &template, long_list().as_bytes()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let list = sent.location().to_owned();
    let before = browser.get(&list).await;
    assert_eq!(before.status, StatusCode::OK);
    end_of(&host, id_in(&list)).await;
    let page = browser.get(&list).await;
    assert_eq!(page.status, StatusCode::OK);
    page.shows("県全体.csv");
    page.shows("2,199");
    page.shows("電話番号がありません");
    let live = browser.get(&format!("{list}/import/live?seen=running")).await;
    live.shows(r#""finished":true"#);
    let again = browser.submit(&list, &format!("{list}/import/stop"), &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    browser.get(&list).await.shows("2,199");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_import_shows_how_far_it_is_and_can_be_stopped() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let importing = begin(&host).await;
    let list = format!("/lists/{}", importing.id());
    let problem = lists::store::import::FoundProblem {
        line: 5,
        column: Some("電話番号".to_owned()),
        message: "電話番号がありません。".to_owned(),
    };
    importing.tell(&[problem]).await.unwrap();
    let page = browser.get(&list).await;
    page.shows("リストを取り込んでいます");
    page.shows("終わるまで、誰にも送られません");
    page.shows(r#"<meta http-equiv="refresh""#);
    page.shows("5行目");
    page.shows("電話番号がありません。");
    for step in ["preview", "confirm"] {
        let seen = browser.get(&format!("{list}/{step}")).await;
        assert_eq!(
            seen.status,
            StatusCode::NOT_FOUND,
            "half a list is not sent: {step}"
        );
    }
    let sent = browser
        .submit(&list, &format!("{list}/send"), &[("seal", "x")])
        .await;
    assert_eq!(sent.status, StatusCode::NOT_FOUND);
    let stopped = browser.submit(&list, &format!("{list}/import/stop"), &[]).await;
    assert_eq!(stopped.location(), list);
    browser.get(&list).await.shows("取り込みをやめました");
    assert!(importing.tell(&[]).await.is_err(), "the job hears it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_died_is_told_and_taken_off_the_desk() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let list = format!("/lists/{}", begin(&host).await.id());
    host.clock.advance(SILENCE + 1);
    let page = browser.get(&list).await;
    page.shows("取り込みが途中で止まりました。ファイルをもう一度選んでください");
    page.hides(r#"http-equiv="refresh""#);
    let gone = browser.submit(&list, &format!("{list}/import/stop"), &[]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    browser.get(&list).await.shows("取り込みをやめました");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_that_is_no_list_is_explained() {
    let host = Host::new().await;
    let mut browser = host.asaka().await;
    let template = format!("{}.1", host.template);
    let sent = upload(&mut browser, &template, &b"%PDF-1.7 ".repeat(30_000)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    end_of(&host, id_in(sent.location())).await;
    let page = browser.get(sent.location()).await;
    page.shows("リストを読めませんでした");
    page.shows("誰にも送っていません");
    assert_eq!(host.broadcasts().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_office_does_not_find_it() {
    let host = Host::new().await;
    let importing = begin(&host).await;
    let list = format!("/lists/{}", importing.id());
    let mut other = host.browser("kawaguchi").await;
    for path in ["", "/import/live"] {
        let seen = other.get(&format!("{list}{path}")).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
    }
    let stop = other
        .submit("/lists/new", &format!("{list}/import/stop"), &[])
        .await;
    assert_eq!(stop.status, StatusCode::NOT_FOUND);
    let mut head_office = host.browser("honcho").await;
    head_office.get(&list).await.shows("リストを取り込んでいます");
    assert_ne!(host.office, OfficeId::HEADQUARTERS);
    assert_eq!(
        import_of(&host.db, ORG, importing.id())
            .await
            .unwrap()
            .unwrap()
            .state,
        ImportState::Running
    );
}
