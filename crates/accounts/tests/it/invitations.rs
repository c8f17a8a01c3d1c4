//! ASVS 6.4 (row 40): invitations and new passwords by links that are random, one-time and short-lived.

use accounts::Role;
use axum::http::StatusCode;
use base::clock::{HOUR, SECOND};
use base::id::{OfficeId, OrgId};
use db::{Sql, params};

use crate::browser::{Browser, Host, PASSWORD, Seen, on_each};

const NEW: &str = "赤い靴と二羽の鳩とうどん屋";

/// The path of the link that a page shows.
fn link(seen: &Seen) -> String {
    let (_, rest) = seen.body.split_once("http://localhost:8080").expect(&seen.body);
    rest.split('"').next().unwrap().to_owned()
}

async fn invite(admin: &mut Browser, login: &str) -> Seen {
    let fields = [
        ("name", "新人 みどり"),
        ("login", login),
        ("office", "1"),
        ("role", "sender"),
    ];
    admin.submit("/staff/new", "/staff", &fields).await
}

async fn choose(browser: &mut Browser, link: &str, password: &str) -> Seen {
    let fields = [
        ("password", password),
        ("password_again", password),
        ("agreed", "yes"),
    ];
    browser.submit(link, link, &fields).await
}

#[tokio::test]
async fn somebody_who_is_invited_chooses_a_password_and_signs_in() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let seen = invite(&mut admin, "midori").await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
        let link = link(&seen);
        assert_eq!(link.rsplit('/').next().unwrap().len(), 22, "128 bits: {link}");

        let mut midori = host.browser("192.0.2.7");
        assert!(!midori.sign_in("midori", PASSWORD).await.errors().is_empty());
        let page = midori.get(&link).await;
        assert_eq!(page.status, StatusCode::OK);
        for words in ["新人 みどり", "midori", "第67条", "記録"] {
            assert!(page.body.contains(words), "{words}: {}", page.body);
        }
        let seen = choose(&mut midori, &link, NEW).await;
        assert_eq!(seen.location(), "/sign-in?done=joined", "{}", seen.body);
        assert!(
            midori
                .get(seen.location())
                .await
                .body
                .contains("パスワードを決めました")
        );
        assert_eq!(midori.sign_in("midori", NEW).await.location(), "/");
        assert!(midori.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn looking_at_a_link_changes_nothing_and_it_works_once() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let link = link(&invite(&mut admin, "midori").await);
        let mut scanner = host.browser("198.51.100.9");
        for _ in 0..20 {
            assert_eq!(scanner.get(&link).await.status, StatusCode::OK);
        }
        let (mut one, mut other) = (host.browser("192.0.2.7"), host.browser("192.0.2.8"));
        let answers = tokio::join!(choose(&mut one, &link, NEW), choose(&mut other, &link, PASSWORD));
        let mut statuses = [answers.0.status, answers.1.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::NOT_FOUND]);
        assert_eq!(scanner.get(&link).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_4_1_a_link_is_good_for_48_hours_and_a_new_one_takes_its_place() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let first = link(&invite(&mut admin, "midori").await);
        let mut midori = host.browser("192.0.2.7");
        host.clock.advance(48 * HOUR - SECOND);
        assert_eq!(midori.get(&first).await.status, StatusCode::OK);
        host.clock.advance(SECOND);
        let over = midori.get(&first).await;
        assert_eq!(over.status, StatusCode::NOT_FOUND);
        assert!(over.body.contains("管理者に、新しいリンク"), "{}", over.body);
        assert_eq!(
            choose(&mut midori, &first, NEW).await.status,
            StatusCode::FORBIDDEN
        );

        let mut admin = host.signed_in_as("kanri").await;
        let again = admin.submit("/staff/2", "/staff/2/link", &[]).await;
        let second = link(&again);
        assert_ne!(first, second);
        let third = link(&admin.submit("/staff/2", "/staff/2/link", &[]).await);
        assert_eq!(
            midori.get(&second).await.status,
            StatusCode::NOT_FOUND,
            "replaced"
        );
        let page = admin.get("/staff/2").await.body;
        assert!(!page.contains(third.rsplit('/').next().unwrap()), "shown once");
        admin.submit("/staff/2", "/staff/2/link/withdraw", &[]).await;
        assert_eq!(
            midori.get(&third).await.status,
            StatusCode::NOT_FOUND,
            "withdrawn"
        );
    })
    .await;
}

#[tokio::test]
async fn a_made_up_link_looks_like_an_old_one() {
    on_each(async |host: Host| {
        let mut stranger = host.browser("198.51.100.9");
        let long = "A".repeat(22);
        let bodies = [long.as_str(), "x", "%2e%2e", "AAAAAAAAAAAAAAAAAAAAAB"];
        let mut seen = Vec::new();
        for token in bodies {
            let page = stranger.get(&format!("/invitation/{token}")).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{token}");
            seen.push(page.body);
        }
        assert!(seen.windows(2).all(|two| two[0] == two[1]));
    })
    .await;
}

#[tokio::test]
async fn whoever_does_not_promise_or_repeats_wrongly_is_told_so() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let link = link(&invite(&mut admin, "midori").await);
        let mut midori = host.browser("192.0.2.7");
        let fields = [("password", "midori"), ("password_again", "x")];
        let seen = midori.submit(&link, &link, &fields).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(seen.errors().len(), 3, "{:?}", seen.errors());
        assert_eq!(
            choose(&mut midori, &link, NEW).await.status,
            StatusCode::SEE_OTHER
        );
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_every_session_and_the_old_one_is_good_until_then() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        host.add_tanaka().await;
        let mut tanaka = host.signed_in().await;
        let seen = admin.submit("/staff/2", "/staff/2/link", &[]).await;
        let link = link(&seen);
        assert!(seen.body.contains("2つ目の確認方法はそのまま残ります"));
        assert!(tanaka.is_signed_in().await, "nothing has happened yet");
        let mut other = host.browser("192.0.2.7");
        assert_eq!(choose(&mut other, &link, NEW).await.status, StatusCode::SEE_OTHER);
        assert!(!tanaka.is_signed_in().await);
        assert!(!other.sign_in("tanaka", PASSWORD).await.errors().is_empty());
        assert_eq!(other.sign_in("tanaka", NEW).await.location(), "/");
    })
    .await;
}

#[tokio::test]
async fn the_database_holds_no_link_and_the_trail_no_password() {
    const LINKS: Sql = Sql("SELECT token_hash FROM invitations");
    const TRAIL: Sql =
        Sql("SELECT action, outcome, subject_id, staff_id FROM audit_entries ORDER BY entry_id");
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        let link = link(&invite(&mut admin, "midori").await);
        let row = host.db.query_opt(LINKS, params![]).await.unwrap().unwrap();
        let hash: String = row.get(0).unwrap();
        assert_eq!(hash.len(), 43, "SHA-256");
        assert!(!link.contains(&hash) && !hash.contains(link.rsplit('/').next().unwrap()));
        choose(&mut host.browser("192.0.2.7"), &link, NEW).await;
        let rows = host.db.query(TRAIL, params![]).await.unwrap();
        let used = rows
            .iter()
            .find(|row| row.get::<String>(0).unwrap() == "invitation.join");
        let used = used.expect("an entry in the commit");
        assert_eq!(used.get::<String>(1).unwrap(), "done");
        assert_eq!((used.get::<i64>(2).unwrap(), used.get::<i64>(3).unwrap()), (2, 2));
    })
    .await;
}

#[tokio::test]
async fn many_are_invited_at_once_or_nobody() {
    on_each(async |host: Host| {
        let (_, mut admin) = host.administrator().await;
        host.add_office("朝霞保健所").await;
        let wrong = "氏名,ログインID,部署,役割\n見本 一,hajime,朝霞保健所,配信担当者\n見本 二,kanri,朝霞保健所,電話担当者\n";
        let seen = admin.upload("/staff/new", "/staff/many", wrong, b"").await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.body.contains("3行目: このログインIDはすでに"), "{}", seen.body);
        assert_eq!(host.accounts.people_count(OrgId::FIRST, None).await.unwrap(), 1);
        let right = wrong.replace("kanri", "futatsu");
        let seen = admin.upload("/staff/new", "/staff/many", "", right.as_bytes()).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
        assert_eq!(seen.body.matches("/invitation/").count(), 2);
        let office = Some(OfficeId::new(2));
        let people = host.accounts.people(OrgId::FIRST, office, (10, 0)).await.unwrap();
        assert_eq!(people.len(), 2);
        assert_eq!(people[1].staff.roles, Role::Sender.into());
    })
    .await;
}
