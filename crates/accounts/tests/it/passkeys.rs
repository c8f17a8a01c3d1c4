//! ASVS 6.3.3: passkeys, which cannot be phished, as the second step and alone.

use axum::http::StatusCode;
use base::clock::{MINUTE, SECOND};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use db::{Sql, params};
use serde_json::Value;

use crate::authenticator::Passkey;
use crate::browser::{Browser, Host, LOGIN, PASSWORD, Seen, on_each};

const QUESTION: &str = "/sign-in/passkey/question";
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

async fn with_passkey(host: &Host) -> (Browser, Passkey) {
    host.add_tanaka().await;
    let mut browser = host.signed_in().await;
    let passkey = browser.add_passkey().await;
    (browser, passkey)
}

async fn at_second_step(host: &Host) -> Browser {
    let mut browser = host.browser("192.0.2.7");
    browser.sign_in(LOGIN, PASSWORD).await;
    browser
}

/// Answers at the second step.
async fn second(browser: &mut Browser, answer: &str) -> Seen {
    let fields = [("credential", answer)];
    browser
        .submit("/sign-in/second", "/sign-in/second", &fields)
        .await
}

/// Answers at the sign-in page.
async fn alone(browser: &mut Browser, answer: &str) -> Seen {
    browser
        .submit("/sign-in", "/sign-in/passkey", &[("credential", answer)])
        .await
}

async fn question(browser: &mut Browser) -> Value {
    browser.question("/sign-in", QUESTION).await
}

#[tokio::test]
async fn a_passkey_is_the_second_step() {
    on_each(async |host| {
        let (_, mut passkey) = with_passkey(&host).await;
        let mut browser = at_second_step(&host).await;
        assert!(
            browser
                .get("/sign-in/second")
                .await
                .body
                .contains("パスキーで確認する")
        );
        // A password came before: touching the device is enough.
        passkey.verifies = false;
        let asked = question(&mut browser).await;
        assert_eq!(asked["allowCredentials"].as_array().unwrap().len(), 1);
        let seen = second(&mut browser, &passkey.show(&asked)).await;
        assert_eq!(seen.location(), "/", "{:?}", seen.errors());
        assert!(browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn a_passkey_whose_device_checks_who_holds_it_opens_alone() {
    on_each(async |host| {
        let (_, mut passkey) = with_passkey(&host).await;
        let mut browser = host.browser("192.0.2.7");
        let asked = question(&mut browser).await;
        assert_eq!(asked["userVerification"], "required");
        assert!(
            asked["allowCredentials"].as_array().unwrap().is_empty(),
            "nobody is named"
        );
        passkey.verifies = false;
        let refused = alone(&mut browser, &passkey.show(&asked)).await;
        assert_eq!(refused.status, REFUSED);
        assert!(refused.errors()[0].starts_with("パスキーを確認できませんでした"));
        passkey.verifies = true;
        let asked = question(&mut browser).await;
        let seen = alone(&mut browser, &passkey.show(&asked)).await;
        assert_eq!(seen.location(), "/", "{:?}", seen.errors());
        assert!(browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_5_1_a_question_is_answered_once_and_in_time() {
    on_each(async |host| {
        let (_, mut passkey) = with_passkey(&host).await;
        let mut browser = host.browser("192.0.2.7");
        let asked = question(&mut browser).await;
        let answer = passkey.show(&asked);
        assert_eq!(alone(&mut browser, &answer).await.location(), "/");
        browser.jar.remove("todoke");
        assert_eq!(
            alone(&mut browser, &answer).await.status,
            REFUSED,
            "the same answer"
        );
        assert_eq!(
            alone(&mut browser, &passkey.show(&asked)).await.status,
            REFUSED,
            "the same question"
        );
        let asked = question(&mut browser).await;
        host.clock.advance(5 * MINUTE);
        assert_eq!(
            alone(&mut browser, &passkey.show(&asked)).await.status,
            REFUSED,
            "too late"
        );
        let asked = question(&mut browser).await;
        host.clock.advance(5 * MINUTE - SECOND);
        assert_eq!(alone(&mut browser, &passkey.show(&asked)).await.location(), "/");
    })
    .await;
}

#[tokio::test]
async fn asvs_6_6_2_an_answer_opens_only_the_browser_that_was_asked() {
    on_each(async |host| {
        let (_, mut passkey) = with_passkey(&host).await;
        let (mut asked, mut other) = (host.browser("192.0.2.7"), host.browser("192.0.2.8"));
        question(&mut other).await;
        let of_first = question(&mut asked).await;
        assert_eq!(alone(&mut other, &passkey.show(&of_first)).await.status, REFUSED);
        // A question of the sign-in page does not serve at the second step, nor the other way round.
        let mut step = at_second_step(&host).await;
        let of_step = question(&mut step).await;
        assert_eq!(alone(&mut step, &passkey.show(&of_step)).await.status, REFUSED);
        assert!(!step.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn another_persons_passkey_is_no_second_step() {
    on_each(async |host| {
        let (_, mut passkey) = with_passkey(&host).await;
        host.add("suzuki", PASSWORD).await;
        let mut desk = host.browser("192.0.2.8");
        desk.sign_in("suzuki", PASSWORD).await;
        let mut own = desk.add_passkey().await;
        let mut browser = host.browser("192.0.2.9");
        browser.sign_in("suzuki", PASSWORD).await;
        let asked = question(&mut browser).await;
        assert_eq!(second(&mut browser, &passkey.show(&asked)).await.status, REFUSED);
        // Nor is one that claims to be another person's.
        let asked = question(&mut browser).await;
        let handle = std::mem::replace(&mut own.handle, passkey.handle.clone());
        assert_eq!(second(&mut browser, &own.show(&asked)).await.status, REFUSED);
        own.handle = handle;
        let asked = question(&mut browser).await;
        assert_eq!(second(&mut browser, &own.show(&asked)).await.location(), "/");
    })
    .await;
}

#[tokio::test]
async fn a_copy_of_a_passkey_is_found_out_by_its_counter() {
    on_each(async |host| {
        let (_, mut passkey) = with_passkey(&host).await;
        let mut browser = host.browser("192.0.2.7");
        passkey.count = 6;
        let asked = question(&mut browser).await;
        assert_eq!(alone(&mut browser, &passkey.show(&asked)).await.location(), "/");
        browser.jar.remove("todoke");
        passkey.count = 6;
        let asked = question(&mut browser).await;
        assert_eq!(alone(&mut browser, &passkey.show(&asked)).await.status, REFUSED);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_passkey_is_refused_in_words() {
    on_each(async |host| {
        let (mut desk, mut passkey) = with_passkey(&host).await;
        for answer in [
            "",
            "{}",
            "x",
            r#"{"id":"AAAA","clientDataJSON":"","authenticatorData":"","signature":""}"#,
        ] {
            let mut browser = host.browser("192.0.2.7");
            question(&mut browser).await;
            assert_eq!(alone(&mut browser, answer).await.status, REFUSED, "{answer}");
        }
        let mut step = at_second_step(&host).await;
        assert_eq!(second(&mut step, "{}").await.status, REFUSED);
        for answer in ["", "{}", r#"{"clientDataJSON":"","attestationObject":""}"#] {
            let fields = [("name", "鍵"), ("credential", answer)];
            let seen = desk.submit("/me/factors", "/me/factors/passkeys", &fields).await;
            assert_eq!(seen.status, REFUSED, "{answer}");
        }
        // A passkey that is registered already, and one that was made for an earlier question.
        let asked = desk
            .question("/me/factors", "/me/factors/passkeys/question")
            .await;
        let (_, answer) = Passkey::make(&asked);
        desk.question("/me/factors", "/me/factors/passkeys/question")
            .await;
        let fields = [("name", "鍵"), ("credential", answer.as_str())];
        assert_eq!(
            desk.submit("/me/factors", "/me/factors/passkeys", &fields)
                .await
                .status,
            REFUSED
        );
        // An answer of one ceremony is none of the other.
        let asked = desk
            .question("/me/factors", "/me/factors/passkeys/question")
            .await;
        let shown = passkey.show(&asked);
        let fields = [("name", "鍵"), ("credential", shown.as_str())];
        assert_eq!(
            desk.submit("/me/factors", "/me/factors/passkeys", &fields)
                .await
                .status,
            REFUSED
        );
    })
    .await;
}

#[tokio::test]
async fn where_browsers_make_no_passkeys_the_page_says_so() {
    on_each(async |mut host| {
        host.add_tanaka().await;
        host.accounts = host.accounts.clone().at("https://192.0.2.50");
        let mut browser = host.signed_in().await;
        assert!(
            browser
                .get("/me/factors")
                .await
                .body
                .contains("このアドレスではパスキーを使えません")
        );
        let asked = browser.ask("/", "/me/factors/passkeys/question").await;
        assert_eq!(asked.status, StatusCode::NOT_FOUND);
        assert!(
            !host
                .browser("192.0.2.7")
                .get("/sign-in")
                .await
                .body
                .contains("パスキーで")
        );
    })
    .await;
}

#[tokio::test]
async fn a_passkey_made_for_another_address_opens_nothing() {
    on_each(async |mut host| {
        let (_, mut passkey) = with_passkey(&host).await;
        host.accounts = host.accounts.clone().at("https://todoke.example");
        let mut browser = host.browser("192.0.2.7");
        let asked = question(&mut browser).await;
        assert_eq!(asked["rpId"], "todoke.example");
        assert_eq!(alone(&mut browser, &passkey.show(&asked)).await.status, REFUSED);
    })
    .await;
}

#[tokio::test]
async fn the_database_holds_no_key_that_a_device_could_be_found_by() {
    const DUMP: Sql =
        Sql("SELECT credential_index, credential_sealed, public_key_sealed, name_sealed FROM passkeys");
    on_each(async |host| {
        let (_, passkey) = with_passkey(&host).await;
        let row = host.db.query_opt(DUMP, params![]).await.unwrap().unwrap();
        let id = BASE64.encode(&passkey.id);
        for column in 0..4 {
            let kept: String = row.get(column).unwrap();
            assert!(!kept.contains(&id) && !kept.contains("机のPC"), "{kept}");
        }
    })
    .await;
}
