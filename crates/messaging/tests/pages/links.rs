//! Short links: the pages that they lead to, what looks at them, and who opens them.

use std::collections::HashSet;

use crate::host::{Host, ORG, START};
use accounts::{Accounts, Name};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use base::clock::{Clock, DAY};
use base::id::{LinkTargetId, MessageId, OrgId, StaffId};
use base::phone::{self, PhoneNumber};
use db::Db;
use db::testing::TestDatabase;
use messaging::limits::LINK_VALID;
use messaging::links::{HostPattern, LinkOrigin, LinkedPage, TargetName, TargetUrl, Token};
use messaging::pages::{ResidentDesk, resident_pages};
use messaging::store::{self, LinkCounts, NewLink, Opening};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tower::ServiceExt;

const BY: StaffId = StaffId::new(1);
const PAGE: &str = "https://www.pref.example.lg.jp/kansatsu?from=sms";
const HELP: &str = "みどり県 感染症対策課 電話 000-000-0000";
const TEXT: &str = "みどり県です。{{リンク 健康観察}} を開いてください。";

fn url(text: &str) -> TargetUrl {
    TargetUrl::parse(text, &[HostPattern::parse("*.lg.jp").unwrap()]).unwrap()
}

fn name(text: &str) -> TargetName {
    TargetName::parse(text).unwrap()
}

fn number(last: u32) -> PhoneNumber {
    phone::parse(&format!("0901200{last:04}")).unwrap().number
}

/// A resident host over one database.
struct Residents {
    db: Db,
    clock: Clock,
    app: Router,
    page: LinkedPage,
    _database: TestDatabase,
}

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "「{text}」 is not in {}", self.body);
    }
}

impl Residents {
    /// One on each database that there is.
    async fn each() -> Vec<Self> {
        let clock = Clock::manual(START);
        let mut all = Vec::new();
        for database in TestDatabase::each(&clock).await {
            let db = database.open().await.unwrap();
            let accounts = Accounts::new(db.clone(), false);
            accounts
                .set_organisation_name(ORG, Name::parse("みどり県").unwrap())
                .await
                .unwrap();
            let desk = ResidentDesk {
                db: db.clone(),
                accounts,
                help: HELP.to_owned(),
            };
            let app =
                resident_pages(desk).layer(axum::middleware::from_fn_with_state(true, web::headers::layer));
            let target = store::add_link_target(&db, ORG, name("健康観察"), url(PAGE), BY);
            let page = LinkedPage {
                target: target.await.unwrap().unwrap(),
                version: 1,
                is_desk: false,
            };
            all.push(Self {
                clock: clock.clone(),
                db,
                app,
                page,
                _database: database,
            });
        }
        all
    }

    async fn token(&self, to: PhoneNumber) -> Token {
        let vault = self.db.vault(ORG).await.unwrap();
        Token::of(&vault, false, to, self.page, TEXT)
    }

    fn new_link(&self, message: i64, generation: i64, token: &Token) -> NewLink {
        NewLink {
            message: MessageId::new(message),
            generation,
            token: token.index(&self.db),
            page: self.page,
            person: None,
        }
    }

    async fn insert(&self, org: OrgId, new: Vec<NewLink>) -> Result<(), db::DbError> {
        let (vault, now) = (self.db.vault(org).await.unwrap(), self.db.now());
        let write = self.db.write(move |tx| {
            let (vault, new) = (vault.clone(), new.clone());
            Box::pin(async move { store::insert_links(tx, org, &vault, &new, now).await })
        });
        write.await
    }

    /// The link of message 1, made now.
    async fn sent(&self) -> Token {
        let token = self.token(number(1)).await;
        self.insert(ORG, vec![self.new_link(1, 0, &token)]).await.unwrap();
        token
    }

    async fn ask(&self, method: &str, address: &str) -> Seen {
        let request = Request::builder().method(method).uri(address);
        let request = request.body(Body::empty()).unwrap();
        let (parts, body) = self.app.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        Seen {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    async fn state(&self, message: i64) -> store::LinkState {
        let id = MessageId::new(message);
        store::link_states(&self.db, ORG, &[id]).await.unwrap()[&id]
    }
}

fn address(token: &Token) -> String {
    format!("/l/{}", token.as_str())
}

#[tokio::test]
async fn looking_never_counts_and_pressing_counts_once() {
    for residents in Residents::each().await {
        let address = address(&residents.sent().await);
        for _ in 0..50 {
            for method in ["GET", "HEAD"] {
                assert_eq!(residents.ask(method, &address).await.status, StatusCode::OK);
            }
        }
        let state = residents.state(1).await;
        assert_eq!((state.opened_at, state.open_count), (None, 0));
        let first = residents.clock.now();
        for count in 1..=3 {
            let seen = residents.ask("POST", &address).await;
            assert_eq!(
                (seen.status, seen.header("location")),
                (StatusCode::SEE_OTHER, PAGE)
            );
            residents.clock.advance(DAY);
            let state = residents.state(1).await;
            assert_eq!((state.opened_at, state.open_count), (Some(first), count));
        }
    }
}

#[tokio::test]
async fn the_page_tells_robots_nothing_and_names_nobody() {
    for residents in Residents::each().await {
        let address = address(&residents.sent().await);
        let page = residents.ask("GET", &address).await;
        page.shows("みどり県");
        page.shows("ご案内を開く");
        page.shows(&format!(r#"method="post" action="{address}""#));
        page.shows("www.pref.example.lg.jp");
        page.shows(HELP);
        for hidden in [
            "og:",
            "twitter:",
            "kansatsu",
            "健康観察",
            "0901200",
            "http-equiv",
            "<img",
        ] {
            assert!(!page.body.contains(hidden), "{hidden}: {}", page.body);
        }
        let out = residents.ask("POST", &address).await;
        let over = residents.ask("GET", "/l/123456789ABC").await;
        for seen in [&page, &out, &over] {
            assert_eq!(seen.header("cache-control"), "no-store");
            assert_eq!(seen.header("referrer-policy"), "no-referrer");
            assert_eq!(seen.header("x-robots-tag"), "noindex, nofollow");
            assert!(
                seen.header("content-security-policy")
                    .starts_with("default-src 'none'")
            );
            assert_eq!(seen.header("set-cookie"), "");
        }
        // The form ends on another site, whatever that site leads on to.
        let policy = page.header("content-security-policy");
        assert!(policy.contains("form-action 'self' https:;"), "{policy}");
    }
}

#[tokio::test]
async fn a_link_ends_after_its_time_and_an_unknown_one_is_no_other_page() {
    for residents in Residents::each().await {
        let address = address(&residents.sent().await);
        let unknown = residents.ask("GET", "/l/123456789ABC").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        unknown.shows("このリンクは使えません");
        unknown.shows(HELP);
        for wrong in ["/l/x", "/l/%E3", "/l/123456789AB0", "/l/%20"] {
            for method in ["GET", "POST"] {
                let seen = residents.ask(method, wrong).await;
                assert_eq!(
                    (seen.status, &seen.body),
                    (StatusCode::NOT_FOUND, &unknown.body),
                    "{wrong}"
                );
            }
        }
        assert_eq!(
            residents.ask("POST", "/l/123456789ABC").await.status,
            StatusCode::NOT_FOUND
        );
        residents.clock.advance(LINK_VALID - 1);
        assert_eq!(residents.ask("GET", &address).await.status, StatusCode::OK);
        residents.clock.advance(1);
        for method in ["GET", "POST"] {
            let seen = residents.ask(method, &address).await;
            assert_eq!((seen.status, &seen.body), (StatusCode::GONE, &unknown.body));
        }
        assert_eq!(residents.state(1).await.open_count, 0);
    }
}

#[tokio::test]
async fn what_a_phone_took_into_the_link_does_no_harm() {
    for residents in Residents::each().await {
        let address = address(&residents.sent().await);
        for swallowed in ["%E3%82%92%E9%96%8B%E3%81%8F", "%E3%82", ")", "%20"] {
            let page = residents.ask("GET", &format!("{address}{swallowed}")).await;
            page.shows(&format!(r#"action="{address}""#));
        }
    }
}

#[tokio::test]
async fn sent_links_lead_where_they_led_when_the_page_moves_or_goes() {
    for residents in Residents::each().await {
        let old = residents.sent().await;
        let target = residents.page.target;
        let moved = "https://www.pref.example.lg.jp/new";
        let add = |seen| store::add_link_target_version(&residents.db, ORG, target, seen, url(moved), BY);
        assert_eq!(add(1).await.unwrap(), Some(2));
        assert_eq!(add(1).await.unwrap(), None, "somebody was faster");
        assert!(
            store::retire_link_target(&residents.db, ORG, target)
                .await
                .unwrap()
        );
        assert!(store::link_targets(&residents.db, ORG).await.unwrap().is_empty());
        let seen = residents.ask("POST", &address(&old)).await;
        assert_eq!(seen.header("location"), PAGE);
        let again = store::add_link_target(&residents.db, ORG, name("健康 観察"), url(moved), BY);
        assert_ne!(again.await.unwrap().unwrap(), target, "the name is free again");
        let taken = store::add_link_target(&residents.db, ORG, name("健康観察"), url(moved), BY);
        assert_eq!(taken.await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_same_text_sent_again_carries_the_same_link_and_more_time() {
    for residents in Residents::each().await {
        let token = residents.sent().await;
        residents.clock.advance(LINK_VALID);
        residents
            .insert(ORG, vec![residents.new_link(2, 1, &token)])
            .await
            .unwrap();
        let seen = residents.ask("POST", &address(&token)).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER);
        assert_eq!(residents.state(1).await.open_count, 0, "its time was over");
        assert_eq!(residents.state(2).await.open_count, 1);
    }
}

#[tokio::test]
async fn two_texts_with_one_token_are_refused_and_a_page_named_twice_is_one_link() {
    for residents in Residents::each().await {
        let token = residents.sent().await;
        let other = residents.new_link(2, 0, &token);
        assert!(residents.insert(ORG, vec![other]).await.is_err());
        let free = residents.new_link(3, 0, &residents.token(number(3)).await);
        residents.insert(ORG, vec![free.clone(), free]).await.unwrap();
        assert_eq!(residents.state(3).await.open_count, 0);
    }
}

#[tokio::test]
async fn counts_are_of_messages_and_of_the_own_organisation() {
    for residents in Residents::each().await {
        let mut new = Vec::new();
        for message in 1..=10 {
            let token = residents
                .token(number(100 + u32::try_from(message).unwrap()))
                .await;
            new.push(residents.new_link(message, 0, &token));
        }
        residents.insert(ORG, new.clone()).await.unwrap();
        for link in &new[..3] {
            let opened = store::open_link(&residents.db, link.token.clone()).await.unwrap();
            assert_eq!(opened, Opening::Opened(url(PAGE)));
        }
        let counts = async |org, first, last| {
            let (first, last) = (MessageId::new(first), MessageId::new(last));
            store::link_counts(&residents.db, org, first, last).await.unwrap()
        };
        assert_eq!(counts(ORG, 1, 10).await, LinkCounts { links: 10, opened: 3 });
        assert_eq!(counts(ORG, 3, 99).await, LinkCounts { links: 8, opened: 1 });
        let stranger = OrgId::new(2);
        assert_eq!(counts(stranger, 1, 10).await, LinkCounts { links: 0, opened: 0 });
        let ids: Vec<MessageId> = (1..=20).map(MessageId::new).collect();
        assert_eq!(
            store::link_states(&residents.db, ORG, &ids).await.unwrap().len(),
            10
        );
        let none = store::link_states(&residents.db, stranger, &ids).await.unwrap();
        assert!(none.is_empty());
        let target = residents.page.target;
        assert!(
            store::link_target(&residents.db, stranger, target)
                .await
                .unwrap()
                .is_none()
        );
        assert!(
            !store::retire_link_target(&residents.db, stranger, target)
                .await
                .unwrap()
        );
    }
}

#[tokio::test]
async fn a_row_gets_the_same_token_again_and_anything_else_another() {
    let residents = Residents::each().await.remove(0);
    let vault = residents.db.vault(ORG).await.unwrap();
    let of = |simulated, to, target, version, text| {
        let page = LinkedPage {
            target: LinkTargetId::new(target),
            version,
            is_desk: false,
        };
        Token::of(&vault, simulated, number(to), page, text)
    };
    let one = of(false, 1, 1, 1, TEXT);
    assert_eq!(one, of(false, 1, 1, 1, TEXT));
    let others = [
        of(true, 1, 1, 1, TEXT),
        of(false, 2, 1, 1, TEXT),
        of(false, 1, 2, 1, TEXT),
        of(false, 1, 1, 2, TEXT),
        of(false, 1, 1, 1, "別の文面"),
    ];
    let different: HashSet<&Token> = others.iter().chain([&one]).collect();
    assert_eq!(different.len(), 6);
    let many: HashSet<String> = (0..2_000)
        .map(|to| of(false, to, 1, 1, TEXT).as_str().to_owned())
        .collect();
    assert_eq!(many.len(), 2_000);
    let mut letters: HashSet<char> = HashSet::new();
    for token in &many {
        assert_eq!(token.len(), 12);
        assert!(!token.contains(['0', 'O', 'I', 'l']), "{token}");
        letters.extend(token.chars());
    }
    assert_eq!(letters.len(), 58, "all letters are used");
    let origin = LinkOrigin::parse("https://sms.example.lg.jp").unwrap();
    assert_eq!(origin.link(&one).len(), "https://sms.example.lg.jp/l/".len() + 12);
    assert!(!one.index(&residents.db).as_str().contains(one.as_str()));
}

#[test]
fn whatever_is_asked_for_is_answered_with_a_page() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let residents = runtime.block_on(Residents::each()).remove(0);
    let asked = ("[!-~]{0,30}", any::<bool>());
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let answered = TestRunner::new(config).run(&asked, |(path, post)| {
        let address = format!("/l/a{}", path.replace(['/', '?', '#'], "."));
        // What is no address at all does not come this far.
        if address.parse::<axum::http::Uri>().is_ok() {
            let seen = runtime.block_on(residents.ask(if post { "POST" } else { "GET" }, &address));
            prop_assert_eq!(seen.status, StatusCode::NOT_FOUND, "{}", address);
            prop_assert!(seen.body.contains(HELP));
        }
        Ok(())
    });
    answered.unwrap();
}

const MOVED: &str = "https://www.pref.example.lg.jp/new";

#[tokio::test]
async fn the_head_office_enters_moves_and_retires_pages() {
    let host = Host::new().await;
    let mut head = host.browser("honcho").await;
    head.get("/links").await.shows("案内ページはまだありません");
    let wrong = head
        .submit(
            "/links/new",
            "/links",
            &[("name", " "), ("url", "https://bit.ly/x")],
        )
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    wrong.shows("案内ページの名前を入力してください。");
    wrong.shows("bit.ly のページは案内できません。案内できるのは *.lg.jp のページです。");
    let fields = [("name", "健康観察"), ("url", PAGE)];
    let made = head.submit("/links/new", "/links", &fields).await;
    let address = made.location().split('?').next().unwrap().to_owned();
    let page = head.get(made.location()).await;
    page.shows("文面に {{リンク 健康観察}} と書くと");
    let twice = head.submit("/links/new", "/links", &fields).await;
    twice.shows("同じ名前の案内ページがあります");
    store::add_template(&host.db, ORG, "観察".into(), TEXT.into(), host.staff)
        .await
        .unwrap();
    head.get(&address).await.shows("1件（観察）");
    let moved = [("url", MOVED), ("version", "1")];
    let saved = head.submit(&address, &address, &moved).await;
    let page = head.get(saved.location()).await;
    page.shows("第2版のアドレスを保存しました");
    page.shows(PAGE);
    let late = head
        .submit(
            &address,
            &address,
            &[("url", "https://a.lg.jp/"), ("version", "1")],
        )
        .await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    late.shows("ほかの人が先に新しいアドレスを保存しました");
    late.shows("https://a.lg.jp/");
    let retired = head.submit(&address, &format!("{address}/retire"), &[]).await;
    let list = head.get(retired.location()).await;
    list.shows("案内ページの使用をやめました");
    list.hides("健康観察</a>");
    head.get(&address)
        .await
        .shows("この案内ページは使用をやめています");
    let change = head.submit("/links/new", &address, &moved).await;
    assert_eq!(change.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn other_offices_see_pages_and_change_none() {
    let host = Host::new().await;
    let id = store::add_link_target(&host.db, ORG, name("健康観察"), url(PAGE), host.staff)
        .await
        .unwrap()
        .unwrap();
    let mut asaka = host.asaka().await;
    let list = asaka.get("/links").await;
    list.shows("{{リンク 健康観察}}");
    list.shows("案内ページを変えられるのは本庁の職員です");
    list.hides("/links/new");
    let page = asaka.get(&format!("/links/{id}")).await;
    page.shows(PAGE);
    page.hides("<button class=\"button\"");
    page.hides("/retire");
    assert_eq!(asaka.get("/links/new").await.status, StatusCode::NOT_FOUND);
    let token = asaka.get("/templates/new").await.hidden("csrf");
    let fields = [
        ("csrf", token.as_str()),
        ("name", "別"),
        ("url", MOVED),
        ("version", "1"),
    ];
    for action in [
        "/links".to_owned(),
        format!("/links/{id}"),
        format!("/links/{id}/retire"),
    ] {
        let fields = if action.ends_with("retire") {
            &fields[..1]
        } else {
            &fields[..]
        };
        assert_eq!(
            asaka.post(&action, fields).await.status,
            StatusCode::NOT_FOUND,
            "{action}"
        );
    }
    let targets = store::link_targets(&host.db, ORG).await.unwrap();
    assert_eq!((targets.len(), targets[0].current.version), (1, 1));
    assert!(
        host.browser("")
            .await
            .get("/links")
            .await
            .location()
            .starts_with("/sign-in")
    );
}
