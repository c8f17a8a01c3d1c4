//! A staff host with two offices and a browser for each person.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use accounts::{Accounts, Login, Name, OfficeKind, OfficeTerms, Password, Role, SourceAddress};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::clock::Clock;
use base::date::CalendarDate;
use base::id::OfficeId;
use db::Db;
use db::testing::TestDatabase;
use tower::ServiceExt;
use triage::pages::{Triage, pages};

use crate::people::{NOON, ORG};

const PASSWORD: &str = "青い傘と三匹の猫とラーメン";

pub(crate) struct Host {
    pub(crate) db: Db,
    pub(crate) accounts: Accounts,
    pub(crate) asaka: OfficeId,
    pub(crate) kawaguchi: OfficeId,
    _database: TestDatabase,
}

/// On each kind of database.
pub(crate) async fn each_host(test: impl AsyncFn(Host)) {
    for database in TestDatabase::each(&Clock::manual(NOON)).await {
        let options = db::OpenOptions {
            clock: Clock::manual(NOON),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let accounts = Accounts::new(db.clone(), false);
        let mut offices = Vec::new();
        for (office, login) in [("朝霞保健所", "asaka"), ("川口保健所", "kawaguchi")] {
            let office = accounts
                .add_office(ORG, Name::parse(office).unwrap())
                .await
                .unwrap();
            add(&accounts, office, login).await;
            offices.push(office);
        }
        add(&accounts, OfficeId::HEADQUARTERS, "honcho").await;
        test(Host {
            db,
            accounts,
            asaka: offices[0],
            kawaguchi: offices[1],
            _database: database,
        })
        .await;
    }
}

async fn add(accounts: &Accounts, office: OfficeId, login: &str) {
    add_account(accounts, office, login, Role::CaseWorker).await;
}

pub(crate) async fn add_account(accounts: &Accounts, office: OfficeId, login: &str, role: Role) {
    let login = Login::parse(login).unwrap();
    let name = Name::parse("職員 はじめ").unwrap();
    let password = Password::parse(PASSWORD, &login).unwrap();
    accounts
        .add_account(ORG, office, login, name, role, password)
        .await
        .unwrap();
}

impl Host {
    /// A contractor with one person, whose browser this is; today is the last day of the contract.
    pub(crate) async fn contractor(&self, name: &str, login: &str) -> (OfficeId, Browser) {
        let today = CalendarDate::in_japan(self.db.now()).unwrap();
        let last_day = format!("{}/{}/{}", today.year(), today.month(), today.day());
        let terms = OfficeTerms::parse(OfficeKind::Contractor, &last_day).unwrap();
        let name = Name::parse(name).unwrap();
        let office = self.accounts.add_office_as(ORG, name, terms).await.unwrap();
        add(&self.accounts, office, login).await;
        (office, self.browser(login).await)
    }

    pub(crate) async fn browser(&self, login: &str) -> Browser {
        let triage = Triage {
            db: self.db.clone(),
            accounts: self.accounts.clone(),
        };
        let routes = self.accounts.pages().merge(pages(triage));
        let app = self.accounts.layer(routes.layer(from_fn(web::error::pages)));
        let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        let mut browser = Browser {
            app: app.layer(Extension(source)),
            jar: BTreeMap::new(),
        };
        let fields = [("login", login), ("password", PASSWORD)];
        let seen = browser.submit("/sign-in", "/sign-in", &fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        browser
    }
}

/// Keeps cookies, sends forms as a page of the host would.
pub(crate) struct Browser {
    app: Router,
    jar: BTreeMap<String, String>,
}

/// An answer.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Seen {
    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!(r#"name="{name}" value=""#);
        let found = self.body.split_once(&start);
        let (_, rest) = found.unwrap_or_else(|| panic!("no field {name}: {}", self.body));
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
        let request = Request::get(path).header("sec-fetch-mode", "navigate");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Opens `page`, fills in its form and sends it to `action`.
    pub(crate) async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.get(page).await.hidden("csrf");
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        let pairs: Vec<String> = all
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let kind = "application/x-www-form-urlencoded";
        self.post(action, kind, Body::from(pairs.join("&"))).await
    }

    /// Opens `page` and sends a file from there.
    pub(crate) async fn upload(&mut self, page: &str, action: &str, name: &str, bytes: &[u8]) -> Seen {
        let token = self.get(page).await.hidden("csrf");
        let mut body = format!(
            "--X\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--X\r\ncontent-disposition: \
             form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: text/csv\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--X--\r\n");
        self.post(action, "multipart/form-data; boundary=X", Body::from(body))
            .await
    }

    async fn post(&mut self, action: &str, kind: &str, body: Body) -> Seen {
        let request = Request::post(action)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, kind);
        self.send(request.body(body).unwrap()).await
    }

    async fn send(&mut self, mut request: Request) -> Seen {
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
        let bytes = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.jar.insert(name.to_owned(), value.to_owned());
        }
        let location = parts.headers.get(header::LOCATION);
        Seen {
            status: parts.status,
            location: location.map_or("", |value| value.to_str().unwrap()).to_owned(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
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
