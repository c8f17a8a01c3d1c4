//! ASVS 6.1.1, 6.3.1: guessing is slow, per name and per address, and nobody can shut others out.

use axum::http::{StatusCode, header};
use base::clock::{HOUR, MINUTE, SECOND};

use crate::browser::{Host, LOGIN, PASSWORD, login, on_each, password};

const WRONG: &str = "違うパスワードを入れました";

async fn fail(host: &Host, name: &str, address: &str) -> StatusCode {
    host.browser(address).sign_in(name, WRONG).await.status
}

#[tokio::test]
async fn the_fifth_failure_makes_the_account_wait_and_then_it_opens_again() {
    on_each(async |host| {
        host.add_tanaka().await;
        for n in 0..5 {
            let address = format!("192.0.2.{n}");
            assert_eq!(
                fail(&host, LOGIN, &address).await,
                StatusCode::UNPROCESSABLE_ENTITY
            );
        }
        let closed = host.browser("192.0.2.9").sign_in(LOGIN, PASSWORD).await;
        assert_eq!(
            closed.status,
            StatusCode::TOO_MANY_REQUESTS,
            "even the right password waits"
        );
        assert_eq!(closed.headers[header::RETRY_AFTER], "30");
        assert!(
            closed.errors()[0].contains("あと30秒待ってから"),
            "{:?}",
            closed.errors()
        );

        host.clock.advance(30 * SECOND);
        assert_eq!(
            fail(&host, LOGIN, "192.0.2.9").await,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let longer = host.browser("192.0.2.9").sign_in(LOGIN, PASSWORD).await;
        assert!(
            longer.errors()[0].contains("あと1分待ってから"),
            "{:?}",
            longer.errors()
        );
        host.clock.advance(MINUTE);
        assert_eq!(
            host.browser("192.0.2.9").sign_in(LOGIN, PASSWORD).await.status,
            StatusCode::SEE_OTHER
        );
        assert_eq!(
            fail(&host, LOGIN, "192.0.2.9").await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "a fresh count"
        );
    })
    .await;
}

#[tokio::test]
async fn an_unknown_name_waits_just_the_same() {
    on_each(async |host| {
        for n in 0..5 {
            fail(&host, "nobody", &format!("192.0.2.{n}")).await;
        }
        // However the name is written: it is one account.
        let closed = host.browser("192.0.2.9").sign_in("ＮＯＢＯＤＹ ", PASSWORD).await;
        assert!(
            closed.errors()[0].contains("あと30秒待ってから"),
            "{:?}",
            closed.errors()
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_6_3_1_a_living_session_is_not_touched_by_strangers_failures() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        for n in 10..16 {
            fail(&host, LOGIN, &format!("192.0.2.{n}")).await;
        }
        assert!(browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn asvs_2_4_1_one_address_fails_twenty_times_in_ten_minutes_and_others_go_on() {
    on_each(async |host| {
        host.add_tanaka().await;
        for n in 0..20 {
            let name = format!("nobody{n}");
            assert_eq!(
                fail(&host, &name, "2001:db8::1").await,
                StatusCode::UNPROCESSABLE_ENTITY
            );
        }
        let neighbour = host.browser("2001:db8::2").sign_in(LOGIN, PASSWORD).await;
        assert!(
            neighbour.errors()[0].contains("あと10分待ってから"),
            "{:?}",
            neighbour.errors()
        );
        assert_eq!(
            host.browser("192.0.2.1").sign_in(LOGIN, PASSWORD).await.status,
            StatusCode::SEE_OTHER
        );
        host.clock.advance(10 * MINUTE);
        assert_eq!(
            host.browser("2001:db8::2").sign_in(LOGIN, PASSWORD).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test]
async fn a_whole_office_may_sign_in_from_one_address() {
    on_each(async |host| {
        host.add_tanaka().await;
        for _ in 0..25 {
            assert_eq!(
                host.browser("192.0.2.1").sign_in(LOGIN, PASSWORD).await.status,
                StatusCode::SEE_OTHER
            );
        }
    })
    .await;
}

#[tokio::test]
async fn guesses_made_at_the_same_moment_do_not_pass_together() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut guesses = Vec::new();
        for n in 0..12 {
            let mut browser = host.browser(&format!("192.0.2.{n}"));
            guesses.push(tokio::spawn(
                async move { browser.sign_in(LOGIN, WRONG).await.status },
            ));
        }
        let mut judged = 0;
        for guess in guesses {
            judged += usize::from(guess.await.unwrap() == StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(judged, 5);
    })
    .await;
}

#[tokio::test]
async fn only_a_new_password_opens_an_account_after_fifty_failures() {
    on_each(async |host| {
        host.add_tanaka().await;
        for n in 0..50 {
            host.clock.advance(HOUR);
            let address = format!("192.0.2.{n}");
            assert_eq!(
                fail(&host, LOGIN, &address).await,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{n}"
            );
        }
        host.clock.advance(1_000 * HOUR);
        let locked = host.browser("192.0.2.99").sign_in(LOGIN, PASSWORD).await;
        assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(
            locked.errors()[0].contains("管理者に、パスワードの再設定"),
            "{:?}",
            locked.errors()
        );

        let (name, new) = (login(LOGIN), "赤い靴と二羽の鳩とうどん屋");
        host.accounts
            .set_password(&name, password(new, &name))
            .await
            .unwrap();
        assert_eq!(
            host.browser("192.0.2.99").sign_in(LOGIN, new).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test]
async fn the_database_keeps_neither_names_nor_addresses_of_failures() {
    const SUBJECTS: db::Sql = db::Sql("SELECT subject FROM login_throttle");
    on_each(async |host| {
        fail(&host, "somebody", "192.0.2.77").await;
        let rows = host.db.query(SUBJECTS, vec![]).await.unwrap();
        let subjects: Vec<String> = rows.iter().map(|row| row.get(0).unwrap()).collect();
        assert_eq!(subjects.len(), 2);
        assert!(
            !subjects
                .iter()
                .any(|subject| subject.contains("some") || subject.contains("192"))
        );
    })
    .await;
}
