//! A staff host over a house, and a browser for each person.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use accounts::{Login, Name, Password, Role, Roles, SourceAddress};
use axum::Extension;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use base::id::OfficeId;
use desk::pages::{code_limit_pages, desk_pages, outcome_pages, paper_pages, review_pages};

use crate::browser::{Browser, Seen};
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
        .merge(review_pages(house.desk.clone()))
        .merge(code_limit_pages(house.desk.clone()))
        .merge(paper_pages(house.desk.clone()))
        .merge(messaging::pages::pages(house.desk.clone()))
        .merge(desk_pages(house.desk.clone()));
    let app = accounts.layer(routes.layer(from_fn(web::error::pages)));
    let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    let mut browser = Browser::of(app.layer(Extension(source)));
    let fields = [("login", login), ("password", PASSWORD)];
    let seen = browser.submit("/sign-in", "/sign-in", &fields).await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.body);
    browser
}

impl Seen {
    /// Where it leads, without what was done.
    pub(crate) fn leads_to(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.location().split(['?', '&']).next().unwrap()
    }

    /// The value of a hidden field.
    #[track_caller]
    pub(crate) fn hidden(&self, name: &str) -> String {
        let start = format!(r#"name="{name}" value=""#);
        let found = self.body.split_once(&start);
        let (_, rest) = found.unwrap_or_else(|| panic!("no field {name}: {}", self.body));
        rest.split('"').next().unwrap().to_owned()
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
}
