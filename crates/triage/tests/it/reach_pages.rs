//! The pages of reaching people, as the head office and a health centre use them.

use accounts::{Accounts, Login, Name, Password, Role, SourceAddress, signed_in_only};
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use axum::{Extension, Router};
use base::id::{OfficeId, StaffId};
use db::Db;
use messaging::store;
use tower::ServiceExt;
use triage::case::FirstContact;
use triage::pages::{Triage, pages, reach_pages};

use crate::people::{ORG, each, opened, person};
use crate::reach::{arrive, desk, text};

const PASSWORD: &str = "青い傘と三匹の猫とラーメン";

pub(crate) struct Host {
    pub(crate) db: Db,
    pub(crate) accounts: Accounts,
    app: Router,
}

impl Host {
    pub(crate) fn new(db: Db) -> Self {
        let accounts = Accounts::new(db.clone(), false);
        let desk = desk(&db);
        let triage = Triage {
            db: db.clone(),
            accounts: accounts.clone(),
        };
        let pages = messaging::pages::pages(desk.clone())
            .merge(messaging::pages::reply_pages(
                desk.clone(),
                triage::behind::people,
            ))
            .merge(pages(triage))
            .merge(reach_pages(desk));
        let routes = accounts.pages().merge(signed_in_only(pages));
        let app = accounts.layer(routes.layer(from_fn(web::error::pages)));
        Self {
            app: app.layer(Extension(SourceAddress([192, 0, 2, 1].into()))),
            db,
            accounts,
        }
    }

    pub(crate) async fn office(&self, name: &str) -> OfficeId {
        let name = Name::parse(name).unwrap();
        self.accounts.add_office(ORG, name).await.unwrap()
    }

    pub(crate) async fn staff(&self, office: OfficeId, login: &str) -> Browser {
        self.staff_as(office, login, Role::Sender).await
    }

    pub(crate) async fn staff_as(&self, office: OfficeId, login: &str, role: Role) -> Browser {
        let login = Login::parse(login).unwrap();
        let password = Password::parse(PASSWORD, &login).unwrap();
        let name = Name::parse("見本 花子").unwrap();
        let added = self
            .accounts
            .add_account(ORG, office, login.clone(), name, role, password);
        added.await.unwrap();
        self.sign_in(login.as_str()).await
    }

    pub(crate) async fn sign_in(&self, login: &str) -> Browser {
        let mut browser = Browser {
            app: self.app.clone(),
            cookies: Vec::new(),
        };
        let fields = [("login", login), ("password", PASSWORD)];
        let seen = browser.submit("/sign-in", "/sign-in", &fields).await;
        assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
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
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.body.contains(text), "「{text}」 is not in {}", self.body);
    }

    pub(crate) fn hidden(&self, name: &str) -> String {
        let (_, rest) = self
            .body
            .split_once(&format!(r#"name="{name}" value=""#))
            .unwrap_or_else(|| panic!("no {name} in {}", self.body));
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        let request = Request::get(path).header("sec-fetch-mode", "navigate");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.get(page).await.hidden("csrf");
        self.post(action, &token, fields).await
    }

    async fn post(&mut self, action: &str, token: &str, fields: &[(&str, &str)]) -> Seen {
        let encoded = |text: &str| -> String {
            let letter = |byte: u8| match byte {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            };
            text.bytes().map(letter).collect()
        };
        let pairs: Vec<String> = std::iter::once(&("csrf", token))
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
        let location = parts.headers.get(header::LOCATION);
        Seen {
            status: parts.status,
            location: location.map_or_else(String::new, |value| value.to_str().unwrap().to_owned()),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}

#[tokio::test]
async fn the_head_office_gathers_everybody_with_one_click_and_a_second_one_changes_nothing() {
    each(async |db| {
        let host = Host::new(db);
        let (asaka, kawaguchi) = (host.office("朝霞保健所").await, host.office("川口保健所").await);
        let mut honcho = host.staff(OfficeId::HEADQUARTERS, "honcho").await;
        honcho.get("/reach").await.shows("SMSを待っている人はいません");
        text(&host.db).await;
        let hanako = person("佐藤 花子", "サトウ ハナコ", "1985/4/3", "090-1234-5678");
        let ichiro = person("鈴木 一郎", "スズキ イチロウ", "1950/1/1", "080-1111-2222");
        let landline = person("固定 電話", "", "1951/1/1", "");
        let mut ids = arrive(&host.db, asaka, vec![hanako, landline]).await;
        ids.extend(arrive(&host.db, kawaguchi, vec![ichiro]).await);
        let list = honcho.get("/reach").await;
        list.shows("3人を集めて確かめる");
        list.shows("朝霞保健所");
        let page = honcho.get("/reach/gather?route=head_office_sms").await;
        page.shows("2人に送信する");
        page.shows("SMSが届く番号がない人（電話リストに入ります）: 1人");
        page.shows("鈴木 一郎様");
        let names = [
            "seal",
            "first",
            "route",
            "office",
            "programme",
            "template",
            "household",
        ];
        let values: Vec<String> = names.iter().map(|name| page.hidden(name)).collect();
        let fields: Vec<(&str, &str)> = names
            .iter()
            .copied()
            .zip(values.iter().map(String::as_str))
            .collect();
        let token = page.hidden("csrf");
        let sent = honcho.post("/reach/gather", &token, &fields).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        assert_eq!(sent.location, "/broadcasts/1");
        let again = honcho.post("/reach/gather", &token, &fields).await;
        assert!(again.location.starts_with("/broadcasts/1?"), "{again:?}");
        assert_eq!(opened(&host.db, ids[0]).await.contact, FirstContact::Written);
        assert_eq!(opened(&host.db, ids[2]).await.contact, FirstContact::Written);
        assert_eq!(opened(&host.db, ids[1]).await.contact, FirstContact::Waiting);
        let day = store::broadcasts_between(&host.db, ORG, 0, i64::MAX)
            .await
            .unwrap();
        assert_eq!(day.len(), 1, "one broadcast, however often it was pressed");
    })
    .await;
}

#[tokio::test]
async fn whoever_came_meanwhile_is_shown_before_anything_is_sent() {
    each(async |db| {
        let host = Host::new(db);
        let asaka = host.office("朝霞保健所").await;
        let mut honcho = host.staff(OfficeId::HEADQUARTERS, "honcho").await;
        text(&host.db).await;
        let hanako = person("佐藤 花子", "サトウ ハナコ", "1985/4/3", "090-1234-5678");
        arrive(&host.db, asaka, vec![hanako]).await;
        let page = honcho.get("/reach/gather").await;
        let ichiro = person("鈴木 一郎", "スズキ イチロウ", "1950/1/1", "080-1111-2222");
        arrive(&host.db, asaka, vec![ichiro]).await;
        let (seal, first) = (page.hidden("seal"), page.hidden("first"));
        let fields = [("seal", seal.as_str()), ("first", &first)];
        let seen = honcho.post("/reach/gather", &page.hidden("csrf"), &fields).await;
        assert_eq!(seen.status, StatusCode::CONFLICT, "{}", seen.body);
        seen.shows("2人に送信する");
        assert!(!store::any_tried(&host.db, ORG).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn one_person_is_written_to_in_two_clicks_and_only_by_their_office() {
    each(async |db| {
        let host = Host::new(db);
        let (asaka, kawaguchi) = (host.office("朝霞保健所").await, host.office("川口保健所").await);
        let (mut own, mut other) = (
            host.staff(asaka, "asaka").await,
            host.staff(kawaguchi, "kawaguchi").await,
        );
        let (template, version) = text(&host.db).await;
        let hanako = person("佐藤 花子", "サトウ ハナコ", "1985/4/3", "090-1234-5678");
        let id = arrive(&host.db, asaka, vec![hanako]).await[0];
        let address = format!("/cases/{id}/write");
        own.get(&address).await.shows("初回連絡");
        let word = format!("{template}.{version}");
        let page = own.get(&format!("{address}?template={word}")).await;
        page.shows("1人に送信する");
        page.shows("佐藤 花子様");
        let (seal, token) = (page.hidden("seal"), page.hidden("csrf"));
        let fields = [("template", word.as_str()), ("seal", &seal)];
        let foreign = other.get("/me/password").await.hidden("csrf");
        assert_eq!(other.get(&address).await.status, StatusCode::NOT_FOUND);
        assert_eq!(
            other.post(&address, &foreign, &fields).await.status,
            StatusCode::NOT_FOUND
        );
        let sent = own.post(&address, &token, &fields).await;
        assert_eq!(sent.location, "/broadcasts/1", "{}", sent.body);
        assert_eq!(opened(&host.db, id).await.contact, FirstContact::Written);
        let twice = own.post(&address, &token, &fields).await;
        assert_eq!(twice.status, StatusCode::CONFLICT, "the same text goes once");
    })
    .await;
}

#[tokio::test]
async fn a_centre_gathers_its_own_and_orders_nothing() {
    each(async |db| {
        let host = Host::new(db);
        let (asaka, kawaguchi) = (host.office("朝霞保健所").await, host.office("川口保健所").await);
        let (mut own, mut honcho) = (
            host.staff(asaka, "asaka").await,
            host.staff(OfficeId::HEADQUARTERS, "honcho").await,
        );
        let (template, version) = text(&host.db).await;
        let ichiro = person("鈴木 一郎", "スズキ イチロウ", "1950/1/1", "080-1111-2222");
        arrive(&host.db, kawaguchi, vec![ichiro]).await;
        own.get("/reach/gather").await.shows("いま送る相手はいません");
        let foreign = own.get(&format!("/reach/gather?office={kawaguchi}")).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        assert_eq!(own.get("/reach/outage").await.status, StatusCode::NOT_FOUND);
        let word = format!("{template}.{version}");
        let office = asaka.to_string();
        let fields = [
            ("office", office.as_str()),
            ("programme", "1"),
            ("route", "centre_sms"),
            ("template", &word),
            ("per_release", "50"),
            ("per_day", "200"),
            ("opens", "9:00"),
            ("closes", "17:00"),
        ];
        let refused = own.submit("/me/password", "/reach/orders", &fields).await;
        assert_eq!(
            refused.status,
            StatusCode::NOT_FOUND,
            "only the head office orders"
        );
        let unapproved = honcho.submit("/reach/orders", "/reach/orders", &fields).await;
        assert_eq!(unapproved.status, StatusCode::UNPROCESSABLE_ENTITY);
        unapproved.shows("承認された文面を選んでください");
        let by_another = Some(StaffId::new(99));
        let approved = store::approve_version(&host.db, ORG, (template, version), by_another).await;
        assert!(approved.unwrap());
        let ordered = honcho.submit("/reach/orders", "/reach/orders", &fields).await;
        assert_eq!(ordered.location, "/reach/orders", "{}", ordered.body);
        own.get("/reach/orders").await.shows("1日200人まで");
        let ended = own.submit("/reach/orders", "/reach/orders/1/end", &[]).await;
        assert_eq!(
            ended.location, "/reach/orders",
            "an office may stop what goes out in its name"
        );
        own.get("/reach/orders").await.shows("終わった");
    })
    .await;
}
