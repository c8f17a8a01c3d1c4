//! From where staff may come: at the door, at every request, and on the page where it is decided.

use accounts::SourceAddress;
use accounts::addresses::AllowedAddresses;
use axum::http::StatusCode;
use base::id::OrgId;
use db::{Sql, params};

use crate::browser::{Host, LOGIN, PASSWORD, on_each};

const OFFICE: &str = "192.0.2.0/24";
const INSIDE: &str = "192.0.2.1";
const OUTSIDE: &str = "203.0.113.9";
const PAGE: &str = "/organisation/addresses";

async fn restrict(host: &Host, ranges: &str) {
    let ranges = AllowedAddresses::parse(ranges).unwrap();
    host.accounts
        .set_allowed_addresses(OrgId::FIRST, ranges)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_right_password_from_outside_gets_the_answer_of_a_wrong_one_and_counts_as_one() {
    on_each(async |host| {
        host.add_tanaka().await;
        restrict(&host, OFFICE).await;
        let mut outside = host.browser(OUTSIDE);
        let right = outside.sign_in(LOGIN, PASSWORD).await;
        let wrong = outside.sign_in(LOGIN, "間違ったパスワードです").await;
        assert_eq!((right.status, right.errors()), (wrong.status, wrong.errors()));
        assert_eq!(right.status, StatusCode::UNPROCESSABLE_ENTITY);
        for _ in 0..3 {
            outside.sign_in(LOGIN, PASSWORD).await;
        }
        let waits = outside.sign_in(LOGIN, PASSWORD).await;
        assert_eq!(
            waits.status,
            StatusCode::TOO_MANY_REQUESTS,
            "{:?}",
            waits.errors()
        );
    })
    .await;
}

#[tokio::test]
async fn whoever_is_inside_signs_in_and_whoever_moves_outside_is_signed_out_with_words() {
    on_each(async |host| {
        host.add_tanaka().await;
        restrict(&host, "192.0.2.0/24\n2001:db8:7::/48").await;
        let mut browser = host.signed_in().await;
        assert!(browser.is_signed_in().await);
        let mut elsewhere = host.browser("2001:db8:7::9");
        elsewhere.jar = browser.jar.clone();
        assert!(elsewhere.is_signed_in().await, "another of its ranges");

        let mut outside = host.browser(OUTSIDE);
        outside.jar = browser.jar.clone();
        let seen = outside.get("/lists/3").await;
        assert_eq!(seen.location(), "/sign-in?next=/lists/3&done=outside");
        let words = outside.get(seen.location()).await.body;
        assert!(words.contains("許可していないネットワーク"), "{words}");
        assert!(!browser.is_signed_in().await, "the session is over everywhere");
    })
    .await;
}

#[tokio::test]
async fn a_change_takes_effect_at_the_next_request() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        restrict(&host, "198.51.100.0/24").await;
        let seen = browser.get("/").await;
        assert_eq!(seen.location(), "/sign-in?next=/&done=outside");
        restrict(&host, "").await;
        assert_eq!(
            browser.sign_in(LOGIN, PASSWORD).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test]
async fn nobody_locks_out_themselves_on_the_page() {
    on_each(async |host| {
        host.add_tanaka().await;
        let mut browser = host.signed_in().await;
        let now = async || host.accounts.allowed_addresses(OrgId::FIRST).await.unwrap();
        assert!(browser.get(PAGE).await.body.contains(INSIDE));
        for (typed, words) in [
            ("198.51.100.0/24", INSIDE),
            ("192.0.2.0/24\n朝霞", "朝霞"),
            ("192.0.2.7/24", "192.0.2.0/24"),
        ] {
            let seen = browser.submit(PAGE, PAGE, &[("ranges", typed)]).await;
            assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
            assert!(seen.errors()[0].contains(words), "{:?}", seen.errors());
            assert!(now().await.ranges().is_empty());
        }
        let saved = browser
            .submit(PAGE, PAGE, &[("ranges", "192.0.2.0/24\r\n198.51.100.0/24")])
            .await;
        assert_eq!(saved.location(), "/organisation/addresses?done=saved");
        let shown = browser.get(saved.location()).await.body;
        assert!(
            shown.contains("198.51.100.0/24") && shown.contains("保存しました"),
            "{shown}"
        );
        assert!(!now().await.admit(SourceAddress(OUTSIDE.parse().unwrap())));

        // Empty again: from anywhere.
        browser.submit(PAGE, PAGE, &[("ranges", " ")]).await;
        assert!(now().await.admit(SourceAddress(OUTSIDE.parse().unwrap())));
    })
    .await;
}

#[tokio::test]
async fn asvs_16_3_3_a_session_that_ends_outside_and_a_command_stand_in_the_trail() {
    const ENTRIES: Sql = Sql("SELECT action, outcome FROM audit_entries ORDER BY entry_id");
    on_each(async |host| {
        host.add_tanaka().await;
        let browser = host.signed_in().await;
        restrict(&host, OFFICE).await;
        let mut outside = host.browser(OUTSIDE);
        outside.jar = browser.jar.clone();
        outside.get("/").await;
        let rows = host.db.query(ENTRIES, params![]).await.unwrap();
        let found: Vec<(String, String)> = rows
            .iter()
            .map(|row| (row.get(0).unwrap(), row.get(1).unwrap()))
            .collect();
        for expected in [
            ("organisation.addresses_by_command", "done"),
            ("session.outside", "refused"),
        ] {
            let times = found
                .iter()
                .filter(|(action, outcome)| (&**action, &**outcome) == expected);
            assert_eq!(times.count(), 1, "{expected:?} in {found:?}");
        }
    })
    .await;
}
