//! ASVS 6.2, 6.3.8, 3.7.2: the right password opens, everything else looks alike, and nobody is led away.

use axum::http::StatusCode;
use base::clock::SECOND;

use crate::browser::{LOGIN, NAME, PASSWORD, on_each};

#[tokio::test]
async fn name_and_password_open_the_page_that_was_asked_for() {
    on_each(async |host| {
        let staff = host.add_tanaka().await;
        let mut browser = host.browser("192.0.2.1");
        let stopped = browser.get("/lists/3?page=2").await;
        assert_eq!(stopped.status, StatusCode::SEE_OTHER);
        assert_eq!(stopped.location(), "/sign-in?next=/lists/3%3Fpage%3D2");
        let form = browser.get(stopped.location()).await;
        assert!(
            form.body.contains(r#"name="next" value="/lists/3?page=2""#),
            "{}",
            form.body
        );

        let fields = [
            ("login", LOGIN),
            ("password", PASSWORD),
            ("next", "/lists/3?page=2"),
        ];
        let opened = browser.submit("/sign-in", "/sign-in", &fields).await;
        assert_eq!(
            (opened.status, opened.location()),
            (StatusCode::SEE_OTHER, "/lists/3?page=2")
        );
        let page = browser.get("/lists/3?page=2").await;
        assert!(page.body.starts_with(&format!("{staff} {NAME}")), "{}", page.body);
        assert_eq!(
            browser.get("/sign-in?next=/lists/3").await.location(),
            "/lists/3",
            "already signed in"
        );
    })
    .await;
}

#[tokio::test]
async fn a_name_and_a_password_may_be_typed_as_keyboards_give_them() {
    on_each(async |host| {
        host.add("ga-gi.gu", "ガギグゲゴ 1 2 7 ざじずぜぞ").await;
        // Full-width letters; voiced kana with their marks apart, as macOS writes them.
        let apart = "カ\u{3099}キ\u{3099}ク\u{3099}ケ\u{3099}コ\u{3099} 1 2 7 さ\u{3099}し\u{3099}す\u{3099}せ\u{3099}そ\u{3099}";
        let seen = host.browser("192.0.2.1").sign_in("　ＧＡ－ＧＩ．ＧＵ", apart).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_3_8_a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut answers = Vec::new();
        for (login, password) in [
            (LOGIN, "違うパスワードを入れました"),
            ("nobody", PASSWORD),
            ("田中さん", PASSWORD),
            (LOGIN, "短い"),
            (LOGIN, &"長".repeat(500)),
        ] {
            let mut browser = host.browser("192.0.2.1");
            let seen = browser.sign_in(login, password).await;
            assert!(!seen.body.contains(password), "a password is never written back");
            assert!(!browser.is_signed_in().await);
            answers.push((seen.status, seen.errors().join("/")));
        }
        let words = "ログインIDまたはパスワードが違います。大文字・小文字と全角・半角を確かめて、もう一度入力してください。";
        for answer in answers {
            assert_eq!(answer, (StatusCode::UNPROCESSABLE_ENTITY, words.to_owned()));
        }
    })
    .await;
}

#[tokio::test]
async fn an_empty_form_is_answered_in_words_and_is_no_failure() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.browser("192.0.2.1");
        for _ in 0..25 {
            let seen = browser.sign_in(" ", "").await;
            let words = ["ログインIDを入力してください。", "パスワードを入力してください。"];
            assert_eq!(
                (seen.status, seen.errors()),
                (StatusCode::UNPROCESSABLE_ENTITY, words.to_vec())
            );
        }
        assert_eq!(
            browser.sign_in(LOGIN, PASSWORD).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_3_7_2_signing_in_leads_nowhere_but_to_our_own_pages() {
    on_each(async |host| {
        host.add_tanaka().await;
        for next in [
            "//evil.example",
            "https://evil.example/",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/x",
        ] {
            let mut browser = host.browser("192.0.2.1");
            let fields = [("login", LOGIN), ("password", PASSWORD), ("next", next)];
            let seen = browser.submit("/sign-in", "/sign-in", &fields).await;
            assert_eq!(
                (seen.status, seen.location()),
                (StatusCode::SEE_OTHER, "/"),
                "{next}"
            );
        }
        let mut browser = host.signed_in().await;
        for next in ["//evil.example", "https:%2F%2Fevil.example", "/%5Cevil.example"] {
            assert_eq!(
                browser.get(&format!("/sign-in?next={next}")).await.location(),
                "/",
                "{next}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn the_first_page_after_a_lost_form_is_the_one_it_stood_on() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let token = browser.token("/").await;
        host.clock.advance(3_600 * SECOND);
        let seen = browser.post("/lists/3", &[("csrf", &token)]).await;
        assert_eq!(seen.location(), "/sign-in?next=/lists/3%3Fpage%3D2&done=ended");
        let page = browser.get(seen.location()).await;
        assert!(
            page.body.contains("もう一度ログインしてください"),
            "{}",
            page.body
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_6_2_7_passwords_may_be_pasted_and_kept_by_the_browser() {
    on_each(async |host| {
        host.add_tanaka().await;
        let sign_in = host.browser("192.0.2.1").get("/sign-in").await.body;
        assert!(
            sign_in.contains(r#"autocomplete="current-password""#),
            "{sign_in}"
        );
        assert!(sign_in.contains(r#"autocomplete="username""#), "{sign_in}");
        let change = host.signed_in().await.get("/me/password").await.body;
        assert!(change.contains(r#"autocomplete="new-password""#), "{change}");
        for page in [sign_in, change] {
            assert!(!page.contains("onpaste") && !page.contains("maxlength"), "{page}");
        }
    })
    .await;
}
