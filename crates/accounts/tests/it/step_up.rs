//! ASVS 7: sessions of a person's own, proving again who sits there, and the own password.

use accounts::{Role, SourceAddress};
use axum::http::StatusCode;
use base::clock::{HOUR, MINUTE, SECOND};
use base::id::{OrgId, StaffId};
use db::{Sql, params};

use crate::authenticator::code;
use crate::browser::{Browser, LOGIN, PASSWORD, login, on_each};

async fn prove(browser: &mut Browser, field: &str, value: &str) -> crate::browser::Seen {
    let fields = [(field, value), ("next", "/lists/3?page=2")];
    browser.submit("/step-up", "/step-up", &fields).await
}

#[tokio::test]
async fn asvs_7_5_3_what_matters_most_asks_again_after_five_minutes() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let token = browser.token("/").await;
        let form = [("csrf", token.as_str()), ("rows", "3")];
        host.clock.advance(5 * MINUTE - SECOND);
        assert!(browser.post("/export", &form).await.body.starts_with("exported"));
        host.clock.advance(SECOND);
        let led = browser.post("/export", &form).await;
        assert_eq!(
            (led.status, led.location()),
            (StatusCode::SEE_OTHER, "/step-up?next=/lists/3%3Fpage%3D2"),
            "back to the page of the form; nothing was done"
        );
        assert_eq!(
            browser.ask("/", "/export").await.status,
            StatusCode::FORBIDDEN,
            "a script"
        );
        assert!(
            browser.post("/lists/3", &form).await.body.starts_with("changed"),
            "other forms go on"
        );

        let page = browser.get(led.location()).await;
        assert!(page.body.contains("まだ何も実行していません"));
        let wrong = prove(&mut browser, "password", "違うパスワードを入れました").await;
        assert!(
            wrong.errors()[0].starts_with("パスワードが違います"),
            "{:?}",
            wrong.errors()
        );
        let back = prove(&mut browser, "password", PASSWORD).await;
        assert_eq!(back.location(), "/lists/3?page=2");
        // The page that stood open meanwhile still sends its form.
        assert!(browser.post("/export", &form).await.body.starts_with("exported"));
    })
    .await;
}

#[tokio::test]
async fn asvs_7_2_4_proving_again_gives_the_session_a_new_secret() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let before = browser.jar["todoke"].clone();
        prove(&mut browser, "password", PASSWORD).await;
        assert_ne!(browser.jar["todoke"], before);
        assert!(browser.is_signed_in().await);
        browser.jar.insert("todoke".to_owned(), before);
        assert!(!browser.is_signed_in().await, "the old secret opens nothing");
    })
    .await;
}

#[tokio::test]
async fn whoever_has_a_factor_proves_by_it() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let secret = browser.add_app(host.clock.now()).await;
        host.clock.advance(6 * MINUTE);
        assert_eq!(
            prove(&mut browser, "password", PASSWORD).await.errors(),
            ["入力してください。"]
        );
        assert_eq!(
            prove(&mut browser, "code", "000000").await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let shown = code(&secret, host.clock.now());
        assert_eq!(
            prove(&mut browser, "code", &shown).await.location(),
            "/lists/3?page=2"
        );
        assert_eq!(
            prove(&mut browser, "code", &shown).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "a code works once here too"
        );
        let mut passkey = browser.add_passkey().await;
        host.clock.advance(6 * MINUTE);
        let asked = browser.question("/step-up", "/step-up/question").await;
        let answer = passkey.show(&asked);
        assert_eq!(
            prove(&mut browser, "credential", &answer).await.location(),
            "/lists/3?page=2"
        );
        assert_eq!(browser.get("/me/password").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_3_1_failures_of_a_session_do_not_keep_its_owner_from_signing_in() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        for _ in 0..5 {
            prove(&mut browser, "password", "違うパスワードを入れました").await;
        }
        let closed = prove(&mut browser, "password", PASSWORD).await;
        assert_eq!(closed.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(browser.is_signed_in().await);
        let elsewhere = host.browser("192.0.2.9").sign_in(LOGIN, PASSWORD).await;
        assert_eq!(elsewhere.location(), "/");
        host.clock.advance(30 * SECOND);
        assert_eq!(
            prove(&mut browser, "password", PASSWORD).await.location(),
            "/lists/3?page=2"
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_7_5_1_factors_and_password_change_only_after_proving_again() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let secret = browser.add_app(host.clock.now()).await;
        let before = host
            .accounts
            .factors(OrgId::FIRST, StaffId::new(1))
            .await
            .unwrap();
        host.clock.advance(16 * MINUTE);
        for page in ["/me/factors/totp", "/me/factors/codes", "/me/password"] {
            let led = browser.get(page).await;
            assert_eq!(led.location(), format!("/step-up?next={page}"));
        }
        let token = browser.token("/").await;
        let shown = code(&secret, host.clock.now());
        for (action, fields) in [
            (
                "/me/factors/totp",
                vec![("secret", secret.as_str()), ("code", shown.as_str())],
            ),
            ("/me/factors/totp/1/remove", vec![]),
            ("/me/factors/passkeys", vec![]),
            ("/me/factors/codes", vec![]),
            (
                "/me/password",
                vec![("old", PASSWORD), ("password", "x"), ("password_again", "x")],
            ),
        ] {
            let mut all = vec![("csrf", token.as_str())];
            all.extend(fields);
            let led = browser.post(action, &all).await;
            assert!(
                led.location().starts_with("/step-up?next="),
                "{action}: {}",
                led.status
            );
        }
        let asked = browser.ask("/", "/me/factors/passkeys/question").await;
        assert_eq!(asked.status, StatusCode::NOT_FOUND);
        let after = host
            .accounts
            .factors(OrgId::FIRST, StaffId::new(1))
            .await
            .unwrap();
        assert_eq!(
            (after.totp.len(), after.codes_left),
            (before.totp.len(), before.codes_left)
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_6_2_3_the_own_password_is_changed_by_the_old_one_and_ends_the_other_sessions() {
    on_each(async |host| {
        host.add_tanaka().await;
        let (mut here, mut there) = (host.signed_in().await, host.signed_in().await);
        let before = here.jar["todoke"].clone();
        let (page, new) = ("/me/password", "赤い靴と二羽の鳩とうどん屋");
        for (old, typed, again, error) in [
            ("", new, new, "いまのパスワードを入力してください。"),
            ("違うパスワードを入れました", new, new, "パスワードが違います。大文字・小文字と全角・半角を確かめて、もう一度入力してください。"),
            (PASSWORD, "短い", "短い", "パスワードが短すぎます（いま2文字）。12文字以上にしてください。文のように長くすると、覚えやすく安全です。"),
            (PASSWORD, new, "別のもの", "2回のパスワードが違います。同じパスワードを入力してください。"),
        ] {
            let fields = [("old", old), ("password", typed), ("password_again", again)];
            assert_eq!(here.submit(page, page, &fields).await.errors(), [error]);
        }
        let fields = [("old", PASSWORD), ("password", new), ("password_again", new)];
        assert_eq!(here.submit(page, page, &fields).await.location(), "/me?done=password");
        assert_ne!(here.jar["todoke"], before);
        assert!(here.is_signed_in().await && !there.is_signed_in().await);
        let old = host.browser("192.0.2.9").sign_in(LOGIN, PASSWORD).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(host.browser("192.0.2.9").sign_in(LOGIN, new).await.location(), "/");
    })
    .await;
}

#[tokio::test]
async fn asvs_7_5_2_a_person_sees_the_own_sessions_and_ends_them() {
    on_each(async |host| {
        host.add_tanaka().await;
        host.add("suzuki", PASSWORD).await;
        let mut here = host.signed_in().await;
        host.clock.advance(SECOND);
        let mut there = host.browser("2001:db8::7");
        there.agent = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0";
        there.sign_in(LOGIN, PASSWORD).await;
        let mut other = host.browser("192.0.2.5");
        other.sign_in("suzuki", PASSWORD).await;

        let page = here.get("/me").await.body;
        assert!(
            page.contains("Windows の Edge") && page.contains("2001:db8::7"),
            "{page}"
        );
        assert!(page.contains("192.0.2.1") && !page.contains("192.0.2.5"));
        let (_, rest) = page.split_once("/me/sessions/").unwrap();
        let end = format!("/me/sessions/{}", rest.split('"').next().unwrap());
        assert_eq!(
            other.submit("/", &end, &[]).await.status,
            StatusCode::NOT_FOUND,
            "not theirs"
        );
        assert!(there.is_signed_in().await);
        assert_eq!(here.submit("/me", &end, &[]).await.location(), "/me?done=ended");
        assert!(!there.is_signed_in().await && here.is_signed_in().await);

        let mut third = host.signed_in().await;
        assert!(
            here.get("/me")
                .await
                .body
                .contains("ほかの1台のログインをすべて終わらせる")
        );
        let ended = here.submit("/me", "/me/sessions/end-others", &[]).await;
        assert_eq!(ended.location(), "/me?done=others-ended");
        assert!(!third.is_signed_in().await && here.is_signed_in().await && other.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_2_10_a_password_never_runs_out() {
    on_each(async |host| {
        host.add_tanaka().await;
        host.clock.advance(5 * 365 * 24 * HOUR);
        assert_eq!(
            host.browser("192.0.2.9")
                .sign_in(LOGIN, PASSWORD)
                .await
                .location(),
            "/"
        );
    })
    .await;
}

#[tokio::test]
async fn a_page_of_passkeys_that_stood_open_asks_who_sits_there_first() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let fresh = browser.get("/me/factors").await.body;
        assert!(fresh.contains("この端末のパスキーを登録する"), "{fresh}");
        host.clock.advance(5 * MINUTE);
        let stale = browser.get("/me/factors").await.body;
        assert!(stale.contains("/step-up?next=/me/factors") && !stale.contains("data-passkey-ask"));
    })
    .await;
}

#[tokio::test]
async fn asvs_7_4_5_all_sessions_of_a_person_are_ended_from_outside() {
    on_each(async |host| {
        let tanaka = host.add_tanaka().await;
        let (mut one, mut two) = (host.signed_in().await, host.signed_in().await);
        host.accounts.end_sessions_of(OrgId::FIRST, tanaka).await.unwrap();
        assert!(!one.is_signed_in().await && !two.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn asvs_7_3_1_an_administrators_session_ends_after_fifteen_minutes_of_nothing() {
    on_each(async |host| {
        host.add_as("honcho", PASSWORD, Role::Administrator).await;
        let mut browser = host.browser("192.0.2.1");
        browser.sign_in("honcho", PASSWORD).await;
        for _ in 0..3 {
            host.clock.advance(14 * MINUTE);
            assert!(browser.is_signed_in().await);
        }
        host.clock.advance(15 * MINUTE);
        assert!(!browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn asvs_7_3_2_the_page_says_when_the_session_ends_and_how_to_go_on() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let page = browser.get("/me").await.body;
        assert!(page.contains(r#"role="alertdialog""#) && page.contains(r#"data-session-warning="120""#));
        assert!(
            page.contains(r#"data-session-end="1800""#) && page.contains("ログアウト"),
            "{page}"
        );
        for _ in 0..3 {
            host.clock.advance(29 * MINUTE);
            let kept = browser.ask("/", "/me/stay").await;
            assert_eq!(
                (kept.status, kept.body.as_str()),
                (StatusCode::OK, r#"{"seconds":1800}"#)
            );
        }
        // Ten hours end it all the same, and the page says so.
        for _ in 0..17 {
            host.clock.advance(29 * MINUTE);
            browser.get("/me").await;
        }
        host.clock.advance(10 * HOUR - 20 * 29 * MINUTE - 5 * MINUTE);
        let last = browser.ask("/", "/me/stay").await;
        assert_eq!(last.body, r#"{"seconds":300}"#);
        let sign_in = host.browser("192.0.2.9").get("/sign-in").await.body;
        assert!(!sign_in.contains("data-session-end"), "nothing to warn of");
    })
    .await;
}

#[tokio::test]
async fn asvs_16_3_1_what_happens_around_signing_in_is_kept() {
    const TRAIL: Sql = Sql("SELECT action, outcome, staff_id FROM audit_entries ORDER BY entry_id");
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.browser("192.0.2.1");
        browser.sign_in(LOGIN, "違うパスワードを入れました").await;
        browser.sign_in("nobody", PASSWORD).await;
        browser.sign_in(LOGIN, PASSWORD).await;
        browser.add_app(host.clock.now()).await;
        browser.make_codes().await;
        prove(&mut browser, "code", "000000").await;
        browser.submit("/", "/sign-out", &[]).await;
        let mut again = host.browser("192.0.2.1");
        again.sign_in(LOGIN, PASSWORD).await;
        again.second("000000").await;
        host.accounts.reset_factors(&login(LOGIN)).await.unwrap();
        let rows = host.db.query(TRAIL, params![]).await.unwrap();
        let trail: Vec<(String, String, Option<i64>)> = rows
            .iter()
            .map(|row| (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap()))
            .collect();
        let expected = [
            ("session.sign_in", "refused", Some(1)),
            ("session.sign_in", "refused", None),
            ("session.sign_in", "done", Some(1)),
            ("factor.add", "done", Some(1)),
            ("factor.codes", "done", Some(1)),
            ("session.confirm", "refused", Some(1)),
            ("session.sign_out", "done", Some(1)),
            ("session.second_step", "refused", Some(1)),
            ("factor.reset_by_command", "done", None),
        ];
        let expected: Vec<_> = expected
            .map(|(action, outcome, staff)| (action.to_owned(), outcome.to_owned(), staff))
            .into();
        assert_eq!(trail, expected);
    })
    .await;
}

#[test]
fn the_address_of_a_session_is_the_one_that_the_throttle_counts() {
    let mapped = SourceAddress("::ffff:192.0.2.1".parse().unwrap());
    assert_eq!(mapped.0.to_canonical().to_string(), "192.0.2.1");
}
