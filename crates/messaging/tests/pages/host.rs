//! A staff host with two offices, a template and lists, and a browser for each person.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use accounts::{Accounts, Login, Name, Password, Role, SourceAddress};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::clock::{Clock, SECOND};
use base::id::{AccountId, BroadcastId, ListId, OfficeId, OrgId, StaffId, TemplateId};
use base::segment::Segmentation;
use db::Db;
use db::testing::TestDatabase;
use lists::read::{ReadOptions, read};
use lists::store::{NewList, Settings, add_list};
use messaging::links::LinkSettings;
use messaging::message::Outcome;
use messaging::outbox::{Answer, Incoming, Outbox, PartId, Receipt, Submission};
use messaging::pages::{Desk, Sending, pages, reply_pages};
use messaging::store;
use tower::ServiceExt;

pub(crate) const ORG: OrgId = OrgId::FIRST;
/// 2026-11-22 14:05:09 in Japan.
pub(crate) const START: i64 = 1_795_323_909_000;
pub(crate) const HOLD: i64 = 30 * SECOND;
pub(crate) const TEXT: &str = "あなたのIDは {{ID}} です。";
const PASSWORD: &str = "青い傘と三匹の猫とラーメン";

pub(crate) struct Host {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) accounts: Accounts,
    pub(crate) template: TemplateId,
    /// The office that is not the head office.
    pub(crate) office: OfficeId,
    pub(crate) staff: StaffId,
    sending: Sending,
    pub(crate) database: TestDatabase,
}

impl Host {
    pub(crate) async fn new() -> Self {
        Self::with_carrier(true).await
    }

    pub(crate) async fn with_carrier(has_carrier: bool) -> Self {
        let clock = Clock::manual(START);
        Self::on(TestDatabase::sqlite(clock.clone()), clock, has_carrier).await
    }

    /// On a database of either kind.
    pub(crate) async fn on(database: TestDatabase, clock: Clock, has_carrier: bool) -> Self {
        let db = database.open().await.unwrap();
        let accounts = Accounts::new(db.clone(), false);
        let office = accounts
            .add_office(ORG, Name::parse("朝霞保健所").unwrap())
            .await
            .unwrap();
        let add = async |login: &str, name: &str, office| {
            let login = Login::parse(login).unwrap();
            let password = Password::parse(PASSWORD, &login).unwrap();
            let name = Name::parse(name).unwrap();
            accounts
                .add_account(ORG, office, login, name, Role::Sender, password)
                .await
                .unwrap()
        };
        let staff = add("asaka", "見本 花子", office).await;
        add("honcho", "手本 太郎", OfficeId::HEADQUARTERS).await;
        let other = accounts
            .add_office(ORG, Name::parse("川口保健所").unwrap())
            .await
            .unwrap();
        add("kawaguchi", "例 次郎", other).await;
        let template = store::add_template(&db, ORG, "ご案内".into(), TEXT.into(), staff)
            .await
            .unwrap();
        let sending = Sending {
            simulated: false,
            sender: "0005123456".into(),
            segmentation: Segmentation::Udh8,
            hold: HOLD,
            has_carrier,
            tariff: messaging::pages::Tariff::default(),
        };
        Self {
            db,
            clock,
            accounts,
            template,
            office,
            staff,
            sending,
            database,
        }
    }

    /// Keeps a list with an ID column and these numbers, of the office.
    pub(crate) async fn list(&self, rows: &[(&str, &str)]) -> ListId {
        let lines: Vec<String> = rows.iter().map(|(id, phone)| format!("{id},{phone}")).collect();
        self.list_of(&format!("ID,電話番号\n{}\n", lines.join("\n")))
            .await
    }

    /// Keeps a list of one person whose name it says.
    pub(crate) async fn named_list(&self) -> ListId {
        self.list_of("ID,氏名,電話番号\n100001,手本 夏子,090-1200-0001\n")
            .await
    }

    async fn list_of(&self, csv: &str) -> ListId {
        let sheet = read("朝霞.csv", csv.as_bytes(), &ReadOptions::default())
            .unwrap_or_else(|problem| panic!("{problem}"));
        let settings = Settings {
            to: Some("電話番号".into()),
            fields: std::collections::BTreeMap::new(),
            template: Some((self.template, 1)),
        };
        let new = NewList {
            role: lists::store::Role::List,
            reference: None,
            office: self.office,
            sheet,
            settings,
            by: self.staff,
        };
        add_list(&self.db, ORG, new).await.unwrap()
    }

    /// Keeps a list of `count` good rows.
    pub(crate) async fn good_list(&self, count: u32) -> ListId {
        let rows: Vec<(String, String)> = (0..count)
            .map(|n| (format!("{:06}", 100 + n), format!("0901200{n:04}")))
            .collect();
        let rows: Vec<(&str, &str)> = rows
            .iter()
            .map(|(id, phone)| (id.as_str(), phone.as_str()))
            .collect();
        self.list(&rows).await
    }

    /// The person of the office, signed in.
    pub(crate) async fn asaka(&self) -> Browser {
        self.browser("asaka").await
    }

    pub(crate) async fn browser(&self, login: &str) -> Browser {
        let desk = Desk {
            db: self.db.clone(),
            accounts: self.accounts.clone(),
            sending: self.sending.clone(),
            links: LinkSettings::default(),
        };
        let replies = reply_pages(desk.clone(), crate::replies::somebody);
        let routes = self.accounts.pages().merge(pages(desk)).merge(replies);
        let app = self.accounts.layer(routes.layer(from_fn(web::error::pages)));
        let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        let mut browser = Browser {
            app: app.layer(Extension(source)),
            jar: BTreeMap::new(),
        };
        if !login.is_empty() {
            let seen = browser
                .submit(
                    "/sign-in",
                    "/sign-in",
                    &[("login", login), ("password", PASSWORD)],
                )
                .await;
            assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        }
        browser
    }

    /// Confirms and sends a list as the office's person; gives the broadcast.
    pub(crate) async fn send(&self, browser: &mut Browser, list: ListId) -> BroadcastId {
        let sent = browser.confirm(list, "").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        sent.location()
            .strip_prefix("/broadcasts/")
            .unwrap()
            .parse()
            .unwrap()
    }

    pub(crate) async fn carrier(&self) -> CarrierByHand {
        let node = self.db.join().await.unwrap().unwrap();
        let outbox = Outbox::new(self.db.clone(), node, false);
        let account = outbox.account("todoke@carrier:2775").await.unwrap();
        CarrierByHand { outbox, account }
    }

    /// How many messages the broadcast has.
    pub(crate) async fn messages_in_all(&self, id: BroadcastId) -> u32 {
        let broadcast = store::broadcast(&self.db, ORG, id).await.unwrap().unwrap();
        store::counts(&self.db, ORG, &broadcast, self.clock.now())
            .await
            .unwrap()
            .total()
    }

    pub(crate) async fn broadcasts(&self) -> usize {
        store::broadcasts_between(&self.db, ORG, 0, i64::MAX)
            .await
            .unwrap()
            .len()
    }
}

/// The carrier, played by hand.
pub(crate) struct CarrierByHand {
    outbox: Outbox,
    account: AccountId,
}

impl CarrierByHand {
    pub(crate) async fn claim(&self, room: usize) -> Vec<Submission> {
        self.outbox
            .exchange(self.account, Vec::new(), Vec::new(), room)
            .await
            .unwrap()
            .submissions
    }

    /// What people write back.
    pub(crate) async fn hears(&self, written: Vec<Incoming>) {
        self.outbox.replies(self.account, written).await.unwrap();
    }

    /// What a worker does between two claims.
    pub(crate) async fn tidy(&self) {
        self.outbox.recover().await.unwrap();
    }

    pub(crate) async fn answer(&self, answers: Vec<(PartId, Answer)>) {
        self.outbox.record(self.account, answers).await.unwrap();
    }

    /// Takes a part and tells what became of it.
    pub(crate) async fn finish(&self, part: PartId, outcome: Outcome, code: &str) {
        let carrier_message_id = format!("c{}", part.message);
        self.answer(vec![(
            part,
            Answer::Taken {
                carrier_message_id: carrier_message_id.clone(),
            },
        )])
        .await;
        let code = Some(code.to_owned());
        let receipt = Receipt {
            carrier_message_id,
            outcome,
            code,
            done_at: None,
            submitted_at: None,
            to: None,
        };
        self.outbox.receipts(self.account, vec![receipt]).await.unwrap();
    }
}

/// Keeps cookies, sends forms as a page of the host would.
pub(crate) struct Browser {
    app: Router,
    jar: BTreeMap<String, String>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!(r#"name="{name}" value=""#);
        let (_, rest) = self
            .body
            .split_once(&start)
            .unwrap_or_else(|| panic!("no field {name}: {}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }

    pub(crate) fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "「{text}」 is not in {}", self.body);
    }

    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.body.contains(text), "「{text}」 is in {}", self.body);
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.send(
            Request::get(path)
                .header("sec-fetch-mode", "navigate")
                .body(Body::empty())
                .unwrap(),
        )
        .await
    }

    /// Opens `page`, fills in its form and sends it to `action`.
    pub(crate) async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.get(page).await.hidden("csrf");
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        self.post(action, &all).await
    }

    /// Presses the button of the confirmation page.
    pub(crate) async fn confirm(&mut self, list: ListId, reason: &str) -> Seen {
        let page = self.get(&format!("/lists/{list}/confirm")).await;
        self.press(list, &page, "", reason).await
    }

    /// Presses the button of a confirmation page that was seen before.
    pub(crate) async fn press(&mut self, list: ListId, page: &Seen, resend: &str, reason: &str) -> Seen {
        let (csrf, seal, seen) = (page.hidden("csrf"), page.hidden("seal"), page.hidden("seen"));
        let fields = [
            ("csrf", &*csrf),
            ("seal", &*seal),
            ("seen", &*seen),
            ("resend", resend),
            ("reason", reason),
        ];
        self.post(&format!("/lists/{list}/send"), &fields).await
    }

    /// Sends a form with exactly these fields.
    pub(crate) async fn post(&mut self, action: &str, fields: &[(&str, &str)]) -> Seen {
        let request = Request::post(action)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        self.send(request.body(Body::from(pairs.join("&"))).unwrap())
            .await
    }

    pub(crate) async fn send(&mut self, mut request: Request) -> Seen {
        let headers = request.headers_mut();
        headers.insert(header::HOST, "localhost:8080".parse().unwrap());
        let cookies: Vec<String> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap().to_vec();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            self.jar
                .insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Seen {
            status: parts.status,
            headers: parts.headers,
            bytes,
            body,
        }
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
