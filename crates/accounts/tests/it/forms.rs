//! ASVS 3.3, 3.5: cookies' attributes, and forms that only our own pages can send.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};

use crate::browser::{LOGIN, PASSWORD, on_each, on_each_at};

#[tokio::test]
async fn asvs_3_3_1_cookies_of_an_https_address_have_every_protection() {
    on_each_at(true, async |host| {
        host.add_tanaka().await;
        let mut browser = host.browser("192.0.2.1");
        let form = browser.get("/sign-in").await;
        let opened = browser.sign_in(LOGIN, PASSWORD).await;
        for (seen, name) in [(&form, "__Host-todoke-form="), (&opened, "__Host-todoke=")] {
            let [cookie] = seen.cookies()[..] else {
                panic!("one cookie: {:?}", seen.cookies())
            };
            let (value, attributes) = cookie.split_once("; ").unwrap();
            assert_eq!(value.strip_prefix(name).map(str::len), Some(43), "{cookie}");
            assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict; Secure");
        }
        let out = browser.submit("/", "/sign-out", &[]).await;
        assert_eq!(
            out.cookies(),
            ["__Host-todoke=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"]
        );
    })
    .await;
}

#[tokio::test]
async fn on_loopback_the_cookie_is_plain() {
    on_each(async |host| {
        host.add_tanaka().await;
        let opened = host.browser("192.0.2.1").sign_in(LOGIN, PASSWORD).await;
        let [cookie] = opened.cookies()[..] else {
            panic!("one cookie: {:?}", opened.cookies())
        };
        assert!(
            cookie.starts_with("todoke=") && !cookie.contains("Secure"),
            "{cookie}"
        );
        assert!(
            cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"),
            "{cookie}"
        );
    })
    .await;
}

#[tokio::test]
async fn a_form_without_its_token_changes_nothing() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut stranger = host.browser("192.0.2.2");
        let fields = [("login", LOGIN), ("password", PASSWORD)];
        assert_eq!(
            stranger.post("/sign-in", &fields).await.status,
            StatusCode::FORBIDDEN,
            "no cookie"
        );
        stranger.get("/sign-in").await;
        assert_eq!(
            stranger.post("/sign-in", &fields).await.status,
            StatusCode::FORBIDDEN,
            "no token"
        );
        let others = host.browser("192.0.2.3").token("/sign-in").await;
        let with_others = [("csrf", others.as_str()), fields[0], fields[1]];
        assert_eq!(
            stranger.post("/sign-in", &with_others).await.status,
            StatusCode::FORBIDDEN
        );

        let mut browser = host.signed_in().await;
        for action in ["/sign-out", "/lists/3"] {
            assert_eq!(
                browser.post(action, &[]).await.status,
                StatusCode::FORBIDDEN,
                "{action}"
            );
        }
        assert!(browser.is_signed_in().await);
        let done = browser.submit("/", "/lists/3", &[("a", "b")]).await;
        assert_eq!(done.body, r#"changed [("a", "b")]"#);
    })
    .await;
}

#[tokio::test]
async fn asvs_3_5_1_a_form_from_elsewhere_is_refused_even_with_its_token() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let token = browser.token("/").await;
        for (name, value) in [
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ] {
            let request = Request::post("/sign-out")
                .header(name, value)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(format!("csrf={token}")))
                .unwrap();
            assert_eq!(browser.send(request).await.status, StatusCode::FORBIDDEN);
        }
        assert!(browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_form_opened_before_signing_in_elsewhere_still_works() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.browser("192.0.2.1");
        let other_tab = browser.token("/sign-in").await;
        browser.sign_in(LOGIN, PASSWORD).await;
        let fields = [
            ("csrf", other_tab.as_str()),
            ("login", LOGIN),
            ("password", PASSWORD),
        ];
        assert_eq!(
            browser.post("/sign-in", &fields).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test]
async fn scripts_get_401_instead_of_a_page() {
    on_each(async |host| {
        let mut browser = host.browser("192.0.2.1");
        for (name, value) in [("accept", "text/event-stream"), ("sec-fetch-mode", "cors")] {
            let request = Request::get("/lists/3")
                .header(name, value)
                .body(Body::empty())
                .unwrap();
            assert_eq!(browser.send(request).await.status, StatusCode::UNAUTHORIZED);
        }
        let request = Request::get("/")
            .header("accept", "text/html,*/*")
            .body(Body::empty())
            .unwrap();
        assert_eq!(browser.send(request).await.location(), "/sign-in?next=/");
    })
    .await;
}

#[tokio::test]
async fn unknown_fields_and_great_bodies_are_refused() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.browser("192.0.2.1");
        let fields = [
            ("login", LOGIN),
            ("password", PASSWORD),
            ("role", "administrator"),
        ];
        let seen = browser.submit("/sign-in", "/sign-in", &fields).await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST);
        let great = "x".repeat(40_000);
        let seen = browser.sign_in(LOGIN, &great).await;
        assert_eq!(seen.status, StatusCode::PAYLOAD_TOO_LARGE);
    })
    .await;
}
