//! A staff host over a house, and a browser for each person.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use accounts::{Login, Name, Password, Role, Roles, SourceAddress};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::id::OfficeId;
use desk::pages::{desk_pages, outcome_pages};
use tower::ServiceExt;

use crate::house::{House, ORG};

const PASSWORD: &str = "青い傘と三匹の猫とラーメン";

/// Somebody with these roles, signed in.
pub(crate) async fn somebody(house: &House, login: &str, office: OfficeId, roles: &[Role]) -> Browser {
    let accounts = &house.desk.accounts;
    let known = Login::parse(login).unwrap();
    let password = Password::parse(PASSWORD, &known).unwrap();
    let name = Name::parse("見本 花子").unwrap();
    let roles = Roles::of(roles.iter().copied());
    accounts
        .add_account(ORG, office, known, name, roles, password)
        .await
        .unwrap();
    let routes = accounts
        .pages()
        .merge(outcome_pages(house.desk.clone()))
        .merge(desk_pages(house.desk.clone()));
    let app = accounts.layer(routes.layer(from_fn(web::error::pages)));
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
        self.location.split(['?', '&']).next().unwrap()
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!(r#"name="{name}" value=""#);
        let found = self.body.split_once(&start);
        let (_, rest) = found.unwrap_or_else(|| panic!("no field {name}: {}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "「{text}」 is not in {}", self.body);
    }

    #[track_caller]
    pub(crate) fn hides(&self, text: &str) {
        assert!(!self.body.contains(text), "「{text}」 is in {}", self.body);
    }

    /// What the page's own form would send: every field of it as it stands.
    pub(crate) fn form(&self) -> BTreeMap<String, String> {
        let attribute = |tag: &str, name: &str| {
            let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
            Some(unescaped(rest.split('"').next()?))
        };
        let mut fields = BTreeMap::new();
        let main = self.body.split("<main").nth(1).unwrap_or(&self.body);
        for tag in main.split("<input").skip(1) {
            let tag = tag.split('>').next().unwrap();
            let ticked = !tag.contains(r#"type="checkbox""#) || tag.contains(" checked");
            if let (Some(name), true) = (attribute(tag, "name"), ticked) {
                fields.insert(name, attribute(tag, "value").unwrap_or_default());
            }
        }
        for select in main.split("<select").skip(1) {
            let select = select.split("</select>").next().unwrap();
            let mut options = select.split("<option").skip(1);
            let first = options.clone().next().unwrap();
            let chosen = options.find(|option| option.contains(" selected"));
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
            let text = unescaped(text.strip_prefix('\n').unwrap_or(text));
            // As browsers send it.
            fields.insert(attribute(area, "name").unwrap(), text.replace('\n', "\r\n"));
        }
        fields
    }
}

fn unescaped(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#39;", "'")
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
        let changes = changes.iter();
        form.extend(changes.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
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
