//! ASVS 8.4.1 (row 50): several organisations on one installation, strictly apart; row 38: none has an account
//! by itself.

use accounts::audit::{Action, Entry};
use accounts::{AccountError, Name, Role};
use axum::http::StatusCode;
use base::clock::HOUR;
use base::id::{OfficeId, OrgId, StaffId};

use crate::browser::{Host, NAME, PASSWORD, on_each};

const MADE: Action = Action {
    code: "admin.organisation_add",
    label: "作った",
};

async fn add(host: &Host, name: &str) -> Result<(OrgId, String), AccountError> {
    let name = Name::parse(name).unwrap();
    let (org, token) = host.accounts.add_organisation(name, Entry::of(MADE)).await?;
    Ok((org, format!("/setup/{}", token.text())))
}

fn fields(login: &str) -> Vec<(&'static str, String)> {
    vec![
        ("organisation", "かわべ市".to_owned()),
        ("offices", "市保健所".to_owned()),
        ("name", NAME.to_owned()),
        ("login", login.to_owned()),
        ("password", PASSWORD.to_owned()),
        ("password_again", PASSWORD.to_owned()),
    ]
}

fn borrowed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

#[tokio::test]
async fn another_organisation_is_set_up_with_a_link_and_sees_nothing_of_the_first() {
    on_each(async |host: Host| {
        let (first, _) = host.administrator().await;
        let asaka = host.add_office("朝霞保健所").await;
        let (org, link) = add(&host, "かわべ市").await.unwrap();
        let mut browser = host.browser("192.0.2.9");
        assert!(browser.get(&link).await.body.contains("かわべ市"));
        let taken = browser.submit(&link, &link, &borrowed(&fields("kanri"))).await;
        assert_eq!(
            taken.errors().len(),
            1,
            "login names are unique within the installation"
        );
        let seen = browser.submit(&link, &link, &borrowed(&fields("kawabe"))).await;
        assert_eq!(
            seen.location(),
            "/sign-in?done=joined&next=%2Fstart",
            "{}",
            seen.body
        );
        assert_eq!(browser.get(&link).await.status, StatusCode::NOT_FOUND, "once");
        browser.sign_in("kawabe", PASSWORD).await;

        let page = browser.get("/offices").await.body;
        assert!(page.contains("市保健所") && !page.contains("朝霞"), "{page}");
        let list = browser.get("/staff").await.body;
        assert!(list.contains(">kawabe<") && !list.contains(">kanri<"), "{list}");
        for path in [format!("/staff/{first}"), format!("/offices/{asaka}")] {
            let seen = browser.get(&path).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        }
        for path in [
            format!("/staff/{first}/disable"),
            format!("/offices/{asaka}/close"),
        ] {
            let seen = browser.submit("/staff/new", &path, &[]).await;
            assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        }
        let new = [
            ("name", "新人"),
            ("login", "shinjin"),
            ("office", &asaka.to_string()),
            ("role", "sender"),
        ];
        let seen = browser.submit("/staff/new", "/staff", &new).await;
        assert_eq!(
            seen.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "no such office here"
        );
        assert_eq!(host.accounts.people_count(org, None).await.unwrap(), 1);
        let second = host.accounts.person(OrgId::FIRST, StaffId::new(2)).await.unwrap();
        assert!(second.is_none());
    })
    .await;
}

#[tokio::test]
async fn each_organisation_has_a_key_of_its_own() {
    on_each(async |host: Host| {
        let (org, _) = add(&host, "かわべ市").await.unwrap();
        let field = db::Field("staff.name");
        let (ours, theirs) = (
            host.db.vault(OrgId::FIRST).await.unwrap(),
            host.db.vault(org).await.unwrap(),
        );
        let sealed = ours.seal(field, 1, NAME);
        assert!(theirs.open(field, 1, &sealed).is_err());
        assert_ne!(ours.index("p", &[b"x"]), theirs.index("p", &[b"x"]));
    })
    .await;
}

#[tokio::test]
async fn a_set_up_link_is_good_for_48_hours_and_can_be_made_again_while_nobody_is_there() {
    on_each(async |host: Host| {
        let (org, first) = add(&host, "かわべ市").await.unwrap();
        assert!(matches!(
            add(&host, "かわべ市").await,
            Err(AccountError::OrganisationNameTaken)
        ));
        let token = host.accounts.offer_organisation(org).await.unwrap();
        let second = format!("/setup/{}", token.text());
        let mut browser = host.browser("192.0.2.9");
        assert_eq!(
            browser.get(&first).await.status,
            StatusCode::NOT_FOUND,
            "replaced"
        );
        host.clock.advance(48 * HOUR);
        assert_eq!(browser.get(&second).await.status, StatusCode::NOT_FOUND, "over");
        let token = host.accounts.offer_organisation(org).await.unwrap();
        let third = format!("/setup/{}", token.text());
        let sample = [&fields("kawabe")[..], &[("sample", "saitama".to_owned())]].concat();
        let filled = browser.submit(&third, &third, &borrowed(&sample)).await;
        assert_eq!(filled.status, StatusCode::OK);
        assert!(filled.body.contains("市保健所\n朝霞保健所"), "{}", filled.body);
        browser.submit(&third, &third, &borrowed(&fields("kawabe"))).await;
        let again = host.accounts.offer_organisation(org).await;
        assert!(matches!(again, Err(AccountError::AlreadySetUp)), "{again:?}");
        let people = host.accounts.people(org, None, (10, 0)).await.unwrap();
        assert!(
            people[0]
                .roles_at(OfficeId::HEADQUARTERS)
                .holds(Role::Administrator)
        );
        let all = host.accounts.organisations().await.unwrap();
        let counts: Vec<_> = all.iter().map(|org| (org.people, org.offices)).collect();
        assert_eq!(counts, [(0, 1), (1, 2)]);
    })
    .await;
}
