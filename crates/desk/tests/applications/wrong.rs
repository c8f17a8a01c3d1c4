//! What goes wrong on the resident host is told in plain words, with the number to call.

use std::net::{IpAddr, Ipv4Addr};

use accounts::SourceAddress;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Router};
use db::{Sql, params};
use desk::pages::{apply_pages, resident_errors};

use crate::applying::{HELP, desk_of};
use crate::browser::{Browser, Seen};
use crate::house::{House, says};

async fn breaks() -> &'static str {
    panic!("a fault of ours")
}

/// The resident host with a page that breaks.
fn host(house: &House) -> Router {
    let desk = desk_of(house);
    let pages = apply_pages(desk.clone())
        .route("/breaks", get(breaks))
        .fallback(async || StatusCode::NOT_FOUND);
    let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    resident_errors(pages, desk).layer(Extension(source))
}

async fn ask(house: &House, method: &str, path: &str, language: &str) -> Seen {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("accept-language", language);
    let request = request.body(Body::from("x")).unwrap();
    Browser::of(host(house)).send(request).await
}

#[tokio::test]
async fn every_refusal_says_what_to_do_and_whom_to_call() {
    for house in House::each(says()).await {
        let consent = format!("/d/{}/consent", house.row.key);
        for (method, path, status, words) in [
            ("GET", "/nowhere", 404, "ページが見つかりません"),
            ("GET", "/d/nowhere", 404, "この窓口は見つかりません"),
            ("DELETE", "/accessibility", 404, "ページが見つかりません"),
            // A form that is none.
            ("POST", consent.as_str(), 415, "読み取れませんでした"),
            ("GET", "/breaks", 500, "不具合のため"),
        ] {
            let seen = ask(&house, method, path, "ja").await;
            assert_eq!(seen.status, status, "{method} {path}: {}", seen.body);
            seen.shows(words);
            seen.shows(HELP);
            seen.shows(r#"<html lang="ja">"#);
            // Nothing speaks of the staff's pages, or of what broke.
            for other in ["今日の配信", "システム担当", "a fault of ours"] {
                seen.hides(other);
            }
        }
        let mut browser = Browser::of(host(&house));
        let large = "あ".repeat(400_000);
        let seen = browser.post(&consent, &[("agree", &large)]).await;
        assert_eq!(seen.status, 413);
        seen.shows("大きすぎます");
        let foreign = browser.post_from_elsewhere(&consent, &[("agree", "yes")]).await;
        assert_eq!(foreign.status, 403);
        foreign.shows(HELP);
    }
}

#[tokio::test]
async fn a_fault_of_ours_has_a_number_of_its_own_each_time() {
    for house in House::each(says()).await {
        let number = async || {
            let seen = ask(&house, "GET", "/breaks", "ja").await;
            let words = "この番号をお伝えください: ";
            let rest = seen.body.split(words).nth(1).unwrap().to_owned();
            rest.split('<').next().unwrap().to_owned()
        };
        let (one, other) = (number().await, number().await);
        assert_eq!((one.len(), other.len()), (8, 8));
        assert_ne!(one, other);
    }
}

#[tokio::test]
async fn it_is_said_in_the_language_of_the_reader() {
    for house in House::each(says()).await {
        for (path, browser, words) in [
            ("/nowhere", "en-US,en;q=0.9,ja;q=0.8", "This page was not found"),
            ("/nowhere", "de-DE, en;q=0.5", "This page was not found"),
            ("/nowhere?lang=ja-easy", "en", "ページが ありません"),
            ("/nowhere", "", "ページが見つかりません"),
        ] {
            ask(&house, "GET", path, browser).await.shows(words);
        }
    }
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_as_that() {
    for house in House::each(says()).await {
        let gone = house.db.write(|tx| {
            Box::pin(async move {
                tx.execute(Sql("ALTER TABLE desks RENAME TO desks_gone"), params![])
                    .await
            })
        });
        gone.await.unwrap();
        let seen = ask(&house, "GET", &format!("/d/{}", house.row.key), "ja").await;
        assert_eq!(seen.status, 503);
        assert_eq!(seen.header("retry-after"), "60");
        seen.shows("ただいま開けません");
        seen.shows(HELP);
    }
}
