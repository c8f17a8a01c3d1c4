//! A staff host with the head office and two health centres, and a browser for each person.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use accounts::{Accounts, Login, Name, Password, Role, SourceAddress};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::clock::Clock;
use base::id::{OfficeId, OrgId};
use db::Db;
use db::testing::TestDatabase;
use tower::ServiceExt;
use triage::pages::{Triage, pages};

pub(crate) const ORG: OrgId = OrgId::FIRST;
/// 2026-11-22 14:05:09 in Japan.
pub(crate) const START: i64 = 1_795_323_909_000;
const PASSWORD: &str = "青い傘と三匹の猫とラーメン";

pub(crate) struct Host {
    pub(crate) db: Db,
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    /// A health centre.
    pub(crate) asaka: OfficeId,
    _database: TestDatabase,
}

/// A host on each database.
pub(crate) async fn hosts() -> Vec<Host> {
    let clock = Clock::manual(START);
    let mut hosts = Vec::new();
    for database in TestDatabase::each(&clock).await {
        // Each turns a clock of its own.
        hosts.push(Host::on(database, Clock::manual(START)).await);
    }
    hosts
}

impl Host {
    async fn on(database: TestDatabase, clock: Clock) -> Self {
        let options = db::OpenOptions {
            clock: clock.clone(),
            ..database.options.clone()
        };
        let db = Db::open(&options).await.unwrap();
        let accounts = Accounts::new(db.clone(), false);
        let office = async |name: &str| {
            accounts
                .add_office(ORG, Name::parse(name).unwrap())
                .await
                .unwrap()
        };
        let (asaka, kawaguchi) = (office("朝霞保健所").await, office("川口保健所").await);
        let head = OfficeId::HEADQUARTERS;
        for (login, office, role) in [
            ("honcho", head, Role::OfficeManager),
            ("shonin", head, Role::Approver),
            ("asaka", asaka, Role::OfficeManager),
            ("kawaguchi", kawaguchi, Role::OfficeManager),
        ] {
            let login = Login::parse(login).unwrap();
            let password = Password::parse(PASSWORD, &login).unwrap();
            let name = Name::parse("見本 花子").unwrap();
            accounts
                .add_account(ORG, office, login, name, role, password)
                .await
                .unwrap();
        }
        Self {
            db,
            accounts,
            clock,
            asaka,
            _database: database,
        }
    }

    pub(crate) async fn browser(&self, login: &str) -> Browser {
        let desk = Triage {
            db: self.db.clone(),
            accounts: self.accounts.clone(),
        };
        let routes = self.accounts.pages().merge(pages(desk));
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
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    location: String,
    pub(crate) body: String,
}

impl Seen {
    /// Where it leads, without what was done.
    pub(crate) fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.location.split('?').next().unwrap()
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

    /// What the page's own form would send: every field of it as it stands.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        let mut fields = BTreeMap::new();
        let attribute = |tag: &str, name: &str| {
            let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
            Some(unescaped(rest.split('"').next()?))
        };
        let main = self.body.split("<main").nth(1).unwrap_or(&self.body);
        for tag in main
            .split("<input")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap())
        {
            let ticked = !tag.contains(r#"type="checkbox""#) || tag.contains(" checked");
            if let (Some(name), true) = (attribute(tag, "name"), ticked) {
                fields.insert(name, attribute(tag, "value").unwrap_or_default());
            }
        }
        for select in main.split("<select").skip(1) {
            let select = select.split("</select>").next().unwrap();
            let chosen = select
                .split("<option")
                .skip(1)
                .find(|option| option.contains(" selected"));
            let first = select.split("<option").nth(1).unwrap();
            let value = attribute(chosen.unwrap_or(first), "value").unwrap();
            fields.insert(attribute(select, "name").unwrap(), value);
        }
        for area in main.split("<textarea").skip(1) {
            let text = area
                .split_once('>')
                .unwrap()
                .1
                .split("</textarea>")
                .next()
                .unwrap();
            fields.insert(attribute(area, "name").unwrap(), unescaped(text.trim()));
        }
        fields
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
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
        self.post(action, &all).await
    }

    /// Sends the page's own form with some fields changed.
    pub(crate) async fn change(&mut self, page: &str, changes: &[(&str, &str)]) -> Seen {
        let mut form = self.get(page).await.form();
        form.extend(
            changes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let fields: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post(page, &fields).await
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
            self.jar
                .insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
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
