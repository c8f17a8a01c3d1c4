//! ASVS 7.2 to 7.4: sessions end by themselves and when told to, on the server.

use accounts::{Accounts, SignedIn};
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use base::clock::{MINUTE, SECOND};
use db::{Sql, params};

use crate::browser::{LOGIN, PASSWORD, login, on_each, password};

#[tokio::test]
async fn asvs_7_3_1_a_session_ends_after_thirty_minutes_without_a_request() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        for _ in 0..4 {
            host.clock.advance(29 * MINUTE);
            assert!(browser.is_signed_in().await);
        }
        host.clock.advance(30 * MINUTE);
        let seen = browser.get("/").await;
        assert_eq!(seen.location(), "/sign-in?next=/&done=ended");
        assert!(!browser.is_signed_in().await, "coming back does not revive it");
    })
    .await;
}

#[tokio::test]
async fn asvs_7_3_2_a_session_ends_after_ten_hours_however_busy() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        for _ in 0..(10 * 60 / 20 - 1) {
            host.clock.advance(20 * MINUTE);
            assert!(browser.is_signed_in().await);
        }
        host.clock.advance(20 * MINUTE - SECOND);
        assert!(browser.is_signed_in().await);
        host.clock.advance(SECOND);
        assert!(!browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn use_is_noted_once_a_minute_at_most() {
    const SEEN_AT: Sql = Sql("SELECT seen_at FROM login_sessions");
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let start = host.clock.now();
        let mut noted = Vec::new();
        for _ in 0..5 {
            host.clock.advance(25 * SECOND);
            browser.get("/").await;
            let row = host.db.query_opt(SEEN_AT, params![]).await.unwrap().unwrap();
            noted.push((row.get::<i64>(0).unwrap() - start) / SECOND);
        }
        assert_eq!(noted, [0, 0, 75, 75, 75]);
    })
    .await;
}

#[tokio::test]
async fn the_fourth_session_ends_the_oldest() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browsers = Vec::new();
        for _ in 0..4 {
            browsers.push(host.signed_in().await);
            host.clock.advance(SECOND);
        }
        let mut alive = Vec::new();
        for browser in &mut browsers {
            alive.push(browser.is_signed_in().await);
        }
        assert_eq!(alive, [false, true, true, true]);
    })
    .await;
}

#[tokio::test]
async fn asvs_7_2_4_signing_in_again_replaces_the_session_of_this_browser() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.browser("192.0.2.1");
        // Planted by somebody else before signing in.
        browser.jar.insert("todoke".to_owned(), "A".repeat(43));
        let token = browser.token("/sign-in").await;
        browser.sign_in(LOGIN, PASSWORD).await;
        let first = browser.jar["todoke"].clone();
        assert_ne!(first, "A".repeat(43));
        let fields = [("csrf", token.as_str()), ("login", LOGIN), ("password", PASSWORD)];
        browser.post("/sign-in", &fields).await;
        assert_ne!(browser.jar["todoke"], first);
        assert!(browser.is_signed_in().await);
        browser.jar.insert("todoke".to_owned(), first);
        assert!(!browser.is_signed_in().await, "the old id is dead");
    })
    .await;
}

#[tokio::test]
async fn asvs_7_4_1_signing_out_kills_the_session_on_the_server() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let mut other = host.signed_in().await;
        let kept = browser.jar.clone();
        let out = browser.submit("/", "/sign-out", &[]).await;
        assert_eq!(
            (out.status, out.location()),
            (StatusCode::SEE_OTHER, "/sign-in?done=signed-out")
        );
        assert_eq!(out.headers["clear-site-data"], r#""cache", "cookies", "storage""#);
        assert!(!browser.jar.contains_key("todoke"));
        assert!(
            browser
                .get(out.location())
                .await
                .body
                .contains("ログアウトしました")
        );
        browser.jar = kept;
        assert!(
            !browser.is_signed_in().await,
            "the cookie that was kept opens nothing"
        );
        assert!(other.is_signed_in().await, "the person's other session lives on");
    })
    .await;
}

#[tokio::test]
async fn asvs_7_4_2_a_new_password_and_a_disabled_account_end_every_session_at_once() {
    const DISABLE: Sql = Sql("UPDATE staff SET disabled_at = 1 WHERE login = $1");
    on_each(async |host| {
        host.add_tanaka().await;
        let (mut one, mut two) = (host.signed_in().await, host.signed_in().await);
        let (name, new) = (login(LOGIN), "赤い靴と二羽の鳩とうどん屋");
        host.accounts
            .set_password(&name, password(new, &name))
            .await
            .unwrap();
        assert!(!one.is_signed_in().await && !two.is_signed_in().await);
        let old = one.sign_in(LOGIN, PASSWORD).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);

        assert_eq!(two.sign_in(LOGIN, new).await.status, StatusCode::SEE_OTHER);
        host.db
            .write(|tx| Box::pin(tx.execute(DISABLE, params![LOGIN])))
            .await
            .unwrap();
        assert!(!two.is_signed_in().await);
        assert_eq!(
            two.sign_in(LOGIN, new).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_7_2_2_the_database_holds_nothing_that_opens_a_session() {
    const KEYS: Sql = Sql("SELECT token_hash || csrf_secret FROM login_sessions");
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let secret = browser.jar["todoke"].clone();
        let row = host.db.query_opt(KEYS, params![]).await.unwrap().unwrap();
        let stored: String = row.get(0).unwrap();
        assert!(!stored.contains(&secret));
        browser.jar.insert("todoke".to_owned(), stored[..43].to_owned());
        assert!(!browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_session_made_on_one_node_lives_and_dies_on_all() {
    on_each(async |mut host| {
        host.add_tanaka().await;
        let mut here = host.signed_in().await;
        host.accounts = Accounts::new(host.db.clone(), false);
        let mut browser = host.browser("192.0.2.1");
        browser.jar = here.jar.clone();
        assert!(browser.is_signed_in().await);
        here.submit("/", "/sign-out", &[]).await;
        assert!(!browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn without_the_layer_everybody_is_a_stranger() {
    let (mut parts, ()) = axum::http::Request::new(()).into_parts();
    assert!(SignedIn::from_request_parts(&mut parts, &()).await.is_err());
}
