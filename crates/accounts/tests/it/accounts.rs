//! What the command line, the demo and the other slices ask for.

use accounts::{AccountError, Name, PasswordRefusal, Role, statements};
use axum::http::StatusCode;
use base::id::{OfficeId, OrgId, StaffId};
use db::{Sql, params};

use crate::browser::{Host, LOGIN, NAME, PASSWORD, login, on_each, password};

async fn add(host: &Host, office: OfficeId, name: &str) -> Result<StaffId, AccountError> {
    let (login, person) = (login(name), Name::parse(NAME).unwrap());
    let secret = password(PASSWORD, &login);
    host.accounts
        .add_account(OrgId::FIRST, office, login, person, Role::Sender, secret)
        .await
}

#[tokio::test]
async fn every_statement_is_understood() {
    on_each(async |host| {
        for (name, sql) in statements() {
            assert!(
                host.db.prepare(*sql).await.is_ok(),
                "{name}: {:?}",
                host.db.prepare(*sql).await
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_login_name_belongs_to_one_person() {
    on_each(async |host| {
        let first = host.add_tanaka().await;
        let again = add(&host, OfficeId::HEADQUARTERS, "ＴＡＮＡＫＡ").await;
        assert!(matches!(again, Err(AccountError::LoginTaken)), "{again:?}");
        let second = add(&host, OfficeId::HEADQUARTERS, "suzuki").await.unwrap();
        assert_ne!(first, second);
        assert_eq!(host.accounts.count_accounts().await.unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn an_account_belongs_to_an_office_that_exists() {
    on_each(async |host| {
        let refused = add(&host, OfficeId::new(99), LOGIN).await;
        assert!(matches!(refused, Err(AccountError::NoSuchOffice)), "{refused:?}");
        let office = host
            .accounts
            .add_office(OrgId::FIRST, Name::parse("朝霞保健所").unwrap())
            .await
            .unwrap();
        assert_ne!(office, OfficeId::HEADQUARTERS);
        let staff = add(&host, office, LOGIN).await.unwrap();
        let found = host
            .accounts
            .staff_by_id(OrgId::FIRST, staff)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (found.office, found.name.as_str(), found.roles),
            (office, NAME, Role::Sender.into())
        );
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_their_numbers_within_their_organisation_only() {
    on_each(async |host| {
        let (tanaka, suzuki) = (host.add_tanaka().await, host.add("suzuki", PASSWORD).await);
        let asked = [tanaka, suzuki, StaffId::new(999)];
        let found = host.accounts.staff_by_ids(OrgId::FIRST, &asked).await.unwrap();
        let mut logins: Vec<_> = found.values().map(|staff| staff.login.as_str()).collect();
        logins.sort_unstable();
        assert_eq!(logins, ["suzuki", "tanaka"]);
        assert!(
            host.accounts
                .staff_by_ids(OrgId::FIRST, &[])
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            host.accounts.staff_by_ids(OrgId::new(2), &asked).await.is_err(),
            "no such organisation"
        );
    })
    .await;
}

#[tokio::test]
async fn a_dump_shows_no_name_and_no_hash_to_guess_at() {
    const DUMP: Sql = Sql("SELECT name_sealed, password_hash FROM staff");
    on_each(async |host| {
        host.add_tanaka().await;
        let row = host.db.query_opt(DUMP, params![]).await.unwrap().unwrap();
        let (name, hash): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        assert!(!name.contains("田中") && !name.contains("花子"));
        assert!(!hash.contains("argon2"));
    })
    .await;
}

#[tokio::test]
async fn a_hash_moved_to_another_persons_row_opens_nothing() {
    const SWAP: Sql = Sql(
        "UPDATE staff SET password_hash = (SELECT password_hash FROM staff WHERE login = $1)
        WHERE login = $2",
    );
    on_each(async |host| {
        host.add_tanaka().await;
        host.add("suzuki", "赤い靴と二羽の鳩とうどん屋").await;
        host.db
            .write(|tx| Box::pin(tx.execute(SWAP, params![LOGIN, "suzuki"])))
            .await
            .unwrap();
        let mut browser = host.browser("192.0.2.1");
        browser.sign_in("suzuki", PASSWORD).await;
        assert!(!browser.is_signed_in().await);
    })
    .await;
}

#[tokio::test]
async fn nobody_who_is_not_there_gets_a_new_password() {
    on_each(async |host| {
        let name = login(LOGIN);
        let answer = host.accounts.set_password(&name, password(PASSWORD, &name)).await;
        assert!(matches!(answer, Err(AccountError::NoSuchAccount)), "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn an_organisation_may_be_renamed() {
    on_each(async |host| {
        let name = Name::parse("さいたま県").unwrap();
        host.accounts
            .set_organisation_name(OrgId::FIRST, name.clone())
            .await
            .unwrap();
        assert_eq!(host.accounts.organisation_name(OrgId::FIRST).await.unwrap(), name);
    })
    .await;
}

#[tokio::test]
async fn asvs_6_2_12_no_breached_password_is_taken_wherever_one_is_chosen() {
    const KNOWN: &str = "kaeru-to-ame-no-yoru";
    on_each(async |mut host| {
        host.add_tanaka().await;
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("breached.txt");
        // SHA-1 of KNOWN between two others, as the file of haveibeenpwned.com has them.
        let hash = "DC1DB690EDAFCDA26B182AA1C8D217168754091A";
        let zeros = "0".repeat(40);
        std::fs::write(
            &file,
            format!("{zeros}:3\r\n{hash}:7\r\n{}:1\r\n", "F".repeat(40)),
        )
        .unwrap();
        let breached = accounts::BreachedPasswords::open(&file).unwrap();
        host.accounts = host.accounts.clone().refusing_breached(breached);
        let login = login(LOGIN);
        let read = host.accounts.new_password(KNOWN, &login).await;
        assert_eq!(read.unwrap_err(), PasswordRefusal::Breached);
        assert!(
            host.accounts
                .new_password("kaeru-to-ame-no-asa", &login)
                .await
                .is_ok()
        );
        let mut browser = host.signed_in().await;
        let form = [("old", PASSWORD), ("password", KNOWN), ("password_again", KNOWN)];
        let seen = browser.submit("/me/password", "/me/password", &form).await;
        assert_eq!(seen.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(seen.errors()[0].contains("よそから漏れた"), "{:?}", seen.errors());
        // A file that was cut or overwritten lets nobody through.
        std::fs::write(&file, "not a hash\n").unwrap();
        let read = host.accounts.new_password("kaeru-to-ame-no-asa", &login).await;
        assert_eq!(read.unwrap_err(), PasswordRefusal::NotLookedUp);
    })
    .await;
    // The pages before signing in go the same way: no page makes a password of its own.
    let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/src/pages");
    for page in std::fs::read_dir(pages).unwrap() {
        let source = std::fs::read_to_string(page.unwrap().path()).unwrap();
        assert!(!source.contains("Password::parse("), "{source}");
    }
}
