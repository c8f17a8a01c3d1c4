//! ASVS 6.3 to 6.5: second factors at sign-in, as people meet them.

use axum::http::StatusCode;
use base::clock::{HOUR, MINUTE, SECOND};
use base::id::OrgId;
use db::{Sql, params};

use crate::authenticator::code;
use crate::browser::{Browser, Host, LOGIN, PASSWORD, login, on_each, password};

const HALF: i64 = 30 * SECOND;
const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Tanaka with an app, and its secret.
async fn with_app(host: &Host) -> (Browser, String) {
    host.add_tanaka().await;
    let mut browser = host.signed_in().await;
    let secret = browser.add_app(host.clock.now()).await;
    host.clock.advance(HALF);
    (browser, secret)
}

/// A browser after the password.
async fn at_second_step(host: &Host) -> Browser {
    let mut browser = host.browser("192.0.2.7");
    let seen = browser.sign_in(LOGIN, PASSWORD).await;
    assert_eq!(seen.location(), "/sign-in/second?next=/");
    browser
}

#[tokio::test]
async fn asvs_6_3_3_a_password_alone_opens_nothing_once_there_is_a_factor() {
    on_each(async |host| {
        let (_, secret) = with_app(&host).await;
        let mut browser = at_second_step(&host).await;
        assert!(!browser.jar.contains_key("todoke"), "{:?}", browser.jar);
        assert!(!browser.is_signed_in().await);
        // The step's cookie is no session's, whatever it is called.
        let step = browser.jar["todoke-step"].clone();
        browser.jar.insert("todoke".to_owned(), step);
        assert!(!browser.is_signed_in().await);
        browser.jar.remove("todoke");
        let seen = browser.second(&code(&secret, host.clock.now())).await;
        assert_eq!((seen.status, seen.location()), (StatusCode::SEE_OTHER, "/"));
        assert!(browser.is_signed_in().await);
        assert!(!browser.jar.contains_key("todoke-step"));
    })
    .await;
}

#[tokio::test]
async fn asvs_6_5_1_a_code_works_once() {
    on_each(async |host| {
        let (_, secret) = with_app(&host).await;
        let shown = code(&secret, host.clock.now());
        let (mut one, mut two) = (at_second_step(&host).await, at_second_step(&host).await);
        assert_eq!(one.second(&shown).await.status, StatusCode::SEE_OTHER);
        let replayed = two.second(&shown).await;
        assert_eq!(replayed.status, REFUSED);
        assert!(replayed.errors()[0].starts_with("確認できませんでした"));
        host.clock.advance(HALF);
        assert_eq!(
            two.second(&shown).await.status,
            REFUSED,
            "nor half a minute later"
        );
        let next = code(&secret, host.clock.now());
        assert_eq!(two.second(&next).await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_5_1_the_code_that_registered_the_app_is_used_up() {
    on_each(async |host| {
        host.add_tanaka().await;
        let now = host.clock.now();
        let secret = host.signed_in().await.add_app(now).await;
        let mut browser = at_second_step(&host).await;
        assert_eq!(browser.second(&code(&secret, now)).await.status, REFUSED);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_5_1_the_same_code_at_the_same_moment_opens_one_session() {
    on_each(async |host| {
        let (_, secret) = with_app(&host).await;
        let shown = code(&secret, host.clock.now());
        let mut tries = Vec::new();
        for _ in 0..4 {
            let (mut browser, shown) = (at_second_step(&host).await, shown.clone());
            tries.push(tokio::spawn(async move { browser.second(&shown).await.status }));
        }
        let mut opened = 0;
        for one in tries {
            opened += usize::from(one.await.unwrap() == StatusCode::SEE_OTHER);
        }
        assert_eq!(opened, 1);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_5_5_a_code_is_good_for_its_half_minute_and_one_more_on_each_side() {
    on_each(async |host| {
        let (_, secret) = with_app(&host).await;
        for (aside, taken) in [(-2, false), (2, false), (-1, true)] {
            host.clock.advance(5 * MINUTE);
            let shown = code(&secret, host.clock.now() + aside * HALF);
            let seen = at_second_step(&host).await.second(&shown).await;
            assert_eq!(seen.status == StatusCode::SEE_OTHER, taken, "{aside}");
        }
    })
    .await;
}

#[tokio::test]
async fn asvs_6_5_2_a_recovery_code_works_once_and_is_kept_hashed() {
    const HASHES: Sql = Sql("SELECT code_hash_sealed FROM recovery_codes");
    on_each(async |host| {
        let (mut desk, _) = with_app(&host).await;
        let codes = desk.make_codes().await;
        assert_eq!(codes.len(), 10);
        let rows = host.db.query(HASHES, params![]).await.unwrap();
        for row in rows {
            let kept: String = row.get(0).unwrap();
            assert!(!kept.contains("argon2") && codes.iter().all(|code| !kept.contains(code.as_str())));
        }
        let mut browser = at_second_step(&host).await;
        let typed = codes[3].to_lowercase().replace('-', " ");
        assert_eq!(browser.second(&typed).await.status, StatusCode::SEE_OTHER);
        assert!(browser.get("/me").await.body.contains("回復コード 残り9個"));
        assert_eq!(
            at_second_step(&host).await.second(&codes[3]).await.status,
            REFUSED
        );
        assert_eq!(
            at_second_step(&host).await.second("ABCD-EFGH-JKLM").await.status,
            REFUSED
        );
        // New ones take the place of the old ones.
        let fresh = browser.make_codes().await;
        assert_eq!(
            at_second_step(&host).await.second(&codes[4]).await.status,
            REFUSED
        );
        assert_eq!(
            at_second_step(&host).await.second(&fresh[4]).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_6_3_1_codes_are_not_guessed_and_the_password_buys_no_more_guesses() {
    on_each(async |host| {
        let (_, secret) = with_app(&host).await;
        for _ in 0..5 {
            let mut browser = at_second_step(&host).await;
            assert_eq!(browser.second("000000").await.status, REFUSED);
        }
        let mut browser = at_second_step(&host).await;
        let shown = code(&secret, host.clock.now());
        let closed = browser.second(&shown).await;
        assert_eq!(closed.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(
            closed.errors()[0].contains("あと30秒待ってから"),
            "{:?}",
            closed.errors()
        );
        host.clock.advance(HALF);
        let seen = browser.second(&code(&secret, host.clock.now())).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER);
        // Somebody else is not touched.
        host.add("suzuki", PASSWORD).await;
        let other = host.browser("192.0.2.8").sign_in("suzuki", PASSWORD).await;
        assert_eq!(other.location(), "/");
    })
    .await;
}

#[tokio::test]
async fn asvs_6_1_1_fifty_wrong_codes_lock_the_second_step_until_there_is_a_new_password() {
    on_each(async |host| {
        let (_, secret) = with_app(&host).await;
        for n in 0..50 {
            host.clock.advance(HOUR);
            let mut browser = host.browser(&format!("192.0.2.{n}"));
            browser.sign_in(LOGIN, PASSWORD).await;
            assert_eq!(browser.second("000000").await.status, REFUSED, "{n}");
        }
        host.clock.advance(1_000 * HOUR);
        let mut browser = at_second_step(&host).await;
        let locked = browser.second(&code(&secret, host.clock.now())).await;
        assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(locked.errors()[0].contains("パスワードの再設定"));

        let (name, new) = (login(LOGIN), "赤い靴と二羽の鳩とうどん屋");
        host.accounts
            .set_password(&name, password(new, &name))
            .await
            .unwrap();
        let mut browser = host.browser("192.0.2.99");
        browser.sign_in(LOGIN, new).await;
        let seen = browser.second(&code(&secret, host.clock.now())).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_4_3_a_new_password_leaves_the_factors_as_they_are() {
    on_each(async |host| {
        with_app(&host).await;
        let mut open = at_second_step(&host).await;
        let (name, new) = (login(LOGIN), "赤い靴と二羽の鳩とうどん屋");
        host.accounts
            .set_password(&name, password(new, &name))
            .await
            .unwrap();
        let over = open.get("/sign-in/second").await;
        assert_eq!(over.location(), "/sign-in?next=/&done=step-over");
        let seen = host.browser("192.0.2.1").sign_in(LOGIN, new).await;
        assert_eq!(seen.location(), "/sign-in/second?next=/");
    })
    .await;
}

#[tokio::test]
async fn the_second_step_is_open_for_ten_minutes_and_leads_where_one_wanted_to_go() {
    on_each(async |host| {
        let (_, secret) = with_app(&host).await;
        let mut browser = host.browser("192.0.2.7");
        let fields = [
            ("login", LOGIN),
            ("password", PASSWORD),
            ("next", "/lists/3?page=2"),
        ];
        let seen = browser.submit("/sign-in", "/sign-in", &fields).await;
        let second = seen.location().to_owned();
        assert_eq!(second, "/sign-in/second?next=/lists/3%3Fpage%3D2");
        assert!(
            browser
                .get(&second)
                .await
                .body
                .contains(r#"value="/lists/3?page=2""#)
        );
        let empty = browser.submit(&second, "/sign-in/second", &[("code", " ")]).await;
        assert_eq!(empty.errors(), ["コードを入力してください。"]);
        host.clock.advance(10 * MINUTE);
        let shown = code(&secret, host.clock.now());
        let token = browser.token("/sign-in").await;
        let over = browser
            .post("/sign-in/second", &[("csrf", &token), ("code", &shown)])
            .await;
        assert_eq!(over.location(), "/sign-in?next=/&done=step-over");
        assert!(!browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn whose_organisation_requires_a_factor_sets_one_up_before_anything_else() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut living = host.signed_in().await;
        host.accounts
            .require_second_factor(OrgId::FIRST, true)
            .await
            .unwrap();
        let mut fresh = host.signed_in().await;
        for browser in [&mut living, &mut fresh] {
            for page in ["/", "/lists/3", "/me", "/me/password"] {
                assert_eq!(
                    browser.get(page).await.location(),
                    "/me/factors?done=required",
                    "{page}"
                );
            }
            let lost = browser.submit("/me/factors", "/lists/3", &[]).await;
            assert_eq!(lost.location(), "/me/factors?done=required");
        }
        let script = fresh.ask("/me/factors", "/lists/3").await;
        assert_eq!(script.status, StatusCode::FORBIDDEN);
        let page = fresh.get("/me/factors?done=required").await;
        assert!(page.body.contains("先に、2つ目の確認方法を登録してください"));
        fresh.add_app(host.clock.now()).await;
        assert!(fresh.is_signed_in().await);
        assert!(
            !living.is_signed_in().await,
            "a change of factors ends the others"
        );
        // The last one stays.
        let page = fresh.get("/me/factors").await.body;
        let (_, rest) = page.split_once("/me/factors/totp/").unwrap();
        let remove = format!("/me/factors/totp/{}", rest.split('"').next().unwrap());
        let refused = fresh.submit("/me/factors", &remove, &[]).await;
        assert_eq!(refused.status, REFUSED);
        assert!(
            refused.body.contains("先に新しいものを登録してから"),
            "{}",
            refused.body
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_7_4_3_a_changed_factor_ends_the_other_sessions() {
    on_each(async |host| {
        let (mut here, secret) = with_app(&host).await;
        let mut there = at_second_step(&host).await;
        there.second(&code(&secret, host.clock.now())).await;
        let mut on_its_way = at_second_step(&host).await;
        assert!(there.is_signed_in().await);
        here.make_codes().await;
        assert!(here.is_signed_in().await && !there.is_signed_in().await);
        let over = on_its_way.get("/sign-in/second").await;
        assert_eq!(over.location(), "/sign-in?next=/&done=step-over");
    })
    .await;
}

#[tokio::test]
async fn with_the_last_device_the_recovery_codes_go_too() {
    on_each(async |host| {
        let (mut browser, _) = with_app(&host).await;
        browser.make_codes().await;
        let page = browser.get("/me/factors").await.body;
        let (_, rest) = page.split_once("/me/factors/totp/").unwrap();
        let remove = format!("/me/factors/totp/{}", rest.split('"').next().unwrap());
        let seen = browser.submit("/me/factors", &remove, &[]).await;
        assert_eq!(seen.location(), "/me/factors?done=removed");
        assert_eq!(
            browser.submit("/me/factors", &remove, &[]).await.status,
            StatusCode::NOT_FOUND
        );
        let left = host
            .accounts
            .factors(OrgId::FIRST, base::id::StaffId::new(1))
            .await
            .unwrap();
        assert!(!left.any() && left.codes_left == 0, "{left:?}");
        assert_eq!(host.signed_in().await.get("/").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_hardware_token_is_registered_by_the_secret_of_its_leaflet() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let page = "/me/factors/totp";
        let hex = "31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30";
        let shown = code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", host.clock.now());
        let wrong = [
            ("token_secret", hex),
            ("token_name", ""),
            ("token_code", "000000"),
        ];
        let refused = browser.submit(page, page, &wrong).await;
        assert!(
            refused.errors()[0].starts_with("コードが違います"),
            "{:?}",
            refused.errors()
        );
        assert!(refused.body.contains("<details class=\"disclosure\" open>"));
        let short = [("token_secret", "abc"), ("token_name", ""), ("token_code", "12")];
        assert_eq!(browser.submit(page, page, &short).await.errors().len(), 2);
        let right = [
            ("token_secret", hex),
            ("token_name", "青いトークン"),
            ("token_code", &shown),
        ];
        assert_eq!(
            browser.submit(page, page, &right).await.location(),
            "/me/factors?done=added"
        );
        assert!(browser.get("/me/factors").await.body.contains("青いトークン"));
    })
    .await;
}

#[tokio::test]
async fn three_devices_at_most_and_the_dump_shows_no_secret() {
    const DUMP: Sql = Sql("SELECT name_sealed, secret_sealed FROM totp_devices");
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let mut secrets = Vec::new();
        for _ in 0..3 {
            secrets.push(browser.add_app(host.clock.now()).await);
        }
        let page = "/me/factors/totp";
        let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let fields = [("secret", secret), ("code", &code(secret, host.clock.now()))];
        let fourth = browser.submit(page, page, &fields).await;
        assert!(
            fourth.errors()[0].starts_with("登録できるのは3台まで"),
            "{:?}",
            fourth.errors()
        );
        for row in host.db.query(DUMP, params![]).await.unwrap() {
            let kept: (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
            assert!(secrets.iter().all(|secret| !kept.1.contains(secret.as_str())));
            assert!(!kept.0.contains("認証アプリ"));
        }
    })
    .await;
}

#[tokio::test]
async fn asvs_6_3_3_an_administrator_makes_the_second_factor_a_must_and_is_told_whom_it_concerns() {
    const PAGE: &str = "/organisation/addresses";
    const SWITCH: &str = "/organisation/second-factor";
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let page = browser.get(PAGE).await.body;
        assert!(page.contains("必須にする（1人が登録）"), "{page}");
        host.clock.advance(5 * MINUTE);
        let stale = browser.submit(PAGE, SWITCH, &[("required", "yes")]).await;
        assert!(stale.location().starts_with("/step-up?"), "{}", stale.location());
        let required = async || host.accounts.second_factor_required(OrgId::FIRST).await.unwrap();
        assert!(!required().await, "nothing was done");

        let mut browser = host.signed_in().await;
        browser.add_app(host.clock.now()).await;
        let page = browser.get(PAGE).await.body;
        assert!(page.contains("<dd>0人</dd>"), "{page}");
        let done = browser.submit(PAGE, SWITCH, &[("required", "yes")]).await;
        assert_eq!(done.location(), "/organisation/addresses?done=factor-required");
        assert!(required().await);
        let page = browser.get(done.location()).await.body;
        assert!(
            page.contains("全員に必須") && page.contains("任意に戻す"),
            "{page}"
        );
        let done = browser.submit(PAGE, SWITCH, &[("required", "no")]).await;
        assert_eq!(done.location(), "/organisation/addresses?done=factor-optional");
        assert!(!required().await);
        let nonsense = browser.submit(PAGE, SWITCH, &[("required", "perhaps")]).await;
        assert_eq!(nonsense.status, StatusCode::BAD_REQUEST);
    })
    .await;
}
