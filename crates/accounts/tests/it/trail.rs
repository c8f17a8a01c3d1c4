//! The page of the audit trail: who reads it, what it shows, what leaves it as a file.

use accounts::Permission::ReadAudit;
use accounts::audit::{Action, Entry, record_alone};
use accounts::sealer::Sealer;
use accounts::{Access, Accounts, Name, Role, Route};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use base::id::{OfficeId, OrgId, StaffId};
use db::{Sql, params};

use crate::browser::{Browser, Host, NAME, PASSWORD, login, on_each, password};

const ROUTES: &[Route] = &[
    Route::open("GET", "/sign-in"),
    Route::open("POST", "/sign-in"),
    Route::look("/audit", Access::May(ReadAudit), "audit.read", "監査の記録を見た"),
    Route::look(
        "/audit/verify",
        Access::May(ReadAudit),
        "audit.verify",
        "検証した",
    ),
    Route::ask(
        "/audit/export",
        Access::May(ReadAudit),
        "audit.export",
        "書き出した",
    ),
    Route::ask(
        "/audit/person",
        Access::May(ReadAudit),
        "audit.person",
        "番号で探した",
    ),
    Route::look(
        "/messages/{id}",
        Access::SignedIn,
        "message.look",
        "メッセージを見た",
    ),
];
const LOOK: Action = Action {
    code: "message.look",
    label: "",
};

fn with_routes(host: &Host) -> Accounts {
    host.accounts.clone().with_routes(ROUTES)
}

async fn person(host: &Host, name: &str, office: OfficeId, role: Role) -> StaffId {
    let (login, person) = (login(name), Name::parse(NAME).unwrap());
    let secret = password(PASSWORD, &login);
    let added = host
        .accounts
        .add_account(OrgId::FIRST, office, login, person, role, secret);
    added.await.unwrap()
}

async fn browser(host: &Host, name: &str) -> Browser {
    let accounts = with_routes(host);
    let pages = accounts.guard(accounts.pages());
    let app = accounts.layer(pages.layer(from_fn(web::error::pages)));
    let mut browser = Browser::before(app, "192.0.2.7");
    assert_eq!(
        browser.sign_in(name, PASSWORD).await.status,
        StatusCode::SEE_OTHER
    );
    browser
}

async fn looked(host: &Host, message: i64, detail: &str) {
    let entry = Entry::of(LOOK).about("messages", message).with(detail);
    record_alone(&host.db, OrgId::FIRST, entry).await.unwrap();
}

#[tokio::test]
async fn asvs_16_2_1_an_auditor_reads_who_looked_at_whom_and_that_is_recorded_too() {
    on_each(async |host| {
        person(&host, "kansa", OfficeId::HEADQUARTERS, Role::Auditor).await;
        person(&host, "soushin", OfficeId::HEADQUARTERS, Role::Sender).await;
        looked(&host, 17, "みほん十七").await;
        looked(&host, 18, "みほん十八").await;
        let mut auditor = browser(&host, "kansa").await;
        let page = auditor.get("/audit").await.body;
        let (newer, older) = (page.find("みほん十八").unwrap(), page.find("みほん十七").unwrap());
        assert!(newer < older, "{page}");
        assert!(
            page.contains(r#"<a href="/messages/17">メッセージ 17</a>"#),
            "{page}"
        );
        assert!(page.contains("メッセージを見た"), "{page}");
        let one = auditor.get("/audit?kind=messages&number=17").await.body;
        assert!(one.contains("みほん十七") && !one.contains("みほん十八"), "{one}");
        let again = auditor.get("/audit?action=audit.read").await.body;
        assert!(again.contains("192.0.2.7") && again.contains(NAME), "{again}");
        assert!(!again.contains("みほん"), "{again}");
        let mistyped = auditor.get("/audit?day=yesterday&number=x").await;
        assert_eq!(mistyped.errors().len(), 2, "{}", mistyped.body);
        // Nobody else reads it; that they asked is kept.
        let mut sender = browser(&host, "soushin").await;
        assert_eq!(sender.get("/audit").await.status, StatusCode::NOT_FOUND);
        let refused = auditor.get("/audit?outcome=refused").await.body;
        assert!(refused.contains("認められなかった</"), "{refused}");
    })
    .await;
}

#[tokio::test]
async fn an_auditor_of_an_office_reads_of_that_office_only() {
    on_each(async |host| {
        let office = host
            .accounts
            .add_office(OrgId::FIRST, Name::parse("朝霞保健所").unwrap());
        let office = office.await.unwrap();
        person(&host, "asaka-kansa", office, Role::Auditor).await;
        person(&host, "honcho-kansa", OfficeId::HEADQUARTERS, Role::Auditor).await;
        looked(&host, 17, "本庁のみほん").await;
        let mut head = browser(&host, "honcho-kansa").await;
        assert!(head.get("/audit").await.body.contains("本庁のみほん"));
        let mut asaka = browser(&host, "asaka-kansa").await;
        asaka.get("/audit").await;
        let page = asaka.get("/audit?office=1").await.body;
        assert!(
            !page.contains("本庁のみほん") && page.contains("192.0.2.7"),
            "{page}"
        );
    })
    .await;
}

#[tokio::test]
async fn long_trails_come_in_pages_that_miss_and_repeat_nothing() {
    on_each(async |host| {
        person(&host, "kansa", OfficeId::HEADQUARTERS, Role::Auditor).await;
        for number in 0..230 {
            looked(&host, 1_000 + number, "").await;
        }
        let mut auditor = browser(&host, "kansa").await;
        let (mut path, mut seen) = ("/audit?kind=messages".to_owned(), Vec::new());
        for _ in 0..5 {
            let page = auditor.get(&path).await.body;
            let things = page.split("<a href=\"/messages/").skip(1);
            seen.extend(things.map(|rest| rest[..4].parse::<i64>().unwrap()));
            let Some((_, rest)) = page.split_once("href=\"/audit?before=") else {
                break;
            };
            let before = rest.split('&').next().unwrap();
            path = format!("/audit?before={before}&kind=messages");
        }
        let expected: Vec<i64> = (1_000..1_230).rev().collect();
        assert_eq!(seen, expected);
    })
    .await;
}

#[tokio::test]
async fn a_file_needs_a_purpose_says_whose_it_is_and_is_no_formula() {
    on_each(async |host| {
        person(&host, "kansa", OfficeId::HEADQUARTERS, Role::Auditor).await;
        looked(&host, 17, "=cmd|' /C calc'!A0").await;
        let mut auditor = browser(&host, "kansa").await;
        let refused = auditor
            .submit("/audit", "/audit/export", &[("purpose", " ")])
            .await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields = [
            ("purpose", "四半期の点検"),
            ("kind", "messages"),
            ("number", "17"),
        ];
        let file = auditor.submit("/audit", "/audit/export", &fields).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.body);
        let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
        assert!(name.contains("todoke-audit-kansa-"), "{name}");
        assert!(file.body.contains(",'=cmd|' /C calc'!A0,"), "{}", file.body);
        let last = file.body.trim_end().lines().last().unwrap();
        assert!(last.contains(NAME) && last.contains("四半期の点検"), "{last}");
        let kept = auditor.get("/audit?action=audit.export").await.body;
        assert!(kept.contains("目的: 四半期の点検（1件）"), "{kept}");
    })
    .await;
}

#[tokio::test]
async fn the_page_says_how_the_trail_stands_and_verifies_it() {
    on_each(async |host| {
        person(&host, "kansa", OfficeId::HEADQUARTERS, Role::Auditor).await;
        looked(&host, 17, "").await;
        let mut auditor = browser(&host, "kansa").await;
        let before = auditor.get("/audit").await.body;
        assert!(before.contains("まだありません"), "{before}");
        let directory = tempfile::tempdir().unwrap();
        Sealer::new(host.db.clone(), directory.path().join("marks"))
            .look()
            .await;
        let after = auditor.get("/audit").await.body;
        assert!(after.contains("件目まで"), "{after}");
        let verified = auditor.get("/audit/verify").await.body;
        assert!(verified.contains("書かれたときのままです"), "{verified}");
    })
    .await;
}

#[tokio::test]
async fn the_trail_of_one_person_is_found_by_number_and_the_number_is_not_kept() {
    const OPENED: Sql = Sql("SELECT entry_id FROM audit_entries WHERE action = 'audit.person'");
    on_each(async |mut host| {
        host.accounts = host.accounts.clone().with_person_records(|_, _, number| {
            let known = number.e164() == "+819098765432";
            let records = vec![("calls", 3), ("messages", 17)];
            Box::pin(async move { Ok(if known { records } else { Vec::new() }) })
        });
        person(&host, "kansa", OfficeId::HEADQUARTERS, Role::Auditor).await;
        looked(&host, 17, "みほん十七").await;
        looked(&host, 18, "みほん十八").await;
        let mut auditor = browser(&host, "kansa").await;
        let find = async |auditor: &mut Browser, typed: &str| {
            auditor
                .submit("/audit", "/audit/person", &[("phone", typed)])
                .await
        };
        let page = find(&mut auditor, "０９０−９８７６−５４３２").await.body;
        assert!(
            page.contains("みほん十七") && !page.contains("みほん十八"),
            "{page}"
        );
        assert!(
            page.contains("電話 3") && page.contains("メッセージ 17"),
            "{page}"
        );
        let none = find(&mut auditor, "090-9999-0001").await.body;
        assert!(none.contains("この番号の記録はありません"), "{none}");
        let wrong = find(&mut auditor, "048-000-1234").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.errors()[0].starts_with("携帯電話の番号ではありません"));
        let kept = host.db.query(OPENED, params![]).await.unwrap();
        assert_eq!(kept.len(), 2, "what could not be read searched nothing");
        let trail = auditor.get("/audit").await.body;
        assert!(trail.contains("見つかった記録: 電話 3、メッセージ 17"), "{trail}");
        for digits in ["9098765432", "9876-5432", "９８７６"] {
            assert!(!trail.contains(digits), "{digits}");
        }
    })
    .await;
}
