//! A staff host with two health centres, and a browser for each person: what is typed and pressed is sent as a
//! browser sends it.

use accounts::{Accounts, Login, Name, Password, Role, SourceAddress, signed_in_only};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::clock::Clock;
use base::id::{OfficeId, OrgId, StaffId, TemplateId};
use base::segment::Segmentation;
use db::Db;
use db::testing::TestDatabase;
use messaging::links::LinkSettings;
use messaging::pages::{Desk, Sending, pages};
use messaging::store;
use tower::ServiceExt;

pub(crate) const ORG: OrgId = OrgId::FIRST;
const NOON: i64 = 1_790_000_000_000;
const PASSWORD: &str = "青い傘と三匹の猫とラーメン";
pub(crate) const TEXT: &str = "【みどり県】あなたのIDは{{ID}}です。";

/// A prefecture with its head office and two health centres.
pub(crate) struct Host {
    pub(crate) db: Db,
    accounts: Accounts,
    app: Router,
    pub(crate) asaka: OfficeId,
    pub(crate) soka: OfficeId,
    _database: TestDatabase,
}

impl Host {
    /// On SQLite.
    pub(crate) async fn new() -> Self {
        Self::on(TestDatabase::sqlite(Clock::manual(NOON))).await
    }

    /// One on each database that is there.
    pub(crate) async fn each() -> Vec<Self> {
        let mut all = Vec::new();
        for database in TestDatabase::each(&Clock::manual(NOON)).await {
            all.push(Self::on(database).await);
        }
        all
    }

    async fn on(database: TestDatabase) -> Self {
        let db = database.open().await.unwrap();
        let accounts = Accounts::new(db.clone(), false);
        let office = async |name| {
            accounts
                .add_office(ORG, Name::parse(name).unwrap())
                .await
                .unwrap()
        };
        let (asaka, soka) = (office("朝霞保健所").await, office("草加保健所").await);
        let sending = Sending {
            simulated: false,
            sender: "0005000000".to_owned(),
            segmentation: Segmentation::Udh8,
            hold: 30_000,
            has_carrier: true,
            tariff: messaging::pages::Tariff::default(),
        };
        let desk = Desk {
            db: db.clone(),
            accounts: accounts.clone(),
            sending,
            links: LinkSettings::default(),
        };
        let routes = accounts.pages().merge(signed_in_only(pages(desk)));
        let app = accounts.layer(routes.layer(from_fn(web::error::pages)));
        Self {
            app: app.layer(Extension(SourceAddress([192, 0, 2, 1].into()))),
            db,
            accounts,
            asaka,
            soka,
            _database: database,
        }
    }

    pub(crate) async fn template(&self, text: &str) -> (TemplateId, String) {
        let by = StaffId::new(1);
        let id = store::add_template(&self.db, ORG, "案内".to_owned(), text.to_owned(), by);
        let id = id.await.unwrap();
        (id, format!("{id}.1"))
    }

    /// Somebody of that office, signed in.
    pub(crate) async fn staff(&self, login: &str, office: OfficeId) -> Browser {
        let login = Login::parse(login).unwrap();
        let password = Password::parse(PASSWORD, &login).unwrap();
        let name = Name::parse("田中 花子").unwrap();
        let added = self
            .accounts
            .add_account(ORG, office, login.clone(), name, Role::Sender, password);
        added.await.unwrap();
        let mut browser = Browser {
            app: self.app.clone(),
            cookies: Vec::new(),
        };
        let fields = [("login", login.as_str()), ("password", PASSWORD)];
        let seen = browser.submit("/sign-in", "/sign-in", &fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        browser
    }

    /// Somebody of the health centre, and a template.
    pub(crate) async fn desk(&self) -> (Browser, String) {
        let (_, template) = self.template(TEXT).await;
        (self.staff("asaka", self.asaka).await, template)
    }
}

pub(crate) struct Browser {
    app: Router,
    pub(crate) cookies: Vec<(String, String)>,
}

#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// Everything between the tags, for sentences that are written over several elements.
    pub(crate) fn words(&self) -> String {
        let mut words = String::new();
        for piece in self.body.split('<') {
            words.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        }
        words
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        let request = Request::get(path).header("sec-fetch-mode", "navigate");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn token(&mut self, page: &str) -> String {
        let seen = self.get(page).await;
        let (_, rest) = seen.body.split_once(r#"name="csrf" value=""#).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    /// Fills in a form of `page`.
    pub(crate) async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.token(page).await;
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        self.post(action, &all).await
    }

    pub(crate) async fn post(&mut self, action: &str, fields: &[(&str, &str)]) -> Seen {
        let encoded = |text: &str| -> String {
            let letter = |byte: u8| match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            };
            text.bytes().map(letter).collect()
        };
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let request = Request::post(action)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(pairs.join("&"))).unwrap())
            .await
    }

    pub(crate) async fn upload_with(
        &mut self,
        token: &str,
        fields: &[(&str, &str)],
        name: &str,
        file: &[u8],
    ) -> Seen {
        self.upload_to("/lists", token, fields, (name, file)).await
    }

    /// Sends a form with a file, whose name stands before its bytes.
    pub(crate) async fn upload_to(
        &mut self,
        action: &str,
        token: &str,
        fields: &[(&str, &str)],
        (name, file): (&str, &[u8]),
    ) -> Seen {
        let mut body = Vec::new();
        for (field, value) in [("csrf", token)].iter().chain(fields) {
            let part = format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        let part = format!(
            "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(part.into_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--X--\r\n");
        let request = Request::post(action)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn upload(&mut self, template: &str, file: &[u8]) -> Seen {
        let token = self.token("/lists/new").await;
        self.upload_with(&token, &[("template", template)], "朝霞.csv", file)
            .await
    }

    /// Uploads a list that is read, and gives the address of its page.
    pub(crate) async fn list(&mut self, template: &str, text: &str) -> String {
        let seen = self.upload(template, text.as_bytes()).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.words());
        assert!(seen.location.starts_with("/lists/"), "{}", seen.location);
        seen.location
    }

    pub(crate) async fn send(&mut self, mut request: Request) -> Seen {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let headers = request.headers_mut();
        headers.insert(header::HOST, "localhost".parse().unwrap());
        headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        let location = parts.headers.get(header::LOCATION);
        Seen {
            status: parts.status,
            location: location.map_or_else(String::new, |value| value.to_str().unwrap().to_owned()),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

/// Decides something about a list.
pub(crate) async fn choose(browser: &mut Browser, list: &str, fields: &[(&str, &str)]) -> Seen {
    browser.submit(list, &format!("{list}/choices"), fields).await
}
