//! ASVS 6.4.4: factors are taken away by two administrators together, or at the server.

use accounts::Role;
use accounts::factors::ResetError;
use axum::http::StatusCode;
use base::clock::DAY;
use base::id::{OrgId, StaffId};

use crate::browser::{Browser, Host, LOGIN, PASSWORD, login, on_each};

const REASON: &str = "本人が来庁し、トークンの紛失を確かめた";

async fn administrator(host: &Host, name: &str) -> Browser {
    host.add_as(name, PASSWORD, Role::Administrator).await;
    let mut browser = host.browser("192.0.2.1");
    browser.sign_in(name, PASSWORD).await;
    browser
}

/// Tanaka with an app, and the page of Tanaka's factors.
async fn lost(host: &Host) -> (Browser, StaffId, String) {
    let tanaka = host.add_tanaka().await;
    let mut browser = host.signed_in().await;
    browser.add_app(host.clock.now()).await;
    (browser, tanaka, format!("/staff/{tanaka}/factors"))
}

#[tokio::test]
async fn asvs_6_4_4_a_reset_takes_two_administrators() {
    on_each(async |host| {
        let (mut living, tanaka, page) = lost(&host).await;
        let mut one = administrator(&host, "honcho").await;
        let mut two = administrator(&host, "kanri").await;
        let (reset, confirm) = (format!("{page}/reset"), format!("{page}/reset/confirm"));
        let nothing = two.submit("/", &confirm, &[]).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        let empty = one.submit(&page, &reset, &[("reason", " ")]).await;
        assert_eq!(empty.errors(), ["理由を200文字以内で入力してください。"]);
        let asked = one.submit(&page, &reset, &[("reason", REASON)]).await;
        assert_eq!(asked.location(), format!("{page}?done=asked"));
        assert!(
            one.get(&page)
                .await
                .body
                .contains("別の管理者の確認を待っています")
        );
        let alone = one.submit("/", &confirm, &[]).await;
        assert_eq!(
            alone.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "not the one who asked"
        );
        assert!(living.is_signed_in().await);
        assert!(host.accounts.factors(OrgId::FIRST, tanaka).await.unwrap().any());

        assert!(two.get(&page).await.body.contains(REASON));
        let done = two.submit("/", &confirm, &[]).await;
        assert_eq!(done.location(), format!("{page}?done=confirmed"));
        assert!(!living.is_signed_in().await);
        assert!(!host.accounts.factors(OrgId::FIRST, tanaka).await.unwrap().any());
        let seen = host.browser("192.0.2.1").sign_in(LOGIN, PASSWORD).await;
        assert_eq!(seen.location(), "/", "the password is as it was");
        let twice = two.submit("/", &confirm, &[]).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test]
async fn a_request_waits_three_days_and_can_be_withdrawn() {
    on_each(async |host| {
        let (_, tanaka, _) = lost(&host).await;
        let mut staff = Vec::new();
        for name in ["honcho", "kanri"] {
            let id = host.add_as(name, PASSWORD, Role::Administrator).await;
            staff.push(
                host.accounts
                    .staff_by_id(OrgId::FIRST, id)
                    .await
                    .unwrap()
                    .unwrap(),
            );
        }
        let [one, two] = staff.as_slice() else {
            panic!("two")
        };
        let accounts = &host.accounts;
        accounts.ask_factor_reset(one, tanaka, REASON).await.unwrap();
        let again = accounts.ask_factor_reset(two, tanaka, REASON).await;
        assert!(matches!(again, Err(ResetError::Waiting)), "{again:?}");
        host.clock.advance(3 * DAY);
        let late = accounts.confirm_factor_reset(two, tanaka).await;
        assert!(matches!(late, Err(ResetError::NothingToConfirm)), "{late:?}");
        assert!(
            accounts
                .factor_reset(OrgId::FIRST, tanaka)
                .await
                .unwrap()
                .is_none()
        );
        accounts.ask_factor_reset(two, tanaka, REASON).await.unwrap();
        assert!(accounts.withdraw_factor_reset(one, tanaka).await.unwrap());
        let gone = accounts.confirm_factor_reset(one, tanaka).await;
        assert!(matches!(gone, Err(ResetError::NothingToConfirm)), "{gone:?}");
        let own = accounts.ask_factor_reset(one, one.id, REASON).await;
        assert!(matches!(own, Err(ResetError::Oneself)), "{own:?}");
    })
    .await;
}

#[tokio::test]
async fn the_page_is_for_administrators_of_the_organisation() {
    on_each(async |host| {
        let (mut tanaka, _, page) = lost(&host).await;
        assert_eq!(tanaka.get(&page).await.status, StatusCode::NOT_FOUND);
        let refused = tanaka
            .submit("/", &format!("{page}/reset"), &[("reason", REASON)])
            .await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        let mut one = administrator(&host, "honcho").await;
        assert_eq!(one.get("/staff/999/factors").await.status, StatusCode::NOT_FOUND);
        assert_eq!(one.get("/staff/x/factors").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn at_the_server_one_person_is_enough() {
    on_each(async |host| {
        let (mut living, tanaka, _) = lost(&host).await;
        host.accounts.reset_factors(&login(LOGIN)).await.unwrap();
        assert!(!living.is_signed_in().await);
        assert!(!host.accounts.factors(OrgId::FIRST, tanaka).await.unwrap().any());
        assert!(host.accounts.reset_factors(&login("nobody")).await.is_err());
    })
    .await;
}
