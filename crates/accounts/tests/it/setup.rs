//! ASVS 6.3.2: no account exists by itself; the first is made with a code from the console, once.

use axum::http::StatusCode;
use base::id::OrgId;

use crate::browser::{Browser, Host, NAME, PASSWORD, Seen, login, on_each, password};

const PLACE: &str = "さいたま県";

fn fields(code: &str) -> Vec<(&'static str, String)> {
    vec![
        ("code", code.to_owned()),
        ("organisation", PLACE.to_owned()),
        ("offices", "朝霞保健所\r\n\r\n 川口保健所 \r\n".to_owned()),
        ("name", NAME.to_owned()),
        ("login", "Tanaka".to_owned()),
        ("password", PASSWORD.to_owned()),
        ("password_again", PASSWORD.to_owned()),
    ]
}

async fn submit(browser: &mut Browser, fields: &[(&'static str, String)]) -> Seen {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.submit("/setup", "/setup", &fields).await
}

async fn code(host: &Host) -> String {
    host.accounts.offer_setup().await.unwrap().unwrap().to_string()
}

#[tokio::test]
async fn the_first_start_makes_the_organisation_its_offices_and_an_administrator() {
    on_each(async |host| {
        assert_eq!(host.accounts.count_accounts().await.unwrap(), 0);
        let code = code(&host).await;
        let mut browser = host.browser("192.0.2.1");
        assert_eq!(browser.get("/sign-in").await.location(), "/setup");
        let seen = submit(&mut browser, &fields(&code.to_lowercase())).await;
        assert_eq!(
            (seen.status, seen.location()),
            (StatusCode::SEE_OTHER, "/"),
            "{}",
            seen.body
        );
        assert!(browser.is_signed_in().await);

        let org = OrgId::FIRST;
        assert_eq!(host.accounts.count_accounts().await.unwrap(), 1);
        assert_eq!(
            host.accounts.organisation_name(org).await.unwrap().as_str(),
            PLACE
        );
        let offices = host.accounts.offices(org).await.unwrap();
        let names: Vec<_> = offices.iter().map(|office| office.name.as_str()).collect();
        assert_eq!(names, ["本庁", "朝霞保健所", "川口保健所"]);
        assert_eq!(
            host.browser("192.0.2.1").sign_in("tanaka", PASSWORD).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test]
async fn asvs_6_3_4_the_set_up_page_is_no_way_around_the_second_factor() {
    on_each(async |mut host| {
        host.accounts = host.accounts.clone().with_factors_from_the_start();
        let code = code(&host).await;
        let mut browser = host.browser("192.0.2.1");
        submit(&mut browser, &fields(&code)).await;
        assert_eq!(browser.get("/").await.location(), "/me/factors?done=required");
        browser.add_app(host.clock.now()).await;
        assert!(browser.is_signed_in().await);
        let again = host.browser("192.0.2.1").sign_in("tanaka", PASSWORD).await;
        assert_eq!(again.location(), "/sign-in/second?next=/");
    })
    .await;
}

#[tokio::test]
async fn what_was_set_up_cannot_be_set_up_again() {
    on_each(async |host| {
        let code = code(&host).await;
        let (mut first, mut second) = (host.browser("192.0.2.1"), host.browser("192.0.2.2"));
        let token = second.token("/setup").await;
        submit(&mut first, &fields(&code)).await;

        let fields = fields(&code);
        let mut late: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        late.push(("csrf", &token));
        assert_eq!(second.post("/setup", &late).await.status, StatusCode::CONFLICT);
        assert_eq!(second.get("/setup").await.location(), "/sign-in");
        assert_eq!(host.accounts.count_accounts().await.unwrap(), 1);
        assert!(host.accounts.offer_setup().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn two_people_at_the_same_moment_make_one_administrator() {
    on_each(async |host| {
        let code = code(&host).await;
        let (mut first, mut second) = (host.browser("192.0.2.1"), host.browser("192.0.2.2"));
        let (one, mut other) = (fields(&code), fields(&code));
        other[4].1 = "suzuki".to_owned();
        let (one, other) = tokio::join!(submit(&mut first, &one), submit(&mut second, &other));
        let mut answers = [one.status, other.status];
        answers.sort_unstable();
        assert_eq!(answers, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
        assert_eq!(host.accounts.count_accounts().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_3_2_nothing_is_made_without_the_code_of_the_console() {
    on_each(async |host| {
        let mut browser = host.browser("192.0.2.1");
        assert_eq!(
            browser.get("/setup").await.location(),
            "/sign-in",
            "no code was given out"
        );
        code(&host).await;
        let seen = submit(&mut browser, &fields("ABCD-EFGH-JKLM")).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            seen.errors()[0].starts_with("初期設定コードが違います"),
            "{:?}",
            seen.errors()
        );
        assert_eq!(host.accounts.count_accounts().await.unwrap(), 0);
        assert!(!browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn every_mistake_is_said_at_its_field_and_what_was_typed_stays() {
    on_each(async |host| {
        let code = code(&host).await;
        let mut browser = host.browser("192.0.2.1");
        let mut wrong = fields(&code);
        wrong[1].1 = String::new();
        wrong[2].1 = format!("朝霞保健所\n{}", "長".repeat(61));
        wrong[5].1 = "todoke-2026-11".to_owned();
        let seen = submit(&mut browser, &wrong).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        let [organisation, office, guessed, different] = seen.errors()[..] else {
            panic!("four mistakes: {:?}", seen.errors())
        };
        assert_eq!(organisation, "名前を入力してください。");
        assert_eq!(office, "名前は60文字以下にしてください。");
        assert!(guessed.starts_with("推測されやすいパスワードです"));
        assert!(different.starts_with("2回のパスワードが違います"));
        assert!(seen.body.contains("朝霞保健所") && seen.body.contains(NAME));
        assert!(!seen.body.contains("todoke-2026-11") && !seen.body.contains(PASSWORD));
        assert_eq!(host.accounts.count_accounts().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_account_from_the_command_line_closes_the_setup_page() {
    on_each(async |host| {
        let code = code(&host).await;
        let mut browser = host.browser("192.0.2.1");
        let token = browser.token("/setup").await;
        host.add("suzuki", PASSWORD).await;
        let fields = fields(&code);
        let mut late: Vec<_> = fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        late.push(("csrf", &token));
        assert_eq!(browser.post("/setup", &late).await.status, StatusCode::CONFLICT);
        let name = login("suzuki");
        host.accounts
            .set_password(&name, password(PASSWORD, &name))
            .await
            .unwrap();
        assert_eq!(
            browser.sign_in("suzuki", PASSWORD).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}
