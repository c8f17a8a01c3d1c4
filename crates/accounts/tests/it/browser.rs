//! A staff host with one account, and a browser to look at it with.

use std::collections::BTreeMap;
use std::net::IpAddr;

use accounts::{
    Accounts, Fresh, Login, Name, Password, Role, Roles, SignedIn, SourceAddress, signed_in_only,
};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Extension, Router};
use base::clock::{Clock, Millis};
use base::id::{OfficeId, OrgId, StaffId};
use db::Db;
use db::testing::TestDatabase;
use serde_json::Value;
use tower::ServiceExt;
use web::{CsrfForm, Shell};

use crate::authenticator::{self, Passkey};

pub(crate) const LOGIN: &str = "tanaka";
pub(crate) const PASSWORD: &str = "青い傘と三匹の猫とラーメン";
pub(crate) const NAME: &str = "田中　花子";
const START: Millis = 1_795_323_909_000;

/// One installation, without any account at first.
pub(crate) struct Host {
    pub(crate) accounts: Accounts,
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    database: TestDatabase,
}

/// Runs `test` on an empty installation on each database.
pub(crate) async fn on_each(test: impl AsyncFn(Host)) {
    on_each_at(false, test).await;
}

/// The same, with or without an https address.
pub(crate) async fn on_each_at(https: bool, test: impl AsyncFn(Host)) {
    let clock = Clock::manual(START);
    for database in TestDatabase::each(&clock).await {
        let db = database.open().await.unwrap();
        let accounts = Accounts::new(db.clone(), https);
        test(Host {
            accounts,
            clock: clock.clone(),
            db,
            database,
        })
        .await;
    }
}

pub(crate) fn login(text: &str) -> Login {
    Login::parse(text).unwrap()
}

pub(crate) fn password(text: &str, login: &Login) -> Password {
    Password::parse(text, login).unwrap()
}

impl Host {
    /// Adds the account that most tests sign in with.
    pub(crate) async fn add_tanaka(&self) -> StaffId {
        self.add(LOGIN, PASSWORD).await
    }

    pub(crate) async fn add(&self, name: &str, secret: &str) -> StaffId {
        self.add_as(name, secret, Role::Sender).await
    }

    pub(crate) async fn add_as(&self, name: &str, secret: &str, role: Role) -> StaffId {
        let (login, head) = (login(name), OfficeId::HEADQUARTERS);
        let secret = password(secret, &login);
        let name = Name::parse(NAME).unwrap();
        self.accounts
            .add_account(OrgId::FIRST, head, login, name, role, secret)
            .await
            .unwrap()
    }

    /// Adds somebody with [`PASSWORD`], what they are and where.
    pub(crate) async fn add_at(&self, name: &str, office: OfficeId, roles: impl Into<Roles>) -> StaffId {
        let login = login(name);
        let secret = password(PASSWORD, &login);
        let person = Name::parse(NAME).unwrap();
        self.accounts
            .add_account(OrgId::FIRST, office, login, person, roles, secret)
            .await
            .unwrap()
    }

    pub(crate) async fn add_office(&self, name: &str) -> OfficeId {
        let name = Name::parse(name).unwrap();
        self.accounts.add_office(OrgId::FIRST, name).await.unwrap()
    }

    /// Somebody who administers the organisation, and has signed in.
    pub(crate) async fn administrator(&self) -> (StaffId, Browser) {
        let id = self
            .add_at("kanri", OfficeId::HEADQUARTERS, Role::Administrator)
            .await;
        (id, self.signed_in_as("kanri").await)
    }

    pub(crate) async fn signed_in_as(&self, login: &str) -> Browser {
        let mut browser = self.browser("192.0.2.1");
        let seen = browser.sign_in(login, PASSWORD).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        browser
    }

    /// The same installation as another process sees it.
    pub(crate) async fn another_node(&self) -> Accounts {
        Accounts::new(self.database.open().await.unwrap(), false)
    }

    /// A browser at its own address, with no cookies.
    pub(crate) fn browser(&self, address: &str) -> Browser {
        let closed = Router::new()
            .route("/", get(home))
            .route("/lists/{id}", get(home).post(change))
            .route("/export", get(home).post(export));
        let routes = self.accounts.pages().merge(signed_in_only(closed));
        let app = self.accounts.layer(routes.layer(from_fn(web::error::pages)));
        let source = SourceAddress(address.parse::<IpAddr>().unwrap());
        Browser {
            app: app.layer(Extension(source)),
            jar: BTreeMap::new(),
            agent: "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
        }
    }

    /// A browser that has signed in.
    pub(crate) async fn signed_in(&self) -> Browser {
        let mut browser = self.browser("192.0.2.1");
        let seen = browser.sign_in(LOGIN, PASSWORD).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
        browser
    }
}

async fn home(signed_in: SignedIn, shell: Shell) -> String {
    format!(
        "{} {} {}",
        signed_in.staff.id,
        signed_in.staff.name,
        shell.csrf_field()
    )
}

async fn change(_: SignedIn, CsrfForm(fields): CsrfForm<Vec<(String, String)>>) -> String {
    format!("changed {fields:?}")
}

/// Something that matters more than the rest.
async fn export(_: Fresh, CsrfForm(fields): CsrfForm<Vec<(String, String)>>) -> String {
    format!("exported {fields:?}")
}

/// Keeps cookies, sends forms as a page of the host would.
pub(crate) struct Browser {
    app: Router,
    pub(crate) jar: BTreeMap<String, String>,
    /// What it says of itself.
    pub(crate) agent: &'static str,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    /// The sentences at the fields.
    pub(crate) fn errors(&self) -> Vec<&str> {
        let (_, rest) = self.body.split_once("<h1").unwrap_or_default();
        let errors = rest.split("field__error").skip(1);
        errors
            .filter_map(|error| error.split_once("<span>")?.1.split_once("</span>"))
            .map(|(e, _)| e)
            .collect()
    }
}

impl Browser {
    /// With no cookies, in front of this host.
    pub(crate) fn before(app: Router, address: &str) -> Self {
        let source = SourceAddress(address.parse::<IpAddr>().unwrap());
        Self {
            app: app.layer(Extension(source)),
            jar: BTreeMap::new(),
            agent: "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
        }
    }

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
        let token = self.token(page).await;
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        self.post(action, &all).await
    }

    /// The token in the form of `page`.
    pub(crate) async fn token(&mut self, page: &str) -> String {
        let seen = self.get(page).await;
        let (_, rest) = seen.body.split_once(r#"name="csrf" value=""#).unwrap_or_default();
        rest.split('"').next().unwrap_or_default().to_owned()
    }

    /// Fills in a form that brings lines or a file, and sends it.
    pub(crate) async fn upload(&mut self, page: &str, action: &str, lines: &str, file: &[u8]) -> Seen {
        let token = self.token(page).await;
        let mut body = Vec::new();
        for (name, value) in [("csrf", token.as_str()), ("lines", lines)] {
            let head = format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
        }
        let head = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n";
        body.extend([head.as_bytes(), file, b"\r\n--X--\r\n"].concat());
        let request = Request::post(action)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form with exactly these fields.
    pub(crate) async fn post(&mut self, action: &str, fields: &[(&str, &str)]) -> Seen {
        let request = Request::post(action)
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-site", "same-origin")
            .header(header::REFERER, "http://localhost:8080/lists/3?page=2")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        self.send(request.body(Body::from(pairs.join("&"))).unwrap())
            .await
    }

    /// What a script of `page` asks for: the token goes in the header.
    pub(crate) async fn ask(&mut self, page: &str, address: &str) -> Seen {
        let token = self.token(page).await;
        let request = Request::post(address)
            .header("sec-fetch-mode", "cors")
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", token);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// The question of a passkey's page.
    pub(crate) async fn question(&mut self, page: &str, address: &str) -> Value {
        let seen = self.ask(page, address).await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
        serde_json::from_str(&seen.body).unwrap()
    }

    /// Adds an app with one-time codes; gives its secret.
    pub(crate) async fn add_app(&mut self, now: Millis) -> String {
        let page = self.get("/me/factors/totp").await;
        let (_, rest) = page.body.split_once(r#"name="secret" value=""#).unwrap();
        let secret = rest.split('"').next().unwrap().to_owned();
        let code = authenticator::code(&secret, now);
        let fields = [("secret", secret.as_str()), ("code", code.as_str())];
        let seen = self.submit("/me/factors/totp", "/me/factors/totp", &fields).await;
        assert_eq!(seen.location(), "/me/factors?done=added", "{:?}", seen.errors());
        secret
    }

    /// Makes recovery codes.
    pub(crate) async fn make_codes(&mut self) -> Vec<String> {
        let seen = self.submit("/me/factors/codes", "/me/factors/codes", &[]).await;
        let (_, rest) = seen.body.split_once(r#"<ol class="codes""#).unwrap();
        let items = rest.split("<li>").skip(1);
        items
            .map(|item| item.split('<').next().unwrap().to_owned())
            .collect()
    }

    /// Adds a passkey of this browser.
    pub(crate) async fn add_passkey(&mut self) -> Passkey {
        let question = self
            .question("/me/factors", "/me/factors/passkeys/question")
            .await;
        let (passkey, answer) = Passkey::make(&question);
        let fields = [("name", "机のPC"), ("credential", answer.as_str())];
        let seen = self.submit("/me/factors", "/me/factors/passkeys", &fields).await;
        assert_eq!(seen.location(), "/me/factors?done=added", "{:?}", seen.errors());
        passkey
    }

    /// The second step by a code.
    pub(crate) async fn second(&mut self, code: &str) -> Seen {
        self.submit("/sign-in/second", "/sign-in/second", &[("code", code)])
            .await
    }

    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Seen {
        self.submit(
            "/sign-in",
            "/sign-in",
            &[("login", login), ("password", password)],
        )
        .await
    }

    /// Whether the first page is shown.
    pub(crate) async fn is_signed_in(&mut self) -> bool {
        self.get("/").await.status == StatusCode::OK
    }

    pub(crate) async fn send(&mut self, mut request: Request) -> Seen {
        let headers = request.headers_mut();
        headers.insert(header::HOST, "localhost:8080".parse().unwrap());
        headers.insert(header::USER_AGENT, self.agent.parse().unwrap());
        let cookies: Vec<String> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let is_head = request.method() == Method::HEAD;
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        assert!(!is_head || bytes.is_empty());
        let seen = Seen {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        };
        for cookie in seen.cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if cookie.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        seen
    }
}

/// As browsers encode a form.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*".contains(&byte);
    let letter = |byte| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(letter).collect()
}
