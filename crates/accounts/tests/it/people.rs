//! ASVS 7.4 (row 45), 8.1 to 8.3 (rows 48 to 50): accounts are managed by whoever may, and nobody else.

use accounts::audit::{Action, Entry};
use accounts::{AccountError, Permission, Role, Roles, Standing};
use axum::http::StatusCode;
use base::id::{OfficeId, OrgId};
use db::{Sql, params};

use crate::browser::{Host, PASSWORD, on_each};

const ORG: OrgId = OrgId::FIRST;
const HEAD: OfficeId = OfficeId::HEADQUARTERS;

#[tokio::test]
async fn asvs_8_3_2_disabling_somebody_ends_their_sessions_at_once_and_enabling_lets_them_in_again() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        host.add_tanaka().await;
        let (mut desk, mut laptop) = (host.signed_in().await, host.signed_in().await);
        assert!(admin.get("/staff/2").await.body.contains("2つのログインをすべて"));
        let seen = admin.submit("/staff/2", "/staff/2/disable", &[]).await;
        assert_eq!(seen.location(), "/staff/2?done=disabled");
        assert!(!desk.is_signed_in().await && !laptop.is_signed_in().await);
        assert!(!desk.sign_in("tanaka", PASSWORD).await.errors().is_empty());
        admin.submit("/staff/2", "/staff/2/enable", &[]).await;
        assert_eq!(desk.sign_in("tanaka", PASSWORD).await.location(), "/");

        admin.submit("/staff/2", "/staff/2/sign-out", &[]).await;
        assert!(!desk.is_signed_in().await, "an administrator ends sessions");
        assert_eq!(desk.sign_in("tanaka", PASSWORD).await.location(), "/");
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_stays() {
    on_each(async |host: Host| {
        let first = host.add_at("kanri", HEAD, Role::Administrator).await;
        let accounts = &host.accounts;
        let last = |outcome: Result<(), AccountError>| {
            assert!(
                matches!(outcome, Err(AccountError::LastAdministrator)),
                "{outcome:?}"
            );
        };
        last(accounts.disable(ORG, first).await);
        last(accounts.set_roles(ORG, first, HEAD, Role::Sender.into()).await);
        let asaka = host.add_office("朝霞保健所").await;
        last(accounts.move_home(ORG, first, asaka).await);

        // Neither somebody who was only invited nor a disabled one administers anything.
        let second = host.add_at("fuku", HEAD, Role::Administrator).await;
        accounts.disable(ORG, second).await.unwrap();
        last(accounts.disable(ORG, first).await);
        accounts.enable(ORG, second).await.unwrap();
        accounts.set_roles(ORG, first, HEAD, Roles::NONE).await.unwrap();
        last(accounts.disable(ORG, second).await);
    })
    .await;
}

#[tokio::test]
async fn of_the_last_two_administrators_one_stays_whoever_removes_them_at_the_same_moment() {
    on_each(async |host: Host| {
        let other_node = host.another_node().await;
        let mut left = host.add_at("first", HEAD, Role::Administrator).await;
        for round in 0..10 {
            let second = host
                .add_at(&format!("second{round}"), HEAD, Role::Administrator)
                .await;
            let outcomes = tokio::join!(
                host.accounts.disable(ORG, left),
                other_node.set_roles(ORG, second, HEAD, Role::Caller.into())
            );
            let last =
                |outcome: &Result<(), AccountError>| matches!(outcome, Err(AccountError::LastAdministrator));
            match (last(&outcomes.0), last(&outcomes.1)) {
                (true, false) if outcomes.1.is_ok() => {}
                (false, true) if outcomes.0.is_ok() => left = second,
                _ => panic!("one is refused: {outcomes:?}"),
            }
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_changes_what_they_may_themselves() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        host.add_at("fuku", HEAD, Role::Administrator).await;
        let page = admin.get("/staff/1").await.body;
        assert!(page.contains("自分では変えられません") && !page.contains("/staff/1/roles"));
        let own = [
            ("/staff/1/roles", vec![("office", "1"), ("role", "auditor")]),
            ("/staff/1/home", vec![("home", "1")]),
            ("/staff/1/disable", vec![]),
            ("/staff/1/link", vec![]),
        ];
        for (action, fields) in own {
            let seen = admin.submit("/staff/new", action, &fields).await;
            assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY, "{action}");
            assert!(seen.body.contains("ほかの管理者に頼んでください"), "{action}");
        }
        let kanri = host
            .accounts
            .person(ORG, base::id::StaffId::new(1))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(kanri.roles_at(HEAD), Role::Administrator.into());
    })
    .await;
}

#[tokio::test]
async fn the_manager_of_an_office_manages_the_own_office_and_gives_no_more_than_its_work_needs() {
    on_each(async |host: Host| {
        let (asaka, kazo) = (
            host.add_office("朝霞保健所").await,
            host.add_office("加須保健所").await,
        );
        host.add_at("kanri", HEAD, Role::Administrator).await; // 1
        host.add_at("sekinin", asaka, Role::OfficeManager).await; // 2
        host.add_at("asaka", asaka, Role::Sender).await; // 3
        host.add_at("kazo", kazo, Role::Sender).await; // 4
        host.add_at("kansa", asaka, Role::Auditor).await; // 5
        let mut manager = host.signed_in_as("sekinin").await;
        let list = manager.get("/staff?office=3").await.body;
        assert!(
            list.contains("朝霞保健所") && !list.contains(">kazo<") && !list.contains("加須"),
            "{list}"
        );
        for path in [
            "/staff/1",
            "/staff/4",
            "/offices",
            "/offices/2",
            "/staff/x",
            "/staff/99",
        ] {
            assert_eq!(manager.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(manager.get("/staff/5").await.status, StatusCode::OK);
        let give = |roles: &'static [(&'static str, &'static str)]| roles.to_vec();
        let cases = [
            (
                "/staff/3/roles",
                give(&[("office", "2"), ("role", "sender"), ("role", "caller")]),
                303,
            ),
            (
                "/staff/3/roles",
                give(&[("office", "2"), ("role", "auditor")]),
                422,
            ),
            (
                "/staff/3/roles",
                give(&[("office", "2"), ("role", "administrator")]),
                422,
            ),
            (
                "/staff/3/roles",
                give(&[("office", "1"), ("role", "sender")]),
                422,
            ),
            (
                "/staff/3/roles",
                give(&[("office", "3"), ("role", "sender")]),
                422,
            ),
            ("/staff/3/home", give(&[("home", "3")]), 404),
            ("/staff/4/disable", vec![], 404),
            ("/staff/1/disable", vec![], 404),
            // A new password for whoever may do more would be the manager's.
            ("/staff/5/link", vec![], 404),
            ("/staff/5/disable", vec![], 404),
            ("/staff/3/disable", vec![], 303),
            (
                "/offices",
                give(&[("name", "偽"), ("kind", "health_centre"), ("last_day", "")]),
                404,
            ),
            ("/offices/2/close", vec![], 404),
        ];
        for (action, fields, status) in cases {
            let seen = manager.submit("/staff/new", action, &fields).await;
            assert_eq!(seen.status.as_u16(), status, "{action} {fields:?}: {}", seen.body);
        }
        let new = |office, role| {
            [
                ("name", "新人"),
                ("login", "shinjin"),
                ("office", office),
                ("role", role),
            ]
        };
        for (office, role, status) in [("3", "sender", 422), ("2", "doctor", 422), ("2", "caller", 200)] {
            let seen = manager.submit("/staff/new", "/staff", &new(office, role)).await;
            assert_eq!(seen.status.as_u16(), status, "{office} {role}: {}", seen.body);
        }
        // Whoever holds neither role finds no page about people.
        let mut sender = host.signed_in_as("kazo").await;
        for path in ["/staff", "/staff/new", "/staff/4", "/offices"] {
            assert_eq!(sender.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn asvs_8_2_3_a_form_with_more_than_it_has_is_refused() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        host.add_tanaka().await;
        let cases = [
            (
                "/staff/2/roles",
                vec![("office", "1"), ("role", "sender"), ("org", "2")],
            ),
            ("/staff/2/roles", vec![("office", "1"), ("role", "root")]),
            ("/staff/2/roles", vec![("role", "sender")]),
            ("/staff/2/home", vec![("home", "1"), ("roles", "administrator")]),
            ("/staff/2/disable", vec![("id", "1")]),
            (
                "/staff",
                vec![
                    ("name", "a"),
                    ("login", "abc"),
                    ("office", "1"),
                    ("disabled_at", "1"),
                ],
            ),
        ];
        for (action, fields) in cases {
            let seen = admin.submit("/staff/2", action, &fields).await;
            assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{action} {fields:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn somebody_with_roles_at_two_offices_works_at_one_at_a_time() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let (asaka, kazo) = (
            host.add_office("朝霞保健所").await,
            host.add_office("加須保健所").await,
        );
        host.add_at("both", asaka, Role::Sender).await;
        let fields = [("office", "3"), ("role", "caller")];
        let seen = admin.submit("/staff/2", "/staff/2/roles", &fields).await;
        assert_eq!(seen.location(), "/staff/2?done=roles");
        let mut both = host.signed_in_as("both").await;
        let page = both.get("/me/offices").await.body;
        assert!(
            page.contains("加須保健所で働く") && page.contains("部署を替える"),
            "{page}"
        );
        let here = |page: &str, office: &str| page.contains(&format!("</span> {office} <a href"));
        assert!(here(&page, "朝霞保健所"), "{page}");
        let seen = both.submit("/me/offices", "/me/office", &[("office", "3")]).await;
        assert_eq!(seen.location(), "/");
        let page = both.get("/me/offices").await.body;
        assert!(
            here(&page, "加須保健所") && page.contains("電話担当者</span>"),
            "{page}"
        );
        let head = both.submit("/me/offices", "/me/office", &[("office", "1")]).await;
        assert_eq!(head.status, StatusCode::NOT_FOUND, "no role there");
        // Permissions change with the next request.
        admin
            .submit("/staff/2", "/staff/2/roles", &[("office", "3")])
            .await;
        let page = both.get("/me/offices").await.body;
        assert!(
            page.contains("朝霞保健所") && !page.contains("加須保健所"),
            "{page}"
        );
        let moved = admin.submit("/staff/2", "/staff/2/home", &[("home", "3")]).await;
        assert_eq!(moved.location(), "/staff/2?done=moved");
        let person = host
            .accounts
            .person(ORG, base::id::StaffId::new(2))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(person.roles_at(kazo), Role::Sender.into(), "the roles went along");
        assert_eq!(person.roles_at(asaka), Roles::NONE);
        assert_eq!(person.standing(), Standing::Active);
    })
    .await;
}

#[tokio::test]
async fn asvs_8_1_1_the_page_of_roles_is_the_table_of_the_code() {
    on_each(async |host: Host| {
        host.add_tanaka().await;
        let page = host.signed_in().await.get("/roles").await.body;
        let rows: Vec<&str> = page.split("<tr>").skip(2).collect();
        assert_eq!(rows.len(), Permission::ALL.len());
        for (permission, row) in Permission::ALL.into_iter().zip(rows) {
            assert!(row.contains(permission.label()), "{permission:?}");
            for role in Role::ALL {
                let cell = row
                    .split(&format!("data-role=\"{}\">", role.code()))
                    .nth(1)
                    .unwrap();
                let may = cell.split("</td>").next().unwrap().contains('○');
                assert_eq!(may, role.may(permission), "{role:?} {permission:?}");
            }
        }
        for role in Role::ALL {
            assert!(
                page.contains(role.label()) && page.contains(role.explanation()),
                "{role:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn asvs_16_3_2_what_a_command_does_and_what_is_refused_stands_in_the_trail() {
    const TRAIL: Sql = Sql("SELECT action, outcome FROM audit_entries ORDER BY entry_id");
    const ACTION: Action = Action {
        code: "admin.account_disable",
        label: "止めた",
    };
    on_each(async |host: Host| {
        let only = host.add_at("kanri", HEAD, Role::Administrator).await;
        let tanaka = host.add_tanaka().await;
        for (id, done) in [(only, false), (tanaka, true)] {
            let entry = Entry::of(ACTION).about("staff", id.get());
            let work = host.accounts.disable(ORG, id);
            let outcome = host.accounts.by_command(ORG, entry, work).await.unwrap();
            assert_eq!(outcome.is_ok(), done, "{outcome:?}");
        }
        let rows = host.db.query(TRAIL, params![]).await.unwrap();
        let rows: Vec<(String, String)> = rows
            .iter()
            .map(|row| (row.get(0).unwrap(), row.get(1).unwrap()))
            .filter(|(action, _): &(String, String)| action == ACTION.code)
            .collect();
        let outcomes: Vec<&str> = rows.iter().map(|(_, outcome)| outcome.as_str()).collect();
        assert_eq!(outcomes, ["refused", "done"]);
    })
    .await;
}
