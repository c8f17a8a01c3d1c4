//! A prefecture with two health centres on one database, and a browser for each person that also uploads files.

use accounts::{Accounts, Login, Name, Password, Role, SourceAddress, signed_in_only};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::clock::Clock;
use base::id::{ListId, OfficeId, OrgId, StaffId};
use base::segment::Segmentation;
use db::Db;
use db::testing::TestDatabase;
use messaging::links::LinkSettings;
use messaging::pages::{Desk, Sending, pages};
use messaging::store;
use tower::ServiceExt;

pub(crate) const ORG: OrgId = OrgId::FIRST;
/// 2026-11-22 14:05:09 in Japan.
const START: i64 = 1_795_323_909_000;
const PASSWORD: &str = "青い傘と三匹の猫とラーメン";

pub(crate) struct Host {
    pub(crate) db: Db,
    accounts: Accounts,
    app: Router,
}

/// Runs the same test on every database that there is.
pub(crate) async fn each(test: impl AsyncFn(Host)) {
    for database in TestDatabase::each(&Clock::manual(START)).await {
        // A clock of its own, so that one database does not turn the other's forward.
        let options = db::OpenOptions {
            clock: Clock::manual(START),
            ..database.options.clone()
        };
        test(Host::new(Db::open(&options).await.unwrap())).await;
    }
}

impl Host {
    fn new(db: Db) -> Self {
        let accounts = Accounts::new(db.clone(), false);
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
        }
    }

    /// A text, as its field sends it.
    pub(crate) async fn text(&self, name: &str, text: &str) -> String {
        let by = StaffId::new(1);
        let id = store::add_template(&self.db, ORG, name.to_owned(), text.to_owned(), by);
        format!("{}.1", id.await.unwrap())
    }

    /// A new office with somebody of it, signed in.
    pub(crate) async fn office(&self, office: &str, login: &str) -> Browser {
        let name = Name::parse(office).unwrap();
        let office = self.accounts.add_office(ORG, name).await.unwrap();
        self.staff(office, login, "見本 花子").await
    }

    async fn staff(&self, office: OfficeId, login: &str, name: &str) -> Browser {
        let login = Login::parse(login).unwrap();
        let password = Password::parse(PASSWORD, &login).unwrap();
        let name = Name::parse(name).unwrap();
        let role = Role::Sender;
        let added = self
            .accounts
            .add_account(ORG, office, login.clone(), name, role, password);
        added.await.unwrap();
        let mut browser = Browser {
            app: self.app.clone(),
            cookies: Vec::new(),
        };
        browser.sign_in(login.as_str()).await;
        browser
    }
}

pub(crate) struct Browser {
    app: Router,
    cookies: Vec<(String, String)>,
}

#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    /// The address under which a refusal can be seen again.
    pub(crate) shown_at: String,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "「{text}」 is not in {}", self.body);
    }

    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.body.contains(text), "「{text}」 is in {}", self.body);
    }

    /// The number of the list that the answer leads to.
    pub(crate) fn list(&self) -> ListId {
        let path = self.location.split('?').next().unwrap_or_default();
        let id = path.strip_prefix("/lists/").and_then(|id| id.parse().ok());
        id.unwrap_or_else(|| panic!("{} {} {}", self.status, self.location, self.body))
    }
}

impl Browser {
    pub(crate) async fn sign_in(&mut self, login: &str) {
        let fields = [("login", login), ("password", PASSWORD)];
        let seen = self.submit("/sign-in", "/sign-in", &fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        let request = Request::get(path).header("sec-fetch-mode", "navigate");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn token(&mut self, page: &str) -> String {
        let seen = self.get(page).await;
        let (_, rest) = seen.body.split_once(r#"name="csrf" value=""#).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    /// Fills in a form of `page`.
    pub(crate) async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.token(page).await;
        let encoded = |text: &str| -> String {
            let letter = |byte: u8| match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            };
            text.bytes().map(letter).collect()
        };
        let pairs: Vec<String> = std::iter::once(&("csrf", token.as_str()))
            .chain(fields)
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let request = Request::post(action)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(pairs.join("&"))).unwrap())
            .await
    }

    /// Chooses files on the upload page: field, name, bytes.
    pub(crate) async fn upload(
        &mut self,
        action: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Seen {
        let token = self.token("/lists/new").await;
        let mut body = Vec::new();
        for (field, value) in [("csrf", token.as_str())].iter().chain(fields) {
            let part = format!("--X\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend(part.into_bytes());
        }
        for (field, name, bytes) in files {
            let part = format!(
                "--X\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\n"
            );
            body.extend(part.into_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--X--\r\n");
        let request = Request::post(action)
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Chooses one list with one text.
    pub(crate) async fn list(&mut self, template: &str, text: &str) -> Seen {
        let files = [("file", "朝霞.csv", text.as_bytes())];
        let seen = self.upload("/lists", &[("template", template)], &files).await;
        assert_eq!(seen.shown_at, "", "it was refused: {}", seen.body);
        seen
    }

    async fn send(&mut self, mut request: Request) -> Seen {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let headers = request.headers_mut();
        headers.insert(header::HOST, "localhost".parse().unwrap());
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let body = axum::body::to_bytes(body, 1 << 24).await.unwrap();
        let of = |name| {
            let value = parts.headers.get(name);
            value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
        };
        Seen {
            status: parts.status,
            location: of(header::LOCATION),
            shown_at: of(header::CONTENT_LOCATION),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}
